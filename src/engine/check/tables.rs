//! Which table goes where, and what stands in its way there.

use std::collections::{BTreeMap, HashSet};

use super::super::connect;
use super::super::ddl;
use super::super::destination;
use super::super::error::{Fault, Side};
use super::super::plan::Plan;
use super::super::shape::Column;
use super::super::sql;
use super::items::{self, Findings};
use super::there::{Name, There, ThereColumn};
use super::{Both, keys, refused, shards, unknown};
use crate::model::subtask::CheckProblem;

pub(super) async fn check(both: &mut Both<'_>, findings: &mut Findings<'_>) {
    let about = both.about.clone();
    if findings.wants(items::SAME_SERVER) {
        let asked = same_server(both).await;
        findings.settle_asked(items::SAME_SERVER, &about, asked);
    }
    if findings.wants(items::TABLES) {
        for at in 0..both.sources.len() {
            let mut problems = structure(both, at);
            match Box::pin(refused::statements(both, at)).await {
                Ok(refused) => problems.extend(refused),
                Err(fault) => problems.push(unknown(fault)),
            }
            match Box::pin(keys::pointed(both, at)).await {
                Ok(pointed) => problems.extend(pointed),
                Err(fault) => problems.push(unknown(fault)),
            }
            match Box::pin(compared(both, at)).await {
                Ok(compared) => problems.extend(compared),
                Err(fault) => problems.push(unknown(fault)),
            }
            findings.settle(items::TABLES, &both.sources[at].about, problems);
        }
    }
    if findings.wants(items::PRIMARY_KEY) {
        let asked = Box::pin(keys::required(both)).await;
        findings.settle_asked(items::PRIMARY_KEY, &about, asked);
    }
    Box::pin(shards::check(both, findings)).await;
    if findings.wants(items::EMPTY) {
        let asked = held(both).await;
        findings.settle_asked(items::EMPTY, &about, asked);
    }
}

/// What becomes of the tables of a source.
fn structure(both: &Both<'_>, at: usize) -> Vec<CheckProblem> {
    let plans = &both.plans[at];
    let leave = "change the table, or leave it out with `block-allow-list`";
    let general = plans.impossible.iter().map(|reason| CheckProblem::failure(reason).cured_by(leave));
    let to_be_made: Vec<&Plan> = plans.tables.iter().filter(|plan| !both.is_there(&plan.target)).collect();
    let own = to_be_made.iter().flat_map(|plan| plan.impossible());
    let impossible = general.chain(own.map(|reason| CheckProblem::failure(reason).cured_by(refused::CURE)));
    let changed = to_be_made.iter().flat_map(|plan| plan.changed()).map(|change| {
        CheckProblem::warning(change).cured_by("make the table in the target before the copy, if it should be another way")
    });
    let left_out = plans.left_out.iter().map(|left| CheckProblem::warning(left).cured_by("make it in the target by hand"));
    let keyless = plans.tables.iter().filter(|plan| !plan.table.shape.has_unique).map(|plan| {
        let name = plan.source_name();
        CheckProblem::warning(format!(
            "{name} has neither a primary key nor a unique one without NULL: after a fault it is copied anew"
        ))
        .cured_by("give the table a primary key")
    });
    impossible.chain(changed).chain(keyless).chain(left_out).chain(loose_references(both, at)).collect()
}

/// Foreign keys that point to what is neither copied nor there.
fn loose_references(both: &Both<'_>, at: usize) -> Vec<CheckProblem> {
    let (source, plans) = (&both.sources[at], &both.plans[at]);
    let name = |plan: &Plan| source.server.folded(&plan.table.shape.schema, &plan.table.shape.table);
    let copied: HashSet<Name> = plans.tables.iter().map(name).collect();
    let mut problems = Vec::new();
    for plan in plans.tables.iter().filter(|plan| !both.is_there(&plan.target)) {
        for ((schema, table), _) in ddl::references(&plan.table.create, &plan.table.shape.schema) {
            if !copied.contains(&source.server.folded(&schema, &table)) {
                let (own, other) = (plan.source_name(), sql::table(&schema, &table));
                let message = format!(
                    "a foreign key of {own} points to {other}, which the task does not copy: new rows need one that is there"
                );
                problems
                    .push(CheckProblem::warning(message).cured_by("let the task copy that table too, or make it in the target"));
            }
        }
    }
    problems
}

