//! Tasks over gRPC.

use super::check::{self, Limits};
use super::rest_source::no_worker;
use super::rest_task::{not_yet, routable};
use super::rpc::Served;
use super::{status, task_body};
use crate::cluster::{Part, Said, StartOptions, StopOptions, SubtaskView, View, without_source};
use crate::model::file::{Configuration as _, Secret};
use crate::model::task_file::TaskFile;
use crate::model::{DmError, SourceName, TaskName};
use crate::wire::pb;

impl Served {
    pub(super) async fn check_task(&self, request: pb::CheckTaskRequest) -> pb::CheckTaskResponse {
        let limits = Limits::of(request.err_cnt, request.warn_cnt);
        let checked = async {
            if !request.start_time.is_empty() {
                return Err(not_yet("a start time"));
            }
            let file = task_body::aside(move || task_body::read(&request.task)).await?;
            let checked = self.0.cluster.check_task(file).await?;
            if checked.has_failed() { Err(check::failed(&checked, limits)) } else { Ok(checked) }
        };
        match checked.await {
            Ok(checked) => pb::CheckTaskResponse { result: true, msg: check::passed_in_full(&checked, limits) },
            Err(error) => pb::CheckTaskResponse { result: false, msg: error.to_text() },
        }
    }

    /// Creates a task and starts it.
    pub(super) async fn start_task(&self, request: pb::StartTaskRequest) -> pb::StartTaskResponse {
        let started = async {
            if !request.start_time.is_empty() {
                return Err(not_yet("a start time"));
            }
            let text = request.task;
            let mut file = task_body::aside(move || task_body::read(&text)).await?;
            let name = routable(file.name())?;
            let named: Vec<_> = file.instances().map(|instance| SourceName::seen(instance.source_id())).collect();
            if !request.sources.is_empty() {
                for source in named.iter().filter(|source| !request.sources.iter().any(|wanted| wanted == source.as_str())) {
                    file = without_source(file, source);
                }
            }
            let failed = super::rest_task::check_failed;
            let created = self.0.cluster.create_task(name.clone(), file, failed).await?;
            let options = StartOptions { over: request.remove_meta, ..StartOptions::default() };
            let parts = self.0.cluster.start_task(name, options).await?;
            Ok((parts, check::passed(&created.checks, Limits::default())))
        };
        match started.await {
            Ok((parts, check_result)) => {
                pb::StartTaskResponse { result: true, msg: String::new(), sources: workers(parts), check_result }
            }
            Err(error) => pb::StartTaskResponse { result: false, msg: error.to_text(), ..Default::default() },
        }
    }

    pub(super) async fn operate_task(&self, request: pb::OperateTaskRequest) -> pb::OperateTaskResponse {
        let (cluster, name) = (&self.0.cluster, TaskName::seen(&request.name));
        let sources: Vec<_> = request.sources.iter().map(SourceName::seen).collect();
        let done = match request.op() {
            pb::TaskOp::Pause => cluster.stop_task(name, StopOptions { sources, timeout: None }).await,
            pb::TaskOp::Resume => cluster.start_task(name, StartOptions { sources, over: false }).await,
            pb::TaskOp::Delete if sources.is_empty() => {
                let parts = stopped(cluster.view().task(&name).unwrap_or_default());
                cluster.delete_task(name, false).await.map(|_| parts)
            }
            pb::TaskOp::Delete => Err(DmError::coded(38041, "a task is deleted as a whole").cured_by("leave the sources out")),
            op => Err(DmError::coded(38041, format!("invalid op {} on task", op.as_str_name()))
                .cured_by("pause, resume and delete are there")),
        };
        let op = request.op;
        match done {
            Ok(parts) => pb::OperateTaskResponse { op, result: true, msg: String::new(), sources: workers(parts) },
            Err(error) => pb::OperateTaskResponse { op, result: false, msg: error.to_text(), sources: Vec::new() },
        }
    }

    #[expect(clippy::unused_async, reason = "calls are async")]
    pub(super) async fn query_status(&self, request: pb::QueryStatusListRequest) -> pb::QueryStatusListResponse {
        let no = |msg: String| pb::QueryStatusListResponse { result: false, msg, sources: Vec::new() };
        let view = self.0.cluster.view();
        let task = (!request.name.is_empty()).then(|| TaskName::seen(&request.name));
        if let Some(task) = &task
            && !view.state.tasks.contains_key(task)
        {
            return no(format!("task {task} has no source or not exist"));
        }
        let strangers: Vec<_> = request
            .sources
            .iter()
            .filter(|name| !view.state.sources.contains_key(&SourceName::seen(name.as_str())))
            .cloned()
            .collect();
        if !strangers.is_empty() {
            return no(format!("sources [{}] haven't been added", strangers.join(" ")));
        }
        let asked = |source: &&SourceName| {
            let in_task = task.as_ref().is_none_or(|task| view.state.tasks[task].subtasks.contains_key(source));
            if request.sources.is_empty() { in_task } else { request.sources.iter().any(|name| name == source.as_str()) }
        };
        let sources = view.state.sources.keys().filter(asked).map(|source| entry(&view, source, task.as_ref())).collect();
        pb::QueryStatusListResponse { result: true, msg: String::new(), sources }
    }

