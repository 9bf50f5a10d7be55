//! How far each table of a source is, range by range.

use std::collections::{HashMap, HashSet};

use mysql_async::Conn;

use super::{Books, Progress, doing, is_target};
use crate::engine::connect;
use crate::engine::error::{Fault, Side};
use crate::engine::sql;

/// How many tables are entered with one statement.
const ADDED_AT_ONCE: usize = 500;

/// How far a range of a table is. A table that is not cut has one, of all its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Entry {
    pub(in crate::engine) schema: String,
    pub(in crate::engine) table: String,
    /// The number of the range, from zero.
    pub(in crate::engine) number: u32,
    pub(in crate::engine) target: (String, String),
    /// Goes up each time that the target table is emptied: who holds an older number must not write.
    pub(in crate::engine) generation: u64,
    /// Transactions since then.
    pub(in crate::engine) chunks: u64,
    /// The key behind which it goes on, as literals: that of the last row that is there, or of the end of the range before; none at the
    /// start of a table, and for a table without a key.
    pub(in crate::engine) last_key: Option<String>,
    /// The key of the last row that belongs to it; none for the end of the table.
    pub(in crate::engine) to_key: Option<String>,
    pub(in crate::engine) rows: u64,
    pub(in crate::engine) bytes: u64,
    pub(in crate::engine) done: bool,
}

impl Entry {
    /// Whether anything of it is known to be in the target.
    pub(in crate::engine) const fn is_begun(&self) -> bool {
        self.chunks > 0 || self.done
    }
}

/// The ranges of each table, which stand together.
pub(in crate::engine) fn tables_of(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    entries.chunk_by(|a, b| (&a.schema, &a.table) == (&b.schema, &b.table))
}

/// The ranges of a table by its schema and its name.
pub(in crate::engine) fn by_table(entries: &[Entry]) -> HashMap<(&str, &str), &[Entry]> {
    tables_of(entries).map(|own| ((own[0].schema.as_str(), own[0].table.as_str()), own)).collect()
}

impl Books {
    /// All ranges of all tables of the source, in order.
    pub(in crate::engine) async fn entries(&self, conn: &mut Conn) -> Result<Vec<Entry>, Fault> {
        self.select(conn, &format!("source = {}", sql::text(&self.source))).await
    }

    /// How far all of it is.
    pub(in crate::engine) async fn progress(&self, conn: &mut Conn) -> Result<Progress, Fault> {
        Ok((self.entries(conn).await?, self.lacking(conn).await?))
    }

    /// Those of one table.
    pub(in crate::engine) async fn ranges(&self, conn: &mut Conn, schema: &str, table: &str) -> Result<Vec<Entry>, Fault> {
        self.select(conn, &self.is(schema, table)).await
    }

    /// One of them, as it is now.
    pub(in crate::engine) async fn range(&self, conn: &mut Conn, entry: &Entry) -> Result<Option<Entry>, Fault> {
        Ok(self.select(conn, &self.is_range(entry)).await?.pop())
    }

