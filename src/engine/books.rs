//! What is kept on the target, so that a copy can go on after a fault: three tables a task, in its meta schema.
//!
//! `sources`: the moment of the snapshot of each source, and whether it is through. `targets`: how each target table came to be.
//! `tables`: how far each table of a source is. The rows of a table and its place here change in one transaction.

use mysql_async::Conn;

use super::connect;
use super::error::{Fault, Side};
use super::position::Moment;
use super::sql;
use crate::model::subtask::SubtaskSpec;

/// How a target table came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is about to be made: what stands there is a leftover of ours.
    Making,
    /// The task made it.
    Made,
    /// The task found it without rows.
    Empty,
    /// It had rows before.
    Held,
}

impl Origin {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Made => "made",
            Self::Empty => "empty",
            Self::Held => "held",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "making" => Self::Making,
            "made" => Self::Made,
            "empty" => Self::Empty,
            _ => Self::Held,
        }
    }
}

/// How far a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) target: (String, String),
    /// Goes up each time that the target table is emptied: who holds an older number must not write.
    pub(super) generation: u64,
    /// Transactions since then.
    pub(super) chunks: u64,
    /// The key of the last row that is there, as literals; none before the first, and for a table without a key.
    pub(super) last_key: Option<String>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) done: bool,
}

impl Entry {
    /// Whether anything of it is in the target.
    pub(super) const fn is_begun(&self) -> bool {
        self.chunks > 0 || self.done
    }
}

/// What is known of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceEntry {
    pub(super) moment: Moment,
    pub(super) finished: bool,
}

/// The names of the tables, and which source this is about.
#[derive(Debug, Clone)]
pub(super) struct Books {
    pub(super) schema: String,
    pub(super) source: String,
    stem: String,
    lock: String,
}

/// The most bytes of a task's name that fit before the rest of a table's name.
const LONGEST_STEM: usize = 44;

impl Books {
    /// The books of a subtask.
    pub(super) fn of(spec: &SubtaskSpec) -> Self {
        let task = spec.task.as_str();
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-');
        let mark = mark(format!("{}/{task}", spec.meta_schema).as_bytes());
        let stem = if task.len() <= LONGEST_STEM && task.chars().all(plain) {
            task.to_owned()
        } else {
            // Servers differ in the letters and in the length that they take, and some in whether capitals count.
            let start: String = task.chars().filter(|letter| letter.is_ascii_alphanumeric()).take(24).collect();
            format!("{}_{mark}", start.to_lowercase())
        };
        Self { schema: spec.meta_schema.clone(), source: spec.source.to_string(), stem, lock: format!("dmctl-{mark}") }
    }

    fn name(&self, which: &str) -> String {
        sql::table(&self.schema, &format!("{}_dmctl_{which}", self.stem))
    }

    /// Makes the schema of the books.
    pub(super) async fn open_schema(&self, conn: &mut Conn) -> Result<(), Fault> {
        self.execute(conn, &format!("CREATE DATABASE IF NOT EXISTS {}", sql::name(&self.schema))).await
    }

    /// Makes the tables that are missing.
    pub(super) async fn open(&self, conn: &mut Conn) -> Result<(), Fault> {
        let statements = [
            format!(
                "CREATE TABLE IF NOT EXISTS {} (source VARCHAR(64) NOT NULL PRIMARY KEY, server VARCHAR(512) NOT NULL, \
                 binlog_file VARCHAR(512) NOT NULL, binlog_offset BIGINT UNSIGNED NOT NULL, gtid_set LONGTEXT NOT NULL, \
                 finished TINYINT NOT NULL) {}",
                self.name("sources"),
                OPTIONS
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {} (target_schema VARCHAR(64) NOT NULL, target_table VARCHAR(64) NOT NULL, \
                 origin VARCHAR(16) NOT NULL, to_be_emptied TINYINT NOT NULL, PRIMARY KEY (target_schema, target_table)) {}",
                self.name("targets"),
                OPTIONS
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {} (source VARCHAR(64) NOT NULL, schema_name VARCHAR(64) NOT NULL, \
                 table_name VARCHAR(64) NOT NULL, target_schema VARCHAR(64) NOT NULL, target_table VARCHAR(64) NOT NULL, \
                 generation BIGINT UNSIGNED NOT NULL, chunks BIGINT UNSIGNED NOT NULL, last_key LONGTEXT, \
                 rows_done BIGINT UNSIGNED NOT NULL, bytes_done BIGINT UNSIGNED NOT NULL, done TINYINT NOT NULL, \
                 PRIMARY KEY (source, schema_name, table_name), KEY target (target_schema, target_table)) {}",
                self.name("tables"),
                OPTIONS
            ),
        ];
        for statement in statements {
            self.execute(conn, &statement).await?;
        }
        Ok(())
    }

