//! The reconciler: what is wanted at work and what is at work are kept apart, and here the second follows the first.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::time::Instant;

use super::core::Core;
use super::state::{Key, Record, Subtask};
use crate::model::DmError;
use crate::model::lifecycle::{Life, Report};
use crate::model::log::Log;
use crate::model::subtask::{Reporter, SubtaskEnd, SubtaskProgress, SubtaskSpec};

/// How long until a report that could not be written down is tried again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// An engine at work on a subtask.
pub(super) struct Run {
    /// Asks it to stop.
    stop: watch::Sender<bool>,
    /// Ends it where it stands.
    kill: watch::Sender<bool>,
    /// How far it is.
    pub(super) progress: watch::Receiver<SubtaskProgress>,
    /// Closed when it has ended, and that is known to the core.
    ended: watch::Sender<()>,
}

/// The end of a run, to be waited for from elsewhere.
pub(super) struct Ending {
    kill: watch::Sender<bool>,
    ended: watch::Receiver<()>,
}

impl Ending {
    /// Waits until the run has ended. What is still at work at `deadline` is ended where it stands.
    pub(super) async fn wait(mut self, deadline: Instant) {
        if tokio::time::timeout_at(deadline, self.gone()).await.is_err() {
            self.kill.send_replace(true);
            self.gone().await;
        }
    }

    async fn gone(&mut self) {
        while self.ended.changed().await.is_ok() {}
    }
}

/// Waits for several runs.
pub(super) async fn wait_all(endings: Vec<Ending>, deadline: Instant) {
    futures_util::future::join_all(endings.into_iter().map(|ending| ending.wait(deadline))).await;
}

impl Run {
    fn ending(&self) -> Ending {
        Ending { kill: self.kill.clone(), ended: self.ended.subscribe() }
    }
}

/// Keeps the last news.
struct News {
    last: watch::Sender<SubtaskProgress>,
    log: Log,
    key: Key,
}

impl Reporter for News {
    fn progress(&self, progress: SubtaskProgress) {
        self.last.send_replace(progress);
    }

    fn says(&self, what: &str) {
        self.log.info(what, [("task", self.key.0.to_string()), ("source", self.key.1.to_string())]);
    }
}

impl Core {
    /// Starts what is wanted at work and is not, as far as there is room, and asks to stop what is not wanted.
    pub(super) fn reconcile(&mut self) {
        for (key, run) in &self.runs {
            let wanted = !self.closing && self.state.subtask(key).is_some_and(|subtask| subtask.life == Life::Running);
            if !wanted {
                run.stop.send_replace(true);
            }
        }
        let wanted = |core: &Self, key: &Key| {
            core.state.subtask(key).is_some_and(|subtask| subtask.life == Life::Running)
                && !core.runs.contains_key(key)
                && !core.unwritten.contains_key(key)
        };
        let mut queue = std::mem::take(&mut self.queue);
        queue.retain(|key| wanted(self, key));
        let known: BTreeSet<Key> = queue.iter().cloned().collect();
        for (task, kept) in &self.state.tasks {
            for (source, _) in kept.subtasks.iter().filter(|(_, subtask)| subtask.life == Life::Running) {
                let key = (task.clone(), source.clone());
                if wanted(self, &key) && !known.contains(&key) {
                    queue.push_back(key);
                }
            }
        }
        while !self.closing
            && self.runs.len() < self.copies
            && let Some(key) = queue.pop_front()
        {
            self.start_run(key);
        }
        self.queue = queue;
    }

