//! Names, routes and events for any rules: against plain sets, a backtracking matcher and what must not make a difference.

use dmctl::model::allow_list::{AllowList, AllowRules, TableName};
use dmctl::model::event_filter::{Action, EventFilters, EventKind, EventRule};
use dmctl::model::pattern::{Wildcard, is_system_schema};
use dmctl::model::routes::{RouteRule, Routes};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const NAMES: &[&str] = &["a", "b", "ab", "shop", "Shop", "shop_1", "orders", "mysql"];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![select(NAMES).prop_map(str::to_owned), "[abAB_1]{1,4}"]
}

fn tables() -> impl Strategy<Value = Vec<TableName>> {
    let table = (name(), name()).prop_map(|(schema, table)| TableName { schema, table });
    prop::collection::vec(table, 0..4)
}

/// Wildcards of signs that have no tricks: what they match can be told by trying.
fn wildcard() -> impl Strategy<Value = String> {
    let sign = select(vec!["a", "b", "A", "_", "?", "[ab]", "[!a]", "[a-z]"]);
    (prop::collection::vec(sign, 1..4), any::<bool>()).prop_map(|(signs, open)| signs.concat() + if open { "*" } else { "" })
}

fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*'], _) => true,
        ([b'?', pattern @ ..], [_, name @ ..]) => matches(pattern, name),
        ([b'[', b'a', b'b', b']', pattern @ ..], [letter, name @ ..]) => b"ab".contains(letter) && matches(pattern, name),
        ([b'[', b'!', b'a', b']', pattern @ ..], [letter, name @ ..]) => *letter != b'a' && matches(pattern, name),
        ([b'[', b'a', b'-', b'z', b']', pattern @ ..], [letter, name @ ..]) => {
            letter.is_ascii_lowercase() && matches(pattern, name)
        }
        ([sign, pattern @ ..], [letter, name @ ..]) => sign == letter && matches(pattern, name),
        _ => false,
    }
}

fn event_rule() -> impl Strategy<Value = EventRule> {
    let words =
        select(vec!["insert", "delete", "all dml", "none ddl", "drop table", "all ddl", "incompatible ddl changes", "none"]);
    (wildcard(), prop::option::of(wildcard()), prop::collection::vec(words, 0..3), prop::bool::weighted(0.2)).prop_map(
        |(schema_pattern, table, events, only)| EventRule {
            schema_pattern,
            table_pattern: table.unwrap_or_default(),
            events: events.into_iter().map(str::to_owned).collect(),
            sql_pattern: Vec::new(),
            action: if only { Action::Do } else { Action::Ignore },
        },
    )
}

fn upper(text: &str) -> String {
    text.to_uppercase()
}

proptest! {
    #[test]
    fn a_wildcard_matches_what_trying_finds(pattern in wildcard(), name in name()) {
        prop_assert_eq!(Wildcard::new(&pattern).unwrap().is_match(&name), matches(pattern.as_bytes(), name.as_bytes()));
    }

    #[test]
    fn a_list_of_plain_names_is_two_sets(
        do_dbs in prop::collection::vec(name(), 0..3), ignore_dbs in prop::collection::vec(name(), 0..3),
        do_tables in tables(), ignore_tables in tables(), schema in name(), table in name(),
    ) {
        let asked = TableName { schema: schema.clone(), table: table.clone() };
        let schema_is_in = if do_dbs.is_empty() { !ignore_dbs.contains(&schema) } else { do_dbs.contains(&schema) } && !is_system_schema(&schema);
        let table_is_in = if do_tables.is_empty() { !ignore_tables.contains(&asked) } else { do_tables.contains(&asked) };
        let list = AllowList::new(true, &AllowRules { do_dbs, do_tables, ignore_dbs, ignore_tables }).unwrap();
        prop_assert_eq!(list.allows(&schema, None), schema_is_in);
        prop_assert_eq!(list.allows(&schema, Some(&table)), schema_is_in && table_is_in);
    }

    #[test]
    fn case_makes_no_difference_where_it_does_not_count(
        schemas in prop::collection::vec(wildcard(), 0..3), pairs in prop::collection::vec((wildcard(), wildcard()), 0..3),
        rules in prop::collection::vec(event_rule(), 0..4), schema in name(), table in name(),
    ) {
        let tables = pairs.iter().map(|(schema, table)| TableName { schema: schema.clone(), table: table.clone() }).collect();
        let list = AllowList::new(false, &AllowRules { do_dbs: schemas, do_tables: tables, ..AllowRules::default() }).unwrap();
        prop_assert_eq!(list.allows(&schema, Some(&table)), list.allows(&upper(&schema), Some(&upper(&table))));
        let (filters, _) = EventFilters::usable(false, &rules);
        for kind in [EventKind::Insert, EventKind::DropTable] {
            prop_assert_eq!(filters.action(&schema, &table, kind, ""), filters.action(&upper(&schema), &upper(&table), kind, ""));
        }
    }

    #[test]
    fn the_order_of_routes_makes_no_difference(
        patterns in prop::collection::vec((wildcard(), prop::option::of(wildcard())), 0..5), schema in name(), table in name(),
    ) {
        let mut rules: Vec<_> = patterns.into_iter().enumerate().map(|(place, (schema_pattern, table_pattern))| RouteRule {
            schema_pattern,
            table_pattern: table_pattern.unwrap_or_default(),
            target_schema: format!("to_{place}"),
            ..RouteRule::default()
        }).collect();
        let target = |rules: &[RouteRule]| {
            let routes = Routes::new(true, rules).unwrap();
            routes.target(&schema, &table).map(|(schema, table)| (schema.into_owned(), table.into_owned()))
        };
        let forwards = target(&rules);
        rules.reverse();
        prop_assert_eq!(forwards, target(&rules));
    }

    #[test]
    fn the_order_of_filters_makes_no_difference_while_none_stops_the_task(
        rules in prop::collection::vec(event_rule(), 0..5), schema in name(), table in name(), kind in select(EventKind::ALL),
    ) {
        let reversed: Vec<_> = rules.iter().rev().cloned().collect();
        if let (Ok(one), Ok(two)) = (EventFilters::new(true, &rules), EventFilters::new(true, &reversed)) {
            prop_assert_eq!(one.action(&schema, &table, kind, ""), two.action(&schema, &table, kind, ""));
        }
    }

    #[test]
    fn fewer_filters_that_ignore_leave_out_less(
        rules in prop::collection::vec(event_rule(), 1..5), keep in subsequence(vec![0, 1, 2, 3, 4], 0..=5), schema in name(), table in name(),
        kind in select(EventKind::ALL),
    ) {
        let (all, _) = EventFilters::usable(true, &rules);
        let mut distinct = Vec::<EventRule>::new();
        for rule in &rules {
            if !distinct.iter().any(|other| (&other.schema_pattern, &other.table_pattern) == (&rule.schema_pattern, &rule.table_pattern)) {
                distinct.push(rule.clone());
            }
        }
        let fewer: Vec<_> = distinct.iter().enumerate().filter(|(place, _)| keep.contains(place)).map(|(_, rule)| rule.clone()).collect();
        let (fewer, _) = EventFilters::usable(true, &fewer);
        if all.action(&schema, &table, kind, "") == Action::Do {
            prop_assert_eq!(fewer.action(&schema, &table, kind, ""), Action::Do);
        }
    }
}
