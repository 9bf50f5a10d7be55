//! Comparing what a task has copied: a route of our own. Its answer comes line by line, since it may take long: how far it is, and in the
//! end what was found.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode, header};
use axum::response::IntoResponse as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Api;
use super::answer::Answer;
use super::request::{body_or_nothing, texts};
use crate::model::verification::{VerifyLine, VerifyOptions, VerifyProgress};
use crate::model::{DmError, SourceName, TaskName};

/// How often it is told how far it is. Who hears nothing for long may take us for dead.
const PULSE: Duration = Duration::from_secs(1);
/// How many rows are told of a table, unless it is said otherwise.
const ROWS: u64 = 20;
/// More than this nobody reads.
const MOST_ROWS: u64 = 10_000;

/// Work that ends when nobody waits for it any more.
struct Work(JoinHandle<Result<crate::model::verification::Verification, DmError>>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) async fn verify(State(api): State<Arc<Api>>, Path(name): Path<String>, request: Request<Body>) -> Answer {
    let body = body_or_nothing(request, "VerifyTask").await?;
    let options = VerifyOptions {
        sources: texts(&body["source_name_list"]).into_iter().map(SourceName::seen).collect(),
        show_values: body["show_values"] == true,
        rows: usize::try_from(body["rows"].as_u64().unwrap_or(ROWS).min(MOST_ROWS)).unwrap_or_default(),
    };
    let planned = api.cluster.plan_verification(TaskName::seen(name), options).await?;
    let (told, news) = watch::channel(VerifyProgress::default());
    let cluster = api.cluster.clone();
    let tell = Arc::new(move |progress: VerifyProgress| {
        let _before = told.send_replace(progress);
    });
    let work = Work(tokio::spawn(async move { cluster.verify_task(planned, tell).await }));
    let pulse = tokio::time::interval(PULSE);
    let lines = futures_util::stream::unfold(Some((work, news, pulse)), |state| async move {
        let (mut work, news, mut pulse) = state?;
        let line = tokio::select! {
            ended = &mut work.0 => {
                let ended = ended.unwrap_or_else(|_| Err(DmError::plain("it broke off: this is a mistake in dmctl")));
                let line = match ended {
                    Ok(found) => VerifyLine::Result(Box::new(found)),
                    Err(error) => VerifyLine::Error(error.to_text()),
                };
                return Some((text(&line), None));
            }
            _ = pulse.tick() => VerifyLine::Progress(news.borrow().clone()),
        };
        Some((text(&line), Some((work, news, pulse))))
    });
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

/// A line of the answer.
fn text(line: &VerifyLine) -> Result<String, std::io::Error> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    Ok(text)
}
