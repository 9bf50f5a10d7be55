//! What a user sees of a real cluster: its recorded answers, played by a server of ours (`recordings_rpc`), and the forms of their bodies.
//!
//! Where a page needs an answer that was not recorded, it takes one that is the same by its nature, and says so beside it.

use serde_json::{Value, json};

use crate::harness::{Sandbox, snapshot};
use crate::recordings_rpc::{Replay, Tape, printed_check, printed_json, row, status_from_rest};

/// Answers of the gateway to the call that a row names.
fn gateway(seq: usize) -> Value {
    row("gateway.jsonl", seq).response
}

/// What `ListMember` says of workers, as REST says it of the same: a leader is added for the questions that want one.
fn members_from_rest(leader: &Value, workers: &[Value]) -> Value {
    let worker = |worker: &Value| {
        let [name, addr] = [&worker["name"], &worker["addr"]];
        json!({ "name": name, "addr": addr, "stage": worker["bound_stage"], "source": worker["bound_source_name"] })
    };
    json!({ "members": [
        { "leader": { "name": leader["name"], "addr": leader["addr"] } },
        { "worker": { "workers": workers.iter().map(worker).collect::<Vec<_>>() } },
    ] })
}

/// The things in the answer of a row.
fn data(file: &str, seq: usize) -> Vec<Value> {
    row(file, seq).response["data"].as_array().unwrap().clone()
}

/// The one master and worker of `v6.5.jsonl`. Row 4 has the worker before there was a source, row 8 shows the binding.
fn six(kinds: &str) -> Tape {
    let (mut worker, bound) = (data("v6.5.jsonl", 4).remove(0), data("v6.5.jsonl", 8).remove(0));
    assert_eq!(bound["worker_name"], worker["name"]);
    (worker["bound_stage"], worker["bound_source_name"]) = (json!("bound"), bound["source_name"].clone());
    Tape::default().members(kinds, &members_from_rest(&data("v6.5.jsonl", 3)[0], &[worker]))
}

/// What the workers of the three sources say while task-1 exists on mysql-01; on the other two nothing runs. REST does not carry all
/// that their messages have: the rows of a sync, and where a relay log is, stay empty.
fn task_1(file: &str, seq: usize) -> Tape {
    let members = gateway(1);
    Tape::default()
        .members("leader,worker", &members)
        .status("", &status_from_rest(file, seq))
        .status("", &status_from_rest("sources.jsonl", 36))
        .status("", &status_from_rest("sources.jsonl", 38))
}

/// shard-p as the master knows it, and what its workers say.
fn shard_p(status: &Value) -> Tape {
    Tape::default().rpc("GetSubTaskCfg shard-p", "GetSubTaskCfgResponse", &gateway(5)).status("shard-p", status)
}

/// What is answered of a task that there is not. `GetCfg` was recorded; `GetSubTaskCfg` says it in the same words.
fn no_task() -> Tape {
    let said = printed_json("get-config task nope", 0);
    let answer = json!({ "result": said["result"], "msg": said["msg"] });
    Tape::default().rpc("GetSubTaskCfg nope", "GetSubTaskCfgResponse", &answer)
}

/// A snapshot with the answers to lines, in text and in JSON.
struct Page(String);

impl Page {
    fn new() -> Self {
        Self(String::new())
    }

    /// Plays the tape to a line, once for each form.
    fn show(&mut self, title: &str, code: i32, tape: &Tape, line: &str) {
        self.0.push_str(&format!("## {title}\n"));
        for line in [line.to_owned(), format!("{line} --format json")] {
            let master = Replay::start(tape);
            let sandbox = Sandbox::at(&*master.address);
            let _task = sandbox.file("task.yaml", "name: task-1\n");
            let output = sandbox.run(&line);
            let address = master.address.clone();
            drop(master);
            assert_eq!(output.code, code, "{line}: {output:?}");
            for text in [&output.stdout, &output.stderr] {
                assert!(!text.contains("T4rget") && !text.contains("S3cret"), "{line} shows a password: {text}");
            }
            let replaced = [(address.as_str(), "$MASTER")];
            self.0.push_str(&format!("$ dmctl {line}\n{}", sandbox.steady(&output.stdout, &replaced)));
            for line in sandbox.steady(&output.stderr, &replaced).lines() {
                self.0.push_str(format!("2> {line}").trim_end());
                self.0.push('\n');
            }
            self.0.push_str(&format!("exit {code}\n\n"));
        }
    }

    fn compare(self, name: &str) {
        snapshot(name, self.0.trim_end());
    }
}

