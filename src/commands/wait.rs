//! Waits for a change of a task to take effect.

use std::time::Duration;

use tokio::time::Instant;

use super::Context;
use super::change::Part;
use crate::api::{Error, READ_DEADLINE, TaskStatus};
use crate::exit::{Code, Failure};
use crate::model::duration::GoDuration;
use crate::model::status::{Silence, Subtask};
use crate::model::{SourceName, Stage, SubtaskStage, TaskName};
use crate::output::human;

/// How long a wait takes at most, unless `--wait-timeout` says otherwise.
pub(super) const USUAL: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// A look gets at least this long, however short the wait is to be.
const SHORTEST: Duration = Duration::from_secs(2);
/// DM shows the stage and the error of before for a while after a start.
const STALE: Duration = Duration::from_secs(3);

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Every subtask runs, or is through.
    Started,
    /// No subtask runs.
    Stopped,
    /// No subtask runs, or would be started by DM itself.
    AtRest,
}

/// How a wait ended.
#[derive(Debug)]
pub(super) struct Waited {
    /// One a source.
    pub(super) parts: Vec<Part>,
    /// How many are there.
    pub(super) there: usize,
    /// How many have come there, or to an error on the way, since the look before the change.
    pub(super) moved: usize,
    /// How many have failed.
    pub(super) failed: usize,
    /// How many stages nobody tells.
    pub(super) unknown: usize,
    /// How many are finished.
    pub(super) finished: usize,
    /// How long it took.
    pub(super) after: Duration,
}

impl Waited {
    /// Every subtask is there.
    pub(super) const fn is_done(&self) -> bool {
        self.there == self.parts.len()
    }

    /// The time ran out for one that has neither got there nor failed.
    pub(super) const fn is_late(&self) -> bool {
        self.there + self.failed + self.unknown < self.parts.len() || (self.unknown > 0 && self.there + self.failed == 0)
    }

    /// A remark for a wait that was not rewarded.
    pub(super) fn note(&self) -> Option<String> {
        let open = self.parts.len() - self.there - self.failed;
        (open > 0).then(|| format!("the wait ran out after {}", human::duration(self.after)))
    }

    /// What the looks say of a change whose answer was lost: that it was made, that it was not so far, or nothing.
    pub(super) const fn tells(&self) -> Option<bool> {
        match (self.moved, self.unknown) {
            (0, 0) => Some(false),
            (0, _) => None,
            _ => Some(true),
        }
    }
}

enum Verdict {
    There,
    Failed,
    Open,
}

impl Context<'_> {
    /// How long a line may wait: what it says, or else, if it waits, what the profile says.
    pub(super) fn wait_timeout(&self, typed: Option<GoDuration>, waits: bool) -> Option<GoDuration> {
        typed.or(self.wait_timeout.filter(|_| waits))
    }
}

/// The limit of a wait: what was typed, else the usual.
pub(super) fn limit(typed: Option<GoDuration>, usual: Duration) -> Result<Duration, Failure> {
    match typed {
        None => Ok(usual),
        Some(typed) => typed.to_std().ok_or_else(|| Failure::usage("`--wait-timeout` must not be negative")),
    }
}

/// Looks until it is so, or the time is up. Returns what the last look saw, and whether it is so. A look that fails is no reason to give
/// up: another master may answer.
///
/// # Errors
/// When no look has seen anything.
pub(super) async fn until<T>(
    limit: Duration,
    every: Duration,
    look: impl AsyncFn() -> Result<T, Error>,
    is_so: impl Fn(&T) -> bool,
) -> Result<(T, bool), Error> {
    let end = Instant::now() + limit;
    let mut last = None;
    loop {
        let seen = look().await;
        let late = Instant::now() >= end;
        last = match (seen, last) {
            (Ok(seen), _) if is_so(&seen) => return Ok((seen, true)),
            (Ok(seen), _) | (Err(_), Some(seen)) if late => return Ok((seen, false)),
            (Err(error), None) if late => return Err(error),
            (Ok(seen), _) => Some(seen),
            (Err(_), last) => last,
        };
        tokio::time::sleep(every).await;
    }
}

