//! `dmctl task status`.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::super::{Context, view};
use crate::api::{READ_DEADLINE, TaskStatus};
use crate::exit::{Code, Failure};
use crate::model::duration::GoDuration;
use crate::model::status::{Progress, Subtask};
use crate::model::{SourceName, Stage, SubtaskStage, TaskName};
use crate::output::{Block, Cell, Document, Reply, human};

/// How long `--watch` rests between two answers.
pub(crate) const WATCH_EVERY: Duration = Duration::from_secs(2);
/// How often a wait looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long a look may take, however little time is left: a worker that is well must not look silent because the wait is over.
const SHORTEST_LOOK: Duration = Duration::from_secs(2);
/// How much longer than its workers a look may take.
const SLACK: Duration = Duration::from_millis(500);
/// How long an error must stand before a wait gives up on the task: DM lifts some errors by itself, a few seconds later.
const GIVE_UP_AFTER: Duration = Duration::from_secs(10);

/// What to show.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task status task-1\n  dmctl task status task-1 --wait 'lag<5s' --wait-timeout 10m")]
pub struct Status {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Only the subtasks of these sources
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// Wait until every subtask is there: running, stopped, finished, or lag<DURATION. Ends with 1 when an error keeps the task from
    /// getting there, with 124 when the time is up
    #[arg(long, value_name = "STATE")]
    wait: Option<WaitFor>,
    /// How long to wait at most, as in 90s or 1h30m (without it: as long as it takes)
    #[arg(long, value_name = "DURATION", requires = "wait")]
    wait_timeout: Option<GoDuration>,
    /// Show it again every 2 seconds, in place and with progress bars, until a key is pressed
    #[arg(long, conflicts_with = "wait")]
    watch: bool,
}

/// What a wait ends at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WaitFor {
    /// Every subtask is in this stage.
    Stage(Stage),
    /// Every subtask syncs, with a smaller lag than this.
    Lag(Duration),
}

impl FromStr for WaitFor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected running, stopped, finished, or a lag such as `lag<5s`".to_owned();
        if let Some(bound) = text.strip_prefix("lag<") {
            let bound: GoDuration = bound.trim().parse().map_err(|error| format!("{error}"))?;
            let bound = bound.to_std().filter(|bound| !bound.is_zero()).ok_or("a lag must be longer than nothing")?;
            return Ok(Self::Lag(bound));
        }
        match text.parse() {
            Ok(Stage::Unknown) | Err(_) => Err(expected()),
            Ok(stage) => Ok(Self::Stage(stage)),
        }
    }
}

impl WaitFor {
    /// Whether the task is there.
    fn met(&self, status: &TaskStatus) -> bool {
        !status.subtasks.is_empty()
            && status.subtasks.iter().all(|(_, subtask)| match (self, subtask) {
                (_, Err(_)) => false,
                // A full copy that is through has run, and does not run any more: both waits are over.
                (Self::Stage(Stage::Running | Stage::Stopped), Ok(subtask)) if subtask.stage == SubtaskStage::Finished => true,
                (Self::Stage(Stage::Running), Ok(subtask)) => subtask.stage == SubtaskStage::Running,
                (Self::Stage(stage), Ok(subtask)) => subtask.stage.shown() == *stage,
                (Self::Lag(bound), Ok(subtask)) => match &subtask.progress {
                    Progress::Sync(sync) if subtask.stage == SubtaskStage::Running => {
                        sync.lag_seconds >= 0 && Duration::from_secs(sync.lag_seconds.unsigned_abs()) < *bound
                    }
                    _ => false,
                },
            })
    }

    /// Whether an error stands between the task and what is waited for.
    fn hindered(&self, status: &TaskStatus) -> bool {
        *self != Self::Stage(Stage::Stopped)
            && status
                .subtasks
                .iter()
                .flat_map(|(_, subtask)| subtask)
                .any(|subtask| subtask.stage.shown() == Stage::Stopped && !subtask.errors.is_empty())
    }
}

#[derive(Debug, Serialize)]
struct Value {
    name: String,
    stage: Stage,
    mode: Option<String>,
    subtasks: Vec<view::SubtaskValue>,
}

impl Status {
    /// Whether it is to be run again and again.
    pub(crate) const fn is_watched(&self) -> bool {
        self.watch
    }

    /// Shows what moves with bars.
    pub(crate) fn watch(&mut self) {
        self.watch = true;
    }

    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let Some(wait) = &self.wait else {
            let status = context.client.task_status(&self.name, &self.source, None).await?;
            return Ok(reply(&status, self.watch));
        };
        let limit = match context.wait_timeout(self.wait_timeout, true) {
            None => None,
            Some(limit) => Some(limit.to_std().ok_or_else(|| Failure::usage("`--wait-timeout` must not be negative"))?),
        };
        let started = tokio::time::Instant::now();
        let end = limit.map(|limit| started + limit);
        let mut hindered_since = None;
        let mut last = None;
        loop {
            let begun = tokio::time::Instant::now();
            let until = end.map(|end| end.max(begun + SHORTEST_LOOK));
            let within = until.map(|until| (until - begun).min(READ_DEADLINE));
            let look = context.client.task_status(&self.name, &self.source, within);
            let status = match until {
                None => look.await?,
                // Workers that keep silent are told when the time is up; only a master that does costs the whole look.
                Some(until) => match tokio::time::timeout_at(until + SLACK, look).await {
                    Ok(status) => status?,
                    Err(_) => return ran_out(last.as_ref(), &self.name, started.elapsed()),
                },
            };
            if wait.met(&status) {
                return Ok(reply(&status, false));
            }
            let now = tokio::time::Instant::now();
            if wait.hindered(&status) {
                if now - *hindered_since.get_or_insert(now) >= GIVE_UP_AFTER {
                    return Ok(reply(&status, false)
                        .ending(Code::Failed)
                        .noting("the wait was given up: an error stands in the way"));
                }
            } else {
                hindered_since = None;
            }
            if end.is_some_and(|end| now >= end) {
                return ran_out(Some(&status), &self.name, started.elapsed());
            }
            last = Some(status);
            tokio::time::sleep_until(end.map_or(now + LOOK_EVERY, |end| end.min(now + LOOK_EVERY))).await;
        }
    }
}

