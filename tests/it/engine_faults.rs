//! Faults in the middle of a copy: they cost time, and never a row.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use mysql_async::prelude::Queryable as _;
use tokio_util::sync::CancellationToken;

use dmctl::model::file::Secret;
use dmctl::model::subtask::{SubtaskEnd, SubtaskProgress, SubtaskSpec};

use super::engine::{make, named};
use super::servers::{self, Family, Server, block, crossings, pairs};
use super::{engine, oracle};

/// Several tables of many chunks: with a key, with a key of several parts, without a key.
const TABLES: &[&str] = &[
    "CREATE TABLE digits (n INT PRIMARY KEY)",
    "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
    "CREATE TABLE keyed (id BIGINT AUTO_INCREMENT PRIMARY KEY, v INT, filler MEDIUMTEXT)",
    "INSERT INTO keyed SELECT x.n + 10 * y.n + 100 * z.n, x.n, REPEAT(x.n, 40000) FROM digits x, digits y, digits z WHERE z.n < 4",
    "CREATE TABLE parted (a VARCHAR(20) CHARACTER SET latin1, b INT, filler MEDIUMTEXT, PRIMARY KEY (a, b))",
    "INSERT INTO parted SELECT CONCAT('É', x.n), y.n + 10 * z.n, REPEAT(y.n, 40000) FROM digits x, digits y, digits z WHERE z.n < 3",
    "CREATE TABLE keyless (v INT, filler MEDIUMTEXT)",
    "INSERT INTO keyless SELECT x.n, REPEAT('k', 40000) FROM digits x, digits y, digits z WHERE z.n < 2",
];

/// A subtask with so many connections to either end.
pub fn lanes(lanes: u8, schema: &str, source: &Server, target: &Server) -> SubtaskSpec {
    engine::spec_of("s", schema, source, target, &[schema], "", &format!(", mydumper-thread: {lanes}"))
}

/// A generator of numbers that gives the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Tells each piece of news to a function, with its number.
pub struct Listener<F>(pub AtomicUsize, pub F);

impl<F: Fn(usize, &SubtaskProgress) + Send + Sync> dmctl::model::subtask::Reporter for Listener<F> {
    fn progress(&self, progress: SubtaskProgress) {
        (self.1)(self.0.fetch_add(1, Ordering::Relaxed), &progress);
    }
}

/// Starts a run, and ends it without a word as soon as so many rows are in the target. How it ended, if it did so before.
pub async fn run_until(spec: &SubtaskSpec, rows: u64) -> Option<SubtaskEnd> {
    let gone = CancellationToken::new();
    let cut = gone.clone();
    let first = Mutex::new(None);
    // Whoever tells stands still until the engine is cut off, so that it is cut off just there.
    let (held, hold) = mpsc::channel::<()>();
    let hold = Mutex::new(Some(hold));
    let teller = Arc::new(Mutex::new(None));
    let told_by = Arc::clone(&teller);
    let listener = Listener(AtomicUsize::new(0), move |_, progress: &SubtaskProgress| {
        let start = *first.lock().unwrap().get_or_insert(progress.rows_done);
        if progress.rows_done >= start + rows
            && let Some(hold) = hold.lock().unwrap().take()
        {
            *told_by.lock().unwrap() = tokio::task::try_id();
            cut.cancel();
            tokio::task::block_in_place(|| hold.recv().unwrap_err());
        }
    });
    let spec = spec.clone();
    let mut running = tokio::spawn(async move { dmctl::engine::run(&spec, Arc::new(listener), CancellationToken::new()).await });
    tokio::select! {
        ended = &mut running => return Some(ended.unwrap()),
        () = gone.cancelled() => running.abort(),
    }
    if *teller.lock().unwrap() == Some(running.id()) {
        drop(held);
        drop(running.await);
    } else {
        drop(running.await);
        drop(held);
    }
    None
}

#[test]
fn an_engine_that_is_cut_off_anywhere_goes_on() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("cut", from, to);
            make(source, &schema, TABLES).await;
            let spec = lanes(2, &schema, source, target);
            let mut dice = Dice(from as u64 * 2 + to as u64);
            let mut cuts = 0;
            loop {
                match run_until(&spec, 1 + dice.roll(400)).await {
                    None => cuts += 1,
                    Some(end) => {
                        assert_eq!(end, SubtaskEnd::Finished);
                        break;
                    }
                }
                assert!(cuts < 200, "it never gets through");
            }
            assert!(cuts > 0, "nothing was cut off");
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

