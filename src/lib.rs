//! dmctl steers migrations from MySQL and MariaDB to TiDB, MySQL and MariaDB on a DM cluster.
//!
//! One line takes one way, whether it was typed as arguments, came through a pipe or was typed at the prompt:
//! [`words`] -> [`cli`] -> [`commands`] -> [`api`] -> [`wire`]; the answer comes back as an [`output::Reply`] or an [`exit::Failure`].
//! The DM that dmctl carries inside is the room [`cluster`].
//! Which room may import which is the table in `docs/architecture.md`; a test keeps it.

pub mod api;
pub mod app;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod complete;
pub mod engine;
pub mod exit;
pub mod local;
pub mod model;
pub mod output;
pub mod playground;
pub mod runner;
pub mod serve;
pub mod server;
pub mod session;
pub mod target;
pub mod wire;
pub mod words;
