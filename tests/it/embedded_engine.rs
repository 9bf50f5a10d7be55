//! An engine that does what a test says, for the state machine of the embedded DM.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use dmctl::cluster::{Engine, Key, TellProgress, Work};
use dmctl::model::DmError;
use dmctl::model::source_file::{self, SourceFile};
use dmctl::model::subtask::{CheckItem, CheckProblem, Checked, Reporter, SubtaskEnd, SubtaskProgress, SubtaskSpec};
use dmctl::model::task_file::{self, TaskFile};
use dmctl::model::verification::{Agreement, Verification, VerifyOptions, VerifyProgress};
use tokio::sync::{Notify, oneshot, watch};

/// What a subtask has copied when it ends.
pub const ROWS: u64 = 7;

type Running = BTreeMap<Key, Arc<Mutex<Option<oneshot::Sender<SubtaskEnd>>>>>;

/// What the engine does, and what was asked of it.
pub struct Script {
    running: watch::Sender<Running>,
    /// The target can't be reached: nothing can be forgotten.
    pub target_is_down: AtomicBool,
    /// Every check fails.
    pub check_fails: AtomicBool,
    /// No source can be reached.
    pub source_is_down: AtomicBool,
    /// Checks and connections wait until `go_on`.
    pub hold: AtomicBool,
    /// Work passes over the wish that it stop.
    pub is_deaf: AtomicBool,
    held: Notify,
    forgotten: Mutex<Vec<Key>>,
}

impl Script {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            running: watch::channel(Running::new()).0,
            target_is_down: AtomicBool::new(false),
            check_fails: AtomicBool::new(false),
            source_is_down: AtomicBool::new(false),
            hold: AtomicBool::new(false),
            is_deaf: AtomicBool::new(false),
            held: Notify::new(),
            forgotten: Mutex::default(),
        })
    }

    /// The subtasks at work.
    pub fn at_work(&self) -> Vec<Key> {
        self.running.borrow().keys().cloned().collect()
    }

    /// Waits until just these are at work.
    pub async fn until(&self, is_so: impl Fn(&[Key]) -> bool) {
        self.running.subscribe().wait_for(|running| is_so(&running.keys().cloned().collect::<Vec<_>>())).await.unwrap();
    }

    /// Ends the work on a subtask.
    pub fn end(&self, key: &Key, end: SubtaskEnd) {
        let sender = self.running.borrow().get(key).and_then(|sender| sender.lock().unwrap().take());
        sender.expect("it is at work").send(end).unwrap();
    }

    /// Makes the work on a subtask panic.
    pub fn break_off(&self, key: &Key) {
        // Whoever waits for the end of it hears that there will be none.
        drop(self.running.borrow().get(key).and_then(|sender| sender.lock().unwrap().take()).expect("it is at work"));
    }

    /// What was forgotten, in order.
    pub fn forgotten(&self) -> Vec<Key> {
        self.forgotten.lock().unwrap().clone()
    }

    /// Lets what is held go on.
    pub fn go_on(&self) {
        self.hold.store(false, Ordering::SeqCst);
        self.held.notify_waiters();
    }

    async fn wait(&self) {
        loop {
            let held = self.held.notified();
            if !self.hold.load(Ordering::SeqCst) {
                return;
            }
            held.await;
        }
    }
}

/// Takes note that a run is over, also when it is dropped.
struct Presence(Arc<Script>, Key);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.running.send_modify(|running| {
            running.remove(&self.1);
        });
    }
}

/// The engine.
pub struct Scripted(pub Arc<Script>);

impl Engine for Scripted {
    fn run(&self, spec: SubtaskSpec, reporter: Arc<dyn Reporter>, mut stop: watch::Receiver<bool>) -> Work<SubtaskEnd> {
        let script = Arc::clone(&self.0);
        Box::pin(async move {
            let key = (spec.task, spec.source);
            let (sender, end) = oneshot::channel();
            script.running.send_modify(|running| {
                let before = running.insert(key.clone(), Arc::new(Mutex::new(Some(sender))));
                assert!(before.is_none(), "two engines work on {key:?}");
            });
            let _presence = Presence(Arc::clone(&script), key);
            tokio::select! {
                end = end => {
                    reporter.progress(SubtaskProgress { rows_done: ROWS, rows_estimated: ROWS, ..SubtaskProgress::default() });
                    end.unwrap()
                }
                _ = stop.wait_for(|stop| *stop && !script.is_deaf.load(Ordering::SeqCst)) => SubtaskEnd::Stopped,
            }
        })
    }

