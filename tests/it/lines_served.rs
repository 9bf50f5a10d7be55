//! The table of lines on the DM inside: each line goes to a real `dmctl serve` over real servers, as arguments and through a pipe, in text
//! and in JSON. Each of the four ways has a server of its own and runs all rows, in their order; the same must come of all of them.

use crate::harness::{Output, Sandbox, snapshot};
use crate::lines::{CHANGING, READING};
use crate::servers::{self, Family, PASSWORD, block, can_run};
use crate::serving::Serving;

/// What it is about, the exit code, and the line. Where the DM inside answers otherwise than DM, the first says so.
type Row = (&'static str, i32, &'static str);

const SOURCES: &[Row] = &[
    ("nothing there", 0, "source list"),
    ("nothing there", 0, "task list"),
    ("a source", 0, "source create source.yaml"),
    ("one that is there", 1, "source create source.yaml"),
    ("one that can't be reached", 1, "source create gone.yaml"),
    ("its password is wrong", 1, "source create denied.yaml"),
    ("a second one", 0, "source create second.yaml"),
    ("all", 0, "source list"),
    ("as a file", 0, "source get mysql-01"),
    ("of nobody", 1, "source get nope"),
    ("how it does", 0, "source status mysql-01"),
    ("how nobody does", 1, "source status nope"),
    ("with the file that made it", 0, "source update mysql-01 source.yaml"),
    ("with another file", 0, "source update mysql-01 changed.yaml"),
    ("of nobody", 1, "source update nope nobody.yaml"),
    ("of one that is enabled", 0, "source enable mysql-01"),
    ("of a source", 0, "source disable mysql-01"),
    ("of one that is disabled", 0, "source disable mysql-01"),
    ("of one that is disabled", 0, "source enable mysql-01"),
    ("of nobody", 1, "source enable nope"),
    ("of nobody", 1, "source disable nope"),
    ("to a free worker", 0, "source transfer mysql-01 worker3"),
    ("to where it is", 0, "source transfer mysql-01 worker3"),
    ("to one that serves another source", 1, "source transfer mysql-01 worker2"),
    ("to nobody", 1, "source transfer mysql-01 nope"),
    ("of nobody", 1, "source transfer nope worker1"),
    ("not yet here; DM starts it", 1, "relay start mysql-01"),
    ("of nobody", 1, "relay start nope"),
    ("there is none", 0, "relay stop mysql-01"),
    ("of nobody", 1, "relay stop nope"),
    ("there is none", 1, "relay purge mysql-01 bin.000001 --yes"),
    ("of nobody", 1, "relay purge nope bin.000001 --yes"),
    ("none: no task follows the binlog yet", 0, "ddl-lock list"),
    ("of nothing", 1, "ddl-lock unlock 'task-1-`shop`.`orders`' --yes"),
    ("all", 0, "member list"),
    ("the one leader", 0, "member list --role leader"),
    ("of one that serves a source", 1, "member offline worker3 --yes"),
    ("of a free one, not confirmed", 5, "member offline worker1"),
    ("of a free one; DM wants it to be down", 0, "member offline worker1 --yes"),
    ("it gets the last free worker", 0, "source create third.yaml"),
    ("no worker is free", 0, "source create fourth.yaml"),
    ("of the only master", 1, "member offline dmctl --yes"),
    ("of nobody", 1, "member offline nope --yes"),
    ("the only master; DM tries it", 1, "member evict-leader dmctl --yes"),
    ("of nobody", 1, "member evict-leader nope"),
    ("it never was evicted", 0, "member cancel-evict-leader dmctl"),
    ("of nobody", 1, "member cancel-evict-leader nope"),
    ("not confirmed", 5, "source delete mysql-01"),
    ("what would be lost", 0, "source delete mysql-01 --dry-run"),
    ("confirmed", 0, "source delete mysql-01 --yes"),
    ("one that is gone", 1, "source delete mysql-01 --yes"),
];

