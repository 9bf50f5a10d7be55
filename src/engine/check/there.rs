//! What is in the target already of the tables that a task goes to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mysql_async::Conn;
use mysql_async::prelude::FromRow;

use super::super::connect::{self, Server};
use super::super::error::{Fault, Side};
use super::super::shape;
use super::super::sql;
use super::texts;

/// Schema and table.
pub(super) type Name = (String, String);

/// A unique key: its name and its columns in small letters.
pub(super) type Unique = (String, BTreeSet<String>);

/// A column of a table of the target.
#[derive(Debug)]
pub(super) struct ThereColumn {
    pub(super) name: String,
    pub(super) type_text: String,
    pub(super) collation: Option<String>,
    /// A row that has no value for it is refused.
    pub(super) is_needed: bool,
    pub(super) nullable: bool,
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

/// Asks for rows about some tables: a few hundred of one schema in one question, and many questions at a time. `query` makes one of a
/// condition on `schema` and `table`, which are names of columns.
async fn about<'a, T: FromRow + Send + 'static>(
    conn: &mut Conn,
    side: Side,
    (schema, table): (&str, &str),
    names: impl Iterator<Item = &'a Name>,
    query: impl Fn(String) -> String,
) -> Result<Vec<T>, Fault> {
    let mut by_schema: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (schema, table) in names {
        by_schema.entry(schema).or_default().insert(table);
    }
    let (mut queries, mut schemas) = (Vec::new(), Vec::new());
    for (own, tables) in by_schema {
        let tables: Vec<&str> = tables.into_iter().collect();
        for some in tables.chunks(NAMES) {
            queries.push(query(format!("{schema} = {} AND {table} IN ({})", sql::text(own), texts(some.iter().copied()))));
            schemas.push(sql::name(own));
        }
    }
    let doing = |at: usize| format!("looking at the tables of {}", schemas[at]);
    let rows: Vec<Vec<T>> = connect::each(conn, side, doing, &queries).await?;
    Ok(rows.into_iter().flatten().collect())
}

/// The columns that name a table in most questions.
const TABLE: (&str, &str) = ("TABLE_SCHEMA", "TABLE_NAME");

/// Looks which of some tables are there, and how they are made.
pub(super) async fn look(conn: &mut Conn, server: &Server, wanted: impl Iterator<Item = &Name> + Send) -> Result<All, Fault> {
    let mut all = All::new();
    let query = |condition| format!("SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE {condition}");
    let rows: Vec<(String, String, String)> = about(conn, Side::Target, TABLE, wanted, query).await?;
    for (schema, table, kind) in rows {
        let name = server.folded(&schema, &table);
        all.insert(name, There { name: (schema, table), is_view: kind.contains("VIEW"), ..There::default() });
    }
    let names: Vec<Name> = all.values().map(|there| there.name.clone()).collect();
    for (schema, table, column) in columns(conn, names.iter()).await? {
        if let Some(there) = all.get_mut(&server.folded(&schema, &table)) {
            there.columns.push(column);
        }
    }
    for (name, uniques) in uniques(conn, Side::Target, server, names.iter()).await? {
        if let Some(there) = all.get_mut(&name) {
            there.uniques = uniques;
        }
    }
    let query = |condition| {
        format!(
            "SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE {condition} AND \
             EVENT_MANIPULATION = 'INSERT'"
        )
    };
    let table = ("EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE");
    let rows: Vec<(String, String, String)> = about(conn, Side::Target, table, names.iter(), query).await?;
    for (schema, table, trigger) in rows {
        if let Some(there) = all.get_mut(&server.folded(&schema, &table)) {
            there.triggers.push(trigger);
        }
    }
    Ok(all)
}

type ColumnRow = (String, String, String, String, Option<String>, String, String, Option<String>);

async fn columns(conn: &mut Conn, names: impl Iterator<Item = &Name> + Send) -> Result<Vec<(String, String, ThereColumn)>, Fault> {
    let query = |condition| {
        format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME, EXTRA, IS_NULLABLE, \
             COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE {condition} ORDER BY TABLE_NAME, ORDINAL_POSITION"
        )
    };
    let rows: Vec<ColumnRow> = about(conn, Side::Target, TABLE, names, query).await?;
    let column = |(schema, table, name, type_text, collation, extra, nullable, default): ColumnRow| {
        let generated = shape::is_generated(&extra);
        let fills_itself = generated || extra.to_lowercase().contains("auto_increment") || default.is_some();
        let nullable = nullable == "YES";
        let is_needed = !nullable && !fills_itself;
        (schema, table, ThereColumn { name, type_text, collation, is_needed, nullable, generated })
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
    let query = |condition| {
        format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE {condition} AND \
             NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
        )
    };
    let rows: Vec<(String, String, String, Option<String>)> = about(conn, side, TABLE, names, query).await?;
    let mut found: HashMap<Name, Vec<Unique>> = HashMap::new();
    for (schema, table, index, column) in rows {
        let uniques = found.entry(server.folded(&schema, &table)).or_default();
        // A part that is no column is an expression.
        let column = column.unwrap_or_else(|| "(an expression)".to_owned()).to_lowercase();
        match uniques.last_mut().filter(|(last, _)| *last == index) {
            Some((_, columns)) => _ = columns.insert(column),
            None => uniques.push((index, BTreeSet::from([column]))),
        }
    }
    Ok(found)
}
