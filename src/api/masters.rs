//! The masters of a cluster: which one to ask, and what to do when it does not answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use tonic::transport::Channel;

use super::diagnose::diagnose;
use super::error::{Error, Fault, Tried};
use super::{Client, rpc};
use crate::model::Address;

/// A master that is not known to work gets this long before the next one is asked beside it.
const STAGGER: Duration = Duration::from_millis(300);
/// One that answered a moment ago gets longer: it is not dead, the question is slow.
const STAGGER_PROVEN: Duration = Duration::from_secs(3);
/// How long an answer, or a failure, is remembered.
pub(super) const MEMORY: Duration = Duration::from_secs(15);
/// How long to wait before a cluster without a leader is asked again.
const ELECTION_PAUSE: Duration = Duration::from_millis(500);
/// A master without a leader says so within this time; one that takes longer hangs.
const ONCE_MORE: Duration = Duration::from_secs(2);

/// One master.
pub(super) struct Master {
    address: Address,
    tls: Option<Arc<ClientConfig>>,
    channel: OnceLock<Channel>,
    token: Option<Arc<str>>,
    seen: Mutex<Seen>,
    /// It has answered before, so that there may be connections that are kept.
    known: AtomicBool,
}

#[derive(Clone, Copy)]
enum Seen {
    Never,
    Answering(Instant),
    Dead(Instant),
}

