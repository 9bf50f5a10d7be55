//! Tasks as the REST API lists them, as text: what is shown of a task changes with its file and its sources only, and a list of hundreds
//! is asked for again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::answer::pretty;
use super::task_body;
use crate::cluster::{Task, View};
use crate::model::task_file::TaskFile;
use crate::model::{SourceName, TaskName};

/// What begins a line of a task in a list.
const INDENT: &str = "\n        ";

/// The texts that have been made.
#[derive(Default)]
pub(super) struct TaskTexts(Mutex<HashMap<TaskName, Made>>);

struct Made {
    file: Arc<TaskFile>,
    sources: Vec<SourceName>,
    text: Arc<str>,
}

impl TaskTexts {
    /// A list of tasks, with what is said about each beside its file.
    pub(super) fn list<'a>(&self, view: &View, names: &[&'a TaskName], status: impl Fn(&'a TaskName) -> Option<Value>) -> String {
        let mut text = format!("{{\n    \"total\": {},\n    \"data\": [", names.len());
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() > view.state.tasks.len() {
            made.retain(|name, _| view.state.tasks.contains_key(name));
        }
        for (number, name) in names.iter().enumerate() {
            let Some(task) = view.state.tasks.get(*name) else { continue };
            text.push_str(if number == 0 { "" } else { "," });
            text.push_str(INDENT);
            text.push_str(&text_of(&mut made, name, task));
            if let Some(status) = status(name) {
                text.push_str(",\n            \"status_list\": ");
                text.push_str(&pretty(&status).replace('\n', "\n            "));
            }
            text.push_str(INDENT);
            text.push('}');
        }
        text.push_str(if names.is_empty() { "]\n}" } else { "\n    ]\n}" });
        text
    }
}

/// A task up to the brace that closes it.
fn text_of(made: &mut HashMap<TaskName, Made>, name: &TaskName, task: &Task) -> Arc<str> {
    let known = made.get(name).filter(|made| Arc::ptr_eq(&made.file, &task.file) && made.sources.iter().eq(task.subtasks.keys()));
    if let Some(known) = known {
        return Arc::clone(&known.text);
    }
    let text = pretty(&task_body::shown(name, &task.file, task.subtasks.keys())).replace('\n', INDENT);
    let text: Arc<str> = text.strip_suffix('}').unwrap_or(&text).trim_end().into();
    let sources = task.subtasks.keys().cloned().collect();
    made.insert(name.clone(), Made { file: Arc::clone(&task.file), sources, text: Arc::clone(&text) });
    text
}
