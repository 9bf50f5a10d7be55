//! The interface that the server describes at `/api/v1/dm.json`, and what it makes of requests: a body that does not fit is refused
//! before anything else is done.

use std::sync::OnceLock;

use serde_json::{Map, Value};

/// The description, as it is served.
pub(super) const TEXT: &str = include_str!("interface.json");

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(TEXT).unwrap_or_default())
}

/// A part of the description by its name.
pub(super) fn schema(name: &str) -> &'static Value {
    &document()["components"]["schemas"][name]
}

/// Sees that a value fits a schema.
///
/// # Errors
/// Where it does not, in the words of DM's request validator.
pub(super) fn check(schema: &Value, value: &Value) -> Result<(), String> {
    check_at(schema, value, &mut String::new())
}

fn check_at(schema: &Value, value: &Value, place: &mut String) -> Result<(), String> {
    let schema = match schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        Some(name) => self::schema(name),
        None => schema,
    };
    let wrong = |place: &str, what: String| Err(if place.is_empty() { what } else { format!("Error at \"{place}\": {what}") });
    if value.is_null() {
        return if schema["nullable"] == true { Ok(()) } else { wrong(place, "Value is not nullable".to_owned()) };
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return wrong(place, "value is not one of the allowed values".to_owned());
    }
    match schema["type"].as_str() {
        Some("object") => match value.as_object() {
            Some(fields) => check_object(schema, fields, place),
            None => wrong(place, "value must be an object".to_owned()),
        },
        Some("array") => match value.as_array() {
            Some(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(number, item)| inside(place, &number.to_string(), |place| check_at(&schema["items"], item, place))),
            None => wrong(place, "value must be an array".to_owned()),
        },
        Some("string") if !value.is_string() => wrong(place, "value must be a string".to_owned()),
        Some("boolean") if !value.is_boolean() => wrong(place, "value must be a boolean".to_owned()),
        Some("integer") if !is_integer(value) => wrong(place, "value must be an integer".to_owned()),
        Some("number") if !value.is_number() => wrong(place, "value must be a number".to_owned()),
        _ => Ok(()),
    }
}

fn check_object(schema: &Value, fields: &Map<String, Value>, place: &mut String) -> Result<(), String> {
    for (key, value) in fields {
        let known = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
        if let Some(known) = known {
            inside(place, key, |place| check_at(known, value, place))?;
        }
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(key) {
            return Err(format!("Error at \"{place}/{key}\": property \"{key}\" is missing"));
        }
    }
    Ok(())
}

fn inside(place: &mut String, key: &str, check: impl FnOnce(&mut String) -> Result<(), String>) -> Result<(), String> {
    let length = place.len();
    place.push('/');
    place.push_str(key);
    check(place)?;
    place.truncate(length);
    Ok(())
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_name_leads_somewhere() {
        fn names(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    fields.values().for_each(|value| names(value, found));
                }
                Value::Array(items) => items.iter().for_each(|item| names(item, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        names(document(), &mut found);
        assert!(found.len() > 50);
        for name in found {
            assert!(schema(name.rsplit('/').next().unwrap()).is_object(), "{name}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_in_the_words_of_dm() {
        let source = json!({ "source_name": "x", "host": "h", "port": 1, "user": "u", "enable": true, "enable_gtid": false });
        let with = |key: &str, value: Value| {
            let mut source = source.clone();
            source[key] = value;
            check(schema("CreateSource"), &json!({ "source": source })).err()
        };
        assert_eq!(with("password", Value::Null), None);
        assert_eq!(with("news", json!([1])), None, "what is not known is passed over");
        assert_eq!(with("port", json!("1")).unwrap(), "Error at \"/source/port\": value must be an integer");
        assert_eq!(with("host", Value::Null).unwrap(), "Error at \"/source/host\": Value is not nullable");
        assert_eq!(with("task_name_list", json!([1])).unwrap(), "Error at \"/source/task_name_list/0\": value must be a string");
        let bare = check(schema("CreateSource"), &json!({ "source": { "source_name": "x" } })).unwrap_err();
        assert_eq!(bare, "Error at \"/source/host\": property \"host\" is missing");
        assert_eq!(check(schema("CreateSource"), &json!([])).unwrap_err(), "value must be an object");
    }
}
