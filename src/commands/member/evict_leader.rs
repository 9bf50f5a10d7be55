//! `dmctl member evict-leader`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::MasterName;
use crate::output::Reply;

/// Who must not lead.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl member evict-leader master-1\n  dmctl member evict-leader master-1 --yes")]
pub struct EvictLeader {
    /// The master
    #[arg(value_name = "MASTER")]
    name: MasterName,
}

impl EvictLeader {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("member evict-leader"))
    }
}
