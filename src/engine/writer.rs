//! One connection to the target, which writes rows and the place in the books in one transaction.

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use super::books::{Books, Entry};
use super::chunk::{Batch, Chunk, Layout};
use super::connect::{self, Purpose};
use super::destination::Ready;
use super::error::{Fault, Side};
use super::meter::Meter;
use super::plan::Plan;
use super::retry::Patience;
use super::sql;
use crate::model::subtask::{Endpoint, OnDuplicate};
use tokio_util::sync::CancellationToken;

/// The session in which a number that is no member of an ENUM can be written.
const LENIENT: &str = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', max_error_count = 65535";
/// The session as it was.
const STRICT: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'";

/// What became of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is in the target.
    Written,
    /// The table was emptied meanwhile, or its rows can't be told apart any more: it begins anew.
    Anew,
    /// It was asked to stop before it was written.
    Stopped,
}

/// A connection to the target that comes back after a fault.
pub(super) struct Writer {
    endpoint: Endpoint,
    books: Books,
    stop: CancellationToken,
    conn: Option<Conn>,
}

/// How the rows of a table are written.
pub(super) struct Manner {
    head: String,
    tail: String,
    /// Rows that are there already are an error, whatever the task says: nobody else should have written them.
    plain: bool,
}

impl Manner {
    /// A table that only this source fills has no rows that could be replaced: if two meet, the target sees one key in two rows of the
    /// source, and neither may be lost in silence.
    pub(super) fn of(plan: &Plan, layout: &Layout, plain: bool, on_duplicate: OnDuplicate) -> Self {
        let (names, name) = (layout.names(), plan.target_name());
        let verb = if !plain && on_duplicate == OnDuplicate::Replace { "REPLACE" } else { "INSERT" };
        let tail = match layout.columns.first().filter(|_| !plain && on_duplicate == OnDuplicate::Ignore) {
            Some(column) => format!(" ON DUPLICATE KEY UPDATE {0} = {name}.{0}", sql::name(&column.name)),
            None => String::new(),
        };
        Self { head: format!("{verb} INTO {name} ({names}) VALUES "), tail, plain }
    }
}

impl Writer {
    pub(super) const fn new(endpoint: Endpoint, books: Books, stop: CancellationToken) -> Self {
        Self { endpoint, books, stop, conn: None }
    }

    /// The connection, opened where there is none.
    pub(super) async fn conn(&mut self) -> Result<&mut Conn, Fault> {
        if self.conn.is_none() {
            self.conn = Some(connect::open(&self.endpoint, Side::Target, Purpose::Rows).await?);
        }
        self.conn.as_mut().ok_or_else(|| Fault::Busy("the target is gone".to_owned()))
    }

    /// Gives the connection up: what it had begun is undone by the server.
    pub(super) fn lose(&mut self) {
        self.conn = None;
    }

    /// The tables of the source as the books have them, however often it takes; none if it was asked to stop first.
    pub(super) async fn entries(&mut self, meter: &Meter) -> Result<Option<Vec<Entry>>, Fault> {
        let (books, mut patience) = (self.books.clone(), Patience::new());
        loop {
            let found = match self.conn().await {
                Ok(conn) => books.entries(conn).await,
                Err(fault) => Err(fault),
            };
            match found {
                Err(fault) if fault.is_passing() => {
                    if !self.wait(&fault, meter, &mut patience).await {
                        return Ok(None);
                    }
                }
                found => return found.map(Some),
            }
        }
    }

    /// Writes into the books that the source is through, however often it takes. False if it is not, or if it was asked to stop first.
    pub(super) async fn finish(&mut self, meter: &Meter) -> Result<bool, Fault> {
        let (books, mut patience) = (self.books.clone(), Patience::new());
        loop {
            let finished = match self.conn().await {
                Ok(conn) => books.finish(conn).await,
                Err(fault) => Err(fault),
            };
            match finished {
                Err(fault) if fault.is_passing() => {
                    if !self.wait(&fault, meter, &mut patience).await {
                        return Ok(false);
                    }
                }
                finished => return finished,
            }
        }
    }

    /// Gives the connection up, says why, and waits. False if it was asked to stop.
    async fn wait(&mut self, fault: &Fault, meter: &Meter, patience: &mut Patience) -> bool {
        self.lose();
        meter.waits(fault.to_string());
        patience.wait(&self.stop).await
    }

