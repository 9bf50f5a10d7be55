//! Changes of tasks. Where the REST API is off, what gRPC can do takes its place.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::change::{Change, Made, STEP_DEADLINE, deadline, texts};
use super::config::{ROUTES, segment};
use super::error::Error;
use super::rest::Got;
use super::task::once_each;
use super::{Client, WORK_DEADLINE, rpc};
use crate::model::duration::GoDuration;
use crate::model::{DmError, SourceName, TaskName};
use crate::wire::{openapi, pb};

/// How to start a task.
#[derive(Debug, Clone, Default)]
pub struct StartOptions {
    /// On these sources; on all if there are none.
    pub sources: Vec<SourceName>,
    /// Read the binlog from this time on, in DM's form.
    pub start_time: Option<String>,
    /// How long safe mode lasts after the start.
    pub safe_mode: Option<GoDuration>,
    /// From the beginning, by the cluster's own way. A real DM's way is not good enough.
    pub over: bool,
    /// How long the answer is waited for, if that is not to be as long as usual.
    pub within: Option<Duration>,
}

/// How to stop a task.
#[derive(Debug, Clone, Default)]
pub struct StopOptions {
    /// On these sources; on all if there are none.
    pub sources: Vec<SourceName>,
    /// How long transactions get to end, if it was asked for.
    pub timeout: Option<GoDuration>,
    /// How long the answer is waited for, if that is not to be as long as usual.
    pub within: Option<Duration>,
}

/// What the cluster said when it took a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// The text of its check: a sentence, or warnings with their JSON inside.
    pub check_result: String,
    /// The task was like that already. DM does not say so.
    pub unchanged: bool,
    /// What else a server of `dmctl` has to say.
    pub notes: Vec<String>,
}

/// How a task was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// The answer was lost; a look shows that it was done.
    pub seen: bool,
    /// Its meta tables on the target went along.
    pub with_meta_tables: bool,
    /// What the server says stays on the target. DM says nothing about it.
    pub stays: Vec<String>,
}

/// Why most clients of the REST API can't reach a task of this name, if that is so. This one can.
#[must_use]
pub fn unroutable(task: &TaskName) -> Option<&'static str> {
    let name = task.as_str();
    if ROUTES.contains(&name) {
        Some("the REST API has a route of its own by that name")
    } else if name == "." || name == ".." {
        Some("the REST API takes it for a folder")
    } else if name.contains('/') {
        Some("the REST API takes the slash for the end of the name")
    } else {
        None
    }
}

impl Client {
    /// Creates a task, stopped (`POST /tasks`). `text` is the task file as it is, for a server that takes it.
    ///
    /// # Errors
    /// Refused, with DM's checks inside the message (26005); [`Error::OpenApiOff`]; lost.
    pub async fn create_task(&self, name: &TaskName, task: &Value, text: Option<&str>) -> Result<Made<Taken>, Error> {
        let sent = self.put_task("task create", "POST /tasks", Method::POST, "/tasks", task, text).await;
        self.settle(sent, async || self.has_task(name).await.map(Some)).await
    }

    /// Changes a task to what `task` says (`PUT /tasks/{task-name}`). Nothing of it may run.
    ///
    /// # Errors
    /// Refused, also when more changes than DM can change (46035); [`Error::OpenApiOff`]; lost.
    pub async fn update_task(&self, name: &TaskName, task: &Value, text: Option<&str>) -> Result<Made<Taken>, Error> {
        let path = format!("/tasks/{}", segment(name.as_str()));
        let sent = self.put_task("task update", "PUT /tasks/{task-name}", Method::PUT, &path, task, text).await;
        let wanted = task.clone();
        self.settle(sent, async || Ok(self.task_body(name).await?.map(|is| covers(&is, &wanted)))).await
    }

    async fn put_task(
        &self,
        operation: &'static str,
        call: &'static str,
        method: Method,
        path: &str,
        task: &Value,
        text: Option<&str>,
    ) -> Result<Taken, Error> {
        #[derive(Deserialize, Default)]
        struct Answer {
            #[serde(default)]
            check_result: String,
            #[serde(default)]
            unchanged: bool,
            #[serde(default)]
            notes: Vec<String>,
        }
        let mut body = json!({ "task": task });
        if let Some(text) = text {
            body["task_config_file"] = text.into();
        }
        let answer = self.change(Change { operation, call, method, path, body: Some(&body), limit: WORK_DEADLINE }).await?;
        // Version 6.0 answers the bare task.
        let answer: Answer = serde_json::from_slice(&answer).unwrap_or_default();
        Ok(Taken { check_result: answer.check_result, unchanged: answer.unchanged, notes: answer.notes })
    }

