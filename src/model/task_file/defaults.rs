//! What DM makes of a task file: the defaults, and which rules and units count for which source.

use super::super::duration::GoDuration;
use super::super::file::{Database, EventRule, Given, defaults};
use super::{Experimental, ExpressionFilter, Instance, Loader, Mydumper, Route, Syncer, Tables, TaskFile, Validator};

/// Which tables are copies of gh-ost and pt, where no rule says otherwise.
pub const SHADOW_TABLES: &str = "^_(.+)_(?:new|gho)$";

/// Which tables are leavings of gh-ost and pt, where no rule says otherwise.
pub const TRASH_TABLES: &str = "^_(.+)_(?:ghc|del|old)$";

defaults!(TaskFile {
    /// The name of the task.
    name: text = "",
    /// The mode: one of DM's words.
    task_mode: text = "",
    /// Whether the optimistic mode refuses tables that drift apart.
    strict_optimistic_shard_mode: flag = false,
    /// Where DM keeps its books.
    meta_schema: text_or = "dm_meta",
    /// The time zone; empty for the target's.
    timezone: text = "",
    /// Whether patterns tell capital letters from small ones.
    case_sensitive: flag = false,
    /// How collations of new tables are taken over.
    collation_compatible: text_or = "loose",
    /// Whether the dump is removed when it is loaded.
    clean_dump_file: flag = true,
});

impl TaskFile {
    /// How DDL of sharded tables is brought together; none for tables that are not sharded.
    #[must_use]
    pub fn shard_mode(&self) -> Option<&str> {
        let mode = self.shard_mode.as_ref().map(|mode| mode.value.as_str()).filter(|mode| !mode.is_empty());
        mode.or_else(|| self.is_sharding.as_ref().is_some_and(|is| is.value).then_some("pessimistic"))
    }

    /// Whether the tables of gh-ost and pt are understood. The older key counts more.
    #[must_use]
    pub fn online_ddl(&self) -> bool {
        let scheme = self.online_ddl_scheme.as_ref().is_some_and(|scheme| !scheme.value.is_empty());
        scheme || self.online_ddl.as_ref().is_none_or(|given| given.value)
    }

    /// Which tables are copies of gh-ost and pt.
    #[must_use]
    pub fn shadow_table_rules(&self) -> Vec<&str> {
        or_default(self.shadow_table_rules.as_ref(), SHADOW_TABLES)
    }

    /// Which tables are leavings of gh-ost and pt.
    #[must_use]
    pub fn trash_table_rules(&self) -> Vec<&str> {
        or_default(self.trash_table_rules.as_ref(), TRASH_TABLES)
    }

    /// Whether the place is noted while changes go on.
    #[must_use]
    pub fn async_checkpoint_flush(&self) -> bool {
        self.experimental.as_ref().is_some_and(|experimental| experimental.value.async_checkpoint_flush())
    }

    /// The target; nothing is known of one that is missing.
    #[must_use]
    pub fn target(&self) -> Option<&Database> {
        self.target_database.as_ref().map(|target| &target.value)
    }

