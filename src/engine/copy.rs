//! The copy itself: several lanes, each with a connection to either end, take ranges of tables from the board.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, ResultSetStream, Row, TextProtocol};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::apart::Apart;
use super::board::{Board, Open, Work};
use super::books::{self, Books, Entry, Origin, Progress};
use super::chunk::{Chunk, Layout};
use super::connect::Server;
use super::destination::{self, Ready};
use super::error::{Fault, Side};
use super::manner::Manner;
use super::meter::Meter;
use super::plan::Plan;
use super::shape::Shape;
use super::snapshot::has_snapshots;
use super::writer::{Cut, Outcome, Way, Writer};
use crate::model::subtask::SubtaskSpec;

/// How many bytes of a table one lane takes at a time, if it can be cut.
pub(super) const RANGE_BYTES: u64 = 8 << 20;

/// How many rows a range has at most.
const RANGE_ROWS: u64 = 500_000;

/// What all lanes share.
pub(super) struct Job {
    spec: SubtaskSpec,
    books: Books,
    plans: Vec<Plan>,
    meter: Arc<Meter>,
    stop: CancellationToken,
    target: Server,
    board: Board,
    apart: Option<Apart>,
}

/// Connections to the source beside those that read rows.
pub(super) struct Beside {
    /// Holds up writing to tables without snapshots.
    pub(super) holder: Option<Conn>,
    /// Reads large cells.
    pub(super) apart: Option<Apart>,
}

/// How the lanes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copied {
    /// No table is left.
    All,
    /// They were asked to stop.
    Stopped,
}

impl Job {
    pub(super) fn new(
        spec: &SubtaskSpec,
        books: &Books,
        plans: Vec<Plan>,
        meter: &Arc<Meter>,
        stop: &CancellationToken,
        target: Server,
        beside: Beside,
    ) -> Self {
        let shapes = plans.iter().map(|plan| &plan.table.shape);
        let board = Board::new(shapes.map(|shape| (shape.bytes_estimated, !has_snapshots(&shape.engine))), beside.holder);
        Self {
            spec: spec.clone(),
            books: books.clone(),
            plans,
            meter: Arc::clone(meter),
            stop: stop.clone(),
            target,
            board,
            apart: beside.apart,
        }
    }

    /// What is told of a fault at the source.
    fn reading(&self, at: usize) -> impl Fn(mysql_async::Error) -> Fault + Sync + Copy + '_ {
        move |error| Fault::Database {
            side: Side::Source,
            doing: format!("reading rows of {}", self.plans[at].source_name()),
            error: Box::new(error),
        }
    }
}

/// Copies what is not copied, until nothing is left. `known` are the ranges of all tables, and the target tables that lack indexes.
pub(super) async fn copy(job: &Arc<Job>, mut readers: Vec<Conn>, control: &mut Writer, known: Progress) -> Result<Copied, Fault> {
    let mut known = Some(known);
    loop {
        let now = match known.take() {
            Some(known) => Some(known),
            None => control.progress(&job.meter).await?,
        };
        let Some((entries, lacking)) = now else { return Ok(Copied::Stopped) };
        let left = left(&job.plans, &entries, &lacking);
        if left.is_empty() {
            if control.finish(&job.meter).await? {
                return Ok(Copied::All);
            }
            if job.stop.is_cancelled() {
                return Ok(Copied::Stopped);
            }
            // Another source let a table begin anew just now.
            continue;
        }
        job.board.fill(&left);
        let mut lanes = JoinSet::new();
        let is_alone = readers.len() < 2;
        for reader in readers.drain(..) {
            lanes.spawn(lane(Arc::clone(job), reader, is_alone));
        }
        let mut pulse = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            tokio::select! {
                ended = lanes.join_next() => match ended {
                    None => break,
                    Some(Ok(ended)) => readers.push(ended?),
                    Some(Err(broken)) => return Err(Fault::refused(format!("a lane of the copy broke: {broken}"), None)),
                },
                _ = pulse.tick() => job.meter.tell(),
            }
        }
        if job.stop.is_cancelled() {
            return Ok(Copied::Stopped);
        }
    }
}