/// One row a chunk, whose keys have each kind of part, at its edges: each row differs from the one before in one part more.
const KEYS: &[&str] = &[
    "CREATE TABLE kinds (a BIGINT UNSIGNED, b DECIMAL(20,5), c DATE, d DATETIME(6), e TIMESTAMP(3) DEFAULT '0000-00-00', f TIME(6), \
     g VARBINARY(9), h VARCHAR(9) CHARACTER SET latin1, i VARCHAR(9) CHARACTER SET utf8mb4, j BIT(64), k YEAR, filler LONGBLOB NOT NULL, \
     PRIMARY KEY (a, b, c, d, e, f, g, h, i, j, k))",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '0000-00-00', '-838:59:59', '', '', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '0000-00-00', '-838:59:59', '', '', '', 0, 1999, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '0000-00-00', '-838:59:59', '', '', '', X'FFFFFFFFFFFFFFFF', 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '0000-00-00', '-838:59:59', '', '', 'é,\\'😀', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '0000-00-00', '-838:59:59', '', 'Éé', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '0000-00-00', '-838:59:59', X'00275C', '', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '0000-00-00', '-00:00:00.000001', '', '', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '0000-00-00', '2038-01-19 03:14:07.999', '0', '', '', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '0000-00-00', '2021-02-31 00:00:00.5', '0000-00-00', '0', '', '', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, -1.5, '2024-00-00', '0000-00-00', '0000-00-00', '0', '', '', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (0, 0.00001, '0000-00-00', '0000-00-00', '0000-00-00', '0', '', '', '', 0, 0, 'x')",
    "INSERT INTO kinds VALUES (18446744073709551615, 0, '0000-00-00', '0000-00-00', '0000-00-00', '0', '', '', '', 0, 0, 'x')",
    "UPDATE kinds SET filler = REPEAT('x', 4200000)",
];

#[test]
fn a_key_of_any_kind_tells_where_to_go_on() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("keys", from, to);
            source.execute(&[&format!("CREATE DATABASE {schema}")]).await;
            let mut conn = source.connect().await;
            conn.query_drop(format!("USE {schema}")).await.unwrap();
            for statement in KEYS {
                conn.query_drop(*statement).await.unwrap_or_else(|error| panic!("{error}\n{statement}"));
            }
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let mut cuts = 0;
            while run_until(&spec, 1).await.is_none() {
                cuts += 1;
                assert!(cuts < 50, "it never gets through");
            }
            assert!(cuts >= 10, "only {cuts} rows were boundaries");
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

/// Nothing tells which of its rows are there already.
#[test]
fn a_table_without_a_key_begins_anew() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("keyless", from, to);
            make(source, &schema, TABLES).await;
            for table in ["keyed", "parted"] {
                source.execute(&[&format!("DROP TABLE {schema}.{table}")]).await;
            }
            let spec = lanes(2, &schema, source, target);
            // The other table has no more than ten rows.
            assert_eq!(run_until(&spec, 20).await, None, "it is cut off in the middle");
            assert_ne!(target.value(&format!("SELECT COUNT(*) FROM {schema}.keyless")).await, "0");
            engine::copy(&spec).await;
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

/// Ends all sessions of a user, as an administrator would.
async fn kill_sessions(server: &Server, user: &str) -> usize {
    let mut conn = server.connect().await;
    let query = match server.family {
        Family::MariaDb => format!("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '{user}'"),
        Family::MySql => format!("SELECT PROCESSLIST_ID FROM performance_schema.threads WHERE PROCESSLIST_USER = '{user}'"),
    };
    let ids: Vec<u64> = conn.query(query).await.unwrap();
    for id in &ids {
        // It may be gone already.
        drop(conn.query_drop(format!("KILL CONNECTION {id}")).await);
    }
    ids.len()
}

