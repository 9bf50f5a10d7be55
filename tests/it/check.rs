//! The checks before a task, through the built `dmctl serve` and `task check`, on servers whose settings and users this test changes as it
//! likes. Each item is seen to fail and to pass.

use dmctl::model::subtask::{Checked, Verdict};

use crate::engine;
use crate::harness::{Output, Sandbox, snapshot};
use crate::servers::{self, Family, PASSWORD, Server, USER, block, can_run};
use crate::serving::Serving;

/// Two servers, and a DM between them.
struct World {
    source: Server,
    target: Server,
    serving: Serving,
    page: String,
}

/// Who connects, and what the task file says more.
#[derive(Clone, Copy)]
struct How<'a> {
    source_user: &'a str,
    target_user: &'a str,
    /// More keys of the source file.
    source: &'a str,
    /// More keys of the instance.
    instance: &'a str,
    /// More keys of the task file.
    task: &'a str,
    schemas: &'a str,
    /// The source is the target.
    onto_itself: bool,
}

const USUAL: How<'_> =
    How { source_user: USER, target_user: USER, source: "", instance: "", task: "", schemas: "shop", onto_itself: false };

impl World {
    fn new(from: Family, to: Family, from_options: &[&str], to_options: &[&str]) -> Self {
        let (source, target) = std::thread::scope(|scope| {
            // A collation that both families have.
            let start = |family, options: &[&str]| {
                Server::start(family, &[&["--collation-server=utf8mb4_bin", "--local-infile=1"], options].concat())
            };
            let source = scope.spawn(move || start(from, from_options));
            let target = start(to, to_options);
            (source.join().unwrap(), target)
        });
        Self { source, target, serving: Serving::start(&Sandbox::new(), ""), page: String::new() }
    }

    fn at_source(&self, statements: &[&str]) {
        block(self.source.execute(statements));
    }

    fn at_target(&self, statements: &[&str]) {
        block(self.target.execute(statements));
    }

    fn yaml(server: &Server, user: &str) -> String {
        let password = if user == USER { PASSWORD.replace('\'', "''") } else { "x".to_owned() };
        format!("{{host: 127.0.0.1, port: {}, user: '{user}', password: '{password}'}}", server.port)
    }

    /// Runs the check with further words.
    fn run(&self, how: How<'_>, words: &str) -> Output {
        self.run_after(how, words, || {})
    }

    /// The same once something has changed since the source was created.
    fn run_after(&self, how: How<'_>, words: &str, change: impl FnOnce()) -> Output {
        let sandbox = self.serving.sandbox();
        let from = Self::yaml(if how.onto_itself { &self.target } else { &self.source }, how.source_user);
        let to = Self::yaml(&self.target, how.target_user);
        let _source = sandbox.file("source.yaml", format!("source-id: one\nfrom: {from}\n{}", how.source));
        let _task = sandbox.file(
            "task.yaml",
            format!(
                "name: t\ntask-mode: full\nmeta-schema: meta\ntarget-database: {to}\nblock-allow-list: {{own: {{do-dbs: [{}]}}}}\n\
                 mysql-instances: [{{source-id: one, block-allow-list: own{}}}]\n{}",
                how.schemas, how.instance, how.task
            ),
        );
        let made = sandbox.run("source create source.yaml");
        assert_eq!(made.code, 0, "{made:?}");
        change();
        let output = sandbox.run(&format!("task check task.yaml {words}"));
        let gone = sandbox.run("source delete one --yes");
        assert_eq!(gone.code, 0, "{gone:?}");
        let steady = |text: &str| {
            assert!(!text.contains(PASSWORD), "{text}");
            let ports = [(&self.source, "$SOURCE"), (&self.target, "$TARGET")];
            let text = ports.iter().fold(text.to_owned(), |text, (server, name)| text.replace(&server.port.to_string(), name));
            text.replace("@'localhost'", "@'127.0.0.1'")
        };
        Output { stdout: steady(&output.stdout), stderr: steady(&output.stderr), code: output.code }
    }

