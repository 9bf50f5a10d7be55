//! `dmctl serve` as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::harness::Sandbox;

/// Ends the server when its own standard input ends, also when the tests are killed.
const GUARD: &str = r#""$@" </dev/null & pid=$!; cat >/dev/null; kill -9 "$pid"; wait "$pid""#;

/// A server that runs in a sandbox, until it is dropped. Lines that are run in the same sandbox find it by themselves.
pub struct Serving {
    pub address: String,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Serving {
    /// Starts one with these further words, and waits until it serves.
    pub fn start(sandbox: &Sandbox, words: &str) -> Self {
        let inner = sandbox.command();
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "sh"]).arg(inner.get_program());
        command.args(["--format", "json", "serve", "--data-dir", "data"]).args(shlex::split(words).unwrap());
        if !words.contains("--addr") {
            command.args(["--addr", "127.0.0.1:0"]);
        }
        command.env_clear().current_dir(inner.get_current_dir().unwrap());
        for (key, value) in inner.get_envs() {
            command.env(key, value.unwrap());
        }
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let Some(address) = entry["addr"].as_str().map(str::to_owned) else {
            drop(stdin);
            log.read_to_string(&mut line).unwrap();
            panic!("it does not serve: {line}");
        };
        // Nobody reads on: what it has to say must have room all the same.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { address, child, stdin }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ended = self.child.wait();
    }
}
