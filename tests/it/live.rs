//! Live names over a scripted cluster: what is known after which answers, and what is offered of it at many places.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use dmctl::api::TlsFiles;
use dmctl::complete::{self, Kind, List, Names, Reach, Source, Table, Task};
use dmctl::exit::{Code, Failure};
use dmctl::model::Stage;
use dmctl::session::live::{Finder, Live, Pace};
use dmctl::target::{Environment, Target};

use crate::cluster::{Cluster, Fault, Script, Version};
use crate::cluster_faults::Lose;
use crate::complete::BUILT;
use crate::harness::snapshot;

/// Live names, and a bell that rings when there is something new.
pub struct Watched {
    pub live: Live,
    bell: Arc<(Mutex<()>, Condvar)>,
}

impl Watched {
    pub fn start(find: Finder, environment: Environment, pace: Pace) -> Self {
        let bell = Arc::new((Mutex::new(()), Condvar::new()));
        let live = Live::new(find, Arc::new(environment), pace);
        let ring = Arc::clone(&bell);
        live.on_news(Box::new(move || {
            let _held = ring.0.lock().unwrap();
            ring.1.notify_all();
        }));
        live.begin();
        Self { live, bell }
    }

    fn of(cluster: &Cluster) -> Self {
        Self::start(at(&cluster.address), Environment::default(), quick())
    }

    /// Waits until it is so.
    pub fn until(&self, is_so: impl Fn(&Names) -> bool) -> Arc<Names> {
        let mut held = self.bell.0.lock().unwrap();
        loop {
            let names = self.live.names();
            if is_so(&names) {
                return names;
            }
            held = self.bell.1.wait(held).unwrap();
        }
    }

    /// Waits until all that the usual cluster has is known.
    fn whole(&self) -> Arc<Names> {
        self.until(|names| names.stages_heard.is_some() && !names.masters.is_empty())
    }
}

fn target(address: &str) -> Target {
    let tls: Option<TlsFiles> = None;
    Target { masters: vec![address.parse().unwrap()], tls, token: None, profile: None, read_only: None, production: false }
}

fn at(address: &str) -> Finder {
    let target = target(address);
    Arc::new(move || Ok(target.clone()))
}

/// Every loop goes round as fast as it can without being one.
fn quick() -> Pace {
    let soon = Duration::from_millis(20);
    Pace { names: soon, status: soon, patience: Duration::from_secs(5), in_use: Duration::from_secs(3600), folder: soon }
}

/// As [`quick`], but nothing is asked a second time by itself.
fn once() -> Pace {
    let never = Duration::from_secs(36_000);
    Pace { names: never, status: never, ..quick() }
}

fn offered(names: &Names, line: &str) -> List {
    let cursor = line.find('|').unwrap();
    let line = line.replacen('|', "", 1);
    let place = complete::at(&BUILT, &line, cursor).unwrap();
    complete::list(&place, names)
}

/// A list as text: the value with its matched letters in brackets, what is told of it, why it can't be chosen.
fn shown(list: &List) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{} {} of {}\n", list.subject, list.fitting, list.total);
    for row in &list.rows {
        let marked = row.value.chars().enumerate().map(|(index, letter)| match row.matched.contains(&index) {
            true => format!("[{letter}]"),
            false => letter.to_string(),
        });
        let value = marked.collect::<String>().replace("][", "");
        let refused = row.refused.as_ref().map(|why| format!("  ({why})")).unwrap_or_default();
        writeln!(text, "    {}", format!("{value}  {}{refused}", row.about).trim_end()).unwrap();
    }
    if let Some(note) = &list.note {
        writeln!(text, "    note: {note}").unwrap();
    }
    text
}

fn names_of(list: &List) -> Vec<&str> {
    list.rows.iter().map(|row| row.value.as_str()).collect()
}

/// Lines with `|` as the cursor.
const LINES: &str = "\
|
task |
ta|
task start |
task start --remove-meta |
task start k3|
task stop |
task delete |
task delete --force |
task update |
task status |
task status task-1 --wait |
task start task-1 --source |
task start task-1 --source mysql-01,|
task start --source mysql-01 |
task list --stage |
task start x --start-time |
task start x --wait-timeout |
source enable |
source disable |
source delete |
source transfer |
source transfer mysql-01 |
relay start |
relay start mysql-01 --worker-name |
relay stop |
relay purge |
relay purge mysql-02 |
ddl-lock list |
ddl-lock unlock |
ddl-lock unlock 'task-1-`shop`.`orders`' --source |
member list --name |
member list --role |
member offline |
member evict-leader |
--profile |
";