    /// Notes down what the check says, without its last lines, which are the same each time.
    fn show(&mut self, title: &str, how: How<'_>) -> Output {
        let output = self.run(how, "--error-count -1 --warn-count -1");
        let end = output.stdout.find("verdict: ").unwrap_or(output.stdout.len());
        let verdict = output.stdout[end..].lines().next().unwrap_or_default();
        self.page.push_str(&format!("## {title}\n{}{verdict}\n", &output.stdout[..end]));
        for told in output.stderr.lines() {
            self.page.push_str(&format!("2> {told}\n"));
        }
        self.page.push_str(&format!("exit {}\n\n", output.code));
        output
    }

    /// The same for what must be warned of, and is left out by a word.
    fn warns(&mut self, title: &str, how: How<'_>, item: &str, word: &str) {
        self.finds(title, how, item, word, 0);
    }

    /// The same for what must fail.
    fn fails(&mut self, title: &str, how: How<'_>, item: &str, word: &str) {
        self.finds(title, how, item, word, 1);
    }

    fn finds(&mut self, title: &str, how: How<'_>, item: &str, word: &str, code: i32) {
        let output = self.show(title, how);
        let head = if code == 0 { format!("warning: {item}\n") } else { format!("FAILED: {item}\n") };
        assert!(output.stdout.contains(&head) && output.code == code, "{title}: {output:?}");
        let task = format!("{}ignore-checking-items: [{word}]\n", how.task);
        let left_out = self.run(How { task: &task, ..how }, "");
        assert!(!left_out.stdout.contains(&format!(": {item}\n")), "{title}: {word} does not leave it out: {left_out:?}");
    }

    fn passes(&self, how: How<'_>) {
        let output = self.run(how, "");
        assert!(output.stdout.starts_with("verdict: passed: ") && output.code == 0, "{output:?}");
    }
}

const PAIRS: [(Family, Family, &str); 2] =
    [(Family::MariaDb, Family::MySql, "check_from_mariadb"), (Family::MySql, Family::MariaDb, "check_from_mysql")];

fn each(suffix: &str, run: impl Fn(&mut World)) {
    if !can_run(Family::MySql) || !can_run(Family::MariaDb) {
        return;
    }
    for (from, to, name) in PAIRS {
        let mut world = World::new(from, to, &["--binlog-ignore-db=unlogged"], &["--skip-log-bin"]);
        world.at_source(&["CREATE DATABASE shop", "CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(9))"]);
        world.passes(USUAL);
        run(&mut world);
        world.passes(USUAL);
        snapshot(&format!("{name}_{suffix}"), world.page.trim_end());
    }
}

