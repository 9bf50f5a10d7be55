//! How `dmctl serve` does with 600 tasks, 8 of which copy between two MariaDB servers while the others wait for their turn.
//!
//! Prints what was asked how often and how long it took; it never fails on a figure. `make bench` runs it on the release build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark speaks"
)]
#![allow(unreachable_pub, reason = "one crate, nothing is public")]

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod process;
#[path = "../../tests/it/servers.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod servers;

use std::time::{Duration, Instant};

use dmctl::wire::pb;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use process::{Process, dmctl};
use servers::{Family, Server, block};

const TASKS: usize = 600;
/// The server gets as many workers.
const SOURCES: usize = 20;
/// How many subtasks copy at once.
const COPIES: usize = 8;
const ROUNDS: usize = 500;
const CLIENT_ROUNDS: usize = 100;
const KILLS: usize = 5;

fn main() {
    if !servers::can_run(Family::MariaDb) {
        return;
    }
    let (from, to) = (Server::start(Family::MariaDb, &[]), Server::start(Family::MariaDb, &[]));
    block(fill(&from));
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path(), SOURCES);
    println!("{TASKS} tasks on {SOURCES} sources, {COPIES} copy at once");
    block(create(&process, &from, &to));
    println!("at the beginning: {}", block(stages(&process)));
    block(ask(&process));
    by_client(&process);
    println!("at the end: {}", block(stages(&process)));
    println!("peak memory: {:.1} MiB", process.peak_kib() as f64 / 1024.0);
    kill(&mut process);
}

/// A table that takes long enough to be copied that those who copy still do at the end.
async fn fill(from: &Server) {
    from.execute(&[
        "CREATE DATABASE shop",
        "CREATE TABLE shop.orders (id INT PRIMARY KEY, customer VARCHAR(40) NOT NULL, note VARCHAR(250) NOT NULL, KEY (customer))",
        "INSERT INTO shop.orders SELECT seq, SHA1(seq), REPEAT(MD5(seq), 6) FROM shop.seq_1_to_1000000",
    ])
    .await;
}

fn task(number: usize) -> String {
    format!("billing-shard-{number:03}")
}

fn source(number: usize) -> String {
    format!("mariadb-{number:02}")
}

/// Creates the sources and the tasks, and starts all of them.
async fn create(process: &Process, from: &Server, to: &Server) {
    for number in 0..SOURCES {
        let source = json!({
            "source_name": source(number), "host": "127.0.0.1", "port": from.port, "user": servers::USER,
            "password": servers::PASSWORD, "enable": true, "enable_gtid": false,
        });
        process.call("POST", "/sources", &json!({ "source": source })).await.unwrap();
    }
    let started = Instant::now();
    let made = stream::iter(0..TASKS).map(async |number| {
        let (name, source) = (task(number), source(number % SOURCES));
        let rule = json!({
            "source": { "source_name": source, "schema": "shop", "table": "*" }, "target": { "schema": format!("shop_{number:03}") },
        });
        let body = json!({
            "name": name, "task_mode": "full", "meta_schema": "dm_meta", "enhance_online_schema_change": true,
            "on_duplicate": "replace", "table_migrate_rule": [rule],
            "target_config": {
                "host": "127.0.0.1", "port": to.port, "user": servers::USER, "password": servers::PASSWORD,
            },
            "source_config": { "source_conf": [{ "source_name": source }] },
        });
        process.call("POST", "/tasks", &json!({ "task": body })).await
    });
    made.buffer_unordered(COPIES).try_collect::<Vec<_>>().await.unwrap();
    println!("created and checked, {COPIES} at once: {:.1} s", started.elapsed().as_secs_f64());
    let started = Instant::now();
    for number in 0..TASKS {
        process.call("POST", &format!("/tasks/{}/start", task(number)), &json!({})).await.unwrap();
    }
    println!("started, one after the other: {:.1} s", started.elapsed().as_secs_f64());
}

/// The statuses of all subtasks, when all tasks are there.
async fn list(process: &Process) -> Option<Vec<Value>> {
    let list = process.call("GET", "/tasks?with_status=true", &Value::Null).await.ok()?;
    let statuses: Vec<_> = list["data"].as_array()?.iter().map(|task| task["status_list"][0].clone()).collect();
    (statuses.len() == TASKS && statuses.iter().all(|status| status["stage"].is_string())).then_some(statuses)
}

/// How many copy, how many wait and how many are through.
async fn stages(process: &Process) -> String {
    let statuses = list(process).await.unwrap();
    let count = |wanted: &dyn Fn(&Value) -> bool| statuses.iter().filter(|status| wanted(status)).count();
    let running = count(&|status| status["stage"] == "Running");
    let waiting = count(&|status| status["copied"]["waiting"].as_str().is_some_and(|why| why.contains("turn")));
    let finished = count(&|status| status["stage"] == "Finished");
    format!("{} copy, {waiting} wait for their turn, {finished} are through", running - waiting)
}

async fn ask(process: &Process) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        process.text("/tasks").await;
        times.push(started.elapsed());
    }
    tell("REST, list", times);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        process.text("/tasks?with_status=true").await;
        times.push(started.elapsed());
    }
    tell("REST, list with status", times);
    let mut times = Vec::new();
    for number in 0..ROUNDS {
        let path = format!("/tasks/{}/status", task(number % TASKS));
        let started = Instant::now();
        process.text(&path).await;
        times.push(started.elapsed());
    }
    tell("REST, status of a task", times);
    let mut stub = process.stub().await;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let request = process.with_token(pb::QueryStatusListRequest::default());
        let started = Instant::now();
        let answer = stub.query_status(request).await.unwrap().into_inner();
        times.push(started.elapsed());
        assert_eq!(answer.sources.iter().map(|source| source.sub_task_status.len()).sum::<usize>(), TASKS);
    }
    tell("gRPC, status of all", times);
    let mut times = Vec::new();
    for number in 0..ROUNDS {
        let request = process.with_token(pb::QueryStatusListRequest { name: task(number % TASKS), sources: Vec::new() });
        let started = Instant::now();
        let answer = stub.query_status(request).await.unwrap().into_inner();
        times.push(started.elapsed());
        assert_eq!(answer.sources.len(), 1);
    }
    tell("gRPC, status of a task", times);
}

/// From exec to exit.
fn by_client(process: &Process) {
    for words in [vec!["task", "list"], vec!["task", "status", "billing-shard-007"], vec!["source", "list"]] {
        let times = (0..CLIENT_ROUNDS).map(|_| {
            let started = Instant::now();
            let output = dmctl(process.folder()).args(&words).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            started.elapsed()
        });
        tell(&format!("dmctl {}", words.join(" ")), times.collect());
    }
}

/// From the kill to the first list that has all tasks with their stages.
fn kill(process: &mut Process) {
    let times = (0..KILLS).map(|_| {
        let started = Instant::now();
        process.kill();
        process.start_again();
        while block(list(process)).is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        started.elapsed()
    });
    let times: Vec<_> = times.collect();
    tell("from kill -9 to the first list", times);
    println!("after it: {}", block(stages(process)));
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let millis = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    let (median, late, longest) = (millis(50), millis(99), millis(100));
    println!("{what}: median {median:.2} ms, p99 {late:.2} ms, longest {longest:.2} ms ({} times)", times.len());
}
