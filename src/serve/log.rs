//! The log of a server: one entry a line on stderr, as `key=value` or as JSON.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::model::log::{Entry, Log};
use crate::output;

/// A log on stderr.
pub(super) fn to_stderr(as_json: bool) -> Log {
    Log::new(move |entry| output::log(&if as_json { json(&entry, &now()) } else { text(&entry, &now()) }))
}

/// The time, in UTC.
pub(super) fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}.{:03}Z", date(since.as_secs()), since.subsec_millis())
}

/// A moment by its seconds since 1970.
fn date(seconds: u64) -> String {
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970_u64;
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}T{:02}:{:02}:{:02}", days + 1, rest / 3600, rest % 3600 / 60, rest % 60)
}

fn text(entry: &Entry, time: &str) -> String {
    let mut line = format!("time={time} level={} msg={}", entry.level.word(), Value::from(entry.message.as_str()));
    for (key, value) in &entry.fields {
        let plain = !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "-_.:/[]".contains(c));
        let value = if plain { value.clone() } else { Value::from(value.as_str()).to_string() };
        line.push_str(&format!(" {key}={value}"));
    }
    line
}

fn json(entry: &Entry, time: &str) -> String {
    let mut line = Map::new();
    for (key, value) in [("time", time), ("level", entry.level.word()), ("msg", &entry.message)] {
        line.insert(key.to_owned(), value.into());
    }
    for (key, value) in &entry.fields {
        line.insert((*key).to_owned(), value.as_str().into());
    }
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::log::Level;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_767_225_599, "2025-12-31T23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00"),
        ] {
            assert_eq!(date(seconds), text);
        }
    }

    #[test]
    fn an_entry_is_one_line_in_either_form() {
        let fields = vec![("task", "shop".to_owned()), ("why", "two\nlines \"x\"".to_owned())];
        let entry = Entry { level: Level::Error, message: "it failed".to_owned(), fields };
        assert_eq!(text(&entry, "T"), "time=T level=error msg=\"it failed\" task=shop why=\"two\\nlines \\\"x\\\"\"");
        let read: Value = serde_json::from_str(&json(&entry, "T")).unwrap();
        assert_eq!((read["level"].as_str(), read["why"].as_str()), (Some("error"), Some("two\nlines \"x\"")));
    }
}
