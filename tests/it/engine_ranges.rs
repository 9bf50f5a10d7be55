//! Tables that are cut into ranges, rows that are loaded, and indexes that are made after them.

use std::sync::{Arc, Mutex};

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use dmctl::model::subtask::{Reporter, SubtaskEnd, SubtaskProgress, SubtaskSpec};

use super::engine::{make, named};
use super::engine_faults::{lanes, run_until};
use super::servers::{self, Family, Server, block, crossings, pairs};
use super::{engine, oracle};

/// Ten thousand numbers `i`, for an INSERT.
const NUMBERS: &str = "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS i FROM digits a, digits b, digits c, digits d) numbers";
const DIGITS: [&str; 2] =
    ["CREATE TABLE digits (n INT PRIMARY KEY)", "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)"];

/// Keeps what an engine says of how it works.
struct Ear(Mutex<Vec<String>>);

impl Reporter for Ear {
    fn progress(&self, _progress: SubtaskProgress) {}

    fn says(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }
}

/// Runs a subtask to its end; with all that it said.
async fn heard(spec: &SubtaskSpec) -> (SubtaskEnd, Vec<String>) {
    let ear = Arc::new(Ear(Mutex::default()));
    let end = dmctl::engine::run(spec, Arc::clone(&ear) as Arc<dyn Reporter>, CancellationToken::new()).await;
    let said = ear.0.lock().unwrap().clone();
    (end, said)
}

async fn indexes(server: &Server, schema: &str, table: &str) -> Vec<String> {
    let query = format!(
        "SELECT CONCAT_WS(' ', INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME, SUB_PART) FROM information_schema.STATISTICS \
         WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME = '{table}' ORDER BY 1"
    );
    server.connect().await.query(query).await.unwrap()
}

/// Books of which nobody knows how the copy is to go on would be no use: they are read here as the engine keeps them.
async fn ranges(server: &Server, task: &str, table: &str) -> Vec<(u32, Option<String>, Option<String>, u64, bool)> {
    let query = format!(
        "SELECT number, last_key, to_key, rows_done, done FROM meta_dm.{task}_dmctl_tables WHERE table_name = '{table}' ORDER BY number"
    );
    server.connect().await.query(query).await.unwrap()
}

/// Skewed keys of several parts: most rows have the same first part.
const SKEWED: &[&str] = &[
    "CREATE TABLE skewed (tenant VARCHAR(20) CHARACTER SET latin1 NOT NULL, id BIGINT NOT NULL, filler VARCHAR(4000), PRIMARY KEY (tenant, id))",
    "CREATE TABLE keyless (v INT, filler VARCHAR(200))",
];

#[test]
fn a_large_table_is_cut_into_ranges_that_are_kept() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("ranges", from, to);
            let fill = [
                format!(
                    "INSERT INTO skewed SELECT IF(i % 100 = 0, CONCAT('t,''é', i), 'Big'), i * 3, REPEAT('x', 2500 + i % 99) FROM {NUMBERS}"
                ),
                format!("INSERT INTO keyless SELECT i, 'k' FROM {NUMBERS}"),
            ];
            let analyze = "ANALYZE TABLE skewed, keyless";
            let all: Vec<&str> =
                DIGITS.iter().chain(SKEWED).copied().chain(fill.iter().map(String::as_str)).chain([analyze]).collect();
            make(source, &schema, &all).await;
            let spec = lanes(3, &schema, source, target);
            assert_eq!(run_until(&spec, 16_000).await, None, "it came through before it was cut off");
            let before = ranges(target, &schema, "skewed").await;
            assert!(before.len() > 2, "{before:?}");
            assert!(before.iter().any(|range| range.4), "no range was through: {before:?}");
            assert_eq!(ranges(target, &schema, "keyless").await.len(), 1, "without a key nothing can be cut");
            for (range, next) in before.iter().zip(&before[1..]) {
                assert!(range.2.is_some(), "a range without an end is not the last: {before:?}");
                assert!(next.3 > 0 || next.1 == range.2, "a gap: {before:?}");
            }
            assert_eq!(before.last().unwrap().2, None, "the last range has an end: {before:?}");
            engine::copy(&spec).await;
            oracle::assert_same(source, &schema, target, &schema).await;
            let after = ranges(target, &schema, "skewed").await;
            assert_eq!(after.iter().map(|range| range.3).sum::<u64>(), 10_000, "{after:?}");
            for range in before.iter().filter(|range| range.4) {
                assert!(after.contains(range), "{range:?} is not what it was: {after:?}");
            }
        }
    });
}

