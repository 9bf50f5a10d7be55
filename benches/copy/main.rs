//! How fast `dmctl serve` copies, beside `mariadb-dump | mariadb` and beside LOAD DATA of a file that the target reads by itself.
//!
//! Source and target are alike, both durable: a commit is on the disk, in the log and in the binlog, before it is answered. Each way goes
//! over each case in each round, one round beginning with another way than the one before; the target is empty each time, and its content
//! is compared with the source's afterwards. It prints the median of the rounds and never fails on a figure.
//!
//! `SCALE=0.25` makes all tables smaller, `ROUNDS=5` measures more often, `CASES=sysbench,types` and `PAIRS=mariadb,mysql` choose, and
//! `CLIENTS=FOLDER` says where `mariadb-dump` and `mariadb` are, if not in the PATH.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark speaks"
)]
#![allow(unreachable_pub, reason = "one crate, nothing is public")]

mod cases;
#[path = "../../tests/it/oracle.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod oracle;
#[path = "../server/process.rs"]
#[allow(dead_code, reason = "the other benchmark uses more of it")]
mod process;
#[path = "../../tests/it/servers.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod servers;
mod ways;

use cases::Case;
use servers::{Family, Server, block};
use ways::{Measured, Way};

/// What makes commits durable, and memory enough for what is measured.
fn options(family: Family) -> Vec<&'static str> {
    let log = if family == Family::MariaDb { "--innodb-log-file-size=1G" } else { "--innodb-redo-log-capacity=1G" };
    vec![
        "--innodb-flush-log-at-trx-commit=1",
        "--sync-binlog=1",
        "--innodb-flush-method=O_DIRECT",
        "--innodb-doublewrite=1",
        "--innodb-buffer-pool-size=1G",
        log,
    ]
}

fn main() {
    let scale: f64 = std::env::var("SCALE").map_or(1.0, |scale| scale.parse().unwrap());
    let rounds: usize = std::env::var("ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let chosen = |variable: &str, name: &str| std::env::var(variable).map_or(true, |list| list.split(',').any(|part| part == name));
    println!(
        "innodb_flush_log_at_trx_commit = 1, sync_binlog = 1, binlog on, doublewrite on; {} cores, load {}",
        std::thread::available_parallelism().unwrap(),
        load()
    );
    for family in servers::FAMILIES {
        if !chosen("PAIRS", &format!("{family:?}").to_lowercase()) || !servers::can_run(family) {
            continue;
        }
        let (from, to) = (Server::start(family, &options(family)), Server::start(family, &options(family)));
        for case in cases::all(scale).into_iter().filter(|case| chosen("CASES", case.name)) {
            measure(&case, &from, &to, rounds);
        }
    }
}

fn measure(case: &Case, from: &Server, to: &Server, rounds: usize) {
    let rows = block(case.fill(from));
    println!("\n{:?} -> {:?}, {}: {rows} rows in {} tables", from.family, to.family, case.about, case.tables.len());
    let mut ways = Way::all(from.family);
    // A file of the server can't carry the bytes of a BIT.
    ways.retain(|way| *way != Way::Bare || case.name != "types");
    let mut results: Vec<Vec<Measured>> = ways.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..ways.len() {
            let at = (round + turn) % ways.len();
            block(to.execute(&["DROP DATABASE IF EXISTS bench", "DROP DATABASE IF EXISTS dm_meta"]));
            let measured = ways[at].run(case, from, to);
            let lost = block(lost(case, from, to));
            // It shows a FLOAT with six digits, so that others arrive.
            let is_rounded = ways[at] == Way::Pipe && case.name == "types";
            assert!(lost.is_none() || is_rounded, "{}: {lost:?} has not arrived", ways[at].name());
            results[at].push(measured);
        }
    }
    let pipe = ways.iter().position(|way| *way == Way::Pipe).map(|at| median(&results[at], |measured| measured.seconds));
    for (way, results) in ways.iter().zip(&results) {
        let seconds = median(results, |measured| measured.seconds);
        let cpu = |of: fn(&Measured) -> f64| median(results, of) * 1e6 / rows as f64;
        let (source, target, own) = (cpu(|it| it.source), cpu(|it| it.target), cpu(|it| it.own));
        let all: Vec<String> = results.iter().map(|measured| format!("{:.2}", measured.seconds)).collect();
        let memory = median(results, |measured| measured.peak_kib as f64) / 1024.0;
        println!(
            "  {:24} {seconds:7.2} s {:>9.0} rows/s  {:>6}  cpu/row {:5.2} us (source {source:.2}, target {target:.2}, between {own:.2})  \
             {memory:5.0} MiB  [{}]",
            way.name(),
            rows as f64 / seconds,
            pipe.map_or_else(|| "-".to_owned(), |pipe| format!("{:.2} x", pipe / seconds)),
            source + target + own,
            all.join(" ")
        );
    }
    println!("  load {}", load());
    block(from.execute(&["DROP DATABASE bench"]));
}

fn median(results: &[Measured], of: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = results.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A table that has not arrived as it is.
async fn lost<'a>(case: &'a Case, from: &Server, to: &Server) -> Option<&'a str> {
    for table in &case.tables {
        if oracle::digest(from, "bench", table).await != oracle::digest(to, "bench", table).await {
            return Some(table);
        }
    }
    None
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}
