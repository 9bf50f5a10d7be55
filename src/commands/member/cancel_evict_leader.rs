//! `dmctl member cancel-evict-leader`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::MasterName;
use crate::output::Reply;

/// Who may lead again.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl member cancel-evict-leader master-1\n  dmctl member cancel-evict-leader master-1 --format json"
)]
pub struct CancelEvictLeader {
    /// The master
    #[arg(value_name = "MASTER")]
    name: MasterName,
}

impl CancelEvictLeader {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("member cancel-evict-leader"))
    }
}
