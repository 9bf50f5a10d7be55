//! The cluster itself over REST: what it is, its one master and its workers.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::json;

use super::answer::{Answer, gone, json_of, list};
use super::rpc_cluster::{WORKER_ADDRESS, no_master, only_master};
use super::{Api, MASTER};
use crate::model::WorkerName;

/// What the cluster can do beyond DM's own API.
const CAPABILITIES: [&str; 3] = ["task_config_file", "remove_meta", "verify"];

pub(super) async fn info(State(api): State<Arc<Api>>) -> Answer {
    let own = json!({ "version": env!("CARGO_PKG_VERSION"), "capabilities": CAPABILITIES });
    json_of(&json!({ "cluster_id": api.cluster.view().cluster_id, "dmctl": own }))
}

pub(super) async fn masters(State(api): State<Arc<Api>>) -> Answer {
    list(vec![json!({ "name": MASTER, "alive": true, "leader": true, "addr": api.url() })])
}

pub(super) async fn delete_master(Path(name): Path<String>) -> Answer {
    Err(if name == MASTER { only_master() } else { no_master(&name) }.into())
}

pub(super) async fn workers(State(api): State<Arc<Api>>) -> Answer {
    let view = api.cluster.view();
    let workers = view.state.workers.iter().map(|worker| {
        let source = view.state.served_by(worker);
        json!({
            "name": worker.as_str(), "addr": WORKER_ADDRESS, "bound_stage": if source.is_some() { "bound" } else { "free" },
            "bound_source_name": source.map_or("", |source| source.as_str()),
        })
    });
    list(workers.collect())
}

pub(super) async fn delete_worker(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    api.cluster.remove_worker(WorkerName::seen(name)).await?;
    gone()
}
