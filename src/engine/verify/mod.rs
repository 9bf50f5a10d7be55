//! Whether the target of a task holds what its sources hold.
//!
//! Both sides work out sums of their rows, so that what is equal never travels. Nothing is locked and no snapshot is held: a row that
//! differs is looked at twice, and the place of the binlog before and after says which moments were compared.

mod canon;
mod face;
mod hands;
mod keyless;
mod pairing;
mod table;
mod tally;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::books::Books;
use super::connect::Server;
use super::error::{Fault, Side};
use super::position::Moment;
use super::shape::{self, Shape};
use super::snapshot;
use crate::model::DmError;
use crate::model::subtask::SubtaskSpec;
use crate::model::verification::{
    Agreement, FromTable, RowDifference, Verification, VerifiedSource, VerifiedTable, VerifyOptions, VerifyProgress,
};
use canon::Form;
use face::{Face, Range};
use hands::{Hand, Hands};
use pairing::{Group, Grouped};
use table::Sides;
use tally::Tally;

/// How many tables are compared at once.
const LANES: usize = 4;
/// How often a table is begun anew after a fault that may pass.
const TRIES: u32 = 5;

/// Who is told how far it is.
pub type Tell = Arc<dyn Fn(VerifyProgress) + Send + Sync>;

/// What all lanes share.
struct Job {
    specs: Vec<SubtaskSpec>,
    names: Vec<String>,
    servers: Vec<Server>,
    target_server: Server,
    options: VerifyOptions,
    waiting: Mutex<VecDeque<Group>>,
    progress: Mutex<VerifyProgress>,
    tell: Tell,
}

/// A source before the comparison.
struct Begun {
    copied: Option<Moment>,
    from: Moment,
    finished: Option<bool>,
}

/// Compares the target of a task with all its sources. `specs` are all subtasks of the task.
///
/// # Errors
/// A database can't be reached, or refuses something; rules that can't be obeyed.
pub async fn verify(specs: Vec<SubtaskSpec>, options: VerifyOptions, tell: Tell) -> Result<Verification, DmError> {
    Ok(Box::pin(compare(specs, options, tell)).await?)
}

async fn compare(specs: Vec<SubtaskSpec>, options: VerifyOptions, tell: Tell) -> Result<Verification, Fault> {
    let Some(first) = specs.first() else { return Err(Fault::refused("the task has no source", None)) };
    let mut target = Hand::open(&first.to, Side::Target).await?;
    let target_server = target.server().await?;
    let mut grouped = Grouped::new();
    let (mut begun, mut servers) = (Vec::new(), Vec::new());
    for (at, spec) in specs.iter().enumerate() {
        let mut source = Hand::open(&spec.from, Side::Source).await?;
        let server = source.server().await?;
        let from = snapshot::moment(source.conn(), &server).await?;
        for (_, found) in snapshot::look(source.conn(), &server, spec).await? {
            for shape in found.tables {
                let name =
                    spec.target_of(&shape.schema, &shape.table).map_err(|ambiguous| Fault::refused(ambiguous.to_string(), None))?;
                grouped.entry(name).or_default().push((at, shape));
            }
        }
        begun.push(books(&mut target, spec, from).await?);
        servers.push(server);
    }
    let names: Vec<String> = specs.iter().map(|spec| spec.source.to_string()).collect();
    let wanted = |parts: &[(usize, Shape)]| {
        options.sources.is_empty() || parts.iter().any(|(at, _)| options.sources.contains(&specs[*at].source))
    };
    grouped.retain(|_, parts| wanted(parts));
    let mut groups = Vec::new();
    for (shape, name, parts) in pair(&mut target, &target_server, grouped).await? {
        groups.push(Group::new(name, parts, shape, &servers, &target_server));
    }
    drop(target);
    let notes = notes(&specs, &options, &begun);
    groups.sort_by_key(|group| std::cmp::Reverse(group.bytes()));
    let compared = groups.len() as u64;
    let progress = VerifyProgress {
        tables_total: compared,
        rows_estimated: groups.iter().map(Group::rows_estimated).sum(),
        ..VerifyProgress::default()
    };
    tell(progress.clone());
    let lanes = LANES.min(groups.len());
    let job = Arc::new(Job {
        specs,
        names,
        servers,
        target_server,
        options,
        waiting: Mutex::new(groups.into()),
        progress: Mutex::new(progress),
        tell,
    });
    let mut tables = all_lanes(&job, lanes).await?;
    tables.sort_by(|one, other| (&one.schema, &one.table).cmp(&(&other.schema, &other.table)));
    let sources = ended(&job, begun).await?;
    Ok(result(compared, tables, sources, notes))
}

async fn all_lanes(job: &Arc<Job>, lanes: usize) -> Result<Vec<VerifiedTable>, Fault> {
    let mut running = JoinSet::new();
    for _ in 0..lanes {
        let job = Arc::clone(job);
        running.spawn(async move { Box::pin(lane(&job)).await });
    }
    let mut tables = Vec::new();
    while let Some(ended) = running.join_next().await {
        let ended = ended.map_err(|broken| Fault::refused(format!("a lane of the comparison broke: {broken}"), None))?;
        tables.extend(ended?);
    }
    Ok(tables)
}

