//! Changes of sources and of their relay logs.

use reqwest::Method;
use serde_json::{Value, json};

use super::change::{Change, Made, texts};
use super::config::segment;
use super::error::Error;
use super::rest::Got;
use super::{Asked, Client, WORK_DEADLINE, rpc};
use crate::model::position::BinlogName;
use crate::model::{DmError, SourceName, WorkerName};
use crate::wire::{openapi, pb};

/// What one worker said to a change of its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The source.
    pub source: SourceName,
    /// The worker, if one was asked.
    pub worker: Option<WorkerName>,
    /// It failed there.
    pub failed: bool,
    /// What was said, if anything.
    pub said: Option<DmError>,
}

impl Client {
    /// Creates a source from the text of its file (`OperateSource` Start, which keeps every key).
    ///
    /// # Errors
    /// Refused: DM connects to the source first; lost and not seen to be there.
    pub async fn create_source(&self, name: &SourceName, text: &str) -> Result<Made<Vec<Heard>>, Error> {
        let sent = self.operate_source("source create", "OperateSource Start", pb::SourceOp::StartSource, text, None).await;
        self.settle(sent, async || self.has_source(name).await.map(Some)).await
    }

    /// Changes a source to what `source` says (`PUT /sources/{source-name}`). What the body has no field for is reset.
    ///
    /// # Errors
    /// Refused, also while a task runs or a relay log is kept (46025); [`Error::OpenApiOff`]; lost, which nothing can settle.
    pub async fn update_source(&self, name: &SourceName, source: &Value) -> Result<(), Error> {
        let path = format!("/sources/{}", segment(name.as_str()));
        let body = json!({ "source": source });
        let call = "PUT /sources/{source-name}";
        let change =
            Change { operation: "source update", call, method: Method::PUT, path: &path, body: Some(&body), limit: WORK_DEADLINE };
        // The password is shown to nobody, so that a look can't tell whether it has changed.
        self.change(change).await.map(drop)
    }

    /// Deletes a source (REST, else `OperateSource` Stop, which has no force).
    ///
    /// # Errors
    /// Refused, without force also while tasks read from it (46010); lost and not seen to be gone.
    pub async fn delete_source(&self, source: &SourceName, force: bool) -> Result<Made<()>, Error> {
        let path = format!("/sources/{}{}", segment(source.as_str()), if force { "?force=true" } else { "" });
        let call = "DELETE /sources/{source-name}";
        let change =
            Change { operation: "source delete", call, method: Method::DELETE, path: &path, body: None, limit: WORK_DEADLINE };
        let sent = match self.change(change).await {
            Err(Error::OpenApiOff { address, .. }) if force => {
                Err(Error::OpenApiOff { operation: "source delete --force", address })
            }
            Err(Error::OpenApiOff { .. }) => {
                let stop = pb::SourceOp::StopSource;
                self.operate_source("source delete", "OperateSource Stop", stop, "", Some(source)).await.map(drop)
            }
            sent => sent.map(drop),
        };
        self.settle(sent, async || self.has_source(source).await.map(|there| Some(!there))).await
    }

    /// Enables a source; DM then starts all its tasks, and a server of `dmctl` says which ones it starts. Or disables it; DM stops them
    /// first.
    ///
    /// # Errors
    /// Refused; [`Error::OpenApiOff`]; lost and not seen to be so.
    pub async fn enable_source(&self, source: &SourceName, enable: bool) -> Result<Made<Option<Vec<String>>>, Error> {
        let (operation, call, verb) = if enable {
            ("source enable", "POST /sources/{source-name}/enable", "enable")
        } else {
            ("source disable", "POST /sources/{source-name}/disable", "disable")
        };
        let path = format!("/sources/{}/{verb}", segment(source.as_str()));
        let change = Change { operation, call, method: Method::POST, path: &path, body: None, limit: WORK_DEADLINE };
        let sent = self.change(change).await.map(|answer| texts(&answer, "starts"));
        self.settle(sent, async || Ok(self.source_is_enabled(source).await?.map(|is| is == enable))).await
    }

    /// Moves a source to another worker (REST, else `TransferSource`).
    ///
    /// # Errors
    /// Refused; lost and not seen to be served by that worker.
    pub async fn transfer_source(&self, source: &SourceName, worker: &WorkerName) -> Result<Made<()>, Error> {
        let path = format!("/sources/{}/transfer", segment(source.as_str()));
        let body = json!({ "worker_name": worker.as_str() });
        let call = "POST /sources/{source-name}/transfer";
        let operation = "source transfer";
        let change = Change { operation, call, method: Method::POST, path: &path, body: Some(&body), limit: WORK_DEADLINE };
        let sent = match self.change(change).await {
            Err(Error::OpenApiOff { .. }) => {
                let answer = self
                    .change_by_rpc(operation, "TransferSource", WORK_DEADLINE, async |mut stub| {
                        let request = pb::TransferSourceRequest { source: source.to_string(), worker: worker.to_string() };
                        stub.transfer_source(request).await
                    })
                    .await;
                answer.and_then(|answer| rpc::granted(answer.result, &answer.msg))
            }
            sent => sent.map(drop),
        };
        self.settle(sent, async || Ok(Some(self.worker_of(source).await?.as_ref() == Some(worker)))).await
    }

