//! `docs/files.md` has every key of both files, and no other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dmctl::model::file::{Shape, Value as _};
use dmctl::model::source_file::SourceFile;
use dmctl::model::task_file::TaskFile;

/// The keys of each table, by the way to it: the words in the backticks of its heading, or the whole heading.
fn documented() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/files.md")).unwrap();
    let mut tables = BTreeMap::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("##") {
            heading = title.trim_matches(['#', ' ', '`']).to_owned();
        } else if let Some(key) = line.strip_prefix("| `").and_then(|rest| rest.split('`').next()) {
            tables.entry(heading.clone()).or_insert_with(Vec::new).push(key.to_owned());
        }
    }
    tables
}

/// All groups of keys of a file, by the way to them.
fn groups(shape: &Shape, path: &str, found: &mut Vec<(String, Vec<String>)>) {
    match shape {
        Shape::List(item) => groups(item, &format!("{path}[]"), found),
        Shape::Named(item) => groups(item, &format!("{path}.*"), found),
        Shape::Section(keys) => {
            found.push((path.to_owned(), keys.iter().map(|(key, _)| (*key).to_owned()).collect()));
            for (key, shape) in keys {
                let path = if path.ends_with("file") { (*key).to_owned() } else { format!("{path}.{key}") };
                groups(shape, &path, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_key_is_told_and_no_other() {
    let documented = documented();
    let mut found = Vec::new();
    groups(&TaskFile::shape(), "Task file", &mut found);
    groups(&SourceFile::shape(), "Source file", &mut found);
    for (path, keys) in &found {
        match documented.get(path) {
            Some(told) => assert_eq!(told, keys, "`{path}`"),
            // A group that stands in several places is told once.
            None => assert!(documented.values().any(|told| told == keys), "`{path}` is not in docs/files.md"),
        }
    }
    for path in documented.keys() {
        assert!(found.iter().any(|(known, _)| known == path), "`{path}` of docs/files.md is no group of keys");
    }
}
