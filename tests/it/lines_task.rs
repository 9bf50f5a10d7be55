//! The lines of `dmctl task` that read.

use crate::cluster::{Cluster, Fault, Script, Version};
use crate::cluster_status::{created, dumping, failed, finished, loading, paused, syncing, waiting};
use crate::cluster_wire::SECRET;
use crate::lines::{Page, both_ways, sandbox};

/// A refusal with everything that DM can put into one.
pub const REFUSAL: &str = "[code=38032:class=dm-master:scope=internal:level=medium], Message: some error occurs, RawCause: etcdserver: \
                           request timed out, Workaround: Please check the network between masters.";

const WARNED: &str = r#"fail to check synchronization configuration with type: no errors but some warnings
	detail: {
		"results": [
			{"id": 3, "name": "mysql_version", "desc": "check whether mysql version is satisfied", "state": "warn",
			 "errors": [{"severity": "warn", "short_error": "Migrating from MariaDB is still experimental."}],
			 "instruction": "It is recommended that you upgrade MariaDB to 10.1.2 or a later version.",
			 "extra": "address of db instance - 127.0.0.1:3306"}
		],
		"summary": {"passed": true, "total": 13, "successful": 12, "failed": 0, "warning": 1}
	}"#;

const FAILED: &str = r#"[code=26005:class=dm-master:scope=internal:level=medium], Message: fail to check synchronization configuration with type: check was failed, please see detail
	detail: {
		"results": [
			{"id": 3, "name": "mysql_version", "desc": "check whether mysql version is satisfied", "state": "warn",
			 "errors": [{"severity": "warn", "short_error": "Migrating from MariaDB is still experimental."}]},
			{"id": 7, "name": "target db dump privilege check", "desc": "check dump privileges of source DB", "state": "fail",
			 "errors": [{"severity": "fail", "short_error": "lack of RELOAD global (*.*) privilege; lack of Select privilege",
			             "instruction": "GRANT RELOAD ON *.* TO 'dm'@'%';"}],
			 "instruction": "GRANT RELOAD ON *.* TO 'dm'@'%';", "extra": "address of db instance - 127.0.0.1:3306"}
		],
		"summary": {"passed": false, "total": 13, "successful": 11, "failed": 1, "warning": 1}
	}"#;

#[test]
fn task_check() {
    let mut page = Page::new();
    let line = "task check task.yaml";
    let answers = |passed: bool, text: &str| Cluster::start(Script::usual().check(passed, text));
    let fine = answers(true, "pre-check is passed. ");
    page.all("passed", 0, &fine, line);
    page.text("passed, OpenAPI off", 0, &Cluster::start(Script::usual().without_openapi().check(true, "")), line);
    page.all("passed with a warning", 0, &answers(true, WARNED), &format!("{line} --error-count -1 --warn-count 0"));
    page.all("failed, the failure first", 1, &answers(false, FAILED), line);
    let unknown = "[code=20031:class=config:scope=internal:level=medium], Message: mysql-instance(0)'s source nope not exist in \
                   any worker, Workaround: Please check the `mysql-instances` config in task configuration file.";
    page.all("a file that DM does not understand", 1, &answers(false, unknown), line);
    page.text("a file that is not there", 2, &fine, "task check nope.yaml");
    page.text("a folder", 2, &fine, "task check .");
    page.compare("lines_task_check");
}

#[test]
fn task_get() {
    let mut page = Page::new();
    let line = "task get task-1";
    let usual = Cluster::start(Script::usual());
    page.all("a task", 0, &usual, line);
    page.text("with its secrets", 0, &usual, "task get task-1 --show-secrets");
    page.all("an unknown task", 1, &usual, "task get nope");
    let off = Cluster::start(Script::usual().without_openapi());
    page.text("OpenAPI off", 0, &off, line);
    page.all("secrets, OpenAPI off", 1, &off, "task get task-1 --show-secrets");
    let secure = || Script::usual().with_task("task-1", |task| task.tls = true);
    page.text("a target behind TLS", 0, &Cluster::start(secure()), line);
    page.all("a target behind TLS, below 8.0", 1, &Cluster::start(secure().version(Version::V65)), line);
    let online = Script::usual().with_task("task-1", |task| task.online_ddl = true);
    page.text("online DDL", 0, &Cluster::start(online), line);
    page.all("refused by DM", 1, &Cluster::start(Script::usual().refusing("GetSubTaskCfg", REFUSAL)), line);
    page.text("a worker that is away does not matter", 0, &Cluster::start(Script::usual().faulty("mysql-01", Fault::Away)), line);
    page.compare("lines_task_get");
}

