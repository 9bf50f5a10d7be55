//! `dmctl task create`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::Value;

use super::super::change::{Changed, Part};
use super::super::{Context, document};
use super::{check, definition};
use crate::api::{Error, Made, Taken, unroutable};
use crate::exit::Failure;
use crate::model::{SourceName, TaskName};
use crate::output::Reply;

/// What to create.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task create task-1.yaml\n  dmctl task create task-1.yaml && dmctl task start task-1")]
pub struct Create {
    /// The task file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Create it also when parts of the file can't be carried, and list them
    #[arg(long)]
    lossy: bool,
}

impl Create {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let mut document = document::read_task(&self.file)?;
        let name = definition::name(&document);
        refuse_unroutable(&name, &document)?;
        let takes_files = definition::takes_files(context, "task create").await?;
        document.fill_tls()?;
        let document = definition::fill_password(document, None, context).await?;
        let definition = definition::of(&document, takes_files, self.lossy, context).await?;
        if let Some(reply) = context.rehearsal(&format!("create task `{name}`")) {
            return Ok(definition.notes.into_iter().fold(reply, Reply::noting));
        }
        let made = context
            .client
            .create_task(&name, &definition.body, definition.text.as_deref())
            .await
            .map_err(|error| cured(error, &name))?;
        let sources = definition::sources(&document);
        Ok(taken(&format!("task `{name}` is created, and stopped"), &sources, &made, definition.notes)
            .reply()
            .then(Some(format!("task start {}", super::quoted(&name)))))
    }
}

/// A name that other clients could not reach, and some versions of DM not either.
fn refuse_unroutable(name: &TaskName, document: &document::TaskDocument) -> Result<(), Failure> {
    match unroutable(name) {
        None => Ok(()),
        Some(why) => Err(document
            .failure_at(definition::place_of_name(document), &format!("most clients could not reach a task named `{name}`"))
            .because(why)
            .hinted("choose another name; nothing was sent")),
    }
}

/// What to do about a task that DM refuses.
fn cured(error: Error, name: &TaskName) -> Failure {
    let code = error.code();
    let failure = refused(error);
    match code {
        Some(46014) => failure.hinted(format!("`dmctl task update {} FILE` changes it", super::quoted(name))),
        Some(46009) => failure.hinted("`dmctl source list` shows which source no worker serves"),
        _ => failure,
    }
}

/// A change of a task with nothing but its sources to tell.
pub(super) fn changed(message: &str, sources: &[SourceName]) -> Changed {
    Changed::new(message).with(sources.iter().map(Part::of))
}

/// A task that was taken, with what the cluster's checks found.
pub(super) fn taken(message: &str, sources: &[SourceName], made: &Made<Taken>, notes: Vec<String>) -> Changed {
    let mut changed = changed(message, sources).seen(*made == Made::Seen);
    let mut check = Value::Null;
    if let Made::Told(taken) = made {
        if let Some((value, blocks)) = check::findings(&taken.check_result) {
            check = value;
            changed = blocks.into_iter().fold(changed, Changed::showing);
        }
        changed = taken.notes.iter().fold(changed, Changed::noting);
    }
    notes.into_iter().fold(changed.telling("check", check), Changed::noting)
}

/// A refusal, with the checks that failed taken apart.
pub(super) fn refused(error: Error) -> Failure {
    match error {
        Error::Refused(said) if said.code == Some(26005) => check::failed(said),
        error => Failure::from(error),
    }
}
