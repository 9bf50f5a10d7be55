//! `dmctl serve` as a process: how it ends, and what it does when there is no room to write.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::harness::Sandbox;
use crate::served::task;
use crate::servers::block;

/// A server, which is killed when it is dropped.
struct Serving {
    child: Child,
    log: BufReader<ChildStderr>,
    address: String,
    token: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Serving {
    /// Starts it from a shell that does something before, and waits until it serves.
    fn start(sandbox: &Sandbox, before: &str) -> Self {
        let own = sandbox.command();
        let mut command = Command::new("sh");
        command.arg0("sh").args(["-c", &format!("{before} exec \"$0\" serve --addr 127.0.0.1:0 --data-dir data")]);
        command.arg(own.get_program()).current_dir(own.get_current_dir().unwrap()).env_clear();
        command.envs(own.get_envs().filter_map(|(key, value)| Some((key, value?))));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut serving = Self { child, log, address: String::new(), token: String::new() };
        let line = serving.until("msg=\"serving\"");
        serving.address = line.split("addr=").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        let notes = dmctl::local::servers(&sandbox.path("run/dmctl"));
        serving.token = notes.into_iter().find(|note| note.addr == serving.address).unwrap().token.unwrap();
        serving
    }

    /// Reads its log up to a line.
    fn until(&mut self, part: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "the log has ended, and there was no {part}");
            if line.contains(part) {
                return line;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// A call with a body or without: the status and what came back.
    fn call(&self, path: &str, body: Option<&Value>) -> (u16, Value) {
        let _first_wins = rustls::crypto::ring::default_provider().install_default();
        block(async {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let url = format!("http://{}/api/v1{path}", self.address);
            let request = match body {
                Some(body) => http.post(url).json(body),
                None => http.get(url),
            };
            let response = request.bearer_auth(&self.token).send().await.unwrap();
            let status = response.status().as_u16();
            (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
        })
    }

    fn templates(&self) -> Vec<String> {
        let (status, list) = self.call("/tasks/templates", None);
        assert_eq!(status, 200, "{list}");
        list["data"].as_array().unwrap().iter().map(|task| task["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn notes(sandbox: &Sandbox) -> Vec<String> {
    dmctl::local::servers(&sandbox.path("run/dmctl")).into_iter().map(|note| note.addr).collect()
}

#[test]
fn each_signal_that_ends_it_ends_it_in_order() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let sandbox = Sandbox::new();
        let mut serving = Serving::start(&sandbox, "");
        assert_eq!(notes(&sandbox), [serving.address.clone()]);
        serving.signal(signal);
        serving.until("msg=\"stopped\"");
        assert_eq!(serving.child.wait().unwrap().code(), Some(0), "{signal}");
        assert_eq!(std::fs::read_dir(sandbox.path("run/dmctl")).unwrap().count(), 0, "{signal}: the note is gone");
        assert!(!sandbox.path("data/dmctl.db-wal").exists(), "{signal}: the store was closed");
    }
}

#[test]
fn a_signal_that_was_ignored_before_does_not_end_it() {
    let sandbox = Sandbox::new();
    let mut serving = Serving::start(&sandbox, "trap '' HUP;");
    serving.signal(Signal::SIGHUP);
    // It would have come first.
    assert_eq!(serving.templates(), Vec::<String>::new());
    serving.signal(Signal::SIGTERM);
    serving.until("msg=\"stopped\"");
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
}

#[test]
fn without_room_a_change_is_refused_and_nothing_is_lost() {
    let sandbox = Sandbox::new();
    let mut serving = Serving::start(&sandbox, "trap '' XFSZ; ulimit -f 256;");
    let mut answered = Vec::new();
    let refused = loop {
        let name = format!("template-{:04}", answered.len());
        let (status, answer) = serving.call("/tasks/templates", Some(&task(&name, &["a"])));
        if status != 201 {
            break answer;
        }
        answered.push(name);
        assert!(answered.len() < 1000, "the limit does not hold");
    };
    let told = refused["error_msg"].as_str().unwrap();
    assert!(told.contains("the server could not write down its state, and nothing was changed"), "{told}");
    assert!(answered.len() > 3, "{answered:?}: some had room");
    assert_eq!(serving.templates(), answered, "it goes on serving, and shows what was answered");
    serving.signal(Signal::SIGKILL);
    serving.child.wait().unwrap();
    let mut again = Serving::start(&sandbox, "");
    assert_eq!(again.templates(), answered);
    let (status, _) = again.call("/tasks/templates", Some(&task("one-more", &["a"])));
    assert_eq!(status, 201);
    again.signal(Signal::SIGTERM);
    again.until("msg=\"stopped\"");
}

#[test]
fn the_second_server_in_a_folder_is_told_whose_it_is() {
    let sandbox = Sandbox::new();
    let first = Serving::start(&sandbox, "");
    let second = sandbox.run("serve --addr 127.0.0.1:0 --data-dir data");
    assert_eq!(second.code, 1);
    let told = format!("error: the data directory data is in use by the server with process id {}\n", first.child.id());
    assert_eq!(second.stderr, told + "hint: a folder has one server: stop that one, or choose another folder with `--data-dir`\n");
}
