//! The embedded DM with a scripted engine: what takes long delays nobody, what is busy says so, and what works stops when it should.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dmctl::cluster::{Cluster, Key, Said, Settings, StartOptions, StopOptions};
use dmctl::model::subtask::{Checked, SubtaskEnd};
use dmctl::model::{DmError, SourceName, SubtaskStage, TaskName, WorkerName};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::embedded_engine::{ROWS, Script, Scripted, source, task};

struct World {
    cluster: Cluster,
    script: Arc<Script>,
    folder: TempDir,
}

fn name(task: &str) -> TaskName {
    TaskName::seen(task)
}

fn on(source: &str) -> SourceName {
    SourceName::seen(source)
}

fn key(task: &str, source: &str) -> Key {
    (name(task), on(source))
}

fn failed(_: &Checked) -> DmError {
    DmError::coded(26005, "the check failed")
}

impl World {
    fn with(settings: Settings) -> Self {
        Self::open(TempDir::new().unwrap(), settings)
    }

    fn open(folder: TempDir, settings: Settings) -> Self {
        let script = Script::new();
        let engine = Arc::new(Scripted(Arc::clone(&script)));
        let cluster = Cluster::open(folder.path(), settings, engine, Handle::current()).unwrap();
        Self { cluster, script, folder }
    }

    /// The same after it was shut down.
    fn again(self) -> Self {
        Self::open(self.folder, Settings::default())
    }

    /// A cluster with the sources `a` and `b`.
    async fn new() -> Self {
        let world = Self::with(Settings::default());
        for name in ["a", "b"] {
            world.cluster.create_source(source(name, true), None).await.unwrap();
        }
        world
    }

    async fn create(&self, task_name: &str, sources: &[&str]) {
        self.cluster.create_task(name(task_name), task(task_name, sources, 4, 4000), failed).await.unwrap();
    }

    async fn start(&self, task: &str) -> Result<Vec<Said>, DmError> {
        let parts = self.cluster.start_task(name(task), StartOptions::default()).await?;
        Ok(parts.into_iter().map(|part| part.said).collect())
    }

    async fn stop(&self, task: &str) -> Result<Vec<Said>, DmError> {
        let parts = self.cluster.stop_task(name(task), StopOptions::default()).await?;
        Ok(parts.into_iter().map(|part| part.said).collect())
    }

    /// Lets the work on source `a` end, and waits until that is known.
    async fn end(&self, task: &str, end: SubtaskEnd) {
        let stage = if end == SubtaskEnd::Finished { SubtaskStage::Finished } else { SubtaskStage::Stopped };
        self.script.until(|at_work| at_work == [key(task, "a")]).await;
        self.script.end(&key(task, "a"), end);
        self.cluster.wait_until(|view| view.task(&name(task)).unwrap()[0].stage == stage).await.unwrap();
    }

    fn rows(&self, task: &str) -> u64 {
        self.cluster.view().task(&name(task)).unwrap()[0].progress.rows_done
    }

    fn stages(&self, task: &str) -> Vec<SubtaskStage> {
        self.cluster.view().task(&name(task)).unwrap().into_iter().map(|subtask| subtask.stage).collect()
    }
}

