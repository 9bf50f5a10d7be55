//! `dmctl task start --remove-meta`: delete, create again, start.
//!
//! DM's own way to do it drops the tables of all sources, whichever was meant, and does not copy again after a load that failed. So the
//! task is read, kept in a file, deleted with its meta tables, created from what was read, and started. At any moment the task is in
//! the cluster or in the file, and the same command goes on from there.
//!
//! A cluster that says it can do it well by itself is left to it.

use std::path::Path;

use serde_json::{Value, json};

use super::super::confirm::Loss;
use super::super::{Context, kept};
use super::start::Start;
use super::stop;
use crate::api::{Error, Made, StopOptions, TaskStatus};
use crate::exit::Failure;
use crate::model::{Stage, TaskName};
use crate::output::{Block, Cell, Reply, Style};

/// What a cluster that starts a task over by itself says of itself.
const STARTS_OVER: &str = "remove_meta";
const OPERATION: &str = "task start --remove-meta";

pub(super) async fn run(start: &Start, context: &Context<'_>) -> Result<Reply, Failure> {
    let client = context.client;
    let task = &start.name;
    let off = |error: Error| match error {
        Error::OpenApiOff { address, .. } => Error::OpenApiOff { operation: OPERATION, address },
        error => error,
    };
    let cluster = client.cluster_id().await.map_err(off)?;
    let path = kept::path(context.state, cluster, task)?;
    let Some(body) = client.task_body(task).await.map_err(off)? else {
        return match kept::find(&path, cluster, task)? {
            Some(kept) => create_and_start(start, context, &kept.body, &path).await,
            None => Err(Failure::refused(format!("task `{task}` does not exist")).hinted("`dmctl task list` shows what there is")),
        };
    };
    let before = client.task_status(task, &start.source, None).await?;
    let whole = client.task_status(task, &[], None).await?;
    refuse_a_part(task, &before, &whole)?;
    refuse_while_running(task, &whole)?;
    let by_itself = client.can(STARTS_OVER).await.map_err(off)?;
    if !by_itself {
        refuse_losses(context, task, &body).await?;
    }
    let place = client.task_place(task).await?;
    let loss = Loss {
        action: if by_itself {
            format!("start task `{task}` over, and copy everything again")
        } else {
            format!("delete task `{task}` with its meta tables, create it again, and copy everything again")
        },
        name: task.to_string(),
        blocks: vec![Block::Fields {
            title: None,
            fields: vec![
                ("task", Cell::new(task.as_str(), Style::Strong)),
                ("target", place.target.as_str().into()),
                ("meta tables", place.meta_tables(task).into()),
                ("rows", "what is in the target's tables stays, and is written over as `on-duplicate` says".into()),
            ],
        }],
        value: json!({ "task": task, "target": place.target, "meta_schema": place.meta_schema }),
    };
    if let Some(reply) = context.confirm(loss).await? {
        return Ok(reply);
    }
    if by_itself {
        return start.start(context, &before, true).await;
    }
    let body = without_nulls(body);
    kept::keep(&path, cluster, task, &body)?;
    if !whole
        .subtasks
        .iter()
        .flat_map(|(_, subtask)| subtask)
        .all(|subtask| subtask.stage.shown() == Stage::Stopped && subtask.rests())
    {
        // DM looks at what it wants of a subtask: a finished one still wants to run.
        match stop::stop(context, task, StopOptions::default(), &whole).await {
            Ok(()) | Err(Error::Lost { .. }) => {}
            Err(error) => return Err(left(error, &path, task)),
        }
    }
    client.delete_task(task, false, None).await.map_err(|error| left(error, &path, task))?;
    create_and_start(start, context, &body, &path).await
}

async fn create_and_start(start: &Start, context: &Context<'_>, body: &Value, path: &Path) -> Result<Reply, Failure> {
    let task = &start.name;
    if let Some(reply) = context.rehearsal(&format!("create task `{task}` again from {}, and start it", path.display())) {
        return Ok(reply);
    }
    let made = context.client.create_task(task, body, None).await.map_err(|error| left(error, path, task))?;
    // From here on the cluster has it: a start can be repeated without the file.
    let left_behind = kept::forget(path);
    let before = context.client.task_status(task, &[], None).await?;
    let mut reply = start.start(context, &before, false).await?;
    if made == Made::Seen {
        reply = reply.noting("no answer came to the creation; a look shows that it was done");
    }
    Ok(left_behind.into_iter().fold(reply, Reply::noting))
}

/// What is null is as good as not there, and some of it is not taken back.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, without_nulls(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The meta tables hold all sources of a task: a part of them can't be forgotten.
fn refuse_a_part(task: &TaskName, part: &TaskStatus, whole: &TaskStatus) -> Result<(), Failure> {
    if part.subtasks.len() == whole.subtasks.len() {
        return Ok(());
    }
    Err(Failure::refused(format!("`--remove-meta` starts all of task `{task}` over, and `--source` names a part of it"))
        .because("nothing was sent")
        .hinted("leave `--source` out, or name every source of the task"))
}

fn refuse_while_running(task: &TaskName, status: &TaskStatus) -> Result<(), Failure> {
    let unknown = status.subtasks.iter().find(|(_, subtask)| subtask.is_err());
    let why = match unknown {
        _ if !stop::nothing_runs(status) => format!("task `{task}` runs"),
        Some((source, _)) => format!("it is not known whether task `{task}` runs on source `{source}`"),
        None => return Ok(()),
    };
    Err(Failure::refused(why).because("nothing was sent").hinted(format!("`dmctl task stop {}` first", super::quoted(task))))
}

/// What the REST API does not show would be lost when the task is created again.
async fn refuse_losses(context: &Context<'_>, task: &TaskName, body: &Value) -> Result<(), Failure> {
    let configuration = context.client.task_configuration(task).await?;
    let losses = super::carried::losses(&configuration, body, context).await?;
    if losses.is_empty() {
        return Ok(());
    }
    let failure =
        Failure::refused(format!("task `{task}` holds what the REST API can't carry, and would lose it when it is created again"));
    let failure = losses.into_iter().fold(failure.because("nothing was sent"), Failure::because);
    Err(failure.hinted(format!(
        "`dmctl task get {} --output FILE` saves it; delete it, and create it again from the file with what created it before",
        super::quoted(task)
    )))
}

/// A failure in the middle: the definition is in the file.
fn left(error: Error, path: &Path, task: &TaskName) -> Failure {
    Failure::from(error)
        .because(format!("the definition of task `{task}` is kept in {}", path.display()))
        .hinted(format!("`dmctl task start {} --remove-meta` once more goes on where this ended", super::quoted(task)))
}
