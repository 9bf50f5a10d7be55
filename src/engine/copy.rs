//! The copy itself: several lanes, each with a connection to either end, take one table after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::TryStreamExt as _;
use mysql_async::prelude::Queryable as _;
use mysql_async::{BinaryProtocol, Conn, ResultSetStream, Row};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::books::{Books, Entry, Origin};
use super::chunk::{Chunk, Layout};
use super::destination::{self, Ready};
use super::error::{Fault, Side};
use super::meter::Meter;
use super::plan::Plan;
use super::snapshot::has_snapshots;
use super::writer::{Manner, Outcome, Writer};
use crate::model::subtask::SubtaskSpec;

/// What all lanes share.
pub(super) struct Job {
    pub(super) spec: SubtaskSpec,
    pub(super) books: Books,
    pub(super) plans: Vec<Plan>,
    pub(super) meter: Arc<Meter>,
    pub(super) stop: CancellationToken,
    /// The largest statement that the target takes.
    pub(super) largest: usize,
    queue: Mutex<Queue>,
}

struct Queue {
    waiting: VecDeque<usize>,
    /// Tables whose writing is held up at the source until they are copied.
    held: usize,
    holder: Option<Conn>,
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
        largest: usize,
        holder: Option<Conn>,
    ) -> Self {
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), held: 0, holder });
        Self { spec: spec.clone(), books: books.clone(), plans, meter: Arc::clone(meter), stop: stop.clone(), largest, queue }
    }

    fn queue<T>(&self, change: impl FnOnce(&mut Queue) -> T) -> T {
        change(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_held(&self, at: usize) -> bool {
        !has_snapshots(&self.plans[at].table.shape.engine)
    }

    /// What holds others up comes first, then what is large: so the lanes end at the same time.
    fn fill(&self, mut tables: Vec<usize>) {
        tables.sort_by_key(|at| (!self.is_held(*at), std::cmp::Reverse(self.plans[*at].table.shape.bytes_estimated)));
        let held = tables.iter().filter(|at| self.is_held(**at)).count();
        self.queue(|queue| {
            queue.waiting = tables.into();
            queue.held = held;
        });
    }

    fn finished(&self, at: usize) {
        let holder = self.queue(|queue| {
            if self.is_held(at) {
                queue.held = queue.held.saturating_sub(1);
            }
            if queue.held == 0 { queue.holder.take() } else { None }
        });
        drop(holder);
    }
}

/// Copies what is not copied, until nothing is left.
pub(super) async fn copy(job: &Arc<Job>, mut readers: Vec<Conn>, control: &mut Writer) -> Result<Copied, Fault> {
    loop {
        let Some(entries) = control.entries(&job.meter).await? else { return Ok(Copied::Stopped) };
        let done = |plan: &Plan| {
            let shape = &plan.table.shape;
            entries.iter().any(|entry| entry.done && entry.schema == shape.schema && entry.table == shape.table)
        };
        let left: Vec<usize> = (0..job.plans.len()).filter(|at| !done(&job.plans[*at])).collect();
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
        job.fill(left);
        let mut lanes = JoinSet::new();
        for reader in readers.drain(..) {
            lanes.spawn(lane(Arc::clone(job), reader));
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

/// Takes tables as long as there are any. Gives the reader back.
async fn lane(job: Arc<Job>, mut reader: Conn) -> Result<Conn, Fault> {
    let mut writer = Writer::new(job.spec.to.clone(), job.books.clone(), job.stop.clone());
    while !job.stop.is_cancelled() {
        let Some(at) = job.queue(|queue| queue.waiting.pop_front()) else { break };
        match Box::pin(table(&job, at, &mut reader, &mut writer)).await? {
            Outcome::Written => job.finished(at),
            Outcome::Anew => job.queue(|queue| queue.waiting.push_back(at)),
            Outcome::Stopped => break,
        }
    }
    Ok(reader)
}

/// Copies one table, from where the books say.
async fn table(job: &Job, at: usize, reader: &mut Conn, writer: &mut Writer) -> Result<Outcome, Fault> {
    let plan = &job.plans[at];
    let layout = Layout::of(plan);
    let (mut entry, ready, shared) = match begin(job, plan, writer).await {
        Ok(found) => found,
        Err(fault) if fault.is_passing() => return pause(job, writer, &fault).await,
        Err(fault) => return Err(fault),
    };
    if entry.done {
        return Ok(Outcome::Written);
    }
    job.meter.again(at, &entry);
    let plain = matches!(ready.origin, Origin::Made | Origin::Empty) && !shared;
    let mut manner = Manner::of(plan, &layout, plain, job.spec.on_duplicate);
    let query = layout.query(entry.last_key.as_deref(), job.spec.condition.as_deref());
    let fault = |error| Fault::Database {
        side: Side::Source,
        doing: format!("reading rows of {}", plan.source_name()),
        error: Box::new(error),
    };
    let statement = reader.prep(query).await.map_err(fault)?;
    let mut rows: Rows<'_> = reader.exec_stream(statement, ()).await.map_err(fault)?;
    let mut chunk = next_chunk(&mut rows, &layout, job.largest, &fault).await?;
    loop {
        if job.stop.is_cancelled() {
            return Ok(Outcome::Stopped);
        }
        let (rows_new, bytes_new) = (chunk.rows, chunk.bytes);
        let about = (plan, &layout, job.spec.on_duplicate);
        let writing = writer.write(&mut manner, about, ready, &mut entry, &chunk, &job.meter);
        let reading =
            async { if chunk.last { Ok(None) } else { next_chunk(&mut rows, &layout, job.largest, &fault).await.map(Some) } };
        let (written, following) = tokio::join!(writing, reading);
        match written? {
            Outcome::Written => job.meter.wrote(at, &entry, rows_new, bytes_new),
            other => return Ok(other),
        }
        match following? {
            Some(following) => chunk = following,
            None => break,
        }
    }
    Ok(Outcome::Written)
}

/// A fault of the target before the first row: the table goes back, after a while.
async fn pause(job: &Job, writer: &mut Writer, fault: &Fault) -> Result<Outcome, Fault> {
    writer.lose();
    job.meter.waits(fault.to_string());
    let over = super::retry::Patience::slow().wait(&job.stop).await;
    Ok(if over { Outcome::Anew } else { Outcome::Stopped })
}

/// Makes the table of the target ready, and looks where the books are. What can't be continued begins anew.
async fn begin(job: &Job, plan: &Plan, writer: &mut Writer) -> Result<(Entry, Ready, bool), Fault> {
    let (schema, name) = (&plan.table.shape.schema, &plan.table.shape.table);
    let books = &job.books;
    loop {
        let conn = writer.conn().await?;
        let ready = destination::ready(conn, books, plan).await?;
        let Some(entry) = books.entry(conn, schema, name).await? else {
            return Err(Fault::Busy("the books of the task were removed".to_owned()));
        };
        let continues = plan.table.shape.key.is_some() && ready.transactional;
        if entry.done || entry.chunks == 0 || continues {
            let shared = books.sharers(conn, &plan.target).await? > 1;
            // A table that was made for this one has the number from its statement.
            if entry.chunks == 0 && (shared || ready.origin != Origin::Made) {
                destination::raise_number(conn, plan).await?;
            }
            return Ok((entry, ready, shared));
        }
        destination::start_over(conn, books, std::slice::from_ref(&plan.target)).await?;
    }
}

type Rows<'a> = ResultSetStream<'a, 'a, 'static, Row, BinaryProtocol>;

async fn next_chunk(
    rows: &mut Rows<'_>,
    layout: &Layout,
    largest: usize,
    fault: &(impl Fn(mysql_async::Error) -> Fault + Sync),
) -> Result<Chunk, Fault> {
    let mut chunk = Chunk::default();
    while !chunk.is_full() {
        match rows.try_next().await.map_err(fault)? {
            Some(row) => chunk.push(layout, row, largest)?,
            None => {
                chunk.last = true;
                break;
            }
        }
    }
    Ok(chunk)
}
