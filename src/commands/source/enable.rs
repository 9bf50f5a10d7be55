//! `dmctl source enable`.

use clap::Args;

use super::super::Context;
use super::super::change::{Changed, Part};
use crate::api::{Error, Made};
use crate::exit::Failure;
use crate::model::SourceName;
use crate::output::Reply;

/// What to enable.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source enable mysql-01\n  dmctl source enable mysql-01 --format json")]
pub struct Enable {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
}

impl Enable {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let enabled = context.client.source_is_enabled(&self.name).await.map_err(|error| needs_rest(error, "source enable"))?;
        if enabled == Some(true) {
            return Ok(Changed::new(format!("source `{}` is enabled already; nothing was sent", self.name))
                .with([Part::of(&self.name)])
                .telling("starts", Vec::<String>::new())
                .reply());
        }
        // DM starts them all, also those that were stopped before the source was disabled.
        let tasks = super::tasks_of(&self.name, context).await?;
        if let Some(reply) = context.rehearsal(&format!(
            "enable source `{}`{}",
            self.name,
            starting(&tasks).replace(", and DM starts on it", ", which starts")
        )) {
            return Ok(reply);
        }
        let (tasks, told, seen) = match context.client.enable_source(&self.name, true).await? {
            Made::Told(Some(started)) => {
                (started.clone(), starting(&started).replace("and DM starts on it", "which starts"), false)
            }
            Made::Told(None) => (tasks.clone(), starting(&tasks), false),
            Made::Seen => (tasks.clone(), starting(&tasks), true),
        };
        Ok(Changed::new(format!("source `{}` is enabled{told}", self.name))
            .with([Part::of(&self.name)])
            .telling("starts", tasks)
            .seen(seen)
            .reply())
    }
}

fn starting(tasks: &[String]) -> String {
    if tasks.is_empty() {
        return String::new();
    }
    let tasks: Vec<String> = tasks.iter().map(|task| format!("`{task}`")).collect();
    format!(", and DM starts on it {}", tasks.join(", "))
}

/// Names the verb that needs the REST API.
pub(super) fn needs_rest(error: Error, operation: &'static str) -> Error {
    match error {
        Error::OpenApiOff { address, .. } => Error::OpenApiOff { operation, address },
        error => error,
    }
}
