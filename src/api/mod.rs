//! The client: one method an operation. A caller can't tell REST from gRPC.
//!
//! Reads are raced over the masters (a slow one costs 300 ms, a dead one nothing), each with a deadline of 10 s. An answer is judged
//! here, once: refusals keep DM's code and words, and what is no answer says which master failed and how.

pub mod carry;
mod change;
mod cluster;
mod config;
mod convert;
mod diagnose;
mod error;
mod list;
mod masters;
mod member_change;
mod rest;
mod rpc;
mod source;
mod source_change;
mod task;
mod task_change;
mod tls;
mod verify;

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

pub use change::{Made, Sent};
pub use config::{Configuration, Secrets};
pub use error::{Distrust, Error, Fault, Tried};
pub use member_change::{ELECTION, MemberKind, Unlock};
pub use source::AT_ONCE;
pub use source_change::Heard;
pub use task::{CheckAnswer, TaskPlace, TaskStatus};
pub use task_change::{Deleted, StartOptions, StopOptions, Taken, unroutable};
pub use tls::{TlsError, TlsFiles, Written};

use crate::model::Address;
use masters::Masters;

/// How long a read may take.
pub const READ_DEADLINE: Duration = Duration::from_secs(10);
/// How long the server may work on a check.
pub const WORK_DEADLINE: Duration = Duration::from_secs(30 * 60);
/// The largest answer that is read.
pub(crate) const ANSWER_LIMIT: usize = 64 << 20;

/// Told of every call that is made: operation, master, how it ended.
pub type Observer = Arc<dyn Fn(&str) + Send + Sync>;

/// A client of one cluster. It connects when it is first asked, and keeps its connections.
pub struct Client {
    masters: Masters,
    http: OnceLock<reqwest::Client>,
    /// For changes: each has a connection of its own.
    http_once: OnceLock<reqwest::Client>,
    sent: Mutex<Option<Sent>>,
    tls: Option<Arc<rustls::ClientConfig>>,
    observer: Option<Observer>,
    read_deadline: Duration,
}

impl Client {
    /// A client of the cluster whose masters listen at `addresses`, over TLS if files are given.
    ///
    /// # Errors
    /// When a TLS file can't be read or does not hold what it should. Nothing is sent yet.
    pub fn new(addresses: Vec<Address>, tls: Option<&TlsFiles>) -> Result<Self, TlsError> {
        let tls = tls.map(tls::client_config).transpose()?.map(Arc::new);
        Ok(Self {
            masters: Masters::new(addresses, tls.as_ref(), None),
            http: OnceLock::new(),
            http_once: OnceLock::new(),
            sent: Mutex::new(None),
            tls,
            observer: None,
            read_deadline: READ_DEADLINE,
        })
    }

    /// The same client, showing a token with each call to the addresses it was given.
    #[must_use]
    pub fn with_token(mut self, token: Option<&str>) -> Self {
        let addresses = self.addresses().cloned().collect();
        self.masters = Masters::new(addresses, self.tls.as_ref(), token);
        self
    }

    /// The same client, telling of each call.
    #[must_use]
    pub fn observed(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The addresses it was given, in their order.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.masters.given().iter().map(|master| master.address())
    }

    /// Prefers the leader from now on, if its own address answers; otherwise all stays as it is. For a session, which makes many
    /// calls: a follower forwards each one.
    pub async fn follow_leader(&self) {
        if !self.masters.is_due() {
            return;
        }
        let Ok(members) = self.members(Asked { leader: true, ..Asked::default() }, &[]).await else { return };
        let Some(Ok(address)) = members.leader.map(|(_, address)| address.parse::<Address>()) else { return };
        let leader = self.masters.at(&address, self.tls.as_ref());
        if self.version_of(&leader).await.is_ok() {
            self.masters.prefer(leader);
        }
    }

    fn note(&self, text: impl FnOnce() -> String) {
        if let Some(observer) = &self.observer {
            observer(&text());
        }
    }
}

/// Which members to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// The leader.
    pub leader: bool,
    /// All masters. Each is probed by the server, a dead one costs it a second.
    pub masters: bool,
    /// All workers.
    pub workers: bool,
}