    #[expect(clippy::unused_async, reason = "calls are async")]
    pub(super) async fn list_task_configs(&self, _: pb::Empty) -> pb::ListTaskConfigsResponse {
        let view = self.0.cluster.view();
        let task_configs = view.state.tasks.iter().map(|(name, task)| (name.to_string(), task.file.to_yaml())).collect();
        pb::ListTaskConfigsResponse { result: true, msg: String::new(), task_configs }
    }

    /// One text a subtask, in TOML. It has its secrets.
    #[expect(clippy::unused_async, reason = "calls are async")]
    pub(super) async fn get_sub_task_cfg(&self, request: pb::GetSubTaskCfgRequest) -> pb::GetSubTaskCfgResponse {
        let view = self.0.cluster.view();
        let Some(task) = view.state.tasks.get(&TaskName::seen(&request.name)) else {
            return pb::GetSubTaskCfgResponse { result: false, msg: "task not found".to_owned(), cfgs: Vec::new() };
        };
        let cfgs = task.subtasks.keys().filter_map(|name| Some(toml_of(&task.file, name, &view.state.sources.get(name)?.file)));
        pb::GetSubTaskCfgResponse { result: true, msg: String::new(), cfgs: cfgs.collect() }
    }
}

/// Subtasks that are about to go, as what has been stopped.
fn stopped(subtasks: Vec<SubtaskView>) -> Vec<Part> {
    subtasks.into_iter().map(|subtask| Part { source: subtask.source, worker: subtask.worker, said: Said::Stopped }).collect()
}

fn entry(view: &View, source: &SourceName, task: Option<&TaskName>) -> pb::QueryStatusResponse {
    let worker = view.state.sources.get(source).and_then(|kept| kept.worker.clone());
    let mut subtasks: Vec<_> =
        view.source(source).iter().filter(|subtask| task.is_none_or(|task| subtask.task == *task)).map(status::rpc).collect();
    if subtasks.is_empty() {
        let told = if task.is_none() { "no sub task started" } else { "no sub task with name has started" };
        let status = Some(pb::sub_task_status::Status::Msg(told.to_owned()));
        subtasks.push(pb::SubTaskStatus { name: task.map(ToString::to_string).unwrap_or_default(), status, ..Default::default() });
    }
    let msg = if worker.is_some() { String::new() } else { no_worker(source).to_text() };
    pb::QueryStatusResponse {
        result: worker.is_some(),
        msg,
        source_status: Some(pb::SourceStatus {
            source: source.to_string(),
            worker: worker.map(|worker| worker.to_string()).unwrap_or_default(),
            result: None,
            relay_status: None,
        }),
        sub_task_status: subtasks,
    }
}

fn workers(parts: Vec<Part>) -> Vec<pb::CommonWorkerResponse> {
    let response = |part: Part| pb::CommonWorkerResponse {
        result: true,
        msg: match part.said {
            Said::Started | Said::Stopped => String::new(),
            said => said.words().to_owned(),
        },
        source: part.source.to_string(),
        worker: part.worker.map(|worker| worker.to_string()).unwrap_or_default(),
    };
    parts.into_iter().map(response).collect()
}

fn toml_of(task: &TaskFile, name: &SourceName, source: &crate::model::source_file::SourceFile) -> String {
    let database = |database: Option<&crate::model::file::Database>| {
        let mut table = toml::Table::new();
        if let Some(database) = database {
            if database.security.is_some() {
                // That there is some must be seen; what it is stands in the exported files only.
                table.insert("security".to_owned(), toml::Table::new().into());
            }
            table.insert("host".to_owned(), database.host().into());
            table.insert("port".to_owned(), database.port().into());
            table.insert("user".to_owned(), database.user().into());
            table.insert("password".to_owned(), database.password.as_ref().map_or("", |given| given.value.reveal()).into());
        }
        table
    };
    let mut table = toml::Table::new();
    table.insert("name".to_owned(), task.name().into());
    table.insert("mode".to_owned(), task.task_mode().into());
    table.insert("source-id".to_owned(), name.as_str().into());
    table.insert("meta-schema".to_owned(), task.meta_schema().into());
    table.insert("online-ddl".to_owned(), task.online_ddl().into());
    table.insert("case-sensitive".to_owned(), task.case_sensitive().into());
    let texts = |rules: Vec<&str>| rules.into_iter().map(toml::Value::from).collect::<Vec<_>>();
    table.insert("shadow-table-rules".to_owned(), texts(task.shadow_table_rules()).into());
    table.insert("trash-table-rules".to_owned(), texts(task.trash_table_rules()).into());
    table.insert("from".to_owned(), database(source.from.as_ref().map(|given| &given.value)).into());
    table.insert("to".to_owned(), database(task.target()).into());
    table.to_string()
}

/// A task file to be shown: the password covered, and none of what TLS files hold.
pub(super) fn covered(file: &TaskFile) -> String {
    let mut file = file.clone();
    if let Some(target) = &mut file.target_database {
        if target.value.password.is_some() {
            target.value.password = Some(crate::model::file::Given::new(Secret::new(Secret::MASK)));
        }
        target.value.security = None;
    }
    file.to_yaml()
}
