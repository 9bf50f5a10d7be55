//! The changes of REST, in the words and with the traps of a real DM (see `tests/recordings`).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::cluster::{Script, Shared, Version};
use crate::cluster_bodies::{echo_source, echo_task, new_source, new_task};
use crate::cluster_refusals::{self as refusals, Refusal};
use crate::cluster_schema::complaint;
use crate::cluster_state::{State, Waits};
use crate::cluster_wire::{json_body, parts_of, refused};

/// An answer, or why there is none.
type Answer = Result<Response, Refusal>;

/// Makes a change. `None` where DM never answers.
pub fn change(shared: &Shared, script: &Script, call: &str, body: &[u8]) -> Option<Response> {
    let (method, target) = call.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts = parts_of(path);
    let parts: Vec<_> = parts.iter().map(String::as_str).collect();
    let parsed = match (serde_json::from_slice::<Value>(body), body.is_empty()) {
        (Ok(parsed), _) => parsed,
        (Err(_), true) => Value::Null,
        (Err(error), _) => return Some(invalid(&format!("failed to decode request body: {error}"))),
    };
    if let Some(complaint) = complaint(method, &parts, &parsed, script.version) {
        return Some(invalid(&format!("doesn't match the schema: {complaint}")));
    }
    let (mut known, mut looks) = (shared.script.lock().unwrap(), shared.looks.lock().unwrap());
    shared.moved.notify_all();
    let mut state = State { script: &mut known, looks: &mut looks };
    let force = query.split('&').any(|part| part == "force=true");
    let answer = match (method, parts.as_slice()) {
        ("POST", ["tasks"]) => state.create_task(&parsed),
        ("PUT", ["tasks", _]) => state.update_task(&parsed),
        ("DELETE", ["tasks", name]) => state.delete(name, force).map(|()| StatusCode::NO_CONTENT.into_response()),
        ("POST", ["tasks", name, "start"]) => state.start_task(name, &parsed),
        ("POST", ["tasks", name, "stop"]) => state.stop_task(name, &parsed),
        ("POST", ["sources"]) => state.create_source(&parsed),
        ("PUT", ["sources", name]) => state.put_source(name, &parsed),
        ("DELETE", ["sources", name]) => state.remove_source(name, force).map(|()| StatusCode::NO_CONTENT.into_response()),
        ("POST", ["sources", name, "enable"]) => state.enable(name).map(nothing),
        ("POST", ["sources", name, "disable"]) => state.disable(name).map(nothing),
        ("POST", ["sources", name, "transfer"]) => state.transfer(name, text(&parsed["worker_name"])).map(nothing),
        _ => {
            shared.unscripted(call);
            Err("not in the script".to_owned().into())
        }
    };
    match answer {
        Ok(response) => Some(response),
        Err(Refusal::Text(text)) => Some(refused(&text)),
        Err(Refusal::Never) => None,
    }
}

fn invalid(what: &str) -> Response {
    let text = format!("error in openapi3filter.RequestError: request body has an error: {what}");
    json_body(StatusCode::BAD_REQUEST, &json!({ "error": text }))
}

fn nothing((): ()) -> Response {
    StatusCode::OK.into_response()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|name| text(name).to_owned()).collect()
}

