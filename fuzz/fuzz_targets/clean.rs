#![no_main]
//! Nothing that a terminal obeys is left in any of the three forms, and JSON says the same as before.

use dmctl::output::clean;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    assert!(!clean::line(text).contains(clean::is_hostile));
    assert!(!clean::block(text).contains(|c| clean::is_hostile(c) && c != '\n' && c != '\t'));
    let json = serde_json::to_string(text).unwrap();
    let cleaned = clean::json(&json);
    assert!(!cleaned.contains(clean::is_hostile));
    assert_eq!(serde_json::from_str::<String>(&cleaned).unwrap(), text);
});
