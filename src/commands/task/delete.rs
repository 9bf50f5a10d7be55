//! `dmctl task delete`.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::super::change::{Changed, Part};
use super::super::confirm::Loss;
use super::super::{Context, view, wait};
use super::stop;
use crate::api::{Deleted, Error, StopOptions, TaskPlace, TaskStatus};
use crate::exit::Failure;
use crate::model::duration::GoDuration;
use crate::model::status::DdlLock;
use crate::model::{DmError, SourceName, TaskName};
use crate::output::{Block, Cell, Reply, Style, human};

/// A look at the workers gets at least this long.
const SHORTEST: Duration = Duration::from_secs(2);
/// How long a silent worker holds up what is shown before the question.
const LOOK: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// DM's number for a task that it does not delete because it wants it to run.
const STILL_WANTED: u32 = 49001;

/// What to delete.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task delete task-1\n  dmctl task delete task-1 --yes --force")]
pub struct Delete {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Delete it also while it runs, or while its target can't be reached
    #[arg(long)]
    force: bool,
    /// Return as soon as the cluster has accepted the change
    #[arg(long)]
    no_wait: bool,
    /// How long to wait for it to take effect, as in 90s or 1h30m
    #[arg(long, value_name = "DURATION", conflicts_with = "no_wait")]
    wait_timeout: Option<GoDuration>,
}

impl Delete {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let wait_timeout = context.wait_timeout(self.wait_timeout, !self.no_wait);
        let limit = wait::limit(wait_timeout, wait::USUAL)?;
        let within = wait_timeout.map(|_| limit);
        let mut lost = None;
        let status = context.client.task_status(&self.name, &[], Some(LOOK)).await?;
        if !self.force && !stop::nothing_runs(&status) {
            return Err(Failure::refused(format!("task `{}` runs", self.name))
                .because("nothing was sent")
                .hinted(format!("`dmctl task stop {0}` first, or `dmctl task delete {0} --force`", super::quoted(&self.name))));
        }
        let (place, locks) = tokio::join!(context.client.task_place(&self.name), context.client.ddl_locks(Some(&self.name)));
        let locks = locks.map(|(locks, _)| locks).unwrap_or_default();
        if let Some(reply) = context.confirm(self.loss(&status, place.ok(), &locks)).await? {
            return Ok(reply);
        }
        if !self.force {
            // DM looks at what it wants of a subtask: a finished one still wants to run.
            match stop::stop(context, &self.name, StopOptions { within, ..StopOptions::default() }, &status).await {
                Ok(()) => {}
                // Whether it was done is seen by whether DM deletes the task.
                Err(error @ Error::Lost { .. }) => lost = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        let deleted = match (context.client.delete_task(&self.name, self.force, within).await, lost) {
            (Ok(deleted), _) => deleted,
            (Err(Error::Refused(said)), Some(lost)) if said.code == Some(STILL_WANTED) => {
                return Err(Failure::from(lost.seen(Some(false))).because(said.message));
            }
            (Err(error), _) => return Err(self.cured(error)),
        };
        let sources: Vec<SourceName> = status.subtasks.iter().map(|(source, _)| source.clone()).collect();
        let left = if self.no_wait { Vec::new() } else { self.wait(context, &sources, limit).await };
        Ok(self.reply(&sources, &left, deleted, limit))
    }

    /// What goes with the task.
    fn loss(&self, status: &TaskStatus, place: Option<TaskPlace>, locks: &[DdlLock]) -> Loss {
        let mut fields = vec![("task", Cell::new(self.name.as_str(), Style::Strong))];
        fields.push(("mode", Cell::maybe(status.outline.mode.as_deref())));
        if let Some(place) = &place {
            fields.push(("target", place.target.as_str().into()));
            fields.push(("meta tables", place.meta_tables(&self.name).into()));
        }
        if !locks.is_empty() {
            let ids: Vec<&str> = locks.iter().map(|lock| lock.id.as_str()).collect();
            fields.push(("DDL locks", Cell::new(ids.join("\n"), Style::Warning)));
        }
        let mut blocks = vec![Block::Fields { title: None, fields }];
        let mut subtasks = Vec::new();
        for (source, subtask) in &status.subtasks {
            let (value, worker, fields) = match subtask {
                Ok(subtask) => (view::SubtaskValue::known(subtask), subtask.worker.as_ref(), view::subtask_fields(subtask)),
                Err(silence) => {
                    let value = view::SubtaskValue::unknown(self.name.as_str(), source.as_str(), silence);
                    (value, silence.worker.as_ref(), view::silence_fields(silence))
                }
            };
            let title = Some(view::at(source.as_str(), worker.map(crate::model::WorkerName::as_str)));
            blocks.push(Block::Fields { title, fields });
            subtasks.push(value);
        }
        let locks: Vec<&str> = locks.iter().map(|lock| lock.id.as_str()).collect();
        Loss {
            action: format!("delete task `{}`", self.name),
            name: self.name.to_string(),
            blocks,
            value: json!({
                "task": self.name,
                "target": place.as_ref().map(|place| &place.target),
                "meta_schema": place.as_ref().map(|place| &place.meta_schema),
                "subtasks": subtasks,
                "ddl_locks": locks,
            }),
        }
    }

    /// Waits until no worker has the task any more, and returns the sources whose worker still does, or keeps silent.
    async fn wait(&self, context: &Context<'_>, sources: &[SourceName], limit: Duration) -> Vec<SourceName> {
        let end = tokio::time::Instant::now() + limit;
        loop {
            let within = end.saturating_duration_since(tokio::time::Instant::now()).max(SHORTEST);
            let left = context.client.task_remains(&self.name, sources, within).await;
            if left.is_empty() || tokio::time::Instant::now() >= end {
                return left;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn reply(&self, sources: &[SourceName], left: &[SourceName], deleted: Deleted, limit: Duration) -> Reply {
        let parts = sources.iter().map(Part::of);
        let mut changed = Changed::new(format!("task `{}` is deleted", self.name)).with(parts).seen(deleted.seen);
        if !deleted.with_meta_tables {
            changed = changed.noting("its meta tables stay on the target: only the REST API, which is off, removes them");
        }
        for why in &deleted.stays {
            let why = DmError::parse(why);
            let cause = why.cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
            changed = changed.noting(format!(
                "its meta tables stay on the target, and a new task `{}` goes on from them: {}{cause}",
                self.name, why.message
            ));
        }
        if deleted.with_meta_tables && deleted.stays.is_empty() && self.force {
            changed = changed.noting(format!(
                "with `--force` DM does not tell whether it reached the target: if not, the meta tables stay there, and a new task \
                 `{}` goes on from them",
                self.name
            ));
        }
        if !left.is_empty() {
            let names: Vec<String> = left.iter().map(|source| format!("`{source}`")).collect();
            changed = changed.noting(format!(
                "after {} it is not known to be gone from the worker of {}: a worker that comes back learns of it then",
                human::duration(limit),
                names.join(", ")
            ));
        }
        if left.is_empty() { changed.reply() } else { changed.unknown().reply() }
    }

    /// What to do about a deletion that DM refuses.
    fn cured(&self, error: Error) -> Failure {
        let code = error.code();
        let failure = Failure::from(error);
        match code {
            Some(10001 | 10005 | 10006) if !self.force => failure.hinted(format!(
                "the target can't be reached: `dmctl task delete {} --force` deletes the task, and leaves its meta tables there",
                super::quoted(&self.name)
            )),
            _ => failure,
        }
    }
}
