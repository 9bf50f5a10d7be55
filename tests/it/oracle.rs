//! What a table holds, in the server's own words: an answer that no code of the engine has touched.

use mysql_async::prelude::Queryable as _;

use super::servers::Server;

/// A column, and how its value is brought into letters that are the same on every server.
fn expression(name: &str, data_type: &str) -> String {
    let name = format!("`{}`", name.replace('`', "``"));
    match data_type {
        // A float on its own is shown with six digits; a sum of doubles is shown by MySQL with one too few.
        "float" => format!("CONCAT({name} + 0e0)"),
        "double" => format!("CONCAT({name})"),
        "bit" => format!("CONCAT({name} + 0)"),
        "enum" | "set" => format!("CONCAT({name} | 0, ':', HEX({name}))"),
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "year" | "date" | "datetime" | "timestamp"
        | "time" => {
            format!("CAST({name} AS CHAR)")
        }
        "json" | "uuid" | "inet6" | "inet4" => format!("HEX(CAST({name} AS CHAR CHARACTER SET utf8mb4))"),
        _ => format!("HEX({name})"),
    }
}

/// All rows of a table, sorted, with all columns, also those that `*` does not show.
pub async fn rows(server: &Server, schema: &str, table: &str) -> Vec<String> {
    select(server, schema, table, |row| row).await
}

/// A sum of each row, sorted: enough to see whether two tables differ, and far less to carry.
async fn sums(server: &Server, schema: &str, table: &str) -> Vec<String> {
    select(server, schema, table, |row| format!("SHA2({row}, 256)")).await
}

/// How many rows a table has and two sums over all of them, for tables too large to be carried.
pub async fn digest(server: &Server, schema: &str, table: &str) -> (u64, String, String) {
    let row = expression_of_row(server, schema, table).await;
    let part = |from: u8| format!("CAST(CONV(SUBSTR(SHA2({row}, 256), {from}, 15), 16, 10) AS UNSIGNED)");
    let query = format!(
        "SELECT COUNT(*), CAST(COALESCE(BIT_XOR({}), 0) AS CHAR), CAST(COALESCE(SUM({}), 0) AS CHAR) FROM {schema}.{table}",
        part(1),
        part(16)
    );
    server.connect().await.query_first(query).await.unwrap().unwrap()
}

async fn select(server: &Server, schema: &str, table: &str, of: impl Fn(String) -> String) -> Vec<String> {
    let row = of(expression_of_row(server, schema, table).await);
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let query = format!("SELECT {row} FROM {}.{}", quoted(schema), quoted(table));
    let mut rows: Vec<String> = server.connect().await.query(query).await.unwrap();
    rows.sort();
    rows
}

/// All columns of a row in one text.
async fn expression_of_row(server: &Server, schema: &str, table: &str) -> String {
    let mut conn = server.connect().await;
    let query = "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";
    let columns: Vec<(String, String)> = conn.exec(query, (schema, table)).await.unwrap();
    assert!(!columns.is_empty(), "there is no {schema}.{table}");
    let parts: Vec<String> =
        columns.iter().map(|(name, kind)| format!("COALESCE({}, 'null')", expression(name, &kind.to_lowercase()))).collect();
    format!("CONCAT_WS('|', {})", parts.join(", "))
}

/// The tables of a schema.
pub async fn tables(server: &Server, schema: &str) -> Vec<String> {
    let mut conn = server.connect().await;
    let query = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'";
    let mut tables: Vec<String> = conn.exec(query, (schema,)).await.unwrap();
    tables.sort();
    tables
}

/// Fails unless two schemas have the same tables with the same rows.
pub async fn assert_same(from: &Server, schema: &str, to: &Server, target_schema: &str) {
    let (own, theirs) = (tables(from, schema).await, tables(to, target_schema).await);
    assert_eq!(own, theirs, "{:?} -> {:?}: the tables of {schema} differ", from.family, to.family);
    for table in own {
        assert_same_table(from, (schema, &table), to, (target_schema, &table)).await;
    }
}

/// Fails unless two tables have the same rows.
pub async fn assert_same_table(from: &Server, own: (&str, &str), to: &Server, theirs: (&str, &str)) {
    if sums(from, own.0, own.1).await == sums(to, theirs.0, theirs.1).await {
        return;
    }
    let (left, right) = (rows(from, own.0, own.1).await, rows(to, theirs.0, theirs.1).await);
    let differs = left.iter().zip(&right).find(|(left, right)| left != right);
    let about = format!("{:?} -> {:?}: {own:?} and {theirs:?}", from.family, to.family);
    if let Some((left, right)) = differs {
        let cut = |text: &str| text.chars().take(2000).collect::<String>();
        panic!("{about} differ:\n{}\n{}", cut(left), cut(right));
    }
    assert_eq!(left.len(), right.len(), "{about} have not as many rows");
    panic!("{about} differ by their sums");
}
