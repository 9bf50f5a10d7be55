//! `dmctl source list`.

use clap::Args;
use serde::Serialize;

use super::super::Context;
use crate::api::Asked;
use crate::exit::Failure;
use crate::model::status::Worker;
use crate::output::{Block, Cell, Document, Missing, Reply, Style, Table};

/// Nothing to choose.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source list\n  dmctl source list --format json")]
pub struct List {}

/// A source in JSON. What this cluster's protocol does not tell is null.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    address: Option<String>,
    flavor: Option<String>,
    worker: Option<String>,
    enabled: Option<bool>,
    relay: Option<bool>,
    tasks: Option<Vec<String>>,
}

impl List {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let workers = context.client.members(Asked { workers: true, ..Asked::default() }, &[]);
        let (sources, members, tasks) = tokio::join!(context.client.sources_as_far_as_known(), workers, context.client.tasks());
        let ((sources, why), workers, tasks) = (sources?, members?.workers, tasks?);
        let rows: Vec<Row> = sources
            .into_iter()
            .map(|source| Row {
                worker: serving(&workers, source.name.as_str()).map(|worker| worker.name.to_string()),
                tasks: tasks.as_ref().map(|tasks| {
                    let reading = tasks.iter().filter(|task| task.sources.contains(&source.name));
                    let mut names: Vec<String> = reading.map(|task| task.name.to_string()).collect();
                    // The server lists tasks in no order.
                    names.sort();
                    names
                }),
                name: source.name.to_string(),
                address: source.address,
                flavor: source.flavor,
                enabled: source.enabled,
                relay: source.relay,
            })
            .collect();

        let mut table = Table::new(&["NAME", "ADDRESS", "FLAVOR", "WORKER", "ENABLED", "RELAY", "TASKS"], "no sources");
        for row in &rows {
            table.row([
                Cell::new(row.name.as_str(), Style::Strong),
                Cell::maybe(row.address.as_deref()),
                Cell::maybe(row.flavor.as_deref()),
                row.worker.as_deref().map_or_else(|| Cell::new("none", Style::Warning), Cell::from),
                answer(row.enabled, Style::Warning),
                answer(row.relay, Style::Plain),
                match row.tasks.as_deref() {
                    None => Cell::new("unknown", Style::Faint),
                    Some([]) => Cell::none(),
                    Some(tasks) => tasks.join(",").into(),
                },
            ]);
        }
        let mut document = Document::from(Block::Table(table));
        let unknown: Vec<Missing> = why
            .map(|why| Missing { kind: "sources", name: "without a worker".to_owned(), reason: why.to_string() })
            .into_iter()
            .collect();
        for missing in &unknown {
            document.push(Block::Line(Cell::new(format!("unknown: sources {}: {}", missing.name, missing.reason), Style::Warning)));
        }
        let mut reply = Reply::list(&rows, &unknown, document);
        if !unknown.is_empty() {
            reply = reply
                .noting("below version 8.0 and without the REST API, the master asks every worker for the list: one of them hangs");
        }
        if rows.iter().any(|row| row.tasks.is_none()) {
            reply = reply.noting(
                "below version 8.0, what reads from a source is told by the REST API only: `dmctl task list` asks the workers",
            );
        }
        if rows.iter().any(|row| row.enabled.is_none()) {
            reply = reply.noting("whether a source is enabled, and keeps a relay log, is told by the REST API only, which this cluster has switched off");
        }
        Ok(reply)
    }
}

fn serving<'a>(workers: &'a [Worker], source: &str) -> Option<&'a Worker> {
    workers.iter().find(|worker| worker.state != "relay" && worker.source.as_ref().is_some_and(|served| served.as_str() == source))
}

fn answer(answer: Option<bool>, no: Style) -> Cell {
    match answer {
        Some(true) => "yes".into(),
        Some(false) => Cell::new("no", no),
        None => Cell::new("unknown", Style::Faint),
    }
}
