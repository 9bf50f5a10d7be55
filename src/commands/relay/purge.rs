//! `dmctl relay purge`.

use clap::Args;
use serde_json::json;

use super::super::change::{Changed, Part};
use super::super::confirm::Loss;
use super::super::{Context, view};
use super::wait;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::model::position::BinlogName;
use crate::model::status::{Progress, WorkerReport};
use crate::output::{Block, Cell, Reply, Style};

/// What to purge.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl relay purge mysql-01 mysql-bin.000006\n  dmctl relay purge mysql-01 mysql-bin.000006 --sub-dir 2ae76434-f79f-11e8-bde2-0242ac130008.000001"
)]
pub struct Purge {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// Every relay log file before this one is removed
    #[arg(value_name = "BINLOG")]
    file: BinlogName,
    /// The folder of the relay log that the file is in (without it: the newest)
    #[arg(long, value_name = "FOLDER")]
    sub_dir: Option<String>,
}

impl Purge {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        if self.sub_dir.as_deref().is_some_and(|folder| folder.is_empty() || folder.contains(['/', '\0'])) {
            return Err(Failure::usage("`--sub-dir` is the name of a folder below the relay folder, without a slash"));
        }
        let reports = wait::reports(context, &self.name).await?;
        // DM says yes to this call whatever it is asked, also where there is no relay log.
        let Some(newest) = reports.iter().find_map(|report| report.relay.as_ref()).map(|relay| relay.sub_dir.clone()) else {
            return Err(Failure::refused(format!("no worker keeps a relay log of source `{}`", self.name))
                .because("nothing was sent")
                .hinted(format!("`dmctl relay start {}` begins one", self.name)));
        };
        let folder = self.sub_dir.clone().unwrap_or(newest);
        if let Some(reply) = context.confirm(self.loss(&reports, &folder)).await? {
            return Ok(reply);
        }
        let heard = context.client.purge_relay(&self.name, &self.file, &folder).await?;
        let paused = heard.iter().any(|heard| heard.failed && heard.said.as_ref().is_some_and(|said| said.code == Some(30037)));
        let mut changed =
            Changed::new(format!("the relay log files of source `{}` before {} in {folder} are removed", self.name, self.file));
        if heard.iter().any(|heard| heard.failed) {
            changed = Changed::new(format!(
                "not all relay log files of source `{}` before {} in {folder} are removed",
                self.name, self.file
            ));
        }
        changed = changed.with(heard.into_iter().map(Part::heard)).telling("sub_dir", folder);
        if paused {
            changed = changed.noting("a worker purges nothing while one of its subtasks is stopped: start it, or delete its task");
        }
        Ok(changed.reply())
    }

    /// What goes, and who may still need it.
    fn loss(&self, reports: &[WorkerReport], folder: &str) -> Loss {
        let mut blocks = vec![Block::Fields {
            title: None,
            fields: vec![
                ("source", Cell::new(self.name.as_str(), Style::Strong)),
                ("folder", folder.into()),
                ("removes", format!("every file before {}", self.file).into()),
            ],
        }];
        let mut positions = Vec::new();
        for report in reports {
            if let Some(relay) = &report.relay {
                let title = report.worker.as_ref().map(|worker| Cell::new(format!("on {worker}"), Style::Strong));
                blocks.push(Block::Fields { title, fields: view::relay_fields(relay) });
            }
            for subtask in &report.subtasks {
                if let Progress::Sync(sync) = &subtask.progress {
                    positions.push(json!({ "task": subtask.task, "applied_position": sync.applied_position }));
                    let title = Some(Cell::new(format!("task {}", subtask.task), Style::Strong));
                    blocks.push(Block::Fields { title, fields: vec![("applied up to", sync.applied_position.as_str().into())] });
                }
            }
        }
        Loss {
            action: format!("remove the relay log files of source `{}` before {}", self.name, self.file),
            name: self.name.to_string(),
            blocks,
            value: json!({ "source": self.name, "before": self.file.to_string(), "sub_dir": folder, "tasks": positions }),
        }
    }
}
