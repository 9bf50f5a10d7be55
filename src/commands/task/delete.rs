//! `dmctl task delete`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::TaskName;
use crate::model::duration::GoDuration;
use crate::output::Reply;

/// What to delete.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task delete task-1\n  dmctl task delete task-1 --yes --force")]
pub struct Delete {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Delete it also while it runs, or while its target can't be reached
    #[arg(long)]
    force: bool,
    /// Return as soon as the cluster has accepted the change
    #[arg(long)]
    no_wait: bool,
    /// How long to wait for it to take effect, as in 90s or 1h30m
    #[arg(long, value_name = "DURATION", conflicts_with = "no_wait")]
    wait_timeout: Option<GoDuration>,
}

impl Delete {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("task delete"))
    }
}
