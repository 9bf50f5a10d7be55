//! What is sent to the API of the embedded DM in ill will or by mistake, and names that an address must escape.

use dmctl::wire::pb;
use pb::master_client::MasterClient;
use serde_json::{Value, json};

use crate::served::{Said, Served, source, task};

fn post(served: &Served, path: &str, body: impl Into<Vec<u8>>) -> Said {
    let request = served.request("POST", &format!("/api/v1{path}")).header("content-type", "application/json");
    served.send(request.body(body.into()))
}

/// A name with all but letters and digits escaped, once or several times.
fn escaped(name: &str, times: usize) -> String {
    (0..times).fold(name.to_owned(), |text, _| {
        let escape = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        text.bytes().map(escape).collect()
    })
}

#[test]
fn a_name_is_found_however_it_is_escaped() {
    let served = Served::new();
    for name in ["a/b", "two words", "ä", "👍", "a?b#c", "it's", "-x", "a\\b", "100%", "."] {
        if name != "." {
            assert_eq!(served.call("POST", "/sources", &json!({ "source": source(name) })).status, 201, "{name}");
            // DM undoes two escapings, and who knows it escapes twice.
            for times in [1, 2] {
                let said = served.get(&format!("/sources/{}", escaped(name, times)));
                assert_eq!((said.status, said.body["source_name"].as_str()), (200, Some(name)), "{name} escaped {times} times");
            }
            assert_eq!(served.call("DELETE", &format!("/sources/{}", escaped(name, 2)), &Value::Null).status, 204, "{name}");
        }
        if name.len() > 1 && name != "100%" {
            served.call("POST", "/sources", &json!({ "source": source("a") }));
            assert_eq!(served.call("POST", "/tasks", &json!({ "task": task(name, &["a"]) })).status, 201, "{name}");
            assert_eq!(served.get(&format!("/tasks/{}/status?source_name_list=a", escaped(name, 2))).body["total"], 1, "{name}");
            assert_eq!(served.call("DELETE", &format!("/tasks/{}", escaped(name, 1)), &Value::Null).status, 204, "{name}");
        }
    }
}

#[test]
fn a_source_that_no_address_could_name_is_refused() {
    let served = Served::new();
    let url = format!("http://{}", served.address);
    let mut stub = served.block(async { MasterClient::connect(url).await.unwrap() });
    for name in [".", "..", "", "a\nb", "a\u{0}b", &"x".repeat(33)] {
        let said = served.call("POST", "/sources", &json!({ "source": source(name) }));
        assert_eq!(said.status, 400, "{name:?}: {said:?}");
        let config = vec![json!({ "source-id": name, "from": { "host": "127.0.0.1", "port": 1, "user": "dm" } }).to_string()];
        let request = pb::OperateSourceRequest { op: pb::SourceOp::StartSource.into(), config, ..Default::default() };
        let answer = served.block(stub.operate_source(request)).unwrap().into_inner();
        assert!(!answer.result && !answer.msg.is_empty(), "{name:?}: {answer:?}");
    }
    assert_eq!(served.get("/sources").body["total"], 0);
}

#[test]
fn bodies_that_are_no_json_are_told_so() {
    let served = Served::new();
    let deep = |open: &str| open.repeat(100_000).into_bytes();
    for (what, body) in [
        ("nested", deep("[")),
        ("nested", deep("{\"source\":")),
        ("no UTF-8", b"{\"source\":{\"source_name\":\"\xff\xfe\"}}".to_vec()),
        ("zero bytes", vec![0; 10]),
        ("a mark of its order", b"\xef\xbb\xbf{}".to_vec()),
        ("something behind it", b"{\"source\":{}} x".to_vec()),
        ("too large a number", b"{\"source\":{\"port\":1e999}}".to_vec()),
        ("half of a letter", b"{\"source\":{\"source_name\":\"\\ud800\"}}".to_vec()),
        ("cut off", b"{\"source\":".to_vec()),
    ] {
        for path in ["/sources", "/tasks", "/tasks/converters", "/tasks/templates", "/tasks/t/start"] {
            let said = post(&served, path, body.clone());
            let error = said.body["error"].as_str().unwrap_or_default();
            assert!(said.status == 400 && error.contains("failed to decode request body"), "{what} to {path}: {said:?}");
        }
    }
}

