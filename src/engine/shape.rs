//! What tables look like.

use std::collections::{BTreeMap, HashMap};

use mysql_async::Conn;

use super::connect::{self, Server};
use super::error::{Fault, Side};
use super::sql;
use crate::model::subtask::Flavor;

/// How the values of a column travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whole numbers, decimals and years: digits.
    Number,
    /// FLOAT and DOUBLE.
    Float,
    /// BIT.
    Bit,
    /// DATE.
    Date,
    /// DATETIME and TIMESTAMP.
    DateTime,
    /// TIME.
    Time,
    /// Texts of a character set, by its name. Also what is written as a text, such as UUIDs.
    Text(String),
    /// ENUM of a character set. The flag says that the empty text is one of its members.
    Enum(String, bool),
    /// Bytes: BINARY, BLOB, geometry, VECTOR.
    Bytes,
}

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Its type, with all that belongs to it.
    pub(super) type_text: String,
    pub(super) collation: Option<String>,
    pub(super) nullable: bool,
    /// The server computes it: it is not copied.
    pub(super) generated: bool,
}

/// A key by which a table can be read in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) index: String,
    /// Its columns, as places in the list of copied columns.
    pub(super) columns: Vec<usize>,
}

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) engine: String,
    pub(super) collation: Option<String>,
    /// All columns, in order.
    pub(super) columns: Vec<Column>,
    /// The key to read by, if there is one.
    pub(super) key: Option<Key>,
    /// It has a primary key, or a unique one without NULL, of whatever kind.
    pub(super) has_unique: bool,
    pub(super) rows_estimated: u64,
    pub(super) bytes_estimated: u64,
    /// The next number of the AUTO_INCREMENT column.
    pub(super) next_number: Option<u64>,
    pub(super) system_versioned: bool,
}

impl Column {
    /// The first word of its type.
    pub(super) fn word(&self) -> &str {
        self.type_text.split(['(', ' ']).next().unwrap_or_default()
    }

    /// Whether it is a FLOAT and no DOUBLE.
    pub(super) fn is_single(&self) -> bool {
        self.word().eq_ignore_ascii_case("float")
    }
}

impl Shape {
    /// The columns whose values are copied.
    pub(super) fn copied(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !column.generated)
    }
}

/// What a schema holds.
#[derive(Debug, Default)]
pub(super) struct SchemaShape {
    pub(super) tables: Vec<Shape>,
    /// What is no table: its kind and its name.
    pub(super) others: Vec<(String, String)>,
}

/// The schemas of a server.
pub(super) async fn schemas(conn: &mut Conn, side: Side) -> Result<Vec<String>, Fault> {
    connect::all(conn, side, || "listing the schemas".to_owned(), "SHOW DATABASES").await
}

/// The base tables of a schema.
pub(super) async fn tables(conn: &mut Conn, side: Side, schema: &str) -> Result<Vec<String>, Fault> {
    let query = format!(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') \
         ORDER BY TABLE_NAME",
        sql::text(schema)
    );
    connect::all(conn, side, || format!("listing the tables of `{schema}`"), &query).await
}

type TableRow = (String, String, Option<String>, Option<u64>, Option<u64>, Option<String>, Option<u64>);
type ColumnRow = (String, String, String, String, Option<String>, Option<String>, String, String, Option<String>);

