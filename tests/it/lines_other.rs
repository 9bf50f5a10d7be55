//! The table of lines, for changes of sources, relay logs, DDL locks and members.

use dmctl::wire::pb;

use crate::cluster::{Script, Version};
use crate::cluster_status::{created, finished, paused, syncing};
use crate::lines_change::{Changes, off, usual};

/// One source with one task that syncs, and a free worker.
fn one() -> Script {
    Script::empty()
        .late(0)
        .worker("worker-1", "bound", "mysql-01")
        .worker("worker-2", "free", "")
        .worker("worker-3", "offline", "")
        .source("mysql-01", 3306, "mariadb")
        .task("task-1", "incremental", &[("mysql-01", &[syncing(0)])])
        .once_started("task-1", &[syncing(1)])
}

fn with_relay() -> Script {
    one().with_source("mysql-01", |source| {
        source.relay = Some(pb::RelayStatus {
            master_binlog: "(mysql-bin.000007, 154)".into(),
            relay_sub_dir: "9f62a3d2-1c1c-11f1-8b0a-0242ac130008.000001".into(),
            relay_binlog: "(mysql-bin.000007, 154)".into(),
            relay_catch_up_master: true,
            stage: pb::Stage::Running.into(),
            ..Default::default()
        });
    })
}

#[test]
fn source_delete() {
    let mut page = Changes::new();
    let bare = || Script { tasks: Vec::new(), ..one() };
    page.all("not confirmed", 5, &bare, "source delete mysql-01");
    page.all("confirmed", 0, &bare, "source delete mysql-01 --yes");
    page.all("a task reads from it", 1, &one, "source delete mysql-01 --yes");
    page.all("a task reads from it, by force: what would be lost", 0, &one, "source delete mysql-01 --force --dry-run");
    page.text("a task reads from it, by force", 0, &one, "source delete mysql-01 --force --yes");
    let by_name = || one().with_source("mysql-01", |source| source.relay_workers = vec!["worker-1".to_owned()]);
    page.text("a relay log is kept by name, by force", 1, &by_name, "source delete mysql-01 --force --yes");
    page.text("an unknown source", 1, &bare, "source delete nope --yes");
    page.text("OpenAPI off", 0, &|| bare().without_openapi(), "source delete mysql-01 --yes");
    page.text("OpenAPI off, by force", 1, &|| one().without_openapi(), "source delete mysql-01 --yes --force");
    page.compare("lines_source_delete");
}

#[test]
fn source_enable_and_disable() {
    let mut page = Changes::new();
    let disabled = || {
        one()
            .with_source("mysql-01", |source| source.enable = false)
            .with_task("task-1", |task| task.subtasks[0].1 = vec![pb::SubTaskStatus { name: "task-1".into(), ..paused() }])
    };
    page.all("enable", 0, &disabled, "source enable mysql-01");
    page.text("enable, what would be done", 0, &disabled, "source enable mysql-01 --dry-run");
    page.all("enable what is enabled", 0, &one, "source enable mysql-01");
    page.all("disable", 0, &one, "source disable mysql-01");
    page.text("disable what is disabled", 0, &disabled, "source disable mysql-01");
    page.text("an unknown source", 1, &one, "source disable nope");
    page.text("OpenAPI off", 1, &|| one().without_openapi(), "source enable mysql-01");
    page.compare("lines_source_enable");
}

#[test]
fn source_transfer() {
    let mut page = Changes::new();
    page.all("to a free worker", 0, &one, "source transfer mysql-01 worker-2");
    page.all("to where it is", 0, &one, "source transfer mysql-01 worker-1");
    page.text("to one that is offline", 1, &one, "source transfer mysql-01 worker-3");
    page.text("to one that serves another source", 1, &usual, "source transfer mysql-01 worker-2");
    page.text("to an unknown one", 1, &one, "source transfer mysql-01 nope");
    page.text("an unknown source", 1, &one, "source transfer nope worker-2");
    let created = || one().task("task-2", "all", &[("mysql-01", &[created()])]);
    page.all("with a task that was never started", 1, &created, "source transfer mysql-01 worker-2");
    page.text("OpenAPI off", 0, &|| one().without_openapi(), "source transfer mysql-01 worker-2");
    page.compare("lines_source_transfer");
}