    /// Starts the subtasks of a task (REST, else `OperateTask` Resume, which takes no options). DM may still show the old stage after
    /// this returns.
    ///
    /// # Errors
    /// Refused; [`Error::OpenApiOff`] for options that need the REST API; lost, which only a look at the task can settle.
    pub async fn start_task(&self, task: &TaskName, options: &StartOptions) -> Result<(), Error> {
        let mut body = json!({});
        if !options.sources.is_empty() {
            body["source_name_list"] = names(&options.sources);
        }
        if let Some(time) = &options.start_time {
            body["start_time"] = time.as_str().into();
        }
        if let Some(duration) = options.safe_mode {
            body["safe_mode_time_duration"] = duration.to_string().into();
        }
        if options.over {
            body["remove_meta"] = true.into();
        }
        let plain = options.start_time.is_none() && options.safe_mode.is_none() && !options.over;
        let usual = if options.over { WORK_DEADLINE } else { STEP_DEADLINE };
        let limit = deadline(usual, options.within);
        match self.operate("task start", "POST /tasks/{task-name}/start", limit, task, "start", &body).await {
            Err(Error::OpenApiOff { .. }) if plain => {
                self.operate_task("task start", limit, pb::TaskOp::Resume, task, &options.sources).await
            }
            Err(Error::OpenApiOff { address, .. }) => {
                let operation = if options.start_time.is_some() { "--start-time" } else { "--safe-mode-time-duration" };
                Err(Error::OpenApiOff { operation, address })
            }
            sent => sent,
        }
    }

    /// Stops the subtasks of a task (REST, else `OperateTask` Pause, which takes no time-out, for those on the sources `awake`).
    ///
    /// # Errors
    /// Refused; [`Error::OpenApiOff`] for a time-out; lost, which only a look at the task can settle.
    pub async fn stop_task(&self, task: &TaskName, options: &StopOptions, awake: &[SourceName]) -> Result<(), Error> {
        let mut body = json!({});
        if !options.sources.is_empty() {
            body["source_name_list"] = names(&options.sources);
        }
        if let Some(timeout) = options.timeout {
            body["timeout_duration"] = timeout.to_string().into();
        }
        let limit = deadline(STEP_DEADLINE, options.within);
        match self.operate("task stop", "POST /tasks/{task-name}/stop", limit, task, "stop", &body).await {
            Err(Error::OpenApiOff { .. }) if options.timeout.is_none() && awake.is_empty() => Ok(()),
            Err(Error::OpenApiOff { .. }) if options.timeout.is_none() => {
                self.operate_task("task stop", limit, pb::TaskOp::Pause, task, awake).await
            }
            Err(Error::OpenApiOff { address, .. }) => Err(Error::OpenApiOff { operation: "--timeout", address }),
            sent => sent,
        }
    }

    /// Deletes a task and its meta tables on the target (REST), or the task alone (`OperateTask` Delete) where REST is off.
    ///
    /// # Errors
    /// Refused, without force also while DM wants a subtask to run; lost and not seen to be gone.
    pub async fn delete_task(&self, task: &TaskName, force: bool, within: Option<Duration>) -> Result<Deleted, Error> {
        let limit = deadline(WORK_DEADLINE, within);
        let path = format!("/tasks/{}{}", segment(task.as_str()), if force { "?force=true" } else { "" });
        let call = "DELETE /tasks/{task-name}";
        let change = Change { operation: "task delete", call, method: Method::DELETE, path: &path, body: None, limit };
        let (sent, with_meta_tables) = match self.change(change).await {
            Err(Error::OpenApiOff { .. }) => {
                let sent = self.operate_task("task delete", limit, pb::TaskOp::Delete, task, &[]).await;
                (sent.map(|()| Vec::new()), false)
            }
            sent => (sent, true),
        };
        let made = self.settle(sent, async || self.has_task(task).await.map(|there| Some(!there))).await?;
        let stays = match &made {
            Made::Told(answer) => texts(answer, "stays").unwrap_or_default(),
            Made::Seen => Vec::new(),
        };
        Ok(Deleted { seen: matches!(made, Made::Seen), with_meta_tables, stays })
    }

