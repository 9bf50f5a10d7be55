//! The table of lines, for the verbs that send a file.

use crate::cluster::{Cluster, Script, Version};
use crate::cluster_status::{paused, syncing};
use crate::harness::Sandbox;
use crate::lines::{SOURCE_FILE, TASK_FILE};
use crate::lines_change::{Changes, off, usual};

/// A cluster whose task of the usual file is there, and stopped in its sync.
fn with_task() -> Script {
    let cluster = Cluster::start(usual().schema("mysql-01", "shop", &["orders"]));
    let sandbox = crate::lines::sandbox(&cluster.address);
    let created = sandbox.run("task create task.yaml");
    assert_eq!(created.code, 0, "{created:?}");
    cluster.state().with_task("task-new", |task| {
        let named = |look| dmctl::wire::pb::SubTaskStatus { name: "task-new".to_owned(), ..look };
        task.subtasks = vec![("mysql-01".to_owned(), vec![named(paused())])];
    })
}

fn known() -> Script {
    usual().schema("mysql-01", "shop", &["orders", "customers"]).schema("mysql-01", "other", &["t"])
}

#[test]
fn task_create() {
    let mut page = Changes::new();
    page.all("a file that loses nothing", 0, &known, "task create task.yaml");
    page.text("what would be done", 0, &known, "task create task.yaml --dry-run");
    page.all("the checks warn", 0, &|| known().check(true, WARNINGS), "task create task.yaml");
    page.all("the checks fail", 1, &|| known().check(false, FAILURES), "task create task.yaml");
    page.text(
        "the tables can't be seen",
        0,
        &|| {
            known().refusing(
                "GET /api/v1/sources/mysql-01/schemas",
                "[code=10001:class=database:scope=upstream:level=high], Message: database driver error",
            )
        },
        "task create task.yaml",
    );
    page.text("it is there already", 1, &with_task, "task create task.yaml");
    page.text("OpenAPI off", 1, &off, "task create task.yaml");
    page.text("DM 6.5", 0, &|| known().version(Version::V65), "task create task.yaml");
    page.text("a cluster that takes files", 0, &|| known().embedded(&["task_config_file"]), "task create task.yaml");
    page.compare("lines_task_create");
}

#[test]
fn task_create_from_other_files() {
    let cluster = Cluster::start(known());
    let mut page = String::new();
    let mut row = |title: &str, code: i32, text: &str, words: &str| {
        let sandbox = Sandbox::at(&cluster.address);
        let _file = sandbox.file("t.yaml", text);
        let output = sandbox.run(&format!("task create t.yaml {words}"));
        assert_eq!(output.code, code, "{title}: {output:?}");
        page.push_str(&format!("## {title}\n{}{}", output.stdout, output.stderr));
        let arrived = cluster.changes();
        page.push_str(&format!("exit {code}, {} arrived\n\n", arrived.len()));
    };
    row("an unknown source", 1, &TASK_FILE.replace("mysql-01", "mysql-1"), "");
    row("a key that REST has no field for", 1, &format!("{TASK_FILE}clean-dump-file: true\nexpression-filter: {{}}\n"), "");
    row("the same, sent all the same", 0, &format!("{TASK_FILE}clean-dump-file: true\n"), "--lossy");
    row(
        "a filter that picks out",
        1,
        &TASK_FILE.replace("  block-allow-list: shop\n", "  block-allow-list: shop\n  filter-rules: [only]\nfilters:\n  only: {schema-pattern: shop, table-pattern: '*', events: [insert], action: Do}\n"),
        "--lossy",
    );
    row("a name without a route", 2, &TASK_FILE.replace("task-new", "a/b"), "");
    row("a name that is a route", 2, &TASK_FILE.replace("task-new", "templates"), "");
    row("a password that is left open", 2, &TASK_FILE.replace("S3cret-pw", "'******'"), "");
    row("a key that is misspelt", 2, &TASK_FILE.replace("do-dbs", "do-db"), "");
    crate::harness::snapshot("lines_task_create_files", page.trim_end());
}

