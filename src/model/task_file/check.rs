//! What a task file must hold for DM to take it.

use super::super::file::{Findings, Place};
use super::TaskFile;

/// The words of `task-mode`.
const MODES: &[&str] = &["all", "full", "incremental", "dump", "load", "load&sync"];

pub(super) fn check(file: &TaskFile, findings: &mut Findings) {
    match &file.name {
        Some(name) if !name.value.is_empty() => {}
        _ => {
            findings.flaw(file.name.as_ref().map_or(Place::START, |name| name.place), "name", 20019, "the task has no name");
        }
    }
    match &file.task_mode {
        Some(mode) if MODES.contains(&mode.value.as_str()) => {}
        Some(mode) => {
            let message = format!("`{}` is no task mode", mode.value);
            findings.flaw(mode.place, "task-mode", 20020, message).among(&mode.value, MODES.iter().copied());
        }
        None => {
            findings.flaw(Place::START, "task-mode", 20020, "the task has no mode").among("", MODES.iter().copied());
        }
    }
    if let Some(remove) = file.remove_meta.as_ref().filter(|remove| remove.value) {
        findings.remark(remove.key, "remove-meta", "`remove-meta` is no longer looked at: `task start --remove-meta` does it");
    }
}
