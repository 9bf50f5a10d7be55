//! Which release of DM answers.

use std::fmt;
use std::str::FromStr;

/// A release of DM, as far as its manners depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// The release of these numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }
}

impl FromStr for Version {
    type Err = ();

    /// Reads `v6.5.0`, `v9.0.0-beta.1`, `v8.5.7-12-g0a1b2c3`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || numbers.next().and_then(|part| part.parse().ok()).ok_or(());
        Ok(Self { major: number()?, minor: number()? })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_and_compared() {
        assert_eq!("v6.5.0".parse(), Ok(Version::new(6, 5)));
        assert_eq!("v9.0.0-beta.1".parse(), Ok(Version::new(9, 0)));
        assert_eq!("None".parse::<Version>(), Err(()));
        assert!(Version::new(6, 0) < Version::new(6, 1) && Version::new(6, 10) < Version::new(7, 0));
    }
}
