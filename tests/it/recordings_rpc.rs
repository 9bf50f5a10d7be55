//! A master that says again what a real one said: REST as it was recorded, and `pb.Master` from the recorded JSON of its messages.
//!
//! The messages are put on the wire by the facts of `pb-master.tsv`, not by the code under test. A [`Tape`] holds what a test plays;
//! a request that is not on it fails the test, and so does an answer that nobody asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dmctl::wire::pb;
use http_body_util::{BodyExt, Full};
use prost::Message as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A recorded REST request and its answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    pub seq: usize,
    pub method: String,
    pub path: String,
    pub request: Value,
    pub status: u16,
    pub content_type: Option<String>,
    pub response: Value,
    #[serde(skip)]
    pub file: String,
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn lines<T: serde::de::DeserializeOwned>(file: &str) -> Vec<T> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}: {line}"))).collect()
}

/// The rows of a recording.
pub fn rows(file: &str) -> Vec<Row> {
    lines(file).into_iter().map(|row| Row { file: file.to_owned(), ..row }).collect()
}

/// One row of a recording.
pub fn row(file: &str, seq: usize) -> Row {
    rows(file).into_iter().find(|row| row.seq == seq).unwrap_or_else(|| panic!("{file} has no row {seq}"))
}

/// What the Go dmctl printed in answer to these words, the `nth` time that it was asked (from 0).
pub fn printed(words: &str, nth: usize) -> String {
    let all: Vec<Value> = lines("godmctl.jsonl");
    let words: Vec<_> = words.split(' ').collect();
    let mut found = all.iter().filter(|run| run["argv"] == json!(words));
    found.nth(nth).unwrap_or_else(|| panic!("no run {nth} of {words:?}"))["stdout"].as_str().unwrap().to_owned()
}

/// The same as JSON.
pub fn printed_json(words: &str, nth: usize) -> Value {
    serde_json::from_str(&printed(words, nth)).unwrap()
}

/// `check-task` was printed with the raw text of DM between its quotes, so that it is no JSON.
pub fn printed_check() -> Value {
    let text = printed("check-task ./task1.yaml", 0);
    let text = text.strip_prefix("{\n    \"result\": true,\n    \"msg\": \"").unwrap();
    json!({ "result": true, "msg": text.strip_suffix("\"\n}\n").unwrap() })
}

#[derive(Debug, Clone)]
enum Answer {
    Http {
        status: u16,
        kind: Option<String>,
        body: String,
    },
    /// A message on the wire; `None` is the answer of a server that does not know the call.
    Message(Option<Vec<u8>>),
}

/// The answers of one cluster, in the order in which they were recorded.
#[derive(Debug, Clone, Default)]
pub struct Tape(Vec<(String, Value, Answer)>);

impl Tape {
    /// The same, and these rows of a recording: each is played once.
    pub fn rest(mut self, file: &str, rows: &[usize]) -> Self {
        for seq in rows {
            let row = row(file, *seq);
            let call = format!("{} {}", row.method, row.path);
            self = self.rest_as(&call, file, *seq);
        }
        self
    }

    /// The same, and a row in answer to a request that was not recorded but is answered alike.
    pub fn rest_as(mut self, call: &str, file: &str, seq: usize) -> Self {
        let row = row(file, seq);
        let body = match &row.response {
            Value::Null => String::new(),
            Value::Object(map) if map.contains_key("__text__") => map["__text__"].as_str().unwrap().to_owned(),
            body => body.to_string(),
        };
        self.0.push((call.to_owned(), row.request, Answer::Http { status: row.status, kind: row.content_type, body }));
        self
    }

    /// The same, and a message of this type in answer to a call.
    pub fn rpc(mut self, call: &str, message: &str, answer: &Value) -> Self {
        self.0.push((call.to_owned(), Value::Null, Answer::Message(Some(Wire::recorded().encode(message, answer)))));
        self
    }

    /// The same, and a call that is not known, as in a version that is older than the call.
    pub fn unknown_call(mut self, call: &str) -> Self {
        self.0.push((call.to_owned(), Value::Null, Answer::Message(None)));
        self
    }

    /// The same, and what was told of all members, in answer to a question for some kinds of them (`leader,worker`).
    pub fn members(self, kinds: &str, answer: &Value) -> Self {
        let asked = |member: &&Value| kinds.split(',').any(|kind| member.get(kind).is_some());
        let members: Vec<_> = answer["members"].as_array().unwrap().iter().filter(asked).collect();
        self.rpc(&format!("ListMember {kinds}"), "ListMemberResponse", &json!({ "result": true, "members": members }))
    }

    /// The same, and an answer to `QueryStatus`. It is asked source by source: so the recorded answer is played entry by entry.
    pub fn status(mut self, task: &str, answer: &Value) -> Self {
        for entry in answer["sources"].as_array().unwrap() {
            let call = format!("QueryStatus {} {task}", entry["sourceStatus"]["source"].as_str().unwrap());
            let alone = json!({ "result": answer["result"], "msg": answer["msg"], "sources": [entry] });
            self = self.rpc(call.trim_end(), "QueryStatusListResponse", &alone);
        }
        self
    }
}

