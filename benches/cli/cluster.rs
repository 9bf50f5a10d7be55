//! A master whose answers are made beforehand, so that what is measured is the client.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use dmctl::wire::pb;
use http_body_util::{BodyExt as _, Full};
use prost::Message as _;
use serde_json::json;

struct Answers {
    members: Bytes,
    tasks: Bytes,
    sources: Bytes,
    statuses: HashMap<String, Bytes>,
}

/// More tasks than these are listed by name only, of no source: as they are, they would be more than a client takes at once.
const MANY: usize = 100_000;

/// Serves so many tasks, which sync, spread over twenty sources. Returns the address; it serves until the process ends.
pub fn serve(tasks: usize) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answers = Arc::new(answers(tasks, &address));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let router = axum::Router::new()
                .route("/api/v1/tasks", get(async |State(answers): State<Arc<Answers>>| json_answer(answers.tasks.clone())))
                .route("/api/v1/sources", get(async |State(answers): State<Arc<Answers>>| json_answer(answers.sources.clone())))
                .route(
                    "/pb.Master/ListMember",
                    post(async |State(answers): State<Arc<Answers>>| rpc_answer(answers.members.clone())),
                )
                .route("/pb.Master/QueryStatus", post(query_status))
                .with_state(answers);
            // A Go server sends at once; without this each small answer would wait for an acknowledgement.
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
            axum::serve(listener, router).await.unwrap();
        });
    });
    address
}

async fn query_status(State(answers): State<Arc<Answers>>, body: Bytes) -> Response {
    // Behind the flag of compression and the length comes the message.
    let request = pb::QueryStatusListRequest::decode(&body[5..]).unwrap();
    rpc_answer(answers.statuses[&request.sources[0]].clone())
}

fn json_answer(body: Bytes) -> Response {
    Response::builder().header("content-type", "application/json; charset=utf-8").body(Body::from(body)).unwrap()
}

fn rpc_answer(frame: Bytes) -> Response {
    let mut trailers = axum::http::HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    let body = Full::new(frame).with_trailers(async move { Some(Ok(trailers)) });
    Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap()
}

fn frame(message: &impl prost::Message) -> Bytes {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    frame.extend(message.encode_to_vec());
    frame.into()
}

fn answers(tasks: usize, address: &str) -> Answers {
    let sources: Vec<String> = (0..20).map(|source| format!("mysql-{source:02}")).collect();
    let shard = if tasks < MANY { "-shard" } else { "" };
    let names: Vec<String> = (0..tasks).map(|task| format!("billing{shard}-{task:07}")).collect();
    let workers = sources.iter().enumerate().map(|(index, source)| pb::WorkerInfo {
        name: format!("worker-{index:02}"),
        addr: "127.0.0.1:8262".to_owned(),
        stage: "bound".to_owned(),
        source: source.clone(),
    });
    let leader = pb::ListLeaderMember { name: "master-1".to_owned(), addr: address.to_owned(), ..Default::default() };
    let workers = pb::ListWorkerMember { workers: workers.collect(), ..Default::default() };
    let members = [pb::members::Member::Leader(leader), pb::members::Member::Worker(workers)];
    let members = members.map(|member| pb::Members { member: Some(member) }).to_vec();
    let statuses = sources.iter().enumerate().map(|(index, source)| {
        let subtasks = names.iter().filter(|_| tasks < MANY).skip(index).step_by(sources.len()).map(|name| subtask(name)).collect();
        let status = pb::QueryStatusResponse {
            result: true,
            source_status: Some(pb::SourceStatus {
                source: source.clone(),
                worker: format!("worker-{index:02}"),
                ..Default::default()
            }),
            sub_task_status: subtasks,
            ..Default::default()
        };
        let answer = pb::QueryStatusListResponse { result: true, sources: vec![status], ..Default::default() };
        (source.clone(), frame(&answer))
    });
    let listed = names.iter().enumerate().map(|(index, name)| match tasks {
        ..MANY => task(name, &sources[index % sources.len()]),
        _ => json!({ "name": name, "source_config": { "source_conf": [] } }),
    });
    let listed: Vec<_> = listed.collect();
    let list = json!({ "total": tasks, "data": listed });
    let serves = |name: &String| json!({ "source_name": name, "host": "127.0.0.1", "port": 3306, "user": "dm", "enable": true });
    let served: Vec<_> = sources.iter().map(serves).collect();
    Answers {
        sources: serde_json::to_vec(&json!({ "total": served.len(), "data": served })).unwrap().into(),
        statuses: statuses.collect(),
        members: frame(&pb::ListMemberResponse { result: true, members, ..Default::default() }),
        tasks: if tasks < MANY { serde_json::to_vec_pretty(&list) } else { serde_json::to_vec(&list) }.unwrap().into(),
    }
}

fn subtask(name: &str) -> pb::SubTaskStatus {
    let sync = pb::SyncStatus {
        total_events: 1_000_000,
        total_rows: 1_000_000,
        recent_rps: 120,
        master_binlog: "(mysql-bin.000012, 120345678)".to_owned(),
        master_binlog_gtid: "0-3306-1234567".to_owned(),
        syncer_binlog: "(mysql-bin.000012, 120345678)".to_owned(),
        syncer_binlog_gtid: "0-3306-1234567".to_owned(),
        synced: true,
        binlog_type: "remote".to_owned(),
        ..Default::default()
    };
    pb::SubTaskStatus {
        name: name.to_owned(),
        stage: pb::Stage::Running.into(),
        unit: pb::UnitType::Sync.into(),
        status: Some(pb::sub_task_status::Status::Sync(sync)),
        ..Default::default()
    }
}

/// A task in the form and of the size that a real master lists it.
fn task(name: &str, source: &str) -> serde_json::Value {
    json!({
        "enhance_online_schema_change": true, "meta_schema": "dm_meta", "name": name, "on_duplicate": "replace",
        "source_config": {
            "full_migrate_conf": { "data_dir": "./exported_data", "export_threads": 4, "import_threads": 4 },
            "incr_migrate_conf": { "repl_batch": 100, "repl_threads": 4 },
            "source_conf": [{ "binlog_name": "mysql-bin.000001", "binlog_pos": 4, "source_name": source }],
        },
        "table_migrate_rule": [{ "source": { "schema": "shop", "source_name": source, "table": "*" }, "target": { "schema": "shop" } }],
        "target_config": { "host": "127.0.0.1", "password": "secret", "port": 4000, "security": null, "user": "root" },
        "task_mode": "all",
    })
}
