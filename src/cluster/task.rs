//! Starting and stopping tasks.

use std::time::Duration;

use tokio::time::Instant;

use super::core::{Core, Names, Reservation};
use super::run::{self, Ending};
use super::state::{Key, Record, Subtask};
use super::{Cluster, STOP_WITHIN, refusal};
use crate::model::lifecycle::{Command, Life, Refused, Step};
use crate::model::{DmError, SourceName, TaskName, WorkerName};

/// How to start a task.
#[derive(Debug, Clone, Default)]
pub struct StartOptions {
    /// On these sources; on all if there are none.
    pub sources: Vec<SourceName>,
    /// From the beginning (`--remove-meta`).
    pub over: bool,
}

/// How to stop a task.
#[derive(Debug, Clone, Default)]
pub struct StopOptions {
    /// On these sources; on all if there are none.
    pub sources: Vec<SourceName>,
    /// How long the work gets to stop by itself.
    pub timeout: Option<Duration>,
}

/// What a start or a stop came to on one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The source.
    pub source: SourceName,
    /// The worker that serves it.
    pub worker: Option<WorkerName>,
    /// What happened.
    pub said: Said,
}

/// What a start or a stop did to a subtask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It was started.
    Started,
    /// It runs already.
    RunsAlready,
    /// It was stopped.
    Stopped,
    /// It is stopped already.
    StoppedAlready,
    /// It is finished.
    Finished,
}

impl Said {
    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::RunsAlready => "it runs already",
            Self::Stopped => "stopped",
            Self::StoppedAlready => "it is stopped already",
            Self::Finished => "it is finished",
        }
    }
}

impl Core {
    /// The subtasks of a task on these sources, or on all.
    ///
    /// # Errors
    /// No such task or source, or the task is being changed.
    pub(super) fn chosen(&self, task: &TaskName, sources: &[SourceName]) -> Result<Vec<(SourceName, Subtask)>, DmError> {
        self.reserved.task(task)?;
        let kept = self.state.tasks.get(task).ok_or_else(|| refusal::no_task(task))?;
        if let Some(unknown) = sources.iter().find(|source| !self.state.sources.contains_key(source)) {
            return Err(refusal::no_source(unknown));
        }
        let strangers: Vec<_> = sources.iter().filter(|source| !kept.subtasks.contains_key(source)).collect();
        if !strangers.is_empty() {
            return Err(refusal::not_in_task(task, strangers));
        }
        let all = kept.subtasks.iter().filter(|(source, _)| sources.is_empty() || sources.contains(source));
        Ok(all.map(|(source, subtask)| (source.clone(), subtask.clone())).collect())
    }

    /// Whether a subtask may be started on a source, as far as the source has a say in it.
    fn may_start_on(&self, task: &TaskName, source: &SourceName) -> Result<(), DmError> {
        let kept = self.state.sources.get(source).ok_or_else(|| refusal::no_source(source))?;
        self.reserved.source(source)?;
        if !kept.file.enable() {
            return Err(refusal::disabled(task, source));
        }
        if kept.worker.is_none() {
            return Err(refusal::not_bound(source));
        }
        Ok(())
    }

    fn start(&mut self, task: &TaskName, sources: &[SourceName]) -> Result<Vec<Part>, DmError> {
        let chosen = self.chosen(task, sources)?;
        let mut records = Vec::new();
        let mut parts = Vec::new();
        for (source, subtask) in &chosen {
            let said = match subtask.life.command(Command::Start { over: false }) {
                Step::Becomes(life) => {
                    self.may_start_on(task, source)?;
                    records.push(Record::Subtask((task.clone(), source.clone()), Subtask::in_life(life)));
                    Said::Started
                }
                // One that is through does not keep the others from starting.
                Step::Refused(Refused::StartOfFinished) if chosen.iter().any(|(_, other)| other.life != Life::Finished) => {
                    Said::Finished
                }
                Step::Refused(refused) => return Err(refusal::by_state(refused, task, source)),
                Step::Stays | Step::StaysUntilOver | Step::Goes => Said::RunsAlready,
            };
            parts.push(self.part(source, said));
        }
        if !records.is_empty() && self.state.tasks.get(task).is_some_and(|kept| kept.over) {
            return Err(refusal::over_needed(task));
        }
        self.commit(records)?;
        Ok(parts)
    }

