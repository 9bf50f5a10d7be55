//! The table of lines. Each row is a line that is run as arguments, through a pipe, and typed into a session, which must give the same
//! bytes and the same exit code; what it gives is a page of `snapshots/lines_*.snap`. As arguments and through a pipe it must also put the
//! same questions to the cluster. A session asks for names besides, so that it has a cluster of its own, which is like the other.

use dmctl::wire::pb;

use crate::cluster::{Cluster, Nobody, Script};
use crate::cluster_wire::SECRET;
use crate::harness::{Output, Sandbox, snapshot};
use crate::typed::Typist;

/// Every verb that reads, as a line that the usual cluster answers with success.
pub const READING: [&str; 9] = [
    "task check task.yaml",
    "task get task-1",
    "task list",
    "task status task-1",
    "source get mysql-01",
    "source list",
    "source status mysql-01",
    "ddl-lock list",
    "member list",
];

/// Every verb that changes something, as a line that the usual cluster answers with success once it is confirmed; the exceptions say so
/// in `lines_change`.
pub const CHANGING: [&str; 18] = [
    "task create task.yaml",
    "task update task-1 task.yaml",
    "task delete task-1",
    "task start task-1",
    "task stop task-1",
    "source create source.yaml",
    "source update mysql-01 source.yaml",
    "source delete mysql-01",
    "source enable mysql-01",
    "source disable mysql-01",
    "source transfer mysql-01 worker-3",
    "relay start mysql-01",
    "relay stop mysql-01",
    "relay purge mysql-01 mysql-bin.000001",
    "ddl-lock unlock 'task-1-`shop`.`orders`'",
    "member offline worker-4",
    "member evict-leader master-1",
    "member cancel-evict-leader master-1",
];

/// A task file that the usual cluster takes.
pub const TASK_FILE: &str = "\
name: task-new
task-mode: all
target-database: {host: 127.0.0.1, port: 4000, user: tgt, password: S3cret-pw}
mysql-instances:
- source-id: mysql-01
  block-allow-list: shop
block-allow-list:
  shop: {do-dbs: [shop]}
";

/// A source file that the usual cluster takes.
pub const SOURCE_FILE: &str = "\
source-id: mysql-09
from: {host: 127.0.0.1, port: 3309, user: dm, password: S3cret-pw}
";

/// A sandbox for a cluster, with the files that lines name.
pub fn sandbox(address: &str) -> Sandbox {
    let sandbox = Sandbox::at(address);
    let _task = sandbox.file("task.yaml", TASK_FILE);
    let _source = sandbox.file("source.yaml", SOURCE_FILE);
    sandbox
}

/// Runs a line as arguments and through a pipe, and sees that both give the same.
pub fn both_ways(sandbox: &Sandbox, line: &str) -> Output {
    let alone = sandbox.run(line);
    assert_same(&sandbox.pipe("", line), &alone, line);
    alone
}

fn assert_same(piped: &Output, alone: &Output, line: &str) {
    let remark = match alone.code {
        0 => String::new(),
        code => format!("stopped at line 1, with exit code {code}\n"),
    };
    let expected = Output { stderr: format!("{}{remark}", alone.stderr), ..alone.clone() };
    assert_eq!(*piped, expected, "{line}: piped, and alone");
}

/// The rows of one verb.
pub struct Page {
    text: String,
    typist: Typist,
}

impl Page {
    pub fn new() -> Self {
        Self { text: String::new(), typist: Typist::new() }
    }

    /// A row: its answer in text.
    pub fn text(&mut self, title: &str, code: i32, cluster: &Cluster, line: &str) {
        let sandbox = sandbox(&cluster.address);
        self.text.push_str(&format!("## {title}\n"));
        let _shown = self.run(&sandbox, code, cluster, line);
    }

    /// A row in text and in JSON; YAML says the same as JSON.
    pub fn all(&mut self, title: &str, code: i32, cluster: &Cluster, line: &str) {
        self.text(title, code, cluster, line);
        let sandbox = sandbox(&cluster.address);
        let json = self.run(&sandbox, code, cluster, &format!("{line} --format json"));
        let yaml = both_ways(&sandbox, &format!("{line} --format yaml"));
        assert_eq!(yaml.code, code, "{line}");
        assert_eq!(documents(&yaml.stdout, "---\n"), documents(&json.stdout, "\n"), "{line}: stdout");
        assert_eq!(documents(&yaml.stderr, "---\n"), documents(&json.stderr, "\n"), "{line}: stderr");
    }

    fn run(&mut self, sandbox: &Sandbox, code: i32, cluster: &Cluster, line: &str) -> Output {
        let _before = cluster.asked();
        let output = sandbox.run(line);
        let asked = cluster.asked();
        assert_same(&sandbox.pipe("", line), &output, line);
        assert_eq!(cluster.asked(), asked, "{line}: piped, and alone");
        assert_eq!(output.code, code, "{line}: {output:?}");
        self.typist.assert_same(cluster, &Cluster::start(cluster.state()), sandbox, line, &output);
        for text in [&output.stdout, &output.stderr] {
            assert!(line.contains("--show-secrets") || !text.contains(SECRET), "{line} shows a password: {text}");
        }
        let replaced = [(cluster.address.as_str(), "$MASTER")];
        self.text.push_str(&format!("$ dmctl {line}\n{}", sandbox.steady(&output.stdout, &replaced)));
        for line in sandbox.steady(&output.stderr, &replaced).lines() {
            self.text.push_str(format!("2> {line}").trim_end());
            self.text.push('\n');
        }
        self.text.push_str(&format!(
            "exit {code}; asked: {}\n\n",
            if asked.is_empty() { "nothing".to_owned() } else { asked.join("; ") }
        ));
        output
    }

