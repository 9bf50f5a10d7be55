//! `dmctl ddl-lock unlock`.

use clap::{Args, ValueEnum};

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::{LockId, SourceName};
use crate::output::Reply;

/// What becomes of a statement that waits.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Action {
    /// Leave it out
    Skip,
    /// Execute it
    Exec,
}

/// What to unlock, and how.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl ddl-lock unlock 'task-1-`shop`.`orders`'\n  dmctl ddl-lock unlock 'task-1-`shop`.`orders`' --source mysql-01 --database shop --table orders --action skip"
)]
pub struct Unlock {
    /// The lock, as `ddl-lock list` shows it
    #[arg(value_name = "LOCK")]
    id: LockId,
    /// The source whose part of an optimistic lock is resolved
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// The database of that source
    #[arg(long, value_name = "DATABASE")]
    database: Option<String>,
    /// The table of that source
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Whether its statement is skipped or executed
    #[arg(long, value_name = "ACTION", value_enum)]
    action: Option<Action>,
    /// The source that executes the statement of a pessimistic lock, instead of the lock's owner
    #[arg(long, value_name = "SOURCE")]
    owner: Option<SourceName>,
    /// Remove the lock also when its owner fails to execute the statement
    #[arg(long)]
    force_remove: bool,
}

impl Unlock {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("ddl-lock unlock"))
    }
}
