//! `dmctl playground`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::exit::Code;

/// How to play.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl playground\n  dmctl playground --script\n  dmctl playground --keep ./shop")]
pub struct Playground {
    /// Go through a whole migration by itself, and tell how it ended; also without a terminal
    #[arg(long)]
    pub script: bool,
    /// Put everything into this folder, which must be new or empty, and leave it there at the end
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub keep: Option<PathBuf>,
}

/// A line of the way through a playground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line.
    pub line: String,
    /// It compares what has changed since: differences are no reason to stop.
    pub differs: bool,
}

impl Step {
    /// A line that is to go well.
    #[must_use]
    pub fn new(line: impl Into<String>) -> Self {
        Self { line: line.into(), differs: false }
    }

    /// A line that is to tell differences.
    #[must_use]
    pub fn differing(line: impl Into<String>) -> Self {
        Self { differs: true, ..Self::new(line) }
    }

    /// Whether the next one follows when this one has ended so; `answered` is whether there was an answer, and no failure in its place.
    #[must_use]
    pub fn goes_on(&self, code: Code, answered: bool) -> bool {
        code == Code::Done || (self.differs && answered && code == Code::Failed)
    }
}
