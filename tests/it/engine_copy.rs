//! Which tables are copied, under which names, and as of which moment.

use std::sync::atomic::{AtomicBool, Ordering};

use mysql_async::prelude::Queryable as _;

use dmctl::model::file::Secret;
use dmctl::model::subtask::{CheckProblem, Checked, SubtaskEnd, Tls, Verdict};

use super::engine::{make, named};
use super::servers::{self, Family, block, pairs};
use super::{engine, oracle};

#[test]
fn routes_and_lists_decide_what_goes_where() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let (one, two, merged) = (named("shop_1", from, to), named("shop_2", from, to), named("merged", from, to));
            let tables = [
                "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20))",
                "CREATE TABLE orders (id INT PRIMARY KEY, user INT, CONSTRAINT own FOREIGN KEY (user) REFERENCES users (id))",
                "CREATE TABLE log_2024 (id INT PRIMARY KEY)",
                "CREATE TABLE log_keep (id INT PRIMARY KEY)",
                "CREATE VIEW seen AS SELECT * FROM users",
            ];
            for (schema, first) in [(&one, 0), (&two, 100)] {
                make(source, schema, &tables).await;
                let (a, b) = (first + 1, first + 2);
                source
                    .execute(&[
                        &format!("INSERT INTO {schema}.users VALUES ({a}, 'a'), ({b}, 'b')"),
                        &format!("INSERT INTO {schema}.orders VALUES ({a}, {a}), ({b}, NULL)"),
                        &format!("INSERT INTO {schema}.log_2024 VALUES ({a})"),
                        &format!("INSERT INTO {schema}.log_keep VALUES ({a})"),
                    ])
                    .await;
            }
            let more = format!(
                "block-allow-list:\n  own:\n    do-dbs: ['~^shop_[0-9]_{from:?}_{to:?}$']\n    ignore-tables: [{{db-name: 'shop*', tbl-name: 'log_20*'}}]\n\
                 routes:\n  users: {{schema-pattern: 'shop_*', table-pattern: users, target-schema: {merged}, target-table: people}}\n  \
                 rest: {{schema-pattern: 'shop_*', target-schema: {merged}}}\n"
            );
            let task = engine::task(
                &named("routes", from, to),
                target,
                &more,
                "[{source-id: s, block-allow-list: own, route-rules: [users, rest]}]",
            );
            let progress = engine::copy(&engine::spec_from(&task, "s", source)).await;
            assert_eq!(oracle::tables(target, &merged).await, ["log_keep", "orders", "people"]);
            let numbers = |table: &str| format!("SELECT GROUP_CONCAT(id ORDER BY id) FROM {merged}.{table}");
            for table in ["people", "orders"] {
                assert_eq!(target.value(&numbers(table)).await, "1,2,101,102", "{from:?} -> {to:?}: {table}");
            }
            assert_eq!(target.value(&numbers("log_keep")).await, "1,101");
            let parent = format!(
                "SELECT REFERENCED_TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = '{merged}' AND REFERENCED_TABLE_NAME IS NOT NULL"
            );
            assert_eq!(target.value(&parent).await, "people", "a foreign key follows its table");
            assert!(progress.notes.iter().any(|note| note.contains("view") && note.contains("seen")), "{:?}", progress.notes);
            assert_eq!((progress.tables_done, progress.tables_total, progress.rows_done, progress.rows_estimated), (6, 6, 10, 10));
        }
    });
}

