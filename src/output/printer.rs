//! The two streams.

use std::io::{self, IsTerminal, Write};

use serde_json::{Value, json};

use super::table::Style;
use super::{Format, Frame, Reply, clean, serialize};
use crate::exit::{Code, Failure};
use crate::model::system::reason;

/// Whether to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set or the terminal is dumb.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// Writes answers to stdout and everything else to stderr. A reader that went away is no failure: what is left is not written.
pub struct Printer {
    out: Stream,
    err: Stream,
}

struct Stream {
    sink: Box<dyn Write>,
    terminal: bool,
    plain: bool,
    closed: bool,
}

impl Stream {
    fn styled(&self, color: Color) -> bool {
        match color {
            Color::Auto => self.terminal && !self.plain,
            Color::Always => true,
            Color::Never => false,
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        match self.sink.write_all(text.as_bytes()).and_then(|()| self.sink.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

impl Printer {
    /// The program's own streams. `plain` says that the environment wants no colour.
    #[must_use]
    pub fn standard(plain: bool) -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        Self {
            out: Stream { terminal: out.is_terminal(), sink: Box::new(out), plain, closed: false },
            err: Stream { terminal: err.is_terminal(), sink: Box::new(err), plain, closed: false },
        }
    }

    /// Whether stderr is a terminal, so that progress can be shown there.
    #[must_use]
    pub const fn shows_progress(&self) -> bool {
        self.err.terminal
    }

    /// Whether text for stdout is to carry styles.
    #[must_use]
    pub fn styles(&self, color: Color) -> bool {
        self.out.styled(color)
    }

    /// Writes an answer, its remarks to stderr. Returns its exit code, or the failure to write it.
    ///
    /// # Errors
    /// When stdout can't be written to, other than because its reader went away.
    pub fn reply(&mut self, reply: &Reply, format: Format, color: Color) -> Result<Code, Failure> {
        for note in &reply.notes {
            self.note(note, format, color);
        }
        let text = match format {
            Format::Text => reply.document.render(self.out.styled(color), self.width()),
            Format::Json | Format::Yaml => serialize::text(&reply.value, format),
        };
        match self.out.write(&text) {
            Ok(()) => Ok(reply.code),
            Err(error) => Err(Failure::refused(format!("cannot write the answer: {}", reason(&error)))),
        }
    }

    /// Whether stdout is a screen on which something can be painted anew.
    #[must_use]
    pub const fn has_screen(&self) -> bool {
        self.out.terminal && !self.out.closed
    }

    /// Clears the screen, if there is one.
    pub fn clear(&mut self) {
        if self.out.terminal {
            let _nowhere_to_tell = self.out.write("\u{1b}[H\u{1b}[2J\u{1b}[3J");
        }
    }

    /// Paints a text where the last one of this frame stood.
    pub fn paint(&mut self, frame: &mut Frame, text: &str) {
        let size = terminal_size::terminal_size();
        let (width, height) = size.map_or((80, 24), |(width, height)| (usize::from(width.0), usize::from(height.0)));
        let painting = frame.paint(text, width, height);
        let _nowhere_to_tell = self.out.write(&painting);
    }

    /// An answer or a failure as it would be written to a screen.
    #[must_use]
    pub fn text(&self, answer: &Result<Reply, Failure>, format: Format, color: Color) -> String {
        let styled = self.out.styled(color);
        match (answer, format) {
            (Ok(reply), Format::Text) => reply.document.render(styled, self.width()),
            (Ok(reply), Format::Json | Format::Yaml) => serialize::text(&reply.value, format),
            (Err(failure), Format::Text) => failure_text(failure, styled),
            (Err(failure), Format::Json | Format::Yaml) => serialize::text(&json!({ "error": failure.value() }), format),
        }
    }

    fn width(&self) -> Option<usize> {
        self.out.terminal.then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten()
    }

    /// Writes a failure to stderr, in the chosen format.
    pub fn failure(&mut self, failure: &Failure, format: Format, color: Color) {
        let text = match format {
            Format::Text => failure_text(failure, self.err.styled(color)),
            Format::Json | Format::Yaml => serialize::text(&json!({ "error": failure.value() }), format),
        };
        self.aside(&text);
    }

    /// Writes a remark to stderr, in the chosen format.
    pub fn note(&mut self, note: &str, format: Format, color: Color) {
        let text = match format {
            Format::Text => format!("{} {}\n", Style::Warning.paint("note:", self.err.styled(color)), clean::line(note)),
            Format::Json | Format::Yaml => serialize::text(&json!({ "note": note }), format),
        };
        self.aside(&text);
    }

    /// Writes a structured remark to stderr: `text` for a person, `value` for a script.
    pub fn remark(&mut self, text: &str, value: &Value, format: Format) {
        let text = match format {
            Format::Text => format!("{}\n", clean::line(text)),
            Format::Json | Format::Yaml => serialize::text(value, format),
        };
        self.aside(&text);
    }

    /// Writes text of our own to stderr as it is. There is nowhere to tell that stderr is gone.
    pub fn aside(&mut self, text: &str) {
        let _nowhere_to_tell = self.err.write(text);
    }
}

/// A failure for a person: what, why, what to do.
fn failure_text(failure: &Failure, styled: bool) -> String {
    let mut out = String::new();
    if let Some(usage) = &failure.usage {
        // The page quotes what was typed, which need not be typed by hand.
        out.push_str(&if styled { clean::styled(usage) } else { clean::block(&clean::without_styles(usage)).into_owned() });
        if !out.ends_with('\n') {
            out.push('\n');
        }
        return out;
    }
    let mut part = |mark: &str, style: Style, text: &str| {
        out.push_str(&style.paint(mark, styled));
        for (index, line) in clean::block(text).lines().enumerate() {
            out.push_str(if index == 0 { " " } else { "    " });
            out.push_str(line);
            out.push('\n');
        }
    };
    part("error:", Style::Bad, &failure.message);
    for cause in &failure.causes {
        part("  cause:", Style::Plain, cause);
    }
    if let Some(code) = failure.code {
        part("  DM code:", Style::Plain, &code.to_string());
    }
    if let Some(workaround) = &failure.workaround {
        part("  workaround:", Style::Plain, workaround);
    }
    for hint in &failure.hints {
        part("hint:", Style::Good, hint);
    }
    out
}

/// Writes a line of a server's log to stderr.
pub fn log(line: &str) {
    let _nowhere_to_tell = writeln!(io::stderr(), "{}", clean::line(line));
}

/// Tells a call on stderr, for `--verbose`.
pub fn trace(call: &str) {
    let _nowhere_to_tell = writeln!(io::stderr(), "call: {}", clean::line(call));
}
