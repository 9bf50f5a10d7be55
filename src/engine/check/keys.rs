//! Keys: unique ones that differ between the ends, and primary ones that the target insists on.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::connect;
use super::super::ddl;
use super::super::error::{Fault, Side};
use super::super::plan::Plan;
use super::super::sql;
use super::Both;
use super::source::Source;
use super::there::{self, Name, There, Unique};
use crate::model::subtask::CheckProblem;

/// The unique keys of the tables of a source, by folded names.
pub(super) type Uniques = HashMap<Name, Vec<Unique>>;

/// Asks for the unique keys of some tables of a source.
pub(super) async fn of_source(source: &mut Source<'_>, plans: impl Iterator<Item = &Plan> + Send) -> Result<Uniques, Fault> {
    let names: Vec<Name> = plans.map(|plan| (plan.table.shape.schema.clone(), plan.table.shape.table.clone())).collect();
    there::uniques(&mut source.conn, Side::Source, &source.server, names.iter()).await
}

/// A table at the source and in the target, which mostly have one name.
pub(super) fn both_names(plan: &Plan) -> (String, String) {
    (format!("{} of the source", plan.source_name()), format!("{} of the target", plan.target_name()))
}

/// Unique keys that only one of two tables has.
pub(super) fn compare(plan: &Plan, own: &[Unique], there: &There) -> Vec<CheckProblem> {
    let missing = |from: &[Unique], of: &[Unique]| -> Vec<String> {
        let missing = from.iter().filter(|(_, columns)| !of.iter().any(|(_, theirs)| theirs == columns));
        missing.map(|(index, columns)| written(index, columns)).collect()
    };
    let (source, target) = both_names(plan);
    let cure = "make the keys of both tables alike, or drop the one of the target, so that the task makes it";
    let more = missing(own, &there.uniques).into_iter().map(|key| {
        CheckProblem::warning(format!(
            "{target} lacks the unique key {key} of {source}: a row that was there before may come to be there twice"
        ))
    });
    let fewer = missing(&there.uniques, own).into_iter().map(|key| {
        CheckProblem::warning(format!(
            "{target} has the unique key {key}, and {source} has not: rows that meet in it stop the copy, or replace one another"
        ))
    });
    more.chain(fewer).map(|problem| problem.cured_by(cure)).collect()
}

fn written(index: &str, columns: &BTreeSet<String>) -> String {
    let columns: Vec<String> = columns.iter().map(|column| sql::name(column)).collect();
    format!("{} ({})", sql::name(index), columns.join(", "))
}

/// Tables that a target does not let be made, because they have no primary key.
pub(super) async fn required(both: &mut Both<'_>) -> Result<Vec<CheckProblem>, Fault> {
    let doing = || "asking whether tables must have a primary key".to_owned();
    let variable = if both.server.is_mariadb() { "innodb_force_primary_key" } else { "sql_require_primary_key" };
    let query = format!("SHOW VARIABLES LIKE '{variable}'");
    let row: Option<(String, String)> = connect::first(&mut both.conn, Side::Target, doing, &query).await?;
    if !row.is_some_and(|(_, value)| value == "1" || value.eq_ignore_ascii_case("ON")) {
        return Ok(Vec::new());
    }
    let mut problems = Vec::new();
    for at in 0..both.plans.len() {
        // MariaDB takes a unique key without NULL for one, MySQL does not.
        let uniques = of_source(&mut both.sources[at], both.plans[at].tables.iter()).await?;
        for plan in both.plans[at].tables.iter().filter(|plan| !both.there.contains_key(&both.folded(&plan.target))) {
            let shape = &plan.table.shape;
            let own = uniques.get(&both.sources[at].server.folded(&shape.schema, &shape.table));
            let has_primary = own.is_some_and(|own| own.iter().any(|(index, _)| index == "PRIMARY"));
            let suffices = has_primary || (both.server.is_mariadb() && shape.has_unique);
            if !suffices {
                let message =
                    format!("{} has no primary key, and the target takes no table without ({variable})", plan.source_name());
                let session = if both.server.is_mariadb() {
                    "turn the variable off at the target"
                } else {
                    "set the variable to OFF under `session` of `target-database`"
                };
                let cure = format!("give the table a primary key, make it in the target with one, or {session}");
                problems.push(CheckProblem::failure(message).cured_by(cure));
            }
        }
    }
    Ok(problems)
}

/// Foreign keys that the target does not take, since what they point to is no unique key: so MySQL does from 8.4 on, unless it is told.
pub(super) async fn pointed(both: &mut Both<'_>, at: usize) -> Result<Vec<CheckProblem>, Fault> {
    const VARIABLE: &str = "restrict_fk_on_non_standard_key";
    let Both { conn, server, sources, plans, there, .. } = both;
    let to_be_made = plans[at].tables.iter().filter(|plan| !there.contains_key(&server.folded(&plan.target.0, &plan.target.1)));
    let pointing: Vec<(&Plan, Vec<_>)> =
        to_be_made.map(|plan| (plan, ddl::references(&plan.table.create, &plan.table.shape.schema))).collect();
    if pointing.iter().all(|(_, references)| references.is_empty()) {
        return Ok(Vec::new());
    }
    let doing = || "asking which foreign keys are taken".to_owned();
    let row: Option<(String, String)> =
        connect::first(conn, Side::Target, doing, &format!("SHOW VARIABLES LIKE '{VARIABLE}'")).await?;
    if !row.is_some_and(|(_, value)| value == "1" || value.eq_ignore_ascii_case("ON")) {
        return Ok(Vec::new());
    }
    let source = &mut sources[at];
    let uniques = of_source(source, plans[at].tables.iter()).await?;
    let copied: HashSet<Name> =
        plans[at].tables.iter().map(|plan| source.server.folded(&plan.table.shape.schema, &plan.table.shape.table)).collect();
    let mut problems = Vec::new();
    for (plan, references) in pointing {
        for ((schema, table), columns) in references {
            let other = source.server.folded(&schema, &table);
            let columns: BTreeSet<String> = columns.iter().map(|column| column.to_lowercase()).collect();
            let is_unique = uniques.get(&other).is_some_and(|own| own.iter().any(|(_, unique)| *unique == columns));
            if copied.contains(&other) && !is_unique {
                let (own, other) = (plan.source_name(), sql::table(&schema, &table));
                let columns: Vec<String> = columns.iter().map(|column| sql::name(column)).collect();
                let columns = columns.join(", ");
                let message = format!(
                    "a foreign key of {own} points to {columns} of {other}, which is no unique key, and the target takes none of the \
                     kind ({VARIABLE})"
                );
                let cure = format!("make a unique key of it, or set {VARIABLE} to OFF under `session` of `target-database`");
                problems.push(CheckProblem::failure(message).cured_by(cure));
            }
        }
    }
    Ok(problems)
}
