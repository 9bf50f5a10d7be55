//! Checking, creating, updating and deleting tasks.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::time::Instant;

use super::core::{Core, Names, Reservation};
use super::run::{self, Ending};
use super::state::{Key, Record, Subtask};
use super::{Cluster, STOP_WITHIN, refusal};
use crate::model::file::Configuration as _;
use crate::model::lifecycle::{Command, Life, Reach, Step};
use crate::model::source_file::SourceFile;
use crate::model::subtask::{Checked, SubtaskSpec};
use crate::model::task_change::reach;
use crate::model::task_file::TaskFile;
use crate::model::{DmError, SourceName, TaskName};

/// What a check and a creation found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// What the check found; nothing when all was to be left out.
    pub checks: Checked,
}

/// What an update came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// What the check found; nothing when all was to be left out, or when there was nothing to check.
    pub checks: Checked,
    /// How far the change reaches; `None` when there is none.
    pub reach: Option<Reach>,
    /// What was copied no longer fits: the task has to start over.
    pub over: bool,
    /// Subtasks run, and get to know of the change when they start the next time.
    pub runs: bool,
}

/// What a deletion came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deleted {
    /// What stays on targets because it could not be removed, with the reason.
    pub stays: Vec<String>,
}

/// A task that is about to be.
struct Planned {
    file: Arc<TaskFile>,
    sources: Vec<SourceName>,
    specs: Vec<SubtaskSpec>,
    reservation: Reservation,
}

impl Core {
    /// Works out what a task would do, and sees that its sources can be used.
    fn specs_of(&self, file: &TaskFile) -> Result<Vec<SubtaskSpec>, DmError> {
        if let Some(error) = refusal::task_not_yet(file) {
            return Err(error);
        }
        let names: Vec<SourceName> = sources_of(file);
        if let Some(unknown) = names.iter().find(|name| !self.state.sources.contains_key(name)) {
            return Err(refusal::no_source(unknown));
        }
        let kept = |name: &SourceName| self.state.sources.get(name);
        let unbound: Vec<_> = names.iter().filter(|name| kept(name).is_some_and(|source| source.worker.is_none())).collect();
        if !unbound.is_empty() {
            return Err(refusal::unbound(unbound));
        }
        names.iter().filter_map(kept).map(|source| SubtaskSpec::new(file, &source.file)).collect()
    }

    fn plan(&mut self, name: &TaskName, file: TaskFile) -> Result<Planned, DmError> {
        if let Some(known) = self.state.tasks.get(name) {
            self.reserved.task(name)?;
            return Err(refusal::task_exists(name, known.subtasks.keys()));
        }
        let specs = self.specs_of(&file)?;
        let sources = sources_of(&file);
        let names = Names { tasks: vec![name.clone()], relied_on: sources.clone(), ..Names::default() };
        Ok(Planned { reservation: self.reserve(names)?, file: Arc::new(file), sources, specs })
    }

    fn create(&mut self, name: &TaskName, planned: (Arc<TaskFile>, Vec<SourceName>)) -> Result<(), DmError> {
        let (file, sources) = planned;
        let mut records = vec![Record::Task { name: name.clone(), file, over: false }];
        let created = |source| Record::Subtask((name.clone(), source), Subtask::created());
        records.extend(sources.into_iter().map(created));
        self.commit(records)
    }

    fn plan_update(&mut self, name: &TaskName, file: TaskFile) -> Result<(Planned, Option<Reach>), DmError> {
        let kept = self.state.tasks.get(name).ok_or_else(|| refusal::no_task(name))?;
        let file = with_kept_password(file, &kept.file);
        let reach = reach(&kept.file, &file);
        for (source, subtask) in &kept.subtasks {
            if let Some(reach) = reach
                && let Step::Refused(refused) = subtask.life.command(Command::Update(reach))
            {
                return Err(refusal::by_state(refused, name, source));
            }
        }
        let specs = self.specs_of(&file)?;
        let sources = sources_of(&file);
        let names = Names { tasks: vec![name.clone()], relied_on: sources.clone(), ..Names::default() };
        Ok((Planned { reservation: self.reserve(names)?, file: Arc::new(file), sources, specs }, reach))
    }