    fn start_run(&mut self, key: Key) {
        let Some(line) = self.line() else { return };
        let spec = self.spec(&key);
        let (stop, stopped) = watch::channel(false);
        let (kill, mut killed) = watch::channel(false);
        let (ended, _) = watch::channel(());
        let (last, progress) = watch::channel(SubtaskProgress::default());
        let news = News { last, log: self.log.clone(), key: key.clone() };
        let engine = Arc::clone(&self.engine);
        let asked = stopped.clone();
        self.log.info("a subtask goes to work", [("task", key.0.to_string()), ("source", key.1.to_string())]);
        self.last.remove(&key);
        self.runs.insert(key.clone(), Run { stop, kill, progress, ended });
        self.runtime.spawn(async move {
            let end = match spec {
                Err(error) => SubtaskEnd::Failed(vec![error]),
                Ok(spec) => {
                    let work = AssertUnwindSafe(engine.run(spec, Arc::new(news), stopped)).catch_unwind();
                    tokio::select! {
                        end = work => end.unwrap_or_else(|_| SubtaskEnd::Failed(vec![broken()])),
                        _ = killed.wait_for(|killed| *killed) => SubtaskEnd::Stopped,
                    }
                }
            };
            let was_asked = *asked.borrow();
            line.send(move |core| core.ended(&key, end, was_asked));
        });
    }

    /// What a subtask is to do, from the files as they are now.
    pub(super) fn spec(&self, (task, source): &Key) -> Result<SubtaskSpec, DmError> {
        match (self.state.tasks.get(task), self.state.sources.get(source)) {
            (Some(task), Some(source)) => SubtaskSpec::new(&task.file, &source.file),
            _ => Err(super::refusal::no_task(task)),
        }
    }

    /// Takes note that a run has ended.
    fn ended(&mut self, key: &Key, end: SubtaskEnd, was_asked: bool) {
        let Some(run) = self.runs.remove(key) else { return };
        self.last.insert(key.clone(), run.progress.borrow().clone());
        let names = || [("task", key.0.to_string()), ("source", key.1.to_string())];
        let report = match end {
            SubtaskEnd::Finished => {
                self.log.info("a subtask is through", names());
                Some((Report::Finished, Vec::new()))
            }
            SubtaskEnd::Failed(errors) => {
                let told = errors.first().map_or_else(String::new, DmError::to_text);
                self.log.error(format!("a subtask has failed: {told}"), names());
                Some((Report::Failed, errors))
            }
            SubtaskEnd::Stopped if was_asked => {
                self.log.info("a subtask has stopped", names());
                None
            }
            // Otherwise it would be started again at once, and for ever.
            SubtaskEnd::Stopped => Some((Report::Failed, vec![DmError::plain("the work stopped without being asked to")])),
        };
        if let Some((report, errors)) = report {
            self.report(key, report, errors);
        }
        self.reconcile();
        self.publish();
        // Whoever waits for the end sees what followed from it.
        drop(run);
    }

    fn report(&mut self, key: &Key, report: Report, errors: Vec<DmError>) {
        let Some(subtask) = self.state.subtask(key) else { return };
        let life = subtask.life.report(report);
        if life == subtask.life {
            return;
        }
        let figures = self.last.get(key).map(|last| Arc::new(last.into()));
        let record = Record::Subtask(key.clone(), Subtask { errors: errors.clone(), figures, ..Subtask::in_life(life) });
        if self.write(vec![record]).is_err() {
            self.unwritten.insert(key.clone(), (report, errors));
            let key = key.clone();
            self.later(WRITE_AGAIN, move |core| {
                if let Some((report, errors)) = core.unwritten.remove(&key) {
                    core.report(&key, report, errors);
                    core.reconcile();
                    core.publish();
                }
            });
        }
    }

    /// The ends of the runs of these subtasks, as far as they are at work.
    pub(super) fn endings<'a>(&self, keys: impl IntoIterator<Item = &'a Key>) -> Vec<Ending> {
        keys.into_iter().filter_map(|key| self.runs.get(key)).map(Run::ending).collect()
    }

    /// Stops all work without changing what is wanted.
    pub(super) fn close(&mut self) -> Vec<Ending> {
        self.closing = true;
        self.reconcile();
        self.publish();
        self.runs.values().map(Run::ending).collect()
    }
}

fn broken() -> DmError {
    DmError::plain("the engine broke off: this is a mistake in dmctl, and its log says where").cured_by("start the task again")
}
