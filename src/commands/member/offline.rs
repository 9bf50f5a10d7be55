//! `dmctl member offline`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::MemberName;
use crate::output::Reply;

/// Whom to take out.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl member offline worker-2\n  dmctl member offline master-3 --yes")]
pub struct Offline {
    /// The master or worker; it must be shut down
    #[arg(value_name = "MEMBER")]
    name: MemberName,
}

impl Offline {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("member offline"))
    }
}