#[test]
fn passwords_come_from_the_environment() {
    let cluster = Cluster::start(known());
    let sandbox =
        Sandbox::at(&cluster.address).with("DMCTL_TARGET_PASSWORD", "from-env-t").with("DMCTL_SOURCE_PASSWORD", "from-env-s");
    let _task = sandbox.file("t.yaml", TASK_FILE.replace("S3cret-pw", "'******'"));
    let _source = sandbox.file("s.yaml", SOURCE_FILE.replace("S3cret-pw", "'******'"));
    for (line, password) in [("task create t.yaml", "from-env-t"), ("source create s.yaml", "from-env-s")] {
        let output = sandbox.run(line);
        assert_eq!(output.code, 0, "{output:?}");
        assert!(!format!("{output:?}").contains(password));
        let arrived = cluster.changes().pop().unwrap().body.to_string();
        assert!(arrived.contains(password) && !arrived.contains("******"), "{arrived}");
    }
}

#[test]
fn task_update() {
    let mut page = Changes::new();
    let file = "task update task-new task.yaml";
    page.all("it is stopped", 0, &with_task, file);
    page.text("another task's file", 2, &usual, "task update task-1 task.yaml");
    page.text("an unknown task", 1, &usual, file);
    page.text("OpenAPI off", 1, &|| with_task().without_openapi(), file);
    let runs = || {
        with_task().with_task("task-new", |task| {
            task.subtasks[0].1 = vec![dmctl::wire::pb::SubTaskStatus { name: "task-new".to_owned(), ..syncing(0) }]
        })
    };
    page.text("it runs", 1, &runs, file);
    page.compare("lines_task_update");
}

#[test]
fn an_update_shows_what_changes_and_keeps_the_password() {
    let cluster = Cluster::start(with_task());
    let sandbox = crate::lines::sandbox(&cluster.address);
    let changed = TASK_FILE.replace("S3cret-pw", "'******'").replace("do-dbs: [shop]", "do-dbs: [shop, other]");
    let _changed = sandbox.file("changed.yaml", changed);
    let rehearsed = sandbox.run("task update task-new changed.yaml --dry-run");
    assert_eq!((rehearsed.code, cluster.changes().len()), (0, 0), "{rehearsed:?}");
    let output = sandbox.run("task update task-new changed.yaml");
    assert_eq!(output.code, 0, "{output:?}");
    let shown = output.stdout.replace(&cluster.address, "$MASTER");
    crate::harness::snapshot(
        "lines_task_update_changes",
        &format!("{}\n---\n{shown}", rehearsed.stdout.replace(&cluster.address, "$MASTER")),
    );
    let changes = cluster.changes();
    let sent = &changes.last().unwrap().body["task"];
    assert_eq!(sent["target_config"]["password"], crate::cluster_wire::SECRET, "the password that the cluster has is kept");
    assert_eq!(changes.iter().filter(|change| change.call.starts_with("PUT")).count(), 1);
}

#[test]
fn sources() {
    let mut page = Changes::new();
    page.all("create", 0, &usual, "source create source.yaml");
    page.text("create, without a free worker", 0, &|| Script { workers: Vec::new(), ..usual() }, "source create source.yaml");
    page.text("create, what would be done", 0, &usual, "source create source.yaml --dry-run");
    page.text(
        "create, refused by DM",
        1,
        &|| {
            usual().refusing(
                "OperateSource Start",
                "[code=10001:class=database:scope=upstream:level=high], Message: database driver error, RawCause: Error 1045",
            )
        },
        "source create source.yaml",
    );
    page.text("create, OpenAPI off", 0, &off, "source create source.yaml");
    page.text("update, another source's file", 2, &usual, "source update mysql-01 source.yaml");
    page.text("update, an unknown source", 1, &usual, "source update mysql-09 source.yaml");
    page.text("update, OpenAPI off", 1, &off, "source update mysql-09 source.yaml");
    page.compare("lines_source_files");
}

