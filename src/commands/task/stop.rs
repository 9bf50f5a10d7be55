//! `dmctl task stop`.

use std::time::Duration;

use clap::Args;

use super::super::Context;
use super::super::change::{Changed, SEEN};
use super::super::wait::{self, Goal};
use crate::api::{Error, StopOptions, TaskStatus};
use crate::exit::Failure;
use crate::model::duration::GoDuration;
use crate::model::status::Subtask;
use crate::model::{SourceName, Stage, SubtaskStage, TaskName};
use crate::output::{Reply, human};

/// What a wait adds to the time that transactions get to end.
const SLACK: Duration = Duration::from_secs(5);

/// What to stop.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task stop task-1\n  dmctl task stop task-1 --source mysql-01,mysql-02 --timeout 60s")]
pub struct Stop {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Only on these sources
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// How long running transactions may take to end before they are cut off (without it: 10s)
    #[arg(long, value_name = "DURATION")]
    timeout: Option<GoDuration>,
    /// Return as soon as the cluster has accepted the change
    #[arg(long)]
    no_wait: bool,
    /// How long to wait for it to take effect, as in 90s or 1h30m
    #[arg(long, value_name = "DURATION", conflicts_with = "no_wait")]
    wait_timeout: Option<GoDuration>,
}

impl Stop {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let timeout = match self.timeout {
            None => Duration::ZERO,
            Some(timeout) => timeout.to_std().ok_or_else(|| Failure::usage("`--timeout` must not be negative"))?,
        };
        let wait_timeout = context.wait_timeout(self.wait_timeout, !self.no_wait);
        let limit = wait::limit(wait_timeout, wait::USUAL.max(timeout + SLACK))?;
        if self.timeout.is_some() {
            super::require_options_are_obeyed("--timeout", context).await?;
        }
        let before = context.client.task_status(&self.name, &self.source, None).await?;
        if let Some(reply) = self.needless(&before) {
            return Ok(reply);
        }
        if let Some(reply) = context.rehearsal(&format!("stop task `{}`", self.name)) {
            return Ok(reply);
        }
        let within = wait_timeout.and_then(GoDuration::to_std);
        let options = StopOptions { sources: self.source.clone(), timeout: self.timeout, within };
        let lost = match stop(context, &self.name, options, &before).await {
            Ok(()) => None,
            Err(lost @ Error::Lost { .. }) => Some(lost),
            Err(error) => return Err(error.into()),
        };
        if self.no_wait {
            return match lost {
                Some(lost) => Err(lost.into()),
                None => Ok(Changed::new(format!("the stop of task `{}` was accepted", self.name)).reply()),
            };
        }
        // What an error had stopped before shows nothing of a stop, until DM would not start it again.
        let goal = if lost.is_some() { Goal::AtRest } else { Goal::Stopped };
        let waited = match (wait::for_task(context, &self.name, &before, goal, limit).await, &lost) {
            (Ok(waited), Some(lost)) if waited.tells() != Some(true) => return Err(lost.clone().seen(waited.tells()).into()),
            (Ok(waited), _) => waited,
            (Err(_), Some(lost)) => return Err(lost.clone().into()),
            (Err(failure), None) => {
                return Err(failure.because(format!("the stop of task `{}` was accepted before", self.name)));
            }
        };
        let all = human::count(waited.parts.len(), "source");
        let message = if waited.is_done() {
            format!("task `{}` is stopped on {all}", self.name)
        } else {
            format!("task `{}` was told to stop, and is stopped on {} of {all}", self.name, waited.there)
        };
        let (note, late) = (waited.note(), waited.is_late());
        let mut changed = Changed::new(message).with(waited.parts);
        if lost.is_some() {
            changed = changed.noting(SEEN);
        }
        changed = note.into_iter().fold(changed, Changed::noting);
        Ok(if late { changed.late() } else { changed }.reply())
    }

    /// The answer where nothing is left to stop.
    fn needless(&self, before: &TaskStatus) -> Option<Reply> {
        let at_rest = before.subtasks.iter().all(|(_, subtask)| subtask.as_ref().is_ok_and(Subtask::rests));
        if !at_rest || before.subtasks.is_empty() {
            return None;
        }
        let finished =
            before.subtasks.iter().flat_map(|(_, subtask)| subtask).all(|subtask| subtask.stage == SubtaskStage::Finished);
        let word = if finished { "finished" } else { "stopped" };
        let changed = Changed::new(format!("task `{}` is {word} already; nothing was sent", self.name));
        Some(changed.with(wait::parts(before)).reply())
    }
}

/// Stops a task. Where sources have to be named, only those are that do not rest.
pub(super) async fn stop(context: &Context<'_>, task: &TaskName, options: StopOptions, before: &TaskStatus) -> Result<(), Error> {
    let awake = before.subtasks.iter().filter(|(_, subtask)| !subtask.as_ref().is_ok_and(Subtask::rests));
    let awake: Vec<SourceName> = awake.map(|(source, _)| source.clone()).collect();
    context.client.stop_task(task, &options, &awake).await
}

/// Whether nothing of a task runs, as far as that is known.
pub(super) fn nothing_runs(status: &TaskStatus) -> bool {
    !status.subtasks.iter().flat_map(|(_, subtask)| subtask).any(|subtask| subtask.stage.shown() == Stage::Running)
}
