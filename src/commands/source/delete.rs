//! `dmctl source delete`.

use std::borrow::Cow;

use clap::Args;
use serde_json::json;

use super::super::change::{Changed, Part};
use super::super::confirm::Loss;
use super::super::{Context, view};
use crate::api::{Error, Made};
use crate::exit::Failure;
use crate::model::SourceName;
use crate::model::status::{Subtask, WorkerReport};
use crate::output::{Block, Cell, Reply, Style, human};
use crate::words;

/// What to delete.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source delete mysql-01\n  dmctl source delete mysql-01 --force --yes")]
pub struct Delete {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// Delete it also while tasks read from it, with their subtasks
    #[arg(long)]
    force: bool,
}

impl Delete {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        super::require_known(std::slice::from_ref(&self.name), context).await?;
        let report = context.client.source_status(&self.name).await?;
        let reports: Vec<&WorkerReport> = report.reports.iter().flatten().collect();
        let subtasks: Vec<&Subtask> = reports.iter().flat_map(|report| &report.subtasks).collect();
        let mut tasks = super::tasks_of(&self.name, context).await?;
        tasks.extend(subtasks.iter().map(|subtask| subtask.task.to_string()));
        tasks.sort();
        tasks.dedup();
        if !tasks.is_empty() && !self.force {
            let readers: Vec<String> = tasks.iter().map(|task| format!("`{task}`")).collect();
            return Err(Failure::refused(format!(
                "{} from source `{}`: {}",
                if tasks.len() == 1 { "a task reads" } else { "tasks read" },
                self.name,
                readers.join(", ")
            ))
            .because("nothing was sent")
            .hinted(format!(
                "`dmctl task delete {}` first, or give `--force`: their subtasks on this source go with it",
                words::quote(&tasks[0]).unwrap_or(Cow::Borrowed(&tasks[0]))
            )));
        }
        if self.force && context.client.keeps_relay_by_name(&self.name, "source delete --force").await? {
            // DM deletes the subtasks first, and refuses then.
            return Err(Failure::refused(format!("a relay log of source `{}` is kept", self.name))
                .because("nothing was sent: DM would delete the subtasks of the source, and then refuse to delete the source")
                .hinted(relay_first(&self.name)));
        }
        if let Some(reply) = context.confirm(self.loss(&reports, &subtasks, &tasks)).await? {
            return Ok(reply);
        }
        let made = context.client.delete_source(&self.name, self.force).await.map_err(|error| cured(error, &self.name))?;
        let mut changed = Changed::new(format!("source `{}` is deleted", self.name)).with([Part::of(&self.name)]);
        if !tasks.is_empty() {
            let note =
                format!("{} lost a subtask; what they remember of it stays on their targets", human::count(tasks.len(), "task"));
            changed = changed.noting(note);
        }
        Ok(changed.seen(made == Made::Seen).reply())
    }

    /// What goes with the source.
    fn loss(&self, reports: &[&WorkerReport], subtasks: &[&Subtask], tasks: &[String]) -> Loss {
        let mut fields = vec![("source", Cell::new(self.name.as_str(), Style::Strong))];
        fields.push(("tasks", Cell::maybe((!tasks.is_empty()).then(|| tasks.join(", ")))));
        let mut blocks = vec![Block::Fields { title: None, fields }];
        for report in reports {
            if let Some(relay) = &report.relay {
                let title = report.worker.as_ref().map(|worker| Cell::new(format!("on {worker}"), Style::Strong));
                blocks.push(Block::Fields { title, fields: view::relay_fields(relay) });
            }
        }
        for subtask in subtasks {
            let title = Some(view::at(subtask.task.as_str(), subtask.worker.as_ref().map(crate::model::WorkerName::as_str)));
            blocks.push(Block::Fields { title, fields: view::subtask_fields(subtask) });
        }
        let subtasks: Vec<_> = subtasks.iter().map(|subtask| view::SubtaskValue::known(subtask)).collect();
        Loss {
            action: format!("delete source `{}`", self.name),
            name: self.name.to_string(),
            blocks,
            value: json!({ "source": self.name, "tasks": tasks, "subtasks": subtasks }),
        }
    }
}

/// What to do about a deletion that DM refuses.
fn cured(error: Error, source: &SourceName) -> Failure {
    let code = error.code();
    let failure = Failure::from(error);
    match code {
        Some(46023) => failure.hinted(relay_first(source)),
        _ => failure,
    }
}

fn relay_first(source: &SourceName) -> String {
    let source = words::quote(source.as_str()).unwrap_or(Cow::Borrowed(source.as_str()));
    format!(
        "a worker keeps its relay log by name: `dmctl source status {source}` tells which, `dmctl relay stop {source} --worker-name WORKER` ends it"
    )
}
