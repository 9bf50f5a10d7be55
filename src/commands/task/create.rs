//! `dmctl task create`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::unavailable;
use crate::exit::Failure;
use crate::output::Reply;

/// What to create.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task create task-1.yaml\n  dmctl task create task-1.yaml && dmctl task start task-1")]
pub struct Create {
    /// The task file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Send it also when parts of the file can't be carried, and list them
    #[arg(long)]
    lossy: bool,
}

impl Create {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("task create"))
    }
}
