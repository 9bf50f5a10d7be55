//! `dmctl source disable`.

use std::time::Duration;

use clap::Args;

use super::super::change::{Changed, Part};
use super::super::{Context, wait};
use super::enable::needs_rest;
use crate::api::Made;
use crate::exit::Failure;
use crate::model::status::SourceReport;
use crate::model::{SourceName, Stage};
use crate::output::{Reply, human};

const LOOK_EVERY: Duration = Duration::from_millis(300);

/// What to disable.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl source disable mysql-01\n  dmctl source disable mysql-01 --yes")]
pub struct Disable {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
}

impl Disable {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let enabled = context.client.source_is_enabled(&self.name).await.map_err(|error| needs_rest(error, "source disable"))?;
        if enabled == Some(false) {
            return Ok(Changed::new(format!("source `{}` is disabled already; nothing was sent", self.name))
                .with([Part::of(&self.name)])
                .reply());
        }
        if let Some(reply) = context.rehearsal(&format!("disable source `{}`", self.name)) {
            return Ok(reply);
        }
        let made = context.client.enable_source(&self.name, false).await?;
        let changed = Changed::new(format!("source `{}` is disabled", self.name)).seen(matches!(made, Made::Seen));
        Ok(self.wait(changed, context).await.reply())
    }

    /// Waits until nothing runs on the source, and tells what still does when the time is up.
    async fn wait(&self, changed: Changed, context: &Context<'_>) -> Changed {
        let look = async || context.client.source_status(&self.name).await;
        let report = match wait::until(wait::USUAL, LOOK_EVERY, look, |report| running(report).is_empty()).await {
            Ok((report, _)) => report,
            Err(error) => {
                let note = format!("whether its tasks have stopped is not known: {error}");
                return changed.with([Part::of(&self.name)]).noting(note).unknown();
            }
        };
        let running = running(&report);
        if !running.is_empty() {
            let note = format!("after {} this still runs on it: {}", human::duration(wait::USUAL), running.join(", "));
            return changed.with([Part::of(&self.name)]).noting(note).late();
        }
        // Where no worker serves it, nothing can run.
        match report.reports.iter().filter_map(|report| report.as_ref().err()).find(|silence| !silence.is_unbound()) {
            None => changed.with([Part::of(&self.name)]),
            Some(silence) => {
                let note = "whether its tasks have stopped is not known: its worker did not answer";
                changed.with([Part::silent(&self.name, silence)]).noting(note).unknown()
            }
        }
    }
}

/// The tasks that run on a source.
fn running(report: &SourceReport) -> Vec<String> {
    let subtasks = report.reports.iter().flatten().flat_map(|report| &report.subtasks);
    subtasks.filter(|subtask| subtask.stage.shown() == Stage::Running).map(|subtask| format!("`{}`", subtask.task)).collect()
}
