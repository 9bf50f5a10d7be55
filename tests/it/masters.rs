//! Several masters: some dead, some mute, some without a leader, some that send to another one.

use crate::cluster::{Cluster, Mute, Nobody, Script, Version};
use crate::lines::{READING, both_ways, sandbox};
use crate::piped::Talk;

/// What the second master answers does not depend on what is wrong with the first.
fn same_as_alone(first: &str, cluster: &Cluster) {
    let (alone, behind) = (sandbox(&cluster.address), sandbox(&format!("{first},{}", cluster.address)));
    for line in READING {
        let (alone, behind) = (alone.run(line), behind.run(line));
        assert_eq!(alone.code, 0, "{line}: {alone:?}");
        assert_eq!(behind, alone, "{line}");
    }
}

#[test]
fn a_dead_master_is_passed_over() {
    let nobody = Nobody::new();
    same_as_alone(&nobody.address, &Cluster::start(Script::usual().check(true, "")));
}

#[test]
fn a_mute_master_is_passed_over() {
    let mute = Mute::new();
    same_as_alone(&mute.address, &Cluster::start(Script::usual().check(true, "")));
    assert!(mute.was_called(), "it was never asked: the test tests nothing");
}

#[test]
fn a_check_is_made_once_however_many_masters_there_are() {
    let (first, second) = (Cluster::start(Script::usual().check(true, "")), Cluster::start(Script::usual().check(true, "")));
    let (mute, nobody) = (Mute::new(), Nobody::new());
    let all = format!("{},{},{},{}", mute.address, nobody.address, first.address, second.address);
    let output = sandbox(&all).run("task check task.yaml");
    assert_eq!(output.code, 0, "{}", output.stderr);
    let checks = |cluster: &Cluster| cluster.asked().iter().filter(|call| call.starts_with("1 x CheckTask")).count();
    assert_eq!(checks(&first) + checks(&second), 1);
}

#[test]
fn every_master_that_failed_is_named() {
    let (one, two) = (Nobody::new(), Nobody::new());
    let sandbox = sandbox(&format!("{},{}", one.address, two.address));
    let output = both_ways(&sandbox, "member list");
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    for address in [&one.address, &two.address] {
        let told = format!("  cause: {address}: connection refused: nobody listens there\n");
        assert_eq!(output.stderr.matches(&told).count(), 1, "{}", output.stderr);
    }
}

#[test]
fn an_election_is_waited_for() {
    let after = Cluster::start(Script::usual().check(true, ""));
    let wait = |line: &str| {
        // The first five calls, however many are made at once, meet a follower that knows no leader.
        let cluster = Cluster::start(Script::usual().check(true, "").leaderless(0..5));
        let output = sandbox(&cluster.address).run(line);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{line}");
        let calls: usize = cluster.asked().iter().map(|call| call.split(' ').next().unwrap().parse::<usize>().unwrap()).sum();
        assert!(calls > 5, "{line}: {calls} calls");
        let expected = sandbox(&after.address).run(line);
        assert_eq!(output.stdout.replace(&cluster.address, &after.address), expected.stdout, "{line}");
    };
    std::thread::scope(|scope| {
        for line in READING {
            let _joined = scope.spawn(move || wait(line));
        }
    });
}

#[test]
fn the_leader_moves_in_the_middle_of_a_line() {
    for after in 0..4 {
        let old = Cluster::start(Script::usual().leaderless(after..usize::MAX));
        let new = Cluster::start(Script::usual());
        let output = sandbox(&format!("{},{}", old.address, new.address)).run("task list");
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "after {after} calls");
        assert_eq!(output.stdout, sandbox(&new.address).run("task list").stdout, "after {after} calls");
        assert!(!old.asked().is_empty() && !new.asked().is_empty());
    }
}

