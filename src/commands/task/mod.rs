//! `dmctl task`.

mod carried;
mod check;
mod create;
mod definition;
mod delete;
mod get;
mod list;
mod remove_meta;
mod start;
mod status;
mod stop;
mod update;
mod verify;

pub(crate) use status::WATCH_EVERY;

use std::borrow::Cow;

use clap::Subcommand;

use super::Context;
use crate::exit::Failure;
use crate::model::{TaskName, Version};
use crate::output::Reply;
use crate::words;

/// The verbs of a task, in the order of its life.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Check whether a task file could run
    Check(check::Check),
    /// Create a task, stopped
    Create(create::Create),
    /// Change a stopped task to what a file says
    Update(update::Update),
    /// Delete a task, with all that DM remembers of it
    Delete(delete::Delete),
    /// Show a task's configuration as a file that `create` takes
    Get(get::Get),
    /// List the tasks of the cluster
    List(list::List),
    /// Show how a task does, on each of its sources
    Status(status::Status),
    /// Start a task, or go on with a stopped one
    Start(start::Start),
    /// Stop a task
    Stop(stop::Stop),
    /// Compare what a task has copied with its sources, row by row
    Verify(verify::Verify),
}

/// Runs a verb.
pub(super) async fn run(verb: Task, context: &Context<'_>) -> Result<Reply, Failure> {
    match verb {
        Task::Check(check) => check.run(context).await,
        Task::Create(create) => create.run(context).await,
        Task::Update(update) => update.run(context).await,
        Task::Delete(delete) => delete.run(context).await,
        Task::Get(get) => get.run(context).await,
        Task::List(list) => list.run(context).await,
        Task::Status(status) => status.run(context).await,
        Task::Start(start) => start.run(context).await,
        Task::Stop(stop) => stop.run(context).await,
        Task::Verify(verify) => verify.run(context).await,
    }
}

impl Task {
    /// What a verb that changes something is called.
    pub(super) const fn change(&self) -> Option<&'static str> {
        match self {
            Self::Check(_) | Self::Get(_) | Self::List(_) | Self::Status(_) | Self::Verify(_) => None,
            Self::Create(_) => Some("task create"),
            Self::Update(_) => Some("task update"),
            Self::Delete(_) => Some("task delete"),
            Self::Start(_) => Some("task start"),
            Self::Stop(_) => Some("task stop"),
        }
    }
}

/// A name as it is typed into a shell.
pub(super) fn quoted(name: &TaskName) -> Cow<'_, str> {
    words::quote(name.as_str()).unwrap_or(Cow::Borrowed(name.as_str()))
}

/// Sees that the cluster obeys options that DM below 6.1 takes and ignores.
async fn require_options_are_obeyed(option: &str, context: &Context<'_>) -> Result<(), Failure> {
    match context.client.version().await? {
        Some(version) if version < Version::new(6, 1) => {
            Err(Failure::refused(format!("DM {version} takes `{option}` and ignores it"))
                .because("nothing was sent")
                .hinted("leave it out, or upgrade the cluster to 6.1 or later"))
        }
        _ => Ok(()),
    }
}
