//! Templates of tasks over REST: tasks that are kept, and never run.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, gone, json_of, json_with, list as list_of};
use super::request::{body, body_or_nothing, typed};
use super::{Api, rest_task, task_body};
use crate::model::{DmError, TaskName};
use crate::wire::openapi::TaskBody;

fn shown(text: &str) -> Result<Value, Refusal> {
    serde_json::from_str(text).map_err(|error| Refusal::Dm(DmError::plain(error.to_string())))
}

pub(super) async fn list(State(api): State<Arc<Api>>) -> Answer {
    let view = api.cluster.view();
    list_of(view.state.templates.values().map(|text| shown(text)).collect::<Result<_, _>>()?)
}

pub(super) async fn get(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    json_of(&shown(&api.cluster.template(&TaskName::seen(name))?)?)
}

/// Sees that a template could be a task; its name, and what was understood of it.
async fn read(request: Request<Body>) -> Result<(TaskName, Value), Refusal> {
    let body: TaskBody = typed(&body(request, "Task").await?)?;
    let task = json!(body);
    let name = rest_task::routable(&body.name)?;
    task_body::aside(move || task_body::to_file(&body)).await?;
    Ok((name, task))
}

pub(super) async fn create(State(api): State<Arc<Api>>, request: Request<Body>) -> Answer {
    let (name, task) = read(request).await?;
    api.cluster.keep_template(name, task.to_string(), false).await?;
    Ok(json_with(StatusCode::CREATED, &task))
}

pub(super) async fn update(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    let ((told, task), name) = (read(request).await?, TaskName::seen(name));
    if told != name {
        return Err(DmError::coded(49001, format!("the call is about template {name}, and what it brings is named {told}")).into());
    }
    api.cluster.change_template(name, task.to_string()).await?;
    json_of(&task)
}

pub(super) async fn delete(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    api.cluster.delete_template(TaskName::seen(name)).await?;
    gone()
}

/// Makes a template of each task there is.
pub(super) async fn import(State(api): State<Arc<Api>>, request: Request<Body>) -> Answer {
    let overwrite = body_or_nothing(request, "ImportTemplates").await?["overwrite"] == true;
    let view = api.cluster.view();
    let (mut kept, mut failed) = (Vec::new(), Vec::new());
    for name in view.state.tasks.keys() {
        let Some(task) = rest_task::shown(&view, name, false) else { continue };
        match api.cluster.keep_template(name.clone(), task.to_string(), overwrite).await {
            Ok(()) => kept.push(name.as_str()),
            Err(error) => failed.push(json!({ "task_name": name.as_str(), "error_msg": error.to_text() })),
        }
    }
    Ok(json_with(StatusCode::ACCEPTED, &json!({ "success_task_list": kept, "failed_task_list": failed })))
}
