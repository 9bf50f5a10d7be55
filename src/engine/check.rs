//! The checks before a task, under DM's names and as far as a copy needs them.

use std::fmt::Display;

use mysql_async::Conn;

use super::connect::{self, Purpose, Server};
use super::destination;
use super::error::{Fault, Side};
use super::grants::Grants;
use super::plan::{self, Plans};
use super::shape::Shape;
use super::snapshot;
use super::sql;
use crate::model::DmError;
use crate::model::subtask::{CheckItem, Endpoint, Flavor, SubtaskSpec, Verdict};

/// A check: DM's name for the item, and the one by which `ignore-checking-items` calls it.
type Item = (&'static str, &'static str);

const CONNECTION: Item = ("database connection check", "");
const VERSION: Item = ("mysql_version", "version");
const DUMP_RIGHTS: Item = ("source db dump privilege checker", "dump_privilege");
const BINLOG: Item = ("mysql_binlog_enable", "binlog_enable");
const TABLES: Item = ("table structure compatibility check", "table_schema");
const TARGET_RIGHTS: Item = ("target db privilege checker", "target_privilege");
const EMPTY: Item = ("lightning_downstream_empty_table", "downstream_table_empty");

/// Collects what is found.
struct Findings<'a> {
    spec: &'a SubtaskSpec,
    items: Vec<CheckItem>,
}

impl Findings<'_> {
    fn wants(&self, item: Item) -> bool {
        !self.spec.ignored_checks.iter().any(|ignored| ignored == "all" || ignored == item.1)
    }

    fn add(&mut self, item: Item, verdict: Verdict, message: impl Display, cure: &str, about: impl Display) {
        let cure = Some(cure.to_owned()).filter(|cure| !cure.is_empty());
        self.items.push(CheckItem { name: item.0, verdict, message: message.to_string(), cure, about: about.to_string() });
    }

    /// Tells what was found in an item, or that all is well.
    fn settle(&mut self, item: Item, about: &str, troubles: Vec<(Verdict, String, &str)>) {
        if troubles.is_empty() {
            self.add(item, Verdict::Passed, "", "", about);
        }
        for (verdict, message, cure) in troubles {
            self.add(item, verdict, message, cure, about);
        }
    }

    fn broken(&mut self, item: Item, fault: Fault, about: &str) {
        let error = DmError::from(fault);
        let message = error.cause.map_or(error.message.clone(), |cause| format!("{}: {cause}", error.message));
        self.add(item, Verdict::Failed, message, error.workaround.as_deref().unwrap_or_default(), about);
    }
}

/// Checks whether subtasks could run. Every item says what it is about; what is well is told too.
pub async fn check(specs: &[SubtaskSpec]) -> Vec<CheckItem> {
    let mut items = Vec::new();
    for spec in specs {
        let mut findings = Findings { spec, items: Vec::new() };
        Box::pin(check_one(&mut findings)).await;
        items.extend(findings.items.into_iter().filter(|item| !items.contains(item)).collect::<Vec<_>>());
    }
    items
}

async fn check_one(findings: &mut Findings<'_>) {
    let spec = findings.spec;
    let (source_about, target_about) = (about("source", &spec.from), about("target", &spec.to));
    let source = reach(findings, &spec.from, Side::Source, &source_about).await;
    let target = reach(findings, &spec.to, Side::Target, &target_about).await;
    let Some((mut conn, server)) = source else { return };
    let conn = &mut conn;
    let server = &server;
    if findings.wants(VERSION) {
        findings.settle(VERSION, &source_about, version(server));
    }
    if findings.wants(BINLOG) {
        let troubles = binlog(conn, server).await;
        findings.settle(BINLOG, &source_about, troubles);
    }
    let found = match snapshot::look(conn, server, spec).await {
        Ok(found) => found,
        Err(fault) => return findings.broken(TABLES, fault, &source_about),
    };
    let shapes: Vec<&Shape> = found.iter().flat_map(|(_, found)| &found.tables).collect();
    if findings.wants(DUMP_RIGHTS) {
        let troubles = dump_rights(conn, server, &shapes).await;
        findings.settle(DUMP_RIGHTS, &source_about, troubles);
    }
    let Some((mut target_conn, target_server)) = target else { return };
    let target_conn = &mut target_conn;
    let target_server = &target_server;
    let schemas = match snapshot::describe_all(conn, found).await {
        Ok(schemas) => schemas,
        Err(fault) => return findings.broken(TABLES, fault, &source_about),
    };
    let plans = plan::plan(spec, &schemas, server, target_server);
    if findings.wants(TABLES) {
        findings.settle(TABLES, &source_about, structure(&plans));
    }
    if findings.wants(TARGET_RIGHTS) {
        let troubles = target_rights(target_conn, target_server, spec, &plans).await;
        findings.settle(TARGET_RIGHTS, &target_about, troubles);
    }
    if findings.wants(EMPTY) {
        let troubles = held(target_conn, &plans).await;
        findings.settle(EMPTY, &target_about, troubles);
    }
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
            findings.add(CONNECTION, Verdict::Passed, "", "", about);
            Some(reached)
        }
        Err(fault) => {
            findings.broken(CONNECTION, fault, about);
            None
        }
    }
}

