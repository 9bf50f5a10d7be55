//! The routes of the REST API.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde_json::json;

use super::answer::{Answer, Refusal, json_with};
use super::guard::{grpc_refusal, is_grpc};
use super::request::Query;
use super::{Api, interface, rest_cluster, rest_source, rest_task, rest_template, rest_verify};

/// All routes but those of gRPC.
pub(super) fn router(api: Arc<Api>) -> Router {
    let routes = Router::new()
        .route("/cluster/info", get(rest_cluster::info))
        .route("/cluster/masters", get(rest_cluster::masters))
        .route("/cluster/masters/{master}", delete(rest_cluster::delete_master))
        .route("/cluster/workers", get(rest_cluster::workers))
        .route("/cluster/workers/{worker}", delete(rest_cluster::delete_worker))
        .route("/dm.json", get(description))
        .route("/sources", get(rest_source::list).post(rest_source::create))
        .route("/sources/{source}", get(rest_source::get).put(rest_source::update).delete(rest_source::delete))
        .route("/sources/{source}/status", get(rest_source::status))
        .route("/sources/{source}/enable", post(rest_source::enable))
        .route("/sources/{source}/disable", post(rest_source::disable))
        .route("/sources/{source}/transfer", post(rest_source::transfer))
        .route("/sources/{source}/relay/enable", post(rest_source::enable_relay))
        .route("/sources/{source}/relay/disable", post(rest_source::disable_relay))
        .route("/sources/{source}/relay/purge", post(rest_source::purge_relay))
        .route("/sources/{source}/schemas", get(rest_source::schemas))
        .route("/sources/{source}/schemas/{schema}", get(rest_source::tables))
        .route("/tasks", get(rest_task::list).post(rest_task::create))
        .route("/tasks/converters", post(rest_task::convert))
        .route("/tasks/templates", get(rest_template::list).post(rest_template::create))
        .route("/tasks/templates/import", post(rest_template::import))
        .route("/tasks/templates/{task}", get(rest_template::get).put(rest_template::update).delete(rest_template::delete))
        .route("/tasks/{task}", get(rest_task::get).put(rest_task::update).delete(rest_task::delete))
        .route("/tasks/{task}/status", get(rest_task::status))
        .route("/tasks/{task}/start", post(rest_task::start))
        .route("/tasks/{task}/stop", post(rest_task::stop))
        .route("/tasks/{task}/verify", post(rest_verify::verify))
        .route("/tasks/{task}/sources/{source}/migrate_targets", get(rest_task::no_sync))
        .route("/tasks/{task}/sources/{source}/schemas", get(rest_task::no_sync))
        .route("/tasks/{task}/sources/{source}/schemas/{schema}", get(rest_task::no_sync))
        .route(
            "/tasks/{task}/sources/{source}/schemas/{schema}/{table}",
            get(rest_task::no_sync).put(rest_task::no_sync).delete(rest_task::no_sync),
        );
    Router::new()
        .nest("/api/v1", routes)
        .route("/status", get(version))
        .route("/health", get(health))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(api)
}

/// Undoes one of two escapings of the names in an address. DM undoes both, and who knows it escapes twice.
pub(super) async fn unfolded(mut request: Request<Body>) -> Request<Body> {
    let mut parts = request.uri().clone().into_parts();
    let rewritten = parts.path_and_query.as_ref().filter(|path| path.path().contains("%25")).and_then(|path| {
        let query = path.query().map_or_else(String::new, |query| format!("?{query}"));
        PathAndQuery::try_from(format!("{}{query}", unfold(path.path()))).ok()
    });
    if rewritten.is_some() {
        parts.path_and_query = rewritten;
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// Makes `%25XX` an `%XX`; a percent sign that stands for itself stays escaped.
fn unfold(path: &str) -> String {
    let mut parts = path.split("%25");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_escape = part.as_bytes().first_chunk::<2>().is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        out.push_str(if is_escape { "%" } else { "%25" });
        out.push_str(part);
    }
    out
}

/// The parameters of a request.
pub(super) fn query(uri: &Uri) -> Result<Query, Refusal> {
    axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|axum::extract::Query(pairs)| Query(pairs))
        .map_err(|error| Refusal::Parameter(error.to_string()))
}

async fn unknown(uri: Uri, headers: HeaderMap) -> Response {
    if is_grpc(&headers) {
        return grpc_refusal(12, &format!("there is no {} here: of DM's services this server has pb.Master only", uri.path()));
    }
    if uri.path().starts_with("/api/v1/") {
        return json_with(StatusCode::BAD_REQUEST, &json!({ "error": "no matching operation was found" }));
    }
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}

async fn wrong_method() -> Response {
    json_with(StatusCode::BAD_REQUEST, &json!({ "error": "method not allowed" }))
}

async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], interface::TEXT).into_response()
}

async fn version() -> String {
    format!("Release Version: dmctl-{}\n", env!("CARGO_PKG_VERSION"))
}

async fn health() -> Answer {
    Ok(json_with(StatusCode::OK, &json!({ "health": "true", "reason": "" })))
}
