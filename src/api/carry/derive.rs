//! What DM makes of a REST task: which rules a source gets.

use crate::model::allow_list::{AllowRules, TableName};
use crate::model::decision::SourceRules;
use crate::model::event_filter::{Action, EventRule};
use crate::model::routes::RouteRule;
use crate::wire::openapi::TaskBody;

/// The rules that DM derives for one source. Each migrate rule becomes an entry of the allow list, of `do-dbs` if it has no table and
/// of `do-tables` else; a rule with a target also becomes a route, and each of its filters gets its patterns. Without a rule there is
/// no allow list.
#[must_use]
pub fn derive(task: &TaskBody, source: &str) -> SourceRules {
    let mut rules = SourceRules::default();
    let mut allow = AllowRules::default();
    for rule in task.table_migrate_rule.iter().filter(|rule| rule.source.source_name == source) {
        let (schema, table) = (&rule.source.schema, &rule.source.table);
        if let Some(target) = rule.target.as_ref().filter(|target| target.schema.is_some() || target.table.is_some()) {
            rules.routes.push(RouteRule {
                schema_pattern: schema.clone(),
                table_pattern: table.clone(),
                target_schema: target.schema.clone().unwrap_or_default(),
                target_table: target.table.clone().unwrap_or_default(),
                ..RouteRule::default()
            });
        }
        for filter in rule.binlog_filter_rule.iter().filter_map(|name| task.binlog_filter_rule.get(name)) {
            rules.filters.push(EventRule {
                schema_pattern: schema.clone(),
                table_pattern: table.clone(),
                events: filter.ignore_event.clone(),
                sql_pattern: filter.ignore_sql.clone(),
                action: Action::Ignore,
            });
        }
        if table.is_empty() {
            allow.do_dbs.push(schema.clone());
        } else {
            allow.do_tables.push(TableName { schema: schema.clone(), table: table.clone() });
        }
    }
    if allow != AllowRules::default() {
        rules.allow = Some(allow);
    }
    rules
}