/// Copies while the sessions at one end are killed, each time when the engine has just told of new rows and stands still for it. With
/// all reasons that were told for waiting.
async fn copy_under_fire(spec: &SubtaskSpec, server: &Server, user: &str, shots: usize) -> Vec<String> {
    let (aim, mut aimed) = tokio::sync::mpsc::unbounded_channel();
    let (shot, shots_fired) = mpsc::channel::<()>();
    let fired = Mutex::new((shots_fired, 0));
    let waiting = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&waiting);
    let listener = Listener(AtomicUsize::new(0), move |_, progress: &SubtaskProgress| {
        kept.lock().unwrap().extend(progress.waiting.clone());
        // Only one of the lanes stands still: the others may go on as they like.
        if progress.tables_done < progress.tables_total
            && let Ok(mut fired) = fired.try_lock()
            && progress.rows_done > fired.1
        {
            fired.1 = progress.rows_done;
            if aim.send(()).is_ok() {
                // Nobody shoots any more once all shots are fired.
                let _over = tokio::task::block_in_place(|| fired.0.recv().is_err());
            }
        }
    });
    let fire = async {
        let mut hit = 0;
        while hit < shots && aimed.recv().await.is_some() {
            hit += usize::from(kill_sessions(server, user).await > 0);
            let _over = shot.send(()).is_err();
        }
        drop((aimed, shot));
        hit
    };
    let spec = spec.clone();
    let running = tokio::spawn(async move { dmctl::engine::run(&spec, Arc::new(listener), CancellationToken::new()).await });
    let (end, hit) = tokio::join!(running, fire);
    assert_eq!(end.unwrap(), SubtaskEnd::Finished);
    assert!(hit > 0, "nothing was hit");
    waiting.lock().unwrap().clone()
}

#[test]
fn killed_sessions_are_opened_again() {
    block(async {
        let _quiet = servers::quiet().await;
        for end in ["source", "target"] {
            let mut told = false;
            for (from, to) in crossings() {
                let (source, target) = (servers::source(from), servers::target(to));
                let schema = named(&format!("killed_{end}"), from, to);
                make(source, &schema, TABLES).await;
                let server = if end == "source" { source } else { target };
                let user = format!("k_{end}_{}", if (end == "source") == (to == Family::MySql) { "a" } else { "b" });
                server
                    .execute(&[
                        &format!("CREATE USER IF NOT EXISTS {user}@'%' IDENTIFIED BY 'x'"),
                        &format!("GRANT ALL ON *.* TO {user}@'%'"),
                    ])
                    .await;
                let mut spec = engine::spec(&schema, source, target, &[&schema], "");
                let endpoint = if end == "source" { &mut spec.from } else { &mut spec.to };
                (endpoint.user, endpoint.password) = (user.clone(), Secret::new("x"));
                // Whoever has read all of its rows by then is not in want of its session.
                told |= !copy_under_fire(&spec, server, &user, 3).await.is_empty();
                oracle::assert_same(source, &schema, target, &schema).await;
            }
            assert!(told || crossings().is_empty(), "a reason for the wait at the {end} is told");
        }
    });
}

#[test]
fn a_server_that_dies_and_comes_back_costs_nothing_but_time() {
    let _quiet = block(servers::quiet());
    for (from, to) in crossings() {
        for end in ["source", "target"] {
            let mut own =
                Server::start(if end == "source" { from } else { to }, &["--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1"]);
            let schema = named(&format!("dies_{end}"), from, to);
            let other = if end == "source" { servers::target(to) } else { servers::source(from) };
            block(make(if end == "source" { &own } else { other }, &schema, TABLES));
            let (source, target) = if end == "source" { (&own, other) } else { (other, &own) };
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let (send, receive) = mpsc::channel();
            let (dead, died) = mpsc::channel::<()>();
            let died = Mutex::new(Some(died));
            let listener = Listener(AtomicUsize::new(0), move |_, progress: &SubtaskProgress| {
                if progress.rows_done > 100
                    && let Some(died) = died.lock().unwrap().take()
                {
                    send.send(()).unwrap();
                    tokio::task::block_in_place(|| died.recv().unwrap_err());
                }
            });
            let running =
                std::thread::spawn(move || block(dmctl::engine::run(&spec, Arc::new(listener), CancellationToken::new())));
            receive.recv().unwrap();
            own.kill();
            drop(dead);
            own.up();
            assert_eq!(running.join().unwrap(), SubtaskEnd::Finished, "{from:?} -> {to:?}: {end}");
            let (source, target) = if end == "source" { (&own, other) } else { (other, &own) };
            block(oracle::assert_same(source, &schema, target, &schema));
        }
    }
}