#[test]
fn task_get_writes_a_file_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let shown = sandbox.run("task get task-1 --show-secrets");
    assert!(shown.stdout.contains(SECRET));
    let written = sandbox.run("task get task-1 --show-secrets --output out.yaml");
    assert_eq!((written.stdout.as_str(), written.stderr.as_str(), written.code), ("written to out.yaml\n", "", 0));
    let read = || std::fs::read_to_string(sandbox.path("out.yaml")).unwrap();
    assert_eq!(read(), shown.stdout);
    let mode = std::fs::metadata(sandbox.path("out.yaml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = both_ways(&sandbox, "task get task-2 --output out.yaml");
    assert_eq!((again.code, read()), (1, shown.stdout), "{}", again.stderr);
    assert!(again.stderr.contains("out.yaml exists already, and was left as it is"), "{}", again.stderr);
    let replaced = both_ways(&sandbox, "task get task-2 --output out.yaml --yes");
    assert_eq!((replaced.code, read().contains("name: task-2")), (0, true));
    let left: Vec<_> = std::fs::read_dir(sandbox.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".new")), "{left:?}");
}

#[test]
fn task_get_shows_what_a_real_dm_answered_to_the_byte() {
    let recorded = std::fs::read_to_string("tests/recordings/godmctl.jsonl").unwrap();
    let answer = recorded.lines().find(|line| line.contains(r#"["get-config", "task", "shard-p"]"#)).unwrap();
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let answer: serde_json::Value = serde_json::from_str(answer["stdout"].as_str().unwrap()).unwrap();
    let text = answer["cfg"].as_str().unwrap().to_owned();
    let script = Script::usual().with_task("task-1", |task| task.text = Some(text.clone()));
    let cluster = Cluster::start(script);
    let sandbox = sandbox(&cluster.address);
    assert_eq!(both_ways(&sandbox, "task get task-1").stdout, text);
    let json: serde_json::Value = serde_json::from_str(&both_ways(&sandbox, "task get task-1 --format json").stdout).unwrap();
    assert_eq!(json["mysql-instances"][1]["meta"]["binlog-pos"], 292_299);
}

#[test]
fn task_list() {
    let mut page = Page::new();
    let usual = Cluster::start(Script::usual());
    page.all("every task", 0, &usual, "task list");
    page.text("of a source", 0, &usual, "task list --source mysql-02");
    page.text("in a stage", 0, &usual, "task list --stage STOPPED");
    page.all("nothing left", 0, &usual, "task list --stage finished --source mysql-01");
    page.all("an unknown source", 1, &usual, "task list --source mysql-01,nope");
    page.text("OpenAPI off", 0, &Cluster::start(Script::usual().without_openapi()), "task list");
    page.text("DM 6.5", 0, &Cluster::start(Script::usual().version(Version::V65)), "task list");
    let bare = || Script::usual().without_openapi().version(Version::V65);
    page.text("DM 6.5, OpenAPI off", 0, &Cluster::start(bare()), "task list");
    page.all("no task at all", 0, &Cluster::start(Script::empty()), "task list");
    page.all("one worker away", 4, &Cluster::start(Script::usual().faulty("mysql-01", Fault::Away)), "task list");
    let off = Script::usual().faulty("mysql-01", Fault::Away).without_openapi();
    page.text("one worker away, OpenAPI off", 4, &Cluster::start(off), "task list");
    let away = Cluster::start(Script::usual().faulty("mysql-01", Fault::Away));
    page.text("one worker away, only the other source", 4, &away, "task list --source mysql-02");
    page.text("one source without a worker", 4, &Cluster::start(Script::usual().unbound("mysql-01")), "task list");
    page.text("the same, DM 6.5, OpenAPI off", 4, &Cluster::start(bare().unbound("mysql-01")), "task list");
    page.all("refused by DM over gRPC", 1, &Cluster::start(Script::usual().refusing("ListMember", REFUSAL)), "task list");
    page.text("refused by DM over REST", 1, &Cluster::start(Script::usual().refusing("GET /api/v1/tasks", REFUSAL)), "task list");
    let many = Script::empty()
        .worker("worker-1", "bound", "mysql-01")
        .worker("worker-2", "bound", "mysql-02")
        .source("mysql-01", 3306, "mariadb")
        .source("mysql-02", 3308, "mysql")
        .task("dump-and-load", "all", &[("mysql-01", &[loading(80)]), ("mysql-02", &[dumping()])])
        .task("half-failed", "all", &[("mysql-01", &[failed()]), ("mysql-02", &[syncing(3700)])])
        .task("half-through", "full", &[("mysql-01", &[finished()]), ("mysql-02", &[loading(5)])])
        .task("stopped-by-a-user", "incremental", &[("mysql-01", &[paused()]), ("mysql-02", &[created()])])
        .task("through", "full", &[("mysql-01", &[finished()]), ("mysql-02", &[finished()])])
        .task("waits", "all", &[("mysql-01", &[waiting("ALTER TABLE t ADD c INT")])]);
    page.all("every stage there is", 0, &Cluster::start(many), "task list");
    page.compare("lines_task_list");
}

#[test]
fn task_status() {
    let mut page = Page::new();
    let usual = Cluster::start(Script::usual());
    page.all("a task that syncs", 0, &usual, "task status task-1");
    page.text("on one source", 0, &usual, "task status task-1 --source mysql-02");
    page.text("a full copy that is through", 0, &usual, "task status task-2");
    page.all("a task that has failed", 0, &usual, "task status task-3");
    page.text("a task that was never started", 0, &usual, "task status task-4");
    page.all("an unknown task", 1, &usual, "task status nope");
    page.all("an unknown source", 1, &usual, "task status task-2 --source mysql-01");
    page.text("OpenAPI off", 0, &Cluster::start(Script::usual().without_openapi()), "task status task-1 --source mysql-01");
    page.text("DM 6.5", 0, &Cluster::start(Script::usual().version(Version::V65)), "task status task-1 --source mysql-01");
    page.all("one worker away", 4, &Cluster::start(Script::usual().faulty("mysql-01", Fault::Away)), "task status task-1");
    page.text("one source without a worker", 4, &Cluster::start(Script::usual().unbound("mysql-02")), "task status task-1");
    page.text("refused by DM", 1, &Cluster::start(Script::usual().refusing("GetSubTaskCfg", REFUSAL)), "task status task-1");
    let absent = Script::usual().with_task("task-1", |task| task.subtasks[1].1.clear());
    page.text("a worker that knows of no such subtask", 4, &Cluster::start(absent), "task status task-1");
    let more = Script::usual().task("copying", "all", &[("mysql-01", &[loading(80)]), ("mysql-02", &[dumping()])]).task(
        "waits",
        "all",
        &[("mysql-01", &[waiting("ALTER TABLE t ADD c INT")]), ("mysql-02", &[paused()])],
    );
    let more = Cluster::start(more);
    page.all("dumping and loading", 0, &more, "task status copying");
    page.all("waiting for a DDL, and stopped by a user", 0, &more, "task status waits");
    let old =
        Script::usual().version(Version::V65).task("copying", "all", &[("mysql-01", &[loading(80)]), ("mysql-02", &[dumping()])]);
    page.text("dumping and loading, DM 6.5", 0, &Cluster::start(old), "task status copying");
    page.compare("lines_task_status");
}

#[test]
fn task_verify() {
    let mut page = Page::new();
    let line = "task verify task-1 --show-values";
    page.all("a DM has no call for it", 1, &Cluster::start(Script::usual()), line);
    page.text("nor has one with OpenAPI off", 1, &Cluster::start(Script::usual().without_openapi()), line);
    page.text("a time that is none", 2, &Cluster::start(Script::usual()), "task verify task-1 --wait-timeout 0s");
    page.compare("lines_task_verify");
}