#[test]
fn what_is_offered_suits_the_moment() {
    let script = Script::usual()
        .lock("task-1", "pessimistic", "ALTER TABLE orders ADD COLUMN note TEXT")
        .with_source("mysql-01", |source| source.enable = false);
    let cluster = Cluster::start(script);
    let watched = Watched::of(&cluster);
    let names = watched.whole();
    let mut text = String::new();
    for line in LINES.lines() {
        text.push_str(&format!("{line}\n{}\n", shown(&offered(&names, line)).replace(&cluster.address, "MASTER")));
    }
    snapshot("live_lists", &text);
}

#[test]
fn a_silent_worker_costs_its_own_stages_only() {
    let cluster = Cluster::start(Script::usual().faulty("mysql-02", Fault::Hold));
    let pace = Pace { patience: Duration::from_millis(100), ..quick() };
    let watched = Watched::start(at(&cluster.address), Environment::default(), pace);
    let names = watched.whole();
    let stage = |name| names.tasks.get(name).and_then(|task: &Task| task.stage);
    assert_eq!(stage("task-1"), Some(Stage::Running), "mysql-01 tells that it runs there");
    assert_eq!(stage("task-2"), Some(Stage::Unknown));
    assert_eq!(stage("task-3"), Some(Stage::Stopped));
}

#[test]
fn a_dead_cluster_leaves_what_was_known_and_one_that_comes_back_is_found() {
    let mut first = Cluster::start(Script::usual());
    let second = Cluster::start(Script::usual().task("task-5", "full", &[]));
    let place = Arc::new(Mutex::new(target(&first.address)));
    let seen = Arc::clone(&place);
    let watched = Watched::start(Arc::new(move || Ok(seen.lock().unwrap().clone())), Environment::default(), quick());
    watched.whole();
    first.stop();
    let names = watched.until(|names| matches!(names.reach, Reach::Lost { .. }));
    assert_eq!(names.tasks.len(), 4);
    let list = offered(&names, "task stop |");
    assert!(list.note.as_ref().is_some_and(|note| note.starts_with("the cluster has not answered for ")), "{list:?}");
    assert!(list.rows[0].about.ends_with(" old"), "{list:?}");
    *place.lock().unwrap() = target(&second.address);
    let names = watched.until(|names| names.tasks.len() == 5);
    assert_eq!(names.reach, Reach::Answers);
    assert_eq!(names.target, second.address);
}

#[test]
fn another_master_is_asked_when_the_first_is_gone() {
    let mut cluster = Cluster::start_many(Script::usual(), 2);
    let mut both = target(&cluster.addresses()[0]);
    both.masters.push(cluster.addresses()[1].parse().unwrap());
    let watched = Watched::start(Arc::new(move || Ok(both.clone())), Environment::default(), quick());
    watched.whole();
    cluster.stop_master(0);
    cluster.change(|script| Script { leader: "master-2".to_owned(), ..script }.task("task-5", "full", &[]));
    let names = watched.until(|names| names.tasks.len() == 5);
    assert_eq!((names.leader.as_deref(), &names.reach), (Some("master-2"), &Reach::Answers));
}

#[test]
fn names_of_an_old_target_are_gone_at_once_and_never_come_back() {
    let old = Cluster::start(Script::usual());
    let new = Cluster::start(Script::empty().task("other", "full", &[]));
    let watched = Watched::of(&old);
    watched.whole();
    // The old cluster has the answer ready at this very moment, or a little later.
    old.change(|script| script.task("task-9", "full", &[]));
    watched.live.aim(at(&new.address));
    let names = watched.live.names();
    assert!(names.tasks.get("task-1").is_none() && names.workers.is_empty(), "{:?}", names.tasks);
    let names = watched.until(|names| !names.tasks.is_empty());
    assert_eq!(names.tasks.items().iter().map(|task| &*task.name).collect::<Vec<_>>(), ["other"]);
}

#[test]
fn a_cluster_that_never_answers_keeps_nobody_waiting() {
    let hold = Lose::Hold { done: false };
    let cluster = Cluster::start(Script::usual().losing_at("GET /api/v1/tasks", 0..usize::MAX, hold));
    let watched = Watched::of(&cluster);
    cluster.wait_for("GET /api/v1/tasks");
    let names = watched.live.names();
    assert_eq!((&names.reach, names.tasks.len()), (&Reach::Asked, 0));
    assert_eq!(offered(&names, "task start |").note.as_deref(), Some("the cluster is being asked"));
}

