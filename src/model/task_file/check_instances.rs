//! The sources of a task, and the names by which they refer to its sections.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::file::{Findings, Given, Named, Place, check};
use super::{Instance, Meta, TaskFile};

/// A section whose entries sources refer to by name.
struct Section<'a> {
    /// Its key.
    key: &'static str,
    /// The key that refers to it.
    by: &'static str,
    /// What an entry is.
    what: &'static str,
    /// DM's number for a name that is not there.
    undefined: u32,
    /// The names that are there, each with the place of its key.
    names: Vec<(&'a str, Place)>,
    /// The same, to be found fast.
    known: HashSet<&'a str>,
    /// The names that were referred to.
    used: BTreeSet<String>,
}

pub(super) fn check(file: &TaskFile, findings: &mut Findings) {
    let Some(instances) = file.mysql_instances.as_ref().filter(|instances| !instances.value.is_empty()) else {
        let place = file.mysql_instances.as_ref().map_or(Place::START, |instances| instances.key);
        findings.missing(place, "mysql-instances", 20013, "the task has no source: `mysql-instances` is missing or empty");
        return;
    };
    let mut sections = Sections::of(file);
    let mode = file.task_mode.as_ref().map_or("", |mode| mode.value.as_str());
    let mut seen: HashMap<&str, Place> = HashMap::new();
    for (number, instance) in instances.value.iter().enumerate() {
        let key = format!("mysql-instances[{number}]");
        check_name(instance, &key, &mut seen, findings);
        check_meta(instance, &key, mode, findings);
        check_pairs(&instance.value, &key, findings);
        sections.refer(&instance.value, &key, findings);
        if let Some(mappings) = instance.value.column_mapping_rules.as_ref().filter(|rules| !rules.value.is_empty()) {
            findings.flaw(mappings.key, &format!("{key}.column-mapping-rules"), 20064, "column mappings are refused since DM 6.6");
        }
    }
    sections.tell_unused(findings);
}

fn check_name<'a>(instance: &'a Given<Instance>, key: &str, seen: &mut HashMap<&'a str, Place>, findings: &mut Findings) {
    let key = format!("{key}.source-id");
    let Some(name) = &instance.value.source_id else {
        return findings.missing(instance.place, &key, 20005, "it does not say which source: `source-id` is missing");
    };
    check::source_name(findings, name, &key, 20005, 20006);
    if name.value.is_empty() {
        return;
    }
    if let Some(first) = seen.insert(&name.value, name.place) {
        let message = format!("the source `{}` is there already, in line {}", name.value, first.line);
        findings.flaw(name.place, &key, 20014, message);
    }
}

fn check_meta(instance: &Given<Instance>, key: &str, mode: &str, findings: &mut Findings) {
    let key = format!("{key}.meta");
    let Some(meta) = &instance.value.meta else {
        if mode == "incremental" && !findings.is_misspelt(&key) {
            let message = "without `meta` the task has to be started with `--start-time`, unless it ran before";
            findings.remark(instance.place, &key, message);
        }
        return;
    };
    let Meta { binlog_name, binlog_gtid, .. } = &meta.value;
    let empty = |given: &Option<Given<String>>| given.as_ref().is_none_or(|given| given.value.is_empty());
    if empty(binlog_name) && empty(binlog_gtid) {
        let misspelt = ["binlog-name", "binlog-gtid"].iter().any(|name| findings.is_misspelt(&format!("{key}.{name}")));
        if !misspelt {
            let message = "`meta` needs `binlog-name`, or `binlog-gtid` where the source uses GTIDs";
            findings.flaw(meta.key, &key, 20011, message);
        }
    }
    check::binlog_name(findings, binlog_name.as_ref(), &format!("{key}.binlog-name"), 0);
    check::gtids(findings, binlog_gtid.as_ref(), &format!("{key}.binlog-gtid"), "");
    if matches!(mode, "full" | "all" | "dump" | "load") {
        findings.remark(meta.key, &key, format!("a task of mode `{mode}` does not look at `meta`"));
    }
}

/// Of a name and what stands behind it, only one can be written.
fn check_pairs(instance: &Instance, key: &str, findings: &mut Findings) {
    let pairs = [
        ("mydumper", &instance.mydumper_config_name, instance.mydumper.as_ref().map(|unit| unit.key), 20015),
        ("loader", &instance.loader_config_name, instance.loader.as_ref().map(|unit| unit.key), 20016),
        ("syncer", &instance.syncer_config_name, instance.syncer.as_ref().map(|unit| unit.key), 20017),
    ];
    for (unit, name, inline, code) in pairs {
        let named = name.as_ref().is_some_and(|name| !name.value.is_empty());
        if let Some(place) = inline.filter(|_| named) {
            let message = format!("`{unit}-config-name` and `{unit}` exclude each other");
            findings.flaw(place, &format!("{key}.{unit}"), code, message);
        }
    }
}

