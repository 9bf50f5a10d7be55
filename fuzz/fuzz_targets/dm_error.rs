#![no_main]
//! Whatever DM writes comes apart into a message that is not lost.

use dmctl::model::DmError;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let error = DmError::parse(text);
    assert!(error.message.len() <= text.len());
    // Nothing that begins like DM's own form may swallow a whole text.
    if error.code.is_none() && !text.contains("%!(EXTRA") {
        assert_eq!(error.message, text.trim());
    }
    for error in DmError::parse_lines(text) {
        assert!(error.gist().len() <= error.message.len());
    }
});
