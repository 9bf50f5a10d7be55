//! Where lines come from.
//!
//! Standard input is read on a thread of its own, so that a signal is heard while nothing is typed, and a command runs while nothing is
//! read. One rule for both sources: a trailing backslash goes on in the next line, `#` begins a comment, CRLF and a byte order mark are
//! passed over.

use std::cell::RefCell;
use std::io::{BufRead, Read};
use std::rc::Rc;

use tokio::signal::unix::Signal;
use tokio::sync::mpsc;

use super::Aim;
use crate::exit::{Code, Failure};
use crate::output::{Printer, clean};
use crate::words::{self, Ending};

/// The longest line that is taken.
const LONGEST: u64 = 1 << 20;

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// A line to run, with the number of its first physical line.
    Line {
        /// Counted from 1.
        number: usize,
        /// Without continuations and line breaks.
        text: String,
    },
    /// Something that is no line.
    Broken {
        /// Counted from 1.
        number: usize,
        /// What is wrong with it.
        failure: Failure,
    },
    /// Ctrl-C while a line was awaited.
    Interrupted,
    /// Nothing that is to run, and more may come.
    Nothing,
    /// Nothing more.
    End,
    /// A signal ends it all.
    Ended(Code),
}

/// A source of lines.
#[expect(async_fn_in_trait, reason = "used inside this crate, on one thread")]
pub trait Lines {
    /// The next line that is neither empty nor a comment.
    async fn next(&mut self) -> Next;

    /// Waits for a signal that ends it all while a line runs; for ever, where the system itself sees to that.
    async fn ended(&mut self) -> Code {
        std::future::pending().await
    }

    /// Hears how a line ended and what would come next, and returns whether lines that were to follow it are dropped.
    fn came_to(&mut self, _code: Code, _next: Option<String>) -> bool {
        false
    }
}

type Read1 = std::io::Result<Vec<u8>>;

/// Physical lines, read on demand.
struct Physical {
    wanted: std::sync::mpsc::SyncSender<()>,
    read: mpsc::Receiver<Read1>,
    awaited: bool,
    /// Reading has failed, and would fail again.
    failed: bool,
    number: usize,
}

impl Physical {
    fn new() -> Self {
        let (wanted, asked) = std::sync::mpsc::sync_channel::<()>(1);
        let (answer, read) = mpsc::channel(1);
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            while asked.recv().is_ok() {
                let mut line = Vec::new();
                let mut read = input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line).map(|_| line);
                // What is left of a line that is too long is no line of its own.
                if let Ok(line) = &read
                    && line.len() as u64 > LONGEST
                    && !line.ends_with(b"\n")
                    && let Err(error) = input.skip_until(b'\n')
                {
                    read = Err(error);
                }
                if answer.blocking_send(read).is_err() {
                    return;
                }
            }
        });
        Self { wanted, read, awaited: false, failed: false, number: 0 }
    }

    /// The next physical line without its end, or `None` at the end of input.
    async fn next(&mut self) -> Option<Result<String, Failure>> {
        if self.failed {
            return None;
        }
        if !self.awaited {
            self.wanted.try_send(()).ok()?;
            self.awaited = true;
        }
        let read = self.read.recv().await?;
        self.awaited = false;
        self.number += 1;
        let mut line = match read {
            Ok(line) if line.is_empty() => return None,
            Ok(line) => line,
            Err(error) => {
                self.failed = true;
                return Some(Err(Failure::refused(format!("cannot read standard input: {error}"))));
            }
        };
        if line.len() as u64 > LONGEST {
            return Some(Err(self.broken(&format!("is longer than {} MiB", LONGEST >> 20))));
        }
        if line.ends_with(b"\n") {
            line.pop();
        }
        if line.ends_with(b"\r") {
            line.pop();
        }
        let start = if self.number == 1 && line.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        match std::str::from_utf8(&line[start..]) {
            Ok(text) if text.contains('\0') => Some(Err(self.broken("holds a NUL byte: this is no text"))),
            Ok(text) => Some(Ok(text.to_owned())),
            Err(_) => Some(Err(self.broken("is not UTF-8 text"))),
        }
    }

    fn broken(&self, what: &str) -> Failure {
        Failure::usage(format!("line {} of standard input {what}", self.number))
    }

    /// A whole line: continuations joined, empty ones and comments left out. `prompt` is called before each physical line, and told
    /// whether it goes on with the one before.
    async fn whole(&mut self, mut prompt: impl FnMut(bool)) -> Next {
        let mut text = String::new();
        let mut first = None;
        loop {
            prompt(first.is_some());
            let next = self.next().await;
            let number = *first.get_or_insert(self.number);
            match next {
                None if text.trim().is_empty() => return Next::End,
                None => return Next::Line { number, text },
                Some(Err(failure)) => return Next::Broken { number: self.number, failure },
                Some(Ok(line)) => text.push_str(&line),
            }
            let split = words::split(&text);
            if matches!(split.ending, Ending::Escape { .. }) {
                text.pop();
                continue;
            }
            if split.words.is_empty() && matches!(split.ending, Ending::Complete) {
                text.clear();
                first = None;
                continue;
            }
            return Next::Line { number, text };
        }
    }
}

/// Lines from a pipe or a file.
pub struct Pipe {
    physical: Physical,
    interrupt: Signal,
}

impl Pipe {
    /// Reads standard input; `interrupt` is Ctrl-C.
    #[must_use]
    pub fn new(interrupt: Signal) -> Self {
        Self { physical: Physical::new(), interrupt }
    }
}

impl Lines for Pipe {
    async fn next(&mut self) -> Next {
        tokio::select! {
            next = self.physical.whole(|_| {}) => next,
            _ = self.interrupt.recv() => Next::Interrupted,
        }
    }
}

/// Lines typed at a plain prompt, for terminals that know no more.
pub struct Terminal {
    physical: Physical,
    interrupt: Signal,
    aim: Rc<RefCell<Option<Aim>>>,
    printer: Printer,
}

impl Terminal {
    /// Reads standard input behind a prompt, which shows the cluster that is aimed at by then; `interrupt` is Ctrl-C, which drops the line.
    #[must_use]
    pub fn new(interrupt: Signal, aim: Rc<RefCell<Option<Aim>>>, printer: Printer) -> Self {
        Self { physical: Physical::new(), interrupt, aim, printer }
    }
}

impl Lines for Terminal {
    async fn next(&mut self) -> Next {
        // A Ctrl-C that ended a command is not one that drops the next line.
        while futures_util::FutureExt::now_or_never(self.interrupt.recv()).flatten().is_some() {}
        let prompt = match self.aim.borrow().as_ref() {
            None => "dm> ".to_owned(),
            Some(aim) => format!("dm@{}{}> ", clean::line(&aim.name), aim.warning()),
        };
        let Self { physical, interrupt, printer, .. } = self;
        let show = |goes_on: bool| printer.aside(if goes_on { "... " } else { &prompt });
        let next = tokio::select! {
            next = physical.whole(show) => next,
            _ = interrupt.recv() => Next::Interrupted,
        };
        if matches!(next, Next::Interrupted | Next::End) {
            printer.aside("\n");
        }
        next
    }
}
