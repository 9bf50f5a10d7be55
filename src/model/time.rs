//! A moment as DM takes it with `--start-time`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A date and a time of day in the time zone of the source, or with an offset, which newer versions of DM take. It is kept as it was
/// written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartTime(String);

/// Why a text is no such moment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// It does not have the form.
    #[error("`{0}` is no time like `2026-01-31 08:00:00`")]
    Form(String),
    /// It has the form, and there is no such moment.
    #[error("`{text}` has no such {part}")]
    Range {
        /// The whole text.
        text: String,
        /// Which part of it.
        part: &'static str,
    },
}

impl StartTime {
    /// The text as it was written, which is what DM gets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StartTime {
    type Err = TimeError;

    /// Reads `YYYY-MM-DD HH:MM:SS`, with a blank or `T` in the middle, and an offset (`Z`, `+08:00`, `+0800`) behind it or none.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let form = || TimeError::Form(text.to_owned());
        let bytes = text.as_bytes();
        let shape = bytes.iter().take(19).map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte }).collect::<Vec<u8>>();
        if shape != b"0000-00-00 00:00:00" && shape != b"0000-00-00T00:00:00" {
            return Err(form());
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u32>().map_err(|_| form());
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let parts = [
            ("month", (1..=12).contains(&month)),
            ("day", (1..=days(year, month)).contains(&day)),
            ("hour", number(11, 13)? < 24),
            ("minute", number(14, 16)? < 60),
            ("second", number(17, 19)? < 60),
        ];
        if let Some((part, _)) = parts.into_iter().find(|(_, fits)| !fits) {
            return Err(TimeError::Range { text: text.to_owned(), part });
        }
        let offset: Vec<u8> = bytes[19..].iter().map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte }).collect();
        match offset.as_slice() {
            b"" | b"Z" | b"+00:00" | b"-00:00" | b"+0000" | b"-0000" => Ok(Self(text.to_owned())),
            _ => Err(form()),
        }
    }
}

const fn days(year: u32, month: u32) -> u32 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for StartTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_time_and_what_is_none() {
        for text in [
            "2026-01-31 08:00:00",
            "2026-01-31T08:00:00",
            "2024-02-29 23:59:59Z",
            "2026-01-31T08:00:00+0530",
            "2026-01-31 08:00:00-08:00",
        ] {
            assert_eq!(text.parse::<StartTime>().map(|time| time.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "now",
            "2026-01-31",
            "2026-1-31 8:00:00",
            "2026-01-31 08:00",
            "2026-01-31 08:00:00.5",
            "2026-01-31 08:00:00 UTC",
            "\u{664}026-01-31 08:00:00",
        ] {
            assert_eq!(text.parse::<StartTime>(), Err(TimeError::Form(text.to_owned())), "{text}");
        }
        for (text, part) in [
            ("2026-13-31 08:00:00", "month"),
            ("2026-02-29 08:00:00", "day"),
            ("1900-02-29 08:00:00", "day"),
            ("2026-04-31 08:00:00", "day"),
            ("2026-01-31 24:00:00", "hour"),
            ("2026-01-31 08:60:00", "minute"),
            ("2026-01-31 08:00:60", "second"),
        ] {
            assert_eq!(text.parse::<StartTime>(), Err(TimeError::Range { text: text.to_owned(), part }));
        }
    }
}
