//! The scripted cluster on the wire: the ports, and the reads of REST in the words of a real DM (see `tests/recordings`).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::cluster::{Canned, Script, Shared, Version};
use crate::cluster_bodies::{shown_source, shown_task};
use crate::cluster_faults::{Lose, Wire};
use crate::cluster_refusals::task_unknown;

/// The password of every target and source, as DM keeps it. It must never be seen unasked.
pub const SECRET: &str = "S3cret-pw";

/// The whole server of one master.
pub fn router(shared: Arc<Shared>, master: usize) -> Router {
    crate::cluster_rpc::service(Arc::clone(&shared), master).into_axum_router().fallback(move |request: Request| {
        let shared = Arc::clone(&shared);
        async move { rest(&shared, master, request).await }
    })
}

/// Finds what the script has for a call: for `QueryStatus mysql-01`, or for every `QueryStatus`.
pub fn scripted<'a, T>(entries: &'a [(String, T)], call: &str) -> Option<&'a T> {
    let matches = |key: &str| call == key || call.strip_prefix(key).is_some_and(|rest| rest.starts_with(' '));
    entries.iter().find(|(key, _)| matches(key)).map(|(_, entry)| entry)
}

/// A change without its query is the same change.
pub fn without_query(call: &str) -> &str {
    if call.starts_with("GET ") { call } else { call.split('?').next().unwrap_or(call) }
}

/// The parts of a path behind `/api/v1/` as DM reads them: unescaped as a path, and then once more as a query, where `+` is a blank.
pub fn parts_of(path: &str) -> Vec<String> {
    let plain = |part: &str| {
        let (mut bytes, mut rest) = (Vec::new(), part.as_bytes());
        while let [first, more @ ..] = rest {
            let code = more.get(..2).and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
            let code = code.filter(|_| *first == b'%');
            bytes.push(code.unwrap_or(*first));
            rest = if code.is_some() { &more[2..] } else { more };
        }
        String::from_utf8(bytes).unwrap()
    };
    let read = |part: &str| plain(&plain(part).replace('+', " "));
    path.strip_prefix("/api/v1/").unwrap_or_default().split('/').map(read).collect()
}

/// A request of REST, and whether this time something goes wrong with it.
async fn rest(shared: &Shared, master: usize, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let target = parts.uri.path_and_query().map_or(parts.uri.path(), |target| target.as_str());
    let (call, wire) = (format!("{} {target}", parts.method), Wire::of(&parts.extensions));
    let entered = shared.enter(&call);
    if parts.method != "GET" {
        shared.note(&call, serde_json::from_slice(&body).unwrap_or(Value::Null), master);
    }
    let lose = shared.loses(&call);
    let done = lose.as_ref().is_none_or(Lose::is_done).then(|| answer(shared, master, &call, entered, &body));
    match (lose, done) {
        (None, Some(Some(response))) => response,
        // DM itself never answers.
        (_, Some(None)) | (Some(Lose::Hold { .. }), _) => std::future::pending().await,
        (Some(Lose::Before | Lose::After), _) => wire.cut().await,
        (Some(Lose::Half), Some(Some(response))) => halve(response, &wire).await,
        (Some(Lose::Refuse(text)), _) => refused(&text),
        (Some(Lose::Http { status, .. }), _) => StatusCode::from_u16(status).unwrap().into_response(),
        (Some(Lose::Worker(source)), Some(Some(response))) => {
            shared.lose_worker(&source);
            response
        }
        (lose, _) => panic!("{lose:?} can't go wrong with {call}"),
    }
}

