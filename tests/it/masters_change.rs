//! Changes on clusters of several masters: each arrives at one of them, once, and never at another cluster.

use serde_json::json;
use tonic::Code;

use crate::cluster::{Change, Cluster, Fault, Nobody, Script, Version};
use crate::cluster_faults::Lose;
use crate::cluster_status::{created, syncing};
use crate::harness::Sandbox;
use crate::lines::{CHANGING, SOURCE_FILE, TASK_FILE, both_ways, sandbox};
use crate::lines_change::usual;
use crate::piped::Talk;

const START: &str = "task start task-4";
const CALL: &str = "POST /api/v1/tasks/task-4/start";

fn script() -> Script {
    usual().once_started("task-4", &[syncing(1)])
}

/// All masters of a cluster, as `--master-addr` takes them.
fn all(cluster: &Cluster) -> String {
    cluster.addresses().join(",")
}

/// What arrived, and where.
fn arrived(cluster: &Cluster) -> Vec<(String, String)> {
    cluster.changes().into_iter().map(|Change { call, master, .. }| (call, master)).collect()
}

fn once(master: &str) -> Vec<(String, String)> {
    vec![(CALL.to_owned(), master.to_owned())]
}

#[test]
fn a_dead_master_is_passed_over() {
    let (cluster, nobody) = (Cluster::start(script()), Nobody::new());
    let output = sandbox(&format!("{},{}", nobody.address, cluster.address)).run(START);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
    assert_eq!(arrived(&cluster), once("master-1"));
}

#[test]
fn every_changing_line_is_told_when_nobody_listens_and_when_no_cluster_is_named() {
    let nobody = Nobody::new();
    let nowhere = Sandbox::new();
    for line in CHANGING {
        let _update = nowhere.file("task.yaml", TASK_FILE);
        let _update = nowhere.file("source.yaml", SOURCE_FILE);
        let line =
            format!("{} --yes", line.replace("update task-1", "update task-new").replace("update mysql-01", "update mysql-09"));
        let output = both_ways(&sandbox(&nobody.address), &line);
        assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{line}: {output:?}");
        let told = format!("{}: connection refused: nobody listens there\n", nobody.address);
        assert!(output.stderr.starts_with("error: no master could be reached\n") && output.stderr.contains(&told), "{output:?}");
        let output = both_ways(&nowhere, &line);
        assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{line}: {output:?}");
        assert!(output.stderr.starts_with("error: no cluster is named\n"), "{line}: {output:?}");
    }
}

#[test]
fn a_source_named_twice_counts_once() {
    let cluster = Cluster::start(script());
    let output = sandbox(&cluster.address).run("task start task-4 --source mysql-01,mysql-01 --source mysql-01");
    assert_eq!((output.code, output.stdout.lines().next()), (0, Some("task `task-4` runs on 1 source")), "{output:?}");
    assert_eq!(cluster.changes()[0].body, json!({ "source_name_list": ["mysql-01"] }));
}

#[test]
fn a_change_goes_to_the_leader_if_that_was_given() {
    for version in [Version::V60, Version::V65, Version::V90] {
        let cluster = Cluster::start_many(Script { leader: "master-2".to_owned(), ..script().version(version) }, 3);
        let output = sandbox(&all(&cluster)).run(START);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{version:?}: {output:?}");
        assert_eq!(arrived(&cluster), once("master-2"), "{version:?}");
    }
}

#[test]
fn a_follower_forwards_a_change_or_sends_it_to_the_leader() {
    let follower = |version: Version| {
        let cluster = Cluster::start_many(Script { leader: "master-2".to_owned(), ..script().version(version) }, 2);
        let output = sandbox(&cluster.address).run(START);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{version:?}: {output:?}");
        arrived(&cluster)
    };
    assert_eq!(follower(Version::V90), once("master-1"));
    // 6.0 does nothing, and names its leader.
    assert_eq!(follower(Version::V60), [once("master-1"), once("master-2")].concat());
}