#[test]
fn a_source_that_has_changed_is_copied_anew() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("moved", from, to);
            make(source, &schema, TABLES).await;
            // One that was there, without rows: it must be emptied, and stay what it is.
            let there = format!(
                "CREATE TABLE {schema}.parted (a VARCHAR(20) CHARACTER SET latin1, b INT, filler MEDIUMTEXT, PRIMARY KEY (a, b)) COMMENT 'own'"
            );
            target.execute(&[&format!("CREATE DATABASE {schema}"), &there]).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            assert_eq!(run_until(&spec, 450).await, None, "it came through before it was cut off");
            source
                .execute(&[
                    &format!("DELETE FROM {schema}.keyed WHERE id < 50"),
                    &format!("UPDATE {schema}.parted SET b = b + 1000, filler = 'new' WHERE b < 5"),
                    &format!("DELETE FROM {schema}.keyless WHERE v = 3"),
                    &format!("ALTER TABLE {schema}.keyed ADD COLUMN later INT DEFAULT 7"),
                    &format!("DROP TABLE {schema}.digits"),
                    &format!("CREATE TABLE {schema}.fresh (id INT PRIMARY KEY)"),
                ])
                .await;
            let progress = engine::copy(&spec).await;
            assert!(progress.notes.iter().any(|note| note.contains("copied anew")), "{:?}", progress.notes);
            for table in ["keyed", "parted", "keyless", "fresh"] {
                oracle::assert_same_table(source, (&schema, table), target, (&schema, table)).await;
            }
            let comment = format!(
                "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME = 'parted'"
            );
            assert_eq!(target.value(&comment).await, "own");
            // On request it copies again, also when it was through.
            source.execute(&[&format!("DELETE FROM {schema}.keyed WHERE id < 90")]).await;
            dmctl::engine::start_over(&spec).await.unwrap();
            engine::copy(&spec).await;
            oracle::assert_same_table(source, (&schema, "keyed"), target, (&schema, "keyed")).await;
        }
    });
}

#[test]
fn rows_that_were_there_before_stop_a_copy_that_must_start_over() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("stuck", from, to);
            make(source, &schema, TABLES).await;
            target
                .execute(&[
                    &format!("CREATE DATABASE {schema}"),
                    &format!("CREATE TABLE {schema}.keyed (id BIGINT PRIMARY KEY, v INT, filler MEDIUMTEXT)"),
                    &format!("INSERT INTO {schema}.keyed VALUES (-1, -1, 'own')"),
                ])
                .await;
            let more = format!("block-allow-list: {{own: {{do-tables: [{{db-name: {schema}, tbl-name: keyed}}]}}}}\n");
            let task = engine::task(&schema, target, &more, "[{source-id: s, block-allow-list: own}]");
            let spec = engine::spec_from(&task, "s", source);
            assert_eq!(run_until(&spec, 1).await, None);
            source.execute(&[&format!("DELETE FROM {schema}.keyed WHERE id = 0")]).await;
            let (end, _) = engine::run(&spec).await;
            let SubtaskEnd::Failed(errors) = end else { panic!("{end:?}") };
            assert!(errors[0].message.contains(&format!("`{schema}`.`keyed` held rows before")), "{errors:?}");
            assert!(errors[0].workaround.as_deref().unwrap().contains("--remove-meta"), "{errors:?}");
            assert_eq!(target.value(&format!("SELECT v FROM {schema}.keyed WHERE id = -1")).await, "-1", "it is untouched");
            // What the message says helps.
            target.execute(&[&format!("DELETE FROM {schema}.keyed")]).await;
            dmctl::engine::start_over(&spec).await.unwrap();
            engine::copy(&spec).await;
            oracle::assert_same_table(source, (&schema, "keyed"), target, (&schema, "keyed")).await;
        }
    });
}

#[test]
fn sources_that_share_a_table_start_over_together() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let (one, two, merged) = (named("half_1", from, to), named("half_2", from, to), named("whole", from, to));
            make(source, &one, TABLES).await;
            make(source, &two, TABLES).await;
            source
                .execute(&[
                    &format!("UPDATE {two}.keyed SET id = id + 5000"),
                    &format!("UPDATE {two}.digits SET n = n + 10"),
                    &format!("UPDATE {two}.parted SET b = b + 5000"),
                ])
                .await;
            let more = format!(
                "routes: {{r: {{schema-pattern: 'half_*', target-schema: {merged}}}}}\n\
                 block-allow-list: {{a: {{do-dbs: [{one}]}}, b: {{do-dbs: [{two}]}}}}\n"
            );
            let instances =
                "[{source-id: a, block-allow-list: a, route-rules: [r]}, {source-id: b, block-allow-list: b, route-rules: [r]}]";
            let task = engine::task(&merged, target, &more, instances);
            let (first, second) = (engine::spec_from(&task, "a", source), engine::spec_from(&task, "b", source));
            assert_eq!(run_until(&first, 300).await, None);
            assert_eq!(run_until(&second, 300).await, None);
            source
                .execute(&[&format!("DELETE FROM {one}.keyed WHERE id < 10"), &format!("DELETE FROM {two}.keyless WHERE v = 1")])
                .await;
            let (left, right) = tokio::join!(engine::copy(&first), engine::copy(&second));
            assert!([left, right].iter().any(|progress| progress.notes.iter().any(|note| note.contains("copied anew"))));
            for table in ["keyed", "parted", "keyless", "digits"] {
                let mut expected = oracle::rows(source, &one, table).await;
                expected.extend(oracle::rows(source, &two, table).await);
                expected.sort();
                assert!(oracle::rows(target, &merged, table).await == expected, "{from:?} -> {to:?}: {table}");
            }
        }
    });
}

