//! What a cluster says of itself: members, sources, subtasks and locks, in the same terms over either protocol.
//!
//! Positions are kept as DM's own text: they are shown as they came, and a form that a newer DM invents must not hide a row.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DmError, LockId, MasterName, SourceName, SubtaskStage, TaskName, WorkerName};

/// Which step of its work a subtask is in (`pb.UnitType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The checks before the work.
    Check,
    /// Reading the source's rows.
    Dump,
    /// Writing them to the target.
    Load,
    /// Following the binlog.
    Sync,
}

impl Unit {
    /// DM's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Check => "Check",
            Self::Dump => "Dump",
            Self::Load => "Load",
            Self::Sync => "Sync",
        }
    }
}

/// How far a dump is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dump {
    /// Tables to read.
    pub total_tables: i64,
    /// Tables read.
    pub completed_tables: f64,
    /// Bytes read.
    pub finished_bytes: f64,
    /// Rows read.
    pub finished_rows: f64,
    /// Rows to read, as the server estimates them; 0 when it does not say.
    pub estimated_rows: f64,
    /// Bytes a second; 0 below version 6.4.
    pub bytes_per_second: i64,
}

/// How far a load is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Load {
    /// Bytes written.
    pub finished_bytes: i64,
    /// Bytes to write.
    pub total_bytes: i64,
    /// Bytes a second; 0 below version 6.4.
    pub bytes_per_second: i64,
    /// The binlog position that the data was read at, in DM's text.
    pub position: String,
    /// The GTID set of the same moment.
    pub gtid_set: String,
    /// What a DM inside tells of it beyond that; a real DM does not.
    pub copied: Option<Box<Copied>>,
}

/// How far a copy is, in the words of a DM inside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Copied {
    /// Tables to copy.
    pub tables_total: u64,
    /// Tables copied.
    pub tables_done: u64,
    /// Rows that are in the target.
    pub rows_done: u64,
    /// Rows that there are, as far as the source can tell.
    pub rows_estimated: u64,
    /// Rows a second, lately.
    pub rows_per_second: u64,
    /// Why it waits, where it does.
    pub waiting: Option<String>,
    /// What the user should know, such as what was left out.
    pub notes: Vec<String>,
    /// The tables that are begun and not done.
    pub tables: Vec<CopiedTable>,
}

/// How far the copy of a table is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CopiedTable {
    /// Its schema in the source.
    pub schema: String,
    /// Its name in the source.
    pub table: String,
    /// Rows that are in the target.
    pub rows_done: u64,
    /// Rows that there are, as far as the source can tell.
    pub rows_estimated: u64,
}

/// A sharding group with DDLs that not every source has reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardingGroup {
    /// The quoted table of the target.
    pub target: String,
    /// The statements that wait.
    pub ddls: Vec<String>,
    /// The tables that have reached them.
    pub synced: Vec<String>,
    /// Those that have not.
    pub unsynced: Vec<String>,
}

/// How a sync goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sync {
    /// The end of the source's binlog, in DM's text.
    pub source_position: String,
    /// The GTID set of the same.
    pub source_gtid_set: String,
    /// What is applied, in DM's text; `(, 4)` before the first event.
    pub applied_position: String,
    /// The GTID set of the same.
    pub applied_gtid_set: String,
    /// DDLs that wait for other sources.
    pub blocking_ddls: Vec<String>,
    /// Groups of tables that wait.
    pub unresolved_groups: Vec<ShardingGroup>,
    /// Everything that the source has is applied.
    pub synced: bool,
    /// `local` (relay log), `remote` or `unknown`.
    pub binlog_type: String,
    /// Seconds that the target is behind the source.
    pub lag_seconds: i64,
    /// Rows applied since the start; `None` below version 6.4.
    pub total_rows: Option<i64>,
    /// Rows applied a second, lately; events below version 6.4.
    pub rows_per_second: i64,
    /// The optimistic lock's trouble, if there is one.
    pub conflict: Option<String>,
}

/// What a unit says of its own progress.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Nothing.
    None,
    /// It dumps.
    Dump(Dump),
    /// It loads.
    Load(Load),
    /// It syncs.
    Sync(Box<Sync>),
}

