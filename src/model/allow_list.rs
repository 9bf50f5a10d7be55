//! The block-allow-list: whether a task is about a schema or a table at all.

use std::collections::{HashMap, HashSet};

use super::pattern::{NamePattern, PatternError, folded, is_system_schema};

/// What a block-allow-list says, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowRules {
    /// Only these schemas.
    pub do_dbs: Vec<String>,
    /// Only these tables.
    pub do_tables: Vec<TableName>,
    /// Not these schemas; without meaning beside `do_dbs`.
    pub ignore_dbs: Vec<String>,
    /// Not these tables; without meaning beside `do_tables`.
    pub ignore_tables: Vec<TableName>,
}

/// A schema and a table, as names or as patterns.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
}

/// A compiled block-allow-list.
///
/// Schemas and tables are judged apart, and both must agree: a table is in if its schema is one of `do-dbs` (or none of `ignore-dbs`
/// where there are no `do-dbs`) and it is one of `do-tables` (or none of `ignore-tables` where there are no `do-tables`). System
/// schemas are always out.
#[derive(Debug, Clone, Default)]
pub struct AllowList {
    case_sensitive: bool,
    do_schemas: Schemas,
    do_tables: Tables,
    ignored_schemas: Schemas,
    ignored_tables: Tables,
}

impl AllowList {
    /// Compiles the rules.
    ///
    /// # Errors
    /// The first pattern that can't be used.
    pub fn new(case_sensitive: bool, rules: &AllowRules) -> Result<Self, PatternError> {
        Ok(Self {
            case_sensitive,
            do_schemas: Schemas::new(case_sensitive, &rules.do_dbs)?,
            do_tables: Tables::new(case_sensitive, &rules.do_tables)?,
            ignored_schemas: Schemas::new(case_sensitive, &rules.ignore_dbs)?,
            ignored_tables: Tables::new(case_sensitive, &rules.ignore_tables)?,
        })
    }

    /// Whether the task is about a table, or, without one, about the schema itself.
    #[must_use]
    pub fn allows(&self, schema: &str, table: Option<&str>) -> bool {
        if is_system_schema(schema) {
            return false;
        }
        let schema = folded(self.case_sensitive, schema);
        let schema_is_in =
            if self.do_schemas.is_empty() { !self.ignored_schemas.has(&schema) } else { self.do_schemas.has(&schema) };
        if !schema_is_in {
            return false;
        }
        let Some(table) = table else {
            return true;
        };
        let table = folded(self.case_sensitive, table);
        if self.do_tables.is_empty() { !self.ignored_tables.has(&schema, &table) } else { self.do_tables.has(&schema, &table) }
    }
}

#[derive(Debug, Clone, Default)]
struct Schemas {
    names: HashSet<String>,
    patterns: Vec<NamePattern>,
}

impl Schemas {
    fn new(case_sensitive: bool, texts: &[String]) -> Result<Self, PatternError> {
        let mut own = Self::default();
        for text in texts {
            match NamePattern::new("a schema of the allow list", text, case_sensitive)? {
                NamePattern::Name(name) => drop(own.names.insert(name)),
                pattern => own.patterns.push(pattern),
            }
        }
        Ok(own)
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.patterns.is_empty()
    }

    fn has(&self, schema: &str) -> bool {
        self.names.contains(schema) || self.patterns.iter().any(|pattern| pattern.is_match(schema))
    }
}

#[derive(Debug, Clone, Default)]
struct Tables {
    names: HashMap<String, HashSet<String>>,
    pairs: Vec<(NamePattern, NamePattern)>,
    /// Pairs of a regular expression and a wildcard. DM forgets which belong together: any schema goes with any table.
    mixed: Vec<(NamePattern, NamePattern)>,
}

impl Tables {
    fn new(case_sensitive: bool, rules: &[TableName]) -> Result<Self, PatternError> {
        let mut own = Self::default();
        for rule in rules {
            let schema = NamePattern::new("`db-name` of the allow list", &rule.schema, case_sensitive)?;
            let table = NamePattern::new("`tbl-name` of the allow list", &rule.table, case_sensitive)?;
            match (schema, table) {
                (NamePattern::Name(schema), NamePattern::Name(table)) => drop(own.names.entry(schema).or_default().insert(table)),
                pair if pair.0.is_regex() && !pair.1.is_regex() => own.mixed.push(pair),
                pair => own.pairs.push(pair),
            }
        }
        Ok(own)
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.pairs.is_empty() && self.mixed.is_empty()
    }

    fn has(&self, schema: &str, table: &str) -> bool {
        self.names.get(schema).is_some_and(|tables| tables.contains(table))
            || self.pairs.iter().any(|pair| pair.0.is_match(schema) && pair.1.is_match(table))
            || (self.mixed.iter().any(|pair| pair.0.is_match(schema)) && self.mixed.iter().any(|pair| pair.1.is_match(table)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(schema: &str, table: &str) -> TableName {
        TableName { schema: schema.to_owned(), table: table.to_owned() }
    }

    #[test]
    fn schemas_and_tables_must_both_agree() {
        let rules =
            AllowRules { do_dbs: vec!["shop".to_owned()], do_tables: vec![table("shop", "orders")], ..AllowRules::default() };
        let list = AllowList::new(false, &rules).unwrap();
        assert!(list.allows("Shop", Some("ORDERS")));
        assert!(!list.allows("shop", Some("users")), "do-dbs alone does not bring it in");
        assert!(list.allows("shop", None), "create database");
        assert!(!list.allows("bank", Some("orders")));
    }

    #[test]
    fn without_rules_everything_is_in_but_system_schemas() {
        let list = AllowList::default();
        assert!(list.allows("shop", Some("orders")));
        assert!(!list.allows("MySQL", Some("user")));
        assert!(!list.allows("sys", None));
    }

    #[test]
    fn what_is_ignored_counts_only_where_nothing_is_asked_for() {
        let ignored = AllowRules { ignore_tables: vec![table("shop", "log*")], ..AllowRules::default() };
        let list = AllowList::new(true, &ignored).unwrap();
        assert!(!list.allows("shop", Some("log_1")));
        assert!(list.allows("shop", Some("Log_1")));
        let both = AllowRules { do_tables: vec![table("shop", "log_1")], ..ignored };
        assert!(AllowList::new(true, &both).unwrap().allows("shop", Some("log_1")));
    }
}
