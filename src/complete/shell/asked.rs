//! `dmctl complete`: what the scripts of `dmctl completion` ask when Tab is pressed. It is between them and the program, so that it has no
//! place in the grammar that people are shown.

use clap::{Parser, ValueEnum};

/// A line of a shell, and where its cursor stands. bash gives the line as it is typed, since what replaces a word there is counted in it;
/// the others give its words without quotes.
#[derive(Debug, Parser)]
#[command(name = "dmctl complete", bin_name = "dmctl complete")]
pub struct Asked {
    /// The shell that asks
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Asking,
    /// The line left of the cursor
    #[arg(long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    pub left: String,
    /// The line right of the cursor
    #[arg(long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    pub right: String,
    /// What of the line is replaced, as far as it is left of the cursor
    #[arg(long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    pub replaced: String,
    /// What of the word at the cursor is left of it
    #[arg(long, value_name = "TEXT", default_value = "", allow_hyphen_values = true)]
    pub typed: String,
    /// Which of the words the cursor is at, from 0
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub index: usize,
    /// How wide a line with a description may be; without descriptions unless it is given
    #[arg(long, value_name = "NUMBER")]
    pub columns: Option<usize>,
    /// The words behind the program's name
    #[arg(last = true, value_name = "WORD")]
    pub words: Vec<String>,
}

impl Asked {
    /// Understands what a script asks; `None` if no script of ours asked so.
    #[must_use]
    pub fn of(words: &[String]) -> Option<Self> {
        Self::try_parse_from(std::iter::once("dmctl complete").chain(words.iter().map(String::as_str))).ok()
    }
}

/// Shells that ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Asking {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}
