//! The API of the embedded DM on a port, with a scripted engine behind it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dmctl::cluster::{Cluster, Settings};
use dmctl::model::log::Log;
use dmctl::server::{self, Access, Api, Tls};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::embedded_engine::{Script, Scripted};

/// A server, until it is dropped.
pub struct Served {
    pub script: Arc<Script>,
    pub cluster: Cluster,
    pub address: SocketAddr,
    pub runtime: Option<Runtime>,
    pub http: reqwest::Client,
    _end: watch::Sender<bool>,
    _folder: TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

/// What came back.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub status: u16,
    pub body: Value,
}

impl Served {
    pub fn new() -> Self {
        Self::with(Access::ThisMachine, None)
    }

    pub fn with(access: Access, tls: Option<Tls>) -> Self {
        let folder = TempDir::new().unwrap();
        let script = Script::new();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let engine = Arc::new(Scripted(Arc::clone(&script)));
        let cluster = Cluster::open(folder.path(), Settings::default(), engine, runtime.handle().clone()).unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = watch::channel(false);
        let router = server::router(Api::new(cluster.clone(), address, tls.is_some()), access);
        runtime.spawn(server::serve(listener, router, tls, ended, Log::silent()));
        let _first_wins = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(no_tls()).build().unwrap();
        Self { script, cluster, address, runtime: Some(runtime), http, _end: end, _folder: folder }
    }

    pub fn block<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(work)
    }

    /// Sends a request and reads the answer.
    pub fn send(&self, request: reqwest::RequestBuilder) -> Said {
        self.block(async {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let text = response.text().await.unwrap();
            let body = serde_json::from_str(&text).unwrap_or(if text.is_empty() { Value::Null } else { Value::String(text) });
            Said { status, body }
        })
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), format!("http://{}{path}", self.address))
    }

    /// A call below `/api/v1`, with a body or without.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Said {
        let request = self.request(method, &format!("/api/v1{path}"));
        self.send(if body.is_null() { request } else { request.json(body) })
    }

    pub fn get(&self, path: &str) -> Said {
        self.call("GET", path, &Value::Null)
    }

    /// Waits until a task is in a stage on all its sources.
    pub fn until(&self, task: &str, stage: &str) {
        let task = dmctl::model::TaskName::seen(task);
        let is_so = |view: &dmctl::cluster::View| {
            view.task(&task).is_some_and(|subtasks| subtasks.iter().all(|subtask| subtask.stage.word() == stage))
        };
        self.block(self.cluster.wait_until(is_so)).unwrap();
    }
}

fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}

/// A source as a body.
pub fn source(name: &str) -> Value {
    json!({
        "source_name": name, "host": "127.0.0.1", "port": 3306, "user": "dm", "password": "S3cret-pw", "enable": true,
        "enable_gtid": false,
    })
}

/// A task as a body.
pub fn task(name: &str, sources: &[&str]) -> Value {
    let rules: Vec<_> = sources
        .iter()
        .map(|source| json!({ "source": { "source_name": source, "schema": "shop", "table": "*" }, "target": { "schema": "out" } }))
        .collect();
    let conf: Vec<_> = sources.iter().map(|source| json!({ "source_name": source })).collect();
    json!({
        "name": name, "task_mode": "full", "meta_schema": "dm_meta", "enhance_online_schema_change": true,
        "on_duplicate": "replace", "target_config": { "host": "127.0.0.1", "port": 4000, "user": "tgt", "password": "T4rget" },
        "table_migrate_rule": rules,
        "source_config": { "full_migrate_conf": { "export_threads": 4, "import_threads": 4 }, "source_conf": conf },
    })
}
