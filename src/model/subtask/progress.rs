//! How far a subtask is, and how it ends.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::DmError;
use super::super::status::{Copied, CopiedTable, Load, Progress, Unit};

/// How far a subtask is. It is cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubtaskProgress {
    /// The step it is in.
    pub unit: Unit,
    /// Tables to copy.
    pub tables_total: u64,
    /// Tables copied.
    pub tables_done: u64,
    /// Rows that are in the target.
    pub rows_done: u64,
    /// Rows that there are, as far as the source can tell; never less than what is done.
    pub rows_estimated: u64,
    /// Bytes of these rows that are in the target.
    pub bytes_done: u64,
    /// Bytes that there are, likewise.
    pub bytes_estimated: u64,
    /// Rows a second, lately.
    pub rows_per_second: u64,
    /// Bytes a second, lately.
    pub bytes_per_second: u64,
    /// The binlog position of the snapshot, in DM's text; empty where the source has no binlog.
    pub position: String,
    /// The GTID set of the same moment.
    pub gtid_set: String,
    /// Why it waits, where a fault that may pass is in the way.
    pub waiting: Option<String>,
    /// What the user should know, such as what was left out.
    pub notes: Arc<[String]>,
    /// Tables that are begun and not copied, in the order of the source: the first [`TABLES_TOLD`] of them.
    pub tables: Arc<[CopiedTable]>,
}

impl Default for SubtaskProgress {
    fn default() -> Self {
        Self {
            unit: Unit::Load,
            tables_total: 0,
            tables_done: 0,
            rows_done: 0,
            rows_estimated: 0,
            bytes_done: 0,
            bytes_estimated: 0,
            rows_per_second: 0,
            bytes_per_second: 0,
            position: String::new(),
            gtid_set: String::new(),
            waiting: None,
            notes: Arc::from([]),
            tables: Arc::from([]),
        }
    }
}

/// What is worth keeping of how far a subtask was when it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    tables_total: u64,
    tables_done: u64,
    rows_done: u64,
    rows_estimated: u64,
    bytes_done: u64,
    bytes_estimated: u64,
    position: String,
    gtid_set: String,
    notes: Vec<String>,
}

impl From<&SubtaskProgress> for Figures {
    fn from(progress: &SubtaskProgress) -> Self {
        Self {
            tables_total: progress.tables_total,
            tables_done: progress.tables_done,
            rows_done: progress.rows_done,
            rows_estimated: progress.rows_estimated,
            bytes_done: progress.bytes_done,
            bytes_estimated: progress.bytes_estimated,
            position: progress.position.clone(),
            gtid_set: progress.gtid_set.clone(),
            notes: progress.notes.to_vec(),
        }
    }
}

impl From<&Figures> for SubtaskProgress {
    fn from(figures: &Figures) -> Self {
        Self {
            tables_total: figures.tables_total,
            tables_done: figures.tables_done,
            rows_done: figures.rows_done,
            rows_estimated: figures.rows_estimated,
            bytes_done: figures.bytes_done,
            bytes_estimated: figures.bytes_estimated,
            position: figures.position.clone(),
            gtid_set: figures.gtid_set.clone(),
            notes: figures.notes.iter().cloned().collect(),
            ..Self::default()
        }
    }
}

impl SubtaskProgress {
    /// What DM has no words for.
    fn copied(&self) -> Copied {
        Copied {
            tables_total: self.tables_total,
            tables_done: self.tables_done,
            rows_done: self.rows_done,
            rows_estimated: self.rows_estimated,
            rows_per_second: self.rows_per_second,
            waiting: self.waiting.clone(),
            notes: self.notes.to_vec(),
            tables: self.tables.to_vec(),
        }
    }

    /// The same in the terms in which a cluster is asked.
    #[must_use]
    pub fn as_status(&self) -> Progress {
        Progress::Load(Load {
            finished_bytes: whole(self.bytes_done),
            total_bytes: whole(self.bytes_estimated),
            bytes_per_second: whole(self.bytes_per_second),
            position: self.position.clone(),
            gtid_set: self.gtid_set.clone(),
            copied: Some(Box::new(self.copied())),
        })
    }
}

/// As many tables that are being copied are told at most.
pub const TABLES_TOLD: usize = 20;

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Who wants to know how far a subtask is.
pub trait Reporter: Send + Sync {
    /// Takes the news. It must not wait for anything.
    fn progress(&self, progress: SubtaskProgress);

    /// Takes what belongs into a log: how something is done. It must not wait for anything.
    fn says(&self, _what: &str) {}
}

impl<T: Fn(SubtaskProgress) + Send + Sync> Reporter for T {
    fn progress(&self, progress: SubtaskProgress) {
        self(progress);
    }
}

/// How a subtask ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubtaskEnd {
    /// All is copied.
    Finished,
    /// It was asked to stop.
    Stopped,
    /// Something that does not pass by itself.
    Failed(Vec<DmError>),
}
