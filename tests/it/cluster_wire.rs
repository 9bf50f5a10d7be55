//! The scripted cluster on the wire: the port, and REST in the words of a real DM (see `tests/recordings`).

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::cluster::{Canned, Script, Shared, Source, Task};

/// The password of every target and source, as DM keeps it. It must never be seen unasked.
pub const SECRET: &str = "S3cret-pw";

/// The whole server.
pub fn router(shared: Arc<Shared>) -> Router {
    crate::cluster_rpc::service(Arc::clone(&shared))
        .into_axum_router()
        .fallback(move |request: Request| std::future::ready(rest(&shared, &request)))
}

impl Shared {
    /// Takes note of a call. `Err` when it meets a follower without a leader.
    pub fn enter(&self, call: &str) -> Result<Script, ()> {
        let script = self.script.lock().unwrap().clone();
        let mut calls = self.calls.lock().unwrap();
        let leaderless = script.leaderless.contains(&calls.len());
        calls.push(call.to_owned());
        self.arrived.notify_all();
        if leaderless { Err(()) } else { Ok(script) }
    }

    pub fn unscripted(&self, call: &str) {
        self.unscripted.lock().unwrap().push(call.to_owned());
    }
}

/// Finds what the script has for a call: for `QueryStatus mysql-01`, or for every `QueryStatus`.
pub fn scripted<'a, T>(entries: &'a [(String, T)], call: &str) -> Option<&'a T> {
    let matches = |key: &str| call == key || call.strip_prefix(key).is_some_and(|rest| rest.starts_with(' '));
    entries.iter().find(|(key, _)| matches(key)).map(|(_, entry)| entry)
}

fn rest(shared: &Shared, request: &Request) -> Response {
    let uri = request.uri();
    let target = uri.path_and_query().map_or(uri.path(), |target| target.as_str()).to_owned();
    let call = format!("{} {target}", request.method());
    let Ok(script) = shared.enter(&call) else {
        // The version page is a follower's own, whoever leads.
        return if call == "GET /status" { version() } else { StatusCode::BAD_REQUEST.into_response() };
    };
    if let Some(Canned { status, kind, body }) = scripted(&script.canned, &call) {
        return (StatusCode::from_u16(*status).unwrap(), [(header::CONTENT_TYPE, *kind)], body.clone()).into_response();
    }
    if call == "GET /status" {
        return version();
    }
    if !script.openapi && target.starts_with("/api/v1/") {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    }
    if let Some(leader) = &script.redirect {
        let location = format!("http://{leader}{target}");
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response();
    }
    if let Some(text) = scripted(&script.refusals, &call) {
        return refused(text);
    }
    match call.as_str() {
        "GET /api/v1/sources" => list(script.sources.iter().map(source_body).collect()),
        "GET /api/v1/sources?enable_relay=true" => {
            let relayed = |source: &&Source| source.enable_relay || source.relay.is_some();
            list(script.sources.iter().filter(relayed).map(source_body).collect())
        }
        "GET /api/v1/tasks" => list(script.tasks.iter().map(task_body).collect()),
        call => {
            if let Some(name) = call.strip_prefix("GET /api/v1/sources/") {
                let name = named(name);
                return match script.sources.iter().find(|source| source.name == name) {
                    Some(source) => json_body(StatusCode::OK, &source_body(source)),
                    None => StatusCode::NOT_FOUND.into_response(),
                };
            }
            if let Some(name) = call.strip_prefix("GET /api/v1/tasks/") {
                let name = named(name);
                return match script.tasks.iter().find(|task| task.name == name) {
                    Some(task) => json_body(StatusCode::OK, &task_body(task)),
                    None => refused(&format!(
                        "[code=46018:class=scheduler:scope=internal:level=medium], Message: task with name {name} not exist, \
                         Workaround: Please use `query-status` command to see tasks."
                    )),
                };
            }
            shared.unscripted(call);
            refused("not in the script")
        }
    }
}

/// The name that DM reads from a segment: unescaped as a path, and then once more as a query, where `+` is a blank.
fn named(segment: &str) -> String {
    fn unescaped(text: &str) -> String {
        let (mut out, mut rest) = (Vec::new(), text.as_bytes());
        while let [first, tail @ ..] = rest {
            let code = tail.get(..2).filter(|_| *first == b'%').map(|code| u8::from_str_radix(str::from_utf8(code).unwrap(), 16));
            out.push(code.map_or(*first, Result::unwrap));
            rest = if *first == b'%' { &tail[2..] } else { tail };
        }
        String::from_utf8(out).unwrap()
    }
    unescaped(&unescaped(segment).replace('+', " "))
}

fn version() -> Response {
    "Release Version: None\nGit Commit Hash: None\n".into_response()
}

fn json_body(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

fn list(data: Vec<Value>) -> Response {
    json_body(StatusCode::OK, &json!({ "total": data.len(), "data": data }))
}

fn refused(text: &str) -> Response {
    let code = text.strip_prefix("[code=").and_then(|rest| rest.split(':').next()?.parse::<u32>().ok());
    json_body(StatusCode::BAD_REQUEST, &json!({ "error_code": code.unwrap_or(0), "error_msg": text }))
}

fn source_body(source: &Source) -> Value {
    let security = source.tls.then(|| json!({ "ssl_ca_content": "", "ssl_cert_content": "", "ssl_key_content": "" }));
    json!({
        "enable": source.enable, "enable_gtid": false, "flavor": source.flavor, "host": "127.0.0.1", "password": "******",
        "port": source.port, "purge": { "expires": 0, "interval": 3600, "remain_space": 15 },
        "relay_config": { "enable_relay": source.enable_relay, "relay_binlog_gtid": "", "relay_binlog_name": "", "relay_dir": "" },
        "security": security, "source_name": source.name, "user": "dm",
    })
}

fn task_body(task: &Task) -> Value {
    let sources: Vec<_> = task.subtasks.iter().map(|(source, _)| json!({ "source_name": source })).collect();
    json!({
        "enhance_online_schema_change": task.online_ddl, "meta_schema": "dm_meta", "name": task.name, "on_duplicate": "replace",
        "source_config": { "full_migrate_conf": { "export_threads": 4 }, "source_conf": sources }, "table_migrate_rule": [],
        "target_config": { "host": "127.0.0.1", "password": SECRET, "port": 4000, "security": null, "user": "tgt" },
        "task_mode": task.mode,
    })
}
