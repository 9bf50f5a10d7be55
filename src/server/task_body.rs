//! Tasks of the REST API as task files, by the rules by which DM makes one of the other.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::model::file::{Configuration as _, Database, EventRule, Flaw, Given, Named, Secret, SecretBytes, Security};
use crate::model::task_file::{self, Instance, Loader, Meta, Mydumper, Route, Syncer, Table, Tables, TaskFile};
use crate::model::{DmError, SourceName, TaskName};
use crate::wire::openapi::{FullBody, IncrementalBody, MigrateRule, SecurityBody, StartBody, TaskBody};

/// How many rules and sources a task has at most.
const MOST_RULES: usize = 10_000;

/// Reads a file where nobody waits behind it: a large one takes its time.
///
/// # Errors
/// Those of the work.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, DmError> + Send + 'static) -> Result<T, DmError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(DmError::plain(error.to_string())))
}

/// The file that a task of the REST API comes to.
///
/// # Errors
/// What makes no sense in it.
pub(super) fn to_file(task: &TaskBody) -> Result<TaskFile, DmError> {
    let rules = task.table_migrate_rule.len() + task.source_config.source_conf.len();
    if rules > MOST_RULES {
        return Err(DmError::coded(49001, format!("the task has {rules} rules and sources, and {MOST_RULES} at most are taken"))
            .cured_by("name many tables at once, with patterns such as `orders_*`"));
    }
    let full = task.source_config.full_migrate_conf.clone().unwrap_or_default();
    let incremental = task.source_config.incr_migrate_conf.clone().unwrap_or_default();
    let mut sections = Sections::default();
    let mut instances = Vec::new();
    for start in &task.source_config.source_conf {
        instances.push(Given::new(sections.instance(task, start)?));
    }
    let target = &task.target_config;
    let file = TaskFile {
        name: given(&task.name),
        task_mode: given(&task.task_mode),
        shard_mode: task.shard_mode.as_ref().and_then(given),
        strict_optimistic_shard_mode: task.strict_optimistic_shard_mode.filter(|strict| *strict).map(Given::new),
        meta_schema: task.meta_schema.as_ref().filter(|schema| !schema.is_empty()).and_then(given),
        online_ddl: Some(Given::new(task.enhance_online_schema_change)),
        ignore_checking_items: task
            .ignore_checking_items
            .as_ref()
            .map(|items| Given::new(items.iter().map(|item| Given::new(item.clone())).collect::<Vec<_>>())),
        target_database: Some(Given::new(Database {
            host: given(&target.host),
            port: Some(Given::new(target.port)),
            user: given(&target.user),
            password: Some(Given::new(target.password.clone())),
            security: target.security.as_ref().map(|security| Given::new(to_security(security))),
            ..Database::default()
        })),
        mysql_instances: Some(Given::new(instances)),
        // What DM sets for each task of the REST API.
        clean_dump_file: Some(Given::new(false)),
        mydumpers: one("dump-01", dump(&full)),
        loaders: one("load-01", load(&full, &task.on_duplicate)),
        syncers: one("sync-01", sync(&incremental)),
        block_allow_list: some(sections.allow.all),
        routes: some(sections.routes.all),
        filters: some(sections.filters.all),
        ..TaskFile::default()
    };
    read(&file.to_yaml())
}

/// Reads a task file strictly.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn read(text: &str) -> Result<TaskFile, DmError> {
    task_file::read(text).map_err(|flaws| flawed("task", &flaws))
}

/// What is wrong with a file, in DM's terms.
pub(super) fn flawed(what: &str, flaws: &[Flaw]) -> DmError {
    let told = |flaw: &Flaw| {
        let place = if flaw.place.line == 0 { String::new() } else { format!("line {}: ", flaw.place.line) };
        let key = if flaw.key.is_empty() { String::new() } else { format!("`{}`: ", flaw.key) };
        let meant = flaw.nearest.as_ref().map_or_else(String::new, |nearest| format!(", `{nearest}` was probably meant"));
        format!("{place}{key}{}{meant}", flaw.message)
    };
    let causes: Vec<_> = flaws.iter().map(told).collect();
    match flaws.first().and_then(|flaw| flaw.code) {
        Some(code) if code != 20003 => DmError::coded(code, causes.join("; ")),
        _ => DmError::coded(20003, format!("decode {what} config failed")).because(causes.join("; ")),
    }
}

