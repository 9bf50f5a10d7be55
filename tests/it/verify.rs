//! The comparison of sources and target, over real servers: no false alarm on a copy of every type, and every planted corruption found.

use std::collections::BTreeMap;
use std::sync::Arc;

use dmctl::engine::verify;
use dmctl::model::subtask::SubtaskSpec;
use dmctl::model::verification::{Agreement, Verification, VerifyOptions, VerifyProgress};
use mysql_async::prelude::Queryable as _;

use super::servers::{self, Family, Server, block, pairs};
use super::{engine, engine_types, oracle};

/// Compares all that a task has copied.
pub async fn compare(specs: &[SubtaskSpec], show_values: bool) -> Verification {
    let options = VerifyOptions { show_values, rows: 20, ..VerifyOptions::default() };
    verify(specs.to_vec(), options, Arc::new(|_| {})).await.unwrap()
}

/// The same, with all that was told meanwhile of how far it was.
async fn compare_heard(specs: &[SubtaskSpec]) -> (Verification, Vec<VerifyProgress>) {
    let (told, news) = std::sync::mpsc::channel();
    let options = VerifyOptions { rows: 20, ..VerifyOptions::default() };
    let found = verify(specs.to_vec(), options, Arc::new(move |progress| told.send(progress).unwrap())).await.unwrap();
    (found, news.try_iter().collect())
}

/// Fails unless nothing differs.
pub async fn assert_equal(specs: &[SubtaskSpec]) {
    let found = compare(specs, true).await;
    assert_eq!(found.verdict, Agreement::Equal, "{found:#?}");
}

/// A copy of every type in a schema of the target.
struct Copied {
    target: &'static Server,
    spec: SubtaskSpec,
    schema: String,
}

async fn copied(from: Family, to: Family, name: &str) -> Copied {
    let schema = format!("{name}_{}", if to == Family::MariaDb { "a" } else { "b" });
    engine_types::make(from, &schema).await;
    let (source, target) = (servers::source(from), servers::target(to));
    let renamed = format!("{schema}_of_{}", if from == Family::MariaDb { "mariadb" } else { "mysql" });
    let routes = format!("routes: {{r: {{schema-pattern: {schema}, target-schema: {renamed}}}}}\n");
    let spec = engine::spec_of("s", &renamed, source, target, &[&schema], &routes, ", route-rules: [r]");
    engine::copy(&spec).await;
    Copied { target, spec, schema: renamed }
}

#[test]
fn a_copy_of_every_type_raises_no_alarm() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let copied = copied(from, to, "verified").await;
            let found = compare(std::slice::from_ref(&copied.spec), true).await;
            assert_eq!(found.verdict, Agreement::Equal, "{from:?} -> {to:?}: {found:#?}");
            assert_eq!((found.rows_differing, found.tables.len()), (0, 0), "{found:#?}");
            assert!(found.tables_compared > 10 && found.rows_compared > 40, "{found:#?}");
            assert!(found.sources[0].moved.is_some(), "{found:#?}");
        }
    });
}

/// A change of one value.
#[derive(Debug)]
struct Corruption {
    column: String,
    value: String,
    row: u32,
}

/// All changes of a single value that the tables of a schema take, by table.
async fn corruptions(target: &Server, schema: &str) -> BTreeMap<String, (Table, Vec<Corruption>)> {
    let mut conn = target.connect().await;
    let query = "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, EXTRA, COLUMN_KEY FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? \
                 ORDER BY TABLE_NAME, ORDINAL_POSITION";
    let columns: Vec<(String, String, String, String, String)> = conn.exec(query, (schema,)).await.unwrap();
    let mut found: BTreeMap<String, (Table, Vec<Corruption>)> = BTreeMap::new();
    for (table, column, kind, extra, key) in columns {
        let extra = extra.to_uppercase();
        if ["VIRTUAL GENERATED", "STORED GENERATED", "PERSISTENT"].iter().any(|words| extra.contains(words)) {
            continue;
        }
        let entry = found.entry(table.clone()).or_default();
        entry.0.name = format!("`{schema}`.`{table}`");
        entry.0.columns.push(column.clone());
        if key == "PRI" {
            entry.0.key.push(column);
            continue;
        }
        for value in changes(&kind.to_lowercase(), &column) {
            for row in 0..5 {
                entry.1.push(Corruption { column: column.clone(), value: value.clone(), row });
            }
        }
    }
    // Rows and changes in an order in which few of them make many types.
    for (_, corruptions) in found.values_mut() {
        let mut mixed: Vec<(usize, Corruption)> =
            std::mem::take(corruptions).into_iter().enumerate().map(|(at, corruption)| (at * 7919 % 1009, corruption)).collect();
        mixed.sort_by_key(|(mark, _)| *mark);
        *corruptions = mixed.into_iter().map(|(_, corruption)| corruption).collect();
    }
    found
}

