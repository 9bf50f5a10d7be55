//! Our idea of the wire against what was recorded of it: bodies of REST, refusals, and every number of `pb.Master`.

use std::collections::BTreeSet;

use dmctl::model::DmError;
use dmctl::wire::openapi::{List, Refusal, Source, Task};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::recordings_rpc::{Row, folder, rows};

/// A body that we have a type for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Sources,
    Source,
    Tasks,
    Task,
}

impl Kind {
    /// What a path answers; `None` for the paths that are never asked for.
    fn of(path: &str) -> Option<Self> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        assert!(query.is_empty() || query.contains('='), "{query}");
        match path.strip_prefix("/api/v1/")?.split('/').collect::<Vec<_>>()[..] {
            ["sources"] => Some(Self::Sources),
            ["sources", _] => Some(Self::Source),
            ["tasks"] | ["tasks", "templates"] => Some(Self::Tasks),
            ["tasks", _] | ["tasks", "templates", _] => Some(Self::Task),
            ["sources", _, "status" | "schemas", ..] | ["tasks", _, "status"] | ["tasks", _, "sources", ..] => None,
            _ => panic!("{path} is of no known kind"),
        }
    }

    /// Reads a body as the client does; what it saw of it.
    fn read(self, body: &Value) -> Result<Vec<String>, String> {
        fn decode<T: DeserializeOwned>(body: &Value) -> Result<T, String> {
            serde_json::from_slice(body.to_string().as_bytes()).map_err(|error| error.to_string())
        }
        let source = |source: Source| format!("{} {}:{} {}", source.source_name, source.host, source.port, source.enable);
        let task = |task: Task| {
            let sources: Vec<_> = task.source_config.source_conf.into_iter().map(|source| source.source_name).collect();
            format!("{} {} {}", task.name, task.task_mode.unwrap(), sources.join(","))
        };
        Ok(match self {
            Self::Sources => decode::<List<Source>>(body)?.data.into_iter().map(source).collect(),
            Self::Source => vec![source(decode(body)?)],
            Self::Tasks => decode::<List<Task>>(body)?.data.into_iter().map(task).collect(),
            Self::Task => vec![task(decode(body)?)],
        })
    }

    /// The things in a body, as JSON.
    fn things(self, body: &Value) -> Vec<Value> {
        match self {
            Self::Sources | Self::Tasks => body["data"].as_array().unwrap().clone(),
            Self::Source | Self::Task => vec![body.clone()],
        }
    }

    fn expected(self, body: &Value) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let thing = |thing: &Value| match self {
            Self::Sources | Self::Source => {
                format!("{} {}:{} {}", text(&thing["source_name"]), text(&thing["host"]), thing["port"], thing["enable"])
            }
            Self::Tasks | Self::Task => {
                let sources = thing["source_config"]["source_conf"].as_array().unwrap();
                let sources: Vec<_> = sources.iter().map(|source| text(&source["source_name"])).collect();
                format!("{} {} {}", text(&thing["name"]), text(&thing["task_mode"]), sources.join(","))
            }
        };
        self.things(body).iter().map(thing).collect()
    }

    /// What must be there, and what must be of its type where it is there, as pointers into a thing.
    fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Sources | Self::Source => {
                (&["/source_name", "/host", "/port", "/enable"], &["/flavor", "/relay_config", "/relay_config/enable_relay"])
            }
            Self::Tasks | Self::Task => (
                &["/name", "/source_config", "/source_config/source_conf/0/source_name"],
                &["/task_mode", "/target_config", "/target_config/password", "/source_config/source_conf"],
            ),
        }
    }
}

/// Every recorded answer.
fn all_rows() -> Vec<Row> {
    let files = ["sources", "tasks", "tasks-sync", "remove-meta", "v6.5", "gateway", "frame"];
    let on_disk = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let on_disk: BTreeSet<_> = on_disk.filter(|name| name.ends_with(".jsonl") && name != "godmctl.jsonl").collect();
    assert_eq!(on_disk, files.iter().map(|name| format!("{name}.jsonl")).collect(), "the recordings");
    files.iter().flat_map(|name| rows(&format!("{name}.jsonl"))).collect()
}

/// The bodies of sources and tasks, with their kind.
fn bodies() -> Vec<(Kind, Row)> {
    let read = |row: &Row| {
        row.method == "GET"
            && row.status == 200
            && ["/api/v1/sources", "/api/v1/tasks"].iter().any(|path| row.path.starts_with(path))
    };
    all_rows().into_iter().filter(read).filter_map(|row| Kind::of(&row.path).map(|kind| (kind, row))).collect()
}

