//! Carries a file over into the body of a REST call, and tells what stays behind.
//!
//! The REST API knows fewer keys than the files do, and derives the rules about tables in a way of its own. So each key that it has no
//! field for is a loss, unless its value is the one that DM sets anyway or the mode of the task never looks at it. And the rules that
//! DM will derive must decide as the file does, for the tables that there are and for made-up names of every pattern.

mod arrange;
mod covers;
mod derive;
mod keys;
mod probe;
mod source;
mod unit_options;

use std::collections::{BTreeMap, BTreeSet};

pub use covers::{covers, covers_shown};
pub use derive::derive;
pub use source::{CarriedSource, source};

use crate::model::allow_list::{AllowRules, TableName};
use crate::model::decision::{Decisions, SourceRules, Units};
use crate::model::event_filter::{Action, EventRule};
use crate::model::file::{Given, Place};
use crate::model::meet::{Meet, meet};
use crate::model::pattern::{PatternError, is_system_schema};
use crate::model::routes::{Extract, RouteRule};
use crate::model::task_file::{Instance, TaskFile};
use crate::wire::openapi::{FilterBody, MigrateRule, MigrateSource, TaskBody};
use arrange::{Plan, Wanted};
use keys::Losses;

/// What has to be known of the cluster.
#[derive(Debug, Clone, Default)]
pub struct ClusterFacts {
    /// DM's release, such as `v8.5.4`; without one it is taken as a new one.
    pub version: Option<String>,
    /// The sources of the task.
    pub sources: BTreeMap<String, SourceFacts>,
}

/// What has to be known of a source.
#[derive(Debug, Clone, Default)]
pub struct SourceFacts {
    /// Its `case-sensitive`, which becomes the task's; none where it can't be seen.
    pub case_sensitive: Option<bool>,
    /// Its schemas and tables, as far as they are known.
    pub tables: Vec<(String, String)>,
}

impl ClusterFacts {
    fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let numbers = |version: &String| {
            let mut numbers = version.trim_start_matches('v').split(['.', '-']).map(str::parse::<u32>);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        };
        self.version.as_ref().and_then(numbers).is_none_or(|version| version >= (major, minor))
    }
}

/// A key that can't be carried over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// Where it is written.
    pub place: Place,
    /// The way to it, such as `syncers.global.compact`.
    pub key: String,
    /// What becomes of it.
    pub why: String,
}

/// A schema or table of which the cluster would make something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Whether the name is made up.
    pub made_up: bool,
    /// The source.
    pub source: String,
    /// The schema.
    pub schema: String,
    /// The table; empty for the schema itself.
    pub table: String,
    /// What the file says becomes of it.
    pub file_says: String,
    /// What the cluster would make of it.
    pub cluster_will: String,
}

/// A task as far as it could be carried over.
#[derive(Debug, Clone)]
pub struct Carried {
    /// The body.
    pub task: TaskBody,
    /// What stays behind, in the order of the file.
    pub losses: Vec<Loss>,
    /// What would be decided otherwise; tables that there are come first.
    pub differences: Vec<Difference>,
    /// What a reader of the file may not expect, and what is no loss.
    pub remarks: Vec<String>,
}

/// Carries a task over. The file has no flaws, and its TLS files are read.
#[must_use]
pub fn task(file: &TaskFile, facts: &ClusterFacts) -> Carried {
    let mut losses = Losses::default();
    let mut task = keys::task(file, facts, &mut losses);
    let mut differences = BTreeSet::new();
    for instance in instances(file) {
        let source = text(&instance.source_id);
        let known = facts.sources.get(source).cloned().unwrap_or_default();
        let rules = Rules::of(file, instance);
        rules.lost(&mut losses, &known, file);
        let judge = Judge { source, case_sensitive: case_sensitive(file, &known), units: units(file), known: &known };
        let (bodies, filters, found) = best(&rules, &judge, &task);
        rules.lost_ignored(&mut losses, judge.case_sensitive.1, found.is_empty());
        task.table_migrate_rule.extend(bodies);
        task.binlog_filter_rule.extend(filters);
        differences.extend(found);
    }
    Carried { losses: losses.in_order(), differences: differences.into_iter().collect(), remarks: keys::remarks(file), task }
}

