//! A folder of files, each with another mistake. The first line of each tells what the real DM says of it.

use std::fs;
use std::path::{Path, PathBuf};

use dmctl::model::file::{Flaw, FlawKind};
use dmctl::model::{source_file, task_file};

use crate::harness::{Sandbox, snapshot};

fn files(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(kind);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What DM says, by the first line: its number, if it has one.
fn said(text: &str) -> Result<u32, String> {
    let said = text.lines().next().unwrap().strip_prefix("# DM v9.0.0-beta.1 says: ").unwrap();
    said.parse().map_err(|_| said.to_owned())
}

fn told(flaw: &Flaw) -> String {
    let mut told = format!("  {}:{}: {}\n", flaw.place.line, flaw.place.column, flaw.message);
    for (what, text) in [("key", (!flaw.key.is_empty()).then_some(&flaw.key)), ("nearest", flaw.nearest.as_ref())] {
        if let Some(text) = text {
            told.push_str(&format!("    {what}: {text}\n"));
        }
    }
    match flaw.allowed.len() {
        0 => {}
        1..=10 => told.push_str(&format!("    allowed: {}\n", flaw.allowed.join(", "))),
        many => told.push_str(&format!("    allowed: {many} words\n")),
    }
    if let Some(code) = flaw.code {
        told.push_str(&format!("    code: {code}\n"));
    }
    told
}

fn page(kind: &str, inspect: impl Fn(&str) -> Vec<Flaw>) -> String {
    let mut page = String::new();
    for path in files(kind) {
        let text = fs::read_to_string(&path).unwrap();
        let flaws = inspect(&text);
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(!flaws.is_empty(), "{name} is wrong in some way");
        if let Ok(code) = said(&text) {
            assert!(flaws.iter().any(|flaw| flaw.code == Some(code)), "{name}: DM says {code}, and we say {flaws:#?}");
        }
        page.push_str(&format!("{name}\n"));
        flaws.iter().for_each(|flaw| page.push_str(&told(flaw)));
    }
    page
}

#[test]
fn each_task_file_is_told_what_is_wrong() {
    snapshot("files_bad_tasks", &page("task", |text| task_file::read(text).unwrap_err()));
}

#[test]
fn each_source_file_is_told_what_is_wrong() {
    snapshot("files_bad_sources", &page("source", |text| source_file::read(text).unwrap_err()));
}

#[test]
fn a_check_sends_all_but_what_is_no_yaml() {
    let sandbox = Sandbox::at("127.0.0.1:1");
    for path in files("task") {
        let text = fs::read_to_string(&path).unwrap();
        let syntax = task_file::read(&text).unwrap_err().iter().any(|flaw| flaw.kind == FlawKind::Syntax);
        let output = sandbox.run_words(&["task".as_ref(), "check".as_ref(), path.as_os_str()]);
        assert_eq!(output.code, if syntax { 2 } else { 3 }, "{}: {output:?}", path.display());
        assert!(!output.stderr.contains("secret"), "{output:?}");
    }
}
