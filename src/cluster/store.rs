//! The store: one SQLite database in a folder of its own, which one server at a time holds.
//!
//! A write is on the disk when it returns (write-ahead log, every commit synced), and it is there as a whole or not at all. Nothing is
//! overwritten that is damaged, of a newer version or not ours. SQLite itself would begin anew where the database is empty or its log is
//! gone, and would pass over all that stands in the log behind a broken piece; so a new one is made beside its place and moved there when
//! it is complete, and a server that runs leaves a mark, with the number of changes that it has answered.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::migrations;
use super::rows::{self, LoadError};
use super::state::{Record, State};
use crate::model::{DmError, system};

/// The database in its folder.
pub const DATABASE: &str = "dmctl.db";
/// What was written last.
const LOG: &str = "dmctl.db-wal";
/// A database that is being made.
const DRAFT: &str = "dmctl.db.new";
const LOCK: &str = "lock";
/// Stands in the lock while the database has a log, behind the process id, with the number of changes.
const MARK: &str = "open";
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
    // It is closed before others can have the folder.
    connection: Connection,
    cluster_id: u64,
    /// How many changes were written so far.
    changes: u64,
    lock: Lock,
}

/// The folder, held for this process.
struct Lock {
    file: File,
    log: PathBuf,
    /// The server before this one was killed while the database had a log, and this one has not read it yet: how many changes there
    /// must be at least.
    torn: Option<u64>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.torn.is_none() && fs::exists(&self.log).is_ok_and(|exists| !exists) {
            let _a_mark_that_stays_is_seen_to = self.note(None);
        }
        // Closing the file is not enough while a child that was just forked has it too.
        let _ends_with_the_process = self.file.unlock();
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
        let mut lock = hold(folder)?;
        let path = folder.join(DATABASE);
        let damaged = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::DiskFull) => {
                OpenError::Folder { folder: folder.to_owned(), reason: words(&error) }
            }
            _ => OpenError::Damaged { path: path.clone(), reason: words(&error) },
        };
        if !is_there(&path, &lock, unusable)? {
            make(folder, unusable).map_err(|error| error.unwrap_or_else(damaged))?;
        }
        let mut connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(damaged)?;
        // What is refused is not even tidied up.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(damaged)?;
        let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(damaged);
        let (application, version) = (number("application_id")?, number("user_version")?);
        if application != i64::from(APPLICATION) {
            return Err(OpenError::Foreign { path });
        }
        if version > migrations::NEWEST {
            return Err(OpenError::Newer { path, is: version, known: migrations::NEWEST });
        }
        let sound: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(damaged)?;
        if sound != "ok" {
            return Err(OpenError::Damaged { path, reason: sound });
        }
        let unread = |error| match error {
            LoadError::Sql(error) => damaged(error),
            LoadError::Content(reason) => OpenError::Damaged { path: path.clone(), reason },
        };
        let changes = if version < migrations::COUNTS { 0 } else { rows::changes(&connection).map_err(unread)? };
        if let Some(missing) = lock.torn.and_then(|answered| answered.checked_sub(changes)).filter(|missing| *missing > 0) {
            let reason =
                format!("its log is broken, and what was changed last is missing ({missing} of {} changes)", changes + missing);
            return Err(OpenError::Damaged { path, reason });
        }
        prepare(&mut connection, version).map_err(damaged)?;
        let opened = rows::load(&connection).map_err(unread)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(damaged)?;
        lock.note(Some(changes)).map_err(unusable)?;
        lock.torn = None;
        Ok((Self { connection, cluster_id: opened.cluster_id, changes, lock }, opened))
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
            rows::write(&transaction, self.cluster_id, record)?;
        }
        rows::count(&transaction, self.cluster_id, self.changes + 1)?;
        transaction.commit()?;
        self.changes += 1;
        // Behind the change, so that it never says too much. One that says too little finds out less.
        let _made_all_the_same = self.lock.note(Some(self.changes));
        Ok(())
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
            return Err(OpenError::Held {
                folder: folder.to_owned(),
                holder: holder.lines().next().unwrap_or_default().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(unusable(error)),
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unusable)?;
    let mark = text.lines().nth(1).and_then(|line| line.strip_prefix(MARK));
    let torn = mark.map(|number| number.trim().parse().unwrap_or(0));
    let mut lock = Lock { file, log: folder.join(LOG), torn };
    lock.note(torn).map_err(unusable)?;
    Ok(lock)
}

impl Lock {
    /// Writes down who holds the folder, and while there is a log, how many changes were made.
    fn note(&mut self, changes: Option<u64>) -> io::Result<()> {
        // Always of the same length, so that it needs no more room on a disk that is full.
        let mark = changes.map(|changes| format!("{MARK} {changes:020}")).unwrap_or_default();
        let text = format!("{}\n{mark}\n", std::process::id());
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)
    }
}

/// Whether there is a database, complete as far as that is seen from outside.
fn is_there(path: &Path, lock: &Lock, unusable: impl Fn(io::Error) -> OpenError) -> Result<bool, OpenError> {
    const BEGINNING: &[u8; 16] = b"SQLite format 3\0";
    let damaged = |reason: &str| OpenError::Damaged { path: path.to_owned(), reason: reason.to_owned() };
    let log = fs::exists(&lock.log).map_err(&unusable)?;
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && log => {
            return Err(damaged("it is gone, and its log is still there"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unusable(error)),
    };
    let mut head = Vec::new();
    io::Read::by_ref(&mut file).take(BEGINNING.len() as u64).read_to_end(&mut head).map_err(&unusable)?;
    if head.is_empty() {
        return Err(damaged("it is empty"));
    }
    if head != BEGINNING {
        return Err(damaged("it is no database"));
    }
    if lock.torn.is_some() && !log {
        return Err(damaged("its log is gone, which has what was written last"));
    }
    Ok(true)
}

/// Makes a database, which is there as a whole or not at all. An error is the one to be told, or one of SQLite.
fn make(folder: &Path, unusable: impl Fn(io::Error) -> OpenError + Copy) -> Result<(), Result<OpenError, rusqlite::Error>> {
    let draft = folder.join(DRAFT);
    let fill = || {
        // Made by us so that nobody else can read it: SQLite gives its other files the same rights.
        let file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&draft);
        file.map_err(|error| Ok(unusable(error)))?;
        let mut connection = Connection::open_with_flags(&draft, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(Err)?;
        let transaction = connection.transaction().map_err(Err)?;
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(Err)?;
        migrations::run(&transaction, 0).map_err(Err)?;
        transaction.commit().map_err(Err)?;
        connection.close().map_err(|(_, error)| Err(error))?;
        let moved = fs::rename(&draft, folder.join(DATABASE)).and_then(|()| File::open(folder)?.sync_all());
        moved.map_err(|error| Ok(unusable(error)))
    };
    fill().inspect_err(|_| {
        let _nothing_came_of_it = fs::remove_file(&draft);
    })
}

fn prepare(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    migrations::run(&transaction, version)?;
    // From here on the log is on the disk, even when there was nothing to be done.
    transaction.pragma_update(None, "user_version", migrations::NEWEST)?;
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
