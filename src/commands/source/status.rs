//! `dmctl source status`.

use clap::Args;
use serde::Serialize;

use super::super::{Context, view};
use crate::exit::{Code, Failure};
use crate::model::status::{SourceReport, WorkerReport};
use crate::model::{DmError, SourceName, WorkerName};
use crate::output::{Block, Cell, Document, Reply, Style};

/// What to show.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source status mysql-01\n  dmctl source status mysql-01 --format yaml")]
pub struct Status {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
}

#[derive(Debug, Serialize)]
struct Value {
    name: String,
    workers: Vec<WorkerValue>,
}

/// One entry for each worker that has to do with the source: the one it is bound to, and those that keep its relay log.
#[derive(Debug, Serialize)]
struct WorkerValue {
    worker: Option<String>,
    relay: Option<view::RelayValue>,
    subtasks: Vec<view::SubtaskValue>,
    errors: Vec<DmError>,
    unknown: Option<DmError>,
}

impl Status {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let report = context.client.source_status(&self.name).await?;
        Ok(reply(&report))
    }
}

fn reply(report: &SourceReport) -> Reply {
    let name = report.source.as_str();
    let mut document = Document::from(Block::Fields { title: None, fields: vec![("source", Cell::new(name, Style::Strong))] });
    let mut workers = Vec::new();
    for answer in &report.reports {
        match answer {
            Ok(answer) => {
                answered(answer, &mut document);
                workers.push(WorkerValue {
                    worker: answer.worker.as_ref().map(ToString::to_string),
                    relay: answer.relay.as_ref().map(view::RelayValue::from),
                    subtasks: answer.subtasks.iter().map(view::SubtaskValue::known).collect(),
                    errors: answer.errors.clone(),
                    unknown: None,
                });
            }
            Err(silence) => {
                let worker = silence.worker.as_ref().map(ToString::to_string);
                let title = worker.as_ref().map_or_else(|| "no worker known".to_owned(), |worker| format!("worker {worker}"));
                let title = Some(Cell::new(title, Style::Strong));
                document.push(Block::Fields { title, fields: view::silence_fields(silence) });
                let unknown = Some(silence.reason.clone());
                workers.push(WorkerValue { worker, relay: None, subtasks: Vec::new(), errors: Vec::new(), unknown });
            }
        }
    }
    let partial = report.reports.is_empty() || report.reports.iter().any(Result::is_err);
    let value = Value { name: name.to_owned(), workers };
    Reply::of(&value, document).ending(if partial { Code::Partial } else { Code::Done })
}

fn answered(report: &WorkerReport, document: &mut Document) {
    let worker = report.worker.as_ref().map_or("unnamed", WorkerName::as_str);
    let mut fields = match &report.relay {
        Some(relay) => view::relay_fields(relay),
        None => vec![("relay log", Cell::new("none", Style::Faint))],
    };
    if report.subtasks.is_empty() {
        fields.push(("subtasks", Cell::new("none", Style::Faint)));
    }
    fields.extend(report.errors.iter().map(|error| ("error", Cell::new(view::brief(error), Style::Bad))));
    document.push(Block::Fields { title: Some(Cell::new(format!("worker {worker}"), Style::Strong)), fields });
    for subtask in &report.subtasks {
        let title = Cell::new(format!("task {}", subtask.task), Style::Strong);
        document.push(Block::Fields { title: Some(title), fields: view::subtask_fields(subtask) });
    }
}