    fn check(&self, specs: Vec<SubtaskSpec>) -> Work<Checked> {
        let script = Arc::clone(&self.0);
        Box::pin(async move {
            script.wait().await;
            let fails = script.check_fails.load(Ordering::SeqCst);
            let item = |spec: SubtaskSpec| CheckItem {
                name: "mysql_version".to_owned(),
                description: "",
                about: spec.from.address(),
                problems: fails.then(|| CheckProblem::failure("")).into_iter().collect(),
            };
            Checked { items: specs.into_iter().map(item).collect(), ..Checked::default() }
        })
    }

    fn complete_source(&self, source: SourceFile) -> Work<Result<SourceFile, DmError>> {
        let script = Arc::clone(&self.0);
        Box::pin(async move {
            script.wait().await;
            if script.source_is_down.load(Ordering::SeqCst) {
                Err(DmError::coded(10001, "database driver error"))
            } else {
                Ok(source)
            }
        })
    }

    fn forget(&self, spec: SubtaskSpec) -> Work<Result<(), DmError>> {
        let script = Arc::clone(&self.0);
        Box::pin(async move {
            if script.target_is_down.load(Ordering::SeqCst) {
                return Err(DmError::coded(10001, "database driver error"));
            }
            script.forgotten.lock().unwrap().push((spec.task, spec.source));
            Ok(())
        })
    }

    fn start_over(&self, spec: SubtaskSpec) -> Work<Result<(), DmError>> {
        self.forget(spec)
    }

    fn verify(&self, _: Vec<SubtaskSpec>, _: VerifyOptions, tell: TellProgress) -> Work<Result<Verification, DmError>> {
        let script = Arc::clone(&self.0);
        Box::pin(async move {
            tell(VerifyProgress { tables_total: 1, ..VerifyProgress::default() });
            script.wait().await;
            if script.target_is_down.load(Ordering::SeqCst) {
                return Err(DmError::coded(10001, "database driver error"));
            }
            Ok(Verification {
                verdict: Agreement::Equal,
                tables_compared: 1,
                rows_compared: 2,
                rows_differing: 0,
                sources: Vec::new(),
                tables: Vec::new(),
                notes: Vec::new(),
            })
        })
    }

    fn schemas(&self, _: SourceFile) -> Work<Result<Vec<String>, DmError>> {
        Box::pin(async { Ok(vec!["mysql".to_owned(), "shop".to_owned()]) })
    }

    fn tables(&self, _: SourceFile, schema: String) -> Work<Result<Vec<String>, DmError>> {
        Box::pin(
            async move { if schema == "shop" { Ok(vec!["orders".to_owned()]) } else { Err(DmError::plain("Unknown database")) } },
        )
    }
}

/// A source file.
pub fn source(name: &str, enabled: bool) -> SourceFile {
    let text = format!("source-id: {name}\nenable: {enabled}\nfrom: {{host: 127.0.0.1, port: 3306, user: dm, password: hush}}\n");
    source_file::read(&text).unwrap()
}

/// A task file for these sources, with so many threads, to the target on this port.
pub fn task(name: &str, sources: &[&str], threads: u32, port: u16) -> TaskFile {
    let instances: String = sources.iter().map(|source| format!("- source-id: {source}\n  mydumper-thread: {threads}\n")).collect();
    let target = format!("{{host: 127.0.0.1, port: {port}, user: tgt, password: hush}}");
    let text = format!("name: {name}\ntask-mode: full\ntarget-database: {target}\nmysql-instances:\n{instances}");
    task_file::read(&text).unwrap_or_else(|flaws| panic!("{text}\n{flaws:?}"))
}