#[test]
fn rights() {
    each("rights", |world| {
        let few = How { source_user: "few", ..USUAL };
        let dump = "source db dump privilege checker";
        let replication = "source db replication privilege checker";
        world.at_source(&["CREATE USER few@'%' IDENTIFIED BY 'x'"]);
        world.fails("a user at the source who may do nothing", few, dump, "dump_privilege");
        world.at_source(&["GRANT SELECT (id) ON shop.orders TO few@'%'"]);
        world.fails("who may read one column", few, dump, "dump_privilege");
        world.at_source(&["REVOKE SELECT (id) ON shop.orders FROM few@'%'", "GRANT SELECT ON shop.orders TO few@'%'"]);
        world.warns("who may read, and lock nothing", few, dump, "dump_privilege");
        world.at_source(&["CREATE TABLE shop.old (id INT PRIMARY KEY) ENGINE = MyISAM", "GRANT SELECT ON shop.old TO few@'%'"]);
        world.fails("an engine without snapshots", few, dump, "dump_privilege");
        world.at_source(&["DROP TABLE shop.old", "GRANT LOCK TABLES ON shop.* TO few@'%'"]);
        world.warns("who may lock tables", few, dump, "dump_privilege");
        world.at_source(&["GRANT RELOAD ON *.* TO few@'%'"]);
        world.warns("who may flush", few, replication, "replication_privilege");
        world.at_source(&["GRANT REPLICATION CLIENT ON *.* TO few@'%'"]);
        world.warns("who may see where the binlog is", few, replication, "replication_privilege");
        world.at_source(&["GRANT REPLICATION SLAVE ON *.* TO few@'%'"]);
        world.passes(few);
        // What a role gives counts where the role is active.
        let role = if world.source.family == Family::MariaDb { "FOR few@'%'" } else { "TO few@'%'" };
        world.at_source(&[
            "REVOKE RELOAD, REPLICATION SLAVE ON *.* FROM few@'%'",
            "CREATE ROLE keeper",
            "GRANT RELOAD, REPLICATION SLAVE ON *.* TO keeper",
            "GRANT keeper TO few@'%'",
        ]);
        world.warns("whose role sleeps", few, dump, "dump_privilege");
        world.at_source(&[&format!("SET DEFAULT ROLE keeper {role}")]);
        world.passes(few);
        let few = How { target_user: "few", ..USUAL };
        let target = "target db privilege checker";
        world.at_target(&["CREATE USER few@'%' IDENTIFIED BY 'x'"]);
        world.fails("a user at the target who may do nothing", few, target, "target_privilege");
        let all = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX"];
        for schema in ["shop", "meta"] {
            world.at_target(&[&format!("GRANT {} ON {schema}.* TO few@'%'", all.join(", "))]);
        }
        world.passes(few);
        for right in all {
            world.at_target(&[&format!("REVOKE {right} ON shop.* FROM few@'%'")]);
            world.fails(&format!("who lacks {right}"), few, target, "target_privilege");
            world.at_target(&[&format!("GRANT {right} ON shop.* TO few@'%'")]);
            world.passes(few);
        }
        world.at_source(&["CREATE TABLE shop.items (id INT PRIMARY KEY, o INT, FOREIGN KEY (o) REFERENCES orders (id))"]);
        world.fails("who may make no foreign key", few, target, "target_privilege");
        world.at_source(&["DROP TABLE shop.items", "CREATE DATABASE shop_1", "CREATE TABLE shop_1.a_b (id INT PRIMARY KEY)"]);
        world.fails("a name that would be a pattern", How { schemas: "shop_1", ..few }, target, "target_privilege");
        let output = world.run(How { schemas: "shop_1", ..few }, "--format json");
        // What mends it, mends it.
        let answer: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let statement = answer["items"][0]["errors"][0]["sql"][0].as_str().unwrap();
        world.at_target(&[statement]);
        world.passes(How { schemas: "shop_1", ..few });
        let others = How { schemas: "shopx1", ..few };
        world.at_source(&["CREATE DATABASE shopx1", "CREATE TABLE shopx1.t (id INT PRIMARY KEY)"]);
        assert_eq!(world.run(others, "").code, 1, "the statement gives rights on one schema only");
        // A table that is there is filled, and not made.
        world.at_target(&["REVOKE CREATE, DROP, INDEX ON shop.* FROM few@'%'"]);
        world.at_target(&[
            "CREATE DATABASE shop",
            "CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)",
        ]);
        world.passes(few);
        world.at_target(&["DROP DATABASE shop"]);
    });
}

