//! `dmctl completion`: what teaches a shell to complete.

use clap::{Args, ValueEnum};

use crate::output::{Block, Document, Reply};

/// For which shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl completion bash > ~/.local/share/bash-completion/completions/dmctl\n  dmctl completion fish > ~/.config/fish/completions/dmctl.fish"
)]
pub struct Completion {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Taught,
}

/// Shells that can be taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Taught {
    /// 4.4 or later
    Bash,
    /// 5.0 or later
    Zsh,
    /// 3.1 or later
    Fish,
    /// Words and flags only
    #[value(name = "powershell")]
    PowerShell,
    /// Words and flags only
    Elvish,
}

/// The script for a shell.
#[must_use]
pub const fn script(shell: Taught) -> &'static str {
    match shell {
        Taught::Bash => include_str!("../../completions/dmctl.bash"),
        Taught::Zsh => include_str!("../../completions/_dmctl"),
        Taught::Fish => include_str!("../../completions/dmctl.fish"),
        Taught::PowerShell => include_str!("../../completions/_dmctl.ps1"),
        Taught::Elvish => include_str!("../../completions/dmctl.elv"),
    }
}

/// Shows the script; no cluster is asked.
#[must_use]
pub fn run(arguments: &Completion) -> Reply {
    let script = script(arguments.shell);
    Reply::of(&script, Document::from(Block::Verbatim(script.to_owned())))
}
