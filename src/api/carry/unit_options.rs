//! How the units of a task work. A file may say so for each source, REST once for all.

use std::fmt::Display;

use super::keys::Losses;
use super::{ClusterFacts, copies, instances, syncs, text};
use crate::model::duration::GoDuration;
use crate::model::file::{Given, Named, Place, Span};
use crate::model::task_file::{Instance, Loader, Mydumper, Syncer, TaskFile, Validator};
use crate::wire::openapi::{FullBody, IncrementalBody};

/// What is sent of the units.
pub(super) struct Units {
    pub(super) full: FullBody,
    pub(super) incremental: IncrementalBody,
    pub(super) on_duplicate: String,
}

/// A unit's section of an instance: under its name, inline, or the defaults.
struct Unit<'a, T> {
    section: Option<&'a T>,
    /// The way to the section.
    way: String,
    /// Where the instance names it.
    place: Place,
}

impl<'a, T> Unit<'a, T> {
    fn of(
        number: usize,
        list: &str,
        named: &'a Option<Given<Named<T>>>,
        name: &'a Option<Given<String>>,
        inline: (&str, &'a Option<Given<T>>),
    ) -> Self {
        let instance = format!("mysql-instances[{number}]");
        let found = named.as_ref().and_then(|named| named.value.get(text(name)));
        match (name, found, inline.1) {
            (Some(name), Some(section), _) if !name.value.is_empty() => {
                Self { section: Some(&section.value), way: format!("{list}.{}", name.value), place: name.key }
            }
            (_, _, Some(section)) => {
                Self { section: Some(&section.value), way: format!("{instance}.{}", inline.0), place: section.key }
            }
            _ => Self { section: None, way: instance, place: Place::START },
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.way)
    }
}

/// A value that REST has once: the first source's, which those of the others must equal.
struct Once<V>(Option<V>);

impl<V: PartialEq + Display> Once<V> {
    /// Takes the value of the next source.
    fn take(&mut self, losses: &mut Losses, value: V, place: Place, key: String) {
        match &self.0 {
            None => self.0 = Some(value),
            Some(first) if *first == value => {}
            Some(first) => losses.add(place, key, format!("all sources get `{first}`, which the first one has, and not `{value}`")),
        }
    }
}

/// A value with the place to blame, or what DM sets.
fn value<T: Clone>(given: Option<&Given<T>>, default: T, fallback: Place) -> (T, Place) {
    given.map_or((default, fallback), |given| (given.value.clone(), given.key))
}

pub(super) fn carry(file: &TaskFile, facts: &ClusterFacts, losses: &mut Losses) -> Units {
    let mut dump = Dumps::default();
    let mut load = Loads::default();
    let mut sync = Syncs::default();
    for (number, instance) in instances(file).enumerate() {
        // What the mode never looks at is carried as far as there are fields, and is no loss.
        let mut unimportant = Losses::default();
        let of_copy = if copies(file) { &mut *losses } else { &mut unimportant };
        dump.take(number, file, instance, of_copy);
        load.take(number, file, instance, facts, of_copy);
        let of_sync = if syncs(file) { &mut *losses } else { &mut unimportant };
        sync.take(number, file, instance, of_sync);
        validator(number, file, instance, of_sync);
    }
    let physical = facts.is_at_least(7, 6);
    let set = |value: Option<String>| value.filter(|value| physical && !value.is_empty());
    let on_duplicate = load.on_duplicate_logical.0.unwrap_or_else(|| "replace".to_owned());
    let full = FullBody {
        export_threads: dump.threads.0,
        consistency: dump.consistency.0.filter(|consistency| !consistency.is_empty()),
        import_threads: load.pool_size.0,
        data_dir: load.dir.0,
        import_mode: set(load.import_mode.0),
        on_duplicate_logical: set(Some(on_duplicate.clone())),
        on_duplicate_physical: set(load.on_duplicate_physical.0),
        sorting_dir: set(load.sorting_dir.0),
        disk_quota: set(load.disk_quota.0.filter(|quota| quota != "0")),
        checksum: set(load.checksum.0),
        analyze: set(load.analyze.0),
        range_concurrency: load.range_concurrency.0.filter(|&count| physical && count != 0),
        compress_kv_pairs: set(load.compress_kv_pairs.0),
        pd_addr: set(load.pd_addr.0),
    };
    Units { full, incremental: IncrementalBody { repl_threads: sync.worker_count.0, repl_batch: sync.batch.0 }, on_duplicate }
}

macro_rules! once {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        struct $name { $($field: Once<$type>,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: Once(None),)* }
            }
        }
    };
}

once!(Dumps { threads: i64, consistency: String });

