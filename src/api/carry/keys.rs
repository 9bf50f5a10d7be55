//! The keys of a task that are about the whole of it, and how losses are told.

use std::collections::BTreeSet;
use std::fmt::Display;

use base64::Engine as _;

use super::{ClusterFacts, Loss, copies, instances, mode, syncs, text, texts, unit_options};
use crate::model::file::{Database, Given, Place, Secret, SecretBytes, Security};
use crate::model::task_file::{Meta, TaskFile};
use crate::wire::openapi::{SecurityBody, SourcesBody, StartBody, TargetBody, TaskBody};

/// Collects losses. One that several sources share is told once.
#[derive(Debug, Default)]
pub(super) struct Losses(BTreeSet<Loss>);

impl Losses {
    pub(super) fn add(&mut self, place: Place, key: impl Into<String>, why: impl Into<String>) {
        self.0.insert(Loss { place, key: key.into(), why: why.into() });
    }

    /// Tells a value that is not the one which DM sets.
    pub(super) fn unless<T: PartialEq + Display>(&mut self, given: &Option<Given<T>>, key: impl Into<String>, set: &[T]) {
        if let Some(given) = given.as_ref().filter(|given| !set.contains(&given.value)) {
            let why = set.first().map_or_else(String::new, |value| match value.to_string() {
                text if text.is_empty() => "there is no field for it".to_owned(),
                text => format!("DM sets `{text}`"),
            });
            self.add(given.key, key, why);
        }
    }

    pub(super) fn in_order(self) -> Vec<Loss> {
        self.0.into_iter().collect()
    }
}

/// All of a task but its rules about tables.
pub(super) fn task(file: &TaskFile, facts: &ClusterFacts, losses: &mut Losses) -> TaskBody {
    let units = unit_options::carry(file, facts, losses);
    plain(file, losses);
    let mode = mode(file);
    if !matches!(mode, "full" | "incremental" | "all") {
        let place = file.task_mode.as_ref().map_or(Place::START, |mode| mode.key);
        losses.add(place, "task-mode", format!("the REST API has no mode `{mode}`"));
    }
    let shard_mode = match text(&file.shard_mode) {
        "" if file.is_sharding.as_ref().is_some_and(|given| given.value) => Some("pessimistic".to_owned()),
        "" => None,
        mode => Some(mode.to_owned()),
    };
    let strict = file.strict_optimistic_shard_mode.as_ref().filter(|given| given.value);
    if let Some(given) = strict.filter(|_| !facts.is_at_least(7, 2)) {
        losses.add(given.key, "strict-optimistic-shard-mode", "DM has it since version 7.2");
    }
    let items = texts(&file.ignore_checking_items);
    TaskBody {
        name: text(&file.name).to_owned(),
        task_mode: mode.to_owned(),
        shard_mode,
        strict_optimistic_shard_mode: strict.map(|_| true),
        meta_schema: Some(Some(text(&file.meta_schema)).filter(|schema| !schema.is_empty()).unwrap_or("dm_meta").to_owned()),
        enhance_online_schema_change: online_ddl(file),
        on_duplicate: units.full.on_duplicate_logical.clone().unwrap_or_else(|| units.on_duplicate.clone()),
        target_config: target(file, losses),
        binlog_filter_rule: std::collections::BTreeMap::new(),
        table_migrate_rule: Vec::new(),
        source_config: SourcesBody {
            source_conf: instances(file).map(|instance| start(text(&instance.source_id), instance.meta.as_ref())).collect(),
            full_migrate_conf: Some(units.full),
            incr_migrate_conf: Some(units.incremental),
        },
        ignore_checking_items: Some(items).filter(|items| !items.is_empty()),
    }
}

/// What differs from the file without being written in it.
pub(super) fn remarks(file: &TaskFile) -> Vec<String> {
    let mut remarks = Vec::new();
    if copies(file) && file.clean_dump_file.is_none() {
        remarks.push(
            "the files of the full copy stay on the worker: a task that is made over the REST API never removes them".to_owned(),
        );
    }
    remarks
}

/// Whether the tables of gh-ost and pt are understood.
fn online_ddl(file: &TaskFile) -> bool {
    file.online_ddl.as_ref().is_none_or(|given| given.value) || matches!(text(&file.online_ddl_scheme), "gh-ost" | "pt")
}

