//! `dmctl member evict-leader`.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::super::Context;
use super::super::change::Changed;
use super::super::confirm::Loss;
use crate::api::{Asked, ELECTION, Made};
use crate::exit::Failure;
use crate::model::MasterName;
use crate::output::{Block, Cell, Reply, Style, human};

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Who must not lead.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl member evict-leader master-1\n  dmctl member evict-leader master-1 --yes")]
pub struct EvictLeader {
    /// The master
    #[arg(value_name = "MASTER")]
    name: MasterName,
}

impl EvictLeader {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let (_, addresses, members) = super::find_master(&self.name, context).await?;
        let leads = members.leader.as_ref().is_some_and(|(leader, _)| *leader == self.name);
        let others: Vec<&str> = members
            .masters
            .iter()
            .filter(|master| master.alive && master.name != self.name)
            .map(|master| master.name.as_str())
            .collect();
        // A cluster whose only master does not lead takes no commands, until this one is taken back.
        if others.is_empty() {
            if let Some(reply) = context.confirm(self.loss()).await? {
                return Ok(reply);
            }
        } else if let Some(reply) = context.rehearsal(&format!("make master `{}` give up the lead", self.name)) {
            return Ok(reply);
        }
        let made = context.client.evict_leader(&self.name, &addresses, leads).await?;
        let changed = |message: String| Changed::new(message).telling("member", self.name.as_str()).seen(made == Made::Seen);
        if !leads {
            return Ok(changed(format!("master `{}` does not lead, and will not until that is cancelled", self.name)).reply());
        }
        if others.is_empty() {
            let message = format!("master `{}` has given up the lead, and nobody else can take it", self.name);
            let hint = format!("`dmctl member cancel-evict-leader {}` gives it back", self.name);
            return Ok(changed(message).noting(hint).reply());
        }
        Ok(match self.wait(context).await {
            Some(leader) => changed(format!("master `{leader}` leads; `{}` will not until that is cancelled", self.name))
                .telling("leader", leader.as_str())
                .reply(),
            None => changed(format!("master `{}` was told to give up the lead", self.name))
                .noting(format!("after {} no other master leads yet", human::duration(ELECTION)))
                .late()
                .reply(),
        })
    }

    /// The leader that comes, if one comes in time.
    async fn wait(&self, context: &Context<'_>) -> Option<MasterName> {
        let end = tokio::time::Instant::now() + ELECTION;
        while tokio::time::Instant::now() < end {
            let asked = Asked { leader: true, ..Asked::default() };
            if let Ok(members) = context.client.members(asked, &[]).await
                && let Some((leader, _)) = members.leader
                && leader != self.name
            {
                return Some(leader);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        None
    }

    fn loss(&self) -> Loss {
        let then = "no other master is alive: the cluster takes no commands until this is cancelled";
        Loss {
            action: format!("make the only master, `{}`, give up the lead", self.name),
            name: self.name.to_string(),
            blocks: vec![Block::Fields {
                title: None,
                fields: vec![("master", Cell::new(self.name.as_str(), Style::Strong)), ("then", Cell::new(then, Style::Warning))],
            }],
            value: json!({ "leader": self.name }),
        }
    }
}