const TASKS: &[Row] = &[
    ("a source for them", 0, "source create source.yaml"),
    ("it could run", 0, "task check task.yaml"),
    ("a key that nobody knows", 1, "task check typo.yaml"),
    ("its target lets nobody in", 1, "task check denied-task.yaml"),
    ("a task", 0, "task create task.yaml"),
    ("one that is there", 1, "task create task.yaml"),
    ("of an unknown source", 1, "task create stranger.yaml"),
    ("not yet here; DM creates it", 1, "task create all.yaml"),
    ("a key that nobody knows", 2, "task create typo.yaml"),
    ("as a file", 0, "task get task-1"),
    ("of nobody", 1, "task get nope"),
    ("one that was created", 0, "task list"),
    ("of a source", 0, "task list --source mysql-01 --stage stopped"),
    ("of nobody", 1, "task list --source nope"),
    ("one that was created", 0, "task status task-1"),
    ("of nobody", 1, "task status nope"),
    ("more threads", 0, "task update task-1 threads.yaml"),
    ("the same again", 0, "task update task-1 threads.yaml"),
    ("of nobody", 1, "task update nope nobody-task.yaml"),
    ("of nobody", 1, "task start nope"),
    ("with what is not yet here", 1, "task start task-1 --start-time '2026-01-31 08:00:00'"),
    ("one that was created; its end is not waited for", 0, "task start task-1 --no-wait"),
    ("until it is through", 0, "task status task-1 --wait finished --wait-timeout 2m"),
    ("one that is through", 0, "task list --stage finished"),
    ("of one that is through; DM says that it starts", 1, "task start task-1"),
    ("of one that is through", 0, "task stop task-1"),
    ("over again, not confirmed", 5, "task start task-1 --remove-meta"),
    ("over again, what would be lost", 0, "task start task-1 --remove-meta --dry-run"),
    ("over again", 0, "task start task-1 --remove-meta --yes --no-wait"),
    ("until it is through", 0, "task status task-1 --wait finished --wait-timeout 2m"),
    ("one that is through", 1, "task update task-1 task.yaml"),
    ("its source is in use", 1, "source delete mysql-01 --yes"),
    ("a target that is away: it waits for it", 0, "task create away.yaml"),
    ("what waits runs", 0, "task start task-away"),
    ("what runs", 0, "task start task-away"),
    ("what runs", 0, "task list --stage running"),
    ("what runs", 0, "task status task-away"),
    ("what runs grows", 1, "task verify task-away"),
    ("of nobody", 1, "task verify nope"),
    ("until a time that has come", 124, "task status task-away --wait finished --wait-timeout 1ms"),
    ("its source", 0, "source status mysql-01"),
    ("while it runs, how it copies", 0, "task update task-away away-threads.yaml"),
    ("while it runs, what it copies", 1, "task update task-away elsewhere.yaml"),
    ("while it runs", 1, "task delete task-away --yes"),
    ("while it runs, by force: what would be lost", 0, "task delete task-away --force --dry-run"),
    ("what runs", 0, "task stop task-away --timeout 5s"),
    ("what is stopped", 0, "task stop task-away"),
    ("of nobody", 1, "task stop nope"),
    ("its target is away", 1, "task delete task-away --yes"),
    ("by force", 0, "task delete task-away --force --yes"),
    ("not confirmed", 5, "task delete task-1"),
    ("what would be lost", 0, "task delete task-1 --dry-run"),
    ("confirmed", 0, "task delete task-1 --yes"),
    ("one that is gone", 1, "task delete task-1 --yes"),
];

/// What this version has no use for, so that it never succeeds, and what can't be refused.
const NEVER_DONE: [&str; 4] = ["relay start", "relay purge", "ddl-lock unlock", "member evict-leader"];
const NEVER_REFUSED: [&str; 3] = ["source list", "ddl-lock list", "member list"];

#[test]
fn every_verb_succeeds_here_and_is_refused_here() {
    let rows: Vec<&Row> = SOURCES.iter().chain(TASKS).collect();
    for line in READING.iter().chain(&CHANGING) {
        let verb = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let has = |done: bool| {
            rows.iter().any(|(_, code, line)| (line.starts_with(&format!("{verb} ")) || *line == verb) && (*code == 0) == done)
        };
        assert_eq!(has(true), !NEVER_DONE.contains(&verb.as_str()), "{verb} in success");
        assert_eq!(has(false), !NEVER_REFUSED.contains(&verb.as_str()), "{verb} refused");
    }
}

