//! Comparing what a task has copied.

use super::core::Core;
use super::engine::TellProgress;
use super::state::Key;
use super::view::View;
use super::{Cluster, refusal};
use crate::model::lifecycle::Life;
use crate::model::subtask::SubtaskSpec;
use crate::model::verification::{Verification, VerifyOptions};
use crate::model::{DmError, SourceName, TaskName};

impl Core {
    /// All subtasks of a task of which nothing is at work.
    fn specs_to_verify(&self, task: &TaskName, sources: &[SourceName]) -> Result<Vec<SubtaskSpec>, DmError> {
        self.chosen(task, sources)?;
        let all = self.chosen(task, &[])?;
        let keys: Vec<Key> = all.iter().map(|(source, _)| (task.clone(), source.clone())).collect();
        let is_at_work = |key: &Key| self.runs.contains_key(key);
        if let Some((source, _)) = all.iter().find(|(_, subtask)| subtask.life == Life::Running) {
            return Err(refusal::runs_while_verified(task, source));
        }
        if let Some((_, source)) = keys.iter().find(|key| is_at_work(key)) {
            return Err(refusal::runs_while_verified(task, source));
        }
        keys.iter().map(|key| self.spec(key)).collect()
    }
}

/// Whether a task is there, and nothing of it runs.
fn rests(view: &View, task: &TaskName) -> bool {
    view.state.tasks.get(task).is_some_and(|kept| {
        kept.subtasks
            .iter()
            .all(|(source, subtask)| subtask.life != Life::Running && !view.at_work(&(task.clone(), source.clone())))
    })
}

/// A comparison that can begin.
pub struct PlannedVerification {
    task: TaskName,
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
        let specs = self.ask(move |core| core.specs_to_verify(&name, &sources)).await??;
        Ok(PlannedVerification { task, specs, options })
    }

    /// Compares the target of a task with its sources. The task can be changed meanwhile; then the comparison is given up. It ends, too,
    /// when this is dropped.
    ///
    /// # Errors
    /// The task was started or deleted meanwhile; what a database says.
    pub async fn verify_task(&self, planned: PlannedVerification, tell: TellProgress) -> Result<Verification, DmError> {
        let PlannedVerification { task, specs, options } = planned;
        let work = self.engine.verify(specs, options, tell);
        tokio::select! {
            found = work => found,
            moved = self.wait_until(|view| !rests(view, &task)) => {
                moved?;
                Err(refusal::moved_while_verified(&task))
            }
        }
    }
}
