//! `dmctl member list`.

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::super::Context;
use crate::api::Asked;
use crate::exit::Failure;
use crate::model::MemberName;
use crate::model::status::Members;
use crate::output::{Block, Cell, Document, Missing, Reply, Style, Table};

/// Whom to list.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl member list\n  dmctl member list --role worker --name worker-1,worker-2")]
pub struct List {
    /// Only the members of these names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    name: Vec<MemberName>,
    /// Only members of this role
    #[arg(long, value_name = "ROLE", value_enum, ignore_case = true)]
    role: Option<Role>,
}

/// What a member does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Keeps the cluster's state and takes commands
    Master,
    /// Runs subtasks
    Worker,
    /// The master that decides
    Leader,
}

/// A member in JSON.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    role: &'static str,
    leader: bool,
    address: String,
    /// `alive` or `dead` for a master; `free`, `bound`, `relay` or `offline` for a worker.
    state: String,
    /// The source that a worker serves.
    source: Option<String>,
}

impl List {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let asked = Asked {
            leader: self.role != Some(Role::Worker),
            masters: self.role.is_none_or(|role| role == Role::Master),
            workers: self.role.is_none_or(|role| role == Role::Worker),
        };
        let members = context.client.members(asked, &[]).await?;
        let mut rows = rows(&members);
        if let Some(stranger) = self.name.iter().find(|name| !rows.iter().any(|row| row.name == name.as_str())) {
            let role = match self.role {
                None => "member",
                Some(Role::Master) => "master",
                Some(Role::Worker) => "worker",
                Some(Role::Leader) => "leader",
            };
            return Err(Failure::refused(format!("no {role} of this cluster is named `{stranger}`"))
                .hinted("`dmctl member list` shows who there is"));
        }
        rows.retain(|row| self.name.is_empty() || self.name.iter().any(|name| name.as_str() == row.name));

        let mut table = Table::new(&["NAME", "ROLE", "ADDRESS", "STATE", "SOURCE"], "no members");
        for row in &rows {
            let state = match row.state.as_str() {
                "alive" | "bound" | "relay" => Style::Good,
                "dead" | "offline" => Style::Bad,
                _ => Style::Plain,
            };
            table.row([
                Cell::new(row.name.as_str(), Style::Strong),
                if row.leader { "master, leader" } else { row.role }.into(),
                row.address.as_str().into(),
                Cell::new(row.state.as_str(), state),
                row.source.as_deref().map(Cell::from).unwrap_or_default(),
            ]);
        }
        let mut reply = Reply::list(&rows, &[] as &[Missing], Document::from(Block::Table(table)));
        for trouble in members.troubles {
            reply = reply.noting(trouble);
        }
        Ok(reply)
    }
}

fn rows(members: &Members) -> Vec<Row> {
    let leads = |name: &str| members.leader.as_ref().is_some_and(|(leader, _)| leader.as_str() == name);
    let masters = members.masters.iter().map(|master| Row {
        leader: leads(master.name.as_str()),
        name: master.name.to_string(),
        role: "master",
        address: master.client_urls.iter().map(|url| bare(url)).collect::<Vec<_>>().join(","),
        state: if master.alive { "alive" } else { "dead" }.to_owned(),
        source: None,
    });
    let workers = members.workers.iter().map(|worker| Row {
        leader: false,
        name: worker.name.to_string(),
        role: "worker",
        address: worker.address.clone(),
        state: worker.state.clone(),
        source: worker.source.as_ref().map(ToString::to_string),
    });
    // Where masters were not asked for, the leader is all there is of them.
    let leader = members.leader.iter().filter(|_| members.masters.is_empty()).map(|(name, address)| Row {
        leader: true,
        name: name.to_string(),
        role: "master",
        address: bare(address).to_owned(),
        state: "alive".to_owned(),
        source: None,
    });
    masters.chain(leader).chain(workers).collect()
}

/// An URL without its scheme.
fn bare(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}
