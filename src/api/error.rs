//! What a call can end in, other than an answer.

use std::fmt;
use std::time::Duration;

use crate::model::{Address, DmError};

/// A call without a usable answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No master answered; each one tried, with what happened.
    #[error("no master could be reached")]
    Unreachable(Vec<Tried>),
    /// The call was taken, and no answer came within the time.
    #[error("{who} did not answer within {}s", after.as_secs_f64().ceil())]
    TimedOut {
        /// Who kept silent: a master's address, or the worker of a source.
        who: String,
        /// The time given.
        after: Duration,
        /// What happened with the masters that were tried beside it.
        others: Vec<Tried>,
    },
    /// DM said no.
    #[error("{}", .0.message)]
    Refused(DmError),
    /// The thing asked for does not exist.
    #[error("{kind} `{name}` does not exist")]
    Unknown {
        /// `task`, `source`, ...
        kind: &'static str,
        /// Its name, as asked.
        name: String,
        /// DM's own words for it.
        said: DmError,
    },
    /// What came back is no answer of DM's form.
    #[error("{address} answered something that is not understood: {what}")]
    Malformed {
        /// Which master.
        address: Address,
        /// What is wrong with it, and where.
        what: String,
    },
    /// A change was sent, and no answer came.
    #[error("`{operation}` was sent, and no answer came")]
    Lost {
        /// The change, as a person would say it.
        operation: &'static str,
        /// The master that it was sent to.
        who: String,
        /// What came in the place of an answer.
        how: String,
        /// Whether a look shows that it was made; `None` when that can't be seen.
        made: Option<bool>,
    },
    /// The masters that were given belong to different clusters.
    #[error("{first} and {other} belong to different clusters")]
    Disagree {
        /// One of them.
        first: Address,
        /// The other one.
        other: Address,
    },
    /// The operation needs the REST API, and this cluster has it switched off.
    #[error("`{operation}` needs the REST API, and {address} has it switched off")]
    OpenApiOff {
        /// What was to be done.
        operation: &'static str,
        /// Which master.
        address: Address,
    },
    /// This version of DM can't do it without a risk; the reason says why.
    #[error("{0}")]
    Unsupported(String),
}

impl Error {
    /// DM's number, if it was DM that said no.
    #[must_use]
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::Refused(said) | Self::Unknown { said, .. } => said.code,
            _ => None,
        }
    }
}

/// A master that was tried in vain.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Which one.
    pub address: Address,
    /// What happened.
    pub fault: Fault,
}

/// Why a master gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Its host name has no address.
    NoSuchHost,
    /// Nobody listens there.
    ConnectionRefused,
    /// The network did not get through in time.
    NoConnection,
    /// It took the connection and then said nothing in time.
    Silent,
    /// It broke the connection off.
    BrokenOff,
    /// It wants TLS, and none was asked for.
    WantsTls,
    /// It does not speak TLS, and TLS was asked for.
    NoTls,
    /// It wants a certificate of ours, and none was given.
    WantsCertificate,
    /// Its certificate is not accepted by us.
    Certificate(Distrust),
    /// It did not accept the certificate that we showed.
    OwnCertificate(&'static str),
    /// Something answers there, and it is no DM master.
    NotDm(String),
    /// It speaks gRPC, and has no service of a master.
    Unserved,
    /// Its answer can't be read. Until a second look tells, this may be a master or something else.
    Garbled(String),
    /// It is a master, and knows of no leader at the moment.
    NoLeader,
    /// Another transport failure, in its own words.
    Transport(String),
    /// The same, and a second look found it healthy.
    Passing(String),
}

/// Why the certificate of a master is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distrust {
    /// It has expired, this many days ago.
    Expired(Option<u64>),
    /// It is not valid yet, only in this many days.
    NotYetValid(Option<u64>),
    /// It is made out to other names than the one we asked for.
    OtherName {
        /// The one we asked for.
        wanted: String,
        /// Those it is made out to.
        presented: Vec<String>,
    },
    /// The CA that we were given has not signed it.
    UnknownIssuer,
    /// A CA of the same name has signed it, with another key.
    OtherKey,
    /// Another reason, in the TLS library's words.
    Other(String),
}

impl fmt::Display for Distrust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = |days: &Option<u64>| match days {
            None | Some(0) => String::new(),
            Some(1) => ", by 1 day".to_owned(),
            Some(days) => format!(", by {days} days"),
        };
        match self {
            Self::Expired(by) => write!(formatter, "its certificate has expired{}", days(by)),
            Self::NotYetValid(by) => write!(formatter, "its certificate is not valid yet{}", days(by)),
            Self::OtherName { wanted, presented } if presented.is_empty() => {
                write!(formatter, "its certificate is not made out to `{wanted}`")
            }
            Self::OtherName { wanted, presented } => {
                let names: Vec<String> = presented.iter().map(|name| format!("`{name}`")).collect();
                write!(formatter, "its certificate is made out to {}, not to `{wanted}`", names.join(", "))
            }
            Self::UnknownIssuer => formatter.write_str("its certificate is not signed by the CA in `--ssl-ca`"),
            Self::OtherKey => {
                formatter.write_str("its certificate is signed by another CA, which has the same name as the one in `--ssl-ca`")
            }
            Self::Other(what) => write!(formatter, "its certificate is not accepted: {what}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchHost => formatter.write_str("there is no host of that name"),
            Self::ConnectionRefused => formatter.write_str("connection refused: nobody listens there"),
            Self::NoConnection => formatter.write_str("no connection within the time"),
            Self::Silent => formatter.write_str("it took the connection and did not answer in time"),
            Self::BrokenOff => formatter.write_str("it broke the connection off"),
            Self::WantsTls => formatter.write_str("it speaks TLS only, and TLS was not asked for"),
            Self::NoTls => formatter.write_str("it does not speak TLS, and TLS was asked for"),
            Self::WantsCertificate => formatter.write_str("it wants a client certificate"),
            Self::Certificate(distrust) => write!(formatter, "{distrust}"),
            Self::OwnCertificate(why) => write!(formatter, "it did not accept the certificate in `--ssl-cert`: {why}"),
            Self::NotDm(what) => write!(formatter, "it is no DM master: {what}"),
            Self::Unserved => formatter.write_str("it is no DM master: its gRPC server has no `pb.Master`"),
            Self::NoLeader => formatter.write_str("it is up, and reaches no leader at the moment"),
            Self::Passing(what) => write!(formatter, "{what}; a moment later it was healthy"),
            Self::Garbled(what) | Self::Transport(what) => formatter.write_str(what),
        }
    }
}
