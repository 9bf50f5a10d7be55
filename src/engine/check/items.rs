//! The items of a check, and what was found of each.

use super::super::error::Fault;
use crate::model::DmError;
use crate::model::subtask::{CheckItem, CheckProblem};

/// An item. Where DM has one for it, the name is DM's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) name: &'static str,
    /// By this word `ignore-checking-items` leaves it out; none for what can't be left out.
    left_out_by: &'static str,
    description: &'static str,
}

const fn item(name: &'static str, left_out_by: &'static str, description: &'static str) -> Item {
    Item { name, left_out_by, description }
}

pub(super) const CONNECTION: Item = item("database connection check", "", "whether the database can be reached");
pub(super) const VERSION: Item = item("mysql_version", "version", "whether the version of the source is known");
pub(super) const SERVER_ID: Item = item("mysql_server_id", "server_id", "whether the source has a server id");
pub(super) const BINLOG: Item = item("mysql_binlog_enable", "binlog_enable", "whether the source has a binlog");
pub(super) const BINLOG_FORMAT: Item = item("mysql_binlog_format", "binlog_format", "whether the binlog has rows");
pub(super) const BINLOG_ROW_IMAGE: Item = item("mysql_binlog_row_image", "binlog_row_image", "whether the binlog has whole rows");
pub(super) const BINLOG_SCHEMAS: Item =
    item("binlog_do_db/binlog_ignore_db check", "binlog_db", "whether the binlog has all schemas of the task");
pub(super) const GTID: Item = item("mysql_gtid_mode", "binlog_enable", "whether the source has the GTIDs that its file wants");
pub(super) const ONLINE_DDL: Item =
    item("online ddl checker", "online_ddl", "whether a table is being altered by gh-ost or pt-osc");
pub(super) const DUMP_RIGHTS: Item =
    item("source db dump privilege checker", "dump_privilege", "whether the user may read the source");
pub(super) const REPLICATION_RIGHTS: Item =
    item("source db replication privilege checker", "replication_privilege", "whether the user may see and read the binlog");
pub(super) const SOURCE_CONNECTIONS: Item =
    item("dumper_conn_number_checker", "conn_number", "whether the source takes as many connections as the task opens");
pub(super) const TARGET_CONNECTIONS: Item =
    item("loader_conn_number_checker", "conn_number", "whether the target takes as many connections as the task opens");
pub(super) const TABLES: Item =
    item("table structure compatibility check", "table_schema", "whether the target can take the tables as they are");
pub(super) const TARGET_VERSION: Item =
    item("lightning_cluster_version", "downstream_version", "whether the version of the target is known");
pub(super) const TARGET_RIGHTS: Item =
    item("target db privilege checker", "target_privilege", "whether the user may write to the target");
pub(super) const EMPTY: Item =
    item("lightning_downstream_empty_table", "downstream_table_empty", "whether the tables of the target are empty");
pub(super) const WRITABLE: Item = item("target_read_only", "target_privilege", "whether the target lets the user write now");
pub(super) const SAME_SERVER: Item = item("same_server", "table_schema", "whether the task writes to what it reads");
pub(super) const LARGEST_ROW: Item = item("target_max_allowed_packet", "table_schema", "whether the target takes the largest rows");
pub(super) const PRIMARY_KEY: Item =
    item("target_primary_key_required", "table_schema", "whether the target takes tables without a primary key");
pub(super) const NAMES: Item = item("lower_case_table_names", "table_schema", "whether both ends take capitals in names alike");

/// The words by which parts of the items about shards are left out.
pub(super) const SHARD_STRUCTURE: &str = "schema_of_shard_tables";
pub(super) const SHARD_KEYS: &str = "auto_increment_ID";

/// Collects what is found.
pub(super) struct Findings<'a> {
    ignored: &'a [String],
    pub(super) items: Vec<CheckItem>,
}

impl<'a> Findings<'a> {
    pub(super) const fn new(ignored: &'a [String]) -> Self {
        Self { ignored, items: Vec::new() }
    }

    /// Whether a word of `ignore-checking-items` is not there.
    pub(super) fn wants_word(&self, word: &str) -> bool {
        !self.ignored.iter().any(|ignored| ignored == "all" || ignored == word)
    }

    pub(super) fn wants(&self, item: Item) -> bool {
        self.wants_word(item.left_out_by)
    }

    /// Tells what was found in an item, or that all is well.
    pub(super) fn settle(&mut self, item: Item, about: &str, problems: Vec<CheckProblem>) {
        let (name, about) = (item.name.to_owned(), about.to_owned());
        self.take([CheckItem { name, description: item.description, about, problems }]);
    }

    /// The same for the answer to a question, which may have failed.
    pub(super) fn settle_asked(&mut self, item: Item, about: &str, asked: Result<Vec<CheckProblem>, Fault>) {
        self.settle(item, about, asked.unwrap_or_else(|fault| vec![unknown(fault)]));
    }

    /// Tells what can't be done at all.
    pub(super) fn broken(&mut self, item: Item, about: &str, fault: Fault) {
        self.settle(item, about, vec![CheckProblem { is_failure: true, ..unknown(fault) }]);
    }

    /// Takes items up; several sources of one server give some of them twice.
    pub(super) fn take(&mut self, items: impl IntoIterator<Item = CheckItem>) {
        for item in items {
            if !self.items.contains(&item) {
                self.items.push(item);
            }
        }
    }
}

/// What could not be asked.
pub(super) fn unknown(fault: Fault) -> CheckProblem {
    let error = DmError::from(fault);
    let message = error.cause.map_or(error.message.clone(), |cause| format!("{}: {cause}", error.message));
    CheckProblem::warning(message).cured_by(error.workaround.unwrap_or_default())
}