#[tokio::test]
async fn a_task_lives_as_the_design_says() {
    let world = World::new().await;
    world.create("shop", &["a", "b"]).await;
    assert_eq!(world.stages("shop"), [SubtaskStage::Stopped; 2]);
    assert_eq!(world.start("shop").await, Ok(vec![Said::Started; 2]));
    assert_eq!(world.start("shop").await, Ok(vec![Said::RunsAlready; 2]));
    world.script.until(|at_work| at_work.len() == 2).await;
    assert_eq!(world.stop("shop").await, Ok(vec![Said::Stopped; 2]));
    assert_eq!(world.script.at_work(), [], "when a stop is answered nothing is at work");
    assert_eq!(world.stages("shop"), [SubtaskStage::Stopped; 2]);
    assert_eq!(world.stop("shop").await, Ok(vec![Said::StoppedAlready; 2]));
    world.start("shop").await.unwrap();
    world.script.until(|at_work| at_work.len() == 2).await;
    for source in ["a", "b"] {
        world.script.end(&key("shop", source), SubtaskEnd::Finished);
    }
    world
        .cluster
        .wait_until(|view| view.task(&name("shop")).unwrap().iter().all(|one| one.stage == SubtaskStage::Finished))
        .await
        .unwrap();
    let refused = world.start("shop").await.unwrap_err();
    assert_eq!(refused.workaround.as_deref(), Some("`dmctl task start shop --remove-meta` copies everything again"));
    assert_eq!(world.stop("shop").await, Ok(vec![Said::Finished; 2]));
    let over = StartOptions { over: true, ..StartOptions::default() };
    world.cluster.start_task(name("shop"), over).await.unwrap();
    assert_eq!(world.script.forgotten(), [key("shop", "a"), key("shop", "b")]);
    world.script.until(|at_work| at_work.len() == 2).await;
    let refused = world.cluster.delete_task(name("shop"), false).await.unwrap_err();
    assert_eq!(refused.code, Some(49001));
    world.cluster.delete_task(name("shop"), true).await.unwrap();
    assert_eq!(world.script.at_work(), []);
    assert!(world.cluster.view().state.tasks.is_empty());
}

#[tokio::test]
async fn an_error_is_shown_until_the_task_is_started_again() {
    let world = World::new().await;
    world.create("shop", &["a"]).await;
    world.start("shop").await.unwrap();
    world.script.until(|at_work| at_work.len() == 1).await;
    world.script.end(&key("shop", "a"), SubtaskEnd::Failed(vec![DmError::coded(34019, "no room")]));
    let shown = |world: &World| world.cluster.view().task(&name("shop")).unwrap()[0].errors.clone();
    world.cluster.wait_until(|view| view.task(&name("shop")).unwrap()[0].stage == SubtaskStage::Stopped).await.unwrap();
    assert_eq!(shown(&world), [DmError::coded(34019, "no room")]);
    assert_eq!(world.stop("shop").await, Ok(vec![Said::StoppedAlready]));
    assert_eq!(shown(&world).len(), 1, "a stop does not hide it");
    world.start("shop").await.unwrap();
    assert_eq!(shown(&world), []);
}

#[tokio::test]
async fn a_name_is_free_as_soon_as_its_task_is_deleted() {
    let world = World::new().await;
    for _ in 0..200 {
        world.create("shop", &["a"]).await;
        assert_eq!(world.rows("shop"), 0, "a new one has nothing from the one before");
        assert_eq!(world.start("shop").await, Ok(vec![Said::Started]));
        world.end("shop", SubtaskEnd::Finished).await;
        assert_eq!(world.rows("shop"), ROWS);
        world.cluster.delete_task(name("shop"), false).await.unwrap();
    }
}

#[tokio::test]
async fn a_slow_creation_delays_nobody_and_has_its_name() {
    let world = World::new().await;
    world.create("other", &["a"]).await;
    world.script.hold.store(true, Ordering::SeqCst);
    let cluster = world.cluster.clone();
    let slow = tokio::spawn(async move { cluster.create_task(name("shop"), task("shop", &["a"], 4, 4000), failed).await });
    loop {
        // As soon as the name is taken the second one is told so.
        match tokio::time::timeout(Duration::from_secs(20), world.cluster.start_task(name("shop"), StartOptions::default()))
            .await
            .unwrap()
        {
            Err(error) if error.code == Some(46024) => break,
            Err(error) => assert_eq!(error.code, Some(46018), "{error:?}"),
            Ok(_) => panic!("it was started before it was created"),
        }
        tokio::task::yield_now().await;
    }
    let second = world.cluster.create_task(name("shop"), task("shop", &["b"], 4, 4000), failed).await;
    assert_eq!(second.unwrap_err().code, Some(46024));
    let relied_on = world.cluster.delete_source(on("a"), true).await;
    assert_eq!(relied_on.unwrap_err().code, Some(46024), "the new task relies on it");
    assert_eq!(world.start("other").await, Ok(vec![Said::Started]), "others go on");
    assert!(!world.cluster.view().state.tasks.contains_key(&name("shop")));
    world.script.go_on();
    slow.await.unwrap().unwrap();
    assert_eq!(world.start("shop").await, Ok(vec![Said::Started]));
}

