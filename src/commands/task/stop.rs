//! `dmctl task stop`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::duration::GoDuration;
use crate::model::{SourceName, TaskName};
use crate::output::Reply;

/// What to stop.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task stop task-1\n  dmctl task stop task-1 --source mysql-01,mysql-02 --timeout 60s")]
pub struct Stop {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Only on these sources
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// How long running transactions may take to end before they are cut off
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    timeout: GoDuration,
    /// Return as soon as the cluster has accepted the change
    #[arg(long)]
    no_wait: bool,
    /// How long to wait for it to take effect, as in 90s or 1h30m
    #[arg(long, value_name = "DURATION", conflicts_with = "no_wait")]
    wait_timeout: Option<GoDuration>,
}

impl Stop {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("task stop"))
    }
}
