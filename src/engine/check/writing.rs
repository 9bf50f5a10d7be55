//! What is asked of the target as a server.

use std::collections::BTreeMap;

use super::super::connect;
use super::super::error::{Fault, Side};
use super::super::grants::Grants;
use super::super::sql;
use super::items::{self, Findings};
use super::rights::{self, Need};
use super::{Both, connections, is_on, packets, source, texts, variables};
use crate::model::subtask::CheckProblem;

pub(super) async fn check(both: &mut Both<'_>, findings: &mut Findings<'_>, hints: &mut Vec<String>) {
    let about = both.about.clone();
    if findings.wants(items::TARGET_VERSION) {
        let problems = if both.server.is_tidb() { Vec::new() } else { source::version(&both.server, "target") };
        findings.settle(items::TARGET_VERSION, &about, problems);
    }
    if findings.wants(items::TARGET_CONNECTIONS) {
        let needed = both.sources.iter().map(|source| source.lanes + 1).sum();
        let asked = connections(&mut both.conn, Side::Target, needed, "let fewer threads write").await;
        findings.settle_asked(items::TARGET_CONNECTIONS, &about, asked);
    }
    match Grants::of(&mut both.conn, Side::Target, &both.server).await {
        Ok(grants) => {
            if findings.wants(items::TARGET_RIGHTS) {
                let asked = needs(both).await.map(|needs| rights::of_target(&grants, &needs));
                findings.settle_asked(items::TARGET_RIGHTS, &about, asked);
            }
            if findings.wants(items::WRITABLE) {
                let asked = writable(both, &grants).await;
                findings.settle_asked(items::WRITABLE, &about, asked);
            }
        }
        Err(fault) => findings.settle_asked(items::TARGET_RIGHTS, &about, Err(fault)),
    }
    if findings.wants(items::NAMES) {
        findings.settle(items::NAMES, &about, names(both));
    }
    if findings.wants(items::LARGEST_ROW) {
        for at in 0..both.sources.len() {
            let asked = Box::pin(packets::check(both, at)).await;
            findings.settle_asked(items::LARGEST_ROW, &both.sources[at].about, asked);
        }
    }
    if !both.server.takes_files && both.plans.iter().any(|plans| !plans.tables.is_empty()) {
        hints.push(
            "the target takes no rows as a file (`local_infile` is off): they are inserted, which takes longer; `SET GLOBAL \
             local_infile = ON` at the target changes that"
                .to_owned(),
        );
    }
}

/// What rows and the books want of each schema. What is there need not be made.
async fn needs(both: &mut Both<'_>) -> Result<Vec<Need>, Fault> {
    const ROWS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];
    let mut needs: BTreeMap<&str, Need> = BTreeMap::new();
    for (name, _) in both.plans.iter().flat_map(|plans| &plans.schemas) {
        needs.entry(name).or_insert_with(|| Need { schema: name.clone(), tables: Vec::new(), rights: Vec::new() });
    }
    for plan in both.plans.iter().flat_map(|plans| &plans.tables) {
        let Some(need) = needs.get_mut(plan.target.0.as_str()) else { continue };
        let mut wanted = ROWS.to_vec();
        if !both.there.contains_key(&both.folded(&plan.target)) {
            wanted.extend(["CREATE", "DROP", "ALTER", "INDEX"]);
            wanted.extend(plan.made.statement.contains(" REFERENCES ").then_some("REFERENCES"));
        } else if plan.table.shape.next_number.is_some() {
            wanted.push("ALTER");
        }
        need.tables.push(plan.target.1.clone());
        wanted.retain(|right| !need.rights.contains(right));
        need.rights.extend(wanted);
    }
    let schemas = texts(needs.keys().copied());
    let there: Vec<String> = if needs.is_empty() {
        Vec::new()
    } else {
        let query = format!("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ({schemas})");
        let doing = || "looking which schemas the target has".to_owned();
        connect::all(&mut both.conn, Side::Target, doing, &query).await?
    };
    let folds = both.server.lower_case_names != 0;
    let is_there = |name: &str| there.iter().any(|own| own == name || (folds && own.eq_ignore_ascii_case(name)));
    let mut all: Vec<Need> = needs.into_values().collect();
    for need in all.iter_mut().filter(|need| !is_there(&need.schema)) {
        need.tables.clear();
        if !need.rights.contains(&"CREATE") {
            need.rights.push("CREATE");
        }
    }
    let meta = &both.spec.meta_schema;
    all.push(Need { schema: meta.clone(), tables: Vec::new(), rights: [&ROWS[..], &["CREATE", "DROP"]].concat() });
    Ok(all)
}