/// This one shows what a task waits for, which takes a moment to be known.
const AWAITED: &str = "task status task-away";

#[test]
fn sources_relay_logs_locks_and_members() {
    table("served_sources", "lines_sources", SOURCES);
}

#[test]
fn tasks() {
    table("served_tasks", "lines_tasks", TASKS);
}

/// Runs all rows in all four ways.
fn table(name: &str, schema: &str, rows: &[Row]) {
    if !can_run(Family::MySql) || !can_run(Family::MariaDb) {
        return;
    }
    let (source, target) = (servers::source(Family::MySql), servers::target(Family::MariaDb));
    let create = format!("CREATE DATABASE {schema}");
    let orders = format!("CREATE TABLE {schema}.orders (id INT PRIMARY KEY, sum DECIMAL(10, 2) NOT NULL)");
    let rows_of_orders = format!("INSERT INTO {schema}.orders VALUES (1, 1.50), (2, -3.00)");
    // What the server knows of the size of a table is settled by that.
    let analyze = format!("ANALYZE TABLE {schema}.orders");
    block(source.execute(&[&create, &orders, &rows_of_orders, &analyze]));
    let run = |piped: bool, format: &str| {
        block(target.execute(&[&format!("DROP DATABASE IF EXISTS {schema}"), &format!("DROP DATABASE IF EXISTS {schema}_meta")]));
        history(schema, rows, piped, format)
    };
    let [text, json] = ["", " --format json"].map(|format| {
        let alone = run(false, format);
        for ((piped, alone), (_, _, line)) in run(true, format).into_iter().zip(&alone).zip(rows) {
            let remark =
                if alone.code == 0 { String::new() } else { format!("stopped at line 1, with exit code {}\n", alone.code) };
            let expected = Output { stderr: format!("{}{remark}", alone.stderr), ..alone.clone() };
            assert_eq!(piped, expected, "{line}{format}: piped, and alone");
        }
        alone
    });
    let copied = block(target.value(&format!("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{schema}'")));
    assert_eq!(copied, if rows.iter().any(|(.., line)| line.contains("finished")) { "1" } else { "0" });
    let mut page = String::new();
    for (((title, code, line), text), json) in rows.iter().zip(text).zip(json) {
        assert_eq!((text.code, json.code), (*code, *code), "{line}: {text:?} {json:?}");
        for part in json.stdout.lines().chain(json.stderr.lines()) {
            let _valid: serde_json::Value = serde_json::from_str(part).unwrap_or_else(|error| panic!("{line}: {error}: {part}"));
        }
        page.push_str(&format!("## {title}\n"));
        for (output, format) in [(text, ""), (json, " --format json")] {
            page.push_str(&format!("$ dmctl {line}{format}\n{}", output.stdout));
            for told in output.stderr.lines() {
                page.push_str(format!("2> {told}").trim_end());
                page.push('\n');
            }
        }
        page.push_str(&format!("exit {code}\n\n"));
    }
    snapshot(name, page.trim_end());
}

/// Runs all rows on a new server.
fn history(schema: &str, rows: &[Row], piped: bool, format: &str) -> Vec<Output> {
    let sandbox = Sandbox::new();
    write_files(&sandbox, schema);
    let serving = Serving::start(&sandbox, "");
    let run = |(_, _, line): &Row| {
        if *line == AWAITED {
            let waits = || sandbox.run(line).stdout.contains("  waits:   127.0.0.1:1 can't be reached: ");
            assert!((0..1000).any(|_| waits()), "it is told why a task waits");
        }
        let line = format!("{line}{format}");
        let output = if piped { sandbox.pipe("", &line) } else { sandbox.run(&line) };
        let steady = |text: &str| {
            assert!(!text.contains(PASSWORD) && !text.contains("it's a"), "{line} shows a password: {text}");
            steady(&sandbox.steady(text, &[(serving.address.as_str(), "$MASTER")]))
        };
        Output { stdout: steady(&output.stdout), stderr: steady(&output.stderr), code: output.code }
    };
    rows.iter().map(run).collect()
}