    fn stop(&mut self, task: &TaskName, sources: &[SourceName]) -> Result<(Vec<Part>, Vec<Ending>), DmError> {
        let mut records = Vec::new();
        let mut parts = Vec::new();
        let mut keys = Vec::new();
        for (source, subtask) in self.chosen(task, sources)? {
            let key = (task.clone(), source.clone());
            let said = match subtask.life.command(Command::Stop) {
                Step::Becomes(life) => {
                    records.push(Record::Subtask(key.clone(), Subtask::in_life(life)));
                    Said::Stopped
                }
                _ if subtask.life == Life::Finished => Said::Finished,
                _ => {
                    // What was stopped by hand does not start when its source is enabled.
                    if subtask.held {
                        records.push(Record::Subtask(key.clone(), Subtask { held: false, ..subtask }));
                    }
                    Said::StoppedAlready
                }
            };
            keys.push(key);
            parts.push(self.part(&source, said));
        }
        self.commit(records)?;
        Ok((parts, self.endings(&keys)))
    }

    fn part(&self, source: &SourceName, said: Said) -> Part {
        let worker = self.state.sources.get(source).and_then(|kept| kept.worker.clone());
        Part { source: source.clone(), worker, said }
    }

    /// Prepares a task for starting over: from here on it can't just go on.
    fn prepare_over(&mut self, task: &TaskName, sources: &[SourceName]) -> Result<Prepared, DmError> {
        let chosen = self.chosen(task, sources)?;
        let kept = self.state.tasks.get(task).ok_or_else(|| refusal::no_task(task))?;
        if chosen.len() < kept.subtasks.len() {
            return Err(refusal::over_needs_all(task));
        }
        for (source, subtask) in &chosen {
            if let Step::Refused(refused) = subtask.life.command(Command::Start { over: true }) {
                return Err(refusal::by_state(refused, task, source));
            }
            self.may_start_on(task, source)?;
        }
        let keys: Vec<Key> = chosen.into_iter().map(|(source, _)| (task.clone(), source)).collect();
        let record = Record::Task { name: task.clone(), file: kept.file.clone(), over: true };
        let relied_on = keys.iter().map(|(_, source)| source.clone()).collect();
        let reservation = self.reserve(Names { tasks: vec![task.clone()], relied_on, ..Names::default() })?;
        self.commit(vec![record])?;
        Ok(Prepared { endings: self.endings(&keys), keys, reservation })
    }

    fn start_over(&mut self, task: &TaskName, keys: Vec<Key>) -> Result<Vec<Part>, DmError> {
        let kept = self.state.tasks.get(task).ok_or_else(|| refusal::no_task(task))?;
        for (_, source) in &keys {
            // The source may have been disabled in the meantime.
            self.may_start_on(task, source)?;
        }
        let mut records = vec![Record::Task { name: task.clone(), file: kept.file.clone(), over: false }];
        records.extend(keys.iter().cloned().map(|key| Record::Subtask(key, Subtask::in_life(Life::Running))));
        for key in &keys {
            self.last.remove(key);
            self.unwritten.remove(key);
        }
        let parts = keys.iter().map(|(_, source)| self.part(source, Said::Started)).collect();
        self.commit(records)?;
        Ok(parts)
    }
}

/// A change that has its names, and waits for work to end.
struct Prepared {
    keys: Vec<Key>,
    endings: Vec<Ending>,
    reservation: Reservation,
}

impl Cluster {
    /// Starts a task, or goes on with it.
    ///
    /// # Errors
    /// Refused by its state (finished, has to start over), by a disabled source, by another change; the target's words when it should
    /// start over and its notes there can't be removed.
    pub async fn start_task(&self, task: TaskName, options: StartOptions) -> Result<Vec<Part>, DmError> {
        if !options.over {
            return self.ask(move |core| core.start(&task, &options.sources)).await?;
        }
        let cluster = self.clone();
        self.through(async move {
            let name = task.clone();
            let Prepared { keys, endings, reservation } =
                cluster.ask(move |core| core.prepare_over(&name, &options.sources)).await??;
            run::wait_all(endings, Instant::now() + STOP_WITHIN).await;
            for key in keys.clone() {
                let spec = cluster.ask(move |core| core.spec(&key)).await??;
                if let Err(error) = cluster.engine.start_over(spec).await {
                    return Err(refusal::over_failed(&task, &error));
                }
            }
            let parts = cluster.ask(move |core| core.start_over(&task, keys)).await?;
            drop(reservation);
            parts
        })
        .await
    }

    /// Stops a task. It returns when nothing of it is at work.
    ///
    /// # Errors
    /// No such task or source, another change.
    pub async fn stop_task(&self, task: TaskName, options: StopOptions) -> Result<Vec<Part>, DmError> {
        let cluster = self.clone();
        self.through(async move {
            let (parts, endings) = cluster.ask(move |core| core.stop(&task, &options.sources)).await??;
            run::wait_all(endings, Instant::now() + options.timeout.unwrap_or(STOP_WITHIN)).await;
            Ok(parts)
        })
        .await
    }

    /// Removes what a subtask has noted on its target.
    pub(super) async fn forget(&self, key: Key) -> Result<(), DmError> {
        let spec = self.ask(move |core| core.spec(&key)).await??;
        self.engine.forget(spec).await
    }
}