/// Migrate rules of one source, their filters, and what they would decide otherwise.
type Arranged = (Vec<MigrateRule>, BTreeMap<String, FilterBody>, Vec<Difference>);

/// Tries the arrangements, and gives the best.
fn best(rules: &Rules<'_>, judge: &Judge<'_>, task: &TaskBody) -> Arranged {
    let wanted = Wanted {
        rules: &rules.source,
        filter_names: &rules.filter_names,
        case_sensitive: judge.case_sensitive.1,
        copies: judge.units.copies,
    };
    let mut best: Option<Arranged> = None;
    for plans in arrange::arrangements(&wanted) {
        let mut filters = BTreeMap::new();
        let bodies: Vec<_> =
            plans.into_iter().map(|plan| body(plan, judge.source, &task.binlog_filter_rule, &mut filters)).collect();
        let mut tried = task.clone();
        tried.binlog_filter_rule.extend(filters.clone());
        tried.table_migrate_rule.clone_from(&bodies);
        let differences = judge.differences(&rules.source, &derive(&tried, judge.source));
        if best.as_ref().is_none_or(|(_, _, fewest)| differences.len() < fewest.len()) {
            best = Some((bodies, filters, differences));
        }
    }
    best.unwrap_or_default()
}

/// A planned rule as it is sent; its filter gets a name that nothing else has.
fn body(
    plan: Plan,
    source: &str,
    others: &BTreeMap<String, FilterBody>,
    filters: &mut BTreeMap<String, FilterBody>,
) -> MigrateRule {
    let mut names = Vec::new();
    if !plan.filters.is_empty() {
        let wished = plan.filters.join("+");
        let mut name = wished.clone();
        let mut number = 1;
        while others.get(&name).or_else(|| filters.get(&name)).is_some_and(|taken| *taken != plan.ignored) {
            number += 1;
            name = format!("{wished}-{number}");
        }
        filters.insert(name.clone(), plan.ignored);
        names.push(name);
    }
    let source = MigrateSource { source_name: source.to_owned(), schema: plan.schema, table: plan.table };
    MigrateRule { source, target: plan.target, binlog_filter_rule: names }
}

/// Judges whether two sets of rules decide alike.
struct Judge<'a> {
    source: &'a str,
    /// By the file, and by the cluster.
    case_sensitive: (bool, bool),
    units: Units,
    known: &'a SourceFacts,
}

impl Judge<'_> {
    fn differences(&self, file: &SourceRules, cluster: &SourceRules) -> Vec<Difference> {
        let says = Decisions::as_written(self.case_sensitive.0, self.units, file);
        let will = Decisions::of_dm(self.case_sensitive.1, self.units, cluster);
        let (says, will) = match (says, will) {
            (Ok(says), Ok(will)) => (says, will),
            (says, will) => return self.broken(says.err(), will.err()),
        };
        let real: BTreeSet<&probe::Name> = self.known.tables.iter().collect();
        let made_up = probe::names(file, cluster, self.case_sensitive.1);
        let mut found = Vec::new();
        for (schema, table) in real.iter().copied().chain(made_up.iter().filter(|name| !real.contains(name))) {
            let (file_says, cluster_will) = (says.of(schema, table), will.of(schema, table));
            if file_says != cluster_will {
                found.push(Difference {
                    made_up: !real.contains(&(schema.clone(), table.clone())),
                    source: self.source.to_owned(),
                    schema: schema.clone(),
                    table: table.clone(),
                    file_says: file_says.to_string(),
                    cluster_will: cluster_will.to_string(),
                });
            }
        }
        found
    }

    /// Where a pattern can't be used nothing can be decided.
    fn broken(&self, file: Option<PatternError>, cluster: Option<PatternError>) -> Vec<Difference> {
        let said = |error: Option<PatternError>| error.map_or_else(|| "decided".to_owned(), |error| format!("refused: {error}"));
        vec![Difference {
            made_up: true,
            source: self.source.to_owned(),
            schema: String::new(),
            table: String::new(),
            file_says: said(file),
            cluster_will: said(cluster),
        }]
    }
}

