//! The rows of the store: how each record is written, and how all that is kept is read again.
//!
//! SQLite finds a page that is broken, but not a letter that has become another one. So each row has a sum, in which the number of the
//! cluster counts too.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params, params_from_iter};

use super::state::{Key, Record, Source, State, Subtask};
use super::store::Opened;
use crate::model::file::Configuration as _;
use crate::model::lifecycle::Life;
use crate::model::source_file::SourceFile;
use crate::model::subtask::Figures;
use crate::model::task_file::TaskFile;
use crate::model::{SourceName, TaskName, WorkerName};

/// Why what is there can't be read.
pub(super) enum LoadError {
    /// SQLite can't.
    Sql(rusqlite::Error),
    /// It is not what was written.
    Content(String),
}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// A table; the sum is its last column.
struct Table {
    /// What one row is about.
    what: &'static str,
    select: &'static str,
    insert: &'static str,
}

const WORKER: Table =
    Table { what: "a worker", select: "SELECT * FROM worker", insert: "INSERT OR REPLACE INTO worker VALUES (?1, ?2)" };
const SOURCE: Table =
    Table { what: "a source", select: "SELECT * FROM source", insert: "INSERT OR REPLACE INTO source VALUES (?1, ?2, ?3, ?4)" };
const TASK: Table =
    Table { what: "a task", select: "SELECT * FROM task", insert: "INSERT OR REPLACE INTO task VALUES (?1, ?2, ?3, ?4)" };
const SUBTASK: Table = Table {
    what: "a subtask",
    select: "SELECT * FROM subtask",
    insert: "INSERT OR REPLACE INTO subtask VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
};
const TEMPLATE: Table =
    Table { what: "a template", select: "SELECT * FROM template", insert: "INSERT OR REPLACE INTO template VALUES (?1, ?2, ?3)" };
const OUTCOME: Table =
    Table { what: "an outcome", select: "SELECT * FROM outcome", insert: "INSERT OR REPLACE INTO outcome VALUES (?1, ?2, ?3, ?4)" };
const CHANGES: Table = Table {
    what: "the number of changes",
    select: "SELECT * FROM changes",
    insert: "INSERT OR REPLACE INTO changes VALUES (?1, ?2, ?3)",
};

/// How many changes were written in the life of the store.
pub(super) fn changes(connection: &Connection) -> Result<u64, LoadError> {
    let number: i64 = connection.query_row("SELECT number FROM identity", [], |row| row.get(0))?;
    let rows = rows(connection, number.cast_unsigned(), &CHANGES)?;
    let number = rows.first().and_then(|row| if let Some(Value::Integer(number)) = row.get(1) { Some(*number) } else { None });
    Ok(number.unwrap_or(0).cast_unsigned())
}

/// Counts a change.
pub(super) fn count(transaction: &Transaction<'_>, cluster: u64, number: u64) -> rusqlite::Result<()> {
    put(transaction, cluster, &CHANGES, vec![Value::Integer(1), Value::Integer(number.cast_signed())])
}

fn put(transaction: &Transaction<'_>, cluster: u64, table: &Table, mut values: Vec<Value>) -> rusqlite::Result<()> {
    values.push(Value::Integer(sum(cluster, table, &values)));
    transaction.prepare_cached(table.insert)?.execute(params_from_iter(values)).map(drop)
}

/// Writes a record of a cluster.
pub(super) fn write(transaction: &Transaction<'_>, cluster: u64, record: &Record) -> rusqlite::Result<()> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| transaction.prepare_cached(sql)?.execute(values).map(drop);
    let put = |table: &Table, values: Vec<Value>| put(transaction, cluster, table, values);
    let no_outcome = |task: &TaskName, source: &SourceName| {
        run("DELETE FROM outcome WHERE task = ?1 AND source = ?2", params![task.as_str(), source.as_str()])
    };
    match record {
        Record::Source(name, source) => {
            let worker = source.worker.as_ref().map_or(Value::Null, text);
            put(&SOURCE, vec![text(name), Value::Text(source.file.to_yaml()), worker])
        }
        Record::NoSource(name) => run("DELETE FROM source WHERE name = ?1", params![name.as_str()]),
        Record::Task { name, file, over } => {
            put(&TASK, vec![text(name), Value::Text(file.to_yaml()), Value::Integer((*over).into())])
        }
        Record::NoTask(name) => {
            run("DELETE FROM outcome WHERE task = ?1", params![name.as_str()])?;
            run("DELETE FROM subtask WHERE task = ?1", params![name.as_str()])?;
            run("DELETE FROM task WHERE name = ?1", params![name.as_str()])
        }
        Record::Subtask((task, source), Subtask { life, held, errors, figures }) => {
            match figures {
                Some(figures) => {
                    let figures = serde_json::to_string(figures.as_ref()).unwrap_or_else(|_| "{}".to_owned());
                    put(&OUTCOME, vec![text(task), text(source), Value::Text(figures)])?;
                }
                None => no_outcome(task, source)?,
            }
            let errors = serde_json::to_string(errors).unwrap_or_else(|_| "[]".to_owned());
            let values = [text(task), text(source), text(life.word()), Value::Integer((*held).into()), Value::Text(errors)];
            put(&SUBTASK, values.into())
        }
        Record::NoSubtask((task, source)) => {
            no_outcome(task, source)?;
            run("DELETE FROM subtask WHERE task = ?1 AND source = ?2", params![task.as_str(), source.as_str()])
        }
        Record::Worker(name) => put(&WORKER, vec![text(name)]),
        Record::NoWorker(name) => run("DELETE FROM worker WHERE name = ?1", params![name.as_str()]),
        Record::Template(name, body) => put(&TEMPLATE, vec![text(name), text(body)]),
        Record::NoTemplate(name) => run("DELETE FROM template WHERE name = ?1", params![name.as_str()]),
    }
}