    /// What is known of the source.
    pub(super) async fn source(&self, conn: &mut Conn) -> Result<Option<SourceEntry>, Fault> {
        let query = format!(
            "SELECT server, binlog_file, binlog_offset, gtid_set, finished FROM {} WHERE source = {}",
            self.name("sources"),
            sql::text(&self.source)
        );
        let row: Option<(String, String, u64, String, bool)> = connect::first(conn, Side::Target, doing, &query).await?;
        Ok(row.map(|(server, file, offset, gtid_set, finished)| SourceEntry {
            moment: Moment { server, file, offset, gtid_set },
            finished,
        }))
    }

    /// Keeps the moment of the source.
    pub(super) async fn keep_moment(&self, conn: &mut Conn, moment: &Moment) -> Result<(), Fault> {
        let statement = format!(
            "REPLACE INTO {} VALUES ({}, {}, {}, {}, {}, 0)",
            self.name("sources"),
            sql::text(&self.source),
            sql::text(&moment.server),
            sql::text(&moment.file),
            moment.offset,
            sql::text(&moment.gtid_set)
        );
        self.execute(conn, &statement).await
    }

    /// All tables of the source.
    pub(super) async fn entries(&self, conn: &mut Conn) -> Result<Vec<Entry>, Fault> {
        self.select(conn, &format!("source = {}", sql::text(&self.source))).await
    }

    /// One of them.
    pub(super) async fn entry(&self, conn: &mut Conn, schema: &str, table: &str) -> Result<Option<Entry>, Fault> {
        Ok(self.select(conn, &self.is(schema, table)).await?.pop())
    }

    async fn select(&self, conn: &mut Conn, condition: &str) -> Result<Vec<Entry>, Fault> {
        type Row = (String, String, String, String, u64, u64, Option<String>, u64, u64, bool);
        let query = format!(
            "SELECT schema_name, table_name, target_schema, target_table, generation, chunks, last_key, rows_done, bytes_done, done \
             FROM {} WHERE {condition}",
            self.name("tables")
        );
        let rows: Vec<Row> = connect::all(conn, Side::Target, doing, &query).await?;
        let entries = rows.into_iter().map(|(schema, table, to, name, generation, chunks, last_key, rows, bytes, done)| Entry {
            schema,
            table,
            target: (to, name),
            generation,
            chunks,
            last_key,
            rows,
            bytes,
            done,
        });
        Ok(entries.collect())
    }

    fn is(&self, schema: &str, table: &str) -> String {
        format!(
            "source = {} AND schema_name = {} AND table_name = {}",
            sql::text(&self.source),
            sql::text(schema),
            sql::text(table)
        )
    }

    /// Makes an entry for a table, if there is none.
    pub(super) async fn add(&self, conn: &mut Conn, schema: &str, table: &str, target: &(String, String)) -> Result<(), Fault> {
        let statement = format!(
            "INSERT IGNORE INTO {} VALUES ({}, {}, {}, {}, {}, 0, 0, NULL, 0, 0, 0)",
            self.name("tables"),
            sql::text(&self.source),
            sql::text(schema),
            sql::text(table),
            sql::text(&target.0),
            sql::text(&target.1)
        );
        self.execute(conn, &statement).await
    }

    /// The statement that moves a table on by one transaction. It changes one row, or none if somebody else was faster.
    pub(super) fn advance(&self, entry: &Entry, rows: u64, bytes: u64, end: Option<&str>, done: bool) -> String {
        format!(
            "UPDATE {} SET chunks = chunks + 1, last_key = {}, rows_done = rows_done + {rows}, bytes_done = bytes_done + {bytes}, \
             done = {} WHERE {} AND generation = {} AND chunks = {}",
            self.name("tables"),
            sql::text_or_null(end.or(entry.last_key.as_deref())),
            u8::from(done),
            self.is(&entry.schema, &entry.table),
            entry.generation,
            entry.chunks
        )
    }

    /// How many tables, of all sources, go into a target table.
    pub(super) async fn sharers(&self, conn: &mut Conn, target: &(String, String)) -> Result<u64, Fault> {
        let query = format!("SELECT COUNT(*) FROM {} WHERE {}", self.name("tables"), is_target(target));
        Ok(connect::first(conn, Side::Target, doing, &query).await?.unwrap_or(0))
    }

    /// How a target table came to be, and whether it waits to be emptied.
    pub(super) async fn target(&self, conn: &mut Conn, target: &(String, String)) -> Result<Option<(Origin, bool)>, Fault> {
        let query = format!("SELECT origin, to_be_emptied FROM {} WHERE {}", self.name("targets"), is_target(target));
        let row: Option<(String, bool)> = connect::first(conn, Side::Target, doing, &query).await?;
        Ok(row.map(|(origin, emptied)| (Origin::from_word(&origin), emptied)))
    }

