//! The calls that change something, each as a line that makes it, and how the cluster shows that it is done.

use dmctl::wire::pb;
use serde_json::Value;

use crate::cluster::{Cluster, Script};
use crate::cluster_status::{created, paused, relaying, syncing};
use crate::cluster_wire::SECRET;
use crate::harness::Sandbox;
use crate::lines::TASK_FILE;

/// A changing call.
pub struct Case {
    pub line: &'static str,
    pub call: &'static str,
    pub script: fn() -> Script,
    /// Whether it is done.
    pub done: fn(&Cluster) -> bool,
    /// Whether a look can tell that.
    pub tells: bool,
}

/// One source with a task of each kind, free workers, and a member of each kind that is away.
pub fn script() -> Script {
    Script::empty()
        .late(0)
        .master("master-2", "127.0.0.1:8361", false)
        .worker("worker-1", "bound", "mysql-01")
        .worker("worker-2", "free", "")
        .worker("worker-3", "offline", "")
        .source("mysql-01", 3306, "mariadb")
        .schema("mysql-01", "shop", &["orders"])
        .task("runs", "incremental", &[("mysql-01", &[syncing(0)])])
        .once_started("runs", &[syncing(1)])
        .task("new", "all", &[("mysql-01", &[created()])])
        .once_started("new", &[syncing(1)])
        .lock("runs", "pessimistic", "ALTER TABLE t ADD c INT")
}

fn off() -> Script {
    script().without_openapi()
}

/// The source without a task.
fn bare() -> Script {
    Script { tasks: Vec::new(), ..script() }
}

fn only_running() -> Script {
    let script = script();
    Script { tasks: script.tasks.iter().filter(|task| task.name == "runs").cloned().collect(), ..script }
}

fn disabled() -> Script {
    let tasks = Script::empty().task("runs", "incremental", &[("mysql-01", &[paused()])]).tasks;
    Script { tasks, ..script() }.with_source("mysql-01", |source| source.enable = false)
}

fn with_relay() -> Script {
    script().with_source("mysql-01", |source| {
        source.relay = Some(relaying());
        source.relay_workers = vec!["worker-1".to_owned()];
    })
}

fn optimistic() -> Script {
    Script { locks: Vec::new(), ..script() }.lock("runs", "optimistic", "ALTER TABLE t ADD c INT")
}

/// The usual file as DM shows it of a task that was made over the REST API.
pub fn shown_file() -> String {
    format!("{}clean-dump-file: false\n", TASK_FILE.replace(SECRET, "'******'"))
}

/// The task of the usual file, stopped in its sync.
pub fn updatable() -> Script {
    let cluster = Cluster::start(script());
    let created = sandbox(&cluster).run("task create task.yaml");
    assert_eq!(created.code, 0, "{created:?}");
    cluster.state().with_task("task-new", |task| {
        task.subtasks[0].1 = vec![pb::SubTaskStatus { name: "task-new".to_owned(), ..paused() }];
        task.text = Some(shown_file());
        task.started = vec![pb::SubTaskStatus { name: "task-new".to_owned(), ..syncing(1) }];
    })
}

pub fn sandbox(cluster: &Cluster) -> Sandbox {
    let sandbox = crate::lines::sandbox(&cluster.address);
    let _changed = sandbox.file("changed.yaml", TASK_FILE.replace("[shop]", "[shop, other]"));
    let source = "source-id: mysql-01\nfrom: {host: 127.0.0.1, port: 3306, user: dm, password: S3cret-pw}\npurge: {expires: 24}\n";
    let _source = sandbox.file("mysql-01.yaml", source);
    sandbox
}

pub fn has(cluster: &Cluster, task: &str) -> bool {
    cluster.state().tasks.iter().any(|known| known.name == task)
}

pub fn stage(cluster: &Cluster, task: &str) -> pb::Stage {
    cluster.subtask(task, "mysql-01").map_or(pb::Stage::InvalidStage, |subtask| subtask.stage())
}

fn has_source(cluster: &Cluster, source: &str) -> bool {
    cluster.state().sources.iter().any(|known| known.name == source)
}

fn is_moved(cluster: &Cluster) -> bool {
    cluster.state().workers.iter().any(|worker| worker.name == "worker-2" && worker.source == "mysql-01")
}

pub fn body_of(cluster: &Cluster, task: &str) -> String {
    let state = cluster.state();
    let task = state.tasks.iter().find(|known| known.name == task).unwrap();
    task.body.as_ref().map(Value::to_string).unwrap_or_default()
}

const START: &str = "task start new --wait-timeout 0s";
const STOP: &str = "task stop runs --wait-timeout 0s";
const DELETE: &str = "task delete new --yes --wait-timeout 0s";
const UNLOCK: &str = "ddl-lock unlock 'runs-`shop`.`orders`' --yes";