#[test]
fn names_may_be_as_odd_as_servers_take_them() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = format!("odd `%' {}", named("né", from, to));
            let quoted = format!("`{}`", schema.replace('`', "``"));
            let mut conn = source.connect().await;
            for statement in [
                format!("CREATE DATABASE {quoted}"),
                format!("USE {quoted}"),
                "CREATE TABLE `a ``b:c?.(` (`se``lect:x` INT, `%s` VARCHAR(9), `表 ?` INT, PRIMARY KEY (`se``lect:x`, `表 ?`), \
                 KEY `k ``%` (`%s`)) COMMENT 'it''s `x`'"
                    .to_owned(),
                "INSERT INTO `a ``b:c?.(` VALUES (1, 'a', 1), (2, ':b', 2)".to_owned(),
                "CREATE TABLE `SELECT` (`from` INT, `order` INT GENERATED ALWAYS AS (`from` + 1) STORED)".to_owned(),
                "INSERT INTO `SELECT` (`from`) VALUES (1), (NULL)".to_owned(),
            ] {
                conn.query_drop(&statement).await.unwrap_or_else(|error| panic!("{error}\n{statement}"));
            }
            let lists = "block-allow-list: {own: {do-tables: [{db-name: 'odd*', tbl-name: '*'}]}}\nmeta-schema: 'me`ta %'\n";
            let name = format!("Täsk 1/😀 {from:?}{to:?}");
            let task = engine::task_with(&name, target, lists, "[{source-id: s, block-allow-list: own}]");
            let spec = engine::spec_from(&task, "s", source);
            engine::copy(&spec).await;
            oracle::assert_same(source, &schema, target, &schema).await;
            // Finished is finished, and what is kept on the target goes when it is asked to.
            source.execute(&[&format!("INSERT INTO {quoted}.`SELECT` (`from`) VALUES (7)")]).await;
            let again = engine::copy(&spec).await;
            assert_eq!((again.tables_done, again.rows_done, again.rows_estimated), (2, 4, 4));
            assert_eq!(oracle::rows(target, &schema, "SELECT").await.len(), 2);
            dmctl::engine::forget(&spec).await.unwrap();
            assert_eq!(oracle::tables(target, "me`ta %").await, Vec::<String>::new());
            dmctl::engine::forget(&spec).await.unwrap();
            source.execute(&[&format!("DROP DATABASE {quoted}")]).await;
            target.execute(&[&format!("DROP DATABASE {quoted}")]).await;
        }
    });
}

#[test]
fn the_copy_is_one_moment_of_a_busy_source() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("busy", from, to);
            make(
                source,
                &schema,
                &[
                    "CREATE TABLE digits (n INT PRIMARY KEY)",
                    "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
                    "CREATE TABLE a (id BIGINT AUTO_INCREMENT PRIMARY KEY, amount BIGINT NOT NULL, filler TEXT)",
                    "CREATE TABLE b (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL, filler TEXT)",
                    "CREATE TABLE c (amount BIGINT NOT NULL)",
                    "INSERT INTO a SELECT x.n + 10 * y.n + 100 * z.n, 0, REPEAT('x', 9000) FROM digits x, digits y, digits z",
                    "INSERT INTO b SELECT * FROM a",
                    "INSERT INTO c VALUES (0)",
                ],
            )
            .await;
            let over = AtomicBool::new(false);
            // Each transaction leaves the sum of all amounts at zero, and touches all tables.
            let busy = async {
                let mut conn = source.connect().await;
                let mut step = 0_u64;
                while !over.load(Ordering::Relaxed) {
                    step += 1;
                    let id = step * 7919 % 1000;
                    for statement in [
                        "START TRANSACTION".to_owned(),
                        format!("UPDATE {schema}.a SET amount = amount + 1 WHERE id = {id}"),
                        format!("UPDATE {schema}.b SET amount = amount + 2 WHERE id = {id}"),
                        format!("UPDATE {schema}.c SET amount = amount - 4"),
                        format!("INSERT INTO {schema}.a (amount) VALUES (1)"),
                        "COMMIT".to_owned(),
                    ] {
                        conn.query_drop(statement).await.unwrap();
                    }
                }
                step
            };
            let spec = engine::spec(&named("busy", from, to), source, target, &[&schema], "");
            let copying = async {
                let progress = engine::copy(&spec).await;
                over.store(true, Ordering::Relaxed);
                progress
            };
            let (steps, progress) = tokio::join!(busy, copying);
            assert!(steps > 0 && !progress.position.is_empty());
            let sum = format!(
                "SELECT (SELECT SUM(amount) FROM {schema}.a) + (SELECT SUM(amount) FROM {schema}.b) + (SELECT amount FROM {schema}.c)"
            );
            assert_eq!(target.value(&sum).await, "0", "{from:?} -> {to:?}: a mixture of two moments");
        }
    });
}

