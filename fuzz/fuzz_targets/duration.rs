//! Any text and any number: what is shown reads back, and a sign turns the value round.

#![no_main]

use dmctl::model::duration::GoDuration;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, i64)| {
    let (text, nanoseconds) = input;
    let shown = GoDuration::from_nanoseconds(nanoseconds).to_string();
    assert_eq!(shown.parse(), Ok(GoDuration::from_nanoseconds(nanoseconds)));

    if let Ok(duration) = text.parse::<GoDuration>() {
        assert_eq!(duration.to_string().parse(), Ok(duration));
        assert_eq!(duration.to_std().is_none(), duration.nanoseconds() < 0);
        if !text.starts_with(['-', '+']) {
            let negative = format!("-{text}").parse::<GoDuration>().map(GoDuration::nanoseconds);
            assert_eq!(negative, Ok(-duration.nanoseconds()));
        }
    }
});
