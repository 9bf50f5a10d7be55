//! The clusters of the book, and the folder that its lines are run in.
//!
//! Readers see addresses of a network of their own; each is as long as the real one, so that tables keep their form.

use std::fs;

use dmctl::wire::pb;

use crate::cluster::{Cluster, Nobody, Script};
use crate::cluster_status::{created, failed, finished, relaying, syncing, waiting};
use crate::harness::Sandbox;
use crate::servers::{self, Family, block, can_run};
use crate::serving::Serving;

/// Where the book says that its first master listens.
const MASTER: &str = "10.0.0.121:8261";
/// What the scripted cluster calls its databases and workers, and what the book calls them.
const DATABASES: &[(&str, &str)] = &[
    ("127.0.0.1:3306", "10.0.0.11:3306"),
    ("127.0.0.1:3307", "10.0.0.12:3306"),
    ("host: 127.0.0.1\n  port: 3306", "host: 10.0.0.11\n  port: 3306"),
    ("host: 127.0.0.1\n  port: 4000", "host: 10.0.0.40\n  port: 4000"),
    ("127.0.0.1:8563", "10.0.0.132:8262"),
];
/// The statement that every shard but one has reached.
const DDL: &str = "ALTER TABLE `shop`.`orders` ADD COLUMN `paid` TINYINT";

/// A cluster, and a folder whose program talks to it.
pub struct World {
    pub sandbox: Sandbox,
    /// Real texts, and what the book says in their place.
    names: Vec<(String, String)>,
    _cluster: Kind,
}

enum Kind {
    Scripted { _cluster: Cluster },
    Nobody { _nobody: Nobody },
    Serving { _serving: Serving },
    Alone,
}

impl World {
    /// A cluster of the book; none where it can't be had here.
    pub fn start(name: &str) -> Option<Self> {
        match name {
            "book" => Some(Self::scripted(book())),
            "openapi off" => Some(Self::scripted(book().without_openapi())),
            "a worker away" => Some(Self::scripted(book().faulty("mysql-01", crate::cluster::Fault::Away))),
            "new" => Some(Self::scripted(book_without_tasks())),
            "check fails" => Some(Self::scripted(book_without_tasks().check(false, FAILED_CHECK))),
            "tls" => Some(Self::of(Kind::Alone, &crate::tls::speaking_tls_only())),
            "nobody" => {
                let nobody = Nobody::new();
                let address = nobody.address.clone();
                Some(Self::of(Kind::Nobody { _nobody: nobody }, &address))
            }
            "none" => Some(Self { sandbox: Sandbox::new(), names: Vec::new(), _cluster: Kind::Alone }),
            "serve" => Self::serving(),
            _ => panic!("the book has no cluster `{name}`"),
        }
    }

    fn scripted(script: Script) -> Self {
        let cluster = Cluster::start(script);
        let address = cluster.address.clone();
        Self::of(Kind::Scripted { _cluster: cluster }, &address)
    }

    fn of(cluster: Kind, address: &str) -> Self {
        let mut names = vec![(address.to_owned(), MASTER.to_owned())];
        names.extend(DATABASES.iter().map(|(real, shown)| ((*real).to_owned(), (*shown).to_owned())));
        let sandbox = Sandbox::at(address).with("DMCTL_SOURCE_PASSWORD", "S3cret").with("DMCTL_TARGET_PASSWORD", "S3cret");
        Self { sandbox, names, _cluster: cluster }
    }

    /// A `dmctl serve` between two real databases.
    fn serving() -> Option<Self> {
        if !can_run(Family::MySql) || !can_run(Family::MariaDb) {
            return None;
        }
        let (source, target) = (servers::source(Family::MariaDb), servers::target(Family::MariaDb));
        block(source.execute(&[
            "DROP DATABASE IF EXISTS shop",
            "CREATE DATABASE shop",
            "CREATE TABLE shop.orders (id INT PRIMARY KEY, total DECIMAL(10, 2) NOT NULL)",
            "CREATE TABLE shop.items (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL)",
            "INSERT INTO shop.orders VALUES (1, 1.50), (2, 3.00), (3, 4.50)",
            "INSERT INTO shop.items VALUES (1, 'pencil'), (2, 'paper')",
        ]));
        block(target.execute(&["DROP DATABASE IF EXISTS shop", "DROP DATABASE IF EXISTS dm_meta"]));
        let password = |sandbox: Sandbox, key: &str| sandbox.with(key, servers::PASSWORD);
        let sandbox = password(password(Sandbox::new(), "DMCTL_SOURCE_PASSWORD"), "DMCTL_TARGET_PASSWORD");
        fs::create_dir_all(sandbox.path("run")).unwrap();
        let serving = Serving::start(&sandbox, "");
        let named = |port: u16, host: &str, shown: u16| {
            [
                (format!("127.0.0.1:{port}"), format!("{host}:{shown}")),
                (format!("host: 127.0.0.1\n  port: {port}\n"), format!("host: {host}\n  port: {shown}\n")),
            ]
        };
        let mut names = vec![(serving.address.clone(), "127.0.0.1:8261".to_owned())];
        names.extend(named(source.port, "10.0.0.111", 3306));
        names.extend(named(target.port, "10.0.0.40", 3306));
        Some(Self { sandbox, names, _cluster: Kind::Serving { _serving: serving } })
    }

