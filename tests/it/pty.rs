//! The program on a terminal: a pseudo terminal with a screen.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::harness::Sandbox;

const SIZE: PtySize = PtySize { rows: 60, cols: 160, pixel_width: 0, pixel_height: 0 };

/// After this a text does not come any more, and the test fails with what is shown instead.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Ctrl-C and Ctrl-D, as a keyboard sends them.
pub const CTRL_C: &str = "\u{3}";
pub const CTRL_D: &str = "\u{4}";

/// What is shown, and whether anything more can come.
struct Screen {
    parser: vt100::Parser,
    ended: bool,
}

/// A program on a terminal.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Arc<(Mutex<Screen>, Condvar)>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts the program with these words.
    pub fn start(sandbox: &Sandbox, words: &str) -> Self {
        Self::typed_ahead(sandbox, words, "")
    }

    /// The same, and this is typed before the program is there to read it.
    pub fn typed_ahead(sandbox: &Sandbox, words: &str, keys: &str) -> Self {
        let mut command = sandbox.command();
        command.args(shlex::split(words).unwrap());
        Self::of(&command, keys)
    }

    /// Starts any program in the environment of a command.
    pub fn of(command: &Command, typed: &str) -> Self {
        let (rows, columns) = (NonZero::new(SIZE.rows).unwrap(), NonZero::new(SIZE.cols).unwrap());
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (key, value) in command.get_envs() {
            builder.env(key, value.unwrap());
        }
        builder.env("TERM", "dumb");
        builder.cwd(command.get_current_dir().unwrap());
        let mut keys = pair.master.take_writer().unwrap();
        keys.write_all(typed.as_bytes()).unwrap();
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Screen { parser: vt100::Parser::new(rows, columns, 0), ended: false };
        let screen = Arc::new((Mutex::new(screen), Condvar::new()));
        let shown = Arc::clone(&screen);
        let _until_the_end = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                // Of a terminal whose last program has ended Linux says that it can't be read.
                let length = reader.read(&mut bytes).unwrap_or(0);
                let (screen, changed) = &*shown;
                let mut screen = screen.lock().unwrap();
                screen.parser.process(&bytes[..length]);
                screen.ended = length == 0;
                changed.notify_all();
                if length == 0 {
                    return;
                }
            }
        });
        Self { child, keys, screen, _master: pair.master }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until this is on the screen, so often.
    pub fn wait_for_more(&self, text: &str, times: usize) {
        let (screen, changed) = &*self.screen;
        let count = |screen: &Screen| screen.parser.screen().contents().matches(text).count();
        let screen = screen.lock().unwrap();
        let (screen, _) = changed.wait_timeout_while(screen, PATIENCE, |screen| count(screen) < times && !screen.ended).unwrap();
        assert!(count(&screen) >= times, "{text:?} was not shown: {}", screen.parser.screen().contents());
    }

    /// Waits until this is on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_for_more(text, 1);
    }

    /// Waits for the end, and returns what the screen shows then, and the exit code.
    pub fn end(mut self) -> (String, u32) {
        let (screen, changed) = &*self.screen;
        let screen = changed.wait_while(screen.lock().unwrap(), |screen| !screen.ended).unwrap();
        let contents = screen.parser.screen().contents();
        drop(screen);
        (contents, self.child.wait().unwrap().exit_code())
    }
}
