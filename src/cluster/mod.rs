//! The DM that dmctl carries inside: which sources and tasks there are, what is wanted of them, and what becomes of it.
//!
//! One core owns the state. A change is checked, written to the store, then made, then answered; so nothing that was answered is lost.
//! Whatever takes long (a check, a connection, the end of some work) goes on outside the core, with the names it is about reserved.

mod core;
mod engine;
mod migrations;
mod refusal;
mod rows;
mod run;
mod source;
mod source_change;
mod state;
mod store;
mod task;
mod task_change;
mod template;
mod verify;
mod view;
mod worker;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use self::core::{Core, Line, Parts};
use crate::model::DmError;
use crate::model::log::Log;

pub use self::engine::{Engine, TellProgress, Work};
pub use source_change::{Started, without_source};
pub use state::{Key, Record, Source, State, Subtask, Task};
pub use store::{DATABASE, Journal, OpenError, Opened, Store, StoreError};
pub use task::{Part, Said, StartOptions, StopOptions};
pub use task_change::{Created, Deleted, Updated};
pub use verify::PlannedVerification;
pub use view::{SubtaskView, View};

/// How long work gets to stop by itself, unless it is said otherwise.
pub const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How a cluster is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many workers there are; each serves one source.
    pub workers: usize,
    /// How many subtasks copy at once; the others wait for their turn.
    pub copies: usize,
    /// Where it tells what it does.
    pub log: Log,
}

impl Default for Settings {
    fn default() -> Self {
        Self { workers: 4, copies: 8, log: Log::silent() }
    }
}

/// Why a cluster could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store can't be written to.
    #[error(transparent)]
    Write(#[from] StoreError),
    /// There is no thread to be had.
    #[error("no thread could be started: {0}")]
    Thread(#[from] io::Error),
}

/// A running cluster. Clones are the same cluster.
#[derive(Clone)]
pub struct Cluster {
    line: Line,
    view: watch::Receiver<Arc<View>>,
    engine: Arc<dyn Engine>,
    runtime: Handle,
}

impl Cluster {
    /// Opens the store in a folder and goes on with what it holds. Work is done on `runtime`.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn open(folder: &Path, settings: Settings, engine: Arc<dyn Engine>, runtime: Handle) -> Result<Self, StartError> {
        let (store, opened) = Store::open(folder)?;
        Self::start(opened, Box::new(store), settings, engine, runtime)
    }

    /// Goes on with what a store held, and writes to `journal`.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(
        opened: Opened,
        mut journal: Box<dyn Journal>,
        settings: Settings,
        engine: Arc<dyn Engine>,
        runtime: Handle,
    ) -> Result<Self, StartError> {
        let Opened { mut state, cluster_id } = opened;
        let mut records = worker::records(&state, settings.workers);
        let mut bound = state.clone();
        records.iter().cloned().for_each(|record| bound.apply(record));
        records.extend(bound.bindings());
        if !records.is_empty() {
            journal.write(&records)?;
            records.into_iter().for_each(|record| state.apply(record));
        }
        let parts = Parts {
            state,
            cluster_id,
            journal,
            engine: Arc::clone(&engine),
            runtime: runtime.clone(),
            log: settings.log,
            copies: settings.copies.max(1),
        };
        let (line, view) = Core::launch(parts)?;
        Ok(Self { line, view, engine, runtime })
    }

    /// How things are now.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.borrow())
    }

    /// Waits until things are as they should be.
    ///
    /// # Errors
    /// When the cluster ends before that.
    pub async fn wait_until(&self, is_so: impl Fn(&View) -> bool) -> Result<(), DmError> {
        let mut view = self.view.clone();
        view.wait_for(|view| is_so(view)).await.map(drop).map_err(|_| refusal::closing())
    }

    /// Stops all work and ends. What was wanted at work goes on when the store is opened again.
    pub async fn shut_down(&self, within: Duration) {
        let deadline = Instant::now() + within;
        if let Ok(endings) = self.ask(Core::close).await {
            run::wait_all(endings, deadline).await;
        }
        self.gone().await;
    }

    /// Waits until the cluster has ended.
    pub fn gone(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut view = self.view.clone();
        async move { while view.changed().await.is_ok() {} }
    }

    /// Lets the core do something and hands back what came of it.
    async fn ask<T: Send + 'static>(&self, job: impl FnOnce(&mut Core) -> T + Send + 'static) -> Result<T, DmError> {
        let (answer, answered) = oneshot::channel();
        self.line.send(move |core| {
            // Whoever asked may be gone.
            let _gone = answer.send(job(core));
        });
        answered.await.map_err(|_| refusal::closing())
    }

    /// Does something to its end, even when whoever asked for it hangs up.
    async fn through<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DmError>> + Send + 'static,
    ) -> Result<T, DmError> {
        self.runtime.spawn(work).await.unwrap_or_else(|_| Err(DmError::plain("it broke off: this is a mistake in dmctl")))
    }
}