#[test]
fn settings_of_servers() {
    each("settings", |world| {
        let is_mysql = world.source.family == Family::MySql;
        world.at_source(&["SET GLOBAL binlog_format = 'MIXED'"]);
        world.warns("a binlog with statements", USUAL, "mysql_binlog_format", "binlog_format");
        world.at_source(&["SET GLOBAL binlog_format = 'ROW'", "SET GLOBAL binlog_row_image = 'MINIMAL'"]);
        world.warns("a binlog with parts of rows", USUAL, "mysql_binlog_row_image", "binlog_row_image");
        world.at_source(&["SET GLOBAL binlog_row_image = 'FULL'"]);
        if is_mysql {
            world.at_source(&["SET GLOBAL server_id = 0"]);
            world.warns("a source without a number", USUAL, "mysql_server_id", "server_id");
            world.at_source(&["SET GLOBAL server_id = 7"]);
        }
        world.at_source(&["CREATE DATABASE unlogged", "CREATE TABLE unlogged.t (id INT PRIMARY KEY)"]);
        let unlogged = How { schemas: "unlogged", ..USUAL };
        world.warns("a schema that the binlog leaves out", unlogged, "binlog_do_db/binlog_ignore_db check", "binlog_db");
        // The target of this world has no binlog.
        world.at_target(&["CREATE DATABASE own", "CREATE TABLE own.t (id INT PRIMARY KEY)"]);
        let itself = How { schemas: "own", onto_itself: true, ..USUAL };
        let routed =
            How { instance: ", route-rules: [r]", task: "routes: {r: {schema-pattern: own, target-schema: other}}\n", ..itself };
        world.warns("a source without a binlog", routed, "mysql_binlog_enable", "binlog_enable");
        world.warns("a source that is the target", routed, "same_server", "table_schema");
        world.fails("a table onto itself", itself, "same_server", "table_schema");
        world.at_target(&["DROP DATABASE own"]);
        let few = How { target_user: "few", source_user: "few", ..USUAL };
        for user in [
            "CREATE USER few@'%' IDENTIFIED BY 'x'",
            "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX ON *.* TO few@'%'",
        ] {
            world.at_source(&[user]);
            world.at_target(&[user]);
        }
        world.at_source(&["GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO few@'%'"]);
        world.passes(few);
        world.at_target(&["SET GLOBAL read_only = 1"]);
        world.fails("a target that is closed", few, "target_read_only", "target_privilege");
        world.warns("a target that is closed to others", USUAL, "target_read_only", "target_privilege");
        world.at_target(&["SET GLOBAL read_only = 0"]);
        let read_only = if is_mysql { "tx_read_only" } else { "transaction_read_only" };
        world.at_target(&[&format!("SET GLOBAL {read_only} = 1")]);
        world.fails("a target whose transactions only read", USUAL, "target_read_only", "target_privilege");
        world.at_target(&[&format!("SET GLOBAL {read_only} = 0")]);
        for (server, item) in [(&world.source, "dumper_conn_number_checker"), (&world.target, "loader_conn_number_checker")] {
            let held: Vec<_> = block(async {
                server.execute(&["SET GLOBAL max_connections = 14"]).await;
                futures_util::future::join_all((0..13).map(|_| server.connect())).await
            });
            // How many are in use as well is another thing each time.
            let output = world.run(USUAL, "");
            let (head, cure) = (format!("warning: {item}\n"), "SET GLOBAL max_connections = 50;\n");
            assert!(output.stdout.contains(&head) && output.stdout.contains(cure) && output.code == 0, "{output:?}");
            drop(held);
            block(server.execute(&["SET GLOBAL max_connections = 200"]));
        }
        world.at_source(&["ALTER USER few@'%' WITH MAX_USER_CONNECTIONS 2"]);
        world.fails("a user at the source with few connections", few, "dumper_conn_number_checker", "conn_number");
        world.at_source(&["ALTER USER few@'%' WITH MAX_USER_CONNECTIONS 0"]);
        world.at_target(&["ALTER USER few@'%' WITH MAX_USER_CONNECTIONS 1"]);
        world.fails("a user at the target with few connections", few, "loader_conn_number_checker", "conn_number");
        world.at_target(&["ALTER USER few@'%' WITH MAX_USER_CONNECTIONS 0"]);
        world.at_source(&[
            "CREATE TABLE shop.large (id INT PRIMARY KEY, b LONGBLOB)",
            "INSERT INTO shop.large VALUES (1, REPEAT('x', 3000000))",
        ]);
        world.passes(USUAL);
        world.at_target(&["SET GLOBAL max_allowed_packet = 2097152"]);
        world.fails("a row that is too large", USUAL, "target_max_allowed_packet", "table_schema");
        world.at_target(&["SET GLOBAL max_allowed_packet = 4194304"]);
        world.passes(USUAL);
        world.at_source(&["DROP TABLE shop.large", "CREATE TABLE shop.keyless (a INT)"]);
        let variable = if is_mysql { "innodb_force_primary_key" } else { "sql_require_primary_key" };
        world.warns("a table without a key", USUAL, "table structure compatibility check", "table_schema");
        world.at_target(&[&format!("SET GLOBAL {variable} = 1")]);
        world.fails("and a target that takes none", USUAL, "target_primary_key_required", "table_schema");
        world.at_target(&[&format!("SET GLOBAL {variable} = 0")]);
        world.at_source(&["DROP TABLE shop.keyless"]);
        world.at_target(&["SET GLOBAL local_infile = 0"]);
        let output = world.show("a target that takes no files", USUAL);
        assert!(
            output.stdout.starts_with("verdict: passed: ") && output.stderr.contains("SET GLOBAL local_infile = ON"),
            "{output:?}"
        );
        world.at_target(&["SET GLOBAL local_infile = 1"]);
        if is_mysql {
            let gtid = How { source: "enable-gtid: true\n", ..USUAL };
            world.passes(gtid);
            let output = world.run_after(gtid, "", || world.at_source(&["SET GLOBAL gtid_mode = 'ON_PERMISSIVE'"]));
            assert!(output.stdout.starts_with("warning: mysql_gtid_mode\n") && output.code == 0, "{output:?}");
            world.at_source(&["SET GLOBAL gtid_mode = 'ON'"]);
        }
    });
}

