//! Everything that is tested from outside: the built program, and the public pieces it is made of.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "one crate, nothing is public")]
#![allow(dead_code, reason = "the harness offers more than each test needs")]

mod carry;
mod cluster;
mod cluster_bodies;
mod cluster_change_rest;
mod cluster_change_rpc;
mod cluster_faults;
mod cluster_itself;
mod cluster_itself_lost;
mod cluster_itself_rpc;
mod cluster_refusals;
mod cluster_rpc;
mod cluster_schema;
mod cluster_script;
mod cluster_sources;
mod cluster_state;
mod cluster_status;
mod cluster_texts;
mod cluster_wire;
mod complete;
mod config;
mod decisions;
mod documents;
mod files;
mod files_bad;
mod files_documented;
mod harness;
mod lines;
mod lines_change;
mod lines_create;
mod lines_other;
mod lines_rest;
mod lines_task;
mod lost;
mod lost_cases;
mod masters;
mod masters_change;
mod output_file;
mod patience;
mod piped;
mod property_carry;
mod property_complete;
mod property_decisions;
mod property_duration;
mod property_files;
mod property_gtid;
mod property_position;
mod property_words;
mod pty;
mod questions;
mod recordings;
mod recordings_rpc;
mod recordings_wire;
mod rogue;
mod rogue_server;
mod rooms;
mod tls;
mod wait;
mod words_of_help;
