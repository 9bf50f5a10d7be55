//! What a task file must hold for DM to take it.

use super::super::file::{EventRule, Findings, Given, Place, Value, check};
use super::TaskFile;
use super::{check_instances, check_rules, check_units};

/// The words of `task-mode`.
const MODES: &[&str] = &["all", "full", "incremental", "dump", "load", "load&sync"];

/// What can be left out of the checks before a start. A version knows the ones of its time.
const CHECKING_ITEMS: &[&str] = &[
    "all",
    "dump_privilege",
    "replication_privilege",
    "version",
    "server_id",
    "binlog_enable",
    "binlog_format",
    "binlog_row_image",
    "table_schema",
    "schema_of_shard_tables",
    "auto_increment_ID",
    "online_ddl",
    "binlog_db",
    "meta_position",
    "conn_number",
    "target_privilege",
    "empty_region",
    "region_distribution",
    "downstream_version",
    "free_space",
    "downstream_mutex_features",
    "downstream_table_empty",
    "primary_key",
];

pub(super) fn check(file: &TaskFile, findings: &mut Findings) {
    check_head(file, findings);
    check_sharding(file, findings);
    check_words(file, findings);
    match &file.target_database {
        Some(target) => check::database(findings, target, "target-database"),
        None => findings.missing(Place::START, "target-database", 20021, "the task has no target: `target-database` is missing"),
    }
    check_online_ddl(file, findings);
    let case_sensitive = file.case_sensitive.as_ref().is_some_and(|given| given.value);
    for (name, route) in file.routes.iter().flat_map(|routes| routes.value.iter()) {
        check_rules::route(route, &format!("routes.{}", name.value), case_sensitive, findings);
    }
    for (name, filter) in file.filters.iter().flat_map(|filters| filters.value.iter()) {
        EventRule::check(filter, &format!("filters.{}", name.value), findings);
    }
    for (name, filter) in file.expression_filter.iter().flat_map(|filters| filters.value.iter()) {
        check_rules::expression_filter(filter, &name.value, findings);
    }
    let lists = [("block-allow-list", &file.block_allow_list), ("black-white-list", &file.black_white_list)];
    for (section, list) in lists {
        for (name, tables) in list.iter().flat_map(|list| list.value.iter()) {
            check_rules::tables(&tables.value, &format!("{section}.{}", name.value), case_sensitive, findings);
        }
    }
    check_units::check(file, findings);
    check_instances::check(file, findings);
    remark_idle_keys(file, findings);
}

fn check_head(file: &TaskFile, findings: &mut Findings) {
    match &file.name {
        None => findings.missing(Place::START, "name", 20019, "the task has no name: `name` is missing"),
        Some(name) if name.value.is_empty() => {
            findings.flaw(name.place, "name", 20019, "the task has no name");
        }
        Some(name) if name.value.chars().any(char::is_control) => {
            findings.flaw(name.place, "name", 0, "a task name must not contain control characters");
        }
        // In an address they stand for folders.
        Some(name) if matches!(name.value.as_str(), "." | "..") => {
            findings.flaw(name.place, "name", 0, format!("a task named `{}` could not be reached over REST", name.value));
        }
        Some(_) => {}
    }
    match &file.task_mode {
        None => findings.missing(Place::START, "task-mode", 20020, "the task has no mode: `task-mode` is missing"),
        Some(mode) if mode.value.is_empty() => {
            findings.flaw(mode.place, "task-mode", 20020, "the task has no mode").among("", MODES.iter().copied());
        }
        mode => check::word(findings, mode.as_ref(), "task-mode", 20020, MODES, false),
    }
}

fn check_sharding(file: &TaskFile, findings: &mut Findings) {
    check::word(findings, file.shard_mode.as_ref(), "shard-mode", 20033, &["pessimistic", "optimistic"], false);
    let mode = file.shard_mode.as_ref().map_or("", |mode| mode.value.as_str());
    if let Some(strict) = file.strict_optimistic_shard_mode.as_ref().filter(|strict| strict.value)
        && mode != "optimistic"
    {
        let message = "`strict-optimistic-shard-mode` goes with `shard-mode: optimistic` only";
        findings.flaw(strict.place, "strict-optimistic-shard-mode", 20066, message);
    }
    // DM itself shows tasks so: no flaw, whatever its old client says.
    if let Some(sharding) = file.is_sharding.as_ref().filter(|sharding| !sharding.value)
        && !mode.is_empty()
    {
        let message = "`is-sharding: false` counts for nothing beside `shard-mode`";
        findings.remark(sharding.key, "is-sharding", message);
    }
}

