//! `dmctl member cancel-evict-leader`.

use clap::Args;

use super::super::Context;
use super::super::change::Changed;
use crate::exit::Failure;
use crate::model::{Address, MasterName};
use crate::output::Reply;

/// Who may lead again.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl member cancel-evict-leader master-1\n  dmctl member cancel-evict-leader master-1 --format json"
)]
pub struct CancelEvictLeader {
    /// The master
    #[arg(value_name = "MASTER")]
    name: MasterName,
}

impl CancelEvictLeader {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let addresses = self.addresses(context).await?;
        if let Some(reply) = context.rehearsal(&format!("let master `{}` lead again", self.name)) {
            return Ok(reply);
        }
        context.client.cancel_evict_leader(&addresses).await?;
        Ok(Changed::new(format!("master `{}` may lead again", self.name)).telling("member", self.name.as_str()).reply())
    }

    /// Where the master can be reached. A cluster whose only master is evicted tells nothing; then it can only be the one we were given.
    async fn addresses(&self, context: &Context<'_>) -> Result<Vec<Address>, Failure> {
        match super::find_master(&self.name, context).await {
            Ok((_, addresses, _)) => Ok(addresses),
            Err(failure) if failure.exit == crate::exit::Code::Unreachable => {
                let given: Vec<Address> = context.client.addresses().cloned().collect();
                if given.len() == 1 {
                    Ok(given)
                } else {
                    Err(failure.hinted("give the address of that master alone with `--master-addr`"))
                }
            }
            Err(failure) => Err(failure),
        }
    }
}
