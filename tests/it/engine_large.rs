//! Values of many megabytes: read in pieces, written in pieces, and never in memory twice.

use dmctl::model::subtask::SubtaskEnd;

use super::engine::{make, named};
use super::harness::Sandbox;
use super::servers::{self, block, crossings, pairs};
use super::serving::{How, Serving};
use super::{engine, oracle};

/// From this size on a value is read apart.
const LARGE: usize = 4 << 20;

/// Keys that must be quoted, several large cells in a row, letters of several bytes that are cut anywhere, and bytes that look like signs.
fn rows() -> Vec<String> {
    let all: String = (0..=255_u8).map(|byte| format!("{byte:02X}")).collect();
    let (bytes, letters) = (format!("REPEAT(X'{all}', 30000)"), format!("REPEAT('aé漢𝄞\\\\''\\t\\n', {})", LARGE / 9));
    let row = |tenant: &str, id: u32, cells: &str| format!("INSERT INTO large VALUES ('{tenant}', {id}, {cells})");
    vec![
        row("it''s, a", 1, &format!("{bytes}, {letters}, NULL, 'm', ''")),
        row("it''s, a", 2, "NULL, 't', REPEAT(_gbk X'8E5CB1ED', 1500000), NULL, NULL"),
        row("ü\\\\", 1, &format!("'', '', '', REPEAT('x', {LARGE}), REPEAT('y', {})", LARGE + 1)),
        row("ü\\\\", 2, &format!("REPEAT('z', {}), NULL, NULL, NULL, NULL", LARGE * 3 + 5)),
        row("ü\\\\", 3, "'after', 'after', 'after', 'after', 'after'"),
    ]
}

const TABLE: &str = "CREATE TABLE large (tenant VARCHAR(20) CHARACTER SET utf8mb4, id INT, b LONGBLOB, t LONGTEXT CHARACTER SET utf8mb4, \
     g LONGTEXT CHARACTER SET gbk, m MEDIUMBLOB, l MEDIUMTEXT CHARACTER SET latin1, PRIMARY KEY (tenant, id))";

#[test]
fn large_values_arrive_to_the_last_byte() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("large", from, to);
            let rows = rows();
            let all: Vec<&str> = [TABLE].into_iter().chain(rows.iter().map(String::as_str)).collect();
            make(source, &schema, &all).await;
            engine::copy(&engine::spec(&schema, source, target, &[&schema], "")).await;
            oracle::assert_same(source, &schema, target, &schema).await;
            // Rows that were there are left alone, so that nothing is loaded: each row is inserted.
            target.execute(&[&format!("DELETE FROM {schema}.large WHERE id < 3")]).await;
            let more = "loaders: {own: {on-duplicate-logical: ignore}}\n";
            let task = format!("{schema}_again");
            let spec = engine::spec_of("s", &task, source, target, &[&schema], more, ", loader-config-name: own");
            assert_eq!(engine::run(&spec).await.0, SubtaskEnd::Finished);
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

/// How many bytes of memory of its own a process has had at most.
fn peak(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// How many bytes a value has: so many that there is no room for two, of any lanes.
const SIZE: usize = 36 << 20;

#[test]
fn a_large_value_is_in_memory_once() {
    for (from, to) in crossings() {
        let (source, target) = (servers::source(from), servers::target(to));
        let schema = named("memory", from, to);
        block(async {
            let fill = |id| format!("INSERT INTO t VALUES ({id}, REPEAT(X'00276162636465660A01020304055C06', {}))", SIZE / 16);
            let table = "CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)";
            make(source, &schema, &[table, &fill(1), &fill(2)]).await;
            // One that is there makes it insert.
            make(target, &schema, &[table, "INSERT INTO t VALUES (0, '')"]).await;
        });
        let mut serving = Serving::none(&Sandbox::new());
        serving.up(How::default());
        serving.sandbox().file("source.yaml", format!("source-id: source-1\nfrom: {}\n", source.yaml()));
        serving.does("source create source.yaml");
        for (task, loaders) in [("loads", ""), ("inserts", "loaders: {own: {on-duplicate-logical: ignore}}\n")] {
            let to = if loaders.is_empty() { format!("{schema}_loaded") } else { schema.clone() };
            let own = if loaders.is_empty() { "" } else { ", loader-config-name: own" };
            let text = format!(
                "name: {task}\ntask-mode: full\nmeta-schema: meta_dm\ntarget-database: {}\n{loaders}\
                 routes: {{own: {{schema-pattern: {schema}, target-schema: {to}}}}}\n\
                 block-allow-list: {{own: {{do-dbs: [{schema}]}}}}\n\
                 mysql-instances: [{{source-id: source-1, block-allow-list: own, route-rules: [own]{own}}}]\n",
                target.yaml()
            );
            let before = peak(serving.pid());
            serving.sandbox().file("task.yaml", text);
            serving.does("task create task.yaml");
            serving.does(&format!("task start {task}"));
            serving.does(&format!("task status {task} --wait finished --wait-timeout 5m"));
            let same = "SELECT BIT_XOR(CRC32(v) + id) FROM {}.t WHERE id > 0";
            let [own, theirs] =
                [(source, &schema), (target, &to)].map(|(server, schema)| block(server.value(&same.replace("{}", schema))));
            assert_eq!(own, theirs, "{task} {from:?} -> {to}");
            let after = peak(serving.pid());
            // The library's buffers, of a megabyte each, come on top.
            assert!(after < before + SIZE + (32 << 20), "{task} {from:?} -> {to}: {before} -> {after}");
        }
    }
}
