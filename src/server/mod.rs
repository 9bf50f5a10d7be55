//! The API of the DM inside: DM's REST API and `pb.Master` on one port, in DM's shapes, numbers and texts.
//!
//! It decodes, asks the cluster, and encodes. Who may ask is decided before anything is looked at.

mod answer;
mod check;
mod guard;
mod interface;
mod listen;
mod request;
mod rest;
mod rest_cluster;
mod rest_source;
mod rest_task;
mod rest_template;
mod rest_verify;
mod rpc;
mod rpc_cluster;
mod rpc_source;
mod rpc_task;
mod source_body;
mod status;
mod task_body;
mod task_texts;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::{Router, middleware};

use crate::cluster::Cluster;

pub use guard::Access;
pub use listen::{Tls, TlsError, serve, serve_within};

/// The name of the one master there is.
pub const MASTER: &str = "dmctl";

/// What the API is about.
pub struct Api {
    cluster: Cluster,
    address: SocketAddr,
    /// Clients come over TLS.
    tls: bool,
    texts: task_texts::TaskTexts,
}

impl Api {
    /// The API of a cluster, at an address.
    #[must_use]
    pub fn new(cluster: Cluster, address: SocketAddr, tls: bool) -> Self {
        Self { cluster, address, tls, texts: task_texts::TaskTexts::default() }
    }

    /// Where clients reach it.
    fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.address)
    }
}

/// Everything behind one port.
pub fn router(api: Api, access: Access) -> Router {
    let api = Arc::new(api);
    let routes = rest::router(Arc::clone(&api)).merge(rpc::router(api));
    // Before a route is looked for, which a layer of these routes would be too late for.
    let routes = Router::new().fallback_service(routes).layer(middleware::map_request(rest::unfolded));
    guard::guarded(routes, access)
}