/// The sections of a file, each under a name that says what it is and how many there were before.
#[derive(Default)]
struct Sections {
    allow: Entries<Tables>,
    routes: Entries<Route>,
    filters: Entries<EventRule>,
}

impl Sections {
    fn instance(&mut self, task: &TaskBody, start: &StartBody) -> Result<Instance, DmError> {
        let (mut schemas, mut tables) = (Vec::new(), Vec::new());
        let (mut routes, mut filters) = (Vec::new(), Vec::new());
        for rule in task.table_migrate_rule.iter().filter(|rule| rule.source.source_name == start.source_name) {
            let (schema, table) = (&rule.source.schema, &rule.source.table);
            if table.is_empty() {
                schemas.push(Given::new(schema.clone()));
            } else {
                tables.push(Given::new(Table { db_name: given(schema), tbl_name: given(table) }));
            }
            if let Some(route) = route(rule) {
                routes.push(Given::new(self.routes.name("route", route)));
            }
            for name in &rule.binlog_filter_rule {
                let Some(filter) = task.binlog_filter_rule.get(name) else {
                    return Err(DmError::coded(49001, format!("filter rule name {name} not found.")));
                };
                let list =
                    |texts: &[String]| Some(Given::new(texts.iter().map(|text| Given::new(text.clone())).collect::<Vec<_>>()));
                let filter = EventRule {
                    schema_pattern: given(schema),
                    table_pattern: given(table).filter(|table| !table.value.is_empty()),
                    events: list(&filter.ignore_event),
                    sql_pattern: list(&filter.ignore_sql),
                    action: given("Ignore"),
                };
                filters.push(Given::new(self.filters.name("filter", filter)));
            }
        }
        let allow = (!schemas.is_empty() || !tables.is_empty()).then(|| Tables {
            do_dbs: (!schemas.is_empty()).then(|| Given::new(schemas)),
            do_tables: (!tables.is_empty()).then(|| Given::new(tables)),
            ..Tables::default()
        });
        Ok(Instance {
            source_id: given(&start.source_name),
            meta: meta(start),
            block_allow_list: allow.map(|tables| Given::new(self.allow.name("balist", tables))),
            route_rules: (!routes.is_empty()).then(|| Given::new(routes)),
            filter_rules: (!filters.is_empty()).then(|| Given::new(filters)),
            mydumper_config_name: given("dump-01"),
            loader_config_name: given("load-01"),
            syncer_config_name: given("sync-01"),
            ..Instance::default()
        })
    }
}

/// The entries of a section.
struct Entries<T> {
    all: Vec<(String, T)>,
    /// Their names by what they say: there may be thousands.
    names: HashMap<String, String>,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { all: Vec::new(), names: HashMap::new() }
    }
}

impl<T: std::fmt::Debug> Entries<T> {
    /// The name of an entry; equal ones share one.
    fn name(&mut self, kind: &str, new: T) -> String {
        let name = self.names.entry(format!("{new:?}")).or_insert_with(|| {
            let name = format!("{kind}-{:02}", self.all.len() + 1);
            self.all.push((name.clone(), new));
            name
        });
        name.clone()
    }
}

fn route(rule: &MigrateRule) -> Option<Route> {
    let target = rule.target.as_ref()?;
    let filled = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).and_then(given);
    let (schema, table) = (filled(&target.schema), filled(&target.table));
    (schema.is_some() || table.is_some()).then(|| Route {
        schema_pattern: given(&rule.source.schema),
        table_pattern: given(&rule.source.table).filter(|table| !table.value.is_empty()),
        target_schema: schema,
        target_table: table,
        ..Route::default()
    })
}

fn meta(start: &StartBody) -> Option<Given<Meta>> {
    let filled = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).and_then(given);
    let (name, gtid) = (filled(&start.binlog_name), filled(&start.binlog_gtid));
    if name.is_none() && gtid.is_none() {
        return None;
    }
    let position = start.binlog_pos.and_then(|position| u32::try_from(position).ok()).map(Given::new);
    Some(Given::new(Meta { binlog_name: name, binlog_pos: position, binlog_gtid: gtid }))
}