#[test]
fn wrong_values_are_told_with_their_place() {
    let served = Served::new();
    served.call("POST", "/sources", &json!({ "source": source("a") }));
    let wrong = |pointer: &str, value: Value| {
        let mut body = json!({ "task": task("shop", &["a"]) });
        let (place, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(place).unwrap()[key] = value;
        let said = served.call("POST", "/tasks", &body);
        assert_eq!(said.status, 400, "{pointer}: {said:?}");
        said.body["error"].as_str().map_or_else(|| said.body["error_msg"].to_string(), str::to_owned)
    };
    for (pointer, value, told) in [
        ("/task/name", json!(7), "Error at \"/task/name\": value must be a string"),
        ("/task/name", Value::Null, "Error at \"/task/name\": Value is not nullable"),
        ("/task/task_mode", json!("half"), "Error at \"/task/task_mode\": value is not one of the allowed values"),
        ("/task/target_config/port", json!(1.5), "Error at \"/task/target_config/port\": value must be an integer"),
        ("/task/target_config/port", json!(u64::MAX), ""),
        ("/task/target_config/port", json!(70_000), "port"),
        ("/task/target_config/port", json!(-1), "port"),
        ("/task/table_migrate_rule", json!({}), "Error at \"/task/table_migrate_rule\": value must be an array"),
        ("/task/table_migrate_rule", json!([null]), "Error at \"/task/table_migrate_rule/0\": Value is not nullable"),
        ("/task/source_config/source_conf", json!([{}]), "property \"source_name\" is missing"),
        ("/task/source_config/full_migrate_conf/import_threads", json!("4"), "value must be an integer"),
    ] {
        let said = wrong(pointer, value.clone());
        assert!(said.contains(told), "{pointer} = {value}: {said}");
    }
    let rules: Vec<_> = (0..30_000)
        .map(|number| json!({ "source": { "source_name": "a", "schema": format!("s{number}"), "table": "t" } }))
        .collect();
    assert!(
        wrong("/task/table_migrate_rule", rules.into())
            .contains("the task has 30001 rules and sources, and 10000 at most are taken")
    );
    let many = format!("name: shop\ntask-mode: full\nroutes: [{}]\n", "a, ".repeat(300_000));
    let said = served.call("POST", "/tasks/converters", &json!({ "task_config_file": many }));
    assert!(
        said.body["error_msg"].as_str().is_some_and(|told| told.contains("it has more values than any configuration")),
        "{said:?}"
    );
    let names: Vec<_> = (0..100_000).map(|number| format!("x{number}")).collect();
    let said = served.call("POST", "/tasks/shop/start", &json!({ "source_name_list": names }));
    assert_eq!((said.status, said.body["error_code"].as_u64()), (400, Some(46018)));
    assert_eq!(served.get("/tasks").body["total"], 0);
}

#[test]
fn what_was_understood_is_what_is_answered() {
    let served = Served::new();
    let mut body = source("a");
    body["case_sensitive"] = false.into();
    let echo = served.call("POST", "/sources", &json!({ "source": body })).body;
    let mut expected = source("a");
    expected["password"] = "******".into();
    expected["security"] = Value::Null;
    assert_eq!(echo, expected);
    let mut template = task("shop", &["a"]);
    template["nobody_knows"] = 1.into();
    let kept = served.call("POST", "/tasks/templates", &template);
    assert_eq!((kept.status, &kept.body["target_config"]["security"]), (201, &Value::Null), "{kept:?}");
    assert!(kept.body["target_config"].as_object().unwrap().contains_key("security") && kept.body.get("nobody_knows").is_none());
    assert_eq!(served.get("/tasks/templates/shop").body, kept.body);
}

#[test]
fn what_the_clients_of_dm_look_at_is_there() {
    let served = Served::new();
    served.call("POST", "/sources", &json!({ "source": source("a") }));
    served.call("POST", "/tasks", &json!({ "task": task("shop", &["a"]) }));
    let stranger = served.get("/tasks/shop/status?source_name_list=nope");
    assert_eq!((stranger.status, stranger.body["error_code"].as_u64()), (400, Some(46016)), "{stranger:?}");
    let url = format!("http://{}", served.address);
    let mut stub = served.block(async { MasterClient::connect(url).await.unwrap() });
    let mut configuration = |name: &str| {
        let request = pb::GetCfgRequest { r#type: pb::CfgType::WorkerType.into(), name: name.to_owned() };
        served.block(stub.get_cfg(request)).unwrap().into_inner().msg
    };
    assert_eq!(configuration("worker1"), "the workers are inside this server, and have no configuration of their own");
    assert_eq!(configuration("worker9"), "worker not found");
    let request = pb::OperateTaskRequest { op: pb::TaskOp::Delete.into(), name: "shop".to_owned(), sources: Vec::new() };
    let gone = served.block(stub.operate_task(request)).unwrap().into_inner();
    let parts: Vec<_> = gone.sources.iter().map(|part| (part.result, part.source.as_str(), part.worker.as_str())).collect();
    assert_eq!((gone.result, parts), (true, vec![(true, "a", "worker1")]), "a client looks for the sources that it stopped on");
}
