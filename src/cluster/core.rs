//! The core: the one owner of the state, on a thread of its own. It does nothing that takes long: whatever connects to a database goes
//! on elsewhere, with the names it is about reserved.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::engine::Engine;
use super::refusal;
use super::run::Run;
use super::state::{Key, Record, State};
use super::store::Journal;
use super::view::View;
use crate::model::lifecycle::Report;
use crate::model::log::Log;
use crate::model::subtask::SubtaskProgress;
use crate::model::{DmError, SourceName, TaskName};

/// Something that the core does when its turn comes.
pub(super) type Job = Box<dyn FnOnce(&mut Core) + Send>;

/// The way to the core.
#[derive(Clone)]
pub(super) struct Line(mpsc::UnboundedSender<Job>);

impl Line {
    /// Lets the core do something. A core that is gone does nothing any more.
    pub(super) fn send(&self, job: impl FnOnce(&mut Core) + Send + 'static) -> bool {
        self.0.send(Box::new(job)).is_ok()
    }
}

/// What others are about to change.
#[derive(Debug, Default)]
pub(super) struct Reserved {
    tasks: BTreeSet<TaskName>,
    sources: BTreeSet<SourceName>,
    /// Sources that must stay as they are, by how many rely on it.
    relied_on: BTreeMap<SourceName, usize>,
}

/// Names that one change has for itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) tasks: Vec<TaskName>,
    pub(super) sources: Vec<SourceName>,
    pub(super) relied_on: Vec<SourceName>,
}

/// Names that are reserved until this is dropped.
pub(super) struct Reservation {
    names: Names,
    line: Line,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let names = std::mem::take(&mut self.names);
        self.line.send(move |core| core.reserved.release(names));
    }
}

/// A core that nobody has a line to ends; so it must not have one to itself.
type Way = mpsc::WeakUnboundedSender<Job>;

impl Reserved {
    pub(super) fn task(&self, task: &TaskName) -> Result<(), DmError> {
        if self.tasks.contains(task) { Err(refusal::busy("task", task)) } else { Ok(()) }
    }

    pub(super) fn source(&self, source: &SourceName) -> Result<(), DmError> {
        if self.sources.contains(source) { Err(refusal::busy("source", source)) } else { Ok(()) }
    }