fn dump(full: &FullBody) -> Mydumper {
    let consistency = full.consistency.as_deref().filter(|consistency| !consistency.is_empty());
    Mydumper {
        threads: full.export_threads.map(Given::new),
        extra_args: consistency.map(|consistency| Given::new(format!("--consistency {consistency}"))),
        ..Mydumper::default()
    }
}

fn load(full: &FullBody, on_duplicate: &str) -> Loader {
    let filled = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).and_then(given);
    Loader {
        pool_size: full.import_threads.map(Given::new),
        dir: filled(&full.data_dir),
        import_mode: filled(&full.import_mode),
        sorting_dir_physical: filled(&full.sorting_dir),
        disk_quota_physical: filled(&full.disk_quota).map(|quota| Given::new(crate::model::file::Size(quota.value))),
        checksum_physical: filled(&full.checksum),
        analyze: filled(&full.analyze),
        range_concurrency: full.range_concurrency.filter(|number| *number != 0).map(Given::new),
        compress_kv_pairs: filled(&full.compress_kv_pairs),
        pd_addr: filled(&full.pd_addr),
        // The older field counts where the newer one is missing: newer versions of DM would pass over it.
        on_duplicate_logical: filled(&full.on_duplicate_logical).or_else(|| given(on_duplicate)),
        on_duplicate_physical: filled(&full.on_duplicate_physical),
        ..Loader::default()
    }
}

fn sync(incremental: &IncrementalBody) -> Syncer {
    Syncer {
        worker_count: incremental.repl_threads.map(Given::new),
        batch: incremental.repl_batch.map(Given::new),
        ..Syncer::default()
    }
}

/// TLS with what the files hold.
pub(super) fn to_security(security: &SecurityBody) -> Security {
    let bytes =
        |text: &Secret| (!text.reveal().is_empty()).then(|| Given::new(SecretBytes::new(text.reveal().as_bytes().to_vec())));
    Security {
        ssl_ca_bytes: bytes(&security.ssl_ca_content),
        ssl_cert_bytes: bytes(&security.ssl_cert_content),
        ssl_key_bytes: bytes(&security.ssl_key_content),
        cert_allowed_cn: security
            .cert_allowed_cn
            .as_ref()
            .map(|names| Given::new(names.iter().map(|name| Given::new(name.clone())).collect::<Vec<_>>())),
        ..Security::default()
    }
}

/// TLS as the REST API shows it: that there is some, and none of what the files hold.
pub(super) fn security_shown(security: Option<&Security>) -> Value {
    security.map_or(Value::Null, |security| {
        let mut shown = json!({ "ssl_ca_content": "", "ssl_cert_content": "", "ssl_key_content": "" });
        if let Some(names) = &security.cert_allowed_cn {
            shown["cert_allowed_cn"] = names.value.iter().map(|name| name.value.as_str()).collect();
        }
        shown
    })
}

fn given(text: &(impl AsRef<str> + ?Sized)) -> Option<Given<String>> {
    Some(Given::new(text.as_ref().to_owned()))
}

fn one<T>(name: &str, unit: T) -> Option<Given<Named<T>>> {
    some(vec![(name.to_owned(), unit)])
}

fn some<T>(entries: Vec<(String, T)>) -> Option<Given<Named<T>>> {
    let entries: Vec<_> = entries.into_iter().map(|(name, value)| (Given::new(name), Given::new(value))).collect();
    (!entries.is_empty()).then(|| Given::new(Named(entries)))
}