const STRUCTURE: &str = "table structure compatibility check";

#[test]
fn tables_that_are_there() {
    each("tables", |world| {
        world.at_target(&["CREATE DATABASE shop"]);
        let end = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
        let cases = [
            ("a view", "VIEW", "CREATE VIEW shop.orders AS SELECT 1 AS id, 'a' AS v".to_owned(), true),
            ("a column less", "TABLE", "CREATE TABLE shop.orders (id INT PRIMARY KEY)".to_owned(), true),
            (
                "a column more, which needs a value",
                "TABLE",
                format!("CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(9), w INT NOT NULL) {end}"),
                true,
            ),
            (
                "a computed column",
                "TABLE",
                format!("CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(9) AS ('a')) {end}"),
                true,
            ),
            ("a narrow type", "TABLE", format!("CREATE TABLE shop.orders (id SMALLINT PRIMARY KEY, v VARCHAR(9)) {end}"), false),
            (
                "a character set",
                "TABLE",
                "CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(9)) CHARACTER SET latin1".to_owned(),
                false,
            ),
            ("a unique key less", "TABLE", format!("CREATE TABLE shop.orders (id INT, v VARCHAR(9)) {end}"), false),
            (
                "a unique key more",
                "TABLE",
                format!("CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(9) UNIQUE) {end}"),
                false,
            ),
        ];
        for (title, kind, statement, fails) in cases {
            world.at_target(&[&statement]);
            world.finds(title, USUAL, STRUCTURE, "table_schema", i32::from(fails));
            world.at_target(&[&format!("DROP {kind} shop.orders")]);
        }
        let alike = format!("CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(9), w INT) {end}");
        world.at_target(&[&alike]);
        world.passes(USUAL);
        world.at_target(&[
            "CREATE TABLE shop.log (id INT)",
            "CREATE TRIGGER shop.note AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO shop.log VALUES (NEW.id)",
        ]);
        world.warns("a trigger", USUAL, STRUCTURE, "table_schema");
        world.at_target(&["DROP TRIGGER shop.note", "DROP TABLE shop.log", "INSERT INTO shop.orders VALUES (1, 'a', 2)"]);
        world.warns("rows", USUAL, "lightning_downstream_empty_table", "downstream_table_empty");
        world.at_target(&["DROP DATABASE shop"]);
        world.at_source(&[
            "CREATE DATABASE bank",
            "CREATE TABLE bank.accounts (id INT PRIMARY KEY)",
            "CREATE TABLE shop.items (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES bank.accounts (id))",
            "CREATE VIEW shop.v AS SELECT * FROM shop.items",
        ]);
        world.warns("a foreign key that leads out, and a view", USUAL, STRUCTURE, "table_schema");
        world.at_source(&["DROP VIEW shop.v", "DROP TABLE shop.items"]);
        world.at_source(&["CREATE TABLE shop._orders_gho LIKE shop.orders", "CREATE TABLE shop._other_gho LIKE shop.orders"]);
        world.warns("a table that is being altered", USUAL, "online ddl checker", "online_ddl");
        world.at_source(&["DROP TABLE shop._orders_gho, shop._other_gho"]);
        let odd = if world.source.family == Family::MySql {
            "CREATE TABLE shop.odd (id INT PRIMARY KEY, v VECTOR(2))"
        } else {
            "CREATE TABLE shop.odd (id INT PRIMARY KEY, b BLOB, UNIQUE KEY u (b))"
        };
        world.at_source(&[odd]);
        world.fails("what the target has nothing for", USUAL, STRUCTURE, "table_schema");
        world.at_source(&["DROP TABLE shop.odd"]);
        world.warns(
            "a task without a table",
            How { schemas: "nothing", ..USUAL },
            "source db dump privilege checker",
            "dump_privilege",
        );
    });
}