/// What a REST status says (of a task, or of a source), as the message that it was made from.
pub fn status_from_rest(file: &str, seq: usize) -> Value {
    let mut sources = Vec::new();
    for entry in row(file, seq).response["data"].as_array().unwrap() {
        let mut entry = entry.as_object().unwrap().clone();
        let (source, worker) = (entry.remove("source_name"), entry.remove("worker_name"));
        let mut relay = entry.remove("relay_status");
        if let Some(relay) = relay.as_mut().and_then(Value::as_object_mut) {
            let folder = relay.remove("relay_dir").unwrap();
            relay.insert("relaySubDir".into(), folder);
        }
        for unit in ["sync", "load", "dump"] {
            if let Some(mut status) = entry.remove(&format!("{unit}_status")) {
                for group in status.get_mut("unresolved_groups").and_then(Value::as_array_mut).into_iter().flatten() {
                    group["DDLs"] = group.as_object_mut().unwrap().remove("ddl_list").unwrap();
                }
                entry.insert(unit.into(), status);
            }
        }
        if let Some(text) = entry.remove("error_msg") {
            entry.insert("result".into(), json!({ "errors": [process_error(text.as_str().unwrap())] }));
        }
        let subtasks: Vec<_> = (!entry.is_empty()).then_some(entry).into_iter().collect();
        let status = json!({ "source": source, "worker": worker, "relayStatus": relay });
        sources.push(json!({ "result": true, "msg": "", "sourceStatus": status, "subTaskStatus": subtasks }));
    }
    json!({ "result": true, "msg": "", "sources": sources })
}

/// The parts from which DM made a text, for texts of one line without a workaround.
fn process_error(text: &str) -> Value {
    let (head, rest) = text.trim_end().trim_end_matches('.').strip_prefix("[code=").unwrap().split_once("], Message: ").unwrap();
    let head: Vec<_> = head.split([':', '=']).collect();
    let [code, "class", class, "scope", scope, "level", level] = head[..] else { panic!("{text}") };
    let (message, cause) = rest.split_once(", RawCause: ").unwrap_or((rest, ""));
    json!({
        "errCode": code.parse::<i32>().unwrap(), "errClass": class, "errScope": scope, "errLevel": level, "message": message,
        "rawCause": cause,
    })
}

/// The facts of `pb-master.tsv`.
pub struct Wire {
    fields: BTreeMap<String, Vec<(u64, String, String, bool)>>,
    enums: BTreeMap<(String, String), i64>,
}

impl Wire {
    pub fn recorded() -> Self {
        let text = std::fs::read_to_string(folder().join("pb-master.tsv")).unwrap();
        let mut wire = Self { fields: BTreeMap::new(), enums: BTreeMap::new() };
        for line in text.lines() {
            match line.split('\t').collect::<Vec<_>>()[..] {
                // A message without fields has one line all the same.
                ["field", _, "-", ..] => {}
                ["field", message, number, name, kind, label, _] => {
                    let field = (number.parse().unwrap(), name.to_owned(), kind.to_owned(), label == "repeated");
                    wire.fields.entry(message.to_owned()).or_default().push(field);
                }
                ["enum", name, value, number] => {
                    wire.enums.insert((name.to_owned(), value.to_owned()), number.parse().unwrap());
                }
                _ => {}
            }
        }
        wire
    }

    /// A message on the wire. Its keys may be written in REST's way too (`master_binlog` for `masterBinlog`).
    pub fn encode(&self, message: &str, value: &Value) -> Vec<u8> {
        let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
        let mut out = Vec::new();
        for (key, value) in value.as_object().unwrap_or_else(|| panic!("{message}: {value}")) {
            let field = self.fields[message].iter().find(|(_, name, ..)| plain(name) == plain(key));
            let (number, _, kind, repeated) = field.unwrap_or_else(|| panic!("{message} has no field {key}"));
            match value {
                Value::Null => {}
                Value::Array(values) if *repeated => values.iter().for_each(|value| self.put(&mut out, *number, kind, value)),
                value => self.put(&mut out, *number, kind, value),
            }
        }
        out
    }

    fn put(&self, out: &mut Vec<u8>, number: u64, kind: &str, value: &Value) {
        let number_of = |value: &Value| match value {
            Value::String(text) => text.parse::<u64>().or_else(|_| text.parse::<i64>().map(i64::cast_unsigned)).unwrap(),
            value => value.as_u64().unwrap_or_else(|| value.as_i64().unwrap().cast_unsigned()),
        };
        match (kind.split_once(' ').unwrap_or((kind, "")), value) {
            (("bool", _), Value::Bool(value)) => varints(out, &[number << 3, u64::from(*value)]),
            (("int32" | "int64" | "uint64", _), value) => varints(out, &[number << 3, number_of(value)]),
            (("enum", name), Value::String(value)) => {
                let value = self.enums[&(name.to_owned(), value.clone())];
                varints(out, &[number << 3, value.cast_unsigned()]);
            }
            (("double", _), Value::Number(value)) => {
                varints(out, &[number << 3 | 1]);
                out.extend(value.as_f64().unwrap().to_le_bytes());
            }
            (("string", _), Value::String(text)) => {
                varints(out, &[number << 3 | 2, text.len() as u64]);
                out.extend(text.as_bytes());
            }
            (("message", name), value) => {
                let inner = self.encode(name, value);
                varints(out, &[number << 3 | 2, inner.len() as u64]);
                out.extend(inner);
            }
            (kind, value) => panic!("{value} is no {kind:?}"),
        }
    }
}

