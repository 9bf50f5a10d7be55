//! Finds migrate rules of which DM derives what a file says.
//!
//! DM makes each rule an entry of the allow list, so that a route or a filter brings its tables in, and keeps all others out. The two
//! halves of an allow list must both agree, which is what helps: where the file leaves one half open, a rule for everything in that
//! half undoes the harm, and where it does not, routes and filters are cut down to what the file lets in.

use crate::model::allow_list::AllowRules;
use crate::model::decision::SourceRules;
use crate::model::dump_list::SYSTEM_SCHEMAS;
use crate::model::event_filter::{Action, EventKind, EventRule};
use crate::model::meet::{Meet, meet};
use crate::model::pattern::{NamePattern, folded};
use crate::model::routes::RouteRule;
use crate::wire::openapi::{FilterBody, MigrateTarget};

/// A migrate rule of one source that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// A pattern.
    pub(super) schema: String,
    /// A pattern; empty for whole schemas.
    pub(super) table: String,
    /// Where the tables go.
    pub(super) target: Option<MigrateTarget>,
    /// The filters that become one, by their names.
    pub(super) filters: Vec<String>,
    /// What they ignore together.
    pub(super) ignored: FilterBody,
}

/// A file's rules for one source, with the names of the filters.
pub(super) struct Wanted<'a> {
    pub(super) rules: &'a SourceRules,
    pub(super) filter_names: &'a [String],
    pub(super) case_sensitive: bool,
    pub(super) copies: bool,
}

/// The arrangements that may do, the plainest first.
pub(super) fn arrangements(wanted: &Wanted<'_>) -> Vec<Vec<Plan>> {
    let allow = wanted.rules.allow.as_ref();
    let open = allow.is_some_and(|allow| allow.do_dbs.is_empty() && allow.do_tables.is_empty());
    let mut found = vec![arrange(wanted, allow.filter(|_| !open), false)];
    if open {
        // A list that asks for nothing is not the same as none: a full copy takes system schemas in.
        found.push(arrange(wanted, allow, true));
    }
    found
}

fn arrange(wanted: &Wanted<'_>, allow: Option<&AllowRules>, keep_open: bool) -> Vec<Plan> {
    let nothing = AllowRules::default();
    let has_list = allow.is_some();
    let allow = allow.unwrap_or(&nothing);
    let mut plans = Plans { case_sensitive: wanted.case_sensitive, all: Vec::new() };
    let own_schemas = all_but_system_schemas(wanted.case_sensitive);
    for schema in &allow.do_dbs {
        plans.at(schema, "");
    }
    for table in &allow.do_tables {
        plans.at(&table.schema, &table.table);
    }
    let (mut opens_schemas, mut opens_tables) = (keep_open && allow.do_dbs.is_empty(), false);
    for route in &wanted.rules.routes {
        let places = if route.table_pattern.is_empty() {
            opens_schemas |= allow.do_dbs.is_empty();
            match wanted.copies && !has_list {
                true => plans.cut_system_schemas(&route.schema_pattern, &own_schemas),
                false => plans.cut_schemas(&allow.do_dbs, &route.schema_pattern),
            }
        } else {
            opens_tables |= allow.do_tables.is_empty();
            plans.cut_tables(allow, &route.schema_pattern, &route.table_pattern)
        };
        for (schema, table) in places {
            plans.route(&schema, &table, route);
        }
    }
    let ignoring =
        |filter: &EventRule| filter.action == Action::Ignore && !(filter.events.is_empty() && filter.sql_pattern.is_empty());
    for (filter, name) in wanted.rules.filters.iter().zip(wanted.filter_names).filter(|(filter, _)| ignoring(filter)) {
        let told = !allow.do_dbs.is_empty() && !plans.is_untold(&allow.do_dbs, &filter.schema_pattern);
        let places = if !filter.table_pattern.is_empty() {
            opens_tables |= allow.do_tables.is_empty();
            plans.cut_tables(allow, &filter.schema_pattern, &filter.table_pattern)
        } else if allow.do_tables.is_empty() && !told {
            // `*` is about all tables and, to filters, also about the schema itself.
            opens_tables = true;
            vec![(filter.schema_pattern.clone(), "*".to_owned())]
        } else {
            opens_schemas |= allow.do_dbs.is_empty();
            plans.cut_schemas(&allow.do_dbs, &filter.schema_pattern)
        };
        for (schema, table) in places {
            plans.filter(&schema, &table, filter, name);
        }
    }
    // Without a list a full copy leaves system schemas out by itself, which ends with the first rule.
    if wanted.copies && !has_list && (opens_schemas || opens_tables) {
        plans.at(&own_schemas, "");
    } else if opens_schemas {
        plans.at("*", "");
    }
    if opens_tables {
        plans.at("*", "*");
    }
    plans.all
}

