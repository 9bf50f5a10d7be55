//! Quantities as a person reads them.

use std::time::Duration;

/// Bytes with a binary unit: `512 B`, `1.5 GiB`.
#[must_use]
pub fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = bytes.max(0.0);
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{value:.0} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Seconds as `5s`, `3m20s`, `2h05m`, `4d02h`.
#[must_use]
pub fn seconds(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m{:02}s", seconds % 60),
        3600..86400 => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{:02}h", hours % 24),
    }
}

/// A time span, to the second.
#[must_use]
pub fn duration(duration: Duration) -> String {
    seconds(duration.as_secs())
}

/// A share of one as a percentage: `41.0%`.
#[must_use]
pub fn share(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// A share of one as a bar of 30 columns: `[#########---------------------]`. It is full only when all is done.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 1")]
pub fn bar(share: f64) -> String {
    let full = (share.clamp(0.0, 1.0) * 30.0).floor() as usize;
    format!("[{}{}]", "#".repeat(full), "-".repeat(30 - full))
}

/// `1 source`, `2 sources`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        assert_eq!(bytes(0.0), "0 B");
        assert_eq!(bytes(1023.0), "1023 B");
        assert_eq!(bytes(1_610_612_736.0), "1.5 GiB");
        assert_eq!([0, 59, 60, 3599, 3600, 86400, 93600].map(seconds), ["0s", "59s", "1m00s", "59m59s", "1h00m", "1d00h", "1d02h"]);
        assert_eq!(share(0.41), "41.0%");
        assert_eq!(bar(0.41), "[############------------------]");
        assert_eq!([bar(0.999), bar(1.0), bar(7.0)].map(|bar| bar.matches('#').count()), [29, 30, 30]);
        assert_eq!((count(1, "task"), count(0, "task")), ("1 task".to_owned(), "0 tasks".to_owned()));
    }
}
