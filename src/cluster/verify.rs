//! Comparing what a task has copied.

use std::sync::Arc;

use super::core::Core;
use super::engine::TellProgress;
use super::state::{Key, Subtask};
use super::view::View;
use super::{Cluster, refusal};
use crate::model::lifecycle::Life;
use crate::model::subtask::SubtaskSpec;
use crate::model::task_file::TaskFile;
use crate::model::verification::{Verification, VerifyOptions};
use crate::model::{DmError, SourceName, TaskName};

impl Core {
    /// All subtasks of a task of which nothing is at work, and the file that they follow from.
    fn specs_to_verify(&self, task: &TaskName, sources: &[SourceName]) -> Result<(Vec<SubtaskSpec>, Arc<TaskFile>), DmError> {
        self.chosen(task, sources)?;
        let all = self.chosen(task, &[])?;
        let keys: Vec<Key> = all.iter().map(|(source, _)| (task.clone(), source.clone())).collect();
        let is_at_work =
            |(key, (_, subtask)): &(&Key, &(SourceName, Subtask))| subtask.life == Life::Running || self.runs.contains_key(*key);
        if let Some(((_, source), _)) = keys.iter().zip(&all).find(is_at_work) {
            return Err(refusal::runs_while_verified(task, source));
        }
        let specs: Result<Vec<SubtaskSpec>, DmError> = keys.iter().map(|key| self.spec(key)).collect();
        let kept = self.state.tasks.get(task).ok_or_else(|| refusal::no_task(task))?;
        Ok((specs?, Arc::clone(&kept.file)))
    }
}

/// Whether a task is there as its file says, and nothing of it runs.
fn rests(view: &View, task: &TaskName, file: &Arc<TaskFile>) -> bool {
    view.state.tasks.get(task).is_some_and(|kept| {
        // A change of the task brings another file.
        Arc::ptr_eq(&kept.file, file)
            && kept
                .subtasks
                .iter()
                .all(|(source, subtask)| subtask.life != Life::Running && !view.at_work(&(task.clone(), source.clone())))
    })
}

/// A comparison that can begin.
pub struct PlannedVerification {
    task: TaskName,
    file: Arc<TaskFile>,
    specs: Vec<SubtaskSpec>,
    options: VerifyOptions,
}

impl Cluster {
    /// Sees that the target of a task can be compared with its sources.
    ///
    /// # Errors
    /// No such task or source; the task runs.
    pub async fn plan_verification(&self, task: TaskName, options: VerifyOptions) -> Result<PlannedVerification, DmError> {
        let (name, sources) = (task.clone(), options.sources.clone());
        let (specs, file) = self.ask(move |core| core.specs_to_verify(&name, &sources)).await??;
        Ok(PlannedVerification { task, file, specs, options })
    }

    /// Compares the target of a task with its sources. The task can be changed meanwhile; then the comparison is given up. It ends, too,
    /// when this is dropped.
    ///
    /// # Errors
    /// The task was started, changed or deleted meanwhile; what a database says.
    pub async fn verify_task(&self, planned: PlannedVerification, tell: TellProgress) -> Result<Verification, DmError> {
        let PlannedVerification { task, file, specs, options } = planned;
        let work = self.engine.verify(specs, options, tell);
        tokio::select! {
            found = work => found,
            moved = self.wait_until(|view| !rests(view, &task, &file)) => {
                moved?;
                Err(refusal::moved_while_verified(&task))
            }
        }
    }
}