/// The tables that are not through, by their place among the plans.
fn left(plans: &[Plan], entries: &[Entry], lacking: &[(String, String)]) -> Vec<usize> {
    let ranges = books::by_table(entries);
    let is_left = |plan: &Plan| {
        let shape = &plan.table.shape;
        let own = ranges.get(&(shape.schema.as_str(), shape.table.as_str()));
        own.is_none_or(|own| own.iter().any(|range| !range.done)) || lacking.contains(&plan.target)
    };
    (0..plans.len()).filter(|at| is_left(&plans[*at])).collect()
}

/// Takes work as long as there is any. Gives the reader back.
async fn lane(job: Arc<Job>, mut reader: Conn, is_alone: bool) -> Result<Conn, Fault> {
    let mut writer = Writer::new(job.spec.to.clone(), job.books.clone(), job.stop.clone());
    loop {
        let work = tokio::select! {
            work = job.board.take() => work,
            () = job.stop.cancelled() => None,
        };
        let Some(work) = work.filter(|_| !job.stop.is_cancelled()) else { return Ok(reader) };
        let (at, outcome) = match work {
            Work::Begin(at) => (at, Box::pin(begin(&job, at, &mut writer)).await?),
            Work::Range(at, open, range) => {
                let outcome = Box::pin(range_of(&job, at, &open, range, (&mut reader, &mut writer), is_alone)).await?;
                if outcome == Outcome::Written {
                    job.board.done(at);
                }
                (at, outcome)
            }
            Work::End(at, open) => {
                let target = &job.plans[at].target;
                let outcome = if open.lacks_indexes { writer.add_indexes(target, &job.meter).await? } else { Outcome::Written };
                if outcome == Outcome::Written {
                    job.meter.ended(at);
                    job.board.through(at);
                }
                (at, outcome)
            }
        };
        match outcome {
            Outcome::Written => {}
            Outcome::Anew => job.board.anew(at),
            Outcome::Stopped => return Ok(reader),
        }
    }
}

/// Makes a table of the target ready, and looks how far it is. A fault of the target sends it back, after a while.
async fn begin(job: &Job, at: usize, writer: &mut Writer) -> Result<Outcome, Fault> {
    if job.board.is_let_go(at) {
        let name = job.plans[at].source_name();
        return Err(Fault::Busy(format!("{name} begins anew, and is no longer held up at the source: another snapshot is needed")));
    }
    match prepare(job, &job.plans[at], writer).await {
        Ok((open, ranges)) => {
            job.meter.again(at, &ranges);
            job.meter.says(&told(&job.plans[at], &open));
            let left = ranges.into_iter().filter(|range| !range.done).collect();
            job.board.open(at, Arc::new(open), left);
            Ok(Outcome::Written)
        }
        Err(fault) if fault.is_passing() => {
            writer.lose();
            job.meter.waits(fault.to_string());
            let over = super::retry::Patience::slow().wait(&job.stop).await;
            Ok(if over { Outcome::Anew } else { Outcome::Stopped })
        }
        Err(fault) => Err(fault),
    }
}

/// How a table is written.
fn told(plan: &Plan, open: &Open) -> String {
    let verb = if open.manner.load().is_some() { "loaded (LOAD DATA)" } else { "inserted (INSERT)" };
    let indexes = if open.lacks_indexes { ", and indexes are made after them" } else { "" };
    format!("the rows of {} are {verb} into {}{indexes}", plan.source_name(), plan.target_name())
}

/// What can't be continued begins anew.
async fn prepare(job: &Job, plan: &Plan, writer: &mut Writer) -> Result<(Open, Vec<Entry>), Fault> {
    let shape = &plan.table.shape;
    let books = &job.books;
    loop {
        let conn = writer.conn().await?;
        let ready: Ready = destination::ready(conn, books, plan).await?;
        let ranges = books.ranges(conn, &shape.schema, &shape.table).await?;
        if ranges.is_empty() {
            return Err(Fault::Busy("the books of the task were removed".to_owned()));
        }
        let layout = Layout::of(plan, job.apart.is_some());
        let is_begun = ranges.iter().any(Entry::is_begun);
        if is_begun && !layout.is_cuttable(ready.transactional) && ranges.iter().any(|range| !range.done) {
            destination::start_over(conn, books, std::slice::from_ref(&plan.target)).await?;
            continue;
        }
        // A table that was made for this one has the number from its statement.
        if !is_begun && (ready.shared || ready.origin != Origin::Made) {
            destination::raise_number(conn, plan).await?;
        }
        let manner =
            Manner::of(conn, plan, &layout, ready, job.spec.on_duplicate, job.target.takes_files && !job.target.is_tidb()).await?;
        let open = Open { layout, manner, transactional: ready.transactional, lacks_indexes: ready.lacks_indexes };
        return Ok((open, ranges));
    }
}

