//! Tasks over REST.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode, Uri};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, done, gone, json_of, json_with, list as list_of, with_text};
use super::check::{self, Limits};
use super::request::{body, body_or_nothing, texts, typed};
use super::rest::query;
use super::{Api, status as status_body, task_body};
use crate::cluster::{StartOptions, StopOptions, SubtaskView, Updated, View};
use crate::model::duration::GoDuration;
use crate::model::file::Configuration as _;
use crate::model::lifecycle::Reach;
use crate::model::task_file::TaskFile;
use crate::model::{DmError, SourceName, TaskName};
use crate::wire::openapi::TaskBody;

pub(super) fn no_task(name: &TaskName) -> DmError {
    DmError::coded(46018, format!("task with name {name} not exist")).cured_by("`dmctl task list` shows what there is")
}

/// A task as it is shown; its subtasks too if they are wanted.
pub(super) fn shown(view: &View, name: &TaskName, with_status: bool) -> Option<Value> {
    let task = view.state.tasks.get(name)?;
    let mut body = task_body::shown(name, &task.file, task.subtasks.keys());
    if with_status {
        body["status_list"] = view.task(name)?.iter().map(status_body::rest).collect();
    }
    Some(body)
}

pub(super) async fn list(State(api): State<Arc<Api>>, uri: Uri) -> Answer {
    let query = query(&uri)?;
    let with_status = query.flag("with_status")?;
    let stage = query.word("stage", &["Stopped", "Running", "Finished", "Paused"])?;
    let mut sources: Vec<_> = query.all("source_name_list").into_iter().map(SourceName::seen).collect();
    sources.sort();
    sources.dedup();
    let view = api.cluster.view();
    let fits = |name: &TaskName| {
        if sources.is_empty() && stage.is_none() {
            return true;
        }
        let subtasks = view.task(name).unwrap_or_default();
        let in_stage = |subtask: &SubtaskView| stage.is_none_or(|stage| subtask.stage.word() == stage);
        (sources.is_empty() || subtasks.iter().map(|subtask| &subtask.source).eq(&sources)) && subtasks.iter().all(in_stage)
    };
    let names: Vec<_> = view.state.tasks.keys().filter(|name| fits(name)).collect();
    let status = |name| with_status.then(|| view.task(name).unwrap_or_default().iter().map(status_body::rest).collect());
    Ok(with_text(StatusCode::OK, api.texts.list(&view, &names, status)))
}

pub(super) async fn get(State(api): State<Arc<Api>>, Path(name): Path<String>, uri: Uri) -> Answer {
    let with_status = query(&uri)?.flag("with_status")?;
    let name = TaskName::seen(name);
    let body = shown(&api.cluster.view(), &name, with_status).ok_or_else(|| Refusal::from(no_task(&name)))?;
    json_of(&body)
}

/// The task of a request: the file itself where it came along, else what the body says.
async fn file_of(body: &Value) -> Result<TaskFile, Refusal> {
    if let Some(text) = body["task_config_file"].as_str().filter(|text| !text.is_empty()) {
        let text = text.to_owned();
        return Ok(task_body::aside(move || task_body::read(&text)).await?);
    }
    let task = typed::<TaskBody>(&body["task"])?;
    Ok(task_body::aside(move || task_body::to_file(&task)).await?)
}

/// A name that a route leads to.
pub(super) fn routable(name: &str) -> Result<TaskName, DmError> {
    if matches!(name, "templates" | "converters" | "." | "..") {
        return Err(DmError::coded(20019, format!("no route would lead to a task named {name}")).cured_by("choose another name"));
    }
    name.parse().map_err(|error: crate::model::names::NameError| DmError::coded(20019, error.to_string()))
}

/// The failures of a check, all of them.
pub(super) fn check_failed(checked: &crate::model::subtask::Checked) -> DmError {
    check::failed(checked, Limits::default())
}

/// What came, with its password covered.
fn echo(body: &Value, view: &View, name: &TaskName) -> Value {
    let mut task = shown(view, name, false).unwrap_or_else(|| body["task"].clone());
    if let Some(password) = task.pointer_mut("/target_config/password") {
        *password = crate::model::file::Secret::MASK.into();
    }
    task
}

pub(super) async fn create(State(api): State<Arc<Api>>, request: Request<Body>) -> Answer {
    let body = body(request, "CreateTask").await?;
    let file = file_of(&body).await?;
    let name = routable(file.name())?;
    let created = api.cluster.create_task(name.clone(), file, check_failed).await?;
    let answer = json!({
        "task": echo(&body, &api.cluster.view(), &name), "check_result": check::passed(&created.checks, Limits::default()),
    });
    Ok(json_with(StatusCode::CREATED, &answer))
}

pub(super) async fn update(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    let body = body(request, "CreateTask").await?;
    let name = TaskName::seen(name);
    let file = file_of(&body).await?;
    if file.name() != name.as_str() {
        let told = format!("the call is about task {name}, and what it brings is named {}", file.name());
        return Err(DmError::coded(49001, told).cured_by("a task can't be renamed").into());
    }
    let updated = api.cluster.update_task(name.clone(), file, check_failed).await?;
    let answer = json!({
        "task": echo(&body, &api.cluster.view(), &name), "check_result": check::passed(&updated.checks, Limits::default()),
        "unchanged": updated.reach.is_none(), "notes": notes(&name, &updated),
    });
    json_of(&answer)
}