fn varints(out: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        let mut rest = *number;
        while rest > 0x7f {
            out.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
}

/// A master that plays a tape, until it is dropped.
pub struct Replay {
    /// `127.0.0.1:PORT`.
    pub address: String,
    left: Arc<Mutex<Tape>>,
    unrecorded: Arc<Mutex<Vec<String>>>,
    runtime: Option<Runtime>,
}

impl Replay {
    pub fn start(tape: &Tape) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (left, unrecorded) = (Arc::new(Mutex::new(tape.clone())), Arc::default());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let shared = (Arc::clone(&left), Arc::clone(&unrecorded));
        let router = Router::new().fallback(move |request: Request| answer(shared.clone(), request));
        let _until_the_end = runtime.spawn(async move {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
        });
        Self { address, left, unrecorded, runtime: Some(runtime) }
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
        if !std::thread::panicking() {
            let unrecorded = self.unrecorded.lock().unwrap();
            assert!(unrecorded.is_empty(), "requests that were not recorded: {unrecorded:?}");
            let left = self.left.lock().unwrap();
            let left: Vec<_> = left.0.iter().map(|(call, ..)| call).collect();
            assert!(left.is_empty(), "answers that nobody asked for: {left:?}");
        }
    }
}

async fn answer((left, unrecorded): (Arc<Mutex<Tape>>, Arc<Mutex<Vec<String>>>), request: Request) -> Response {
    let target = request.uri().path_and_query().unwrap().to_string();
    let method = request.method().clone();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let rpc = target.strip_prefix("/pb.Master/");
    let (call, body) = match rpc {
        Some(rpc) => (called(rpc, &body[5..]), Value::Null),
        None if body.is_empty() => (format!("{method} {target}"), Value::Null),
        None => (format!("{method} {target}"), serde_json::from_slice(&body).unwrap_or(Value::Null)),
    };
    let found = {
        let tape = &mut left.lock().unwrap().0;
        let at = tape.iter().position(|(known, request, _)| *known == call && *request == body);
        at.map(|at| tape.remove(at).2)
    };
    match found {
        Some(Answer::Http { status, kind, body }) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            match kind {
                Some(kind) => response.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap()),
                None => response.headers_mut().remove(header::CONTENT_TYPE),
            };
            response
        }
        Some(Answer::Message(Some(message))) => {
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            let frame: Bytes = [&[0], &length[..], &message].concat().into();
            let trailers = HeaderMap::from_iter([(header::HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
            let body = Full::new(frame).with_trailers(std::future::ready(Some(Ok(trailers))));
            ([(header::CONTENT_TYPE, "application/grpc")], Body::new(body)).into_response()
        }
        Some(Answer::Message(None)) => refused("12"),
        None => {
            unrecorded.lock().unwrap().push(format!("{call} {body}"));
            if rpc.is_some() { refused("13") } else { StatusCode::NOT_IMPLEMENTED.into_response() }
        }
    }
}

fn refused(code: &'static str) -> Response {
    let name = header::HeaderName::from_static("grpc-status");
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc")), (name, HeaderValue::from_static(code))], "")
        .into_response()
}

/// A call, with what it asks for.
fn called(rpc: &str, body: &[u8]) -> String {
    let about = match rpc {
        "QueryStatus" => {
            let request = pb::QueryStatusListRequest::decode(body).unwrap();
            format!("{} {}", request.sources.join(","), request.name)
        }
        "ListMember" => {
            let request = pb::ListMemberRequest::decode(body).unwrap();
            let kinds = [(request.leader, "leader"), (request.master, "master"), (request.worker, "worker")];
            let asked: Vec<_> = kinds.into_iter().filter_map(|(asked, kind)| asked.then_some(kind)).collect();
            asked.join(",")
        }
        "GetSubTaskCfg" => pb::GetSubTaskCfgRequest::decode(body).unwrap().name,
        "ShowDDLLocks" => pb::ShowDdlLocksRequest::decode(body).unwrap().task,
        "GetCfg" => {
            let request = pb::GetCfgRequest::decode(body).unwrap();
            format!("{} {}", request.r#type().as_str_name(), request.name)
        }
        "OperateSource" => pb::OperateSourceRequest::decode(body).unwrap().op().as_str_name().to_owned(),
        _ => String::new(),
    };
    format!("{rpc} {about}").trim_end().to_owned()
}
