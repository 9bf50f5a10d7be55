//! The API of the embedded DM from outside: who gets in, what is no route, and that both protocols tell the same.

use std::io::{Read as _, Write as _};

use dmctl::model::subtask::SubtaskEnd;
use dmctl::model::{DmError, SourceName, TaskName};
use dmctl::server::Access;
use dmctl::wire::pb;
use pb::master_client::MasterClient;
use serde_json::{Value, json};
use tonic::Code;

use crate::served::{Said, Served, source, task};

#[test]
fn only_who_has_the_token_gets_in() {
    let served = Served::with(Access::Token("abc".to_owned()), None);
    let with = |token: Option<&str>| {
        let request = served.request("GET", "/api/v1/tasks");
        served.send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    };
    assert_eq!(with(Some("abc")).status, 200);
    for token in [None, Some("abd"), Some("")] {
        let said = with(token);
        assert_eq!(said.status, 401);
        assert!(said.body["error_msg"].as_str().unwrap().contains("token"), "{said:?}");
    }
    let url = format!("http://{}", served.address);
    served.block(async {
        let channel = tonic::transport::Endpoint::from_shared(url).unwrap().connect().await.unwrap();
        let mut stub = MasterClient::new(channel);
        let status = stub.list_member(pb::ListMemberRequest::default()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        let mut request = tonic::Request::new(pb::ListMemberRequest::default());
        request.metadata_mut().insert("authorization", "Bearer abc".parse().unwrap());
        assert!(stub.list_member(request).await.unwrap().into_inner().result);
    });
}

#[test]
fn without_a_token_no_web_page_gets_in() {
    let served = Served::new();
    let ask = |host: &str, origin: Option<&str>| {
        let request = served.request("GET", "/api/v1/tasks").header("host", host);
        served.send(match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        })
    };
    assert_eq!(ask("localhost:8261", None).status, 200);
    assert_eq!(ask("127.0.0.1", Some("http://127.0.0.1:3000")).status, 200);
    assert_eq!(ask("evil.example", None).status, 403, "a name that was made to lead here");
    assert_eq!(ask("127.0.0.1", Some("http://evil.example")).status, 403);
    assert_eq!(ask("127.0.0.1", Some("null")).status, 403);
    let grpc = served.request("POST", "/pb.Master/ListMember").header("content-type", "application/grpc");
    assert_eq!(served.block(grpc.send()).unwrap().headers()["grpc-status"], "7", "browsers don't speak HTTP/2 here");
}

#[test]
fn nothing_unknown_is_answered_with_200() {
    let served = Served::new();
    let error = |body: &str| json!({ "error": body });
    for route in ["/nowhere", "/tasks/x/pause", "/tasks/x/resume", "/sources/x/pause-relay", "/sources/x/resume-relay", "/tasks/"] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let said = served.call(method, route, &Value::Null);
            assert_eq!(said, Said { status: 400, body: error("no matching operation was found") }, "{method} {route}");
        }
    }
    assert_eq!(served.call("PATCH", "/tasks", &Value::Null), Said { status: 400, body: error("method not allowed") });
    assert_eq!(served.send(served.request("GET", "/else")).status, 404);
    for (method, path) in [("POST", "/tasks/none/start"), ("POST", "/tasks/none/stop"), ("DELETE", "/tasks/none")] {
        let said = served.call(method, path, &Value::Null);
        assert_eq!((said.status, said.body["error_code"].as_u64()), (400, Some(46018)), "{method} {path}");
    }
    assert!(served.get("/sources?with_status=maybe").body["msg"].as_str().unwrap().starts_with("Invalid format for parameter"));
    assert_eq!(served.get("/tasks?stage=Asleep").status, 400);
    let version = served.send(served.request("GET", "/status")).body;
    assert!(version.as_str().unwrap().starts_with("Release Version: "), "{version}");
}

#[test]
fn bodies_are_looked_at_before_anything_else() {
    let served = Served::new();
    let post = |kind: Option<&str>, body: &str| {
        let request = served.request("POST", "/api/v1/sources").body(body.to_owned());
        let said = served.send(match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        });
        assert_eq!(said.status, 400, "{said:?}");
        said.body["error"].as_str().unwrap().to_owned()
    };
    assert!(post(Some("application/json"), "{not json").contains("failed to decode request body"));
    assert!(post(Some("application/json"), "").contains("missing"));
    assert!(post(Some("text/plain"), "{}").contains("Content-Type"));
    assert!(post(Some("application/json"), "{}").ends_with("Error at \"/source\": property \"source\" is missing"));
    // Where a body may be missing, nothing at all is fine, and JSON that is empty is not.
    assert_eq!(served.call("POST", "/sources", &json!({ "source": source("a") })).status, 201);
    assert_eq!(served.call("POST", "/tasks", &json!({ "task": task("shop", &["a"]) })).status, 201);
    let start = || served.request("POST", "/api/v1/tasks/shop/start");
    assert_eq!(served.send(start().header("content-type", "application/json")).status, 400);
    assert_eq!(served.send(start()).status, 200);
    let large = format!("{{\"source\": \"{}\"}}", "x".repeat(17 << 20));
    assert!(post(Some("application/json"), &large).contains("bytes"));
}