/// What has to be known of an update.
fn notes(name: &TaskName, updated: &Updated) -> Vec<String> {
    let mut notes = Vec::new();
    if updated.over && updated.reach == Some(Reach::Content) {
        notes.push(format!("what was copied no longer fits: `dmctl task start {name} --remove-meta` copies everything again"));
    }
    if updated.runs {
        notes.push("it runs, and gets to know of the change when it starts the next time".to_owned());
    }
    notes
}

pub(super) async fn delete(State(api): State<Arc<Api>>, Path(name): Path<String>, uri: Uri) -> Answer {
    let force = query(&uri)?.flag("force")?;
    let deleted = api.cluster.delete_task(TaskName::seen(name), force).await?;
    // Where nothing stays there is nothing to say, as with DM.
    if deleted.stays.is_empty() { gone() } else { json_of(&json!({ "stays": deleted.stays })) }
}

pub(super) async fn status(State(api): State<Arc<Api>>, Path(name): Path<String>, uri: Uri) -> Answer {
    let sources = query(&uri)?.all("source_name_list");
    let name = TaskName::seen(name);
    let subtasks = api.cluster.view().task(&name).ok_or_else(|| Refusal::from(no_task(&name)))?;
    if let Some(stranger) = sources.iter().find(|source| !subtasks.iter().any(|subtask| subtask.source.as_str() == **source)) {
        return Err(DmError::coded(46016, format!("task {name} does not read from source {stranger}")).into());
    }
    let wanted = |subtask: &&SubtaskView| sources.is_empty() || sources.iter().any(|source| source == subtask.source.as_str());
    list_of(subtasks.iter().filter(wanted).map(status_body::rest).collect())
}

fn sources(body: &Value) -> Vec<SourceName> {
    texts(&body["source_name_list"]).into_iter().map(SourceName::seen).collect()
}

/// Something that was asked for and can't be done yet.
pub(super) fn not_yet(what: &str) -> DmError {
    DmError::plain(format!("{what}: not yet in this version"))
}

pub(super) async fn start(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    let body = body_or_nothing(request, "StartTask").await?;
    for (key, what) in [("start_time", "a start time"), ("safe_mode_time_duration", "a duration of the safe mode")] {
        if body[key].as_str().is_some_and(|text| !text.is_empty()) {
            return Err(not_yet(what).into());
        }
    }
    let options = StartOptions { sources: sources(&body), over: body["remove_meta"] == true };
    api.cluster.start_task(TaskName::seen(name), options).await?;
    done()
}

pub(super) async fn stop(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    let body = body_or_nothing(request, "StopTask").await?;
    let timeout = match body["timeout_duration"].as_str().filter(|text| !text.is_empty()) {
        Some(text) => Some(duration(text)?),
        None => None,
    };
    api.cluster.stop_task(TaskName::seen(name), StopOptions { sources: sources(&body), timeout }).await?;
    done()
}

fn duration(text: &str) -> Result<Duration, DmError> {
    let read = text.parse::<GoDuration>().map_err(|error| error.to_string());
    let read = read.and_then(|read| read.to_std().ok_or_else(|| format!("`{text}` is negative")));
    read.map_err(|why| DmError::plain(format!("while converting task command line arguments: {why}")))
}

pub(super) async fn convert(State(api): State<Arc<Api>>, request: Request<Body>) -> Answer {
    let body = body(request, "Convert").await?;
    if body["task"].is_null() && body["task_config_file"].as_str().is_none_or(str::is_empty) {
        return Err(DmError::coded(49001, "neither `task` nor `task_config_file` came along").into());
    }
    let file = file_of(&body).await?;
    let sources: Vec<_> = file.instances().map(|instance| SourceName::seen(instance.source_id())).collect();
    let view = api.cluster.view();
    if let Some(unknown) = sources.iter().find(|source| !view.state.sources.contains_key(source)) {
        return Err(DmError::coded(20031, format!("source {unknown} in deployment configuration not found")).into());
    }
    let task = task_body::shown(&TaskName::seen(file.name()), &file, &sources);
    json_of(&json!({ "task": task, "task_config_file": file.to_yaml() }))
}

/// What only a task that follows the binlog could answer.
pub(super) async fn no_sync(State(api): State<Arc<Api>>, Path(names): Path<Vec<(String, String)>>) -> Answer {
    let name = TaskName::seen(names.first().map_or("", |(_, name)| name));
    let subtasks = api.cluster.view().task(&name).ok_or_else(|| Refusal::from(no_task(&name)))?;
    let unit = subtasks.first().map_or("Load", |subtask| subtask.progress.unit.word());
    let inner = DmError::coded(
        40056,
        format!("such operation is only available for syncer, but now syncer is not running. current unit is {unit}"),
    );
    Err(DmError::coded(49001, inner.to_text()).into())
}