#[test]
fn every_recorded_source_and_task_is_understood() {
    let mut seen = BTreeSet::new();
    for (kind, row) in bodies() {
        let read = kind.read(&row.response).unwrap_or_else(|error| panic!("{} {}: {error}", row.file, row.seq));
        assert_eq!(read, kind.expected(&row.response), "{} {}", row.file, row.seq);
        if !read.is_empty() {
            seen.insert(kind);
        }
    }
    assert_eq!(seen, BTreeSet::from([Kind::Sources, Kind::Source, Kind::Tasks, Kind::Task]));
}

/// A value of another type than this one.
fn other_type(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(7),
        Value::Object(_) => json!("text"),
        _ => json!({ "a": 1 }),
    }
}

#[test]
fn a_recorded_body_that_is_spoilt_is_not_understood() {
    let mut spoilt = BTreeSet::new();
    for (kind, row) in bodies() {
        let list = matches!(kind, Kind::Sources | Kind::Tasks);
        if list {
            let body = json!({ "data": other_type(&row.response["data"]), "total": row.response["total"] });
            assert!(kind.read(&body).is_err(), "{} {}: {body}", row.file, row.seq);
        }
        for index in 0..kind.things(&row.response).len() {
            let (required, typed) = kind.fields();
            for field in required.iter().chain(typed) {
                let pointer = if list { format!("/data/{index}{field}") } else { (*field).to_owned() };
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                let mut changed = row.response.clone();
                let Some(place) = changed.pointer_mut(&pointer) else {
                    assert!(typed.contains(field), "{} {}: {pointer} is not there", row.file, row.seq);
                    continue;
                };
                *place = other_type(place);
                assert!(kind.read(&changed).is_err(), "{} {}: {pointer} of another type: {changed}", row.file, row.seq);
                spoilt.insert((kind, *field));
                if required.contains(field) {
                    let mut without = row.response.clone();
                    without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
                    assert!(kind.read(&without).is_err(), "{} {}: without {pointer}: {without}", row.file, row.seq);
                }
            }
        }
    }
    let every = [Kind::Sources, Kind::Source, Kind::Tasks, Kind::Task].into_iter().flat_map(|kind| {
        let (required, typed) = kind.fields();
        required.iter().chain(typed).map(move |field| (kind, *field))
    });
    assert_eq!(spoilt, every.collect(), "each field was spoilt in some body");
}

#[test]
fn every_recorded_refusal_comes_apart_into_code_and_message() {
    let (mut by_handlers, mut by_the_frame) = (0, 0);
    for row in all_rows().into_iter().filter(|row| row.status == 400 && row.response.is_object()) {
        let at = format!("{} {}", row.file, row.seq);
        let refusal: Refusal = serde_json::from_value(row.response.clone()).unwrap();
        assert_eq!(json!(refusal.error), row.response["error"], "{at}");
        assert_eq!(json!(refusal.msg), row.response["msg"], "{at}");
        let Some(text) = refusal.error_msg else {
            assert!(refusal.error.or(refusal.msg).is_some_and(|text| !text.is_empty()), "{at}");
            by_the_frame += 1;
            continue;
        };
        by_handlers += 1;
        assert_eq!(text, row.response["error_msg"], "{at}");
        let said = DmError::parse(&text);
        assert_eq!(json!(said.code.unwrap_or(0)), row.response["error_code"], "{at}");
        let message = text.split_once(", Message: ").map_or(&*text, |(_, rest)| rest);
        let end = [", RawCause: ", ", Workaround: "].iter().filter_map(|mark| message.find(mark)).min();
        let message = message[..end.unwrap_or(message.len())].trim().trim_end_matches('.');
        match message.split_once("%!(EXTRA") {
            Some((message, _)) => {
                assert_eq!(said.message, message, "{at}");
                assert!(said.cause.as_ref().is_some_and(|cause| text.contains(cause)), "{at}: {said:?}");
            }
            None => assert_eq!(said.message, message, "{at}"),
        }
        assert_eq!(said.workaround.is_some(), text.contains(", Workaround: "), "{at}: {said:?}");
        assert_eq!(said.class.is_some(), text.contains(":class="), "{at}: {said:?}");
        if let Some((_, advice)) = text.rsplit_once(", Workaround: ").filter(|_| !text.contains("%!(EXTRA")) {
            assert_eq!(said.workaround.as_deref(), Some(advice.trim()), "{at}");
        }
    }
    assert!(by_handlers > 50 && by_the_frame > 5, "{by_handlers} by handlers, {by_the_frame} by the frame");
}

