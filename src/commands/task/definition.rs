//! What create and update send: the body for the REST API, and the file itself to a cluster that takes it.

use serde_json::Value;

use super::super::document::TaskDocument;
use super::super::{Context, secrets};
use super::carried;
use crate::api::{Error, carry};
use crate::exit::Failure;
use crate::model::file::{Configuration, Place, Secret};
use crate::model::{SourceName, TaskName};

/// What a cluster that takes task files as they are says of itself.
const TAKES_FILES: &str = "task_config_file";

/// A task on its way.
pub(super) struct Definition {
    /// The body that every cluster takes.
    pub(super) body: Value,
    /// The file, for a cluster that takes it.
    pub(super) text: Option<String>,
    /// What is to be known about it.
    pub(super) notes: Vec<String>,
}

/// The name of the task in a file, which every good file has.
pub(super) fn name(document: &TaskDocument) -> TaskName {
    TaskName::seen(document.file.name.as_ref().map(|name| name.value.clone()).unwrap_or_default())
}

/// Where that name stands.
pub(super) fn place_of_name(document: &TaskDocument) -> Place {
    document.file.name.as_ref().map_or(Place::START, |name| name.place)
}

/// The sources that a file names, in its order.
pub(super) fn sources(document: &TaskDocument) -> Vec<SourceName> {
    let instances = document.file.mysql_instances.iter().flat_map(|instances| &instances.value);
    instances.filter_map(|instance| Some(SourceName::seen(instance.value.source_id.as_ref()?.value.clone()))).collect()
}

/// Whether the cluster takes task files as they are. The REST API must be on in any case.
pub(super) async fn takes_files(context: &Context<'_>, operation: &'static str) -> Result<bool, Failure> {
    context.client.can(TAKES_FILES).await.map_err(|error| match error {
        Error::OpenApiOff { address, .. } => Error::OpenApiOff { operation, address }.into(),
        error => error.into(),
    })
}

/// Puts the password in that the file leaves open: the one that the cluster has, or one that is found or asked for.
pub(super) async fn fill_password(
    document: TaskDocument,
    kept: Option<&str>,
    context: &Context<'_>,
) -> Result<TaskDocument, Failure> {
    if !document.file.has_masked_password() {
        return Ok(document);
    }
    let password = match kept {
        Some(kept) => kept.to_owned(),
        None => secrets::find(secrets::Of::Target, &document.path, context).await?,
    };
    Ok(document.fill_password(Secret::new(password)))
}

/// What to send of a file.
pub(super) async fn of(
    document: &TaskDocument,
    takes_files: bool,
    lossy: bool,
    context: &Context<'_>,
) -> Result<Definition, Failure> {
    let mut notes = document.notes();
    let (task, text) = if takes_files {
        // The file decides; the body beside it is for what shows names and addresses only.
        (carry::task(&document.file, &carry::ClusterFacts::default()).task, Some(document.to_send().into_owned()))
    } else {
        let (carried, more) = carried::carry(document, lossy, context).await?;
        notes.extend(more);
        (carried.task, None)
    };
    let body =
        serde_json::to_value(&task).map_err(|error| Failure::refused(format!("the task can't be written as JSON: {error}")))?;
    Ok(Definition { body, text, notes })
}
