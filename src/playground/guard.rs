//! Programs that end with this one, however it ends.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Ends the program when its own standard input ends: when it is closed here, or when this program is gone.
const WATCH: &str = r#""$@" </dev/null & pid=$!
trap '' INT TERM HUP
cat >/dev/null
kill -s "$0" "$pid" 2>/dev/null; wait "$pid" 2>/dev/null"#;

/// How a program is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It may bring its data in order.
    InOrder,
    /// At once: what it leaves is thrown away.
    AtOnce,
}

/// A program under guard.
pub(super) struct Guarded {
    watcher: Child,
    /// Open as long as it is to run.
    leash: Option<ChildStdin>,
}

impl Guarded {
    /// Starts a program, whose words go to a file.
    pub(super) fn start(
        program: &Path,
        arguments: &[String],
        variables: &[(&str, &Path)],
        words: &Path,
        end: End,
    ) -> io::Result<Self> {
        let words = std::fs::OpenOptions::new().create(true).append(true).open(words)?;
        let signal = match end {
            End::InOrder => "TERM",
            End::AtOnce => "KILL",
        };
        let mut command = Command::new("sh");
        command
            .args(["-c", WATCH, signal])
            .arg(program)
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(words.try_clone()?)
            .stderr(words)
            // Ctrl-C at the terminal is for whoever sits there.
            .process_group(0);
        let mut watcher = command.spawn()?;
        let leash = watcher.stdin.take();
        Ok(Self { watcher, leash })
    }

    fn end(&mut self) {
        drop(self.leash.take());
        let _gone_already = self.watcher.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.end();
    }
}
