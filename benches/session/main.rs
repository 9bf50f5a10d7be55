//! How fast the session offers names: from a line and its cursor to the rows, with 100, 10,000 and 1,000,000 tasks.
//!
//! Prints medians and worst cases; it never fails on a figure. `make bench` runs it on the release build.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a benchmark speaks")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use dmctl::complete::{self, Names, Source, Table, Task};
use dmctl::model::Stage;

/// What is typed behind `task start `, key by key.
const TYPED: [&str; 7] = ["", "b", "bi", "bil", "bill9", "shard9", "zzz"];
const ROUNDS: usize = 100;

fn main() {
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
            took.sort();
            let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
            println!("    `{line}`  {:.2} / {:.2} ms", at(50), at(99));
        }
    }
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
            name: format!("{}-shard-{number:07}", subjects[number % subjects.len()]),
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
