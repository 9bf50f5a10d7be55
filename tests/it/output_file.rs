//! `--output FILE`: what is written, what is replaced, and what is left alone.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::process::Command;

use crate::cluster::{Cluster, Script};
use crate::lines::sandbox;

#[test]
fn a_configuration_is_written_for_its_owner_only() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let shown = sandbox.run("task get task-1");
    let written = sandbox.run("task get task-1 --output task-1.yaml");
    assert_eq!((written.code, written.stdout.as_str()), (0, "written to task-1.yaml\n"));
    let path = sandbox.path("task-1.yaml");
    assert_eq!(fs::read_to_string(&path).unwrap(), shown.stdout);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_exists_is_replaced_only_when_that_is_wanted() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let path = sandbox.file("mine.yaml", "mine");
    let refused = sandbox.run("source get mysql-01 --output mine.yaml");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.starts_with("error: mine.yaml exists already, and was left as it is\nhint: "), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(sandbox.run("source get mysql-01 --output mine.yaml --yes").code, 0);
    assert!(fs::read_to_string(&path).unwrap().contains("source-id: mysql-01"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_link_is_replaced_and_what_it_points_to_is_not() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let precious = sandbox.file("precious", "precious");
    symlink(&precious, sandbox.path("link")).unwrap();
    assert_eq!(sandbox.run("task get task-1 --output link").code, 1);
    assert_eq!(sandbox.run("task get task-1 --output link --yes").code, 0);
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    assert!(fs::symlink_metadata(sandbox.path("link")).unwrap().is_file());
}

#[test]
fn what_is_no_file_is_left_alone() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let pipe = sandbox.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let names = || -> BTreeSet<_> { fs::read_dir(sandbox.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect() };
    let before = names();
    for words in ["task get task-1 --output pipe --yes", "task get task-1 --output pipe", "task get task-1 --output . --yes"] {
        assert_eq!(sandbox.run(words).code, 1, "{words}");
    }
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(names(), before, "something was left behind");
}