fn write_files(sandbox: &Sandbox, schema: &str) {
    let (source, target) = (servers::source(Family::MySql), servers::target(Family::MariaDb));
    let denied = |yaml: String| yaml.replace(&PASSWORD.replace('\'', "''"), "wrong");
    let source_file = |name: &str, from: &str, more: &str| format!("source-id: {name}\nfrom: {from}\n{more}");
    let away = "{host: 127.0.0.1, port: 1, user: dm, password: nobody-there}";
    let task = |name: &str, from: &str, to: &str, more: &str| {
        format!(
            "name: {name}\ntask-mode: full\nmeta-schema: {schema}_meta\ntarget-database: {to}\nmysql-instances:\n- source-id: {from}\n  \
             block-allow-list: own\nblock-allow-list:\n  own: {{do-dbs: [{schema}]}}\n{more}"
        )
    };
    let to = target.yaml();
    let all = "ignore-checking-items: [all]\n";
    let few = "allow-list: own\n  mydumper-config-name: few";
    for (name, text) in [
        ("source.yaml", source_file("mysql-01", &source.yaml(), "")),
        ("second.yaml", source_file("mysql-02", &source.yaml(), "")),
        ("third.yaml", source_file("mysql-03", &source.yaml(), "")),
        ("fourth.yaml", source_file("mysql-04", &source.yaml(), "")),
        ("changed.yaml", source_file("mysql-01", &source.yaml(), "enable-gtid: true\n")),
        ("gone.yaml", source_file("mysql-03", away, "")),
        ("denied.yaml", source_file("mysql-03", &denied(source.yaml()), "")),
        ("task.yaml", task("task-1", "mysql-01", &to, "")),
        ("threads.yaml", task("task-1", "mysql-01", &to, "mydumpers:\n  few: {threads: 2}\n").replace("allow-list: own", few)),
        ("nobody-task.yaml", task("nope", "mysql-01", &to, "")),
        ("nobody.yaml", source_file("nope", &source.yaml(), "")),
        ("typo.yaml", task("task-1", "mysql-01", &to, "task-mod: full\n")),
        ("denied-task.yaml", task("task-1", "mysql-01", &denied(target.yaml()), "")),
        ("stranger.yaml", task("task-2", "nope", &to, "")),
        ("all.yaml", task("task-2", "mysql-01", &to, "").replace("task-mode: full", "task-mode: all")),
        ("away.yaml", task("task-away", "mysql-01", away, all)),
        (
            "away-threads.yaml",
            task("task-away", "mysql-01", away, &format!("{all}mydumpers:\n  few: {{threads: 2}}\n"))
                .replace("allow-list: own", few),
        ),
        ("elsewhere.yaml", task("task-away", "mysql-01", &to, "")),
    ] {
        let _path = sandbox.file(name, text);
    }
}

/// A text without ports, positions, GTIDs and what MySQL calls the host of a client.
fn steady(text: &str) -> String {
    let mut text = text.to_owned();
    for (port, name) in [(servers::source(Family::MySql).port, "$SOURCE"), (servers::target(Family::MariaDb).port, "$TARGET")] {
        text = text.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{name}"));
        for before in ["port: ", "\"port\":"] {
            text = text.replace(&format!("{before}{port}"), &format!("{before}3306"));
        }
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("(bin.") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(')').unwrap();
        out.push_str("($POSITION)");
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    let is_gtid = |word: &str| word.len() > 36 && word.as_bytes()[8] == b'-' && word.as_bytes()[23] == b'-';
    let mut parts = Vec::new();
    for part in out.split_inclusive([' ', '"', '\n']) {
        let word = part.trim_end_matches([' ', '"', '\n']);
        parts.push(if is_gtid(word) { part.replace(word, "$GTID") } else { part.to_owned() });
    }
    parts.concat()
}
