//! `dmctl task update`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::Value;

use super::super::{Context, difference, document, wait};
use super::{create, definition, stop};
use crate::api::{Error, Made, StopOptions, carry};
use crate::exit::Failure;
use crate::model::{TaskName, task_file};
use crate::output::Reply;

const OPERATION: &str = "task update";

/// What to change.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task update task-1 task-1.yaml\n  dmctl task get task-1 --output task-1.yaml")]
pub struct Update {
    /// The task
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// The task file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Send it also when parts of the file can't be carried, and list them
    #[arg(long)]
    lossy: bool,
}

impl Update {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let mut document = document::read_task(&self.file)?;
        let named = definition::name(&document);
        if named != self.name {
            let place = definition::place_of_name(&document);
            return Err(document
                .failure_at(place, &format!("the file is about task `{named}`, not `{}`", self.name))
                .because("nothing was sent")
                .hinted("DM would go by the name in the file: a task can't be renamed"));
        }
        let takes_files = definition::takes_files(context, OPERATION).await?;
        let Some(is) = context.client.task_body(&self.name).await? else {
            return Err(
                Failure::refused(format!("task `{}` does not exist", self.name)).hinted("`dmctl task list` shows what there is")
            );
        };
        let status = context.client.task_status(&self.name, &[], None).await?;
        if !takes_files && !stop::nothing_runs(&status) {
            return Err(Failure::refused(format!("task `{}` runs, and is updated only while it is stopped", self.name))
                .because("nothing was sent")
                .hinted(format!("`dmctl task stop {}` first", super::quoted(&self.name))));
        }
        document.fill_tls()?;
        let kept = is.pointer("/target_config/password").and_then(Value::as_str);
        let document = definition::fill_password(document, kept, context).await?;
        let definition = definition::of(&document, takes_files, self.lossy, context).await?;
        let known = with_filter_names_of(&definition.body, self.known(&is, context).await);
        let differences = difference::between(&known, &definition.body);
        if differences.is_empty() && !takes_files {
            let reply = create::changed(
                &format!("task `{}` is as the file says already; nothing was sent", self.name),
                &definition::sources(&document),
            )
            .reply();
            return Ok(definition.notes.into_iter().fold(reply, Reply::noting));
        }
        let shown = difference::table(&differences);
        if let Some(reply) = context.rehearsal_of(&format!("update task `{}`", self.name), vec![shown], "changes", &differences) {
            return Ok(definition.notes.into_iter().fold(reply, Reply::noting));
        }
        if !takes_files {
            // DM looks at what it wants of a subtask: one that an error has stopped still wants to run.
            match stop::stop(context, &self.name, StopOptions::default(), &status).await {
                Ok(()) => {}
                Err(Error::Lost { .. }) => {
                    wait::for_task(context, &self.name, &status, wait::Goal::Stopped, wait::USUAL).await.map(drop)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let made = context
            .client
            .update_task(&self.name, &definition.body, definition.text.as_deref())
            .await
            .map_err(|error| self.cured(error))?;
        let message = if matches!(&made, Made::Told(taken) if taken.unchanged) {
            format!("task `{}` is as the file says already", self.name)
        } else {
            format!("task `{}` is updated", self.name)
        };
        let mut changed = create::taken(&message, &definition::sources(&document), &made, definition.notes);
        // The REST API does not show all that a file says.
        if !differences.is_empty() {
            changed = changed.showing(difference::table(&differences));
        }
        Ok(changed.telling("changes", serde_json::to_value(&differences).unwrap_or_default()).reply())
    }

    /// The task as it is, in the form of what is sent: the cluster's own configuration carried over by the same rules, so that only what
    /// really differs shows. Where that can't be had, what the REST API shows.
    async fn known(&self, is: &Value, context: &Context<'_>) -> Value {
        let configuration = context.client.task_configuration(&self.name).await.ok();
        let file = configuration.and_then(|configuration| task_file::inspect(&configuration.yaml).file);
        // Versions differ in what is sent at all.
        let version = context.client.version().await.ok().flatten().map(|version| format!("v{version}"));
        let facts = carry::ClusterFacts { version, ..carry::ClusterFacts::default() };
        let carried = file.and_then(|file| serde_json::to_value(carry::task(&file, &facts).task).ok());
        let Some(mut known) = carried else { return is.clone() };
        if let (Some(password), Some(place)) = (is.pointer("/target_config/password"), known.pointer_mut("/target_config/password"))
        {
            place.clone_from(password);
        }
        known
    }

    /// What to do about an update that DM refuses.
    fn cured(&self, error: Error) -> Failure {
        let code = error.code();
        let failure = create::refused(error);
        match code {
            Some(46035 | 40081) if failure.workaround.is_none() => failure.hinted_for_dm(
                "DM updates a task only while it is stopped in its sync, and only allow list, routes, filters and sync options; for the rest, delete it and create it again",
            ),
            _ => failure,
        }
    }
}

/// The same with a filter named as in `other`, where that has one that ignores the same: DM keeps what filters do, and names them anew.
fn with_filter_names_of(other: &Value, mut body: Value) -> Value {
    const FILTERS: &str = "binlog_filter_rule";
    let filters = |body: &Value| body.get(FILTERS).and_then(Value::as_object).cloned().unwrap_or_default();
    let (wanted, kept) = (filters(other), filters(&body));
    let mut names = BTreeMap::new();
    for (name, filter) in kept.iter().filter(|(name, filter)| wanted.get(*name) != Some(*filter)) {
        let same = wanted
            .iter()
            .find(|(new, does)| *does == filter && kept.get(*new) != Some(filter) && !names.values().any(|taken| taken == *new));
        names.insert(name.clone(), same.map_or_else(|| name.clone(), |(new, _)| new.clone()));
    }
    let renamed = |name: &str| names.get(name).cloned().unwrap_or_else(|| name.to_owned());
    if !kept.is_empty() {
        body[FILTERS] = kept.iter().map(|(name, filter)| (renamed(name), filter.clone())).collect();
    }
    for rule in body.get_mut("table_migrate_rule").and_then(Value::as_array_mut).into_iter().flatten() {
        for name in rule.get_mut(FILTERS).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::String(name) = name {
                *name = renamed(name);
            }
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn task(filters: Value, rules: &[&[&str]]) -> Value {
        let rules: Vec<Value> =
            rules.iter().map(|names| json!({ "source": { "schema": "a" }, "binlog_filter_rule": names })).collect();
        json!({ "name": "a", "binlog_filter_rule": filters, "table_migrate_rule": rules })
    }

    #[test]
    fn a_filter_that_has_another_name_only_is_no_difference() {
        let (inserts, deletes) = (json!({ "ignore_event": ["insert"] }), json!({ "ignore_event": ["delete"] }));
        let file =
            task(json!({ "no-deletes": deletes, "no-inserts": inserts }), &[&["no-inserts"], &["no-deletes", "no-inserts"], &[]]);
        let known =
            task(json!({ "filter-01": inserts, "filter-02": deletes }), &[&["filter-01"], &["filter-02", "filter-01"], &[]]);
        assert_eq!(with_filter_names_of(&file, known), file);
    }

    #[test]
    fn a_filter_that_does_something_else_is_a_difference() {
        let known = task(json!({ "filter-01": { "ignore_event": ["insert"] } }), &[&["filter-01"]]);
        for file in [
            task(json!({ "f": { "ignore_event": ["delete"] } }), &[&["f"]]),
            task(json!({ "f": { "ignore_event": ["insert"] } }), &[&[]]),
            task(json!({}), &[&[]]),
            json!({ "name": "a" }),
        ] {
            assert_ne!(with_filter_names_of(&file, known.clone()), file, "{file}");
        }
    }

    #[test]
    fn names_that_changed_places_stay_apart() {
        let (inserts, deletes) = (json!({ "ignore_event": ["insert"] }), json!({ "ignore_event": ["delete"] }));
        let file = task(json!({ "a": inserts, "b": deletes }), &[&["a"], &["b"]]);
        let known = task(json!({ "a": deletes, "b": inserts }), &[&["b"], &["a"]]);
        assert_eq!(with_filter_names_of(&file, known), file);
    }
}
