//! What a scripted cluster consists of and how it behaves.
//!
//! A [`Script`] is the state of the cluster, too: a call that changes something changes it (`cluster_state`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use dmctl::wire::pb;
use serde_json::Value;

use crate::cluster_faults::Lose;
use crate::cluster_status::{created, failed, finished, syncing};

/// Which DM it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub enum Version {
    /// A follower sends REST to its leader with 307. No `List*Configs`, no fields for rows.
    V60,
    /// A follower forwards. No `List*Configs`. (Its fields for rows exist; these scripts leave them empty, as 6.3 does.)
    V65,
    /// Everything there is.
    V90,
}

/// What the worker of a source does when it is asked for its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never answers, and so the master does not.
    Hold,
    /// The master can't reach it (38008).
    Away,
}

/// A source.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub port: u32,
    pub flavor: String,
    pub enable: bool,
    pub enable_relay: bool,
    pub relay: Option<pb::RelayStatus>,
    pub tls: bool,
    pub fault: Option<Fault>,
    /// Workers that were named for its relay, which is not the same as `enable_relay`.
    pub relay_workers: Vec<String>,
    /// What the next looks at the relay still show, before `relay`.
    pub relay_before: Vec<Option<pb::RelayStatus>>,
    /// The REST body as it was set, with the password.
    pub body: Option<Value>,
    /// What GetCfg shows, in the place of the usual text.
    pub text: Option<String>,
    /// Databases of the server, with their tables.
    pub schemas: Vec<(String, Vec<String>)>,
}

/// A task: its sources, and what each of their workers says at each look; the last look stays.
#[derive(Debug, Clone)]
pub struct Task {
    pub name: String,
    pub mode: String,
    pub tls: bool,
    pub online_ddl: bool,
    pub subtasks: Vec<(String, Vec<pb::SubTaskStatus>)>,
    /// What GetCfg shows, in the place of the usual text.
    pub text: Option<String>,
    /// The REST body as it was created or updated, with the password.
    pub body: Option<Value>,
    /// Which subtasks DM wants to run. For one that is not in here, its first look tells.
    pub wanted: BTreeMap<String, bool>,
    /// How many of the first looks of a subtask still show what was before a change.
    pub old_looks: BTreeMap<String, usize>,
    /// What subtasks show once they are started, in the place of the same at work.
    pub started: Vec<pb::SubTaskStatus>,
}

/// An HTTP answer that takes the place of the derived one.
#[derive(Debug, Clone)]
pub struct Canned {
    pub status: u16,
    pub kind: &'static str,
    pub body: String,
}

/// What a cluster consists of and how it behaves.
#[derive(Debug, Clone)]
pub struct Script {
    pub version: Version,
    pub openapi: bool,
    pub leader: String,
    /// Name, address and whether it is alive; the address `$SELF` is where the cluster of this script listens.
    pub masters: Vec<(String, String, bool)>,
    pub workers: Vec<pb::WorkerInfo>,
    pub sources: Vec<Source>,
    pub tasks: Vec<Task>,
    pub locks: Vec<pb::DdlLock>,
    /// What is said beside locks.
    pub lock_remark: String,
    pub check: Option<(bool, String)>,
    /// Calls that are refused, with DM's text.
    pub refusals: Vec<(String, String)>,
    pub canned: Vec<(String, Canned)>,
    /// Which calls, counted from 0, meet a follower that knows no leader.
    pub leaderless: Range<usize>,
    /// Where a follower of version 6.0 sends REST requests.
    pub redirect: Option<String>,
    /// After a change that DM does not wait for: how many looks still show what was before.
    pub late: usize,
    /// Masters that must not lead.
    pub evicted: BTreeSet<String>,
    /// What is in `dmctl` of the cluster's information: that it is the embedded DM, and what that can do.
    pub capabilities: Option<Vec<String>>,
    /// What tells this cluster from others.
    pub number: u64,
    /// What goes wrong with which call, and with which of its occurrences, counted from 0.
    pub losses: Vec<(String, Range<usize>, Lose)>,
}

