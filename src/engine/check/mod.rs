//! The checks before a task, under DM's names and as far as a copy needs them. What each asks, and when it warns or fails, stands in
//! `docs/checks.md`.

mod items;
mod keys;
mod packets;
mod refused;
mod rights;
mod shards;
mod source;
mod tables;
mod there;
mod writing;

use std::collections::{BTreeSet, HashMap};

use futures_util::future::join_all;
use mysql_async::Conn;

use self::items::{Findings, unknown};
use self::source::Source;
use super::connect::{self, Purpose, Server};
use super::error::{Fault, Side};
use super::functions;
use super::plan::{self, Plans};
use super::sql;
use crate::model::subtask::{CheckProblem, Checked, Endpoint, Estimate, SubtaskSpec};

/// Servers show nobody what he may not read.
pub(super) const NO_TABLES: &str = "the task has no table: the source has none of its names, or does not show them to this user";

/// Checks whether the subtasks of a task could run. Every item says what it is about; what is well is told too.
pub async fn check(specs: &[SubtaskSpec]) -> Checked {
    let Some(first) = specs.first() else { return Checked::default() };
    let mut findings = Findings::new(&first.ignored_checks);
    let mut sources = Vec::new();
    for (items, source) in join_all(specs.iter().map(|spec| Box::pin(source::look(spec)))).await {
        findings.take(items);
        sources.extend(source);
    }
    let is_whole = sources.len() == specs.len() && sources.iter().all(|source| source.is_whole);
    let estimate = is_whole.then(|| estimate(&sources));
    let about = about("target", &first.to);
    let mut hints = Vec::new();
    if let Some((mut conn, server)) = reach(&mut findings, &first.to, Side::Target, &about).await {
        let lacking = match functions::lacking(&mut conn, sources.iter().flat_map(|source| &source.schemas)).await {
            Ok(lacking) => lacking,
            Err(fault) => {
                findings.settle(items::TABLES, &about, vec![unknown(fault)]);
                BTreeSet::new()
            }
        };
        let plan = |source: &Source<'_>| plan::plan(source.spec, &source.schemas, &source.server, &server, &lacking);
        let plans: Vec<Plans> = sources.iter().map(plan).collect();
        let targets = plans.iter().flat_map(|plans| &plans.tables).map(|plan| &plan.target);
        let there = match Box::pin(there::look(&mut conn, &server, targets)).await {
            Ok(there) => there,
            Err(fault) => {
                findings.settle(items::TABLES, &about, vec![unknown(fault)]);
                there::All::new()
            }
        };
        let mut both = Both { spec: first, conn, server, about, sources, plans, there };
        Box::pin(writing::check(&mut both, &mut findings, &mut hints)).await;
        Box::pin(tables::check(&mut both, &mut findings)).await;
    }
    Checked { items: findings.items, estimate, hints }
}

/// Both ends of a task, of which the sources could be looked at.
struct Both<'a> {
    /// The subtask of the first source: all have one target.
    spec: &'a SubtaskSpec,
    /// The target.
    conn: Conn,
    server: Server,
    about: String,
    sources: Vec<Source<'a>>,
    /// What each source has for the target.
    plans: Vec<Plans>,
    /// The tables that it goes to and that are there, by folded names.
    there: there::All,
}

impl Both<'_> {
    /// Whether a table is in the target.
    fn is_there(&self, table: &(String, String)) -> bool {
        self.there.contains_key(&self.folded(table))
    }

    /// The name of a table of the target, by which it is known whether two are one.
    fn folded(&self, (schema, table): &(String, String)) -> (String, String) {
        self.server.folded(schema, table)
    }
}

fn estimate(sources: &[Source<'_>]) -> Estimate {
    let mut estimate = Estimate::default();
    for shape in sources.iter().flat_map(|source| &source.schemas).flat_map(|schema| &schema.tables).map(|table| &table.shape) {
        estimate.tables += 1;
        estimate.rows = estimate.rows.saturating_add(shape.rows_estimated);
        estimate.bytes = estimate.bytes.saturating_add(shape.bytes_estimated);
    }
    estimate
}

fn about(what: &str, endpoint: &Endpoint) -> String {
    format!("{what} {}", endpoint.address())
}

async fn reach(findings: &mut Findings<'_>, endpoint: &Endpoint, side: Side, about: &str) -> Option<(Conn, Server)> {
    let reached = async {
        let mut conn = connect::open(endpoint, side, Purpose::Talk).await?;
        let server = connect::server(&mut conn, side, endpoint).await?;
        Ok::<_, Fault>((conn, server))
    };
    match reached.await {
        Ok(reached) => {
            findings.settle(items::CONNECTION, about, Vec::new());
            Some(reached)
        }
        Err(fault) => {
            findings.broken(items::CONNECTION, about, fault);
            None
        }
    }
}

/// Variables of a server by their names in small letters; those that it does not know are left out.
async fn variables(conn: &mut Conn, side: Side, names: &[&str]) -> Result<HashMap<String, String>, Fault> {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let query = format!("SHOW GLOBAL VARIABLES WHERE Variable_name IN ({})", quoted.join(", "));
    let doing = || "asking for the variables of the server".to_owned();
    let rows: Vec<(String, String)> = connect::all(conn, side, doing, &query).await?;
    Ok(rows.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect())
}

/// Whether a variable is on.
fn is_on(variables: &HashMap<String, String>, name: &str) -> bool {
    variables.get(name).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("ON"))
}

/// A list of texts for IN.
fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.map(sql::text).collect::<Vec<_>>().join(", ")
}

/// Whether a server takes so many connections more.
async fn connections(conn: &mut Conn, side: Side, needed: usize, fewer: &str) -> Result<Vec<CheckProblem>, Fault> {
    let word = if side == Side::Source { "source" } else { "target" };
    let doing = || "asking how many connections there are".to_owned();
    let variables = variables(conn, side, &["max_connections"]).await?;
    let most: usize = variables.get("max_connections").and_then(|value| value.parse().ok()).unwrap_or(0);
    let own: Option<usize> = connect::first(conn, side, doing, "SELECT @@max_user_connections").await.unwrap_or_default();
    let used: Option<(String, usize)> = connect::first(conn, side, doing, "SHOW GLOBAL STATUS LIKE 'Threads_connected'").await?;
    // The one that asks will be gone.
    let used = used.map_or(0, |(_, used)| used.saturating_sub(1));
    let mut problems = Vec::new();
    // None is no limit.
    if most > 0 && most < needed + used {
        let message =
            format!("the {word} takes {most} connections (`max_connections`), {used} are in use, and the task opens {needed}");
        let problem = if most < needed { CheckProblem::failure(message) } else { CheckProblem::warning(message) };
        let raise = format!("SET GLOBAL max_connections = {}", (needed + used).next_multiple_of(50));
        problems.push(problem.cured_by(format!("let the {word} take more, or {fewer}")).mended_by(raise));
    }
    if let Some(own) = own.filter(|own| (1..needed).contains(own)) {
        let limit = if own == 1 { "1 connection".to_owned() } else { format!("{own} connections") };
        let message = format!("the user at the {word} may open {limit} (`max_user_connections`), and the task opens {needed}");
        problems.push(CheckProblem::failure(message).cured_by(format!("raise that limit of the user, or {fewer}")));
    }
    Ok(problems)
}
