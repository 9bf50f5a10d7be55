//! `dmctl task start`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::duration::GoDuration;
use crate::model::{SourceName, TaskName};
use crate::output::Reply;

/// What to start.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl task start task-1\n  dmctl task start task-1 --source mysql-01 --start-time '2026-01-31 08:00:00'"
)]
pub struct Start {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Only on these sources
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// Forget how far the task is and copy everything again
    #[arg(long)]
    remove_meta: bool,
    /// Read the binlog from this time on, in the time zone of the source, as in '2026-01-31 08:00:00'
    #[arg(long, value_name = "TIME")]
    start_time: Option<String>,
    /// How long to apply changes in safe mode after the start, as in 60s
    #[arg(long, value_name = "DURATION")]
    safe_mode_time_duration: Option<GoDuration>,
    /// Return as soon as the cluster has accepted the change
    #[arg(long)]
    no_wait: bool,
    /// How long to wait for it to take effect, as in 90s or 1h30m
    #[arg(long, value_name = "DURATION", conflicts_with = "no_wait")]
    wait_timeout: Option<GoDuration>,
}

impl Start {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("task start"))
    }
}