/// Those that wait no longer than they are told.
pub const SHORT: [Case; 6] = [
    Case {
        line: START,
        call: "POST /api/v1/tasks/new/start",
        script,
        done: |cluster| stage(cluster, "new") == pb::Stage::Running,
        tells: true,
    },
    Case {
        line: START,
        call: "OperateTask Resume new",
        script: off,
        done: |cluster| stage(cluster, "new") == pb::Stage::Running,
        tells: true,
    },
    Case {
        line: STOP,
        call: "POST /api/v1/tasks/runs/stop",
        script,
        done: |cluster| stage(cluster, "runs") == pb::Stage::Paused,
        tells: true,
    },
    Case {
        line: STOP,
        call: "OperateTask Pause runs",
        script: off,
        done: |cluster| stage(cluster, "runs") == pb::Stage::Paused,
        tells: true,
    },
    Case { line: DELETE, call: "DELETE /api/v1/tasks/new", script, done: |cluster| !has(cluster, "new"), tells: true },
    Case { line: DELETE, call: "OperateTask Delete new", script: off, done: |cluster| !has(cluster, "new"), tells: true },
];

/// Those that DM may work on for as long as it needs.
pub const LONG: [Case; 19] = [
    Case {
        line: "task create task.yaml",
        call: "POST /api/v1/tasks",
        script,
        done: |cluster| has(cluster, "task-new"),
        tells: true,
    },
    Case {
        line: "task update task-new changed.yaml",
        call: "PUT /api/v1/tasks/task-new",
        script: updatable,
        done: |cluster| body_of(cluster, "task-new").contains("other"),
        tells: true,
    },
    Case {
        line: "source create source.yaml",
        call: "OperateSource Start mysql-09",
        script,
        done: |cluster| has_source(cluster, "mysql-09"),
        tells: true,
    },
    Case {
        line: "source update mysql-01 mysql-01.yaml",
        call: "PUT /api/v1/sources/mysql-01",
        script: bare,
        done: |cluster| cluster.state().sources[0].body.is_some(),
        tells: false,
    },
    Case {
        line: "source delete mysql-01 --yes",
        call: "DELETE /api/v1/sources/mysql-01",
        script: bare,
        done: |cluster| !has_source(cluster, "mysql-01"),
        tells: true,
    },
    Case {
        line: "source delete mysql-01 --yes",
        call: "OperateSource Stop mysql-01",
        script: || bare().without_openapi(),
        done: |cluster| !has_source(cluster, "mysql-01"),
        tells: true,
    },
    Case {
        line: "source enable mysql-01",
        call: "POST /api/v1/sources/mysql-01/enable",
        script: disabled,
        done: |cluster| cluster.state().sources[0].enable,
        tells: true,
    },
    Case {
        line: "source disable mysql-01",
        call: "POST /api/v1/sources/mysql-01/disable",
        script,
        done: |cluster| !cluster.state().sources[0].enable,
        tells: true,
    },
    Case {
        line: "source transfer mysql-01 worker-2",
        call: "POST /api/v1/sources/mysql-01/transfer",
        script: only_running,
        done: is_moved,
        tells: true,
    },
    Case {
        line: "source transfer mysql-01 worker-2",
        call: "TransferSource mysql-01 worker-2",
        script: || only_running().without_openapi(),
        done: is_moved,
        tells: true,
    },
    Case {
        line: "relay start mysql-01",
        call: "OperateRelay Start mysql-01 worker-1",
        script,
        done: |cluster| cluster.state().sources[0].relay.is_some(),
        tells: true,
    },
    Case {
        line: "relay stop mysql-01",
        call: "OperateRelay Stop mysql-01 worker-1",
        script: with_relay,
        done: |cluster| cluster.state().sources[0].relay.is_none(),
        tells: true,
    },
    Case {
        line: "relay purge mysql-01 mysql-bin.000002 --yes",
        call: "PurgeWorkerRelay mysql-01 mysql-bin.000002",
        script: with_relay,
        done: |_| true,
        tells: false,
    },
    Case {
        line: UNLOCK,
        call: "UnlockDDLLock runs-`shop`.`orders`",
        script,
        done: |cluster| cluster.state().locks.is_empty(),
        tells: true,
    },
    Case {
        line: "ddl-lock unlock 'runs-`shop`.`orders`' --source mysql-02 --database shop --table orders --action skip --yes",
        call: "UnlockDDLLock runs-`shop`.`orders`",
        script: || {
            let mut script = optimistic();
            script.locks[0].unsynced.push("mysql-03".to_owned());
            script
        },
        done: |cluster| cluster.state().locks[0].unsynced.len() == 1,
        tells: false,
    },
    Case {
        line: "member offline worker-3 --yes",
        call: "OfflineMember worker worker-3",
        script,
        done: |cluster| !cluster.state().workers.iter().any(|worker| worker.name == "worker-3"),
        tells: true,
    },
    Case {
        line: "member offline master-2 --yes",
        call: "OfflineMember master master-2",
        script: off,
        done: |cluster| cluster.state().masters.len() == 1,
        tells: true,
    },
    Case {
        line: "member evict-leader master-1",
        call: "OperateLeader Evict",
        script: || script().master("master-3", "$SELF", true),
        done: |cluster| cluster.state().leader == "master-3",
        tells: true,
    },
    Case {
        line: "member cancel-evict-leader master-1",
        call: "OperateLeader CancelEvict",
        script: || {
            let script = script().master("master-3", "$SELF", true);
            Script { leader: "master-3".to_owned(), evicted: ["master-1".to_owned()].into(), ..script }
        },
        done: |cluster| cluster.state().evicted.is_empty(),
        tells: false,
    },
];