type Troubles = Vec<(Verdict, String, &'static str)>;

fn version(server: &Server) -> Troubles {
    let (known, range) = match server.flavor {
        Flavor::MariaDb => ((10, 6, 0)..(12, 0, 0), "MariaDB 10.6 to 11"),
        Flavor::MySql => ((8, 0, 0)..(10, 0, 0), "MySQL 8.0 to 9"),
    };
    if known.contains(&server.version) {
        return Vec::new();
    }
    let message = format!("the version is {}, and nothing but {range} is known to work", server.version_text);
    vec![(Verdict::Warning, message, "compare the data after the copy, or use a source of a version that is known")]
}

async fn binlog(conn: &mut Conn, server: &Server) -> Troubles {
    let doing = || "asking whether the source has a binlog".to_owned();
    let on: Result<Option<bool>, Fault> = connect::first(conn, Side::Source, doing, "SELECT @@log_bin").await;
    let restart = "a copy that meets a fault starts over, as if the source had changed";
    match on {
        Ok(Some(false)) => {
            vec![(Verdict::Warning, format!("the source has no binlog: {restart}"), "start the source with `log-bin`")]
        }
        Ok(_) => match snapshot::moment(conn, server).await {
            Ok(moment) if moment.file.is_empty() => vec![(
                Verdict::Warning,
                format!("the user may not see where the binlog is: {restart}"),
                "grant REPLICATION CLIENT (BINLOG MONITOR in MariaDB) to the user at the source",
            )],
            Ok(_) => Vec::new(),
            Err(fault) => vec![(Verdict::Warning, fault.to_string(), "")],
        },
        Err(fault) => vec![(Verdict::Warning, fault.to_string(), "")],
    }
}

/// Servers show nobody what he may not read.
pub(super) const NO_TABLES: &str = "the task has no table: the source has none of its names, or does not show them to this user";

async fn dump_rights(conn: &mut Conn, server: &Server, shapes: &[&Shape]) -> Troubles {
    let mut troubles = Vec::new();
    for shape in shapes {
        let name = sql::table(&shape.schema, &shape.table);
        let doing = || format!("reading {name}");
        let query = format!("SELECT 1 FROM {name} LIMIT 0");
        if let Err(fault) = connect::execute(conn, Side::Source, doing, &query).await {
            troubles.push((Verdict::Failed, fault.to_string(), "grant SELECT on the tables of the task to the user at the source"));
        }
    }
    let grants = match Grants::of(conn, Side::Source).await {
        Ok(grants) => grants,
        Err(fault) => {
            troubles.push((Verdict::Warning, fault.to_string(), ""));
            return troubles;
        }
    };
    if shapes.is_empty() && !grants.reads() && !grants.has_roles() {
        let message = "the user at the source may read no table".to_owned();
        troubles.push((Verdict::Failed, message, "grant SELECT on the tables of the task to the user at the source"));
        return troubles;
    }
    if shapes.is_empty() {
        let cure = "see that `block-allow-list` names tables that are there, and grant SELECT on them to the user at the source";
        troubles.push((Verdict::Warning, NO_TABLES.to_owned(), cure));
        return troubles;
    }
    let flushes = grants.has_global("RELOAD") || (!server.is_mariadb() && grants.has_global("FLUSH_TABLES"));
    let locks = shapes.iter().all(|shape| grants.has("LOCK TABLES", &shape.schema));
    if !flushes && !grants.has_roles() {
        let (what, cure) = if locks {
            (
                "the tables of the task are locked while the copy begins",
                "grant RELOAD, so that writing is held up for a moment only",
            )
        } else {
            ("one connection copies all tables, in one transaction", "grant RELOAD, or LOCK TABLES on the schemas of the task")
        };
        troubles.push((Verdict::Warning, format!("the user at the source may not flush tables: {what}"), cure));
    }
    if let Some(shape) = shapes.iter().find(|shape| !flushes && !locks && !snapshot::has_snapshots(&shape.engine)) {
        let message = format!(
            "the engine {} of {} has no snapshots, and the user at the source may not lock it",
            shape.engine,
            sql::table(&shape.schema, &shape.table)
        );
        let verdict = if grants.has_roles() { Verdict::Warning } else { Verdict::Failed };
        troubles.push((verdict, message, "grant RELOAD or LOCK TABLES to the user at the source, or leave the table out"));
    }
    troubles
}

fn structure(plans: &Plans) -> Troubles {
    let leave = "change the table, or leave it out with `block-allow-list`";
    let impossible = plans.impossible.iter().map(|reason| (Verdict::Failed, reason.clone(), leave));
    let changed = plans.changed.iter().map(|change| {
        (Verdict::Warning, change.clone(), "make the table in the target before the copy, if it should be another way")
    });
    let left_out = plans.left_out.iter().map(|left| (Verdict::Warning, left.clone(), "make it in the target by hand"));
    let keyless = plans.tables.iter().filter(|plan| !plan.table.shape.has_unique).map(|plan| {
        let message = format!(
            "{} has neither a primary key nor a unique one without NULL: after a fault it is copied anew",
            plan.source_name()
        );
        (Verdict::Warning, message, "give the table a primary key")
    });
    impossible.chain(changed).chain(keyless).chain(left_out).collect()
}

/// What a copy does in the target: all of it in the schemas of the tables, and in the one of the books.
const TARGET_RIGHTS_NEEDED: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX"];

async fn target_rights(conn: &mut Conn, server: &Server, spec: &SubtaskSpec, plans: &Plans) -> Troubles {
    let grants = match Grants::of(conn, Side::Target).await {
        Ok(grants) => grants,
        Err(fault) => return vec![(Verdict::Warning, fault.to_string(), "")],
    };
    let mut schemas: Vec<&str> = plans.schemas.iter().map(|(name, _)| name.as_str()).collect();
    schemas.push(&spec.meta_schema);
    let references = plans.tables.iter().any(|plan| plan.made.statement.contains("REFERENCES"));
    let mut troubles = Vec::new();
    for schema in schemas {
        let needed = TARGET_RIGHTS_NEEDED.iter().copied().chain(references.then_some("REFERENCES"));
        let missing: Vec<&str> = needed.filter(|right| !grants.has(right, schema)).collect();
        if !missing.is_empty() {
            let verdict = if grants.has_roles() { Verdict::Warning } else { Verdict::Failed };
            let message = format!("the user at the target lacks {} on {}", missing.join(", "), sql::name(schema));
            troubles.push((verdict, message, "grant these rights to the user at the target"));
        }
    }
    let read_only: Result<Option<bool>, Fault> =
        connect::first(conn, Side::Target, || "asking whether the target is read-only".to_owned(), "SELECT @@read_only").await;
    if matches!(read_only, Ok(Some(true))) {
        let family = server.flavor.word();
        troubles.push((
            Verdict::Warning,
            format!("the target is read-only ({family})"),
            "let the target be written to: SET GLOBAL read_only = 0",
        ));
    }
    troubles
}

async fn held(conn: &mut Conn, plans: &Plans) -> Troubles {
    let mut troubles = Vec::new();
    for plan in &plans.tables {
        let rows = match destination::engine(conn, &plan.target).await {
            Ok(Some(_)) => destination::has_rows(conn, &plan.target).await,
            Ok(None) => Ok(false),
            Err(fault) => Err(fault),
        };
        match rows {
            Ok(false) => {}
            Ok(true) => {
                let message = format!("{} has rows already: a copy that must start over stops there", plan.target_name());
                troubles.push((Verdict::Warning, message, "empty the table, if its rows are not to stay"));
            }
            Err(fault) => troubles.push((Verdict::Warning, fault.to_string(), "")),
        }
    }
    troubles
}
