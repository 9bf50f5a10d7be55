//! Tasks: what the master knows of them, what their workers say, and checks.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde::Deserialize;

use super::error::Error;
use super::masters::Pace;
use super::rest::Got;
use super::source::AT_ONCE;
use super::{Asked, Client, WORK_DEADLINE, convert, rpc};
use crate::model::status::{Silence, SourceReport, Subtask, TaskOutline, WorkerReport};
use crate::model::{DmError, SourceName, TaskName, WorkerName};
use crate::wire::{openapi, pb};

const NO_WORKER: &str = "no worker serves the source";

/// A task with all that is known of its subtasks.
#[derive(Debug, Clone)]
pub struct TaskStatus {
    /// What the master knows.
    pub outline: TaskOutline,
    /// One entry a source: its subtask, or why nothing is known of it.
    pub subtasks: Vec<(SourceName, Result<Subtask, Silence>)>,
}

/// Where a task writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPlace {
    /// The target, as `host:port`.
    pub target: String,
    /// The database there that holds the task's meta tables.
    pub meta_schema: String,
}

impl TaskPlace {
    /// The meta tables of a task, as a pattern.
    #[must_use]
    pub fn meta_tables(&self, task: &TaskName) -> String {
        format!("`{}`.`{task}_*`", self.meta_schema)
    }
}

/// What a check came back with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckAnswer {
    /// DM found no failure.
    pub passed: bool,
    /// DM's text, with the details as JSON inside.
    pub message: String,
}

