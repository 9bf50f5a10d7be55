//! `dmctl source update`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::Value;

use super::super::change::{Changed, Part};
use super::super::{Context, difference, document};
use super::enable::needs_rest;
use crate::api::{Error, carry};
use crate::exit::Failure;
use crate::model::file::Place;
use crate::model::source_file::{self, SourceFile};
use crate::model::{SourceName, Stage};
use crate::output::{Reply, human};

/// What to change.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl source update mysql-01 mysql-01.yaml\n  dmctl source get mysql-01 --output mysql-01.yaml"
)]
pub struct Update {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// The source file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Send it also when that resets settings that the REST API can't carry, and list them
    #[arg(long)]
    lossy: bool,
}

impl Update {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let mut document = document::read_source(&self.file)?;
        let named = super::name_of(&document);
        if named != self.name {
            let place = document.file.source_id.as_ref().map_or(Place::START, |name| name.place);
            return Err(document
                .failure_at(place, &format!("the file is about source `{named}`, not `{}`", self.name))
                .because("nothing was sent")
                .hinted("DM would go by the name in the file: a source can't be renamed"));
        }
        context.client.source_is_enabled(&self.name).await.map_err(|error| needs_rest(error, "source update"))?;
        self.refuse_while_running(context).await?;
        document.fill_tls()?;
        let known = context.client.source_configuration(&self.name).await.ok();
        let known = known.and_then(|configuration| source_file::inspect(&configuration.yaml).file);
        // DM asks the server on an update, but not where a source was created from a file: then a `false` tells nothing of the server.
        let case_sensitive = known.as_ref().and_then(|file| file.case_sensitive.as_ref()).map(|given| given.value).filter(|is| *is);
        // A password that is left open stays as it is: then none is sent.
        let carried = carry::source(&document.file, case_sensitive);
        let at = |loss: &carry::Loss| {
            format!("{}:{}:{}: `{}`: {}", document.path.display(), loss.place.line, loss.place.column, loss.key, loss.why)
        };
        let mut losses: Vec<String> = carried.losses.iter().map(at).collect();
        losses.extend(known.iter().flat_map(|known| reset(known, &carried.losses, case_sensitive)));
        let body = serde_json::to_value(&carried.source)
            .map_err(|error| Failure::refused(format!("the source can't be written as JSON: {error}")))?;
        let before = known.as_ref().map(|known| {
            let mut before = carry::source(known, case_sensitive).source;
            // Where the file does not say it, DM finds it out as before.
            before.flavor = before.flavor.filter(|_| carried.source.flavor.is_some());
            before
        });
        let before = before.and_then(|before| serde_json::to_value(before).ok()).unwrap_or(Value::Null);
        let differences = difference::between(&before, &body);
        let says_the_same = |known: &SourceFile| {
            let is = Some(known.case_sensitive.as_ref().is_some_and(|given| given.value));
            carry::source(&document.file, is).losses.is_empty() && reset(known, &[], is).is_empty()
        };
        let same = differences.is_empty() && known.as_ref().is_some_and(says_the_same);
        if !losses.is_empty() && !self.lossy && !same {
            let failure = Failure::refused(format!(
                "the REST API can't carry {}: DM would set back what is there",
                human::count(losses.len(), "key")
            ))
            .because("nothing was sent");
            return Err(losses
                .into_iter()
                .fold(failure, Failure::because)
                .hinted("delete the source and create it again, which keeps every key, or give `--lossy` to have these set back"));
        }
        let mut notes = document.notes();
        notes.extend(losses.into_iter().map(|loss| format!("set back: {loss}")));
        let finish = |reply: Reply, notes: Vec<String>| notes.into_iter().fold(reply, Reply::noting);
        if same || (differences.is_empty() && notes.is_empty()) {
            let message = format!("source `{}` is as the file says already; nothing was sent", self.name);
            return Ok(Changed::new(message).with([Part::of(&self.name)]).reply());
        }
        let would = format!("update source `{}`", self.name);
        if let Some(reply) = context.rehearsal_of(&would, vec![difference::table(&differences)], "changes", &differences) {
            return Ok(finish(reply, notes));
        }
        context.client.update_source(&self.name, &body).await.map_err(cured)?;
        let changed = Changed::new(format!("source `{}` is updated", self.name))
            .with([Part::of(&self.name)])
            .showing(difference::table(&differences))
            .telling("changes", serde_json::to_value(&differences).unwrap_or_default());
        Ok(finish(changed.reply(), notes))
    }

    /// DM changes a source only while none of its tasks runs.
    async fn refuse_while_running(&self, context: &Context<'_>) -> Result<(), Failure> {
        let report = context.client.source_status(&self.name).await?;
        let subtasks = report.reports.iter().flatten().flat_map(|report| &report.subtasks);
        let running: Vec<String> = subtasks
            .filter(|subtask| subtask.stage.shown() == Stage::Running)
            .map(|subtask| format!("`{}`", subtask.task))
            .collect();
        if running.is_empty() {
            return Ok(());
        }
        Err(Failure::refused(format!(
            "source `{}` is changed only while none of its tasks runs: {}",
            self.name,
            running.join(", ")
        ))
        .because("nothing was sent")
        .hinted("`dmctl task stop TASK` first"))
    }
}

/// What the source has now, the file does not say, and DM would set back.
fn reset(known: &SourceFile, told: &[carry::Loss], case_sensitive: Option<bool>) -> Vec<String> {
    let losses = carry::source(known, case_sensitive).losses;
    let new = losses.into_iter().filter(|loss| !told.iter().any(|told| told.key == loss.key));
    new.map(|loss| format!("`{}`, which the source has now: {}", loss.key, loss.why)).collect()
}

/// What to do about an update that DM refuses.
fn cured(error: Error) -> Failure {
    let code = error.code();
    let failure = Failure::from(error);
    match code {
        Some(46025) => {
            failure.hinted("stop every task of the source and end its relay log first: `dmctl source status SOURCE` shows both")
        }
        _ => failure,
    }
}
