//! The state machine of the embedded DM against a plain model: any commands, reports of the engine, failures outside, and a crash at
//! any write to the store.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use dmctl::cluster::{Cluster, Journal, Key, Record, Settings, StartOptions, StopOptions, Store, StoreError};
use dmctl::model::lifecycle::Life;
use dmctl::model::subtask::SubtaskEnd;
use dmctl::model::{DmError, SourceName, TaskName, WorkerName};
use proptest::prelude::*;
use proptest::test_runner::{TestRunner, contextualize_config};
use tokio::runtime::Runtime;

use crate::embedded_engine::{Script, Scripted, source, task};
use crate::embedded_model::{Deed, Model, Outside};

const WORKERS: usize = 2;
const COPIES: usize = 2;

/// When the process dies: at which write of a deed, counted from 1, and on which side of it.
#[derive(Debug, Clone, Copy)]
struct Death {
    write: usize,
    is_written: bool,
}

/// The store, until the process dies. A record may get lost in it, which must be noticed.
struct Mortal {
    store: Store,
    fate: Arc<Mutex<Fate>>,
}

#[derive(Default)]
struct Fate {
    death: Option<Death>,
    writes: usize,
    is_dead: bool,
    loses: Option<fn(&Record) -> bool>,
}

impl Journal for Mortal {
    fn write(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let mut fate = self.fate.lock().unwrap();
        if fate.is_dead {
            return Err(StoreError("the process is dead".to_owned()));
        }
        fate.writes += 1;
        let dies = fate.death.filter(|death| death.write == fate.writes);
        fate.is_dead = dies.is_some();
        if dies.is_none_or(|death| death.is_written) {
            let kept: Vec<_> = records.iter().filter(|record| !fate.loses.is_some_and(|loses| loses(record))).cloned().collect();
            self.store.write(&kept)?;
        }
        if dies.is_some() { Err(StoreError("the process dies".to_owned())) } else { Ok(()) }
    }
}

struct World {
    folder: tempfile::TempDir,
    fate: Arc<Mutex<Fate>>,
    script: Arc<Script>,
    runtime: Option<Runtime>,
    cluster: Option<Cluster>,
}

impl World {
    fn new(loses: Option<fn(&Record) -> bool>) -> Self {
        let fate = Arc::new(Mutex::new(Fate { loses, ..Fate::default() }));
        let folder = tempfile::tempdir().unwrap();
        let mut world = Self { folder, fate, script: Script::new(), runtime: None, cluster: None };
        world.open();
        world
    }

    fn open(&mut self) {
        self.fate.lock().unwrap().is_dead = false;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (store, opened) = Store::open(self.folder.path()).unwrap();
        let journal = Mortal { store, fate: Arc::clone(&self.fate) };
        let settings = Settings { workers: WORKERS, copies: COPIES, ..Settings::default() };
        let engine = Arc::new(Scripted(Arc::clone(&self.script)));
        let cluster = Cluster::start(opened, Box::new(journal), settings, engine, runtime.handle().clone()).unwrap();
        (self.runtime, self.cluster) = (Some(runtime), Some(cluster));
    }

    /// Ends without a word, as a process does that is killed, and begins again.
    fn die(&mut self) {
        let cluster = self.cluster.take().unwrap();
        drop(self.runtime.take());
        // Nobody has a line to the core any more, so that it goes and lets go of the folder.
        let gone = cluster.gone();
        drop(cluster);
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(gone);
        self.open();
    }

