//! What is kept on the target, so that a copy can go on after a fault: three tables a task, in its meta schema.
//!
//! `sources`: the moment of the snapshot of each source, and whether it is through. `targets`: how each target table came to be, and which
//! indexes it still lacks. `tables`: how far each table of a source is, one row a range of its key; the ranges of a table always make up
//! the whole of it. Rows and the place of their range here change in one transaction.

mod ranges;
mod targets;

use mysql_async::Conn;

use super::connect;
use super::error::{Fault, Side};
use super::position::Moment;
use super::sql;
use crate::model::subtask::SubtaskSpec;

pub(super) use ranges::{Entry, by_table, tables_of};
pub(super) use targets::{Late, Origin};

/// The ranges of all tables of a source, and the target tables that lack indexes.
pub(super) type Progress = (Vec<Entry>, Vec<(String, String)>);

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
        Self { schema: spec.meta_schema.clone(), source: spec.source.to_string(), stem, lock: mark }
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
                 origin VARCHAR(16) NOT NULL, to_be_emptied TINYINT NOT NULL, late_indexes LONGTEXT, PRIMARY KEY (target_schema, target_table)) {}",
                self.name("targets"),
                OPTIONS
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {} (source VARCHAR(64) NOT NULL, schema_name VARCHAR(64) NOT NULL, \
                 table_name VARCHAR(64) NOT NULL, number INT UNSIGNED NOT NULL, target_schema VARCHAR(64) NOT NULL, target_table VARCHAR(64) NOT NULL, \
                 generation BIGINT UNSIGNED NOT NULL, chunks BIGINT UNSIGNED NOT NULL, last_key LONGTEXT, to_key LONGTEXT, \
                 rows_done BIGINT UNSIGNED NOT NULL, bytes_done BIGINT UNSIGNED NOT NULL, done TINYINT NOT NULL, \
                 PRIMARY KEY (source, schema_name, table_name, number), KEY target (target_schema, target_table)) {}",
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

    /// The source is through, unless a table of it is not, or still lacks indexes. Whether it is.
    pub(super) async fn finish(&self, conn: &mut Conn) -> Result<bool, Fault> {
        let source = sql::text(&self.source);
        let (tables, targets) = (self.name("tables"), self.name("targets"));
        let statement = format!(
            "UPDATE {} SET finished = 1 WHERE source = {source} AND NOT EXISTS (SELECT 1 FROM {tables} t LEFT JOIN {targets} g ON \
             g.target_schema = t.target_schema AND g.target_table = t.target_table \
             WHERE t.source = {source} AND (t.done = 0 OR g.late_indexes IS NOT NULL))",
            self.name("sources"),
        );
        self.execute(conn, &statement).await?;
        Ok(self.source(conn).await?.is_some_and(|source| source.finished))
    }

    /// Whether all tables of the books are there.
    pub(super) async fn are_there(&self, conn: &mut Conn) -> Result<bool, Fault> {
        let query = format!(
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME IN ({}, {}, {})",
            sql::text(&self.schema),
            sql::text(&format!("{}_dmctl_sources", self.stem)),
            sql::text(&format!("{}_dmctl_targets", self.stem)),
            sql::text(&format!("{}_dmctl_tables", self.stem))
        );
        let count: Option<u64> = connect::first(conn, Side::Target, doing, &query).await?;
        Ok(count == Some(3))
    }

    /// Takes out this source, and with the last one the tables themselves.
    pub(super) async fn forget(&self, conn: &mut Conn) -> Result<(), Fault> {
        if self.are_there(conn).await? {
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

    /// Waits until nobody else makes or empties these tables for this task. The locks go with the connection.
    pub(super) async fn lock(&self, conn: &mut Conn, targets: &[(String, String)]) -> Result<(), Fault> {
        for lock in self.locks(targets) {
            let got: Option<Option<i64>> =
                connect::first(conn, Side::Target, doing, &format!("SELECT GET_LOCK({lock}, 60)")).await?;
            if got.flatten() != Some(1) {
                return Err(Fault::Busy("another source of the task is making tables in the target".to_owned()));
            }
        }
        Ok(())
    }

    /// Lets the next one in.
    pub(super) async fn unlock(&self, conn: &mut Conn, targets: &[(String, String)]) -> Result<(), Fault> {
        let locks: Vec<String> = self.locks(targets).into_iter().map(|lock| format!("RELEASE_LOCK({lock})")).collect();
        if locks.is_empty() { Ok(()) } else { self.execute(conn, &format!("DO {}", locks.join(", "))).await }
    }

    /// A lock for each table, as texts. All take them in one order, so that no two wait for each other.
    fn locks(&self, targets: &[(String, String)]) -> Vec<String> {
        let lock = |(schema, table): &(String, String)| {
            sql::text(&format!("dmctl-{}", mark(format!("{}/{schema}/{table}", self.lock).as_bytes())))
        };
        let mut locks: Vec<String> = targets.iter().map(lock).collect();
        locks.sort();
        locks.dedup();
        locks
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
