//! A line that is typed into a session, with what came of it to the byte.
//!
//! One session takes many lines. Each is pasted between two others: the one before turns to its cluster, and whether the one behind it
//! still runs tells how it ended.

use crate::cluster::Cluster;
use crate::harness::{Output, Sandbox};
use crate::lines::sandbox;
use crate::pty::{CTRL_D, Kind, Terminal};

/// A session.
pub struct Typist {
    terminal: Terminal,
    sandbox: Sandbox,
}

/// How a line ended, and all that it wrote.
#[derive(Debug, PartialEq, Eq)]
pub struct Came {
    pub text: String,
    pub code: i32,
}

impl Typist {
    /// Opens a session for no cluster, without colours and wider than any line.
    pub fn new() -> Self {
        let sandbox = sandbox("127.0.0.1:1");
        let terminal = Terminal::session(&sandbox, "--color never", Kind { rows: 50, columns: 4000, ..Kind::USUAL });
        Self { terminal, sandbox }
    }

    /// Runs a line for a cluster.
    pub fn run(&mut self, cluster: &Cluster, line: &str) -> Came {
        let turn = format!("use {}", cluster.address);
        let raw = self.terminal.submit(&format!("\u{1b}[200~{turn}\n{line}\nset\n\u{1b}[201~\r"));
        let raw = raw.replace("\r\n", "\n");
        let begin = format!("this session is for {} now\n> {line}\n", cluster.address);
        let came = raw.strip_prefix(&begin).unwrap_or_else(|| panic!("{line}: {raw:?} does not begin with {begin:?}"));
        let came = without_waiting(came);
        if let Some((text, _)) = came.rsplit_once("> set\nformat: ") {
            return Came { text: text.to_owned(), code: 0 };
        }
        let (text, end) = came.rsplit_once("stopped at line 2, with exit code ").unwrap_or_else(|| panic!("{line}: {came:?}"));
        Came { text: text.to_owned(), code: end.trim_end().parse().unwrap() }
    }

    /// Sees that a line gives the same when it is typed, for a cluster that is like the one it ran for `alone`, in that sandbox.
    pub fn assert_same(&mut self, cluster: &Cluster, like: &Cluster, sandbox: &Sandbox, line: &str, alone: &Output) {
        let Came { text, code } = self.run(like, line);
        let typed = self.sandbox.steady(&text, &[(&like.address, "$MASTER")]);
        let expected = sandbox.steady(&format!("{}{}", alone.stderr, alone.stdout), &[(&cluster.address, "$MASTER")]);
        assert_eq!((typed.as_str(), code), (expected.as_str(), alone.code), "{line}: typed, and alone");
    }
}

impl Drop for Typist {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.terminal.press(CTRL_D);
            self.terminal.wait_for_the_end();
        }
    }
}

/// The text without the line that says how long it takes, which is wiped out again.
fn without_waiting(text: &str) -> String {
    const WIPE: &str = "\r\u{1b}[K";
    let mut parts = text.split(WIPE);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(if part.starts_with("waiting for the cluster, ") { "" } else { part });
    }
    kept
}
