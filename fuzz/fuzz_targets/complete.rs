#![no_main]
//! At any cursor of any line: no panic, and what would be replaced is a part of the line.

use std::sync::OnceLock;

use dmctl::{cli, complete};
use libfuzzer_sys::fuzz_target;

static GRAMMAR: OnceLock<clap::Command> = OnceLock::new();

fuzz_target!(|input: (usize, &str)| {
    let (cursor, line) = input;
    let grammar = GRAMMAR.get_or_init(|| {
        let mut grammar = cli::grammar();
        grammar.build();
        grammar
    });
    if let Some(place) = complete::at(grammar, line, cursor % (line.len() + 1)) {
        assert!(line.get(place.span).is_some(), "{line:?} at {cursor}");
    }
});
