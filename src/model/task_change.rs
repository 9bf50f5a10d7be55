//! How far the change from one task file to another one reaches.

use super::lifecycle::Reach;
use super::task_file::{Instance, Loader, Mydumper, Syncer, TaskFile};

/// Compares what two files of one task mean; `None` when they mean the same.
#[must_use]
pub fn reach(old: &TaskFile, new: &TaskFile) -> Option<Reach> {
    if content(old) != content(new) {
        Some(Reach::Content)
    } else if connection(old) != connection(new) {
        Some(Reach::Connection)
    } else if old != new {
        // Also names of sections, and keys that say what is the default anyway.
        Some(Reach::Manner)
    } else {
        None
    }
}

/// The sources of the task in the order of their names.
fn instances(file: &TaskFile) -> Vec<&Instance> {
    let mut instances: Vec<_> = file.instances().collect();
    instances.sort_by_key(|instance| name(instance).to_owned());
    instances
}

fn name(instance: &Instance) -> &str {
    instance.source_id.as_ref().map_or("", |name| name.value.as_str())
}

/// What decides which rows get where, and in which form.
fn content(file: &TaskFile) -> impl PartialEq + use<'_> {
    let target = file.target().map(|target| (target.host().to_owned(), target.port()));
    let sources: Vec<_> = instances(file)
        .into_iter()
        .map(|instance| {
            let routes: Vec<_> = file.routes_of(instance).into_iter().map(|(_, route)| route).collect();
            let filters: Vec<_> = file.filters_of(instance).into_iter().map(|(_, filter)| filter).collect();
            let conditions: Vec<_> = file.expression_filters_of(instance).into_iter().map(|(_, filter)| filter).collect();
            let units = (dump(file.mydumper_of(instance)), load(file.loader_of(instance)));
            (name(instance), &instance.meta, file.allow_list_of(instance), routes, filters, conditions, units)
        })
        .collect();
    let head = (file.task_mode(), file.shard_mode(), file.meta_schema(), file.timezone(), file.case_sensitive());
    (target, sources, head, file.collation_compatible(), file.online_ddl())
}

/// What is looked at when a subtask starts, and changes no row.
fn connection(file: &TaskFile) -> impl PartialEq + use<'_> {
    let sources: Vec<_> =
        instances(file).into_iter().map(|instance| (sync(file.syncer_of(instance)), file.validator_of(instance))).collect();
    (file.target(), sources)
}

/// A dump without what only makes it faster or slower.
fn dump(unit: Mydumper) -> Mydumper {
    Mydumper { threads: None, chunk_filesize: None, statement_size: None, rows: None, mydumper_path: None, ..unit }
}

/// A load likewise.
fn load(unit: Loader) -> Loader {
    Loader { pool_size: None, dir: None, range_concurrency: None, on_duplicate: None, ..unit }
}

/// A sync likewise.
fn sync(unit: Syncer) -> Syncer {
    Syncer { worker_count: None, batch: None, queue_size: None, checkpoint_flush_interval: None, ..unit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::Configuration;

    const FILE: &str = "name: shop\ntask-mode: full\ntarget-database: {host: h, port: 4000, user: u, password: p}\n\
        mysql-instances:\n- source-id: a\n  block-allow-list: list\n  route-rules: [away]\n  mydumper-config-name: dump\n\
        - source-id: b\nblock-allow-list:\n  list: {do-dbs: [shop]}\nroutes:\n  away: {schema-pattern: shop, target-schema: out}\n\
        mydumpers:\n  dump: {threads: 4}\n";

    fn after(from: &str, to: &str) -> Option<Reach> {
        assert!(FILE.contains(from), "{from}");
        let read = |text: &str| TaskFile::inspect(text).file.unwrap();
        reach(&read(FILE), &read(&FILE.replace(from, to)))
    }

    #[test]
    fn what_a_change_means_decides_how_far_it_reaches() {
        for (from, to, expected) in [
            ("name: shop", "name: shop", None),
            ("name: shop", "# a remark\nname: shop", None),
            ("threads: 4", "threads: 8", Some(Reach::Manner)),
            ("name: shop", "name: shop\nignore-checking-items: [all]", Some(Reach::Manner)),
            ("name: shop", "name: shop\nmeta-schema: dm_meta", Some(Reach::Manner)),
            ("password: p", "password: q", Some(Reach::Connection)),
            ("port: 4000", "port: 4001", Some(Reach::Content)),
            ("task-mode: full", "task-mode: all", Some(Reach::Content)),
            ("source-id: b", "source-id: c", Some(Reach::Content)),
            ("do-dbs: [shop]", "do-dbs: [shop, x]", Some(Reach::Content)),
            ("target-schema: out", "target-schema: in", Some(Reach::Content)),
            ("  route-rules: [away]\n", "", Some(Reach::Content)),
            ("threads: 4", "threads: 4, where: 'id > 3'", Some(Reach::Content)),
        ] {
            assert_eq!(after(from, to), expected, "{from} -> {to}");
        }
    }

    #[test]
    fn names_and_order_mean_nothing() {
        let renamed = FILE.replace("away", "other");
        let read = |text: &str| TaskFile::inspect(text).file.unwrap();
        assert_eq!(reach(&read(FILE), &read(&renamed)), Some(Reach::Manner));
        let rest = FILE.find("block-allow-list:\n  list").unwrap();
        let (first, second) = (FILE.find("- source-id: a").unwrap(), FILE.find("- source-id: b").unwrap());
        let turned = format!("{}{}{}{}", &FILE[..first], &FILE[second..rest], &FILE[first..second], &FILE[rest..]);
        assert_eq!(reach(&read(FILE), &read(&turned)), Some(Reach::Manner));
    }
}
