//! `dmctl source update`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::output::Reply;

/// What to change.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl source update mysql-01 mysql-01.yaml\n  dmctl source get mysql-01 --output mysql-01.yaml"
)]
pub struct Update {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// The source file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Send it also when that resets settings that the REST API can't carry, and list them
    #[arg(long)]
    lossy: bool,
}

impl Update {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("source update"))
    }
}
