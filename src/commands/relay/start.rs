//! `dmctl relay start`.

use clap::Args;

use super::super::Context;
use super::wait;
use crate::exit::Failure;
use crate::model::{SourceName, WorkerName};
use crate::output::Reply;

/// Where to keep a relay log.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl relay start mysql-01\n  dmctl relay start mysql-01 --worker-name worker-2")]
pub struct Start {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// On this worker instead of the one that serves the source
    #[arg(long, value_name = "WORKER", value_delimiter = ',')]
    worker_name: Vec<WorkerName>,
}

impl Start {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        wait::operate(context, &self.name, &self.worker_name, true).await
    }
}