#[test]
fn a_change_is_put_to_another_master_only_if_it_was_not_taken() {
    let text = "[code=38043:class=dm-master:scope=internal:level=high], Message: master is not leader, and can't forward request to leader";
    let refused = Lose::Grpc { code: Code::Unknown, text: text.to_owned(), done: false };
    let cluster = Cluster::start_many(script().without_openapi().losing("OperateTask", refused), 2);
    let output = sandbox(&all(&cluster)).run(START);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
    let call = "OperateTask Resume task-4".to_owned();
    let sent: Vec<_> = arrived(&cluster).into_iter().filter(|(arrived, _)| *arrived == call).collect();
    assert_eq!(sent, [(call.clone(), "master-1".to_owned()), (call, "master-2".to_owned())]);

    // Whether this one was taken nobody knows.
    let cluster = Cluster::start_many(script().losing(CALL, Lose::Http { status: 502, done: true }), 2);
    let output = sandbox(&all(&cluster)).run(START);
    assert_eq!((output.code, output.stderr.as_str()), (0, "note: no answer came; a look shows that it was done\n"), "{output:?}");
    assert_eq!(arrived(&cluster), once("master-1"));
}

#[test]
fn an_election_is_waited_for() {
    // The change itself meets a follower that knows of no leader, once or twice.
    let before = Cluster::start(script());
    assert_eq!(sandbox(&before.address).run("task start task-4 --dry-run").code, 0);
    let looks = calls(&before);
    for times in 1..3 {
        // One more question comes between the looks and the change.
        let cluster = Cluster::start(script().leaderless(looks + 1..looks + 1 + times));
        let output = sandbox(&cluster.address).run(START);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
        assert_eq!(arrived(&cluster).len(), times + 1, "it met no election: the test tests nothing");
    }
}

fn calls(cluster: &Cluster) -> usize {
    cluster.asked().iter().map(|call| call.split(' ').next().unwrap().parse::<usize>().unwrap()).sum()
}

#[test]
fn masters_of_two_clusters_are_told_apart_and_nothing_is_sent() {
    let one = Cluster::start(usual());
    let other = Cluster::start(Script { number: 5, ..usual() });
    let both = sandbox(&format!("{},{}", one.address, other.address));
    for line in
        CHANGING.iter().filter(|line| line.starts_with("task st") || line.contains("source create") || line.contains("offline"))
    {
        let line = line.replace("task start task-1", "task start task-4");
        let output = both.run(&format!("{line} --yes"));
        let told =
            format!("error: {} and {} belong to different clusters\n  cause: nothing was sent\n", one.address, other.address);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{line}: {output:?}");
        assert!(output.stderr.starts_with(&told), "{line}: {output:?}");
    }
    assert_eq!((arrived(&one), arrived(&other)), (Vec::new(), Vec::new()));
}

#[test]
fn the_lead_moves_from_the_master_that_was_named() {
    let cluster = Cluster::start_many(usual(), 3);
    let follower = sandbox(&cluster.addresses()[2]);
    let output = follower.run("member evict-leader master-1");
    let told = "master `master-2` leads; `master-1` will not until that is cancelled\n";
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, told, ""));
    let output = follower.run("member evict-leader master-3 --format json");
    let value: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let message = "master `master-3` does not lead, and will not until that is cancelled";
    assert_eq!((output.code, value), (0, json!({ "result": true, "message": message, "sources": [], "member": "master-3" })));
    let output = follower.run("member cancel-evict-leader master-1");
    assert_eq!((output.code, output.stdout.as_str()), (0, "master `master-1` may lead again\n"));
    let (evict, cancel) = ("OperateLeader Evict".to_owned(), "OperateLeader CancelEvict".to_owned());
    let expected = [(evict.clone(), "master-1"), (evict, "master-3"), (cancel, "master-1")];
    assert_eq!(arrived(&cluster), expected.map(|(call, master)| (call, master.to_owned())));
}