    /// Keeps how a target table came to be. It does not wait to be emptied any more.
    pub(super) async fn keep_target(&self, conn: &mut Conn, target: &(String, String), origin: Origin) -> Result<(), Fault> {
        let statement = format!(
            "REPLACE INTO {} VALUES ({}, {}, '{}', 0)",
            self.name("targets"),
            sql::text(&target.0),
            sql::text(&target.1),
            origin.word()
        );
        self.execute(conn, &statement).await
    }

    /// Forgets how a target table came to be.
    pub(super) async fn drop_target(&self, conn: &mut Conn, target: &(String, String)) -> Result<(), Fault> {
        let statement = format!("DELETE FROM {} WHERE {}", self.name("targets"), is_target(target));
        self.execute(conn, &statement).await
    }

    /// Sources, other than this one, that are through and have rows in a target table.
    pub(super) async fn finished_sharers(&self, conn: &mut Conn, target: &(String, String)) -> Result<Vec<String>, Fault> {
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
    pub(super) async fn start_over(&self, conn: &mut Conn, targets: &[(String, String)]) -> Result<(), Fault> {
        self.execute(conn, "START TRANSACTION").await?;
        for target in targets {
            let condition = is_target(target);
            let statement = format!(
                "UPDATE {} SET generation = generation + 1, chunks = 0, last_key = NULL, rows_done = 0, bytes_done = 0, done = 0 \
                 WHERE {condition}",
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

    /// Takes out the tables of this source that are not among these.
    pub(super) async fn keep_only(&self, conn: &mut Conn, tables: &[(String, String)]) -> Result<(), Fault> {
        for entry in self.entries(conn).await? {
            if !tables.iter().any(|(schema, table)| *schema == entry.schema && *table == entry.table) {
                let statement = format!("DELETE FROM {} WHERE {}", self.name("tables"), self.is(&entry.schema, &entry.table));
                self.execute(conn, &statement).await?;
            }
        }
        Ok(())
    }

    /// The source is through, unless a table of it is not. Whether it is.
    pub(super) async fn finish(&self, conn: &mut Conn) -> Result<bool, Fault> {
        let source = sql::text(&self.source);
        let statement = format!(
            "UPDATE {} SET finished = 1 WHERE source = {source} AND NOT EXISTS (SELECT 1 FROM {} t WHERE t.source = {source} AND t.done = 0)",
            self.name("sources"),
            self.name("tables")
        );
        self.execute(conn, &statement).await?;
        Ok(self.source(conn).await?.is_some_and(|source| source.finished))
    }

    /// Takes out this source, and with the last one the tables themselves.
    pub(super) async fn forget(&self, conn: &mut Conn) -> Result<(), Fault> {
        let query = format!(
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME IN ({}, {}, {})",
            sql::text(&self.schema),
            sql::text(&format!("{}_dmctl_sources", self.stem)),
            sql::text(&format!("{}_dmctl_targets", self.stem)),
            sql::text(&format!("{}_dmctl_tables", self.stem))
        );
        let count: Option<u64> = connect::first(conn, Side::Target, doing, &query).await?;
        if count == Some(3) {
            let source = sql::text(&self.source);
            for which in ["tables", "sources"] {
                self.execute(conn, &format!("DELETE FROM {} WHERE source = {source}", self.name(which))).await?;
            }
            let query = format!("SELECT COUNT(*) FROM {}", self.name("sources"));
            let others: Option<u64> = connect::first(conn, Side::Target, doing, &query).await?;
            if others != Some(0) {
                return Ok(());
            }
        }
        for which in ["tables", "targets", "sources"] {
            self.execute(conn, &format!("DROP TABLE IF EXISTS {}", self.name(which))).await?;
        }
        Ok(())
    }

    /// Waits until nobody else makes or empties tables for this task. The lock goes with the connection.
    pub(super) async fn lock(&self, conn: &mut Conn) -> Result<(), Fault> {
        let query = format!("SELECT GET_LOCK({}, 60)", sql::text(&self.lock));
        let got: Option<Option<i64>> = connect::first(conn, Side::Target, doing, &query).await?;
        if got.flatten() == Some(1) {
            return Ok(());
        }
        Err(Fault::Busy("another source of the task is making tables in the target".to_owned()))
    }

    /// Lets the next one in.
    pub(super) async fn unlock(&self, conn: &mut Conn) -> Result<(), Fault> {
        self.execute(conn, &format!("DO RELEASE_LOCK({})", sql::text(&self.lock))).await
    }

    async fn execute(&self, conn: &mut Conn, statement: &str) -> Result<(), Fault> {
        connect::execute(conn, Side::Target, || format!("keeping the books of the task in `{}`", self.schema), statement).await
    }
}

/// Names are compared byte by byte, as on a source where capitals count.
const OPTIONS: &str = "ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin";

fn is_target(target: &(String, String)) -> String {
    format!("target_schema = {} AND target_table = {}", sql::text(&target.0), sql::text(&target.1))
}

fn doing() -> String {
    "reading the books of the task".to_owned()
}

/// A short mark of a name (FNV-1a): the same on every machine and in every version.
fn mark(bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}
