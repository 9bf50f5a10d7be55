//! Several tables that go into one: whether they are made alike, and whether their keys meet there.

use std::collections::{BTreeMap, BTreeSet};

use super::super::connect;
use super::super::error::{Fault, Side};
use super::super::plan::Plan;
use super::super::shape::{Kind, Shape};
use super::super::sql;
use super::items::{Findings, SHARD_KEYS, SHARD_STRUCTURE};
use super::tables::is_same_type;
use super::there::Name;
use super::{Both, unknown};
use crate::model::subtask::{CheckItem, CheckProblem, OnDuplicate};

/// A table on its way: the place of its source, and its own there.
type At = (usize, usize);

pub(super) async fn check(both: &mut Both<'_>, findings: &mut Findings<'_>) {
    if !findings.wants_word(SHARD_STRUCTURE) {
        return;
    }
    let mut groups: BTreeMap<Name, Vec<At>> = BTreeMap::new();
    for (source, plans) in both.plans.iter().enumerate() {
        for (at, plan) in plans.tables.iter().enumerate() {
            groups.entry(both.folded(&plan.target)).or_default().push((source, at));
        }
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let target = plan(both, group[0]).target_name();
        let mut problems = structure(both, &group);
        if findings.wants_word(SHARD_KEYS) {
            match Box::pin(keys(both, &group)).await {
                Ok(keys) => problems.extend(keys),
                Err(fault) => problems.push(unknown(fault)),
            }
        }
        findings.take([CheckItem {
            name: format!("sharding table {target} consistency checking"),
            description: "whether the tables that go into one are made alike, and have no key in common",
            about: both.about.clone(),
            problems,
        }]);
    }
}

fn plan<'a>(both: &'a Both<'_>, (source, at): At) -> &'a Plan {
    &both.plans[source].tables[at]
}

/// A table as people tell it from others of its name.
fn name(both: &Both<'_>, at: At) -> String {
    format!("{} of the source `{}`", plan(both, at).source_name(), both.sources[at.0].spec.source)
}

/// Each table beside the first.
fn structure(both: &Both<'_>, group: &[At]) -> Vec<CheckProblem> {
    let columns = |at: At| -> BTreeMap<String, &str> {
        plan(both, at).table.shape.columns.iter().map(|column| (column.name.to_lowercase(), column.type_text.as_str())).collect()
    };
    let own = columns(group[0]);
    let flavor = |at: At| both.sources[at.0].server.flavor;
    let mut problems = Vec::new();
    for at in &group[1..] {
        let theirs = columns(*at);
        let is_one_family = flavor(group[0]) == flavor(*at);
        let names: BTreeSet<&String> = own.keys().chain(theirs.keys()).collect();
        for column in names {
            let (here, there) = (own.get(column), theirs.get(column));
            if here.zip(there).is_some_and(|(here, there)| is_same_type(here, there, is_one_family)) {
                continue;
            }
            let message = format!("the column {} is not the same in all tables that go into one", sql::name(column));
            let told = |at: At, column: Option<&&str>| format!("{}: {}", name(both, at), column.map_or("none", |column| *column));
            let problem = CheckProblem::failure(message).cured_by("make the tables alike, or let them go into several");
            problems.push(problem.comparing(told(group[0], here), told(*at, there)));
        }
    }
    problems
}

/// The smallest and the largest key of a table.
type Range = (i128, i128);

/// Whether keys of the tables meet. Only the ends are asked for, which an index knows.
async fn keys(both: &mut Both<'_>, group: &[At]) -> Result<Vec<CheckProblem>, Fault> {
    let mut ranges: Vec<(At, Range)> = Vec::new();
    for at in group {
        let shape = plan(both, *at).table.shape.clone();
        let Some(column) = numbers(&shape) else { return Ok(unsure(both, group, &shape)) };
        let (source, table) = (&mut both.sources[at.0], sql::table(&shape.schema, &shape.table));
        let query = format!("SELECT CAST(MIN({column}) AS CHAR), CAST(MAX({column}) AS CHAR) FROM {table}");
        let doing = || format!("asking for the keys of {table}");
        let ends: Option<(Option<String>, Option<String>)> = connect::first(&mut source.conn, Side::Source, doing, &query).await?;
        if let Some((Some(least), Some(most))) = ends
            && let (Ok(least), Ok(most)) = (least.parse(), most.parse())
        {
            ranges.push((*at, (least, most)));
        }
    }
    ranges.sort_by_key(|(_, range)| *range);
    let mut problems = Vec::new();
    let mut widest: Option<(At, Range)> = None;
    for (at, range) in ranges {
        if let Some((other, theirs)) = widest.filter(|(_, theirs)| theirs.1 >= range.0) {
            let message = format!("the keys of two tables that go into one meet: {}", becomes(both));
            let problem = CheckProblem::warning(message).cured_by(
                "see that no two rows have one key, such as by an AUTO_INCREMENT that steps over those of the others, or let the \
                 tables go into several",
            );
            let told = |at: At, range: Range| format!("{}: from {} to {}", name(both, at), range.0, range.1);
            problems.push(problem.comparing(told(other, theirs), told(at, range)));
        }
        if widest.is_none_or(|(_, theirs)| theirs.1 < range.1) {
            widest = Some((at, range));
        }
    }
    Ok(problems)
}

/// The column of a key that is one whole number.
fn numbers(shape: &Shape) -> Option<String> {
    let key = shape.key.as_ref().filter(|key| key.columns.len() == 1)?;
    let column = shape.copied().nth(*key.columns.first()?)?;
    let is_whole = column.word().to_lowercase().ends_with("int");
    (is_whole && column.kind == Kind::Number).then(|| sql::name(&column.name))
}

/// Keys of other kinds can't be told apart by their ends.
fn unsure(both: &Both<'_>, group: &[At], shape: &Shape) -> Vec<CheckProblem> {
    if !shape.has_unique {
        return Vec::new();
    }
    let message = format!("whether keys of the {} tables meet can't be seen before: {}", group.len(), becomes(both));
    vec![CheckProblem::warning(message).cured_by("see that no two rows have one key")]
}

/// What becomes of rows with one key.
fn becomes(both: &Both<'_>) -> &'static str {
    match both.spec.on_duplicate {
        OnDuplicate::Replace => "of rows with one key only the last stays (`on-duplicate-logical`)",
        OnDuplicate::Ignore => "of rows with one key only the first stays (`on-duplicate-logical`)",
        OnDuplicate::Error => "rows with one key stop the copy (`on-duplicate-logical`)",
    }
}
