//! How fast the session is: from a line and its cursor to the rows that are offered, and on a terminal from exec to the prompt and from a
//! key to what is painted, with 100, 10,000 and 1,000,000 tasks. Beside it stands the echo of a key by bash on a terminal of the same kind.
//!
//! Prints medians and worst cases; it never fails on a figure. `make bench` runs it on the release build.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a benchmark speaks")]
#![allow(unreachable_pub, reason = "one crate, nothing is public")]

#[path = "../cli/cluster.rs"]
mod cluster;
mod pty;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dmctl::complete::{self, Names, Source, Table, Task};
use dmctl::model::Stage;
use pty::Terminal;

/// What is typed behind `task start `, key by key.
const TYPED: [&str; 7] = ["", "b", "bi", "bil", "bill9", "shard9", "zzz"];
const ROUNDS: usize = 100;
/// What stands below the list of tasks.
const LIST: &str = "task get: TASK";

/// All of it, or what is named: `rows` or `keys`.
fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_wanted = |name: &str| named.is_empty() || named.iter().any(|word| word == name);
    // First, as long as this process is small: one with a million names takes milliseconds to be forked.
    if is_wanted("keys") {
        keys();
    }
    if is_wanted("rows") {
        rows();
    }
}

/// From a line to its rows.
fn rows() {
    let mut grammar = dmctl::cli::grammar();
    grammar.build();
    println!("from a line to its rows, {ROUNDS} rounds: p50 / p99");
    for count in [100, 10_000, 1_000_000] {
        let started = Instant::now();
        let names = names(count);
        println!("{count} tasks (put in order within {:.0} ms)", started.elapsed().as_secs_f64() * 1e3);
        for typed in TYPED {
            let line = format!("task start {typed}");
            let mut took: Vec<Duration> = (0..ROUNDS).map(|_| once(&grammar, &line, &names)).collect();
            println!("    `{line}`  {}", figures(&mut took));
        }
    }
}

/// On a terminal: from exec to the prompt, and from a key to what is painted.
fn keys() {
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-i"]).env_clear().env("PS1", "ready> ");
    let (mut echo, _) = Terminal::start(&bash, "ready> ");
    let letters = "abcdefghijklmnopqrstuvwxyz".chars().cycle().take(ROUNDS).map(String::from);
    let mut took: Vec<Duration> = letters.map(|letter| echo.press(&letter, &letter).took).collect();
    println!("on a terminal, {ROUNDS} rounds: p50 / p99");
    println!("bash echoes a key  {}", figures(&mut took));
    let folder = tempfile::tempdir().unwrap();
    for count in [100, 10_000, 1_000_000] {
        let address = cluster::serve(count);
        if count == 100 {
            let mut took: Vec<Duration> =
                (0..ROUNDS).map(|_| Terminal::start(&session(folder.path(), &address), "> ").1.took).collect();
            println!("from exec to the prompt  {}", figures(&mut took));
        }
        let (mut terminal, _) = Terminal::start(&session(folder.path(), &address), "> ");
        // So many tasks run once their names and stages were heard.
        terminal.until("running ");
        let queries = terminal.queries;
        println!("{count} tasks");
        terminal.press("task get ", "\u{1b}[?25h");
        let mut painted = Vec::new();
        let mut step = |terminal: &mut Terminal, what: &str, keys: &str, back: &str, left: &str| {
            let mut took = Vec::new();
            for _ in 0..ROUNDS {
                let painting = terminal.press(keys, LIST);
                took.push(painting.took);
                painted.push(painting.bytes);
                terminal.press(back, left);
            }
            println!("    {what}  {}", figures(&mut took));
        };
        step(&mut terminal, "Tab opens the list", "\t", "\u{1b}", "task");
        terminal.press("\t", LIST);
        step(&mut terminal, "the mark goes down", "\u{1b}[B", "\u{1b}[A", LIST);
        for letters in ["b", "i", "9", "z"] {
            step(&mut terminal, &format!("`{letters}` is typed"), letters, "\u{7f}", LIST);
        }
        painted.sort_unstable();
        println!("    bytes painted a key: {} at most, {} mostly", painted[painted.len() - 1], painted[painted.len() / 2]);
        println!("    cursor queries meanwhile: {}; peak memory {} KiB", terminal.queries - queries, terminal.peak_kib());
    }
}

fn session(folder: &Path, address: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dmctl"));
    command.args(["--master-addr", address]).env_clear().env("HOME", folder).env("XDG_RUNTIME_DIR", folder);
    command
}

fn figures(took: &mut [Duration]) -> String {
    took.sort();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
    format!("{:.2} / {:.2} ms", at(50), at(99))
}

fn once(grammar: &clap::Command, line: &str, names: &Names) -> Duration {
    let started = Instant::now();
    let place = complete::at(grammar, line, line.len()).unwrap();
    let list = complete::list(&place, names);
    let took = started.elapsed();
    assert_eq!(list.total, names.tasks.len());
    took
}

/// Tasks of ten subjects, every third of them stopped.
fn names(count: usize) -> Names {
    let subjects = ["billing", "orders", "users", "mail", "stock", "prices", "audit", "search", "reports", "sessions"];
    let sources: Vec<Arc<str>> = (0..32).map(|number| Arc::from(format!("mysql-{number:02}"))).collect();
    let tasks = (0..count).map(|number| {
        let stage = Some(if number % 3 == 0 { Stage::Stopped } else { Stage::Running });
        Task {
            name: format!("{}-shard-{number:07}", subjects[number % subjects.len()]).into(),
            stage,
            parts: vec![(Arc::clone(&sources[number % sources.len()]), stage)],
            ..Task::default()
        }
    });
    let known = sources.iter().map(|name| Source { name: name.to_string(), ..Source::default() });
    Names {
        tasks: Arc::new(Table::new(tasks)),
        sources: Arc::new(Table::new(known)),
        heard: Some(Instant::now()),
        ..Names::default()
    }
}
