//! `dmctl member`.

mod cancel_evict_leader;
mod evict_leader;
mod list;
mod offline;

use clap::Subcommand;

use super::Context;
use crate::exit::Failure;
use crate::output::Reply;

/// The verbs of a member.
#[derive(Debug, Subcommand)]
pub enum Member {
    /// List masters and workers
    List(list::List),
    /// Take a member that is shut down out of the cluster
    Offline(offline::Offline),
    /// Make a master give up the lead, and not take it again
    EvictLeader(evict_leader::EvictLeader),
    /// Let an evicted master take the lead again
    CancelEvictLeader(cancel_evict_leader::CancelEvictLeader),
}

/// Runs a verb.
pub(super) async fn run(verb: Member, context: &Context<'_>) -> Result<Reply, Failure> {
    match verb {
        Member::List(list) => list.run(context).await,
        Member::Offline(offline) => offline.run(),
        Member::EvictLeader(evict) => evict.run(),
        Member::CancelEvictLeader(cancel) => cancel.run(),
    }
}