/// Looks at those tables of some schemas that are wanted; in the order of the schemas. Each is asked for by itself, since MariaDB opens the
/// tables of all others else, and many at a time.
pub(super) async fn look(
    conn: &mut Conn,
    side: Side,
    server: &Server,
    schemas: &[String],
    wanted: impl Fn(&str, &str) -> bool + Send + Sync,
) -> Result<Vec<SchemaShape>, Fault> {
    let doing = |at: usize| format!("looking at the tables of `{}`", schemas[at]);
    let queries =
        |query: &dyn Fn(String) -> String| -> Vec<String> { schemas.iter().map(|schema| query(sql::text(schema))).collect() };
    let query = |own| {
        format!(
            "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH, TABLE_COLLATION, AUTO_INCREMENT FROM \
             information_schema.TABLES WHERE TABLE_SCHEMA = {own} ORDER BY TABLE_NAME"
        )
    };
    let rows: Vec<Vec<TableRow>> = connect::each(conn, side, doing, &queries(&query)).await?;
    let query = |own| {
        format!(
            "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, EXTRA, IS_NULLABLE, \
             GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {own} ORDER BY TABLE_NAME, ORDINAL_POSITION"
        )
    };
    let columns: Vec<Vec<ColumnRow>> = connect::each(conn, side, doing, &queries(&query)).await?;
    let hidden = hidden(server);
    let query = |own| {
        format!(
            "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART, COLLATION, INDEX_TYPE, {hidden} FROM information_schema.STATISTICS \
             WHERE TABLE_SCHEMA = {own} AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
        )
    };
    let keys: Vec<Vec<KeyRow>> = connect::each(conn, side, doing, &queries(&query)).await?;
    // A trigger is in the schema of its table, and by that name of it MariaDB does not look through all schemas.
    let query = |own| {
        format!(
            "SELECT 'trigger', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {own} \
             UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {own} \
             UNION ALL SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {own}"
        )
    };
    let others: Vec<Vec<(String, String)>> = connect::each(conn, side, doing, &queries(&query)).await?;
    let parts = schemas.iter().zip(rows).zip(columns).zip(keys).zip(others);
    Ok(parts
        .map(|((((schema, rows), columns), keys), others)| {
            let mut found = shaped(schema, rows, columns_of(columns), keys_of(keys), |table| wanted(schema, table));
            found.others.extend(others);
            found
        })
        .collect())
}

/// Puts together what is known of the tables of a schema that are wanted.
fn shaped(
    schema: &str,
    rows: Vec<TableRow>,
    mut columns: HashMap<String, Vec<Column>>,
    mut keys: HashMap<String, Keys>,
    wanted: impl Fn(&str) -> bool,
) -> SchemaShape {
    let mut found = SchemaShape::default();
    for (table, kind, engine, rows, bytes, collation, next_number) in rows.into_iter().filter(|row| wanted(&row.0)) {
        if kind != "BASE TABLE" && kind != "SYSTEM VERSIONED" {
            found.others.push((kind.to_lowercase(), table));
            continue;
        }
        // Its rows are those of other tables, which are copied as what they are.
        if engine.as_deref().is_some_and(|engine| engine.eq_ignore_ascii_case("MRG_MYISAM")) {
            found.others.push(("merge table".to_owned(), table));
            continue;
        }
        let columns = columns.remove(&table).unwrap_or_default();
        let keys = keys.remove(&table).unwrap_or_default();
        let (key, has_unique) = best_key(&columns, &keys);
        found.tables.push(Shape {
            schema: schema.to_owned(),
            table,
            engine: engine.unwrap_or_default(),
            collation,
            columns,
            key,
            has_unique,
            rows_estimated: rows.unwrap_or(0),
            bytes_estimated: bytes.unwrap_or(0),
            next_number,
            system_versioned: kind == "SYSTEM VERSIONED",
        });
    }
    found
}

fn columns_of(rows: Vec<ColumnRow>) -> HashMap<String, Vec<Column>> {
    let mut columns: HashMap<String, Vec<Column>> = HashMap::new();
    for (table, name, kind, type_text, charset, collation, extra, nullable, expression) in rows {
        let generated = expression.is_some_and(|text| !text.is_empty()) || is_generated(&extra);
        let kind = kind_of(&kind, &type_text, charset.as_deref());
        let nullable = nullable == "YES";
        columns.entry(table).or_default().push(Column { name, kind, type_text, collation, nullable, generated });
    }
    columns
}

/// `DEFAULT_GENERATED` is another thing: a default that is an expression.
pub(super) fn is_generated(extra: &str) -> bool {
    let extra = extra.to_uppercase();
    ["VIRTUAL GENERATED", "STORED GENERATED", "PERSISTENT GENERATED"].iter().any(|words| extra.contains(words))
}