#[test]
fn many_tables_and_wide_rows() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("many", from, to);
            let tables: Vec<String> =
                (0..200).map(|number| format!("CREATE TABLE t{number} (id INT PRIMARY KEY, v INT)")).collect();
            let rows: Vec<String> = (0..200)
                .filter(|number| number % 3 > 0)
                .map(|number| format!("INSERT INTO t{number} VALUES (1, {number}), (2, NULL)"))
                .collect();
            let wide = [
                "CREATE TABLE wide (id INT PRIMARY KEY, a LONGBLOB, b LONGTEXT)".to_owned(),
                "INSERT INTO wide VALUES (1, REPEAT(X'00275C', 5592405), ''), (2, 'x', REPEAT('é', 8000000)), (3, NULL, NULL)"
                    .to_owned(),
            ];
            let all: Vec<&str> = tables.iter().chain(&rows).chain(&wide).map(String::as_str).collect();
            make(source, &schema, &all).await;
            let spec = engine::spec(&named("many", from, to), source, target, &[&schema], "");
            let progress = engine::copy(&spec).await;
            assert_eq!((progress.tables_done, progress.rows_done), (201, 3 + 2 * 133));
            oracle::assert_same(source, &schema, target, &schema).await;
        }
    });
}

#[test]
fn rows_that_were_there_are_treated_as_the_task_says() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            for (word, expected) in [("replace", "1:new,2:new,3:old"), ("ignore", "1:new,2:old,3:old"), ("error", "2:old,3:old")] {
                let schema = named(&format!("held_{word}"), from, to);
                let table = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))";
                make(source, &schema, &[table, "INSERT INTO t VALUES (1, 'new'), (2, 'new')"]).await;
                make(target, &schema, &[table, "INSERT INTO t VALUES (2, 'old'), (3, 'old')"]).await;
                let more = format!("loaders: {{own: {{on-duplicate-logical: {word}}}}}\n");
                let spec = engine::spec_of("s", &schema, source, target, &[&schema], &more, ", loader-config-name: own");
                let warned = dmctl::engine::check(std::slice::from_ref(&spec)).await;
                assert!(
                    problems(&warned).any(|problem| !problem.is_failure && problem.message.contains("has rows already")),
                    "{warned:?}"
                );
                let (end, _) = engine::run(&spec).await;
                match end {
                    SubtaskEnd::Failed(errors) if word == "error" => {
                        let error = &errors[0];
                        assert_eq!(error.code, Some(10006));
                        assert!(error.message.contains(&format!("`{schema}`.`t`")), "{error:?}");
                        assert!(error.cause.as_deref().unwrap().contains("Error 1062 (23000): Duplicate entry '2'"), "{error:?}");
                    }
                    end => assert_eq!(end, SubtaskEnd::Finished),
                }
                let now = target.value(&format!("SELECT GROUP_CONCAT(CONCAT(id, ':', v) ORDER BY id) FROM {schema}.t")).await;
                assert_eq!(now, expected, "{from:?} -> {to:?}: {word}");
            }
        }
    });
}

#[test]
fn a_table_whose_engine_the_target_lacks_is_made_in_innodb() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("lacking", from, to);
            let (engine, expected) = match (from, to) {
                (Family::MySql, Family::MySql) => ("ARCHIVE", "ARCHIVE"),
                (Family::MySql, Family::MariaDb) => ("ARCHIVE", "InnoDB"),
                (Family::MariaDb, Family::MySql) => ("Aria", "InnoDB"),
                (Family::MariaDb, Family::MariaDb) => ("Aria", "Aria"),
            };
            let table = format!("CREATE TABLE t (id INT, v VARCHAR(9)) ENGINE={engine}");
            make(source, &schema, &[&table, "INSERT INTO t VALUES (1, 'a'), (1, 'a')"]).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let checked = dmctl::engine::check(std::slice::from_ref(&spec)).await;
            let told = problems(&checked).any(|problem| problem.message.contains(&format!("the engine {engine} becomes InnoDB")));
            assert_eq!(told, engine != expected, "{from:?} -> {to:?}: {checked:?}");
            engine::copy(&spec).await;
            oracle::assert_same(source, &schema, target, &schema).await;
            let query = format!("SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{schema}'");
            assert_eq!(target.value(&query).await, expected, "{from:?} -> {to:?}");
        }
    });
}

#[test]
fn a_function_that_the_target_lacks_is_told_by_the_check() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("calls", from, to);
            let own = if from == Family::MySql { "uuid_to_bin(uuid())" } else { "natural_sort_key('a1')" };
            let table = format!(
                "CREATE TABLE t (id INT PRIMARY KEY, v VARBINARY(99) DEFAULT ({own}), w INT DEFAULT (LENGTH(LEFT('ab', 1))))"
            );
            make(source, &schema, &[&table]).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let checked = dmctl::engine::check(std::slice::from_ref(&spec)).await;
            let told: Vec<&str> =
                problems(&checked).filter(|problem| problem.is_failure).map(|problem| problem.message.as_str()).collect();
            if from == to {
                assert_eq!(told, Vec::<&str>::new());
                engine::copy(&spec).await;
            } else {
                let function = own.split('(').next().unwrap().to_uppercase();
                assert_eq!(told, [format!("`{schema}`.`t`: column `v`: the target has no function {function}")]);
            }
        }
    });
}

