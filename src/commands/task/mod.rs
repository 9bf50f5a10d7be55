//! `dmctl task`.

mod check;
mod create;
mod delete;
mod get;
mod list;
mod start;
mod status;
mod stop;
mod update;

use clap::Subcommand;

use super::Context;
use crate::exit::Failure;
use crate::output::Reply;

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
}

/// Runs a verb.
pub(super) async fn run(verb: Task, context: &Context<'_>) -> Result<Reply, Failure> {
    match verb {
        Task::Check(check) => check.run(context).await,
        Task::Create(create) => create.run(),
        Task::Update(update) => update.run(),
        Task::Delete(delete) => delete.run(),
        Task::Get(get) => get.run(context).await,
        Task::List(list) => list.run(context).await,
        Task::Status(status) => status.run(context).await,
        Task::Start(start) => start.run(),
        Task::Stop(stop) => stop.run(),
    }
}