struct Plans {
    case_sensitive: bool,
    all: Vec<Plan>,
}

impl Plans {
    fn new_at(&mut self, schema: &str, table: &str) -> &mut Plan {
        self.all.push(Plan {
            schema: schema.to_owned(),
            table: table.to_owned(),
            target: None,
            filters: Vec::new(),
            ignored: FilterBody::default(),
        });
        let last = self.all.len() - 1;
        &mut self.all[last]
    }

    /// The rule with these patterns; made if there is none.
    fn at(&mut self, schema: &str, table: &str) -> &mut Plan {
        match self.all.iter().position(|plan| plan.schema == schema && plan.table == table) {
            Some(place) => &mut self.all[place],
            None => self.new_at(schema, table),
        }
    }

    fn route(&mut self, schema: &str, table: &str, route: &RouteRule) {
        let target = MigrateTarget {
            schema: Some(route.target_schema.clone()),
            table: Some(route.target_table.clone()).filter(|table| !table.is_empty()),
        };
        let plan = self.at(schema, table);
        // Two routes with the same patterns are ambiguous in the file, and stay so.
        let plan = if plan.target.is_some() { self.new_at(schema, table) } else { plan };
        plan.target = Some(target);
    }

    fn filter(&mut self, schema: &str, table: &str, filter: &EventRule, name: &str) {
        let plan = self.at(schema, table);
        if plan.filters.is_empty() {
            plan.ignored = FilterBody { ignore_event: filter.events.clone(), ignore_sql: filter.sql_pattern.clone() };
        } else {
            // DM takes one filter for the same patterns only.
            let events: Vec<String> =
                [&plan.ignored.ignore_event, &filter.events].into_iter().flat_map(|events| plain(events)).collect();
            plan.ignored.ignore_event = unique(events);
            plan.ignored.ignore_sql.extend(filter.sql_pattern.iter().cloned());
        }
        plan.filters.push(name.to_owned());
    }

    fn meet(&self, one: &str, two: &str) -> Meet {
        meet(one, two, self.case_sensitive)
    }

    fn is_untold(&self, schemas: &[String], pattern: &str) -> bool {
        schemas.iter().any(|schema| self.meet(schema, pattern) == Meet::Untold)
    }

    /// The parts of a pattern that the schemas of an allow list let in.
    fn cut_schemas(&self, schemas: &[String], pattern: &str) -> Vec<(String, String)> {
        if schemas.is_empty() {
            return vec![(pattern.to_owned(), String::new())];
        }
        let cut = schemas.iter().filter_map(|schema| match self.meet(schema, pattern) {
            Meet::Nothing => None,
            Meet::Pattern(both) => Some((both, String::new())),
            Meet::Untold => Some((pattern.to_owned(), String::new())),
        });
        self.widest(cut.collect())
    }

    /// The part of a pattern that is about no system schema; the whole where no pattern tells that part.
    fn cut_system_schemas(&self, pattern: &str, own_schemas: &str) -> Vec<(String, String)> {
        let Ok(read) = NamePattern::new("a pattern", pattern, self.case_sensitive) else {
            return Vec::new();
        };
        let has_some = SYSTEM_SCHEMAS.iter().any(|system| read.is_match(&folded(self.case_sensitive, system)));
        let part = match read {
            NamePattern::Name(_) if has_some => return Vec::new(),
            _ if pattern == "*" => own_schemas,
            _ => pattern,
        };
        vec![(part.to_owned(), String::new())]
    }

