//! `dmctl source get`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::Context;
use super::configuration_reply;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::output::Reply;

/// What to show.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source get mysql-01\n  dmctl source get mysql-01 --output mysql-01.yaml")]
pub struct Get {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// Write it to this file, readable by you only, instead of showing it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
}

impl Get {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let configuration = context.client.source_configuration(&self.name).await?;
        configuration_reply(configuration, self.output.as_deref(), context)
    }
}
