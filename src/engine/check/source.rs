//! What is asked of a source.

use std::collections::HashSet;

use mysql_async::{Conn, Row};

use super::super::connect::{self, Server};
use super::super::error::{Fault, Side};
use super::super::shape::Shape;
use super::super::snapshot::{self, SourceSchema};
use super::super::sql;
use super::items::{self, Findings};
use super::{about, connections, is_on, reach, rights, variables};
use crate::model::subtask::{CheckItem, CheckProblem, Flavor, SubtaskSpec};

/// A source that could be looked at.
pub(super) struct Source<'a> {
    pub(super) spec: &'a SubtaskSpec,
    pub(super) about: String,
    pub(super) conn: Conn,
    pub(super) server: Server,
    pub(super) schemas: Vec<SourceSchema>,
    /// How many connections to either end copy at once.
    pub(super) lanes: usize,
    /// All tables of the task could be read.
    pub(super) is_whole: bool,
}

/// Looks at a source, and asks all that concerns it alone.
pub(super) async fn look(spec: &SubtaskSpec) -> (Vec<CheckItem>, Option<Source<'_>>) {
    let mut findings = Findings::new(&spec.ignored_checks);
    let about = about("source", &spec.from);
    let Some((mut conn, server)) = reach(&mut findings, &spec.from, Side::Source, &about).await else {
        return (findings.items, None);
    };
    if findings.wants(items::VERSION) {
        findings.settle(items::VERSION, &about, version(&server, "source"));
    }
    let looked = async {
        let mut found = snapshot::look(&mut conn, &server, spec).await?;
        let shapes: Vec<_> = found.iter().flat_map(|(_, found)| &found.tables).collect();
        let schemas: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        Box::pin(settings(&mut conn, &server, spec, &schemas, &about, &mut findings)).await;
        if findings.wants(items::ONLINE_DDL) {
            findings.settle(items::ONLINE_DDL, &about, under_way(&shapes));
        }
        let unreadable = Box::pin(rights::of_source(&mut conn, &server, &shapes, &about, &mut findings)).await;
        let lanes = spec.readers.min(spec.writers).clamp(1, snapshot::useful_readers(&found));
        if findings.wants(items::SOURCE_CONNECTIONS) {
            let others = shapes.iter().any(|shape| !snapshot::has_snapshots(&shape.engine));
            let asked = connections(&mut conn, Side::Source, lanes + 2 + usize::from(others), "let fewer threads read").await;
            findings.settle_asked(items::SOURCE_CONNECTIONS, &about, asked);
        }
        // What may not be read can't be described either, and it was told why.
        for (_, found) in &mut found {
            found.tables.retain(|shape| !unreadable.iter().any(|(schema, table)| *schema == shape.schema && *table == shape.table));
        }
        let schemas = snapshot::describe_all(&mut conn, found).await?;
        Ok::<_, Fault>((schemas, lanes, unreadable.is_empty()))
    };
    match looked.await {
        Ok((schemas, lanes, is_whole)) => (findings.items, Some(Source { spec, about, conn, server, schemas, lanes, is_whole })),
        Err(fault) => {
            findings.broken(items::TABLES, &about, fault);
            (findings.items, None)
        }
    }
}

/// Whether a version is one of those with which this was tried.
pub(super) fn version(server: &Server, end: &str) -> Vec<CheckProblem> {
    let (known, range) = match server.flavor {
        Flavor::MariaDb => ((10, 6, 0)..(12, 0, 0), "MariaDB 10.6 to 11"),
        Flavor::MySql => ((8, 0, 0)..(10, 0, 0), "MySQL 8.0 to 9"),
    };
    if known.contains(&server.version) {
        return Vec::new();
    }
    let message = format!("the version is {}, and nothing but {range} is known to work", server.version_text);
    let cure = format!("compare the data after the copy, or use a {end} of a version that is known");
    vec![CheckProblem::warning(message).cured_by(cure)]
}

/// Tables beside which there is one that will take their place. A copy takes both as they are.
fn under_way(shapes: &[&Shape]) -> Vec<CheckProblem> {
    let names: HashSet<(&str, &str)> = shapes.iter().map(|shape| (shape.schema.as_str(), shape.table.as_str())).collect();
    let real =
        |shadow: &str| ["_gho", "_new"].iter().find_map(|end| shadow.strip_prefix('_')?.strip_suffix(end).map(str::to_owned));
    let altered = shapes.iter().filter_map(|shape| {
        let real = real(&shape.table).filter(|real| names.contains(&(shape.schema.as_str(), real.as_str())))?;
        let (table, shadow) = (sql::table(&shape.schema, &real), sql::table(&shape.schema, &shape.table));
        let message = format!("{table} is being altered, or was: {shadow} is there too, and is copied");
        let cure = "wait until the change is through, or leave that table out with `block-allow-list`";
        Some(CheckProblem::warning(message).cured_by(cure))
    });
    altered.collect()
}

/// What a full copy does without, and what follows the binlog needs.
const LATER: &str = "a full copy does without it, and a task that follows the binlog does not";

