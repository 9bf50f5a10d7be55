//! A program on a pseudo terminal, with the time from a key to what is painted.

use std::io::{Read as _, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The cursor is shown again: a painting is through.
const PAINTED: &str = "\u{1b}[?25h";
const WHERE: &str = "\u{1b}[6n";

/// What a key came to.
pub struct Painting {
    pub took: Duration,
    pub bytes: usize,
}

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    reader: Box<dyn std::io::Read + Send>,
    writer: Box<dyn Write + Send>,
    /// Keeps the terminal.
    _master: Box<dyn MasterPty + Send>,
    pub queries: usize,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Terminal {
    /// Starts a program, and returns when it has shown `text`, and how long that took.
    pub fn start(command: &Command, text: &str) -> (Self, Painting) {
        let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (key, value) in command.get_envs() {
            builder.env(key, value.unwrap());
        }
        builder.env("PATH", std::env::var_os("PATH").unwrap());
        builder.env("TERM", "xterm-256color");
        let (reader, writer) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        let started = Instant::now();
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let mut terminal = Self { child, reader, writer, _master: pair.master, queries: 0 };
        let mut painting = terminal.until(text);
        painting.took = started.elapsed();
        (terminal, painting)
    }

    /// Presses keys, and returns when `text` is painted.
    pub fn press(&mut self, keys: &str, text: &str) -> Painting {
        // Whoever reads them may be through before this goes on.
        let started = Instant::now();
        self.writer.write_all(keys.as_bytes()).unwrap();
        let painting = self.until(text);
        Painting { took: started.elapsed(), ..painting }
    }

    /// Reads until `text` was written since, and a painting is through if the program hides the cursor at all.
    pub fn until(&mut self, text: &str) -> Painting {
        let started = Instant::now();
        let mut seen = Vec::new();
        let mut bytes = [0; 16384];
        loop {
            let length = self.reader.read(&mut bytes).unwrap();
            assert!(length > 0, "it has ended: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&bytes[..length]);
            let shown = String::from_utf8_lossy(&seen);
            let asked = shown.matches(WHERE).count();
            if asked > 0 {
                self.writer.write_all(b"\x1b[1;1R").unwrap();
                self.queries += asked;
                seen = shown.replace(WHERE, "").into_bytes();
                continue;
            }
            let hides = shown.contains("\u{1b}[?25l");
            if shown.contains(text) && (!hides || shown.ends_with(PAINTED)) {
                return Painting { took: started.elapsed(), bytes: seen.len() };
            }
        }
    }

    /// The most memory that the program has had in use.
    pub fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.process_id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}
