//! `dmctl member`.

mod cancel_evict_leader;
mod evict_leader;
mod list;
mod offline;

use clap::Subcommand;

use super::Context;
use crate::api::Asked;
use crate::exit::Failure;
use crate::model::status::{Master, Members};
use crate::model::{Address, MasterName};
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
        Member::Offline(offline) => offline.run(context).await,
        Member::EvictLeader(evict) => evict.run(context).await,
        Member::CancelEvictLeader(cancel) => cancel.run(context).await,
    }
}

impl Member {
    /// What a verb that changes something is called.
    pub(super) const fn change(&self) -> Option<&'static str> {
        match self {
            Self::List(_) => None,
            Self::Offline(_) => Some("member offline"),
            Self::EvictLeader(_) => Some("member evict-leader"),
            Self::CancelEvictLeader(_) => Some("member cancel-evict-leader"),
        }
    }
}

/// A master by its name, where it can be reached, and who else there is.
async fn find_master(name: &MasterName, context: &Context<'_>) -> Result<(Master, Vec<Address>, Members), Failure> {
    let members = context.client.members(Asked { leader: true, masters: true, ..Asked::default() }, &[]).await?;
    let Some(master) = members.masters.iter().find(|master| master.name == *name).cloned() else {
        return Err(Failure::refused(format!("no master of this cluster is named `{name}`"))
            .hinted("`dmctl member list --role master` shows who there is"));
    };
    let mut addresses: Vec<Address> = master.client_urls.iter().filter_map(|url| url.parse().ok()).collect();
    // One that we were given, and that is this master, is known to be reachable from here.
    addresses.sort_by_key(|address| !context.client.addresses().any(|given| given == address));
    if addresses.is_empty() {
        return Err(
            Failure::refused(format!("master `{name}` has no address where it could be reached")).because("nothing was sent")
        );
    }
    Ok((master, addresses, members))
}
