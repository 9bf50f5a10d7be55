//! A scripted DM cluster: masters that answer on ports of their own, and share one state.
//!
//! A [`Script`] says what the cluster knows; `cluster_wire` and `cluster_rpc` derive every answer from it, and calls that change
//! something change it (`cluster_state`). A call that the script has no answer for fails the test when the [`Cluster`] is dropped.
//! Every call is counted, every change is kept with its whole body, and any call can be made to go wrong (`cluster_faults`).

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;

use crate::cluster_faults::{Lines, Lose, Wire};
pub use crate::cluster_script::{Canned, Fault, Script, Source, Task, Version};
use crate::cluster_wire::{scripted, without_query};

/// A call that changes something, as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `POST /api/v1/tasks`, `OperateTask Pause task-1`.
    pub call: String,
    /// The whole body: that of REST, or the message in DM's field names.
    pub body: Value,
    /// The name of the master that it came to.
    pub master: String,
}

/// What the servers and the test share.
pub struct Shared {
    /// Where the masters listen, in the order of their names.
    pub addresses: Vec<String>,
    pub script: Mutex<Script>,
    /// Every call, in the order of arrival.
    pub calls: Mutex<Vec<String>>,
    pub arrived: Condvar,
    /// Tells that a call has been through, with what it does done.
    pub moved: Condvar,
    pub changes: Mutex<Vec<Change>>,
    /// Those that the script has no answer for.
    pub unscripted: Mutex<Vec<String>>,
    /// How often each subtask was looked at; the relay of a source counts as a task without a name.
    pub looks: Mutex<BTreeMap<(String, String), usize>>,
    /// How often each call came that something may go wrong with.
    occurrences: Mutex<BTreeMap<String, usize>>,
}

impl Shared {
    /// Takes note of a call. `Err` when it meets a follower without a leader.
    pub fn enter(&self, call: &str) -> Result<Script, ()> {
        let script = self.script.lock().unwrap().clone();
        let mut calls = self.calls.lock().unwrap();
        let leaderless = script.leaderless.contains(&calls.len()) || script.leader.is_empty();
        calls.push(call.to_owned());
        self.arrived.notify_all();
        if leaderless { Err(()) } else { Ok(script) }
    }

    /// Takes note of a change.
    pub fn note(&self, call: &str, body: Value, master: usize) {
        let master = self.master_name(master);
        self.changes.lock().unwrap().push(Change { call: call.to_owned(), body, master });
    }

    pub fn unscripted(&self, call: &str) {
        self.unscripted.lock().unwrap().push(call.to_owned());
    }

    /// What goes wrong with this call, this time.
    pub fn loses(&self, call: &str) -> Option<Lose> {
        let losses = self.script.lock().unwrap().losses.clone();
        let mut occurrences = self.occurrences.lock().unwrap();
        let mut lose = None;
        let mut keys: Vec<&String> = losses.iter().map(|(key, ..)| key).collect();
        keys.dedup();
        for key in keys {
            let entry = [(key.clone(), ())];
            if scripted(&entry, call).or(scripted(&entry, without_query(call))).is_none() {
                continue;
            }
            let count = occurrences.entry(key.clone()).or_default();
            let now = losses.iter().find(|(other, times, _)| other == key && times.contains(count));
            lose = lose.or(now.map(|(.., lose)| lose.clone()));
            *count += 1;
        }
        lose
    }

    /// `$SELF` is the first master, `$2` the second.
    pub fn place(&self, address: &str) -> String {
        let mut address = address.replace("$SELF", &self.addresses[0]);
        for (index, place) in self.addresses.iter().enumerate() {
            address = address.replace(&format!("${}", index + 1), place);
        }
        address
    }

    /// The name of the master that listens at this address of ours.
    pub fn master_name(&self, master: usize) -> String {
        let script = self.script.lock().unwrap();
        let listed = script.masters.iter().find(|(_, address, _)| self.place(address) == self.addresses[master]);
        listed.map_or_else(|| format!("master-{}", master + 1), |(name, ..)| name.clone())
    }
}

/// Masters that answer as their script says, until they are dropped.
pub struct Cluster {
    /// `127.0.0.1:PORT` of the first master.
    pub address: String,
    shared: Arc<Shared>,
    taken: Mutex<usize>,
    ports: Vec<Port>,
}

