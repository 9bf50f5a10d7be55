//! `dmctl task start`.

use clap::Args;

use super::super::Context;
use super::super::change::{Changed, SEEN};
use super::super::wait::{self, Goal};
use super::remove_meta;
use crate::api::{Error, StartOptions, TaskStatus};
use crate::exit::Failure;
use crate::model::duration::GoDuration;
use crate::model::{SourceName, Stage, StartTime, TaskName};
use crate::output::{Reply, human};

/// What to start.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl task start task-1\n  dmctl task start task-1 --source mysql-01 --start-time '2026-01-31 08:00:00'"
)]
pub struct Start {
    /// The task
    #[arg(value_name = "TASK")]
    pub(super) name: TaskName,
    /// Only on these sources
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    pub(super) source: Vec<SourceName>,
    /// Forget how far the task is and copy everything again
    #[arg(long)]
    remove_meta: bool,
    /// Read the binlog from this time on, in the time zone of the source, as in '2026-01-31 08:00:00'
    #[arg(long, value_name = "TIME")]
    pub(super) start_time: Option<StartTime>,
    /// How long to apply changes in safe mode after the start, as in 60s
    #[arg(long, value_name = "DURATION")]
    pub(super) safe_mode_time_duration: Option<GoDuration>,
    /// Return as soon as the cluster has accepted the change
    #[arg(long)]
    no_wait: bool,
    /// How long to wait for it to take effect, as in 90s or 1h30m
    #[arg(long, value_name = "DURATION", conflicts_with = "no_wait")]
    wait_timeout: Option<GoDuration>,
}

impl Start {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        self.check_options(context).await?;
        if self.remove_meta {
            return remove_meta::run(&self, context).await;
        }
        let before = context.client.task_status(&self.name, &self.source, None).await?;
        if let Some(reply) = self.needless(&before)? {
            return Ok(reply);
        }
        if let Some(reply) = context.rehearsal(&format!("start task `{}`", self.name)) {
            return Ok(reply);
        }
        self.start(context, &before, false).await
    }

    /// Sees that what was typed makes sense, and that the cluster obeys it.
    async fn check_options(&self, context: &Context<'_>) -> Result<(), Failure> {
        if self.safe_mode_time_duration.is_some_and(|duration| duration.to_std().is_none()) {
            return Err(Failure::usage("`--safe-mode-time-duration` must not be negative"));
        }
        wait::limit(self.wait_timeout, wait::USUAL)?;
        let option = match (&self.start_time, self.safe_mode_time_duration) {
            (Some(_), _) => "--start-time",
            (None, Some(_)) => "--safe-mode-time-duration",
            (None, None) => return Ok(()),
        };
        super::require_options_are_obeyed(option, context).await
    }

    /// The answer where there is nothing to start, or no sense in it.
    fn needless(&self, before: &TaskStatus) -> Result<Option<Reply>, Failure> {
        let stages: Vec<Stage> = before
            .subtasks
            .iter()
            .map(|(_, subtask)| subtask.as_ref().map_or(Stage::Unknown, |subtask| subtask.stage.shown()))
            .collect();
        if !stages.is_empty() && stages.iter().all(|stage| *stage == Stage::Finished) {
            return Err(Failure::refused(format!("task `{}` is finished, and has nothing left to do", self.name))
                .because("nothing was sent")
                .hinted(format!("`dmctl task start {} --remove-meta` copies everything again", super::quoted(&self.name))));
        }
        if stages.is_empty() || !stages.iter().all(|stage| matches!(stage, Stage::Running | Stage::Finished)) {
            return Ok(None);
        }
        if self.start_time.is_some() || self.safe_mode_time_duration.is_some() {
            return Err(Failure::refused(format!(
                "task `{}` runs already, and takes these options only when it starts",
                self.name
            ))
            .because("nothing was sent")
            .hinted(format!("`dmctl task stop {}` first", super::quoted(&self.name))));
        }
        let changed = Changed::new(format!("task `{}` runs already; nothing was sent", self.name)).with(wait::parts(before));
        Ok(Some(changed.reply()))
    }

    /// Sends the start, and waits until it has taken effect.
    pub(super) async fn start(&self, context: &Context<'_>, before: &TaskStatus, over: bool) -> Result<Reply, Failure> {
        let wait_timeout = context.wait_timeout(self.wait_timeout, !self.no_wait);
        let options = StartOptions {
            sources: self.source.clone(),
            start_time: self.start_time.as_ref().map(ToString::to_string),
            safe_mode: self.safe_mode_time_duration,
            over,
            within: wait_timeout.and_then(GoDuration::to_std),
        };
        let lost = match context.client.start_task(&self.name, &options).await {
            Ok(()) => None,
            Err(lost @ Error::Lost { .. }) => Some(lost),
            Err(error) => return Err(cured(error, &self.name)),
        };
        if self.no_wait {
            return match lost {
                Some(lost) => Err(lost.into()),
                None => Ok(Changed::new(format!("the start of task `{}` was accepted", self.name)).reply()),
            };
        }
        let limit = wait::limit(wait_timeout, wait::USUAL)?;
        let waited = match (wait::for_task(context, &self.name, before, Goal::Started, limit).await, &lost) {
            (Ok(waited), Some(lost)) if waited.tells() != Some(true) => return Err(lost.clone().seen(waited.tells()).into()),
            (Ok(waited), _) => waited,
            (Err(_), Some(lost)) => return Err(lost.clone().into()),
            (Err(failure), None) => {
                return Err(failure.because(format!("the start of task `{}` was accepted before", self.name)));
            }
        };
        let all = human::count(waited.parts.len(), "source");
        let message = if waited.is_done() && waited.finished == waited.parts.len() {
            format!("task `{}` ran, and is finished on {all}", self.name)
        } else if waited.is_done() {
            format!("task `{}` runs on {all}", self.name)
        } else if waited.there + waited.failed == 0 && waited.unknown > 0 {
            format!("task `{}` was started; whether it runs is not known", self.name)
        } else if waited.there == 0 {
            format!("task `{}` was started, and does not run", self.name)
        } else {
            format!("task `{}` was started, and runs on {} of {all}", self.name, waited.there)
        };
        let (note, late, failed) = (waited.note(), waited.is_late(), waited.failed > 0);
        let mut changed = Changed::new(message).with(waited.parts);
        if lost.is_some() {
            changed = changed.noting(SEEN);
        }
        if failed {
            changed = changed.noting(format!("`dmctl task status {}` shows the errors in full", super::quoted(&self.name)));
        }
        changed = note.into_iter().fold(changed, Changed::noting);
        Ok(if late { changed.late() } else { changed }.reply())
    }
}

/// What to do about a start that DM refuses.
fn cured(error: Error, task: &TaskName) -> Failure {
    let code = error.code();
    let failure = Failure::from(error);
    match code {
        Some(20022) => failure.hinted(format!(
            "give the place to begin: `dmctl task start {} --start-time '2026-01-31 08:00:00'`, or `meta` for each source in the task file",
            super::quoted(task)
        )),
        Some(38058) => failure.hinted("`dmctl source enable SOURCE` lets tasks run on it again"),
        _ => failure,
    }
}
