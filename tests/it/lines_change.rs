//! The table of lines, for the verbs that change something. Each row runs on a cluster of its own, as it stands and through a pipe, and
//! tells what arrived there.

use crate::cluster::{Cluster, Script, Version};
use crate::cluster_status::{created, failed, finished, paused, syncing};
use crate::cluster_wire::SECRET;
use crate::harness::{Output, Sandbox, snapshot};
use crate::lines::{CHANGING, READING, sandbox};
use crate::typed::Typist;

/// What one row runs on.
pub type Made<'a> = &'a dyn Fn() -> Script;

/// The rows of one verb.
pub struct Changes {
    text: String,
    typist: Typist,
}

impl Changes {
    pub fn new() -> Self {
        Self { text: String::new(), typist: Typist::new() }
    }

    /// A row in text: as arguments, through a pipe and typed, each on a cluster of its own.
    pub fn text(&mut self, title: &str, code: i32, script: Made<'_>, line: &str) {
        self.text.push_str(&format!("## {title}\n"));
        let (alone, cluster, sandbox) = Self::alone(script, line);
        let (piped, other, _) = Self::run(script, |sandbox| sandbox.pipe("", line));
        let remark = if alone.code == 0 { String::new() } else { format!("stopped at line 1, with exit code {}\n", alone.code) };
        let told = |text: &str, cluster: &Cluster| text.replace(&cluster.address, "$MASTER");
        assert_eq!(told(&piped.stdout, &other), told(&alone.stdout, &cluster), "{line}: piped, and alone");
        assert_eq!(told(&piped.stderr, &other), format!("{}{remark}", told(&alone.stderr, &cluster)), "{line}: piped, and alone");
        assert_eq!((alone.code, piped.code), (code, code), "{line}: {alone:?}");
        self.show(line, &alone, &cluster, &sandbox);
        let arrived: Vec<String> = cluster.changes().iter().map(|change| format!("{} {}", change.call, change.body)).collect();
        let also: Vec<String> = other.changes().iter().map(|change| format!("{} {}", change.call, change.body)).collect();
        assert_eq!(arrived, also, "{line}: piped, and alone");
        // Whoever is not asked elsewhere is asked in a session: `questions` has these rows.
        if code != 5 {
            let typed = Cluster::start(script());
            self.typist.assert_same(&cluster, &typed, &sandbox, line, &alone);
            let also: Vec<String> = typed.changes().iter().map(|change| format!("{} {}", change.call, change.body)).collect();
            assert_eq!(arrived, also, "{line}: typed, and alone");
        }
        for arrived in &arrived {
            self.text.push_str(&format!("-> {}\n", arrived.replace(SECRET, "$SECRET")));
        }
        self.text.push_str(&format!("exit {code}\n\n"));
    }

    /// A row in text and in JSON.
    pub fn all(&mut self, title: &str, code: i32, script: Made<'_>, line: &str) {
        self.text(title, code, script, line);
        let line = format!("{line} --format json");
        let (output, cluster, sandbox) = Self::alone(script, &line);
        assert_eq!(output.code, code, "{line}: {output:?}");
        for text in output.stdout.lines().chain(output.stderr.lines()) {
            let _valid: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        }
        self.show(&line, &output, &cluster, &sandbox);
        self.text.push('\n');
    }

    fn alone(script: Made<'_>, line: &str) -> (Output, Cluster, Sandbox) {
        Self::run(script, |sandbox| sandbox.run(line))
    }

    fn run(script: Made<'_>, run: impl FnOnce(&Sandbox) -> Output) -> (Output, Cluster, Sandbox) {
        let cluster = Cluster::start(script());
        let sandbox = sandbox(&cluster.address);
        let output = run(&sandbox);
        for text in [&output.stdout, &output.stderr] {
            assert!(!text.contains(SECRET), "a password is shown: {text}");
        }
        (output, cluster, sandbox)
    }

    fn show(&mut self, line: &str, output: &Output, cluster: &Cluster, sandbox: &Sandbox) {
        let steady = |text: &str| sandbox.steady(text, &[(&cluster.address, "$MASTER")]);
        self.text.push_str(&format!("$ dmctl {line}\n{}", steady(&output.stdout)));
        for line in steady(&output.stderr).lines() {
            self.text.push_str(format!("2> {line}").trim_end());
            self.text.push('\n');
        }
    }