    /// The sources of the task.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.mysql_instances.iter().flat_map(|instances| &instances.value).map(|instance| &instance.value)
    }

    /// The routes of a source, with their names.
    #[must_use]
    pub fn routes_of<'a>(&'a self, instance: &'a Instance) -> Vec<(&'a str, &'a Route)> {
        named(instance.route_rules.as_ref(), |name| self.routes.as_ref()?.value.get(name).map(|given| &given.value))
    }

    /// The event filters of a source, with their names.
    #[must_use]
    pub fn filters_of<'a>(&'a self, instance: &'a Instance) -> Vec<(&'a str, &'a EventRule)> {
        named(instance.filter_rules.as_ref(), |name| self.filters.as_ref()?.value.get(name).map(|given| &given.value))
    }

    /// The expression filters of a source, with their names.
    #[must_use]
    pub fn expression_filters_of<'a>(&'a self, instance: &'a Instance) -> Vec<(&'a str, &'a ExpressionFilter)> {
        let find = |name: &str| self.expression_filter.as_ref()?.value.get(name).map(|given| &given.value);
        named(instance.expression_filters.as_ref(), find)
    }

    /// The allow list of a source; without one, everything is copied. The older keys count where the newer ones are empty.
    #[must_use]
    pub fn allow_list_of<'a>(&'a self, instance: &'a Instance) -> Option<&'a Tables> {
        let written =
            |name: &'a Option<Given<String>>| name.as_ref().map(|name| name.value.as_str()).filter(|name| !name.is_empty());
        let name = written(&instance.block_allow_list).or_else(|| written(&instance.black_white_list))?;
        let list = self.block_allow_list.as_ref().filter(|list| !list.value.is_empty()).or(self.black_white_list.as_ref())?;
        list.value.get(name).map(|tables| &tables.value)
    }

    /// How the dump of a source is made.
    #[must_use]
    pub fn mydumper_of(&self, instance: &Instance) -> Mydumper {
        let named = self.mydumpers.as_ref().zip(name(instance.mydumper_config_name.as_ref()));
        let named = named.and_then(|(units, name)| units.value.get(name));
        let mut unit = named.or(instance.mydumper.as_ref()).map_or_else(Mydumper::default, |unit| unit.value.clone());
        if let Some(threads) = thread(instance.mydumper_thread.as_ref()) {
            unit.threads = Some(threads);
        }
        unit
    }

    /// How the dump of a source is loaded.
    #[must_use]
    pub fn loader_of(&self, instance: &Instance) -> Loader {
        let named = self.loaders.as_ref().zip(name(instance.loader_config_name.as_ref()));
        let named = named.and_then(|(units, name)| units.value.get(name));
        let mut unit = named.or(instance.loader.as_ref()).map_or_else(Loader::default, |unit| unit.value.clone());
        if let Some(threads) = thread(instance.loader_thread.as_ref()) {
            unit.pool_size = Some(threads);
        }
        unit
    }

    /// How the binlog of a source is applied.
    #[must_use]
    pub fn syncer_of(&self, instance: &Instance) -> Syncer {
        let named = self.syncers.as_ref().zip(name(instance.syncer_config_name.as_ref()));
        let named = named.and_then(|(units, name)| units.value.get(name));
        let mut unit = named.or(instance.syncer.as_ref()).map_or_else(Syncer::default, |unit| unit.value.clone());
        if let Some(threads) = thread(instance.syncer_thread.as_ref()) {
            unit.worker_count = Some(threads);
        }
        unit
    }

    /// How the target is compared with a source.
    #[must_use]
    pub fn validator_of(&self, instance: &Instance) -> Validator {
        let named = self.validators.as_ref().zip(name(instance.validator_config_name.as_ref()));
        named.and_then(|(units, name)| units.value.get(name)).map_or_else(Validator::default, |unit| unit.value.clone())
    }
}

fn or_default<'a>(rules: Option<&'a Given<Vec<Given<String>>>>, default: &'static str) -> Vec<&'a str> {
    let rules: Vec<&str> = rules.iter().flat_map(|rules| &rules.value).map(|rule| rule.value.as_str()).collect();
    if rules.is_empty() { vec![default] } else { rules }
}

fn name(given: Option<&Given<String>>) -> Option<&str> {
    given.map(|given| given.value.as_str()).filter(|name| !name.is_empty())
}

fn thread(given: Option<&Given<i64>>) -> Option<Given<i64>> {
    given.filter(|given| given.value != 0).cloned()
}

fn named<'a, T>(names: Option<&'a Given<Vec<Given<String>>>>, find: impl Fn(&str) -> Option<&'a T>) -> Vec<(&'a str, &'a T)> {
    let names = names.iter().flat_map(|names| &names.value).map(|name| name.value.as_str());
    names.filter_map(|name| find(name).map(|found| (name, found))).collect()
}

defaults!(Instance {
    /// The name of the source.
    source_id: text = "",
});

defaults!(Mydumper {
    /// Nothing runs it any more.
    mydumper_path: text = "./bin/mydumper",
    /// How many threads read.
    threads: number = 4,
    /// The size of a file, in MB or with a unit.
    chunk_filesize: text_or = "64",
    /// Which rows, as an SQL condition.
    condition: text = "",
    /// Whether times are dumped as they are.
    skip_tz_utc: flag = true,
    /// Further options.
    extra_args: text = "",
});

