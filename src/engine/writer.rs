//! One connection to the target, which writes rows and the place in the books in one transaction.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use super::board::Open;
use super::books::{Books, Entry, Progress};
use super::chunk::{Chunk, Statement};
use super::connect::{self, Purpose};
use super::error::{Fault, Side};
use super::indexes::{self, Added};
use super::lines::Lines;
use super::meter::Meter;
use super::plan::Plan;
use super::retry::Patience;
use super::sql;
use crate::model::subtask::Endpoint;
use tokio_util::sync::CancellationToken;

/// The session in which a number that is no member of an ENUM can be written.
const LENIENT: &str = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', max_error_count = 65535";
/// The session as it was.
const STRICT: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'";

/// How many bytes of a large cell go to the target at a time, unless there would be too many pieces: the target copies what it has for each.
const LARGE_PIECE: usize = 512 << 10;
const LARGE_PIECES: usize = 64;

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

/// What became of a cut.
pub(super) enum Cut {
    /// There is a new last range.
    Behind(Box<Entry>),
    /// There are not so many rows.
    None,
    /// The range is not to be copied now.
    Over(Outcome),
}

/// A connection to the target that comes back after a fault.
pub(super) struct Writer {
    endpoint: Endpoint,
    books: Books,
    stop: CancellationToken,
    conn: Option<Conn>,
}

/// A table on its way, for those who write its rows.
pub(super) struct Way<'a> {
    pub(super) plan: &'a Plan,
    pub(super) open: &'a Open,
    /// The largest statement that the target takes.
    pub(super) largest: usize,
    pub(super) meter: &'a Meter,
}

/// What became of one attempt at a transaction.
enum Attempt {
    Written,
    /// The books say that somebody else has moved the range.
    Moved,
    /// The rows were not all loaded as they are. Nothing of it stays.
    NotLoaded,
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

    /// Does something, however often it takes; none if it was asked to stop first.
    async fn insist<T>(
        &mut self,
        meter: &Meter,
        what: impl for<'a> Fn(&'a mut Conn, &'a Books) -> BoxFuture<'a, Result<T, Fault>> + Send,
    ) -> Result<Option<T>, Fault> {
        let (books, mut patience) = (self.books.clone(), Patience::new());
        loop {
            let done = match self.conn().await {
                Ok(conn) => what(conn, &books).await,
                Err(fault) => Err(fault),
            };
            match done {
                Err(fault) if fault.is_passing() => {
                    self.lose();
                    meter.waits(fault.to_string());
                    if !patience.wait(&self.stop).await {
                        return Ok(None);
                    }
                }
                done => return done.map(Some),
            }
        }
    }

    /// How far the source is, as the books have it, however often it takes; none if it was asked to stop first.
    pub(super) async fn progress(&mut self, meter: &Meter) -> Result<Option<Progress>, Fault> {
        self.insist(meter, |conn, books| Box::pin(books.progress(conn))).await
    }

    /// Writes into the books that the source is through, however often it takes. False if it is not, or if it was asked to stop first.
    pub(super) async fn finish(&mut self, meter: &Meter) -> Result<bool, Fault> {
        Ok(self.insist(meter, |conn, books| Box::pin(books.finish(conn))).await?.unwrap_or(false))
    }

    /// Cuts the last range of a table behind a key, however often it takes. The new last range.
    pub(super) async fn cut(&mut self, entry: &Entry, key: String, meter: &Meter) -> Result<Cut, Fault> {
        let about = Arc::new((entry.clone(), key));
        let cut = self.insist(meter, move |conn, books| {
            let about = Arc::clone(&about);
            Box::pin(async move { books.cut(conn, &about.0, &about.1).await })
        });
        Ok(match cut.await? {
            Some(Some(rest)) => Cut::Behind(Box::new(rest)),
            // Somebody else has moved it, or the answer to the cut was lost.
            Some(None) => Cut::Over(Outcome::Anew),
            None => Cut::Over(Outcome::Stopped),
        })
    }

    /// Adds the indexes of a table, however often it takes. A stop is heard while the target is at it.
    pub(super) async fn add_indexes(&mut self, target: &(String, String), meter: &Meter) -> Result<Outcome, Fault> {
        let stop = self.stop.clone();
        let own = target.clone();
        let adding = self.insist(meter, move |conn, books| {
            let target = own.clone();
            Box::pin(async move { indexes::add(conn, books, &target).await })
        });
        let added = tokio::select! {
            added = adding => added?,
            () = stop.cancelled() => None,
        };
        match added {
            Some(Added::All) => Ok(Outcome::Written),
            Some(Added::NoTable) => Ok(Outcome::Anew),
            None => {
                let id = self.conn.take().map(|conn| conn.id());
                // Who is not heard here is waited for by the next one who adds them.
                if let Some(id) = id {
                    connect::kill(&self.endpoint, Side::Target, id).await;
                }
                Ok(Outcome::Stopped)
            }
        }
    }

