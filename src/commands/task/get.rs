//! `dmctl task get`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::Context;
use crate::commands::source::configuration_reply;
use crate::exit::Failure;
use crate::model::TaskName;
use crate::output::Reply;

/// What to show.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task get task-1\n  dmctl task get task-1 --output task-1.yaml")]
pub struct Get {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Write it to this file, readable by you only, instead of showing it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Show the target's password instead of ****** (needs the REST API)
    #[arg(long)]
    show_secrets: bool,
}

impl Get {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let mut configuration = context.client.task_configuration(&self.name).await?;
        if self.show_secrets {
            let secrets = context.client.task_secrets(&self.name).await?;
            configuration = configuration.with_target_password(&secrets);
        }
        configuration_reply(configuration, self.output.as_deref(), context)
    }
}