/// The rules of a file for one source, with their places.
struct Rules<'a> {
    instance: &'a Instance,
    source: SourceRules,
    filter_names: Vec<String>,
    file: &'a TaskFile,
}

impl<'a> Rules<'a> {
    fn of(file: &'a TaskFile, instance: &'a Instance) -> Self {
        let mut source = SourceRules { allow: allow_rules(file, instance), ..SourceRules::default() };
        for route in named(&instance.route_rules, &file.routes).map(|(_, route)| route) {
            let extract = |column: Option<&Given<String>>, regexp: Option<&Given<String>>| Extract {
                target_column: column.map(|column| column.value.clone()).unwrap_or_default(),
                regexp: regexp.map(|regexp| regexp.value.clone()).unwrap_or_default(),
            };
            let table = route.extract_table.as_ref().map(|given| &given.value);
            let schema = route.extract_schema.as_ref().map(|given| &given.value);
            let origin = route.extract_source.as_ref().map(|given| &given.value);
            source.routes.push(RouteRule {
                schema_pattern: text(&route.schema_pattern).to_owned(),
                table_pattern: text(&route.table_pattern).to_owned(),
                target_schema: text(&route.target_schema).to_owned(),
                target_table: text(&route.target_table).to_owned(),
                extract_table: table.map(|own| extract(own.target_column.as_ref(), own.table_regexp.as_ref())),
                extract_schema: schema.map(|own| extract(own.target_column.as_ref(), own.schema_regexp.as_ref())),
                extract_source: origin.map(|own| extract(own.target_column.as_ref(), own.source_regexp.as_ref())),
            });
        }
        let mut filter_names = Vec::new();
        for (name, filter) in named(&instance.filter_rules, &file.filters) {
            let Some(action) = Action::from_word(text(&filter.action)) else {
                continue;
            };
            source.filters.push(EventRule {
                schema_pattern: text(&filter.schema_pattern).to_owned(),
                table_pattern: text(&filter.table_pattern).to_owned(),
                events: texts(&filter.events),
                sql_pattern: texts(&filter.sql_pattern),
                action,
            });
            filter_names.push(name.to_owned());
        }
        Self { instance, source, filter_names, file }
    }

    /// Tells which rules there is no field for.
    fn lost(&self, losses: &mut Losses, known: &SourceFacts, file: &TaskFile) {
        if let Some(given) = file.case_sensitive.as_ref().filter(|given| given.value) {
            let why = match known.case_sensitive {
                Some(true) => None,
                Some(false) => Some("the task gets `false`, which its source has"),
                None => Some("the task gets what its source has, and that can't be seen"),
            };
            if let Some(why) = why {
                losses.add(given.key, "case-sensitive", why);
            }
        }
        for (name, route) in named(&self.instance.route_rules, &file.routes) {
            let extracts = [
                ("extract-table", route.extract_table.as_ref().map(|given| given.key)),
                ("extract-schema", route.extract_schema.as_ref().map(|given| given.key)),
                ("extract-source", route.extract_source.as_ref().map(|given| given.key)),
            ];
            for (key, place) in extracts {
                if let Some(place) = place {
                    losses.add(place, format!("routes.{name}.{key}"), "no column is filled");
                }
            }
        }
        for (name, filter) in named(&self.instance.filter_rules, &file.filters) {
            if syncs(file)
                && let Some(action) = filter.action.as_ref().filter(|action| action.value != Action::Ignore.word())
            {
                losses.add(
                    action.key,
                    format!("filters.{name}.action"),
                    "only filters that ignore can be sent, and this one is left out",
                );
            }
        }
        for name in self.instance.expression_filters.iter().flat_map(|names| &names.value).filter(|_| syncs(file)) {
            let place = file
                .expression_filter
                .as_ref()
                .and_then(|filters| filters.value.get(&name.value))
                .map_or(name.key, |filter| filter.key);
            losses.add(place, format!("expression-filter.{}", name.value), "its rows are not left out");
        }
    }

