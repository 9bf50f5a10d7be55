//! Creating, updating, deleting, enabling and disabling sources.

use std::sync::Arc;

use tokio::time::Instant;

use super::core::{Core, Names, Reservation};
use super::run::{self, Ending};
use super::state::{Key, Record, Source, Subtask, Task};
use super::task_change::with_kept_source_password;
use super::{Cluster, STOP_WITHIN, refusal};
use crate::model::file::{Given, Named};
use crate::model::lifecycle::Life;
use crate::model::source_file::SourceFile;
use crate::model::task_file::TaskFile;
use crate::model::{DmError, SourceName, TaskName, WorkerName};

/// The tasks that were started when a source was enabled.
pub type Started = Vec<TaskName>;

impl Core {
    fn plan_source(&mut self, file: &SourceFile, worker: Option<&WorkerName>) -> Result<(SourceName, Reservation), DmError> {
        let name = source_name(file)?;
        not_yet(file)?;
        if self.state.sources.contains_key(&name) {
            return Err(refusal::source_exists(&name));
        }
        if let Some(worker) = worker {
            self.is_free(worker)?;
        }
        let reservation = self.reserve(Names { sources: vec![name.clone()], ..Names::default() })?;
        Ok((name, reservation))
    }

    fn is_free(&self, worker: &WorkerName) -> Result<(), DmError> {
        if !self.state.workers.contains(worker) {
            return Err(refusal::no_worker(worker));
        }
        self.state.served_by(worker).map_or(Ok(()), |source| Err(refusal::worker_not_free(worker, source)))
    }

    fn create_source(&mut self, name: SourceName, file: SourceFile, worker: Option<WorkerName>) -> Result<(), DmError> {
        if let Some(worker) = &worker {
            self.is_free(worker)?;
        }
        self.change(vec![Record::Source(name, Arc::new(Source { file, worker }))])
    }

    fn plan_source_update(&mut self, name: &SourceName, file: SourceFile) -> Result<(SourceFile, Reservation), DmError> {
        let kept = self.state.sources.get(name).ok_or_else(|| refusal::no_source(name))?;
        let file = with_kept_source_password(file, &kept.file);
        if source_name(&file)? != *name {
            return Err(refusal::wrong_name(file.source_id(), name));
        }
        not_yet(&file)?;
        let at_work = |task: &TaskName| self.runs.contains_key(&(task.clone(), name.clone()));
        if self.state.tasks_of(name).any(|(task, subtask)| subtask.life == Life::Running || at_work(task)) {
            return Err(refusal::source_at_work(name));
        }
        let reservation = self.reserve(Names { sources: vec![name.clone()], ..Names::default() })?;
        Ok((file, reservation))
    }

    fn update_source(&mut self, name: SourceName, file: SourceFile) -> Result<(), DmError> {
        let kept = self.state.sources.get(&name).ok_or_else(|| refusal::no_source(&name))?;
        let mut records = if file.enable() && !kept.file.enable() { self.released(&name) } else { Vec::new() };
        records.push(Record::Source(name, Arc::new(Source { file, worker: kept.worker.clone() })));
        self.commit(records)
    }

    /// What starts when a source is enabled: just what was stopped when it was disabled.
    fn released(&self, source: &SourceName) -> Vec<Record> {
        let held = self.state.tasks_of(source).filter(|(_, subtask)| subtask.held);
        held.map(|(task, _)| Record::Subtask((task.clone(), source.clone()), Subtask::in_life(Life::Running))).collect()
    }

    fn enable(&mut self, name: &SourceName) -> Result<Started, DmError> {
        let kept = self.state.sources.get(name).ok_or_else(|| refusal::no_source(name))?;
        self.reserved.source(name)?;
        if kept.worker.is_none() {
            return Err(refusal::not_bound(name));
        }
        if kept.file.enable() {
            return Ok(Vec::new());
        }
        let started = self.state.tasks_of(name).filter(|(_, subtask)| subtask.held).map(|(task, _)| task.clone()).collect();
        let mut records = self.released(name);
        records.push(Record::Source(name.clone(), switched(kept, true)));
        self.commit(records)?;
        Ok(started)
    }