#[test]
fn tables_that_go_into_one() {
    each("shards", |world| {
        let merged = How {
            schemas: "'part*'",
            instance: ", route-rules: [r]",
            task: "routes: {r: {schema-pattern: 'part*', target-schema: whole}}\n",
            ..USUAL
        };
        let item = "sharding table `whole`.`t` consistency checking";
        for (part, rows) in [("part1", "(1, 1), (9, 9)"), ("part2", "(10, 1), (12, 2)")] {
            world.at_source(&[
                &format!("CREATE DATABASE {part}"),
                &format!("CREATE TABLE {part}.t (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, n INT)"),
                &format!("INSERT INTO {part}.t VALUES {rows}"),
            ]);
        }
        world.passes(merged);
        world.at_source(&["INSERT INTO part2.t VALUES (9, 3)"]);
        world.warns("a key that is in both", merged, item, "auto_increment_ID");
        world.at_source(&["DELETE FROM part2.t WHERE id = 9", "INSERT INTO part2.t VALUES (5, 3)"]);
        world.passes(merged);
        // Too many to read: only the ranges are known.
        let digits = "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION \
                      SELECT 7 UNION SELECT 8 UNION SELECT 9)";
        let numbers =
            format!("(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d n FROM {digits} a, {digits} b, {digits} c, {digits} e)");
        world.at_source(&[
            &format!("INSERT INTO part1.t SELECT 100 + 2 * n, n FROM {numbers} numbers"),
            &format!("INSERT INTO part2.t SELECT 101 + 2 * n, n FROM {numbers} numbers"),
        ]);
        world.warns("keys that may meet", merged, item, "auto_increment_ID");
        world.at_source(&["DELETE FROM part1.t WHERE id > 9", "DELETE FROM part2.t WHERE id > 100 OR id < 9"]);
        world.at_source(&["ALTER TABLE part2.t MODIFY n BIGINT, ADD more INT"]);
        world.fails("columns that differ", merged, item, "schema_of_shard_tables");
        world.at_source(&[
            "DROP TABLE part2.t",
            "CREATE TABLE part2.t (id VARCHAR(9) PRIMARY KEY, n INT)",
            "DROP TABLE part1.t",
            "CREATE TABLE part1.t LIKE part2.t",
        ]);
        world.warns("keys that are no numbers", merged, item, "auto_increment_ID");
    });
}

#[test]
fn names_with_capitals() {
    if !can_run(Family::MySql) || !can_run(Family::MariaDb) {
        return;
    }
    let mut world = World::new(Family::MySql, Family::MariaDb, &[], &["--lower-case-table-names=1"]);
    let capitals = How { schemas: "Shop", task: "case-sensitive: true\n", ..USUAL };
    world.at_source(&["CREATE DATABASE Shop", "CREATE TABLE Shop.orders (id INT PRIMARY KEY)"]);
    world.warns("small letters in the target", capitals, "lower_case_table_names", "table_schema");
    world.at_source(&["CREATE TABLE Shop.Orders (id INT PRIMARY KEY)"]);
    world.fails("two names that become one", capitals, STRUCTURE, "table_schema");
    world.at_source(&["CREATE DATABASE small", "CREATE TABLE small.t (id INT PRIMARY KEY)"]);
    world.passes(How { schemas: "small", ..USUAL });
    snapshot("check_names", world.page.trim_end());
}