#[test]
fn without_a_cluster_files_and_words_are_offered_and_one_that_comes_is_found() {
    let cluster = Cluster::start(Script::usual());
    let place: Arc<Mutex<Option<Target>>> = Arc::default();
    let seen = Arc::clone(&place);
    let find = move || seen.lock().unwrap().clone().ok_or_else(|| Failure::new(Code::Unreachable, "no cluster is named"));
    let watched = Watched::start(Arc::new(find), Environment::default(), quick());
    let names = watched.until(|names| matches!(names.reach, Reach::Nowhere(_)));
    assert_eq!(offered(&names, "task start |").note.as_deref(), Some("no cluster is named"));
    assert_eq!(names_of(&offered(&names, "task st|")), ["status", "start", "stop", "list"]);
    *place.lock().unwrap() = Some(target(&cluster.address));
    watched.until(|names| names.tasks.len() == 4);
}

#[test]
fn older_clusters_and_those_without_openapi_tell_as_much_as_they_can() {
    let off = || Script::usual().without_openapi();
    let mut text = String::new();
    for (title, script) in [
        ("OpenAPI off", off()),
        ("DM 6.5", Script::usual().version(Version::V65)),
        ("DM 6.5, OpenAPI off: workers name the tasks", off().version(Version::V65)),
    ] {
        let cluster = Cluster::start(script);
        let watched = Watched::of(&cluster);
        let names = watched.until(|names| names.stages_heard.is_some() && names.tasks.len() == 4 && !names.masters.is_empty());
        text.push_str(&format!("# {title}\n"));
        for line in ["task start |", "source enable |"] {
            text.push_str(&format!("{line}\n{}\n", shown(&offered(&names, line))));
        }
    }
    snapshot("live_versions", &text);
    // There a worker that hangs can't name its tasks; the others' are offered.
    let cluster = Cluster::start(off().version(Version::V65).faulty("mysql-02", Fault::Hold));
    let pace = Pace { patience: Duration::from_millis(100), ..quick() };
    let watched = Watched::start(at(&cluster.address), Environment::default(), pace);
    let names = watched.until(|names| names.stages_heard.is_some());
    assert_eq!(names_of(&offered(&names, "task get |")), ["task-1", "task-3", "task-4"]);
}

#[test]
fn a_cluster_is_left_alone_when_nobody_is_at_the_keyboard() {
    let cluster = Cluster::start(Script::usual());
    let folder = tempfile::tempdir().unwrap();
    let soon = Duration::from_millis(1);
    // Nobody is at the keyboard from the start on.
    let watched =
        Watched::start(at(&cluster.address), Environment::default(), Pace { names: soon, in_use: Duration::ZERO, ..quick() });
    watched.whole();
    let asked = || cluster.asked().iter().filter(|call| call.ends_with("/tasks")).count();
    let before = asked();
    // Something else goes on meanwhile, many times as long as the pace.
    for number in 0..20 {
        let path = folder.path().join(number.to_string());
        std::fs::create_dir(&path).unwrap();
        watched.live.folder(&path);
        watched.until(|names| names.folder(&path).is_some());
    }
    assert_eq!((before, asked()), (1, 0));
    // Whoever comes back finds what has changed.
    cluster.change(|script| script.task("task-5", "full", &[]));
    watched.live.changed();
    watched.until(|names| names.tasks.get("task-5").is_some());
}

#[test]
fn an_own_change_is_looked_for_at_once() {
    let cluster = Cluster::start(Script::usual());
    let watched = Watched::start(at(&cluster.address), Environment::default(), once());
    watched.whole();
    cluster.change(|script| script.task("task-5", "full", &[]));
    watched.live.changed();
    watched.until(|names| names.tasks.get("task-5").is_some());
}

#[test]
fn nonsense_of_a_server_is_told_and_hostile_names_do_no_harm() {
    let task = |name: &str| serde_json::json!({ "name": name, "task_mode": "all", "source_config": { "source_conf": [{ "source_name": "mysql-01" }] } });
    let hostile = ["\u{1b}[2Jboo", "a\u{202e}b", "-rf", "x,y", "line\nbreak", "it's", &"long".repeat(1000), ""];
    let tasks = serde_json::json!({ "total": 8, "data": hostile.map(task) }).to_string();
    let cluster = Cluster::start(Script::usual().answering("GET /api/v1/tasks", 200, "application/json", &tasks));
    let watched = Watched::of(&cluster);
    let names = watched.whole();
    let list = offered(&names, "task status |");
    let told: Vec<(&str, bool)> = list.rows.iter().map(|row| (row.value.as_str(), row.refused.is_some())).collect();
    assert_eq!(
        told,
        [("it's", false), ("x,y", false), ("\\u{1b}[2Jboo", true), ("-rf", true), ("a\\u{202e}b", true), ("line break", true)]
    );
    cluster.change(|script| {
        Script { canned: Vec::new(), ..script }.answering("GET /api/v1/tasks", 200, "application/json", "{\"data\": 5}")
    });
    let names = watched.until(|names| matches!(names.reach, Reach::Lost { .. }));
    assert_eq!(names.tasks.len(), 6, "what was known stays");
}

