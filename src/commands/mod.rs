//! What each verb asks, and what it answers. One file a verb: its arguments, its help, what it does.
//!
//! A command gets a [`Context`], asks the client, and returns a [`Reply`] or a [`Failure`]. It never prints and never exits.

mod change;
pub mod completion;
mod confirm;
pub mod ddl_lock;
mod difference;
mod document;
mod file;
mod kept;
pub mod member;
pub mod playground;
pub mod profile;
pub mod relay;
mod secrets;
pub mod serve;
pub mod source;
mod started;
pub mod task;
mod view;
mod wait;

use std::cell::Cell;
use std::path::Path;

use clap::Subcommand;

use crate::api::{self, Client, Distrust, Error, Fault, Sent};
use crate::exit::{Code, Failure};
use crate::model::duration::GoDuration;
use crate::model::{Passwords, TaskName};
use crate::output::{Person, Reply};
pub use started::Started;

/// What a command works with.
pub struct Context<'a> {
    /// The cluster.
    pub client: &'a Client,
    /// Questions are answered with yes.
    pub yes: bool,
    /// What would be destroyed is to be named even so.
    pub insists: bool,
    /// Nothing is changed: what would be done is shown.
    pub dry_run: bool,
    /// How long to wait for an effect, where a line waits and does not say it.
    pub wait_timeout: Option<GoDuration>,
    /// The cluster as a person would name it.
    pub target: &'a str,
    /// Who can be asked.
    pub person: &'a Person,
    /// Where this program keeps what outlives it.
    pub state: Option<&'a Path>,
    /// Passwords that were set for it to use.
    pub passwords: &'a Passwords,
    /// How far a long work is, in a line, for a person who waits.
    pub news: &'a Cell<Option<String>>,
}

/// What can be steered.
#[derive(Debug, Subcommand)]
pub enum Resource {
    /// Migration tasks: what is copied from which source to which target
    #[command(subcommand, arg_required_else_help = true)]
    Task(task::Task),
    /// Sources: the MySQL and MariaDB servers that tasks read from
    #[command(subcommand, arg_required_else_help = true)]
    Source(source::Source),
    /// Relay logs: copies of a source's binlog that a worker keeps
    #[command(subcommand, arg_required_else_help = true)]
    Relay(relay::Relay),
    /// Shard DDL locks: statements that wait until every shard has reached them
    #[command(subcommand, arg_required_else_help = true)]
    DdlLock(ddl_lock::DdlLock),
    /// Members of the cluster: masters and workers
    #[command(subcommand, arg_required_else_help = true)]
    Member(member::Member),
    /// Profiles: the clusters that have a name in config.toml
    #[command(subcommand, arg_required_else_help = true)]
    Profile(profile::Profile),
    /// What is started from a shell
    #[command(flatten)]
    Started(Started),
}

/// Runs a verb.
///
/// # Errors
/// Whatever keeps the verb from an answer.
pub async fn run(resource: Resource, context: &Context<'_>) -> Result<Reply, Failure> {
    // What the line before has sent is no news.
    let _before = context.client.take_sent();
    match resource {
        Resource::Task(verb) => task::run(verb, context).await,
        Resource::Source(verb) => source::run(verb, context).await,
        Resource::Relay(verb) => relay::run(verb, context).await,
        Resource::DdlLock(verb) => ddl_lock::run(verb, context).await,
        Resource::Member(verb) => member::run(verb, context).await,
        // It is answered where the configuration is known.
        Resource::Profile(_) => Err(Failure::usage("profiles are no part of a cluster")),
        Resource::Started(started) => Err(started.misplaced()),
    }
}

/// What a Ctrl-C leaves behind: what was asked is not confirmed, and what was sent is done, or may be.
#[must_use]
pub fn interrupted(client: &Client, person: &Person) -> Failure {
    if person.is_asked() {
        return Failure::new(Code::Unconfirmed, "not confirmed, and nothing was sent");
    }
    let failure = Failure::new(Code::Interrupted, "interrupted");
    match client.take_sent() {
        None => failure,
        Some(Sent { operation, answered: true }) => {
            failure.because(format!("`{operation}` was sent, and the cluster has taken it: only the wait for it is broken off"))
        }
        Some(Sent { operation, answered: false }) => failure
            .because(format!("`{operation}` was sent, and had no answer yet: whether it is done is not known"))
            .hinted(look_first(operation)),
    }
}