/// The first half of an answer; an answer without a body breaks off in its first line.
async fn halve(response: Response, wire: &Wire) -> Response {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    if body.is_empty() {
        wire.cut_after(12);
        return Response::from_parts(parts, Body::empty());
    }
    let half = body.slice(..body.len() / 2);
    // The first half is only sent if the second lets it wait.
    let second = async {
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    };
    let pieces = stream::iter([Ok(half)]).chain(stream::once(second));
    let mut response = Response::from_parts(parts, Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    response
}

/// What the cluster answers, if it does.
fn answer(shared: &Shared, master: usize, call: &str, entered: Result<Script, ()>, body: &[u8]) -> Option<Response> {
    let Ok(script) = entered else {
        // The version page is a follower's own, whoever leads.
        let version_now = shared.script.lock().unwrap().version;
        return Some(if call == "GET /status" { version(version_now) } else { StatusCode::BAD_REQUEST.into_response() });
    };
    if let Some(Canned { status, kind, body }) = scripted(&script.canned, call) {
        return Some((StatusCode::from_u16(*status).unwrap(), [(header::CONTENT_TYPE, *kind)], body.clone()).into_response());
    }
    let (method, target) = call.split_once(' ').unwrap();
    if call == "GET /status" {
        return Some(version(script.version));
    }
    if !script.openapi && target.starts_with("/api/v1/") {
        return Some((StatusCode::NOT_FOUND, "404 page not found\n").into_response());
    }
    if let Some(leader) = shared.leader_elsewhere(&script, master) {
        let location = format!("http://{leader}{target}");
        return Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response());
    }
    if target.contains("%2F") {
        return Some((StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain")], "404 page not found").into_response());
    }
    if let Some(text) = scripted(&script.refusals, call).or(scripted(&script.refusals, without_query(call))) {
        return Some(refused(text));
    }
    if method == "GET" {
        return Some(read(shared, &script, call, target));
    }
    crate::cluster_change_rest::change(shared, &script, call, body)
}

impl Shared {
    /// Where a follower of 6.0 sends REST; later ones ask the leader themselves.
    fn leader_elsewhere(&self, script: &Script, master: usize) -> Option<String> {
        if script.redirect.is_some() {
            return script.redirect.clone();
        }
        let leader = script.masters.iter().find(|(name, ..)| *name == script.leader).map(|(_, address, _)| self.place(address))?;
        (script.version == Version::V60 && self.addresses.contains(&leader) && leader != self.addresses[master]).then_some(leader)
    }

    /// From now on the worker of this source can't be asked.
    pub fn lose_worker(&self, source: &str) {
        let mut script = self.script.lock().unwrap();
        let source = script.sources.iter_mut().find(|known| known.name == source).expect("the source is in the script");
        source.fault = Some(crate::cluster::Fault::Away);
    }
}

fn read(shared: &Shared, script: &Script, call: &str, target: &str) -> Response {
    let sources = || script.sources.iter();
    let parts = parts_of(target);
    let parts: Vec<_> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["cluster", "info"] => {
            let mut info = json!({ "cluster_id": script.number });
            if let Some(capabilities) = &script.capabilities {
                info["dmctl"] = json!({ "version": env!("CARGO_PKG_VERSION"), "capabilities": capabilities });
            }
            json_body(StatusCode::OK, &info)
        }
        ["sources"] => list(sources().map(shown_source).collect()),
        ["sources?enable_relay=true"] => {
            // DM looks at the workers that were named, and not at the configuration.
            let relayed = sources().filter(|source| !source.relay_workers.is_empty());
            list(relayed.map(shown_source).collect())
        }
        ["sources", name] => match sources().find(|source| source.name == *name) {
            Some(source) => json_body(StatusCode::OK, &shown_source(source)),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        ["sources", name, "schemas", rest @ ..] => {
            let Some(source) = sources().find(|source| source.name == *name) else {
                return refused(&crate::cluster_refusals::source_unknown(name));
            };
            let system = ["information_schema", "mysql", "performance_schema", "sys"].map(|name| (name.to_owned(), Vec::new()));
            let mut schemas = [system.as_slice(), &source.schemas].concat();
            schemas.sort();
            let tables = |database: &&str| schemas.iter().find(|(name, _)| name == database).map(|(_, tables)| tables.clone());
            match rest.first() {
                None => json_body(StatusCode::OK, &schemas.iter().map(|(name, _)| name.clone()).collect()),
                Some(database) => match tables(database) {
                    Some(tables) => json_body(StatusCode::OK, &tables.into()),
                    None => refused(&format!("Error 1049 (42000): Unknown database '{database}'")),
                },
            }
        }
        ["tasks"] => list(script.tasks.iter().map(|task| shown_task(task, script.version)).collect()),
        ["tasks", name] => match script.tasks.iter().find(|task| task.name == *name) {
            Some(task) => json_body(StatusCode::OK, &shown_task(task, script.version)),
            None => refused(&task_unknown(name)),
        },
        _ => {
            shared.unscripted(call);
            refused("not in the script")
        }
    }
}

/// A release that was built by hand says nothing of itself.
fn version(version: Version) -> Response {
    let release = match version {
        Version::V60 => "v6.0.0",
        Version::V65 => "v6.5.0",
        Version::V90 => "None",
    };
    format!("Release Version: {release}\nGit Commit Hash: None\n").into_response()
}

pub fn json_body(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

fn list(data: Vec<Value>) -> Response {
    json_body(StatusCode::OK, &json!({ "total": data.len(), "data": data }))
}

pub fn refused(text: &str) -> Response {
    let code = text.strip_prefix("[code=").and_then(|rest| rest.split(':').next()?.parse::<u32>().ok());
    json_body(StatusCode::BAD_REQUEST, &json!({ "error_code": code.unwrap_or(0), "error_msg": text }))
}