    fn disable(&mut self, name: &SourceName) -> Result<Vec<Ending>, DmError> {
        let kept = self.state.sources.get(name).ok_or_else(|| refusal::no_source(name))?;
        self.reserved.source(name)?;
        let keys: Vec<Key> = self.state.tasks_of(name).map(|(task, _)| (task.clone(), name.clone())).collect();
        if !kept.file.enable() {
            // Another call may still wait for the work to end.
            return Ok(self.endings(&keys));
        }
        let running = self.state.tasks_of(name).filter(|(_, subtask)| subtask.life == Life::Running);
        let held = Subtask { held: true, ..Subtask::in_life(Life::Stopped) };
        let mut records: Vec<_> = running.map(|(task, _)| Record::Subtask((task.clone(), name.clone()), held.clone())).collect();
        records.push(Record::Source(name.clone(), switched(kept, false)));
        self.commit(records)?;
        Ok(self.endings(&keys))
    }

    fn plan_source_deletion(&mut self, name: &SourceName, force: bool) -> Result<(Vec<Ending>, Reservation), DmError> {
        if !self.state.sources.contains_key(name) {
            return Err(refusal::no_source(name));
        }
        let tasks: Vec<TaskName> = self.state.tasks_of(name).map(|(task, _)| task.clone()).collect();
        if !tasks.is_empty() && !force {
            return Err(refusal::source_has_tasks(name, &tasks));
        }
        let reservation = self.reserve(Names { tasks: tasks.clone(), sources: vec![name.clone()], ..Names::default() })?;
        let running = self.state.tasks_of(name).filter(|(_, subtask)| subtask.life == Life::Running);
        let stopped =
            running.map(|(task, _)| Record::Subtask((task.clone(), name.clone()), Subtask::in_life(Life::Stopped))).collect();
        self.commit(stopped)?;
        let keys: Vec<Key> = tasks.into_iter().map(|task| (task, name.clone())).collect();
        Ok((self.endings(&keys), reservation))
    }

    fn delete_source(&mut self, name: SourceName) -> Result<(), DmError> {
        let mut records = Vec::new();
        for (task, kept) in self.state.tasks.iter().filter(|(_, kept)| kept.subtasks.contains_key(&name)) {
            if kept.subtasks.len() == 1 {
                records.push(Record::NoTask(task.clone()));
            } else {
                let Task { file, over, .. } = Task::clone(kept);
                let file = Arc::new(without_source(TaskFile::clone(&file), &name));
                records.push(Record::Task { name: task.clone(), file, over });
                records.push(Record::NoSubtask((task.clone(), name.clone())));
            }
        }
        records.push(Record::NoSource(name));
        self.change(records)
    }
}

impl Cluster {
    /// Connects to a source and keeps it. It is served by `worker`, else by the first that is free; without one it waits for one.
    ///
    /// # Errors
    /// There is such a source already, the worker can't have it, or the source's own words.
    pub async fn create_source(&self, file: SourceFile, worker: Option<WorkerName>) -> Result<SourceName, DmError> {
        let cluster = self.clone();
        self.through(async move {
            let (planned, wanted) = (file.clone(), worker.clone());
            let (name, reservation) = cluster.ask(move |core| core.plan_source(&planned, wanted.as_ref())).await??;
            let file = cluster.engine.complete_source(file).await?;
            let created = name.clone();
            let result = cluster.ask(move |core| core.create_source(created, file, worker)).await?;
            drop(reservation);
            result.map(|()| name)
        })
        .await
    }

    /// Changes a source to what a file says. No password, or one of stars, keeps the one that is there.
    ///
    /// # Errors
    /// No such source, tasks run on it, or its own words.
    pub async fn update_source(&self, name: SourceName, file: SourceFile) -> Result<(), DmError> {
        let cluster = self.clone();
        self.through(async move {
            let source = name.clone();
            let (file, reservation) = cluster.ask(move |core| core.plan_source_update(&source, file)).await??;
            let file = cluster.engine.complete_source(file).await?;
            let result = cluster.ask(move |core| core.update_source(name, file)).await?;
            drop(reservation);
            result
        })
        .await
    }

    /// Deletes a source; with `force` also what tasks do on it. What they have noted on their targets stays.
    ///
    /// # Errors
    /// No such source, or it has tasks.
    pub async fn delete_source(&self, name: SourceName, force: bool) -> Result<(), DmError> {
        let cluster = self.clone();
        self.through(async move {
            let source = name.clone();
            let (endings, reservation) = cluster.ask(move |core| core.plan_source_deletion(&source, force)).await??;
            run::wait_all(endings, Instant::now() + STOP_WITHIN).await;
            let result = cluster.ask(move |core| core.delete_source(name)).await?;
            drop(reservation);
            result
        })
        .await
    }

