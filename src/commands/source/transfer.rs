//! `dmctl source transfer`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::{SourceName, WorkerName};
use crate::output::Reply;

/// What to move, and where to.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl source transfer mysql-01 worker-2\n  dmctl source transfer mysql-01 worker-2 --format json"
)]
pub struct Transfer {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// The worker to move it to; it must be free
    #[arg(value_name = "WORKER")]
    worker: WorkerName,
}

impl Transfer {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("source transfer"))
    }
}
