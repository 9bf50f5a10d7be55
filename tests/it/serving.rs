//! The built `dmctl serve` as a process of its own, which is started, frozen, killed and started again, and steered by the client's own
//! verbs.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::harness::{Output, Sandbox};

/// Becomes the server, and leaves somebody behind who ends it when the standard input ends, also when the tests are killed. That one says by
/// the end of the standard output that it is gone.
const GUARD: &str = r#"exec 3<&0; (read -r line <&3; kill -9 $$) 2>/dev/null & exec "$0" "$@" 3<&- </dev/null >/dev/null"#;

/// How a server is started.
#[derive(Clone, Copy, Default)]
pub struct How<'a> {
    /// Words behind `serve`.
    pub words: &'a str,
    /// What its shell does before.
    pub before: &'a str,
    /// More of an environment.
    pub variables: &'a [(&'a str, &'a str)],
}

/// A server in a sandbox that outlives it. Lines that are run in the same sandbox find it by themselves.
pub struct Serving {
    /// Where it listens.
    pub address: String,
    sandbox: Sandbox,
    process: Option<Process>,
    /// What it has logged, of all its lives.
    log: Arc<Mutex<Vec<String>>>,
}

struct Process {
    child: Child,
    guard: ChildStdin,
    guarding: ChildStdout,
    /// Ends when the log does, and that ends with the server.
    reader: Option<JoinHandle<()>>,
    news: Receiver<String>,
}

impl Process {
    /// Waits for its end, which has come or is brought about.
    fn end(mut self) -> ExitStatus {
        drop(self.guard);
        // As long as nobody has waited for it, no other process can get its number, which the guard kills.
        let _gone = self.guarding.read_to_end(&mut Vec::new());
        let status = self.child.wait().unwrap();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _status = self.process.take().map(Process::end);
    }
}

impl Serving {
    /// Starts one with these further words, and waits until it serves.
    pub fn start(sandbox: &Sandbox, words: &str) -> Self {
        let mut serving = Self::none(sandbox);
        serving.up(How { words, ..How::default() });
        serving
    }

    /// A sandbox without a server in it.
    pub fn none(sandbox: &Sandbox) -> Self {
        Self { address: String::new(), sandbox: sandbox.clone(), process: None, log: Arc::default() }
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Starts the server, and waits until it serves.
    pub fn up(&mut self, how: How<'_>) {
        let inner = self.sandbox.command();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{} {GUARD}", how.before)]).arg(inner.get_program()).args(["serve", "--data-dir", "data"]);
        command.args(shlex::split(how.words).unwrap());
        if !how.words.contains("--addr") {
            command.args(["--addr", "127.0.0.1:0"]);
        }
        command.env_clear().current_dir(inner.get_current_dir().unwrap());
        command.envs(inner.get_envs().filter_map(|(key, value)| Some((key, value?)))).envs(how.variables.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (guard, guarding) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (log, (tell, news)) = (Arc::clone(&self.log), mpsc::channel());
        // What it has to say must have room, whether anybody listens or not.
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                log.lock().unwrap().push(line.clone());
                drop(tell.send(line));
            }
        });
        self.process = Some(Process { child, guard, guarding, reader: Some(reader), news });
        let serves = self.until("msg=\"serving\"");
        self.address = serves.split("addr=").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    }

    /// Reads what it logs up to a line.
    pub fn until(&self, part: &str) -> String {
        let news = &self.process.as_ref().unwrap().news;
        let line = news.iter().find(|line| line.contains(part));
        line.unwrap_or_else(|| panic!("the log has ended, and there was no {part}:\n{}", self.log()))
    }

    pub fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid().try_into().unwrap()), signal).unwrap();
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
        self.process.take().unwrap().end();
    }

    /// Waits until it has ended by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().unwrap();
        process.reader.take().unwrap().join().unwrap();
        process.end()
    }

    /// Runs a line of the client, unless the server dies under it. Whether it did not, and the code of the line if it came to its end.
    pub fn outlives(&mut self, line: &str) -> (bool, Option<i32>) {
        let mut command = self.sandbox.command();
        command.args(shlex::split(line).unwrap()).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(self.sandbox.path("said")).unwrap());
        let mut client = command.spawn().unwrap();
        loop {
            let code = client.try_wait().unwrap().map(|status| status.code().unwrap());
            if self.process.as_ref().unwrap().reader.as_ref().unwrap().is_finished() {
                let status = self.ended();
                assert_eq!(status.signal(), Some(Signal::SIGKILL as i32), "it ended by itself: {}", self.log());
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

    /// The end of what it has logged.
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap();
        log[log.len().saturating_sub(30)..].join("\n")
    }
}
