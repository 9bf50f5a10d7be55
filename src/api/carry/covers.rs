//! Whether a task can be made again from what the REST API shows of it.

use super::{ClusterFacts, Judge, Loss, Rules, case_sensitive, derive, instances, keys, text, units};
use crate::model::file::Place;
use crate::model::task_file::TaskFile;
use crate::wire::openapi::TaskBody;
use keys::Losses;

/// What would be lost if a task were deleted and created again with the body that the REST API shows. `file` is the same task as the
/// cluster's configuration has it; its password and TLS material may be covered up. Empty if nothing would be lost.
#[must_use]
pub fn covers(file: &TaskFile, rest: &TaskBody, facts: &ClusterFacts) -> Vec<Loss> {
    let mut losses = Losses::default();
    let wanted = keys::task(file, facts, &mut losses);
    let mut compare = |key: &str, wanted: serde_json::Value, shown: serde_json::Value| {
        if wanted != shown {
            losses.add(Place::default(), key, format!("the REST API shows {shown} where the task has {wanted}"));
        }
    };
    for (key, has, shows) in fields(&wanted).into_iter().zip(fields(rest)).map(|((key, has), (_, shows))| (key, has, shows)) {
        compare(key, has, shows);
    }
    for instance in instances(file) {
        let source = text(&instance.source_id);
        let known = facts.sources.get(source).cloned().unwrap_or_default();
        let rules = Rules::of(file, instance);
        rules.lost(&mut losses, &known, file);
        let judge = Judge { source, case_sensitive: case_sensitive(file, &known), units: units(file), known: &known };
        for difference in judge.differences(&rules.source, &derive(rest, source)).into_iter().take(1) {
            let name = if difference.table.is_empty() {
                format!("`{}`", difference.schema)
            } else {
                format!("`{}`.`{}`", difference.schema, difference.table)
            };
            let why = format!("{name} of {source} is {}, and would then be {}", difference.file_says, difference.cluster_will);
            losses.add(Place::default(), "mysql-instances", why);
        }
    }
    losses.in_order()
}

/// What must be the same, by the keys of the file. What DM fills in where a body says nothing counts as said.
fn fields(task: &TaskBody) -> Vec<(&'static str, serde_json::Value)> {
    use serde_json::json;
    let full = task.source_config.full_migrate_conf.clone().unwrap_or_default();
    let incremental = task.source_config.incr_migrate_conf.clone().unwrap_or_default();
    let word = |word: &Option<String>, default: &str| json!(word.as_deref().filter(|word| !word.is_empty()).unwrap_or(default));
    let mut starts: Vec<_> = task
        .source_config
        .source_conf
        .iter()
        .map(|start| {
            (
                start.source_name.clone(),
                start.binlog_name.clone().unwrap_or_default(),
                start.binlog_pos.unwrap_or_default(),
                start.binlog_gtid.clone().unwrap_or_default(),
            )
        })
        .collect();
    starts.sort_unstable();
    vec![
        ("name", json!(task.name)),
        ("task-mode", json!(task.task_mode)),
        ("shard-mode", word(&task.shard_mode, "")),
        ("strict-optimistic-shard-mode", json!(task.strict_optimistic_shard_mode.unwrap_or_default())),
        ("meta-schema", word(&task.meta_schema, "dm_meta")),
        ("online-ddl", json!(task.enhance_online_schema_change)),
        ("target-database.host", json!(task.target_config.host)),
        ("target-database.port", json!(task.target_config.port)),
        ("target-database.user", json!(task.target_config.user)),
        ("mysql-instances.meta", json!(starts)),
        ("ignore-checking-items", json!(task.ignore_checking_items.clone().unwrap_or_default())),
        ("mydumpers.threads", json!(full.export_threads.unwrap_or(4))),
        ("mydumpers.extra-args", word(&full.consistency, "")),
        ("loaders.pool-size", json!(full.import_threads.unwrap_or(16))),
        ("loaders.dir", word(&full.data_dir, "./dumped_data")),
        ("loaders.on-duplicate-logical", word(&full.on_duplicate_logical, &task.on_duplicate)),
        ("loaders.import-mode", word(&full.import_mode, "logical")),
        ("loaders.on-duplicate-physical", word(&full.on_duplicate_physical, "none")),
        ("loaders.sorting-dir-physical", word(&full.sorting_dir, "")),
        ("loaders.disk-quota-physical", word(&full.disk_quota, "0")),
        ("loaders.checksum-physical", word(&full.checksum, "required")),
        ("loaders.analyze", word(&full.analyze, "optional")),
        ("loaders.range-concurrency", json!(full.range_concurrency.unwrap_or_default())),
        ("loaders.compress-kv-pairs", word(&full.compress_kv_pairs, "")),
        ("loaders.pd-addr", word(&full.pd_addr, "")),
        ("syncers.worker-count", json!(incremental.repl_threads.unwrap_or(16))),
        ("syncers.batch", json!(incremental.repl_batch.unwrap_or(100))),
    ]
}

/// The same for a body as it came; `None` where it is not understood.
#[must_use]
pub fn covers_shown(file: &TaskFile, rest: &serde_json::Value, facts: &ClusterFacts) -> Option<Vec<Loss>> {
    let rest: TaskBody = serde_json::from_value(rest.clone()).ok()?;
    Some(covers(file, &rest, facts))
}
