//! How the units of a task work: dump, load, sync and validation.

use super::super::file::{Size, Span};
use super::section;

section!(
    /// How the dump is made.
    Mydumper {
        /// Nothing runs it any more, but it must not be empty; `./bin/mydumper` unless it says otherwise.
        "mydumper-path" => mydumper_path: String,
        /// How many threads read; 4 unless it says otherwise.
        "threads" => threads: i64,
        /// The size of a file, in MB or with a unit; 64 unless it says otherwise.
        "chunk-filesize" => chunk_filesize: String,
        /// The size of a statement in bytes.
        "statement-size" => statement_size: u64,
        /// How many rows a file has.
        "rows" => rows: u64,
        /// Which rows, as an SQL condition.
        "where" => condition: String,
        /// Whether times are dumped as they are; `true` unless it says otherwise.
        "skip-tz-utc" => skip_tz_utc: bool,
        /// Further options of the dump.
        "extra-args" => extra_args: String,
    }
);

section!(
    /// How the dump is loaded.
    Loader {
        /// How many threads write; 16 unless it says otherwise.
        "pool-size" => pool_size: i64,
        /// The folder of the dump; `./dumped_data` unless it says otherwise.
        "dir" => dir: String,
        /// The folder in which the physical import sorts.
        "sorting-dir-physical" => sorting_dir_physical: String,
        /// `logical` or `physical`; `logical` unless it says otherwise. `sql` and `loader` mean `logical`.
        "import-mode" => import_mode: String,
        /// No longer looked at; below version 7 an older word for `on-duplicate-logical`.
        "on-duplicate" => on_duplicate: String,
        /// What is done with a row that is there already: `replace`, `error` or `ignore`; `replace` unless it says otherwise.
        "on-duplicate-logical" => on_duplicate_logical: String,
        /// The same in the physical import: `none` or `manual`; `none` unless it says otherwise.
        "on-duplicate-physical" => on_duplicate_physical: String,
        /// How much of the disk the physical import takes, in bytes or with a unit; 0, which is all of it, unless it says otherwise.
        "disk-quota-physical" => disk_quota_physical: Size,
        /// Whether checksums are compared: `required`, `optional` or `off`; `required` unless it says otherwise.
        "checksum-physical" => checksum_physical: String,
        /// Whether the tables are analyzed: `required`, `optional` or `off`; `optional` unless it says otherwise.
        "analyze" => analyze: String,
        /// How many ranges the physical import writes at once; 0 for DM's choice.
        "range-concurrency" => range_concurrency: i64,
        /// How the physical import compresses what it sends.
        "compress-kv-pairs" => compress_kv_pairs: String,
        /// The address of PD; asked from the target unless it says otherwise.
        "pd-addr" => pd_addr: String,
    }
);

section!(
    /// How the binlog is applied.
    Syncer {
        /// No longer looked at.
        "meta-file" => meta_file: String,
        /// How many threads write; 16 unless it says otherwise.
        "worker-count" => worker_count: i64,
        /// How many statements go into a transaction; 100 unless it says otherwise.
        "batch" => batch: i64,
        /// How many changes wait for a thread; 1024 unless it says otherwise.
        "queue-size" => queue_size: i64,
        /// How often the place is noted, in seconds; 30 unless it says otherwise.
        "checkpoint-flush-interval" => checkpoint_flush_interval: i64,
        /// Whether several changes of a row become one; `false` unless it says otherwise.
        "compact" => compact: bool,
        /// Whether several rows go into one statement; `false` unless it says otherwise.
        "multiple-rows" => multiple_rows: bool,
        /// No longer looked at.
        "max-retry" => max_retry: i64,
        /// No longer looked at.
        "auto-fix-gtid" => auto_fix_gtid: bool,
        /// Taken from the source, whatever it says.
        "enable-gtid" => enable_gtid: bool,
        /// No longer looked at.
        "disable-detect" => disable_detect: bool,
        /// Whether every change may be made twice; `false` unless it says otherwise.
        "safe-mode" => safe_mode: bool,
        /// How long that is so after each start; twice `checkpoint-flush-interval` unless it says otherwise.
        "safe-mode-duration" => safe_mode_duration: String,
        /// No longer looked at.
        "enable-ansi-quotes" => enable_ansi_quotes: bool,
    }
);

section!(
    /// How the target is compared with the source.
    Validator {
        /// `none`, `fast` or `full`; `none` unless it says otherwise.
        "mode" => mode: String,
        /// How many threads compare; 4 unless it says otherwise.
        "worker-count" => worker_count: i64,
        /// How often rows are compared; `10s` unless it says otherwise.
        "validate-interval" => validate_interval: Span,
        /// How often changes are looked for; `5s` unless it says otherwise.
        "check-interval" => check_interval: Span,
        /// How long a row may differ before it is an error; `30m0s` unless it says otherwise.
        "row-error-delay" => row_error_delay: Span,
        /// How often the place is noted; `5m0s` unless it says otherwise.
        "meta-flush-interval" => meta_flush_interval: Span,
        /// How many rows are asked for at once; 100 unless it says otherwise.
        "batch-query-size" => batch_query_size: i64,
        /// How much may wait to be compared; `500m` unless it says otherwise.
        "max-pending-row-size" => max_pending_row_size: String,
        /// How many rows may wait; 2147483647 unless it says otherwise.
        "max-pending-row-count" => max_pending_row_count: i64,
    }
);

section!(
    /// What may change or go.
    Experimental {
        /// Whether the place is noted while changes go on; `false` unless it says otherwise.
        "async-checkpoint-flush" => async_checkpoint_flush: bool,
    }
);
