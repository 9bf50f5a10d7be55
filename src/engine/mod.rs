//! The engine: what a task does on one source, between two databases.
//!
//! A copy takes one moment of the source ([`snapshot`]), plans where each table goes ([`plan`]), and moves rows in chunks ([`copy`]),
//! each in one transaction with its place in the books ([`books`]) on the target. After a fault it goes on from there if the source has
//! not moved since, and starts over if it has.

mod apart;
mod board;
mod books;
mod cells;
mod check;
mod chunk;
mod connect;
mod copy;
mod ddl;
mod destination;
mod error;
mod functions;
mod grants;
mod indexes;
mod lines;
mod literal;
mod look;
mod manner;
mod meter;
mod plan;
mod position;
mod retry;
mod shape;
mod snapshot;
mod sql;
mod verify;
mod writer;

use std::sync::Arc;

use mysql_async::Conn;
use tokio_util::sync::CancellationToken;

use apart::Apart;
use books::Books;
use connect::Purpose;
use copy::{Beside, Copied, Job};
use error::{Fault, Side};
use meter::Meter;
use plan::Plans;
use position::Moment;
use retry::Patience;
use writer::Writer;

use crate::model::DmError;
use crate::model::subtask::{Mode, Reporter, SubtaskEnd, SubtaskSpec};

pub use check::check;
pub use look::{complete_source, schemas, tables};
pub use verify::{Tell, verify};

/// Runs a subtask until it is through, is asked to stop, or can't go on. Faults that may pass are waited for, and reported.
pub async fn run(spec: &SubtaskSpec, reporter: Arc<dyn Reporter>, stop: CancellationToken) -> SubtaskEnd {
    if spec.mode != Mode::Full {
        return SubtaskEnd::Failed(vec![DmError::plain(format!(
            "the mode `{}` is not there yet in this version",
            spec.mode.word()
        ))]);
    }
    let meter = Arc::new(Meter::new(reporter));
    let mut patience = Patience::new();
    loop {
        let before = meter.rows_written();
        let fault = match Box::pin(attempt(spec, &meter, &stop)).await {
            Ok(Copied::All) => {
                meter.tell();
                return SubtaskEnd::Finished;
            }
            Ok(Copied::Stopped) => return SubtaskEnd::Stopped,
            Err(fault) if fault.is_passing() => fault,
            Err(fault) => return SubtaskEnd::Failed(vec![fault.into()]),
        };
        if meter.rows_written() > before {
            patience = Patience::new();
        }
        meter.waits(fault.to_string());
        if !patience.wait(&stop).await {
            return SubtaskEnd::Stopped;
        }
    }
}

/// One attempt, in one moment of the source.
async fn attempt(spec: &SubtaskSpec, meter: &Arc<Meter>, stop: &CancellationToken) -> Result<Copied, Fault> {
    let books = Books::of(spec);
    let mut control = connect::open(&spec.to, Side::Target, Purpose::Talk).await?;
    let target = connect::server(&mut control, Side::Target, &spec.to).await?;
    if !destination::has_schema(&mut control, &books.schema).await? {
        books.open_schema(&mut control).await?;
    }
    books.open(&mut control).await?;
    let known = books.source(&mut control).await?;
    let entries = books.entries(&mut control).await?;
    if let Some(known) = &known {
        let through = !entries.is_empty() && entries.iter().all(|entry| entry.done);
        if known.finished || (through && books.finish(&mut control).await?) {
            meter.through(&entries, &known.moment);
            return Ok(Copied::All);
        }
    }
    let snapshot = Box::pin(snapshot::take(spec, spec.readers.min(spec.writers))).await?;
    if stop.is_cancelled() {
        return Ok(Copied::Stopped);
    }
    let lacking = functions::lacking(&mut control, snapshot.schemas.iter()).await?;
    let plans = plan::plan(spec, &snapshot.schemas, &snapshot.server, &target, &lacking);
    let there = destination::there(&mut control, plans.tables.iter().filter(|plan| !plan.made.impossible.is_empty())).await?;
    let plans = plans.feasible(|table| there.contains(table))?;
    let mut notes = snapshot.notes;
    notes.extend(plans.left_out.iter().cloned());
    if plans.tables.is_empty() {
        notes.push(check::NO_TABLES.to_owned());
    }
    destination::make_schemas(&mut control, &plans.schemas).await?;
    if let Some(note) = open_books(&mut control, &books, &plans, &snapshot.moment, known.map(|known| known.moment)).await? {
        notes.push(note);
    }
    let known = books.progress(&mut control).await?;
    meter.begin(&plans.tables, &known, &snapshot.moment, notes);
    let apart = snapshot.apart.map(|reader| Apart::new(reader, snapshot.server.largest_packet));
    let job = Job::new(spec, &books, plans.tables, meter, stop, target, Beside { holder: snapshot.holder, apart });
    drop(control);
    let mut control = Writer::new(spec.to.clone(), books, stop.clone());
    Box::pin(copy::copy(&Arc::new(job), snapshot.readers, &mut control, known)).await
}

/// Brings the books in line with the moment: goes on where nothing has changed since, and starts over where something has. Says so.
async fn open_books(
    conn: &mut Conn,
    books: &Books,
    plans: &Plans,
    moment: &Moment,
    before: Option<Moment>,
) -> Result<Option<String>, Fault> {
    let entries = books.entries(conn).await?;
    let mut begun: Vec<(String, String)> =
        entries.iter().filter(|entry| entry.is_begun()).map(|entry| entry.target.clone()).collect();
    let mut note = None;
    if !begun.is_empty() && !before.is_some_and(|before| before.is_same(moment)) {
        begun.sort();
        begun.dedup();
        destination::start_over(conn, books, &begun).await?;
        note = Some("the source has changed since the copy began: all tables are copied anew".to_owned());
    }
    let planned: Vec<(&str, &str, &(String, String))> =
        plans.tables.iter().map(|plan| (plan.table.shape.schema.as_str(), plan.table.shape.table.as_str(), &plan.target)).collect();
    let names = planned.iter().map(|(schema, table, _)| (*schema, *table)).collect();
    books.keep_only(conn, &entries, &names).await?;
    books.add(conn, &planned).await?;
    books.keep_moment(conn, moment).await?;
    Ok(note)
}

/// Drops what is kept on the target of a subtask, and with the last subtask of a task its tables. The rows stay, and tables that still
/// lack indexes get them.
///
/// # Errors
/// What the target says.
pub async fn forget(spec: &SubtaskSpec) -> Result<(), DmError> {
    let mut conn = connect::open(&spec.to, Side::Target, Purpose::Talk).await?;
    let books = Books::of(spec);
    if books.are_there(&mut conn).await? {
        for target in books.lacking(&mut conn).await? {
            indexes::add(&mut conn, &books, &target).await?;
        }
    }
    Ok(books.forget(&mut conn).await?)
}

/// Lets the next run of a subtask copy all again, into tables that are emptied first where the task made them or found them empty.
///
/// # Errors
/// What the target says.
pub async fn start_over(spec: &SubtaskSpec) -> Result<(), DmError> {
    let books = Books::of(spec);
    let mut conn = connect::open(&spec.to, Side::Target, Purpose::Talk).await?;
    if !destination::has_schema(&mut conn, &books.schema).await? {
        return Ok(());
    }
    books.open(&mut conn).await?;
    Ok(destination::start_over_on_request(&mut conn, &books).await?)
}
