//! What others see: the state as it was last written, and how far the work is at this moment.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::watch;

use super::core::Core;
use super::state::{Key, State, Subtask};
use crate::model::lifecycle::Life;
use crate::model::subtask::SubtaskProgress;
use crate::model::{DmError, SourceName, SubtaskStage, TaskName, WorkerName};

/// How things are. It is never waited for.
#[derive(Debug, Default)]
pub struct View {
    /// The number that tells this cluster from others.
    pub cluster_id: u64,
    /// What is kept.
    pub state: State,
    work: BTreeMap<Key, watch::Receiver<SubtaskProgress>>,
    last: BTreeMap<Key, SubtaskProgress>,
    queued: BTreeSet<Key>,
    copies: usize,
}

/// A subtask as it is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct SubtaskView {
    /// Its task.
    pub task: TaskName,
    /// Its source.
    pub source: SourceName,
    /// The worker that serves the source.
    pub worker: Option<WorkerName>,
    /// Where it is in its life.
    pub life: Life,
    /// What it does.
    pub stage: SubtaskStage,
    /// How far it is.
    pub progress: SubtaskProgress,
    /// The errors that stopped it.
    pub errors: Vec<DmError>,
}

impl View {
    pub(super) fn of(core: &Core, cluster_id: u64) -> Self {
        Self {
            cluster_id,
            state: core.state.clone(),
            work: core.runs.iter().map(|(key, run)| (key.clone(), run.progress.clone())).collect(),
            last: core.last.clone(),
            queued: core.queue.iter().cloned().collect(),
            copies: core.copies,
        }
    }

    /// Whether an engine is at work on a subtask.
    #[must_use]
    pub fn at_work(&self, key: &Key) -> bool {
        self.work.contains_key(key)
    }

    /// The subtasks of a task, in the order of their sources; `None` when there is no such task.
    #[must_use]
    pub fn task(&self, task: &TaskName) -> Option<Vec<SubtaskView>> {
        let kept = self.state.tasks.get(task)?;
        Some(kept.subtasks.iter().map(|(source, subtask)| self.subtask((task.clone(), source.clone()), subtask)).collect())
    }

    /// The subtasks on a source, in the order of their tasks.
    #[must_use]
    pub fn source(&self, source: &SourceName) -> Vec<SubtaskView> {
        self.state.tasks_of(source).map(|(task, subtask)| self.subtask((task.clone(), source.clone()), subtask)).collect()
    }

    fn subtask(&self, key: Key, subtask: &Subtask) -> SubtaskView {
        let at_work = self.work.get(&key);
        let mut progress = match (at_work, self.last.get(&key), &subtask.figures) {
            (Some(progress), ..) => progress.borrow().clone(),
            (None, Some(last), _) => last.clone(),
            (None, None, Some(figures)) => figures.as_ref().into(),
            (None, None, None) => SubtaskProgress::default(),
        };
        if self.queued.contains(&key) {
            progress.waiting = Some(format!("it waits for its turn: {} subtasks copy at once", self.copies));
        } else if at_work.is_none() {
            progress.waiting = None;
            progress.rows_per_second = 0;
            progress.bytes_per_second = 0;
        }
        let stage = subtask.life.stage(at_work.is_some());
        let worker = self.state.sources.get(&key.1).and_then(|source| source.worker.clone());
        let (task, source) = key;
        SubtaskView { task, source, worker, life: subtask.life, stage, progress, errors: subtask.errors.clone() }
    }
}