#[tokio::test]
async fn a_disabled_source_holds_what_ran_and_nothing_else() {
    let world = World::new().await;
    for task in ["one", "two", "three"] {
        world.create(task, &["a"]).await;
    }
    world.start("one").await.unwrap();
    world.start("two").await.unwrap();
    world.script.until(|at_work| at_work.len() == 2).await;
    world.cluster.disable_source(on("a")).await.unwrap();
    assert_eq!(world.script.at_work(), [], "it is answered when nothing works");
    assert_eq!(world.start("one").await.unwrap_err().code, Some(38058));
    // A stop by hand counts more than the hold.
    world.stop("two").await.unwrap();
    assert_eq!(world.cluster.enable_source(on("a")).await, Ok(vec![name("one")]));
    world.script.until(|at_work| at_work == [key("one", "a")]).await;
}

#[tokio::test]
async fn work_that_does_not_stop_is_ended() {
    let world = World::new().await;
    world.create("shop", &["a"]).await;
    world.start("shop").await.unwrap();
    world.script.until(|at_work| at_work.len() == 1).await;
    world.script.is_deaf.store(true, Ordering::SeqCst);
    let options = StopOptions { timeout: Some(Duration::ZERO), ..StopOptions::default() };
    world.cluster.stop_task(name("shop"), options).await.unwrap();
    assert_eq!(world.script.at_work(), []);
    assert_eq!(world.stages("shop"), [SubtaskStage::Stopped]);
}

#[tokio::test]
async fn an_engine_that_breaks_stops_its_subtask_only() {
    let world = World::new().await;
    world.create("shop", &["a", "b"]).await;
    world.start("shop").await.unwrap();
    world.script.until(|at_work| at_work.len() == 2).await;
    world.script.break_off(&key("shop", "a"));
    world.cluster.wait_until(|view| view.task(&name("shop")).unwrap()[0].stage == SubtaskStage::Stopped).await.unwrap();
    let view = world.cluster.view().task(&name("shop")).unwrap();
    assert!(view[0].errors[0].message.contains("mistake in dmctl"), "{:?}", view[0].errors);
    assert_eq!(view[1].stage, SubtaskStage::Running);
}

#[tokio::test]
async fn so_many_copy_at_once_and_the_others_wait_inside_running() {
    let world = World::with(Settings { copies: 1, ..Settings::default() });
    world.cluster.create_source(source("a", true), None).await.unwrap();
    for task in ["one", "two"] {
        world.create(task, &["a"]).await;
        world.start(task).await.unwrap();
    }
    world.script.until(|at_work| at_work == [key("one", "a")]).await;
    assert_eq!(world.stages("two"), [SubtaskStage::Running]);
    let waiting = world.cluster.view().task(&name("two")).unwrap()[0].progress.waiting.clone();
    assert_eq!(waiting.as_deref(), Some("it waits for its turn: 1 subtasks copy at once"));
    world.script.end(&key("one", "a"), SubtaskEnd::Finished);
    world.script.until(|at_work| at_work == [key("two", "a")]).await;
}

#[tokio::test]
async fn notes_on_a_target_that_is_down_keep_a_task_unless_forced() {
    let world = World::new().await;
    world.create("shop", &["a"]).await;
    world.script.target_is_down.store(true, Ordering::SeqCst);
    let refused = world.cluster.delete_task(name("shop"), false).await.unwrap_err();
    assert_eq!(refused.code, Some(49001));
    assert!(refused.to_text().contains("database driver error"), "{}", refused.to_text());
    let deleted = world.cluster.delete_task(name("shop"), true).await.unwrap();
    assert_eq!(deleted.stays.len(), 1);
}

