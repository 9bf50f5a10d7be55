//! `dmctl relay purge`.

use clap::Args;

use super::super::unavailable;
use crate::exit::Failure;
use crate::model::SourceName;
use crate::model::position::BinlogName;
use crate::output::Reply;

/// What to purge.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl relay purge mysql-01 mysql-bin.000006\n  dmctl relay purge mysql-01 mysql-bin.000006 --sub-dir 2ae76434-f79f-11e8-bde2-0242ac130008.000001"
)]
pub struct Purge {
    /// The source
    #[arg(value_name = "SOURCE")]
    name: SourceName,
    /// Every relay log file before this one is removed
    #[arg(value_name = "BINLOG")]
    file: BinlogName,
    /// The folder of the relay log that the file is in (without it: the newest)
    #[arg(long, value_name = "FOLDER")]
    sub_dir: Option<String>,
}

impl Purge {
    pub(super) fn run(self) -> Result<Reply, Failure> {
        Err(unavailable("relay purge"))
    }
}