#[test]
fn a_user_with_few_rights_copies_too() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            for (word, rights) in [("lock", "SELECT, SHOW VIEW, LOCK TABLES"), ("none", "SELECT")] {
                let schema = named(&format!("few_{word}"), from, to);
                let tables =
                    ["CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1), (2)"];
                make(source, &schema, &tables).await;
                let user = format!("u_{word}_{}", if to == Family::MariaDb { "a" } else { "b" });
                source
                    .execute(&[
                        &format!("CREATE USER {user}@'%' IDENTIFIED BY 'x'"),
                        &format!("GRANT {rights} ON {schema}.* TO {user}@'%'"),
                    ])
                    .await;
                let mut spec = engine::spec(&schema, source, target, &[&schema], "");
                (spec.from.user, spec.from.password) = (user, Secret::new("x"));
                let progress = engine::copy(&spec).await;
                oracle::assert_same(source, &schema, target, &schema).await;
                let alone = progress.notes.iter().any(|note| note.contains("one connection copies all tables"));
                assert_eq!(alone, word == "none", "{:?}", progress.notes);
                let items = dmctl::engine::check(std::slice::from_ref(&spec)).await;
                let rights = items.items.iter().find(|item| item.name == "source db dump privilege checker").unwrap();
                assert_eq!(rights.verdict(), Verdict::Warning, "{items:?}");
                assert!(rights.problems[0].cure.as_deref().unwrap().contains("RELOAD"), "{rights:?}");
            }
        }
    });
}

#[test]
fn a_condition_chooses_rows() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("chosen", from, to);
            let tables = ["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))", "CREATE TABLE u (id INT, v VARCHAR(9))"];
            let rows = ["INSERT INTO t VALUES (1, ':a?'), (2, 'b'), (3, NULL)", "INSERT INTO u SELECT * FROM t"];
            make(source, &schema, &[&tables[..], &rows[..]].concat()).await;
            let more = "mydumpers: {own: {where: \"v = ':a?' OR id > 2\"}}\n";
            let spec = engine::spec_of("s", &schema, source, target, &[&schema], more, ", mydumper-config-name: own");
            engine::copy(&spec).await;
            for table in ["t", "u"] {
                let ids = target.value(&format!("SELECT GROUP_CONCAT(id ORDER BY id) FROM {schema}.{table}")).await;
                assert_eq!(ids, "1,3", "{from:?} -> {to:?}: {table}");
            }
        }
    });
}

#[test]
fn connections_are_encrypted_where_the_file_asks_for_it() {
    block(async {
        if !servers::can_run(Family::MySql) {
            return;
        }
        let _busy = servers::busy().await;
        let server = servers::source(Family::MySql);
        make(server, "encrypted", &["CREATE TABLE t (id INT PRIMARY KEY)"]).await;
        server.execute(&["CREATE USER tls@'%' IDENTIFIED BY 'x' REQUIRE SSL", "GRANT ALL ON *.* TO tls@'%'"]).await;
        let mut spec = engine::spec("encrypted", server, servers::target(Family::MySql), &["encrypted"], "");
        (spec.from.user, spec.from.password) = ("tls".to_owned(), Secret::new("x"));
        let (end, _) = engine::run(&spec).await;
        let SubtaskEnd::Failed(errors) = end else { panic!("{end:?}") };
        assert!(errors[0].cause.as_deref().unwrap().contains("Error 1045"), "without TLS: {errors:?}");
        // The server makes a CA for itself when its data are made.
        let tls = |ca: Vec<u8>| Some(Tls { ca, certificate: Vec::new(), key: Secret::default() });
        spec.from.tls = tls(server.file("data/ca.pem"));
        engine::copy(&spec).await;
        dmctl::engine::forget(&spec).await.unwrap();
        let other = rcgen::generate_simple_self_signed(vec!["other".to_owned()]).unwrap();
        spec.from.tls = tls(other.cert.pem().into_bytes());
        let (end, _) = engine::run(&spec).await;
        let SubtaskEnd::Failed(errors) = end else { panic!("another CA: {end:?}") };
        assert_eq!((errors[0].code, errors[0].scope.as_deref()), (Some(10001), Some("upstream")), "{errors:?}");
    });
}

