//! `task status --wait`: what ends a wait. Each look is a question, so that a script with a list of looks says when things happen.

use dmctl::wire::pb;

use crate::cluster::{Cluster, Script};
use crate::cluster_status::{created, failed, finished, loading, paused, syncing};
use crate::lines::{both_ways, sandbox};

/// A task on one source, whose worker says this at each look.
fn task(looks: &[pb::SubTaskStatus]) -> Cluster {
    Cluster::start(Script::empty().worker("worker-1", "bound", "mysql-01").source("mysql-01", 3306, "mariadb").task(
        "task-1",
        "all",
        &[("mysql-01", looks)],
    ))
}

#[test]
fn a_wait_ends_when_the_task_is_there_and_not_before() {
    let resuming = pb::SubTaskStatus { stage: pb::Stage::Resuming.into(), ..created() };
    let pausing = pb::SubTaskStatus { stage: pb::Stage::Pausing.into(), ..syncing(0) };
    let rows: [(&str, Vec<pb::SubTaskStatus>, &str); 12] = [
        ("running", vec![created(), loading(5), failed()], "stage: Running\n"),
        ("running", vec![resuming, syncing(9), failed()], "stage: Running\n"),
        ("Running", vec![created(), finished(), created()], "stage: Finished\n"),
        ("running", vec![failed(), syncing(9), failed()], "stage: Running\n"),
        ("stopped", vec![syncing(0), paused(), syncing(0)], "stage: Stopped\n"),
        ("stopped", vec![pausing, failed(), syncing(0)], "stage: Stopped\n"),
        ("stopped", vec![loading(99), finished(), created()], "stage: Finished\n"),
        ("finished", vec![loading(99), finished(), loading(1)], "stage: Finished\n"),
        ("finished", vec![paused(), finished(), loading(1)], "stage: Finished\n"),
        ("'lag<5s'", vec![syncing(60), syncing(4), syncing(60)], "lag:           4s\n"),
        ("'lag<5s'", vec![syncing(5), syncing(0), syncing(60)], "lag:           0s, nothing left to apply\n"),
        ("'lag<1m30s'", vec![loading(99), syncing(89), syncing(90)], "lag:           1m29s\n"),
    ];
    let rows = rows.map(|(wait, looks, shown)| (wait, task(&looks), shown));
    // Each wait takes as long as there is between two looks: they wait at the same time.
    std::thread::scope(|scope| {
        for (wait, cluster, shown) in &rows {
            let _joined = scope.spawn(move || {
                let output = sandbox(&cluster.address).run(&format!("task status task-1 --wait {wait}"));
                assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{wait}: {output:?}");
                assert!(output.stdout.contains(shown), "{wait}: {output:?}");
                assert_eq!(cluster.asked(), ["2 x GetSubTaskCfg task-1", "2 x QueryStatus mysql-01 task-1"], "{wait}");
            });
        }
    });
}

#[test]
fn every_subtask_must_be_there() {
    let cluster = Cluster::start(
        Script::empty()
            .worker("worker-1", "bound", "mysql-01")
            .worker("worker-2", "bound", "mysql-02")
            .source("mysql-01", 3306, "mariadb")
            .source("mysql-02", 3308, "mysql")
            .task("task-1", "all", &[("mysql-01", &[syncing(0)]), ("mysql-02", &[created(), created(), syncing(0)])]),
    );
    let sandbox = sandbox(&cluster.address);
    let one = sandbox.run("task status task-1 --wait running --source mysql-01");
    assert_eq!((one.code, cluster.asked().join("; ")), (0, "1 x GetSubTaskCfg task-1; 1 x QueryStatus mysql-01 task-1".to_owned()));
    let both = sandbox.run("task status task-1 --wait running");
    assert_eq!(both.code, 0);
    let asked = "3 x GetSubTaskCfg task-1; 3 x QueryStatus mysql-01 task-1; 3 x QueryStatus mysql-02 task-1";
    assert_eq!(cluster.asked().join("; "), asked);
}