impl Script {
    /// A cluster of one master without anything in it.
    pub fn empty() -> Self {
        Self {
            version: Version::V90,
            openapi: true,
            leader: "master-1".to_owned(),
            masters: vec![("master-1".to_owned(), "$SELF".to_owned(), true)],
            workers: Vec::new(),
            sources: Vec::new(),
            tasks: Vec::new(),
            locks: Vec::new(),
            lock_remark: String::new(),
            check: None,
            refusals: Vec::new(),
            canned: Vec::new(),
            leaderless: 0..0,
            redirect: None,
            late: 1,
            evicted: BTreeSet::new(),
            capabilities: None,
            number: 7_711_398_092_568_738_904,
            losses: Vec::new(),
        }
    }

    /// Two sources on two workers, one task that syncs both, one that has failed, one that is through, one that was never started.
    pub fn usual() -> Self {
        Self::empty()
            .master("master-2", "127.0.0.1:8361", false)
            .worker("worker-1", "bound", "mysql-01")
            .worker("worker-2", "bound", "mysql-02")
            .worker("worker-3", "free", "")
            .worker("worker-4", "offline", "")
            .source("mysql-01", 3306, "mariadb")
            .source("mysql-02", 3308, "mysql")
            .task("task-1", "all", &[("mysql-01", &[syncing(2)]), ("mysql-02", &[syncing(0)])])
            .task("task-2", "full", &[("mysql-02", &[finished()])])
            .task("task-3", "incremental", &[("mysql-01", &[failed()])])
            .task("task-4", "all", &[("mysql-01", &[created()])])
    }

    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    pub fn without_openapi(mut self) -> Self {
        self.openapi = false;
        self
    }

    pub fn master(mut self, name: &str, address: &str, alive: bool) -> Self {
        self.masters.push((name.to_owned(), address.to_owned(), alive));
        self
    }

    pub fn worker(mut self, name: &str, stage: &str, source: &str) -> Self {
        let addr = format!("127.0.0.1:{}", 8562 + self.workers.len());
        self.workers.push(pb::WorkerInfo { name: name.into(), addr, stage: stage.into(), source: source.into() });
        self
    }

    pub fn source(mut self, name: &str, port: u32, flavor: &str) -> Self {
        self.sources.push(Source::new(name, port, flavor));
        self
    }

    pub fn task(mut self, name: &str, mode: &str, subtasks: &[(&str, &[pb::SubTaskStatus])]) -> Self {
        let named = |looks: &[pb::SubTaskStatus]| {
            looks.iter().map(|look| pb::SubTaskStatus { name: name.to_owned(), ..look.clone() }).collect()
        };
        let subtasks = subtasks.iter().map(|(source, looks)| ((*source).to_owned(), named(looks))).collect();
        self.tasks.push(Task::new(name, mode, subtasks));
        self
    }

    /// The same with one source changed.
    pub fn with_source(mut self, name: &str, change: impl FnOnce(&mut Source)) -> Self {
        change(self.sources.iter_mut().find(|source| source.name == name).expect("the source is in the script"));
        self
    }

    /// The same with one task changed.
    pub fn with_task(mut self, name: &str, change: impl FnOnce(&mut Task)) -> Self {
        change(self.tasks.iter_mut().find(|task| task.name == name).expect("the task is in the script"));
        self
    }

    /// The same, and the worker of this source does not do what it should.
    pub fn faulty(self, source: &str, fault: Fault) -> Self {
        self.with_source(source, |source| source.fault = Some(fault))
    }

    /// The same, and no worker serves this source.
    pub fn unbound(mut self, source: &str) -> Self {
        for worker in self.workers.iter_mut().filter(|worker| worker.source == source) {
            (worker.stage, worker.source) = ("offline".to_owned(), String::new());
        }
        self
    }

