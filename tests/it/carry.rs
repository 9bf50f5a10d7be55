//! Task files carried over into a REST task: what stays behind, and what would be decided otherwise.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dmctl::api::carry::{self, Carried, ClusterFacts, SourceFacts};
use dmctl::model::task_file;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/carry");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn carried(text: &str) -> Carried {
    let file = task_file::inspect(text).file.unwrap();
    let version = text.lines().next().and_then(|line| line.strip_prefix("# a DM of version ")).map(str::to_owned);
    let source = SourceFacts { case_sensitive: Some(false), tables: vec![("shop".to_owned(), "orders".to_owned())] };
    let sources = [("mysql-01".to_owned(), source.clone()), ("mysql-02".to_owned(), source)].into();
    carry::task(&file, &ClusterFacts { version, sources })
}

/// All of it as a text, with the first differences only.
fn shown(carried: &Carried) -> String {
    let mut text = String::new();
    for loss in &carried.losses {
        writeln!(text, "loses {} {}: {}", loss.place.line, loss.key, loss.why).unwrap();
    }
    for other in carried.differences.iter().take(3) {
        writeln!(
            text,
            "differs {} `{}`.`{}`: {} | {}",
            other.source, other.schema, other.table, other.file_says, other.cluster_will
        )
        .unwrap();
    }
    for rule in &carried.task.table_migrate_rule {
        let target = rule.target.as_ref().map_or_else(String::new, |target| {
            format!(" -> {}.{}", target.schema.as_deref().unwrap_or("-"), target.table.as_deref().unwrap_or("-"))
        });
        let filters = if rule.binlog_filter_rule.is_empty() {
            String::new()
        } else {
            format!(" without {}", rule.binlog_filter_rule.join(", "))
        };
        writeln!(text, "rule {} {}.{}{target}{filters}", rule.source.source_name, rule.source.schema, rule.source.table).unwrap();
    }
    for (name, filter) in &carried.task.binlog_filter_rule {
        writeln!(text, "filter {name}: {:?} {:?}", filter.ignore_event, filter.ignore_sql).unwrap();
    }
    text
}

#[test]
fn files_keep_or_lose_what_their_names_say() {
    let mut all = String::new();
    let mut wrong = Vec::new();
    for path in files() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let carried = carried(&fs::read_to_string(&path).unwrap());
        let text = shown(&carried);
        let (losses, differences) = (carried.losses.len(), carried.differences.len());
        let right = match name.split('-').next().unwrap() {
            "keeps" => losses == 0 && differences == 0,
            "loses" => losses == 1,
            "differs" => losses == 0 && differences > 0,
            other => panic!("{other} is no beginning of a name here"),
        };
        if !right {
            wrong.push(format!("{name}\n{text}"));
        }
        write!(all, "{name}\n{}\n", text.lines().map(|line| format!("  {line}\n")).collect::<String>()).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    crate::harness::snapshot("carry", &all);
}

#[test]
fn a_task_of_the_rest_api_is_covered_by_what_it_shows() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/carry/keeps-what-rest-has.yaml")).unwrap();
    let file = task_file::inspect(&text).file.unwrap();
    let facts = ClusterFacts::default();
    let mut shown = carry::task(&file, &facts).task;
    assert_eq!(carry::covers(&file, &shown, &facts), []);
    // Up to 8.5 a physical import is not shown, and would be made anew as a logical one.
    let full = shown.source_config.full_migrate_conf.as_mut().unwrap();
    (full.import_mode, full.pd_addr) = (None, None);
    let losses: Vec<_> =
        carry::covers(&file, &shown, &facts).into_iter().map(|loss| format!("{}: {}", loss.key, loss.why)).collect();
    assert_eq!(
        losses,
        [
            r#"loaders.import-mode: the REST API shows "logical" where the task has "physical""#,
            r#"loaders.pd-addr: the REST API shows "" where the task has "10.0.0.9:2379""#
        ]
    );
}

#[test]
fn a_rule_that_the_rest_api_shows_otherwise_is_told_by_a_name() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/carry/keeps-do-dbs.yaml")).unwrap();
    let file = task_file::inspect(&text).file.unwrap();
    let facts = ClusterFacts::default();
    let mut shown = carry::task(&file, &facts).task;
    shown.table_migrate_rule.remove(0);
    let losses = carry::covers(&file, &shown, &facts);
    assert_eq!(losses.len(), 1);
    assert_eq!(losses[0].why, "`SHOP` of mysql-01 is migrated to `SHOP`, and would then be not migrated");
}

#[test]
fn an_update_of_a_source_tells_what_it_would_set_back() {
    let text = "
source-id: mysql-01
enable-gtid: true
server-id: 101
case-sensitive: true
from:
  host: 10.0.0.5
  port: 3306
  user: dm
  password: '******'
  session: {sql_mode: ANSI}
checker: {check-enable: false, backoff-max: 5m0s, backoff-rollback: 1m}
purge: {interval: 60}
filters:
- {schema-pattern: shop, events: [drop table], action: Ignore}
";
    let file = dmctl::model::source_file::inspect(text).file.unwrap();
    let carried = carry::source(&file, Some(true));
    let keys: Vec<_> = carried.losses.iter().map(|loss| (loss.place.line, loss.key.as_str())).collect();
    assert_eq!(
        keys,
        [
            (4, "server-id"),
            (11, "from.session.sql_mode"),
            (12, "checker.check-enable"),
            (12, "checker.backoff-rollback"),
            (14, "filters")
        ]
    );
    assert_eq!(
        serde_json::to_value(&carried.source).unwrap(),
        serde_json::json!({
            "source_name": "mysql-01", "host": "10.0.0.5", "port": 3306, "user": "dm", "password": null, "enable": true, "enable_gtid": true,
            "security": null, "purge": {"interval": 60, "expires": 0, "remain_space": 15},
            "relay_config": {"enable_relay": false, "relay_binlog_name": "", "relay_binlog_gtid": "", "relay_dir": "relay-dir"},
        })
    );
    let drawn = text.replace("101", "429496999");
    let file = dmctl::model::source_file::inspect(&drawn).file.unwrap();
    let keys: Vec<_> = carry::source(&file, None).losses.into_iter().map(|loss| loss.key).collect();
    assert!(keys.contains(&"case-sensitive".to_owned()) && !keys.contains(&"server-id".to_owned()), "{keys:?}");
}
