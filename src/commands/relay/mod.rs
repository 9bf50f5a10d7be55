//! `dmctl relay`.

mod purge;
mod start;
mod stop;

use clap::Subcommand;

use crate::exit::Failure;
use crate::output::Reply;

/// The verbs of a relay log.
#[derive(Debug, Subcommand)]
pub enum Relay {
    /// Keep a relay log of a source
    Start(start::Start),
    /// Keep no relay log of a source any more
    Stop(stop::Stop),
    /// Remove old relay log files
    Purge(purge::Purge),
}

/// Runs a verb.
pub(super) fn run(verb: Relay) -> Result<Reply, Failure> {
    match verb {
        Relay::Start(start) => start.run(),
        Relay::Stop(stop) => stop.run(),
        Relay::Purge(purge) => purge.run(),
    }
}
