//! What is started from a shell, and can't stand among other lines.

use clap::{Command, Subcommand};

use super::completion::Completion;
use super::playground::Playground;
use super::serve::Serve;
use crate::exit::Failure;

/// What is started from a shell.
#[derive(Debug, Subcommand)]
pub enum Started {
    /// Be a DM on this machine: serve the API of a cluster, and do its work
    Serve(Serve),
    /// Try it out: a small shop in throw-away databases, and a session on them
    Playground(Playground),
    /// Print the script with which a shell completes
    Completion(Completion),
}

impl Started {
    /// The grammar without its words in lists; whoever types one is told where it is understood.
    #[must_use]
    pub fn hidden(grammar: Command) -> Command {
        let own = Self::augment_subcommands(Command::new("dmctl"));
        own.get_subcommands().fold(grammar, |grammar, word| grammar.mut_subcommand(word.get_name(), |word| word.hide(true)))
    }

    /// The failure of one among other lines.
    #[must_use]
    pub fn misplaced(&self) -> Failure {
        let word = match self {
            Self::Serve(_) => "serve",
            Self::Playground(_) => "playground",
            Self::Completion(_) => "completion",
        };
        Failure::usage(format!("`{word}` is started from a shell, and not among other lines"))
            .hinted(format!("type `dmctl {word}` there"))
    }
}
