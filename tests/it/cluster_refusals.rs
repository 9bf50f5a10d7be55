//! Why the scripted cluster refuses a change. What a real DM was recorded to say is said in its words (see `tests/recordings`); of the
//! others only code, class and level are DM's.

use std::fmt::Display;

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// DM says this.
    Text(String),
    /// DM does half of it, and never answers.
    Never,
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A text in DM's form.
pub fn coded(code: u32, class: &str, level: &str, rest: impl Display) -> String {
    format!("[code={code}:class={class}:scope=internal:level={level}], Message: {rest}")
}

fn scheduler(code: u32, level: &str, rest: impl Display) -> String {
    coded(code, "scheduler", level, rest)
}

/// A list as Go shows it.
pub fn list(names: &[String]) -> String {
    format!("[{}]", names.join(" "))
}

pub fn worker_unknown(name: impl Display) -> String {
    scheduler(46004, "medium", format_args!("dm-worker with name {name} not exists"))
}

pub fn worker_online(name: &str) -> String {
    scheduler(46005, "medium", format_args!("dm-worker with name {name} is still online, Workaround: Please shut it down first."))
}

pub fn worker_stage(name: &str, from: &str) -> String {
    scheduler(46006, "medium", format_args!("invalid stage transformation for dm-worker {name}, from {from} to bound"))
}

pub fn source_exists(name: &str) -> String {
    scheduler(46007, "medium", format_args!("source config with ID {name} already exists"))
}

pub fn source_unknown(name: &str) -> String {
    scheduler(46008, "medium", format_args!("source config with ID {name} not exists"))
}

pub fn sources_unbound(names: &[String]) -> String {
    coded(46009, "dm-master", "medium", format_args!("no worker serves {}", list(names)))
}

pub fn source_has_tasks(name: &str, tasks: &[String]) -> String {
    let tasks = list(tasks);
    let rest = format!("source with name {name} need to operate has existing tasks {tasks}, Workaround: Please `stop-task` first.");
    coded(46010, "dm-master", "medium", rest)
}

pub fn task_exists(name: &str, sources: &[String]) -> String {
    let sources = list(sources);
    let rest = format!(
        "subtasks with name {name} for sources {sources} already exist, Workaround: Please use `query-status` command to see tasks."
    );
    scheduler(46014, "medium", rest)
}

pub fn no_such_subtasks(sources: &[String]) -> String {
    coded(46017, "dm-master", "medium", format_args!("the task is not on {}", list(sources)))
}

pub fn task_unknown(name: &str) -> String {
    let rest = format!("task with name {name} not exist, Workaround: Please use `query-status` command to see tasks.");
    scheduler(46018, "medium", rest)
}

pub fn not_all_in_sync(tasks: &[String], source: &str) -> String {
    scheduler(46019, "high", format_args!("{} of {source} run, and a task is not in the sync unit", list(tasks)))
}

pub fn relay_elsewhere(code: u32, workers: &[String]) -> String {
    scheduler(code, "high", format_args!("{} are in use for another source", list(workers)))
}

pub fn source_has_relay(name: &str, workers: &[String]) -> String {
    scheduler(46023, "high", format_args!("{} write the relay log of {name}", list(workers)))
}

pub fn source_busy(name: &str) -> String {
    let rest = format!("source {name} can only be updated when relay is disabled and no tasks are running for now");
    scheduler(46025, "low", rest)
}

pub fn relay_of_another(worker: &str, source: &str) -> String {
    scheduler(46027, "medium", format_args!("{worker} writes another relay log than that of {source}"))
}

/// 46028 to 46031: a relay that was switched on in one style is operated in the other.
pub fn relay_style(code: u32) -> String {
    scheduler(code, "low", "the relay was started in the other style, Workaround: Stop it the way that it was started.")
}

pub fn worker_not_free(name: &str) -> String {
    scheduler(46033, "low", format_args!("{name} is in use"))
}

pub fn subtask_unknown(task: &str, source: &str) -> String {
    scheduler(46034, "medium", format_args!("{task} is not on {source}"))
}

pub fn update_while_running(task: &str, source: &str) -> String {
    let rest = format!("subtask with name {task} source name {source} can only update when no running tasks for now");
    scheduler(46035, "low", rest)
}

pub fn update_unbound(source: &str) -> String {
    scheduler(46035, "low", format_args!("no worker serves {source}"))
}

pub fn update_of_unit(task: &str, unit: &str) -> String {
    let inner = format!(
        "can only update task config for limited fields and this task must in sync unit, current task: {task} current unit: {unit}"
    );
    let inner = coded(40081, "dm-worker", "high", inner);
    scheduler(46035, "low", format_args!("can not update because {inner}"))
}

pub fn source_disabled(task: &str, source: &str) -> String {
    coded(38058, "dm-master", "high", format_args!("can not start task: {task} reason: source: {source} is not enabled"))
}

pub fn still_running(task: &str) -> String {
    let rest = format!("task {task} have running subtasks, please stop them or delete task with force.");
    coded(49001, "openapi", "high", rest)
}

pub fn no_position(source: &str) -> String {
    let rest = format!(
        "mysql-instance({source}) must set meta for task-mode incremental, Workaround: Please check the `meta` config in task configuration file."
    );
    coded(20022, "config", "medium", rest)
}

pub fn no_name(source: &str) -> String {
    let rest = format!(
        "source name {source}: task name should not be empty, Workaround: Please check the `name` config in task configuration file."
    );
    coded(20004, "config", "medium", rest)
}

pub fn no_source_name() -> String {
    let rest = "dm-worker should bind a non-empty source ID which represents a MySQL/MariaDB instance or a replica group. \n \
                notice: if you use old version dm-ansible, please update to newest version.";
    coded(40005, "dm-worker", "medium", rest)
}

pub fn not_bound() -> String {
    coded(40070, "dm-worker", "high", "no worker serves the source")
}

pub fn not_as_expected() -> String {
    coded(38045, "dm-master", "medium", "fail to get expected result")
}

pub fn purge_forbidden(task: &str) -> String {
    coded(30037, "relay-unit", "high", format_args!("{task} is not at work, and may need the file"))
}

pub fn lock_unknown(lock: &str) -> String {
    coded(38019, "dm-master", "high", format_args!("there is no lock {lock}"))
}

pub fn lock_resolving(lock: &str) -> String {
    coded(38020, "dm-master", "high", format_args!("the table is none that waits for {lock}"))
}

pub fn not_waiting(worker: &str, lock: &str) -> String {
    coded(38022, "dm-master", "high", format_args!("{worker} does not wait for {lock}"))
}

pub fn invalid_operation(operation: &str, on: &str) -> String {
    coded(38041, "dm-master", "medium", format_args!("invalid op {operation} on {on}"))
}

pub fn master_unknown(name: &str) -> String {
    let rest = format!("dm-master with name {name} not exists, Workaround: Please use list-member command to see masters.");
    coded(38048, "dm-master", "low", rest)
}
