//! Sources over gRPC.

use super::rpc::Served;
use super::source_body;
use crate::model::file::{Configuration as _, Given, Secret};
use crate::model::source_file::SourceFile;
use crate::model::{DmError, SourceName, WorkerName};
use crate::wire::pb;

impl Served {
    pub(super) async fn operate_source(&self, request: pb::OperateSourceRequest) -> pb::OperateSourceResponse {
        let done = match request.op() {
            pb::SourceOp::StartSource => self.create_sources(&request).await,
            pb::SourceOp::StopSource => self.delete_sources(&request).await,
            pb::SourceOp::ShowSource => Ok(self.show_sources(&request.source_id)),
            pb::SourceOp::UpdateSource => Err(DmError::plain("a source is updated with `dmctl source update`, or over REST")),
            pb::SourceOp::InvalidSourceOp => Err(DmError::plain("the call does not say what to do with the source")),
        };
        match done {
            Ok(sources) => pb::OperateSourceResponse { result: true, msg: String::new(), sources },
            Err(error) => pb::OperateSourceResponse { result: false, msg: error.to_text(), sources: Vec::new() },
        }
    }

    /// Creates all of them or none.
    async fn create_sources(&self, request: &pb::OperateSourceRequest) -> Result<Vec<pb::CommonWorkerResponse>, DmError> {
        let files = request.config.iter().map(|text| source_body::read(text)).collect::<Result<Vec<_>, _>>()?;
        let worker = (!request.worker_name.is_empty()).then(|| WorkerName::seen(&request.worker_name));
        if worker.is_some() && files.len() > 1 {
            return Err(DmError::plain("one worker can't serve several sources"));
        }
        let mut created = Vec::new();
        for file in files {
            match self.0.cluster.create_source(file, worker.clone()).await {
                Ok(name) => created.push(name),
                Err(error) => {
                    for name in created {
                        self.0.cluster.delete_source(name, false).await?;
                    }
                    return Err(error);
                }
            }
        }
        Ok(self.show_sources(&created.iter().map(ToString::to_string).collect::<Vec<_>>()))
    }

    async fn delete_sources(&self, request: &pb::OperateSourceRequest) -> Result<Vec<pb::CommonWorkerResponse>, DmError> {
        let mut names = request.source_id.clone();
        for text in &request.config {
            names.push(source_body::read(text)?.source_id().to_owned());
        }
        let answers = self.show_sources(&names);
        for name in names {
            self.0.cluster.delete_source(SourceName::seen(name), false).await?;
        }
        Ok(answers)
    }

    fn show_sources(&self, names: &[String]) -> Vec<pb::CommonWorkerResponse> {
        let view = self.0.cluster.view();
        let wanted = |name: &SourceName| names.is_empty() || names.iter().any(|wanted| wanted == name.as_str());
        let shown = view.state.sources.iter().filter(|(name, _)| wanted(name)).map(|(name, source)| pb::CommonWorkerResponse {
            result: true,
            msg: match source.worker {
                Some(_) => String::new(),
                None => "source is added but there is no free worker to bound".to_owned(),
            },
            source: name.to_string(),
            worker: source.worker.as_ref().map(ToString::to_string).unwrap_or_default(),
        });
        shown.collect()
    }

    pub(super) async fn transfer_source(&self, request: pb::TransferSourceRequest) -> pb::TransferSourceResponse {
        let (source, worker) = (SourceName::seen(request.source), WorkerName::seen(request.worker));
        match self.0.cluster.transfer_source(source, worker).await {
            Ok(()) => pb::TransferSourceResponse { result: true, msg: String::new() },
            Err(error) => pb::TransferSourceResponse { result: false, msg: error.to_text() },
        }
    }

    #[expect(clippy::unused_async, reason = "calls are async")]
    pub(super) async fn list_source_configs(&self, _: pb::Empty) -> pb::ListSourceConfigsResponse {
        let view = self.0.cluster.view();
        let source_configs = view.state.sources.iter().map(|(name, source)| (name.to_string(), source.file.to_yaml())).collect();
        pb::ListSourceConfigsResponse { result: true, msg: String::new(), source_configs }
    }
}

/// A source file to be shown: the password covered, and none of what TLS files hold.
pub(super) fn covered(file: &SourceFile) -> String {
    let mut file = file.clone();
    if let Some(from) = &mut file.from {
        if from.value.password.is_some() {
            from.value.password = Some(Given::new(Secret::new(Secret::MASK)));
        }
        from.value.security = None;
    }
    file.to_yaml()
}