impl Dumps {
    fn take(&mut self, number: usize, file: &TaskFile, instance: &Instance, losses: &mut Losses) {
        let unit = Unit::of(number, "mydumpers", &file.mydumpers, &instance.mydumper_config_name, ("mydumper", &instance.mydumper));
        let own: Option<&Mydumper> = unit.section;
        let (threads, place, key) = thread(&instance.mydumper_thread, number, "mydumper-thread").unwrap_or_else(|| {
            let (threads, place) = value(own.and_then(|own| own.threads.as_ref()), 4, unit.place);
            (threads, place, unit.key("threads"))
        });
        self.threads.take(losses, threads, place, key);
        let (arguments, place) = value(own.and_then(|own| own.extra_args.as_ref()), String::new(), unit.place);
        let consistency = consistency(&arguments).unwrap_or_else(|| {
            losses.add(place, unit.key("extra-args"), "only `--consistency` has a field");
            String::new()
        });
        self.consistency.take(losses, consistency, place, unit.key("extra-args"));
        if let Some(own) = own {
            losses.unless(&own.chunk_filesize, unit.key("chunk-filesize"), &["64".to_owned(), String::new()]);
            losses.unless(&own.statement_size, unit.key("statement-size"), &[0]);
            losses.unless(&own.rows, unit.key("rows"), &[0]);
            losses.unless(&own.condition, unit.key("where"), &[String::new()]);
            losses.unless(&own.skip_tz_utc, unit.key("skip-tz-utc"), &[true]);
        }
    }
}

/// The consistency that extra arguments ask for, and nothing else; empty for none.
fn consistency(arguments: &str) -> Option<String> {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let word = match words.as_slice() {
        [] => "",
        ["--consistency", word] => word,
        [word] => word.strip_prefix("--consistency=")?,
        _ => return None,
    };
    matches!(word, "" | "auto" | "none" | "flush" | "lock" | "snapshot").then(|| word.to_owned())
}

/// A thread count of the instance itself, which counts more than that of the section.
fn thread(given: &Option<Given<i64>>, number: usize, key: &str) -> Option<(i64, Place, String)> {
    let given = given.as_ref().filter(|given| given.value != 0)?;
    Some((given.value, given.key, format!("mysql-instances[{number}].{key}")))
}

once!(Loads {
    pool_size: i64,
    dir: String,
    import_mode: String,
    on_duplicate_logical: String,
    on_duplicate_physical: String,
    sorting_dir: String,
    disk_quota: String,
    checksum: String,
    analyze: String,
    range_concurrency: i64,
    compress_kv_pairs: String,
    pd_addr: String,
});

impl Loads {
    fn take(&mut self, number: usize, file: &TaskFile, instance: &Instance, facts: &ClusterFacts, losses: &mut Losses) {
        let unit = Unit::of(number, "loaders", &file.loaders, &instance.loader_config_name, ("loader", &instance.loader));
        let nothing = Loader::default();
        let own: &Loader = unit.section.unwrap_or(&nothing);
        let (pool_size, place, key) = thread(&instance.loader_thread, number, "loader-thread").unwrap_or_else(|| {
            let (pool_size, place) = value(own.pool_size.as_ref().filter(|given| given.value != 0), 16, unit.place);
            (pool_size, place, unit.key("pool-size"))
        });
        self.pool_size.take(losses, pool_size, place, key);
        let (dir, place) = value(own.dir.as_ref(), "./dumped_data".to_owned(), unit.place);
        // What DM fills in where nothing is said, and shows as if it had been said.
        let filled_in = format!("{dir}.{}.sorting", text(&file.name));
        self.dir.take(losses, dir, place, unit.key("dir"));
        let older = own.on_duplicate.as_ref().filter(|given| !given.value.is_empty() && !facts.is_at_least(7, 0));
        let logical = own.on_duplicate_logical.as_ref().filter(|given| !given.value.is_empty()).or(older);
        let physical = facts.is_at_least(7, 6);
        let mut word = |once: &mut Once<String>, given: Option<&Given<String>>, key: &str, default: &str, since: bool| {
            let given = given.filter(|given| !given.value.is_empty());
            let (mut word, place) = value(given, default.to_owned(), unit.place);
            if !matches!(key, "sorting-dir-physical" | "disk-quota-physical" | "compress-kv-pairs" | "pd-addr") {
                word = word.to_lowercase();
            }
            if key == "import-mode" && matches!(word.as_str(), "sql" | "loader") {
                "logical".clone_into(&mut word);
            }
            if since && !physical && word != default {
                losses.add(place, unit.key(key), "the REST API has it since version 7.6");
            }
            once.take(losses, word, place, unit.key(key));
        };
        word(&mut self.on_duplicate_logical, logical, "on-duplicate-logical", "replace", false);
        word(&mut self.import_mode, own.import_mode.as_ref(), "import-mode", "logical", true);
        word(&mut self.on_duplicate_physical, own.on_duplicate_physical.as_ref(), "on-duplicate-physical", "none", true);
        let sorting_dir = own.sorting_dir_physical.as_ref().filter(|given| given.value != filled_in);
        word(&mut self.sorting_dir, sorting_dir, "sorting-dir-physical", "", true);
        let disk_quota = own.disk_quota_physical.as_ref().map(|given| at(given, &given.value.0));
        word(&mut self.disk_quota, disk_quota.as_ref(), "disk-quota-physical", "0", true);
        word(&mut self.checksum, own.checksum_physical.as_ref(), "checksum-physical", "required", true);
        word(&mut self.analyze, own.analyze.as_ref(), "analyze", "optional", true);
        word(&mut self.compress_kv_pairs, own.compress_kv_pairs.as_ref(), "compress-kv-pairs", "", true);
        word(&mut self.pd_addr, own.pd_addr.as_ref(), "pd-addr", "", true);
        let (ranges, place) = value(own.range_concurrency.as_ref(), 0, unit.place);
        if ranges != 0 && !physical {
            losses.add(place, unit.key("range-concurrency"), "the REST API has it since version 7.6");
        }
        self.range_concurrency.take(losses, ranges, place, unit.key("range-concurrency"));
    }
}

