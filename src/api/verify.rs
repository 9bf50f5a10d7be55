//! The comparison of sources and target, which only the server inside this program has.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::config::segment;
use super::error::{Error, Fault};
use super::masters::{Master, Miss, Pace};
use super::rest::{REFUSAL_LIMIT, Speaker, body_of, deepest, refusal};
use super::task::once_each;
use super::{ANSWER_LIMIT, Asked, Client};
use crate::model::verification::{Verification, VerifyLine, VerifyOptions, VerifyProgress};
use crate::model::{DmError, SourceName, TaskName};

/// What a cluster must be able to do for it.
const CAPABILITY: &str = "verify";
/// For how long the server may say nothing: it tells every second how far it is.
const SILENCE: Duration = Duration::from_secs(60);
/// How long it may take in all: as long as it takes.
const LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

impl Client {
    /// Whether the cluster can compare. Where the REST API is off it can't.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn can_verify(&self) -> Result<bool, Error> {
        match self.can(CAPABILITY).await {
            Err(Error::OpenApiOff { .. }) => Ok(false),
            known => known,
        }
    }

    /// Compares the target of a task with its sources, and tells how far it is. The server gives it up when this is dropped.
    ///
    /// # Errors
    /// Refused, also while the task runs; what a database says; when no master answers.
    pub async fn verify_task(
        &self,
        task: &TaskName,
        options: &VerifyOptions,
        tell: impl Fn(&VerifyProgress),
    ) -> Result<Verification, Error> {
        let mut body = json!({ "show_values": options.show_values, "rows": options.rows });
        if !options.sources.is_empty() {
            body["source_name_list"] = once_each(&options.sources).iter().map(SourceName::as_str).collect();
        }
        // It goes to one that is known to answer.
        self.members(Asked { leader: true, ..Asked::default() }, &[]).await?;
        let path = format!("/api/v1/tasks/{}/verify", segment(task.as_str()));
        self.ask("POST /tasks/{task-name}/verify", Pace::OneByOne, LIMIT, async |master| {
            self.verify_at(&master, &path, &body, &tell).await
        })
        .await
    }

    async fn verify_at(
        &self,
        master: &Master,
        path: &str,
        body: &Value,
        tell: &impl Fn(&VerifyProgress),
    ) -> Result<Verification, Miss> {
        let url = self.url(master, path)?;
        let request = master.admitted(self.http_once()?.request(Method::POST, url)).json(body);
        let broken = |error: reqwest::Error| Miss::Elsewhere(Fault::Transport(deepest(&error)));
        let mut response = request.send().await.map_err(broken)?;
        if !response.status().is_success() {
            let status = response.status();
            let body = body_of(response, REFUSAL_LIMIT).await.unwrap_or_default();
            return Err(match refusal(&body) {
                Some((said, Speaker::Dm | Speaker::Frame)) => Error::Refused(said).into(),
                None => Miss::Elsewhere(Fault::NotDm(format!("it answers `{status}`, which a master never does"))),
            });
        }
        let garbled = |what: &str| Miss::Final(Error::Malformed { address: master.address().clone(), what: what.to_owned() });
        let mut text: Vec<u8> = Vec::new();
        loop {
            let chunk = match tokio::time::timeout(SILENCE, response.chunk()).await {
                Err(_) => return Err(garbled(&format!("it said nothing for {}s", SILENCE.as_secs()))),
                Ok(Err(error)) => return Err(garbled(&format!("it broke off ({})", deepest(&error)))),
                Ok(Ok(None)) => return Err(garbled("it broke off before the result")),
                Ok(Ok(Some(chunk))) => chunk,
            };
            // What was there before has no end of a line.
            let mut seen = text.len();
            text.extend_from_slice(&chunk);
            while let Some(end) = text[seen..].iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = text.drain(..=seen + end).collect();
                seen = 0;
                match serde_json::from_slice(&line) {
                    Ok(VerifyLine::Progress(progress)) => tell(&progress),
                    Ok(VerifyLine::Result(found)) => return Ok(*found),
                    Ok(VerifyLine::Error(said)) => return Err(Error::Refused(DmError::parse(&said)).into()),
                    Err(error) => return Err(garbled(&error.to_string())),
                }
            }
            if text.len() > ANSWER_LIMIT {
                return Err(garbled(&format!("a line is larger than {} MiB", ANSWER_LIMIT >> 20)));
            }
        }
    }
}