    /// Whether anything was copied by then, and whether anything runs.
    fn update(
        &mut self,
        name: &TaskName,
        planned: (Arc<TaskFile>, Vec<SourceName>),
        reach: Reach,
    ) -> Result<(bool, bool), DmError> {
        let (file, sources) = planned;
        let kept = self.state.tasks.get(name).ok_or_else(|| refusal::no_task(name))?;
        let steps = || kept.subtasks.values().map(|subtask| subtask.life.command(Command::Update(reach)));
        let over = kept.over || steps().any(|step| step == Step::StaysUntilOver);
        let runs = kept.subtasks.values().any(|subtask| subtask.life == Life::Running);
        let gone = kept.subtasks.keys().filter(|source| !sources.contains(source));
        let mut records: Vec<_> = gone.map(|source| Record::NoSubtask((name.clone(), source.clone()))).collect();
        let new = sources.iter().filter(|source| !kept.subtasks.contains_key(source));
        records.insert(0, Record::Task { name: name.clone(), file, over });
        records.extend(new.map(|source| Record::Subtask((name.clone(), source.clone()), Subtask::created())));
        self.commit(records)?;
        Ok((over, runs))
    }

    /// Stops a task that is to go, and has it for itself from then on.
    fn plan_deletion(&mut self, name: &TaskName, force: bool) -> Result<(Vec<Key>, Vec<Ending>, Reservation), DmError> {
        let chosen = self.chosen(name, &[])?;
        let mut records = Vec::new();
        for (source, subtask) in &chosen {
            if let Step::Refused(refused) = subtask.life.command(Command::Delete { force }) {
                return Err(refusal::by_state(refused, name, source));
            }
            if let Step::Becomes(life) = subtask.life.command(Command::Stop) {
                records.push(Record::Subtask((name.clone(), source.clone()), Subtask::in_life(life)));
            }
        }
        // What is noted on the target goes first: should the rest not come to pass, the task can't just go on.
        if let Some(kept) = self.state.tasks.get(name) {
            records.push(Record::Task { name: name.clone(), file: kept.file.clone(), over: true });
        }
        let keys: Vec<Key> = chosen.into_iter().map(|(source, _)| (name.clone(), source)).collect();
        let relied_on = keys.iter().map(|(_, source)| source.clone()).collect();
        let reservation = self.reserve(Names { tasks: vec![name.clone()], relied_on, ..Names::default() })?;
        self.commit(records)?;
        let endings = self.endings(&keys);
        Ok((keys, endings, reservation))
    }
}

impl Cluster {
    /// Checks whether a task could run. Nothing is kept of it.
    ///
    /// # Errors
    /// What can't be used of the file, or its sources.
    pub async fn check_task(&self, file: TaskFile) -> Result<Checked, DmError> {
        let left_out = leaves_checks_out(&file);
        let specs = self.ask(move |core| core.specs_of(&file)).await??;
        Ok(if left_out { Checked::default() } else { self.engine.check(specs).await })
    }

    /// Checks a task and creates it, stopped.
    ///
    /// # Errors
    /// There is such a task already, its sources or its file can't be used, or the check found failures: then these are told by
    /// `failed`, which makes the error.
    pub async fn create_task(
        &self,
        name: TaskName,
        file: TaskFile,
        failed: impl FnOnce(&Checked) -> DmError + Send + 'static,
    ) -> Result<Created, DmError> {
        let cluster = self.clone();
        self.through(async move {
            let task = name.clone();
            let planned = cluster.ask(move |core| core.plan(&task, file)).await??;
            let checks = cluster.checked(&planned, failed).await?;
            let Planned { file, sources, reservation, .. } = planned;
            let created = cluster.ask(move |core| core.create(&name, (file, sources))).await?;
            drop(reservation);
            created.map(|()| Created { checks })
        })
        .await
    }