struct Sections<'a> {
    lists: Vec<Section<'a>>,
    allow: Section<'a>,
}

impl<'a> Sections<'a> {
    fn of(file: &'a TaskFile) -> Self {
        let section = |key, by, what, undefined, names: Vec<(&'a str, Place)>| {
            let known = names.iter().map(|(name, _)| *name).collect();
            Section { key, by, what, undefined, names, known, used: BTreeSet::new() }
        };
        // The older section counts where the newer one is empty.
        let old = file.block_allow_list.as_ref().is_none_or(|list| list.value.is_empty())
            && file.black_white_list.as_ref().is_some_and(|list| !list.value.is_empty());
        let (key, list) =
            if old { ("black-white-list", &file.black_white_list) } else { ("block-allow-list", &file.block_allow_list) };
        Self {
            lists: vec![
                section("routes", "route-rules", "route", 20023, names(file.routes.as_ref())),
                section("filters", "filter-rules", "filter", 20024, names(file.filters.as_ref())),
                section(
                    "expression-filter",
                    "expression-filters",
                    "expression filter",
                    20040,
                    names(file.expression_filter.as_ref()),
                ),
                section("mydumpers", "mydumper-config-name", "entry", 20027, names(file.mydumpers.as_ref())),
                section("loaders", "loader-config-name", "entry", 20029, names(file.loaders.as_ref())),
                section("syncers", "syncer-config-name", "entry", 20030, names(file.syncers.as_ref())),
                section("validators", "validator-config-name", "entry", 20056, names(file.validators.as_ref())),
            ],
            allow: section(key, "block-allow-list", "allow list", 20026, names(list.as_ref())),
        }
    }

    /// Follows all names that a source has.
    fn refer(&mut self, instance: &Instance, key: &str, findings: &mut Findings) {
        let lists = [
            ("route-rules", &instance.route_rules),
            ("filter-rules", &instance.filter_rules),
            ("expression-filters", &instance.expression_filters),
        ];
        for (section, (by, list)) in self.lists.iter_mut().zip(lists) {
            let mut seen = BTreeSet::new();
            for (number, name) in list.iter().flat_map(|list| &list.value).enumerate() {
                let key = format!("{key}.{by}[{number}]");
                section.refer(name, &key, findings);
                if !seen.insert(name.value.as_str()) {
                    findings.flaw(name.place, &key, 20032, format!("`{}` is in `{by}` already", name.value));
                }
            }
        }
        let names = [
            &instance.mydumper_config_name,
            &instance.loader_config_name,
            &instance.syncer_config_name,
            &instance.validator_config_name,
        ];
        for (section, name) in self.lists.iter_mut().skip(lists.len()).zip(names) {
            if let Some(name) = name.as_ref().filter(|name| !name.value.is_empty()) {
                section.refer(name, &format!("{key}.{}", section.by), findings);
            }
        }
        let (new, old) = (&instance.block_allow_list, &instance.black_white_list);
        let new = new.as_ref().filter(|name| !name.value.is_empty()).map(|name| ("block-allow-list", name));
        let old = old.as_ref().filter(|name| !name.value.is_empty()).map(|name| ("black-white-list", name));
        if let (Some(_), Some((_, old))) = (new, old) {
            let message = "DM does not look at `black-white-list` beside `block-allow-list`";
            findings.remark(old.key, &format!("{key}.black-white-list"), message);
        }
        if let Some((by, name)) = new.or(old) {
            self.allow.refer(name, &format!("{key}.{by}"), findings);
        }
    }

    fn tell_unused(&self, findings: &mut Findings) {
        for section in &self.lists {
            if findings.is_misspelt_anywhere(section.by) {
                continue;
            }
            for (name, place) in section.names.iter().filter(|(name, _)| !section.used.contains(*name)) {
                let message = format!("no source uses the {} `{name}` of `{}`", section.what, section.key);
                findings.flaw(*place, &format!("{}.{name}", section.key), 20038, message);
            }
        }
        for (name, place) in self.allow.names.iter().filter(|(name, _)| !self.allow.used.contains(*name)) {
            let message = format!("no source uses the allow list `{name}`");
            findings.remark(*place, &format!("{}.{name}", self.allow.key), message);
        }
    }
}

impl Section<'_> {
    fn refer(&mut self, name: &Given<String>, key: &str, findings: &mut Findings) {
        if self.known.contains(name.value.as_str()) {
            self.used.insert(name.value.clone());
        } else if !findings.is_misspelt(self.key) {
            let message = format!("there is no {} `{}` in `{}`", self.what, name.value, self.key);
            let names = self.names.iter().map(|(name, _)| *name);
            findings.flaw(name.place, key, self.undefined, message).among(&name.value, names);
        }
    }
}

fn names<T>(section: Option<&Given<Named<T>>>) -> Vec<(&str, Place)> {
    section.iter().flat_map(|section| section.value.iter()).map(|(name, _)| (name.value.as_str(), name.place)).collect()
}
