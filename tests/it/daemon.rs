//! The built `dmctl serve` as a process of its own, which is started, frozen and killed, and steered by the client's own verbs.

use std::fs::File;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::harness::{Output, Sandbox};

/// A server and the folder that outlives it.
pub struct Daemon {
    sandbox: Sandbox,
    child: Option<Child>,
}

impl Daemon {
    /// A folder without a server in it.
    pub fn new(sandbox: Sandbox) -> Self {
        std::fs::create_dir_all(sandbox.path("run")).unwrap();
        Self { sandbox, child: None }
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Starts the server, with more of an environment, and waits until it answers.
    pub fn start(&mut self, variables: &[(&str, &str)]) {
        let log = File::options().create(true).append(true).open(self.sandbox.path("log")).unwrap();
        let data = self.sandbox.path("data");
        let mut command = self.sandbox.command();
        command.args(["serve", "--addr", "127.0.0.1:0", "--data-dir"]).arg(data).envs(variables.iter().copied());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.child = Some(child);
        while self.sandbox.run("member list").code != 0 {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the server has ended: {}", self.log());
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.as_ref().unwrap().id();
        kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
    }

    /// Lets the server stand still wherever it is.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Ends it where it stands.
    pub fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.died();
    }

    /// Waits until it is dead. Whether it was killed: that is no end of its own.
    pub fn died(&mut self) -> bool {
        use std::os::unix::process::ExitStatusExt as _;
        let status = self.child.take().unwrap().wait().unwrap();
        status.signal() == Some(Signal::SIGKILL as i32)
    }

    /// Runs a line of the client, unless the server dies under it. Whether it did, and the code of the line if it came to its end.
    pub fn outlives(&mut self, line: &str) -> (bool, Option<i32>) {
        let mut command = self.sandbox.command();
        command.args(shlex::split(line).unwrap()).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(std::fs::File::create(self.sandbox.path("said")).unwrap());
        let mut client = command.spawn().unwrap();
        loop {
            let code = client.try_wait().unwrap().map(|status| status.code().unwrap());
            if self.child.as_mut().unwrap().try_wait().unwrap().is_some() {
                assert!(self.died(), "it ended by itself: {}", self.log());
                // It would go on looking for what became of its words.
                client.kill().unwrap();
                client.wait().unwrap();
                return (false, code);
            }
            if code.is_some() {
                return (true, code);
            }
            std::thread::yield_now();
        }
    }

    /// Runs a line of the client.
    pub fn client(&self, line: &str) -> Output {
        self.sandbox.run(line)
    }

    /// Runs a line that must do what it says.
    pub fn does(&self, line: &str) -> String {
        let output = self.client(line);
        assert_eq!(output.code, 0, "{line}\n{}{}\n{}", output.stdout, output.stderr, self.log());
        output.stdout
    }

    /// What it has logged, of all its lives; the end of it.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.sandbox.path("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may be frozen: only this signal gets through then.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
