//! Lost answers: every call that changes something, in every way in which its answer can get lost. Whatever happens, the call arrives
//! once, the answer tells what is known, and nobody sees a password.

use std::sync::atomic::{AtomicUsize, Ordering};

use dmctl::wire::pb;
use serde_json::Value;
use tonic::Code;

use crate::cluster::{Cluster, Script};
use crate::cluster_faults::Lose;
use crate::cluster_status::finished;
use crate::cluster_wire::SECRET;
use crate::harness::Output;
use crate::lost_cases::{Case, LONG, SHORT, body_of, has, sandbox, script, shown_file, stage, updatable};

fn is_rest(call: &str) -> bool {
    ["POST ", "PUT ", "DELETE "].iter().any(|method| call.starts_with(method))
}

/// The ways in which the answer to a call can get lost within a moment.
fn ways(call: &str) -> Vec<Lose> {
    let mut ways = vec![Lose::Before, Lose::After, Lose::Half];
    if is_rest(call) {
        ways.extend([(500, true), (502, false), (502, true)].map(|(status, done)| Lose::Http { status, done }));
    } else {
        let text = "rpc error: code = Unavailable desc = transport is closing";
        ways.extend([false, true].map(|done| Lose::Grpc { code: Code::Unavailable, text: text.to_owned(), done }));
    }
    ways
}

/// Runs rows side by side, since a look may go on for seconds; not all at once, since each is a program of its own.
fn each<T: Sync>(rows: &[T], run: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..24 {
            let _joined = scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run(row);
                }
            });
        }
    });
}