impl State<'_> {
    /// What DM does with every task before it stores it.
    fn check(&mut self, task: &Value) -> Result<String, Refusal> {
        let conf = &task["source_config"]["source_conf"];
        for source in conf.as_array().into_iter().flatten() {
            self.source(text(&source["source_name"]))?;
            if self.script.version == Version::V60 && task["task_mode"] == "incremental" && !has_position(source) {
                return Err(refusals::no_position(text(&source["source_name"])).into());
            }
        }
        if text(&task["name"]).is_empty() {
            return Err(refusals::no_name(text(&conf[0]["source_name"])).into());
        }
        match &self.script.check {
            Some((false, text)) => Err(text.clone().into()),
            Some((true, text)) => Ok(text.clone()),
            None => Ok(String::new()),
        }
    }

    fn operated(&self, task: &Value, check_result: &str) -> Value {
        let echo = echo_task(task, self.script.version);
        if self.script.version == Version::V60 { echo } else { json!({ "check_result": check_result, "task": echo }) }
    }

    fn create_task(&mut self, body: &Value) -> Answer {
        let checked = self.check(&body["task"])?;
        let takes_files = self.script.capabilities.iter().flatten().any(|capability| capability == "task_config_file");
        let file = body["task_config_file"].as_str().filter(|_| takes_files);
        self.create(new_task(&body["task"], file))?;
        Ok(json_body(StatusCode::CREATED, &self.operated(&body["task"], &checked)))
    }

    /// The name in the path plays no part.
    fn update_task(&mut self, body: &Value) -> Answer {
        let task = &body["task"];
        if self.task(text(&task["name"])).is_none() {
            return Err(refusals::task_unknown(text(&task["name"])).into());
        }
        let checked = self.check(task)?;
        self.update(new_task(task, body["task_config_file"].as_str()))?;
        Ok(json_body(StatusCode::OK, &self.operated(task, &checked)))
    }

    /// A task that does not exist has no subtasks to start, and that is that.
    fn start_task(&mut self, name: &str, body: &Value) -> Answer {
        let sources = self.sources_of(name, &names(&body["source_name_list"]));
        for source in &sources {
            let Some(task) = self.task(name).filter(|task| task.sources().contains(source)) else {
                return Err(refusals::source_unknown(source).into());
            };
            let conf = task.body.iter().flat_map(|body| body["source_config"]["source_conf"].as_array().into_iter().flatten());
            let lacks = conf.into_iter().any(|conf| conf["source_name"] == **source && !has_position(conf));
            if task.mode == "incremental" && lacks && (body["start_time"].is_null() || self.script.version == Version::V60) {
                return Err(refusals::no_position(source).into());
            }
            if !self.source(source)?.enable {
                return Err(refusals::source_disabled(name, source).into());
            }
        }
        if sources.is_empty() {
            return Ok(nothing(()));
        }
        // 6.0 knows neither, and says nothing about it.
        if self.script.version > Version::V60 {
            time(&body["start_time"])?;
            duration("safe-mode-duration", &body["safe_mode_time_duration"])?;
        }
        self.expect(name, &sources, true, Waits::No).map(nothing)
    }

    fn stop_task(&mut self, name: &str, body: &Value) -> Answer {
        let sources = self.sources_of(name, &names(&body["source_name_list"]));
        if self.script.version > Version::V60 {
            duration("stop_wait_timeout_duration", &body["timeout_duration"])?;
        }
        if sources.is_empty() {
            return Ok(nothing(()));
        }
        self.expect(name, &sources, false, Waits::No).map(nothing)
    }

    fn create_source(&mut self, body: &Value) -> Answer {
        let source = &body["source"];
        if text(&source["source_name"]).is_empty() {
            return Err(refusals::no_source_name().into());
        }
        self.add_source(new_source(source), body["worker_name"].as_str())?;
        // The source is there all the same.
        if source["relay_config"]["enable_relay"] == true {
            let bound = self.worker_of(text(&source["source_name"])).is_some();
            self.source(text(&source["source_name"]))?.enable_relay = true;
            return Err(if bound { refusals::relay_style(46030) } else { refusals::not_bound() }.into());
        }
        Ok(json_body(StatusCode::CREATED, &echo_source(source)))
    }

    /// The path is looked up; the name in the body says what is changed.
    fn put_source(&mut self, name: &str, body: &Value) -> Answer {
        let source = &body["source"];
        let old = self.source(name)?;
        let mut new = new_source(source);
        (new.enable_relay, new.relay_workers) = (old.enable_relay, old.relay_workers.clone());
        if let (Some(new), true) = (&mut new.body, source["password"].is_null()) {
            let password = old.body.as_ref().map_or(Value::Null, |old| old["password"].clone());
            new["password"] = password;
        }
        self.update_source(new)?;
        Ok(json_body(StatusCode::OK, &echo_source(source)))
    }
}

fn has_position(source: &Value) -> bool {
    ["binlog_name", "binlog_gtid"].iter().any(|key| source[*key].as_str().is_some_and(|value| !value.is_empty()))
}

const CONVERTING: &str = "while converting task command line arguments: error while parse";

fn time(value: &Value) -> Result<(), Refusal> {
    let Some(given) = value.as_str() else { return Ok(()) };
    let form = given.replace(|letter: char| letter.is_ascii_digit(), "0").replace('T', " ");
    if form == "0000-00-00 00:00:00" {
        return Ok(());
    }
    let layout = "2006-01-02T15:04:05";
    Err(format!(
        "{CONVERTING} start-time, expected in the format like '2006-01-02 15:04:05' or '{layout}': parsing time \"{given}\" as \
         \"{layout}\": cannot parse \"{given}\" as \"2006\""
    )
    .into())
}

/// As Go reads one, but for signs and fractions of nothing.
fn duration(name: &str, value: &Value) -> Result<(), Refusal> {
    let Some(given) = value.as_str() else { return Ok(()) };
    let number = |letter: char| letter.is_ascii_digit() || letter == '.';
    let mut units = given.split(number).filter(|unit| !unit.is_empty());
    let known = |unit: &&str| ["ns", "us", "µs", "ms", "s", "m", "h"].contains(unit);
    let problem = if given == "0" {
        return Ok(());
    } else if !given.starts_with(number) {
        format!("time: invalid duration \"{given}\"")
    } else if given.ends_with(number) {
        format!("time: missing unit in duration \"{given}\"")
    } else if let Some(unknown) = units.find(|unit| !known(unit)) {
        format!("time: unknown unit \"{unknown}\" in duration \"{given}\"")
    } else {
        return Ok(());
    };
    Err(format!("{CONVERTING} {name}, expected in the format like '1s' or '1h': {problem}").into())
}