    /// Writes a file as the book shows it.
    pub fn write(&self, name: &str, text: &str) {
        let _path = match name {
            "~/.config/dmctl/config.toml" => self.sandbox.config(&self.real(text)),
            _ => self.sandbox.file(name, self.real(text)),
        };
    }

    /// A text of the book with the real addresses.
    pub fn real(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (real, shown)| text.replace(shown, real))
    }

    /// A text that came, with the addresses of the book.
    pub fn shown(&self, text: &str) -> String {
        let text = self.names.iter().fold(text.to_owned(), |text, (real, shown)| text.replace(real, shown));
        self.sandbox.steady(&text, &[]).replace("$SANDBOX/config", "~/.config").replace("$SANDBOX", "~")
    }
}

/// Two sources and a cluster of three masters, without a task.
fn book_without_tasks() -> Script {
    let mut script = Script::empty()
        .worker("worker1", "bound", "mariadb-01")
        .worker("worker2", "bound", "mysql-01")
        .worker("worker3", "free", "")
        .worker("worker4", "offline", "")
        .source("mariadb-01", 3306, "mariadb")
        .source("mysql-01", 3307, "mysql")
        .schema("mariadb-01", "shop", &["items", "orders"])
        .schema("mysql-01", "shop", &["items", "orders"]);
    let masters = [("master1", "$SELF", true), ("master2", "10.0.0.122:8261", true), ("master3", "10.0.0.123:8261", true)];
    script.masters = masters.iter().map(|(name, address, alive)| ((*name).to_owned(), (*address).to_owned(), *alive)).collect();
    script.leader = "master1".to_owned();
    for (number, worker) in script.workers.iter_mut().enumerate() {
        worker.addr = format!("10.0.0.{}:8262", 131 + number);
    }
    script
}

/// The same with tasks in every state that an operator meets.
fn book() -> Script {
    let mut script = book_without_tasks()
        .task("archive-2025", "all", &[("mariadb-01", &[created()])])
        .task("billing", "incremental", &[("mysql-01", &[billing()])])
        .task("inventory", "incremental", &[("mariadb-01", &[syncing(0)])])
        .task("merge", "all", &[("mariadb-01", &[at_the_lock()]), ("mysql-01", &[syncing(2)])])
        .task("users-copy", "full", &[("mysql-01", &[finished()])])
        .with_source("mysql-01", |source| {
            source.relay = Some(relaying());
            source.relay_workers = vec!["worker2".to_owned()];
        });
    script.locks.push(pb::DdlLock {
        id: "merge-`shop`.`orders`".into(),
        task: "merge".into(),
        mode: "pessimistic".into(),
        owner: "mariadb-01".into(),
        dd_ls: vec![DDL.into()],
        synced: vec!["mariadb-01".into()],
        unsynced: vec!["mysql-01".into()],
    });
    script
}

/// A subtask whose table is missing in the target, in the words of a real one.
fn billing() -> pb::SubTaskStatus {
    let mut status = failed();
    for error in status.result.iter_mut().flat_map(|result| &mut result.errors) {
        error.message =
            "gen insert sqls failed, sourceTable: `billing`.`orders`, targetTable: `billing`.`orders`: failed to fetch \
                         downstream table `billing`.`orders` by show create table statement in schema tracker"
                .into();
        error.raw_cause = "Error 1146 (42S02): Table 'billing.orders' doesn't exist".into();
        error.workaround = String::new();
    }
    status
}

fn at_the_lock() -> pb::SubTaskStatus {
    pb::SubTaskStatus { unresolved_ddl_lock_id: "merge-`shop`.`orders`".into(), ..waiting(DDL) }
}

/// A check that failed, as a real cluster told it.
const FAILED_CHECK: &str = r#"[code=26005:class=dm-master:scope=internal:level=medium], Message: fail to check synchronization configuration with type: check was failed, please see detail, RawCause: detail: {
	"results": [
		{
			"id": 4,
			"name": "mysql_version",
			"desc": "check whether mysql version is satisfied",
			"state": "warn",
			"errors": [{"severity": "warn", "short_error": "version suggested earlier than 8.1.0 but got 9.7.4"}],
			"instruction": "It is recommended that you select a database version that meets the requirements before performing data migration. Otherwise data inconsistency or task exceptions might occur.",
			"extra": "address of db instance - 127.0.0.1:3306"
		},
		{
			"id": 7,
			"name": "binlog_do_db/binlog_ignore_db check",
			"desc": "check binlog_do_db/binlog_ignore_db",
			"state": "fail",
			"errors": [{"severity": "fail", "short_error": "Message: database driver error, RawCause: Error 1064 (42000): You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'MASTER STATUS' at line 1"}],
			"instruction": "Please check the database connection and the database config in configuration file.",
			"extra": "address of db instance - 127.0.0.1:3306"
		}
	],
	"summary": {"passed": false, "total": 13, "successful": 11, "failed": 1, "warning": 1}
}"#;