/// Small changes of a value of a type. A change of the sign of zero is none where one side can't keep it.
fn changes(kind: &str, column: &str) -> Vec<String> {
    let name = format!("t.`{column}`");
    let changed: &[&str] = match kind {
        "float" | "double" => &["# * 1.0000002", "# * (1 + 2.3e-16)", "-(# + 1)", "NULL", "# + 1"],
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => &["IF(# > 0, # - 1, # + 1)", "NULL", "0"],
        "decimal" => &["-#", "NULL", "# * 10", "1.1"],
        "bit" => &["# ^ 1", "NULL"],
        "year" => &["1999", "0"],
        "date" => &["'2001-02-03'", "'0000-00-00'", "NULL"],
        "datetime" | "timestamp" => &["ADDTIME(#, '0:0:1')", "'2001-02-03 04:05:06'", "NULL", "'0000-00-00'"],
        "time" => &["'00:00:01'", "NULL", "'-00:00:01'"],
        "enum" | "set" => &["1", "2", "NULL"],
        "json" => &["'{}'", "NULL", "'[1]'", "'null'"],
        "uuid" => &["'123e4567-e89b-12d3-a456-426655440001'", "NULL"],
        "inet6" => &["'::1'", "NULL"],
        "geometry" | "point" | "polygon" | "geometrycollection" | "geomcollection" | "linestring" => {
            &["ST_GeomFromText('POINT(1 -2.25)')", "NULL"]
        }
        _ => &["CONCAT(#, ' ')", "''", "NULL", "'x'", "UPPER(#)", "REVERSE(#)", "CONCAT(#, CHAR(0))"],
    };
    changed.iter().map(|change| change.replace('#', &name)).collect()
}

