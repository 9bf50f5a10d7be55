//! `dmctl source delete`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::output::Reply;

/// What to delete.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source delete mysql-01\n  dmctl source delete mysql-01 --force --yes")]
pub struct Delete {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// Delete it also while tasks read from it, with their subtasks
    #[arg(long)]
    force: bool,
}

impl Delete {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("source delete"))
    }
}
