//! Subtasks and relay logs as an answer shows them, for several verbs.

use serde::Serialize;

use crate::model::status::{Copied, Dump, Load, Progress, Relay, Silence, Subtask, Sync};
use crate::model::{DmError, Stage, SubtaskStage};
use crate::output::{Cell, Style, human};

/// A subtask in JSON. Of one that could not be had, `unknown` says why, and only task, source and worker are told.
#[derive(Debug, Serialize)]
pub(super) struct SubtaskValue {
    pub(super) task: String,
    pub(super) source: String,
    worker: Option<String>,
    stage: Stage,
    server_stage: String,
    unit: Option<&'static str>,
    dump: Option<DumpValue>,
    load: Option<LoadValue>,
    sync: Option<SyncValue>,
    ddl_lock: Option<String>,
    errors: Vec<DmError>,
    unknown: Option<DmError>,
}

#[derive(Debug, Serialize)]
struct DumpValue {
    progress: Option<f64>,
    total_tables: i64,
    completed_tables: i64,
    finished_rows: i64,
    estimated_rows: i64,
    finished_bytes: i64,
    bytes_per_second: i64,
}

#[derive(Debug, Serialize)]
struct LoadValue {
    progress: Option<f64>,
    finished_bytes: i64,
    total_bytes: i64,
    bytes_per_second: i64,
    position: String,
    gtid_set: String,
    copied: Option<Box<Copied>>,
}

#[derive(Debug, Serialize)]
struct SyncValue {
    synced: bool,
    lag_seconds: i64,
    rows_per_second: i64,
    total_rows: Option<i64>,
    source_position: String,
    source_gtid_set: String,
    applied_position: String,
    applied_gtid_set: String,
    binlog_type: String,
    blocking_ddls: Vec<String>,
    unresolved_groups: Vec<GroupValue>,
    conflict: Option<String>,
}

#[derive(Debug, Serialize)]
struct GroupValue {
    target: String,
    ddls: Vec<String>,
    synced: Vec<String>,
    unsynced: Vec<String>,
}

#[expect(clippy::cast_possible_truncation, reason = "counts that the wire carries as floating point")]
const fn whole(number: f64) -> i64 {
    number as i64
}

impl SubtaskValue {
    pub(super) fn known(subtask: &Subtask) -> Self {
        Self {
            task: subtask.task.to_string(),
            source: subtask.source.to_string(),
            worker: subtask.worker.as_ref().map(ToString::to_string),
            stage: subtask.stage.shown(),
            server_stage: subtask.server_stage.clone(),
            unit: subtask.unit.map(|unit| unit.word()),
            dump: match &subtask.progress {
                Progress::Dump(dump) => Some(DumpValue {
                    progress: dump_share(dump),
                    total_tables: dump.total_tables,
                    completed_tables: whole(dump.completed_tables),
                    finished_rows: whole(dump.finished_rows),
                    estimated_rows: whole(dump.estimated_rows),
                    finished_bytes: whole(dump.finished_bytes),
                    bytes_per_second: dump.bytes_per_second,
                }),
                _ => None,
            },
            load: match &subtask.progress {
                Progress::Load(load) => Some(LoadValue {
                    progress: load_share(load),
                    finished_bytes: load.finished_bytes,
                    total_bytes: load.total_bytes,
                    bytes_per_second: load.bytes_per_second,
                    position: load.position.clone(),
                    gtid_set: load.gtid_set.clone(),
                    copied: load.copied.clone(),
                }),
                _ => None,
            },
            sync: match &subtask.progress {
                Progress::Sync(sync) => Some(sync_value(sync)),
                _ => None,
            },
            ddl_lock: subtask.lock.as_ref().map(ToString::to_string),
            errors: subtask.errors.clone(),
            unknown: None,
        }
    }

    pub(super) fn unknown(task: &str, source: &str, silence: &Silence) -> Self {
        Self {
            task: task.to_owned(),
            source: source.to_owned(),
            worker: silence.worker.as_ref().map(ToString::to_string),
            stage: Stage::Unknown,
            server_stage: String::new(),
            unit: None,
            dump: None,
            load: None,
            sync: None,
            ddl_lock: None,
            errors: Vec::new(),
            unknown: Some(silence.reason.clone()),
        }
    }
}

