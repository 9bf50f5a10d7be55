//! Refusals: DM's numbers, and where clients look for them DM's words. The cure is ours.

use std::collections::BTreeSet;
use std::fmt::Display;

use crate::model::lifecycle::Refused;
use crate::model::task_file::TaskFile;
use crate::model::{DmError, SourceName, TaskName, WorkerName};

pub(super) fn no_task(task: &TaskName) -> DmError {
    DmError::coded(46018, format!("task with name {task} not exist")).cured_by("`dmctl task list` shows what there is")
}

pub(super) fn no_source(source: &SourceName) -> DmError {
    DmError::coded(46008, format!("source config with ID {source} not exists"))
}

pub(super) fn no_worker(worker: &WorkerName) -> DmError {
    DmError::coded(46004, format!("dm-worker with name {worker} not exists"))
}

pub(super) fn no_template(name: &TaskName) -> DmError {
    DmError::coded(20051, format!("the openapi task config for '{name}' does not exist"))
}

pub(super) fn template_exists(name: &TaskName) -> DmError {
    DmError::coded(20050, format!("the openapi task config for '{name}' already exist"))
        .cured_by("change that one, or choose another name")
}

pub(super) fn task_exists<'a>(task: &TaskName, sources: impl IntoIterator<Item = &'a SourceName>) -> DmError {
    DmError::coded(46014, format!("subtasks with name {task} for sources {} already exist", list(sources)))
        .cured_by("choose another name, or change this task with `dmctl task update`")
}

pub(super) fn source_exists(source: &SourceName) -> DmError {
    DmError::coded(46007, format!("source config with ID {source} already exists"))
}

pub(super) fn unbound<'a>(sources: impl IntoIterator<Item = &'a SourceName>) -> DmError {
    DmError::coded(46009, format!("sources {} have not bound", list(sources)))
        .cured_by("start the server with more workers (`--workers`), or delete a source that is not needed")
}

pub(super) fn not_bound(source: &SourceName) -> DmError {
    DmError::coded(40070, format!("no worker serves source {source}"))
        .cured_by("start the server with more workers (`--workers`), or delete a source that is not needed")
}

pub(super) fn busy(what: &str, name: impl Display) -> DmError {
    DmError::coded(46024, format!("{what} {name} is being changed by another call")).cured_by("try again when that call is through")
}

pub(super) fn not_in_task<'a>(task: &TaskName, sources: impl IntoIterator<Item = &'a SourceName>) -> DmError {
    DmError::coded(46017, format!("sources {} need to be operated not exist in task {task}", list(sources)))
}

pub(super) fn disabled(task: &TaskName, source: &SourceName) -> DmError {
    DmError::coded(38058, format!("can not start task: {task} reason: source: {source} is not enabled"))
        .cured_by(format!("`dmctl source enable {source}`"))
}

pub(super) fn source_has_tasks<'a>(source: &SourceName, tasks: impl IntoIterator<Item = &'a TaskName>) -> DmError {
    DmError::coded(46010, format!("source with name {source} need to operate has existing tasks {}", list(tasks)))
        .cured_by("delete these tasks first, or use force, which deletes what they do on this source")
}

pub(super) fn source_at_work(source: &SourceName) -> DmError {
    DmError::coded(46025, format!("source {source} can only be updated when relay is disabled and no tasks are running for now"))
        .cured_by(format!("`dmctl source disable {source}` stops its tasks, and `dmctl source enable {source}` starts them again"))
}

pub(super) fn worker_bound(worker: &WorkerName, source: &SourceName) -> DmError {
    DmError::coded(46006, format!("invalid stage transformation for dm-worker {worker}, from bound to bound"))
        .because(format!("it serves source {source}"))
        .cured_by("`dmctl member list --role worker` shows which are free")
}

pub(super) fn worker_not_free(worker: &WorkerName, source: &SourceName) -> DmError {
    DmError::coded(46033, format!("dm-worker with name {worker} not free")).because(format!("it serves source {source}"))
}

pub(super) fn worker_in_use(worker: &WorkerName, source: &SourceName) -> DmError {
    DmError::coded(46005, format!("dm-worker with name {worker} is still online"))
        .because(format!("it serves source {source}"))
        .cured_by(format!("move the source to another worker (`dmctl source transfer {source} WORKER`), or delete it"))
}

pub(super) fn nameless_source() -> DmError {
    DmError::coded(
        40005,
        "dm-worker should bind a non-empty source ID which represents a MySQL/MariaDB instance or a replica group",
    )
}

pub(super) fn long_source(name: &str) -> DmError {
    DmError::coded(40006, format!("the name of source {name} is too long: 32 bytes at most"))
}