async fn settings(
    conn: &mut Conn,
    server: &Server,
    spec: &SubtaskSpec,
    schemas: &[&str],
    about: &str,
    findings: &mut Findings<'_>,
) {
    let names = ["log_bin", "binlog_format", "binlog_row_image", "server_id", "gtid_mode"];
    let variables = match variables(conn, Side::Source, &names).await {
        Ok(variables) => variables,
        Err(fault) => return findings.settle_asked(items::BINLOG, about, Err(fault)),
    };
    let has_binlog = is_on(&variables, "log_bin");
    if findings.wants(items::SERVER_ID) {
        let is_zero = variables.get("server_id").is_some_and(|id| id == "0");
        let problem = is_zero.then(|| {
            CheckProblem::warning(format!("server_id is 0: {LATER}"))
                .cured_by("give the source a number that no other server has, here and in its configuration file")
        });
        findings.settle(items::SERVER_ID, about, problem.into_iter().collect());
    }
    if findings.wants(items::BINLOG) {
        let problem = (!has_binlog).then(|| {
            CheckProblem::warning("the source has no binlog: a copy that meets a fault starts over, as if the source had changed")
                .cured_by("start the source with `log-bin`")
        });
        findings.settle(items::BINLOG, about, problem.into_iter().collect());
    }
    for (item, name, wanted) in
        [(items::BINLOG_FORMAT, "binlog_format", "ROW"), (items::BINLOG_ROW_IMAGE, "binlog_row_image", "FULL")]
    {
        if findings.wants(item) {
            let other = variables.get(name).filter(|value| has_binlog && !value.eq_ignore_ascii_case(wanted));
            let problem = other.map(|value| {
                CheckProblem::warning(format!("{name} is {value}, and should be {wanted}: {LATER}"))
                    .cured_by("set it here and in the configuration file of the source; sessions that are open keep what they have")
                    .mended_by(format!("SET GLOBAL {name} = '{wanted}'"))
            });
            findings.settle(item, about, problem.into_iter().collect());
        }
    }
    if findings.wants(items::GTID) && spec.enable_gtid && !server.is_mariadb() {
        let mode = variables.get("gtid_mode").map_or("unknown", String::as_str);
        let problem = (mode != "ON").then(|| {
            let message = format!("`enable-gtid` of the source wants gtid_mode ON, and it is {mode}: {LATER}");
            CheckProblem::warning(message).cured_by("turn it on step by step, as MySQL tells it, or take `enable-gtid` out")
        });
        findings.settle(items::GTID, about, problem.into_iter().collect());
    }
    if findings.wants(items::BINLOG_SCHEMAS) && has_binlog {
        let problems = left_out_of_binlog(conn, server, schemas).await;
        findings.settle_asked(items::BINLOG_SCHEMAS, about, problems);
    }
}

/// Schemas whose changes don't reach the binlog, so that a copy can't see that they have changed.
async fn left_out_of_binlog(conn: &mut Conn, server: &Server, schemas: &[&str]) -> Result<Vec<CheckProblem>, Fault> {
    let doing = || "asking which schemas the binlog has".to_owned();
    let row: Option<Row> = match connect::first(conn, Side::Source, doing, snapshot::binlog_query(server)).await {
        Ok(row) => row,
        // Another item tells that the user may not ask that.
        Err(fault) if fault.server_code() == Some(1227) => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let list = |at: usize| row.as_ref().and_then(|row| row.get_opt::<String, usize>(at)?.ok()).unwrap_or_default();
    let (only, without) = (list(2), list(3));
    let has = |list: &str, schema: &str| list.split(',').any(|own| own == schema);
    let left_out = schemas.iter().filter(|schema| if only.is_empty() { has(&without, schema) } else { !has(&only, schema) });
    let option = if only.is_empty() { format!("binlog_ignore_db is {without}") } else { format!("binlog_do_db is {only}") };
    Ok(left_out
        .map(|schema| {
            let name = sql::name(schema);
            let message =
                format!("changes to {name} don't reach the binlog ({option}): a copy that goes on after a fault can't see them");
            CheckProblem::warning(message)
                .cured_by("let nobody write to it until the task is finished, or start the source without that option")
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_were_tried_are_known() {
        let server = |flavor, version| Server {
            flavor,
            version,
            version_text: "as told".to_owned(),
            identity: String::new(),
            lower_case_names: 0,
            largest_packet: 0,
            takes_files: false,
            engines: Vec::new(),
        };
        for (flavor, version, is_known) in [
            (Flavor::MariaDb, (10, 5, 9), false),
            (Flavor::MariaDb, (10, 6, 0), true),
            (Flavor::MariaDb, (12, 0, 1), false),
            (Flavor::MySql, (5, 7, 44), false),
            (Flavor::MySql, (9, 7, 0), true),
        ] {
            let problems = super::version(&server(flavor, version), "source");
            assert_eq!(problems.is_empty(), is_known, "{version:?}: {problems:?}");
        }
    }
}