fn check_words(file: &TaskFile, findings: &mut Findings) {
    check::word(findings, file.collation_compatible.as_ref(), "collation_compatible", 20052, &["loose", "strict"], false);
    check::timezone(findings, file.timezone.as_ref(), "timezone");
    for (number, item) in file.ignore_checking_items.iter().flat_map(|items| &items.value).enumerate() {
        if !CHECKING_ITEMS.contains(&item.value.as_str()) {
            let key = format!("ignore-checking-items[{number}]");
            let message = format!("`{}` is no check", item.value);
            findings.flaw(item.place, &key, 20001, message).among(&item.value, CHECKING_ITEMS.iter().copied());
        }
    }
    if let Some(mappings) = file.column_mappings.as_ref().filter(|mappings| !mappings.value.is_empty()) {
        let message = "column mappings are refused since DM 6.6: routes with `extract-table`, `extract-schema` or `extract-source` \
                       keep rows apart";
        findings.flaw(mappings.key, "column-mappings", 20064, message);
    }
}

fn check_online_ddl(file: &TaskFile, findings: &mut Findings) {
    let rules = [("shadow-table-rules", &file.shadow_table_rules), ("trash-table-rules", &file.trash_table_rules)];
    for (section, rules) in rules {
        for (number, rule) in rules.iter().flat_map(|rules| &rules.value).enumerate() {
            let key = format!("{section}[{number}]");
            if let Some(regex) = check::regex(findings, rule, &key, 20048)
                && regex.group_count() != 1
            {
                let message =
                    format!("the rule needs one group, which gives the name of the table; it has {}", regex.group_count());
                findings.flaw(rule.place, &key, 20048, message);
            }
        }
    }
    check::word(findings, file.online_ddl_scheme.as_ref(), "online-ddl-scheme", 20007, &["gh-ost", "pt"], false);
    if let Some(scheme) = file.online_ddl_scheme.as_ref().filter(|scheme| !scheme.value.is_empty()) {
        let message = "`online-ddl-scheme` is an older word for `online-ddl: true`, and counts more than it";
        findings.remark(scheme.key, "online-ddl-scheme", message);
    }
}

fn remark_idle_keys(file: &TaskFile, findings: &mut Findings) {
    for (key, given) in [("enable-heartbeat", &file.enable_heartbeat), ("ansi-quotes", &file.ansi_quotes)] {
        remark_unless(given.as_ref(), &[false], key, findings);
    }
    // DM shows zeros where it was created over REST, and the defaults elsewhere.
    remark_unless(file.heartbeat_update_interval.as_ref(), &[0, 1], "heartbeat-update-interval", findings);
    remark_unless(file.heartbeat_report_interval.as_ref(), &[0, 10], "heartbeat-report-interval", findings);
    if let Some(remove) = file.remove_meta.as_ref().filter(|remove| remove.value) {
        let message = "DM no longer looks at `remove-meta`: `dmctl task start` has `--remove-meta`";
        findings.remark(remove.key, "remove-meta", message);
    }
    if let (Some(old), Some(new)) = (&file.black_white_list, &file.block_allow_list)
        && !old.value.is_empty()
        && !new.value.is_empty()
    {
        findings.remark(old.key, "black-white-list", "DM does not look at `black-white-list` beside `block-allow-list`");
    }
}

/// A key at which DM no longer looks, unless it has a value that DM shows there itself.
pub(super) fn remark_unless<T: Value + PartialEq>(given: Option<&Given<T>>, usual: &[T], key: &str, findings: &mut Findings) {
    if let Some(given) = given.filter(|given| !usual.contains(&given.value)) {
        check::idle(findings, given, key);
    }
}
