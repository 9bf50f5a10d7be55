//! Sources: what the master knows of them, and what their workers say.

use std::time::Duration;

use futures_util::StreamExt;
use serde::Deserialize;

use super::error::Error;
use super::masters::Pace;
use super::rest::Got;
use super::{Asked, Client, convert, rpc};
use crate::model::status::{Silence, SourceOutline, SourceReport};
use crate::model::{DmError, SourceName, TaskName};
use crate::wire::{openapi, pb};

/// How many sources are asked for their status at the same time.
pub const AT_ONCE: usize = 32;

impl Client {
    /// Asks the workers of one source for its status: of all its tasks, or of one (`QueryStatus`). A worker that does not answer in time
    /// costs the caller this source only.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a source that the cluster does not have; else when no answer comes within the time.
    pub async fn source_report(
        &self,
        source: &SourceName,
        task: Option<&TaskName>,
        within: Duration,
    ) -> Result<SourceReport, Error> {
        let answer = self
            .ask("QueryStatus", Pace::Race, within, async |master| {
                let request = pb::QueryStatusListRequest {
                    name: task.map(ToString::to_string).unwrap_or_default(),
                    sources: vec![source.to_string()],
                };
                let answer = master.stub().query_status(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await
            .map_err(|error| match error {
                // The master waits for the worker, and longer than we do.
                Error::TimedOut { after, .. } => {
                    Error::TimedOut { who: format!("the worker of source `{source}`"), after, others: Vec::new() }
                }
                other => other,
            })?;
        if !answer.result {
            return Err(Error::Unknown { kind: "source", name: source.to_string(), said: DmError::parse(&answer.msg) });
        }
        let reports = answer.sources.into_iter().map(convert::worker_report).filter(|(about, _)| about == source);
        Ok(SourceReport { source: source.clone(), reports: reports.map(|(_, report)| report).collect() })
    }

    /// The status of one source, with all its tasks. A worker that keeps silent is told by name, as far as the master knows it.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a source that the cluster does not have; else when no master answers.
    pub async fn source_status(&self, source: &SourceName) -> Result<SourceReport, Error> {
        let asked = Asked { leader: true, workers: true, ..Asked::default() };
        let (members, report) = tokio::join!(self.members(asked, &[]), self.source_report(source, None, self.read_deadline));
        // A master that answers one question and not the other waits for the worker.
        let members = members?;
        let mut report = match report {
            Err(error @ Error::TimedOut { .. }) => {
                let silence = Silence { worker: None, reason: DmError::plain(error.to_string()) };
                SourceReport { source: source.clone(), reports: vec![Err(silence)] }
            }
            report => report?,
        };
        let bound = members.workers.into_iter().find(|worker| worker.source.as_ref() == Some(source)).map(|worker| worker.name);
        for silence in report.reports.iter_mut().filter_map(|report| report.as_mut().err()) {
            silence.worker = silence.worker.take().or_else(|| bound.clone());
        }
        Ok(report)
    }

    /// Asks for the status of several sources at the same time, each with a deadline of its own. The answers are in the order of the
    /// sources.
    pub(super) async fn source_reports(
        &self,
        sources: &[SourceName],
        task: Option<&TaskName>,
        within: Duration,
    ) -> Vec<(SourceName, Result<SourceReport, Error>)> {
        let asked = futures_util::stream::iter(sources.iter().cloned())
            .map(async |source| {
                let report = self.source_report(&source, task, within).await;
                (source, report)
            })
            .buffered(AT_ONCE);
        asked.collect().await
    }

    /// Lists the sources from the master's memory: REST, or what gRPC has where REST is off (`ListSourceConfigs`, since 8.0, else
    /// `OperateSource` Show, which knows names only).
    ///
    /// # Errors
    /// When no master answers.
    pub async fn sources(&self) -> Result<Vec<SourceOutline>, Error> {
        let (all, with_relay) = tokio::join!(
            self.list("GET /sources", "/sources", &|source: openapi::Source| source),
            // Relay that was started by a worker's name is no part of a source's configuration.
            self.list("GET /sources", "/sources?enable_relay=true", &|source: openapi::Source| source.source_name),
        );
        let mut sources = match all {
            Ok(Got::Body(list)) => {
                let relayed: Option<Vec<String>> = match with_relay {
                    Ok(Got::Body(names)) => Some(names),
                    Ok(Got::Missing) | Err(_) => None,
                };
                list.into_iter().map(|source| from_rest(source, relayed.as_deref())).collect()
            }
            Ok(Got::Missing) | Err(Error::OpenApiOff { .. }) => self.sources_over_rpc().await?,
            Err(error) => return Err(error),
        };
        sources.sort_by(|a: &SourceOutline, b| a.name.cmp(&b.name));
        Ok(sources)
    }

    /// Whether workers keep a relay log of a source because they were named for it; REST only.
    ///
    /// # Errors
    /// [`Error::OpenApiOff`]; when no master answers.
    pub async fn keeps_relay_by_name(&self, source: &SourceName, operation: &'static str) -> Result<bool, Error> {
        match self.list(operation, "/sources?enable_relay=true", &|source: openapi::Source| source.source_name).await? {
            Got::Body(kept) => Ok(kept.iter().any(|kept| kept == source.as_str())),
            Got::Missing => Ok(false),
        }
    }

    /// Lists the sources. Below version 8.0 and without REST the master asks every worker for it, so that one that hangs leaves it
    /// without an answer: then only the sources that have a worker are known, and the second part says why.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn sources_as_far_as_known(&self) -> Result<(Vec<SourceOutline>, Option<Error>), Error> {
        match self.sources().await {
            Ok(sources) => Ok((sources, None)),
            Err(error @ Error::TimedOut { .. }) => {
                let workers = self.members(Asked { workers: true, ..Asked::default() }, &[]).await?.workers;
                let mut names: Vec<SourceName> = workers.into_iter().filter_map(|worker| worker.source).collect();
                names.sort();
                names.dedup();
                Ok((names.into_iter().map(only_name).collect(), Some(error)))
            }
            Err(error) => Err(error),
        }
    }

    async fn sources_over_rpc(&self) -> Result<Vec<SourceOutline>, Error> {
        if let Some(texts) = self.source_configs().await? {
            return Ok(texts.into_iter().map(|(name, text)| from_yaml(name, &text)).collect());
        }
        let answer = self
            .read("OperateSource Show", async |master| {
                let request = pb::OperateSourceRequest { op: pb::SourceOp::ShowSource.into(), ..Default::default() };
                let answer = master.stub().operate_source(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await?;
        rpc::granted(answer.result, &answer.msg)?;
        let names = answer.sources.into_iter().map(|source| SourceName::seen(source.source));
        Ok(names.map(only_name).collect())
    }

    /// The YAML of every source (`ListSourceConfigs`), secrets and all; `None` below version 8.0.
    pub(super) async fn source_configs(&self) -> Result<Option<Vec<(String, String)>>, Error> {
        let asked = self.read_since_8("ListSourceConfigs", async |mut stub| stub.list_source_configs(pb::Empty {}).await);
        let Some(answer) = asked.await? else { return Ok(None) };
        rpc::granted(answer.result, &answer.msg)?;
        Ok(Some(answer.source_configs.into_iter().collect()))
    }
}

/// A source of which nothing but the name is known.
const fn only_name(name: SourceName) -> SourceOutline {
    SourceOutline { name, address: None, flavor: None, enabled: None, relay: None }
}

fn from_rest(source: openapi::Source, relayed: Option<&[String]>) -> SourceOutline {
    let automatic = source.relay_config.and_then(|relay| relay.enable_relay).unwrap_or(false);
    SourceOutline {
        relay: if automatic { Some(true) } else { relayed.map(|relayed| relayed.contains(&source.source_name)) },
        address: Some(format!("{}:{}", source.host, source.port)),
        flavor: source.flavor,
        enabled: Some(source.enable),
        name: SourceName::seen(source.source_name),
    }
}

/// What a source's YAML tells. The form for export leaves `enable` out, so that it stays unknown.
fn from_yaml(name: String, text: &str) -> SourceOutline {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "kebab-case", default)]
    struct Source {
        flavor: Option<String>,
        enable_relay: bool,
        from: From,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct From {
        host: String,
        port: u32,
    }
    let source: Source = serde_yaml::from_str(text).unwrap_or_default();
    SourceOutline {
        name: SourceName::seen(name),
        address: (!source.from.host.is_empty()).then(|| format!("{}:{}", source.from.host, source.from.port)),
        flavor: source.flavor.filter(|flavor| !flavor.is_empty()),
        enabled: None,
        // Relay by a worker's name is no part of it either: only a yes is known.
        relay: source.enable_relay.then_some(true),
    }
}
