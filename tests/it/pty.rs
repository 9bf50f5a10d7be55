//! The program on a terminal: a pseudo terminal with a screen.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::harness::Sandbox;

/// After this a text does not come any more, and the test fails with what is shown instead.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Ctrl-C and Ctrl-D, as a keyboard sends them.
pub const CTRL_C: &str = "\u{3}";
pub const CTRL_D: &str = "\u{4}";

type Keyboard = Arc<Mutex<Box<dyn Write + Send>>>;

/// Answers when the program asks where the cursor is, as a terminal does.
struct Answers {
    keys: Keyboard,
    asked: usize,
}

impl vt100::Callbacks for Answers {
    fn unhandled_csi(&mut self, screen: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, parameters: &[&[u16]], c: char) {
        // What kind of terminal it is.
        if c == 'c' {
            self.keys.lock().unwrap().write_all(b"\x1b[?62;c").unwrap();
        }
        if c == 'n' && parameters == [[6]] {
            let (row, column) = screen.cursor_position();
            let answer = format!("\u{1b}[{};{}R", row + 1, column + 1);
            self.asked += 1;
            self.keys.lock().unwrap().write_all(answer.as_bytes()).unwrap();
        }
    }
}

/// What is shown, and whether anything more can come.
struct Screen {
    parser: vt100::Parser<Answers>,
    raw: Vec<u8>,
    ended: bool,
}

impl Screen {
    fn contents(&self) -> String {
        self.parser.screen().contents()
    }

    /// How many times something was drawn to the end.
    fn frames(&self) -> usize {
        const END: &[u8] = b"\x1b[?25h";
        self.raw.windows(END.len()).filter(|bytes| *bytes == END).count()
    }

    /// Nothing is half drawn: the cursor is hidden while that is so.
    fn is_painted(&self) -> bool {
        !self.parser.screen().hide_cursor()
    }
}

/// What kind of terminal it is.
#[derive(Clone, Copy)]
pub struct Kind {
    pub term: Option<&'static str>,
    pub rows: u16,
    pub columns: u16,
}

impl Kind {
    /// One that shows lines and knows nothing else.
    pub const DUMB: Self = Self { term: Some("dumb"), rows: 60, columns: 160 };
    /// One of today.
    pub const USUAL: Self = Self { term: Some("xterm-256color"), rows: 24, columns: 80 };

    const fn size(self) -> PtySize {
        PtySize { rows: self.rows, cols: self.columns, pixel_width: 0, pixel_height: 0 }
    }
}

