//! The engine that moves rows, as the cluster asks for it.

use std::sync::Arc;

use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cluster::{Engine, TellProgress, Work};
use crate::engine;
use crate::model::DmError;
use crate::model::source_file::SourceFile;
use crate::model::subtask::{Checked, Reporter, SubtaskEnd, SubtaskSpec};
use crate::model::verification::{Verification, VerifyOptions};

/// Copies, on threads of its own: whoever asks how things are does not wait behind rows.
pub(super) struct Copier(Handle);

/// How much those who copy stand back behind those who answer, as nice(2) has it. The databases do most of the work of a copy, which takes
/// no longer for it.
const NICE: i32 = 10;

/// The threads that copy.
///
/// # Errors
/// There are none to be had.
pub(super) fn threads() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("copy").on_thread_start(stand_back).build()
}

/// Lets this thread stand back. Only Linux gives a thread a priority of its own; elsewhere it would be that of the whole process.
fn stand_back() {
    if cfg!(target_os = "linux") {
        // Where that can't be had, all threads are alike.
        let _refused = rustix::process::setpriority_process(None, NICE);
    }
}

impl Copier {
    pub(super) const fn new(threads: Handle) -> Self {
        Self(threads)
    }
}

impl Engine for Copier {
    fn run(&self, spec: SubtaskSpec, reporter: Arc<dyn Reporter>, mut stop: watch::Receiver<bool>) -> Work<SubtaskEnd> {
        let work = there(self.0.clone(), async move {
            let token = CancellationToken::new();
            let mut work = Box::pin(engine::run(&spec, reporter, token.clone()));
            tokio::select! {
                end = &mut work => end,
                () = told(&mut stop) => {
                    token.cancel();
                    work.await
                }
            }
        });
        Box::pin(async move { work.await.unwrap_or(SubtaskEnd::Stopped) })
    }

    fn check(&self, specs: Vec<SubtaskSpec>) -> Work<Checked> {
        Box::pin(async move { engine::check(&specs).await })
    }

    fn complete_source(&self, source: SourceFile) -> Work<Result<SourceFile, DmError>> {
        Box::pin(engine::complete_source(source))
    }

    fn forget(&self, spec: SubtaskSpec) -> Work<Result<(), DmError>> {
        Box::pin(async move { engine::forget(&spec).await })
    }

    fn start_over(&self, spec: SubtaskSpec) -> Work<Result<(), DmError>> {
        Box::pin(async move { engine::start_over(&spec).await })
    }

    fn verify(&self, specs: Vec<SubtaskSpec>, options: VerifyOptions, tell: TellProgress) -> Work<Result<Verification, DmError>> {
        let work = there(self.0.clone(), engine::verify(specs, options, tell));
        Box::pin(async move { work.await.unwrap_or_else(|| Err(DmError::plain("the server is shutting down"))) })
    }

    fn schemas(&self, source: SourceFile) -> Work<Result<Vec<String>, DmError>> {
        Box::pin(async move { engine::schemas(&source).await })
    }

    fn tables(&self, source: SourceFile, schema: String) -> Work<Result<Vec<String>, DmError>> {
        Box::pin(async move { engine::tables(&source, &schema).await })
    }
}

/// Does something on other threads. It ends when this is dropped; nothing comes of it when the threads are gone.
async fn there<T: Send + 'static>(threads: Handle, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let mut alone = JoinSet::new();
    alone.spawn_on(work, &threads);
    match alone.join_next().await? {
        Ok(done) => Some(done),
        Err(broken) if broken.is_panic() => std::panic::resume_unwind(broken.into_panic()),
        Err(_) => None,
    }
}

/// Waits until it becomes true. Nobody left to say so counts as well.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _nobody_left = stop.wait_for(|told| *told).await.is_err();
}