    /// Changes a task to what a file says. A password of stars keeps the one that is there.
    ///
    /// # Errors
    /// No such task; it runs and the change reaches too far; it is finished; the check found failures.
    pub async fn update_task(
        &self,
        name: TaskName,
        file: TaskFile,
        failed: impl FnOnce(&Checked) -> DmError + Send + 'static,
    ) -> Result<Updated, DmError> {
        let cluster = self.clone();
        self.through(async move {
            let task = name.clone();
            let (planned, reach) = cluster.ask(move |core| core.plan_update(&task, file)).await??;
            let Some(reach) = reach else {
                return Ok(Updated { checks: Checked::default(), reach: None, over: false, runs: false });
            };
            let checks = cluster.checked(&planned, failed).await?;
            let Planned { file, sources, reservation, .. } = planned;
            let updated = cluster.ask(move |core| core.update(&name, (file, sources), reach)).await?;
            drop(reservation);
            updated.map(|(over, runs)| Updated { checks, reach: Some(reach), over, runs })
        })
        .await
    }

    /// Deletes a task with what it has noted on its target. With `force` also while it runs, and also when these notes can't be
    /// removed: then it is told what stays.
    ///
    /// # Errors
    /// No such task; it runs; its notes can't be removed.
    pub async fn delete_task(&self, name: TaskName, force: bool) -> Result<Deleted, DmError> {
        let cluster = self.clone();
        self.through(async move {
            let task = name.clone();
            let (keys, endings, reservation) = cluster.ask(move |core| core.plan_deletion(&task, force)).await??;
            run::wait_all(endings, Instant::now() + STOP_WITHIN).await;
            let mut stays = Vec::new();
            for key in keys {
                match cluster.forget(key).await {
                    Ok(()) => {}
                    Err(error) if force => stays.push(error.to_text()),
                    Err(error) => return Err(refusal::meta_stays(&name, &error)),
                }
            }
            let told = stays.clone();
            let gone = cluster.ask(move |core| {
                for why in told {
                    core.log.warning(
                        format!("a task is deleted, and its notes stay on the target: {why}"),
                        [("task", name.to_string())],
                    );
                }
                core.commit(vec![Record::NoTask(name)])
            });
            let gone = gone.await?;
            drop(reservation);
            gone.map(|()| Deleted { stays })
        })
        .await
    }

    async fn checked(&self, planned: &Planned, failed: impl FnOnce(&Checked) -> DmError) -> Result<Checked, DmError> {
        if leaves_checks_out(&planned.file) {
            return Ok(Checked::default());
        }
        let checks = self.engine.check(planned.specs.clone()).await;
        if checks.has_failed() {
            return Err(failed(&checks));
        }
        Ok(checks)
    }
}

fn leaves_checks_out(file: &TaskFile) -> bool {
    file.ignore_checking_items.iter().flat_map(|items| &items.value).any(|item| item.value == "all")
}

/// The sources of a task, each once.
pub(super) fn sources_of(file: &TaskFile) -> Vec<SourceName> {
    let names: BTreeSet<_> = file.instances().map(|instance| SourceName::seen(instance.source_id())).collect();
    names.into_iter().collect()
}

/// Stars stand for the password that is there.
fn with_kept_password(file: TaskFile, kept: &TaskFile) -> TaskFile {
    if !file.has_masked_password() {
        return file;
    }
    match kept.target().and_then(|target| target.password.as_ref()) {
        Some(password) => file.with_password(password.value.clone()),
        None => file,
    }
}

/// The same for a source; there, no password stands for it as well.
pub(super) fn with_kept_source_password(file: SourceFile, kept: &SourceFile) -> SourceFile {
    let lacks = file.from.as_ref().is_some_and(|from| from.value.password.is_none());
    match kept.from.as_ref().and_then(|from| from.value.password.as_ref()) {
        Some(password) if lacks || file.has_masked_password() => file.with_password(password.value.clone()),
        _ => file,
    }
}