impl Resource {
    /// Whether it is to be run again and again, until the reader has seen enough.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        matches!(self, Self::Task(task::Task::Status(status)) if status.is_watched())
    }

    /// The task whose whole copy it compares with the sources.
    #[must_use]
    pub const fn compares(&self) -> Option<&TaskName> {
        match self {
            Self::Task(task::Task::Verify(verify)) => verify.whole(),
            _ => None,
        }
    }

    /// The same as one of many answers that are looked at one after the other.
    #[must_use]
    pub fn watched(mut self) -> Self {
        if let Self::Task(task::Task::Status(status)) = &mut self {
            status.watch();
        }
        self
    }

    /// What a verb that changes something is called; `None` for one that only reads.
    #[must_use]
    pub const fn change(&self) -> Option<&'static str> {
        match self {
            Self::Task(verb) => verb.change(),
            Self::Source(verb) => verb.change(),
            Self::Relay(verb) => verb.change(),
            Self::DdlLock(verb) => verb.change(),
            Self::Member(verb) => verb.change(),
            Self::Profile(_) | Self::Started(_) => None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Unreachable(tried) => unreachable(&tried),
            Error::TimedOut { others, .. } => others
                .iter()
                .fold(Self::new(Code::Unreachable, message), |failure, tried| {
                    failure.because(format!("{}: {}", tried.address, tried.fault))
                })
                .hinted("it is busy or hanging: try again, or ask another master with `--master-addr`; `dmctl member list` shows who is there"),
            Error::Refused(said) => refused(Self::refused(message), said),
            Error::Unknown { kind, said, .. } => {
                let failure = Self::refused(message);
                let failure = Self { code: said.code, ..failure };
                // DM's own words for it say the same once more; anything else is news.
                let failure = if said.message.contains("not exist") || said.message.ends_with("not found") {
                    failure
                } else {
                    failure.because(said.message)
                };
                failure.hinted(format!("`dmctl {kind} list` shows what there is"))
            }
            Error::Malformed { address, what } => Self::refused(format!("{address} answered something that is not understood"))
                .because(what)
                .hinted("try another master with `--master-addr`; if that one answers the same, its log may say why"),
            Error::Lost { operation, who, how, made } => lost(operation, &who, how, made),
            Error::Disagree { .. } => {
                Self::refused(message).because("nothing was sent").hinted("give the addresses of one cluster to `--master-addr`")
            }
            Error::OpenApiOff { .. } => Self::refused(message)
                .hinted("switch it on with `openapi = true` in the configuration of every master, and restart them one by one"),
            Error::Unsupported(_) => Self::refused(message),
        }
    }
}

/// DM's refusal, taken apart.
fn refused(failure: Failure, said: crate::model::DmError) -> Failure {
    let failure = Failure { code: said.code, workaround: said.workaround, ..failure };
    match said.cause {
        Some(cause) => failure.because(cause),
        None => failure,
    }
}

/// A change without an answer: what is known of it, and how more can be known.
fn lost(operation: &str, who: &str, how: String, made: Option<bool>) -> Failure {
    let known = match made {
        Some(true) => "it was done",
        Some(false) => "it was not done so far",
        None => "whether it was done is not known",
    };
    Failure::new(Code::TimedOut, format!("`{operation}` was sent, and no answer came: {known}"))
        .because(format!("{who}: {how}"))
        .hinted(look_first(operation))
}

/// What to do about a change of which nothing is known.
fn look_first(operation: &str) -> String {
    let look = match operation {
        "relay purge" | "source update" | "member evict-leader" | "member cancel-evict-leader" => {
            return "it does no harm to send it again".to_owned();
        }
        "task update" => "task get TASK",
        "relay start" | "relay stop" => "source status SOURCE",
        other => match other.split_once(' ') {
            Some(("source", _)) => "source list",
            Some(("ddl-lock", _)) => "ddl-lock list",
            Some(("member", _)) => "member list",
            _ => "task list",
        },
    };
    format!("it was sent once: `dmctl {look}` shows what has become of it, before you send it again")
}

fn unreachable(tried: &[api::Tried]) -> Failure {
    let asleep = tried.iter().any(|tried| tried.fault == Fault::NoLeader);
    let message = if asleep { "the cluster has no leader at the moment" } else { "no master could be reached" };
    let mut failure = Failure::new(Code::Unreachable, message);
    for tried in tried {
        failure = failure.because(format!("{}: {}", tried.address, tried.fault));
    }
    for tried in tried {
        for hint in cures(&tried.fault) {
            if !failure.hints.iter().any(|given| given == hint) {
                failure = failure.hinted(*hint);
            }
        }
    }
    if failure.hints.is_empty() {
        failure =
            failure.hinted("check the address (`--master-addr`, `--profile` or DM_MASTER_ADDR), and that a master runs there");
    }
    failure
}

/// What to do about a master that gave no answer.
const fn cures(fault: &Fault) -> &'static [&'static str] {
    match fault {
        Fault::WantsTls => &[
            "give `--ssl-ca`, and `--ssl-cert` with `--ssl-key` where the cluster wants client certificates; in a profile, its keys of these names",
        ],
        Fault::NoTls => {
            &["leave out `--ssl-ca`, `--ssl-cert` and `--ssl-key` for this address; in a profile, its keys of these names"]
        }
        Fault::WantsCertificate => {
            &["give `--ssl-cert` and `--ssl-key`, signed by a CA that the masters trust; in a profile, its keys of these names"]
        }
        Fault::OwnCertificate(_) => {
            &["give a `--ssl-cert` that the masters' `ssl-ca` has signed, and whose name their `cert-allowed-cn` allows"]
        }
        Fault::Certificate(Distrust::UnknownIssuer | Distrust::OtherKey) => {
            &["give the CA that signed the masters' certificates as `--ssl-ca`"]
        }
        Fault::Certificate(Distrust::OtherName { .. }) => &["use an address that the certificate is made out to"],
        Fault::Certificate(Distrust::Expired(_)) => {
            &["renew the master's certificate; if it should be valid, check the clock of this machine"]
        }
        Fault::Certificate(Distrust::NotYetValid(_)) => &["check the clocks of this machine and of the one that signed it"],
        Fault::Certificate(Distrust::Other(_)) => &["look at the master's certificate with `openssl s_client`"],
        Fault::NotDm(_) | Fault::Unserved => {
            &["check the address: masters listen on port 8261 unless `master-addr` in their configuration says otherwise"]
        }
        Fault::NoLeader => {
            &["masters elect a leader within about a minute, when more than half of them run: see that they do, then try again"]
        }
        Fault::Passing(_) => &["try again; if it stays so, the master's log may say why"],
        Fault::NoSuchHost
        | Fault::ConnectionRefused
        | Fault::NoConnection
        | Fault::Silent
        | Fault::BrokenOff
        | Fault::Garbled(_)
        | Fault::Transport(_) => &[],
    }
}