#[test]
fn relay() {
    let mut page = Changes::new();
    page.all("start", 0, &one, "relay start mysql-01");
    page.text("start, on a named worker", 0, &one, "relay start mysql-01 --worker-name worker-2");
    page.all("start what is started", 0, &with_relay, "relay start mysql-01");
    page.text("start, an unknown worker", 1, &one, "relay start mysql-01 --worker-name nope");
    page.text("start, no worker serves it", 1, &|| one().unbound("mysql-01"), "relay start mysql-01");
    let automatic = || one().with_source("mysql-01", |source| source.enable_relay = true);
    page.text("start, of a source with enable-relay", 0, &automatic, "relay start mysql-01");
    page.text("start, the same on a named worker", 1, &automatic, "relay start mysql-01 --worker-name worker-1");
    page.all("stop", 0, &with_relay, "relay stop mysql-01");
    page.all("stop what is stopped", 0, &one, "relay stop mysql-01");
    page.text("an unknown source", 1, &one, "relay stop nope");
    page.all("purge, not confirmed", 5, &with_relay, "relay purge mysql-01 mysql-bin.000006");
    page.all("purge, what would be lost", 0, &with_relay, "relay purge mysql-01 mysql-bin.000006 --dry-run");
    page.all("purge", 0, &with_relay, "relay purge mysql-01 mysql-bin.000006 --yes");
    page.text("purge, in a folder", 0, &with_relay, "relay purge mysql-01 mysql-bin.000006 --sub-dir old.000001 --yes");
    page.all("purge, without a relay log", 1, &one, "relay purge mysql-01 mysql-bin.000006 --yes");
    page.text("purge, no binlog name", 2, &with_relay, "relay purge mysql-01 everything --yes");
    let stopped = || with_relay().task("task-2", "incremental", &[("mysql-01", &[paused()])]);
    page.all("purge, with a task that is stopped", 1, &stopped, "relay purge mysql-01 mysql-bin.000006 --yes");
    page.compare("lines_relay");
}

#[test]
fn ddl_lock_unlock() {
    let mut page = Changes::new();
    let ddl = "ALTER TABLE `shop`.`orders` ADD COLUMN c INT";
    let locked = || one().lock("task-1", "pessimistic", ddl);
    let line = "ddl-lock unlock 'task-1-`shop`.`orders`'";
    page.all("not confirmed", 5, &locked, line);
    page.all("what would be lost", 0, &locked, &format!("{line} --dry-run"));
    page.all("pessimistic", 0, &locked, &format!("{line} --yes"));
    page.text("pessimistic, by another owner", 0, &locked, &format!("{line} --owner mysql-02 --force-remove --yes"));
    page.text("pessimistic, by a stranger", 1, &locked, &format!("{line} --owner nope --yes"));
    page.text("pessimistic, with flags of the other kind", 1, &locked, &format!("{line} --action skip --yes"));
    let drifting = || one().lock("task-1", "optimistic", ddl);
    page.all("optimistic, without its part", 1, &drifting, &format!("{line} --yes"));
    page.text("optimistic, half of it", 1, &drifting, &format!("{line} --source mysql-02 --action exec --yes"));
    page.text("optimistic, with flags of the other kind", 1, &drifting, &format!("{line} --force-remove --yes"));
    page.text("no such lock", 1, &one, &format!("{line} --yes"));
    page.compare("lines_ddl_lock_unlock");
}

#[test]
fn members() {
    let mut page = Changes::new();
    page.all("offline, not confirmed", 5, &usual, "member offline worker-4");
    page.all("offline, a worker", 0, &usual, "member offline worker-4 --yes");
    page.text("offline, a worker that is online", 1, &usual, "member offline worker-1 --yes");
    page.text("offline, a master", 0, &usual, "member offline master-2 --yes");
    page.text("offline, a master that is online", 1, &usual, "member offline master-1 --yes");
    page.text("offline, nobody", 1, &usual, "member offline nope --yes");
    page.text("evict the only master that is alive", 5, &usual, "member evict-leader master-1");
    page.text("evict, nobody", 1, &usual, "member evict-leader nope");
    page.all("cancel", 0, &usual, "member cancel-evict-leader master-1");
    page.text("OpenAPI off", 0, &off, "member offline worker-4 --yes");
    page.text("DM 6.5", 0, &|| usual().version(Version::V65), "member offline worker-4 --yes");
    page.compare("lines_members");
}

/// DM wants a full copy that is through to run still, and moves nothing meanwhile.
#[test]
fn a_transfer_that_a_finished_copy_stands_in_the_way_of_is_told_the_cure() {
    let cluster = crate::cluster::Cluster::start(one().task("task-2", "full", &[("mysql-01", &[finished()])]));
    let output = crate::lines::sandbox(&cluster.address).run("source transfer mysql-01 worker-2");
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains("hint: `dmctl task stop TASK` for each task that is not in its sync"), "{}", output.stderr);
}