    fn take(&mut self, names: &Names) -> Result<(), DmError> {
        for task in &names.tasks {
            self.task(task)?;
        }
        for source in names.sources.iter().chain(&names.relied_on) {
            self.source(source)?;
        }
        if let Some(source) = names.sources.iter().find(|source| self.relied_on.contains_key(source)) {
            return Err(refusal::busy("a task of source", source));
        }
        self.tasks.extend(names.tasks.iter().cloned());
        self.sources.extend(names.sources.iter().cloned());
        for source in &names.relied_on {
            *self.relied_on.entry(source.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn release(&mut self, names: Names) {
        self.tasks.retain(|task| !names.tasks.contains(task));
        self.sources.retain(|source| !names.sources.contains(source));
        for source in names.relied_on {
            if let Some(count) = self.relied_on.get_mut(&source) {
                *count -= 1;
                if *count == 0 {
                    self.relied_on.remove(&source);
                }
            }
        }
    }
}

/// The owner of the state.
pub(super) struct Core {
    pub(super) state: State,
    pub(super) engine: Arc<dyn Engine>,
    pub(super) runtime: Handle,
    way: Way,
    pub(super) log: Log,
    pub(super) reserved: Reserved,
    /// The engines at work.
    pub(super) runs: BTreeMap<Key, Run>,
    /// Subtasks that are wanted at work and wait for their turn.
    pub(super) queue: VecDeque<Key>,
    /// How far subtasks were that are no longer at work.
    pub(super) last: BTreeMap<Key, SubtaskProgress>,
    /// Reports that could not be written down yet.
    pub(super) unwritten: BTreeMap<Key, (Report, Vec<DmError>)>,
    /// How many copy at once.
    pub(super) copies: usize,
    pub(super) closing: bool,
    journal: Box<dyn Journal>,
    cluster_id: u64,
    view: watch::Sender<Arc<View>>,
}

/// What a core is made of.
pub(super) struct Parts {
    pub(super) state: State,
    pub(super) cluster_id: u64,
    pub(super) journal: Box<dyn Journal>,
    pub(super) engine: Arc<dyn Engine>,
    pub(super) runtime: Handle,
    pub(super) log: Log,
    pub(super) copies: usize,
}

impl Core {
    /// Starts a core on a thread of its own, which ends when `closing` is set and nothing is at work, or when nobody has a line to it.
    pub(super) fn launch(parts: Parts) -> std::io::Result<(Line, watch::Receiver<Arc<View>>)> {
        let (sender, mut jobs) = mpsc::unbounded_channel::<Job>();
        let line = Line(sender);
        let (view, seen) = watch::channel(Arc::new(View::default()));
        let mut core = Self {
            state: parts.state,
            engine: parts.engine,
            runtime: parts.runtime,
            way: line.0.downgrade(),
            log: parts.log,
            reserved: Reserved::default(),
            runs: BTreeMap::new(),
            queue: VecDeque::new(),
            last: BTreeMap::new(),
            unwritten: BTreeMap::new(),
            copies: parts.copies,
            closing: false,
            journal: parts.journal,
            cluster_id: parts.cluster_id,
            view,
        };
        core.reconcile();
        core.publish();
        std::thread::Builder::new().name("cluster".to_owned()).spawn(move || {
            while let Some(job) = jobs.blocking_recv() {
                job(&mut core);
                if core.closing && core.runs.is_empty() {
                    break;
                }
            }
        })?;
        Ok((line, seen))
    }

    /// Writes a change down, makes it, and sees to what follows from it. Nothing is changed when it can't be written.
    pub(super) fn commit(&mut self, records: Vec<Record>) -> Result<(), DmError> {
        if self.closing {
            return Err(refusal::closing());
        }
        self.write(records)?;
        self.reconcile();
        self.publish();
        Ok(())
    }

    /// The same, and binds sources that nobody serves to workers that the change has set free.
    pub(super) fn change(&mut self, mut records: Vec<Record>) -> Result<(), DmError> {
        let mut after = self.state.clone();
        records.iter().cloned().for_each(|record| after.apply(record));
        records.extend(after.bindings());
        self.commit(records)
    }

    /// Writes a change down and makes it.
    pub(super) fn write(&mut self, records: Vec<Record>) -> Result<(), DmError> {
        if records.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.journal.write(&records) {
            self.log.error(error.to_string(), []);
            return Err(error.into());
        }
        for record in records {
            self.forget(&record);
            self.state.apply(record);
        }
        Ok(())
    }

    /// What is gone leaves nothing to another of the same name.
    fn forget(&mut self, record: &Record) {
        match record {
            Record::NoTask(name) => {
                self.last.retain(|(task, _), _| task != name);
                self.unwritten.retain(|(task, _), _| task != name);
            }
            Record::NoSubtask(key) => {
                self.last.remove(key);
                self.unwritten.remove(key);
            }
            _ => {}
        }
    }

    /// Lets everybody see how things are.
    pub(super) fn publish(&self) {
        self.view.send_replace(Arc::new(View::of(self, self.cluster_id)));
    }

    /// Reserves names for a change that takes long.
    pub(super) fn reserve(&mut self, names: Names) -> Result<Reservation, DmError> {
        if self.closing {
            return Err(refusal::closing());
        }
        let line = self.line().ok_or_else(refusal::closing)?;
        self.reserved.take(&names)?;
        Ok(Reservation { names, line })
    }

    /// The way back to the core, for work that goes on elsewhere.
    pub(super) fn line(&self) -> Option<Line> {
        self.way.upgrade().map(Line)
    }

    /// Does something again in a while.
    pub(super) fn later(&self, after: Duration, job: impl FnOnce(&mut Self) + Send + 'static) {
        let Some(line) = self.line() else { return };
        self.runtime.spawn(async move {
            tokio::time::sleep(after).await;
            line.send(job);
        });
    }
}
