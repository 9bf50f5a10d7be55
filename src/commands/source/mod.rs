//! `dmctl source`.

mod create;
mod delete;
mod disable;
mod enable;
mod get;
mod list;
mod status;
mod transfer;
mod update;

use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};

use super::document::SourceDocument;
use super::{Context, file};
use crate::api::Configuration;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::output::{Block, Cell, Document, Reply};

/// The verbs of a source.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// Create a source
    Create(create::Create),
    /// Change a source to what a file says
    Update(update::Update),
    /// Delete a source
    Delete(delete::Delete),
    /// Show a source's configuration as a file that `create` takes
    Get(get::Get),
    /// List the sources of the cluster
    List(list::List),
    /// Show how a source does: its worker, relay log and subtasks
    Status(status::Status),
    /// Enable a disabled source; its tasks start
    Enable(enable::Enable),
    /// Disable a source; its running subtasks stop
    Disable(disable::Disable),
    /// Move a source to a free worker
    Transfer(transfer::Transfer),
}

/// Runs a verb.
pub(super) async fn run(verb: Source, context: &Context<'_>) -> Result<Reply, Failure> {
    match verb {
        Source::Create(create) => create.run(context).await,
        Source::Update(update) => update.run(context).await,
        Source::Delete(delete) => delete.run(context).await,
        Source::Get(get) => get.run(context).await,
        Source::List(list) => list.run(context).await,
        Source::Status(status) => status.run(context).await,
        Source::Enable(enable) => enable.run(context).await,
        Source::Disable(disable) => disable.run(context).await,
        Source::Transfer(transfer) => transfer.run(context).await,
    }
}

impl Source {
    /// What a verb that changes something is called.
    pub(super) const fn change(&self) -> Option<&'static str> {
        match self {
            Self::Get(_) | Self::List(_) | Self::Status(_) => None,
            Self::Create(_) => Some("source create"),
            Self::Update(_) => Some("source update"),
            Self::Delete(_) => Some("source delete"),
            Self::Enable(_) => Some("source enable"),
            Self::Disable(_) => Some("source disable"),
            Self::Transfer(_) => Some("source transfer"),
        }
    }
}

/// The name of the source in a file, which every good file has.
fn name_of(document: &SourceDocument) -> SourceName {
    SourceName::seen(document.file.source_id.as_ref().map(|name| name.value.clone()).unwrap_or_default())
}

/// The tasks that read from a source, as far as the masters' memory tells.
async fn tasks_of(source: &SourceName, context: &Context<'_>) -> Result<Vec<String>, Failure> {
    let tasks = context.client.tasks().await?.unwrap_or_default();
    let mut names: Vec<String> =
        tasks.into_iter().filter(|task| task.sources.contains(source)).map(|task| task.name.to_string()).collect();
    names.sort();
    Ok(names)
}

/// Sees that sources named in a filter exist.
pub(super) async fn require_known(sources: &[SourceName], context: &Context<'_>) -> Result<(), Failure> {
    if sources.is_empty() {
        return Ok(());
    }
    let (known, why) = context.client.sources_as_far_as_known().await?;
    match (sources.iter().find(|source| !known.iter().any(|outline| outline.name == **source)), why) {
        (None, _) => Ok(()),
        // It may be one of those that could not be had.
        (Some(_), Some(why)) => Err(why.into()),
        (Some(stranger), None) => {
            Err(Failure::refused(format!("source `{stranger}` does not exist")).hinted("`dmctl source list` shows what there is"))
        }
    }
}

/// A configuration as an answer: shown, or written to a file.
pub(super) fn configuration_reply(
    configuration: Configuration,
    output: Option<&Path>,
    context: &Context<'_>,
) -> Result<Reply, Failure> {
    let mut reply = match output {
        None => {
            let value: Value = serde_yaml::from_str(&configuration.yaml).map_err(|error| {
                Failure::refused("the configuration that came back is not valid YAML").because(error.to_string())
            })?;
            Reply::of(&value, Document::from(Block::Verbatim(configuration.yaml)))
        }
        Some(path) => {
            file::write(path, &configuration.yaml, context.yes)?;
            let document = Document::from(Block::Line(Cell::from(format!("written to {}", path.display()))));
            Reply::of(&json!({ "result": true, "output": path.display().to_string() }), document)
        }
    };
    for loss in configuration.losses {
        reply = reply.noting(format!("DM does not tell these, write them in by hand if the file needs them: {loss}"));
    }
    Ok(reply)
}
