//! `dmctl source transfer`.

use std::time::Duration;

use clap::Args;

use super::super::change::{Changed, Part};
use super::super::task::quoted;
use super::super::{Context, wait};
use crate::api::{Asked, Error, Made};
use crate::exit::Failure;
use crate::model::status::{Subtask, Worker};
use crate::model::{SourceName, Stage, SubtaskStage, TaskName, WorkerName};
use crate::output::{Reply, human};

/// How long tasks may take to run again.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What to move, and where to.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl source transfer mysql-01 worker-2\n  dmctl source transfer mysql-01 worker-2 --format json"
)]
pub struct Transfer {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// The worker to move it to; it must be free
    #[arg(value_name = "WORKER")]
    worker: WorkerName,
}

impl Transfer {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        super::require_known(std::slice::from_ref(&self.name), context).await?;
        let members = context.client.members(Asked { workers: true, ..Asked::default() }, &[]).await?;
        if self.is_there(&members.workers)? {
            return Ok(Changed::new(format!("`{}` serves source `{}` already; nothing was sent", self.worker, self.name))
                .with([Part::of(&self.name)])
                .reply());
        }
        let before = self.subtasks(context).await?;
        self.refuse_never_started(&before)?;
        if let Some(reply) = context.rehearsal(&format!("move source `{}` to `{}`", self.name, self.worker)) {
            return Ok(reply);
        }
        let made = context.client.transfer_source(&self.name, &self.worker).await.map_err(cured)?;
        let ran = before.iter().filter(|subtask| subtask.stage.shown() == Stage::Running);
        let ran: Vec<TaskName> = ran.map(|subtask| subtask.task.clone()).collect();
        let changed = Changed::new(format!("source `{}` is served by `{}`", self.name, self.worker)).seen(made == Made::Seen);
        Ok(self.wait(changed, &ran, context).await.reply())
    }

    /// Whether the worker serves the source already. One that can't is refused.
    fn is_there(&self, workers: &[Worker]) -> Result<bool, Failure> {
        let Some(worker) = workers.iter().find(|worker| worker.name == self.worker) else {
            return Err(Failure::refused(format!("no worker of this cluster is named `{}`", self.worker))
                .hinted("`dmctl member list --role worker` shows who there is"));
        };
        let serves = worker.source.as_ref() == Some(&self.name);
        let free: Vec<&str> = workers.iter().filter(|worker| worker.state == "free").map(|worker| worker.name.as_str()).collect();
        let refused = |why: String| {
            Err(Failure::refused(why).because("nothing was sent").hinted(match free.as_slice() {
                [] => "no worker is free: start one more, and it joins the cluster as free".to_owned(),
                free => format!("free: {}", free.join(", ")),
            }))
        };
        match (worker.state.as_str(), &worker.source) {
            ("bound", _) if serves => Ok(true),
            // One that keeps the relay log of this source may take it over.
            ("free", _) => Ok(false),
            ("relay", _) if serves => Ok(false),
            ("offline", _) => refused(format!("worker `{}` is offline", self.worker)),
            (_, Some(other)) => refused(format!("worker `{}` has to do with source `{other}`", self.worker)),
            (state, None) => refused(format!("worker `{}` is not free, but {state}", self.worker)),
        }
    }

    async fn subtasks(&self, context: &Context<'_>) -> Result<Vec<Subtask>, Error> {
        let report = context.client.source_status(&self.name).await?;
        Ok(report.reports.into_iter().flatten().flat_map(|report| report.subtasks).collect())
    }

    /// DM pauses all tasks of the source, waits for ones that were never started for most of a minute, and leaves the others paused.
    fn refuse_never_started(&self, subtasks: &[Subtask]) -> Result<(), Failure> {
        let created = subtasks.iter().filter(|subtask| subtask.stage == SubtaskStage::Stopped);
        let created: Vec<&TaskName> = created.map(|subtask| &subtask.task).collect();
        let runs = subtasks.iter().any(|subtask| subtask.stage.shown() == Stage::Running);
        if created.is_empty() || !runs {
            return Ok(());
        }
        let names: Vec<String> = created.iter().map(|task| format!("`{task}`")).collect();
        Err(Failure::refused(format!("source `{}` has tasks that are created and not started: {}", self.name, names.join(", ")))
            .because("DM would wait for them in vain, and leave the other tasks of the source stopped; nothing was sent")
            .hinted(format!("`dmctl task start {}`, or delete it, and try again", quoted(created[0]))))
    }

    /// Waits until what ran runs again on the new worker, and tells what does not when the time is up.
    async fn wait(&self, changed: Changed, ran: &[TaskName], context: &Context<'_>) -> Changed {
        let there = |subtask: &Subtask| {
            subtask.worker.as_ref() == Some(&self.worker) && matches!(subtask.stage, SubtaskStage::Running | SubtaskStage::Finished)
        };
        let missing = |subtasks: &Vec<Subtask>| -> Vec<String> {
            let runs = |task: &TaskName| subtasks.iter().any(|subtask| subtask.task == *task && there(subtask));
            ran.iter().filter(|task| !runs(task)).map(|task| format!("`{task}`")).collect()
        };
        let look = async || self.subtasks(context).await;
        let subtasks = match wait::until(PATIENCE, LOOK_EVERY, look, |subtasks| missing(subtasks).is_empty()).await {
            Ok((subtasks, _)) => subtasks,
            Err(error) if ran.is_empty() => {
                return changed.with([Part::of(&self.name)]).noting(format!("its worker could not be asked: {error}"));
            }
            Err(error) => {
                let note = format!("whether its tasks run again is not known: {error}");
                return changed.with([Part::of(&self.name)]).noting(note).unknown();
            }
        };
        let parts: Vec<Part> = subtasks
            .iter()
            .filter(|subtask| ran.contains(&subtask.task))
            .map(|subtask| Part::subtask(subtask, there(subtask)))
            .collect();
        let changed = changed.with(if parts.is_empty() { vec![Part::of(&self.name)] } else { parts });
        match missing(&subtasks).join(", ").as_str() {
            "" => changed,
            missing => {
                let note = format!("after {} this does not run again yet: {missing}", human::duration(PATIENCE));
                changed.noting(note).late()
            }
        }
    }
}

/// What to do about a move that DM refuses.
fn cured(error: Error) -> Failure {
    let code = error.code();
    let failure = Failure::from(error);
    match code {
        Some(46019) => failure.hinted(
            "`dmctl task stop TASK` for each task that is not in its sync, also one that is finished: DM still wants it to run",
        ),
        _ => failure,
    }
}