/// A table of the target as it is, if it is there; its name; and the tables that go into it, with the place of the source of each.
type Paired = (Option<Shape>, (String, String), Vec<(usize, Shape)>);

/// Finds the tables of the target.
async fn pair(target: &mut Hand, server: &Server, grouped: Grouped) -> Result<Vec<Paired>, Fault> {
    let names: HashSet<(String, String)> = grouped.keys().map(|(schema, table)| server.folded(schema, table)).collect();
    let mut schemas: Vec<String> = grouped.keys().map(|(schema, _)| schema.clone()).collect();
    schemas.dedup();
    let wanted = |schema: &str, table: &str| names.contains(&server.folded(schema, table));
    let found = shape::look(target.conn(), Side::Target, server, &schemas, wanted).await?;
    let shapes: HashMap<(String, String), Shape> =
        found.into_iter().flat_map(|found| found.tables).map(|shape| (server.folded(&shape.schema, &shape.table), shape)).collect();
    let shape_of = |(schema, table): &(String, String)| shapes.get(&server.folded(schema, table)).cloned();
    Ok(grouped.into_iter().map(|(name, parts)| (shape_of(&name), name, parts)).collect())
}

/// What the task has noted of a source on the target.
async fn books(target: &mut Hand, spec: &SubtaskSpec, from: Moment) -> Result<Begun, Fault> {
    // No such schema, no such table.
    let absent = |fault: &Fault| matches!(fault.server_code(), Some(1049 | 1146));
    match Books::of(spec).source(target.conn()).await {
        Ok(Some(entry)) => Ok(Begun { copied: Some(entry.moment), from, finished: Some(entry.finished) }),
        Ok(None) => Ok(Begun { copied: None, from, finished: None }),
        Err(fault) if absent(&fault) => Ok(Begun { copied: None, from, finished: None }),
        Err(fault) => Err(fault),
    }
}

fn notes(specs: &[SubtaskSpec], options: &VerifyOptions, begun: &[Begun]) -> Vec<String> {
    let mut notes = Vec::new();
    for (spec, begun) in specs.iter().zip(begun) {
        if !options.sources.is_empty() && !options.sources.contains(&spec.source) {
            continue;
        }
        match begun.finished {
            None => notes.push(format!("source `{}` was not copied by this task yet", spec.source)),
            Some(false) => notes.push(format!("the copy of source `{}` is not through", spec.source)),
            Some(true) => {}
        }
    }
    notes
}

/// Takes tables as long as there are any.
async fn lane(job: &Job) -> Result<Vec<VerifiedTable>, Fault> {
    let mut tables = Vec::new();
    let mut hands = None;
    loop {
        let group = job.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(group) = group else { return Ok(tables) };
        let mut tries = 0;
        let table = loop {
            let mut told = (0, 0);
            match Box::pin(one(job, &group, &mut hands, &mut told)).await {
                Err(fault) if fault.is_passing() && tries < TRIES => {
                    hands = None;
                    tries += 1;
                    job.moved(|progress| {
                        progress.rows_done -= told.0;
                        progress.differences -= told.1;
                    });
                    tokio::time::sleep(std::time::Duration::from_millis(200 << tries)).await;
                }
                ended => break ended?,
            }
        };
        tables.push(table);
        job.moved(|progress| progress.tables_done += 1);
    }
}

impl Job {
    fn moved(&self, change: impl FnOnce(&mut VerifyProgress)) {
        let progress = {
            let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut progress);
            progress.rows_estimated = progress.rows_estimated.max(progress.rows_done);
            progress.clone()
        };
        (self.tell)(progress);
    }
}

/// Compares one table, over connections that are there already, as far as they are. `told` is how much of it is in the progress.
async fn one(job: &Job, group: &Group, hands: &mut Option<Hands>, told: &mut (u64, u64)) -> Result<VerifiedTable, Fault> {
    let needed: Vec<usize> = group.parts.iter().map(|part| part.spec).collect();
    let hands = match hands {
        Some(hands) => hands,
        None => hands.insert(Hands::open(&job.specs).await?),
    };
    hands.reach(&job.specs, &needed).await?;
    let progress = Arc::new(Mutex::new((0_u64, 0_u64)));
    let heard = Arc::clone(&progress);
    let news = move |rows: u64, differences: u64| {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.0 += rows;
        heard.1 += differences;
    };
    let mut tally = Tally::new(job.options.rows, job.options.show_values, Arc::new(news));
    let parts = (0..group.parts.len()).filter_map(|at| {
        let spec = group.parts.get(at)?.spec;
        let condition = job.specs.get(spec)?.condition.as_deref();
        Some((spec, Face::of_source(group, at, job.servers.get(spec)?, condition)?))
    });
    let parts: Vec<(usize, Face)> = parts.collect();
    let mut work = Box::pin(async {
        match Face::of_target(group, &job.target_server) {
            None => absent(hands, &parts, &mut tally).await,
            Some(target) => {
                let sides = Sides { group, target, parts, names: &job.names };
                if group.key.is_empty() {
                    sides.compare_without_key(hands, &mut tally).await
                } else {
                    sides.compare(hands, &mut tally).await
                }
            }
        }
    });
    let mut pulse = tokio::time::interval(std::time::Duration::from_millis(300));
    loop {
        let ended = tokio::select! {
            ended = &mut work => Some(ended),
            _ = pulse.tick() => None,
        };
        let now = *progress.lock().unwrap_or_else(PoisonError::into_inner);
        job.moved(|progress| {
            progress.rows_done += now.0 - told.0;
            progress.differences += now.1 - told.1;
        });
        *told = now;
        if let Some(ended) = ended {
            ended?;
            break;
        }
    }
    drop(work);
    Ok(found(job, group, tally))
}

