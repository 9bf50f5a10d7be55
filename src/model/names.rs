//! The names of things in a cluster. Each kind is a type of its own; the type also decides what completion offers for an argument.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Why a typed name is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was typed.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// DM takes shorter names only.
    #[error("{what} has at most {most} bytes, this one has {is}")]
    TooLong {
        /// What was to be named.
        what: &'static str,
        /// The most bytes it may have.
        most: usize,
        /// The bytes it has.
        is: usize,
    },
    /// A control character can't be shown and is not meant.
    #[error("{0} must not contain control characters")]
    Control(&'static str),
}

fn check(what: &'static str, most: usize, text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty(what));
    }
    if text.len() > most {
        return Err(NameError::TooLong { what, most, is: text.len() });
    }
    if text.chars().any(char::is_control) {
        return Err(NameError::Control(what));
    }
    Ok(())
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $most:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// A name that a server showed: it exists, whatever we think of its form.
            #[must_use]
            pub fn seen(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The same, without a copy of its text.
            #[must_use]
            pub const fn seen_as(text: Arc<str>) -> Self {
                Self(text)
            }

            /// The name, without a copy of its text.
            #[must_use]
            pub fn shared(&self) -> Arc<str> {
                Arc::clone(&self.0)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                check($what, $most, text)?;
                Ok(Self(Arc::from(text)))
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A migration task.
    TaskName, "a task name", 255
);
name!(
    /// A source: one upstream MySQL or MariaDB. DM takes at most 32 bytes (code 40006).
    SourceName, "a source name", 32
);
name!(
    /// A worker: the process (or slot) that serves one source.
    WorkerName, "a worker name", 255
);
name!(
    /// A master of the cluster.
    MasterName, "a master name", 255
);
name!(
    /// A master or a worker.
    MemberName, "a member name", 255
);
name!(
    /// A shard DDL lock, as `ddl-lock list` shows it: task name, a hyphen, and the quoted table of the target.
    LockId, "a lock id", 1024
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_name_is_checked_and_a_seen_one_is_not() {
        assert_eq!("".parse::<TaskName>(), Err(NameError::Empty("a task name")));
        assert_eq!("a\u{1b}[31m".parse::<TaskName>(), Err(NameError::Control("a task name")));
        assert!("x".repeat(32).parse::<SourceName>().is_ok());
        assert_eq!("x".repeat(33).parse::<SourceName>(), Err(NameError::TooLong { what: "a source name", most: 32, is: 33 }));
        assert_eq!(SourceName::seen("").as_str(), "");
        assert!("with blank/and slash".parse::<TaskName>().is_ok(), "DM has such tasks, and they must be reachable");
    }
}