fn sync_value(sync: &Sync) -> SyncValue {
    SyncValue {
        synced: sync.synced,
        lag_seconds: sync.lag_seconds,
        rows_per_second: sync.rows_per_second,
        total_rows: sync.total_rows,
        source_position: sync.source_position.clone(),
        source_gtid_set: sync.source_gtid_set.clone(),
        applied_position: sync.applied_position.clone(),
        applied_gtid_set: sync.applied_gtid_set.clone(),
        binlog_type: sync.binlog_type.clone(),
        blocking_ddls: sync.blocking_ddls.clone(),
        unresolved_groups: sync
            .unresolved_groups
            .iter()
            .map(|group| GroupValue {
                target: group.target.clone(),
                ddls: group.ddls.clone(),
                synced: group.synced.clone(),
                unsynced: group.unsynced.clone(),
            })
            .collect(),
        conflict: sync.conflict.clone(),
    }
}

/// How much of a dump is done, from 0 to 1, if that can be told.
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn dump_share(dump: &Dump) -> Option<f64> {
    let share = if dump.estimated_rows > 0.0 {
        dump.finished_rows / dump.estimated_rows
    } else if dump.total_tables > 0 {
        dump.completed_tables / dump.total_tables as f64
    } else {
        return None;
    };
    Some(share.clamp(0.0, 1.0))
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn load_share(load: &Load) -> Option<f64> {
    (load.total_bytes > 0).then(|| (load.finished_bytes as f64 / load.total_bytes as f64).clamp(0.0, 1.0))
}

/// How much of a copy is done, from 0 to 1; `None` for a sync, which never is.
pub(super) fn share(progress: &Progress) -> Option<f64> {
    match progress {
        Progress::Dump(dump) => dump_share(dump),
        Progress::Load(load) => load_share(load),
        Progress::Sync(_) | Progress::None => None,
    }
}

/// A stage in its colour. A task that was stopped by an error is not as one that a user stopped.
pub(super) fn stage(stage: Stage, failed: bool) -> Cell {
    let style = match stage {
        Stage::Running if failed => Style::Warning,
        Stage::Running | Stage::Finished => Style::Good,
        Stage::Stopped if failed => Style::Bad,
        Stage::Stopped => Style::Plain,
        Stage::Unknown => Style::Warning,
    };
    Cell::new(stage.word(), style)
}

/// An error on one line.
pub(super) fn brief(error: &DmError) -> String {
    match error.code {
        Some(code) => format!("{code}: {}", error.message),
        None => error.message.clone(),
    }
}

/// An error where there is room for one line: what lies beneath, if that is told. DM's own message often says little ("grpc request
/// error"), or comes behind two positions.
pub(super) fn gist(error: &DmError) -> String {
    let code = error.code.map(|code| format!("{code}: ")).unwrap_or_default();
    format!("{code}{}", error.cause.as_deref().unwrap_or_else(|| error.gist()))
}

/// An error over several lines: message, cause, workaround.
fn whole_error(error: &DmError) -> String {
    let mut text = brief(error);
    if let Some(cause) = &error.cause {
        text.push_str(&format!("\ncause: {cause}"));
    }
    if let Some(workaround) = &error.workaround {
        text.push_str(&format!("\nworkaround: {workaround}"));
    }
    text
}

/// A position with its GTID set behind it.
fn place(position: &str, gtid_set: &str) -> String {
    match (position, gtid_set) {
        // DM's way to say "nowhere".
        ("" | "(, 4)" | "(, 0)", "") => "-".to_owned(),
        (position, "") => position.to_owned(),
        (position, gtid_set) => format!("{position}  {gtid_set}"),
    }
}

/// A subtask over several lines.
pub(super) fn subtask_fields(subtask: &Subtask) -> Vec<(&'static str, Cell)> {
    let shown = subtask.stage.shown();
    let mut fields = vec![("stage", with_server_word(subtask.stage, &subtask.server_stage, !subtask.errors.is_empty()))];
    if let Some(unit) = subtask.unit {
        fields.push(("unit", unit.word().into()));
    }
    match &subtask.progress {
        Progress::Dump(dump) => dump_fields(dump, &mut fields),
        Progress::Load(load) => load_fields(load, &mut fields),
        Progress::Sync(sync) => sync_fields(sync, shown, &mut fields),
        Progress::None => {}
    }
    if let Some(lock) = &subtask.lock {
        fields.push(("DDL lock", Cell::new(lock.as_str(), Style::Warning)));
    }
    fields.extend(subtask.errors.iter().map(|error| ("error", Cell::new(whole_error(error), Style::Bad))));
    fields
}

/// A stage in our word, with DM's behind it where that is another one.
fn with_server_word(stage: SubtaskStage, server_word: &str, failed: bool) -> Cell {
    let shown = stage.shown();
    let word = if server_word.is_empty() || server_word == shown.word() {
        shown.word().to_owned()
    } else {
        format!("{shown} (DM says {server_word})")
    };
    let style = match shown {
        Stage::Running | Stage::Finished => Style::Good,
        Stage::Stopped if failed => Style::Bad,
        Stage::Stopped => Style::Plain,
        Stage::Unknown => Style::Warning,
    };
    Cell::new(word, style)
}

#[expect(clippy::cast_precision_loss, reason = "quantities for people")]
fn dump_fields(dump: &Dump, fields: &mut Vec<(&'static str, Cell)>) {
    if let Some(share) = dump_share(dump) {
        fields.push(("progress", human::share(share).into()));
    }
    fields.push(("tables", format!("{} of {}", whole(dump.completed_tables), dump.total_tables).into()));
    let estimate = if dump.estimated_rows > 0.0 { format!(" of about {}", whole(dump.estimated_rows)) } else { String::new() };
    fields.push(("rows", format!("{}{estimate}", whole(dump.finished_rows)).into()));
    fields.push(("read", rate(human::bytes(dump.finished_bytes), dump.bytes_per_second as f64).into()));
}

#[expect(clippy::cast_precision_loss, reason = "quantities for people")]
fn load_fields(load: &Load, fields: &mut Vec<(&'static str, Cell)>) {
    if let Some(share) = load_share(load) {
        fields.push(("progress", human::share(share).into()));
    }
    if let Some(copied) = &load.copied {
        copied_fields(copied, fields);
    }
    let done = format!("{} of {}", human::bytes(load.finished_bytes as f64), human::bytes(load.total_bytes as f64));
    fields.push(("written", rate(done, load.bytes_per_second as f64).into()));
    fields.push(("read at", place(&load.position, &load.gtid_set).into()));
}

/// What a DM inside tells of a copy.
fn copied_fields(copied: &Copied, fields: &mut Vec<(&'static str, Cell)>) {
    if copied.tables_total > 0 {
        fields.push(("tables", format!("{} of {}", copied.tables_done, copied.tables_total).into()));
        let about = if copied.tables_done < copied.tables_total { "about " } else { "" };
        let pace = if copied.rows_per_second > 0 { format!(", {}/s", copied.rows_per_second) } else { String::new() };
        fields.push(("rows", format!("{} of {about}{}{pace}", copied.rows_done, copied.rows_estimated).into()));
    }
    let tables = copied.tables.iter().map(|table| {
        let name = format!("`{}`.`{}`", table.schema, table.table);
        ("copies", Cell::from(format!("{name}, {} of about {} rows", table.rows_done, table.rows_estimated)))
    });
    fields.extend(tables);
    fields.extend(copied.waiting.iter().map(|why| ("waits", Cell::new(why, Style::Warning))));
    fields.extend(copied.notes.iter().map(|note| ("note", Cell::from(note.as_str()))));
}

fn rate(done: String, per_second: f64) -> String {
    if per_second > 0.0 { format!("{done}, {}/s", human::bytes(per_second)) } else { done }
}

fn sync_fields(sync: &Sync, shown: Stage, fields: &mut Vec<(&'static str, Cell)>) {
    if shown == Stage::Running {
        let lag = human::seconds(u64::try_from(sync.lag_seconds).unwrap_or_default());
        let text = if sync.synced { format!("{lag}, nothing left to apply") } else { lag };
        fields.push(("lag", text.into()));
        let total = sync.total_rows.map(|rows| format!(", {rows} since the start")).unwrap_or_default();
        fields.push(("rows", format!("{}/s{total}", sync.rows_per_second).into()));
    }
    fields.push(("source is at", place(&sync.source_position, &sync.source_gtid_set).into()));
    fields.push(("applied up to", place(&sync.applied_position, &sync.applied_gtid_set).into()));
    if sync.binlog_type == "local" {
        fields.push(("reads", "the relay log".into()));
    }
    fields.extend(sync.blocking_ddls.iter().map(|ddl| ("waits with DDL", Cell::new(ddl, Style::Warning))));
    for group in &sync.unresolved_groups {
        let synced = if group.synced.is_empty() { "none".to_owned() } else { group.synced.join(", ") };
        // DM puts a sentence about the worker where the tables belong that have not reached the statement.
        let text = match group.unsynced.as_slice() {
            [] => format!("{}: {synced} there", group.target),
            [sentence] if !sentence.starts_with('`') => format!("{}: this source has not reached the DDL yet", group.target),
            tables => format!("{}: {synced} there, waits for {}", group.target, tables.join(", ")),
        };
        fields.push(("shard group", Cell::new(text, Style::Warning)));
    }
    if let Some(conflict) = &sync.conflict {
        fields.push(("conflict", Cell::new(conflict, Style::Bad)));
    }
}

/// What is told of a subtask, source or worker of which nothing is known.
pub(super) fn silence_fields(silence: &Silence) -> Vec<(&'static str, Cell)> {
    vec![
        ("stage", Cell::new(Stage::Unknown.word(), Style::Warning)),
        ("reason", Cell::new(whole_error(&silence.reason), Style::Warning)),
    ]
}

/// A source and its worker, as a title.
pub(super) fn at(source: &str, worker: Option<&str>) -> Cell {
    let title = match worker {
        Some(worker) => format!("{source} on {worker}"),
        None => source.to_owned(),
    };
    Cell::new(title, Style::Strong)
}

/// A relay log in JSON.
#[derive(Debug, Serialize)]
pub(super) struct RelayValue {
    stage: Stage,
    server_stage: &'static str,
    sub_dir: String,
    source_position: String,
    source_gtid_set: String,
    relay_position: String,
    relay_gtid_set: String,
    caught_up: bool,
    errors: Vec<DmError>,
}

impl From<&Relay> for RelayValue {
    fn from(relay: &Relay) -> Self {
        Self {
            stage: relay.stage.shown(),
            server_stage: relay.stage.word(),
            sub_dir: relay.sub_dir.clone(),
            source_position: relay.source_position.clone(),
            source_gtid_set: relay.source_gtid_set.clone(),
            relay_position: relay.relay_position.clone(),
            relay_gtid_set: relay.relay_gtid_set.clone(),
            caught_up: relay.caught_up,
            errors: relay.errors.clone(),
        }
    }
}

/// A relay log over several lines.
pub(super) fn relay_fields(relay: &Relay) -> Vec<(&'static str, Cell)> {
    let mut fields = vec![
        ("relay log", with_server_word(relay.stage, relay.stage.word(), !relay.errors.is_empty())),
        ("folder", relay.sub_dir.as_str().into()),
        ("source is at", place(&relay.source_position, &relay.source_gtid_set).into()),
        ("relay has up to", place(&relay.relay_position, &relay.relay_gtid_set).into()),
        ("caught up", if relay.caught_up { "yes" } else { "no" }.into()),
    ];
    fields.extend(relay.errors.iter().map(|error| ("error", Cell::new(whole_error(error), Style::Bad))));
    fields
}
