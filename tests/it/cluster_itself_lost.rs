//! The scripted cluster: calls that go wrong, and masters that share one state.

use std::io::Read as _;

use dmctl::wire::pb;
use serde_json::json;
use tonic::Code;

use crate::cluster::{Cluster, Script, Version};
use crate::cluster_faults::Lose;
use crate::cluster_itself::{ask, send};
use crate::cluster_itself_rpc::rpc;

const STOP: &str = "/api/v1/tasks/task-1/stop";

fn stage(cluster: &Cluster, task: &str, source: &str) -> pb::Stage {
    cluster.subtask(task, source).unwrap().stage()
}

fn pause() -> pb::OperateTaskRequest {
    pb::OperateTaskRequest { op: pb::TaskOp::Pause.into(), name: "task-1".into(), sources: Vec::new() }
}

/// What arrived before the connection was closed.
fn got(cluster: &Cluster, method: &str, path: &str) -> String {
    let mut bytes = Vec::new();
    let _cut = send(&cluster.address, method, path, Some("{}")).read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_rest_answer_is_lost_before_and_after_and_in_the_middle() {
    let rows = [
        (Lose::Before, pb::Stage::Running, ""),
        (Lose::After, pb::Stage::Paused, ""),
        (Lose::Half, pb::Stage::Paused, "HTTP/1.1 200"),
    ];
    for (lose, left, arrived) in rows {
        let cluster = Cluster::start(Script::usual().losing("POST /api/v1/tasks/task-1/stop", lose.clone()));
        assert_eq!(got(&cluster, "POST", STOP), arrived, "{lose:?}");
        assert_eq!(stage(&cluster, "task-1", "mysql-01"), left, "{lose:?}");
        let changes = cluster.changes();
        assert_eq!((changes.len(), &*changes[0].call, &*changes[0].master), (1, "POST /api/v1/tasks/task-1/stop", "master-1"));
        assert_eq!(cluster.asked(), ["1 x POST /api/v1/tasks/task-1/stop"]);
        assert_eq!(changes[0].body, json!({}));
        // It goes wrong once.
        assert_eq!(ask(&cluster.address, "POST", STOP, Some("{}")).status, 200, "{lose:?}");
    }
}

#[test]
fn a_body_is_cut_in_the_middle() {
    let cluster = Cluster::start(Script::usual().losing("GET /api/v1/tasks/task-1", Lose::Half));
    let whole = ask(&cluster.address, "GET", "/api/v1/tasks/task-2", None);
    let half = got(&cluster, "GET", "/api/v1/tasks/task-1");
    let (head, body) = half.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{half}");
    assert!(body.len() > 50 && body.len() < whole.body.to_string().len(), "{half}");
}

#[test]
fn a_rest_answer_is_another_than_what_was_done() {
    let rows = [
        (Lose::Refuse("[code=46024:class=scheduler:scope=internal:level=low], Message: in use".into()), pb::Stage::Running, 400),
        (Lose::Http { status: 500, done: true }, pb::Stage::Paused, 500),
        (Lose::Http { status: 502, done: false }, pb::Stage::Running, 502),
        (Lose::Http { status: 502, done: true }, pb::Stage::Paused, 502),
    ];
    for (lose, left, status) in rows {
        let cluster = Cluster::start(Script::usual().losing_at("POST /api/v1/tasks/task-1/stop", 1..2, lose.clone()));
        let nope = ask(&cluster.address, "POST", "/api/v1/tasks/nope/stop", Some("{}"));
        assert_eq!(nope.status, 200, "another call is none of its occurrences");
        assert_eq!(ask(&cluster.address, "POST", STOP, Some(r#"{"source_name_list":["mysql-02"]}"#)).status, 200);
        let answer = ask(&cluster.address, "POST", STOP, Some("{}"));
        assert_eq!((answer.status, stage(&cluster, "task-1", "mysql-01")), (status, left), "{lose:?}");
        assert!(status == 400 || answer.body.is_null(), "{answer:?}");
    }
}

#[test]
fn an_answer_is_held() {
    for (done, left) in [(false, pb::Stage::Running), (true, pb::Stage::Paused)] {
        let script = Script::usual().losing("POST", Lose::Hold { done }).losing("OperateTask", Lose::Hold { done });
        let cluster = Cluster::start(script);
        let mut held = send(&cluster.address, "POST", STOP, Some("{}"));
        // Another call on another connection is answered meanwhile.
        cluster.wait_for("POST /api/v1/tasks/task-1/stop");
        assert_eq!(ask(&cluster.address, "GET", "/api/v1/tasks/task-1", None).status, 200);
        held.set_nonblocking(true).unwrap();
        assert_eq!(held.read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        assert_eq!(stage(&cluster, "task-1", "mysql-01"), left);
        let cluster = Cluster::start(Script::usual().losing("OperateTask", Lose::Hold { done }));
        std::thread::scope(|scope| {
            let address = cluster.address.clone();
            let ended = scope.spawn(move || rpc(&address, async |client| client.operate_task(pause()).await));
            cluster.wait_for("OperateTask Pause task-1");
            cluster.wait_until(|script| !done || script.tasks[0].wanted.get("mysql-01") == Some(&false));
            drop(cluster);
            assert!(ended.join().unwrap().is_err());
        });
    }
}

#[test]
fn a_grpc_answer_is_lost() {
    let no_leader = "[code=38043:class=dm-master:scope=internal:level=high], Message: master is not leader";
    let rows = [
        (Lose::Before, pb::Stage::Running, None),
        (Lose::After, pb::Stage::Paused, None),
        (Lose::Half, pb::Stage::Paused, None),
        (Lose::Grpc { code: Code::Unknown, text: no_leader.into(), done: false }, pb::Stage::Running, Some(Code::Unknown)),
        (Lose::Grpc { code: Code::Unavailable, text: "gone".into(), done: false }, pb::Stage::Running, Some(Code::Unavailable)),
    ];
    for (lose, left, code) in rows {
        let cluster = Cluster::start(Script::usual().losing("OperateTask", lose.clone()));
        let status = rpc(&cluster.address, async |client| client.operate_task(pause()).await).unwrap_err();
        assert!(code.is_none_or(|code| code == status.code()), "{lose:?}: {status:?}");
        assert_eq!(stage(&cluster, "task-1", "mysql-01"), left, "{lose:?}");
        assert_eq!(cluster.changes()[0].body, json!({ "op": "Pause", "name": "task-1", "sources": [] }));
        let again = rpc(&cluster.address, async |client| client.operate_task(pause()).await).unwrap();
        assert!(again.result, "{lose:?}");
    }
}

#[test]
fn a_worker_dies_with_the_answer() {
    let lose = || Lose::Worker("mysql-01".into());
    let cluster = Cluster::start(Script::usual().losing("POST /api/v1/tasks/task-1/start", lose()));
    assert_eq!(ask(&cluster.address, "POST", "/api/v1/tasks/task-1/start", Some("{}")).status, 200);
    let request = pb::QueryStatusListRequest { name: "task-1".into(), sources: vec!["mysql-01".into()] };
    let answer = rpc(&cluster.address, async |client| client.query_status(request).await).unwrap();
    assert!(!answer.sources[0].result && answer.sources[0].msg.starts_with("[code=38008:"), "{answer:?}");
    let resume = pb::OperateTaskRequest { op: pb::TaskOp::Resume.into(), ..pause() };
    let answer = rpc(&cluster.address, async |client| client.operate_task(resume).await).unwrap();
    let results: Vec<_> = answer.sources.iter().map(|entry| (&*entry.source, entry.result)).collect();
    assert_eq!((answer.result, results), (true, vec![("mysql-01", false), ("mysql-02", true)]));
}

#[test]
fn masters_share_what_they_know() {
    let cluster = Cluster::start_many(Script::usual(), 3);
    let [first, second, third] = cluster.addresses() else { panic!("three masters") };
    assert_eq!(ask(second, "POST", STOP, Some("{}")).status, 200);
    assert_eq!(stage(&cluster, "task-1", "mysql-02"), pb::Stage::Paused);
    assert_eq!(cluster.changes()[0].master, "master-2");
    let evict = |address: &str, op: pb::LeaderOp| {
        let answer = rpc(address, async |client| client.operate_leader(pb::OperateLeaderRequest { op: op.into() }).await).unwrap();
        assert!(answer.result);
        cluster.state().leader
    };
    assert_eq!(evict(second, pb::LeaderOp::EvictLeaderOp), "master-1", "a follower that is evicted was no leader");
    assert_eq!(evict(first, pb::LeaderOp::EvictLeaderOp), "master-3");
    assert_eq!(evict(third, pb::LeaderOp::EvictLeaderOp), "", "nobody may lead");
    assert_eq!(ask(first, "GET", "/api/v1/tasks", None).status, 400);
    let members = || pb::ListMemberRequest { leader: true, ..Default::default() };
    let nobody = rpc(first, async |client| client.list_member(members()).await).unwrap_err();
    assert!(nobody.message().starts_with("[code=38043:"), "{nobody:?}");
    assert_eq!(evict(second, pb::LeaderOp::CancelEvictLeaderOp), "master-2");
    let leader = rpc(first, async |client| client.list_member(members()).await).unwrap();
    let Some(pb::members::Member::Leader(leader)) = &leader.members[0].member else { panic!("{leader:?}") };
    assert_eq!((&*leader.name, &leader.addr), ("master-2", second));
}

#[test]
fn an_old_follower_sends_to_the_leader_and_does_nothing() {
    let cluster = Cluster::start_many(Script::usual().version(Version::V60), 2);
    let answer = ask(&cluster.addresses()[1], "POST", STOP, Some("{}"));
    assert_eq!((answer.status, stage(&cluster, "task-1", "mysql-01")), (307, pb::Stage::Running));
    assert_eq!(ask(&cluster.addresses()[0], "POST", STOP, Some("{}")).status, 200);
    assert_eq!(stage(&cluster, "task-1", "mysql-01"), pb::Stage::Paused);
}
