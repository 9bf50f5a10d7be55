//! Filters of binlog events, in source files and in task files.

use super::super::event_filter::{EventGroup, EventKind, EventWord};
use super::super::regex::Regex;
use super::{Findings, Given, check, section};

section!(
    /// Which events of which tables are left out, or are the only ones that are kept.
    EventRule {
        /// The schemas, with `*`, `?` and `[…]`.
        "schema-pattern" => schema_pattern: String,
        /// The tables, with `*`, `?` and `[…]`; none for all of them, and the schema itself.
        "table-pattern" => table_pattern: String,
        /// The events by name.
        "events" => events: Vec<Given<String>>,
        /// Regular expressions for statements.
        "sql-pattern" => sql_pattern: Vec<Given<String>>,
        /// What is done with what fits: `Ignore`, `Do` or `Error`.
        "action" => action: String,
    }
);

/// DM's number for a filter that can't be used.
const CODE: u32 = 20037;

/// The words of `action`.
const ACTIONS: &[&str] = &["Ignore", "Do", "Error"];

impl EventRule {
    /// What DM would not take, or would leave out without a word.
    pub(in crate::model) fn check(given: &Given<Self>, key: &str, findings: &mut Findings) {
        let rule = &given.value;
        let below = |name: &str| format!("{key}.{name}");
        match &rule.schema_pattern {
            Some(pattern) if !pattern.value.is_empty() => check::wildcard(findings, pattern, &below("schema-pattern"), CODE),
            pattern => {
                let place = pattern.as_ref().map_or(given.key, |pattern| pattern.place);
                findings.missing(place, &below("schema-pattern"), CODE, "the filter has no `schema-pattern`");
            }
        }
        if let Some(pattern) = &rule.table_pattern {
            check::wildcard(findings, pattern, &below("table-pattern"), CODE);
        }
        match &rule.action {
            Some(action) if !action.value.is_empty() => {
                check::word(findings, Some(action), &below("action"), CODE, ACTIONS, false);
            }
            action => {
                let place = action.as_ref().map_or(given.key, |action| action.place);
                findings.missing(place, &below("action"), CODE, "the filter has no `action`: `Ignore` or `Do`");
            }
        }
        for (number, event) in rule.events.iter().flat_map(|events| &events.value).enumerate() {
            // The empty word is one of DM's own, and means nothing.
            if !event.value.is_empty() && event.value.parse::<EventWord>().is_err() {
                let kinds = EventKind::ALL.iter().map(|kind| kind.word());
                let words = EventGroup::ALL.iter().map(|group| group.word()).chain(kinds);
                let message = format!("`{}` is no event", event.value);
                findings.flaw(event.place, &format!("{key}.events[{number}]"), CODE, message).among(&event.value, words);
            }
        }
        if let Some(patterns) = &rule.sql_pattern {
            Self::check_statements(patterns, &below("sql-pattern"), findings);
        }
    }

    /// DM makes one expression of all.
    fn check_statements(patterns: &Given<Vec<Given<String>>>, key: &str, findings: &mut Findings) {
        let texts: Vec<&str> = patterns.value.iter().map(|pattern| pattern.value.as_str()).collect();
        let Err(error) = Regex::new(&texts.join("|"), true) else { return };
        let mut told = false;
        for (number, pattern) in patterns.value.iter().enumerate() {
            if let Err(error) = Regex::new(&pattern.value, true) {
                findings.flaw(pattern.place, &format!("{key}[{number}]"), CODE, format!("it is no regular expression: {error}"));
                told = true;
            }
        }
        if !told {
            findings.flaw(patterns.place, key, CODE, format!("together they are no regular expression: {error}"));
        }
    }
}
