//! A scripted DM cluster: what it consists of, and one master of it that answers on a port of its own.
//!
//! A [`Script`] says what the cluster knows; `cluster_wire` derives every answer from it. A call that the script has no answer for
//! fails the test when the [`Cluster`] is dropped, and every call is counted.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use dmctl::wire::pb;
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;

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
    pub flavor: &'static str,
    pub enable: bool,
    pub enable_relay: bool,
    pub relay: Option<pb::RelayStatus>,
    pub tls: bool,
    pub fault: Option<Fault>,
}

/// A task: its sources, and what each of their workers says at each look; the last look stays.
#[derive(Debug, Clone)]
pub struct Task {
    pub name: String,
    pub mode: &'static str,
    pub tls: bool,
    pub online_ddl: bool,
    pub subtasks: Vec<(String, Vec<pb::SubTaskStatus>)>,
    /// What GetCfg shows, in the place of the usual text.
    pub text: Option<String>,
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

    pub fn source(mut self, name: &str, port: u32, flavor: &'static str) -> Self {
        let name = name.to_owned();
        self.sources.push(Source { name, port, flavor, enable: true, enable_relay: false, relay: None, tls: false, fault: None });
        self
    }

    pub fn task(mut self, name: &str, mode: &'static str, subtasks: &[(&str, &[pb::SubTaskStatus])]) -> Self {
        let named = |looks: &[pb::SubTaskStatus]| {
            looks.iter().map(|look| pb::SubTaskStatus { name: name.to_owned(), ..look.clone() }).collect()
        };
        let subtasks = subtasks.iter().map(|(source, looks)| ((*source).to_owned(), named(looks))).collect();
        self.tasks.push(Task { name: name.to_owned(), mode, tls: false, online_ddl: false, subtasks, text: None });
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
}

/// What the server and the test share.
pub struct Shared {
    pub address: String,
    pub script: Mutex<Script>,
    /// Every call, in the order of arrival.
    pub calls: Mutex<Vec<String>>,
    pub arrived: Condvar,
    /// Those that the script has no answer for.
    pub unscripted: Mutex<Vec<String>>,
    /// How often each subtask was looked at.
    pub looks: Mutex<BTreeMap<(String, String), usize>>,
}

/// A master that answers as its script says, until it is dropped.
pub struct Cluster {
    /// `127.0.0.1:PORT`.
    pub address: String,
    shared: Arc<Shared>,
    taken: Mutex<usize>,
    runtime: Option<Runtime>,
    listener: Option<TcpListener>,
    closed: Option<TcpStream>,
}

impl Cluster {
    /// Connections are taken from the moment this returns.
    pub fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            address: address.clone(),
            script: Mutex::new(script),
            calls: Mutex::default(),
            arrived: Condvar::new(),
            unscripted: Mutex::default(),
            looks: Mutex::default(),
        });
        let runtime = Some(serve(&listener, &shared));
        Self { address, shared, taken: Mutex::new(0), runtime, listener: Some(listener), closed: None }
    }

    /// Breaks every connection off, and takes new ones.
    pub fn restart(&mut self) {
        self.halt();
        self.runtime = self.listener.as_ref().map(|listener| serve(listener, &self.shared));
    }

    /// Breaks every connection off, and refuses new ones. The port stays ours.
    pub fn stop(&mut self) {
        self.halt();
        let listener = self.listener.take().expect("it is stopped once");
        let socket = TcpStream::from(OwnedFd::from(listener));
        socket.shutdown(std::net::Shutdown::Both).unwrap();
        self.closed = Some(socket);
        let refused = TcpStream::connect(&self.address).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }

    fn halt(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
    }

    /// Goes on with another script.
    pub fn change(&self, change: impl FnOnce(Script) -> Script) {
        let mut script = self.shared.script.lock().unwrap();
        *script = change(script.clone());
    }

    /// What was asked since the last time, each call once with how often it came, in alphabetical order.
    pub fn asked(&self) -> Vec<String> {
        let calls = self.shared.calls.lock().unwrap();
        let mut taken = self.taken.lock().unwrap();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for call in &calls[*taken..] {
            *counts.entry(call).or_default() += 1;
        }
        *taken = calls.len();
        counts.into_iter().map(|(call, count)| format!("{count} x {call}")).collect()
    }

    /// Waits until this call has come.
    pub fn wait_for(&self, call: &str) {
        self.wait_for_more(call, 1);
    }

    /// Waits until this call has come so often.
    pub fn wait_for_more(&self, call: &str, times: usize) {
        let calls = self.shared.calls.lock().unwrap();
        let missing = |calls: &mut Vec<String>| calls.iter().filter(|known| *known == call).count() < times;
        let _calls = self.shared.arrived.wait_while(calls, missing).unwrap();
    }
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>) -> Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (listener, router) = (listener.try_clone().unwrap(), crate::cluster_wire::router(Arc::clone(shared)));
    let _until_the_end = runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, router).await.unwrap();
    });
    runtime
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.halt();
        let unscripted = self.shared.unscripted.lock().unwrap();
        assert!(std::thread::panicking() || unscripted.is_empty(), "calls that are not in the script: {unscripted:?}");
    }
}

/// An address of our own where nobody listens: bound, so that nobody else gets it.
pub struct Nobody {
    pub address: String,
    _socket: TcpSocket,
}

impl Nobody {
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { address: socket.local_addr().unwrap().to_string(), _socket: socket }
    }
}

/// An address that takes connections and never says a word.
pub struct Mute {
    pub address: String,
    listener: TcpListener,
}

impl Mute {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self { address: listener.local_addr().unwrap().to_string(), listener }
    }

    /// Whether anybody has connected since the last time.
    pub fn was_called(&self) -> bool {
        match self.listener.accept() {
            Ok(_) => true,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => false,
            Err(error) => panic!("{error}"),
        }
    }
}
