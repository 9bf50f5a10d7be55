//! How subtasks do, in the shapes of both protocols.

use serde_json::{Value, json};

use crate::cluster::SubtaskView;
use crate::model::dm_code::DmCode;
use crate::model::lifecycle::Life;
use crate::model::status::{Load, Progress};
use crate::model::{DmError, SubtaskStage};
use crate::wire::pb;

/// A share of a whole as DM writes it.
fn percent(load: &Load, life: Life) -> String {
    if life == Life::Finished {
        return "100.00 %".to_owned();
    }
    if load.total_bytes == 0 {
        return "0.00 %".to_owned();
    }
    // What is estimated may be too little; a copy that is not through is never whole.
    let share = (load.finished_bytes as f64 / load.total_bytes as f64 * 100.0).min(99.99);
    format!("{share:.2} %")
}

fn load_of(subtask: &SubtaskView) -> Load {
    match subtask.progress.as_status() {
        Progress::Load(load) => load,
        Progress::None | Progress::Dump(_) | Progress::Sync(_) => Load::default(),
    }
}

/// The name of the worker; empty where there is none.
fn worker(subtask: &SubtaskView) -> String {
    subtask.worker.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// A subtask as the REST API shows it. `copied` is ours.
pub(super) fn rest(subtask: &SubtaskView) -> Value {
    let load = load_of(subtask);
    let mut status = json!({
        "name": subtask.task.as_str(), "source_name": subtask.source.as_str(), "worker_name": worker(subtask),
        "stage": subtask.stage.word(), "unit": subtask.progress.unit.word(), "unresolved_ddl_lock_id": "",
        "load_status": {
            "finished_bytes": load.finished_bytes, "total_bytes": load.total_bytes, "progress": percent(&load, subtask.life),
            "meta_binlog": load.position, "meta_binlog_gtid": load.gtid_set, "bps": load.bytes_per_second,
        },
    });
    if !subtask.errors.is_empty() {
        status["error_msg"] = subtask.errors.iter().map(|error| format!("{}\n", error.to_text())).collect::<String>().into();
    }
    if let Some(copied) = &load.copied {
        status["copied"] = json!(copied);
    }
    status
}

/// The same over gRPC. What it waits for stands in `detail`, a field that DM has and does not use.
pub(super) fn rpc(subtask: &SubtaskView) -> pb::SubTaskStatus {
    let load = load_of(subtask);
    let errors: Vec<_> = subtask.errors.iter().map(error).collect();
    let detail = subtask.progress.waiting.clone().unwrap_or_default().into_bytes();
    let at_rest = matches!(subtask.stage, SubtaskStage::Finished) || !errors.is_empty() || !detail.is_empty();
    pb::SubTaskStatus {
        name: subtask.task.to_string(),
        stage: stage(subtask.stage).into(),
        unit: pb::UnitType::Load.into(),
        result: at_rest.then_some(pb::ProcessResult { is_canceled: false, errors, detail }),
        unresolved_ddl_lock_id: String::new(),
        validation: None,
        copied: load.copied.as_ref().and_then(|copied| serde_json::to_string(copied).ok()).unwrap_or_default(),
        status: Some(pb::sub_task_status::Status::Load(pb::LoadStatus {
            finished_bytes: load.finished_bytes,
            total_bytes: load.total_bytes,
            progress: percent(&load, subtask.life),
            meta_binlog: load.position,
            meta_binlog_gtid: load.gtid_set,
            bps: load.bytes_per_second,
        })),
    }
}

fn stage(stage: SubtaskStage) -> pb::Stage {
    match stage {
        SubtaskStage::New => pb::Stage::New,
        SubtaskStage::Running => pb::Stage::Running,
        SubtaskStage::Paused => pb::Stage::Paused,
        SubtaskStage::Stopped => pb::Stage::Stopped,
        SubtaskStage::Finished => pb::Stage::Finished,
        SubtaskStage::Pausing => pb::Stage::Pausing,
        SubtaskStage::Resuming => pb::Stage::Resuming,
        SubtaskStage::Stopping => pb::Stage::Stopping,
        SubtaskStage::Unknown => pb::Stage::InvalidStage,
    }
}

fn error(error: &DmError) -> pb::ProcessError {
    let code = DmCode::of(error.code.unwrap_or(50000));
    pb::ProcessError {
        err_code: i32::try_from(code.code).unwrap_or(0),
        err_class: error.class.clone().unwrap_or_else(|| code.class.to_owned()),
        err_scope: error.scope.clone().unwrap_or_else(|| code.scope.to_owned()),
        err_level: code.level.to_owned(),
        message: error.message.clone(),
        raw_cause: error.cause.clone().unwrap_or_default(),
        workaround: error.workaround.clone().unwrap_or_default(),
    }
}
