//! `dmctl member offline`.

use clap::Args;
use serde_json::json;

use super::super::Context;
use super::super::change::Changed;
use super::super::confirm::Loss;
use crate::api::{Asked, Made, MemberKind};
use crate::exit::Failure;
use crate::model::MemberName;
use crate::model::status::Members;
use crate::output::{Block, Cell, Reply, Style};

/// Whom to take out.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl member offline worker-2\n  dmctl member offline master-3 --yes")]
pub struct Offline {
    /// The master or worker; it must be shut down
    #[arg(value_name = "MEMBER")]
    name: MemberName,
}

impl Offline {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let members = context.client.members(Asked { leader: true, masters: true, workers: true }, &[]).await?;
        let inside =
            members.masters.iter().any(|master| master.name.as_str() == self.name.as_str()) && context.client.is_inside().await;
        let (kind, state) = self.look_up(&members, inside)?;
        let word = kind.word();
        if let Some(reply) = context.confirm(self.loss(&members, kind, &state)).await? {
            return Ok(reply);
        }
        let made = context.client.offline_member(kind, &self.name).await?;
        Ok(Changed::new(format!("{word} `{}` is out of the cluster", self.name))
            .telling("member", self.name.as_str())
            .telling("role", word)
            .seen(made == Made::Seen)
            .reply())
    }

    /// Which of the two kinds it is, and what it does. Who still works is refused.
    fn look_up(&self, members: &Members, inside: bool) -> Result<(MemberKind, String), Failure> {
        let name = self.name.as_str();
        let master = members.masters.iter().find(|master| master.name.as_str() == name);
        let worker = members.workers.iter().find(|worker| worker.name.as_str() == name);
        let online = |word: &str| {
            Failure::refused(format!("{word} `{name}` is online"))
                .because("nothing was sent")
                .hinted(format!("shut its process down first: a {word} that runs would join again"))
        };
        match (master, worker) {
            (Some(_), Some(_)) => Err(Failure::refused(format!("both a master and a worker are named `{name}`"))
                .because("nothing was sent")
                .hinted("the Go dmctl has `offline-member --master` and `--worker` to tell them apart")),
            (Some(_), None) if inside => {
                Err(Failure::refused(format!("`{name}` is the only master: without it there is no cluster"))
                    .because("nothing was sent")
                    .hinted("stop the server instead: `dmctl serve` ends with Ctrl-C or SIGTERM, and keeps what it has"))
            }
            (Some(master), None) if master.alive => Err(online("master")),
            (Some(_), None) => Ok((MemberKind::Master, "dead".to_owned())),
            // One without an address is a place inside the server, which knows whether it can do without.
            (None, Some(worker)) if worker.state != "offline" && !worker.address.is_empty() => Err(online("worker")),
            (None, Some(worker)) => Ok((MemberKind::Worker, worker.state.clone())),
            (None, None) => Err(Failure::refused(format!("no member of this cluster is named `{name}`"))
                .hinted("`dmctl member list` shows who there is")),
        }
    }

    fn loss(&self, members: &Members, kind: MemberKind, state: &str) -> Loss {
        let word = kind.word();
        let mut fields = vec![(word, Cell::new(self.name.as_str(), Style::Strong)), ("state", state.into())];
        let left = members.masters.iter().filter(|master| master.name.as_str() != self.name.as_str());
        let (left, alive) = left.fold((0, 0), |(left, alive), master| (left + 1, alive + usize::from(master.alive)));
        if kind == MemberKind::Master {
            fields.push(("masters left", format!("{left}, {alive} alive").into()));
        }
        Loss {
            action: format!("take {word} `{}` out of the cluster", self.name),
            name: self.name.to_string(),
            blocks: vec![Block::Fields { title: None, fields }],
            value: json!({ "member": self.name, "role": word, "state": state }),
        }
    }
}
