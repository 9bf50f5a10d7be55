//! From the wire's words into ours.

use crate::model::status::{
    DdlLock, Dump, Load, Master, Progress, Relay, ShardingGroup, Silence, Subtask, Sync, Unit, Worker, WorkerReport,
};
use crate::model::{DmError, LockId, MasterName, SourceName, SubtaskStage, TaskName, WorkerName};
use crate::wire::pb;
use pb::sub_task_status::Status;

/// The empty text is DM's way to say that there is nothing.
fn some(text: String) -> Option<String> {
    if text.is_empty() { None } else { Some(text) }
}

fn stage(number: i32) -> (SubtaskStage, String) {
    match pb::Stage::try_from(number) {
        Ok(stage) => (SubtaskStage::from_word(stage.as_str_name()), stage.as_str_name().to_owned()),
        Err(_) => (SubtaskStage::Unknown, format!("stage {number}")),
    }
}

fn unit(number: i32) -> Option<Unit> {
    match pb::UnitType::try_from(number) {
        Ok(pb::UnitType::Check) => Some(Unit::Check),
        Ok(pb::UnitType::Dump) => Some(Unit::Dump),
        Ok(pb::UnitType::Load) => Some(Unit::Load),
        Ok(pb::UnitType::Sync) => Some(Unit::Sync),
        Ok(pb::UnitType::InvalidUnit | pb::UnitType::Relay) | Err(_) => None,
    }
}

/// The errors of a result. A subtask that a user stopped has a result without errors.
fn errors(result: Option<pb::ProcessResult>) -> Vec<DmError> {
    result.map(|result| result.errors.into_iter().map(process_error).collect()).unwrap_or_default()
}

fn process_error(error: pb::ProcessError) -> DmError {
    let (message, cause) = match (error.message, some(error.raw_cause)) {
        (message, Some(cause)) if message.trim().is_empty() => (cause, None),
        parts => parts,
    };
    DmError {
        code: u32::try_from(error.err_code).ok().filter(|code| *code != 0),
        class: some(error.err_class),
        scope: some(error.err_scope),
        message,
        cause,
        workaround: some(error.workaround),
    }
}

/// One entry of a `QueryStatus` answer: the source it is about, and what its worker said.
pub(super) fn worker_report(entry: pb::QueryStatusResponse) -> (SourceName, Result<WorkerReport, Silence>) {
    let status = entry.source_status.unwrap_or_default();
    let source = SourceName::seen(status.source);
    // A task whose worker is away is told with a sentence where the worker's name belongs.
    let worker = some(status.worker).filter(|worker| worker != "source not bound").map(WorkerName::seen);
    if !entry.result {
        return (source, Err(Silence { worker, reason: DmError::parse(&entry.msg) }));
    }
    let subtasks = entry.sub_task_status.into_iter().filter_map(|status| subtask(status, &source, worker.as_ref()));
    let report = WorkerReport {
        subtasks: subtasks.collect(),
        relay: status.relay_status.and_then(relay),
        errors: errors(status.result),
        worker,
    };
    (source, Ok(report))
}

/// The names of tasks in an entry, also in one that says that the worker is away.
pub(super) fn named_tasks(entry: &pb::QueryStatusResponse) -> Vec<TaskName> {
    let names = entry.sub_task_status.iter().map(|status| &status.name).filter(|name| !name.is_empty());
    names.map(TaskName::seen).collect()
}

/// A worker without any subtask, or without the one asked for, answers with a text in the place of a subtask: no subtask.
fn subtask(status: pb::SubTaskStatus, source: &SourceName, worker: Option<&WorkerName>) -> Option<Subtask> {
    let progress = match status.status {
        Some(Status::Msg(_)) => return None,
        Some(Status::Dump(dump)) => Progress::Dump(Dump {
            total_tables: dump.total_tables,
            completed_tables: dump.completed_tables,
            finished_bytes: dump.finished_bytes,
            finished_rows: dump.finished_rows,
            estimated_rows: dump.estimate_total_rows,
            bytes_per_second: dump.bps,
        }),
        Some(Status::Load(load)) => Progress::Load(Load {
            finished_bytes: load.finished_bytes,
            total_bytes: load.total_bytes,
            bytes_per_second: load.bps,
            position: load.meta_binlog,
            gtid_set: load.meta_binlog_gtid,
            copied: serde_json::from_str(&status.copied).ok(),
        }),
        Some(Status::Sync(sync)) => Progress::Sync(Box::new(self::sync(sync))),
        Some(Status::Check(_)) | None => Progress::None,
    };
    let (stage, server_stage) = stage(status.stage);
    Some(Subtask {
        task: TaskName::seen(status.name),
        source: source.clone(),
        worker: worker.cloned(),
        stage,
        server_stage,
        unit: unit(status.unit),
        progress,
        lock: some(status.unresolved_ddl_lock_id).map(LockId::seen),
        stopped_by_user: status.result.as_ref().is_some_and(|result| result.is_canceled),
        errors: errors(status.result),
    })
}

fn sync(sync: pb::SyncStatus) -> Sync {
    // Below version 6.4 the fields for rows stay empty, whatever was applied; events are the nearest that is told.
    let tells_rows = sync.total_rows > 0 || sync.total_events == 0;
    Sync {
        total_rows: tells_rows.then_some(sync.total_rows),
        rows_per_second: if tells_rows { sync.recent_rps } else { sync.recent_tps },
        source_position: sync.master_binlog,
        source_gtid_set: sync.master_binlog_gtid,
        applied_position: sync.syncer_binlog,
        applied_gtid_set: sync.syncer_binlog_gtid,
        blocking_ddls: sync.blocking_dd_ls,
        unresolved_groups: sync
            .unresolved_groups
            .into_iter()
            .map(|group| ShardingGroup { target: group.target, ddls: group.dd_ls, synced: group.synced, unsynced: group.unsynced })
            .collect(),
        synced: sync.synced,
        binlog_type: sync.binlog_type,
        lag_seconds: sync.seconds_behind_master,
        conflict: some(sync.conflict_msg),
    }
}

/// A worker that keeps no relay log sends no status, or one without a stage.
fn relay(status: pb::RelayStatus) -> Option<Relay> {
    let (stage, _) = stage(status.stage);
    if stage == SubtaskStage::Unknown && status.relay_sub_dir.is_empty() {
        return None;
    }
    Some(Relay {
        stage,
        sub_dir: status.relay_sub_dir,
        source_position: status.master_binlog,
        source_gtid_set: status.master_binlog_gtid,
        relay_position: status.relay_binlog,
        relay_gtid_set: status.relay_binlog_gtid,
        caught_up: status.relay_catch_up_master,
        errors: errors(status.result),
    })
}

pub(super) fn master(info: pb::MasterInfo) -> Master {
    Master { name: MasterName::seen(info.name), alive: info.alive, client_urls: info.client_ur_ls }
}

pub(super) fn worker(info: pb::WorkerInfo) -> Worker {
    Worker {
        name: WorkerName::seen(info.name),
        address: info.addr,
        state: info.stage,
        source: some(info.source).map(SourceName::seen),
    }
}

pub(super) fn lock(lock: pb::DdlLock) -> DdlLock {
    DdlLock {
        id: LockId::seen(lock.id),
        task: TaskName::seen(lock.task),
        mode: lock.mode,
        owner: lock.owner,
        ddls: lock.dd_ls,
        synced: lock.synced,
        unsynced: lock.unsynced,
    }
}