once!(Syncs { worker_count: i64, batch: i64 });

impl Syncs {
    fn take(&mut self, number: usize, file: &TaskFile, instance: &Instance, losses: &mut Losses) {
        let unit = Unit::of(number, "syncers", &file.syncers, &instance.syncer_config_name, ("syncer", &instance.syncer));
        let own: Option<&Syncer> = unit.section;
        let (workers, place, key) = thread(&instance.syncer_thread, number, "syncer-thread").unwrap_or_else(|| {
            let (workers, place) = value(own.and_then(|own| own.worker_count.as_ref()), 16, unit.place);
            (workers, place, unit.key("worker-count"))
        });
        self.worker_count.take(losses, workers, place, key);
        let (batch, place) = value(own.and_then(|own| own.batch.as_ref()), 100, unit.place);
        self.batch.take(losses, batch, place, unit.key("batch"));
        if let Some(own) = own {
            losses.unless(&own.queue_size, unit.key("queue-size"), &[1024, 0]);
            losses.unless(&own.checkpoint_flush_interval, unit.key("checkpoint-flush-interval"), &[30, 0]);
            losses.unless(&own.compact, unit.key("compact"), &[false]);
            losses.unless(&own.multiple_rows, unit.key("multiple-rows"), &[false]);
            losses.unless(&own.safe_mode, unit.key("safe-mode"), &[false]);
            duration(own.safe_mode_duration.as_ref(), unit.key("safe-mode-duration"), "60s", losses);
        }
    }
}

/// The same place with another value.
fn at<T>(given: &Given<T>, text: &str) -> Given<String> {
    Given { value: text.to_owned(), place: given.place, key: given.key }
}

fn span(given: &Option<Given<Span>>) -> Option<Given<String>> {
    given.as_ref().map(|given| at(given, &given.value.0))
}

fn duration(given: Option<&Given<String>>, key: String, set: &str, losses: &mut Losses) {
    let same = |given: &&Given<String>| given.value.is_empty() || given.value.parse::<GoDuration>().ok() == set.parse().ok();
    if let Some(given) = given.filter(|given| !same(given)) {
        losses.add(given.key, key, format!("DM sets `{set}`"));
    }
}

/// Validation can't be set up at all.
fn validator(number: usize, file: &TaskFile, instance: &Instance, losses: &mut Losses) {
    let unit = Unit::of(number, "validators", &file.validators, &instance.validator_config_name, ("", &None));
    let own: Option<&Validator> = unit.section;
    let Some(own) = own else {
        return;
    };
    losses.unless(&own.mode, unit.key("mode"), &["none".to_owned(), String::new()]);
    losses.unless(&own.worker_count, unit.key("worker-count"), &[4, 0]);
    duration(span(&own.validate_interval).as_ref(), unit.key("validate-interval"), "10s", losses);
    duration(span(&own.check_interval).as_ref(), unit.key("check-interval"), "5s", losses);
    duration(span(&own.row_error_delay).as_ref(), unit.key("row-error-delay"), "30m", losses);
    duration(span(&own.meta_flush_interval).as_ref(), unit.key("meta-flush-interval"), "5m", losses);
    losses.unless(&own.batch_query_size, unit.key("batch-query-size"), &[100, 0]);
    losses.unless(&own.max_pending_row_size, unit.key("max-pending-row-size"), &["500m".to_owned(), String::new()]);
    losses.unless(&own.max_pending_row_count, unit.key("max-pending-row-count"), &[2_147_483_647, 0]);
}