/// The tables of a source beside those that are in the target already.
async fn compared(both: &mut Both<'_>, at: usize) -> Result<Vec<CheckProblem>, Fault> {
    let Both { server, sources, plans, there, .. } = both;
    let of_target = |(schema, table): &Name| there.get(&server.folded(schema, table));
    let pairs: Vec<(&Plan, &There)> = plans[at].tables.iter().filter_map(|plan| Some((plan, of_target(&plan.target)?))).collect();
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let source = &mut sources[at];
    let uniques = keys::of_source(source, pairs.iter().map(|(plan, _)| *plan)).await?;
    let is_one_family = source.server.flavor == server.flavor;
    let mut problems = Vec::new();
    for (plan, there) in pairs {
        problems.extend(compare(plan, there, is_one_family));
        let shape = &plan.table.shape;
        if !there.is_view {
            let own = uniques.get(&source.server.folded(&shape.schema, &shape.table));
            problems.extend(keys::compare(plan, own.map(Vec::as_slice).unwrap_or_default(), there));
        }
    }
    Ok(problems)
}

fn compare(plan: &Plan, there: &There, is_one_family: bool) -> Vec<CheckProblem> {
    let (source, target) = keys::both_names(plan);
    if there.is_view {
        let problem = CheckProblem::failure(format!("{target} is a view, and rows go into tables"));
        return vec![problem.cured_by("drop the view, or give a route another name")];
    }
    let alike = "make both tables alike, or drop the one of the target, so that the task makes it";
    let shape = &plan.table.shape;
    let mut problems = Vec::new();
    for column in shape.copied() {
        let name = sql::name(&column.name);
        match there.columns.iter().find(|own| own.name.eq_ignore_ascii_case(&column.name)) {
            None => problems.push(CheckProblem::failure(format!("{target} lacks the column {name} of {source}")).cured_by(alike)),
            Some(own) if own.generated => {
                let message = format!("the column {name} of {target} is computed there, and takes no values of {source}");
                problems.push(CheckProblem::failure(message).cured_by(alike));
            }
            Some(own) => {
                if column.nullable && !own.nullable {
                    let message = format!("the column {name} of {target} takes no NULL, and that of {source} does");
                    problems.push(CheckProblem::warning(message).cured_by(alike));
                }
                let differs = differs(column, own, is_one_family);
                problems.extend(differs.map(|(what, here, there)| {
                    CheckProblem::warning(format!("{what} of the column {name} of {target} is another one than in {source}"))
                        .cured_by(alike)
                        .comparing(format!("{source}: {here}"), format!("{target}: {there}"))
                }));
            }
        }
    }
    let others = there.columns.iter().filter(|own| !shape.columns.iter().any(|column| column.name.eq_ignore_ascii_case(&own.name)));
    problems.extend(others.filter(|own| own.is_needed).map(|own| {
        let name = sql::name(&own.name);
        CheckProblem::failure(format!("the column {name} of {target} needs a value, and {source} has none for it"))
            .cured_by("give the column a default, or let it be NULL")
    }));
    if let [first, ..] = there.triggers.as_slice() {
        let message = format!("{target} has triggers that each copied row sets off, such as {}", sql::name(first));
        problems.push(
            CheckProblem::warning(message).cured_by("drop them until the task is finished, if their work was done at the source"),
        );
    }
    problems
}

/// What differs between two columns of one name: what it is, and how it is in the one and in the other.
fn differs(column: &Column, there: &ThereColumn, is_one_family: bool) -> Option<(&'static str, String, String)> {
    if !is_same_type(&column.type_text, &there.type_text, is_one_family) {
        return Some(("the type", column.type_text.clone(), there.type_text.clone()));
    }
    let charset = |collation: &str| collation.split('_').next().unwrap_or_default().replace("utf8mb3", "utf8");
    match (&column.collation, &there.collation) {
        (Some(own), Some(theirs)) if charset(own) != charset(theirs) && charset(theirs) != "utf8mb4" => {
            Some(("the character set", charset(own), charset(theirs)))
        }
        (Some(own), Some(theirs)) if is_one_family && own != theirs => Some(("the collation", own.clone(), theirs.clone())),
        _ => None,
    }
}

/// Whether two types take the same values. Between the families, some have other names.
pub(super) fn is_same_type(own: &str, theirs: &str, is_one_family: bool) -> bool {
    let (own, theirs) = (plain_type(own), plain_type(theirs));
    own == theirs || (!is_one_family && own_names(&own, &theirs))
}

/// Types that are called in another way by the other family.
fn own_names(own: &str, theirs: &str) -> bool {
    let pair = |a: &str, b: &str| (own.starts_with(a) && theirs.starts_with(b)) || (own.starts_with(b) && theirs.starts_with(a));
    pair("json", "longtext")
        || pair("uuid", "char(36)")
        || pair("inet4", "varchar(15)")
        || pair("inet6", "varchar(45)")
        || pair("geomcollection", "geometrycollection")
}

