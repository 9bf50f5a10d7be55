//! The rules of a task file for one source, in the form in which they are compiled.

use super::super::allow_list::{AllowRules, TableName};
use super::super::decision::SourceRules;
use super::super::event_filter::{Action, EventRule};
use super::super::file::Given;
use super::super::routes::{Extract, RouteRule};
use super::super::task_file::{Instance, Table, Tables, TaskFile};

impl SourceRules {
    /// The rules that a task file has for one of its sources.
    #[must_use]
    pub fn new(task: &TaskFile, instance: &Instance) -> Self {
        Self {
            allow: task.allow_list_of(instance).map(allow_rules),
            routes: routes(task, instance),
            filters: filters(task, instance),
        }
    }
}

fn allow_rules(list: &Tables) -> AllowRules {
    let tables = |given: &Option<Given<Vec<Given<Table>>>>| {
        let tables = given.iter().flat_map(|given| &given.value).map(|table| &table.value);
        tables.map(|table| TableName { schema: text(&table.db_name), table: text(&table.tbl_name) }).collect()
    };
    AllowRules {
        do_dbs: texts(&list.do_dbs),
        do_tables: tables(&list.do_tables),
        ignore_dbs: texts(&list.ignore_dbs),
        ignore_tables: tables(&list.ignore_tables),
    }
}

fn routes(task: &TaskFile, instance: &Instance) -> Vec<RouteRule> {
    let extract = |regexp: &Option<Given<String>>, column: &Option<Given<String>>| Extract {
        regexp: text(regexp),
        target_column: text(column),
    };
    let rules = task.routes_of(instance).into_iter().map(|(_, route)| RouteRule {
        schema_pattern: text(&route.schema_pattern),
        table_pattern: text(&route.table_pattern),
        target_schema: text(&route.target_schema),
        target_table: text(&route.target_table),
        extract_table: route.extract_table.as_ref().map(|own| extract(&own.value.table_regexp, &own.value.target_column)),
        extract_schema: route.extract_schema.as_ref().map(|own| extract(&own.value.schema_regexp, &own.value.target_column)),
        extract_source: route.extract_source.as_ref().map(|own| extract(&own.value.source_regexp, &own.value.target_column)),
    });
    rules.collect()
}

fn filters(task: &TaskFile, instance: &Instance) -> Vec<EventRule> {
    let rules = task.filters_of(instance).into_iter().filter_map(|(_, rule)| {
        Some(EventRule {
            schema_pattern: text(&rule.schema_pattern),
            table_pattern: text(&rule.table_pattern),
            events: texts(&rule.events),
            sql_pattern: texts(&rule.sql_pattern),
            action: Action::from_word(&text(&rule.action))?,
        })
    });
    rules.collect()
}

fn text(given: &Option<Given<String>>) -> String {
    given.as_ref().map(|given| given.value.clone()).unwrap_or_default()
}

fn texts(given: &Option<Given<Vec<Given<String>>>>) -> Vec<String> {
    given.iter().flat_map(|given| &given.value).map(|text| text.value.clone()).collect()
}