    async fn select(&self, conn: &mut Conn, condition: &str) -> Result<Vec<Entry>, Fault> {
        type Row = (String, String, u32, String, String, u64, u64, Option<String>, Option<String>, u64, u64, bool);
        let query = format!(
            "SELECT schema_name, table_name, number, target_schema, target_table, generation, chunks, last_key, to_key, rows_done, \
             bytes_done, done FROM {} WHERE {condition} ORDER BY schema_name, table_name, number",
            self.name("tables")
        );
        let rows: Vec<Row> = connect::all(conn, Side::Target, doing, &query).await?;
        let entry = |(schema, table, number, to, name, generation, chunks, last_key, to_key, rows, bytes, done): Row| Entry {
            schema,
            table,
            number,
            target: (to, name),
            generation,
            chunks,
            last_key,
            to_key,
            rows,
            bytes,
            done,
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    fn is(&self, schema: &str, table: &str) -> String {
        format!(
            "source = {} AND schema_name = {} AND table_name = {}",
            sql::text(&self.source),
            sql::text(schema),
            sql::text(table)
        )
    }

    fn is_range(&self, entry: &Entry) -> String {
        format!("{} AND number = {}", self.is(&entry.schema, &entry.table), entry.number)
    }

    /// Makes a range of all rows for each table that has none: schema, table, and the table of the target.
    pub(in crate::engine) async fn add(&self, conn: &mut Conn, tables: &[(&str, &str, &(String, String))]) -> Result<(), Fault> {
        let source = sql::text(&self.source);
        for tables in tables.chunks(ADDED_AT_ONCE) {
            let rows: Vec<String> = tables
                .iter()
                .map(|(schema, table, target)| {
                    format!(
                        "({source}, {}, {}, 0, {}, {}, 0, 0, NULL, NULL, 0, 0, 0)",
                        sql::text(schema),
                        sql::text(table),
                        sql::text(&target.0),
                        sql::text(&target.1)
                    )
                })
                .collect();
            self.execute(conn, &format!("INSERT IGNORE INTO {} VALUES {}", self.name("tables"), rows.join(", "))).await?;
        }
        Ok(())
    }

    /// The statement that moves a range on by one transaction. It changes one row, or none if somebody else was faster.
    pub(in crate::engine) fn advance(&self, entry: &Entry, rows: u64, bytes: u64, end: Option<&str>, done: bool) -> String {
        format!(
            "UPDATE {} SET chunks = chunks + 1, last_key = {}, rows_done = rows_done + {rows}, bytes_done = bytes_done + {bytes}, \
             done = {} WHERE {}",
            self.name("tables"),
            sql::text_or_null(end.or(entry.last_key.as_deref())),
            u8::from(done),
            self.is_still(entry),
        )
    }

    /// A range that nobody has moved.
    fn is_still(&self, entry: &Entry) -> String {
        format!("{} AND generation = {} AND chunks = {}", self.is_range(entry), entry.generation, entry.chunks)
    }

    /// Cuts the last range of a table, of which nothing is written, behind a key. The new last range; none if somebody else has moved it.
    pub(in crate::engine) async fn cut(&self, conn: &mut Conn, entry: &Entry, key: &str) -> Result<Option<Entry>, Fault> {
        let rest = Entry {
            number: entry.number + 1,
            last_key: Some(key.to_owned()),
            to_key: None,
            chunks: 0,
            rows: 0,
            bytes: 0,
            ..entry.clone()
        };
        self.execute(conn, "START TRANSACTION").await?;
        let statement = format!(
            "UPDATE {} SET to_key = {} WHERE {} AND to_key IS NULL AND done = 0",
            self.name("tables"),
            sql::text(key),
            self.is_still(entry)
        );
        self.execute(conn, &statement).await?;
        if conn.affected_rows() != 1 {
            self.execute(conn, "ROLLBACK").await?;
            return Ok(None);
        }
        let statement = format!(
            "INSERT INTO {} VALUES ({}, {}, {}, {}, {}, {}, {}, 0, {}, NULL, 0, 0, 0)",
            self.name("tables"),
            sql::text(&self.source),
            sql::text(&rest.schema),
            sql::text(&rest.table),
            rest.number,
            sql::text(&rest.target.0),
            sql::text(&rest.target.1),
            rest.generation,
            sql::text(key)
        );
        self.execute(conn, &statement).await?;
        self.execute(conn, "COMMIT").await?;
        Ok(Some(rest))
    }

    /// How many tables, of all sources, go into a target table.
    pub(in crate::engine) async fn sharers(&self, conn: &mut Conn, target: &(String, String)) -> Result<u64, Fault> {
        let query = format!("SELECT COUNT(*) FROM {} WHERE {} AND number = 0", self.name("tables"), is_target(target));
        Ok(connect::first(conn, Side::Target, doing, &query).await?.unwrap_or(0))
    }

    /// Sources, other than this one, that are through and have rows in a target table.
    pub(in crate::engine) async fn finished_sharers(
        &self,
        conn: &mut Conn,
        target: &(String, String),
    ) -> Result<Vec<String>, Fault> {
        let query = format!(
            "SELECT DISTINCT t.source FROM {} t JOIN {} s ON s.source = t.source WHERE {} AND t.source <> {} AND s.finished = 1",
            self.name("tables"),
            self.name("sources"),
            is_target(target),
            sql::text(&self.source)
        );
        connect::all(conn, Side::Target, doing, &query).await
    }

    /// In one transaction: all tables of all sources that go into these target tables begin anew, each of these waits to be emptied,
    /// and this source is not through.
    pub(in crate::engine) async fn start_over(&self, conn: &mut Conn, targets: &[(String, String)]) -> Result<(), Fault> {
        self.execute(conn, "START TRANSACTION").await?;
        for target in targets {
            let condition = is_target(target);
            self.execute(conn, &format!("DELETE FROM {} WHERE {condition} AND number > 0", self.name("tables"))).await?;
            let statement = format!(
                "UPDATE {} SET generation = generation + 1, chunks = 0, last_key = NULL, to_key = NULL, rows_done = 0, bytes_done = 0, \
                 done = 0 WHERE {condition}",
                self.name("tables")
            );
            self.execute(conn, &statement).await?;
            let statement = format!("UPDATE {} SET to_be_emptied = 1 WHERE {condition}", self.name("targets"));
            self.execute(conn, &statement).await?;
        }
        let statement = format!("UPDATE {} SET finished = 0 WHERE source = {}", self.name("sources"), sql::text(&self.source));
        self.execute(conn, &statement).await?;
        self.execute(conn, "COMMIT").await
    }

    /// Takes out the tables of this source that are not among these. `entries` is what the books have.
    pub(in crate::engine) async fn keep_only(
        &self,
        conn: &mut Conn,
        entries: &[Entry],
        tables: &HashSet<(&str, &str)>,
    ) -> Result<(), Fault> {
        for own in tables_of(entries) {
            let (schema, table) = (own[0].schema.as_str(), own[0].table.as_str());
            if !tables.contains(&(schema, table)) {
                self.execute(conn, &format!("DELETE FROM {} WHERE {}", self.name("tables"), self.is(schema, table))).await?;
            }
        }
        Ok(())
    }
}
