//! Schemas and tables of the target: made, found or emptied, by one at a time.

use std::collections::HashSet;

use mysql_async::Conn;

use super::books::{Books, Origin};
use super::connect;
use super::error::{Fault, Side};
use super::indexes;
use super::plan::Plan;
use super::snapshot::has_snapshots;
use super::sql;

/// A table that is ready for rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) origin: Origin,
    /// Its engine keeps or drops a transaction as a whole.
    pub(super) transactional: bool,
    /// It gets indexes once its rows are there.
    pub(super) lacks_indexes: bool,
    /// Rows of several tables go into it.
    pub(super) shared: bool,
}

/// Makes the schemas that are missing.
pub(super) async fn make_schemas(conn: &mut Conn, schemas: &[(String, String)]) -> Result<(), Fault> {
    for (name, statement) in schemas {
        if !has_schema(conn, name).await? {
            connect::execute(conn, Side::Target, || format!("making the schema {}", sql::name(name)), statement).await?;
        }
    }
    Ok(())
}

/// Whether there is a schema. Who may not make one may still use one.
pub(super) async fn has_schema(conn: &mut Conn, name: &str) -> Result<bool, Fault> {
    let query = format!("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}", sql::text(name));
    let count: Option<u64> = connect::first(conn, Side::Target, || "looking for a schema".to_owned(), &query).await?;
    Ok(count != Some(0))
}

/// The engine of a table; none if there is no such table.
pub(super) async fn engine(conn: &mut Conn, target: &(String, String)) -> Result<Option<String>, Fault> {
    let query = format!(
        "SELECT COALESCE(ENGINE, TABLE_TYPE) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
        sql::text(&target.0),
        sql::text(&target.1)
    );
    connect::first(conn, Side::Target, || "looking for a table".to_owned(), &query).await
}

/// The targets of some tables that are there.
pub(super) async fn there<'a>(
    conn: &mut Conn,
    plans: impl Iterator<Item = &'a Plan> + Send,
) -> Result<HashSet<(String, String)>, Fault> {
    let mut there = HashSet::new();
    for plan in plans {
        if engine(conn, &plan.target).await?.is_some() {
            there.insert(plan.target.clone());
        }
    }
    Ok(there)
}

/// Whether a table has rows.
pub(super) async fn has_rows(conn: &mut Conn, target: &(String, String)) -> Result<bool, Fault> {
    let name = sql::table(&target.0, &target.1);
    let row: Option<u8> =
        connect::first(conn, Side::Target, || format!("looking whether {name} has rows"), &format!("SELECT 1 FROM {name} LIMIT 1"))
            .await?;
    Ok(row.is_some())
}

/// Makes a table of the target ready for rows: makes it, or empties it where it waits for that.
pub(super) async fn ready(conn: &mut Conn, books: &Books, plan: &Plan) -> Result<Ready, Fault> {
    let shared = books.sharers(conn, &plan.target).await? > 1;
    let known = books.target(conn, &plan.target).await?;
    let is_ready = known.is_some_and(|(origin, to_be_emptied)| origin != Origin::Making && !to_be_emptied);
    if let Some((origin, _)) = known.filter(|_| is_ready && !shared) {
        return describe(conn, books, plan, origin, shared).await;
    }
    let own = std::slice::from_ref(&plan.target);
    books.lock(conn, own).await?;
    let mut origin = make_ready(conn, books, plan).await;
    // Rows of several tables meet in it: its unique keys must be there when they do.
    if shared
        && origin.is_ok()
        && let Err(fault) = indexes::add(conn, books, &plan.target).await
    {
        origin = Err(fault);
    }
    let unlocked = books.unlock(conn, own).await;
    let origin = origin?;
    unlocked?;
    describe(conn, books, plan, origin, shared).await
}

async fn describe(conn: &mut Conn, books: &Books, plan: &Plan, origin: Origin, shared: bool) -> Result<Ready, Fault> {
    let engine = engine(conn, &plan.target).await?;
    let lacks_indexes = origin == Origin::Made && !books.late_indexes(conn, &plan.target).await?.is_empty();
    Ok(Ready { origin, transactional: engine.is_none_or(|engine| has_snapshots(&engine)), lacks_indexes, shared })
}

/// With the lock in hand.
async fn make_ready(conn: &mut Conn, books: &Books, plan: &Plan) -> Result<Origin, Fault> {
    match books.target(conn, &plan.target).await? {
        Some((Origin::Making, _) | (Origin::Made, true)) => make(conn, books, plan).await,
        Some((Origin::Empty, true)) => {
            empty(conn, plan).await?;
            books.keep_target(conn, &plan.target, Origin::Empty, &[]).await?;
            Ok(Origin::Empty)
        }
        Some((origin, _)) => Ok(origin),
        None => match engine(conn, &plan.target).await? {
            None => make(conn, books, plan).await,
            Some(_) => {
                let origin = if has_rows(conn, &plan.target).await? { Origin::Held } else { Origin::Empty };
                books.keep_target(conn, &plan.target, origin, &[]).await?;
                Ok(origin)
            }
        },
    }
}