    /// Whether the cluster has a task of this name.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn has_task(&self, task: &TaskName) -> Result<bool, Error> {
        match self.task_outline(task).await {
            Ok(_) => Ok(true),
            Err(Error::Unknown { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A task as the REST API shows it, secrets and all; `None` where there is no such task.
    ///
    /// # Errors
    /// [`Error::OpenApiOff`]; when no master answers.
    pub async fn task_body(&self, task: &TaskName) -> Result<Option<Value>, Error> {
        let path = format!("/tasks/{}", segment(task.as_str()));
        match self.get::<Value>("the definition of a task", &path).await {
            Ok(Got::Body(body)) => Ok(Some(body)),
            Ok(Got::Missing) => Ok(None),
            Err(Error::Refused(DmError { code: Some(46018), .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the REST API is on. Asks for little.
    ///
    /// # Errors
    /// When no master answers.
    pub async fn openapi_is_on(&self) -> Result<bool, Error> {
        match self.cluster_info().await {
            Ok(_) => Ok(true),
            Err(Error::OpenApiOff { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the cluster says of itself that it can do something beyond DM's own API.
    ///
    /// # Errors
    /// [`Error::OpenApiOff`]; when no master answers.
    pub async fn can(&self, capability: &str) -> Result<bool, Error> {
        Ok(self.cluster_info().await?.dmctl.is_some_and(|own| own.capabilities.iter().any(|known| known == capability)))
    }

    /// Whether it is the server inside this program: master and workers are one process then. What does not answer is none.
    pub async fn is_inside(&self) -> bool {
        self.cluster_info().await.is_ok_and(|info| info.dmctl.is_some())
    }

    /// The number that tells clusters apart.
    ///
    /// # Errors
    /// [`Error::OpenApiOff`]; when no master answers.
    pub async fn cluster_id(&self) -> Result<u64, Error> {
        Ok(self.cluster_info().await?.cluster_id)
    }

    async fn cluster_info(&self) -> Result<openapi::ClusterInfo, Error> {
        match self.get::<openapi::ClusterInfo>("GET /cluster/info", "/cluster/info").await? {
            Got::Body(info) => Ok(info),
            Got::Missing => Ok(openapi::ClusterInfo::default()),
        }
    }

    async fn operate(
        &self,
        operation: &'static str,
        call: &'static str,
        limit: Duration,
        task: &TaskName,
        verb: &str,
        body: &Value,
    ) -> Result<(), Error> {
        let path = format!("/tasks/{}/{verb}", segment(task.as_str()));
        let change = Change { operation, call, method: Method::POST, path: &path, body: Some(body), limit };
        self.change(change).await.map(drop)
    }

    /// What the answer says of each source is not judged: it repeats what was wrong before.
    async fn operate_task(
        &self,
        operation: &'static str,
        limit: Duration,
        op: pb::TaskOp,
        task: &TaskName,
        sources: &[SourceName],
    ) -> Result<(), Error> {
        let call = match op {
            pb::TaskOp::Resume => "OperateTask Resume",
            pb::TaskOp::Pause => "OperateTask Pause",
            _ => "OperateTask Delete",
        };
        let answer = self
            .change_by_rpc(operation, call, limit, async |mut stub| {
                let sources = once_each(sources).iter().map(ToString::to_string).collect();
                stub.operate_task(pb::OperateTaskRequest { op: op.into(), name: task.to_string(), sources }).await
            })
            .await?;
        rpc::granted(answer.result, &answer.msg)
    }
}

fn names(sources: &[SourceName]) -> Value {
    once_each(sources).iter().map(SourceName::as_str).collect()
}

/// Whether a body says all that another one says: DM adds to what it was given.
fn covers(is: &Value, wanted: &Value) -> bool {
    match (is, wanted) {
        (Value::Object(is), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| is.get(key).map_or(wanted.is_null(), |is| covers(is, wanted)))
        }
        (Value::Array(is), Value::Array(wanted)) => {
            is.len() == wanted.len() && wanted.iter().all(|wanted| is.iter().any(|is| covers(is, wanted)))
        }
        (is, wanted) => is == wanted || wanted.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_covers_what_was_wanted() {
        let is = json!({ "name": "a", "more": 1, "rules": [{ "x": 1, "y": 2 }, { "x": 3 }] });
        assert!(covers(&is, &json!({ "name": "a", "rules": [{ "x": 3 }, { "x": 1 }], "left": null })));
        for wanted in [json!({ "name": "b" }), json!({ "rules": [{ "x": 1 }] }), json!({ "other": 1 })] {
            assert!(!covers(&is, &wanted), "{wanted}");
        }
    }

    #[test]
    fn names_that_no_route_leads_to() {
        for name in ["templates", "converters", ".", "..", "a/b"] {
            assert!(unroutable(&TaskName::seen(name)).is_some(), "{name}");
        }
        for name in ["a b", "a.b", "%2f", "template", "\u{e4}"] {
            assert!(unroutable(&TaskName::seen(name)).is_none(), "{name}");
        }
    }
}
