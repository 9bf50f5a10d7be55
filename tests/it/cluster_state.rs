//! What a change does to the scripted cluster: tasks. REST and gRPC come to the same functions, as in DM.

use std::collections::BTreeMap;

use dmctl::wire::pb;
use serde_json::Value;

use crate::cluster::{Script, Task};
use crate::cluster_bodies::fixed_part;
use crate::cluster_refusals::{self as refusals, Refusal};

/// The state of a cluster while a change is made.
pub struct State<'a> {
    pub script: &'a mut Script,
    /// How often each subtask was looked at.
    pub looks: &'a mut BTreeMap<(String, String), usize>,
}

/// Whether DM waits for what it was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// REST: the next looks still show what was before.
    No,
    /// gRPC: the answer comes when it is so, or with the error that stood there before.
    Yes,
}

impl State<'_> {
    /// The named sources, or all of the task.
    pub fn sources_of(&self, task: &str, named: &[String]) -> Vec<String> {
        if !named.is_empty() {
            return named.to_vec();
        }
        self.task(task).map(Task::sources).unwrap_or_default()
    }

    pub fn task(&self, name: &str) -> Option<&Task> {
        self.script.tasks.iter().find(|task| task.name == name)
    }

    pub fn tasks_of(&self, source: &str) -> Vec<String> {
        let has = |task: &&Task| task.subtasks.iter().any(|(name, _)| name == source);
        self.script.tasks.iter().filter(has).map(|task| task.name.clone()).collect()
    }

    /// What a subtask is by now, with every change in effect, whether a look has shown it or not.
    pub fn truth(&self, task: &str, source: &str) -> Option<pb::SubTaskStatus> {
        let task = self.task(task)?;
        let (_, looks) = task.subtasks.iter().find(|(name, _)| name == source)?;
        let seen = self.looks.get(&(task.name.clone(), source.to_owned())).copied().unwrap_or_default();
        let old = task.old_looks.get(source).copied().unwrap_or_default();
        looks.get(seen.max(old)).or(looks.last()).cloned()
    }

    /// Whether DM wants it to run: `Expect` of its scheduler. A finished one is wanted to run until it is stopped.
    pub fn is_wanted(&self, task: &str, source: &str) -> bool {
        let Some(task) = self.task(task) else { return false };
        let by_look = || {
            let first = task.subtasks.iter().find(|(name, _)| name == source).and_then(|(_, looks)| looks.first());
            first.is_some_and(|look| match look.stage() {
                pb::Stage::Stopped => false,
                pb::Stage::Paused => look.result.as_ref().is_some_and(|result| !result.errors.is_empty() && !result.is_canceled),
                _ => true,
            })
        };
        task.wanted.get(source).copied().unwrap_or_else(by_look)
    }

    pub fn wanted_of(&self, source: &str) -> Vec<String> {
        let tasks = self.tasks_of(source);
        tasks.into_iter().filter(|task| self.is_wanted(task, source)).collect()
    }

    /// Makes a subtask show this. `old` of its next looks show what was before.
    pub fn becomes(&mut self, task: &str, source: &str, looks: Vec<pb::SubTaskStatus>, old: usize) {
        let Some(before) = self.truth(task, source) else { return };
        self.looks.remove(&(task.to_owned(), source.to_owned()));
        let Some(task) = self.script.tasks.iter_mut().find(|known| known.name == task) else { return };
        task.old_looks.insert(source.to_owned(), old);
        for (_, shown) in task.subtasks.iter_mut().filter(|(name, _)| name == source) {
            *shown = std::iter::repeat_n(before.clone(), old).chain(looks.clone()).collect();
        }
    }

    /// Tells DM what is wanted of subtasks, and lets their workers do it.
    pub fn expect(&mut self, task: &str, sources: &[String], run: bool, waits: Waits) -> Result<(), Refusal> {
        let known = self.task(task).map(Task::sources).unwrap_or_default();
        let strangers: Vec<_> = sources.iter().filter(|source| !known.contains(source)).cloned().collect();
        if !strangers.is_empty() {
            return Err(refusals::no_such_subtasks(&strangers).into());
        }
        for source in sources {
            self.want(task, source, run);
            let Some(before) = self.truth(task, source) else { continue };
            let old = if waits == Waits::Yes && errors_of(&before).is_empty() { 0 } else { self.script.late };
            match (run, before.stage()) {
                (true, pb::Stage::Paused | pb::Stage::Stopped) => {
                    let scripted = self.task(task).map(|task| task.started.clone()).unwrap_or_default();
                    let looks = if scripted.is_empty() { vec![at_work(before)] } else { scripted };
                    self.becomes(task, source, looks, old);
                }
                (false, pb::Stage::Running) => self.becomes(task, source, vec![stopped(before)], old),
                // An error that stands there stays; but now a user has stopped it.
                (false, pb::Stage::Paused) => self.becomes(task, source, vec![stopped(before)], 0),
                _ => {}
            }
        }
        Ok(())
    }

    fn want(&mut self, task: &str, source: &str, run: bool) {
        if let Some(task) = self.script.tasks.iter_mut().find(|known| known.name == task) {
            task.wanted.insert(source.to_owned(), run);
        }
    }

    /// Takes subtasks away; a task without any is gone.
    pub fn remove(&mut self, task: &str, sources: &[String]) -> Result<(), Refusal> {
        let known = self.task(task).map(Task::sources).unwrap_or_default();
        let strangers: Vec<_> = sources.iter().filter(|source| !known.contains(source)).cloned().collect();
        if !strangers.is_empty() {
            return Err(refusals::no_such_subtasks(&strangers).into());
        }
        for source in sources {
            self.looks.remove(&(task.to_owned(), source.clone()));
        }
        if let Some(task) = self.script.tasks.iter_mut().find(|known| known.name == task) {
            task.subtasks.retain(|(source, _)| !sources.contains(source));
            task.wanted.retain(|source, _| !sources.contains(source));
            task.old_looks.retain(|source, _| !sources.contains(source));
        }
        self.script.tasks.retain(|task| !task.subtasks.is_empty());
        Ok(())
    }

    /// DELETE of a task: not while one of its subtasks is wanted to run.
    pub fn delete(&mut self, task: &str, force: bool) -> Result<(), Refusal> {
        let Some(known) = self.task(task) else { return Err(refusals::task_unknown(task).into()) };
        let sources = known.sources();
        if !force && sources.iter().any(|source| self.is_wanted(task, source)) {
            return Err(refusals::still_running(task).into());
        }
        self.remove(task, &sources)
    }

    /// Adds the subtasks that there are not yet, stopped.
    pub fn create(&mut self, new: Task) -> Result<(), Refusal> {
        let wanted = new.sources();
        let known = self.task(&new.name).map(Task::sources).unwrap_or_default();
        if wanted.iter().all(|source| known.contains(source)) {
            return Err(refusals::task_exists(&new.name, &wanted).into());
        }
        let unbound: Vec<_> = wanted.iter().filter(|source| self.worker_of(source).is_none()).cloned().collect();
        if !unbound.is_empty() {
            return Err(refusals::sources_unbound(&unbound).into());
        }
        match self.script.tasks.iter_mut().find(|task| task.name == new.name) {
            Some(task) => {
                task.subtasks.extend(new.subtasks.into_iter().filter(|(source, _)| !known.contains(source)));
                task.body = new.body;
            }
            None => self.script.tasks.push(new),
        }
        Ok(())
    }

    /// PUT of a task: nothing may be wanted to run, and every subtask must be in the sync unit.
    pub fn update(&mut self, new: Task) -> Result<(), Refusal> {
        let Some(known) = self.task(&new.name) else { return Err(refusals::task_unknown(&new.name).into()) };
        let sources = new.sources();
        if let Some(stranger) = sources.iter().find(|source| !known.sources().contains(source)) {
            return Err(refusals::subtask_unknown(&new.name, stranger).into());
        }
        if let Some(first) = sources.first().filter(|first| self.is_wanted(&new.name, first)) {
            return Err(refusals::update_while_running(&new.name, first).into());
        }
        for source in &sources {
            if self.worker_of(source).is_none() {
                return Err(refusals::update_unbound(source).into());
            }
            let unit = self.truth(&new.name, source).map_or(pb::UnitType::InvalidUnit, |status| status.unit());
            if unit != pb::UnitType::Sync {
                return Err(refusals::update_of_unit(&new.name, unit.as_str_name()).into());
            }
        }
        let fixed = |body: &Option<Value>| body.as_ref().map(|body| fixed_part(body, self.script.version));
        if known.body.is_some() && fixed(&known.body) != fixed(&new.body) {
            return Err(refusals::update_of_unit(&new.name, "Sync").into());
        }
        if let Some(task) = self.script.tasks.iter_mut().find(|task| task.name == new.name) {
            (task.body, task.text) = (new.body, new.text);
        }
        Ok(())
    }
}

/// The errors that a subtask shows, as DM repeats them in the answer to a gRPC call.
pub fn errors_of(status: &pb::SubTaskStatus) -> String {
    let errors = status.result.iter().flat_map(|result| &result.errors);
    let text = |error: &pb::ProcessError| {
        format!(
            "[code={}:class={}:scope={}:level={}], Message: {}, RawCause: {}, Workaround: {}",
            error.err_code, error.err_class, error.err_scope, error.err_level, error.message, error.raw_cause, error.workaround
        )
    };
    errors.map(text).collect::<Vec<_>>().join("\n")
}

fn at_work(status: pb::SubTaskStatus) -> pb::SubTaskStatus {
    pb::SubTaskStatus { stage: pb::Stage::Running.into(), result: None, ..status }
}

/// Stopped by a user.
fn stopped(status: pb::SubTaskStatus) -> pb::SubTaskStatus {
    let result = status.result.clone().unwrap_or_default();
    let result = Some(pb::ProcessResult { is_canceled: true, ..result });
    pb::SubTaskStatus { stage: pb::Stage::Paused.into(), result, ..status }
}