/// More rows than make it worth while to have indexes before them.
async fn make_indexed(server: &Server, schema: &str) {
    let fill = format!(
        "INSERT INTO indexed SELECT i + 10000 * e.n, i % 7, CONCAT('Word ', i, '-', e.n), i FROM {NUMBERS}, digits e WHERE e.n < 8"
    );
    let all = [
        "CREATE TABLE indexed (id INT NOT NULL PRIMARY KEY, k INT, w VARCHAR(40), n INT, UNIQUE KEY w (w), KEY `k ``x` (k, w(5)) COMMENT 'it''s é', \
         KEY n (n))",
        &fill,
        "ANALYZE TABLE indexed",
    ];
    make(server, schema, &DIGITS.into_iter().chain(all).collect::<Vec<_>>()).await;
}

#[test]
fn indexes_are_made_after_the_rows_and_never_forgotten() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("indexed", from, to);
            make_indexed(source, &schema).await;
            let (whole, first) = (indexes(source, &schema, "indexed").await, "PRIMARY 0 1 id");
            let spec = lanes(2, &schema, source, target);
            assert_eq!(run_until(&spec, 30_000).await, None);
            assert_eq!(indexes(target, &schema, "indexed").await, [first], "{from:?} -> {to:?}: before the rows");
            // All rows are there, and the target is about to make the indexes: it can't, as long as somebody reads the table.
            let (mut reader, running, _go_on) = run_to_the_indexes(&spec, target, &schema).await;
            running.abort();
            drop(running.await);
            reader.query_drop("COMMIT").await.unwrap();
            let progress = engine::copy(&spec).await;
            assert_eq!(indexes(target, &schema, "indexed").await, whole, "{from:?} -> {to:?}");
            assert_eq!(progress.tables_done, 2);
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

#[test]
fn a_source_without_snapshots_is_written_to_again_once_its_rows_are_read() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("held", from, to);
            make_indexed(source, &schema).await;
            let held = [
                format!("CREATE TABLE {schema}.held (id INT PRIMARY KEY, v INT) ENGINE=MyISAM"),
                format!("INSERT INTO {schema}.held SELECT n, n FROM {schema}.digits"),
            ];
            source.execute(&held.each_ref().map(String::as_str)).await;
            let spec = lanes(2, &schema, source, target);
            assert_eq!(run_until(&spec, 30_000).await, None);
            // Once as it goes on, and once as it comes back for nothing but the indexes.
            for is_last in [false, true] {
                let (mut reader, running, stop) = run_to_the_indexes(&spec, target, &schema).await;
                if !is_last {
                    stop.cancel();
                    assert_eq!(running.await.unwrap(), SubtaskEnd::Stopped);
                    while is_altered(&mut reader, &schema).await {}
                    continue;
                }
                let mut writer = source.connect().await;
                writer.query_drop("SET SESSION lock_wait_timeout = 20").await.unwrap();
                writer.query_drop(format!("INSERT INTO {schema}.held VALUES (100, 100)")).await.unwrap();
                reader.query_drop("COMMIT").await.unwrap();
                assert_eq!(running.await.unwrap(), SubtaskEnd::Finished);
            }
            source.execute(&[&format!("DELETE FROM {schema}.held WHERE id = 100")]).await;
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

