//! Durations against the tables of Go's own `src/time/time_test.go` (1.26), and their round trip.

use std::time::Duration;

use dmctl::model::duration::{DurationError, GoDuration};
use proptest::prelude::*;

const MICROSECOND: i64 = 1_000;
const MILLISECOND: i64 = 1_000 * MICROSECOND;
const SECOND: i64 = 1_000 * MILLISECOND;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

fn read(text: &str) -> Result<i64, DurationError> {
    text.parse().map(GoDuration::nanoseconds)
}

fn shown(nanoseconds: i64) -> String {
    GoDuration::from_nanoseconds(nanoseconds).to_string()
}

#[test]
fn texts_are_read_as_go_reads_them() {
    let cases = [
        ("0", 0),
        ("-0", 0),
        ("+0", 0),
        ("5s", 5 * SECOND),
        ("1478s", 1478 * SECOND),
        ("-5s", -5 * SECOND),
        ("+5s", 5 * SECOND),
        ("5.0s", 5 * SECOND),
        ("5.6s", 5 * SECOND + 600 * MILLISECOND),
        ("5.s", 5 * SECOND),
        (".5s", 500 * MILLISECOND),
        ("1.00s", SECOND),
        ("1.004s", SECOND + 4 * MILLISECOND),
        ("1.0040s", SECOND + 4 * MILLISECOND),
        ("100.00100s", 100 * SECOND + MILLISECOND),
        ("10ns", 10),
        ("11us", 11 * MICROSECOND),
        ("12\u{b5}s", 12 * MICROSECOND),
        ("12\u{3bc}s", 12 * MICROSECOND),
        ("13ms", 13 * MILLISECOND),
        ("14s", 14 * SECOND),
        ("15m", 15 * MINUTE),
        ("16h", 16 * HOUR),
        ("3h30m", 3 * HOUR + 30 * MINUTE),
        ("10.5s4m", 4 * MINUTE + 10 * SECOND + 500 * MILLISECOND),
        ("-2m3.4s", -(2 * MINUTE + 3 * SECOND + 400 * MILLISECOND)),
        ("1h2m3s4ms5us6ns", HOUR + 2 * MINUTE + 3 * SECOND + 4 * MILLISECOND + 5 * MICROSECOND + 6),
        ("39h9m14.425s", 39 * HOUR + 9 * MINUTE + 14 * SECOND + 425 * MILLISECOND),
        ("1s1s", 2 * SECOND),
        ("0.9ns", 0),
        ("52763797000ns", 52_763_797_000),
        // More decimals than 63 bits hold (golang.org/issue/6617, 15011).
        ("0.3333333333333333333h", 20 * MINUTE),
        ("0.100000000000000000000h", 6 * MINUTE),
        ("0.830103483285477580700h", 49 * MINUTE + 48 * SECOND + 372_539_827),
        // One more than a double can tell.
        ("9007199254740993ns", (1 << 53) + 1),
        ("9223372036854775807ns", i64::MAX),
        ("9223372036854775.807us", i64::MAX),
        ("9223372036s854ms775us807ns", i64::MAX),
        ("-9223372036854775808ns", i64::MIN),
        ("-9223372036854775.808us", i64::MIN),
        ("-9223372036s854ms775us808ns", i64::MIN),
        ("-2562047h47m16.854775808s", i64::MIN),
    ];
    for (text, nanoseconds) in cases {
        assert_eq!(read(text), Ok(nanoseconds), "{text}");
    }
}

#[test]
fn wrong_texts_say_why() {
    for text in ["", "-", "+", "s", ".", "-.", ".s", "+.s", "--5s", " 5s", "\u{fffd}", "\u{fffd} hello", "00 "] {
        let result = read(text);
        assert!(matches!(result, Err(DurationError::Form { .. } | DurationError::Unit { .. })), "{text:?}: {result:?}");
    }
    for text in ["3", "00", "1.5", "1h3", "1.5.5s"] {
        assert_eq!(read(text), Err(DurationError::NoUnit { text: text.to_owned() }));
    }
    for (text, unit) in [("1d", "d"), ("1S", "S"), ("5 s", " s"), ("1h-3m", "h-"), ("1s ", "s "), ("1sec2m", "sec")] {
        assert_eq!(read(text), Err(DurationError::Unit { unit: unit.to_owned(), text: text.to_owned() }));
    }
    let too_long = [
        "9223372036854775810ns",
        "9223372036854775808ns",
        "-9223372036854775809ns",
        "9223372036854776us",
        "3000000h",
        "9223372036854775.808us",
        "9223372036854ms775us808ns",
        "99999999999999999999h",
        // Go 1.26 wraps around here and reads zero.
        "9223372036854775808ns9223372036854775808ns",
    ];
    for text in too_long {
        assert_eq!(read(text), Err(DurationError::TooLong { text: text.to_owned() }));
    }
}

#[test]
fn durations_are_shown_as_go_shows_them() {
    let cases = [
        (0, "0s"),
        (1, "1ns"),
        (1100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (300 * MILLISECOND, "300ms"),
        (SECOND + 500 * MILLISECOND, "1.5s"),
        (3_300_000_000, "3.3s"),
        (MINUTE, "1m0s"),
        (90 * SECOND, "1m30s"),
        (4 * MINUTE + 5 * SECOND, "4m5s"),
        (4 * MINUTE + 5 * SECOND + MILLISECOND, "4m5.001s"),
        (HOUR, "1h0m0s"),
        (5 * HOUR + 6 * MINUTE + 7 * SECOND + MILLISECOND, "5h6m7.001s"),
        (8 * MINUTE + 1, "8m0.000000001s"),
        (-1100, "-1.1µs"),
        (-90 * SECOND, "-1m30s"),
        (i64::MAX, "2562047h47m16.854775807s"),
        (i64::MIN, "-2562047h47m16.854775808s"),
    ];
    for (nanoseconds, text) in cases {
        assert_eq!(shown(nanoseconds), text);
    }
}

#[test]
fn the_standard_duration_has_no_negative_ones() {
    assert_eq!(GoDuration::from_nanoseconds(1_500_000_000).to_std(), Some(Duration::from_millis(1500)));
    assert_eq!(GoDuration::default().to_std(), Some(Duration::ZERO));
    assert_eq!(GoDuration::from_nanoseconds(i64::MAX).to_std(), Some(Duration::from_nanos(i64::MAX.unsigned_abs())));
    assert_eq!(GoDuration::from_nanoseconds(-1).to_std(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_reads_back(nanoseconds in any::<i64>(), digits in 0_u32..63) {
        // The shift makes all magnitudes equally likely.
        let nanoseconds = nanoseconds >> digits;
        prop_assert_eq!(read(&shown(nanoseconds)), Ok(nanoseconds));
    }

    #[test]
    fn whole_units_add_up(
        hours in 0_i64..1_000_000, minutes in 0_i64..10_000, seconds in 0_i64..10_000, rest in 0_i64..10_000, negative in any::<bool>(),
    ) {
        let sign = if negative { "-" } else { "" };
        let text = format!("{sign}{rest}us{hours}h{seconds}s{minutes}m");
        let size = hours * HOUR + minutes * MINUTE + seconds * SECOND + rest * MICROSECOND;
        prop_assert_eq!(read(&text), Ok(if negative { -size } else { size }));
    }

    #[test]
    fn any_text_is_refused_or_reads_back(text in "[-+]?([0-9]{0,20}[.]?[0-9]{0,22}(ns|us|µs|ms|s|m|h|x| )?){0,4}") {
        if let Ok(duration) = text.parse::<GoDuration>() {
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
