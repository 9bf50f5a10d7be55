//! `dmctl playground`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

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