    pub fn lock(mut self, task: &str, mode: &str, ddl: &str) -> Self {
        self.locks.push(pb::DdlLock {
            id: format!("{task}-`shop`.`orders`"),
            task: task.into(),
            mode: mode.into(),
            owner: "mysql-01".into(),
            dd_ls: vec![ddl.into()],
            synced: vec!["mysql-01".into()],
            unsynced: vec!["mysql-02".into()],
        });
        self
    }

    /// What CheckTask answers.
    pub fn check(mut self, passed: bool, text: &str) -> Self {
        self.check = Some((passed, text.to_owned()));
        self
    }

    /// The same, and this call (`ShowDDLLocks`, `GET /api/v1/tasks`) is refused with this text.
    pub fn refusing(mut self, call: &str, text: &str) -> Self {
        self.refusals.push((call.to_owned(), text.to_owned()));
        self
    }

    /// The same, and this request gets another HTTP answer.
    pub fn answering(mut self, call: &str, status: u16, kind: &'static str, body: &str) -> Self {
        self.canned.push((call.to_owned(), Canned { status, kind, body: body.to_owned() }));
        self
    }

    /// The same, and these calls, counted from 0, find no leader.
    pub fn leaderless(mut self, calls: Range<usize>) -> Self {
        self.leaderless = calls;
        self
    }

    /// The same, and this source has this database.
    pub fn schema(self, source: &str, database: &str, tables: &[&str]) -> Self {
        let tables = tables.iter().map(|table| (*table).to_owned()).collect();
        self.with_source(source, |source| source.schemas.push((database.to_owned(), tables)))
    }

    /// The same, and this task shows this once it is started.
    pub fn once_started(self, task: &str, looks: &[pb::SubTaskStatus]) -> Self {
        self.with_task(task, |task| {
            task.started = looks.iter().map(|look| pb::SubTaskStatus { name: task.name.clone(), ..look.clone() }).collect();
        })
    }

    /// The same, and so many looks after a change still show what was before, unless DM itself waits.
    pub fn late(mut self, looks: usize) -> Self {
        self.late = looks;
        self
    }

    /// The same, and it says that it is the embedded DM, with these capabilities.
    pub fn embedded(mut self, capabilities: &[&str]) -> Self {
        self.capabilities = Some(capabilities.iter().map(|capability| (*capability).to_owned()).collect());
        self
    }

    /// The same, and this goes wrong with the first call of this kind (`POST /api/v1/tasks`, `OperateTask`, `OperateTask Pause`).
    pub fn losing(self, call: &str, lose: Lose) -> Self {
        self.losing_at(call, 0..1, lose)
    }

    /// The same for these occurrences of the call, counted from 0.
    pub fn losing_at(mut self, call: &str, times: Range<usize>, lose: Lose) -> Self {
        self.losses.push((call.to_owned(), times, lose));
        self
    }
}

impl Source {
    pub fn new(name: &str, port: u32, flavor: &str) -> Self {
        Self {
            name: name.to_owned(),
            port,
            flavor: flavor.to_owned(),
            enable: true,
            enable_relay: false,
            relay: None,
            tls: false,
            fault: None,
            relay_workers: Vec::new(),
            relay_before: Vec::new(),
            body: None,
            text: None,
            schemas: Vec::new(),
        }
    }
}

impl Task {
    pub fn new(name: &str, mode: &str, subtasks: Vec<(String, Vec<pb::SubTaskStatus>)>) -> Self {
        Self {
            name: name.to_owned(),
            mode: mode.to_owned(),
            tls: false,
            online_ddl: false,
            subtasks,
            text: None,
            body: None,
            wanted: BTreeMap::new(),
            old_looks: BTreeMap::new(),
            started: Vec::new(),
        }
    }

    /// The names of its sources.
    pub fn sources(&self) -> Vec<String> {
        self.subtasks.iter().map(|(source, _)| source.clone()).collect()
    }
}
