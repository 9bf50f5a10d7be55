//! The store: one SQLite database in a folder of its own, which one server at a time holds.
//!
//! A write is on the disk when it returns (write-ahead log, every commit synced), and it is there as a whole or not at all. Nothing is
//! overwritten that is damaged, of a newer version or not ours.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use super::migrations;
use super::state::{Record, Source, State, Subtask};
use crate::model::file::Configuration as _;
use crate::model::lifecycle::Life;
use crate::model::source_file::SourceFile;
use crate::model::system;
use crate::model::task_file::TaskFile;
use crate::model::{DmError, SourceName, TaskName, WorkerName};

/// The database in its folder.
pub const DATABASE: &str = "dmctl.db";
const LOCK: &str = "lock";
/// Marks a database as ours: `dmct`.
const APPLICATION: i32 = 0x646d_6374;

/// Where changes are written before anything else happens.
pub trait Journal: Send {
    /// Writes records as a whole. When it returns without an error they survive whatever comes.
    ///
    /// # Errors
    /// When they could not be written.
    fn write(&mut self, records: &[Record]) -> Result<(), StoreError>;
}

/// The records could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the state could not be written: {0}")]
pub struct StoreError(pub String);

impl From<StoreError> for DmError {
    fn from(StoreError(reason): StoreError) -> Self {
        Self::plain("the server could not write down its state, and nothing was changed").because(reason)
    }
}

/// Why a store can't be opened. It was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder can't be used.
    #[error("the data directory {} can't be used: {reason}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Another server has it.
    #[error("the data directory {} is in use by the server with process id {holder}", folder.display())]
    Held {
        /// The folder.
        folder: PathBuf,
        /// The process id of the other server.
        holder: String,
    },
    /// The file is no database, or one that is broken.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database belongs to another program.
    #[error("{} is the database of another program", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database was written by a newer dmctl.
    #[error("{} was written by a newer dmctl: it has version {is} of the format, and this one knows versions up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        is: i64,
        /// The newest known one.
        known: i64,
    },
}

/// An open store.
pub struct Store {
    connection: Connection,
    _lock: Lock,
}

/// The folder, held for this process.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough while a child that was just forked has it too.
        let _ends_with_the_process = self.0.unlock();
    }
}

/// What a store held when it was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// All that was kept.
    pub state: State,
    /// The number that tells this cluster from others, made once.
    pub cluster_id: u64,
}

impl Store {
    /// Opens the store in a folder, or makes one.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(folder: &Path) -> Result<(Self, Opened), OpenError> {
        let unusable = |error: io::Error| OpenError::Folder { folder: folder.to_owned(), reason: system::reason(&error) };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
        let lock = hold(folder)?;
        let path = folder.join(DATABASE);
        examine(&path, unusable)?;
        // Made by us so that nobody else can read it: SQLite gives its other files the same rights.
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(unusable)?;
        let damaged = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::DiskFull) => {
                OpenError::Folder { folder: folder.to_owned(), reason: words(&error) }
            }
            _ => OpenError::Damaged { path: path.clone(), reason: words(&error) },
        };
        let mut connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(damaged)?;
        let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(damaged);
        let (application, version, tables) = (number("application_id")?, number("user_version")?, number("schema_version")?);
        if tables != 0 && application != i64::from(APPLICATION) {
            return Err(OpenError::Foreign { path });
        }
        if version > migrations::NEWEST {
            return Err(OpenError::Newer { path, is: version, known: migrations::NEWEST });
        }
        let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
        if sound != "ok" {
            return Err(OpenError::Damaged { path, reason: sound });
        }
        prepare(&mut connection, version).map_err(damaged)?;
        let opened = load(&connection).map_err(|error| match error {
            LoadError::Sql(error) => damaged(error),
            LoadError::Content(reason) => OpenError::Damaged { path: path.clone(), reason },
        })?;
        Ok((Self { connection, _lock: lock }, opened))
    }
}

impl Journal for Store {
    fn write(&mut self, records: &[Record]) -> Result<(), StoreError> {
        self.write_all(records).map_err(|error| StoreError(words(&error)))
    }
}

impl Store {
    fn write_all(&mut self, records: &[Record]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in records {
            write(&transaction, record)?;
        }
        transaction.commit()
    }
}

/// Takes the folder for this process.
fn hold(folder: &Path) -> Result<Lock, OpenError> {
    let unusable = |error: io::Error| OpenError::Folder { folder: folder.to_owned(), reason: system::reason(&error) };
    let path = folder.join(LOCK);
    let mut file =
        OpenOptions::new().create(true).read(true).write(true).truncate(false).mode(0o600).open(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&path).unwrap_or_default();
            return Err(OpenError::Held { folder: folder.to_owned(), holder: holder.trim().to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(unusable(error)),
    }
    let note = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    note(&mut file).map_err(unusable)?;
    Ok(Lock(file))
}

/// SQLite takes a file that is too short for an empty one, and would begin anew.
fn examine(path: &Path, unusable: impl Fn(io::Error) -> OpenError) -> Result<(), OpenError> {
    const MARK: &[u8; 16] = b"SQLite format 3\0";
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unusable(error)),
    };
    let mut head = Vec::new();
    io::Read::by_ref(&mut file).take(MARK.len() as u64).read_to_end(&mut head).map_err(&unusable)?;
    if head.is_empty() || head == MARK {
        return Ok(());
    }
    Err(OpenError::Damaged { path: path.to_owned(), reason: "it is no database".to_owned() })
}