/// A program on a terminal.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Keyboard,
    screen: Arc<(Mutex<Screen>, Condvar)>,
    master: Box<dyn MasterPty + Send>,
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
        Self::of(&command, keys, Kind::DUMB)
    }

    /// Starts a session that is not the first one, and waits for its prompt.
    pub fn session(sandbox: &Sandbox, words: &str, kind: Kind) -> Self {
        let _there = sandbox.file("state/dmctl/started", "");
        Self::first_session(sandbox, words, kind)
    }

    /// Starts a session, and waits for its prompt.
    pub fn first_session(sandbox: &Sandbox, words: &str, kind: Kind) -> Self {
        let mut command = sandbox.command();
        command.args(shlex::split(words).unwrap());
        let terminal = Self::of(&command, "", kind);
        terminal.shows("> ");
        terminal
    }

    /// Starts any program in the environment of a command.
    pub fn of(command: &Command, typed: &str, kind: Kind) -> Self {
        let (rows, columns) = (NonZero::new(kind.rows).unwrap(), NonZero::new(kind.columns).unwrap());
        let pair = native_pty_system().openpty(kind.size()).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (key, value) in command.get_envs() {
            builder.env(key, value.unwrap());
        }
        if let Some(term) = kind.term {
            builder.env("TERM", term);
        }
        builder.cwd(command.get_current_dir().unwrap());
        let keys: Keyboard = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        keys.lock().unwrap().write_all(typed.as_bytes()).unwrap();
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let answers = Answers { keys: Arc::clone(&keys), asked: 0 };
        let parser = vt100::Parser::new_with_callbacks(rows, columns, 0, answers);
        let screen = Arc::new((Mutex::new(Screen { parser, raw: Vec::new(), ended: false }), Condvar::new()));
        let shown = Arc::clone(&screen);
        let _until_the_end = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                // Of a terminal whose last program has ended Linux says that it can't be read.
                let length = reader.read(&mut bytes).unwrap_or(0);
                let (screen, changed) = &*shown;
                let mut screen = screen.lock().unwrap();
                screen.parser.process(&bytes[..length]);
                screen.raw.extend_from_slice(&bytes[..length]);
                screen.ended = length == 0;
                changed.notify_all();
                if length == 0 {
                    return;
                }
            }
        });
        Self { child, keys, screen, master: pair.master }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        let mut keyboard = self.keys.lock().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Presses keys that submit a line, and returns what is written from then on up to the next prompt.
    pub fn submit(&mut self, keys: &str) -> String {
        const EDITS: &str = "\u{1b}[?2004h";
        const RUNS: &str = "\u{1b}[?2004l";
        let prompts = |screen: &Screen| String::from_utf8_lossy(&screen.raw).matches(EDITS).count();
        let before = prompts(&self.screen.0.lock().unwrap());
        self.press(keys);
        self.wait_until("a prompt", |screen| prompts(screen) > before && screen.is_painted());
        let raw = self.raw();
        let (written, _) = raw.rsplit_once(EDITS).unwrap();
        written.rsplit_once(RUNS).unwrap().1.to_owned()
    }

    /// Makes the window this large.
    pub fn resize(&self, rows: u16, columns: u16) {
        let mut screen = self.screen.0.lock().unwrap();
        screen.parser.set_size(NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Makes the window this large, and waits until the program has drawn something there.
    pub fn resize_and_draw(&self, rows: u16, columns: u16) {
        let before = self.frames();
        self.resize(rows, columns);
        self.wait_until("a frame of the new size", |screen| screen.frames() > before);
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = nix::unistd::Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap());
        nix::sys::signal::kill(id, signal).unwrap();
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(&Screen) -> bool) {
        let (screen, changed) = &*self.screen;
        let screen = screen.lock().unwrap();
        let (screen, waited) = changed.wait_timeout_while(screen, PATIENCE, |screen| !is_so(screen) && !screen.ended).unwrap();
        assert!(is_so(&screen), "{what} (in vain: {}): {}", waited.timed_out(), screen.contents());
    }

    /// Waits until this is on the screen, so often.
    pub fn wait_for_more(&self, text: &str, times: usize) {
        self.wait_until(&format!("{text:?} {times} times"), |screen| screen.contents().matches(text).count() >= times);
    }

    /// Waits until this is on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_for_more(text, 1);
    }

    /// Waits until this is on the screen, and all is drawn.
    pub fn shows(&self, text: &str) {
        self.wait_until(&format!("{text:?} shown"), |screen| screen.is_painted() && screen.contents().contains(text));
    }

    /// Waits until this is no longer on the screen, and all is drawn.
    pub fn hides(&self, text: &str) {
        self.wait_until(&format!("{text:?} gone"), |screen| screen.is_painted() && !screen.contents().contains(text));
    }

    /// Waits until the last line with anything on it is this one, and all is drawn.
    pub fn ends_with(&self, text: &str) {
        let last = |screen: &Screen| screen.contents().trim_end().lines().last().unwrap_or_default().to_owned();
        self.wait_until(&format!("{text:?} last"), |screen| screen.is_painted() && last(screen) == text);
    }

    /// The screen as it is, with a sign where the cursor stands.
    pub fn picture(&self) -> String {
        let screen = self.screen.0.lock().unwrap();
        let screen = screen.parser.screen();
        let (row, column) = screen.cursor_position();
        let (rows, columns) = screen.size();
        let mut lines = Vec::new();
        for line in 0..rows.get() {
            let mut text = String::new();
            for at in 0..columns.get() {
                if (line, at) == (row, column) {
                    text.push('▏');
                }
                let cell = screen.cell(line, at).unwrap();
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
            }
            lines.push(text.trim_end().to_owned());
        }
        lines.join("\n").trim_end().to_owned()
    }

    /// All that was written so far, as it came.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.screen.0.lock().unwrap().raw).into_owned()
    }

    /// The screen with its styles, `␛` for the escape character.
    pub fn painted(&self) -> String {
        let painted = self.screen.0.lock().unwrap().parser.screen().contents_formatted();
        painted.replace('\u{1b}', "␛").replace("\r\n", "\n")
    }

    /// How many times something was drawn to the end.
    pub fn frames(&self) -> usize {
        self.screen.0.lock().unwrap().frames()
    }

    /// How many times the program has asked where the cursor is.
    pub fn queries(&self) -> usize {
        self.screen.0.lock().unwrap().parser.callbacks().asked
    }

    /// Waits until the program has ended.
    pub fn wait_for_the_end(&self) {
        self.wait_until("the end", |screen| screen.ended);
    }

    /// Whether the terminal hands over each key as it is pressed, and shows none by itself.
    pub fn is_raw(&self) -> Option<bool> {
        let modes = format!("{:?}", self.master.get_termios()?.local_flags);
        Some(!modes.contains("ICANON") && !modes.contains("ECHO "))
    }

    /// Waits for the end, and returns what the screen shows then, and the exit code.
    pub fn end(mut self) -> (String, u32) {
        self.wait_for_the_end();
        let contents = self.screen.0.lock().unwrap().contents();
        (contents, self.child.wait().unwrap().exit_code())
    }
}

impl Drop for Terminal {
    /// A test that fails leaves no program behind.
    fn drop(&mut self) {
        let _it_has_ended = self.child.kill();
    }
}

/// Starts a program on a terminal, types `keys` once it has shown `prompt`, waits until it shows `then`, and takes the terminal away.
/// Returns how it ended, as a shell tells it. A program that the terminal does not control gets no signal of it.
pub fn hung_up(sandbox: &Sandbox, controls: bool, keys: &str, then: &str) -> String {
    let pair = native_pty_system().openpty(Kind::USUAL.size()).unwrap();
    let command = sandbox.command();
    let mut builder = CommandBuilder::new(command.get_program());
    builder.env_clear();
    for (key, value) in command.get_envs() {
        builder.env(key, value.unwrap());
    }
    builder.env("TERM", "xterm-256color");
    builder.cwd(command.get_current_dir().unwrap());
    builder.set_controlling_tty(controls);
    let mut child = pair.slave.spawn_command(builder).unwrap();
    drop(pair.slave);
    let (mut reader, mut writer) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
    let mut seen = String::new();
    let mut until = |text: &str, writer: &mut dyn Write| {
        let mut bytes = [0; 4096];
        while !seen.contains(text) {
            let length = reader.read(&mut bytes).unwrap();
            let read = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if read.contains("\u{1b}[6n") {
                writer.write_all(b"\x1b[1;1R").unwrap();
            }
            seen.push_str(&read);
        }
    };
    until("> ", &mut *writer);
    writer.write_all(keys.as_bytes()).unwrap();
    until(then, &mut *writer);
    drop((reader, writer, pair.master));
    let status = child.wait().unwrap();
    status.signal().map_or_else(|| status.exit_code().to_string(), str::to_owned)
}
