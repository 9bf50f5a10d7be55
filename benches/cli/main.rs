//! How fast the program is from outside: exec to exit, beside a bare curl that fetches as much, in turns within one run.
//!
//! Prints medians and ratios; it never fails on a figure. `make bench` runs it on the release build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark speaks"
)]
#![allow(unreachable_pub, reason = "one crate, nothing is public")]

mod cluster;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

const DMCTL: &str = env!("CARGO_BIN_EXE_dmctl");
const ROUNDS: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Peak memory of a child is known to its parent only, and only as the largest of all children: so each is measured by a parent
    // of its own, which is this program once more.
    if let Some(at) = arguments.iter().position(|word| word == "--peak-of") {
        let command = &arguments[at + 1..];
        run(&command[0], &command[1..].iter().map(String::as_str).collect::<Vec<_>>());
        println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
        return;
    }
    let size = std::fs::metadata(DMCTL).unwrap().len();
    println!("binary: {:.1} MiB", size as f64 / f64::from(1 << 20));
    beside("dmctl --help", (DMCTL, &["--help"]), "curl --version", ("curl", &["--version"]));
    for tasks in [100, 10_000] {
        let address = cluster::serve(tasks);
        let url = format!("http://{address}/api/v1/tasks");
        let list = ["--master-addr", &address, "task", "list"];
        beside(&format!("dmctl task list, {tasks} tasks"), (DMCTL, &list), "curl GET /tasks", ("curl", &["-s", &url]));
    }
}

fn run(program: &str, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    let status =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let took = started.elapsed();
    assert!(status.success(), "{program} {arguments:?}");
    took
}

fn peak_kib(program: &str, arguments: &[&str]) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap()).arg("--peak-of").arg(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn beside(ours: &str, (program, arguments): (&str, &[&str]), theirs: &str, (peer, peer_arguments): (&str, &[&str])) {
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    run(program, arguments);
    run(peer, peer_arguments);
    for round in 0..ROUNDS {
        // The order turns, so that neither always comes after the other.
        if round % 2 == 0 {
            our_times.push(run(program, arguments));
            their_times.push(run(peer, peer_arguments));
        } else {
            their_times.push(run(peer, peer_arguments));
            our_times.push(run(program, arguments));
        }
    }
    our_times.sort();
    their_times.sort();
    let (our_median, their_median) = (our_times[ROUNDS / 2], their_times[ROUNDS / 2]);
    println!("{ours}: {}, peak {} KiB", figures(&our_times), peak_kib(program, arguments));
    println!("  {theirs}: {}, peak {} KiB", figures(&their_times), peak_kib(peer, peer_arguments));
    println!("  ratio of medians: {:.2}", our_median.as_secs_f64() / their_median.as_secs_f64());
}

fn figures(sorted: &[Duration]) -> String {
    let millis = |share: usize| sorted[(sorted.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    format!("median {:.2} ms, p99 {:.2} ms", millis(50), millis(99))
}