/// Whether somebody is about to alter the table of a schema.
async fn is_altered(conn: &mut Conn, schema: &str) -> bool {
    let rows: Vec<mysql_async::Row> = conn.query("SHOW PROCESSLIST").await.unwrap();
    let words = rows.iter().filter_map(|row| row.get::<Option<String>, _>("Info").flatten());
    words.into_iter().any(|words| words.starts_with("ALTER TABLE") && words.contains(schema))
}

/// Runs a subtask until it is about to make indexes, which it can't do as long as the connection that comes back reads the table.
async fn run_to_the_indexes(
    spec: &SubtaskSpec,
    target: &Server,
    schema: &str,
) -> (Conn, JoinHandle<SubtaskEnd>, CancellationToken) {
    let mut reader = target.connect().await;
    reader.query_drop("START TRANSACTION").await.unwrap();
    reader.query_drop(format!("SELECT COUNT(*) FROM {schema}.indexed")).await.unwrap();
    let stop = CancellationToken::new();
    let (own, told) = (spec.clone(), stop.clone());
    let running = tokio::spawn(async move { dmctl::engine::run(&own, Arc::new(|_| {}), told).await });
    wait_for_alter(target, schema, &running).await;
    (reader, running, stop)
}

/// Waits until somebody alters the table of a schema, as whoever runs must do before it ends.
async fn wait_for_alter(server: &Server, schema: &str, running: &JoinHandle<SubtaskEnd>) {
    let mut conn = server.connect().await;
    while !is_altered(&mut conn, schema).await {
        assert!(!running.is_finished(), "it came through, and no index was made");
    }
}

#[test]
fn a_stop_is_heard_while_indexes_are_made() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("halted", from, to);
            make_indexed(source, &schema).await;
            let spec = lanes(2, &schema, source, target);
            assert_eq!(run_until(&spec, 30_000).await, None);
            let (mut reader, running, stop) = run_to_the_indexes(&spec, target, &schema).await;
            stop.cancel();
            assert_eq!(running.await.unwrap(), SubtaskEnd::Stopped);
            reader.query_drop("COMMIT").await.unwrap();
            // Whoever gives the task up gets a table that lacks nothing but rows.
            dmctl::engine::forget(&spec).await.unwrap();
            assert_eq!(indexes(target, &schema, "indexed").await, indexes(source, &schema, "indexed").await);
        }
    });
}

/// A server of a family with `local_infile` on or off.
fn taker(family: Family, loads: bool) -> Server {
    Server::start(family, &[if loads { "--local-infile=1" } else { "--local-infile=0" }])
}

#[test]
fn rows_are_loaded_where_the_target_takes_that_and_inserted_else() {
    for (from, to) in crossings() {
        for loads in [true, false] {
            let target = taker(to, loads);
            block(async {
                let _busy = servers::busy().await;
                let source = servers::source(from);
                let schema = named(if loads { "loads" } else { "inserts" }, from, to);
                let floats = [
                    "CREATE TABLE floats (id INT PRIMARY KEY, f FLOAT, d DOUBLE, g FLOAT(9,3), e ENUM('1','0',''), j JSON)",
                    "INSERT INTO floats SELECT n, RAND(n) * POW(10, n % 70 - 35), RAND(n) * POW(10, n % 600 - 300), RAND(n) * 1000, 1 + n % 3, \
                     CONCAT('{\"a\\\\tb\\\\\\\\\": ', n, '}') FROM (SELECT a.n + 10 * b.n + 100 * c.n AS n FROM digits a, digits b, digits c) i",
                    "INSERT INTO floats VALUES (-1, 0, -1.7976931348623157e308, NULL, NULL, NULL)",
                ];
                make(source, &schema, &DIGITS.into_iter().chain(floats).collect::<Vec<_>>()).await;
                let spec = engine::spec(&schema, source, &target, &[&schema], "");
                let (end, said) = heard(&spec).await;
                assert_eq!(end, SubtaskEnd::Finished);
                let word = if loads { "loaded (LOAD DATA)" } else { "inserted (INSERT)" };
                assert_eq!(said.len(), 2);
                assert!(said.iter().all(|line| line.contains(word)), "{said:?}");
                // In the binary protocol they come as the bits that they are.
                let query = format!("SELECT f, d, g, e, CAST(j AS CHAR) FROM {schema}.floats ORDER BY id");
                type Row = (Option<f32>, Option<f64>, Option<f32>, Option<String>, Option<String>);
                let mut rows = Vec::new();
                for server in [source, &target] {
                    let own: Vec<Row> = server.connect().await.exec(query.as_str(), ()).await.unwrap();
                    let bits = own.into_iter().map(|(f, d, g, e, j)| {
                        (f.map(f32::to_bits), d.map(f64::to_bits), g.map(f32::to_bits), e, j.map(|text| text.replace(' ', "")))
                    });
                    rows.push(bits.collect::<Vec<_>>());
                }
                assert_eq!(rows[0].len(), 1001);
                let differs = rows[0].iter().zip(&rows[1]).find(|(own, theirs)| own != theirs);
                assert_eq!(differs, None, "{from:?} -> {to:?}, loads: {loads}");
                source.execute(&[&format!("DROP DATABASE {schema}")]).await;
            });
        }
    }
}