#[test]
fn member_list_shows_the_masters_and_workers_of_a_real_cluster() {
    let all = "leader,master,worker";
    let printed = printed_json("list-member", 0);
    assert_eq!(printed["members"], gateway(1)["members"], "the gateway and the Go dmctl");
    let mut page = Page::new();
    page.show("three masters and three workers", 0, &Tape::default().members(all, &printed), "member list");
    let solo = row("frame.jsonl", 5).response;
    page.show("one master without workers, OpenAPI off", 0, &Tape::default().members(all, &solo), "member list");
    page.compare("recorded_member_list");
}

#[test]
fn source_list_shows_the_sources_of_a_real_cluster() {
    let mut page = Page::new();
    let nine = |workers: usize| {
        let members = members_from_rest(&Value::Null, &data("sources.jsonl", workers));
        Tape::default().members("worker", &members).rest("tasks.jsonl", &[98])
    };
    page.show("none", 0, &nine(6).rest("sources.jsonl", &[25, 32]), "source list");
    page.show("three, one of them disabled", 0, &nine(49).rest("sources.jsonl", &[30, 32]), "source list");
    // What v6.5 answers of relay was not recorded; it has none, so that the answer is the empty list.
    let old = six("worker").rest("v6.5.jsonl", &[6, 11]).rest_as("GET /api/v1/sources?enable_relay=true", "v6.5.jsonl", 25);
    page.show("v6.5", 0, &old, "source list");
    // The page of a switched-off OpenAPI is the same for every path; calls that came with 8.0 are not known before.
    let off = Tape::default()
        .members("worker", &gateway(1))
        .rest("frame.jsonl", &[1, 2])
        .rest_as("GET /api/v1/sources?enable_relay=true", "frame.jsonl", 2)
        .unknown_call("ListTaskConfigs")
        .unknown_call("ListSourceConfigs")
        .rpc("OperateSource ShowSource", "OperateSourceResponse", &printed_json("operate-source show", 0));
    page.show("OpenAPI off, below 8.0", 0, &off, "source list");
    page.compare("recorded_source_list");
}

#[test]
fn source_status_shows_relay_and_subtasks_of_a_real_worker() {
    let mut page = Page::new();
    let mut show = |title: &str, source: &str, file: &str, seq: usize| {
        let tape = Tape::default().members("leader,worker", &gateway(1));
        let tape = tape.rpc(&format!("QueryStatus {source}"), "QueryStatusListResponse", &status_from_rest(file, seq));
        page.show(title, 0, &tape, &format!("source status {source}"));
    };
    show("nothing runs", "mysql-01", "sources.jsonl", 34);
    show("relay runs", "mysql-01", "sources.jsonl", 61);
    show("relay runs, v6.5", "old-01", "v6.5.jsonl", 29);
    show("a task dumps", "mysql-01", "tasks.jsonl", 39);
    show("a load has failed", "mysql-01", "tasks.jsonl", 40);
    show("a full task is through", "mysql-08", "tasks.jsonl", 82);
    show("a task syncs", "mysql-01", "tasks-sync.jsonl", 9);
    show("a sync has failed", "mysql-01", "tasks-sync.jsonl", 38);
    show("a task of v6.5 that was stopped", "old-01", "v6.5.jsonl", 20);
    page.compare("recorded_source_status");
}

#[test]
fn source_get_tells_a_source_that_a_real_cluster_does_not_have() {
    let mut page = Page::new();
    // A 404 without a body is believed to a master only, which has a version page.
    page.show("v9.0", 1, &Tape::default().rest("sources.jsonl", &[14]).rest("frame.jsonl", &[10]), "source get nope");
    page.show("v6.5", 1, &Tape::default().rest("v6.5.jsonl", &[1, 9]), "source get nope");
    page.compare("recorded_source_get");
}

#[test]
fn task_list_shows_the_tasks_of_a_real_cluster() {
    let mut page = Page::new();
    page.show("just created", 0, &task_1("tasks.jsonl", 32).rest("tasks.jsonl", &[28]), "task list");
    page.show("its load has failed", 0, &task_1("tasks.jsonl", 40).rest("tasks.jsonl", &[28]), "task list");
    // v6.5: created, running, stopped.
    for (title, seq) in [("created, v6.5", 14), ("running, v6.5", 17), ("stopped, v6.5", 20)] {
        let tape = six("leader,worker").rest("v6.5.jsonl", &[11]).status("", &status_from_rest("v6.5.jsonl", seq));
        page.show(title, 0, &tape, "task list");
    }
    let none = six("leader,worker").rest("v6.5.jsonl", &[25]).status("", &status_from_rest("v6.5.jsonl", 8));
    page.show("none, v6.5", 0, &none, "task list");
    page.compare("recorded_task_list");
}

