//! Where a master listens.

use std::fmt;
use std::str::FromStr;

/// Host and port of a master. The host is a name, an IPv4 or an IPv6 address (without its brackets).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    host: String,
    port: u16,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No port, or nothing before it.
    #[error("`{0}` is no address: expected host:port, such as 127.0.0.1:8261")]
    Form(String),
    /// The port is no number from 1 to 65535.
    #[error("`{0}` has no usable port: expected a number from 1 to 65535, such as 127.0.0.1:8261")]
    Port(String),
}

impl Address {
    /// The host, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `host:port`; `http://` or `https://` before it and a `/` after it are passed over, as the Go dmctl does.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix("http://").or_else(|| trimmed.strip_prefix("https://")).unwrap_or(trimmed);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        let form = || AddressError::Form(text.to_owned());
        let (host, port) = bare.rsplit_once(':').ok_or_else(form)?;
        let host = match host.strip_prefix('[') {
            Some(inner) => inner.strip_suffix(']').ok_or_else(form)?,
            None if host.contains(':') => return Err(form()),
            None => host,
        };
        let odd = |c: char| c.is_whitespace() || c.is_control() || "/?#@\\%[]".contains(c);
        if host.is_empty() || host.contains(odd) {
            return Err(form());
        }
        match port.parse() {
            Ok(port) if port > 0 => Ok(Self { host: host.to_owned(), port }),
            _ => Err(AddressError::Port(text.to_owned())),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_and_brackets() {
        for (text, shown) in [
            ("127.0.0.1:8261", "127.0.0.1:8261"),
            ("http://dm:8261/", "dm:8261"),
            ("https://dm.example:1", "dm.example:1"),
            ("[::1]:8261", "[::1]:8261"),
            (" dm:8261 ", "dm:8261"),
        ] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for text in ["", "dm", ":8261", "dm:", "dm:0", "dm:65536", "::1:8261", "a b:1", "user@dm:1", "dm/x:1"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
