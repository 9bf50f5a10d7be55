//! Durations as Go writes and reads them, which is how DM's configuration spells its times (`30s`, `1h30m`).
//!
//! Grammar, limits and text form follow Go 1.26, `src/time/format.go` (`ParseDuration`) and `src/time/time.go`
//! (`Duration.String`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// The size of the smallest `i64`, which is one more than the largest.
const LIMIT: u64 = 1 << 63;

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// A signed span of time in nanoseconds, up to about 292 years either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GoDuration {
    nanoseconds: i64,
}

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    /// The text is not numbers with units.
    #[error("`{text}` is not a duration like `30s` or `1h30m`")]
    Form {
        /// The whole text.
        text: String,
    },
    /// A number has no unit; only zero may go without.
    #[error("the duration `{text}` lacks a unit (ns, us, ms, s, m or h)")]
    NoUnit {
        /// The whole text.
        text: String,
    },
    /// A unit is not known.
    #[error("`{unit}` in the duration `{text}` is not a unit (ns, us, ms, s, m or h)")]
    Unit {
        /// The unit as written.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// The nanoseconds do not fit into 64 bits.
    #[error("the duration `{text}` is too long (at most about 2562047 hours)")]
    TooLong {
        /// The whole text.
        text: String,
    },
}

impl GoDuration {
    /// The duration of so many nanoseconds.
    #[must_use]
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self { nanoseconds }
    }

    /// The nanoseconds of this duration.
    #[must_use]
    pub const fn nanoseconds(self) -> i64 {
        self.nanoseconds
    }

    /// The same span as the standard library has it; `None` when it is negative.
    #[must_use]
    pub fn to_std(self) -> Option<Duration> {
        u64::try_from(self.nanoseconds).ok().map(Duration::from_nanos)
    }
}

impl FromStr for GoDuration {
    type Err = DurationError;

    /// Reads an optional sign and then `0`, or numbers with units in any order: `-1.5h`, `10.5s4m`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let owned = || text.to_owned();
        let too_long = || DurationError::TooLong { text: owned() };
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Ok(Self::default());
        }
        if rest.is_empty() {
            return Err(DurationError::Form { text: owned() });
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (whole, after_whole) = split_digits(rest);
            let (fraction, after_number) = after_whole.strip_prefix('.').map_or(("", after_whole), split_digits);
            if whole.is_empty() && fraction.is_empty() {
                return Err(DurationError::Form { text: owned() });
            }
            // Go takes all up to the next number as the unit, so a misspelt unit is shown in full.
            let end = after_number.find(|next: char| next == '.' || next.is_ascii_digit());
            let (unit, after_unit) = after_number.split_at(end.unwrap_or(after_number.len()));
            if unit.is_empty() {
                return Err(DurationError::NoUnit { text: owned() });
            }
            let scale = unit_scale(unit).ok_or_else(|| DurationError::Unit { unit: unit.to_owned(), text: owned() })?;
            let part = part(whole, fraction, scale).ok_or_else(too_long)?;
            total = total.checked_add(part).filter(|&total| total <= LIMIT).ok_or_else(too_long)?;
            rest = after_unit;
        }
        let nanoseconds = if negative { 0_i64.checked_sub_unsigned(total) } else { i64::try_from(total).ok() };
        nanoseconds.map(Self::from_nanoseconds).ok_or_else(too_long)
    }
}

impl fmt::Display for GoDuration {
    /// Writes the form of Go's `Duration.String`: `1m30s`, `1.5s`, `300ms`, `0s`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanoseconds < 0 {
            formatter.write_str("-")?;
        }
        let size = self.nanoseconds.unsigned_abs();
        match size {
            0 => formatter.write_str("0s"),
            1..MICROSECOND => write!(formatter, "{size}ns"),
            MICROSECOND..MILLISECOND => write!(formatter, "{}µs", Decimal { value: size, one: MICROSECOND }),
            MILLISECOND..SECOND => write!(formatter, "{}ms", Decimal { value: size, one: MILLISECOND }),
            SECOND.. => {
                if size >= HOUR {
                    write!(formatter, "{}h", size / HOUR)?;
                }
                if size >= MINUTE {
                    write!(formatter, "{}m", size % HOUR / MINUTE)?;
                }
                write!(formatter, "{}s", Decimal { value: size % MINUTE, one: SECOND })
            }
        }
    }
}

/// `value / one` with as many decimals as it needs, where `one` is a power of ten.
struct Decimal {
    value: u64,
    one: u64,
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.value / self.one)?;
        let mut fraction = self.value % self.one;
        if fraction == 0 {
            return Ok(());
        }
        formatter.write_str(".")?;
        let mut place = self.one / 10;
        while fraction > 0 {
            write!(formatter, "{}", fraction / place)?;
            fraction %= place;
            place /= 10;
        }
        Ok(())
    }
}

/// The nanoseconds of one number with its unit; `None` when they are more than [`LIMIT`].
fn part(whole: &str, fraction: &str, scale: u64) -> Option<u64> {
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let whole = whole.checked_mul(scale)?;
    whole.checked_add(fraction_of(fraction, scale)).filter(|&part| part <= LIMIT)
}

/// The nanoseconds of the decimals of a unit, rounded down.
///
/// Go computes them in floating point, and so do we: whole-number arithmetic would differ in the last nanosecond.
fn fraction_of(decimals: &str, scale: u64) -> u64 {
    let mut value: u64 = 0;
    let mut divisor = 1.0;
    for digit in decimals.bytes() {
        // Decimals past 63 bits are passed over, not refused.
        let longer = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit - b'0')));
        let Some(longer) = longer.filter(|&longer| longer <= LIMIT) else {
            break;
        };
        value = longer;
        divisor *= 10.0;
    }
    (value as f64 * (scale as f64 / divisor)) as u64
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|next: char| !next.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

fn unit_scale(unit: &str) -> Option<u64> {
    match unit {
        "ns" => Some(1),
        // The micro sign (U+00B5) and the Greek letter mu (U+03BC) look the same.
        "us" | "\u{b5}s" | "\u{3bc}s" => Some(MICROSECOND),
        "ms" => Some(MILLISECOND),
        "s" => Some(SECOND),
        "m" => Some(MINUTE),
        "h" => Some(HOUR),
        _ => None,
    }
}
