//! A task file on its way into the REST API: what of it arrives, and whether the cluster will decide as the file does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt;

use super::super::Context;
use super::super::document::TaskDocument;
use crate::api::Configuration;
use crate::api::carry::{self, Carried, ClusterFacts, Difference, SourceFacts};
use crate::exit::{Code, Failure};
use crate::model::file::nearest;
use crate::model::{SourceName, source_file, task_file};
use crate::output::human;

/// How long the names of real tables are collected; made-up names are decided in any case.
const NAMES_WITHIN: Duration = Duration::from_secs(20);
/// How many schemas are asked for at the same time.
const AT_ONCE: usize = 8;
/// How many names that differ are told.
const TOLD: usize = 10;
/// What DM never copies, whatever a file says.
const SYSTEM: [&str; 4] = ["information_schema", "mysql", "performance_schema", "sys"];

/// Carries a task file over.
///
/// # Errors
/// Refused: a source that the cluster does not have, a key that would be lost, a table of which something else would become.
pub(super) async fn carry(document: &TaskDocument, lossy: bool, context: &Context<'_>) -> Result<(Carried, Vec<String>), Failure> {
    refuse_strangers(document, context).await?;
    let (facts, mut notes) = facts(&document.file, context).await?;
    let carried = carry::task(&document.file, &facts);
    let at = |place: crate::model::file::Place| match place.line {
        0 => String::new(),
        line => format!("{}:{line}:{}: ", document.path.display(), place.column),
    };
    let losses: Vec<String> = carried.losses.iter().map(|loss| format!("{}`{}`: {}", at(loss.place), loss.key, loss.why)).collect();
    if !losses.is_empty() && !lossy {
        let failure = Failure::refused(format!(
            "the REST API can't carry {} of {}",
            human::count(losses.len(), "key"),
            document.path.display()
        ))
        .because("nothing was sent");
        return Err(losses
            .into_iter()
            .fold(failure, Failure::because)
            .hinted("take the keys out, or give `--lossy` to send the rest without them"));
    }
    if !carried.differences.is_empty() {
        return Err(told(&carried.differences, document));
    }
    notes.extend(losses.into_iter().map(|loss| format!("left out: {loss}")));
    notes.extend(carried.remarks.iter().cloned());
    Ok((carried, notes))
}

/// Names of which the cluster would make something else.
fn told(differences: &[Difference], document: &TaskDocument) -> Failure {
    let failure = Failure::refused(format!(
        "the cluster would not decide as {} does: the REST API has no such rules",
        document.path.display()
    ))
    .because("nothing was sent");
    let line = |difference: &Difference| {
        let Difference { made_up, source, schema, table, file_says, cluster_will } = difference;
        let name = if table.is_empty() { format!("`{schema}`") } else { format!("`{schema}`.`{table}`") };
        let such = if *made_up { "a name such as " } else { "" };
        format!("{such}{name} of {source}: {file_says} by the file, {cluster_will} by the cluster")
    };
    let mut failure = differences.iter().take(TOLD).map(line).fold(failure, Failure::because);
    if differences.len() > TOLD {
        failure = failure.because(format!("and {} more", human::count(differences.len() - TOLD, "name")));
    }
    failure.hinted("write the rules with `do-dbs`, `do-tables`, routes and `Ignore` filters only, each table by one of them")
}

/// A file that names a source which the cluster does not have.
async fn refuse_strangers(document: &TaskDocument, context: &Context<'_>) -> Result<(), Failure> {
    let known: Vec<String> = context.client.sources().await?.into_iter().map(|source| source.name.to_string()).collect();
    let named = document.file.mysql_instances.iter().flat_map(|instances| &instances.value);
    for source in named.filter_map(|instance| instance.value.source_id.as_ref()) {
        if !known.contains(&source.value) {
            let failure = document.failure_at(source.place, &format!("source `{}` does not exist", source.value));
            let failure = Failure { exit: Code::Failed, ..failure }.because("nothing was sent");
            return Err(match nearest(&source.value, known.iter().map(String::as_str)) {
                Some(near) => failure.hinted(format!("did you mean `{near}`? `dmctl source list` shows what there is")),
                None => failure.hinted("`dmctl source list` shows what there is"),
            });
        }
    }
    Ok(())
}

/// What has to be known of the cluster and of the task's sources.
async fn facts(file: &task_file::TaskFile, context: &Context<'_>) -> Result<(ClusterFacts, Vec<String>), Failure> {
    let version = context.client.version().await?.map(|version| format!("v{version}"));
    let named = file.mysql_instances.iter().flat_map(|instances| &instances.value);
    let sources: BTreeSet<SourceName> =
        named.filter_map(|instance| Some(SourceName::seen(instance.value.source_id.as_ref()?.value.clone()))).collect();
    let mut facts = ClusterFacts { version, sources: BTreeMap::new() };
    let mut notes = Vec::new();
    for source in sources {
        // What can't be seen of a source is decided for made-up names only.
        let case_sensitive = match context.client.source_configuration(&source).await {
            Ok(configuration) => {
                let read = source_file::inspect(&configuration.yaml).file;
                read.map(|file| file.case_sensitive.is_some_and(|given| given.value))
            }
            Err(_) => None,
        };
        let tables = match tokio::time::timeout(NAMES_WITHIN, tables(&source, context)).await {
            Ok(Ok(tables)) => tables,
            Ok(Err(_)) | Err(_) => {
                notes.push(format!("the tables of source `{source}` can't be seen: the rules were tried with made-up names only"));
                Vec::new()
            }
        };
        facts.sources.insert(source.to_string(), SourceFacts { case_sensitive, tables });
    }
    Ok((facts, notes))
}

async fn tables(source: &SourceName, context: &Context<'_>) -> Result<Vec<(String, String)>, Failure> {
    let schemas = context.client.source_schemas(source).await?;
    let schemas = schemas.into_iter().filter(|schema| !SYSTEM.contains(&schema.to_ascii_lowercase().as_str()));
    let mut answers = futures_util::stream::iter(schemas)
        .map(async |schema| {
            let tables = context.client.source_tables(source, &schema).await?;
            Ok::<_, Failure>(tables.into_iter().map(|table| (schema.clone(), table)).collect::<Vec<_>>())
        })
        .buffered(AT_ONCE);
    let mut found = Vec::new();
    while let Some(tables) = answers.next().await {
        found.extend(tables?);
    }
    Ok(found)
}

/// What would be lost if a task were created again from what the REST API shows of it.
pub(super) async fn losses(
    configuration: &Configuration,
    body: &serde_json::Value,
    context: &Context<'_>,
) -> Result<Vec<String>, Failure> {
    let not_understood = || vec!["its configuration is not understood".to_owned()];
    let Some(file) = task_file::inspect(&configuration.yaml).file else { return Ok(not_understood()) };
    let (facts, _) = facts(&file, context).await?;
    let Some(losses) = carry::covers_shown(&file, body, &facts) else { return Ok(not_understood()) };
    let lost = losses.into_iter().map(|loss| format!("`{}`: {}", loss.key, loss.why));
    Ok(lost.chain(configuration.losses.iter().cloned()).collect())
}