#[test]
fn an_eviction_whose_answer_is_lost_is_not_taken_for_done_where_that_master_did_not_lead() {
    for lose in [Lose::Before, Lose::After] {
        let cluster = Cluster::start_many(usual().losing("OperateLeader Evict", lose.clone()), 2);
        let output = sandbox(&all(&cluster)).run("member evict-leader master-2");
        let told = "error: `member evict-leader` was sent, and no answer came: whether it was done is not known\n";
        assert!(output.code == 124 && output.stderr.starts_with(told), "{lose:?}: {output:?}");
    }
}

#[test]
fn a_named_master_that_is_dead_is_told() {
    let mut cluster = Cluster::start_many(usual(), 2);
    cluster.stop_master(1);
    let output = sandbox(&cluster.address).run("member evict-leader master-2");
    assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{output:?}");
    let told = format!("  cause: {}: connection refused: nobody listens there\n", cluster.addresses()[1]);
    assert!(output.stderr.contains(&told), "{output:?}");
    assert_eq!(arrived(&cluster), []);
}

/// The answer came, and with it the end of the master: another one tells what became of it.
#[test]
fn a_master_dies_while_its_change_is_waited_for() {
    let mut cluster = Cluster::start_many(script().late(3), 2);
    let sandbox = sandbox(&all(&cluster));
    let mut talk = Talk::new(sandbox.command());
    talk.write(&format!("{START} --format json\nexit"));
    cluster.wait_for(CALL);
    cluster.stop_master(0);
    cluster.change(|script| Script { leader: "master-2".to_owned(), ..script });
    let (stdout, stderr, code) = talk.end();
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("\"message\":\"task `task-4` runs on 1 source\""), "{stdout}{stderr}");
    assert_eq!(arrived(&cluster), once("master-1"));
}

fn two() -> Script {
    Script::empty()
        .late(0)
        .worker("worker-1", "bound", "mysql-01")
        .worker("worker-2", "bound", "mysql-02")
        .worker("worker-3", "free", "")
        .source("mysql-01", 3306, "mariadb")
        .source("mysql-02", 3308, "mysql")
        .task("task-1", "all", &[("mysql-01", &[created()]), ("mysql-02", &[created()])])
        .task("task-2", "all", &[("mysql-01", &[syncing(0)]), ("mysql-02", &[syncing(0)])])
        .once_started("task-1", &[syncing(1)])
}

/// A worker that keeps silent costs its own row, and what is said of the others stays true.
#[test]
fn a_silent_worker_makes_a_change_partly_known() {
    for (line, code, told) in [
        ("task start task-1 --wait-timeout 0s", 4, "task `task-1` was started, and runs on 1 of 2 sources\n"),
        ("task stop task-2 --wait-timeout 0s", 4, "task `task-2` was told to stop, and is stopped on 1 of 2 sources\n"),
        ("task delete task-1 --yes --wait-timeout 0s", 4, "task `task-1` is deleted\n"),
        ("source disable mysql-02", 4, "source `mysql-02` is disabled\n"),
        ("relay stop mysql-02", 0, "no worker keeps a relay log of source `mysql-02`; nothing was sent\n"),
    ] {
        let cluster = Cluster::start(two().faulty("mysql-02", Fault::Away));
        let output = sandbox(&cluster.address).run(line);
        assert_eq!(output.code, code, "{line}: {output:?}");
        assert!(output.stdout.starts_with(told), "{line}: {output:?}");
        let again = Cluster::start(two().faulty("mysql-02", Fault::Away));
        let json = sandbox(&again.address).run(&format!("{line} --format json"));
        let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!((json.code, &value["result"]), (code, &(code == 0).into()), "{line}: {json:?}");
        assert!(code == 0 || output.stderr.starts_with("note: "), "{line}: {output:?}");
    }
}