#[test]
fn what_can_not_be_done_yet_is_refused_and_not_passed_over() {
    let served = Served::new();
    served.call("POST", "/sources", &json!({ "source": source("a") }));
    served.call("POST", "/tasks", &json!({ "task": task("shop", &["a"]) }));
    let mut all = task("all", &["a"]);
    all["task_mode"] = "all".into();
    let mut sharded = task("sharded", &["a"]);
    sharded["shard_mode"] = "pessimistic".into();
    let refused = [
        ("/tasks", json!({ "task": all })),
        ("/tasks", json!({ "task": sharded })),
        ("/tasks/shop/start", json!({ "start_time": "2026-01-31 08:00:00" })),
        ("/tasks/shop/start", json!({ "safe_mode_time_duration": "10s" })),
        ("/sources/a/relay/enable", json!({})),
        ("/sources/a/relay/purge", json!({ "relay_binlog_name": "mysql-bin.000001" })),
    ];
    for (path, body) in refused {
        let said = served.call("POST", path, &body);
        assert_eq!(said.status, 400, "{path} {body}");
        assert!(said.body["error_msg"].as_str().unwrap().contains("not yet in this version"), "{said:?}");
    }
    assert_eq!(served.get("/tasks").body["total"], 1);
}

#[test]
fn a_task_lives_over_both_protocols() {
    let served = Served::new();
    let url = format!("http://{}", served.address);
    let mut stub = served.block(async { MasterClient::connect(url).await.unwrap() });
    let yaml = "source-id: a\nfrom: {host: 127.0.0.1, port: 3306, user: dm, password: S3cret-pw}\n".to_owned();
    let request = pb::OperateSourceRequest { op: pb::SourceOp::StartSource.into(), config: vec![yaml], ..Default::default() };
    let created = served.block(stub.operate_source(request)).unwrap().into_inner();
    assert!(created.result && created.sources[0].worker == "worker1", "{created:?}");
    assert_eq!(served.call("POST", "/tasks", &json!({ "task": task("shop", &["a"]) })).status, 201);
    let stages = |stub: &mut MasterClient<_>| {
        let request = pb::QueryStatusListRequest { name: "shop".to_owned(), sources: Vec::new() };
        let answer = served.block(stub.query_status(request)).unwrap().into_inner();
        let over_rpc = answer.sources[0].sub_task_status[0].clone();
        let over_rest = served.get("/tasks/shop/status").body["data"][0].clone();
        assert_eq!(over_rest["stage"].as_str(), Some(over_rpc.stage().as_str_name()), "both tell the same");
        (over_rpc.stage(), over_rpc.result.map(|result| result.errors).unwrap_or_default(), over_rest["error_msg"].clone())
    };
    assert_eq!(stages(&mut stub).0, pb::Stage::Stopped);
    let operate = |stub: &mut MasterClient<_>, op: pb::TaskOp| {
        let request = pb::OperateTaskRequest { op: op.into(), name: "shop".to_owned(), sources: Vec::new() };
        served.block(stub.operate_task(request)).unwrap().into_inner()
    };
    assert!(operate(&mut stub, pb::TaskOp::Resume).result);
    assert_eq!(stages(&mut stub).0, pb::Stage::Running);
    let again = operate(&mut stub, pb::TaskOp::Resume);
    assert!(again.result && again.sources[0].msg == "it runs already", "{again:?}");
    assert_eq!(served.call("POST", "/tasks/shop/stop", &Value::Null).status, 200);
    assert_eq!(stages(&mut stub).0, pb::Stage::Stopped, "what a user stopped reads Stopped, right after the answer");
    served.call("POST", "/tasks/shop/start", &Value::Null);
    let key = (TaskName::seen("shop"), SourceName::seen("a"));
    served.block(served.script.until(|at_work| !at_work.is_empty()));
    served.script.end(&key, SubtaskEnd::Failed(vec![DmError::coded(34019, "no room").because("the disk").in_scope("downstream")]));
    served.until("shop", "Stopped");
    let (_, errors, text) = stages(&mut stub);
    assert_eq!((errors[0].err_code, errors[0].err_scope.as_str(), errors[0].raw_cause.as_str()), (34019, "downstream", "the disk"));
    assert_eq!(text, "[code=34019:class=load-unit:scope=downstream:level=high], Message: no room, RawCause: the disk\n");
    assert!(!operate(&mut stub, pb::TaskOp::Stop).result, "38041");
    assert!(operate(&mut stub, pb::TaskOp::Delete).result);
    assert_eq!(served.get("/tasks").body["total"], 0);
}

