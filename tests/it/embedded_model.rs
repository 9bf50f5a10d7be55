//! A plain model of the embedded DM: what each command does, in the words of the design, and without the code under test.

use std::collections::{BTreeMap, BTreeSet};

use dmctl::cluster::State;
use dmctl::model::lifecycle::Life;

/// Where a subtask is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Created,
    Stopped,
    Failed,
    Running,
    Finished,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSource {
    pub enabled: bool,
    pub worker: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelTask {
    pub threads: u32,
    pub port: u16,
    pub over: bool,
    /// Source to where it is, and whether a disabled source holds it.
    pub subtasks: BTreeMap<String, (Is, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub workers: Vec<String>,
    pub sources: BTreeMap<String, ModelSource>,
    pub tasks: BTreeMap<String, ModelTask>,
}

/// What is done.
#[derive(Debug, Clone)]
pub enum Deed {
    CreateSource {
        source: String,
        enabled: bool,
    },
    UpdateSource {
        source: String,
        enabled: bool,
    },
    DeleteSource {
        source: String,
        force: bool,
    },
    Enable(String),
    Disable(String),
    Transfer {
        source: String,
        worker: String,
    },
    CreateTask {
        task: String,
        sources: BTreeSet<String>,
    },
    UpdateTask {
        task: String,
        sources: BTreeSet<String>,
        threads: u32,
        port: u16,
    },
    Start {
        task: String,
        sources: BTreeSet<String>,
        over: bool,
    },
    Stop {
        task: String,
        sources: BTreeSet<String>,
    },
    Delete {
        task: String,
        force: bool,
    },
    Finish {
        task: String,
        source: String,
    },
    Fail {
        task: String,
        source: String,
    },
    /// The target, the sources or the check fail from now on, or no longer.
    Down {
        target: bool,
        source: bool,
        check: bool,
    },
    Restart,
}

/// What fails outside.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outside {
    pub target: bool,
    pub source: bool,
    pub check: bool,
}

/// The state after each write, and the code of the refusal if it is one.
pub type Course = (Vec<Model>, Result<(), u32>);

impl Model {
    pub fn new(workers: usize) -> Self {
        let workers = (1..=workers).map(|number| format!("worker{number}")).collect();
        Self { workers, sources: BTreeMap::new(), tasks: BTreeMap::new() }
    }

    pub fn of(state: &State) -> Self {
        let is = |life| match life {
            Life::Created => Is::Created,
            Life::Stopped => Is::Stopped,
            Life::Failed => Is::Failed,
            Life::Running => Is::Running,
            Life::Finished => Is::Finished,
        };
        let source = |source: &dmctl::cluster::Source| ModelSource {
            enabled: source.file.enable(),
            worker: source.worker.as_ref().map(ToString::to_string),
        };
        let task = |task: &dmctl::cluster::Task| ModelTask {
            threads: task
                .file
                .instances()
                .next()
                .and_then(|one| one.mydumper_thread.as_ref())
                .map_or(0, |given| given.value as u32),
            port: task.file.target().map_or(0, |target| target.port() as u16),
            over: task.over,
            subtasks: task.subtasks.iter().map(|(source, one)| (source.to_string(), (is(one.life), one.held))).collect(),
        };
        Self {
            workers: state.workers.iter().map(ToString::to_string).collect(),
            sources: state.sources.iter().map(|(name, one)| (name.to_string(), source(one))).collect(),
            tasks: state.tasks.iter().map(|(name, one)| (name.to_string(), task(one))).collect(),
        }
    }

    /// The subtasks that are wanted at work.
    pub fn wanted(&self) -> BTreeSet<(String, String)> {
        let all = self.tasks.iter().flat_map(|(task, one)| one.subtasks.iter().map(move |(source, is)| (task, source, is.0)));
        all.filter(|(_, _, is)| *is == Is::Running).map(|(task, source, _)| (task.clone(), source.clone())).collect()
    }

    /// What becomes of the state.
    pub fn course(&self, deed: &Deed, outside: Outside) -> Course {
        let mut writes = Vec::new();
        let mut now = self.clone();
        let result = now.make(deed, outside, &mut writes);
        (writes, result)
    }

    fn make(&mut self, deed: &Deed, outside: Outside, writes: &mut Vec<Self>) -> Result<(), u32> {
        let before = self.clone();
        match deed {
            Deed::CreateSource { source, enabled } => {
                ensure(!self.sources.contains_key(source), 46007)?;
                ensure(!outside.source, 10001)?;
                self.sources.insert(source.clone(), ModelSource { enabled: *enabled, worker: None });
                self.bind();
            }
            Deed::UpdateSource { source, enabled } => {
                let was = self.sources.get(source).ok_or(46008_u32)?.enabled;
                ensure(!self.on(source).any(|(_, is, _)| is == Is::Running), 46025)?;
                ensure(!outside.source, 10001)?;
                if *enabled && !was {
                    self.release(source);
                }
                self.sources.get_mut(source).unwrap().enabled = *enabled;
                writes.push(self.clone());
                return Ok(());
            }
            Deed::DeleteSource { source, force } => {
                ensure(self.sources.contains_key(source), 46008)?;
                ensure(*force || self.on(source).next().is_none(), 46010)?;
                self.each_on(source, |is, _| if is == Is::Running { (Is::Stopped, false) } else { (is, false) }, true);
                if *self != before {
                    writes.push(self.clone());
                }
                let before = self.clone();
                for task in self.tasks.values_mut() {
                    task.subtasks.remove(source);
                }
                self.tasks.retain(|_, task| !task.subtasks.is_empty());
                self.sources.remove(source);
                self.bind();
                assert_ne!(*self, before);
            }
            Deed::Enable(source) => {
                let one = self.sources.get(source).ok_or(46008_u32)?;
                ensure(one.worker.is_some(), 40070)?;
                if !one.enabled {
                    self.release(source);
                    self.sources.get_mut(source).unwrap().enabled = true;
                }
            }
            Deed::Disable(source) => {
                if self.sources.get(source).ok_or(46008_u32)?.enabled {
                    self.each_on(source, |is, held| if is == Is::Running { (Is::Stopped, true) } else { (is, held) }, false);
                    self.sources.get_mut(source).unwrap().enabled = false;
                }
            }
            Deed::Transfer { source, worker } => {
                let is = self.sources.get(source).ok_or(46008_u32)?.worker.clone();
                ensure(self.workers.contains(worker), 46004)?;
                if is.as_ref() != Some(worker) {
                    ensure(!self.sources.values().any(|one| one.worker.as_ref() == Some(worker)), 46006)?;
                    self.sources.get_mut(source).unwrap().worker = Some(worker.clone());
                    self.bind();
                }
            }
            Deed::CreateTask { task, sources } => {
                ensure(!self.tasks.contains_key(task), 46014)?;
                self.usable(sources)?;
                ensure(!outside.check, 26005)?;
                let subtasks = sources.iter().map(|source| (source.clone(), (Is::Created, false))).collect();
                self.tasks.insert(task.clone(), ModelTask { threads: 4, port: 4000, over: false, subtasks });
            }
            Deed::UpdateTask { task, sources, threads, port } => {
                let one = self.tasks.get(task).ok_or(46018_u32)?.clone();
                let content = one.port != *port || one.subtasks.keys().ne(sources.iter());
                let same = !content && one.threads == *threads;
                for (is, _) in one.subtasks.values() {
                    ensure(same || !(*is == Is::Finished || content && *is == Is::Running), 46035)?;
                }
                self.usable(sources)?;
                if same {
                    return Ok(());
                }
                ensure(!outside.check, 26005)?;
                let ran = one.subtasks.values().any(|(is, _)| matches!(is, Is::Stopped | Is::Failed));
                let of = |source: &String| one.subtasks.get(source).copied().unwrap_or((Is::Created, false));
                let subtasks = sources.iter().map(|source| (source.clone(), of(source))).collect();
                let over = one.over || content && ran;
                self.tasks.insert(task.clone(), ModelTask { threads: *threads, port: *port, over, subtasks });
            }
            Deed::Start { task, sources, over } => return self.start(task, sources, *over, outside, writes),
            Deed::Stop { task, sources } => {
                for source in self.chosen(task, sources)? {
                    let one = self.tasks.get_mut(task).unwrap().subtasks.get_mut(&source).unwrap();
                    *one = (if one.0 == Is::Running { Is::Stopped } else { one.0 }, false);
                }
            }
            Deed::Delete { task, force } => {
                let one = self.tasks.get_mut(task).ok_or(46018_u32)?;
                ensure(*force || !one.subtasks.values().any(|(is, _)| *is == Is::Running), 49001)?;
                for subtask in one.subtasks.values_mut().filter(|(is, _)| *is == Is::Running) {
                    *subtask = (Is::Stopped, false);
                }
                one.over = true;
                writes.push(self.clone());
                ensure(*force || !outside.target, 49001)?;
                self.tasks.remove(task);
                writes.push(self.clone());
                return Ok(());
            }
            Deed::Finish { task, source } => {
                self.tasks.get_mut(task).unwrap().subtasks.insert(source.clone(), (Is::Finished, false)).map_or((), drop)
            }
            Deed::Fail { task, source } => {
                self.tasks.get_mut(task).unwrap().subtasks.insert(source.clone(), (Is::Failed, false)).map_or((), drop)
            }
            Deed::Down { .. } | Deed::Restart => {}
        }
        if *self != before {
            writes.push(self.clone());
        }
        Ok(())
    }

    fn start(
        &mut self,
        task: &str,
        sources: &BTreeSet<String>,
        over: bool,
        outside: Outside,
        writes: &mut Vec<Self>,
    ) -> Result<(), u32> {
        let chosen = self.chosen(task, sources)?;
        let one = &self.tasks[task];
        if over {
            ensure(chosen.len() == one.subtasks.len(), 49001)?;
        }
        let any_left = chosen.iter().any(|source| one.subtasks[source].0 != Is::Finished);
        let mut starting = Vec::new();
        for source in &chosen {
            match one.subtasks[source].0 {
                Is::Running => ensure(!over, 49001)?,
                Is::Finished if !over => ensure(any_left, 49001)?,
                _ => {
                    ensure(self.sources[source].enabled, 38058)?;
                    starting.push(source);
                }
            }
        }
        if !over {
            ensure(starting.is_empty() || !one.over, 49001)?;
        } else {
            self.tasks.get_mut(task).unwrap().over = true;
            writes.push(self.clone());
            ensure(!outside.target, 49001)?;
        }
        let one = self.tasks.get_mut(task).unwrap();
        one.over &= !over;
        for source in &starting {
            one.subtasks.insert((*source).clone(), (Is::Running, false));
        }
        if !starting.is_empty() {
            writes.push(self.clone());
        }
        Ok(())
    }

    fn chosen(&self, task: &str, sources: &BTreeSet<String>) -> Result<Vec<String>, u32> {
        let one = self.tasks.get(task).ok_or(46018_u32)?;
        ensure(sources.iter().all(|source| self.sources.contains_key(source)), 46008)?;
        ensure(sources.iter().all(|source| one.subtasks.contains_key(source)), 46017)?;
        Ok(one.subtasks.keys().filter(|source| sources.is_empty() || sources.contains(*source)).cloned().collect())
    }

    fn usable(&self, sources: &BTreeSet<String>) -> Result<(), u32> {
        ensure(sources.iter().all(|source| self.sources.contains_key(source)), 46008)?;
        ensure(sources.iter().all(|source| self.sources[source].worker.is_some()), 46009)
    }

    fn on<'a>(&'a self, source: &'a str) -> impl Iterator<Item = (&'a str, Is, bool)> {
        self.tasks.iter().filter_map(move |(task, one)| one.subtasks.get(source).map(|(is, held)| (task.as_str(), *is, *held)))
    }

    fn each_on(&mut self, source: &str, change: impl Fn(Is, bool) -> (Is, bool), only_running: bool) {
        for one in self.tasks.values_mut().filter_map(|task| task.subtasks.get_mut(source)) {
            if !only_running || one.0 == Is::Running {
                *one = change(one.0, one.1);
            }
        }
    }

    fn release(&mut self, source: &str) {
        self.each_on(source, |is, held| if held { (Is::Running, false) } else { (is, held) }, false);
    }

    /// Sources without a worker get those that serve nothing.
    fn bind(&mut self) {
        let taken: BTreeSet<_> = self.sources.values().filter_map(|one| one.worker.clone()).collect();
        let mut free = self.workers.iter().filter(|worker| !taken.contains(*worker));
        for one in self.sources.values_mut().filter(|one| one.worker.is_none()) {
            one.worker = free.next().cloned();
        }
    }
}

fn ensure(holds: bool, code: u32) -> Result<(), u32> {
    if holds { Ok(()) } else { Err(code) }
}
