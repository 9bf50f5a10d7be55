//! Routes, allow lists and expression filters.

use super::super::file::{Findings, Given, check};
use super::{ExpressionFilter, Route, Tables};

/// DM's number for a route that can't be used.
const NO_ROUTE: u32 = 20045;

/// DM's number for an allow list that can't be used.
const NO_LIST: u32 = 20044;

pub(super) fn route(given: &Given<Route>, key: &str, case_sensitive: bool, findings: &mut Findings) {
    let route = &given.value;
    for (name, value) in [("schema-pattern", &route.schema_pattern), ("target-schema", &route.target_schema)] {
        if value.as_ref().is_none_or(|value| value.value.is_empty()) {
            let place = value.as_ref().map_or(given.key, |value| value.place);
            findings.missing(place, &format!("{key}.{name}"), NO_ROUTE, format!("the route has no `{name}`"));
        }
    }
    for (name, pattern) in [("schema-pattern", &route.schema_pattern), ("table-pattern", &route.table_pattern)] {
        if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.value.is_empty()) {
            check::name_pattern(findings, pattern, &format!("{key}.{name}"), NO_ROUTE, case_sensitive);
        }
    }
    let table =
        route.extract_table.as_ref().map(|extract| (extract.key, &extract.value.target_column, &extract.value.table_regexp));
    let schema =
        route.extract_schema.as_ref().map(|extract| (extract.key, &extract.value.target_column, &extract.value.schema_regexp));
    let source =
        route.extract_source.as_ref().map(|extract| (extract.key, &extract.value.target_column, &extract.value.source_regexp));
    for (what, extract) in [("table", table), ("schema", schema), ("source", source)] {
        let Some((place, column, regex)) = extract else { continue };
        let key = format!("{key}.extract-{what}");
        if column.as_ref().is_none_or(|column| column.value.is_empty()) {
            let place = column.as_ref().map_or(place, |column| column.place);
            let column = format!("{key}.target-column");
            findings.missing(place, &column, NO_ROUTE, format!("`extract-{what}` has no `target-column`"));
        }
        if let Some(regex) = regex {
            check::regex(findings, regex, &format!("{key}.{what}-regexp"), NO_ROUTE);
        }
    }
}

pub(super) fn tables(tables: &Tables, key: &str, case_sensitive: bool, findings: &mut Findings) {
    for (name, schemas) in [("do-dbs", &tables.do_dbs), ("ignore-dbs", &tables.ignore_dbs)] {
        for (number, schema) in schemas.iter().flat_map(|schemas| &schemas.value).enumerate() {
            let key = format!("{key}.{name}[{number}]");
            if schema.value.is_empty() {
                findings.flaw(schema.place, &key, NO_LIST, "a schema of an allow list must not be empty");
            } else {
                check::name_pattern(findings, schema, &key, NO_LIST, case_sensitive);
            }
        }
    }
    for (name, list) in [("do-tables", &tables.do_tables), ("ignore-tables", &tables.ignore_tables)] {
        for (number, table) in list.iter().flat_map(|list| &list.value).enumerate() {
            for (part, value) in [("db-name", &table.value.db_name), ("tbl-name", &table.value.tbl_name)] {
                let key = format!("{key}.{name}[{number}].{part}");
                match value {
                    Some(value) if !value.value.is_empty() => check::name_pattern(findings, value, &key, NO_LIST, case_sensitive),
                    value => {
                        let place = value.as_ref().map_or(table.place, |value| value.place);
                        findings.missing(place, &key, NO_LIST, format!("a table of an allow list has no `{part}`"));
                    }
                }
            }
        }
    }
}

pub(super) fn expression_filter(given: &Given<ExpressionFilter>, name: &str, findings: &mut Findings) {
    let filter = &given.value;
    let key = format!("expression-filter.{name}");
    for (part, value) in [("schema", &filter.schema), ("table", &filter.table)] {
        if value.as_ref().is_none_or(|value| value.value.is_empty()) {
            let place = value.as_ref().map_or(given.key, |value| value.place);
            findings.missing(place, &format!("{key}.{part}"), 20042, format!("the expression filter `{name}` has no `{part}`"));
        }
    }
    let written = |value: &Option<Given<String>>| value.as_ref().is_some_and(|value| !value.value.is_empty());
    let kinds = [
        ("insert", written(&filter.insert_value_expr)),
        ("update", written(&filter.update_old_value_expr) || written(&filter.update_new_value_expr)),
        ("delete", written(&filter.delete_value_expr)),
    ];
    let kinds: Vec<&str> = kinds.into_iter().filter_map(|(kind, there)| there.then_some(kind)).collect();
    if kinds.len() > 1 {
        let message =
            format!("the expression filter `{name}` is for {}; it can be for one kind of change only", kinds.join(" and "));
        findings.flaw(given.key, &key, 20039, message);
    }
}
