//! Keys: unique ones that differ between the ends, and primary ones that the target insists on.

use std::collections::HashMap;

use super::super::connect;
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

fn written(index: &str, columns: &std::collections::BTreeSet<String>) -> String {
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
