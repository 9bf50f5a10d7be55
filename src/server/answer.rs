//! Answers of the REST API in DM's shapes.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::model::DmError;

/// What is answered instead of what was asked for.
#[derive(Debug)]
pub(super) enum Refusal {
    /// DM's own form: text and number.
    Dm(DmError),
    /// A request that does not fit the interface.
    Request(String),
    /// A parameter that can't be read.
    Parameter(String),
    /// Nothing of that name, without a word.
    NotFound,
}

impl From<DmError> for Refusal {
    fn from(error: DmError) -> Self {
        Self::Dm(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = match self {
            Self::Dm(error) => json!({ "error_code": error.code.unwrap_or(0), "error_msg": error.to_text() }),
            Self::Request(text) => json!({ "error": text }),
            Self::Parameter(text) => json!({ "msg": text }),
            Self::NotFound => return StatusCode::NOT_FOUND.into_response(),
        };
        json_with(StatusCode::BAD_REQUEST, &body)
    }
}

/// What a handler comes to.
pub(super) type Answer = Result<Response, Refusal>;

/// A body with a status, indented as DM does it.
pub(super) fn json_with(status: StatusCode, body: &impl Serialize) -> Response {
    with_text(status, pretty(body))
}

/// A body as text.
pub(super) fn pretty(body: &impl Serialize) -> String {
    let mut text = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut text, serde_json::ser::PrettyFormatter::with_indent(b"    "));
    // Plain values can be written, always.
    let _written = body.serialize(&mut writer);
    String::from_utf8(text).unwrap_or_default()
}

/// A body that is text already.
pub(super) fn with_text(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], Body::from(text)).into_response()
}

/// A body.
pub(super) fn json_of(body: &impl Serialize) -> Answer {
    Ok(json_with(StatusCode::OK, body))
}

/// A list of things.
pub(super) fn list(data: Vec<serde_json::Value>) -> Answer {
    json_of(&json!({ "total": data.len(), "data": data }))
}

/// Done, and nothing to say.
pub(super) fn done() -> Answer {
    Ok(StatusCode::OK.into_response())
}

/// Gone.
pub(super) fn gone() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}
