//! Tables of real databases that one server takes and the other does not, or not in the same way.

use dmctl::model::subtask::{CheckProblem, Checked};

use super::engine::{make, named};
use super::servers::{self, Family, block, pairs};
use super::{engine, oracle, verify};

/// What a check says, whether it is a failure or a warning.
fn told(checked: &Checked, is_failure: bool) -> Vec<String> {
    let problems = checked.items.iter().flat_map(|item| &item.problems);
    let wanted = |problem: &&CheckProblem| problem.is_failure == is_failure;
    problems.filter(wanted).map(|problem| problem.message.clone()).collect()
}

#[test]
fn a_merge_table_is_left_out_and_its_tables_are_copied() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("merge", from, to);
            let tables = [
                "CREATE TABLE part (id INT PRIMARY KEY) ENGINE=MyISAM",
                "CREATE TABLE whole (id INT PRIMARY KEY) ENGINE=MERGE UNION=(part) INSERT_METHOD=LAST",
                "INSERT INTO whole VALUES (1), (2)",
            ];
            make(source, &schema, &tables).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let checked = dmctl::engine::check(std::slice::from_ref(&spec)).await;
            let left = format!("the merge table `{schema}`.`whole` is not copied");
            assert!(told(&checked, false).contains(&left), "{from:?} -> {to:?}: {checked:?}");
            let copied = engine::copy(&spec).await;
            assert_eq!(copied.rows_done, 2, "{from:?} -> {to:?}");
            assert_eq!(target.value(&format!("SELECT COUNT(*) FROM {schema}.part")).await, "2");
        }
    });
}

#[test]
fn the_last_member_of_a_full_set_is_compared_as_it_is() {
    block(async {
        let _busy = servers::busy().await;
        let members: Vec<String> = (1..=64).map(|number| format!("'m{number}'")).collect();
        let table = format!("CREATE TABLE t (id INT PRIMARY KEY, s SET({}))", members.join(","));
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("sets", from, to);
            make(source, &schema, &[&table, "INSERT INTO t VALUES (1, 'm64'), (2, 'm1,m64'), (3, 'm1'), (4, '')"]).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            engine::copy(&spec).await;
            oracle::assert_same(source, &schema, target, &schema).await;
            verify::assert_equal(std::slice::from_ref(&spec)).await;
            target.execute(&[&format!("UPDATE {schema}.t SET s = 'm2,m64' WHERE id = 2")]).await;
            let found = verify::compare(std::slice::from_ref(&spec), false).await;
            assert_eq!(found.rows_differing, 1, "{from:?} -> {to:?}: {found:?}");
        }
    });
}

/// What only one family takes, and what the other makes of it.
fn takes(from: Family) -> Vec<&'static str> {
    let mut tables = vec!["CREATE TABLE both_1 (id INT PRIMARY KEY, CONSTRAINT twice CHECK (id > 0))"];
    match from {
        Family::MariaDb => {
            tables.extend([
                "CREATE TABLE both_2 (id INT PRIMARY KEY, CONSTRAINT twice CHECK (id > 0), CHECK (id < 99))",
                "CREATE TABLE unnamed (id INT PRIMARY KEY, CHECK (id > 0))",
                "CREATE TABLE other_column (id INT PRIMARY KEY, a INT COMMENT 'a' CHECK (a > id))",
                "CREATE TABLE grouped (g INT, id INT AUTO_INCREMENT, PRIMARY KEY (g, id)) ENGINE=Aria ROW_FORMAT=PAGE",
                "CREATE TABLE parted (id INT PRIMARY KEY) ENGINE=MyISAM PARTITION BY HASH (id) PARTITIONS 2",
                "CREATE TABLE croatian (id INT PRIMARY KEY, v VARCHAR(9) COLLATE utf8mb4_croatian_mysql561_ci)",
                "INSERT INTO both_2 VALUES (1)",
                "INSERT INTO unnamed VALUES (1)",
                "INSERT INTO other_column VALUES (1, 2)",
                "INSERT INTO grouped (g) VALUES (1), (1), (2)",
                "INSERT INTO parted VALUES (1), (2)",
                "INSERT INTO croatian VALUES (1, 'č')",
            ]);
        }
        Family::MySql => {
            tables.extend([
                "CREATE TABLE computed (id INT PRIMARY KEY, b INT GENERATED ALWAYS AS (id + 1) STORED NOT NULL UNIQUE)",
                "CREATE TABLE called (id INT PRIMARY KEY, p POINT DEFAULT (POINT(1, 2)))",
                "INSERT INTO computed (id) VALUES (1)",
                "INSERT INTO called (id) VALUES (1)",
            ]);
        }
    }
    tables
}

