//! Everything that is tested from outside: the built program, and the public pieces it is made of.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "one crate, nothing is public")]
#![allow(dead_code, reason = "the harness offers more than each test needs")]

mod documents;
mod harness;
mod property_duration;
mod property_gtid;
mod property_position;
mod property_words;
mod rooms;
mod words_of_help;
