//! What is kept: sources, tasks, their subtasks, workers and templates, and the records by which all of it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::lifecycle::Life;
use crate::model::source_file::SourceFile;
use crate::model::subtask::Figures;
use crate::model::task_file::TaskFile;
use crate::model::{DmError, SourceName, TaskName, WorkerName};

/// A task on one of its sources.
pub type Key = (TaskName, SourceName);

/// All that is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The sources.
    pub sources: BTreeMap<SourceName, Arc<Source>>,
    /// The tasks.
    pub tasks: BTreeMap<TaskName, Arc<Task>>,
    /// The workers, in the order in which they are bound.
    pub workers: Vec<WorkerName>,
    /// Templates of tasks: bodies of the REST API, which nothing here looks into.
    pub templates: BTreeMap<TaskName, Arc<str>>,
}

/// A source.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its file, complete and with its secrets.
    pub file: SourceFile,
    /// The worker that serves it.
    pub worker: Option<WorkerName>,
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its file with its secrets.
    pub file: Arc<TaskFile>,
    /// It has to start over: what its target holds does not fit, or is no longer known.
    pub over: bool,
    /// Its subtasks, one for each source.
    pub subtasks: BTreeMap<SourceName, Subtask>,
}

/// What is kept of a subtask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtask {
    /// Where it is in its life.
    pub life: Life,
    /// It was stopped because its source was disabled, and starts when the source is enabled.
    pub held: bool,
    /// The errors that stopped it.
    pub errors: Vec<DmError>,
    /// How far it was when it came through, or when an error stopped it.
    pub figures: Option<Arc<Figures>>,
}

impl Subtask {
    /// One that was never started.
    #[must_use]
    pub const fn created() -> Self {
        Self::in_life(Life::Created)
    }

    /// The same in another state, and without what is no longer true of it.
    #[must_use]
    pub const fn in_life(life: Life) -> Self {
        Self { life, held: false, errors: Vec::new(), figures: None }
    }
}

/// One change of what is kept. A change of several records is stored as a whole or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A source is there, as it is.
    Source(SourceName, Arc<Source>),
    /// A source is gone.
    NoSource(SourceName),
    /// A task is there, with this file; its subtasks have records of their own.
    Task {
        /// Its name.
        name: TaskName,
        /// Its file.
        file: Arc<TaskFile>,
        /// Whether it has to start over.
        over: bool,
    },
    /// A task is gone, with its subtasks.
    NoTask(TaskName),
    /// A subtask is there, as it is.
    Subtask(Key, Subtask),
    /// A subtask is gone.
    NoSubtask(Key),
    /// A worker is there.
    Worker(WorkerName),
    /// A worker is gone.
    NoWorker(WorkerName),
    /// A template is there, as it is.
    Template(TaskName, Arc<str>),
    /// A template is gone.
    NoTemplate(TaskName),
}

impl State {
    /// Makes a change.
    pub fn apply(&mut self, record: Record) {
        match record {
            Record::Source(name, source) => {
                self.sources.insert(name, source);
            }
            Record::NoSource(name) => {
                self.sources.remove(&name);
            }
            Record::Task { name, file, over } => {
                let subtasks = self.tasks.get(&name).map(|task| task.subtasks.clone()).unwrap_or_default();
                self.tasks.insert(name, Arc::new(Task { file, over, subtasks }));
            }
            Record::NoTask(name) => {
                self.tasks.remove(&name);
            }
            Record::Subtask((task, source), subtask) => {
                if let Some(task) = self.tasks.get_mut(&task) {
                    Arc::make_mut(task).subtasks.insert(source, subtask);
                }
            }
            Record::NoSubtask((task, source)) => {
                if let Some(task) = self.tasks.get_mut(&task) {
                    Arc::make_mut(task).subtasks.remove(&source);
                }
            }
            Record::Worker(name) => {
                if !self.workers.contains(&name) {
                    self.workers.push(name);
                    // worker2 comes before worker10.
                    self.workers.sort_by(|one, two| (one.as_str().len(), one).cmp(&(two.as_str().len(), two)));
                }
            }
            Record::NoWorker(name) => self.workers.retain(|worker| *worker != name),
            Record::Template(name, body) => {
                self.templates.insert(name, body);
            }
            Record::NoTemplate(name) => {
                self.templates.remove(&name);
            }
        }
    }

    /// A subtask.
    #[must_use]
    pub fn subtask(&self, (task, source): &Key) -> Option<&Subtask> {
        self.tasks.get(task)?.subtasks.get(source)
    }

    /// The tasks that read a source, with what they do on it.
    pub fn tasks_of<'a>(&'a self, source: &'a SourceName) -> impl Iterator<Item = (&'a TaskName, &'a Subtask)> {
        self.tasks.iter().filter_map(move |(name, task)| Some((name, task.subtasks.get(source)?)))
    }

    /// The source that a worker serves.
    #[must_use]
    pub fn served_by(&self, worker: &WorkerName) -> Option<&SourceName> {
        self.sources.iter().find(|(_, source)| source.worker.as_ref() == Some(worker)).map(|(name, _)| name)
    }

    /// The first worker that serves no source.
    #[must_use]
    pub fn free_worker(&self) -> Option<&WorkerName> {
        self.workers.iter().find(|worker| self.served_by(worker).is_none())
    }

    /// Puts sources that nobody serves to workers that serve nothing.
    #[must_use]
    pub fn bindings(&self) -> Vec<Record> {
        let mut free = self.workers.iter().filter(|worker| self.served_by(worker).is_none());
        let unbound = self.sources.iter().filter(|(_, source)| source.worker.is_none());
        unbound
            .zip(&mut free)
            .map(|((name, source), worker)| {
                Record::Source(name.clone(), Arc::new(Source { worker: Some(worker.clone()), ..Source::clone(source) }))
            })
            .collect()
    }
}