#[test]
fn a_wait_that_runs_out_shows_what_is_known() {
    for (wait, look) in [
        ("running", created()),
        ("stopped", syncing(0)),
        ("finished", loading(50)),
        ("lag<5s", syncing(5)),
        ("lag<5s", paused()),
        ("lag<5s", finished()),
        ("finished", failed()),
    ] {
        let cluster = task(&[look]);
        let sandbox = sandbox(&cluster.address);
        let known = sandbox.run("task status task-1");
        let output = both_ways(&sandbox, &format!("task status task-1 --wait '{wait}' --wait-timeout 0s"));
        assert_eq!((output.code, output.stderr.as_str()), (124, "note: the wait ran out after 0s\n"), "{wait}");
        assert_eq!(output.stdout, known.stdout, "{wait}");
    }
    let cluster = task(&[created()]);
    let output = sandbox(&cluster.address).run("task status task-1 --wait running --wait-timeout 1ms --format json");
    assert_eq!((output.code, output.stderr.as_str()), (124, "{\"note\":\"the wait ran out after 0s\"}\n"));
    assert_eq!(cluster.asked(), ["1 x GetSubTaskCfg task-1", "1 x QueryStatus mysql-01 task-1"]);
}

#[test]
fn a_wait_goes_on_until_its_time_is_up() {
    let cluster = task(&[created()]);
    let sandbox = sandbox(&cluster.address);
    let known = sandbox.run("task status task-1");
    let _asked = cluster.asked();
    let output = sandbox.run("task status task-1 --wait running --wait-timeout 2s");
    assert_eq!((output.code, output.stdout), (124, known.stdout), "what the last look saw is shown, though its time was short");
    let looks = cluster.asked();
    // How many looks there is time for depends on the machine; one alone would mean that it did not wait.
    assert!(looks.len() == 2 && !looks.iter().any(|look| look.starts_with("1 x ")), "{looks:?}");
}

#[test]
fn a_worker_that_is_away_is_no_reason_to_stop_waiting() {
    let script = || {
        Script::empty().worker("worker-1", "bound", "mysql-01").source("mysql-01", 3306, "mariadb").task(
            "task-1",
            "all",
            &[("mysql-01", &[syncing(0)])],
        )
    };
    let cluster = Cluster::start(script().faulty("mysql-01", crate::cluster::Fault::Away));
    let sandbox = sandbox(&cluster.address);
    let output = sandbox.run("task status task-1 --wait running --wait-timeout 0s");
    assert_eq!(output.code, 124);
    assert!(output.stdout.contains("reason: 38008: grpc request error"), "{}", output.stdout);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| sandbox.run("task status task-1 --wait running"));
        cluster.wait_for_more("QueryStatus mysql-01 task-1", 2);
        cluster.change(|_| script());
        assert_eq!(waiting.join().unwrap().code, 0);
    });
}

#[test]
fn a_task_that_vanishes_ends_the_wait() {
    let cluster = task(&[created()]);
    let sandbox = sandbox(&cluster.address);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| sandbox.run("task status task-1 --wait running"));
        cluster.wait_for("QueryStatus mysql-01 task-1");
        cluster.change(|script| Script { tasks: Vec::new(), ..script });
        let output = waiting.join().unwrap();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""));
        assert!(output.stderr.starts_with("error: task `task-1` does not exist\n"), "{}", output.stderr);
    });
}

#[test]
fn a_wait_that_makes_no_sense_is_not_begun() {
    let cluster = task(&[syncing(0)]);
    let sandbox = sandbox(&cluster.address);
    for line in [
        "task status task-1 --wait",
        "task status task-1 --wait paused-ish",
        "task status task-1 --wait unknown",
        "task status task-1 --wait 'lag>5s'",
        "task status task-1 --wait lag",
        "task status task-1 --wait 'lag<0s'",
        "task status task-1 --wait-timeout 5s",
        "task status task-1 --wait running --wait-timeout=-5s",
        "task status task-1 --wait running --wait-timeout 5",
        "task status task-1 --wait running --wait-timeout soon",
    ] {
        let output = both_ways(&sandbox, line);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{line}");
        assert!(output.stderr.contains("wait"), "{line}: {}", output.stderr);
    }
    assert!(cluster.asked().is_empty());
    let unknown = both_ways(&sandbox, "task status nope --wait running");
    assert_eq!(unknown.code, 1, "{}", unknown.stderr);
}