/// `pb.proto` in the form of `pb-master.tsv`.
fn facts_of(proto: &str) -> BTreeSet<String> {
    let statements = proto.lines().map(|line| line.split("//").next().unwrap().trim()).collect::<Vec<_>>().join(" ");
    let statements = statements.replace('{', " { ").replace('}', " } ;").replace(';', " ; ");
    let enums: BTreeSet<String> =
        statements.split("enum ").skip(1).map(|rest| rest.split_whitespace().next().unwrap().to_owned()).collect();
    let plain = ["bool", "int32", "int64", "uint64", "double", "string", "bytes"];
    let kind = |word: &str| match word {
        word if plain.contains(&word) => word.to_owned(),
        word if enums.contains(word) => format!("enum {word}"),
        word => format!("message {word}"),
    };
    let mut facts = BTreeSet::new();
    let mut new = |fact: String| assert!(facts.insert(fact.clone()), "twice: {fact}");
    let mut blocks: Vec<(String, String, usize)> = Vec::new();
    for part in statements.split_inclusive(['{', '}', ';']) {
        let words: Vec<_> = part.split([' ', '(', ')', '<', '>', ',']).filter(|word| !word.is_empty()).collect();
        let oneof = blocks.last().filter(|(word, ..)| word == "oneof").map_or("-", |(_, name, _)| name).to_owned();
        let message = blocks.iter().rev().find(|(word, ..)| word == "message").map(|(_, name, _)| name.clone()).unwrap_or_default();
        if let ([.., _, _, ";"], Some((_, _, fields))) = (&words[..], blocks.last_mut()) {
            *fields += 1;
        }
        match (&words[..], blocks.last()) {
            ([] | [";"] | ["syntax", ..] | ["package", "pb", ";"], _) => {}
            ([word @ ("service" | "message" | "oneof" | "enum"), name, "{"], _) => {
                blocks.push(((*word).to_owned(), (*name).to_owned(), 0));
            }
            (["}"], _) => match blocks.pop().unwrap() {
                (word, name, 0) if word == "message" => new(format!("field\t{name}\t-\t-\t-\t-\t-")),
                (word, _, _) if word == "oneof" => blocks.last_mut().unwrap().2 += 1,
                _ => {}
            },
            (["rpc", name, question, "returns", answer, ";"], _) => new(format!("rpc\t{name}\t{question}\t{answer}")),
            ([value, "=", number, ";"], Some((word, name, _))) if word == "enum" => new(format!("enum\t{name}\t{value}\t{number}")),
            (["map", from, to, name, "=", number, ";"], _) => {
                new(format!("field\t{message}\t{number}\t{name}\tmap {from} {to}\t-\t-"));
            }
            (["repeated", word, name, "=", number, ";"], _) => {
                new(format!("field\t{message}\t{number}\t{name}\t{}\trepeated\t-", kind(word)));
            }
            ([word, name, "=", number, ";"], _) => {
                new(format!("field\t{message}\t{number}\t{name}\t{}\t-\t{oneof}", kind(word)));
            }
            other => panic!("not understood: {other:?}"),
        }
    }
    facts
}

#[test]
fn our_proto_says_what_a_real_master_says_of_its_wire() {
    let proto = std::fs::read_to_string(folder().join("../../src/wire/pb.proto")).unwrap();
    // What only servers of `dmctl` tell has numbers that DM is far from.
    let (own, proto): (Vec<&str>, Vec<&str>) = proto.lines().partition(|line| line.contains("// ours: "));
    assert!(own.iter().all(|line| line.contains(" = 1001;")), "{own:?}");
    let proto = proto.join("\n");
    let ours: BTreeSet<String> = facts_of(&proto).into_iter().filter(|fact| !fact.starts_with("field\tEmpty\t")).collect();
    let real = std::fs::read_to_string(folder().join("pb-master.tsv")).unwrap();
    let real: BTreeSet<String> = real.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert_eq!(real.len(), 30 + 311 + 68, "no fact stands there twice");
    assert_eq!(ours.difference(&real).collect::<Vec<_>>(), Vec::<&String>::new(), "in our proto only");
    assert_eq!(real.difference(&ours).collect::<Vec<_>>(), Vec::<&String>::new(), "in a real master only");
}
