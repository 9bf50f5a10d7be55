//! The file that describes a task: what is copied from which sources, how, and where to.

mod check;
mod check_instances;
mod check_rules;
mod check_units;
mod defaults;
mod instance;
mod rules;
mod units;

use super::file::{self, Configuration, Database, EventRule, Flaw, Given, Named, Reading, Secret, TlsFile, section};

pub use defaults::{SHADOW_TABLES, TRASH_TABLES};
pub use instance::{Instance, Meta};
pub use rules::{ColumnMapping, ExpressionFilter, ExtractSchema, ExtractSource, ExtractTable, Route, Table, Tables};
pub use units::{Experimental, Loader, Mydumper, Syncer, Validator};

section!(
    /// A task file with all keys that DM knows.
    TaskFile {
        /// The name of the task.
        "name" => name: String,
        /// `full`, `incremental`, `all`, `dump`, `load` or `load&sync`.
        "task-mode" => task_mode: String,
        /// Whether tables of several sources become one; `false` unless it says otherwise.
        "is-sharding" => is_sharding: bool,
        /// How DDL of such tables is brought together: `pessimistic` or `optimistic`. Either one turns `is-sharding` on.
        "shard-mode" => shard_mode: String,
        /// Whether the optimistic mode refuses tables that drift apart; `false` unless it says otherwise.
        "strict-optimistic-shard-mode" => strict_optimistic_shard_mode: bool,
        /// Checks that are left out before the task starts.
        "ignore-checking-items" => ignore_checking_items: Vec<Given<String>>,
        /// The schema of the target where DM keeps its books; `dm_meta` unless it says otherwise.
        "meta-schema" => meta_schema: String,
        /// No longer looked at.
        "enable-heartbeat" => enable_heartbeat: bool,
        /// No longer looked at.
        "heartbeat-update-interval" => heartbeat_update_interval: i64,
        /// No longer looked at.
        "heartbeat-report-interval" => heartbeat_report_interval: i64,
        /// The time zone of all sessions; the target's unless it says otherwise.
        "timezone" => timezone: String,
        /// Whether patterns tell capital letters from small ones; `false` unless it says otherwise.
        "case-sensitive" => case_sensitive: bool,
        /// `loose`, or `strict` for a collation in every `CREATE`; `loose` unless it says otherwise.
        "collation_compatible" => collation_compatible: String,
        /// How the target is reached.
        "target-database" => target_database: Database,
        /// The sources, each with its own rules.
        "mysql-instances" => mysql_instances: Vec<Given<Instance>>,
        /// Whether the tables of gh-ost and pt are understood; `true` unless it says otherwise.
        "online-ddl" => online_ddl: bool,
        /// Which tables are their copies; ``^_(.+)_(?:new|gho)$`` unless it says otherwise.
        "shadow-table-rules" => shadow_table_rules: Vec<Given<String>>,
        /// Which tables are their leavings; ``^_(.+)_(?:ghc|del|old)$`` unless it says otherwise.
        "trash-table-rules" => trash_table_rules: Vec<Given<String>>,
        /// An older word for `online-ddl`: `gh-ost` or `pt`.
        "online-ddl-scheme" => online_ddl_scheme: String,
        /// Which tables get another name.
        "routes" => routes: Named<Route>,
        /// Which events are left out.
        "filters" => filters: Named<EventRule>,
        /// Refused since version 6.6.
        "column-mappings" => column_mappings: Named<ColumnMapping>,
        /// Which rows are left out.
        "expression-filter" => expression_filter: Named<ExpressionFilter>,
        /// An older word for `block-allow-list`.
        "black-white-list" => black_white_list: Named<Tables>,
        /// Which schemas and tables are copied at all.
        "block-allow-list" => block_allow_list: Named<Tables>,
        /// How the dump is made.
        "mydumpers" => mydumpers: Named<Mydumper>,
        /// How the dump is loaded.
        "loaders" => loaders: Named<Loader>,
        /// How the binlog is applied.
        "syncers" => syncers: Named<Syncer>,
        /// How the target is compared with the source.
        "validators" => validators: Named<Validator>,
        /// Whether the dump is removed when it is loaded; `true` unless it says otherwise.
        "clean-dump-file" => clean_dump_file: bool,
        /// No longer looked at.
        "ansi-quotes" => ansi_quotes: bool,
        /// No longer looked at.
        "remove-meta" => remove_meta: bool,
        /// What may change or go.
        "experimental" => experimental: Experimental,
    }
);

/// Reads a task file strictly.
///
/// # Errors
/// All that is wrong with it, in the order of the text.
pub fn read(text: &str) -> Result<TaskFile, Vec<Flaw>> {
    inspect(text).faultless()
}

/// Reads as much of a task file as can be read, with all that is wrong with it and all remarks.
#[must_use]
pub fn inspect(text: &str) -> Reading<TaskFile> {
    file::read_document(text, check::check)
}

impl Configuration for TaskFile {
    const WHAT: &'static str = "task file";

    fn inspect(text: &str) -> Reading<Self> {
        inspect(text)
    }

    fn to_yaml(&self) -> String {
        file::to_yaml(self)
    }

    fn has_masked_password(&self) -> bool {
        self.target_database.as_ref().is_some_and(|database| database.value.has_masked_password())
    }

    fn with_password(mut self, password: Secret) -> Self {
        if let Some(database) = &mut self.target_database {
            database.value.password = Some(Given::new(password));
        }
        self
    }

    fn tls_files(&self) -> Vec<TlsFile> {
        let security = self.target_database.as_ref().and_then(|database| database.value.security.as_ref());
        security.map_or_else(Vec::new, |security| security.value.files("target-database.security"))
    }

    fn put_tls_contents(&mut self, file: &TlsFile, contents: Vec<u8>) {
        if let Some(security) = self.target_database.as_mut().and_then(|database| database.value.security.as_mut()) {
            security.value.put_contents(file.kind, contents);
        }
    }

    fn unfold_base64(&mut self) -> bool {
        let security = self.target_database.as_mut().and_then(|database| database.value.security.as_mut());
        security.is_some_and(|security| security.value.unfold_base64())
    }
}
