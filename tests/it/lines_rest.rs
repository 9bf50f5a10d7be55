//! The lines of `dmctl source`, `ddl-lock` and `member` that read, and answers that are none of DM's.

use dmctl::wire::pb;

use crate::cluster::{Cluster, Fault, Script, Version};
use crate::lines::{Page, both_ways, sandbox};
use crate::lines_task::REFUSAL;

fn relay() -> pb::RelayStatus {
    pb::RelayStatus {
        master_binlog: "(mysql-bin.000001, 304914)".into(),
        master_binlog_gtid: "0-3306-71".into(),
        relay_sub_dir: "f5447d40-e757-11f1-8281-02fc00000001.000001".into(),
        relay_binlog: "(mysql-bin.000001, 304800)".into(),
        relay_binlog_gtid: "0-3306-70".into(),
        relay_catch_up_master: false,
        stage: pb::Stage::Running.into(),
        result: None,
    }
}

#[test]
fn source_get() {
    let mut page = Page::new();
    let line = "source get mysql-01";
    let usual = Cluster::start(Script::usual());
    page.all("a source", 0, &usual, line);
    page.all("an unknown source", 1, &usual, "source get nope");
    page.text("OpenAPI off", 0, &Cluster::start(Script::usual().without_openapi()), line);
    page.text("an unknown source, OpenAPI off", 1, &Cluster::start(Script::usual().without_openapi()), "source get nope");
    let secure = || Script::usual().with_source("mysql-01", |source| source.tls = true);
    page.all("a source behind TLS", 0, &Cluster::start(secure()), line);
    page.text("a source behind TLS, OpenAPI off", 0, &Cluster::start(secure().without_openapi()), line);
    page.text("a source behind TLS, DM 6.5", 1, &Cluster::start(secure().version(Version::V65)), line);
    let bare = Script::usual().version(Version::V65).without_openapi();
    page.all("any source, DM 6.5, OpenAPI off", 1, &Cluster::start(bare), line);
    page.all("refused by DM over gRPC", 1, &Cluster::start(Script::usual().refusing("GetCfg", REFUSAL)), line);
    let refused = Script::usual().refusing("GET /api/v1/sources/mysql-01", REFUSAL);
    page.text("refused by DM over REST", 1, &Cluster::start(refused), line);
    page.text("a worker that is away does not matter", 0, &Cluster::start(Script::usual().faulty("mysql-01", Fault::Away)), line);
    page.compare("lines_source_get");
}

#[test]
fn a_source_is_found_by_any_name() {
    let names = ["a+b", "a b", "100%", "a%41", "a/b", "..", "ü?x=1#y", "v2.1"];
    let cluster = Cluster::start(names.iter().fold(Script::empty(), |script, name| script.source(name, 3306, "mysql")));
    let sandbox = sandbox(&cluster.address);
    for name in names {
        let output = both_ways(&sandbox, &format!("source get '{name}'"));
        assert_eq!(output.code, 0, "{name}: {output:?}");
        assert!(output.stdout.contains(name), "{name}: {output:?}");
    }
}

#[test]
fn source_list() {
    let mut page = Page::new();
    let line = "source list";
    page.all("every source", 0, &Cluster::start(Script::usual()), line);
    let relayed = || {
        Script::usual().with_source("mysql-01", |source| source.enable_relay = true).with_source("mysql-02", |source| {
            (source.enable, source.relay, source.relay_workers) = (false, Some(relay()), vec!["worker-2".to_owned()]);
        })
    };
    page.text("relay logs, and one disabled", 0, &Cluster::start(relayed()), line);
    page.all("the same, OpenAPI off", 0, &Cluster::start(relayed().without_openapi()), line);
    page.text("the same, DM 6.5, OpenAPI off", 0, &Cluster::start(relayed().without_openapi().version(Version::V65)), line);
    page.all("no source at all", 0, &Cluster::start(Script::empty()), line);
    page.text("one source without a worker", 0, &Cluster::start(Script::usual().unbound("mysql-01")), line);
    page.text("a worker that is away does not matter", 0, &Cluster::start(Script::usual().faulty("mysql-01", Fault::Away)), line);
    page.text("refused by DM over gRPC", 1, &Cluster::start(Script::usual().refusing("ListMember", REFUSAL)), line);
    page.all("refused by DM over REST", 1, &Cluster::start(Script::usual().refusing("GET /api/v1/sources", REFUSAL)), line);
    page.compare("lines_source_list");
}

#[test]
fn source_status() {
    let mut page = Page::new();
    let line = "source status mysql-01";
    let usual = Cluster::start(Script::usual());
    page.all("a source", 0, &usual, line);
    page.all("an unknown source", 1, &usual, "source status nope");
    page.text("OpenAPI off", 0, &Cluster::start(Script::usual().without_openapi()), line);
    let relayed = Script::empty()
        .worker("worker-1", "bound", "mysql-01")
        .worker("worker-2", "relay", "mysql-01")
        .source("mysql-01", 3306, "mariadb")
        .with_source("mysql-01", |source| source.relay = Some(relay()));
    page.all("relay logs on two workers, no task", 0, &Cluster::start(relayed), line);
    page.all("its worker away", 4, &Cluster::start(Script::usual().faulty("mysql-01", Fault::Away)), line);
    page.text("no worker", 4, &Cluster::start(Script::usual().unbound("mysql-01")), line);
    page.text("another worker away", 0, &Cluster::start(Script::usual().faulty("mysql-02", Fault::Away)), line);
    page.compare("lines_source_status");
}