/// Keys at the top for which there is no field.
fn plain(file: &TaskFile, losses: &mut Losses) {
    let empty = String::new();
    losses.unless(&file.timezone, "timezone", &[empty]);
    losses.unless(&file.collation_compatible, "collation_compatible", &["loose".to_owned(), String::new()]);
    if copies(file) {
        losses.unless(&file.clean_dump_file, "clean-dump-file", &[false]);
    }
    if syncs(file) {
        let flush = file.experimental.as_ref().and_then(|given| given.value.async_checkpoint_flush.clone());
        losses.unless(&flush, "experimental.async-checkpoint-flush", &[false]);
    }
    if syncs(file) && online_ddl(file) {
        let rules = [
            ("shadow-table-rules", &file.shadow_table_rules, "^_(.+)_(?:new|gho)$"),
            ("trash-table-rules", &file.trash_table_rules, "^_(.+)_(?:ghc|del|old)$"),
        ];
        for (key, given, set) in rules {
            // DM adds what is missing at either end.
            let same = |rule: &Given<String>| rule.value.trim_start_matches('^').trim_end_matches('$') == &set[1..set.len() - 1];
            if let Some(given) = given.as_ref().filter(|given| given.value.len() > 1 || !given.value.iter().all(same)) {
                losses.add(given.key, key, format!("DM sets `{set}`"));
            }
        }
    }
}

fn start(source: &str, meta: Option<&Given<Meta>>) -> StartBody {
    let written = |given: &Option<Given<String>>| Some(text(given).to_owned()).filter(|text| !text.is_empty());
    let meta = meta.map(|meta| &meta.value);
    StartBody {
        source_name: source.to_owned(),
        binlog_name: meta.and_then(|meta| written(&meta.binlog_name)),
        binlog_pos: meta
            .and_then(|meta| meta.binlog_pos.as_ref())
            .map(|given| i64::from(given.value))
            .filter(|&position| position != 0),
        binlog_gtid: meta.and_then(|meta| written(&meta.binlog_gtid)),
    }
}

fn target(file: &TaskFile, losses: &mut Losses) -> TargetBody {
    let nothing = Database::default();
    let target = file.target_database.as_ref().map_or(&nothing, |given| &given.value);
    for (name, value) in target.session.iter().flat_map(|session| session.value.iter()) {
        // DM sets this one by itself on TiDB, and nothing else takes it.
        let is_set = name.value.eq_ignore_ascii_case("tidb_txn_mode") && value.value.eq_ignore_ascii_case("optimistic");
        if !is_set {
            losses.add(name.key, format!("target-database.session.{}", name.value), "the variable is not set");
        }
    }
    TargetBody {
        host: text(&target.host).to_owned(),
        port: target.port(),
        user: text(&target.user).to_owned(),
        password: target.password.as_ref().map(|given| given.value.clone()).unwrap_or_default(),
        security: target.security.as_ref().and_then(|given| security(&given.value, "target-database.security", losses)),
    }
}

/// TLS material as the REST API takes it. What can't be sent is a loss.
pub(super) fn security(security: &Security, key: &str, losses: &mut Losses) -> Option<SecurityBody> {
    let ways = [
        ("ssl-ca", &security.ssl_ca, &security.ssl_ca_bytes, &security.ssl_ca_base64),
        ("ssl-cert", &security.ssl_cert, &security.ssl_cert_bytes, &security.ssl_cert_base64),
        ("ssl-key", &security.ssl_key, &security.ssl_key_bytes, &security.ssl_key_base64),
    ];
    for (name, path, bytes, base64) in ways {
        let there = bytes.as_ref().is_some_and(|bytes| !bytes.value.reveal().is_empty())
            || base64.as_ref().is_some_and(|base64| !base64.value.reveal().is_empty());
        if let Some(path) = path.as_ref().filter(|path| !path.value.is_empty() && !there) {
            losses.add(path.place, format!("{key}.{name}"), "a path means nothing to the cluster, and its file was not read");
        }
    }
    let mut content = |name: &str, bytes: &Option<Given<SecretBytes>>, base64: &Option<Given<Secret>>| {
        let (place, bytes) = match (bytes, base64) {
            (Some(bytes), _) if !bytes.value.reveal().is_empty() => (bytes.key, Some(bytes.value.reveal().to_vec())),
            (_, Some(base64)) if !base64.value.reveal().is_empty() => {
                (base64.key, base64::prelude::BASE64_STANDARD.decode(base64.value.reveal()).ok())
            }
            _ => return Secret::default(),
        };
        match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => Secret::new(text),
            None => {
                losses.add(place, format!("{key}.{name}"), "it is no text, and so no PEM file");
                Secret::default()
            }
        }
    };
    let body = SecurityBody {
        ssl_ca_content: content("ssl-ca-bytes", &security.ssl_ca_bytes, &security.ssl_ca_base64),
        ssl_cert_content: content("ssl-cert-bytes", &security.ssl_cert_bytes, &security.ssl_cert_base64),
        ssl_key_content: content("ssl-key-bytes", &security.ssl_key_bytes, &security.ssl_key_base64),
        cert_allowed_cn: Some(texts(&security.cert_allowed_cn)).filter(|names| !names.is_empty()),
    };
    Some(body).filter(|body| *body != SecurityBody::default())
}