/// One master's port.
struct Port {
    runtime: Option<Runtime>,
    listener: Option<TcpListener>,
    closed: Option<TcpStream>,
}

impl Cluster {
    /// One master. Connections are taken from the moment this returns.
    pub fn start(script: Script) -> Self {
        Self::serve(script, 1)
    }

    /// Masters `master-1`, `master-2` and so on, in the place of those of the script.
    pub fn start_many(script: Script, count: usize) -> Self {
        let masters = (1..=count).map(|number| (format!("master-{number}"), format!("${number}"), true)).collect();
        Self::serve(Script { masters, ..script }, count)
    }

    fn serve(script: Script, count: usize) -> Self {
        let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().unwrap().to_string()).collect();
        let shared = Arc::new(Shared {
            addresses: addresses.clone(),
            script: Mutex::new(script),
            calls: Mutex::default(),
            arrived: Condvar::new(),
            moved: Condvar::new(),
            changes: Mutex::default(),
            unscripted: Mutex::default(),
            looks: Mutex::default(),
            occurrences: Mutex::default(),
        });
        let ports = listeners.into_iter().enumerate().map(|(master, listener)| {
            listener.set_nonblocking(true).unwrap();
            Port { runtime: Some(serve(&listener, &shared, master)), listener: Some(listener), closed: None }
        });
        Self { address: addresses[0].clone(), ports: ports.collect(), shared, taken: Mutex::new(0) }
    }

    /// Where the masters listen, in the order of their names.
    pub fn addresses(&self) -> &[String] {
        &self.shared.addresses
    }

    /// Breaks every connection off, and takes new ones.
    pub fn restart(&mut self) {
        for (master, port) in self.ports.iter_mut().enumerate() {
            port.halt();
            port.runtime = port.listener.as_ref().map(|listener| serve(listener, &self.shared, master));
        }
    }

    /// Breaks every connection to the first master off, and refuses new ones. The port stays ours.
    pub fn stop(&mut self) {
        self.stop_master(0);
    }

    /// The same for one of the masters, counted from 0.
    pub fn stop_master(&mut self, master: usize) {
        let port = &mut self.ports[master];
        port.halt();
        let listener = port.listener.take().expect("it is stopped once");
        let socket = TcpStream::from(OwnedFd::from(listener));
        socket.shutdown(std::net::Shutdown::Both).unwrap();
        port.closed = Some(socket);
        let refused = TcpStream::connect(&self.shared.addresses[master]).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }

    /// Goes on with another script.
    pub fn change(&self, change: impl FnOnce(Script) -> Script) {
        let mut script = self.shared.script.lock().unwrap();
        *script = change(script.clone());
    }

    /// What the cluster consists of by now.
    pub fn state(&self) -> Script {
        self.shared.script.lock().unwrap().clone()
    }

    /// Every change that arrived, in order, whether it was done or not.
    pub fn changes(&self) -> Vec<Change> {
        self.shared.changes.lock().unwrap().clone()
    }

    /// What a subtask would show if it were looked at now, with everything that was asked of it in effect.
    pub fn subtask(&self, task: &str, source: &str) -> Option<dmctl::wire::pb::SubTaskStatus> {
        let (mut script, mut looks) = (self.state(), self.shared.looks.lock().unwrap().clone());
        crate::cluster_state::State { script: &mut script, looks: &mut looks }.truth(task, source)
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

    /// Waits until this is so. It must become so by a call.
    pub fn wait_until(&self, is_so: impl Fn(&Script) -> bool) {
        let script = self.shared.script.lock().unwrap();
        let _script = self.shared.moved.wait_while(script, |script| !is_so(script)).unwrap();
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

impl Port {
    fn halt(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
    }
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>, master: usize) -> Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (listener, router) = (listener.try_clone().unwrap(), crate::cluster_wire::router(Arc::clone(shared), master));
    let _until_the_end = runtime.spawn(async move {
        let listener = Lines(tokio::net::TcpListener::from_std(listener).unwrap());
        axum::serve(listener, router.into_make_service_with_connect_info::<Wire>()).await.unwrap();
    });
    runtime
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for port in &mut self.ports {
            port.halt();
        }
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