    /// The parts of a pattern of tables that an allow list lets in. Schemas that are let in need no cut here: the other half sees to it.
    fn cut_tables(&self, allow: &AllowRules, schema: &str, table: &str) -> Vec<(String, String)> {
        if allow.do_tables.is_empty() {
            return vec![(schema.to_owned(), table.to_owned())];
        }
        let cut = allow.do_tables.iter().filter_map(|own| match (self.meet(&own.schema, schema), self.meet(&own.table, table)) {
            (Meet::Nothing, _) | (_, Meet::Nothing) => None,
            (schemas, tables) => {
                let told = |meet, pattern: &str| if let Meet::Pattern(both) = meet { both } else { pattern.to_owned() };
                Some((told(schemas, schema), told(tables, table)))
            }
        });
        self.widest(cut.collect())
    }

    /// Leaves out what another one has anyway: of a route there may be only one for each table.
    fn widest(&self, places: Vec<(String, String)>) -> Vec<(String, String)> {
        let within = |one: &str, two: &str| self.meet(one, two) == Meet::Pattern(one.to_owned());
        let mut kept = Vec::<(String, String)>::new();
        for place in places {
            let inside = |one: &(String, String), two: &(String, String)| {
                within(&one.0, &two.0) && (one.1.is_empty() || within(&one.1, &two.1))
            };
            if !kept.iter().any(|other| inside(&place, other)) {
                kept.retain(|other| !inside(other, &place));
                kept.push(place);
            }
        }
        kept
    }
}

/// The events of a list as words that only ever add: `none` and its like stop what follows.
fn plain(events: &[String]) -> Vec<String> {
    let (mut rows, mut statements) = (true, true);
    let mut plain = Vec::new();
    for event in events {
        match event.to_lowercase().as_str() {
            "none" => break,
            "none dml" => rows = false,
            "none ddl" => statements = false,
            "all" if rows && statements => plain.push("all".to_owned()),
            "all" if rows => plain.push("all dml".to_owned()),
            "all" if statements => plain.push("all ddl".to_owned()),
            "all" => {}
            word => {
                let is_rows = word == "all dml" || EventKind::ALL.iter().any(|kind| kind.is_dml() && kind.word() == word);
                if if is_rows { rows } else { statements } {
                    plain.push(event.clone());
                }
            }
        }
    }
    plain
}

fn unique(words: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    for word in words {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}

/// A pattern for all schemas but those that a full copy without an allow list leaves out.
fn all_but_system_schemas(case_sensitive: bool) -> String {
    let names: Vec<String> =
        SYSTEM_SCHEMAS.iter().map(|name| if case_sensitive { (*name).to_owned() } else { name.to_lowercase() }).collect();
    format!("~(?s)^{}$", all_but(&names.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// A regular expression for all texts but these: at each letter, an end too early, another letter, or the same one and so on.
fn all_but(words: &[&str]) -> String {
    let mut letters: Vec<char> = words.iter().filter_map(|word| word.chars().next()).collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.is_empty() {
        return ".+".to_owned();
    }
    let mut ways = Vec::new();
    if !words.contains(&"") {
        ways.push(String::new());
    }
    ways.push(format!("[^{}].*", letters.iter().collect::<String>()));
    for letter in letters {
        let after: Vec<&str> = words.iter().filter_map(|word| word.strip_prefix(letter)).collect();
        ways.push(format!("{letter}{}", all_but(&after)));
    }
    format!("({})", ways.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pattern::NamePattern;

    #[test]
    fn all_but_system_schemas_is_just_that() {
        for case_sensitive in [true, false] {
            let pattern = NamePattern::new("a pattern", &all_but_system_schemas(case_sensitive), case_sensitive).unwrap();
            for system in SYSTEM_SCHEMAS {
                let name = if case_sensitive { (*system).to_owned() } else { system.to_lowercase() };
                assert!(!pattern.is_match(&name), "{name}");
                for other in [format!("{name}x"), format!("x{name}"), name[1..].to_owned(), name[..name.len() - 1].to_owned()] {
                    assert!(pattern.is_match(&other), "{other}");
                }
            }
            assert!(pattern.is_match("shop") && pattern.is_match("表"));
        }
    }

    #[test]
    fn a_list_of_events_becomes_words_that_add() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(plain(&words(&["drop table", "none ddl", "all"])), words(&["drop table", "all dml"]));
        assert_eq!(plain(&words(&["insert", "none", "all"])), words(&["insert"]));
        assert_eq!(plain(&words(&["none dml", "Delete", "truncate table"])), words(&["truncate table"]));
    }
}
