//! How long it takes from Tab to the name in the line, in bash, zsh and fish: a task of a live `dmctl serve`, beside a branch of a git
//! repository that has as many, in turns within one run.
//!
//! Prints percentiles and ratios; it never fails on a figure. `make bench` runs it on the release build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark speaks"
)]
#![allow(unreachable_pub, reason = "one crate, nothing is public")]

#[path = "../server/process.rs"]
#[allow(dead_code, reason = "another benchmark uses more of it")]
mod process;
#[path = "../../tests/it/servers.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod servers;
mod terminal;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use process::Process;
use servers::{Family, Server, block};
use terminal::Terminal;

const ROUNDS: usize = 100;
const NAMES: usize = 100;
const SOURCES: usize = 4;

fn main() {
    if !servers::can_run(Family::MariaDb) {
        return;
    }
    let (from, to) = (Server::start(Family::MariaDb, &[]), Server::start(Family::MariaDb, &[]));
    block(from.execute(&["CREATE DATABASE shop", "CREATE TABLE shop.orders (id INT PRIMARY KEY)"]));
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path(), SOURCES);
    block(create(&process, &from, &to));
    let repository = folder.path().join("repository");
    branches(&repository);
    println!("{NAMES} tasks on {SOURCES} sources, and as many branches; {ROUNDS} rounds, from Tab to the name in the line");
    for shell in ["bash", "zsh", "fish"] {
        match Terminal::start(shell, folder.path(), &repository) {
            Some(mut terminal) => beside(shell, &mut terminal),
            None => println!("{shell}: can't be had"),
        }
    }
}

fn beside(shell: &str, terminal: &mut Terminal) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // What is read once is not measured.
    let _warm = terminal.complete("dmctl task get uniq", "dmctl task get unique-name");
    let _warm = terminal.complete("git checkout uniq", "git checkout unique-name");
    for _ in 0..ROUNDS {
        ours.push(terminal.complete("dmctl task get uniq", "dmctl task get unique-name"));
        theirs.push(terminal.complete("git checkout uniq", "git checkout unique-name"));
    }
    ours.sort();
    theirs.sort();
    println!("{shell}");
    println!("    dmctl task get: {}", figures(&ours));
    println!("    git checkout:   {}", figures(&theirs));
    let ratio = |share: usize| at(&ours, share).as_secs_f64() / at(&theirs, share).as_secs_f64();
    println!("    ratio of p50 {:.2}, of p99 {:.2}", ratio(50), ratio(99));
}

fn at(sorted: &[Duration], share: usize) -> Duration {
    sorted[(sorted.len() - 1) * share / 100]
}

fn figures(sorted: &[Duration]) -> String {
    let millis = |share: usize| at(sorted, share).as_secs_f64() * 1e3;
    format!("p50 {:.1} ms, p99 {:.1} ms", millis(50), millis(99))
}

/// Sources, and tasks that stand still.
async fn create(process: &Process, from: &Server, to: &Server) {
    for number in 0..SOURCES {
        let source = json!({
            "source_name": format!("mariadb-{number}"), "host": "127.0.0.1", "port": from.port, "user": servers::USER,
            "password": servers::PASSWORD, "enable": true, "enable_gtid": false,
        });
        process.call("POST", "/sources", &json!({ "source": source })).await.unwrap();
    }
    for number in 0..NAMES {
        let name = if number == 0 { "unique-name".to_owned() } else { format!("billing-{number:03}") };
        let source = format!("mariadb-{}", number % SOURCES);
        let body = json!({
            "name": name, "task_mode": "full", "meta_schema": "dm_meta", "enhance_online_schema_change": true,
            "on_duplicate": "replace",
            "table_migrate_rule": [{
                "source": { "source_name": source, "schema": "shop", "table": "*" }, "target": { "schema": format!("shop_{number}") },
            }],
            "target_config": {
                "host": "127.0.0.1", "port": to.port, "user": servers::USER, "password": servers::PASSWORD,
            },
            "source_config": { "source_conf": [{ "source_name": source }] },
        });
        process.call("POST", "/tasks", &json!({ "task": body })).await.unwrap();
    }
}

fn branches(repository: &Path) {
    let git = |words: &[&str]| {
        let own = ["-c", "user.name=a", "-c", "user.email=a@localhost", "-C", repository.to_str().unwrap()];
        assert!(Command::new("git").args(own).args(words).status().unwrap().success(), "{words:?}");
    };
    std::fs::create_dir_all(repository).unwrap();
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "a"]);
    git(&["branch", "unique-name"]);
    for number in 1..NAMES {
        git(&["branch", &format!("billing-{number:03}")]);
    }
}