/// Looks at a task until it is where it should be, an error keeps it from there, or the time is up. `before` is what was seen before
/// the change.
pub(super) async fn for_task(
    context: &Context<'_>,
    task: &TaskName,
    before: &TaskStatus,
    goal: Goal,
    limit: Duration,
) -> Result<Waited, Failure> {
    let started = Instant::now();
    let end = started + limit;
    let sources: Vec<SourceName> = before.subtasks.iter().map(|(source, _)| source.clone()).collect();
    // A subtask that was seen to move shows no error of before.
    let mut moved = vec![false; sources.len()];
    let mut last: Option<TaskStatus> = None;
    loop {
        let within = end.saturating_duration_since(Instant::now()).clamp(SHORTEST, READ_DEADLINE);
        match context.client.task_status(task, &sources, Some(within)).await {
            Ok(status) => last = Some(status),
            // A master that goes away in the middle is no reason to give up: another one may answer.
            Err(error @ (Error::Unreachable(_) | Error::TimedOut { .. } | Error::Malformed { .. })) => {
                if last.is_none() && Instant::now() >= end {
                    return Err(nothing_heard(task, &error, started.elapsed()));
                }
            }
            Err(error) => return Err(error.into()),
        }
        let late = Instant::now() >= end;
        if let Some(status) = &last {
            let settled = started.elapsed() >= STALE.min(limit);
            let verdicts: Vec<Verdict> = status
                .subtasks
                .iter()
                .zip(&mut moved)
                .map(|((_, subtask), moved)| verdict(subtask.as_ref().ok(), goal, moved, settled))
                .collect();
            if late || !verdicts.iter().any(|verdict| matches!(verdict, Verdict::Open)) {
                let mut waited = ended(status, &verdicts, started.elapsed());
                let came = before.subtasks.iter().zip(verdicts.iter().zip(&moved));
                waited.moved = came.filter(|((_, before), (verdict, moved))| came_there(before, goal, verdict, **moved)).count();
                return Ok(waited);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn verdict(subtask: Option<&Subtask>, goal: Goal, moved: &mut bool, settled: bool) -> Verdict {
    let Some(subtask) = subtask else { return Verdict::Open };
    *moved |= subtask.stage.shown() != Stage::Stopped;
    match (goal, subtask.stage) {
        (_, SubtaskStage::Finished) | (Goal::Started, SubtaskStage::Running) => Verdict::There,
        (Goal::Stopped, stage) if stage.shown() == Stage::Stopped => Verdict::There,
        (Goal::AtRest, _) if subtask.rests() => Verdict::There,
        (Goal::Started, stage) if stage.shown() == Stage::Stopped && !subtask.errors.is_empty() && (*moved || settled) => {
            Verdict::Failed
        }
        _ => Verdict::Open,
    }
}

/// Whether a subtask is where it is because of the change, and not since before.
fn came_there(before: &Result<Subtask, Silence>, goal: Goal, verdict: &Verdict, moved: bool) -> bool {
    let Ok(before) = before else { return false };
    match goal {
        Goal::Started => before.stage.shown() == Stage::Stopped && (moved || matches!(verdict, Verdict::There)),
        Goal::Stopped | Goal::AtRest => !before.rests() && matches!(verdict, Verdict::There),
    }
}

fn ended(status: &TaskStatus, verdicts: &[Verdict], after: Duration) -> Waited {
    let mut waited = Waited { parts: Vec::new(), there: 0, moved: 0, failed: 0, unknown: 0, finished: 0, after };
    for ((source, subtask), verdict) in status.subtasks.iter().zip(verdicts) {
        let there = matches!(verdict, Verdict::There);
        match verdict {
            Verdict::There => waited.there += 1,
            Verdict::Failed => waited.failed += 1,
            Verdict::Open => waited.unknown += usize::from(subtask.is_err()),
        }
        waited.parts.push(match subtask {
            Ok(subtask) => {
                waited.finished += usize::from(subtask.stage == SubtaskStage::Finished);
                Part::subtask(subtask, there)
            }
            Err(silence) => Part::silent(source, silence),
        });
    }
    waited
}

fn nothing_heard(task: &TaskName, error: &Error, after: Duration) -> Failure {
    Failure::new(Code::TimedOut, format!("the wait ran out after {}", human::duration(after)))
        .because(format!("nothing was heard of task `{task}` in that time: {error}"))
}

/// The parts of a look, each as it should be.
pub(super) fn parts(status: &TaskStatus) -> Vec<Part> {
    let part = |(source, subtask): &(SourceName, Result<Subtask, Silence>)| match subtask {
        Ok(subtask) => Part::subtask(subtask, true),
        Err(silence) => Part::silent(source, silence),
    };
    status.subtasks.iter().map(part).collect()
}