/// How many corruptions are planted: of all pairs together.
fn wanted() -> usize {
    std::env::var("CORRUPTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(150)
}

#[test]
fn every_planted_corruption_is_found() {
    block(async {
        let _busy = servers::busy().await;
        let pairs = pairs();
        let each = wanted().div_ceil(4);
        let mut planted = 0;
        for (from, to) in &pairs {
            planted += plant(*from, *to, each).await;
        }
        assert!(planted >= each * pairs.len(), "only {planted} were planted");
    });
}

/// Plants corruptions in all tables at once, each in one row of its table, and sees that each is told, and nothing else.
async fn plant(from: Family, to: Family, wanted: usize) -> usize {
    let copied = copied(from, to, "corrupted").await;
    let specs = std::slice::from_ref(&copied.spec);
    let mut conn = copied.target.connect().await;
    conn.query_drop("SET SESSION foreign_key_checks = 0").await.unwrap();
    let mut all = corruptions(copied.target, &copied.schema).await;
    let mut planted = 0;
    while planted < wanted {
        let mut under_way = BTreeMap::new();
        for (name, (table, corruptions)) in &mut all {
            let before = oracle::rows(copied.target, &copied.schema, name).await;
            while let Some(corruption) = corruptions.pop() {
                if table.change(&mut conn, &corruption).await && oracle::rows(copied.target, &copied.schema, name).await != before {
                    under_way.insert(name.clone(), corruption);
                    break;
                }
                table.restore(&mut conn).await;
            }
        }
        if under_way.is_empty() {
            break;
        }
        let found = compare(specs, true).await;
        for (name, corruption) in &under_way {
            let about = format!("{from:?} -> {to:?}: {name}: {corruption:?}\n{found:#?}");
            let table = found.tables.iter().find(|table| table.table == *name).unwrap_or_else(|| panic!("not found: {about}"));
            let counts = (table.missing, table.extra, table.different);
            if name == "keyless" {
                assert_eq!(counts, (1, 1, 0), "{about}");
            } else {
                assert_eq!((counts, table.rows.len()), ((0, 0, 1), 1), "{about}");
                assert!(table.rows[0].columns.contains(&corruption.column), "{about}");
                let values = table.rows[0].values.as_ref().unwrap();
                assert!(values.iter().any(|value| value.column == corruption.column), "{about}");
            }
        }
        assert_eq!(found.tables.len(), under_way.len(), "a false alarm: {from:?} -> {to:?}: {under_way:#?}\n{found:#?}");
        planted += under_way.len();
        for name in under_way.keys() {
            all[name].0.restore(&mut conn).await;
        }
    }
    assert_equal(specs).await;
    planted
}

/// A table of the target, and the row of it that is changed.
#[derive(Default)]
struct Table {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

impl Table {
    /// Where its rows are kept meanwhile.
    fn kept(&self) -> String {
        format!("verify_before.`{}`", self.name.replace('`', ""))
    }

    fn columns(&self) -> String {
        self.columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
    }

    /// Changes one value. False if the server does not take it, or if there is no such row.
    async fn change(&self, conn: &mut mysql_async::Conn, corruption: &Corruption) -> bool {
        let (name, kept, columns) = (&self.name, self.kept(), self.columns());
        for statement in [
            "CREATE DATABASE IF NOT EXISTS verify_before".to_owned(),
            format!("DROP TABLE IF EXISTS {kept}"),
            format!("CREATE TABLE {kept} AS SELECT {columns} FROM {name}"),
        ] {
            conn.query_drop(&statement).await.unwrap_or_else(|error| panic!("{error}\n{statement}"));
        }
        let (by, order) = if self.key.is_empty() { (&self.columns, columns) } else { (&self.key, format!("`{}`", self.key[0])) };
        let row = |column: &String| {
            format!("t.`{column}` <=> (SELECT `{column}` FROM {kept} ORDER BY {order} LIMIT 1 OFFSET {})", corruption.row)
        };
        let row: Vec<String> = by.iter().map(row).collect();
        let change =
            format!("UPDATE {name} t SET t.`{}` = {} WHERE {} LIMIT 1", corruption.column, corruption.value, row.join(" AND "));
        conn.query_drop(change).await.is_ok()
    }

    /// Makes all rows what they were.
    async fn restore(&self, conn: &mut mysql_async::Conn) {
        let (name, kept, columns) = (&self.name, self.kept(), self.columns());
        let statement = if self.key.is_empty() {
            conn.query_drop(format!("DELETE FROM {name}")).await.unwrap();
            format!("INSERT INTO {name} ({columns}) SELECT {columns} FROM {kept}")
        } else {
            let found: Vec<String> = self.key.iter().map(|column| format!("t.`{column}` = b.`{column}`")).collect();
            let set: Vec<String> = self.columns.iter().map(|column| format!("t.`{column}` = b.`{column}`")).collect();
            format!("UPDATE {name} t JOIN {kept} b ON {} SET {}", found.join(" AND "), set.join(", "))
        };
        conn.query_drop(&statement).await.unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
}

/// Numbers from 0 to 99,999.
const NUMBERS: &str = "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n FROM verify_digits.d a, verify_digits.d b, \
                       verify_digits.d c, verify_digits.d d, verify_digits.d e) numbers";

async fn with_numbers(server: &Server, statements: &[&str]) {
    server
        .execute(&[
            "CREATE DATABASE IF NOT EXISTS verify_digits",
            "CREATE TABLE IF NOT EXISTS verify_digits.d (n INT PRIMARY KEY)",
            "INSERT IGNORE INTO verify_digits.d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
        ])
        .await;
    let statements: Vec<String> = statements.iter().map(|statement| statement.replace("{N}", NUMBERS)).collect();
    server.execute(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

/// Counts of a table: missing, extra and different rows.
fn counts(found: &Verification, table: &str) -> (u64, u64, u64) {
    let table = found.tables.iter().find(|found| found.table == table).unwrap_or_else(|| panic!("{table} is not told: {found:#?}"));
    (table.missing, table.extra, table.different)
}

#[test]
fn large_tables_are_narrowed_down_and_counts_are_true() {
    block(async {
        let _quiet = servers::quiet().await;
        for (from, to) in servers::crossings() {
            let (source, target) = (servers::source(from), servers::target(to));
            with_numbers(
                source,
                &[
                    "DROP DATABASE IF EXISTS verify_large",
                    "CREATE DATABASE verify_large",
                    "CREATE TABLE verify_large.numbered (id INT PRIMARY KEY, v VARCHAR(40))",
                    "INSERT INTO verify_large.numbered SELECT n, CONCAT('v', n) FROM {N} WHERE n < 60000",
                    "CREATE TABLE verify_large.named (a VARCHAR(40) COLLATE utf8mb4_unicode_ci, b INT, v DOUBLE, PRIMARY KEY (a, b))",
                    "INSERT INTO verify_large.named SELECT CONCAT(ELT(n % 4 + 1, 'é', 'Z', 'a', '_'), n DIV 3), n % 3, n / 7 FROM {N} WHERE n < 20000",
                    "CREATE TABLE verify_large.keyless (a INT, b VARCHAR(20))",
                    "INSERT INTO verify_large.keyless SELECT n % 5000, IF(n % 7 = 0, NULL, 'b') FROM {N} WHERE n < 20000",
                    "CREATE TABLE verify_large.gone (id INT PRIMARY KEY)",
                    "INSERT INTO verify_large.gone VALUES (1), (2)",
                    "CREATE TABLE verify_large.narrow (id INT PRIMARY KEY, v INT, w INT)",
                    "INSERT INTO verify_large.narrow VALUES (1, 1, 1)",
                ],
            )
            .await;
            target.execute(&["DROP DATABASE IF EXISTS verify_large"]).await;
            let spec = engine::spec(&format!("large-{from:?}"), source, target, &["verify_large"], "");
            engine::copy(&spec).await;
            let specs = std::slice::from_ref(&spec);
            assert_equal(specs).await;
            target
                .execute(&[
                    "DELETE FROM verify_large.numbered WHERE id BETWEEN 10000 AND 12999 OR id = 59999",
                    "INSERT INTO verify_large.numbered VALUES (-5, 'x'), (70000, 'y')",
                    "UPDATE verify_large.numbered SET v = 'V30000' WHERE id = 30000",
                    "DELETE FROM verify_large.named WHERE a = 'Z11' AND b = 0",
                    "UPDATE verify_large.named SET v = v * (1 + 2.3e-16) WHERE a = 'é4' AND b = 0",
                    "DELETE FROM verify_large.keyless WHERE a = 7 LIMIT 1",
                    "INSERT INTO verify_large.keyless VALUES (8, 'b'), (8, 'b'), (NULL, NULL)",
                    "DROP TABLE verify_large.gone",
                    "ALTER TABLE verify_large.narrow DROP COLUMN w, ADD COLUMN x INT",
                ])
                .await;
            let found = compare(specs, true).await;
            assert_eq!(counts(&found, "numbered"), (3001, 2, 1), "{found:#?}");
            assert_eq!(counts(&found, "named"), (1, 0, 1), "{found:#?}");
            assert_eq!(counts(&found, "keyless"), (1, 3, 0), "{found:#?}");
            assert_eq!(counts(&found, "gone"), (2, 0, 0));
            let told = |name: &str| found.tables.iter().find(|table| table.table == name).unwrap();
            assert_eq!(told("numbered").rows.len(), 20, "no more are told than were asked for");
            assert!(told("gone").absent);
            assert_eq!(
                (told("narrow").missing_columns.as_slice(), told("narrow").extra_columns.as_slice()),
                (&["w".to_owned()][..], &["x".to_owned()][..])
            );
            assert_eq!((found.verdict, found.rows_differing), (Agreement::Different, 3004 + 2 + 4 + 2));
            let twice = told("keyless").rows.iter().find(|row| row.copies == 2).unwrap();
            assert_eq!(twice.values.as_ref().unwrap()[0].target.as_deref(), Some("8"));
            assert_eq!(found.sources[0].moved, Some(false));
            source.execute(&["INSERT INTO verify_large.narrow VALUES (2, 2, 2)"]).await;
            let found = compare(specs, false).await;
            assert_eq!(found.sources[0].moved, Some(true), "{found:#?}");
            assert!(found.notes[0].contains("has changed since it was copied"), "{found:#?}");
            let row = &found.tables.iter().find(|table| table.table == "narrow").unwrap().rows[0];
            assert_eq!((row.key.as_ref().unwrap()[0].value.as_str(), row.values.is_none()), ("2", true));
        }
    });
}

#[test]
fn what_a_target_remembers_of_its_tables_is_not_believed() {
    if !servers::can_run(Family::MySql) {
        return;
    }
    block(async {
        let _busy = servers::busy().await;
        let (source, target) = (servers::source(Family::MySql), servers::target(Family::MySql));
        with_numbers(source, &["CREATE DATABASE verify_stale", "CREATE TABLE verify_stale.t (id INT PRIMARY KEY)"]).await;
        let spec = engine::spec("stale", source, target, &["verify_stale"], "");
        engine::copy(&spec).await;
        // From now on it tells everybody for a day that there are none.
        let asked = "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'verify_stale'";
        assert_eq!(target.value(asked).await, "0");
        with_numbers(target, &["INSERT INTO verify_stale.t SELECT n FROM {N} WHERE n < 2000"]).await;
        assert_eq!(target.value(asked).await, "0");
        let (found, news) = compare_heard(std::slice::from_ref(&spec)).await;
        assert_eq!(counts(&found, "t"), (0, 2000, 0));
        assert!(news[0].rows_estimated > 1000, "{news:?}");
    });
}

#[test]
fn shards_are_compared_together() {
    if !servers::can_run(Family::MariaDb) || !servers::can_run(Family::MySql) {
        return;
    }
    block(async {
        let _busy = servers::busy().await;
        let target = servers::target(Family::MariaDb);
        target.execute(&["DROP DATABASE IF EXISTS verify_merged"]).await;
        let routes = "routes: {r: {schema-pattern: verify_shard, table-pattern: 't_*', target-schema: verify_merged, target-table: t}, \
                      k: {schema-pattern: verify_shard, table-pattern: 'k_*', target-schema: verify_merged, target-table: k}}\n";
        let mut specs = Vec::new();
        for (name, family, first) in [("one", Family::MariaDb, 0), ("two", Family::MySql, 2)] {
            let source = servers::source(family);
            let second = first + 1;
            with_numbers(source, &["DROP DATABASE IF EXISTS verify_shard", "CREATE DATABASE verify_shard"]).await;
            for shard in [first, second] {
                with_numbers(
                    source,
                    &[
                        &format!("CREATE TABLE verify_shard.t_{shard} (id BIGINT PRIMARY KEY, v VARCHAR(20))"),
                        &format!(
                            "INSERT INTO verify_shard.t_{shard} SELECT n * 4 + {shard}, CONCAT('v', n) FROM {{N}} WHERE n < 3000"
                        ),
                        &format!("CREATE TABLE verify_shard.k_{shard} (v INT)"),
                        &format!("INSERT INTO verify_shard.k_{shard} SELECT n % 10 FROM {{N}} WHERE n < 100"),
                    ],
                )
                .await;
            }
            let spec = engine::spec_of(name, "sharded", source, target, &["verify_shard"], routes, ", route-rules: [r, k]");
            specs.push(spec);
        }
        for spec in &specs {
            engine::copy(spec).await;
        }
        let found = compare(&specs, true).await;
        assert_eq!((found.verdict, found.tables_compared, found.rows_compared), (Agreement::Equal, 2, 12_400), "{found:#?}");
        target
            .execute(&[
                "DELETE FROM verify_merged.t WHERE id = 4002",
                "UPDATE verify_merged.t SET v = 'x' WHERE id = 4001",
                "DELETE FROM verify_merged.k WHERE v = 3 LIMIT 2",
            ])
            .await;
        let found = compare(&specs, true).await;
        assert_eq!((counts(&found, "t"), counts(&found, "k")), ((1, 0, 1), (2, 0, 0)), "{found:#?}");
        let table = found.tables.iter().find(|table| table.table == "t").unwrap();
        let sources: Vec<Option<&str>> = table.rows.iter().map(|row| row.source.as_deref()).collect();
        assert_eq!(
            sources,
            [Some("two"), Some("one")],
            "a missing row of the second, and a different one of the first: {found:#?}"
        );
        assert_eq!(table.from.len(), 4);
    });
}
