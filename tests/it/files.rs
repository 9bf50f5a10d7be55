//! Task files and source files, read and written as DM does it.

use std::fs;
use std::path::Path;

use dmctl::model::file::{Configuration as _, FlawKind, Given};
use dmctl::model::{source_file, task_file};

/// The texts that DM v9.0.0-beta.1 showed for a task, as they were recorded.
fn recorded_tasks() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/godmctl.jsonl");
    let answers = fs::read_to_string(path).unwrap();
    let shown = answers.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let answer: serde_json::Value = serde_json::from_str(line["stdout"].as_str()?).ok()?;
        answer["cfg"].as_str().filter(|text| text.contains("task-mode")).map(str::to_owned)
    });
    shown.collect()
}

#[test]
fn what_dm_shows_is_read_and_written_again() {
    let shown = recorded_tasks();
    assert!(!shown.is_empty());
    for text in shown {
        let file = task_file::read(&text).unwrap();
        assert_eq!(file.mysql_instances.as_ref().unwrap().value.len(), 2);
        assert_eq!(task_file::read(&file.to_yaml()).unwrap(), file, "{}", file.to_yaml());
    }
}

#[test]
fn scalars_are_what_go_makes_of_them() {
    let file = task_file::inspect(
        "name: 010\nis-sharding: yes\ncase-sensitive: off\nonline-ddl:\nmeta-schema:\nheartbeat-update-interval: 010\n\
         heartbeat-report-interval: 1_000\ntimezone: 'no'\ntarget-database: {port: 0x10, password: yes}\n",
    )
    .file
    .unwrap();
    let text = |given: Option<Given<String>>| given.map(|given| given.value);
    assert_eq!(text(file.name).as_deref(), Some("010"));
    assert_eq!(file.is_sharding.map(|given| given.value), Some(true));
    assert_eq!(file.case_sensitive.map(|given| given.value), Some(false));
    assert_eq!(file.online_ddl.map(|given| given.value), Some(false), "nothing is the zero, not the default");
    assert_eq!(text(file.meta_schema).as_deref(), Some(""));
    assert_eq!(file.heartbeat_update_interval.map(|given| given.value), Some(8));
    assert_eq!(file.heartbeat_report_interval.map(|given| given.value), Some(1000));
    assert_eq!(text(file.timezone).as_deref(), Some("no"));
    let database = file.target_database.unwrap().value;
    assert_eq!(database.port.map(|given| given.value), Some(16));
    assert_eq!(database.password.map(|given| given.value.reveal().to_owned()).as_deref(), Some("yes"));
}

#[test]
fn a_value_knows_its_place_and_its_key() {
    let file = source_file::inspect("source-id: a\nfrom:\n  host: b\n  port: 1\n").file.unwrap();
    let from = file.from.unwrap();
    assert_eq!((from.key.line, from.key.column), (2, 1));
    let port = from.value.port.unwrap();
    assert_eq!((port.place.line, port.place.column, port.key.column), (4, 9, 3));
}

#[test]
fn unknown_keys_are_all_told_with_the_nearest() {
    let flaws = source_file::inspect("source-id: a\nenable_gtid: true\nfrom: {hosst: b, port: 1}\nthing: 1\n").flaws;
    let told: Vec<_> = flaws.iter().map(|flaw| (flaw.kind, flaw.key.as_str(), flaw.nearest.as_deref())).collect();
    assert_eq!(
        told,
        [
            (FlawKind::UnknownKey, "enable_gtid", Some("enable-gtid")),
            (FlawKind::UnknownKey, "from.hosst", Some("host")),
            (FlawKind::UnknownKey, "thing", None),
        ]
    );
}

#[test]
fn anchors_and_merges_are_unfolded() {
    let text = "routes:\n  a: &a {schema-pattern: x, target-schema: y}\n  b:\n    <<: *a\n    target-schema: z\n  c:\n    target-schema: z\n    <<: *a\n";
    let reading = task_file::inspect(text);
    let routes = reading.file.unwrap().routes.unwrap().value;
    let target = |name: &str| routes.get(name).unwrap().value.target_schema.as_ref().unwrap().value.clone();
    assert_eq!(target("b"), "z");
    assert_eq!(target("c"), "y", "DM goes from top to bottom");
}

fn shown(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)).unwrap()
}