    pub fn compare(self, name: &str) {
        snapshot(name, self.text.trim_end());
    }
}

/// The usual cluster, whose changes show at once.
pub fn usual() -> Script {
    Script::usual().late(0)
}

pub fn off() -> Script {
    usual().without_openapi()
}

const REFUSED: &str = "[code=46024:class=scheduler:scope=internal:level=low], Message: when RemoveMeta, resource task-1 is in use by other \
                       client, Workaround: Please try again later";

#[test]
fn task_start() {
    let mut page = Changes::new();
    let stopped = || usual().once_started("task-4", &[syncing(3)]);
    page.all("a task that was created", 0, &stopped, "task start task-4");
    page.text(
        "one that an error has stopped, and which fails again",
        1,
        &|| usual().once_started("task-3", &[failed()]),
        "task start task-3 --wait-timeout 1s",
    );
    page.all("one that runs already", 0, &usual, "task start task-1");
    page.text("one that runs already, with an option", 1, &usual, "task start task-1 --start-time '2026-01-31 08:00:00'");
    page.all("one that is finished", 1, &usual, "task start task-2");
    page.text(
        "with options",
        0,
        &stopped,
        "task start task-4 --source mysql-01 --start-time '2026-01-31 08:00:00' --safe-mode-time-duration 1m",
    );
    page.text("without waiting", 0, &stopped, "task start task-4 --no-wait");
    page.text("what would be done", 0, &usual, "task start task-4 --dry-run");
    page.all("an unknown task", 1, &usual, "task start nope");
    page.text("an unknown source", 1, &usual, "task start task-4 --source nope");
    page.text("OpenAPI off", 0, &|| stopped().without_openapi(), "task start task-4");
    page.text("OpenAPI off, with an option", 1, &off, "task start task-4 --start-time '2026-01-31 08:00:00'");
    page.text("DM 6.0, with an option", 1, &|| usual().version(Version::V60), "task start task-4 --safe-mode-time-duration 1m");
    page.all("refused by DM", 1, &|| usual().refusing("POST /api/v1/tasks/task-4/start", REFUSED), "task start task-4");
    let half = || {
        Script::empty()
            .late(0)
            .worker("worker-1", "bound", "mysql-01")
            .worker("worker-2", "bound", "mysql-02")
            .source("mysql-01", 3306, "mariadb")
            .source("mysql-02", 3308, "mysql")
            .task("task-1", "all", &[("mysql-01", &[created()]), ("mysql-02", &[created()])])
    };
    let worker_dies =
        || half().losing("POST /api/v1/tasks/task-1/start", crate::cluster_faults::Lose::Worker("mysql-02".to_owned()));
    page.all("a worker dies in the middle", 4, &worker_dies, "task start task-1 --wait-timeout 0s");
    page.text("a start that does not show in time", 124, &|| usual().late(9), "task start task-4 --wait-timeout 0s");
    page.compare("lines_task_start");
}

#[test]
fn task_stop() {
    let mut page = Changes::new();
    page.all("a task that runs", 0, &usual, "task stop task-1");
    page.text("on one source, with a time-out", 0, &usual, "task stop task-1 --source mysql-02 --timeout 60s");
    page.text("one that an error has stopped, which DM would start again", 0, &usual, "task stop task-3");
    page.all("one that was never started", 0, &usual, "task stop task-4");
    page.text("one that is finished", 0, &usual, "task stop task-2");
    page.text("without waiting", 0, &usual, "task stop task-1 --no-wait");
    page.text("what would be done", 0, &usual, "task stop task-1 --dry-run");
    page.text("an unknown task", 1, &usual, "task stop nope");
    page.text("OpenAPI off", 0, &off, "task stop task-1");
    page.text("OpenAPI off, with a time-out", 1, &off, "task stop task-1 --timeout 60s");
    page.text("DM 6.0, with a time-out", 1, &|| usual().version(Version::V60), "task stop task-1 --timeout 60s");
    page.text("a stop that does not show in time", 124, &|| usual().late(9), "task stop task-1 --wait-timeout 0s");
    page.text("a time-out that is none", 2, &usual, "task stop task-1 --timeout=-5s");
    page.compare("lines_task_stop");
}

