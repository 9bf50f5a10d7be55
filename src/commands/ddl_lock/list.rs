//! `dmctl ddl-lock list`.

use clap::Args;
use serde::Serialize;

use super::super::Context;
use crate::exit::Failure;
use crate::model::TaskName;
use crate::output::{Block, Cell, Document, Missing, Reply, Style, Table};

/// What to list.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl ddl-lock list\n  dmctl ddl-lock list task-1")]
pub struct List {
    /// Only the locks of this task
    #[arg(value_name = "TASK")]
    task: Option<TaskName>,
}

/// A lock in JSON.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    task: String,
    mode: String,
    owner: String,
    ddls: Vec<String>,
    synced: Vec<String>,
    unsynced: Vec<String>,
}

impl List {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let (locks, remark) = context.client.ddl_locks(self.task.as_ref()).await?;
        if let (Some(task), true) = (&self.task, locks.is_empty()) {
            // DM says "no locks" of a task that does not exist, too; a lock can outlive its task, so this is asked afterwards.
            context.client.task_outline(task).await?;
        }
        let rows: Vec<Row> = locks
            .into_iter()
            .map(|lock| Row {
                id: lock.id.to_string(),
                task: lock.task.to_string(),
                mode: lock.mode,
                owner: lock.owner,
                ddls: lock.ddls,
                synced: lock.synced,
                unsynced: lock.unsynced,
            })
            .collect();
        let mut table = Table::new(&["ID", "TASK", "MODE", "OWNER", "SYNCED", "WAITS FOR", "DDL"], "no DDL locks");
        for row in &rows {
            table.row([
                Cell::new(row.id.as_str(), Style::Strong),
                row.task.as_str().into(),
                row.mode.as_str().into(),
                Cell::maybe((!row.owner.is_empty()).then_some(row.owner.as_str())),
                Cell::maybe((!row.synced.is_empty()).then(|| row.synced.join(","))),
                Cell::maybe((!row.unsynced.is_empty()).then(|| row.unsynced.join(","))),
                row.ddls.join("; ").into(),
            ]);
        }
        let waits = rows.iter().find(|row| !row.unsynced.is_empty()).and_then(|row| crate::words::quote(&row.id).ok());
        let next = waits.map(|id| format!("ddl-lock unlock {id}"));
        let reply = Reply::list(&rows, &[] as &[Missing], Document::from(Block::Table(table))).then(next);
        Ok(match remark {
            Some(remark) => reply.noting(remark),
            None => reply,
        })
    }
}