/// The target has no such table: all rows are missing.
async fn absent(hands: &mut Hands, parts: &[(usize, Face)], tally: &mut Tally) -> Result<(), Fault> {
    for (spec, face) in parts {
        let rows = hands.source(*spec)?.count(&face.name, &face.count(&Range::default())).await?;
        tally.compared(rows, 0);
        tally.count(RowDifference::Missing, rows);
    }
    Ok(())
}

fn found(job: &Job, group: &Group, tally: Tally) -> VerifiedTable {
    let is_absent = group.target.is_none();
    let differs = is_absent || tally.differing() > 0 || !group.missing_columns.is_empty();
    let from = group.parts.iter().map(|part| FromTable {
        source: job.names.get(part.spec).cloned().unwrap_or_default(),
        schema: part.shape.schema.clone(),
        table: part.shape.table.clone(),
    });
    let mut rows = tally.rows;
    rows.sort_by_key(|row| row.difference);
    VerifiedTable {
        schema: group.name.0.clone(),
        table: group.name.1.clone(),
        from: from.collect(),
        verdict: if differs { Agreement::Different } else { Agreement::Equal },
        absent: is_absent,
        source_rows: tally.source_rows,
        target_rows: tally.target_rows,
        missing: tally.missing,
        extra: tally.extra,
        different: tally.different,
        missing_columns: group.missing_columns.clone(),
        extra_columns: group.extra_columns.clone(),
        left_out_columns: group.left_out_columns.clone(),
        rows,
    }
}

/// Where the sources are after the comparison.
async fn ended(job: &Job, begun: Vec<Begun>) -> Result<Vec<VerifiedSource>, Fault> {
    let mut sources = Vec::new();
    for ((spec, server), begun) in job.specs.iter().zip(&job.servers).zip(begun) {
        if !job.options.sources.is_empty() && !job.options.sources.contains(&spec.source) {
            continue;
        }
        let mut hand = Hand::open(&spec.from, Side::Source).await?;
        let to = snapshot::moment(hand.conn(), server).await?;
        let place = |moment: &Moment| Some(moment.text()).filter(|text| !text.is_empty());
        let known = begun.copied.as_ref().filter(|copied| !copied.file.is_empty() && !to.file.is_empty());
        sources.push(VerifiedSource {
            source: spec.source.to_string(),
            copied_at: begun.copied.as_ref().and_then(place),
            compared_from: place(&begun.from),
            compared_to: place(&to),
            moved: known.map(|copied| !copied.is_same(&to)),
        });
    }
    Ok(sources)
}

fn result(compared: u64, tables: Vec<VerifiedTable>, sources: Vec<VerifiedSource>, mut notes: Vec<String>) -> Verification {
    let differs = tables.iter().any(|table| table.verdict == Agreement::Different);
    for source in sources.iter().filter(|source| differs && source.moved == Some(true)) {
        notes.push(format!("source `{}` has changed since it was copied: what differs may have come after", source.source));
    }
    if compared == 0 {
        notes.push("the task takes no table of its sources: nothing was compared".to_owned());
    }
    Verification {
        verdict: if differs { Agreement::Different } else { Agreement::Equal },
        tables_compared: compared,
        rows_compared: tables.iter().map(|table| table.target_rows).sum(),
        rows_differing: tables.iter().map(|table| table.missing + table.extra + table.different).sum(),
        sources,
        tables: tables.into_iter().filter(has_news).collect(),
        notes,
    }
}

fn has_news(table: &VerifiedTable) -> bool {
    table.verdict == Agreement::Different || !table.extra_columns.is_empty() || !table.left_out_columns.is_empty()
}

/// A part of a key as a person would read it.
fn shown(form: Form, letters: &str, group: &Group, column: &str) -> String {
    let is_text = group
        .target
        .iter()
        .flat_map(|shape| &shape.columns)
        .any(|own| own.name.eq_ignore_ascii_case(column) && matches!(own.kind, shape::Kind::Text(_)));
    let bytes = || -> Option<Vec<u8>> {
        let digits: Vec<u8> = letters.bytes().collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
    };
    match form {
        Form::Bytes | Form::Text => {
            let text = bytes().filter(|_| is_text).and_then(|bytes| String::from_utf8(bytes).ok());
            text.unwrap_or_else(|| format!("0x{letters}"))
        }
        _ => letters.to_owned(),
    }
}
