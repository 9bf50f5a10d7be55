//! The part of a task that concerns one source.

use super::{Given, Loader, Mydumper, Syncer, section};

section!(
    /// One source of a task, with its own rules.
    Instance {
        /// The name of the source.
        "source-id" => source_id: String,
        /// Where an incremental task begins.
        "meta" => meta: Meta,
        /// Names in `filters`.
        "filter-rules" => filter_rules: Vec<Given<String>>,
        /// Refused since version 6.6.
        "column-mapping-rules" => column_mapping_rules: Vec<Given<String>>,
        /// Names in `routes`.
        "route-rules" => route_rules: Vec<Given<String>>,
        /// Names in `expression-filter`.
        "expression-filters" => expression_filters: Vec<Given<String>>,
        /// An older word for `block-allow-list`.
        "black-white-list" => black_white_list: String,
        /// A name in `block-allow-list`.
        "block-allow-list" => block_allow_list: String,
        /// A name in `mydumpers`.
        "mydumper-config-name" => mydumper_config_name: String,
        /// What `mydumper-config-name` would name.
        "mydumper" => mydumper: Mydumper,
        /// Counts more than `threads` of the dump; zero for nothing.
        "mydumper-thread" => mydumper_thread: i64,
        /// A name in `loaders`.
        "loader-config-name" => loader_config_name: String,
        /// What `loader-config-name` would name.
        "loader" => loader: Loader,
        /// Counts more than `pool-size` of the load; zero for nothing.
        "loader-thread" => loader_thread: i64,
        /// A name in `syncers`.
        "syncer-config-name" => syncer_config_name: String,
        /// What `syncer-config-name` would name.
        "syncer" => syncer: Syncer,
        /// Counts more than `worker-count` of the sync; zero for nothing.
        "syncer-thread" => syncer_thread: i64,
        /// A name in `validators`.
        "validator-config-name" => validator_config_name: String,
    }
);

section!(
    /// A place in the binlog of a source.
    Meta {
        /// The file.
        "binlog-name" => binlog_name: String,
        /// The offset in it.
        "binlog-pos" => binlog_pos: u32,
        /// The GTIDs behind which it is.
        "binlog-gtid" => binlog_gtid: String,
    }
);
