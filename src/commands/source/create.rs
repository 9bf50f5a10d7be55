//! `dmctl source create`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::unavailable;
use crate::exit::Failure;
use crate::output::Reply;

/// What to create.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl source create mysql-01.yaml\n  dmctl source create mysql-01.yaml && dmctl source status mysql-01"
)]
pub struct Create {
    /// The source file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

impl Create {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("source create"))
    }
}
