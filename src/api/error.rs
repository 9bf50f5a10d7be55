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
    #[error("{who} did not answer within {}s", after.as_secs())]
    TimedOut {
        /// Who kept silent: a master's address, or the worker of a source.
        who: String,
        /// The time given.
        after: Duration,
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
    /// The operation needs the REST API, and this cluster has it switched off.
    #[error("{operation} needs the REST API, and {address} has it switched off")]
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
    /// Its certificate, or ours, was not accepted.
    Certificate(String),
    /// Something answers there, and it is no DM master.
    NotDm(String),
    /// It is a master, and knows of no leader at the moment.
    NoLeader,
    /// Another transport failure, in its own words.
    Transport(String),
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
            Self::Certificate(what) => write!(formatter, "certificate trouble: {what}"),
            Self::NotDm(what) => write!(formatter, "it is no DM master: {what}"),
            Self::NoLeader => formatter.write_str("it is up, and reaches no leader at the moment"),
            Self::Transport(what) => formatter.write_str(what),
        }
    }
}
