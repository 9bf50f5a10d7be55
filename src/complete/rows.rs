//! Rows: a thing of the cluster, or a file, as one line of a list.

use crate::output::clean::line;
use crate::output::human;

use super::files::{Content, Entry};
use super::names::{Names, Served, Source, Task, Worker};
use crate::model::Stage;
use crate::model::file::Described;
use crate::model::status::{DdlLock, Master};
use crate::target::Profile;

/// Columns of what is told are this far apart.
const GAP: &str = "  ";

/// What is told of a thing, piece by piece.
#[derive(Default)]
struct About(String);

impl About {
    fn add(mut self, text: impl AsRef<str>) -> Self {
        if !text.as_ref().is_empty() {
            if !self.0.is_empty() {
                self.0.push_str(GAP);
            }
            self.0.push_str(&line(text.as_ref()));
        }
        self
    }

    fn maybe(self, text: Option<impl AsRef<str>>) -> Self {
        match text {
            Some(text) => self.add(text),
            None => self,
        }
    }

    /// How old it is, if the cluster has ceased to answer.
    fn aged(self, names: &Names) -> String {
        self.maybe(names.stale_for().map(|age| format!("{} old", human::duration(age)))).0
    }
}

pub(super) fn task(task: &Task, names: &Names) -> String {
    let sources: Vec<&str> = task.parts.iter().map(|(source, _)| source.as_ref()).collect();
    let shown = match sources.len() {
        0..=2 => sources.join(", "),
        more => format!("{} and {} more", sources.first().copied().unwrap_or_default(), more - 1),
    };
    let way = match &task.target {
        Some(target) if shown.is_empty() => format!("-> {target}"),
        Some(target) => format!("{shown} -> {target}"),
        None => shown,
    };
    let far = match (task.stage, task.progress, task.lag) {
        (Some(Stage::Running), Some(share), _) => Some(human::share(share)),
        (Some(Stage::Running), None, Some(lag)) => Some(format!("lag {}", human::seconds(lag))),
        _ => None,
    };
    About::default()
        .maybe(task.stage.map(Stage::word))
        .add(way)
        .maybe(far)
        .maybe(task.locked.then_some("waits for a DDL lock"))
        .maybe(task.error.as_deref())
        .aged(names)
}

/// A source in the list of those that a task reads.
pub(super) fn part(stage: Option<Stage>, source: Option<&Source>, names: &Names) -> String {
    let worker = source.and_then(|source| match &source.served {
        Served::By(worker) => Some(format!("on {worker}")),
        Served::Unknown | Served::ByNobody => None,
    });
    About::default().maybe(stage.map(Stage::word)).maybe(worker).aged(names)
}

pub(super) fn source(source: &Source, names: &Names) -> String {
    let worker = match &source.served {
        Served::By(worker) => Some(format!("on {worker}")),
        Served::ByNobody => Some("no worker".to_owned()),
        Served::Unknown => None,
    };
    About::default()
        .maybe(source.address.as_deref())
        .maybe(worker)
        .maybe((source.enabled == Some(false)).then_some("disabled"))
        .maybe((source.relay == Some(true)).then_some("relay"))
        .maybe((source.tasks > 0).then(|| human::count(source.tasks, "task")))
        .maybe(source.error.as_deref())
        .aged(names)
}

pub(super) fn worker(worker: &Worker, names: &Names) -> String {
    About::default()
        .add("worker")
        .add(&worker.state)
        .maybe(worker.source.as_ref().map(|source| format!("serves {source}")))
        .add(&worker.address)
        .aged(names)
}

pub(super) fn master(master: &Master, names: &Names) -> String {
    let leads = names.leader.as_deref() == Some(master.name.as_str());
    let urls: Vec<&str> = master.client_urls.iter().map(|url| bare(url)).collect();
    // Of one whose name is all that is known, it is not known whether it lives.
    let state = match (master.alive, urls.is_empty()) {
        (true, _) => Some("alive"),
        (false, false) => Some("dead"),
        (false, true) => None,
    };
    About::default().add(if leads { "leader" } else { "master" }).maybe(state).add(urls.join(", ")).aged(names)
}

/// An address as it is typed.
pub(super) fn bare(url: &str) -> &str {
    url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/')
}

pub(super) fn lock(lock: &DdlLock, names: &Names) -> String {
    let waits = (!lock.unsynced.is_empty()).then(|| format!("waits for {}", lock.unsynced.join(", ")));
    About::default()
        .maybe((!lock.task.as_str().is_empty()).then(|| format!("task {}", lock.task)))
        .add(&lock.mode)
        .maybe((!lock.owner.is_empty()).then(|| format!("owner {}", lock.owner)))
        .maybe(waits)
        .maybe(lock.ddls.first())
        .aged(names)
}

pub(super) fn profile(profile: &Profile) -> String {
    About::default()
        .add(profile.masters.join(", "))
        .maybe(profile.default.then_some("default"))
        .maybe(profile.read_only.then_some("read-only"))
        .0
}

/// What a file describes, and whether the cluster has it.
pub(super) fn file(entry: &Entry, names: &Names) -> String {
    let whether = |known: bool| match (names.heard.is_some(), known) {
        (false, _) => None,
        (true, true) => Some("same name in the cluster"),
        (true, false) => Some("new"),
    };
    let about = About::default();
    match &entry.content {
        Content::Folder => about.add("folder"),
        Content::Yaml(Ok(Described::Task(name))) => {
            about.add(format!("task {name}")).maybe(whether(names.tasks.get(name).is_some()))
        }
        Content::Yaml(Ok(Described::Source(name))) => {
            about.add(format!("source {name}")).maybe(whether(names.sources.get(name).is_some()))
        }
        Content::Yaml(Err(_)) | Content::Other => about,
    }
    .0
}