impl Master {
    fn new(address: Address, tls: Option<&Arc<ClientConfig>>, token: Option<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            address,
            token,
            tls: tls.cloned(),
            channel: OnceLock::new(),
            seen: Mutex::new(Seen::Never),
            known: AtomicBool::new(false),
        })
    }

    pub(super) const fn address(&self) -> &Address {
        &self.address
    }

    /// A request with what lets us in.
    pub(super) fn admitted(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// What lets us in.
    pub(super) fn token(&self) -> Option<Arc<str>> {
        self.token.clone()
    }

    /// The scheme and authority of its URLs.
    pub(super) fn base(&self) -> String {
        format!("{}://{}", if self.tls.is_some() { "https" } else { "http" }, self.address)
    }

    /// Its gRPC channel, which connects when it is used.
    pub(super) fn channel(&self) -> Channel {
        self.channel.get_or_init(|| rpc::channel(&self.address, self.tls.as_ref())).clone()
    }

    fn saw(&self, seen: Seen) {
        if matches!(seen, Seen::Answering(_)) {
            self.known.store(true, Ordering::Relaxed);
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    fn seen(&self) -> Seen {
        match *self.seen.lock().unwrap_or_else(PoisonError::into_inner) {
            Seen::Answering(when) | Seen::Dead(when) if when.elapsed() > MEMORY => Seen::Never,
            seen => seen,
        }
    }
}

/// The masters that were given, and those learnt since.
pub(super) struct Masters {
    given: Vec<Arc<Master>>,
    preferred: Mutex<Option<Arc<Master>>>,
    looked: Mutex<Option<Instant>>,
    agreed: Mutex<Option<Instant>>,
}

impl Masters {
    pub(super) fn new(addresses: Vec<Address>, tls: Option<&Arc<ClientConfig>>, token: Option<&str>) -> Self {
        Self {
            given: addresses.into_iter().map(|address| Master::new(address, tls, token.map(Arc::from))).collect(),
            preferred: Mutex::new(None),
            looked: Mutex::new(None),
            agreed: Mutex::new(None),
        }
    }

    pub(super) fn given(&self) -> &[Arc<Master>] {
        &self.given
    }

    /// The master at an address: the one that is known, or a new one.
    pub(super) fn at(&self, address: &Address, tls: Option<&Arc<ClientConfig>>) -> Arc<Master> {
        let known = self.order().into_iter().find(|master| master.address == *address);
        known.unwrap_or_else(|| Master::new(address.clone(), tls, None))
    }

    /// Asks this one first from now on.
    pub(super) fn prefer(&self, master: Arc<Master>) {
        *self.preferred.lock().unwrap_or_else(PoisonError::into_inner) = Some(master);
    }

    /// Whether it is time to look for the leader again; says so once for each span of [`MEMORY`].
    pub(super) fn is_due(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked.is_none_or(|when| when.elapsed() > MEMORY);
        if due {
            *looked = Some(Instant::now());
        }
        due
    }

    /// Whether it was seen lately that all masters belong to one cluster.
    pub(super) fn agreed(&self) -> bool {
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|when| when.elapsed() < MEMORY)
    }

    /// Remembers that it was seen.
    pub(super) fn agree(&self) {
        *self.agreed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Prefers the leader if it is one of those that were given: a follower holds each question back for a tenth of a second before it
    /// forwards it.
    pub(super) fn prefer_given(&self, leader: &str) {
        let given = self.given.iter().find(|master| leader.parse().is_ok_and(|address: Address| address == master.address));
        if let Some(leader) = given {
            self.prefer(Arc::clone(leader));
        }
    }

    /// In which order to ask: the preferred one, then those that answered lately, then the others as given, dead ones last.
    fn order(&self) -> Vec<Arc<Master>> {
        let preferred = self.preferred.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_preferred = |master: &Master| preferred.as_ref().is_some_and(|preferred| preferred.address == master.address);
        let mut order: Vec<_> = self.given.iter().filter(|master| !is_preferred(master)).chain(&preferred).cloned().collect();
        order.sort_by_key(|master| match master.seen() {
            Seen::Dead(_) => 3,
            _ if is_preferred(master) => 0,
            Seen::Answering(_) => 1,
            Seen::Never => 2,
        });
        order
    }
}

/// How an attempt at one master failed.
pub(super) enum Miss {
    /// This master is of no use now; another one may be.
    Elsewhere(Fault),
    /// The answer is final, another master would say the same.
    Final(Error),
}

impl From<Error> for Miss {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

/// How a question is put to several masters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// The next one is asked beside the first when that takes long; the first answer counts.
    Race,
    /// One at a time: the question is work for the server.
    OneByOne,
}

impl Client {
    /// Puts a question that changes nothing to the masters, within the deadline for reads.
    pub(super) async fn read<T, F>(&self, operation: &'static str, call: F) -> Result<T, Error>
    where
        F: AsyncFn(Arc<Master>) -> Result<T, Miss>,
    {
        self.ask(operation, Pace::Race, self.read_deadline, call).await
    }

    /// Puts a question to the masters. A cluster that has no leader at the moment is asked again for as long as a read may take.
    pub(super) async fn ask<T, F>(&self, operation: &'static str, pace: Pace, limit: Duration, call: F) -> Result<T, Error>
    where
        F: AsyncFn(Arc<Master>) -> Result<T, Miss>,
    {
        let end = tokio::time::Instant::now() + limit;
        let patience = tokio::time::Instant::now() + limit.min(self.read_deadline);
        let mut asleep = None;
        loop {
            let began = tokio::time::Instant::now();
            let faults = match self.round(operation, pace, limit, end, &call).await {
                Ok(answer) => return Ok(answer),
                Err(Round::Final(error)) => {
                    return Err(match (error, asleep) {
                        // The time ran out in the middle of asking once more, which says nothing new.
                        (Error::TimedOut { .. }, Some(faults)) if began.elapsed() < ONCE_MORE => Error::Unreachable(faults),
                        (error, _) => error,
                    });
                }
                Err(Round::Faults(faults)) => faults,
            };
            let leaderless = faults.iter().any(|tried| tried.fault == Fault::NoLeader);
            if leaderless && tokio::time::Instant::now() + ELECTION_PAUSE < patience {
                asleep = Some(faults);
                tokio::time::sleep(ELECTION_PAUSE).await;
                continue;
            }
            let faults = self.explain(faults).await;
            // Nobody could be understood; if one of them is a master, that one is in the wrong.
            let garbled = faults.iter().find_map(|tried| match &tried.fault {
                Fault::Garbled(what) => Some(Error::Malformed { address: tried.address.clone(), what: what.clone() }),
                _ => None,
            });
            return Err(garbled.unwrap_or(Error::Unreachable(faults)));
        }
    }

    async fn round<T, F>(
        &self,
        operation: &'static str,
        pace: Pace,
        limit: Duration,
        end: tokio::time::Instant,
        call: &F,
    ) -> Result<T, Round>
    where
        F: AsyncFn(Arc<Master>) -> Result<T, Miss>,
    {
        let mut waiting = self.masters.order().into_iter();
        let mut running = FuturesUnordered::new();
        let mut faults = Vec::new();
        let mut last = None;
        let mut asked = Vec::new();
        let attempt = async |master: Arc<Master>| {
            let started = Instant::now();
            let mut outcome = call(master.clone()).await;
            if pace == Pace::Race
                && master.known.load(Ordering::Relaxed)
                && matches!(outcome, Err(Miss::Elsewhere(Fault::Transport(_))))
            {
                // A connection that was kept since the last answer may have died meanwhile: a read is put again, over a new one.
                outcome = call(master.clone()).await;
            }
            let how = match &outcome {
                Ok(_) => "answered".to_owned(),
                Err(Miss::Elsewhere(fault)) => fault.to_string(),
                Err(Miss::Final(error)) => error.to_string(),
            };
            self.note(|| format!("{operation} at {}: {how} ({} ms)", master.address, started.elapsed().as_millis()));
            (master, outcome)
        };
        loop {
            if running.is_empty() {
                let Some(master) = waiting.next() else { return Err(Round::Faults(faults)) };
                last = Some(master.clone());
                asked.push(master.address.clone());
                running.push(attempt(master));
            }
            let stagger = match last.as_deref().map(Master::seen) {
                Some(Seen::Answering(_)) => STAGGER_PROVEN,
                _ => STAGGER,
            };
            tokio::select! {
                Some((master, outcome)) = running.next() => match outcome {
                    Ok(answer) => {
                        master.saw(Seen::Answering(Instant::now()));
                        return Ok(answer);
                    }
                    Err(Miss::Final(error)) => {
                        master.saw(Seen::Answering(Instant::now()));
                        return Err(Round::Final(error));
                    }
                    Err(Miss::Elsewhere(fault)) => {
                        master.saw(Seen::Dead(Instant::now()));
                        faults.push(Tried { address: master.address.clone(), fault });
                    }
                },
                () = tokio::time::sleep(stagger), if pace == Pace::Race && waiting.len() > 0 => {
                    if let Some(master) = waiting.next() {
                        last = Some(master.clone());
                        asked.push(master.address.clone());
                        running.push(attempt(master));
                    }
                }
                () = tokio::time::sleep_until(end) => {
                    asked.retain(|address| !faults.iter().any(|tried| tried.address == *address));
                    let who = asked.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    return Err(Round::Final(Error::TimedOut { who, after: limit, others: self.explain(faults).await }));
                }
            }
        }
    }

    /// Looks closer at masters that failed in a way the transport only mumbles about.
    async fn explain(&self, faults: Vec<Tried>) -> Vec<Tried> {
        let looks = faults.into_iter().map(async |tried| match tried.fault {
            Fault::Transport(_) | Fault::Garbled(_) => {
                let fault = match (diagnose(&tried.address, self.tls.as_ref()).await, tried.fault) {
                    (Some(found), _) => found,
                    (None, Fault::Transport(what)) => Fault::Passing(what),
                    (None, fault) => fault,
                };
                Tried { fault, ..tried }
            }
            Fault::Unserved => match diagnose(&tried.address, self.tls.as_ref()).await {
                None => Tried { fault: Fault::NotDm("a worker, or another part of DM, listens there".to_owned()), ..tried },
                Some(_) => tried,
            },
            _ => tried,
        });
        futures_util::future::join_all(looks).await
    }
}

enum Round {
    Final(Error),
    Faults(Vec<Tried>),
}
