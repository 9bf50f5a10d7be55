//! The person at the terminal, who can be asked.
//!
//! A question goes to stderr, and its answer is read from the terminal that standard input is; what was typed before the question was
//! shown does not answer it. An answer is awaited on a thread, so that Ctrl-C is heard meanwhile.

use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::termios::{self, LocalModes, QueueSelector};

use super::clean;
use super::modes::Without;

/// The longest answer that is read.
const LONGEST: usize = 4 << 10;
/// How often it is seen whether a question still wants an answer.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Whoever sits at the terminal, if there is one.
#[derive(Debug, Default)]
pub struct Person {
    present: bool,
    styled: bool,
    width: Option<usize>,
    asked: AtomicBool,
}

impl Person {
    /// Looks whether standard input and stderr are terminals. `plain` says that the environment wants no colour.
    #[must_use]
    pub fn at_the_terminal(plain: bool) -> Self {
        let present = io::stdin().is_terminal() && io::stderr().is_terminal();
        let width = present.then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten();
        Self { present, styled: present && !plain, width, asked: AtomicBool::new(false) }
    }

    /// Whether there is somebody to ask.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.present
    }

    /// Whether a question is open, so that nothing else may be shown.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Shows a document, asks for a line, and returns it without its end. `None` when nothing was said: end of file, or nobody there.
    pub async fn line(&self, document: &super::Document, question: &str) -> Option<String> {
        self.ask(document, question, true).await
    }

    /// Asks for a secret, which is not shown while it is typed.
    pub async fn secret(&self, question: &str) -> Option<String> {
        self.ask(&super::Document::default(), question, false).await
    }

    async fn ask(&self, document: &super::Document, question: &str, shown: bool) -> Option<String> {
        if !self.present {
            return None;
        }
        let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
        let mut open = Open::new(&self.asked);
        // Restores the terminal also when the question is given up in the middle.
        let _echo = (!shown).then(|| Without::these(LocalModes::ECHO, &terminal)).flatten();
        let text = format!("\r\u{1b}[K{}{}", document.render(self.styled, self.width), clean::block(question));
        let _what_was_typed_before = termios::tcflush(&terminal, QueueSelector::IFlush);
        let _nowhere_to_tell = io::stderr().write_all(text.as_bytes());
        let (answer, said) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let line = read_line(&terminal, || answer.is_closed());
            let _nobody_waits = answer.send(line);
        });
        let line = said.await.ok().flatten();
        open.line_is_ended = shown && line.is_some();
        line
    }
}

/// Reads up to the end of a line, a byte at a time, so that nothing is taken from the line after it. A question that was given up takes
/// nothing any more: what is typed then belongs to the prompt.
fn read_line(terminal: &OwnedFd, given_up: impl Fn() -> bool) -> Option<String> {
    let mut bytes = Vec::new();
    while bytes.len() < LONGEST && !given_up() {
        let mut ready = [PollFd::new(terminal, PollFlags::IN)];
        match event::poll(&mut ready, Some(&LOOK_EVERY)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) if given_up() => return None,
            Ok(_) => {}
            Err(_) => return None,
        }
        let mut byte = [0];
        match rustix::io::read(terminal, &mut byte) {
            Ok(1) if byte == *b"\n" || byte == *b"\r" => return String::from_utf8(bytes).ok(),
            Ok(1) => bytes.push(byte[0]),
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return None,
        }
    }
    None
}

/// A question that is open as long as this lives.
struct Open<'a> {
    flag: &'a AtomicBool,
    /// Whoever typed has ended the line on the screen too.
    line_is_ended: bool,
}

impl<'a> Open<'a> {
    fn new(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::Relaxed);
        Self { flag, line_is_ended: false }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.flag.store(false, Ordering::Relaxed);
        if !self.line_is_ended {
            let _nowhere_to_tell = io::stderr().write_all(b"\n");
        }
    }
}