fn operation(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// What must be so whichever way an answer gets lost.
fn check(case: &Case, lose: &Lose, json: bool) {
    let cluster = Cluster::start((case.script)().losing(case.call, lose.clone()));
    let line = if json { format!("{} --format json", case.line) } else { case.line.to_owned() };
    let output = sandbox(&cluster).run(&line);
    let about = format!("{line}, {lose:?}: {output:#?}");
    assert!(!format!("{output:?}").contains(SECRET), "a password is shown: {about}");
    let arrived = cluster.changes().iter().filter(|change| change.call == case.call).count();
    assert_eq!(arrived, 1, "how often it arrived: {about}");
    let done = (case.done)(&cluster);
    assert!(case.line.contains("purge") || done == lose.is_done(), "the test is wrong about what is done: {about}");
    // A status line that arrived says it all, whatever becomes of the body.
    let told = *lose == Lose::Half && (case.call == "POST /api/v1/tasks" || case.call.starts_with("PUT "));
    if told || done && case.tells {
        assert_eq!(output.code, 0, "{about}");
        let stay = output.stderr.contains("its meta tables stay on the target");
        assert_eq!(stay, case.call.starts_with("OperateTask Delete"), "{about}");
        assert_ne!(told, output.stderr.contains("no answer came; a look shows that it was done"), "{about}");
        return;
    }
    let known = if case.tells { "it was not done so far" } else { "whether it was done is not known" };
    let message = format!("`{}` was sent, and no answer came: {known}", operation(case.line));
    assert_eq!((output.code, output.stdout.as_str()), (124, ""), "{about}");
    if json {
        let error: Value = serde_json::from_str(output.stderr.trim_end()).unwrap_or_else(|error| panic!("{error}: {about}"));
        let error = &error["error"];
        assert_eq!((&error["kind"], &error["code"], &error["message"]), (&"timed_out".into(), &Value::Null, &message.into()));
        assert!(error["cause"].as_str().unwrap().starts_with(&cluster.address), "{about}");
        assert!(error["hint"].is_string(), "{about}");
    } else {
        let lines: Vec<&str> = output.stderr.lines().collect();
        assert_eq!(lines[0], format!("error: {message}"), "{about}");
        assert!(lines[1].starts_with(&format!("  cause: {}: ", cluster.address)), "{about}");
        assert!(lines.last().unwrap().starts_with("hint: it "), "{about}");
    }
}

#[test]
fn no_lost_answer_is_passed_over() {
    let cases = SHORT.iter().chain(&LONG);
    let rows: Vec<(&Case, Lose)> = cases.flat_map(|case| ways(case.call).into_iter().map(move |lose| (case, lose))).collect();
    each(&rows, |(case, lose)| {
        check(case, lose, matches!(lose, Lose::Http { done: false, .. } | Lose::Grpc { done: false, .. }));
    });
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for_longer_than_asked() {
    let rows: Vec<(&Case, bool)> = SHORT.iter().flat_map(|case| [(case, true), (case, false)]).collect();
    each(&rows, |(case, done)| check(case, &Lose::Hold { done: *done }, false));
}

#[test]
fn ctrl_c_tells_what_was_sent_and_has_no_answer() {
    let rows: Vec<&Case> = SHORT.iter().chain(&LONG).collect();
    each(&rows, |case| {
        let cluster = Cluster::start((case.script)().losing(case.call, Lose::Hold { done: true }));
        let sandbox = sandbox(&cluster);
        let mut command = sandbox.command();
        command.args(shlex::split(case.line).unwrap());
        let talk = crate::piped::Talk::new(command);
        cluster.wait_for(case.call);
        talk.signal("INT");
        let (stdout, stderr, code) = talk.end();
        assert_eq!((stdout.as_str(), code), ("", Some(130)), "{}: {stderr}", case.line);
        let cause = format!("`{}` was sent, and had no answer yet: whether it is done is not known", operation(case.line));
        let told = format!("error: interrupted\n  cause: {cause}\nhint: it ");
        assert!(stderr.starts_with(&told), "{}: {stderr}", case.line);
    });
}

#[test]
fn ctrl_c_in_a_wait_tells_that_the_change_was_taken() {
    let cluster = Cluster::start(script().late(1000));
    let sandbox = sandbox(&cluster);
    let mut command = sandbox.command();
    command.args(["task", "stop", "runs"]);
    let talk = crate::piped::Talk::new(command);
    // The first look is before the change.
    cluster.wait_for_more("QueryStatus mysql-01 runs", 2);
    talk.signal("INT");
    let told =
        "error: interrupted\n  cause: `task stop` was sent, and the cluster has taken it: only the wait for it is broken off\n";
    assert_eq!(talk.end(), (String::new(), told.to_owned(), Some(130)));
}

/// A finished task is told to stop before it is deleted.
#[test]
fn the_stop_before_a_deletion_is_lost() {
    let script = || Script { tasks: Script::empty().task("done", "full", &[("mysql-01", &[finished()])]).tasks, ..script() };
    each(&ways("POST "), |lose| {
        let cluster = Cluster::start(script().losing("POST /api/v1/tasks/done/stop", lose.clone()));
        let output = sandbox(&cluster).run("task delete done --yes");
        let calls: Vec<String> = cluster.changes().into_iter().map(|change| change.call).collect();
        assert_eq!(calls, ["POST /api/v1/tasks/done/stop", "DELETE /api/v1/tasks/done"], "{lose:?}: {output:?}");
        assert_eq!(has(&cluster, "done"), !lose.is_done(), "{lose:?}");
        if lose.is_done() {
            assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{lose:?}: {output:?}");
        } else {
            let told = "error: `task stop` was sent, and no answer came: it was not done so far\n";
            assert!(output.code == 124 && output.stderr.starts_with(told), "{lose:?}: {output:?}");
        }
    });
}

/// What ends in the middle of a copy from the beginning can be gone on with, by the same line.
#[test]
fn starting_over_is_gone_on_with_after_any_loss() {
    let line = "task start task-new --remove-meta --yes --wait-timeout 1s";
    let done = |output: &Output| output.code == 0;
    let calls =
        ["DELETE /api/v1/tasks/task-new", "POST /api/v1/tasks", "POST /api/v1/tasks/task-new/start"].map(|call| (call, ways(call)));
    let rows: Vec<(&str, Lose)> =
        calls.into_iter().flat_map(|(call, ways)| ways.into_iter().map(move |lose| (call, lose))).collect();
    each(&rows, |(call, lose)| {
        let cluster = Cluster::start(updatable().losing(call, lose.clone()));
        let sandbox = sandbox(&cluster);
        let first = sandbox.run(line);
        let kept = || std::fs::read_dir(sandbox.path("state/dmctl/kept")).map_or(0, Iterator::count);
        assert!(has(&cluster, "task-new") || kept() == 1, "{call}, {lose:?}: the task is nowhere: {first:?}");
        assert!(done(&first) || first.code == 124, "{call}, {lose:?}: {first:?}");
        if has(&cluster, "task-new") {
            cluster.change(|script| script.with_task("task-new", |task| task.text = Some(shown_file())));
        }
        let second = (!done(&first)).then(|| sandbox.run(line));
        assert!(second.as_ref().is_none_or(done), "{call}, {lose:?}: {first:?}, and again: {second:?}");
        assert_eq!((stage(&cluster, "task-new"), kept()), (pb::Stage::Running, 0), "{call}, {lose:?}: {first:?}");
        assert!(!format!("{first:?}{second:?}").contains(SECRET), "{call}, {lose:?}: a password is shown");
        assert!(body_of(&cluster, "task-new").contains(SECRET), "{call}, {lose:?}: its password was lost");
    });
}