#[test]
fn task_list_shows_a_shard_task_without_openapi() {
    // All that runs here is shard-p: its workers say the same whether they are asked for it or for everything.
    let saying = |status: &Value| {
        Tape::default()
            .members("leader,worker", &gateway(1))
            .rest("frame.jsonl", &[1])
            .unknown_call("ListTaskConfigs")
            .rpc("QueryStatus", "QueryStatusListResponse", status)
            .status("", status)
            .status("", &status_from_rest("sources.jsonl", 38))
            .rpc("GetSubTaskCfg shard-p", "GetSubTaskCfgResponse", &gateway(5))
    };
    let mut page = Page::new();
    page.show("a lock is pending", 0, &saying(&printed_json("query-status shard-p", 1)), "task list");
    page.show("a worker can't be reached", 4, &saying(&printed_json("query-status shard-p", 0)), "task list");
    page.compare("recorded_task_list_no_openapi");
}

#[test]
fn task_status_shows_a_shard_task_of_a_real_cluster() {
    let mut page = Page::new();
    page.show("in sync", 0, &shard_p(&gateway(3)), "task status shard-p");
    let blocked = printed_json("query-status shard-p", 1);
    page.show("a DDL of one shard waits for the other", 0, &shard_p(&blocked), "task status shard-p");
    let away = printed_json("query-status shard-p", 0);
    page.show("a worker can't be reached", 4, &shard_p(&away), "task status shard-p");
    page.show("no such task", 1, &no_task(), "task status nope");
    page.compare("recorded_task_status");
}

#[test]
fn ddl_lock_list_shows_a_real_lock() {
    let lock = |call: &str, words: &str, nth: usize| Tape::default().rpc(call, "ShowDDLLocksResponse", &printed_json(words, nth));
    let mut page = Page::new();
    page.show("none", 0, &lock("ShowDDLLocks", "shard-ddl-lock", 0), "ddl-lock list");
    page.show("one", 0, &lock("ShowDDLLocks", "shard-ddl-lock", 1), "ddl-lock list");
    page.show("one of a task", 0, &lock("ShowDDLLocks shard-p", "shard-ddl-lock shard-p", 1), "ddl-lock list shard-p");
    let none = lock("ShowDDLLocks shard-p", "shard-ddl-lock shard-p", 0);
    let none = none.rpc("GetSubTaskCfg shard-p", "GetSubTaskCfgResponse", &gateway(5));
    page.show("none of a task", 0, &none, "ddl-lock list shard-p");
    page.compare("recorded_ddl_lock_list");
}

#[test]
fn task_get_shows_a_real_configuration_and_no_password() {
    let config = printed_json("get-config task shard-p", 0);
    let tape = Tape::default().rpc("GetSubTaskCfg shard-p", "GetSubTaskCfgResponse", &gateway(5)).rpc(
        "GetCfg TaskType shard-p",
        "GetCfgResponse",
        &config,
    );
    let mut page = Page::new();
    page.show("a shard task", 0, &tape, "task get shard-p");
    // The page of a switched-off OpenAPI is the same for every path.
    let off = tape.rest_as("GET /api/v1/tasks/shard-p", "frame.jsonl", 1);
    page.show("with its password, OpenAPI off", 1, &off, "task get shard-p --show-secrets");
    page.show("no such task", 1, &no_task(), "task get nope");
    page.compare("recorded_task_get");
}

#[test]
fn task_check_shows_the_warnings_of_a_real_check() {
    let tape = Tape::default().members("leader", &gateway(2)).rpc("CheckTask", "CheckTaskResponse", &printed_check());
    let mut page = Page::new();
    page.show("two warnings", 0, &tape, "task check task.yaml");
    page.compare("recorded_task_check");
}

#[test]
#[should_panic(expected = "requests that were not recorded: [\"GetSubTaskCfg task-2 null\"")]
fn a_request_that_was_not_recorded_fails_the_test() {
    let master = Replay::start(&Tape::default());
    let _shown = Sandbox::at(&*master.address).run("task get task-2");
}

#[test]
#[should_panic(expected = "answers that nobody asked for: [\"GET /api/v1/sources/nope\"]")]
fn an_answer_that_nobody_asked_for_fails_the_test() {
    let tape = shard_p(&gateway(3)).rest("sources.jsonl", &[14]);
    let master = Replay::start(&tape);
    let _shown = Sandbox::at(&*master.address).run("task status shard-p");
}
