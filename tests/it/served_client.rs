//! What the client tells of a server of `dmctl` that it could not tell of a DM.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::harness::{Output, Sandbox};
use crate::served::{Served, source, task};

/// A server with a source, and tasks on it that are created and not started.
fn with_tasks(tasks: &[&str]) -> (Served, Sandbox) {
    let served = Served::new();
    assert_eq!(served.call("POST", "/sources", &json!({ "source": source("a") })).status, 201);
    for name in tasks {
        assert_eq!(served.call("POST", "/tasks", &json!({ "task": task(name, &["a"]) })).status, 201);
    }
    let sandbox = Sandbox::at(served.address.to_string());
    (served, sandbox)
}

fn done(output: Output) -> (String, String) {
    assert_eq!(output.code, 0, "{output:?}");
    (output.stdout, output.stderr)
}

fn refused(output: Output) -> String {
    assert_eq!(output.code, 1, "{output:?}");
    output.stderr
}

#[test]
fn enable_names_just_what_it_starts() {
    let (served, sandbox) = with_tasks(&["idle", "shop"]);
    assert_eq!(served.call("POST", "/tasks/shop/start", &Value::Null).status, 200);
    done(sandbox.run("source disable a"));
    assert_eq!(done(sandbox.run("source enable a")).0, "source `a` is enabled, which starts `shop`\n");
    served.until("idle", "Stopped");
    served.until("shop", "Running");
    done(sandbox.run("task stop shop"));
    done(sandbox.run("source disable a"));
    assert_eq!(done(sandbox.run("source enable a")).0, "source `a` is enabled\n");
}

#[test]
fn delete_with_force_says_what_stays() {
    let (served, sandbox) = with_tasks(&["shop", "other"]);
    served.script.target_is_down.store(true, Ordering::SeqCst);
    let told = refused(sandbox.run("task delete shop --yes"));
    assert!(told.contains("could not be removed, and nothing was deleted"), "{told}");
    let (_, told) = done(sandbox.run("task delete shop --yes --force"));
    let stays = "note: its meta tables stay on the target, and a new task `shop` goes on from them: ";
    assert!(told.starts_with(stays) && told.contains("database driver error"), "{told}");
    served.script.target_is_down.store(false, Ordering::SeqCst);
    assert_eq!(done(sandbox.run("task delete other --yes")).1, "");
}

#[test]
fn a_worker_that_is_free_can_be_taken_away() {
    let (_served, sandbox) = with_tasks(&[]);
    let told = refused(sandbox.run("member offline worker1 --yes"));
    assert!(told.contains("it serves source a") && told.contains("`dmctl source transfer a WORKER`"), "{told}");
    done(sandbox.run("member offline worker4 --yes"));
    assert!(!done(sandbox.run("member list --role worker")).0.contains("worker4"));
}

#[test]
fn a_cure_of_the_server_is_not_contradicted() {
    let (served, sandbox) = with_tasks(&["shop"]);
    assert_eq!(served.call("POST", "/tasks/shop/start", &Value::Null).status, 200);
    served.until("shop", "Running");
    let text = "name: shop\ntask-mode: full\ntarget-database: {host: 10.0.0.9, port: 4000, user: tgt, password: hush}\n\
                mysql-instances: [{source-id: a}]\n";
    sandbox.file("shop.yaml", text);
    let told = refused(sandbox.run("task update shop shop.yaml --yes"));
    assert!(told.contains("workaround: `dmctl task stop shop` first") && !told.contains("hint:"), "{told}");
}
