//! `dmctl source enable`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::output::Reply;

/// What to enable.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source enable mysql-01\n  dmctl source enable mysql-01 --format json")]
pub struct Enable {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
}

impl Enable {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("source enable"))
    }
}
