#![no_main]
//! Any line is understood, refused or shown a page; the parser never panics, and a refusal always says something.

use dmctl::{cli, words};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let Ok(words) = words::split(line).into_texts() else { return };
    let _format = cli::format_of(&words);
    if let Err(failure) = cli::parse(&words) {
        assert_eq!(failure.exit.number(), 2);
        assert!(!failure.message.is_empty(), "{words:?}");
    }
});
