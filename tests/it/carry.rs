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