pub(super) fn kind_of(data_type: &str, type_text: &str, charset: Option<&str>) -> Kind {
    let charset = || match charset {
        Some("utf8") => "utf8mb3".to_owned(),
        Some(name) => name.to_owned(),
        None => "utf8mb4".to_owned(),
    };
    match data_type.to_lowercase().as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "year" => Kind::Number,
        "float" | "double" => Kind::Float,
        "bit" => Kind::Bit,
        "date" => Kind::Date,
        "datetime" | "timestamp" => Kind::DateTime,
        "time" => Kind::Time,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "set" | "json" => Kind::Text(charset()),
        "enum" => Kind::Enum(
            charset(),
            type_text.contains("('',") || type_text.contains(",'',") || type_text.contains(",'')") || type_text.contains("('')"),
        ),
        "uuid" | "inet4" | "inet6" | "xmltype" => Kind::Text("utf8mb4".to_owned()),
        _ => Kind::Bytes,
    }
}

/// A part of a key: its column, whether only a prefix counts, whether it goes down.
type KeyPart = (String, bool, bool);
/// The name of a key, whether its order can be used, and its parts.
type Keys = BTreeMap<(u8, String), (bool, Vec<KeyPart>)>;

/// A condition on keys that the optimizer may not use: they can't be forced on it.
fn hidden(server: &Server) -> &'static str {
    match server.flavor {
        Flavor::MariaDb if server.version >= (10, 6, 0) => "IGNORED = 'YES'",
        Flavor::MySql if server.version >= (8, 0, 0) => "IS_VISIBLE = 'NO'",
        _ => "FALSE",
    }
}

type KeyRow = (String, String, Option<String>, Option<u64>, Option<String>, String, Option<u8>);

fn keys_of(rows: Vec<KeyRow>) -> HashMap<String, Keys> {
    let mut keys: HashMap<String, Keys> = HashMap::new();
    for (table, index, column, prefix, collation, index_type, hidden) in rows {
        let rank = u8::from(index != "PRIMARY");
        let entry = keys.entry(table).or_default().entry((rank, index)).or_insert((true, Vec::new()));
        entry.0 &= index_type == "BTREE" && hidden != Some(1);
        entry.1.push((column.unwrap_or_default(), prefix.is_some(), collation.as_deref() != Some("A")));
    }
    keys
}

/// The first key by which every row can be named and found: unique, without NULL, in an order that literals keep.
fn best_key(columns: &[Column], keys: &Keys) -> (Option<Key>, bool) {
    let copied: Vec<&Column> = columns.iter().filter(|column| !column.generated).collect();
    let mut has_unique = false;
    for ((_, index), (usable, parts)) in keys {
        let found: Option<Vec<usize>> =
            parts.iter().map(|(name, ..)| copied.iter().position(|column| column.name == *name)).collect();
        let named: Option<Vec<&Column>> =
            parts.iter().map(|(name, ..)| columns.iter().find(|column| column.name == *name)).collect();
        if !named.is_some_and(|columns| columns.iter().all(|column| !column.nullable)) {
            continue;
        }
        has_unique = true;
        let Some(places) = found.filter(|_| *usable) else { continue };
        let plain = parts.iter().all(|(_, prefix, down)| !prefix && !down);
        if plain && places.iter().all(|place| orders_as_written(copied[*place])) {
            return (Some(Key { index: index.clone(), columns: places }), true);
        }
    }
    (None, has_unique)
}

/// Whether the order of the column is the one in which it is compared with a literal. ENUM and SET are sorted by their numbers and
/// compared by their texts.
fn orders_as_written(column: &Column) -> bool {
    let word = column.word();
    match &column.kind {
        Kind::Number | Kind::Bit | Kind::Date | Kind::DateTime | Kind::Time => true,
        Kind::Text(_) => matches!(word, "char" | "varchar"),
        Kind::Bytes => matches!(word, "binary" | "varbinary"),
        Kind::Float | Kind::Enum(..) => false,
    }
}