#[test]
fn task_delete() {
    let mut page = Changes::new();
    page.all("not confirmed", 5, &usual, "task delete task-4");
    page.all("what would be lost", 0, &usual, "task delete task-4 --dry-run");
    page.all("confirmed", 0, &usual, "task delete task-4 --yes");
    page.text("one that is finished is told to stop first", 0, &usual, "task delete task-2 --yes");
    page.text("one that an error has stopped, too", 0, &usual, "task delete task-3 --yes");
    page.all("one that runs", 1, &usual, "task delete task-1 --yes");
    page.text("one that runs, by force", 0, &usual, "task delete task-1 --yes --force");
    page.text("an unknown task", 1, &usual, "task delete nope --yes");
    page.text("OpenAPI off", 0, &off, "task delete task-4 --yes");
    page.text(
        "with a lock",
        0,
        &|| usual().lock("task-4", "pessimistic", "ALTER TABLE t ADD c INT"),
        "task delete task-4 --dry-run",
    );
    let refused = || {
        usual().refusing("DELETE /api/v1/tasks/task-4", "[code=10001:class=database:scope=downstream:level=high], Message: fail to connect, RawCause: dial tcp 127.0.0.1:4000: connect: connection refused")
    };
    page.text("its target is away", 1, &refused, "task delete task-4 --yes");
    page.compare("lines_task_delete");
}

#[test]
fn every_change_is_refused_by_a_profile_that_only_reads() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    let _config = sandbox.config(&format!("[profile.look]\nmaster-addr = '{}'\nread-only = true\n", cluster.address));
    for line in CHANGING {
        let verb: Vec<&str> = line.split(' ').take(2).collect();
        let output = sandbox.run(&format!("--profile look {line} --yes"));
        let told = format!("error: profile `look` is read-only, and `{}` changes something\n", verb.join(" "));
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{line}");
        assert!(output.stderr.starts_with(&told), "{line}: {}", output.stderr);
    }
    assert!(cluster.asked().is_empty());
    for line in READING.iter().filter(|line| !line.contains("check")) {
        assert_eq!(sandbox.run(&format!("--profile look {line}")).code, 0, "{line}");
    }
}

#[test]
fn every_change_is_told_when_nobody_listens() {
    let nobody = crate::cluster::Nobody::new();
    let sandbox = sandbox(&nobody.address);
    let _named = sandbox.file("task.yaml", crate::lines::TASK_FILE.replace("task-new", "task-1"));
    let _named = sandbox.file("source.yaml", crate::lines::SOURCE_FILE.replace("mysql-09", "mysql-01"));
    for line in CHANGING {
        let output = sandbox.run(&format!("{line} --yes"));
        assert_eq!((output.code, output.stdout.as_str()), (3, ""), "{line}: {output:?}");
        assert!(output.stderr.starts_with("error: no master could be reached\n"), "{line}: {}", output.stderr);
    }
}

/// Stages that the pages above do not show.
#[test]
fn a_stopped_task_is_not_told_to_stop_again_and_a_finished_part_is_no_hindrance() {
    let script = || {
        Script::empty()
            .late(0)
            .worker("worker-1", "bound", "mysql-01")
            .worker("worker-2", "bound", "mysql-02")
            .source("mysql-01", 3306, "mariadb")
            .source("mysql-02", 3308, "mysql")
            .task("task-1", "full", &[("mysql-01", &[finished()]), ("mysql-02", &[paused()])])
            .once_started("task-1", &[finished()])
    };
    let cluster = Cluster::start(script());
    let sandbox = sandbox(&cluster.address);
    let stopped = sandbox.run("task stop task-1");
    assert_eq!((stopped.code, cluster.changes().len()), (0, 0), "{stopped:?}");
    let started = sandbox.run("task start task-1");
    assert_eq!((started.code, cluster.changes().len()), (0, 1), "{started:?}");
    assert!(started.stdout.starts_with("task `task-1` ran, and is finished on 2 sources\n"), "{}", started.stdout);
}