#[test]
fn a_stop_ends_at_a_chunk_and_a_start_goes_on_there() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("stopped", from, to);
            make(source, &schema, TABLES).await;
            let spec = lanes(1, &schema, source, target);
            let stop = CancellationToken::new();
            let cut = stop.clone();
            let listener = Listener(AtomicUsize::new(0), move |_, progress: &SubtaskProgress| {
                if progress.rows_done >= 200 {
                    cut.cancel();
                }
            });
            assert_eq!(dmctl::engine::run(&spec, Arc::new(listener), stop).await, SubtaskEnd::Stopped);
            let mut before = 0;
            for table in oracle::tables(target, &schema).await {
                before += oracle::rows(target, &schema, &table).await.len() as u64;
            }
            let least = Mutex::new(u64::MAX);
            let least = Arc::new(least);
            let kept = Arc::clone(&least);
            let listener = Listener(AtomicUsize::new(0), move |_, progress: &SubtaskProgress| {
                let mut least = kept.lock().unwrap();
                *least = (*least).min(progress.rows_done);
            });
            assert_eq!(dmctl::engine::run(&spec, Arc::new(listener), CancellationToken::new()).await, SubtaskEnd::Finished);
            assert!(*least.lock().unwrap() >= before, "it began anew");
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

#[test]
fn the_oracle_sees_each_single_change() {
    let faults = [
        "DELETE FROM {}.keyed WHERE id = 299",
        "UPDATE {}.keyed SET filler = CONCAT(SUBSTRING(filler, 2), 'x') WHERE id = 1",
        "INSERT INTO {}.keyless SELECT * FROM {}.keyless LIMIT 1",
        "UPDATE {}.parted SET a = LOWER(a) WHERE b = 7 AND a = 'É5'",
        "UPDATE {}.keyed SET v = NULL WHERE id = 2",
    ];
    for (from, to) in pairs().into_iter().filter(|(from, to)| from == to) {
        let _busy = block(servers::busy());
        let (source, target) = (servers::source(from), servers::target(to));
        let schema = named("planted", from, to);
        block(async {
            make(source, &schema, TABLES).await;
            engine::copy(&engine::spec(&schema, source, target, &[&schema], "")).await;
            oracle::assert_same(source, &schema, target, &schema).await;
        });
        for fault in faults {
            let fault = fault.replace("{}", &schema);
            block(async {
                let mut conn = target.connect().await;
                conn.query_drop(format!("CREATE DATABASE IF NOT EXISTS {schema}_kept")).await.unwrap();
                for table in ["keyed", "keyless", "parted"] {
                    conn.query_drop(format!("DROP TABLE IF EXISTS {schema}_kept.{table}")).await.unwrap();
                    conn.query_drop(format!("CREATE TABLE {schema}_kept.{table} AS SELECT * FROM {schema}.{table}")).await.unwrap();
                }
                conn.query_drop(&fault).await.unwrap();
                assert!(conn.affected_rows() > 0, "{fault}");
            });
            let schema_name = schema.clone();
            let seen = std::thread::spawn(move || block(oracle::assert_same(source, &schema_name, target, &schema_name)));
            assert!(seen.join().is_err(), "not seen: {fault}");
            block(async {
                let mut conn = target.connect().await;
                for table in ["keyed", "keyless", "parted"] {
                    conn.query_drop(format!("DELETE FROM {schema}.{table}")).await.unwrap();
                    conn.query_drop(format!("INSERT INTO {schema}.{table} SELECT * FROM {schema}_kept.{table}")).await.unwrap();
                }
            });
        }
    }
}
