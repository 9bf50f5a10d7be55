//! The bodies of REST: as they come in, as the scripted cluster keeps them, and as it shows them.

use dmctl::wire::pb;
use serde_json::{Map, Value, json};

use crate::cluster::{Source, Task, Version};
use crate::cluster_status::{created, syncing};
use crate::cluster_wire::SECRET;

pub fn shown_source(source: &Source) -> Value {
    let security = source.tls.then(|| json!({ "ssl_ca_content": "", "ssl_cert_content": "", "ssl_key_content": "" }));
    let mut shown = json!({
        "enable": source.enable, "enable_gtid": false, "flavor": source.flavor, "host": "127.0.0.1", "password": "******",
        "port": source.port, "purge": { "expires": 0, "interval": 3600, "remain_space": 15 },
        "relay_config": { "enable_relay": source.enable_relay, "relay_binlog_gtid": "", "relay_binlog_name": "", "relay_dir": "" },
        "security": security, "source_name": source.name, "user": "dm",
    });
    if let Some(body) = &source.body {
        for key in ["enable_gtid", "host", "purge", "user"] {
            if !body[key].is_null() {
                shown[key] = body[key].clone();
            }
        }
        shown["relay_config"]["relay_dir"] = "relay-dir".into();
        merge(&mut shown["relay_config"], &body["relay_config"]);
        shown["relay_config"]["enable_relay"] = source.enable_relay.into();
    }
    shown
}

pub fn shown_task(task: &Task, version: Version) -> Value {
    if let Some(body) = &task.body {
        return kept(body, version);
    }
    let sources: Vec<_> = task.subtasks.iter().map(|(source, _)| json!({ "source_name": source })).collect();
    json!({
        "enhance_online_schema_change": task.online_ddl, "meta_schema": "dm_meta", "name": task.name, "on_duplicate": "replace",
        "source_config": { "full_migrate_conf": { "export_threads": 4 }, "source_conf": sources }, "table_migrate_rule": [],
        "target_config": { "host": "127.0.0.1", "password": SECRET, "port": 4000, "security": null, "user": "tgt" },
        "task_mode": task.mode,
    })
}

/// A body as GET shows it later: what was not given has DM's value.
fn kept(body: &Value, version: Version) -> Value {
    let mut full = json!({ "data_dir": "./dumped_data", "export_threads": 4, "import_threads": 16 });
    if version == Version::V90 {
        merge(&mut full, &json!({ "import_mode": "logical", "security": null }));
    }
    let mut shown = json!({ "meta_schema": "dm_meta", "table_migrate_rule": [], "target_config": { "security": null } });
    if version == Version::V90 {
        shown["strict_optimistic_shard_mode"] = false.into();
    }
    merge(&mut shown, body);
    let given = &body["source_config"];
    merge(&mut full, &given["full_migrate_conf"]);
    let mut increment = json!({ "repl_batch": 100, "repl_threads": 16 });
    merge(&mut increment, &given["incr_migrate_conf"]);
    shown["source_config"]["full_migrate_conf"] = full;
    shown["source_config"]["incr_migrate_conf"] = increment;
    for source in shown["source_config"]["source_conf"].as_array_mut().into_iter().flatten() {
        if source.as_object().is_some_and(|source| source.len() > 1) && source["binlog_gtid"].is_null() {
            source["binlog_gtid"] = "".into();
        }
    }
    for rule in shown["table_migrate_rule"].as_array_mut().into_iter().flatten() {
        if let Some(target) = rule.get_mut("target").and_then(Value::as_object_mut) {
            target.retain(|_, name| name != "");
        }
    }
    forget(&mut shown, &["ignore_checking_items", "status_list", "task_config_file"]);
    shown
}

/// What an update must leave as it is: all but allow list, routes, filters and how the sync works.
pub fn fixed_part(body: &Value, version: Version) -> Value {
    let mut fixed = kept(body, version);
    forget(&mut fixed, &["table_migrate_rule", "binlog_filter_rule"]);
    forget(&mut fixed["source_config"], &["incr_migrate_conf"]);
    fixed
}

