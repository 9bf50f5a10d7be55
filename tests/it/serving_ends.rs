//! `dmctl serve` as a process: how it ends, and what it does when there is no room to write.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::harness::Sandbox;
use crate::served::task;
use crate::servers::block;
use crate::serving::{How, Serving};

/// Starts one from a shell that does something before.
fn start(sandbox: &Sandbox, before: &str) -> Serving {
    let mut serving = Serving::none(sandbox);
    serving.up(How { before, ..How::default() });
    serving
}

/// A call with a body or without: the status and what came back.
fn call(serving: &Serving, path: &str, body: Option<&Value>) -> (u16, Value) {
    let notes = dmctl::local::servers(&serving.sandbox().path("run/dmctl"));
    let token = notes.into_iter().find(|note| note.addr == serving.address).unwrap().token.unwrap();
    let _first_wins = rustls::crypto::ring::default_provider().install_default();
    block(async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}/api/v1{path}", serving.address);
        let request = match body {
            Some(body) => http.post(url).json(body),
            None => http.get(url),
        };
        let response = request.bearer_auth(&token).send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
    })
}

fn templates(serving: &Serving) -> Vec<String> {
    let (status, list) = call(serving, "/tasks/templates", None);
    assert_eq!(status, 200, "{list}");
    list["data"].as_array().unwrap().iter().map(|task| task["name"].as_str().unwrap().to_owned()).collect()
}

fn notes(sandbox: &Sandbox) -> Vec<String> {
    dmctl::local::servers(&sandbox.path("run/dmctl")).into_iter().map(|note| note.addr).collect()
}

/// Whether this process ignores a signal, and so does whatever it starts.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    u64::from_str_radix(mask, 16).unwrap() >> (signal as u32 - 1) & 1 == 1
}

#[test]
fn each_signal_that_ends_it_ends_it_in_order() {
    // A shell that runs the tests in the background has SIGINT ignored, and what is ignored stays so.
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)) {
        let sandbox = Sandbox::new();
        let mut serving = start(&sandbox, "");
        assert_eq!(notes(&sandbox), [serving.address.clone()]);
        serving.signal(signal);
        serving.until("msg=\"stopped\"");
        assert_eq!(serving.ended().code(), Some(0), "{signal}");
        assert_eq!(std::fs::read_dir(sandbox.path("run/dmctl")).unwrap().count(), 0, "{signal}: the note is gone");
        assert!(!sandbox.path("data/dmctl.db-wal").exists(), "{signal}: the store was closed");
    }
}

#[test]
fn a_signal_that_was_ignored_before_does_not_end_it() {
    let sandbox = Sandbox::new();
    let mut serving = start(&sandbox, "trap '' HUP;");
    serving.signal(Signal::SIGHUP);
    // It would have come first.
    assert_eq!(templates(&serving), Vec::<String>::new());
    serving.signal(Signal::SIGTERM);
    serving.until("msg=\"stopped\"");
    assert_eq!(serving.ended().code(), Some(0));
}

#[test]
fn without_room_a_change_is_refused_and_nothing_is_lost() {
    let sandbox = Sandbox::new();
    let mut serving = start(&sandbox, "trap '' XFSZ; ulimit -f 256;");
    let mut answered = Vec::new();
    let refused = loop {
        let name = format!("template-{:04}", answered.len());
        let (status, answer) = call(&serving, "/tasks/templates", Some(&task(&name, &["a"])));
        if status != 201 {
            break answer;
        }
        answered.push(name);
        assert!(answered.len() < 1000, "the limit does not hold");
    };
    let told = refused["error_msg"].as_str().unwrap();
    assert!(told.contains("the server could not write down its state, and nothing was changed"), "{told}");
    assert!(answered.len() > 3, "{answered:?}: some had room");
    assert_eq!(templates(&serving), answered, "it goes on serving, and shows what was answered");
    serving.signal(Signal::SIGKILL);
    serving.ended();
    let again = start(&sandbox, "");
    assert_eq!(templates(&again), answered);
    let (status, _) = call(&again, "/tasks/templates", Some(&task("one-more", &["a"])));
    assert_eq!(status, 201);
    again.signal(Signal::SIGTERM);
    again.until("msg=\"stopped\"");
}

#[test]
fn the_second_server_in_a_folder_is_told_whose_it_is() {
    let sandbox = Sandbox::new();
    let first = start(&sandbox, "");
    let second = sandbox.run("serve --addr 127.0.0.1:0 --data-dir data");
    assert_eq!(second.code, 1);
    let told = format!("error: the data directory data is in use by the server with process id {}\n", first.pid());
    assert_eq!(second.stderr, told + "hint: a folder has one server: stop that one, or choose another folder with `--data-dir`\n");
}
