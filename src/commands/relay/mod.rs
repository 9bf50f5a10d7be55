//! `dmctl relay`.

mod purge;
mod start;
mod stop;
mod wait;

use clap::Subcommand;

use super::Context;
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
pub(super) async fn run(verb: Relay, context: &Context<'_>) -> Result<Reply, Failure> {
    match verb {
        Relay::Start(start) => start.run(context).await,
        Relay::Stop(stop) => stop.run(context).await,
        Relay::Purge(purge) => purge.run(context).await,
    }
}

impl Relay {
    /// What a verb that changes something is called.
    pub(super) const fn change(&self) -> Option<&'static str> {
        match self {
            Self::Start(_) => Some("relay start"),
            Self::Stop(_) => Some("relay stop"),
            Self::Purge(_) => Some("relay purge"),
        }
    }
}
