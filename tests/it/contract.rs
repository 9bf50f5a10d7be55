//! The interface of the embedded DM against what real clusters answered: each recorded body fits it, and each one that is spoilt does
//! not. And what the embedded DM answers itself fits it too.

use std::path::Path;

use serde_json::{Value, json};

use crate::served::{Served, source, task};

fn interface() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/interface.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// OpenAPI's `nullable` as JSON Schema has it.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut plain: serde_json::Map<String, Value> =
                fields.iter().map(|(key, value)| (key.clone(), self::plain(value))).collect();
            if plain.remove("nullable") == Some(Value::Bool(true)) {
                return json!({ "anyOf": [{ "type": "null" }, plain] });
            }
            plain.into()
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

fn validator(interface: &Value, schema: &Value) -> jsonschema::Validator {
    let mut schema = plain(schema);
    schema["components"] = plain(&interface["components"]);
    jsonschema::draft7::options().build(&schema).unwrap()
}

/// The operation that a call is.
fn operation<'a>(interface: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let path: Vec<&str> = path.split('?').next().unwrap().split('/').collect();
    let mut fits: Vec<_> = interface["paths"].as_object().unwrap().iter().collect();
    // Words go before names.
    fits.sort_by_key(|(template, _)| template.matches('{').count());
    let fits = fits.into_iter().filter(|(template, _)| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == path.len() && parts.iter().zip(&path).all(|(part, word)| part.starts_with('{') || part == word)
    });
    fits.filter_map(|(_, operations)| operations.get(method.to_lowercase())).next()
}

fn recorded() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    ["sources.jsonl", "tasks.jsonl", "tasks-sync.jsonl", "remove-meta.jsonl", "v6.5.jsonl"]
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
        })
        .collect()
}

/// What a body must be, for a status.
fn wanted(operation: &Value, status: u64) -> Option<&Value> {
    operation["responses"][status.to_string()]["content"]["application/json"].get("schema")
}

/// The ways in which a body can be spoilt so that it no longer is what it was: a field that must be there is gone, or is of another
/// type.
fn spoilt(interface: &Value, schema: &Value, body: &Value) -> Vec<Value> {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &interface["components"]["schemas"][name.rsplit('/').next().unwrap()],
        None => schema,
    };
    let mut all = Vec::new();
    match body {
        Value::Object(fields) if schema["type"] == "object" => {
            for key in schema["required"].as_array().into_iter().flatten() {
                let mut fields = fields.clone();
                fields.shift_remove(key.as_str().unwrap());
                all.push(fields.into());
            }
            for (key, value) in fields {
                let Some(inner) = schema["properties"].get(key) else { continue };
                let mut put = |value: Value| {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), value);
                    all.push(fields.into());
                };
                spoilt(interface, inner, value).into_iter().for_each(&mut put);
            }
        }
        Value::Array(items) if schema["type"] == "array" => {
            for (place, item) in items.iter().enumerate() {
                for spoilt in spoilt(interface, &schema["items"], item) {
                    let mut items = items.clone();
                    items[place] = spoilt;
                    all.push(items.into());
                }
            }
        }
        _ => {}
    }
    if schema.get("type").is_some() && !body.is_null() {
        all.push(if body.is_boolean() { json!("true") } else { json!(false) });
    }
    all
}

#[test]
fn what_real_clusters_said_fits_and_what_is_spoilt_does_not() {
    let interface = interface();
    let (mut fitting, mut refused) = (0, 0);
    for line in recorded() {
        let (method, path) = (line["method"].as_str().unwrap(), line["path"].as_str().unwrap());
        let Some(operation) = operation(&interface, method, path) else { continue };
        let status = line["status"].as_u64().unwrap();
        let told = format!("{method} {path} {status}: {}", line["case"]);
        let body = &line["response"];
        // A list of nothing may be null, and the request validator has a form of its own.
        if let Some(schema) = wanted(operation, status)
            && body.get("error").is_none()
            && !body.is_null()
            && status != 400
        {
            let validator = validator(&interface, schema);
            if let Err(error) = validator.validate(body) {
                panic!("{told}: {error} at {}", error.instance_path());
            }
            fitting += 1;
            for spoilt in spoilt(&interface, schema, body) {
                assert!(!validator.is_valid(&spoilt), "{told}: nobody noticed {spoilt}");
                refused += 1;
            }
        }
    }
    assert!(fitting > 100 && refused > 1000, "{fitting} {refused}");
}

