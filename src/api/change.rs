//! Changes: each is sent once, and put to another master only when it provably did not arrive.
//!
//! A change has a connection of its own, so that a failure to connect, after which nothing can have arrived, is told from one that came
//! later. What came later without an answer is [`Error::Lost`]: the caller looks whether the change was made.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::error::{Error, Fault};
use super::masters::{Master, Miss, Pace};
use super::rest::{Speaker, body_of, deepest, refusal};
use super::{ANSWER_LIMIT, Asked, Client, rpc};
use crate::wire::pb;

/// How long DM may take to start or stop something.
pub(super) const STEP_DEADLINE: Duration = Duration::from_secs(20);
/// A change gets at least this long for its answer, however short the wait for it is to be.
const SHORTEST: Duration = Duration::from_secs(5);
/// How long several masters get to say to which cluster they belong.
const AGREE_WITHIN: Duration = Duration::from_secs(5);
/// How long after a lost answer the change may still come to be seen.
const SEEN_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How a change ended that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made<T> {
    /// DM said so.
    Told(T),
    /// The answer was lost; a look shows that it was made.
    Seen,
}

/// A list of texts that only a server of `dmctl` puts into an answer; `None` where there is none.
pub(super) fn texts(answer: &[u8], key: &str) -> Option<Vec<String>> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let texts = answer.get(key)?.as_array()?.iter();
    Some(texts.filter_map(|text| text.as_str().map(str::to_owned)).collect())
}

impl<T> Made<T> {
    /// The same with another answer.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Made<U> {
        match self {
            Self::Told(answer) => Made::Told(map(answer)),
            Self::Seen => Made::Seen,
        }
    }
}

impl Error {
    /// The same with what a look shows, if it is a change without an answer.
    #[must_use]
    pub fn seen(self, made: Option<bool>) -> Self {
        match self {
            Self::Lost { operation, who, how, .. } => Self::Lost { operation, who, how, made },
            other => other,
        }
    }
}

/// A change that has gone out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// What it is for, as a person would say it: `task create`.
    pub operation: &'static str,
    /// DM has said yes to it.
    pub answered: bool,
}

/// The deadline of a change for whose effect somebody waits no longer than `within`.
pub(super) fn deadline(usual: Duration, within: Option<Duration>) -> Duration {
    within.map_or(usual, |within| usual.min(within.max(SHORTEST)))
}

/// A request of the REST API that changes something.
pub(super) struct Change<'a> {
    /// What it is for, as a person would say it: `task create`.
    pub(super) operation: &'static str,
    /// How it is called in a trace.
    pub(super) call: &'static str,
    pub(super) method: Method,
    /// Below `/api/v1`.
    pub(super) path: &'a str,
    pub(super) body: Option<&'a Value>,
    pub(super) limit: Duration,
}

impl Client {
    /// The last change that has gone out since this was asked, and was not refused: a person who interrupts it must be told.
    pub fn take_sent(&self) -> Option<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Puts a change to the masters over REST, and returns the body of the answer.
    pub(super) async fn change(&self, change: Change<'_>) -> Result<Vec<u8>, Error> {
        self.agree().await?;
        let answer = self.ask(change.call, Pace::OneByOne, change.limit, async |master| self.submit(&master, &change).await).await;
        self.ended(change.operation, answer)
    }

    /// Puts a change to the masters over gRPC. What the answer says is for the caller to judge.
    pub(super) async fn change_by_rpc<T, F>(
        &self,
        operation: &'static str,
        call: &'static str,
        limit: Duration,
        send: F,
    ) -> Result<T, Error>
    where
        F: AsyncFn(rpc::Stub) -> Result<tonic::Response<T>, tonic::Status>,
    {
        self.agree().await?;
        let answer = self
            .ask(call, Pace::OneByOne, limit, async |master| {
                let stub = rpc::connected(&master, self.tls.as_ref()).await.map_err(Miss::Elsewhere)?;
                self.goes_out(operation);
                send(stub).await.map(tonic::Response::into_inner).map_err(|status| lost_by_rpc(operation, &master, &status))
            })
            .await;
        self.ended(operation, answer)
    }

