//! `dmctl relay stop`.

use clap::Args;

use super::super::Context;
use super::wait;
use crate::exit::Failure;
use crate::model::{SourceName, WorkerName};
use crate::output::Reply;

/// Where to keep no relay log any more.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl relay stop mysql-01\n  dmctl relay stop mysql-01 --worker-name worker-2")]
pub struct Stop {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// On this worker instead of the one that serves the source
    #[arg(long, value_name = "WORKER", value_delimiter = ',')]
    worker_name: Vec<WorkerName>,
}

impl Stop {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        wait::operate(context, &self.name, &self.worker_name, false).await
    }
}