    /// Enables a source, which starts what was stopped when it was disabled.
    ///
    /// # Errors
    /// No such source, or no worker serves it.
    pub async fn enable_source(&self, name: SourceName) -> Result<Started, DmError> {
        self.ask(move |core| core.enable(&name)).await?
    }

    /// Disables a source. It returns when nothing works on it.
    ///
    /// # Errors
    /// No such source.
    pub async fn disable_source(&self, name: SourceName) -> Result<(), DmError> {
        let cluster = self.clone();
        self.through(async move {
            let endings = cluster.ask(move |core| core.disable(&name)).await??;
            run::wait_all(endings, Instant::now() + STOP_WITHIN).await;
            Ok(())
        })
        .await
    }
}

fn source_name(file: &SourceFile) -> Result<SourceName, DmError> {
    let name = file.source_id();
    if name.is_empty() {
        return Err(refusal::nameless_source());
    }
    if name.len() > 32 {
        return Err(refusal::long_source(name));
    }
    name.parse().map_err(|error: crate::model::names::NameError| DmError::plain(error.to_string()))
}

fn not_yet(file: &SourceFile) -> Result<(), DmError> {
    if file.enable_relay() {
        return Err(refusal::not_yet(None, "a relay log").cured_by("leave `enable-relay` out"));
    }
    Ok(())
}

fn switched(source: &Source, enabled: bool) -> Arc<Source> {
    let mut source = source.clone();
    source.file.enable = Some(Given::new(enabled));
    Arc::new(source)
}

/// A task without one of its sources, and without the sections that only this one used.
#[must_use]
pub fn without_source(mut file: TaskFile, source: &SourceName) -> TaskFile {
    if let Some(instances) = &mut file.mysql_instances {
        instances.value.retain(|instance| instance.value.source_id() != source.as_str());
    }
    let instances: Vec<_> = file.instances().cloned().collect();
    let listed = |names: &Option<Given<Vec<Given<String>>>>, name: &str| {
        names.iter().flat_map(|names| &names.value).any(|known| known.value == name)
    };
    let is = |known: &Option<Given<String>>, name: &str| known.as_ref().is_some_and(|known| known.value == name);
    let any = |uses: &dyn Fn(&crate::model::task_file::Instance) -> bool| instances.iter().any(uses);
    keep(&mut file.routes, |name| any(&|instance| listed(&instance.route_rules, name)));
    keep(&mut file.filters, |name| any(&|instance| listed(&instance.filter_rules, name)));
    keep(&mut file.expression_filter, |name| any(&|instance| listed(&instance.expression_filters, name)));
    let allowed = |name: &str| any(&|instance| is(&instance.block_allow_list, name) || is(&instance.black_white_list, name));
    keep(&mut file.block_allow_list, allowed);
    keep(&mut file.black_white_list, allowed);
    keep(&mut file.mydumpers, |name| any(&|instance| is(&instance.mydumper_config_name, name)));
    keep(&mut file.loaders, |name| any(&|instance| is(&instance.loader_config_name, name)));
    keep(&mut file.syncers, |name| any(&|instance| is(&instance.syncer_config_name, name)));
    keep(&mut file.validators, |name| any(&|instance| is(&instance.validator_config_name, name)));
    file
}

fn keep<T>(section: &mut Option<Given<Named<T>>>, is_used: impl Fn(&str) -> bool) {
    if let Some(given) = section {
        given.value.0.retain(|(name, _)| is_used(&name.value));
        if given.value.is_empty() {
            *section = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::task_file;

    #[test]
    fn a_task_without_a_source_is_still_a_good_one() {
        let file = "name: shop\ntask-mode: full\ntarget-database: {host: h, port: 4000, user: u}\nmysql-instances:\n\
            - source-id: a\n  route-rules: [one]\n  loader-config-name: fast\n- source-id: b\n  route-rules: [one, two]\n\
            routes:\n  one: {schema-pattern: x, target-schema: y}\n  two: {schema-pattern: v, target-schema: w}\n\
            loaders:\n  fast: {pool-size: 8}\n";
        let read = task_file::read(file).unwrap();
        let a = without_source(read.clone(), &SourceName::seen("b"));
        let b = without_source(read, &SourceName::seen("a"));
        for (file, routes, loaders) in [(a, vec!["one"], true), (b, vec!["one", "two"], false)] {
            let text = crate::model::file::Configuration::to_yaml(&file);
            assert!(task_file::read(&text).is_ok(), "{text}");
            assert_eq!(file.routes.iter().flat_map(|routes| routes.value.names()).collect::<Vec<_>>(), routes);
            assert_eq!(file.loaders.is_some(), loaders);
        }
    }
}
