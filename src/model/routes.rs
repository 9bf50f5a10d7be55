//! Routes: under which name a schema or a table arrives in the target.

use std::borrow::Cow;

use super::pattern::{NamePattern, PatternError, folded};
use super::regex::Regex;

/// A route, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteRule {
    /// `schema-pattern`.
    pub schema_pattern: String,
    /// `table-pattern`; empty in a route of whole schemas.
    pub table_pattern: String,
    /// `target-schema`.
    pub target_schema: String,
    /// `target-table`; empty keeps the table's name.
    pub target_table: String,
    /// `extract-table`: a column that gets a part of the table's name.
    pub extract_table: Option<Extract>,
    /// `extract-schema`: the same with the schema's name.
    pub extract_schema: Option<Extract>,
    /// `extract-source`: the same with the source's name.
    pub extract_source: Option<Extract>,
}

/// A column that is filled from a name: with what the groups of a regular expression hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extract {
    /// `table-regexp`, `schema-regexp` or `source-regexp`.
    pub regexp: String,
    /// `target-column`.
    pub target_column: String,
}

/// Two routes of the same level want one table. DM stops with code 40080 on a table, and can't tell where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{count} routes match `{schema}`.`{table}`")]
pub struct Ambiguous {
    /// The schema in the source.
    pub schema: String,
    /// The table in the source; empty where the schema itself was asked for.
    pub table: String,
    /// How many routes match.
    pub count: usize,
}

#[derive(Debug, Clone)]
struct Route {
    schema: NamePattern,
    /// None in a route of whole schemas.
    table: Option<NamePattern>,
    target_schema: String,
    target_table: String,
    extracts: [Option<(String, Regex)>; 3],
}

impl Route {
    fn new(rule: &RouteRule, case_sensitive: bool) -> Result<Self, PatternError> {
        if rule.target_schema.is_empty() {
            return Err(PatternError::Empty("`target-schema` of a route"));
        }
        let extract = |extract: &Option<Extract>| match extract {
            None => Ok(None),
            Some(extract) if extract.target_column.is_empty() => Err(PatternError::Empty("`target-column` of a route")),
            Some(extract) => Ok(Some((extract.target_column.clone(), Regex::new(&extract.regexp, false)?))),
        };
        let table = if rule.table_pattern.is_empty() {
            None
        } else {
            Some(NamePattern::new("`table-pattern` of a route", &rule.table_pattern, case_sensitive)?)
        };
        Ok(Self {
            schema: NamePattern::new("`schema-pattern` of a route", &rule.schema_pattern, case_sensitive)?,
            table,
            target_schema: rule.target_schema.clone(),
            target_table: rule.target_table.clone(),
            extracts: [extract(&rule.extract_table)?, extract(&rule.extract_schema)?, extract(&rule.extract_source)?],
        })
    }

    fn is_match(&self, schema: &str, table: &str) -> bool {
        let table_fits = match &self.table {
            Some(pattern) => table.is_empty() || pattern.is_match(table),
            None => true,
        };
        table_fits && self.schema.is_match(schema)
    }
}

/// The compiled routes of one source.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    case_sensitive: bool,
    routes: Vec<Route>,
}

impl Routes {
    /// Compiles the rules.
    ///
    /// # Errors
    /// The first rule that can't be used.
    pub fn new(case_sensitive: bool, rules: &[RouteRule]) -> Result<Self, PatternError> {
        let routes = rules.iter().map(|rule| Route::new(rule, case_sensitive)).collect::<Result<_, _>>()?;
        Ok(Self { case_sensitive, routes })
    }

    /// The name in the target. An empty `table` asks for the schema itself. A route of tables goes before one of schemas; without a
    /// route, and where a route has no table, the name stays.
    ///
    /// # Errors
    /// More than one route of the level that decides.
    pub fn target<'a>(&'a self, schema: &'a str, table: &'a str) -> Result<(Cow<'a, str>, Cow<'a, str>), Ambiguous> {
        let matching = self.matching(schema, table);
        let of_tables = !table.is_empty() && matching.iter().any(|route| route.table.is_some());
        let mut deciding = matching.iter().filter(|route| route.table.is_some() == of_tables);
        let (first, more) = (deciding.next(), deciding.count());
        if more > 0 {
            return Err(Ambiguous { schema: schema.to_owned(), table: table.to_owned(), count: more + 1 });
        }
        let named = |target: Option<&'a String>, own: &'a str| {
            Cow::Borrowed(target.filter(|name| !name.is_empty()).map_or(own, |name| name))
        };
        Ok((named(first.map(|route| &route.target_schema), schema), named(first.map(|route| &route.target_table), table)))
    }

    /// The columns that a row of a table gets, with their values: of the first route of tables that matches, else of the first one of
    /// schemas.
    #[must_use]
    pub fn columns(&self, source: &str, schema: &str, table: &str) -> Vec<(&str, String)> {
        let matching = self.matching(schema, table);
        let Some(route) = matching.iter().find(|route| route.table.is_some()).or_else(|| matching.first()) else {
            return Vec::new();
        };
        let filled = route.extracts.iter().zip([table, schema, source]);
        filled.filter_map(|(extract, name)| extract.as_ref().map(|(column, regex)| (column.as_str(), regex.groups(name)))).collect()
    }

    fn matching(&self, schema: &str, table: &str) -> Vec<&Route> {
        let (schema, table) = (folded(self.case_sensitive, schema), folded(self.case_sensitive, table));
        self.routes.iter().filter(|route| route.is_match(&schema, &table)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(schema: &str, table: &str, target_schema: &str, target_table: &str) -> RouteRule {
        RouteRule {
            schema_pattern: schema.to_owned(),
            table_pattern: table.to_owned(),
            target_schema: target_schema.to_owned(),
            target_table: target_table.to_owned(),
            ..RouteRule::default()
        }
    }

    #[test]
    fn a_route_of_tables_goes_first_and_what_it_does_not_name_stays() {
        let routes = Routes::new(false, &[rule("shop_*", "", "shop", ""), rule("Shop_?", "order_*", "shop", "orders")]).unwrap();
        assert_eq!(routes.target("SHOP_1", "order_7").unwrap(), ("shop".into(), "orders".into()));
        assert_eq!(routes.target("shop_1", "Users").unwrap(), ("shop".into(), "Users".into()));
        assert_eq!(routes.target("shop_1", "").unwrap(), ("shop".into(), "".into()));
        assert_eq!(routes.target("bank", "a").unwrap(), ("bank".into(), "a".into()));
    }

    #[test]
    fn two_routes_of_one_level_are_one_too_many() {
        let routes = Routes::new(true, &[rule("a*", "t", "x", ""), rule("ab", "t*", "x", "")]).unwrap();
        assert_eq!(routes.target("ab", "t").unwrap_err().to_string(), "2 routes match `ab`.`t`");
        assert!(routes.target("ab", "tt").is_ok());
    }

    #[test]
    fn a_column_gets_what_the_groups_hold() {
        let mut with = rule("shop", "order_*", "shop", "orders");
        with.extract_table = Some(Extract { regexp: "order_(.)(.*)".to_owned(), target_column: "part".to_owned() });
        let routes = Routes::new(true, &[with]).unwrap();
        assert_eq!(routes.columns("mysql-01", "shop", "order_17"), [("part", "17".to_owned())]);
    }

    #[test]
    fn a_route_leads_somewhere() {
        assert_eq!(Routes::new(true, &[rule("a", "", "", "")]).unwrap_err(), PatternError::Empty("`target-schema` of a route"));
    }
}