    /// Writes a chunk, however often it takes. `entry` moves on with it.
    pub(super) async fn write(&mut self, way: &Way<'_>, entry: &mut Entry, chunk: &Arc<Chunk>) -> Result<Outcome, Fault> {
        let mut patience = Patience::new();
        let mut loads = way.open.manner.load().filter(|_| chunk.no_members == 0 && chunk.rows > 0);
        loop {
            let plain = way.open.manner.is_plain();
            let fault = match self.attempt(way, loads, entry, chunk).await {
                Ok(Attempt::Written) => {
                    if loads.is_none() && chunk.no_members == 0 && chunk.rows > 0 {
                        way.open.manner.refuse();
                    }
                    moved(entry, chunk);
                    return Ok(Outcome::Written);
                }
                Ok(Attempt::Moved) => None,
                Ok(Attempt::NotLoaded) => {
                    // What stands in the way is told by an INSERT, value by value.
                    loads = None;
                    continue;
                }
                Err(fault) if plain && fault.server_code() == Some(1062) => {
                    self.lose();
                    // Another source may have begun with the same table since.
                    let target = entry.target.clone();
                    let sharers = self.insist(way.meter, move |conn, books| {
                        let target = target.clone();
                        Box::pin(async move { books.sharers(conn, &target).await })
                    });
                    match sharers.await? {
                        None => return Ok(Outcome::Stopped),
                        Some(0 | 1) => return Err(fault),
                        Some(_) => way.open.manner.meet(),
                    }
                    continue;
                }
                Err(fault) if fault.is_passing() => Some(fault),
                Err(fault) => return Err(fault),
            };
            if let Some(fault) = &fault {
                self.lose();
                if !way.open.transactional {
                    return Ok(Outcome::Anew);
                }
                way.meter.waits(fault.to_string());
            }
            if !patience.wait(&self.stop).await {
                return Ok(Outcome::Stopped);
            }
            let own = entry.clone();
            let look = self.insist(way.meter, move |conn, books| {
                let entry = own.clone();
                Box::pin(async move { books.range(conn, &entry).await })
            });
            match look.await? {
                None => return Ok(Outcome::Stopped),
                Some(Some(now)) if now.generation == entry.generation && now.chunks == entry.chunks => {}
                // The answer was lost, the rows were not.
                Some(Some(now)) if now.generation == entry.generation && now.chunks == entry.chunks + 1 && fault.is_some() => {
                    *entry = now;
                    return Ok(Outcome::Written);
                }
                Some(_) => return Ok(Outcome::Anew),
            }
        }
    }

    /// One attempt at a transaction.
    async fn attempt(&mut self, way: &Way<'_>, load: Option<&str>, entry: &Entry, chunk: &Arc<Chunk>) -> Result<Attempt, Fault> {
        let advance = self.books.advance(entry, chunk.rows, chunk.bytes, chunk.end.as_deref(), chunk.last);
        let range = range(entry, chunk);
        let conn = self.conn().await?;
        let doing = || format!("writing rows of {} to {}{range}", way.plan.source_name(), way.plan.target_name());
        let fault = |error| Fault::Database { side: Side::Target, doing: doing(), error: Box::new(error) };
        conn.query_drop("START TRANSACTION").await.map_err(fault)?;
        conn.query_drop(advance).await.map_err(fault)?;
        if conn.affected_rows() != 1 {
            conn.query_drop("ROLLBACK").await.map_err(fault)?;
            return Ok(Attempt::Moved);
        }
        if !way.open.transactional {
            // The rows can't be taken back: the books must know of them before they are there.
            conn.query_drop("COMMIT").await.map_err(fault)?;
        }
        if let Some(statement) = load {
            match loaded(conn, statement, chunk, way.open.layout.columns.len(), way.open.manner.is_plain()).await.map_err(fault) {
                Ok(true) => {}
                Ok(false) => {
                    conn.query_drop("ROLLBACK").await.map_err(fault)?;
                    return Ok(Attempt::NotLoaded);
                }
                Err(fault) if fault.is_passing() => return Err(fault),
                Err(_) => {
                    self.lose();
                    return Ok(Attempt::NotLoaded);
                }
            }
        } else {
            for statement in chunk.statements(&way.open.layout, way.open.manner.words(), way.largest) {
                insert(conn, statement?).await.map_err(|problem| match problem {
                    Problem::Database(error) => fault(error),
                    Problem::Cut(words) => Fault::refused(format!("{}: {words}", doing()), None),
                })?;
            }
        }
        if way.open.transactional {
            conn.query_drop("COMMIT").await.map_err(fault)?;
        }
        Ok(Attempt::Written)
    }
}

