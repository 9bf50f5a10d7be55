//! The format of the store, version by version. A version that was released is never changed: what comes after it is a new one.

use rusqlite::Transaction;

/// Each brings the format from the version before it to its own, which is its place in the list, counted from 1.
const STEPS: &[&str] = &[
    "
    CREATE TABLE identity (number INTEGER NOT NULL);
    INSERT INTO identity VALUES (random());
    CREATE TABLE worker (name TEXT PRIMARY KEY, sum INTEGER NOT NULL) STRICT;
    CREATE TABLE source (name TEXT PRIMARY KEY, file TEXT NOT NULL, worker TEXT, sum INTEGER NOT NULL) STRICT;
    CREATE TABLE task (name TEXT PRIMARY KEY, file TEXT NOT NULL, start_over INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
    CREATE TABLE subtask (
        task TEXT NOT NULL,
        source TEXT NOT NULL,
        life TEXT NOT NULL,
        held INTEGER NOT NULL,
        errors TEXT NOT NULL,
        sum INTEGER NOT NULL,
        PRIMARY KEY (task, source)
    ) STRICT;
    CREATE TABLE template (name TEXT PRIMARY KEY, body TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
",
    "
    CREATE TABLE outcome (
        task TEXT NOT NULL,
        source TEXT NOT NULL,
        figures TEXT NOT NULL,
        sum INTEGER NOT NULL,
        PRIMARY KEY (task, source)
    ) STRICT;
    CREATE TABLE changes (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
",
];

/// The first version that counts its changes.
pub(super) const COUNTS: i64 = 2;

/// The newest version.
pub(super) const NEWEST: i64 = STEPS.len() as i64;

/// Brings a store from a version to the newest one.
pub(super) fn run(transaction: &Transaction<'_>, from: i64) -> rusqlite::Result<()> {
    let done = usize::try_from(from).unwrap_or(0);
    if done == STEPS.len() {
        return Ok(());
    }
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", NEWEST)
}
