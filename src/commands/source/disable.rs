//! `dmctl source disable`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::output::Reply;

/// What to disable.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source disable mysql-01\n  dmctl source disable mysql-01 --yes")]
pub struct Disable {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
}

impl Disable {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("source disable"))
    }
}
