//! The file that describes a source: one upstream MySQL or MariaDB.

mod check;
mod defaults;

use super::file::{self, Anything, Configuration, Database, EventRule, Flaw, Given, Reading, Secret, Span, TlsFile, section};

section!(
    /// A source file with all keys that DM knows.
    SourceFile {
        /// Whether its tasks may run; `true` unless it says otherwise.
        "enable" => enable: bool,
        /// Whether GTIDs tell where a task is, and not files and offsets; `false` unless it says otherwise.
        "enable-gtid" => enable_gtid: bool,
        /// No longer looked at.
        "auto-fix-gtid" => auto_fix_gtid: bool,
        /// The folder of the relay log; `relay-dir` unless it says otherwise.
        "relay-dir" => relay_dir: String,
        /// No longer looked at.
        "meta-dir" => meta_dir: String,
        /// `mysql` or `mariadb`; DM finds it out unless it says so.
        "flavor" => flavor: String,
        /// No longer looked at.
        "charset" => charset: String,
        /// Whether a relay log is kept; `false` unless it says otherwise.
        "enable-relay" => enable_relay: bool,
        /// The binlog file with which the relay log begins.
        "relay-binlog-name" => relay_binlog_name: String,
        /// The GTIDs behind which the relay log begins.
        "relay-binlog-gtid" => relay_binlog_gtid: String,
        /// The name of the source.
        "source-id" => source_id: String,
        /// How it is reached.
        "from" => from: Database,
        /// When files of the relay log are removed.
        "purge" => purge: Purge,
        /// Whether and when a task that was stopped by an error goes on by itself.
        "checker" => checker: Checker,
        /// The id under which DM reads the binlog; zero for one that DM draws.
        "server-id" => server_id: u32,
        /// No longer looked at.
        "tracer" => tracer: Anything,
        /// Whether patterns tell capital letters from small ones; `false` unless it says otherwise.
        "case-sensitive" => case_sensitive: bool,
        /// Filters for all tasks of the source.
        "filters" => filters: Vec<Given<EventRule>>,
    }
);

section!(
    empty is zero;
    /// When files of the relay log are removed.
    Purge {
        /// How often it is looked for such files, in seconds; 3600 unless it says otherwise.
        "interval" => interval: i64,
        /// How old a file gets, in hours; 0, which is for ever, unless it says otherwise.
        "expires" => expires: i64,
        /// How much room is left on the disk, in GB; 15 unless it says otherwise.
        "remain-space" => remain_space: i64,
    }
);

section!(
    empty is zero;
    /// Whether and when a task that was stopped by an error goes on by itself.
    Checker {
        /// Whether at all; `true` unless it says otherwise.
        "check-enable" => check_enable: bool,
        /// How long all must be well for the wait to become shorter; `5m0s` unless it says otherwise.
        "backoff-rollback" => backoff_rollback: Span,
        /// The longest wait; `5m0s` unless it says otherwise.
        "backoff-max" => backoff_max: Span,
        /// Always `5s`, whatever it says.
        "check-interval" => check_interval: Span,
        /// Always `1s`, whatever it says.
        "backoff-min" => backoff_min: Span,
        /// Always `true`, whatever it says.
        "backoff-jitter" => backoff_jitter: bool,
        /// Always 2, whatever it says.
        "backoff-factor" => backoff_factor: f64,
    }
);

/// Reads a source file strictly.
///
/// # Errors
/// All that is wrong with it, in the order of the text.
pub fn read(text: &str) -> Result<SourceFile, Vec<Flaw>> {
    inspect(text).faultless()
}

/// Reads as much of a source file as can be read, with all that is wrong with it and all remarks.
#[must_use]
pub fn inspect(text: &str) -> Reading<SourceFile> {
    file::read_document(text, check::check)
}

impl Configuration for SourceFile {
    const WHAT: &'static str = "source file";

    fn inspect(text: &str) -> Reading<Self> {
        inspect(text)
    }

    fn to_yaml(&self) -> String {
        file::to_yaml(self)
    }

    fn has_masked_password(&self) -> bool {
        self.from.as_ref().is_some_and(|database| database.value.has_masked_password())
    }

    fn with_password(mut self, password: Secret) -> Self {
        if let Some(database) = &mut self.from {
            database.value.password = Some(Given::new(password));
        }
        self
    }

    fn tls_files(&self) -> Vec<TlsFile> {
        let security = self.from.as_ref().and_then(|database| database.value.security.as_ref());
        security.map_or_else(Vec::new, |security| security.value.files("from.security"))
    }

    fn put_tls_contents(&mut self, file: &TlsFile, contents: Vec<u8>) {
        if let Some(security) = self.from.as_mut().and_then(|database| database.value.security.as_mut()) {
            security.value.put_contents(file.kind, contents);
        }
    }

    fn unfold_base64(&mut self) -> bool {
        let security = self.from.as_mut().and_then(|database| database.value.security.as_mut());
        security.is_some_and(|security| security.value.unfold_base64())
    }
}
