//! What the state machine asks of an engine, in plain values only: the one that moves rows is another room, and tests script theirs.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

use crate::model::DmError;
use crate::model::source_file::SourceFile;
use crate::model::subtask::{Checked, Reporter, SubtaskEnd, SubtaskSpec};
use crate::model::verification::{Verification, VerifyOptions, VerifyProgress};

/// Something that goes on outside the state machine.
pub type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Who is told how far a comparison is.
pub type TellProgress = Arc<dyn Fn(VerifyProgress) + Send + Sync>;

/// Does the work of subtasks.
///
/// A run that is dropped in the middle must be as good as one whose process died: the next run goes on from what the target holds.
pub trait Engine: Send + Sync + 'static {
    /// Works on a subtask until it is through, can't go on, or is asked to stop: `stop` becomes true. Faults that may pass are
    /// retried inside, and told to `reporter`.
    fn run(&self, spec: SubtaskSpec, reporter: Arc<dyn Reporter>, stop: watch::Receiver<bool>) -> Work<SubtaskEnd>;

    /// Checks whether subtasks of one task could run.
    fn check(&self, specs: Vec<SubtaskSpec>) -> Work<Checked>;

    /// Connects to a source, and fills in what its file leaves open: flavor, server id, case sensitivity.
    fn complete_source(&self, source: SourceFile) -> Work<Result<SourceFile, DmError>>;

    /// Removes what a subtask has noted on the target about its own work. The rows stay.
    fn forget(&self, spec: SubtaskSpec) -> Work<Result<(), DmError>>;

    /// Lets the next run of a subtask begin from the beginning.
    fn start_over(&self, spec: SubtaskSpec) -> Work<Result<(), DmError>>;

    /// Compares the target of a task, whose subtasks these are, with its sources. Nothing is changed, and nothing is left behind when it
    /// is dropped in the middle.
    fn verify(&self, specs: Vec<SubtaskSpec>, options: VerifyOptions, tell: TellProgress) -> Work<Result<Verification, DmError>>;

    /// Lists the schemas of a source.
    fn schemas(&self, source: SourceFile) -> Work<Result<Vec<String>, DmError>>;

    /// Lists the base tables of a schema of a source.
    fn tables(&self, source: SourceFile, schema: String) -> Work<Result<Vec<String>, DmError>>;
}
