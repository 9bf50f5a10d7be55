//! Lines of the former dmctl: each is answered with the line of today.

use crate::cluster::Cluster;
use crate::harness::{Sandbox, snapshot};
use crate::lines_change::usual;
use crate::pty::{Kind, Terminal};

const LINES: &[&str] = &[
    "query-status task-1",
    "query-status -s mysql-01,mysql-02",
    "query-status",
    "query-status 'my task' --more",
    "--master-addr 10.0.0.21:8261 -ssl-ca=ca.pem query-status task-1",
    "start-task task.yaml",
    "start-task gone.yaml --remove-meta -s mysql-01 -s mysql-02",
    "check-task task.yaml -e 5 --warn=3 --start-time '2026-01-31 08:00:00'",
    "stop-task task-1",
    "stop-task task.yaml -s mysql-01",
    "pause-task -s mysql-01 --batch-size 3",
    "resume-task task-1 -smysql-01",
    "operate-source create a.yaml 'b c.yaml'",
    "operate-source create a.yaml -w worker-1",
    "operate-source create -p",
    "operate-source stop mysql-01",
    "operate-source show",
    "operate-source",
    "transfer-source mysql-01 worker-2",
    "start-relay -s mysql-01 worker-1 worker-2",
    "purge-relay -s mysql-01 --filename mysql-bin.000003 --sub-dir x.000001",
    "shard-ddl-lock",
    "shard-ddl-lock task-1",
    "shard-ddl-lock unlock 'task-1-`shop`.`orders`' -s mysql-01 -o mysql-02 -f -a skip -d shop -t orders",
    "list-member -w -n worker-1,worker-2",
    "offline-member -w --name worker-3",
    "operate-leader evict",
    "config task task-1 -p 'my file.yaml'",
    "config master master-1",
    "binlog skip task-1",
    "validation start --all-task",
    "encrypt secret",
    "query-status \"it's $(touch x)\" --bogus",
];

#[test]
fn each_is_answered_with_the_line_of_today() {
    let sandbox = Sandbox::new();
    let _task = sandbox.file("task.yaml", "name: orders\nmysql-instances: [{source-id: a}]\ntarget-database: {host: h}\n");
    let mut page = String::new();
    for line in LINES {
        let output = sandbox.run(line);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{line}");
        page.push_str(&format!("$ dmctl {line}\n{}\n", output.stderr));
    }
    snapshot("former", &page);
}

#[test]
fn what_is_told_can_be_typed() {
    let sandbox = Sandbox::new();
    for line in LINES {
        for hint in sandbox.run(line).stderr.lines().filter_map(|line| line.strip_prefix("hint: type ")) {
            let hint = hint.strip_prefix('`').and_then(|hint| hint.strip_suffix('`')).unwrap_or(hint);
            let words = shlex::split(hint).unwrap();
            assert!(dmctl::cli::parse(&words[1..]).is_ok(), "{line}: {hint}");
        }
    }
}

#[test]
fn a_line_of_today_that_is_wrong_is_no_line_of_then() {
    let sandbox = Sandbox::new();
    for line in ["task get config extra", "--profile binlog task bogus", "bogus query-status"] {
        let output = sandbox.run(line);
        assert!(output.code == 2 && !output.stderr.contains("former"), "{line}: {}", output.stderr);
    }
    let output = sandbox.pipe("--format json", "query-status task-1\n");
    assert!(output.code == 2 && output.stderr.contains("`dmctl task status task-1`"), "{}", output.stderr);
}

#[test]
fn a_session_offers_the_line() {
    let cluster = Cluster::start(usual());
    let sandbox = crate::lines::sandbox(&cluster.address);
    let mut terminal = Terminal::session(&sandbox, "", Kind { columns: 110, ..Kind::USUAL });
    terminal.press("query-status task-1\r");
    terminal.shows("type `dmctl task status task-1`");
    // It stands behind the cursor, and Right takes it.
    terminal.press("\u{1b}[C");
    terminal.shows("> task status task-1");
}

#[test]
fn the_document_is_the_table() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/from-the-go-dmctl.md")).unwrap();
    let rows: Vec<String> = dmctl::cli::former::table()
        .into_iter()
        .map(|row| format!("| {} |", row.map(|cell| cell.replace('|', "\\|")).join(" | ")))
        .collect();
    let written: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(written, rows, "docs/from-the-go-dmctl.md; these are its rows:\n{}", rows.join("\n"));
}
