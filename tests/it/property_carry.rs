//! Any task file carried over: what the REST task decides, by a derivation written here from what DM is known to do, must be what the
//! file decides, unless something is told.

use dmctl::api::carry::{self, ClusterFacts, SourceFacts};
use dmctl::model::allow_list::{AllowList, AllowRules, TableName};
use dmctl::model::event_filter::{Action, EventFilters, EventKind, EventRule};
use dmctl::model::routes::{RouteRule, Routes};
use dmctl::model::task_file;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const NAMES: &[&str] = &["a", "b", "ab", "shop", "shop_1", "shop_12", "SHOP_1", "order_1", "orders", "mysql", "x", "bb"];

fn pattern(regex: bool) -> impl Strategy<Value = String> {
    let regexes = if regex { vec!["~^shop", "~^a", "~b$", r"~^shop_\d+$"] } else { vec!["b", "shop_*"] };
    prop_oneof![
        4 => select(NAMES).prop_map(str::to_owned),
        4 => select(vec!["*", "shop_*", "shop_?", "shop_[0-3]", "[ab]*", "?", "s*", "order*"]).prop_map(str::to_owned),
        1 => select(regexes).prop_map(str::to_owned),
    ]
}

fn table(regex: bool) -> impl Strategy<Value = Value> {
    (pattern(regex), pattern(regex)).prop_map(|(schema, table)| json!({"db-name": schema, "tbl-name": table}))
}