fn problems(checked: &Checked) -> impl Iterator<Item = &CheckProblem> {
    checked.items.iter().flat_map(|item| &item.problems)
}

#[test]
fn a_check_tells_what_is_well_and_what_is_not() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("checked", from, to);
            let odd = if from == Family::MySql {
                "CREATE TABLE odd (id INT PRIMARY KEY, v VECTOR(2))"
            } else {
                "CREATE TABLE odd (id INT PRIMARY KEY, b BLOB, UNIQUE KEY u (b))"
            };
            make(source, &schema, &["CREATE TABLE plain (id INT PRIMARY KEY)", "CREATE TABLE keyless (a INT)", odd]).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let items = dmctl::engine::check(std::slice::from_ref(&spec)).await;
            let passed = |name: &str| items.items.iter().any(|item| item.name == name && item.verdict() == Verdict::Passed);
            for name in [
                "database connection check",
                "mysql_version",
                "mysql_binlog_enable",
                "source db dump privilege checker",
                "target db privilege checker",
            ] {
                assert!(passed(name), "{name}: {items:?}");
            }
            assert!(
                problems(&items).any(|problem| !problem.is_failure && problem.message.contains("`keyless` has neither")),
                "{items:?}"
            );
            let failed: Vec<_> = problems(&items).filter(|problem| problem.is_failure).collect();
            if from == to {
                assert!(failed.is_empty(), "{failed:?}");
                engine::copy(&spec).await;
                oracle::assert_same(source, &schema, target, &schema).await;
                continue;
            }
            assert_eq!(failed.len(), 1, "{failed:?}");
            assert!(failed[0].message.contains(&format!("`{schema}`.`odd`")) && failed[0].cure.is_some(), "{failed:?}");
            let (end, _) = engine::run(&spec).await;
            let SubtaskEnd::Failed(errors) = end else { panic!("{end:?}") };
            assert!(errors[0].message.contains("`odd`"), "{errors:?}");
            assert_eq!(oracle::tables(target, &schema).await, Vec::<String>::new(), "nothing was made");
            let mut deaf = spec.clone();
            deaf.ignored_checks = vec!["table_schema".to_owned()];
            let items = dmctl::engine::check(std::slice::from_ref(&deaf)).await;
            assert!(items.items.iter().all(|item| item.name != "table structure compatibility check"), "{items:?}");
        }
    });
}

#[test]
fn a_source_can_be_looked_at() {
    block(async {
        let _busy = servers::busy().await;
        for family in servers::FAMILIES.into_iter().filter(|family| servers::can_run(*family)) {
            let server = servers::source(family);
            let schema = format!("looked_{family:?}").to_lowercase();
            make(server, &schema, &["CREATE TABLE b (id INT)", "CREATE TABLE a (id INT)", "CREATE VIEW v AS SELECT * FROM a"])
                .await;
            let file = dmctl::model::source_file::read(&format!("source-id: s\nfrom: {}\n", server.yaml())).unwrap();
            let full = dmctl::engine::complete_source(file.clone()).await.unwrap();
            assert_eq!(full.flavor(), if family == Family::MariaDb { "mariadb" } else { "mysql" });
            assert!(full.server_id() != 0 && full.case_sensitive());
            assert!(dmctl::engine::schemas(&file).await.unwrap().contains(&schema));
            assert_eq!(dmctl::engine::tables(&file, &schema).await.unwrap(), ["a", "b"]);
            let mut other = file.clone();
            other.flavor = Some(dmctl::model::file::Given::new(if family == Family::MariaDb { "mysql" } else { "mariadb" }));
            assert_eq!(dmctl::engine::complete_source(other).await.unwrap_err().code, Some(11010));
            let mut wrong = file.clone();
            wrong.from.as_mut().unwrap().value.password = Some(dmctl::model::file::Given::new(Secret::new("no")));
            let error = dmctl::engine::complete_source(wrong).await.unwrap_err();
            assert_eq!(error.code, Some(10001));
            assert!(error.cause.as_deref().unwrap().contains("Error 1045"), "{error:?}");
            assert!(!format!("{error:?}").contains("no\""), "{error:?}");
        }
    });
}
