//! What DM makes of a source file.

use super::super::file::defaults;
use super::{Checker, Purge, SourceFile};

defaults!(SourceFile {
    /// The name of the source.
    source_id: text = "",
    /// Whether its tasks may run.
    enable: flag = true,
    /// Whether GTIDs tell where a task is.
    enable_gtid: flag = false,
    /// `mysql`, `mariadb`, or empty where DM finds it out.
    flavor: text = "",
    /// Whether a relay log is kept.
    enable_relay: flag = false,
    /// The folder of the relay log.
    relay_dir: text_or = "relay-dir",
    /// The binlog file with which the relay log begins.
    relay_binlog_name: text = "",
    /// The GTIDs behind which the relay log begins.
    relay_binlog_gtid: text = "",
    /// Whether patterns tell capital letters from small ones.
    case_sensitive: flag = false,
});

impl SourceFile {
    /// The id under which DM reads the binlog; zero for one that DM draws.
    #[must_use]
    pub fn server_id(&self) -> u32 {
        self.server_id.as_ref().map_or(0, |given| given.value)
    }

    /// When files of the relay log are removed.
    #[must_use]
    pub fn purge(&self) -> Purge {
        self.purge.as_ref().map_or_else(Purge::default, |given| given.value.clone())
    }

    /// Whether and when a task that was stopped by an error goes on by itself.
    #[must_use]
    pub fn checker(&self) -> Checker {
        self.checker.as_ref().map_or_else(Checker::default, |given| given.value.clone())
    }
}

defaults!(Purge {
    /// How often it is looked for files to remove, in seconds.
    interval: number = 3600,
    /// How old a file gets, in hours; 0 for ever.
    expires: number = 0,
    /// How much room is left on the disk, in GB.
    remain_space: number = 15,
});

defaults!(Checker {
    /// Whether at all.
    check_enable: flag = true,
    /// How long all must be well for the wait to become shorter.
    backoff_rollback: span = 5 * 60,
    /// The longest wait.
    backoff_max: span = 5 * 60,
});