/// A task of one source: with rules that the REST API can hold, or also with such as it can't.
fn task(beyond: bool) -> impl Strategy<Value = Value> {
    let list = (
        prop::collection::vec(pattern(beyond), 0..3),
        prop::collection::vec(table(beyond), 0..3),
        prop::collection::vec(pattern(beyond), 0..2),
        prop::collection::vec(table(beyond), 0..2),
    );
    let route = (pattern(beyond), prop::option::of(pattern(beyond)), prop::option::of(select(vec!["p", "q"])));
    let events =
        prop::collection::vec(select(vec!["insert", "delete", "drop table", "all dml", "none ddl", "all", "drop database"]), 1..3);
    let filter = (pattern(false), prop::option::of(pattern(false)), events, prop::bool::weighted(0.15));
    let rules = (prop::option::of(list), prop::collection::vec(route, 0..3), prop::collection::vec(filter, 0..3));
    (rules, select(vec!["incremental", "all"])).prop_map(move |((list, routes, filters), mode)| {
        let mut instance = json!({"source-id": "s1", "route-rules": [], "filter-rules": []});
        let mut task = json!({
            "name": "t", "task-mode": mode, "routes": {}, "filters": {}, "target-database": {"host": "h", "port": 4000, "user": "u"},
        });
        if let Some((do_dbs, do_tables, ignore_dbs, ignore_tables)) = list {
            instance["block-allow-list"] = json!("list");
            task["block-allow-list"] = json!({"list": {"do-dbs": do_dbs, "do-tables": do_tables}});
            if beyond {
                task["block-allow-list"]["list"]["ignore-dbs"] = json!(ignore_dbs);
                task["block-allow-list"]["list"]["ignore-tables"] = json!(ignore_tables);
            }
        }
        for (number, (schema, table, target)) in routes.into_iter().enumerate() {
            let name = format!("r{number}");
            task["routes"][&name] = json!({
                "schema-pattern": schema, "table-pattern": table.unwrap_or_default(), "target-schema": "t", "target-table": target.unwrap_or_default(),
            });
            instance["route-rules"].as_array_mut().unwrap().push(json!(name));
        }
        for (number, (schema, table, events, only)) in filters.into_iter().enumerate() {
            let name = format!("f{number}");
            let action = if only && beyond { "Do" } else { "Ignore" };
            task["filters"][&name] =
                json!({"schema-pattern": schema, "table-pattern": table.unwrap_or_default(), "events": events, "action": action});
            instance["filter-rules"].as_array_mut().unwrap().push(json!(name));
        }
        task["mysql-instances"] = json!([instance]);
        task
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list<T>(value: &Value, one: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().into_iter().flatten().map(one).collect()
}

struct Rules {
    allow: AllowRules,
    routes: Vec<RouteRule>,
    filters: Vec<EventRule>,
}

fn table_name(value: &Value) -> TableName {
    TableName { schema: text(&value["db-name"]), table: text(&value["tbl-name"]) }
}

fn of_file(task: &Value) -> Rules {
    let allow = &task["block-allow-list"]["list"];
    let values = |key: &str| task[key].as_object().unwrap().values().cloned().collect::<Vec<_>>();
    Rules {
        allow: AllowRules {
            do_dbs: list(&allow["do-dbs"], text),
            do_tables: list(&allow["do-tables"], table_name),
            ignore_dbs: list(&allow["ignore-dbs"], text),
            ignore_tables: list(&allow["ignore-tables"], table_name),
        },
        routes: values("routes")
            .iter()
            .map(|route| RouteRule {
                schema_pattern: text(&route["schema-pattern"]),
                table_pattern: text(&route["table-pattern"]),
                target_schema: text(&route["target-schema"]),
                target_table: text(&route["target-table"]),
                ..RouteRule::default()
            })
            .collect(),
        filters: values("filters")
            .iter()
            .map(|filter| EventRule {
                schema_pattern: text(&filter["schema-pattern"]),
                table_pattern: text(&filter["table-pattern"]),
                events: list(&filter["events"], text),
                sql_pattern: Vec::new(),
                action: Action::from_word(filter["action"].as_str().unwrap()).unwrap(),
            })
            .collect(),
    }
}

/// What DM derives, read from the JSON that is sent.
fn of_rest(body: &Value) -> Rules {
    let mut rules = Rules { allow: AllowRules::default(), routes: Vec::new(), filters: Vec::new() };
    for rule in body["table_migrate_rule"].as_array().unwrap() {
        let (schema, table) = (text(&rule["source"]["schema"]), text(&rule["source"]["table"]));
        if rule["target"].is_object() {
            rules.routes.push(RouteRule {
                schema_pattern: schema.clone(),
                table_pattern: table.clone(),
                target_schema: text(&rule["target"]["schema"]),
                target_table: text(&rule["target"]["table"]),
                ..RouteRule::default()
            });
        }
        for name in list(&rule["binlog_filter_rule"], text) {
            rules.filters.push(EventRule {
                schema_pattern: schema.clone(),
                table_pattern: table.clone(),
                events: list(&body["binlog_filter_rule"][&name]["ignore_event"], text),
                sql_pattern: Vec::new(),
                action: Action::Ignore,
            });
        }
        if table.is_empty() {
            rules.allow.do_dbs.push(schema);
        } else {
            rules.allow.do_tables.push(TableName { schema, table });
        }
    }
    rules
}

/// What becomes of changes, for all names.
fn decisions(rules: &Rules, every_filter: bool) -> Vec<String> {
    let allow = AllowList::new(false, &rules.allow).unwrap();
    let routes = Routes::new(false, &rules.routes).unwrap();
    let filters = if every_filter {
        EventFilters::as_written(false, &rules.filters).unwrap()
    } else {
        EventFilters::new(false, &rules.filters).unwrap()
    };
    let mut found = Vec::new();
    for schema in NAMES {
        for table in NAMES.iter().copied().chain([""]) {
            let name = Some(table).filter(|table| !table.is_empty());
            let kinds =
                [EventKind::Insert, EventKind::Delete, EventKind::DropTable, EventKind::DropDatabase, EventKind::AlterTable];
            let actions: Vec<_> = kinds.iter().map(|&kind| filters.action(schema, table, kind, "")).collect();
            let taken = allow.allows(schema, name).then(|| format!("{:?} {actions:?}", routes.target(schema, table)));
            found.push(format!("{schema}.{table}: {taken:?}"));
        }
    }
    found
}

fn carried(task: &Value) -> carry::Carried {
    let file = task_file::inspect(&task.to_string()).file.unwrap();
    let source = SourceFacts { case_sensitive: Some(false), tables: Vec::new() };
    carry::task(&file, &ClusterFacts { version: None, sources: [("s1".to_owned(), source)].into() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_sent_without_a_word_decides_as_the_file_does(task in task(true)) {
        let carried = carried(&task);
        if carried.losses.is_empty() && carried.differences.is_empty() {
            let body = serde_json::to_value(&carried.task).unwrap();
            prop_assert_eq!(decisions(&of_file(&task), true), decisions(&of_rest(&body), false));
        }
    }

    #[test]
    fn a_filter_that_only_does_is_never_sent_and_always_told(task in task(true)) {
        let carried = carried(&task);
        for (name, filter) in task["filters"].as_object().unwrap() {
            if filter["action"] == "Do" {
                let sent = carried.task.binlog_filter_rule.keys().any(|key| key.split('+').any(|part| part == name));
                prop_assert!(!sent);
                let key = format!("filters.{name}.action");
                prop_assert!(carried.losses.iter().any(|loss| loss.key == key));
            }
        }
    }

    #[test]
    fn an_allow_list_without_routes_is_never_lost(mut task in task(false)) {
        task["routes"] = json!({});
        task["filters"] = json!({});
        task["mysql-instances"][0]["route-rules"] = json!([]);
        task["mysql-instances"][0]["filter-rules"] = json!([]);
        let carried = carried(&task);
        prop_assert_eq!(carried.losses, vec![]);
        prop_assert_eq!(carried.differences, vec![]);
    }
}
