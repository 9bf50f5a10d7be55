//! A server without a token, and what web pages could try on it.

use std::io::{Read as _, Write as _};

use dmctl::model::log::Log;
use dmctl::server::{self, Access};
use serde_json::{Value, json};

use crate::served::{Served, source};

/// What a browser sends, in its own words.
fn spoken(served: &Served, request: &str) -> String {
    let mut stream = std::net::TcpStream::connect(served.address).unwrap();
    stream.write_all(request.replace('\n', "\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_web_page_changes_nothing_and_reads_nothing() {
    let served = Served::new();
    assert_eq!(served.call("POST", "/sources", &json!({ "source": source("a") })).status, 201);
    let end = "Connection: close\n\n";
    for (what, request) in [
        ("a name that was made to lead here", "POST /api/v1/sources/a/disable HTTP/1.1\nHost: evil.example\n"),
        ("the same with a port", "POST /api/v1/sources/a/disable HTTP/1.1\nHost: evil.example:8261\n"),
        ("no name", "POST /api/v1/sources/a/disable HTTP/1.0\n"),
        ("two names", "POST /api/v1/sources/a/disable HTTP/1.1\nHost: localhost\nHost: evil.example\n"),
        ("a form", "POST /api/v1/sources/a/disable HTTP/1.1\nHost: localhost\nOrigin: http://evil.example\nContent-Length: 0\n"),
        ("a sandboxed page", "POST /api/v1/sources/a/disable HTTP/1.1\nHost: localhost\nOrigin: null\nContent-Length: 0\n"),
        ("a picture", "GET /api/v1/sources HTTP/1.1\nHost: localhost\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\n"),
        (
            "what comes before a call",
            "OPTIONS /api/v1/sources/a HTTP/1.1\nHost: localhost\nOrigin: http://evil.example\nAccess-Control-Request-Method: DELETE\n",
        ),
        (
            "gRPC by way of a page",
            "POST /pb.Master/OperateSource HTTP/1.1\nHost: evil.example\nContent-Type: application/grpc-web\nContent-Length: 0\n",
        ),
    ] {
        let answer = spoken(&served, &format!("{request}{end}"));
        assert!(
            answer.starts_with("HTTP/1.1 403 ") || answer.starts_with("HTTP/1.0 403 ") || answer.contains("grpc-status: 7"),
            "{what}: {answer}"
        );
        assert!(!answer.to_ascii_lowercase().contains("access-control-allow"), "{what}: {answer}");
    }
    let left = served.get("/sources/a").body;
    assert_eq!(left["enable"], true);
    // A page of this machine is its user's own, and still gets no leave to read.
    let own = spoken(
        &served,
        "GET /api/v1/sources HTTP/1.1\nHost: localhost\nOrigin: http://localhost:3000\nSec-Fetch-Site: same-site\nConnection: close\n\n",
    );
    assert!(own.starts_with("HTTP/1.1 200 "), "{own}");
}

#[test]
fn a_service_of_grpc_that_is_not_here_is_told_in_its_own_way() {
    let served = Served::with(Access::Certificates, None);
    for call in ["/etcdserverpb.KV/Range", "/pb.Worker/QueryStatus"] {
        let request = served.request("POST", call).header("content-type", "application/grpc");
        let answer = served.block(request.send()).unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["grpc-status"]), (200, &"12".parse().unwrap()));
        let told = answer.headers()["grpc-message"].to_str().unwrap();
        assert_eq!(told, format!("there is no {call} here: of DM's services this server has pb.Master only"));
    }
    assert_eq!(served.send(served.request("POST", "/etcdserverpb.KV/Range")).status, 404);
    assert_eq!(served.call("POST", "/sources/none/enable", &Value::Null).status, 400);
}

#[test]
fn who_never_says_what_he_wants_keeps_no_place() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (_end, ended) = tokio::sync::watch::channel(false);
    let patience = std::time::Duration::from_millis(1);
    runtime.spawn(server::serve_within(patience, listener, axum::Router::new(), None, ended, Log::silent()));
    for said in ["", "P", "GET /status HTTP/1.1\r\nHost: local", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(120))).unwrap();
        let _cut_off_already = stream.write_all(said.as_bytes());
        let cut = stream.read_to_end(&mut Vec::new());
        let waits = cut.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!waits, "{said:?} keeps its place");
    }
}