#[test]
fn what_is_not_written_is_what_dm_takes() {
    let bare = "name: orders\ntask-mode: all\ntarget-database: {host: a, port: 1}\nmysql-instances: [{source-id: b}]\n";
    let facts = |text: &str| {
        let file = task_file::read(text).unwrap();
        let instance = file.instances().next().unwrap();
        let (dump, load) = (file.mydumper_of(instance), file.loader_of(instance));
        let (sync, compare) = (file.syncer_of(instance), file.validator_of(instance));
        vec![
            format!("{} {} {:?} {}", file.name(), file.task_mode(), file.shard_mode(), file.strict_optimistic_shard_mode()),
            format!("{} {} {} {}", file.meta_schema(), file.timezone(), file.case_sensitive(), file.collation_compatible()),
            format!("{} {} {}", file.clean_dump_file(), file.online_ddl(), file.async_checkpoint_flush()),
            format!("{:?} {:?}", file.shadow_table_rules(), file.trash_table_rules()),
            format!("{} {} {}", dump.mydumper_path(), dump.threads(), dump.chunk_filesize()),
            format!("{} {} {}", dump.condition(), dump.skip_tz_utc(), dump.extra_args()),
            format!("{} {} {} {}", load.pool_size(), load.dir(), load.sorting_dir_physical(), load.import_mode()),
            format!("{} {} {}", load.on_duplicate_logical(), load.disk_quota_physical(), load.range_concurrency()),
            format!("{} {}", load.compress_kv_pairs(), load.pd_addr()),
            format!("{} {} {} {}", sync.worker_count(), sync.batch(), sync.queue_size(), sync.checkpoint_flush_interval()),
            format!("{} {} {} {}", sync.compact(), sync.multiple_rows(), sync.safe_mode(), sync.safe_mode_duration()),
            format!("{} {} {}", compare.mode(), compare.worker_count(), compare.validate_interval()),
            format!("{} {} {}", compare.check_interval(), compare.row_error_delay(), compare.meta_flush_interval()),
            format!("{} {} {}", compare.batch_query_size(), compare.max_pending_row_size(), compare.max_pending_row_count()),
        ]
    };
    assert_eq!(facts(bare), facts(&shown("defaults-task.yaml")));
    let facts = |text: &str| {
        let file = source_file::read(text).unwrap();
        let (purge, checker) = (file.purge(), file.checker());
        vec![
            format!("{} {} {} {}", file.source_id(), file.enable(), file.enable_gtid(), file.flavor()),
            format!("{} {} {}", file.enable_relay(), file.relay_binlog_name(), file.relay_binlog_gtid()),
            format!("{} {} {}", file.relay_dir(), file.case_sensitive(), file.server_id()),
            format!("{} {} {}", purge.interval(), purge.expires(), purge.remain_space()),
            format!("{} {} {}", checker.check_enable(), checker.backoff_rollback(), checker.backoff_max()),
        ]
    };
    assert_eq!(facts("source-id: b\nfrom: {host: a, port: 1}\n"), facts(&shown("defaults-source.yaml")));
}

#[test]
fn an_empty_group_is_zero_where_dm_has_it_so() {
    let file = source_file::read("source-id: b\nfrom: {host: a, port: 1}\npurge:\nchecker: {check-enable: }\n").unwrap();
    assert_eq!((file.purge().interval(), file.purge().remain_space(), file.checker().check_enable()), (0, 0, false));
    assert_eq!(source_file::read(&file.to_yaml()).unwrap(), file);
}

#[test]
fn secrets_have_no_debug_form() {
    let text =
        "source-id: b\nfrom: {host: a, port: 1, password: hunter2, security: {ssl-key-bytes: [201, 202], ssl-key-base64: aHVu}}\n";
    let shown = format!("{:?}", source_file::inspect(text));
    assert!(!shown.contains("hunter2") && !shown.contains("201") && !shown.contains("aHVu"), "{shown}");
}

#[test]
fn older_words_count_where_newer_ones_are_missing() {
    let file = task_file::read(
        "name: a\ntask-mode: all\nis-sharding: true\nonline-ddl: false\nonline-ddl-scheme: pt\ntarget-database: {host: a, port: 1}\n\
         mysql-instances: [{source-id: b, black-white-list: l, syncer-thread: 3, mydumper: {threads: 9}}]\n\
         black-white-list: {l: {do-dbs: [shop]}}\n",
    )
    .unwrap();
    let instance = file.instances().next().unwrap();
    assert_eq!(file.shard_mode(), Some("pessimistic"));
    assert!(file.online_ddl());
    assert_eq!(file.allow_list_of(instance).unwrap().do_dbs.as_ref().unwrap().value[0].value, "shop");
    assert_eq!((file.syncer_of(instance).worker_count(), file.mydumper_of(instance).threads()), (3, 9));
}
