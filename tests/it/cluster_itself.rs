//! The scripted cluster against the recordings: the same requests in the same order get the same answers.
//!
//! Left out are requests that no verb of ours makes (status over REST, converters, templates, relay routes), and, named by their numbers,
//! those that were refused because of a database, which a scripted cluster has none of.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::cluster::{Cluster, Script, Version};
use crate::cluster_status::{failed, finished};
use crate::recordings_rpc::{Row, rows};

/// One answer of REST.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub kind: Option<String>,
    pub body: Value,
}

/// Sends a request, without reading an answer. `body` is sent as it is.
pub fn send(address: &str, method: &str, path: &str, body: Option<&str>) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let kind = body.map_or(String::new(), |body| format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    let body = body.unwrap_or_default();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{kind}\r\n{body}").unwrap();
    stream
}

/// Sends a request, and takes the answer apart.
pub fn ask(address: &str, method: &str, path: &str, body: Option<&str>) -> Answer {
    let mut text = String::new();
    send(address, method, path, body).read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    };
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap_or(json!({ "__text__": body })) };
    Answer { status: head.split(' ').nth(1).unwrap().parse().unwrap(), kind: header("content-type"), body }
}

/// Whether some verb of ours makes this request.
fn is_ours(row: &Row) -> bool {
    let path = row.path.split('?').next().unwrap();
    let parts: Vec<_> = path.trim_start_matches("/api/v1/").split('/').collect();
    let known = match parts.as_slice() {
        ["tasks" | "sources"] | ["cluster", "info"] | ["sources", _] | ["sources", _, "schemas", ..] => true,
        ["tasks", _, "start" | "stop"] | ["sources", _, "enable" | "disable" | "transfer"] => true,
        ["tasks", name] => !["templates", "converters"].contains(name),
        _ => false,
    };
    known && (row.path == path || row.method != "GET")
}

/// What of an answer does not depend on a database: results of checks, what the server's own decoder says of bad JSON, lists of what
/// there is on a server.
fn comparable(row: &Row, body: &Value) -> Value {
    let mut body = body.clone();
    if body["check_result"].is_string() {
        body["check_result"] = "(checked)".into();
    }
    if let Some(text) = body["error"].as_str() {
        body["error"] = text.split("request body: ").next().unwrap().into();
    }
    if row.path.ends_with("/schemas") && body.is_array() {
        body = "(a list)".into();
    }
    body
}

/// Asks what was asked, and compares. `before` is what happens to the cluster before a row.
fn replay(file: &str, cluster: &Cluster, left_out: &[usize], mut before: impl FnMut(&Cluster, usize)) -> usize {
    let (mut compared, mut others) = (0, Vec::new());
    for row in rows(file) {
        before(cluster, row.seq);
        if !is_ours(&row) || left_out.contains(&row.seq) {
            continue;
        }
        let raw = row.request["__raw__"].as_str().map(str::to_owned);
        let body = raw.or((!row.request.is_null()).then(|| row.request.to_string()));
        let answer = ask(&cluster.address, &row.method, &row.path, body.as_deref());
        let expected = Answer { status: row.status, kind: row.content_type.clone(), body: comparable(&row, &row.response) };
        let shown = Answer { body: comparable(&row, &answer.body), ..answer };
        if shown != expected {
            others.push(format!("row {}: {} {}\n  {shown:?}\n  in the place of\n  {expected:?}", row.seq, row.method, row.path));
        }
        compared += 1;
    }
    assert!(others.is_empty(), "{file}:\n{}", others.join("\n"));
    compared
}

/// The cluster of the recordings. Which worker got which source was up to chance there; here the first that is free gets it.
fn recorded(version: Version) -> Script {
    Script::empty().version(version).worker("worker2", "free", "").worker("worker1", "free", "").worker("worker3", "free", "")
}

fn with_sources(version: Version) -> Cluster {
    let cluster = Cluster::start(recorded(version).check(true, "checked"));
    for (name, port) in [("mysql-01", 3306), ("mysql-02", 3307), ("mysql-08", 3308)] {
        let source = json!({
            "source_name": name, "host": "127.0.0.1", "port": port, "user": "dm", "password": "S3cret", "enable": true, "enable_gtid": false,
        });
        let answer = ask(&cluster.address, "POST", "/api/v1/sources", Some(&json!({ "source": source }).to_string()));
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    cluster
}

/// Everything that a task shows from now on.
fn shows(cluster: &Cluster, task: &str, look: &dmctl::wire::pb::SubTaskStatus) {
    cluster.change(|script| {
        script.with_task(task, |task| {
            task.old_looks.clear();
            for (_, looks) in &mut task.subtasks {
                *looks = vec![look.clone()];
            }
        })
    });
}

#[test]
fn sources_as_recorded() {
    let cluster = Cluster::start(recorded(Version::V90));
    // 1 to 3 clean up what other runs had left behind, 8, 9 and 39 fail at the database, the rest has a relay that REST started.
    let left_out = [1, 2, 3, 8, 9, 39, 62, 71];
    let compared = replay("sources.jsonl", &cluster, &left_out, |cluster, seq| {
        if seq == 46 {
            cluster.change(|script| script.schema("mysql-01", "shop_3306", &["events", "orders"]));
        }
    });
    assert_eq!(compared, 37);
}

#[test]
fn a_task_that_syncs_as_recorded() {
    let cluster = with_sources(Version::V90);
    let compared = replay("tasks-sync.jsonl", &cluster, &[], |cluster, seq| {
        if seq == 38 {
            shows(cluster, "task-1", &failed());
        }
    });
    assert_eq!(compared, 24);
}

#[test]
fn tasks_as_recorded() {
    let cluster = with_sources(Version::V90);
    // 13 fails at the database.
    let compared = replay("tasks.jsonl", &cluster, &[13], |cluster, seq| match seq {
        39 => {
            shows(cluster, "task-1", &dmctl::wire::pb::SubTaskStatus { unit: dmctl::wire::pb::UnitType::Load.into(), ..failed() })
        }
        82 => shows(cluster, "task-full", &finished()),
        _ => {}
    });
    assert_eq!(compared, 48);
}

#[test]
fn a_task_that_is_made_anew_as_recorded() {
    let cluster = with_sources(Version::V90);
    let compared = replay("remove-meta.jsonl", &cluster, &[], |cluster, seq| {
        if seq == 5 || seq == 13 {
            shows(cluster, "again", &finished());
        }
    });
    assert_eq!(compared, 14);
}

#[test]
fn an_older_cluster_as_recorded() {
    let cluster = Cluster::start(Script::empty().version(Version::V65).worker("oldw1", "free", "").check(true, "checked"));
    assert_eq!(replay("v6.5.jsonl", &cluster, &[2], |_, _| {}), 16);
}

#[test]
fn a_cluster_without_openapi_as_recorded() {
    let cluster = Cluster::start(Script::empty().without_openapi());
    for row in rows("frame.jsonl").iter().filter(|row| row.seq <= 4) {
        let body = (!row.request.is_null()).then(|| row.request.to_string());
        let answer = ask(&cluster.address, &row.method, &row.path, body.as_deref());
        assert_eq!((answer.status, &answer.body), (row.status, &row.response), "row {}", row.seq);
    }
}
