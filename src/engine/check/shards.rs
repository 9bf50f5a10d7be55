//! Several tables that go into one: whether they are made alike, and whether their keys meet there.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    let mut left = KEYS;
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let target = plan(both, group[0]).target_name();
        let mut problems = structure(both, &group);
        if findings.wants_word(SHARD_KEYS) {
            match Box::pin(keys(both, &group, &mut left)).await {
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

/// So many keys of the tables of one group are read, and so many of all groups, to see whether some are in two of them. More would take
/// longer than a check is to take.
const KEYS_OF_A_GROUP: usize = 20_000;
const KEYS: usize = 200_000;

/// Whether keys of the tables meet. The ends are asked for, which an index knows. Where ranges overlap, the keys there tell, as long as
/// they are few; `left` is how many may still be read.
async fn keys(both: &mut Both<'_>, group: &[At], left: &mut usize) -> Result<Vec<CheckProblem>, Fault> {
    let mut ranges: Vec<(At, Range)> = Vec::new();
    let mut columns = BTreeMap::new();
    for at in group {
        let shape = &plan(both, *at).table.shape;
        let Some(column) = numbers(shape) else { return Ok(unsure(both, group, shape)) };
        let table = sql::table(&shape.schema, &shape.table);
        let query = format!("SELECT CAST(MIN({column}) AS CHAR), CAST(MAX({column}) AS CHAR) FROM {table}");
        let doing = || format!("asking for the keys of {table}");
        let conn = &mut both.sources[at.0].conn;
        let ends: Option<(Option<String>, Option<String>)> = connect::first(conn, Side::Source, doing, &query).await?;
        if let Some((Some(least), Some(most))) = ends
            && let (Ok(least), Ok(most)) = (least.parse(), most.parse())
        {
            ranges.push((*at, (least, most)));
        }
        columns.insert(*at, column);
    }
    let overlaps = overlaps(ranges);
    let mut most = KEYS_OF_A_GROUP.min(*left);
    let mut known = Some(Met::new());
    let mut owners = HashMap::new();
    for (at, window) in windows(&overlaps) {
        let read = match both.sources[at.0].spec.condition {
            // Rows that are left out have keys too.
            Some(_) => None,
            None => within(both, at, &columns[&at], window, most).await?,
        };
        let Some((read, met)) = read.zip(known.as_mut()) else {
            known = None;
            break;
        };
        most -= read.len();
        *left -= read.len();
        for key in read {
            match owners.entry(key) {
                Entry::Vacant(entry) => _ = entry.insert(at),
                Entry::Occupied(entry) => met.entry((*entry.get(), at)).or_default().push(key),
            }
        }
    }
    Ok(match known {
        Some(met) => met.into_iter().map(|(pair, keys)| meeting(both, pair, &keys)).collect(),
        None => overlaps.into_iter().map(|overlap| overlapping(both, overlap)).collect(),
    })
}

/// Keys that are in both of two tables.
type Met = BTreeMap<(At, At), Vec<i128>>;

/// Two tables whose ranges overlap.
type Overlap = ((At, Range), (At, Range));

/// The tables whose range begins within another: each beside the one that reaches farthest of those before it.
fn overlaps(mut ranges: Vec<(At, Range)>) -> Vec<Overlap> {
    ranges.sort_by_key(|(_, range)| *range);
    let mut overlaps = Vec::new();
    let mut widest: Option<(At, Range)> = None;
    for own in ranges {
        overlaps.extend(widest.filter(|(_, theirs)| theirs.1 >= own.1.0).map(|widest| (widest, own)));
        if widest.is_none_or(|(_, theirs)| theirs.1 < own.1.1) {
            widest = Some(own);
        }
    }
    overlaps
}

/// The part of each table's range in which a key of another may be.
fn windows(overlaps: &[Overlap]) -> BTreeMap<At, Range> {
    let mut windows: BTreeMap<At, Range> = BTreeMap::new();
    for ((one, theirs), (other, own)) in overlaps {
        let common = (own.0, own.1.min(theirs.1));
        for at in [one, other] {
            let window = windows.entry(*at).or_insert(common);
            *window = (window.0.min(common.0), window.1.max(common.1));
        }
    }
    windows
}

/// The keys of a table in a range; none if they are more than `most`.
async fn within(both: &mut Both<'_>, at: At, column: &str, (least, last): Range, most: usize) -> Result<Option<Vec<i128>>, Fault> {
    let shape = &plan(both, at).table.shape;
    let table = sql::table(&shape.schema, &shape.table);
    let query = format!("SELECT {column} FROM {table} WHERE {column} BETWEEN {least} AND {last} LIMIT {}", most + 1);
    let doing = || format!("reading keys of {table}");
    let keys: Vec<i128> = connect::all(&mut both.sources[at.0].conn, Side::Source, doing, &query).await?;
    Ok(Some(keys).filter(|keys| keys.len() <= most))
}

fn meeting(both: &Both<'_>, (one, other): (At, At), keys: &[i128]) -> CheckProblem {
    let (count, least) = (keys.len(), keys.iter().min().copied().unwrap_or_default());
    let told = if count == 1 { format!("the key {least} is") } else { format!("{count} keys, such as {least}, are") };
    let message = format!("{told} in two tables that go into one: {}", becomes(both));
    let cure = "give the rows of one of the tables other keys, or let the tables go into several";
    CheckProblem::warning(message).cured_by(cure).comparing(name(both, one), name(both, other))
}

fn overlapping(both: &Both<'_>, ((one, theirs), (other, own)): Overlap) -> CheckProblem {
    let message = format!("keys of two tables that go into one may meet, for their ranges overlap: {}", becomes(both));
    let cure = "see that no two rows have one key, such as by an AUTO_INCREMENT that steps over those of the others, or let the \
                tables go into several";
    let told = |at: At, range: Range| format!("{}: from {} to {}", name(both, at), range.0, range.1);
    CheckProblem::warning(message).cured_by(cure).comparing(told(one, theirs), told(other, own))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_looked_for_wherever_another_table_has_a_range() {
        let ranges = |ranges: &[Range]| ranges.iter().enumerate().map(|(at, range)| ((0, at), *range)).collect::<Vec<_>>();
        for (given, expected) in [
            (&[(1, 5), (6, 9)][..], &[][..]),
            (&[(6, 9), (1, 6)], &[(0, (6, 6)), (1, (6, 6))]),
            // One that holds two others, which do not touch each other, and one behind all of them.
            (&[(20, 30), (1, 99), (40, 50), (100, 200)], &[(0, (20, 30)), (1, (20, 50)), (2, (40, 50))]),
            // The third reaches the first only.
            (&[(1, 50), (2, 9), (30, 80)], &[(0, (2, 50)), (1, (2, 9)), (2, (30, 50))]),
        ] {
            let found: Vec<(usize, Range)> =
                windows(&overlaps(ranges(given))).into_iter().map(|(at, window)| (at.1, window)).collect();
            assert_eq!(found, expected, "{given:?}");
        }
    }
}
