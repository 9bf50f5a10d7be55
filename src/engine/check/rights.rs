//! What the user may do at either end, with the statement that gives what is missing.

use mysql_async::Conn;

use super::super::connect::{self, Server};
use super::super::error::Side;
use super::super::grants::Grants;
use super::super::shape::Shape;
use super::super::snapshot;
use super::super::sql;
use super::items::{self, Findings};
use super::{NO_TABLES, unknown};
use crate::model::subtask::CheckProblem;

/// A table of the source.
type Name = (String, String);

/// Asks what the user may do at a source; the tables that can't be read.
pub(super) async fn of_source(
    conn: &mut Conn,
    server: &Server,
    shapes: &[&Shape],
    about: &str,
    findings: &mut Findings<'_>,
) -> Vec<Name> {
    let grants = match Grants::of(conn, Side::Source, server).await {
        Ok(grants) => grants,
        Err(fault) => {
            findings.settle_asked(items::DUMP_RIGHTS, about, Err(fault));
            return Vec::new();
        }
    };
    if findings.wants(items::REPLICATION_RIGHTS) {
        findings.settle(items::REPLICATION_RIGHTS, about, of_replication(&grants, server));
    }
    if !findings.wants(items::DUMP_RIGHTS) {
        return Vec::new();
    }
    let (mut problems, unreadable) = reading(conn, &grants, shapes).await;
    if shapes.is_empty() {
        problems.push(nothing_to_read(&grants));
    } else {
        problems.extend(locking(&grants, server, shapes));
    }
    findings.settle(items::DUMP_RIGHTS, about, problems.into_iter().map(|problem| with_roles(problem, &grants)).collect());
    unreadable
}

/// Rights may be there, and asleep.
fn with_roles(problem: CheckProblem, grants: &Grants) -> CheckProblem {
    if !grants.has_idle_roles() || problem.sql.is_empty() {
        return problem;
    }
    let cure = problem.cure.clone().unwrap_or_default();
    problem.cured_by(format!("{cure}, or let the roles of the user be active (SET DEFAULT ROLE), if they hold them"))
}

/// Tables of which not every column can be read. Servers tell of a column that may not be read no more than that it is there.
async fn reading(conn: &mut Conn, grants: &Grants, shapes: &[&Shape]) -> (Vec<CheckProblem>, Vec<Name>) {
    let (mut problems, mut unreadable) = (Vec::new(), Vec::new());
    for shape in shapes.iter().filter(|shape| !grants.has_on("SELECT", &shape.schema, &shape.table)) {
        let name = sql::table(&shape.schema, &shape.table);
        let doing = || format!("reading {name}");
        if let Err(fault) = connect::execute(conn, Side::Source, doing, &format!("SELECT * FROM {name} LIMIT 0")).await {
            let problem = CheckProblem { is_failure: true, ..unknown(fault) };
            let give = grants.give_on_table("SELECT", &shape.schema, &shape.table);
            problems.push(problem.cured_by("grant SELECT on the table to the user at the source").mended_by(give));
            unreadable.push((shape.schema.clone(), shape.table.clone()));
        }
    }
    (problems, unreadable)
}

fn nothing_to_read(grants: &Grants) -> CheckProblem {
    if grants.reads() {
        let cure = "see that `block-allow-list` names tables that are there, and grant SELECT on them to the user at the source";
        CheckProblem::warning(NO_TABLES).cured_by(cure)
    } else {
        CheckProblem::failure("the user at the source may read no table")
            .cured_by("grant SELECT on the schemas of the task to the user at the source, or on all")
            .mended_by(grants.give("SELECT"))
    }
}

/// How writing can be held up while the copy begins.
fn locking(grants: &Grants, server: &Server, shapes: &[&Shape]) -> Vec<CheckProblem> {
    if grants.has_global("RELOAD") || (!server.is_mariadb() && grants.has_global("FLUSH_TABLES")) {
        return Vec::new();
    }
    let locks = shapes.iter().all(|shape| grants.has("LOCK TABLES", &shape.schema));
    if !locks && let Some(shape) = shapes.iter().find(|shape| !snapshot::has_snapshots(&shape.engine)) {
        let name = sql::table(&shape.schema, &shape.table);
        let message = format!("the engine {} of {name} has no snapshots, and the user at the source may not lock it", shape.engine);
        let cure = "grant RELOAD, or LOCK TABLES on the schemas of the task, or leave the table out";
        return vec![CheckProblem::failure(message).cured_by(cure).mended_by(grants.give("RELOAD"))];
    }
    let (what, cure) = if locks {
        ("the tables of the task are locked while the copy begins", "grant RELOAD, so that writing is held up for a moment only")
    } else {
        ("one connection copies all tables, in one transaction", "grant RELOAD, or LOCK TABLES on the schemas of the task")
    };
    let problem = CheckProblem::warning(format!("the user at the source may not flush tables: {what}"));
    vec![problem.cured_by(cure).mended_by(grants.give("RELOAD"))]
}

fn of_replication(grants: &Grants, server: &Server) -> Vec<CheckProblem> {
    let monitor = if server.is_mariadb() && server.version >= (10, 5, 2) { "BINLOG MONITOR" } else { "REPLICATION CLIENT" };
    let mut problems = Vec::new();
    if ![monitor, "REPLICATION CLIENT", "SUPER"].iter().any(|right| grants.has_global(right)) {
        let message = "the user at the source may not see where the binlog is: a copy that meets a fault starts over, as if the source \
                       had changed";
        let problem = CheckProblem::warning(message).cured_by(format!("grant {monitor} to the user at the source"));
        problems.push(problem.mended_by(grants.give(monitor)));
    }
    if !grants.has_global("REPLICATION SLAVE") {
        let message = "the user at the source may not read the binlog: a full copy does without it, and a task that follows the binlog \
                       does not";
        let problem = CheckProblem::warning(message).cured_by("grant REPLICATION SLAVE to the user at the source");
        problems.push(problem.mended_by(grants.give("REPLICATION SLAVE")));
    }
    problems.into_iter().map(|problem| with_roles(problem, grants)).collect()
}

/// What the user at the target must be able to do in a schema.
pub(super) struct Need {
    pub(super) schema: String,
    /// The tables of it that rows go into; none where the schema as a whole counts.
    pub(super) tables: Vec<String>,
    pub(super) rights: Vec<&'static str>,
}

/// What the user at the target lacks.
pub(super) fn of_target(grants: &Grants, needs: &[Need]) -> Vec<CheckProblem> {
    let mut problems = Vec::new();
    for need in needs {
        let lacks = |right: &&&str| {
            let on_each = !need.tables.is_empty() && need.tables.iter().all(|table| grants.has_on(right, &need.schema, table));
            !on_each && !grants.has(right, &need.schema)
        };
        let missing = need.rights.iter().filter(lacks).copied().collect::<Vec<_>>().join(", ");
        if !missing.is_empty() {
            let problem = CheckProblem::failure(format!("the user at the target lacks {missing} on {}", sql::name(&need.schema)));
            let problem = problem.cured_by("grant these rights to the user at the target");
            problems.push(with_roles(problem.mended_by(grants.give_on_schema(&missing, &need.schema)), grants));
        }
    }
    problems
}