/// A task as the REST API shows it, the target's password included.
pub(super) fn shown<'a>(name: &TaskName, file: &TaskFile, sources: impl IntoIterator<Item = &'a SourceName>) -> Value {
    let sources: Vec<&SourceName> = sources.into_iter().collect();
    let instances: Vec<&Instance> =
        file.instances().filter(|instance| sources.iter().any(|source| source.as_str() == instance.source_id())).collect();
    let mut filters = Map::new();
    let mut rules = Vec::new();
    for instance in &instances {
        rules.extend(rules_of(file, instance, &mut filters));
    }
    let first = instances.first().copied();
    let (dump, load) = first.map_or_else(Default::default, |one| (file.mydumper_of(one), file.loader_of(one)));
    let sync = first.map_or_else(Default::default, |one| file.syncer_of(one));
    let empty = Database::default();
    let target = file.target().unwrap_or(&empty);
    let consistency = dump.extra_args().replace("--consistency ", "");
    let mut full = json!({
        "export_threads": dump.threads(), "import_threads": load.pool_size(), "data_dir": load.dir(),
        "import_mode": load.import_mode(), "security": null, "on_duplicate_logical": load.on_duplicate_logical(),
    });
    if !consistency.is_empty() {
        full["consistency"] = consistency.into();
    }
    let mut task = json!({
        "name": name.as_str(), "task_mode": file.task_mode(), "meta_schema": file.meta_schema(),
        "enhance_online_schema_change": file.online_ddl(), "on_duplicate": load.on_duplicate_logical(),
        "strict_optimistic_shard_mode": file.strict_optimistic_shard_mode(),
        "target_config": {
            "host": target.host(), "port": target.port(), "user": target.user(),
            "password": target.password.as_ref().map_or("", |password| password.value.reveal()),
            "security": security_shown(target.security.as_ref().map(|given| &given.value)),
        },
        "table_migrate_rule": rules,
        "source_config": {
            "full_migrate_conf": full,
            "incr_migrate_conf": { "repl_threads": sync.worker_count(), "repl_batch": sync.batch() },
            "source_conf": instances.iter().map(|instance| start(instance)).collect::<Vec<_>>(),
        },
    });
    if let Some(mode) = file.shard_mode() {
        task["shard_mode"] = mode.into();
    }
    if !filters.is_empty() {
        task["binlog_filter_rule"] = filters.into();
    }
    if let Some(items) = &file.ignore_checking_items {
        task["ignore_checking_items"] = items.value.iter().map(|item| item.value.as_str()).collect();
    }
    task
}

fn start(instance: &Instance) -> Value {
    let mut start = json!({ "source_name": instance.source_id() });
    if let Some(meta) = instance.meta.as_ref().map(|meta| &meta.value) {
        start["binlog_name"] = meta.binlog_name.as_ref().map_or("", |name| &name.value).into();
        start["binlog_pos"] = meta.binlog_pos.as_ref().map_or(0, |position| position.value).into();
        start["binlog_gtid"] = meta.binlog_gtid.as_ref().map_or("", |gtid| &gtid.value).into();
    }
    start
}

/// The migrate rules of a source: a rule for each route, and one for each entry of the allow list that no route has. All filters of
/// a source count for each of its rules.
fn rules_of(file: &TaskFile, instance: &Instance, filters: &mut Map<String, Value>) -> Vec<Value> {
    let source = instance.source_id();
    let text = |given: &Option<Given<String>>| given.as_ref().map(|given| given.value.clone()).unwrap_or_default();
    let texts = |given: &Option<Given<Vec<Given<String>>>>| {
        given.iter().flat_map(|given| &given.value).map(|text| text.value.clone()).collect::<Vec<_>>()
    };
    let mut names = Vec::new();
    for (_, filter) in file.filters_of(instance) {
        let name = format!("{source}-filter-rule-{}", names.len());
        filters.insert(name.clone(), json!({ "ignore_event": texts(&filter.events), "ignore_sql": texts(&filter.sql_pattern) }));
        names.push(name);
    }
    let mut rules: BTreeMap<(String, String), Value> = BTreeMap::new();
    for (_, route) in file.routes_of(instance) {
        let mut target = json!({ "schema": text(&route.target_schema) });
        if route.target_table.as_ref().is_some_and(|table| !table.value.is_empty()) {
            target["table"] = text(&route.target_table).into();
        }
        rules.insert((text(&route.schema_pattern), text(&route.table_pattern)), target);
    }
    if let Some(allow) = file.allow_list_of(instance) {
        let schemas = texts(&allow.do_dbs).into_iter().map(|schema| (schema, String::new()));
        let tables = allow.do_tables.iter().flat_map(|tables| &tables.value);
        for place in schemas.chain(tables.map(|table| (text(&table.value.db_name), text(&table.value.tbl_name)))) {
            rules.entry(place).or_insert(Value::Null);
        }
    }
    let rule = |((schema, table), target): ((String, String), Value)| {
        let mut rule = json!({ "source": { "source_name": source, "schema": schema, "table": table } });
        if !target.is_null() {
            rule["target"] = target;
        }
        if !names.is_empty() {
            rule["binlog_filter_rule"] = names.clone().into();
        }
        rule
    };
    rules.into_iter().map(rule).collect()
}