#[test]
fn ddl_lock_list() {
    let mut page = Page::new();
    let held = || {
        Script::usual().lock("task-1", "pessimistic", "ALTER TABLE `shop`.`orders` ADD COLUMN `c1` INT").lock(
            "task-gone",
            "optimistic",
            "ALTER TABLE `shop`.`orders` DROP COLUMN `c2`",
        )
    };
    let cluster = Cluster::start(held());
    page.all("every lock", 0, &cluster, "ddl-lock list");
    page.text("of a task", 0, &cluster, "ddl-lock list task-1");
    page.text("of a task that is gone", 0, &cluster, "ddl-lock list task-gone");
    page.all("none", 0, &Cluster::start(Script::usual()), "ddl-lock list");
    page.text("none of this task", 0, &cluster, "ddl-lock list task-2");
    page.all("an unknown task", 1, &cluster, "ddl-lock list nope");
    page.text("OpenAPI off", 0, &Cluster::start(held().without_openapi()), "ddl-lock list task-1");
    let mut remarked = held();
    remarked.lock_remark = "can't show optimistic lock of some tasks".into();
    page.all("locks that can't all be read", 0, &Cluster::start(remarked), "ddl-lock list task-1");
    page.all("refused by DM", 1, &Cluster::start(Script::usual().refusing("ShowDDLLocks", REFUSAL)), "ddl-lock list");
    page.text("a worker that is away does not matter", 0, &Cluster::start(held().faulty("mysql-01", Fault::Away)), "ddl-lock list");
    page.compare("lines_ddl_lock_list");
}

#[test]
fn member_list() {
    let mut page = Page::new();
    let usual = Cluster::start(Script::usual());
    page.all("everybody", 0, &usual, "member list");
    page.text("the leader", 0, &usual, "member list --role LEADER");
    page.text("masters", 0, &usual, "member list --role master");
    page.text("workers", 0, &usual, "member list --role worker");
    page.text("by name", 0, &usual, "member list --name worker-1,master-2");
    page.all("an unknown name", 1, &usual, "member list --name worker-1 --name nope");
    page.text("a name of another role", 1, &usual, "member list --role worker --name master-1");
    page.text("OpenAPI off", 0, &Cluster::start(Script::usual().without_openapi()), "member list");
    page.all("no worker", 0, &Cluster::start(Script::empty()), "member list --role worker");
    page.text(
        "a worker that is away",
        0,
        &Cluster::start(Script::usual().faulty("mysql-01", Fault::Away)),
        "member list --role worker",
    );
    page.all("refused by DM", 1, &Cluster::start(Script::usual().refusing("ListMember", REFUSAL)), "member list");
    page.compare("lines_member_list");
}

#[test]
fn an_answer_that_is_none_of_dms_is_told() {
    let mut page = Page::new();
    let odd = |status: u16, kind: &'static str, body: &str| {
        Cluster::start(Script::usual().answering("GET /api/v1/sources", status, kind, body))
    };
    let json = "application/json; charset=utf-8";
    let line = "source list";
    page.text("no JSON", 1, &odd(200, json, "{\"data\": ["), line);
    page.text("JSON of another form", 1, &odd(200, json, "{\"data\": [{\"source_name\": 7}]}"), line);
    page.text("an empty body", 1, &odd(200, json, ""), line);
    page.all("a panic inside DM", 1, &odd(500, json, ""), line);
    page.text("the request validator", 1, &odd(400, json, "{\"error\": \"no matching operation was found\"}"), line);
    page.text("another web server", 3, &odd(200, "text/html; charset=utf-8", "<html>Hello</html>"), line);
    page.text("a proxy that refuses", 3, &odd(403, "text/plain", "Forbidden"), line);
    page.compare("lines_odd_answers");
}

#[test]
fn a_list_that_a_real_dm_answered_is_read() {
    let recorded = std::fs::read_to_string("tests/recordings/tasks-sync.jsonl").unwrap();
    let answer = recorded.lines().find(|line| line.contains(r#""GET", "path": "/api/v1/sources?with_status=true""#)).unwrap();
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let script = Script::empty().answering("GET /api/v1/sources", 200, "application/json", &answer["response"].to_string());
    let cluster = Cluster::start(script);
    let output = both_ways(&sandbox(&cluster.address), "source list --format json");
    let shown: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let rows: Vec<_> =
        shown["items"].as_array().unwrap().iter().map(|row| (&row["name"], &row["address"], &row["flavor"])).collect();
    let expected = [("mysql-01", 3306, "mariadb"), ("mysql-02", 3307, "mariadb"), ("mysql-08", 3308, "mysql")];
    assert_eq!(rows.len(), expected.len());
    for ((name, address, flavor), (a, b, c)) in rows.into_iter().zip(expected) {
        assert_eq!((name.as_str(), address.as_str(), flavor.as_str()), (Some(a), Some(&*format!("127.0.0.1:{b}")), Some(c)));
    }
}