    /// Writes a chunk, however often it takes. `entry` moves on with it.
    pub(super) async fn write(
        &mut self,
        manner: &mut Manner,
        about: (&Plan, &Layout, OnDuplicate),
        ready: Ready,
        entry: &mut Entry,
        chunk: &Chunk,
        meter: &Meter,
    ) -> Result<Outcome, Fault> {
        let (plan, layout, on_duplicate) = about;
        let mut patience = Patience::new();
        loop {
            let fault = match self.attempt(manner, entry, chunk, ready.transactional, plan).await {
                Ok(true) => {
                    moved(entry, chunk);
                    return Ok(Outcome::Written);
                }
                Ok(false) => None,
                Err(fault) if manner.plain && fault.server_code() == Some(1062) => {
                    self.lose();
                    // Another source may have begun with the same table since.
                    let books = self.books.clone();
                    if books.sharers(self.conn().await?, &entry.target).await? < 2 {
                        return Err(fault);
                    }
                    *manner = Manner::of(plan, layout, false, on_duplicate);
                    continue;
                }
                Err(fault) if fault.is_passing() => Some(fault),
                Err(fault) => return Err(fault),
            };
            if let Some(fault) = &fault {
                self.lose();
                if !ready.transactional {
                    return Ok(Outcome::Anew);
                }
                meter.waits(fault.to_string());
            }
            if !patience.wait(&self.stop).await {
                return Ok(Outcome::Stopped);
            }
            match self.look_again(entry, meter, &mut patience).await? {
                None => return Ok(Outcome::Stopped),
                Some(now) if now.generation == entry.generation && now.chunks == entry.chunks => {}
                // The answer was lost, the rows were not.
                Some(now) if now.generation == entry.generation && now.chunks == entry.chunks + 1 && fault.is_some() => {
                    *entry = now;
                    return Ok(Outcome::Written);
                }
                Some(_) => return Ok(Outcome::Anew),
            }
        }
    }

    /// The entry of the table as it is in the books now; none if it was asked to stop first.
    async fn look_again(&mut self, entry: &Entry, meter: &Meter, patience: &mut Patience) -> Result<Option<Entry>, Fault> {
        loop {
            let books = self.books.clone();
            let found = match self.conn().await {
                Ok(conn) => books.entry(conn, &entry.schema, &entry.table).await,
                Err(fault) => Err(fault),
            };
            match found {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => return Err(Fault::Busy("the books of the task were removed".to_owned())),
                Err(fault) if fault.is_passing() => {
                    if !self.wait(&fault, meter, patience).await {
                        return Ok(None);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// One attempt at a transaction. False if the books say that somebody else has moved the table.
    async fn attempt(
        &mut self,
        manner: &Manner,
        entry: &Entry,
        chunk: &Chunk,
        transactional: bool,
        plan: &Plan,
    ) -> Result<bool, Fault> {
        let advance = self.books.advance(entry, chunk.rows, chunk.bytes, chunk.end.as_deref(), chunk.last);
        let range = range(entry, chunk);
        let conn = self.conn().await?;
        let doing = || format!("writing rows of {} to {}{range}", plan.source_name(), plan.target_name());
        let fault = |error| Fault::Database { side: Side::Target, doing: doing(), error: Box::new(error) };
        conn.query_drop("START TRANSACTION").await.map_err(fault)?;
        conn.query_drop(advance).await.map_err(fault)?;
        if conn.affected_rows() != 1 {
            conn.query_drop("ROLLBACK").await.map_err(fault)?;
            return Ok(false);
        }
        if !transactional {
            // The rows can't be taken back: the books must know of them before they are there.
            conn.query_drop("COMMIT").await.map_err(fault)?;
        }
        for batch in &chunk.batches {
            insert(conn, manner, batch).await.map_err(|problem| match problem {
                Problem::Database(error) => fault(error),
                Problem::Cut(words) => Fault::refused(format!("{}: {words}", doing()), None),
            })?;
        }
        if transactional {
            conn.query_drop("COMMIT").await.map_err(fault)?;
        }
        Ok(true)
    }
}

enum Problem {
    Database(mysql_async::Error),
    Cut(String),
}

async fn insert(conn: &mut Conn, manner: &Manner, batch: &Batch) -> Result<(), Problem> {
    let mut statement = Vec::with_capacity(manner.head.len() + batch.values.len() + manner.tail.len());
    statement.extend_from_slice(manner.head.as_bytes());
    statement.extend_from_slice(&batch.values);
    statement.extend_from_slice(manner.tail.as_bytes());
    if batch.no_members == 0 {
        return conn.query_drop(statement).await.map_err(Problem::Database);
    }
    conn.query_drop(LENIENT).await.map_err(Problem::Database)?;
    conn.query_drop(statement).await.map_err(Problem::Database)?;
    let warnings: Vec<(String, u16, String)> = conn.query("SHOW WARNINGS").await.map_err(Problem::Database)?;
    conn.query_drop(STRICT).await.map_err(Problem::Database)?;
    // One complaint for each of these values, and no other: nothing else was cut.
    let cut: Vec<&(String, u16, String)> = warnings.iter().filter(|(level, ..)| level != "Note").collect();
    match cut.iter().find(|(_, code, _)| *code != 1265) {
        Some((_, code, words)) => Err(Problem::Cut(format!("Warning {code}: {words}"))),
        None if cut.len() as u64 != batch.no_members => Err(Problem::Cut(
            cut.first().map_or_else(|| "a value was cut".to_owned(), |(_, code, words)| format!("Warning {code}: {words}")),
        )),
        None => Ok(()),
    }
}

fn range(entry: &Entry, chunk: &Chunk) -> String {
    match (&entry.last_key, &chunk.end) {
        (Some(from), Some(to)) => format!(" behind the key ({from}) up to ({to})"),
        (None, Some(to)) => format!(" up to the key ({to})"),
        _ => format!(", {} rows behind row {}", chunk.rows, entry.rows),
    }
}

fn moved(entry: &mut Entry, chunk: &Chunk) {
    entry.chunks += 1;
    entry.rows += chunk.rows;
    entry.bytes += chunk.bytes;
    entry.done = chunk.last;
    if chunk.end.is_some() {
        entry.last_key.clone_from(&chunk.end);
    }
}