#[test]
fn a_value_that_does_not_fit_stops_the_task() {
    for (from, to) in crossings() {
        for loads in [true, false] {
            let target = taker(to, loads);
            block(async {
                let _busy = servers::busy().await;
                let source = servers::source(from);
                // What the target has already, what the source has, and what the target says of it.
                let cases = [
                    ("v VARCHAR(3)", "v VARCHAR(9)", "'four'", "1406"),
                    ("v INT", "v BIGINT", "2147483648", "1264"),
                    ("v INT NOT NULL", "v INT", "NULL", "1048"),
                    ("v VARCHAR(9) CHARACTER SET ascii", "v VARCHAR(9) CHARACTER SET utf8mb4", "'é'", "1366"),
                    (
                        "v VARCHAR(9) COLLATE utf8mb4_general_ci, UNIQUE KEY (v)",
                        "v VARCHAR(9) COLLATE utf8mb4_bin",
                        "'a'), (3, 'A'",
                        "1062",
                    ),
                    ("v ENUM('x')", "v ENUM('x','y')", "'y'", "1265"),
                ];
                for (number, (there, here, value, code)) in cases.into_iter().enumerate() {
                    let schema = named(&format!("fits_{number}_{loads}"), from, to);
                    let own = format!("CREATE TABLE t (id INT PRIMARY KEY, {here})");
                    let rows = format!("INSERT INTO t VALUES (1, DEFAULT(v)), (2, {value})");
                    make(source, &schema, &[&own, &rows.replace("(1, DEFAULT(v)), ", "")]).await;
                    make(&target, &schema, &[&format!("CREATE TABLE t (id INT PRIMARY KEY, {there})")]).await;
                    let (end, _) = heard(&engine::spec(&schema, source, &target, &[&schema], "")).await;
                    let SubtaskEnd::Failed(errors) = end else { panic!("{there}: {end:?}") };
                    let error = &errors[0];
                    assert!(error.message.contains("`t`") && error.message.contains("up to the key ("), "{there}: {error:?}");
                    assert!(error.cause.as_deref().unwrap().contains(&format!("Error {code} ")), "{there}: {error:?}");
                    assert_eq!(target.value(&format!("SELECT COUNT(*) FROM {schema}.t")).await, "0", "{there}");
                    source.execute(&[&format!("DROP DATABASE {schema}")]).await;
                }
                // A text in another character set is the same text.
                let schema = named(&format!("letters_{loads}"), from, to);
                make(
                    source,
                    &schema,
                    &["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4)", "INSERT INTO t VALUES (1, 'é')"],
                )
                .await;
                make(&target, &schema, &["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET latin1)"]).await;
                engine::copy(&engine::spec(&schema, source, &target, &[&schema], "")).await;
                assert_eq!(target.value(&format!("SELECT HEX(v) FROM {schema}.t")).await, "E9");
                source.execute(&[&format!("DROP DATABASE {schema}")]).await;
            });
        }
    }
}