/// Loads the rows of a chunk. Whether each of them is there as it is.
///
/// A server that reads from its client can't stop it: it goes on with what it can make of a bad value, leaves a row out whose key is there,
/// and counts.
async fn loaded(conn: &mut Conn, statement: &str, chunk: &Arc<Chunk>, columns: usize, plain: bool) -> mysql_async::Result<bool> {
    let lines = stream::iter(Lines::new(Arc::clone(chunk), columns));
    conn.set_infile_handler(async move { Ok(Box::pin(lines) as mysql_async::InfileData) });
    conn.query_drop(statement).await?;
    // Records, deleted, skipped and warnings: the words before them are in the language of the server.
    let counts: Vec<u64> =
        conn.info().split(|letter: char| !letter.is_ascii_digit()).filter_map(|count| count.parse().ok()).collect();
    let [records, deleted, skipped, warnings] = counts.as_slice() else { return Ok(false) };
    let is_whole = (*records, *skipped, *warnings) == (chunk.rows, 0, 0) && conn.get_warnings() == 0;
    Ok(is_whole && (!plain || (*deleted == 0 && conn.affected_rows() == chunk.rows)))
}

enum Problem {
    Database(mysql_async::Error),
    Cut(String),
}

async fn insert(conn: &mut Conn, statement: Statement<'_>) -> Result<(), Problem> {
    let care = statement.care;
    for (name, cell) in &care.large {
        keep_large(conn, name, cell).await?;
    }
    if care.no_members > 0 {
        conn.query_drop(LENIENT).await.map_err(Problem::Database)?;
    }
    conn.query_drop(statement.text).await.map_err(Problem::Database)?;
    let is_judged = care.no_members > 0 || (!care.large.is_empty() && conn.get_warnings() > 0);
    let warnings: Vec<(String, u16, String)> =
        if is_judged { conn.query("SHOW WARNINGS").await.map_err(Problem::Database)? } else { Vec::new() };
    if care.no_members > 0 {
        conn.query_drop(STRICT).await.map_err(Problem::Database)?;
    }
    for (name, _) in &care.large {
        conn.query_drop(format!("SET {name} = NULL")).await.map_err(Problem::Database)?;
    }
    // One complaint for each of these values, and no other: nothing else was cut.
    let cut: Vec<&(String, u16, String)> = warnings.iter().filter(|(level, ..)| level != "Note").collect();
    match cut.iter().find(|(_, code, _)| *code != 1265) {
        Some((_, code, words)) => Err(Problem::Cut(format!("Warning {code}: {words}"))),
        None if cut.len() as u64 != care.no_members => Err(Problem::Cut(
            cut.first().map_or_else(|| "a value was cut".to_owned(), |(_, code, words)| format!("Warning {code}: {words}")),
        )),
        None => Ok(()),
    }
}

/// Puts a large cell into a variable of the session, piece by piece: in a statement it would be in memory three times.
async fn keep_large(conn: &mut Conn, name: &str, cell: &[u8]) -> Result<(), Problem> {
    conn.query_drop(format!("SET {name} = _binary''")).await.map_err(Problem::Database)?;
    for piece in cell.chunks((cell.len() / LARGE_PIECES).max(LARGE_PIECE)) {
        let mut statement = format!("SET {name} = CONCAT({name}, _binary").into_bytes();
        sql::push_quoted(&mut statement, piece);
        statement.push(b')');
        conn.query_drop(statement).await.map_err(Problem::Database)?;
    }
    // Where there are limits of which nobody knows, it is NULL now.
    let kept: Option<Option<u64>> = conn.query_first(format!("SELECT OCTET_LENGTH({name})")).await.map_err(Problem::Database)?;
    if kept.flatten() == Some(cell.len() as u64) {
        return Ok(());
    }
    Err(Problem::Cut(format!("the target does not keep a value of {} bytes: see its `max_allowed_packet`", cell.len())))
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