    fn block<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(work)
    }

    fn do_it(&self, deed: &Deed) -> Result<(), DmError> {
        let cluster = self.cluster.clone().unwrap();
        let script = Arc::clone(&self.script);
        let sources = |names: &BTreeSet<String>| names.iter().map(SourceName::seen).collect::<Vec<_>>();
        let texts = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>();
        let failed = |_: &dmctl::model::subtask::Checked| DmError::coded(26005, "the check failed");
        self.block(async move {
            match deed {
                Deed::CreateSource { source: name, enabled } => cluster.create_source(source(name, *enabled), None).await.map(drop),
                Deed::UpdateSource { source: name, enabled } => {
                    cluster.update_source(SourceName::seen(name), source(name, *enabled)).await
                }
                Deed::DeleteSource { source, force } => cluster.delete_source(SourceName::seen(source), *force).await,
                Deed::Enable(source) => cluster.enable_source(SourceName::seen(source)).await.map(drop),
                Deed::Disable(source) => cluster.disable_source(SourceName::seen(source)).await,
                Deed::Transfer { source, worker } => {
                    cluster.transfer_source(SourceName::seen(source), WorkerName::seen(worker)).await
                }
                Deed::CreateTask { task: name, sources } => {
                    let (names, texts) = (TaskName::seen(name), texts(sources));
                    let file = task(name, &texts.iter().map(String::as_str).collect::<Vec<_>>(), 4, 4000);
                    cluster.create_task(names, file, failed).await.map(drop)
                }
                Deed::UpdateTask { task: name, sources, threads, port } => {
                    let texts = texts(sources);
                    let file = task(name, &texts.iter().map(String::as_str).collect::<Vec<_>>(), *threads, *port);
                    cluster.update_task(TaskName::seen(name), file, failed).await.map(drop)
                }
                Deed::Start { task, sources: names, over } => {
                    let options = StartOptions { sources: sources(names), over: *over };
                    cluster.start_task(TaskName::seen(task), options).await.map(drop)
                }
                Deed::Stop { task, sources: names } => {
                    let options = StopOptions { sources: sources(names), timeout: None };
                    cluster.stop_task(TaskName::seen(task), options).await.map(drop)
                }
                Deed::Delete { task, force } => cluster.delete_task(TaskName::seen(task), *force).await.map(drop),
                Deed::Finish { task, source } => {
                    script.end(&key(task, source), SubtaskEnd::Finished);
                    Ok(())
                }
                Deed::Fail { task, source } => {
                    script.end(&key(task, source), SubtaskEnd::Failed(vec![DmError::plain("broken")]));
                    Ok(())
                }
                Deed::Down { target, source, check } => {
                    script.target_is_down.store(*target, Ordering::SeqCst);
                    script.source_is_down.store(*source, Ordering::SeqCst);
                    script.check_fails.store(*check, Ordering::SeqCst);
                    Ok(())
                }
                Deed::Restart => Ok(()),
            }
        })
    }

    /// Waits until as much works as can, and says how things are.
    fn settle(&self, expected: &Model) -> Result<Model, String> {
        let cluster = self.cluster.clone().unwrap();
        let script = Arc::clone(&self.script);
        let wanted: BTreeSet<Key> = expected.wanted().into_iter().map(|(task, source)| key(&task, &source)).collect();
        let most = wanted.len().min(COPIES);
        let is_right = |at_work: &[Key]| at_work.len() == most && at_work.iter().all(|key| wanted.contains(key));
        self.block(async {
            let patience = std::time::Duration::from_secs(if self.fate.lock().unwrap().loses.is_some() { 1 } else { 20 });
            let settled = async {
                script.until(is_right).await;
                // A report may still be on its way to the store.
                cluster.wait_until(|view| Model::of(&view.state) == *expected).await
            };
            let _timed_out = tokio::time::timeout(patience, settled).await;
            let at_work = script.at_work();
            let view = cluster.view();
            if !is_right(&at_work) {
                return Err(format!("at work: {at_work:?}, wanted: {wanted:?}"));
            }
            Ok(Model::of(&view.state))
        })
    }
}

fn key(task: &str, source: &str) -> Key {
    (TaskName::seen(task), SourceName::seen(source))
}

/// Does all that in one world, and says what went otherwise than in the model.
fn live(story: &[(Deed, Option<Death>)], loses: Option<fn(&Record) -> bool>) -> Result<(), String> {
    let mut world = World::new(loses);
    let mut model = Model::new(WORKERS);
    let mut outside = Outside::default();
    for (number, (deed, death)) in story.iter().enumerate() {
        let deed = &aimed(deed, &world.script);
        let Some(deed) = deed else { continue };
        let told = |what: String| format!("deed {number}, {deed:?}, death {death:?}, before {model:?}: {what}");
        let (writes, refused) = model.course(deed, outside);
        *world.fate.lock().unwrap() = Fate { death: *death, loses, ..Fate::default() };
        let result = world.do_it(deed);
        if let Deed::Down { target, source, check } = *deed {
            outside = Outside { target, source, check };
        }
        let after = |count: usize| count.checked_sub(1).map_or_else(|| model.clone(), |last| writes[last].clone());
        // A report reaches the store some time after it was made.
        let reports = matches!(deed, Deed::Finish { .. } | Deed::Fail { .. });
        let dies = death.filter(|death| death.write <= writes.len());
        let expected = match dies {
            Some(death) => {
                let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
                while reports && !world.fate.lock().unwrap().is_dead {
                    if std::time::Instant::now() > deadline {
                        return Err(told("the report never came to the store".to_owned()));
                    }
                    std::thread::yield_now();
                }
                if !reports && result.is_ok() {
                    return Err(told("it was answered with success, and the store could not be written".to_owned()));
                }
                after(if death.is_written { death.write } else { death.write - 1 })
            }
            None => {
                let code = result.as_ref().map_err(|error| error.code.unwrap_or(0));
                if code.copied() != refused {
                    return Err(told(format!("it came to {result:?}, and should come to {refused:?}")));
                }
                after(writes.len())
            }
        };
        if dies.is_some() || matches!(deed, Deed::Restart) {
            world.die();
        }
        let is = world.settle(&expected).map_err(told)?;
        if is != expected {
            return Err(format!("deed {number}, {deed:?}, death {death:?}: it is {is:?}, and should be {expected:?}"));
        }
        model = expected;
    }
    Ok(())
}

