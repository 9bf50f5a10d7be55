//! The ways to copy, and what each costs.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cases::Case;
use crate::process::Process;
use crate::servers::{self, Family, Server, block};

/// A way to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `dmctl serve`, to a target that has `local_infile` on.
    Load,
    /// The same with `local_infile` off.
    Insert,
    /// `mariadb-dump | mariadb`.
    Pipe,
    /// LOAD DATA of files that were made before, one table after the other: what one connection of the target takes by itself.
    Bare,
}

/// What it took.
pub struct Measured {
    pub seconds: f64,
    /// Seconds of CPU of the source, of the target, and of what is between them.
    pub source: f64,
    pub target: f64,
    pub own: f64,
    pub peak_kib: u64,
}

impl Way {
    /// All that can be had here.
    pub fn all(family: Family) -> Vec<Self> {
        let mut ways = vec![Self::Load, Self::Insert, Self::Pipe, Self::Bare];
        if client("mariadb-dump").is_none() || client("mariadb").is_none() {
            println!("mariadb-dump and mariadb can't be had: {family:?} without them");
            ways.retain(|way| *way != Self::Pipe);
        }
        ways
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "dmctl, local_infile on",
            Self::Insert => "dmctl, local_infile off",
            Self::Pipe => "mariadb-dump | mariadb",
            Self::Bare => "LOAD DATA in the server",
        }
    }

    pub fn run(self, case: &Case, from: &Server, to: &Server) -> Measured {
        match self {
            Self::Load | Self::Insert => self.dmctl(from, to),
            Self::Pipe => pipe(from, to),
            Self::Bare => bare(case, from, to),
        }
    }

    fn dmctl(self, from: &Server, to: &Server) -> Measured {
        let switch = format!("SET GLOBAL local_infile = {}", u8::from(self == Self::Load));
        block(to.execute(&[&switch]));
        let folder = tempfile::tempdir().unwrap();
        let process = Process::start(folder.path(), 1);
        block(create(&process, from, to));
        let before = (cpu(from.pid()), cpu(to.pid()), cpu(process.pid()));
        let started = Instant::now();
        block(async {
            process.call("POST", "/tasks/copy/start", &json!({})).await.unwrap();
            loop {
                let status = process.call("GET", "/tasks/copy/status", &serde_json::Value::Null).await.unwrap();
                match status["data"][0]["stage"].as_str() {
                    Some("Finished") => return,
                    Some("Running") | None => tokio::time::sleep(Duration::from_millis(20)).await,
                    Some(other) => panic!("{other}: {status}"),
                }
            }
        });
        Measured {
            seconds: started.elapsed().as_secs_f64(),
            source: cpu(from.pid()) - before.0,
            target: cpu(to.pid()) - before.1,
            own: cpu(process.pid()) - before.2,
            peak_kib: process.peak_kib(),
        }
    }
}

async fn create(process: &Process, from: &Server, to: &Server) {
    let source = json!({
        "source_name": "source", "host": "127.0.0.1", "port": from.port, "user": servers::USER,
        "password": servers::PASSWORD, "enable": true, "enable_gtid": false,
    });
    process.call("POST", "/sources", &json!({ "source": source })).await.unwrap();
    let rule = json!({ "source": { "source_name": "source", "schema": "bench", "table": "*" }, "target": { "schema": "bench" } });
    let task = json!({
        "name": "copy", "task_mode": "full", "meta_schema": "dm_meta", "enhance_online_schema_change": true,
        "on_duplicate": "replace", "table_migrate_rule": [rule],
        "target_config": { "host": "127.0.0.1", "port": to.port, "user": servers::USER, "password": servers::PASSWORD },
        "source_config": { "source_conf": [{ "source_name": "source" }] },
    });
    process.call("POST", "/tasks", &json!({ "task": task })).await.unwrap();
}

/// Where a program of MariaDB's clients is.
fn client(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("CLIENTS").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = given.into_iter().chain(std::env::split_paths(&path));
    folders.find_map(|folder| Some(folder.join(name)).filter(|file| file.exists()))
}

fn pipe(from: &Server, to: &Server) -> Measured {
    let access = |server: &Server| format!("--no-defaults -h 127.0.0.1 -P {} -u {}", server.port, servers::USER);
    let line = format!(
        "{} {} --single-transaction --skip-lock-tables --quick --hex-blob bench | {} {} bench",
        client("mariadb-dump").unwrap().display(),
        access(from),
        client("mariadb").unwrap().display(),
        access(to)
    );
    block(to.execute(&["CREATE DATABASE bench"]));
    let before = (cpu(from.pid()), cpu(to.pid()), children());
    let started = Instant::now();
    let done = Command::new("bash").args(["-o", "pipefail", "-c", &line]).env("MYSQL_PWD", servers::PASSWORD).status().unwrap();
    assert!(done.success(), "{line}");
    let after = children();
    Measured {
        seconds: started.elapsed().as_secs_f64(),
        source: cpu(from.pid()) - before.0,
        target: cpu(to.pid()) - before.1,
        own: after.0 - before.2.0,
        peak_kib: after.1,
    }
}

fn bare(case: &Case, from: &Server, to: &Server) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let file = |table: &str| folder.path().join(table).display().to_string();
    for table in &case.tables {
        let query = format!("SELECT * FROM bench.{table} INTO OUTFILE '{}' CHARACTER SET binary", file(table));
        block(from.execute(&[&query]));
    }
    block(to.execute(&["CREATE DATABASE bench"]));
    let mut statements = case.definitions();
    statements.extend(
        case.tables.iter().map(|table| format!("LOAD DATA INFILE '{}' INTO TABLE bench.{table} CHARACTER SET binary", file(table))),
    );
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    let before = cpu(to.pid());
    let started = Instant::now();
    block(to.execute(&statements));
    let seconds = started.elapsed().as_secs_f64();
    Measured { seconds, source: 0.0, target: cpu(to.pid()) - before, own: 0.0, peak_kib: 0 }
}

/// How many seconds of CPU a process has had.
fn cpu(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    // USER_HZ is 100 on every Linux that there is.
    ticks / 100.0
}

/// How many seconds of CPU ended children have had, and the most memory that one of them had.
fn children() -> (f64, u64) {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let seconds = (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6;
    (seconds, usage.max_rss().try_into().unwrap_or(0))
}