fn prepare(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
    }
    migrations::run(&transaction, version)?;
    transaction.commit()
}

/// The words of SQLite without its numbers.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, text) => match failure.code {
            ErrorCode::DiskFull => "the disk is full".to_owned(),
            ErrorCode::ReadOnly => "it can't be written to".to_owned(),
            _ => text.clone().unwrap_or_else(|| failure.to_string()),
        },
        other => other.to_string(),
    }
}

fn write(transaction: &Transaction<'_>, record: &Record) -> rusqlite::Result<()> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| transaction.prepare_cached(sql)?.execute(values).map(drop);
    match record {
        Record::Source(name, source) => run(
            "INSERT OR REPLACE INTO source (name, file, worker) VALUES (?1, ?2, ?3)",
            params![name.as_str(), source.file.to_yaml(), source.worker.as_ref().map(WorkerName::as_str)],
        ),
        Record::NoSource(name) => run("DELETE FROM source WHERE name = ?1", params![name.as_str()]),
        Record::Task { name, file, over } => run(
            "INSERT OR REPLACE INTO task (name, file, start_over) VALUES (?1, ?2, ?3)",
            params![name.as_str(), file.to_yaml(), over],
        ),
        Record::NoTask(name) => {
            run("DELETE FROM subtask WHERE task = ?1", params![name.as_str()])?;
            run("DELETE FROM task WHERE name = ?1", params![name.as_str()])
        }
        Record::Subtask((task, source), subtask) => run(
            "INSERT OR REPLACE INTO subtask (task, source, life, held, errors) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                task.as_str(),
                source.as_str(),
                subtask.life.word(),
                subtask.held,
                serde_json::to_string(&subtask.errors).unwrap_or_else(|_| "[]".to_owned())
            ],
        ),
        Record::NoSubtask((task, source)) => {
            run("DELETE FROM subtask WHERE task = ?1 AND source = ?2", params![task.as_str(), source.as_str()])
        }
        Record::Worker(name) => run("INSERT OR IGNORE INTO worker (name) VALUES (?1)", params![name.as_str()]),
        Record::NoWorker(name) => run("DELETE FROM worker WHERE name = ?1", params![name.as_str()]),
        Record::Template(name, body) => {
            run("INSERT OR REPLACE INTO template (name, body) VALUES (?1, ?2)", params![name.as_str(), &**body])
        }
        Record::NoTemplate(name) => run("DELETE FROM template WHERE name = ?1", params![name.as_str()]),
    }
}

enum LoadError {
    Sql(rusqlite::Error),
    Content(String),
}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

fn load(connection: &Connection) -> Result<Opened, LoadError> {
    let mut state = State::default();
    let mut rows = connection.prepare("SELECT name FROM worker")?;
    for name in rows.query_map([], |row| row.get::<_, String>(0))? {
        state.apply(Record::Worker(WorkerName::seen(name?)));
    }
    let mut rows = connection.prepare("SELECT name, file, worker FROM source")?;
    for row in
        rows.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?)))?
    {
        let (name, file, worker) = row?;
        let unread = || LoadError::Content(format!("the file of source `{name}` in it can't be read"));
        let file = SourceFile::inspect(&file).file.ok_or_else(unread)?;
        state.apply(Record::Source(SourceName::seen(name), Arc::new(Source { file, worker: worker.map(WorkerName::seen) })));
    }
    let mut rows = connection.prepare("SELECT name, file, start_over FROM task")?;
    for row in rows.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?)))? {
        let (name, file, over) = row?;
        let unread = || LoadError::Content(format!("the file of task `{name}` in it can't be read"));
        let file = TaskFile::inspect(&file).file.ok_or_else(unread)?;
        state.apply(Record::Task { name: TaskName::seen(name), file: Arc::new(file), over });
    }
    let mut rows = connection.prepare("SELECT task, source, life, held, errors FROM subtask")?;
    let row = |row: &rusqlite::Row<'_>| {
        let texts = [row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(4)?];
        Ok((texts, row.get::<_, bool>(3)?))
    };
    for row in rows.query_map([], row)? {
        let ([task, source, life, errors], held) = row?;
        let unread = || LoadError::Content(format!("the state of task `{task}` on source `{source}` in it can't be read"));
        let life = Life::from_word(&life).ok_or_else(unread)?;
        let errors = serde_json::from_str(&errors).map_err(|_| unread())?;
        state.apply(Record::Subtask((TaskName::seen(task), SourceName::seen(source)), Subtask { life, held, errors }));
    }
    let mut rows = connection.prepare("SELECT name, body FROM template")?;
    for row in rows.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
        let (name, body) = row?;
        state.apply(Record::Template(TaskName::seen(name), Arc::from(body)));
    }
    let id: i64 = connection.query_row("SELECT number FROM identity", [], |row| row.get(0))?;
    Ok(Opened { state, cluster_id: id.cast_unsigned() })
}