#[test]
fn a_configuration_comes_when_it_is_wished_for_without_secrets() {
    let cluster = Cluster::start(Script::usual());
    let watched = Watched::of(&cluster);
    watched.whole();
    let wish = |kind, name: &str| {
        watched.live.configuration(kind, name);
        let names = watched.until(|names| names.configuration.as_ref().is_some_and(|known| known.name == name));
        names.configuration.as_ref().unwrap().text.clone()
    };
    let task = wish(Kind::Task, "task-1").unwrap();
    assert!(task.contains("task-1") && task.contains("******"), "{task}");
    assert!(wish(Kind::Source, "mysql-01").unwrap().contains("source-id: mysql-01"));
    assert_eq!(wish(Kind::Task, "nope"), Err("task `nope` does not exist".to_owned()));
}

#[test]
fn files_are_told_by_what_they_describe() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("orders.yaml", "name: orders\nmysql-instances: []\n");
    write("task-1.yaml", "name: task-1\nmysql-instances: []\n");
    write("mysql-09.yaml", "source-id: mysql-09\n");
    write("pod.yaml", "kind: Pod\n");
    write("ca.pem", "");
    std::fs::create_dir(folder.path().join("more")).unwrap();
    let cluster = Cluster::start(Script::usual());
    let watched = Watched::of(&cluster);
    watched.whole();
    let below = format!("{}/", folder.path().display());
    let line = |text: &str| text.replace("DIR/", &below);
    let place = complete::at(&BUILT, &line("task create DIR/"), line("task create DIR/").len()).unwrap();
    let path = complete::folder(&place).unwrap();
    assert_eq!(offered(&watched.live.names(), &line("task create DIR/|")).note.as_deref(), Some("the folder is being looked into"));
    watched.live.folder(&path);
    let names = watched.until(|names| names.folder(&path).is_some());
    let mut text = String::new();
    for at in [
        "task create DIR/|",
        "task create DIR/od|",
        "source create DIR/|",
        "task update task-1 DIR/|",
        "task get task-1 --output DIR/|",
        "task list --ssl-ca DIR/|",
    ] {
        text.push_str(&format!("{at}\n{}\n", shown(&offered(&names, &line(at))).replace(&below, "DIR/")));
    }
    snapshot("live_files", &text);
    write("new.yaml", "name: new\nmysql-instances: []\n");
    let changed = watched.until(|names| {
        watched.live.folder(&path);
        names_of(&offered(names, &line("task create DIR/|"))).contains(&format!("{below}new.yaml").as_str())
    });
    assert!(changed.generation > names.generation);
}

#[test]
fn ten_come_after_two_and_what_was_typed_comes_first() {
    let tasks = ["task-10", "task-2", "xtask-2", "t-a-s-k-2"].map(|name| Task { name: name.into(), ..Task::default() });
    let names = Names { tasks: Arc::new(Table::new(tasks)), heard: Some(std::time::Instant::now()), ..Names::default() };
    assert_eq!(names_of(&offered(&names, "task get |")), ["t-a-s-k-2", "task-2", "task-10", "xtask-2"]);
    assert_eq!(names_of(&offered(&names, "task get task-2|")), ["task-2", "xtask-2", "t-a-s-k-2"]);
    assert_eq!(names_of(&offered(&names, "task get task2|"))[0], "task-2");
}

/// Names of all kinds, some of which must be quoted, and some of which must not be taken.
pub fn nasty() -> Names {
    let words =
        ["x", "my task", "a'b", "start", "help", "-x", "a,b", "\u{202e}z", "ü b", "$HOME", "task-`shop`.`orders`", "#1", "~"];
    let tasks = words.map(|name| Task { name: name.into(), ..Task::default() });
    let sources = words.map(|name| Source { name: name.to_owned(), enabled: Some(true), ..Source::default() });
    let workers = words.map(|name| complete::Worker { name: name.to_owned(), state: "free".to_owned(), ..Default::default() });
    let profiles =
        words.map(|name| dmctl::target::Profile { name: name.to_owned(), masters: vec!["h:1".to_owned()], ..Default::default() });
    Names {
        heard: Some(std::time::Instant::now()),
        tasks: Arc::new(Table::new(tasks)),
        sources: Arc::new(Table::new(sources)),
        workers: Arc::new(Table::new(workers)),
        profiles: Arc::new(profiles.to_vec()),
        servers: Arc::new(vec!["127.0.0.1:8261".to_owned()]),
        ..Names::default()
    }
}