/// The books say first that the table is ours, so that a leftover is known as one.
async fn make(conn: &mut Conn, books: &Books, plan: &Plan) -> Result<Origin, Fault> {
    let name = plan.target_name();
    books.keep_target(conn, &plan.target, Origin::Making, &[]).await?;
    let doing = || format!("removing what is left of {name}");
    connect::execute(conn, Side::Target, doing, &format!("DROP TABLE IF EXISTS {name}")).await?;
    let doing = || format!("making {name} as {} is", plan.source_name());
    let shared = books.sharers(conn, &plan.target).await? > 1;
    let late = if shared { &[] } else { indexes::late(plan) };
    let statement = if late.is_empty() { &plan.made.statement } else { &plan.made.early };
    define(conn, doing, statement).await?;
    books.keep_target(conn, &plan.target, Origin::Made, late).await?;
    Ok(Origin::Made)
}

/// Runs a statement that has texts in it, which a session that speaks `binary` would take for the bytes of each column's own character set.
pub(super) async fn define(conn: &mut Conn, doing: impl Fn() -> String + Send + Copy, statement: &str) -> Result<(), Fault> {
    connect::execute(conn, Side::Target, doing, "SET NAMES utf8mb4").await?;
    connect::execute(conn, Side::Target, doing, statement).await?;
    connect::execute(conn, Side::Target, doing, "SET NAMES binary").await
}

async fn empty(conn: &mut Conn, plan: &Plan) -> Result<(), Fault> {
    let name = plan.target_name();
    let doing = || format!("emptying {name}");
    match connect::execute(conn, Side::Target, doing, &format!("TRUNCATE TABLE {name}")).await {
        // It wants the right to drop the table.
        Err(fault) if matches!(fault.server_code(), Some(1142 | 1227 | 1701)) => {
            connect::execute(conn, Side::Target, doing, &format!("DELETE FROM {name}")).await
        }
        done => done,
    }
}

/// Lets all tables that go into some target tables begin anew. The target tables are emptied when the next one of them is made ready.
pub(super) async fn start_over(conn: &mut Conn, books: &Books, targets: &[(String, String)]) -> Result<(), Fault> {
    books.lock(conn, targets).await?;
    let done = start_over_locked(conn, books, targets).await;
    let unlocked = books.unlock(conn, targets).await;
    done?;
    unlocked
}

async fn start_over_locked(conn: &mut Conn, books: &Books, targets: &[(String, String)]) -> Result<(), Fault> {
    for target in targets {
        let name = sql::table(&target.0, &target.1);
        if books.target(conn, target).await?.is_some_and(|(origin, _)| origin == Origin::Held) {
            return Err(Fault::refused(
                format!("the copy must start over, and {name} held rows before this task: what to keep of it can't be known"),
                Some(format!("empty {name}, then `task start --remove-meta` copies all again")),
            ));
        }
        let finished = books.finished_sharers(conn, target).await?;
        if !finished.is_empty() {
            let sources: Vec<String> = finished.iter().map(|source| format!("`{source}`")).collect();
            return Err(Fault::refused(
                format!("the copy must start over, and {name} also holds the rows of {}, which is through", sources.join(", ")),
                Some("`task start --remove-meta` lets all sources copy again".to_owned()),
            ));
        }
    }
    books.start_over(conn, targets).await
}

/// The same because somebody wants it: a table that held rows before is looked at anew, as at the first start.
pub(super) async fn start_over_on_request(conn: &mut Conn, books: &Books) -> Result<(), Fault> {
    let mut targets: Vec<(String, String)> = books.entries(conn).await?.into_iter().map(|entry| entry.target).collect();
    targets.sort();
    targets.dedup();
    books.lock(conn, &targets).await?;
    let mut done = forget_held(conn, books, &targets).await;
    if done.is_ok() {
        done = books.start_over(conn, &targets).await;
    }
    let unlocked = books.unlock(conn, &targets).await;
    done?;
    unlocked
}

async fn forget_held(conn: &mut Conn, books: &Books, targets: &[(String, String)]) -> Result<(), Fault> {
    for target in targets {
        if books.target(conn, target).await?.is_some_and(|(origin, _)| origin == Origin::Held) {
            books.drop_target(conn, target).await?;
        }
    }
    Ok(())
}

/// Raises the next number of an AUTO_INCREMENT column to that of the source.
pub(super) async fn raise_number(conn: &mut Conn, plan: &Plan) -> Result<(), Fault> {
    let Some(wanted) = plan.table.shape.next_number else { return Ok(()) };
    let query = format!(
        "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
        sql::text(&plan.target.0),
        sql::text(&plan.target.1)
    );
    let name = plan.target_name();
    let doing = || format!("setting the next number of {name}");
    let is: Option<Option<u64>> = connect::first(conn, Side::Target, doing, &query).await?;
    if is.flatten().is_some_and(|is| is < wanted) {
        connect::execute(conn, Side::Target, doing, &format!("ALTER TABLE {name} AUTO_INCREMENT = {wanted}")).await?;
    }
    Ok(())
}