    /// What an allow list keeps out, where that can matter at all.
    fn lost_ignored(&self, losses: &mut Losses, case_sensitive: bool, decided_alike: bool) {
        let (Some((name, tables)), Some(allow)) = (allow_tables(self.file, self.instance), &self.source.allow) else {
            return;
        };
        let why = "it is not kept out";
        // System schemas are kept out in other ways; whether these do is seen from the decisions.
        let system = |schema: &String| is_system_schema(schema) && decided_alike;
        if let Some(given) = tables.ignore_dbs.as_ref().filter(|_| allow.do_dbs.is_empty() && !allow.ignore_dbs.iter().all(system))
        {
            losses.add(given.key, format!("block-allow-list.{name}.ignore-dbs"), why);
        }
        let out = |table: &TableName| {
            let apart = |schema: &String| meet(schema, &table.schema, case_sensitive) == Meet::Nothing;
            system(&table.schema) || (!allow.do_dbs.is_empty() && allow.do_dbs.iter().all(apart))
        };
        if let Some(given) =
            tables.ignore_tables.as_ref().filter(|_| allow.do_tables.is_empty() && !allow.ignore_tables.iter().all(out))
        {
            losses.add(given.key, format!("block-allow-list.{name}.ignore-tables"), why);
        }
    }
}

/// The allow list of an instance, with its name; the older word counts where the newer one is empty.
fn allow_tables<'a>(file: &'a TaskFile, instance: &'a Instance) -> Option<(&'a str, &'a crate::model::task_file::Tables)> {
    let lists = [&file.block_allow_list, &file.black_white_list].into_iter().flatten().find(|lists| !lists.value.is_empty())?;
    let name = [&instance.block_allow_list, &instance.black_white_list].into_iter().map(text).find(|name| !name.is_empty())?;
    lists.value.get(name).map(|tables| (name, &tables.value))
}

fn allow_rules(file: &TaskFile, instance: &Instance) -> Option<AllowRules> {
    let (_, tables) = allow_tables(file, instance)?;
    let pairs = |given: &Option<Given<Vec<Given<crate::model::task_file::Table>>>>| {
        let pair = |table: &Given<crate::model::task_file::Table>| TableName {
            schema: text(&table.value.db_name).to_owned(),
            table: text(&table.value.tbl_name).to_owned(),
        };
        given.iter().flat_map(|tables| &tables.value).map(pair).collect()
    };
    Some(AllowRules {
        do_dbs: texts(&tables.do_dbs),
        do_tables: pairs(&tables.do_tables),
        ignore_dbs: texts(&tables.ignore_dbs),
        ignore_tables: pairs(&tables.ignore_tables),
    })
}

/// The rules of the given names, in their order. A name that nothing has is a flaw, which is told when the file is read.
fn named<'a, T>(
    names: &'a Option<Given<Vec<Given<String>>>>,
    rules: &'a Option<Given<crate::model::file::Named<T>>>,
) -> impl Iterator<Item = (&'a str, &'a T)> {
    let names = names.iter().flat_map(|names| &names.value).map(|name| name.value.as_str());
    names.filter_map(|name| Some((name, &rules.as_ref()?.value.get(name)?.value)))
}

fn instances(file: &TaskFile) -> impl Iterator<Item = &Instance> {
    file.mysql_instances.iter().flat_map(|instances| &instances.value).map(|instance| &instance.value)
}

fn text(given: &Option<Given<String>>) -> &str {
    given.as_ref().map_or("", |given| given.value.as_str())
}

fn texts(given: &Option<Given<Vec<Given<String>>>>) -> Vec<String> {
    given.iter().flat_map(|texts| &texts.value).map(|text| text.value.clone()).collect()
}

/// Whether names are told apart by case, as the file and its source say together, and as the cluster will.
fn case_sensitive(file: &TaskFile, known: &SourceFacts) -> (bool, bool) {
    let source = known.case_sensitive.unwrap_or(false);
    (source || file.case_sensitive.as_ref().is_some_and(|given| given.value), source)
}

fn mode(file: &TaskFile) -> &str {
    text(&file.task_mode)
}

/// Which units the task has.
fn units(file: &TaskFile) -> Units {
    Units { copies: copies(file), syncs: syncs(file) }
}

/// Whether the task begins with a full copy.
fn copies(file: &TaskFile) -> bool {
    mode(file) != "incremental"
}

/// Whether the task applies changes.
fn syncs(file: &TaskFile) -> bool {
    !matches!(mode(file), "full" | "dump" | "load")
}
