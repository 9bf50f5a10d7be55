//! The scripted cluster: what its gRPC says, and the traps of DM that no recording has.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dmctl::wire::pb;
use dmctl::wire::pb::master_client::MasterClient;
use serde_json::json;
use tonic::transport::Channel;

use crate::cluster::{Cluster, Script, Version};
use crate::cluster_itself::{ask, send};
use crate::cluster_status::{created, failed, paused, syncing};
use crate::recordings_rpc::{printed, printed_json};

/// Makes one call, on a connection of its own.
pub fn rpc<T>(
    address: &str,
    call: impl AsyncFnOnce(&mut MasterClient<Channel>) -> Result<tonic::Response<T>, tonic::Status>,
) -> Result<T, tonic::Status> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
        call(&mut MasterClient::new(channel)).await.map(tonic::Response::into_inner)
    })
}

/// The stages and errors of one subtask at each of so many looks.
fn looks(cluster: &Cluster, task: &str, source: &str, count: usize) -> Vec<(pb::Stage, bool)> {
    let request = || pb::QueryStatusListRequest { name: task.into(), sources: vec![source.into()] };
    let look = |_| {
        let answer = rpc(&cluster.address, async |client| client.query_status(request()).await).unwrap();
        let status = &answer.sources[0].sub_task_status[0];
        (status.stage(), status.result.as_ref().is_some_and(|result| !result.errors.is_empty()))
    };
    (0..count).map(look).collect()
}

fn operate(cluster: &Cluster, op: pb::TaskOp, task: &str) -> pb::OperateTaskResponse {
    let request = pb::OperateTaskRequest { op: op.into(), name: task.into(), sources: Vec::new() };
    rpc(&cluster.address, async |client| client.operate_task(request).await).unwrap()
}

fn post(cluster: &Cluster, path: &str) -> u16 {
    ask(&cluster.address, "POST", &format!("/api/v1/{path}"), Some("{}")).status
}