/// Reads all that is kept.
pub(super) fn load(connection: &Connection) -> Result<Opened, LoadError> {
    let number: i64 = connection.query_row("SELECT number FROM identity", [], |row| row.get(0))?;
    let cluster_id = number.cast_unsigned();
    let mut state = State::default();
    for row in rows(connection, cluster_id, &WORKER)? {
        if let Ok([Value::Text(name)]) = <[Value; 1]>::try_from(row) {
            state.apply(Record::Worker(WorkerName::seen(name)));
        }
    }
    for row in rows(connection, cluster_id, &SOURCE)? {
        let Ok([Value::Text(name), Value::Text(file), worker]) = <[Value; 3]>::try_from(row) else { continue };
        let unread = || LoadError::Content(format!("the file of source `{name}` in it can't be read"));
        let file = SourceFile::inspect(&file).file.ok_or_else(unread)?;
        let worker = if let Value::Text(worker) = worker { Some(WorkerName::seen(worker)) } else { None };
        state.apply(Record::Source(SourceName::seen(name), Arc::new(Source { file, worker })));
    }
    for row in rows(connection, cluster_id, &TASK)? {
        let Ok([Value::Text(name), Value::Text(file), over]) = <[Value; 3]>::try_from(row) else { continue };
        let unread = || LoadError::Content(format!("the file of task `{name}` in it can't be read"));
        let file = TaskFile::inspect(&file).file.ok_or_else(unread)?;
        state.apply(Record::Task { name: TaskName::seen(name), file: Arc::new(file), over: over != Value::Integer(0) });
    }
    let mut outcomes: BTreeMap<Key, Arc<Figures>> = BTreeMap::new();
    for row in rows(connection, cluster_id, &OUTCOME)? {
        let Ok([Value::Text(task), Value::Text(source), Value::Text(figures)]) = <[Value; 3]>::try_from(row) else { continue };
        let unread = |_| LoadError::Content(format!("how far task `{task}` was on source `{source}` in it can't be read"));
        let figures = serde_json::from_str(&figures).map_err(unread)?;
        outcomes.insert((TaskName::seen(task), SourceName::seen(source)), Arc::new(figures));
    }
    for row in rows(connection, cluster_id, &SUBTASK)? {
        let Ok([Value::Text(task), Value::Text(source), Value::Text(life), held, Value::Text(errors)]) =
            <[Value; 5]>::try_from(row)
        else {
            continue;
        };
        let unread = || LoadError::Content(format!("the state of task `{task}` on source `{source}` in it can't be read"));
        let life = Life::from_word(&life).ok_or_else(unread)?;
        let errors = serde_json::from_str(&errors).map_err(|_| unread())?;
        let key = (TaskName::seen(task), SourceName::seen(source));
        let subtask = Subtask { life, held: held != Value::Integer(0), errors, figures: outcomes.remove(&key) };
        state.apply(Record::Subtask(key, subtask));
    }
    for row in rows(connection, cluster_id, &TEMPLATE)? {
        if let Ok([Value::Text(name), Value::Text(body)]) = <[Value; 2]>::try_from(row) {
            state.apply(Record::Template(TaskName::seen(name), Arc::from(body)));
        }
    }
    Ok(Opened { state, cluster_id })
}

/// The rows of a table without their sums, which have been looked at.
fn rows(connection: &Connection, cluster: u64, table: &Table) -> Result<Vec<Vec<Value>>, LoadError> {
    let mut statement = connection.prepare(table.select)?;
    let columns = statement.column_count();
    let read =
        statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<Value>>>())?;
    let mut rows = Vec::new();
    for row in read {
        let mut row = row?;
        let written = row.pop();
        if written != Some(Value::Integer(sum(cluster, table, &row))) {
            return Err(LoadError::Content(format!("{} in it is not what was written", table.what)));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn text(text: impl ToString) -> Value {
    Value::Text(text.to_string())
}

/// FNV-1a of 64 bits: no change of one byte keeps it the same.
fn sum(cluster: u64, table: &Table, values: &[Value]) -> i64 {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(&cluster.to_le_bytes());
    add(table.what.as_bytes());
    for value in values {
        match value {
            Value::Null => add(&[0]),
            Value::Integer(number) => {
                add(&[1]);
                add(&number.to_le_bytes());
            }
            Value::Real(number) => {
                add(&[2]);
                add(&number.to_bits().to_le_bytes());
            }
            Value::Text(text) => {
                add(&[3]);
                add(&text.len().to_le_bytes());
                add(text.as_bytes());
            }
            Value::Blob(bytes) => {
                add(&[4]);
                add(&bytes.len().to_le_bytes());
                add(bytes);
            }
        }
    }
    sum.cast_signed()
}
