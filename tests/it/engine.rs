//! What the tests of the engine share: a task between two servers, and how it ended.

use std::sync::{Arc, Mutex};

use dmctl::engine;
use dmctl::model::subtask::{SubtaskEnd, SubtaskProgress, SubtaskSpec};
use dmctl::model::{source_file, task_file};
use mysql_async::prelude::Queryable as _;
use tokio_util::sync::CancellationToken;

use super::servers::{Family, Server};

/// Statements in a new schema.
pub async fn make(server: &Server, schema: &str, statements: &[&str]) {
    let mut conn = server.connect().await;
    conn.query_drop(format!("CREATE DATABASE {schema}")).await.unwrap();
    conn.query_drop(format!("USE {schema}")).await.unwrap();
    for statement in statements {
        conn.query_drop(*statement).await.unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
}

/// A name for a schema that no other pair uses.
pub fn named(stem: &str, from: Family, to: Family) -> String {
    format!("{stem}_{from:?}_{to:?}").to_lowercase()
}

/// A subtask that copies some schemas. `more` are further lines of the task file.
pub fn spec(task: &str, from: &Server, to: &Server, schemas: &[&str], more: &str) -> SubtaskSpec {
    spec_of("source-1", task, from, to, schemas, more, "")
}

/// The same with a name of the source, and with further keys of its instance.
pub fn spec_of(source: &str, task: &str, from: &Server, to: &Server, schemas: &[&str], more: &str, instance: &str) -> SubtaskSpec {
    let schemas: Vec<String> = schemas.iter().map(|schema| format!("'{schema}'")).collect();
    let more = format!("block-allow-list: {{own: {{do-dbs: [{}]}}}}\n{more}", schemas.join(", "));
    let instances = format!("[{{source-id: {source}, block-allow-list: own{instance}}}]");
    spec_from(&self::task(task, to, &more, &instances), source, from)
}

/// A task file whose books are in the schema that all tests share.
pub fn task(name: &str, to: &Server, more: &str, instances: &str) -> String {
    task_with(name, to, &format!("meta-schema: meta_dm\n{more}"), instances)
}

/// A task file.
pub fn task_with(name: &str, to: &Server, more: &str, instances: &str) -> String {
    format!("name: '{name}'\ntask-mode: full\ntarget-database: {}\nmysql-instances: {instances}\n{more}", to.yaml())
}

/// The subtask of a source.
pub fn spec_from(task: &str, source: &str, from: &Server) -> SubtaskSpec {
    let file = task_file::read(task).unwrap_or_else(|flaws| panic!("{flaws:?}\n{task}"));
    let source = format!("source-id: {source}\nfrom: {}\n", from.yaml());
    SubtaskSpec::new(&file, &source_file::read(&source).unwrap()).unwrap()
}

/// Runs a subtask to its end; with the last that it said of itself.
pub async fn run(spec: &SubtaskSpec) -> (SubtaskEnd, SubtaskProgress) {
    let last = Arc::new(Mutex::new(SubtaskProgress::default()));
    let keep = Arc::clone(&last);
    let reporter = move |progress: SubtaskProgress| *keep.lock().unwrap() = progress;
    let end = engine::run(spec, Arc::new(reporter), CancellationToken::new()).await;
    let last = last.lock().unwrap().clone();
    (end, last)
}

/// Runs a subtask that must come through.
pub async fn copy(spec: &SubtaskSpec) -> SubtaskProgress {
    let (end, last) = run(spec).await;
    assert_eq!(end, SubtaskEnd::Finished, "{last:?}");
    last
}
