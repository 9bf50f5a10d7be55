//! What is in the target already of the tables that a task goes to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mysql_async::Conn;

use super::super::connect::{self, Server};
use super::super::error::{Fault, Side};
use super::super::shape::{self, Kind};
use super::super::sql;
use super::{folded, texts};

/// Schema and table.
pub(super) type Name = (String, String);

/// A unique key: its name and its columns in small letters.
pub(super) type Unique = (String, BTreeSet<String>);

/// A column of a table of the target.
#[derive(Debug)]
pub(super) struct ThereColumn {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) type_text: String,
    pub(super) collation: Option<String>,
    /// A row that has no value for it is refused.
    pub(super) is_needed: bool,
    pub(super) generated: bool,
}

/// A table of the target.
#[derive(Debug, Default)]
pub(super) struct There {
    /// Its name as the target has it.
    pub(super) name: Name,
    pub(super) is_view: bool,
    pub(super) columns: Vec<ThereColumn>,
    pub(super) uniques: Vec<Unique>,
    /// Triggers that a new row sets off.
    pub(super) triggers: Vec<String>,
}

/// What is there, by folded names.
pub(super) type All = HashMap<Name, There>;

/// How many names stand in one question.
const NAMES: usize = 500;

/// Conditions that hold for the tables, a few hundred at a time.
pub(super) fn conditions<'a>(schema: &str, table: &str, names: impl Iterator<Item = &'a Name>) -> Vec<String> {
    let mut by_schema: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (schema, table) in names {
        by_schema.entry(schema).or_default().insert(table);
    }
    let mut conditions = Vec::new();
    for (own, tables) in by_schema {
        let tables: Vec<&str> = tables.into_iter().collect();
        for some in tables.chunks(NAMES) {
            conditions.push(format!("{schema} = {} AND {table} IN ({})", sql::text(own), texts(some.iter().copied())));
        }
    }
    conditions
}

/// Looks which of some tables are there, and how they are made.
pub(super) async fn look(conn: &mut Conn, server: &Server, wanted: impl Iterator<Item = &Name> + Send) -> Result<All, Fault> {
    let doing = || "looking at the tables of the target".to_owned();
    let mut all = All::new();
    for condition in conditions("TABLE_SCHEMA", "TABLE_NAME", wanted) {
        let query = format!("SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE {condition}");
        let rows: Vec<(String, String, String)> = connect::all(conn, Side::Target, doing, &query).await?;
        for (schema, table, kind) in rows {
            let name = folded(server, &schema, &table);
            all.insert(name, There { name: (schema, table), is_view: kind.contains("VIEW"), ..There::default() });
        }
    }
    let names: Vec<Name> = all.values().map(|there| there.name.clone()).collect();
    for condition in conditions("TABLE_SCHEMA", "TABLE_NAME", names.iter()) {
        for (schema, table, column) in columns(conn, &condition).await? {
            if let Some(there) = all.get_mut(&folded(server, &schema, &table)) {
                there.columns.push(column);
            }
        }
    }
    for (name, uniques) in uniques(conn, Side::Target, server, names.iter()).await? {
        if let Some(there) = all.get_mut(&name) {
            there.uniques = uniques;
        }
    }
    for condition in conditions("EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE", names.iter()) {
        let query = format!(
            "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE {condition} AND \
             EVENT_MANIPULATION = 'INSERT'"
        );
        let rows: Vec<(String, String, String)> = connect::all(conn, Side::Target, doing, &query).await?;
        for (schema, table, trigger) in rows {
            if let Some(there) = all.get_mut(&folded(server, &schema, &table)) {
                there.triggers.push(trigger);
            }
        }
    }
    Ok(all)
}

type ColumnRow = (String, String, String, String, String, Option<String>, Option<String>, String, String, Option<String>);

async fn columns(conn: &mut Conn, condition: &str) -> Result<Vec<(String, String, ThereColumn)>, Fault> {
    let query = format!(
        "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, EXTRA, IS_NULLABLE, \
         COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE {condition} ORDER BY TABLE_NAME, ORDINAL_POSITION"
    );
    let doing = || "looking at the columns of the target".to_owned();
    let rows: Vec<ColumnRow> = connect::all(conn, Side::Target, doing, &query).await?;
    let column = |(schema, table, name, data_type, type_text, charset, collation, extra, nullable, default): ColumnRow| {
        let kind = shape::kind_of(&data_type, &type_text, charset.as_deref());
        let generated = shape::is_generated(&extra);
        let fills_itself = generated || extra.to_lowercase().contains("auto_increment") || default.is_some();
        let is_needed = nullable != "YES" && !fills_itself;
        (schema, table, ThereColumn { name, kind, type_text, collation, is_needed, generated })
    };
    Ok(rows.into_iter().map(column).collect())
}

/// The unique keys of tables of either end, by folded names.
pub(super) async fn uniques(
    conn: &mut Conn,
    side: Side,
    server: &Server,
    names: impl Iterator<Item = &Name> + Send,
) -> Result<HashMap<Name, Vec<Unique>>, Fault> {
    let mut found: HashMap<Name, Vec<Unique>> = HashMap::new();
    for condition in conditions("TABLE_SCHEMA", "TABLE_NAME", names) {
        let query = format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE {condition} AND \
             NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
        );
        let doing = || "looking at the unique keys of tables".to_owned();
        let rows: Vec<(String, String, String, Option<String>)> = connect::all(conn, side, doing, &query).await?;
        for (schema, table, index, column) in rows {
            let uniques = found.entry(folded(server, &schema, &table)).or_default();
            // A part that is no column is an expression.
            let column = column.unwrap_or_else(|| "(an expression)".to_owned()).to_lowercase();
            match uniques.last_mut().filter(|(last, _)| *last == index) {
                Some((_, columns)) => _ = columns.insert(column),
                None => uniques.push((index, BTreeSet::from([column]))),
            }
        }
    }
    Ok(found)
}