    pub fn compare(self, name: &str) {
        snapshot(name, self.text.trim_end());
    }
}

/// The documents of an output: JSON parted by line ends, YAML by `---`.
fn documents(text: &str, mark: &str) -> Vec<serde_json::Value> {
    text.split(mark)
        .filter(|part| !part.is_empty())
        .map(|part| serde_yaml::from_str(part).unwrap_or_else(|error| panic!("{error}: {part}")))
        .collect()
}

#[test]
fn every_reading_line_is_told_when_nobody_listens() {
    let nobody = Nobody::new();
    let sandbox = sandbox(&nobody.address);
    for line in READING {
        let text = both_ways(&sandbox, line);
        let expected = format!(
            "error: no master could be reached\n  cause: {}: connection refused: nobody listens there\nhint: check the address \
             (`--master-addr`, `--profile` or DM_MASTER_ADDR), and that a master runs there\n",
            nobody.address
        );
        assert_eq!((text.code, text.stdout.as_str(), text.stderr), (3, "", expected), "{line}");
        for format in ["json", "yaml"] {
            let output = both_ways(&sandbox, &format!("{line} --format {format}"));
            assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{line}");
            let error = &documents(&output.stderr, "---\n")[0]["error"];
            assert_eq!(error["kind"], "unreachable", "{line}");
            assert_eq!(error["message"], "no master could be reached", "{line}");
        }
    }
}

#[test]
fn every_reading_line_is_told_when_no_cluster_is_named() {
    let sandbox = Sandbox::new();
    let _task = sandbox.file("task.yaml", TASK_FILE);
    for line in READING {
        let output = both_ways(&sandbox, line);
        assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{line}");
        assert!(output.stderr.starts_with("error: no cluster is named\nhint: "), "{line}: {}", output.stderr);
    }
}

#[test]
fn a_line_that_is_not_understood_is_told_and_nothing_is_sent() {
    let cluster = Cluster::start(Script::usual());
    let mut page = Page::new();
    let long = format!("source get {}", "x".repeat(33));
    for (title, line) in [
        ("no verb", "task"),
        ("an unknown resource", "tsk list"),
        ("an unknown verb", "task lst"),
        ("a name that is missing", "task get"),
        ("a name too many", "task get task-1 task-2"),
        ("an unknown flag", "task list --stge running"),
        ("an unknown stage", "task list --stage nope"),
        ("an empty name", "task get ''"),
        ("a name that is too long", &long),
        ("an address without a port", "task list --master-addr nowhere"),
        ("an unknown profile", "task list --profile nope"),
        ("half of a certificate", "task list --ssl-cert cert.pem --master-addr 127.0.0.1:1"),
        ("a CA file that is not there", "task list --ssl-ca nope.pem --master-addr 127.0.0.1:1"),
    ] {
        page.all(title, 2, &cluster, line);
    }
    assert!(!page.text.contains("x GET") && !page.text.contains("x ListMember"), "{}", page.text);
    page.compare("lines_usage");
}

#[test]
#[should_panic(expected = "calls that are not in the script: [\"CheckTask 10/10\"]")]
fn a_call_that_is_not_in_the_script_fails_the_test() {
    let cluster = Cluster::start(Script::usual());
    let _shown = sandbox(&cluster.address).run("task check task.yaml");
}

#[test]
fn text_of_the_server_has_no_power_over_the_terminal() {
    let nasty = "\u{1b}]0;title\u{7}\u{1b}[31mred\u{202e}";
    let evil = |text: &str| format!("[code=1:class=a:scope=b:level=c], Message: {text}, RawCause: {text}, Workaround: {text}");
    let mut failing = crate::cluster_status::failed();
    failing.result = Some(pb::ProcessResult {
        errors: vec![pb::ProcessError { message: nasty.into(), raw_cause: nasty.into(), ..Default::default() }],
        ..Default::default()
    });
    let script = Script::empty()
        .worker(&format!("worker{nasty}"), "bound", "mysql-01")
        .source("mysql-01", 3306, "mariadb")
        .task(&format!("task{nasty}"), "all", &[("mysql-01", &[failing])])
        .lock("task-1", "pessimistic", nasty)
        .check(false, &evil(nasty));
    let cluster = Cluster::start(script);
    let sandbox = sandbox(&cluster.address);
    let mut shown = 0;
    for line in READING.iter().filter(|line| !line.contains("task-1") && !line.contains("get")) {
        for format in ["text", "json", "yaml"] {
            let output = both_ways(&sandbox, &format!("{line} --format {format} --color always"));
            let text = format!("{}{}", output.stdout, output.stderr);
            assert!(
                !text.contains(['\u{7}', '\u{202e}']) && !text.contains("\u{1b}]") && !text.contains("\u{1b}[31mred"),
                "{text:?}"
            );
            shown += usize::from(text.contains("\\u{1b}") || text.contains("\\u001b"));
        }
    }
    assert!(shown >= 15, "the nasty text reached only {shown} answers: the test tests nothing");
}
