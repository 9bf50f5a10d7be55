//! Sources over REST.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode, Uri};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, done, gone, json_of, json_with, list as list_of};
use super::request::{body, body_or_nothing, typed};
use super::rest::query;
use super::{Api, source_body};
use crate::cluster::{Source, View};
use crate::model::file::Secret;
use crate::model::{DmError, SourceName, TaskName, WorkerName};
use crate::wire::openapi::SourceBody;

fn status_of(name: &SourceName, source: &Source) -> Value {
    match &source.worker {
        Some(worker) => json!({ "source_name": name.as_str(), "worker_name": worker.as_str() }),
        None => json!({ "source_name": name.as_str(), "worker_name": "", "error_msg": no_worker(name).to_text() }),
    }
}

/// What DM says of a source that no worker serves.
pub(super) fn no_worker(name: &SourceName) -> DmError {
    DmError::coded(38029, format!("{name} relevant worker-client not found"))
        .cured_by("start the server with more workers (`--workers`), or delete a source that is not needed")
}

fn shown(view: &View, name: &SourceName, source: &Source, with_status: bool) -> Value {
    let mut body = source_body::shown(name, source);
    if with_status {
        body["status_list"] = vec![status_of(name, source)].into();
        body["task_name_list"] = view.state.tasks_of(name).map(|(task, _)| task.as_str()).collect();
    }
    body
}

pub(super) async fn list(State(api): State<Arc<Api>>, uri: Uri) -> Answer {
    let query = query(&uri)?;
    let with_status = query.flag("with_status")?;
    if query.flag("enable_relay")? {
        // No relay log is kept yet.
        return list_of(Vec::new());
    }
    let view = api.cluster.view();
    list_of(view.state.sources.iter().map(|(name, source)| shown(&view, name, source, with_status)).collect())
}

pub(super) async fn get(State(api): State<Arc<Api>>, Path(name): Path<String>, uri: Uri) -> Answer {
    let with_status = query(&uri)?.flag("with_status")?;
    let (view, name) = (api.cluster.view(), SourceName::seen(name));
    let source = view.state.sources.get(&name).ok_or(Refusal::NotFound)?;
    json_of(&shown(&view, &name, source, with_status))
}

/// What was understood of what came, with its password covered.
fn echo(source: &SourceBody) -> Value {
    let mut source = json!(source);
    if source["password"].is_string() {
        source["password"] = Secret::MASK.into();
    }
    for secret in ["ssl_ca_content", "ssl_cert_content", "ssl_key_content"] {
        if let Some(content) = source.pointer_mut(&format!("/security/{secret}")) {
            *content = "".into();
        }
    }
    source
}

pub(super) async fn create(State(api): State<Arc<Api>>, request: Request<Body>) -> Answer {
    let body = body(request, "CreateSource").await?;
    let source: SourceBody = typed(&with_password(&body["source"]))?;
    let file = source_body::to_file(&source, None)?;
    let worker = body["worker_name"].as_str().filter(|name| !name.is_empty()).map(WorkerName::seen);
    api.cluster.create_source(file, worker).await?;
    Ok(json_with(StatusCode::CREATED, &echo(&source)))
}

/// A password may be left out.
fn with_password(source: &Value) -> Value {
    let mut source = source.clone();
    if source.get("password").is_none() {
        source["password"] = Value::Null;
    }
    source
}

pub(super) async fn update(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    let body = body(request, "UpdateSource").await?;
    let source: SourceBody = typed(&with_password(&body["source"]))?;
    let name = SourceName::seen(name);
    let view = api.cluster.view();
    let file = source_body::to_file(&source, view.state.sources.get(&name).map(|kept| &kept.file))?;
    api.cluster.update_source(name, file).await?;
    json_of(&echo(&source))
}

pub(super) async fn delete(State(api): State<Arc<Api>>, Path(name): Path<String>, uri: Uri) -> Answer {
    let force = query(&uri)?.flag("force")?;
    api.cluster.delete_source(SourceName::seen(name), force).await?;
    gone()
}

/// A source that is there, else DM's refusal.
fn known(view: &View, name: &SourceName) -> Result<Arc<Source>, Refusal> {
    let missing = || DmError::coded(46008, format!("source config with ID {name} not exists"));
    view.state.sources.get(name).cloned().ok_or_else(|| missing().into())
}

pub(super) async fn status(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    let name = SourceName::seen(name);
    let source = known(&api.cluster.view(), &name)?;
    list_of(vec![status_of(&name, &source)])
}

pub(super) async fn enable(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    let started = api.cluster.enable_source(SourceName::seen(name)).await?;
    let started: Vec<_> = started.iter().map(TaskName::as_str).collect();
    json_of(&json!({ "starts": started }))
}

pub(super) async fn disable(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    api.cluster.disable_source(SourceName::seen(name)).await?;
    done()
}

pub(super) async fn transfer(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    let body = body(request, "Transfer").await?;
    let worker = WorkerName::seen(body["worker_name"].as_str().unwrap_or_default());
    api.cluster.transfer_source(SourceName::seen(name), worker).await?;
    done()
}

pub(super) async fn enable_relay(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    body_or_nothing(request, "EnableRelay").await?;
    no_relay(&api, name)
}

pub(super) async fn disable_relay(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    body_or_nothing(request, "DisableRelay").await?;
    no_relay(&api, name)
}

pub(super) async fn purge_relay(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    body(request, "PurgeRelay").await?;
    no_relay(&api, name)
}

fn no_relay(api: &Api, name: String) -> Answer {
    known(&api.cluster.view(), &SourceName::seen(name))?;
    Err(DmError::coded(49001, "relay logs are not yet in this version").into())
}

pub(super) async fn schemas(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    json_of(&api.cluster.schemas(&SourceName::seen(name)).await?)
}

pub(super) async fn tables(State(api): State<Arc<Api>>, Path((name, schema)): Path<(String, String)>) -> Answer {
    json_of(&api.cluster.tables(&SourceName::seen(name), schema).await?)
}
