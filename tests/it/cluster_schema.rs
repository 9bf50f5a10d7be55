//! Whether a body of REST is one that DM's validator lets through, by the interface that a real DM describes
//! (`tests/recordings/openapi-interface.json`).

use std::sync::LazyLock;

use serde_json::Value;

use crate::cluster::Version;

static INTERFACE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../recordings/openapi-interface.json")).unwrap());

/// What is wrong with the body of a request.
pub fn complaint(method: &str, parts: &[&str], body: &Value, version: Version) -> Option<String> {
    let paths = INTERFACE["paths"].as_object().unwrap();
    let fits = |path: &str| {
        let pattern: Vec<_> = path.strip_prefix("/api/v1/").unwrap().split('/').collect();
        pattern.len() == parts.len() && pattern.iter().zip(parts).all(|(pattern, part)| pattern == part || pattern.starts_with('{'))
    };
    let operation = paths.iter().find(|(path, _)| fits(path)).map(|(_, operations)| &operations[method.to_lowercase()])?;
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if schema.is_null() || (body.is_null() && operation["requestBody"]["required"] != true) {
        return None;
    }
    // 6.0 does without no password.
    if version == Version::V60 && body["source"].is_object() && body["source"]["password"].is_null() {
        return Some("Error at \"/source/password\": property \"password\" is missing".to_owned());
    }
    check(schema, body, "", version)
}

fn check(schema: &Value, value: &Value, at: &str, version: Version) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
        return check(&INTERFACE["components"]["schemas"][name], value, at, version);
    }
    let wrong = |what: String| Some(format!("Error at \"{at}\": {what}"));
    if value.is_null() {
        return if schema["nullable"] == true || defaults(schema, version) {
            None
        } else {
            wrong("Value is not nullable".to_owned())
        };
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !fits {
        return wrong(format!("field must be set to {} or not be present", schema["type"].as_str().unwrap_or_default()));
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        return wrong("value is not one of the allowed values".to_owned());
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() && !defaults(&schema["properties"][name], version) {
            return Some(format!("Error at \"{at}/{name}\": property \"{name}\" is missing"));
        }
    }
    let mut properties = value.as_object().into_iter().flatten().filter(|(name, _)| !schema["properties"][name.as_str()].is_null());
    let mut items = value.as_array().into_iter().flatten().enumerate();
    properties
        .find_map(|(name, inner)| check(&schema["properties"][name.as_str()], inner, &format!("{at}/{name}"), version))
        .or_else(|| items.find_map(|(index, item)| check(&schema["items"], item, &format!("{at}/{index}"), version)))
}

/// New versions take the default for what is missing or null.
fn defaults(schema: &Value, version: Version) -> bool {
    version == Version::V90 && !schema["default"].is_null()
}
