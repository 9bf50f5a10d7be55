//! `dmctl task update`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::TaskName;
use crate::output::Reply;

/// What to change.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task update task-1 task-1.yaml\n  dmctl task get task-1 --output task-1.yaml")]
pub struct Update {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// The task file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Send it also when parts of the file can't be carried, and list them
    #[arg(long)]
    lossy: bool,
}

impl Update {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("task update"))
    }
}