    /// Puts a change to one master and no other: it is about that one.
    pub(super) async fn change_at<T, F>(
        &self,
        master: &Arc<Master>,
        operation: &'static str,
        call: &'static str,
        send: F,
    ) -> Result<T, Error>
    where
        F: AsyncFn(rpc::Stub) -> Result<tonic::Response<T>, tonic::Status>,
    {
        let started = Instant::now();
        let exchange = async {
            let stub = match rpc::connected(master, self.tls.as_ref()).await {
                Ok(stub) => stub,
                Err(fault) => {
                    return Err(Error::Unreachable(vec![super::Tried { address: master.address().clone(), fault }]));
                }
            };
            self.goes_out(operation);
            match send(stub).await {
                Ok(answer) => Ok(answer.into_inner()),
                Err(status) => Err(match lost_by_rpc(operation, master, &status) {
                    Miss::Final(error) => error,
                    Miss::Elsewhere(fault) => Error::Unreachable(vec![super::Tried { address: master.address().clone(), fault }]),
                }),
            }
        };
        let answer = tokio::time::timeout(STEP_DEADLINE, exchange).await.unwrap_or_else(|_| Err(silent(operation, master)));
        self.note(|| {
            let how = answer.as_ref().map_or_else(ToString::to_string, |_| "answered".to_owned());
            format!("{call} at {}: {how} ({} ms)", master.address(), started.elapsed().as_millis())
        });
        self.ended(operation, answer)
    }

    fn goes_out(&self, operation: &'static str) {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(Sent { operation, answered: false });
    }

    fn ended<T>(&self, operation: &'static str, answer: Result<T, Error>) -> Result<T, Error> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = sent.is_some_and(|sent| !sent.answered);
        let answer = answer.map_err(|error| match error {
            Error::TimedOut { who, after, .. } if waits => {
                Error::Lost { operation, who, how: format!("no answer within {}s", after.as_secs()), made: None }
            }
            error => error,
        });
        match &answer {
            Ok(_) => *sent = Some(Sent { operation, answered: true }),
            Err(Error::Lost { .. }) => {}
            Err(_) if waits => *sent = None,
            Err(_) => {}
        }
        answer
    }

    /// Sends a request to one master. Whatever shows that the master did not take it is [`Miss::Elsewhere`].
    async fn submit(&self, master: &Arc<Master>, change: &Change<'_>) -> Result<Vec<u8>, Miss> {
        let mut to = Arc::clone(master);
        let mut response = self.deliver(&to, change).await?;
        if response.status() == StatusCode::TEMPORARY_REDIRECT {
            // Version 6.0 does nothing and names its leader.
            to = self.known_leader(&response).await.map_err(|location| {
                Miss::Elsewhere(Fault::NotDm(format!("it sends on to `{location}`, where no master of this cluster listens")))
            })?;
            response = self.deliver(&to, change).await?;
        }
        let status = response.status();
        let lost =
            |how: String| Miss::Final(Error::Lost { operation: change.operation, who: to.address().to_string(), how, made: None });
        let html = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if status.is_success() && !html {
            // The status says that it is done; a body that breaks off takes nothing away from that.
            return Ok(body_of(response, ANSWER_LIMIT).await.unwrap_or_default());
        }
        let body = match body_of(response, super::rest::REFUSAL_LIMIT).await {
            Ok(body) => body,
            Err(how) => return Err(lost(how)),
        };
        let text = String::from_utf8_lossy(&body);
        match status.as_u16() {
            307 => Err(Miss::Elsewhere(Fault::NoLeader)),
            // It knows of no leader, and has sent it to nobody.
            400 if body.is_empty() => Err(Miss::Elsewhere(Fault::NoLeader)),
            404 if text.trim() == "404 page not found" => {
                Err(Error::OpenApiOff { operation: change.operation, address: to.address().clone() }.into())
            }
            400..=499 if html => Err(Miss::Elsewhere(Fault::NotDm("it answers with a web page".to_owned()))),
            400 | 401 | 403 => match refusal(&body) {
                Some((said, Speaker::Dm | Speaker::Frame)) => Err(Error::Refused(said).into()),
                None => Err(lost(format!("status {status} without one of DM's error texts"))),
            },
            502..=504 => Err(lost(format!("`{status}`: it was sent on to the leader, and nothing came back"))),
            500..=599 if body.is_empty() => Err(lost(format!("`{status}`: DM failed inside, its log says how"))),
            _ => Err(lost(format!("it answers `{status}`, which a master never does"))),
        }
    }