#[test]
fn what_one_family_takes_is_made_so_that_the_other_does() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("taken", from, to);
            make(source, &schema, &takes(from)).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let checked = dmctl::engine::check(std::slice::from_ref(&spec)).await;
            assert_eq!(told(&checked, true), Vec::<String>::new(), "{from:?} -> {to:?}");
            engine::copy(&spec).await;
            oracle::assert_same(source, &schema, target, &schema).await;
            verify::assert_equal(std::slice::from_ref(&spec)).await;
        }
    });
}

#[test]
fn a_definition_that_the_target_can_t_read_fails_the_check() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("refused", from, to);
            let column = if from == Family::MySql { "CHECK (5 MEMBER OF('[5]'))" } else { "r DOUBLE AS (RAND()) VIRTUAL" };
            make(source, &schema, &[&format!("CREATE TABLE t (id INT PRIMARY KEY, {column})")]).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let failures = told(&dmctl::engine::check(std::slice::from_ref(&spec)).await, true);
            if from == to {
                assert_eq!(failures, Vec::<String>::new(), "{from:?} -> {to:?}");
                engine::copy(&spec).await;
                continue;
            }
            let start = format!("the target refuses the definition of `{schema}`.`t`: Error ");
            assert!(failures.len() == 1 && failures[0].starts_with(&start), "{from:?} -> {to:?}: {failures:?}");
            // A table that is there is taken as it is.
            target.execute(&[&format!("CREATE DATABASE {schema}"), &format!("CREATE TABLE {schema}.t (id INT PRIMARY KEY)")]).await;
            assert_eq!(told(&dmctl::engine::check(&[spec]).await, true), Vec::<String>::new(), "{from:?} -> {to:?}");
        }
    });
}

#[test]
fn foreign_keys_to_what_is_not_unique_are_told_where_the_target_takes_none() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("pointing", from, to);
            let allow = "SET SESSION restrict_fk_on_non_standard_key = 0";
            let mut statements = vec![
                "CREATE TABLE parent (id INT PRIMARY KEY, code INT, KEY (code))",
                "CREATE TABLE child (id INT PRIMARY KEY, code INT, FOREIGN KEY (code) REFERENCES parent (code))",
            ];
            if from == Family::MySql {
                statements.insert(0, allow);
            }
            make(source, &schema, &statements).await;
            let mut spec = engine::spec(&schema, source, target, &[&schema], "");
            let failures = told(&dmctl::engine::check(std::slice::from_ref(&spec)).await, true);
            let is_strict = to == Family::MySql;
            assert_eq!(failures.len(), usize::from(is_strict), "{from:?} -> {to:?}: {failures:?}");
            if is_strict {
                let points = format!("a foreign key of `{schema}`.`child` points to `code` of `{schema}`.`parent`");
                assert!(failures[0].starts_with(&points), "{failures:?}");
                spec.to.session.push(("restrict_fk_on_non_standard_key".to_owned(), "0".to_owned()));
                assert_eq!(told(&dmctl::engine::check(std::slice::from_ref(&spec)).await, true), Vec::<String>::new());
            }
            engine::copy(&spec).await;
        }
    });
}

#[test]
fn a_day_is_the_same_as_its_first_moment_and_what_takes_no_null_is_told() {
    block(async {
        let _busy = servers::busy().await;
        for (from, to) in pairs() {
            let (source, target) = (servers::source(from), servers::target(to));
            let schema = named("days", from, to);
            let rows = "INSERT INTO t VALUES (1, '2024-02-29', '2024-02-29 00:00:00', 1), (2, NULL, NULL, 2)";
            make(source, &schema, &["CREATE TABLE t (id INT PRIMARY KEY, d DATE, e DATETIME, n INT)", rows]).await;
            let table = format!("CREATE TABLE {schema}.t (id INT PRIMARY KEY, d DATETIME(3), e DATE, n INT NOT NULL)");
            target.execute(&[&format!("CREATE DATABASE {schema}"), &table]).await;
            let spec = engine::spec(&schema, source, target, &[&schema], "");
            let warnings = told(&dmctl::engine::check(std::slice::from_ref(&spec)).await, false);
            let own = format!("`{schema}`.`t` of the");
            let expected = format!("the column `n` of {own} target takes no NULL, and that of {own} source does");
            assert!(warnings.contains(&expected), "{from:?} -> {to:?}: {warnings:?}");
            engine::copy(&spec).await;
            verify::assert_equal(std::slice::from_ref(&spec)).await;
            target.execute(&[&format!("UPDATE {schema}.t SET d = '2024-02-29 00:00:01' WHERE id = 1")]).await;
            let found = verify::compare(std::slice::from_ref(&spec), false).await;
            assert_eq!(found.rows_differing, 1, "{from:?} -> {to:?}: {found:?}");
        }
    });
}