/// A type without what means nothing: the width at which whole numbers are shown, and remarks.
fn plain_type(text: &str) -> String {
    let text = text.to_lowercase();
    let text = text.split(" /*").next().unwrap_or_default();
    let (word, rest) = text.split_at(text.find('(').unwrap_or(text.len()));
    if ["tinyint", "smallint", "mediumint", "int", "bigint", "year"].contains(&word) {
        format!("{word}{}", rest.split_once(')').map_or("", |(_, rest)| rest))
    } else {
        text.to_owned()
    }
}

/// Whether a source is the target, and what then is both read and written.
async fn same_server(both: &mut Both<'_>) -> Result<Vec<CheckProblem>, Fault> {
    type Identity = (String, u64, String, u64);
    const QUERY: &str = "SELECT @@hostname, @@port, @@datadir, @@server_id";
    let doing = || "asking which server it is".to_owned();
    let target: Option<Identity> = connect::first(&mut both.conn, Side::Target, doing, QUERY).await?;
    let mut ours = Vec::new();
    for (at, source) in both.sources.iter_mut().enumerate() {
        let identity: Option<Identity> = connect::first(&mut source.conn, Side::Source, doing, QUERY).await?;
        if identity == target {
            ours.push(at);
        }
    }
    let Some(first) = ours.first() else { return Ok(Vec::new()) };
    let mut read: BTreeMap<Name, String> = BTreeMap::new();
    for plan in ours.iter().flat_map(|at| &both.plans[*at].tables) {
        let shape = &plan.table.shape;
        read.insert(both.server.folded(&shape.schema, &shape.table), plan.source_name());
    }
    let mut problems: Vec<CheckProblem> = Vec::new();
    for plan in both.plans.iter().flat_map(|plans| &plans.tables) {
        if let Some(own) = read.get(&both.folded(&plan.target)) {
            let message = if *own == plan.source_name() {
                format!("{own} would be copied onto itself: the {} is the target", both.sources[*first].about)
            } else {
                format!("{own} is read by the task, and rows of {} are written to it: both ends are one server", plan.source_name())
            };
            problems.push(CheckProblem::failure(message).cured_by("name another target, or let a route lead to another schema"));
        }
    }
    if problems.is_empty() {
        let message = format!("the {} is the target", both.sources[*first].about);
        problems.push(CheckProblem::warning(message).cured_by("name another target, unless the rows are to stay on one server"));
    }
    Ok(problems)
}

/// How many tables are asked at a time whether they have rows.
const TABLES: usize = 100;

/// Tables of the target that have rows.
async fn held(both: &mut Both<'_>) -> Result<Vec<CheckProblem>, Fault> {
    let targets: BTreeMap<Name, Name> = both
        .plans
        .iter()
        .flat_map(|plans| &plans.tables)
        .map(|plan| (both.folded(&plan.target), plan.target.clone()))
        .filter(|(name, _)| both.there.get(name).is_some_and(|there| !there.is_view))
        .collect();
    let targets: Vec<Name> = targets.into_values().collect();
    let mut problems = Vec::new();
    for some in targets.chunks(TABLES) {
        let each = some
            .iter()
            .enumerate()
            .map(|(at, (schema, table))| format!("(SELECT {at} FROM {} LIMIT 1)", sql::table(schema, table)));
        let query = each.collect::<Vec<_>>().join(" UNION ALL ");
        let doing = || "looking which tables of the target have rows".to_owned();
        let held: Vec<usize> = match connect::all(&mut both.conn, Side::Target, doing, &query).await {
            Ok(held) => held,
            // One of them may not be read.
            Err(fault) if fault.server_code().is_some() => {
                let mut held = Vec::new();
                for (at, name) in some.iter().enumerate() {
                    match destination::has_rows(&mut both.conn, name).await {
                        Ok(true) => held.push(at),
                        Ok(false) => {}
                        Err(fault) => problems.push(unknown(fault)),
                    }
                }
                held
            }
            Err(fault) => return Err(fault),
        };
        problems.extend(held.into_iter().filter_map(|at| some.get(at)).map(|(schema, table)| {
            let message = format!("{} has rows already: a copy that must start over stops there", sql::table(schema, table));
            CheckProblem::warning(message).cured_by("empty the table, if its rows are not to stay")
        }));
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_and_remarks_are_no_part_of_a_type() {
        for (text, plain) in [
            ("int(11) unsigned", "int unsigned"),
            ("INT UNSIGNED", "int unsigned"),
            ("tinyint(1)", "tinyint"),
            ("varchar(9)", "varchar(9)"),
            ("decimal(10,2)", "decimal(10,2)"),
            ("datetime(6) /* mariadb-5.3 */", "datetime(6)"),
        ] {
            assert_eq!(plain_type(text), plain, "{text}");
        }
        assert!(own_names("longtext", "json") && own_names("uuid", "char(36)") && !own_names("int", "bigint"));
    }
}