#[test]
fn grpc_as_the_go_dmctl_printed_it() {
    let cluster = Cluster::start(Script::usual().lock("task-1", "pessimistic", "ALTER").master("nobody", "$SELF", true));
    let address = &cluster.address;
    let said = |words: &str| printed_json(words, 0);
    let nope = pb::TransferSourceRequest { source: "nope".into(), worker: "worker-1".into() };
    let answer = rpc(address, async |client| client.transfer_source(nope).await).unwrap();
    assert_eq!(json!({ "result": answer.result, "msg": answer.msg }), said("transfer-source nope worker1"));
    let request = pb::UnlockDdlLockRequest { id: "nope-lock".into(), ..Default::default() };
    let answer = rpc(address, async |client| client.unlock_ddl_lock(request).await).unwrap();
    assert_eq!(json!({ "result": answer.result, "msg": answer.msg }), said("shard-ddl-lock unlock nope-lock"));
    let request = pb::UnlockDdlLockRequest { id: "task-1-`shop`.`orders`".into(), ..Default::default() };
    let answer = rpc(address, async |client| client.unlock_ddl_lock(request).await).unwrap();
    assert_eq!(json!({ "result": answer.result, "msg": answer.msg }), said("shard-ddl-lock unlock shard-p-`merged`.`t`"));
    assert!(cluster.state().locks.is_empty());
    let request =
        pb::PurgeWorkerRelayRequest { sources: vec!["mysql-02".into()], filename: "no binlog".into(), ..Default::default() };
    let answer = rpc(address, async |client| client.purge_worker_relay(request).await).unwrap();
    // A remark stands before the JSON.
    let printed = printed("purge-relay -s mysql-01 -f mysql-bin.000001", 0);
    let printed: serde_json::Value = serde_json::from_str(&printed[printed.find('{').unwrap()..]).unwrap();
    let entry = &answer.sources[0];
    assert_eq!((answer.result, entry.result, &*entry.worker), (true, true, ""));
    assert_eq!(
        (&printed["result"], &printed["sources"][0]["result"], &printed["sources"][0]["worker"]),
        (&json!(true), &json!(true), &json!(""))
    );
    for (kind, name, code) in [("master", "nope", "38048"), ("worker", "nope", "46004"), ("worker", "worker-1", "46005")] {
        let request = pb::OfflineMemberRequest { r#type: kind.into(), name: name.into() };
        let answer = rpc(address, async |client| client.offline_member(request).await).unwrap();
        assert!(!answer.result && answer.msg.starts_with(&format!("[code={code}:")), "{answer:?}");
    }
    let unknown = operate(&cluster, pb::TaskOp::Pause, "nope");
    assert!(!unknown.result && unknown.msg.starts_with("task nope has no source or not exist"), "{unknown:?}");
}

#[test]
fn rest_does_not_wait_and_grpc_does() {
    use pb::Stage::{Paused, Running};
    let script = || Script::usual().late(2);
    let cluster = Cluster::start(script());
    assert_eq!(post(&cluster, "tasks/task-1/stop"), 200);
    assert_eq!(looks(&cluster, "task-1", "mysql-01", 4), [(Running, false), (Running, false), (Paused, false), (Paused, false)]);
    assert_eq!(post(&cluster, "tasks/task-3/start"), 200);
    assert_eq!(looks(&cluster, "task-3", "mysql-01", 3), [(Paused, true), (Paused, true), (Running, false)]);
    // A start and a stop on the heels of each other.
    assert_eq!((post(&cluster, "tasks/task-1/start"), post(&cluster, "tasks/task-1/stop")), (200, 200));
    assert_eq!(looks(&cluster, "task-1", "mysql-01", 3).last(), Some(&(Paused, false)));
    let cluster = Cluster::start(script());
    assert!(operate(&cluster, pb::TaskOp::Pause, "task-1").sources.iter().all(|entry| entry.result));
    assert_eq!(looks(&cluster, "task-1", "mysql-02", 1), [(Paused, false)]);
    // What stands there from before is taken for what came of it.
    let answer = operate(&cluster, pb::TaskOp::Resume, "task-3");
    assert!(answer.result && !answer.sources[0].result && answer.sources[0].msg.starts_with("[code=44019:"), "{answer:?}");
    assert_eq!(looks(&cluster, "task-3", "mysql-01", 3), [(Paused, true), (Paused, true), (Running, false)]);
    assert!(operate(&cluster, pb::TaskOp::Delete, "task-3").result);
    assert!(cluster.state().tasks.iter().all(|task| task.name != "task-3"));
}

#[test]
fn what_a_start_leads_to_can_be_scripted() {
    let cluster = Cluster::start(Script::usual().late(0).once_started("task-3", &[syncing(3), failed()]));
    assert_eq!(post(&cluster, "tasks/task-3/start"), 200);
    assert_eq!(looks(&cluster, "task-3", "mysql-01", 2), [(pb::Stage::Running, false), (pb::Stage::Paused, true)]);
}

#[test]
fn delete_looks_at_what_is_wanted() {
    let cluster = Cluster::start(Script::usual());
    let delete = |task: &str| ask(&cluster.address, "DELETE", &format!("/api/v1/tasks/{task}"), None).status;
    // A finished task, and one that an error stopped, are wanted to run.
    for task in ["task-2", "task-3"] {
        assert_eq!((delete(task), post(&cluster, &format!("tasks/{task}/stop")), delete(task)), (400, 200, 204), "{task}");
    }
    assert_eq!(delete("task-4"), 204, "it was never started");
    assert_eq!(ask(&cluster.address, "DELETE", "/api/v1/tasks/task-1?force=true", None).status, 204);
    assert!(cluster.state().tasks.is_empty());
}

#[test]
fn enable_starts_what_was_stopped_before_it_was_disabled() {
    let cluster = Cluster::start(Script::usual());
    assert_eq!((post(&cluster, "sources/mysql-01/disable"), post(&cluster, "sources/mysql-01/enable")), (200, 200));
    assert_eq!(cluster.subtask("task-4", "mysql-01").unwrap().stage(), pb::Stage::Running, "it was never started");
}

#[test]
fn transfer_moves_what_runs_or_hangs() {
    let script = |look: pb::SubTaskStatus| {
        Script::empty()
            .worker("worker-1", "bound", "mysql-01")
            .worker("worker-2", "free", "")
            .source("mysql-01", 3306, "mariadb")
            .task("task-1", "all", &[("mysql-01", &[syncing(0)])])
            .task("task-2", "all", &[("mysql-01", &[look])])
    };
    let transfer = |cluster: &Cluster| {
        ask(&cluster.address, "POST", "/api/v1/sources/mysql-01/transfer", Some(r#"{"worker_name":"worker-2"}"#))
    };
    let cluster = Cluster::start(script(paused()).late(0));
    assert_eq!(transfer(&cluster).status, 200);
    let bound: Vec<_> = cluster.state().workers.into_iter().map(|worker| (worker.stage, worker.source)).collect();
    assert_eq!(bound, [("free".to_owned(), String::new()), ("bound".to_owned(), "mysql-01".to_owned())]);
    assert_eq!(looks(&cluster, "task-1", "mysql-01", 1), [(pb::Stage::Running, false)]);
    assert_eq!(looks(&cluster, "task-2", "mysql-01", 1), [(pb::Stage::Paused, false)]);
    let dumping = transfer(&Cluster::start(script(created())));
    assert_eq!(dumping.body["error_code"], 46019);
    let cluster = Cluster::start(script(pb::SubTaskStatus { stage: pb::Stage::Stopped.into(), ..syncing(0) }));
    let _held = send(&cluster.address, "POST", "/api/v1/sources/mysql-01/transfer", Some(r#"{"worker_name":"worker-2"}"#));
    cluster.wait_until(|script| script.tasks[0].wanted.get("mysql-01") == Some(&false));
    assert_eq!(cluster.state().workers[0].source, "mysql-01", "it is left halfway");
}

#[test]
fn relays_are_operated_in_the_style_in_which_they_were_started() {
    let relay = |cluster: &Cluster, op: pb::RelayOpV2, workers: &[&str]| {
        let worker = workers.iter().map(|worker| (*worker).to_owned()).collect();
        let request = pb::OperateRelayRequest { op: op.into(), source: "mysql-01".into(), worker };
        let answer = rpc(&cluster.address, async |client| client.operate_relay(request).await).unwrap();
        answer.msg.get(6..11).unwrap_or("done").to_owned()
    };
    use pb::RelayOpV2::{StartRelayV2 as Start, StopRelayV2 as Stop};
    let cluster = Cluster::start(Script::usual());
    let steps =
        [(Start, vec!["worker-3"], "done"), (Start, vec![], "46028"), (Stop, vec![], "46029"), (Start, vec!["worker-2"], "46021")];
    for (op, workers, said) in steps {
        assert_eq!(relay(&cluster, op, &workers), said, "{op:?} {workers:?}");
    }
    assert_eq!(cluster.state().workers[2].stage, "relay");
    assert_eq!(relay(&cluster, Stop, &["worker-3"]), "done");
    for (op, workers, said) in [(Start, vec![], "done"), (Start, vec!["worker-1"], "46030"), (Stop, vec!["worker-1"], "46031")] {
        assert_eq!(relay(&cluster, op, &workers), said, "{op:?} {workers:?}");
    }
    assert!(cluster.state().sources[0].enable_relay && cluster.state().sources[0].relay.is_some());
    assert_eq!((relay(&cluster, Stop, &[]), cluster.state().sources[0].relay.is_none()), ("done".to_owned(), true));
}

#[test]
fn sources_are_made_of_files_and_all_or_none() {
    let file = |name: &str| {
        format!("source-id: {name}\nserver-id: 77\nfrom:\n  host: 127.0.0.1\n  port: 3306\n  user: dm\n  password: S3cret-pw\n")
    };
    let cluster = Cluster::start(Script::empty().worker("worker-1", "free", ""));
    let start = |names: &[&str]| {
        let config = names.iter().map(|name| file(name)).collect();
        let request = pb::OperateSourceRequest { op: pb::SourceOp::StartSource.into(), config, ..Default::default() };
        rpc(&cluster.address, async |client| client.operate_source(request).await).unwrap()
    };
    let answer = start(&["mysql-01"]);
    assert_eq!((answer.result, &*answer.sources[0].worker), (true, "worker-1"));
    assert!(!start(&["mysql-02", "mysql-01"]).result);
    assert_eq!(cluster.state().sources.len(), 1, "the first was taken back");
    let cfg = pb::GetCfgRequest { r#type: pb::CfgType::SourceType.into(), name: "mysql-01".into() };
    let text = rpc(&cluster.address, async |client| client.get_cfg(cfg).await).unwrap().cfg;
    assert!(text.contains("server-id: 77") && text.contains("******") && !text.contains("S3cret-pw"), "{text}");
    assert_eq!(cluster.changes()[0].body["config"], json!([file("mysql-01")]));
    assert_eq!(ask(&cluster.address, "GET", "/api/v1/sources/mysql-01", None).body["password"], "******");
}

#[test]
fn an_optimistic_lock_needs_the_table_that_waits() {
    let cluster = Cluster::start(Script::usual().lock("task-1", "optimistic", "ALTER"));
    let unlock = |sources: &[&str], table: &str| {
        let request = pb::UnlockDdlLockRequest {
            id: "task-1-`shop`.`orders`".into(),
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
            database: "shop_2".into(),
            table: table.into(),
            op: pb::UnlockDdlLockOp::SkipLock.into(),
            ..Default::default()
        };
        rpc(&cluster.address, async |client| client.unlock_ddl_lock(request).await).unwrap().result
    };
    assert!(!unlock(&[], "orders") && !unlock(&["mysql-01", "mysql-02"], "orders") && !unlock(&["mysql-02"], ""));
    assert_eq!(cluster.state().locks.len(), 1);
    assert!(unlock(&["mysql-02"], "orders") && cluster.state().locks.is_empty());
    let body = &cluster.changes().pop().unwrap().body;
    assert_eq!((&body["op"], &body["database"], &body["table"]), (&json!("SkipLock"), &json!("shop_2"), &json!("orders")));
}

#[test]
fn a_member_that_is_gone_can_be_taken_off_the_list() {
    let cluster = Cluster::start(Script::usual());
    for (kind, name) in [("worker", "worker-4"), ("master", "master-2")] {
        let request = pb::OfflineMemberRequest { r#type: kind.into(), name: name.into() };
        assert!(rpc(&cluster.address, async |client| client.offline_member(request).await).unwrap().result);
    }
    let state = cluster.state();
    assert_eq!((state.workers.len(), state.masters.len()), (3, 1));
}

#[test]
fn an_update_changes_only_what_a_sync_can_take_up() {
    let task = |threads: u32, port: u16| {
        json!({ "task": {
            "name": "new", "task_mode": "incremental", "enhance_online_schema_change": true, "on_duplicate": "replace", "table_migrate_rule": [],
            "target_config": { "host": "127.0.0.1", "port": port, "user": "tgt", "password": "S3cret-pw" },
            "source_config": {
                "source_conf": [{ "source_name": "mysql-01", "binlog_name": "mysql-bin.000001" }],
                "incr_migrate_conf": { "repl_threads": threads },
            },
        } })
        .to_string()
    };
    let cluster = Cluster::start(Script::usual());
    assert_eq!(ask(&cluster.address, "POST", "/api/v1/tasks", Some(&task(4, 4000))).status, 201);
    let update = |body: &str| ask(&cluster.address, "PUT", "/api/v1/tasks/new", Some(body));
    assert_eq!(update(&task(8, 4000)).status, 200);
    assert_eq!(update(&task(8, 4001)).body["error_code"], 46035);
    let shown = ask(&cluster.address, "GET", "/api/v1/tasks/new", None).body;
    assert_eq!(
        (&shown["source_config"]["incr_migrate_conf"]["repl_threads"], &shown["target_config"]["port"]),
        (&json!(8), &json!(4000))
    );
    let cfg = pb::GetCfgRequest { r#type: pb::CfgType::TaskType.into(), name: "new".into() };
    let text = rpc(&cluster.address, async |client| client.get_cfg(cfg).await).unwrap().cfg;
    assert!(text.contains("binlog-name: \"mysql-bin.000001\"") && !text.contains("S3cret-pw"), "{text}");
}

#[test]
fn an_old_cluster_answers_with_the_bare_task() {
    let task = json!({ "task": {
        "name": "new", "task_mode": "incremental", "enhance_online_schema_change": true, "on_duplicate": "replace", "table_migrate_rule": [],
        "target_config": { "host": "127.0.0.1", "port": 4000, "user": "tgt", "password": "S3cret-pw" },
        "source_config": { "source_conf": [{ "source_name": "mysql-01", "binlog_name": "mysql-bin.000001" }] },
    } });
    for (version, key) in [(Version::V60, "/name"), (Version::V65, "/task/name"), (Version::V90, "/task/name")] {
        let cluster = Cluster::start(Script::usual().version(version));
        let answer = ask(&cluster.address, "POST", "/api/v1/tasks", Some(&task.to_string()));
        assert_eq!((answer.status, answer.body.pointer(key)), (201, Some(&json!("new"))), "{version:?}: {answer:?}");
        assert_eq!(cluster.changes()[0].body, task);
    }
    let cluster = Cluster::start(Script::usual().embedded(&["task_config_file"]));
    let with_file = json!({ "task": task["task"], "task_config_file": "name: new\n" }).to_string();
    assert_eq!(ask(&cluster.address, "POST", "/api/v1/tasks", Some(&with_file)).status, 201);
    assert_eq!(cluster.state().tasks.last().unwrap().text.as_deref(), Some("name: new\n"));
    let info = ask(&cluster.address, "GET", "/api/v1/cluster/info", None).body;
    assert_eq!(info["dmctl"]["capabilities"], json!(["task_config_file"]));
}

#[test]
fn start_task_is_never_to_be_called() {
    let cluster = Cluster::start(Script::usual());
    let status = rpc(&cluster.address, async |client| client.start_task(pb::StartTaskRequest::default()).await).unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(cluster))).is_err());
}
