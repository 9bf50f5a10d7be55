//! `dmctl task update`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::Value;

use super::super::{Context, difference, document, wait};
use super::{create, definition, stop};
use crate::api::{Error, StopOptions, carry};
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
        let differences = difference::between(&self.known(&is, context).await, &definition.body);
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
        let changed =
            create::taken(&format!("task `{}` is updated", self.name), &definition::sources(&document), &made, definition.notes);
        let changed = changed
            .showing(difference::table(&differences))
            .telling("changes", serde_json::to_value(&differences).unwrap_or_default());
        Ok(changed.reply())
    }

    /// The task as it is, in the form of what is sent: the cluster's own configuration carried over by the same rules, so that only what
    /// really differs shows. Where that can't be had, what the REST API shows.
    async fn known(&self, is: &Value, context: &Context<'_>) -> Value {
        let configuration = context.client.task_configuration(&self.name).await.ok();
        let file = configuration.and_then(|configuration| task_file::inspect(&configuration.yaml).file);
        let carried = file.and_then(|file| serde_json::to_value(carry::task(&file, &carry::ClusterFacts::default()).task).ok());
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
            Some(46035 | 40081) => failure.hinted(
                "DM updates a task only while it is stopped in its sync, and only allow list, routes, filters and sync options; for the rest, delete it and create it again",
            ),
            _ => failure,
        }
    }
}