/// The same as the answer to the request shows it.
pub fn echo_task(body: &Value, version: Version) -> Value {
    let mut echo = body.clone();
    if echo["target_config"]["security"].is_null() {
        echo["target_config"]["security"] = Value::Null;
    }
    if version == Version::V90 && echo["source_config"]["full_migrate_conf"].is_object() {
        echo["source_config"]["full_migrate_conf"]["security"] = Value::Null;
    }
    echo
}

/// Answers with what came in, password and all.
pub fn echo_source(body: &Value) -> Value {
    let mut echo = body.clone();
    echo["security"] = body["security"].clone();
    echo
}

/// Lays one object over another.
fn merge(below: &mut Value, above: &Value) {
    let (Value::Object(below), Value::Object(above)) = (below, above) else { return };
    for (key, value) in above {
        match below.get_mut(key) {
            Some(inner) if inner.is_object() && value.is_object() => merge(inner, value),
            _ => drop(below.insert(key.clone(), value.clone())),
        }
    }
}

fn forget(body: &mut Value, keys: &[&str]) {
    if let Some(body) = body.as_object_mut() {
        let kept: Map<_, _> = std::mem::take(body).into_iter().filter(|(key, _)| !keys.contains(&key.as_str())).collect();
        *body = kept;
    }
}

/// A task that was never started, from its body. `text` is the file that it came as, for a server that takes files.
pub fn new_task(body: &Value, text: Option<&str>) -> Task {
    let (name, mode) = (body["name"].as_str().unwrap_or_default(), body["task_mode"].as_str().unwrap_or_default());
    let look = || {
        let stopped = pb::SubTaskStatus { stage: pb::Stage::Stopped.into(), ..syncing(0) };
        pb::SubTaskStatus { name: name.to_owned(), ..if mode == "incremental" { stopped } else { created() } }
    };
    let named = body["source_config"]["source_conf"].as_array().into_iter().flatten();
    let sources = named.map(|source| (source["source_name"].as_str().unwrap_or_default().to_owned(), vec![look()]));
    Task {
        online_ddl: body["enhance_online_schema_change"] == true,
        tls: body["target_config"]["security"].is_object(),
        text: text.map(str::to_owned),
        body: Some(body.clone()),
        ..Task::new(name, mode, sources.collect())
    }
}

/// A source from its body. DM finds the flavor out by itself.
pub fn new_source(body: &Value) -> Source {
    let port = body["port"].as_u64().and_then(|port| u32::try_from(port).ok()).unwrap_or_default();
    let flavor = body["flavor"].as_str().unwrap_or(if port == 3308 { "mysql" } else { "mariadb" });
    Source {
        enable: body["enable"] == true,
        tls: body["security"].is_object(),
        body: Some(body.clone()),
        ..Source::new(body["source_name"].as_str().unwrap_or_default(), port, flavor)
    }
}

/// A source from its file, of which it keeps every key.
pub fn source_of_yaml(text: &str) -> Result<Source, String> {
    let file: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let from = &file["from"];
    let body = json!({
        "source_name": file["source-id"], "enable": file["enable"] != false, "enable_gtid": file["enable-gtid"] == true,
        "flavor": file["flavor"], "host": from["host"], "port": from["port"], "user": from["user"], "password": from["password"],
        "security": from["security"], "purge": null, "relay_config": { "enable_relay": file["enable-relay"] == true },
    });
    if body["source_name"].as_str().unwrap_or_default().is_empty() {
        return Err(crate::cluster_refusals::no_source_name());
    }
    let enable_relay = file["enable-relay"] == true;
    let relay = enable_relay.then(crate::cluster_status::relaying);
    Ok(Source { text: Some(text.to_owned()), enable_relay, relay, ..new_source(&body) })
}