#[test]
fn a_source_is_updated_and_what_would_be_set_back_is_told() {
    let cluster =
        Cluster::start(Script::empty().late(0).worker("worker-1", "bound", "mysql-01").source("mysql-01", 3306, "mariadb"));
    let sandbox = Sandbox::at(&cluster.address);
    let file =
        |more: &str| format!("source-id: mysql-01\nfrom: {{host: 127.0.0.1, port: 3306, user: dm, password: '******'}}\n{more}");
    let _plain = sandbox.file("plain.yaml", file("purge: {expires: 24}\n"));
    let _rich = sandbox.file("rich.yaml", file("server-id: 7\nchecker: {check-enable: false}\n"));
    let refused = sandbox.run("source update mysql-01 rich.yaml");
    assert_eq!((refused.code, cluster.changes().len()), (1, 0), "{refused:?}");
    let plain = sandbox.run("source update mysql-01 plain.yaml");
    assert_eq!(plain.code, 0, "{plain:?}");
    let sent = cluster.changes().pop().unwrap().body;
    assert!(
        sent["source"].get("password").is_none_or(serde_json::Value::is_null),
        "a password that is left open is not sent: {sent}"
    );
    let lossy = sandbox.run("source update mysql-01 rich.yaml --lossy");
    assert_eq!(lossy.code, 0, "{lossy:?}");
    let case = "source-id: mysql-01\ncase-sensitive: false\nfrom: {host: 127.0.0.1, port: 3306, user: dm, password: '******'}\n";
    let cluster = Cluster::start(cluster.state().with_source("mysql-01", |source| source.text = Some(case.to_owned())));
    let sandbox = Sandbox::at(&cluster.address);
    let _plain = sandbox.file("plain.yaml", file("purge: {expires: 25}\n"));
    let unsaid = sandbox.run("source update mysql-01 plain.yaml");
    assert_eq!((unsaid.code, cluster.changes().len()), (1, 0), "DM asks the server whether it tells capital letters: {unsaid:?}");
    let same = sandbox.file("same.yaml", case);
    let same = sandbox.run(&format!("source update mysql-01 {}", same.display()));
    assert_eq!((same.code, cluster.changes().len()), (0, 0), "nothing is set back where nothing is sent: {same:?}");
    let shown = [("refused", refused), ("plain", plain), ("lossy", lossy), ("what DM asks the server for", unsaid)]
        .map(|(title, output)| format!("## {title}\n{}{}", output.stdout, output.stderr));
    crate::harness::snapshot("lines_source_update", shown.join("\n").trim_end());
}

const WARNINGS: &str = "fail to check synchronization configuration with type: no errors but some warnings\n detail: {\"results\":[{\"id\":3,\"name\":\"mysql_version\",\"desc\":\"check whether mysql version is satisfied\",\"state\":\"warn\",\"errors\":[{\"severity\":\"warn\",\"short_error\":\"version suggested earlier than 8.1.0 but got 9.7.4\"}],\"instruction\":\"Select another version.\",\"extra\":\"address of db instance - 127.0.0.1:3308\"}],\"summary\":{\"passed\":true,\"total\":6,\"successful\":5,\"failed\":0,\"warning\":1}}";

const FAILURES: &str = "[code=26005:class=dm-master:scope=internal:level=medium], Message: fail to check synchronization configuration with type: check was failed, please see detail\n\tdetail: {\"results\":[{\"id\":1,\"name\":\"binlog_enable\",\"desc\":\"check whether binlog is on\",\"state\":\"fail\",\"errors\":[{\"severity\":\"fail\",\"short_error\":\"log_bin is OFF, and should be ON\"}],\"instruction\":\"Switch it on.\"}],\"summary\":{\"passed\":false,\"total\":6,\"successful\":5,\"failed\":1,\"warning\":0}}";