    /// Keeps a relay log of a source, or no longer (`OperateRelay`): on the named workers, or on the one that serves it.
    ///
    /// # Errors
    /// Refused; lost, which only a look at the source can settle.
    pub async fn operate_relay(&self, source: &SourceName, workers: &[WorkerName], start: bool) -> Result<Vec<Heard>, Error> {
        let (operation, call, op) = if start {
            ("relay start", "OperateRelay Start", pb::RelayOpV2::StartRelayV2)
        } else {
            ("relay stop", "OperateRelay Stop", pb::RelayOpV2::StopRelayV2)
        };
        let answer = self
            .change_by_rpc(operation, call, WORK_DEADLINE, async |mut stub| {
                let worker = workers.iter().map(ToString::to_string).collect();
                stub.operate_relay(pb::OperateRelayRequest { op: op.into(), source: source.to_string(), worker }).await
            })
            .await?;
        rpc::granted(answer.result, &answer.msg)?;
        Ok(answer.sources.into_iter().map(heard).collect())
    }

    /// Removes the relay log files of a source that come before `file` (`PurgeWorkerRelay`).
    ///
    /// # Errors
    /// Refused; lost, which nothing can settle.
    pub async fn purge_relay(&self, source: &SourceName, file: &BinlogName, sub_dir: &str) -> Result<Vec<Heard>, Error> {
        let answer = self
            .change_by_rpc("relay purge", "PurgeWorkerRelay", WORK_DEADLINE, async |mut stub| {
                let request = pb::PurgeWorkerRelayRequest {
                    sources: vec![source.to_string()],
                    filename: file.to_string(),
                    sub_dir: sub_dir.to_owned(),
                    ..Default::default()
                };
                stub.purge_worker_relay(request).await
            })
            .await?;
        rpc::granted(answer.result, &answer.msg)?;
        Ok(answer.sources.into_iter().map(heard).collect())
    }

    /// Whether tasks may run on a source; `None` where that can't be seen.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a source that the cluster does not have; [`Error::OpenApiOff`]; when no master answers.
    pub async fn source_is_enabled(&self, source: &SourceName) -> Result<Option<bool>, Error> {
        let path = format!("/sources/{}", segment(source.as_str()));
        match self.get::<openapi::Source>("whether a source is enabled", &path).await? {
            Got::Body(shown) => Ok(Some(shown.enable)),
            Got::Missing => {
                Err(Error::Unknown { kind: "source", name: source.to_string(), said: DmError::plain("source not found") })
            }
        }
    }

    /// The schemas of a source's upstream, which the master asks.
    ///
    /// # Errors
    /// Refused, also when the upstream can't be reached; [`Error::OpenApiOff`]; when no master answers.
    pub async fn source_schemas(&self, source: &SourceName) -> Result<Vec<String>, Error> {
        let path = format!("/sources/{}/schemas", segment(source.as_str()));
        self.names_at("GET /sources/{source-name}/schemas", &path).await
    }

    /// The tables of a schema of a source's upstream, without views.
    ///
    /// # Errors
    /// As of [`Self::source_schemas`].
    pub async fn source_tables(&self, source: &SourceName, schema: &str) -> Result<Vec<String>, Error> {
        let path = format!("/sources/{}/schemas/{}", segment(source.as_str()), segment(schema));
        self.names_at("GET /sources/{source-name}/schemas/{schema-name}", &path).await
    }

    async fn names_at(&self, operation: &'static str, path: &str) -> Result<Vec<String>, Error> {
        match self.get::<Option<Vec<String>>>(operation, path).await? {
            Got::Body(names) => Ok(names.unwrap_or_default()),
            Got::Missing => Ok(Vec::new()),
        }
    }

    /// Whether the cluster has a source of this name.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn has_source(&self, source: &SourceName) -> Result<bool, Error> {
        Ok(self.sources().await?.iter().any(|known| known.name == *source))
    }

    /// The worker that serves a source.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn worker_of(&self, source: &SourceName) -> Result<Option<WorkerName>, Error> {
        let members = self.members(Asked { workers: true, ..Asked::default() }, &[]).await?;
        let serving = members.workers.into_iter().find(|worker| worker.state == "bound" && worker.source.as_ref() == Some(source));
        Ok(serving.map(|worker| worker.name))
    }

    async fn operate_source(
        &self,
        operation: &'static str,
        call: &'static str,
        op: pb::SourceOp,
        text: &str,
        source: Option<&SourceName>,
    ) -> Result<Vec<Heard>, Error> {
        let answer = self
            .change_by_rpc(operation, call, WORK_DEADLINE, async |mut stub| {
                let request = pb::OperateSourceRequest {
                    op: op.into(),
                    config: if text.is_empty() { Vec::new() } else { vec![text.to_owned()] },
                    source_id: source.iter().map(ToString::to_string).collect(),
                    worker_name: String::new(),
                };
                stub.operate_source(request).await
            })
            .await?;
        rpc::granted(answer.result, &answer.msg)?;
        Ok(answer.sources.into_iter().map(heard).collect())
    }
}

fn heard(answer: pb::CommonWorkerResponse) -> Heard {
    Heard {
        source: SourceName::seen(answer.source),
        worker: (!answer.worker.is_empty()).then(|| WorkerName::seen(answer.worker)),
        failed: !answer.result,
        said: (!answer.msg.is_empty()).then(|| DmError::parse(&answer.msg)),
    }
}