defaults!(Loader {
    /// How many threads write.
    pool_size: number_or = 16,
    /// The folder of the dump, to which DM adds the name of the task.
    dir: text = "./dumped_data",
    /// The folder in which the physical import sorts; empty for one beside `dir`.
    sorting_dir_physical: text = "",
    /// How many ranges the physical import writes at once; 0 for DM's choice.
    range_concurrency: number = 0,
    /// How the physical import compresses what it sends.
    compress_kv_pairs: text = "",
    /// The address of PD; empty for the one that the target tells.
    pd_addr: text = "",
});

impl Loader {
    /// `logical` or `physical`.
    #[must_use]
    pub fn import_mode(&self) -> String {
        match small(self.import_mode.as_ref(), "logical") {
            old if matches!(old.as_str(), "sql" | "loader") => "logical".to_owned(),
            mode => mode,
        }
    }

    /// What the logical import does with a row that is there already: `replace`, `error` or `ignore`.
    #[must_use]
    pub fn on_duplicate_logical(&self) -> String {
        small(self.on_duplicate_logical.as_ref(), "replace")
    }

    /// What the physical import does with such a row: `none` or `manual`.
    #[must_use]
    pub fn on_duplicate_physical(&self) -> String {
        small(self.on_duplicate_physical.as_ref(), "none")
    }

    /// Whether checksums are compared: `required`, `optional` or `off`.
    #[must_use]
    pub fn checksum_physical(&self) -> String {
        small(self.checksum_physical.as_ref(), "required")
    }

    /// Whether the tables are analyzed: `required`, `optional` or `off`.
    #[must_use]
    pub fn analyze(&self) -> String {
        small(self.analyze.as_ref(), "optional")
    }

    /// How much of the disk the physical import takes, as written; `0` for all.
    #[must_use]
    pub fn disk_quota_physical(&self) -> &str {
        self.disk_quota_physical.as_ref().map_or("0", |given| given.value.0.as_str())
    }
}

fn small(given: Option<&Given<String>>, default: &str) -> String {
    name(given).unwrap_or(default).to_lowercase()
}

defaults!(Syncer {
    /// How many threads write.
    worker_count: number = 16,
    /// How many statements go into a transaction.
    batch: number = 100,
    /// How many changes wait for a thread.
    queue_size: number_or = 1024,
    /// How often the place is noted, in seconds.
    checkpoint_flush_interval: number_or = 30,
    /// Whether several changes of a row become one.
    compact: flag = false,
    /// Whether several rows go into one statement.
    multiple_rows: flag = false,
    /// Whether every change may be made twice.
    safe_mode: flag = false,
});

impl Syncer {
    /// How long every change may be made twice after a start. Where the key is not written it is a minute; where it is empty it is
    /// twice `checkpoint-flush-interval`.
    #[must_use]
    pub fn safe_mode_duration(&self) -> GoDuration {
        let seconds = |seconds: i64| GoDuration::from_nanoseconds(seconds.saturating_mul(1_000_000_000));
        match &self.safe_mode_duration {
            None => seconds(60),
            Some(given) if given.value.is_empty() => seconds(self.checkpoint_flush_interval().saturating_mul(2)),
            Some(given) => given.value.parse().unwrap_or_else(|_| seconds(60)),
        }
    }
}

defaults!(Validator {
    /// `none`, `fast` or `full`.
    mode: text_or = "none",
    /// How many threads compare.
    worker_count: number_or = 4,
    /// How often rows are compared.
    validate_interval: span_or = 10,
    /// How often changes are looked for.
    check_interval: span_or = 5,
    /// How long a row may differ before it is an error.
    row_error_delay: span_or = 30 * 60,
    /// How often the place is noted.
    meta_flush_interval: span_or = 5 * 60,
    /// How many rows are asked for at once.
    batch_query_size: number_or = 100,
    /// How much may wait to be compared.
    max_pending_row_size: text_or = "500m",
    /// How many rows may wait.
    max_pending_row_count: number_or = 2_147_483_647,
});

defaults!(Experimental {
    /// Whether the place is noted while changes go on.
    async_checkpoint_flush: flag = false,
});
