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
