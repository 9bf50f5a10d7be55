//! The route that compares, over a scripted engine: what is refused, what ends it, and the lines that come.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::served::{Said, Served, source, task};

/// A server with a task that was never started.
fn served() -> Served {
    let served = Served::new();
    assert_eq!(served.call("POST", "/sources", &json!({ "source": source("a") })).status, 201);
    assert_eq!(served.call("POST", "/tasks", &json!({ "task": task("shop", &["a"]) })).status, 201);
    served
}

/// The lines of an answer.
fn lines(said: &Said) -> Vec<Value> {
    assert_eq!(said.status, 200, "{said:?}");
    match &said.body {
        Value::String(text) => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        one => vec![one.clone()],
    }
}

#[test]
fn a_comparison_comes_line_by_line_and_ends_with_what_was_found() {
    let served = served();
    let body = json!({ "show_values": true, "rows": 5, "source_name_list": ["a"] });
    let lines = lines(&served.call("POST", "/tasks/shop/verify", &body));
    let last = lines.last().unwrap();
    assert_eq!(last["result"]["verdict"], "equal", "{lines:?}");
    assert!(lines[..lines.len() - 1].iter().all(|line| line["progress"]["tables_done"].is_u64()), "{lines:?}");
}

#[test]
fn what_can_not_be_compared_is_refused() {
    let served = served();
    let refused = |path: &str, body: &Value| {
        let said = served.call("POST", path, body);
        assert_eq!(said.status, 400, "{said:?}");
        (said.body["error_code"].as_u64(), said.body["error_msg"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(refused("/tasks/none/verify", &Value::Null).0, Some(46018));
    assert_eq!(refused("/tasks/shop/verify", &json!({ "source_name_list": ["b"] })).0, Some(46008));
    assert_eq!(served.call("POST", "/tasks/shop/start", &Value::Null).status, 200);
    served.until("shop", "Running");
    let (code, told) = refused("/tasks/shop/verify", &Value::Null);
    assert!(code == Some(49001) && told.contains("a copy can't be compared while it grows"), "{told}");
}

#[test]
fn what_goes_wrong_is_the_last_line() {
    let served = served();
    served.script.target_is_down.store(true, Ordering::SeqCst);
    let lines = lines(&served.call("POST", "/tasks/shop/verify", &Value::Null));
    assert!(lines.last().unwrap()["error"].as_str().unwrap().contains("code=10001"), "{lines:?}");
}

#[test]
fn a_start_ends_it_and_nobody_waits_for_it() {
    let served = served();
    served.script.hold.store(true, Ordering::SeqCst);
    let url = served.request("POST", "/api/v1/tasks/shop/verify");
    let lines = served.block(async {
        let mut answer = url.send().await.unwrap();
        // It is under way.
        let first = answer.chunk().await.unwrap().unwrap();
        assert!(first.starts_with(b"{\"progress\""), "{first:?}");
        let start = format!("http://{}/api/v1/tasks/shop/start", served.address);
        assert_eq!(served.http.post(start).send().await.unwrap().status().as_u16(), 200);
        answer.text().await.unwrap()
    });
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert!(last["error"].as_str().unwrap().contains("was started, changed or deleted"), "{lines}");
}
