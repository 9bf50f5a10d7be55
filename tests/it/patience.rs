//! What a cluster that hangs costs: the ten seconds that a read may take, and the ten that an error may stand before a wait gives up.
//! This is the one test that takes so long; everything that needs it waits at the same time.

use crate::cluster::{Cluster, Fault, Mute, Script, Version};
use crate::cluster_status::{created, failed};
use crate::lines::sandbox;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A worker hangs, and the master with it. Its source is told as unknown, the rest as usual.
fn a_source_that_hangs_costs_its_row() {
    let cluster = Cluster::start(Script::usual().faulty("mysql-01", Fault::Hold));
    let sandbox = sandbox(&cluster.address);
    let silent = "the worker of source `mysql-01` did not answer within 10s";
    std::thread::scope(|scope| {
        let list = scope.spawn(|| sandbox.run("task list --format json"));
        let status = scope.spawn(|| sandbox.run("task status task-1 --format json"));
        let source = scope.spawn(|| sandbox.run("source status mysql-01"));
        // What does not ask the worker does not wait for it, and what asks the others does neither.
        for line in
            ["source list", "member list", "task get task-1", "ddl-lock list", "source status mysql-02", "task status task-2"]
        {
            assert_eq!(sandbox.run(line).code, 0, "{line}");
        }
        let list = list.join().unwrap();
        assert_eq!((list.code, list.stderr.as_str()), (4, ""));
        let shown = json(&list.stdout);
        assert_eq!(shown["unknown"], serde_json::json!([{ "kind": "source", "name": "mysql-01", "reason": silent }]));
        let stages: Vec<_> = shown["items"].as_array().unwrap().iter().map(|row| row["stage"].as_str().unwrap()).collect();
        assert_eq!(stages, ["Running", "Finished", "Unknown", "Unknown"]);
        assert_eq!((&shown["items"][0]["unknown"], &shown["items"][1]["unknown"]), (&1.into(), &0.into()));

        let status = status.join().unwrap();
        assert_eq!((status.code, status.stderr.as_str()), (4, ""));
        let subtasks = &json(&status.stdout)["subtasks"];
        assert_eq!(subtasks[0]["unknown"]["message"], silent);
        assert_eq!((&subtasks[1]["stage"], &subtasks[1]["unknown"]), (&"Running".into(), &serde_json::Value::Null));

        let source = source.join().unwrap();
        assert_eq!((source.code, source.stderr.as_str()), (4, ""));
        assert!(source.stdout.contains("worker worker-1\n") && source.stdout.contains(silent), "{}", source.stdout);
    });
}

/// Below version 8.0 and without REST, the list of sources waits for every worker. Sources with a worker are known from the members.
fn a_source_that_hangs_costs_those_without_a_worker() {
    let script = Script::usual().version(Version::V65).without_openapi().source("mysql-09", 3309, "mysql");
    let cluster = Cluster::start(script.faulty("mysql-01", Fault::Hold));
    let sandbox = sandbox(&cluster.address);
    std::thread::scope(|scope| {
        let list = scope.spawn(|| sandbox.run("source list --format json"));
        let filtered = scope.spawn(|| sandbox.run("task list --source mysql-02"));
        let unsure = scope.spawn(|| sandbox.run("task list --source mysql-09"));
        let list = list.join().unwrap();
        assert_eq!(list.code, 4, "{list:?}");
        let shown = json(&list.stdout);
        let names: Vec<_> = shown["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["mysql-01", "mysql-02"]);
        let reason = format!("{} did not answer within 10s", cluster.address);
        let unknown = serde_json::json!([{ "kind": "sources", "name": "without a worker", "reason": reason }]);
        assert_eq!(shown["unknown"], unknown);
        let filtered = filtered.join().unwrap();
        assert!(filtered.code == 4 && filtered.stdout.contains("task-2"), "{filtered:?}");
        // Whether there is such a source is not known.
        let unsure = unsure.join().unwrap();
        assert_eq!((unsure.code, unsure.stderr.starts_with(&format!("error: {reason}\n"))), (3, true), "{unsure:?}");
    });
}

fn a_mute_master_is_told() {
    let mute = Mute::new();
    let output = sandbox(&mute.address).run("member list");
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    assert!(output.stderr.starts_with(&format!("error: {} did not answer within 10s\n", mute.address)), "{}", output.stderr);
}

fn a_cluster_without_a_leader_is_told() {
    let cluster = Cluster::start(Script::usual().leaderless(0..usize::MAX));
    std::thread::scope(|scope| {
        for line in ["member list", "source get mysql-01"] {
            let cluster = &cluster;
            let _joined = scope.spawn(move || {
                let output = sandbox(&cluster.address).run(line);
                assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{line}");
                let told = format!(
                    "error: the cluster has no leader at the moment\n  cause: {}: it is up, and reaches no leader at the moment\n",
                    cluster.address
                );
                assert!(output.stderr.starts_with(&told), "{line}: {}", output.stderr);
            });
        }
    });
}

fn a_lonely_follower_cannot_send_to_a_stranger() {
    let stranger = Mute::new();
    let follower = Cluster::start(Script { redirect: Some(stranger.address.clone()), ..Script::usual() });
    let output = sandbox(&follower.address).run("source list");
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    assert!(follower.asked().iter().any(|call| call.contains("ListMember masters")), "it did not ask who is a member");
    assert!(!stranger.was_called());
}

fn a_wait_gives_up_on_an_error_that_stays() {
    let task = |looks: &[dmctl::wire::pb::SubTaskStatus]| {
        Cluster::start(Script::empty().worker("worker-1", "bound", "mysql-01").source("mysql-01", 3306, "mariadb").task(
            "task-1",
            "all",
            &[("mysql-01", looks)],
        ))
    };
    let cluster = task(&[created(), failed()]);
    let sandbox = sandbox(&cluster.address);
    let output = sandbox.run("task status task-1 --wait running");
    assert_eq!((output.code, output.stderr.as_str()), (1, "note: the wait was given up: an error stands in the way\n"));
    assert_eq!(output.stdout, sandbox.run("task status task-1").stdout);
}

#[test]
fn what_hangs_is_given_ten_seconds() {
    std::thread::scope(|scope| {
        for part in [
            a_source_that_hangs_costs_its_row,
            a_source_that_hangs_costs_those_without_a_worker,
            a_mute_master_is_told,
            a_cluster_without_a_leader_is_told,
            a_lonely_follower_cannot_send_to_a_stranger,
            a_wait_gives_up_on_an_error_that_stays,
        ] {
            let _joined = scope.spawn(part);
        }
    });
}
