//! What `relay start` and `relay stop` have in common: on which workers, and until when.

use std::time::Duration;

use tokio::time::Instant;

use super::super::Context;
use super::super::change::{Changed, Part, SEEN};
use super::super::wait::until;
use crate::api::{Error, Heard};
use crate::exit::Failure;
use crate::model::status::{Relay, WorkerReport};
use crate::model::{DmError, SourceName, SubtaskStage, WorkerName};
use crate::output::{Reply, human};

/// How long a relay log may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// An error that was there before is shown for a while after a start.
const STALE: Duration = Duration::from_secs(3);

/// Starts or stops the relay log of a source, and waits until that shows.
pub(super) async fn operate(
    context: &Context<'_>,
    source: &SourceName,
    typed: &[WorkerName],
    start: bool,
) -> Result<Reply, Failure> {
    let before = reports(context, source).await?;
    let keeping: Vec<WorkerName> =
        before.iter().filter(|report| report.relay.is_some()).filter_map(|report| report.worker.clone()).collect();
    let workers = match (typed, start) {
        ([], false) if keeping.is_empty() => {
            return Ok(Changed::new(format!("no worker keeps a relay log of source `{source}`; nothing was sent"))
                .with([Part::of(source)])
                .reply());
        }
        ([], false) => keeping.clone(),
        ([], true) => vec![bound(context, source).await?],
        (typed, _) => typed.to_vec(),
    };
    let runs = |worker: &WorkerName| {
        before.iter().any(|report| {
            report.worker.as_ref() == Some(worker)
                && report.relay.as_ref().is_some_and(|relay| relay.stage == SubtaskStage::Running)
        })
    };
    if start && workers.iter().all(runs) {
        return Ok(Changed::new(format!("the relay log of source `{source}` is kept already; nothing was sent"))
            .with(parts(source, &before, &workers))
            .reply());
    }
    let word = if start { "keep" } else { "end" };
    if let Some(reply) = context.rehearsal(&format!("{word} the relay log of source `{source}` on {}", list(&workers))) {
        return Ok(reply);
    }
    let sent = match context.client.operate_relay(source, &workers, start).await {
        // A source with `enable-relay` takes no names, and one without takes nothing else.
        Err(Error::Refused(DmError { code: Some(46030 | 46031), .. })) if typed.is_empty() => {
            context.client.operate_relay(source, &[], start).await
        }
        sent => sent,
    };
    let (heard, lost) = match sent {
        Ok(heard) => (heard, None),
        Err(lost @ Error::Lost { .. }) => (Vec::new(), Some(lost)),
        Err(error) => return Err(cured(error)),
    };
    let (after, open) = match (wait(context, source, &workers, start).await, &lost) {
        (Ok((after, open)), None) => (after, open),
        (Ok((after, open)), Some(_)) if open.is_empty() => (after, open),
        (Ok(_), Some(lost)) => return Err(lost.clone().seen(Some(false)).into()),
        (Err(_), Some(lost)) => return Err(lost.clone().into()),
        (Err(error), None) => {
            let what = if start { "the start" } else { "the end" };
            return Err(Failure::from(error).because(format!("{what} of the relay log was accepted before")));
        }
    };
    let message = if start {
        format!("the relay log of source `{source}` is kept on {}", list(&workers))
    } else {
        format!("the relay log of source `{source}` is kept no more on {}", list(&workers))
    };
    let mut changed = Changed::new(message).with(if start { parts(source, &after, &workers) } else { Vec::new() });
    changed = changed.with(heard.into_iter().filter(|heard: &Heard| !start || heard.failed).map(Part::heard));
    if lost.is_some() {
        changed = changed.noting(SEEN);
    }
    if !open.is_empty() {
        changed = changed.noting(format!("after {} this does not show yet on {}", human::duration(PATIENCE), list(&open))).late();
    }
    Ok(changed.reply())
}

/// What the workers say that have to do with a source. A silent one is left out.
pub(super) async fn reports(context: &Context<'_>, source: &SourceName) -> Result<Vec<WorkerReport>, Error> {
    Ok(context.client.source_status(source).await?.reports.into_iter().flatten().collect())
}

async fn bound(context: &Context<'_>, source: &SourceName) -> Result<WorkerName, Failure> {
    context.client.worker_of(source).await?.ok_or_else(|| {
        Failure::refused(format!("no worker serves source `{source}`"))
            .because("nothing was sent")
            .hinted("name one with `--worker-name`; `dmctl member list --role worker` shows who there is")
    })
}

/// Waits until the relay log is as wanted on each worker, or has failed. Returns what was seen, and the workers where it is neither.
async fn wait(
    context: &Context<'_>,
    source: &SourceName,
    workers: &[WorkerName],
    start: bool,
) -> Result<(Vec<WorkerReport>, Vec<WorkerName>), Error> {
    let started = Instant::now();
    let open = |reports: &Vec<WorkerReport>| -> Vec<WorkerName> {
        let relay = |worker: &WorkerName| -> Option<&Relay> {
            reports.iter().find(|report| report.worker.as_ref() == Some(worker)).and_then(|report| report.relay.as_ref())
        };
        let settled = started.elapsed() >= STALE;
        let is_open = |worker: &&WorkerName| match relay(worker) {
            Some(relay) if start => relay.stage != SubtaskStage::Running && (!settled || relay.errors.is_empty()),
            None if start => true,
            relay => relay.is_some(),
        };
        workers.iter().filter(is_open).cloned().collect()
    };
    let look = async || reports(context, source).await;
    let (reports, _) = until(PATIENCE, LOOK_EVERY, look, |reports| open(reports).is_empty()).await?;
    let open = open(&reports);
    Ok((reports, open))
}

fn parts(source: &SourceName, reports: &[WorkerReport], workers: &[WorkerName]) -> Vec<Part> {
    let about = reports.iter().filter(|report| report.worker.as_ref().is_some_and(|worker| workers.contains(worker)));
    about.filter_map(|report| Some(Part::relay(source, report.worker.as_ref(), report.relay.as_ref()?))).collect()
}

fn list(workers: &[WorkerName]) -> String {
    workers.iter().map(|worker| format!("`{worker}`")).collect::<Vec<_>>().join(", ")
}

/// What to do about a refusal.
fn cured(error: Error) -> Failure {
    let code = error.code();
    let failure = Failure::from(error);
    match code {
        Some(46030 | 46031) => failure
            .hinted("its configuration says `enable-relay`: leave `--worker-name` out, and the worker that serves it is meant"),
        Some(46028 | 46029) => failure.hinted("`dmctl source status SOURCE` shows which workers keep its relay log"),
        _ => failure,
    }
}