#[test]
fn what_is_created_over_rest_is_the_file_that_dm_would_make() {
    let served = Served::new();
    served.call("POST", "/sources", &json!({ "source": source("a") }));
    let mut body = task("shop", &["a"]);
    body["binlog_filter_rule"] = json!({ "no-drops": { "ignore_event": ["drop table"], "ignore_sql": ["^DROP"] } });
    body["table_migrate_rule"][0]["binlog_filter_rule"] = json!(["no-drops"]);
    let schema = json!({ "source": { "source_name": "a", "schema": "logs", "table": "" } });
    body["table_migrate_rule"].as_array_mut().unwrap().push(schema);
    assert_eq!(served.call("POST", "/tasks", &json!({ "task": body })).status, 201);
    let url = format!("http://{}", served.address);
    let answer = served.block(async {
        let mut stub = MasterClient::connect(url).await.unwrap();
        let request = pb::GetCfgRequest { r#type: pb::CfgType::TaskType.into(), name: "shop".to_owned() };
        stub.get_cfg(request).await.unwrap().into_inner()
    });
    crate::harness::snapshot("server_task_of_rest", &answer.cfg);
    let shown = served.get("/tasks/shop").body;
    assert_eq!(shown["target_config"]["password"], "T4rget", "a client shows it when it is asked to");
    assert_eq!(shown["table_migrate_rule"].as_array().unwrap().len(), 2);
    // And the file of it makes the same task again.
    let converted = served.call("POST", "/tasks/converters", &json!({ "task_config_file": answer.cfg }));
    assert_eq!(converted.body["task"]["table_migrate_rule"], shown["table_migrate_rule"]);
}

#[test]
fn a_slow_check_delays_no_list() {
    use std::sync::atomic::Ordering;
    let served = Served::new();
    served.call("POST", "/sources", &json!({ "source": source("a") }));
    served.script.hold.store(true, Ordering::SeqCst);
    let request = served.request("POST", "/api/v1/tasks").json(&json!({ "task": task("shop", &["a"]) }));
    let slow = served.runtime.as_ref().unwrap().spawn(request.send());
    let busy = loop {
        let said = served.call("POST", "/tasks/shop/start", &Value::Null);
        if said.body["error_code"] != 46018 {
            break said;
        }
    };
    assert_eq!((busy.status, busy.body["error_code"].as_u64()), (400, Some(46024)));
    assert_eq!(served.get("/tasks").body["total"], 0);
    served.script.go_on();
    assert_eq!(served.block(slow).unwrap().unwrap().status().as_u16(), 201);
}

#[test]
fn who_sends_nothing_is_not_waited_for_by_others() {
    let served = Served::new();
    let mut idle: Vec<_> = (0..50).map(|_| std::net::TcpStream::connect(served.address).unwrap()).collect();
    idle.iter_mut().for_each(|stream| stream.write_all(b"GET /api/v1/tasks HTTP/1.1\r\n").unwrap());
    assert_eq!(served.get("/tasks").status, 200);
    let mut large = std::net::TcpStream::connect(served.address).unwrap();
    let head = format!("GET /status HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(1 << 20));
    let _cut_off = large.write_all(head.as_bytes());
    let mut answer = Vec::new();
    let _cut_off = large.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn a_list_of_tasks_is_written_as_one_of_its_tasks_is() {
    let served = Served::new();
    let text = |path: &str| {
        let request = served.request("GET", &format!("/api/v1{path}"));
        served.block(async { request.send().await.unwrap().text().await.unwrap() })
    };
    let spelt = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        let mut written = Vec::new();
        let form = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        serde::Serialize::serialize(&value, &mut serde_json::Serializer::with_formatter(&mut written, form)).unwrap();
        assert_eq!(text, String::from_utf8(written).unwrap());
        value
    };
    assert_eq!(spelt(&text("/tasks")), json!({ "total": 0, "data": [] }));
    served.call("POST", "/sources", &json!({ "source": source("a") }));
    for name in ["one", "two"] {
        assert_eq!(served.call("POST", "/tasks", &json!({ "task": task(name, &["a"]) })).status, 201);
    }
    // The second time they are not made anew.
    for query in ["", "?with_status=true", "", "?with_status=true"] {
        let list = spelt(&text(&format!("/tasks{query}")));
        let each = ["one", "two"].map(|name| served.get(&format!("/tasks/{name}{query}")).body);
        assert_eq!(list, json!({ "total": 2, "data": each }), "{query}");
    }
    let mut changed = task("one", &["a"]);
    changed["target_config"]["host"] = "10.0.0.9".into();
    assert_eq!(served.call("PUT", "/tasks/one", &json!({ "task": changed })).status, 200);
    assert_eq!(spelt(&text("/tasks"))["data"][0]["target_config"]["host"], "10.0.0.9");
    assert_eq!(served.call("DELETE", "/tasks/one", &Value::Null).status, 204);
    let left = spelt(&text("/tasks"));
    assert_eq!((left["total"].as_u64(), left["data"][0]["name"].as_str()), (Some(1), Some("two")));
}