/// A report comes from what is at work; without any there is none.
fn aimed(deed: &Deed, script: &Script) -> Option<Deed> {
    let first = |source: &str| script.at_work().into_iter().find(|key| key.1.as_str() >= source);
    match deed {
        Deed::Finish { source, .. } => {
            first(source).map(|(task, source)| Deed::Finish { task: task.to_string(), source: source.to_string() })
        }
        Deed::Fail { source, .. } => {
            first(source).map(|(task, source)| Deed::Fail { task: task.to_string(), source: source.to_string() })
        }
        other => Some(other.clone()),
    }
}

fn deeds() -> impl Strategy<Value = Deed> {
    let source = || prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned);
    let task = || prop::sample::select(vec!["one", "two"]).prop_map(str::to_owned);
    let some = || prop::collection::btree_set(source(), 1..3);
    let few = || prop::collection::btree_set(source(), 0..2);
    prop_oneof![
        4 => (source(), prop::bool::weighted(0.8)).prop_map(|(source, enabled)| Deed::CreateSource { source, enabled }),
        1 => (source(), any::<bool>()).prop_map(|(source, enabled)| Deed::UpdateSource { source, enabled }),
        1 => (source(), any::<bool>()).prop_map(|(source, force)| Deed::DeleteSource { source, force }),
        2 => source().prop_map(Deed::Enable),
        2 => source().prop_map(Deed::Disable),
        1 => (source(), prop::sample::select(vec!["worker1", "worker2", "worker9"]))
            .prop_map(|(source, worker)| Deed::Transfer { source, worker: worker.to_owned() }),
        5 => (task(), some()).prop_map(|(task, sources)| Deed::CreateTask { task, sources }),
        3 => (task(), some(), 4_u32..6, 4000_u16..4002)
            .prop_map(|(task, sources, threads, port)| Deed::UpdateTask { task, sources, threads, port }),
        6 => (task(), few()).prop_map(|(task, sources)| Deed::Start { task, sources, over: false }),
        2 => (task(), few()).prop_map(|(task, sources)| Deed::Start { task, sources, over: true }),
        3 => (task(), few()).prop_map(|(task, sources)| Deed::Stop { task, sources }),
        2 => (task(), any::<bool>()).prop_map(|(task, force)| Deed::Delete { task, force }),
        3 => (task(), source()).prop_map(|(task, source)| Deed::Finish { task, source }),
        2 => (task(), source()).prop_map(|(task, source)| Deed::Fail { task, source }),
        1 => (prop::bool::weighted(0.3), prop::bool::weighted(0.3), prop::bool::weighted(0.3))
            .prop_map(|(target, source, check)| Deed::Down { target, source, check }),
        1 => Just(Deed::Restart),
    ]
}

fn stories() -> impl Strategy<Value = Vec<(Deed, Option<Death>)>> {
    let death = (1_usize..3, any::<bool>()).prop_map(|(write, is_written)| Death { write, is_written });
    let deeds = prop::collection::vec((deeds(), prop::option::weighted(0.15, death)), 1..40);
    // Chance alone comes late to where things happen.
    (deeds, prop::bool::weighted(0.7)).prop_map(|(mut deeds, at_work)| {
        if at_work {
            let (source, task) = ("a".to_owned(), "one".to_owned());
            let sources = BTreeSet::from([source.clone()]);
            let begin = [
                Deed::CreateSource { source, enabled: true },
                Deed::CreateTask { task: task.clone(), sources: sources.clone() },
                Deed::Start { task, sources, over: false },
            ];
            deeds.splice(0..0, begin.map(|deed| (deed, None)));
        }
        deeds
    })
}

#[test]
fn whatever_happens_the_state_is_that_of_the_model() {
    let config = ProptestConfig { cases: 40, failure_persistence: None, max_shrink_iters: 30, ..ProptestConfig::default() };
    TestRunner::new(contextualize_config(config)).run(&stories(), |story| live(&story, None).map_err(TestCaseError::fail)).unwrap();
}

#[test]
fn a_store_that_loses_something_is_found_out() {
    let loses: [fn(&Record) -> bool; 4] = [
        |record| matches!(record, Record::Subtask(_, subtask) if subtask.life == Life::Finished),
        |record| matches!(record, Record::Subtask((_, source), _) if source.as_str() == "b"),
        |record| matches!(record, Record::NoTask(_)),
        |record| matches!(record, Record::Source(_, source) if !source.file.enable()),
    ];
    for loses in loses {
        let config = ProptestConfig { cases: 200, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() };
        let found = TestRunner::new(config).run(&stories(), |story| live(&story, Some(loses)).map_err(TestCaseError::fail));
        assert!(found.is_err(), "nobody noticed");
    }
}