/// One subtask: a task on one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Subtask {
    /// The task it is part of.
    pub task: TaskName,
    /// The source it reads.
    pub source: SourceName,
    /// The worker it runs on.
    pub worker: Option<WorkerName>,
    /// What it does.
    pub stage: SubtaskStage,
    /// DM's own word for that.
    pub server_stage: String,
    /// The step it is in.
    pub unit: Option<Unit>,
    /// How far it is.
    pub progress: Progress,
    /// The DDL lock that it waits for.
    pub lock: Option<LockId>,
    /// Why it is stopped.
    pub errors: Vec<DmError>,
    /// A user has stopped it, so that DM does not start it again by itself.
    pub stopped_by_user: bool,
}

impl Subtask {
    /// Whether it stays as it is without being told: DM starts one again by itself that an error has stopped.
    #[must_use]
    pub const fn rests(&self) -> bool {
        match self.stage {
            SubtaskStage::Finished | SubtaskStage::Stopped => true,
            SubtaskStage::Paused => self.errors.is_empty() || self.stopped_by_user,
            _ => false,
        }
    }
}

/// The relay log of a source on one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// What it does.
    pub stage: SubtaskStage,
    /// The folder with the files, below the worker's relay folder.
    pub sub_dir: String,
    /// The end of the source's binlog, in DM's text.
    pub source_position: String,
    /// The GTID set of the same.
    pub source_gtid_set: String,
    /// What the relay log holds, in DM's text.
    pub relay_position: String,
    /// The GTID set of the same.
    pub relay_gtid_set: String,
    /// It holds all that the source has.
    pub caught_up: bool,
    /// Why it is stopped.
    pub errors: Vec<DmError>,
}

/// What one worker says of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerReport {
    /// The worker.
    pub worker: Option<WorkerName>,
    /// Its relay log, if it keeps one.
    pub relay: Option<Relay>,
    /// Errors of the source itself.
    pub errors: Vec<DmError>,
    /// The subtasks it runs, all or those of the task asked for.
    pub subtasks: Vec<Subtask>,
}

/// What came back when a source was asked for its status.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceReport {
    /// The source.
    pub source: SourceName,
    /// One report a worker; those that could not be had say why.
    pub reports: Vec<Result<WorkerReport, Silence>>,
}

/// Why nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The worker that did not answer, as far as it is known.
    pub worker: Option<WorkerName>,
    /// The reason.
    pub reason: DmError,
}

impl Silence {
    /// Whether no worker serves the source, so that nothing can run there.
    #[must_use]
    pub fn is_unbound(&self) -> bool {
        self.reason.code == Some(38029)
    }
}

/// A worker, as the master's memory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Its name.
    pub name: WorkerName,
    /// Where it listens.
    pub address: String,
    /// `offline`, `free`, `bound` or `relay`.
    pub state: String,
    /// The source it serves.
    pub source: Option<SourceName>,
}

/// A master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Master {
    /// Its name.
    pub name: MasterName,
    /// It answers.
    pub alive: bool,
    /// Where clients reach it.
    pub client_urls: Vec<String>,
}

/// Who belongs to a cluster; what was not asked for is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    /// The leader's name and address.
    pub leader: Option<(MasterName, String)>,
    /// All masters.
    pub masters: Vec<Master>,
    /// All workers.
    pub workers: Vec<Worker>,
    /// What went wrong while they were listed.
    pub troubles: Vec<String>,
}

/// What a master knows of a task without asking a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskOutline {
    /// Its name.
    pub name: TaskName,
    /// `full`, `incremental`, `all` ...
    pub mode: Option<Arc<str>>,
    /// The sources it reads.
    pub sources: Vec<SourceName>,
    /// Where it writes to, as `host:port`; `None` where that is not told.
    pub target: Option<Arc<str>>,
}

/// What a master knows of a source without asking a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOutline {
    /// Its name.
    pub name: SourceName,
    /// Where the upstream listens.
    pub address: Option<String>,
    /// `mysql` or `mariadb`.
    pub flavor: Option<String>,
    /// Tasks may run on it; `None` where the protocol does not tell.
    pub enabled: Option<bool>,
    /// It keeps a relay log; `None` where the protocol does not tell.
    pub relay: Option<bool>,
}

/// A shard DDL lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DdlLock {
    /// Its name.
    pub id: LockId,
    /// The task it holds up.
    pub task: TaskName,
    /// `pessimistic` or `optimistic`.
    pub mode: String,
    /// The source that executes the statements.
    pub owner: String,
    /// The statements.
    pub ddls: Vec<String>,
    /// Who has reached them.
    pub synced: Vec<String>,
    /// Who has not.
    pub unsynced: Vec<String>,
}