/// What the last look showed, when the time is up.
fn ran_out(last: Option<&TaskStatus>, name: &TaskName, after: Duration) -> Result<Reply, Failure> {
    let ran_out = format!("the wait ran out after {}", human::duration(after));
    match last {
        Some(status) => Ok(reply(status, false).ending(Code::TimedOut).noting(ran_out)),
        None => Err(Failure::new(Code::TimedOut, ran_out).because(format!("nothing was heard of task `{name}` in that time"))),
    }
}

/// A subtask over several lines; with bars, how far it is can be seen from afar.
fn fields(subtask: &Subtask, with_bars: bool) -> Vec<(&'static str, Cell)> {
    let mut fields = view::subtask_fields(subtask);
    let share = view::share(&subtask.progress).filter(|_| with_bars);
    if let (Some(share), Some((_, cell))) = (share, fields.iter_mut().find(|(key, _)| *key == "progress")) {
        *cell = format!("{} {}", human::bar(share), human::share(share)).into();
    }
    fields
}

/// What deals with the first trouble: the lock that a subtask waits for, or a start where an error has stopped it. Where there is none
/// and all is copied: a look whether it is the same.
fn next(status: &TaskStatus) -> Option<String> {
    let known = || status.subtasks.iter().filter_map(|(_, subtask)| subtask.as_ref().ok());
    if let Some(lock) = known().find_map(|subtask| subtask.lock.as_ref()) {
        return crate::words::quote(lock.as_str()).ok().map(|lock| format!("ddl-lock unlock {lock}"));
    }
    // Only a server that can compare tells so much of a copy.
    let is_copied = |subtask: &Subtask| {
        subtask.stage == SubtaskStage::Finished && matches!(&subtask.progress, Progress::Load(load) if load.copied.is_some())
    };
    if !status.subtasks.is_empty() && status.subtasks.iter().all(|(_, subtask)| subtask.as_ref().is_ok_and(is_copied)) {
        return Some(format!("task verify {}", super::quoted(&status.outline.name)));
    }
    let stopped = known().any(|subtask| subtask.stage.shown() == Stage::Stopped && !subtask.errors.is_empty());
    stopped.then(|| format!("task start {}", super::quoted(&status.outline.name)))
}

fn reply(status: &TaskStatus, with_bars: bool) -> Reply {
    let stages = status.subtasks.iter().map(|(_, subtask)| subtask.as_ref().map_or(SubtaskStage::Unknown, |subtask| subtask.stage));
    let stage = Stage::of(stages);
    let name = status.outline.name.as_str();
    let failed = status.subtasks.iter().flat_map(|(_, subtask)| subtask).any(|subtask| !subtask.errors.is_empty());
    let mut document = Document::from(Block::Fields {
        title: None,
        fields: vec![
            ("task", Cell::new(name, crate::output::Style::Strong)),
            ("stage", view::stage(stage, failed)),
            ("mode", Cell::maybe(status.outline.mode.as_deref())),
        ],
    });
    let mut subtasks = Vec::new();
    for (source, subtask) in &status.subtasks {
        let (value, worker, fields) = match subtask {
            Ok(subtask) => (view::SubtaskValue::known(subtask), subtask.worker.as_ref(), fields(subtask, with_bars)),
            Err(silence) => {
                let value = view::SubtaskValue::unknown(name, source.as_str(), silence);
                (value, silence.worker.as_ref(), view::silence_fields(silence))
            }
        };
        let title = Some(view::at(source.as_str(), worker.map(crate::model::WorkerName::as_str)));
        document.push(Block::Fields { title, fields });
        subtasks.push(value);
    }
    let partial = status.subtasks.iter().any(|(_, subtask)| subtask.is_err());
    let value = Value { name: name.to_owned(), stage, mode: status.outline.mode.as_deref().map(str::to_owned), subtasks };
    Reply::of(&value, document).ending(if partial { Code::Partial } else { Code::Done }).then(next(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_waited_for() {
        assert_eq!("Running".parse(), Ok(WaitFor::Stage(Stage::Running)));
        assert_eq!("lag<1m30s".parse(), Ok(WaitFor::Lag(Duration::from_secs(90))));
        for text in ["", "unknown", "lag", "lag<", "lag<x", "lag<-5s", "lag<0s", "lag>5s"] {
            assert!(text.parse::<WaitFor>().is_err(), "{text}");
        }
    }
}