#[test]
fn what_is_well_and_how_much_there_is() {
    each("whole", |world| {
        world.at_source(&["INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b'), (3, 'c')", "ANALYZE TABLE shop.orders"]);
        let text = world.run(USUAL, "");
        let json = world.run(USUAL, "--format json");
        assert_eq!((text.code, json.code), (0, 0), "{text:?} {json:?}");
        world.page.push_str(&format!("{}\n{}\n", text.stdout, json.stdout));
        let all = world.run(How { task: "ignore-checking-items: [all]\n", ..USUAL }, "");
        world.page.push_str(&format!("## nothing to check\n{}\n", all.stdout));
        world.at_source(&["CREATE USER few@'%' IDENTIFIED BY 'x'", "GRANT SELECT ON shop.* TO few@'%'"]);
        let few = How { source_user: "few", ..USUAL };
        let json = world.run(few, "--format json");
        world.page.push_str(&format!("## warnings\n{}\n", json.stdout));
        let none = world.run(few, "--warn-count 1");
        assert_eq!(none.stdout.matches("problem:").count(), 1, "{none:?}");
    });
}

#[test]
fn many_tables_take_few_questions() {
    if !can_run(Family::MySql) || !can_run(Family::MariaDb) {
        return;
    }
    let world = World::new(Family::MySql, Family::MariaDb, &[], &[]);
    let mut statements = vec!["CREATE DATABASE many".to_owned()];
    statements.extend((0..150).map(|number| format!("CREATE TABLE many.t{number} (id INT PRIMARY KEY)")));
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    world.at_source(&statements);
    world.at_target(&statements);
    let asked = || -> u64 {
        let value = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'COM_SELECT'";
        block(world.target.value(value)).parse().unwrap()
    };
    let before = asked();
    world.passes(How { schemas: "many", ..USUAL });
    assert!(asked() - before < 50, "{} questions about 150 tables", asked() - before);
}

#[test]
fn tables_of_two_families_may_go_into_one() {
    if !can_run(Family::MySql) || !can_run(Family::MariaDb) {
        return;
    }
    block(async {
        let sources = [servers::source(Family::MariaDb), servers::source(Family::MySql)];
        let target = servers::target(Family::MySql);
        let statements = |rows: &str| {
            [
                "CREATE DATABASE met".to_owned(),
                "CREATE TABLE met.t (id INT UNSIGNED PRIMARY KEY, d JSON, y YEAR, v VARCHAR(9))".to_owned(),
                format!("INSERT INTO met.t (id) VALUES {rows}"),
            ]
        };
        for (server, rows) in sources.iter().zip(["(1), (2)", "(3), (4)"]) {
            server.execute(&statements(rows).each_ref().map(String::as_str)).await;
        }
        let specs =
            ["one", "two"].iter().zip(sources).map(|(name, from)| engine::spec_of(name, "met", from, target, &["met"], "", ""));
        let specs: Vec<_> = specs.collect();
        let sharding = |checked: Checked| checked.items.into_iter().find(|item| item.name.starts_with("sharding table")).unwrap();
        let item = sharding(dmctl::engine::check(&specs).await);
        assert_eq!(
            (item.name.as_str(), item.verdict()),
            ("sharding table `met`.`t` consistency checking", Verdict::Passed),
            "{item:?}"
        );
        sources[1].execute(&["INSERT INTO met.t (id) VALUES (2)"]).await;
        let item = sharding(dmctl::engine::check(&specs).await);
        assert_eq!(item.problems.len(), 1, "{item:?}");
        assert!(item.problems[0].message.starts_with("the key 2 is in two tables"), "{item:?}");
        assert!(item.problems[0].there.as_deref().unwrap().ends_with("of the source `two`"), "{item:?}");
    });
}