#[test]
fn requests_that_real_clusters_took_are_taken_and_refusals_are_theirs() {
    let served = Served::new();
    let interface = interface();
    let mut judged = (0, 0);
    for line in recorded() {
        let (method, path) = (line["method"].as_str().unwrap(), line["path"].as_str().unwrap());
        let Some(operation) = operation(&interface, method, path) else { continue };
        let Some(schema) = operation["requestBody"]["content"]["application/json"].get("schema") else { continue };
        let request = &line["request"];
        if request.is_null() || request.get("__raw__").is_some() {
            continue;
        }
        let said = line["response"]["error"].as_str();
        let fits = validator(&interface, schema).is_valid(request);
        assert_eq!(fits, said.is_none(), "{method} {path}: {request}");
        if let Some(said) = said {
            // What does not fit is refused in the same words.
            let answer = served.call(method, path.strip_prefix("/api/v1").unwrap(), request);
            assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some(said)), "{method} {path}: {request}");
            judged.1 += 1;
        } else {
            judged.0 += 1;
        }
    }
    assert!(judged.0 > 40 && judged.1 >= 3, "{judged:?}");
}

#[test]
fn what_the_server_says_fits_its_own_interface() {
    let served = Served::new();
    let interface = interface();
    let ask = |method: &str, path: &str, body: Value, status: u16| {
        let said = served.call(method, path, &body);
        let told = format!("{method} {path}: {said:?}");
        assert_eq!(said.status, status, "{told}");
        let operation = operation(&interface, method, &format!("/api/v1{path}")).expect(&told);
        match wanted(operation, u64::from(status)) {
            Some(schema) => validator(&interface, schema).validate(&said.body).unwrap_or_else(|error| panic!("{told}: {error}")),
            None => assert_eq!(said.body, Value::Null, "{told}"),
        }
        said.body
    };
    let nothing = || Value::Null;
    ask("GET", "/cluster/info", nothing(), 200);
    ask("GET", "/cluster/masters", nothing(), 200);
    ask("GET", "/cluster/workers", nothing(), 200);
    ask("DELETE", "/cluster/workers/worker4", nothing(), 204);
    ask("DELETE", "/cluster/workers/worker4", nothing(), 400);
    ask("DELETE", "/cluster/masters/dmctl", nothing(), 400);
    ask("POST", "/sources", json!({ "source": source("a") }), 201);
    ask("POST", "/sources", json!({ "source": source("a") }), 400);
    ask("GET", "/sources?with_status=true", nothing(), 200);
    ask("GET", "/sources/a?with_status=true", nothing(), 200);
    ask("GET", "/sources/none", nothing(), 404);
    ask("GET", "/sources/a/status", nothing(), 200);
    ask("GET", "/sources/a/schemas", nothing(), 200);
    ask("GET", "/sources/a/schemas/shop", nothing(), 200);
    ask("GET", "/sources/a/schemas/none", nothing(), 400);
    ask("PUT", "/sources/a", json!({ "source": source("a") }), 200);
    ask("POST", "/sources/a/transfer", json!({ "worker_name": "worker2" }), 200);
    ask("POST", "/sources/a/relay/enable", nothing(), 400);
    ask("POST", "/tasks", json!({ "task": task("shop", &["a"]) }), 201);
    ask("POST", "/tasks", json!({ "task": task("shop", &["a"]) }), 400);
    ask("GET", "/tasks?with_status=true&stage=Stopped&source_name_list=a", nothing(), 200);
    ask("GET", "/tasks/shop?with_status=true", nothing(), 200);
    ask("GET", "/tasks/none", nothing(), 400);
    ask("GET", "/tasks/shop/status", nothing(), 200);
    ask("POST", "/tasks/shop/start", nothing(), 200);
    ask("PUT", "/tasks/shop", json!({ "task": task("shop", &["a"]) }), 200);
    ask("GET", "/tasks/shop/sources/a/schemas", nothing(), 400);
    ask("POST", "/tasks/shop/stop", json!({ "timeout_duration": "10s" }), 200);
    ask("POST", "/tasks/converters", json!({ "task": task("shop", &["a"]) }), 200);
    ask("POST", "/tasks/templates", task("kept", &["a"]), 201);
    ask("GET", "/tasks/templates", nothing(), 200);
    ask("PUT", "/tasks/templates/kept", task("kept", &["a"]), 200);
    ask("GET", "/tasks/templates/kept", nothing(), 200);
    ask("POST", "/tasks/templates/import", json!({ "overwrite": false }), 202);
    ask("DELETE", "/tasks/templates/kept", nothing(), 204);
    ask("POST", "/sources/a/disable", nothing(), 200);
    ask("POST", "/sources/a/enable", nothing(), 200);
    ask("DELETE", "/sources/a", nothing(), 400);
    ask("DELETE", "/tasks/shop", nothing(), 204);
    ask("POST", "/tasks", json!({ "task": task("left", &["a"]) }), 201);
    served.script.target_is_down.store(true, std::sync::atomic::Ordering::SeqCst);
    ask("DELETE", "/tasks/left", nothing(), 400);
    ask("DELETE", "/tasks/left?force=true", nothing(), 200);
    ask("DELETE", "/sources/a?force=true", nothing(), 204);
    assert_eq!(served.get("/dm.json").body, interface);
}
