//! Indexes that a table of the target gets once its rows are there.
//!
//! The books say which they are until they are all there. After a fault in between it is looked which of them the table has.

use mysql_async::Conn;

use super::books::{Books, Late};
use super::connect;
use super::destination;
use super::error::{Fault, Side};
use super::plan::Plan;
use super::sql;

/// A table with fewer rows gets its indexes at once: that costs less than another statement.
const WORTH_ROWS: u64 = 50_000;

/// The indexes of a table that wait until its rows are there.
pub(super) fn late(plan: &Plan) -> &[Late] {
    if plan.table.shape.rows_estimated < WORTH_ROWS { &[] } else { &plan.made.late }
}

/// What became of the indexes of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// They are there.
    All,
    /// There is no such table any more.
    NoTable,
}

/// Adds the indexes that a table still lacks, and keeps in the books that it lacks none.
pub(super) async fn add(conn: &mut Conn, books: &Books, target: &(String, String)) -> Result<Added, Fault> {
    let name = sql::table(&target.0, &target.1);
    let doing = || format!("adding the indexes of {name}");
    let late = books.late_indexes(conn, target).await?;
    let there = names(conn, target).await?;
    let clauses: Vec<String> = late
        .iter()
        .filter(|index| !there.iter().any(|there| there.eq_ignore_ascii_case(&index.name)))
        .map(|index| format!("ADD {}", index.clause))
        .collect();
    let mut added = Added::All;
    if !clauses.is_empty() {
        match destination::define(conn, doing, &format!("ALTER TABLE {name} {}", clauses.join(", "))).await {
            Err(fault) if fault.server_code() == Some(1146) => added = Added::NoTable,
            // A session of ours that was given up was not through with it when it was looked.
            Err(fault) if fault.server_code() == Some(1061) => return Err(Fault::Busy(fault.to_string())),
            done => done?,
        }
    }
    books.keep_whole(conn, target).await?;
    Ok(added)
}

async fn names(conn: &mut Conn, target: &(String, String)) -> Result<Vec<String>, Fault> {
    let query = format!(
        "SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
        sql::text(&target.0),
        sql::text(&target.1)
    );
    connect::all(conn, Side::Target, || "looking for indexes".to_owned(), &query).await
}
