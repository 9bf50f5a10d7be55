//! `dmctl ddl-lock`.

mod list;
mod unlock;

use clap::Subcommand;

use super::Context;
use crate::exit::Failure;
use crate::output::Reply;

/// The verbs of a shard DDL lock.
#[derive(Debug, Subcommand)]
pub enum DdlLock {
    /// List the locks that are not resolved
    List(list::List),
    /// Resolve a lock by hand
    Unlock(unlock::Unlock),
}

/// Runs a verb.
pub(super) async fn run(verb: DdlLock, context: &Context<'_>) -> Result<Reply, Failure> {
    match verb {
        DdlLock::List(list) => list.run(context).await,
        DdlLock::Unlock(unlock) => unlock.run(context).await,
    }
}

impl DdlLock {
    /// What a verb that changes something is called.
    pub(super) const fn change(&self) -> Option<&'static str> {
        match self {
            Self::List(_) => None,
            Self::Unlock(_) => Some("ddl-lock unlock"),
        }
    }
}
