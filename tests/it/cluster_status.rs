//! Subtasks as a worker of the scripted cluster tells of them. The task's name is filled in by the script.

use dmctl::wire::pb;
use pb::sub_task_status::Status;

/// A subtask that syncs with this lag.
pub fn syncing(lag: i64) -> pb::SubTaskStatus {
    let sync = pb::SyncStatus {
        total_events: 1205,
        total_tps: 41,
        recent_tps: 44,
        master_binlog: "(mysql-bin.000001, 304914)".into(),
        master_binlog_gtid: "0-3306-71".into(),
        syncer_binlog: "(mysql-bin.000001, 304675)".into(),
        syncer_binlog_gtid: "0-3306-70".into(),
        synced: lag == 0,
        binlog_type: "remote".into(),
        seconds_behind_master: lag,
        total_rows: 1200,
        total_rps: 40,
        recent_rps: 43,
        ..pb::SyncStatus::default()
    };
    subtask(pb::Stage::Running, pb::UnitType::Sync, Status::Sync(sync))
}

/// One that dumps, a quarter done.
pub fn dumping() -> pb::SubTaskStatus {
    let dump = pb::DumpStatus {
        total_tables: 8,
        completed_tables: 1.0,
        finished_bytes: 3_145_728.0,
        finished_rows: 25_000.0,
        estimate_total_rows: 100_000.0,
        bps: 1_048_576,
        progress: "25.00 %".into(),
    };
    subtask(pb::Stage::Running, pb::UnitType::Dump, Status::Dump(dump))
}

/// One that loads, this share done.
pub fn loading(percent: i64) -> pb::SubTaskStatus {
    let load = pb::LoadStatus {
        finished_bytes: percent * 20_000,
        total_bytes: 2_000_000,
        progress: format!("{percent}.00 %"),
        meta_binlog: "(mysql-bin.000001, 298195)".into(),
        meta_binlog_gtid: "0-3306-44".into(),
        bps: 6_231_935,
    };
    subtask(pb::Stage::Running, pb::UnitType::Load, Status::Load(load))
}

/// One that is through.
pub fn finished() -> pb::SubTaskStatus {
    pb::SubTaskStatus { stage: pb::Stage::Finished.into(), result: Some(pb::ProcessResult::default()), ..loading(100) }
}

/// One that was created and not started.
pub fn created() -> pb::SubTaskStatus {
    subtask(pb::Stage::Stopped, pb::UnitType::Dump, Status::Dump(pb::DumpStatus::default()))
}

/// One that a user stopped.
pub fn paused() -> pb::SubTaskStatus {
    let result = pb::ProcessResult { is_canceled: true, ..pb::ProcessResult::default() };
    pb::SubTaskStatus { stage: pb::Stage::Paused.into(), result: Some(result), ..syncing(0) }
}

/// One that an error stopped.
pub fn failed() -> pb::SubTaskStatus {
    let error = pb::ProcessError {
        err_code: 44019,
        err_class: "schema-tracker".into(),
        err_scope: "internal".into(),
        err_level: "high".into(),
        message: "failed to fetch downstream table `shop`.`items`".into(),
        raw_cause: "Error 1146 (42S02): Table 'shop.items' doesn't exist".into(),
        workaround: "Please check the target table.".into(),
    };
    let result = pb::ProcessResult { errors: vec![error], ..pb::ProcessResult::default() };
    pb::SubTaskStatus { stage: pb::Stage::Paused.into(), result: Some(result), ..syncing(7) }
}

/// One that waits for a DDL of other shards.
pub fn waiting(ddl: &str) -> pb::SubTaskStatus {
    let mut status = syncing(0);
    if let Some(Status::Sync(sync)) = &mut status.status {
        sync.synced = false;
        sync.blocking_dd_ls = vec![ddl.into()];
        sync.unresolved_groups = vec![pb::ShardingGroup {
            target: "`shop`.`orders`".into(),
            dd_ls: vec![ddl.into()],
            synced: vec!["`shop_1`.`orders`".into()],
            unsynced: vec!["`shop_2`.`orders`".into()],
            ..pb::ShardingGroup::default()
        }];
    }
    pb::SubTaskStatus { unresolved_ddl_lock_id: "task-1-`shop`.`orders`".into(), ..status }
}

fn subtask(stage: pb::Stage, unit: pb::UnitType, status: Status) -> pb::SubTaskStatus {
    pb::SubTaskStatus { stage: stage.into(), unit: unit.into(), status: Some(status), ..pb::SubTaskStatus::default() }
}

/// A relay log that is written.
pub fn relaying() -> pb::RelayStatus {
    pb::RelayStatus {
        master_binlog: "(mysql-bin.000001, 304914)".into(),
        master_binlog_gtid: "0-3306-71".into(),
        relay_sub_dir: "f5447d40-e757-11f1-8281-02fc00000001.000001".into(),
        relay_binlog: "(mysql-bin.000001, 304914)".into(),
        relay_binlog_gtid: "0-3306-71".into(),
        relay_catch_up_master: true,
        stage: pb::Stage::Running.into(),
        result: None,
    }
}
