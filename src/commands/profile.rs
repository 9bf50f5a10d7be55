//! `dmctl profile`: the clusters that have a name. What it shows is in the configuration; no cluster is asked.

use clap::{Args, Subcommand};

/// What to show of the configuration.
#[derive(Debug, Subcommand)]
pub enum Profile {
    /// List the clusters that have a name
    #[command(after_help = "Examples:\n  dmctl profile list\n  dmctl profile list --format json")]
    List,
    /// Show what a name stands for
    Show(Show),
}

/// Which one to show.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl profile show production\n  dmctl profile show production --format yaml")]
pub struct Show {
    /// The name
    #[arg(value_name = "NAME")]
    pub profile_name: String,
}