#[test]
fn a_master_dies_between_two_lines() {
    let mut first = Cluster::start(Script::usual());
    let second = Cluster::start(Script::usual());
    let (both, alone) = (sandbox(&format!("{},{}", first.address, second.address)), sandbox(&second.address));
    let mut talk = Talk::new(both.command());
    for line in ["task list --format json", "source list --format json"] {
        assert_eq!(talk.ask(line), alone.run(line).stdout);
    }
    let _before = second.asked();
    first.stop();
    for line in ["source list --format json", "task list --format json", "ddl-lock list --format json"] {
        let answer = talk.ask(line);
        assert!(!second.asked().is_empty(), "{line}");
        assert_eq!(answer, alone.run(line).stdout);
    }
    talk.write("exit");
    assert_eq!(talk.end(), (String::new(), String::new(), Some(0)));
}

#[test]
fn a_master_that_was_restarted_between_two_lines_is_found_again() {
    let mut cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let mut talk = Talk::new(sandbox.command());
    for _ in 0..3 {
        for line in ["source list --format json", "task list --format json", "member list --format json"] {
            let before = talk.ask(line);
            assert!(before.starts_with("{\"items\":[{"), "{before}");
            // The program learns of the end of its connections and of the next line at the same time.
            talk.signal("STOP");
            cluster.restart();
            talk.write(line);
            talk.signal("CONT");
            let after = talk.read();
            assert!(!after.is_empty(), "{line}: {:?}", talk.end());
            assert_eq!(after, before);
        }
    }
    talk.write("exit");
    assert_eq!(talk.end(), (String::new(), String::new(), Some(0)));
}

#[test]
fn a_redirect_to_a_member_is_followed() {
    let leader = Cluster::start(Script::usual().version(Version::V60));
    let follower = |script: Script| {
        let script = script.version(Version::V60).master("master-3", &leader.address, true);
        Cluster::start(Script { redirect: Some(leader.address.clone()), ..script })
    };
    // Known because DM lists it.
    let listed = follower(Script::usual());
    let output = sandbox(&listed.address).run("source get mysql-01");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert_eq!(leader.asked(), ["1 x GET /api/v1/sources/mysql-01"]);
    assert_eq!(listed.asked(), ["1 x GET /api/v1/sources/mysql-01", "1 x GetCfg source mysql-01", "1 x ListMember masters"]);
    // Known because it was given.
    let _before = leader.asked();
    let output = sandbox(&format!("{},{}", listed.address, leader.address)).run("source get mysql-01");
    assert_eq!(output.code, 0);
    assert_eq!(leader.asked(), ["1 x GET /api/v1/sources/mysql-01"]);
    assert_eq!(listed.asked(), ["1 x GET /api/v1/sources/mysql-01", "1 x GetCfg source mysql-01"]);
    // And the lists are the same as at the leader.
    for line in ["source list", "task list"] {
        assert_eq!(sandbox(&listed.address).run(line), sandbox(&leader.address).run(line), "{line}");
    }
}

#[test]
fn a_redirect_to_a_stranger_is_not_followed() {
    let stranger = Mute::new();
    let follower = Cluster::start(Script { redirect: Some(stranger.address.clone()), ..Script::usual() });
    let other = Cluster::start(Script::usual());
    let sandbox = sandbox(&format!("{},{}", follower.address, other.address));
    for line in ["source list", "task list", "source get mysql-01"] {
        let output = sandbox.run(line);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{line}");
        assert!(follower.asked().iter().any(|call| call.contains("GET /api/v1/")), "{line}: nothing was redirected");
        assert!(!other.asked().is_empty(), "{line}");
        assert!(!stranger.was_called(), "{line}");
    }
}

#[test]
fn another_server_is_no_master() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let page = || async { axum::response::Html("<html>Welcome</html>") };
    let _serving = runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, axum::Router::new().fallback(page)).await
    });
    let sandbox = sandbox(&address);
    for line in READING {
        let output = both_ways(&sandbox, line);
        assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{line}: {output:?}");
        assert!(output.stderr.contains(&format!("cause: {address}: it is no DM master: ")), "{line}: {}", output.stderr);
    }
    let output = sandbox.run("member list --ssl-ca ca.pem");
    assert_eq!(output.code, 2, "{}", output.stderr);
    runtime.shutdown_background();
}
