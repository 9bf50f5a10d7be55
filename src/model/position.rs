//! Places in the binary log of MySQL and MariaDB, by file and offset.
//!
//! The text forms are DM's (tiflow `dm/pkg/utils/filename.go`, `dm/pkg/binlog/position.go`): a file name is
//! `base.number`, and a position is shown as `(mysql-bin.000001, 4)` and given as `mysql-bin.000001:4`.
//! A relay log puts the number of its sub directory into the base: `mysql-bin|000002.000003`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The digits of the largest `u64`; a longer number is refused even if it is all zeros.
const MOST_DIGITS: usize = 20;

/// The name of a binlog file, such as `mysql-bin.000001`.
///
/// Names of equal bases are ordered by number; names of different bases have no order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BinlogName {
    base: String,
    number: u64,
    /// How many digits the number is written with.
    width: u8,
}

/// A place in the binlog: a file and a byte offset in it.
///
/// Ordered by file, then by offset; positions in files of different bases have no order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd)]
pub struct Position {
    /// The file.
    pub name: BinlogName,
    /// The byte offset in the file.
    pub offset: u64,
}

/// Why a text is not the name of a binlog file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BinlogNameError {
    /// There is no dot.
    #[error("the binlog name `{name}` has no dot before its number")]
    NoDot {
        /// The whole text.
        name: String,
    },
    /// There are several dots. The server cuts a dot out of `log-bin`, and DM refuses such names.
    #[error("the binlog name `{name}` has more than one dot")]
    ManyDots {
        /// The whole text.
        name: String,
    },
    /// Nothing stands before the dot.
    #[error("the binlog name `{name}` has nothing before its dot")]
    NoBase {
        /// The whole text.
        name: String,
    },
    /// What stands after the dot is not made of digits.
    #[error("the binlog name `{name}` does not end in a number")]
    NoNumber {
        /// The whole text.
        name: String,
    },
    /// The number is zero; the server counts from one.
    #[error("the binlog name `{name}` has the number zero")]
    ZeroNumber {
        /// The whole text.
        name: String,
    },
    /// The number does not fit.
    #[error("the number in the binlog name `{name}` is too large")]
    LargeNumber {
        /// The whole text.
        name: String,
    },
}

/// Why a text is not a binlog position.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PositionError {
    /// Neither form fits.
    #[error("`{text}` is not a binlog position like `mysql-bin.000001:4` or `(mysql-bin.000001, 4)`")]
    Form {
        /// The whole text.
        text: String,
    },
    /// The file name is wrong.
    #[error(transparent)]
    Name(#[from] BinlogNameError),
    /// The offset is not a number, or does not fit.
    #[error("`{offset}` is not an offset in a binlog file")]
    Offset {
        /// The offset as written.
        offset: String,
    },
}

impl BinlogName {
    /// What stands before the dot, with DM's relay suffix if the name has one.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The number after the dot.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The name which the file has on the upstream: `mysql-bin|000002.000003` gives `mysql-bin.000003`.
    ///
    /// Only the last `|` counts, and only before a positive number, as in DM's `RealMySQLPos`. Use it on both
    /// sides to compare a position in a relay log with one of the upstream.
    #[must_use]
    pub fn without_relay_suffix(&self) -> Self {
        let upstream =
            self.base.rsplit_once('|').filter(|(base, suffix)| !base.is_empty() && digits(suffix).is_some_and(|number| number > 0));
        let base = upstream.map_or(self.base.as_str(), |(base, _)| base);
        Self { base: base.to_owned(), ..*self }
    }
}

impl PartialOrd for BinlogName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // The width decides last, so that only equal names compare as equal.
        (self.base == other.base).then(|| (self.number, self.width).cmp(&(other.number, other.width)))
    }
}

impl FromStr for BinlogName {
    type Err = BinlogNameError;

    /// Reads `base.number`; any base without a dot will do.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = || text.to_owned();
        let (base, number) = text.split_once('.').ok_or_else(|| BinlogNameError::NoDot { name: name() })?;
        if number.contains('.') {
            return Err(BinlogNameError::ManyDots { name: name() });
        }
        if base.is_empty() {
            return Err(BinlogNameError::NoBase { name: name() });
        }
        if !is_digits(number) {
            return Err(BinlogNameError::NoNumber { name: name() });
        }
        let width = u8::try_from(number.len()).ok().filter(|&width| usize::from(width) <= MOST_DIGITS);
        match (digits(number), width) {
            (Some(0), Some(_)) => Err(BinlogNameError::ZeroNumber { name: name() }),
            (Some(number), Some(width)) => Ok(Self { base: base.to_owned(), number, width }),
            _ => Err(BinlogNameError::LargeNumber { name: name() }),
        }
    }
}

impl fmt::Display for BinlogName {
    /// Writes the name exactly as it was read.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, number, width } = self;
        write!(formatter, "{base}.{number:0width$}", width = usize::from(*width))
    }
}

impl Position {
    /// Reads a position from an answer of DM, where `""` and a position without a file, such as `(, 4)`,
    /// stand for none yet.
    ///
    /// # Errors
    ///
    /// [`PositionError`] when the text is neither empty nor a position.
    pub fn parse_dm(text: &str) -> Result<Option<Self>, PositionError> {
        if text.is_empty() {
            return Ok(None);
        }
        match name_and_offset(text)? {
            ("", offset) => parse_offset(offset).map(|_| None),
            (name, offset) => Ok(Some(Self { name: name.parse()?, offset: parse_offset(offset)? })),
        }
    }
}

impl FromStr for Position {
    type Err = PositionError;

    /// Reads `(name, offset)` or `name:offset`, with blanks nowhere but after the comma.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, offset) = name_and_offset(text)?;
        Ok(Self { name: name.parse()?, offset: parse_offset(offset)? })
    }
}

impl fmt::Display for Position {
    /// Writes the form which DM shows: `(mysql-bin.000001, 4)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "({}, {})", self.name, self.offset)
    }
}

fn name_and_offset(text: &str) -> Result<(&str, &str), PositionError> {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // From the right, because a base may hold a comma or a colon itself.
    inner
        .map_or_else(|| text.rsplit_once(':'), |inner| inner.rsplit_once(", "))
        .ok_or_else(|| PositionError::Form { text: text.to_owned() })
}

fn parse_offset(offset: &str) -> Result<u64, PositionError> {
    digits(offset).ok_or_else(|| PositionError::Offset { offset: offset.to_owned() })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number that `text` spells in plain digits; the `+` that Rust would take is refused.
fn digits(text: &str) -> Option<u64> {
    if is_digits(text) { text.parse().ok() } else { None }
}
