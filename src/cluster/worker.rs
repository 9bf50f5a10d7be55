//! Workers: named places of the process, each for one source.

use std::sync::Arc;

use super::state::{Record, Source, State};
use super::{Cluster, refusal};
use crate::model::{DmError, SourceName, WorkerName};

/// Brings the workers to a number. One that serves a source stays.
pub(super) fn records(state: &State, wanted: usize) -> Vec<Record> {
    let name = |number: usize| WorkerName::seen(format!("worker{number}"));
    let missing = (1..=wanted).map(name).filter(|worker| !state.workers.contains(worker));
    let mut records: Vec<_> = missing.take(wanted.saturating_sub(state.workers.len())).map(Record::Worker).collect();
    let free = state.workers.iter().rev().filter(|worker| state.served_by(worker).is_none());
    records.extend(free.take(state.workers.len().saturating_sub(wanted)).cloned().map(Record::NoWorker));
    records
}

impl Cluster {
    /// Moves a source to a free worker. Its subtasks go on as they are.
    ///
    /// # Errors
    /// No such source, no such worker, a worker that serves another source, a source that is being changed.
    pub async fn transfer_source(&self, source: SourceName, worker: WorkerName) -> Result<(), DmError> {
        self.ask(move |core| {
            let kept = core.state.sources.get(&source).ok_or_else(|| refusal::no_source(&source))?;
            if !core.state.workers.contains(&worker) {
                return Err(refusal::no_worker(&worker));
            }
            if kept.worker.as_ref() == Some(&worker) {
                return Ok(());
            }
            if let Some(other) = core.state.served_by(&worker) {
                return Err(refusal::worker_bound(&worker, other));
            }
            core.reserved.source(&source)?;
            let moved = Source { worker: Some(worker), ..Source::clone(kept) };
            core.change(vec![Record::Source(source, Arc::new(moved))])
        })
        .await?
    }

    /// Takes a worker away that serves no source.
    ///
    /// # Errors
    /// No such worker, or one that serves a source.
    pub async fn remove_worker(&self, worker: WorkerName) -> Result<(), DmError> {
        self.ask(move |core| {
            if !core.state.workers.contains(&worker) {
                return Err(refusal::no_worker(&worker));
            }
            if let Some(source) = core.state.served_by(&worker) {
                return Err(refusal::worker_in_use(&worker, source));
            }
            core.change(vec![Record::NoWorker(worker)])
        })
        .await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_workers_is_what_was_wanted_unless_they_serve_sources() {
        let mut state = State::default();
        let after = |state: &mut State, wanted| {
            records(state, wanted).into_iter().for_each(|record| state.apply(record));
            state.workers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(after(&mut state, 2), "worker1 worker2");
        assert_eq!(after(&mut state, 11).split(' ').next_back(), Some("worker11"));
        let source = Source { file: Default::default(), worker: Some(WorkerName::seen("worker3")) };
        state.apply(Record::Source(SourceName::seen("a"), Arc::new(source)));
        assert_eq!(after(&mut state, 1), "worker3");
        assert_eq!(after(&mut state, 2), "worker1 worker3");
    }
}