/// What a state does not let be done (`model::lifecycle`).
pub(super) fn by_state(refused: Refused, task: &TaskName, source: &SourceName) -> DmError {
    match refused {
        Refused::StartOfFinished => DmError::coded(49001, format!("task {task} is finished, and has nothing left to do"))
            .cured_by(format!("`dmctl task start {task} --remove-meta` copies everything again")),
        Refused::OverWhileRunning => {
            DmError::coded(49001, format!("task {task} can't start over while it runs on source {source}"))
                .cured_by(format!("`dmctl task stop {task}` first"))
        }
        Refused::UpdateWhileRunning => DmError::coded(
            46035,
            format!("subtask with name {task} source name {source} can only update when no running tasks for now"),
        )
        .because("while it runs only threads and the like can change")
        .cured_by(format!("`dmctl task stop {task}` first")),
        Refused::UpdateOfFinished => DmError::coded(46035, format!("task {task} is finished on source {source}"))
            .cured_by(format!("delete it and create it anew, or create a task of another name beside `{task}`")),
        Refused::DeleteWhileRunning => {
            DmError::coded(49001, format!("task {task} have running subtasks, please stop them or delete task with force"))
                .cured_by(format!("`dmctl task stop {task}`, or `dmctl task delete {task} --force`"))
        }
    }
}

pub(super) fn over_needed(task: &TaskName) -> DmError {
    DmError::coded(49001, format!("task {task} has to start over: what was copied before no longer fits"))
        .cured_by(format!("`dmctl task start {task} --remove-meta` copies everything again"))
}

pub(super) fn runs_while_verified(task: &TaskName, source: &SourceName) -> DmError {
    DmError::coded(49001, format!("task {task} runs on source {source}, and a copy can't be compared while it grows"))
        .cured_by(format!("wait for its end with `dmctl task status {task} --wait finished`, or `dmctl task stop {task}` first"))
}

pub(super) fn moved_while_verified(task: &TaskName) -> DmError {
    DmError::coded(
        49001,
        format!("task {task} was started, changed or deleted while it was compared, and the comparison was given up"),
    )
    .cured_by(format!("`dmctl task verify {task}` once it is through"))
}

pub(super) fn over_needs_all(task: &TaskName) -> DmError {
    DmError::coded(49001, format!("task {task} can start over as a whole only: its sources may share tables of the target"))
        .cured_by("leave `--source` out, or name all its sources")
}

pub(super) fn meta_stays(task: &TaskName, error: &DmError) -> DmError {
    let cause = DmError { workaround: None, ..error.clone() };
    DmError::coded(49001, format!("what task {task} has noted on its target could not be removed, and nothing was deleted"))
        .because(cause.to_text())
        .cured_by("see that the target can be reached, or use force, which leaves these notes there")
}

pub(super) fn over_failed(task: &TaskName, error: &DmError) -> DmError {
    let cause = DmError { workaround: None, ..error.clone() };
    DmError::coded(49001, format!("what task {task} has noted on its target could not be removed, and it was not started"))
        .because(cause.to_text())
        .cured_by("see that the target can be reached, and start it with `--remove-meta` again")
}

pub(super) fn wrong_name(is: &str, path: impl Display) -> DmError {
    DmError::coded(49001, format!("the call is about {path}, and what it brings is named {is}"))
}

pub(super) fn closing() -> DmError {
    DmError::plain("the server is shutting down")
}

pub(super) fn not_yet(code: Option<u32>, what: &str) -> DmError {
    let message = format!("{what}: not yet in this version");
    code.map_or_else(|| DmError::plain(message.clone()), |code| DmError::coded(code, message.clone()))
}

/// What a task asks for that can't be done yet. It is refused, never taken and passed over.
pub(super) fn task_not_yet(file: &TaskFile) -> Option<DmError> {
    let mode = file.task_mode();
    if mode != "full" {
        return Some(not_yet(Some(20020), &format!("`task-mode: {mode}`")).cured_by("`task-mode: full` copies once"));
    }
    if let Some(mode) = file.shard_mode() {
        return Some(not_yet(Some(20033), &format!("`shard-mode: {mode}`")).cured_by("leave the key out"));
    }
    let validated = file.instances().any(|instance| file.validator_of(instance).mode.is_some_and(|mode| mode.value != "none"));
    validated.then(|| not_yet(None, "validation of rows").cured_by("leave `validators` out"))
}

fn list<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: BTreeSet<String> = names.into_iter().map(|name| name.to_string()).collect();
    format!("[{}]", names.into_iter().collect::<Vec<_>>().join(" "))
}