/// Whether the target is closed to changes, and to this user too.
async fn writable(both: &mut Both<'_>, grants: &Grants) -> Result<Vec<CheckProblem>, Fault> {
    let names = ["read_only", "super_read_only", "innodb_read_only", "transaction_read_only", "tx_read_only"];
    let variables = variables(&mut both.conn, Side::Target, &names).await?;
    let is_set = |name: &str| variables.get(name).is_some_and(|value| value != "0" && !value.eq_ignore_ascii_case("OFF"));
    let mut problems = Vec::new();
    if is_on(&variables, "innodb_read_only") {
        let problem = CheckProblem::failure("the target lets nobody write (innodb_read_only)");
        problems.push(problem.cured_by("start the target without that option"));
    }
    if is_set("read_only") || is_set("super_read_only") {
        let passes = if both.server.is_mariadb() {
            grants.has_global("READ_ONLY ADMIN")
                || grants.has_global("READ ONLY ADMIN")
                || (both.server.version < (10, 11, 0) && grants.has_global("SUPER"))
        } else {
            !is_set("super_read_only") && (grants.has_global("SUPER") || grants.has_global("CONNECTION_ADMIN"))
        };
        let name = if is_set("super_read_only") { "super_read_only" } else { "read_only" };
        let (is_failure, message) = if passes {
            (false, format!("the target is read-only ({name}), for others than this user: it may follow another server"))
        } else {
            (true, format!("the target is read-only ({name}): the task would wait until it is not"))
        };
        let problem = CheckProblem { is_failure, ..CheckProblem::failure(message) };
        problems.push(
            problem.cured_by("let the target be written to, if it follows no other server").mended_by("SET GLOBAL read_only = OFF"),
        );
    }
    for name in ["transaction_read_only", "tx_read_only"] {
        // MariaDB has both names for a while.
        if is_on(&variables, name) && problems.is_empty() {
            let problem = CheckProblem::failure(format!("transactions of the target only read unless they say otherwise ({name})"));
            problems.push(problem.cured_by("let new sessions write").mended_by(format!("SET GLOBAL {name} = OFF")));
        }
    }
    Ok(problems)
}

/// Whether both ends take capitals in names alike. Tables that would become one are told by another item.
fn names(both: &Both<'_>) -> Vec<CheckProblem> {
    let mut problems = Vec::new();
    for (source, plans) in both.sources.iter().zip(&both.plans) {
        if source.server.lower_case_names == 0 && both.server.lower_case_names == 1 {
            let has_capitals =
                |(schema, table): &(String, String)| [schema, table].iter().any(|name| name.to_lowercase() != **name);
            let with = plans.tables.iter().filter(|plan| has_capitals(&plan.target));
            problems.extend(with.map(|plan| {
                CheckProblem::warning(format!("{} loses its capitals: the target keeps names in small letters", plan.target_name()))
                    .cured_by("see that nobody needs them, or give a route another name")
            }));
        } else if source.server.lower_case_names != 0 && both.server.lower_case_names == 0 && !plans.tables.is_empty() {
            let message = format!(
                "capitals in names count in the target, and don't at the {}: statements that write a name in another way find nothing",
                source.about
            );
            let schemas: Vec<String> = plans.schemas.iter().map(|(name, _)| sql::name(name)).collect();
            problems
                .push(CheckProblem::warning(message).cured_by(format!("write the names as they are, in {}", schemas.join(", "))));
        }
    }
    problems
}
