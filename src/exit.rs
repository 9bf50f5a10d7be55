//! How a line ends: the exit codes, and what a failure consists of.

use serde_json::{Value, json};

/// The exit codes of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Done.
    Done,
    /// Refused, or failed.
    Failed,
    /// The words, or a file, can't be understood; nothing was sent.
    Usage,
    /// Nobody answered.
    Unreachable,
    /// A part of it failed or stayed unknown.
    Partial,
    /// Not confirmed.
    Unconfirmed,
    /// A change got no answer in time, or a wait ran out.
    TimedOut,
    /// The terminal of a session is gone.
    HungUp,
    /// Interrupted.
    Interrupted,
    /// A session was asked to end by a signal.
    Terminated,
}

impl Code {
    /// The number that a shell sees.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Partial => 4,
            Self::Unconfirmed => 5,
            Self::TimedOut => 124,
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The word that a script sees in `error.kind`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "refused",
            Self::Usage => "usage",
            Self::Unreachable => "unreachable",
            Self::Partial => "partial",
            Self::Unconfirmed => "unconfirmed",
            Self::TimedOut => "timed_out",
            Self::HungUp => "hung_up",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }
}

/// A line that did not end in an answer: what happened, why, and what to do.
#[derive(Debug, Clone)]
pub struct Failure {
    /// How it ends.
    pub exit: Code,
    /// DM's number, if it was DM that refused.
    pub code: Option<u32>,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// What lies beneath, outermost first.
    pub causes: Vec<String>,
    /// DM's advice.
    pub workaround: Option<String>,
    /// Our advice: what to type, or what to look at.
    pub hints: Vec<String>,
    /// The parser's own page, in the place of all the above, with ANSI styles.
    pub usage: Option<String>,
}

impl Failure {
    /// A failure with a message.
    pub fn new(exit: Code, message: impl Into<String>) -> Self {
        Self { exit, code: None, message: message.into(), causes: Vec::new(), workaround: None, hints: Vec::new(), usage: None }
    }

    /// Refused, or failed.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Code::Failed, message)
    }

    /// Not understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// The same with an advice.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same with an advice about DM, unless the server is one of `dmctl`, which has named the command itself.
    #[must_use]
    pub fn hinted_for_dm(self, hint: impl Into<String>) -> Self {
        if self.workaround.as_ref().is_some_and(|cure| cure.contains("`dmctl ")) { self } else { self.hinted(hint) }
    }

    /// The command that would come next: the first one that a hint names in full.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        let quoted = self.hints.iter().flat_map(|hint| hint.split('`').skip(1).step_by(2));
        let whole = |word: &str| !word.contains('<') && !word.chars().all(|c| c.is_ascii_uppercase());
        quoted
            .filter_map(|text| text.strip_prefix("dmctl "))
            .find(|line| line.contains(' ') && line.split(' ').all(whole))
            .map(str::to_owned)
    }

    /// What a script sees below `error`.
    #[must_use]
    pub fn value(&self) -> Value {
        let joined = |lines: &[String]| if lines.is_empty() { Value::Null } else { Value::String(lines.join("\n")) };
        json!({
            "kind": self.exit.kind(),
            "code": self.code,
            "message": self.message,
            "cause": joined(&self.causes),
            "workaround": self.workaround,
            "hint": joined(&self.hints),
        })
    }
}
