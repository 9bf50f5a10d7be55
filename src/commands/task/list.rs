//! `dmctl task list`.

use clap::Args;
use serde::Serialize;

use super::super::{Context, view};
use crate::api::TaskStatus;
use crate::commands::source::require_known;
use crate::exit::Failure;
use crate::model::status::{Progress, Silence, Subtask};
use crate::model::{DmError, SourceName, Stage};
use crate::output::{Block, Cell, Document, Missing, Reply, Style, Table, human};

/// What to list.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task list\n  dmctl task list --stage running --source mysql-01,mysql-02")]
pub struct List {
    /// Only tasks that read any of these sources
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// Only tasks in this stage
    #[arg(long, value_name = "STAGE", ignore_case = true, value_parser = stage_parser())]
    stage: Option<Stage>,
}

fn stage_parser() -> impl clap::builder::TypedValueParser<Value = Stage> {
    use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new([
        PossibleValue::new("Running").help("At work on at least one source"),
        PossibleValue::new("Stopped").alias("Paused").help("At work on no source"),
        PossibleValue::new("Finished").help("A full copy that is through"),
        PossibleValue::new("Unknown").help("Not all workers could be asked"),
    ])
    .try_map(|word| word.parse())
}

/// A task in JSON.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    stage: Stage,
    mode: Option<String>,
    sources: Vec<String>,
    /// The step that the slowest subtask is in.
    unit: Option<&'static str>,
    /// How much of that step is done, from 0 to 1; null while syncing.
    progress: Option<f64>,
    /// The largest lag of the running subtasks.
    lag_seconds: Option<i64>,
    /// Rows a second of all running subtasks together.
    rows_per_second: Option<i64>,
    /// How many subtasks are in another stage than the task.
    differing: usize,
    /// How many subtasks nothing is known of.
    unknown: usize,
    error: Option<RowError>,
}

#[derive(Debug, Serialize)]
struct RowError {
    source: String,
    #[serde(flatten)]
    error: DmError,
}

impl List {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        require_known(&self.source, context).await?;
        let (tasks, silent) = context.client.task_statuses().await?;
        let wanted = |source: &SourceName| self.source.is_empty() || self.source.contains(source);
        let listed: Vec<&TaskStatus> =
            tasks.iter().filter(|task| self.source.is_empty() || task.subtasks.iter().any(|(source, _)| wanted(source))).collect();
        let unknown = unknown(&listed, &silent, wanted);
        let rows: Vec<Row> =
            listed.iter().map(|task| row(task)).filter(|row| self.stage.is_none_or(|stage| row.stage == stage)).collect();

        let mut table = Table::new(&["NAME", "STAGE", "MODE", "SOURCES", "UNIT", "PROGRESS", "ROWS/S", "ERROR"], "no tasks");
        for row in &rows {
            table.row(cells(row));
        }
        let mut document = Document::from(Block::Table(table));
        for missing in &unknown {
            let text = format!("unknown: source {}: {}", missing.name, missing.reason);
            document.push(Block::Line(Cell::new(text, Style::Warning)));
        }
        let failed = rows.iter().find(|row| row.error.is_some()).and_then(|row| crate::words::quote(&row.name).ok());
        let next = failed.map(|name| format!("task status {name}"));
        Ok(Reply::list(&rows, &unknown, document).then(next))
    }
}

/// The sources that could not be asked, and those of listed tasks that have no worker to ask.
fn unknown(listed: &[&TaskStatus], silent: &[(SourceName, Silence)], wanted: impl Fn(&SourceName) -> bool) -> Vec<Missing> {
    let touched =
        listed.iter().flat_map(|task| &task.subtasks).filter_map(|(source, subtask)| Some((source, subtask.as_ref().err()?)));
    let asked = silent.iter().map(|(source, silence)| (source, silence)).filter(|(source, _)| wanted(source));
    let mut found: Vec<Missing> = Vec::new();
    for (source, silence) in asked.chain(touched) {
        if !found.iter().any(|missing| missing.name == source.as_str()) {
            found.push(Missing { kind: "source", name: source.to_string(), reason: view::gist(&silence.reason) });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn row(task: &TaskStatus) -> Row {
    let stages: Vec<_> = task
        .subtasks
        .iter()
        .map(|(_, subtask)| subtask.as_ref().map_or(crate::model::SubtaskStage::Unknown, |subtask| subtask.stage))
        .collect();
    let stage = Stage::of(stages.iter().copied());
    let known = || task.subtasks.iter().filter_map(|(_, subtask)| subtask.as_ref().ok());
    // The task is where its slowest subtask is: in the earliest unit, and there the one with the least done.
    let slowest = known().min_by(|a, b| {
        let key = |subtask: &Subtask| (subtask.unit.map(|unit| unit as u8), view::share(&subtask.progress).unwrap_or(2.0));
        key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let syncing = || {
        known().filter(|subtask| subtask.stage.shown() == Stage::Running).filter_map(|subtask| match &subtask.progress {
            Progress::Sync(sync) => Some(sync),
            _ => None,
        })
    };
    let rates: Vec<i64> = syncing().map(|sync| sync.rows_per_second).collect();
    Row {
        name: task.outline.name.to_string(),
        stage,
        mode: task.outline.mode.as_deref().map(str::to_owned),
        sources: task.subtasks.iter().map(|(source, _)| source.to_string()).collect(),
        unit: slowest.and_then(|subtask| subtask.unit).map(|unit| unit.word()),
        progress: slowest.and_then(|subtask| view::share(&subtask.progress)),
        lag_seconds: syncing().map(|sync| sync.lag_seconds).max(),
        rows_per_second: (!rates.is_empty()).then(|| rates.iter().sum()),
        differing: stages.iter().filter(|subtask| subtask.shown() != stage).count(),
        unknown: stages.iter().filter(|subtask| subtask.shown() == Stage::Unknown).count(),
        error: known().find_map(|subtask| {
            let error = subtask.errors.first()?.clone();
            Some(RowError { source: subtask.source.to_string(), error })
        }),
    }
}

fn cells(row: &Row) -> [Cell; 8] {
    let mut stage = view::stage(row.stage, row.error.is_some());
    if row.differing > 0 {
        stage = Cell::new(format!("{} ({} of {} differ)", row.stage, row.differing, row.sources.len()), Style::Warning);
    }
    let progress = match (row.progress, row.lag_seconds) {
        (Some(share), _) => Some(human::share(share)),
        (None, Some(lag)) => Some(format!("lag {}", human::seconds(u64::try_from(lag).unwrap_or_default()))),
        (None, None) => None,
    };
    let error = row.error.as_ref().map(|error| Cell::new(view::gist(&error.error), Style::Bad));
    [
        Cell::new(row.name.as_str(), Style::Strong),
        stage,
        Cell::maybe(row.mode.as_deref()),
        Cell::maybe((!row.sources.is_empty()).then(|| row.sources.join(","))),
        Cell::maybe(row.unit),
        Cell::maybe(progress),
        Cell::maybe(row.rows_per_second.map(|rows| rows.to_string())),
        error.unwrap_or_default(),
    ]
}