#[tokio::test]
async fn sources_move_between_workers_and_wait_for_one() {
    let world = World::with(Settings { workers: 2, ..Settings::default() });
    for name in ["a", "b", "c"] {
        world.cluster.create_source(source(name, true), None).await.unwrap();
    }
    let served = |world: &World| {
        let view = world.cluster.view();
        view.state
            .sources
            .values()
            .map(|one| one.worker.as_ref().map_or("-".to_owned(), ToString::to_string))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(served(&world), "worker1 worker2 -");
    let refused = world.cluster.create_task(name("shop"), task("shop", &["c"], 4, 4000), failed).await.unwrap_err();
    assert_eq!(refused.code, Some(46009));
    assert_eq!(world.cluster.transfer_source(on("a"), WorkerName::seen("worker2")).await.unwrap_err().code, Some(46006));
    assert_eq!(world.cluster.remove_worker(WorkerName::seen("worker1")).await.unwrap_err().code, Some(46005));
    world.cluster.delete_source(on("a"), false).await.unwrap();
    assert_eq!(served(&world), "worker2 worker1", "who waited gets the worker that is free now");
}

#[tokio::test]
async fn what_is_not_there_yet_is_refused_in_these_words() {
    let world = World::new().await;
    let mut all = task("shop", &["a"], 4, 4000);
    all.task_mode = Some(dmctl::model::file::Given::new("all"));
    let mut sharded = task("shop", &["a"], 4, 4000);
    sharded.shard_mode = Some(dmctl::model::file::Given::new("pessimistic"));
    for file in [all, sharded] {
        let refused = world.cluster.create_task(name("shop"), file, failed).await.unwrap_err();
        assert!(refused.message.contains("not yet in this version"), "{refused:?}");
    }
    let mut relay = source("c", true);
    relay.enable_relay = Some(dmctl::model::file::Given::new(true));
    let refused = world.cluster.create_source(relay, None).await.unwrap_err();
    assert!(refused.message.contains("not yet in this version"), "{refused:?}");
}

#[tokio::test]
async fn what_was_copied_is_still_shown_after_a_restart() {
    for end in [SubtaskEnd::Finished, SubtaskEnd::Failed(vec![DmError::plain("no room")])] {
        let world = World::new().await;
        world.create("shop", &["a"]).await;
        world.start("shop").await.unwrap();
        world.end("shop", end).await;
        world.cluster.shut_down(Duration::from_secs(20)).await;
        let stage = world.stages("shop");
        let world = world.again();
        assert_eq!((world.stages("shop"), world.rows("shop")), (stage, ROWS));
        world.cluster.start_task(name("shop"), StartOptions { over: true, ..StartOptions::default() }).await.unwrap();
        assert_eq!(world.rows("shop"), 0, "what begins anew has nothing yet");
        world.cluster.shut_down(Duration::from_secs(20)).await;
    }
}

#[tokio::test]
async fn a_shut_down_keeps_what_is_wanted() {
    let folder = TempDir::new().unwrap();
    let script = Script::new();
    let open = |script: &Arc<Script>| {
        let engine = Arc::new(Scripted(Arc::clone(script)));
        Cluster::open(folder.path(), Settings::default(), engine, Handle::current()).unwrap()
    };
    let cluster = open(&script);
    cluster.create_source(source("a", true), None).await.unwrap();
    cluster.create_task(name("shop"), task("shop", &["a"], 4, 4000), failed).await.unwrap();
    cluster.start_task(name("shop"), StartOptions::default()).await.unwrap();
    script.until(|at_work| at_work.len() == 1).await;
    cluster.shut_down(Duration::from_secs(20)).await;
    assert_eq!(script.at_work(), []);
    let refused = cluster.enable_source(on("a")).await.unwrap_err();
    assert_eq!(refused.message, "the server is shutting down");
    let cluster = open(&script);
    script.until(|at_work| at_work == [key("shop", "a")]).await;
    cluster.shut_down(Duration::from_secs(20)).await;
}
