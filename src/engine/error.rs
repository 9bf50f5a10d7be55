//! What can go wrong between two databases, and whether it passes by itself.

use std::io::ErrorKind;

use mysql_async::{Error, IoError};

use crate::model::DmError;

/// The two ends of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Where the rows come from.
    Source,
    /// Where they go.
    Target,
}

/// Why a piece of work did not get done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// A database could not be reached.
    #[error("{address} can't be reached: {}", words(.error))]
    Connect { side: Side, address: String, error: Box<Error> },
    /// A database did not answer in time.
    #[error("{address} did not answer in time")]
    Silent { side: Side, address: String },
    /// A database refused a statement, or went away under it.
    #[error("{doing}: {}", words(.error))]
    Database { side: Side, doing: String, error: Box<Error> },
    /// Somebody else is at it: to be tried again.
    #[error("{0}")]
    Busy(String),
    /// It can't work, whatever is tried.
    #[error("{}", .0.message)]
    Refused(Box<DmError>),
}

/// Server errors that pass: too many connections, a shutdown, a network fault, lock waits, deadlocks, a killed session, a read-only
/// moment, a table that was altered under a snapshot.
const PASSING: &[u16] = &[
    1040, 1043, 1053, 1077, 1078, 1079, 1080, 1152, 1154, 1155, 1156, 1158, 1159, 1160, 1161, 1184, 1189, 1190, 1203, 1205, 1213,
    1226, 1290, 1317, 1412, 1614, 1792, 1836, 1927, 1969, 2002, 2003, 2006, 2013, 2055, 3024, 3032, 3058, 3168, 3169, 4031,
];

impl Fault {
    /// Makes a fault of a refusal.
    pub(super) fn refused(message: impl Into<String>, cure: Option<String>) -> Self {
        Self::Refused(Box::new(DmError { workaround: cure, ..DmError::plain(message) }))
    }

    /// Whether it may pass by itself.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Silent { .. } | Self::Busy(_) => true,
            Self::Refused(_) => false,
            Self::Connect { error, .. } | Self::Database { error, .. } => match error.as_ref() {
                Error::Server(server) => PASSING.contains(&server.code),
                // What can't be understood, such as a certificate, will not be understood next time either.
                Error::Io(IoError::Io(io)) => !matches!(io.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput),
                Error::Driver(driver) => matches!(
                    driver,
                    mysql_async::DriverError::ConnectionClosed
                        | mysql_async::DriverError::PacketOutOfOrder
                        | mysql_async::DriverError::UnexpectedPacket { .. }
                ),
                _ => false,
            },
        }
    }

    /// The number of the server's error, if it is one.
    pub(super) fn server_code(&self) -> Option<u16> {
        match self {
            Self::Connect { error, .. } | Self::Database { error, .. } => match error.as_ref() {
                Error::Server(server) => Some(server.code),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The server's words, in the form in which its own tools write them.
fn words(error: &Error) -> String {
    match error {
        Error::Server(server) => format!("Error {} ({}): {}", server.code, server.state, server.message),
        Error::Io(IoError::Io(io)) => crate::model::system::reason(io),
        other => other.to_string(),
    }
}

impl From<Fault> for DmError {
    fn from(fault: Fault) -> Self {
        let (code, side, message, cause) = match &fault {
            Fault::Connect { side, address, error } => {
                (Some(10001), Some(*side), format!("the {} {address} can't be reached", noun(*side)), Some(words(error)))
            }
            Fault::Silent { side, address } => {
                (Some(10001), Some(*side), format!("the {} {address} did not answer in time", noun(*side)), None)
            }
            Fault::Database { side, doing, error } => {
                let code = if *side == Side::Source { 10005 } else { 10006 };
                (Some(code), Some(*side), doing.clone(), Some(words(error)))
            }
            Fault::Busy(message) => (None, None, message.clone(), None),
            Fault::Refused(error) => return error.as_ref().clone(),
        };
        let workaround = side.and_then(|side| cure(side, fault.server_code()?)).map(str::to_owned);
        let scope = side.map(|side| if side == Side::Source { "upstream" } else { "downstream" });
        Self { code, class: code.map(|_| "database".to_owned()), scope: scope.map(str::to_owned), message, cause, workaround }
    }
}

/// What to do about an error of a server that does not pass by itself.
const fn cure(side: Side, code: u16) -> Option<&'static str> {
    match (side, code) {
        (Side::Source, 1044 | 1045 | 1698) => {
            Some("see that the source lets this user in, or correct user and password: in its file, or with `dmctl source update`")
        }
        (Side::Target, 1044 | 1045 | 1698) => {
            Some("see that the target lets this user in, or correct user and password: in the file, or with `dmctl task update`")
        }
        (Side::Target, 1062) => Some(
            "take the row out of the target, or let `on-duplicate-logical` say `replace` or `ignore`, then start the task again",
        ),
        (Side::Target, 1021 | 1114) => {
            Some("make room on the disk of the target, and start the task again: it goes on where it is")
        }
        (Side::Source, 1021 | 1114) => {
            Some("make room on the disk of the source, where it keeps temporary tables, and start the task again")
        }
        _ => None,
    }
}

const fn noun(side: Side) -> &'static str {
    match side {
        Side::Source => "source",
        Side::Target => "target",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_can_mend_has_a_cure() {
        let error = |side, code| {
            let message = "The table 'orders' is full".to_owned();
            let error = Error::Server(mysql_async::ServerError { code, message, state: "HY000".to_owned() });
            DmError::from(Fault::Database { side, doing: "writing rows of `shop`.`orders`".to_owned(), error: Box::new(error) })
        };
        let full = error(Side::Target, 1114);
        assert_eq!(full.cause.as_deref(), Some("Error 1114 (HY000): The table 'orders' is full"));
        assert_eq!(
            full.workaround.as_deref(),
            Some("make room on the disk of the target, and start the task again: it goes on where it is")
        );
        let words = |side, code| error(side, code).workaround.unwrap_or_default();
        assert!(words(Side::Target, 1062).contains("`on-duplicate-logical`"));
        assert!(words(Side::Target, 1045).contains("`dmctl task update`"));
        assert!(words(Side::Source, 1045).contains("`dmctl source update`"));
        assert_eq!(words(Side::Target, 1064), "", "nobody knows");
    }
}
