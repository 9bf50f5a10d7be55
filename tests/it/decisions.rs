//! What DM decides about names and events, held against what its own filter packages answered.

use std::fs;
use std::path::{Path, PathBuf};

use dmctl::model::allow_list::{AllowList, AllowRules, TableName};
use dmctl::model::dump_list::DumpList;
use dmctl::model::event_filter::{Action, EventFilters, EventKind, EventRule};
use dmctl::model::routes::{Extract, RouteRule, Routes};
use serde_json::{Value, json};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/filters.jsonl")
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn tables(value: &Value) -> Vec<TableName> {
    let table = |value| TableName { schema: text(value, "db-name"), table: text(value, "tbl-name") };
    value.as_array().into_iter().flatten().map(table).collect()
}

fn list<T>(value: &Value, one: impl FnMut(&Value) -> T) -> Vec<T> {
    value.as_array().into_iter().flatten().map(one).collect()
}

fn allow_rules(rules: &Value) -> AllowRules {
    AllowRules {
        do_dbs: texts(&rules["do-dbs"]),
        do_tables: tables(&rules["do-tables"]),
        ignore_dbs: texts(&rules["ignore-dbs"]),
        ignore_tables: tables(&rules["ignore-tables"]),
    }
}

/// The answers of one case, in the form of the recording, or the places of the rules that can't be used.
fn ours(case: &Value) -> Result<Vec<Value>, Vec<usize>> {
    let case_sensitive = case["case_sensitive"].as_bool().unwrap();
    let rules = &case["rules"];
    let asks: Vec<Vec<String>> = list(&case["asks"], texts);
    let answers = match case["kind"].as_str().unwrap() {
        "dump" => {
            let list =
                DumpList::new(case_sensitive, rules.is_object().then(|| allow_rules(rules)).as_ref()).map_err(|_| vec![0])?;
            let one = |ask: &Vec<String>| json!(list.allows(&ask[0], Some(ask[1].as_str()).filter(|table| !table.is_empty())));
            asks.iter().map(one).collect()
        }
        "allow" => {
            let rules = allow_rules(rules);
            let allow_list = AllowList::new(case_sensitive, &rules).map_err(|_| vec![0])?;
            let one =
                |ask: &Vec<String>| json!(allow_list.allows(&ask[0], Some(ask[1].as_str()).filter(|table| !table.is_empty())));
            asks.iter().map(one).collect()
        }
        "route" => {
            let extract = |rule: &Value, key, column: &str| {
                rule[key].as_str().map(|regexp| Extract { regexp: regexp.to_owned(), target_column: column.to_owned() })
            };
            let rules = list(rules, |rule| RouteRule {
                schema_pattern: text(rule, "schema-pattern"),
                table_pattern: text(rule, "table-pattern"),
                target_schema: text(rule, "target-schema"),
                target_table: text(rule, "target-table"),
                extract_table: extract(rule, "extract-table", "ct"),
                extract_schema: extract(rule, "extract-schema", "cs"),
                extract_source: extract(rule, "extract-source", "co"),
            });
            let routes = Routes::new(case_sensitive, &rules).map_err(|_| vec![0])?;
            let one = |ask: &Vec<String>| match routes.target(&ask[0], &ask[1]) {
                Err(_) => Value::Null,
                Ok((schema, table)) => {
                    let mut answer = vec![schema.into_owned(), table.into_owned()];
                    for (column, value) in routes.columns("src-1", &ask[0], &ask[1]) {
                        answer.extend([column.to_owned(), value]);
                    }
                    json!(answer)
                }
            };
            asks.iter().map(one).collect()
        }
        _ => return events(case, case_sensitive, &asks),
    };
    Ok(answers)
}

/// Filters that can't be used are left out by this DM; the rest decides.
fn events(case: &Value, case_sensitive: bool, asks: &[Vec<String>]) -> Result<Vec<Value>, Vec<usize>> {
    let mut bad = Vec::new();
    let mut places = Vec::new();
    let mut rules = Vec::new();
    for (place, rule) in case["rules"].as_array().unwrap().iter().enumerate() {
        let Some(action) = Action::from_word(rule["action"].as_str().unwrap()) else {
            bad.push(place);
            continue;
        };
        places.push(place);
        rules.push(EventRule {
            schema_pattern: text(rule, "schema-pattern"),
            table_pattern: text(rule, "table-pattern"),
            events: texts(&rule["events"]),
            sql_pattern: texts(&rule["sql-pattern"]),
            action,
        });
    }
    let (filters, unusable) = EventFilters::usable(case_sensitive, &rules);
    bad.extend(unusable.iter().map(|(place, _)| places[*place]));
    bad.sort_unstable();
    if bad != list(&case["bad"], |place| usize::try_from(place.as_u64().unwrap()).unwrap()) {
        return Err(bad);
    }
    let kind = |word: &str| *EventKind::ALL.iter().find(|kind| kind.word() == word).unwrap();
    let one = |ask: &Vec<String>| json!(filters.action(&ask[0], &ask[1], kind(&ask[2]), &ask[3]).word());
    Ok(asks.iter().map(one).collect())
}

#[test]
fn decisions_are_those_of_dm() {
    let recorded = fs::read_to_string(path()).unwrap();
    let mut differ = Vec::new();
    for line in recorded.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let theirs = if case["answers"].is_null() { Err(()) } else { Ok(case["answers"].as_array().unwrap().clone()) };
        match (ours(&case), theirs) {
            (Err(_), Err(())) => {}
            (Ok(ours), Ok(theirs)) if ours == theirs => {}
            (ours, _) => differ.push(format!("{line}\nours: {ours:?}")),
        }
    }
    assert!(
        differ.is_empty(),
        "{} of {} differ:\n{}",
        differ.len(),
        recorded.lines().count(),
        differ[..differ.len().min(12)].join("\n")
    );
}