    async fn deliver(&self, master: &Arc<Master>, change: &Change<'_>) -> Result<reqwest::Response, Miss> {
        let url = self.url(master, &format!("/api/v1{}", change.path))?;
        let request = master.admitted(self.http_once()?.request(change.method.clone(), url));
        let request = match change.body {
            Some(body) => request.json(body),
            None => request,
        };
        self.goes_out(change.operation);
        request.send().await.map_err(|error| {
            let how = deepest(&error);
            if error.is_connect() || error.is_builder() {
                return Miss::Elsewhere(Fault::Transport(how));
            }
            Miss::Final(Error::Lost {
                operation: change.operation,
                who: master.address().to_string(),
                how: format!("the connection broke off ({how})"),
                made: None,
            })
        })
    }

    /// Sees before a change that somebody answers, and that all who answer belong to one cluster: a list of masters may be a mistake,
    /// and the second in it must not get what the first did not take.
    async fn agree(&self) -> Result<(), Error> {
        let given = self.masters.given();
        if given.len() > 1 && !self.masters.agreed() {
            let asked = given.iter().map(async |master| {
                let request = pb::ListMemberRequest { master: true, ..Default::default() };
                let answer = tokio::time::timeout(AGREE_WITHIN, master.stub().list_member(request)).await.ok()?.ok()?;
                Some((master.address(), members_of(&answer.into_inner())))
            });
            let answers: Vec<_> = futures_util::future::join_all(asked).await.into_iter().flatten().collect();
            if let Some(((first, known), (other, _))) =
                answers.first().and_then(|first| Some((first, answers.iter().find(|other| other.1.is_disjoint(&first.1))?)))
                && !known.is_empty()
            {
                return Err(Error::Disagree { first: (*first).clone(), other: (*other).clone() });
            }
            if answers.len() > 1 {
                self.masters.agree();
            }
        }
        // It goes to one that is known to answer, to the leader if that is one of those given.
        self.members(Asked { leader: true, ..Asked::default() }, &[]).await.map(drop)
    }

    /// Finds out what became of a change whose answer was lost. `look` tells whether it was made, or `None` when that can't be seen.
    pub(super) async fn settle<T, L>(&self, sent: Result<T, Error>, look: L) -> Result<Made<T>, Error>
    where
        L: AsyncFn() -> Result<Option<bool>, Error>,
    {
        let (operation, who, how) = match sent {
            Ok(answer) => return Ok(Made::Told(answer)),
            Err(Error::Lost { operation, who, how, .. }) => (operation, who, how),
            Err(error) => return Err(error),
        };
        let end = tokio::time::Instant::now() + SEEN_WITHIN;
        loop {
            let made = look().await.unwrap_or(None);
            if made == Some(true) {
                return Ok(Made::Seen);
            }
            if tokio::time::Instant::now() >= end {
                return Err(Error::Lost { operation, who, how, made });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn members_of(answer: &pb::ListMemberResponse) -> BTreeSet<u64> {
    let masters = answer.members.iter().filter_map(|members| match &members.member {
        Some(pb::members::Member::Master(masters)) => Some(&masters.masters),
        _ => None,
    });
    masters.flatten().map(|master| master.member_id).collect()
}

fn silent(operation: &'static str, master: &Master) -> Error {
    let how = format!("no answer within {}s", STEP_DEADLINE.as_secs());
    Error::Lost { operation, who: master.address().to_string(), how, made: None }
}

/// Judges a gRPC failure of a change. Only what shows that it was not taken lets another master be asked.
fn lost_by_rpc(operation: &'static str, master: &Master, status: &tonic::Status) -> Miss {
    let text = status.message();
    let by_the_server = std::error::Error::source(status).is_none();
    // A follower that knows no leader forwards nothing; one that can't connect to it neither.
    let kept_back = by_the_server && (text.contains("code=38043") || text.contains("connection refused"));
    match rpc::miss(status, master) {
        _ if kept_back => Miss::Elsewhere(Fault::NoLeader),
        unserved @ Miss::Elsewhere(Fault::Unserved) => unserved,
        Miss::Final(error @ Error::Refused(_)) if !text.contains("rpc error") => Miss::Final(error),
        Miss::Final(error) => lost(operation, master, error.to_string()),
        Miss::Elsewhere(fault) => lost(operation, master, fault.to_string()),
    }
}

fn lost(operation: &'static str, master: &Master, how: String) -> Miss {
    Miss::Final(Error::Lost { operation, who: master.address().to_string(), how, made: None })
}
