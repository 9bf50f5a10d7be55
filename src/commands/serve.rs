//! `dmctl serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};

/// How to serve.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl serve\n  dmctl serve --addr 127.0.0.1:9000 --data-dir ./dm --workers 8")]
pub struct Serve {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8261")]
    pub addr: SocketAddr,
    /// Where to keep what must outlive it; a folder of its own in the data folder of the user unless it is given
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// How many sources it can serve
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub workers: u16,
    /// Let in whoever is on this machine, without a token
    #[arg(long)]
    pub no_token: bool,
}