impl Client {
    /// Lists the tasks that the master knows, from its memory: REST, or `ListTaskConfigs` (since 8.0) where REST is off. `None` where
    /// neither can be had.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn tasks(&self) -> Result<Option<Vec<TaskOutline>>, Error> {
        match self.outlines().await {
            Ok(Got::Body(outlines)) => Ok(Some(outlines)),
            Ok(Got::Missing) | Err(Error::OpenApiOff { .. }) => {
                let texts = self.task_configs().await?;
                Ok(texts.map(|texts| texts.into_iter().map(|(name, text)| from_yaml(name, &text)).collect()))
            }
            Err(error) => Err(error),
        }
    }

    async fn outlines(&self) -> Result<Got<Vec<TaskOutline>>, Error> {
        let texts = Texts::default();
        self.list("GET /tasks", "/tasks", &|task| from_rest(task, &texts)).await
    }

    /// Everything about all tasks: the workers are asked source by source, and what the master knows is added for sources that have no
    /// worker. The second part has the sources that could not be asked.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn task_statuses(&self) -> Result<(Vec<TaskStatus>, Vec<(SourceName, Silence)>), Error> {
        let outlines = async {
            match self.tasks().await? {
                Some(outlines) => Ok::<_, Error>((Some(outlines), true)),
                None => Ok((self.tasks_of_absent_workers().await, false)),
            }
        };
        let (reports, outlines) = tokio::join!(self.every_source_report(), outlines);
        let (reports, (outlines, complete)) = (reports?, outlines?);
        let mut tasks: BTreeMap<TaskName, TaskStatus> = BTreeMap::new();
        for outline in outlines.into_iter().flatten() {
            tasks.insert(outline.name.clone(), TaskStatus { outline, subtasks: Vec::new() });
        }
        let mut silent = Vec::new();
        for (source, report) in &reports {
            match report {
                Err(silence) => silent.push((source.clone(), silence.clone())),
                Ok(report) => {
                    for subtask in subtasks(report) {
                        let status = tasks.entry(subtask.task.clone()).or_insert_with(|| TaskStatus {
                            outline: TaskOutline { name: subtask.task.clone(), mode: None, sources: Vec::new(), target: None },
                            subtasks: Vec::new(),
                        });
                        status.subtasks.push((source.clone(), Ok(subtask.clone())));
                    }
                }
            }
        }
        if !complete {
            self.complete_outlines(&mut tasks).await;
        }
        for status in tasks.values_mut() {
            for source in &status.outline.sources {
                if !status.subtasks.iter().any(|(about, _)| about == source) {
                    let heard = reports.iter().find(|(about, _)| about == source).map(|(_, report)| report);
                    status.subtasks.push((source.clone(), Err(why_silent(heard))));
                }
            }
            status.subtasks.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        Ok((tasks.into_values().collect(), silent))
    }

    /// Everything about one task, or about its part on the given sources. Workers get as long as a read may take, or as `within` says.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the cluster has no such task; refused when the task does not read a source; else when no master answers.
    pub async fn task_status(&self, task: &TaskName, only: &[SourceName], within: Option<Duration>) -> Result<TaskStatus, Error> {
        let outline = self.task_outline(task).await?;
        if let Some(stranger) = only.iter().find(|source| !outline.sources.contains(source)) {
            let said = format!("task `{task}` does not read source `{stranger}`, but {}", list(&outline.sources));
            return Err(Error::Refused(DmError::plain(said)));
        }
        let sources = if only.is_empty() { outline.sources.clone() } else { once_each(only) };
        let reports = self.source_reports(&sources, Some(task), within.unwrap_or(self.read_deadline)).await;
        let subtasks = reports.into_iter().map(|(source, report)| {
            let report = settle(report);
            let found = report.as_ref().ok().and_then(|report| subtasks(report).find(|subtask| subtask.task == *task).cloned());
            let subtask = found.ok_or_else(|| why_silent(Some(&report)));
            (source, subtask)
        });
        let subtasks = subtasks.collect();
        Ok(TaskStatus { outline, subtasks })
    }

    /// What the master knows of one task (`GetSubTaskCfg`): every version has it, and no worker is asked.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the cluster has no such task; else when no master answers.
    pub async fn task_outline(&self, task: &TaskName) -> Result<TaskOutline, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        struct Subtask {
            source_id: String,
            mode: Option<String>,
        }
        let (mut sources, mut mode) = (Vec::new(), None);
        for text in self.subtask_configs(task).await? {
            // The text holds passwords: nothing but these two keys is kept, and it is never shown, not even in an error.
            let subtask: Subtask = toml::from_str(&text).map_err(|_| self.malformed("a subtask's configuration does not parse"))?;
            sources.push(SourceName::seen(subtask.source_id));
            mode = mode.or(subtask.mode.map(Arc::from));
        }
        sources.sort();
        Ok(TaskOutline { name: task.clone(), mode, sources, target: None })
    }

    /// Where a task writes to (`GetSubTaskCfg`).
    ///
    /// # Errors
    /// [`Error::Unknown`] when the cluster has no such task; else when no master answers.
    pub async fn task_place(&self, task: &TaskName) -> Result<TaskPlace, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        struct Subtask {
            meta_schema: String,
            to: To,
        }
        #[derive(Deserialize)]
        struct To {
            host: String,
            port: Option<u32>,
        }
        let malformed = || self.malformed("a subtask's configuration does not parse");
        let texts = self.subtask_configs(task).await?;
        let subtask: Subtask = texts.first().and_then(|text| toml::from_str(text).ok()).ok_or_else(malformed)?;
        let port = subtask.to.port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(TaskPlace { target: format!("{}{port}", subtask.to.host), meta_schema: subtask.meta_schema })
    }

    /// Which of these sources have a worker that still knows a task, or keeps silent about it.
    pub async fn task_remains(&self, task: &TaskName, sources: &[SourceName], within: Duration) -> Vec<SourceName> {
        let reports = self.source_reports(sources, Some(task), within.min(self.read_deadline)).await;
        let has = |report: &Result<WorkerReport, Silence>| match report {
            Ok(report) => report.subtasks.iter().any(|subtask| subtask.task == *task),
            Err(silence) => !silence.is_unbound(),
        };
        let remains = |report: Result<SourceReport, Error>| match report {
            Ok(report) => report.reports.iter().any(has),
            Err(Error::Unknown { .. }) => false,
            Err(_) => true,
        };
        reports.into_iter().filter_map(|(source, report)| remains(report).then_some(source)).collect()
    }

    /// The configuration of each subtask of a task, in TOML, secrets and all.
    pub(super) async fn subtask_configs(&self, task: &TaskName) -> Result<Vec<String>, Error> {
        let answer = self
            .read("GetSubTaskCfg", async |master| {
                let request = pb::GetSubTaskCfgRequest { name: task.to_string() };
                let answer = master.stub().get_sub_task_cfg(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await?;
        if answer.msg == "task not found" {
            return Err(Error::Unknown { kind: "task", name: task.to_string(), said: DmError::plain(answer.msg) });
        }
        rpc::granted(answer.result, &answer.msg)?;
        Ok(answer.cfgs)
    }

    /// The YAML of every task (`ListTaskConfigs`), secrets and all; `None` below version 8.0.
    pub(super) async fn task_configs(&self) -> Result<Option<Vec<(String, String)>>, Error> {
        let asked = self.read_since_8("ListTaskConfigs", async |mut stub| stub.list_task_configs(pb::Empty {}).await);
        let Some(answer) = asked.await? else { return Ok(None) };
        rpc::granted(answer.result, &answer.msg)?;
        Ok(Some(answer.task_configs.into_iter().collect()))
    }

    /// Has a task's text checked (`CheckTask`). The server works on it as long as it needs, up to half an hour.
    ///
    /// # Errors
    /// A text that is not understood is refused; else when no master answers.
    pub async fn check_task(&self, text: &str, error_count: i64, warning_count: i64) -> Result<CheckAnswer, Error> {
        // A check is work: it goes to one master only, and to one that is known to answer.
        self.members(Asked { leader: true, ..Asked::default() }, &[]).await?;
        let answer = self
            .ask("CheckTask", Pace::OneByOne, WORK_DEADLINE, async |master| {
                let request = pb::CheckTaskRequest {
                    task: text.to_owned(),
                    err_cnt: error_count,
                    warn_cnt: warning_count,
                    start_time: String::new(),
                };
                let answer = master.stub().check_task(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await?;
        Ok(CheckAnswer { passed: answer.result, message: answer.msg })
    }

    /// The status of every source that is bound to a worker.
    async fn every_source_report(&self) -> Result<Vec<(SourceName, Result<SourceReport, Silence>)>, Error> {
        let members = self.members(Asked { leader: true, workers: true, ..Asked::default() }, &[]).await?;
        let mut bound: BTreeMap<SourceName, WorkerName> = BTreeMap::new();
        for worker in members.workers {
            if let Some(source) = worker.source {
                bound.insert(source, worker.name);
            }
        }
        let sources: Vec<SourceName> = bound.keys().cloned().collect();
        let reports = self.source_reports(&sources, None, self.read_deadline).await.into_iter().map(|(source, report)| {
            let report = settle(report).map_err(|silence| Silence {
                // DM does not say which worker it could not reach.
                worker: silence.worker.or_else(|| bound.get(&source).cloned()),
                ..silence
            });
            (source, report)
        });
        Ok(reports.collect())
    }

    /// Asks the master for what it knows of each task, where no list of them tells. A task that went away meanwhile stays as it was seen.
    async fn complete_outlines(&self, tasks: &mut BTreeMap<TaskName, TaskStatus>) {
        let names: Vec<TaskName> = tasks.keys().cloned().collect();
        let mut outlines = futures_util::stream::iter(&names).map(|name| self.task_outline(name)).buffered(AT_ONCE);
        while let Some(outline) = outlines.next().await {
            if let Ok(outline) = outline
                && let Some(status) = tasks.get_mut(&outline.name)
            {
                status.outline = outline;
            }
        }
    }

    /// Below version 8.0 and without REST, one question names the tasks of sources without a worker. It asks every worker too, so that
    /// a hung one leaves it without an answer: then those tasks can't be named.
    async fn tasks_of_absent_workers(&self) -> Option<Vec<TaskOutline>> {
        let answer = self
            .read("QueryStatus", async |master| {
                let request = pb::QueryStatusListRequest::default();
                let answer = master.stub().query_status(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await
            .ok()?;
        let mut tasks: BTreeMap<TaskName, Vec<SourceName>> = BTreeMap::new();
        for entry in answer.sources.iter().filter(|entry| !entry.result) {
            let source = entry.source_status.as_ref().map(|status| SourceName::seen(&*status.source));
            for task in convert::named_tasks(entry) {
                tasks.entry(task).or_default().extend(source.clone());
            }
        }
        Some(tasks.into_iter().map(|(name, sources)| TaskOutline { name, mode: None, sources, target: None }).collect())
    }

    pub(super) fn malformed(&self, what: &str) -> Error {
        Error::Malformed { address: self.masters.given()[0].address().clone(), what: what.to_owned() }
    }
}

/// The same without repetitions.
pub(super) fn once_each(sources: &[SourceName]) -> Vec<SourceName> {
    let is_first = |(index, source): &(usize, &SourceName)| !sources[..*index].contains(source);
    sources.iter().enumerate().filter(is_first).map(|(_, source)| source.clone()).collect()
}

/// A report without any worker that answered is a silence.
fn settle(report: Result<SourceReport, Error>) -> Result<SourceReport, Silence> {
    let report = report.map_err(|error| Silence { worker: None, reason: said(&error) })?;
    if report.reports.iter().any(Result::is_ok) {
        return Ok(report);
    }
    match report.reports.into_iter().find_map(Result::err) {
        Some(silence) => Err(silence),
        None => Err(Silence { worker: None, reason: DmError::plain(NO_WORKER) }),
    }
}

fn said(error: &Error) -> DmError {
    match error {
        Error::Refused(said) | Error::Unknown { said, .. } => said.clone(),
        other => DmError::plain(other.to_string()),
    }
}

fn subtasks(report: &SourceReport) -> impl Iterator<Item = &Subtask> {
    report.reports.iter().flatten().flat_map(|report| &report.subtasks)
}

/// Why there is no subtask where there should be one.
fn why_silent(heard: Option<&Result<SourceReport, Silence>>) -> Silence {
    match heard {
        Some(Err(silence)) => silence.clone(),
        Some(Ok(report)) => Silence {
            worker: report.reports.iter().flatten().find_map(|report| report.worker.clone()),
            reason: DmError::plain("its worker knows of no such subtask"),
        },
        None => Silence { worker: None, reason: DmError::plain(NO_WORKER) },
    }
}

fn list(sources: &[SourceName]) -> String {
    sources.iter().map(|source| format!("`{source}`")).collect::<Vec<_>>().join(", ")
}

/// Texts that many tasks have in common, each kept once.
#[derive(Default)]
struct Texts(RefCell<HashSet<Arc<str>>>);

impl Texts {
    fn of(&self, text: &str) -> Arc<str> {
        let mut known = self.0.borrow_mut();
        if let Some(text) = known.get(text) {
            return Arc::clone(text);
        }
        let text: Arc<str> = Arc::from(text);
        known.insert(Arc::clone(&text));
        text
    }
}

fn from_rest(task: openapi::Task, texts: &Texts) -> TaskOutline {
    let listed = task.source_config.source_conf;
    let mut sources = Vec::with_capacity(listed.len());
    sources.extend(listed.iter().map(|source| SourceName::seen_as(texts.of(&source.source_name))));
    let target = task.target_config.and_then(|target| Some(texts.of(&format!("{}:{}", target.host?, target.port?))));
    let mode = task.task_mode.map(|mode| texts.of(&mode));
    TaskOutline { name: TaskName::seen(task.name), mode, sources, target }
}

/// What a task's YAML tells; the rest of it, passwords too, is dropped at once.
fn from_yaml(name: String, text: &str) -> TaskOutline {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "kebab-case", default)]
    struct Task {
        task_mode: Option<String>,
        mysql_instances: Vec<Instance>,
        target_database: Place,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Place {
        host: String,
        port: u32,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Instance {
        source_id: String,
    }
    let task: Task = serde_yaml::from_str(text).unwrap_or_default();
    let target = task.target_database;
    TaskOutline {
        name: TaskName::seen(name),
        target: (!target.host.is_empty()).then(|| Arc::from(format!("{}:{}", target.host, target.port))),
        mode: task.task_mode.map(Arc::from),
        sources: task.mysql_instances.into_iter().map(|instance| SourceName::seen(instance.source_id)).collect(),
    }
}