/// Copies the rows of a range. The last one of a table is cut first, so that others can go on with the rest.
async fn range_of(
    job: &Job,
    at: usize,
    open: &Open,
    mut range: Entry,
    (reader, writer): (&mut Conn, &mut Writer),
    is_alone: bool,
) -> Result<Outcome, Fault> {
    if open.layout.is_cuttable(open.transactional) && range.to_key.is_none() && !range.is_begun() && !is_alone {
        let rows = rows_of_a_range(&job.plans[at].table.shape);
        match Box::pin(cut(job, at, open, &range, rows, (reader, writer))).await? {
            Cut::Behind(rest) => {
                range.to_key.clone_from(&rest.last_key);
                job.board.add(at, *rest);
            }
            Cut::None => {}
            Cut::Over(outcome) => return Ok(outcome),
        }
    }
    rows_of(job, at, open, range, reader, writer).await
}

async fn cut(
    job: &Job,
    at: usize,
    open: &Open,
    range: &Entry,
    rows: u64,
    (reader, writer): (&mut Conn, &mut Writer),
) -> Result<Cut, Fault> {
    let Some(query) = open.layout.boundary(range, rows) else { return Ok(Cut::None) };
    let row: Option<Row> = reader.query_first(query).await.map_err(job.reading(at))?;
    let Some(row) = row else { return Ok(Cut::None) };
    let key = open.layout.literals(row)?;
    writer.cut(range, key, &job.meter).await
}

fn rows_of_a_range(shape: &Shape) -> u64 {
    let row = shape.bytes_estimated.checked_div(shape.rows_estimated).unwrap_or(0).max(16);
    (RANGE_BYTES / row).clamp(1, RANGE_ROWS)
}

/// Reads the rows of a range, and writes each chunk while the next is read.
async fn rows_of(
    job: &Job,
    at: usize,
    open: &Open,
    mut range: Entry,
    reader: &mut Conn,
    writer: &mut Writer,
) -> Result<Outcome, Fault> {
    let (plan, layout, largest) = (&job.plans[at], &open.layout, job.target.largest_packet);
    let way = Way { plan, open, largest, meter: &job.meter };
    let query = layout.query(&range, job.spec.condition.as_deref());
    let mut rows: Rows<'_> = reader.query_stream(query).await.map_err(job.reading(at))?;
    let mut chunk = Arc::new(next_chunk(&mut rows, job, at, layout).await?);
    loop {
        if job.stop.is_cancelled() {
            return Ok(Outcome::Stopped);
        }
        let (rows_new, bytes_new, last) = (chunk.rows, chunk.bytes, chunk.last);
        let reading = async { if last { Ok(None) } else { next_chunk(&mut rows, job, at, layout).await.map(Some) } };
        let writing = async {
            // It goes once it is written: the next may wait for the room that it takes.
            let chunk = chunk;
            writer.write(&way, &mut range, &chunk).await
        };
        let (written, following) = tokio::join!(writing, reading);
        match written? {
            Outcome::Written => job.meter.wrote(at, rows_new, bytes_new, last),
            other => return Ok(other),
        }
        match following? {
            Some(following) => chunk = Arc::new(following),
            None => return Ok(Outcome::Written),
        }
    }
}

type Rows<'a> = ResultSetStream<'a, 'a, 'static, Row, TextProtocol>;

async fn next_chunk(rows: &mut Rows<'_>, job: &Job, at: usize, layout: &Layout) -> Result<Chunk, Fault> {
    let (mut chunk, largest) = (Chunk::default(), job.target.largest_packet);
    while !chunk.is_full() {
        let Some(row) = rows.try_next().await.map_err(job.reading(at))? else {
            chunk.last = true;
            break;
        };
        let (mut cells, large) = layout.split(row)?;
        if let Some(apart) = job.apart.as_ref().filter(|_| !large.is_empty()) {
            // With these the chunk is full, so that it never waits for room when it has some.
            chunk.held = Some(apart.fill(layout, &mut cells, &large, largest).await?);
        }
        chunk.push(layout, cells, largest)?;
    }
    chunk.close(layout)?;
    Ok(chunk)
}
