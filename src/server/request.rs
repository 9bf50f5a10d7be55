//! Requests of the REST API: bodies that fit the interface, and parameters.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::Refusal;
use super::interface;

/// The largest body that is read.
pub(super) const BODY_LIMIT: usize = 16 << 20;
/// How long a client may take to send it.
const BODY_WITHIN: Duration = Duration::from_secs(60);

/// Reads a body that must be there.
pub(super) async fn body(request: Request<Body>, schema: &str) -> Result<Value, Refusal> {
    let value = value(request).await?.ok_or_else(|| refused("value is required but missing"))?;
    interface::check(interface::schema(schema), &value).map_err(|what| refused(&format!("doesn't match the schema: {what}")))?;
    Ok(value)
}

/// Reads a body that may be missing.
pub(super) async fn body_or_nothing(request: Request<Body>, schema: &str) -> Result<Value, Refusal> {
    // What is not said to be JSON counts as nothing when it is empty.
    let is_json = request.headers().contains_key(header::CONTENT_TYPE);
    match value(request).await? {
        None if is_json => Err(refused("failed to decode request body: EOF")),
        None => Ok(Value::Object(serde_json::Map::new())),
        Some(value) => {
            let fits = interface::check(interface::schema(schema), &value);
            fits.map_err(|what| refused(&format!("doesn't match the schema: {what}")))?;
            Ok(value)
        }
    }
}

async fn value(request: Request<Body>) -> Result<Option<Value>, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
    let read = tokio::time::timeout(BODY_WITHIN, to_bytes(request.into_body(), BODY_LIMIT)).await;
    let bytes = match read {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(refused(&format!("it can't be read, or has more than {BODY_LIMIT} bytes"))),
        Err(_) => return Err(refused(&format!("it did not come within {}s", BODY_WITHIN.as_secs()))),
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    if let Some(kind) = kind.filter(|kind| !kind.trim_start().to_ascii_lowercase().starts_with("application/json")) {
        return Err(refused(&format!("header Content-Type has unexpected value \"{kind}\"")));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|error| refused(&format!("failed to decode request body: {error}")))
}

fn refused(what: &str) -> Refusal {
    Refusal::Request(format!("error in openapi3filter.RequestError: request body has an error: {what}"))
}

/// Reads what fits the interface into a type.
pub(super) fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, Refusal> {
    T::deserialize(value).map_err(|error| refused(&error.to_string()))
}

/// The texts in a list of a body.
pub(super) fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Parameters behind the `?` of an address, in their order. A name may come several times.
#[derive(Debug, Default)]
pub(super) struct Query(pub(super) Vec<(String, String)>);

impl Query {
    /// A yes or no; no unless it says otherwise.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()) {
            None | Some("false" | "False" | "FALSE" | "f" | "F" | "0") => Ok(false),
            Some("true" | "True" | "TRUE" | "t" | "T" | "1") => Ok(true),
            Some(other) => Err(Refusal::Parameter(format!(
                "Invalid format for parameter {name}: error binding string parameter: strconv.ParseBool: parsing {other:?}: \
                 invalid syntax"
            ))),
        }
    }

    /// A word out of several.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Refusal> {
        let Some((_, value)) = self.0.iter().find(|(key, _)| key == name) else { return Ok(None) };
        if words.contains(&value.as_str()) {
            return Ok(Some(value));
        }
        Err(Refusal::Request(format!(
            "error in openapi3filter.RequestError: parameter \"{name}\" in query has an error: value is not one of the allowed values"
        )))
    }

    /// All values of a name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }
}
