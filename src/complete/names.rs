//! What is known of a cluster, and of the files that a person may mean, at a moment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Kind;
use super::files::Folder;
use super::table::{Named, Table};
use crate::model::Stage;
use crate::model::status::{DdlLock, Master};
use crate::output::clean;
use crate::target::Profile;

/// What is known at a moment. Copying it is cheap.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Which cluster it is about, as a person would name it; empty without one.
    pub target: String,
    /// Whether that cluster answers.
    pub reach: Reach,
    /// When its names were last heard.
    pub heard: Option<Instant>,
    /// When the stages of its tasks were last heard, from all sources.
    pub stages_heard: Option<Instant>,
    /// Its tasks.
    pub tasks: Arc<Table<Task>>,
    /// Its sources.
    pub sources: Arc<Table<Source>>,
    /// Its workers.
    pub workers: Arc<Table<Worker>>,
    /// Its masters; they are asked for seldom.
    pub masters: Arc<Table<Master>>,
    /// The name of the master that leads.
    pub leader: Option<String>,
    /// Shard DDL locks that are not resolved.
    pub locks: Arc<Table<DdlLock>>,
    /// Clusters that the configuration names.
    pub profiles: Arc<Vec<Profile>>,
    /// Where servers of this machine listen.
    pub servers: Arc<Vec<String>>,
    /// Folders that were looked into.
    pub folders: Arc<BTreeMap<PathBuf, Arc<Folder>>>,
    /// The configuration that was asked for last, of what it is, and what came of it.
    pub configuration: Option<Arc<Configuration>>,
    /// Another number after every change.
    pub generation: u64,
}

/// Whether a cluster answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// It has not been asked yet.
    #[default]
    Unasked,
    /// It is being asked for the first time.
    Asked,
    /// It answers.
    Answers,
    /// It does not.
    Lost {
        /// Since when.
        since: Instant,
        /// What came in the place of an answer.
        why: String,
    },
    /// It answers, and has not told all that it was asked for.
    InPart {
        /// What it has not told.
        missing: String,
        /// How old what stands for that is, if something does.
        age: Option<Duration>,
    },
    /// No cluster is named; the text says what to do about it.
    Nowhere(String),
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: Arc<str>,
    /// Where it writes to.
    pub target: Option<Arc<str>>,
    /// What it does; `None` until its workers were asked.
    pub stage: Option<Stage>,
    /// The same for each of its sources.
    pub parts: Vec<(Arc<str>, Option<Stage>)>,
    /// By how many seconds its slowest source is behind, where it follows one.
    pub lag: Option<u64>,
    /// How much is copied, from 0 to 1, of the source that is least far.
    pub progress: Option<f64>,
    /// Its first error, in short.
    pub error: Option<Arc<str>>,
    /// A shard DDL lock waits in it.
    pub locked: bool,
}

impl Task {
    /// Whether it reads a source.
    #[must_use]
    pub fn reads(&self, source: &str) -> bool {
        self.parts.iter().any(|(name, _)| **name == *source)
    }
}

/// The bits of a task's mark, beside its stage.
pub(super) const FAILED: u8 = 8;
pub(super) const LOCKED: u8 = 16;
/// It runs, and on one of its sources it could be started.
pub(super) const PARTLY: u8 = 32;

/// The stage part of a mark.
pub(super) const fn stage_mark(stage: Option<Stage>) -> u8 {
    match stage {
        None => 0,
        Some(Stage::Unknown) => 1,
        Some(Stage::Running) => 2,
        Some(Stage::Stopped) => 3,
        Some(Stage::Finished) => 4,
    }
}

/// The stage in a mark.
pub(super) const fn stage_of(mark: u8) -> Option<Stage> {
    match mark & 7 {
        1 => Some(Stage::Unknown),
        2 => Some(Stage::Running),
        3 => Some(Stage::Stopped),
        4 => Some(Stage::Finished),
        _ => None,
    }
}

impl Named for Task {
    fn name(&self) -> &str {
        &self.name
    }

    fn mark(&self) -> u8 {
        let partly = self.stage == Some(Stage::Running) && self.parts.iter().any(|(_, stage)| *stage == Some(Stage::Stopped));
        let bits = [(self.error.is_some(), FAILED), (self.locked, LOCKED), (partly, PARTLY)];
        bits.iter().filter(|(is, _)| *is).fold(stage_mark(self.stage), |mark, (_, bit)| mark | bit)
    }
}

/// A source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Where it listens.
    pub address: Option<String>,
    /// `mysql` or `mariadb`.
    pub flavor: Option<String>,
    /// Tasks may run on it.
    pub enabled: Option<bool>,
    /// It keeps a relay log.
    pub relay: Option<bool>,
    /// Who serves it.
    pub served: Served,
    /// How many tasks read it.
    pub tasks: usize,
    /// Binlog files that are in sight: what its relay log holds, and what its tasks have applied.
    pub binlogs: Vec<Binlog>,
    /// The folders of its relay logs.
    pub relay_folders: Vec<String>,
    /// Its own trouble, or that of its relay log.
    pub error: Option<String>,
}

/// Who serves a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Served {
    /// That is not known.
    #[default]
    Unknown,
    /// Nobody does.
    ByNobody,
    /// This worker does.
    By(String),
}

/// A binlog file, and why it is in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binlog {
    /// Its name.
    pub name: String,
    /// What is there.
    pub about: String,
}

/// A worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worker {
    /// Its name.
    pub name: String,
    /// Where it listens.
    pub address: String,
    /// `offline`, `free`, `bound` or `relay`.
    pub state: String,
    /// The source it serves.
    pub source: Option<String>,
}

/// The configuration of a task or a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// [`Kind::Task`] or [`Kind::Source`].
    pub kind: Kind,
    /// The name of what it is of.
    pub name: String,
    /// YAML without secrets, or why it can't be had.
    pub text: Result<String, String>,
}

impl Named for Source {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Worker {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Master {
    fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl Named for DdlLock {
    fn name(&self) -> &str {
        self.id.as_str()
    }
}

impl Names {
    /// How many tasks run, and how many have an error; `None` until the workers were asked.
    #[must_use]
    pub fn counts(&self) -> Option<(usize, usize)> {
        self.stages_heard?;
        let count = |is: fn(u8) -> bool| self.tasks.counts().filter(|(mark, _)| is(*mark)).map(|(_, count)| count).sum();
        Some((count(|mark| mark & 7 == 2), count(|mark| mark & FAILED != 0)))
    }

    /// The tasks that have an error.
    pub fn failed(&self) -> impl Iterator<Item = &Task> {
        let marked = self.tasks.items().iter().zip(self.tasks.marks());
        marked.filter(|(_, mark)| **mark & FAILED != 0).map(|(task, _)| task)
    }

    /// Whether something of this name is known to exist. `None`: nothing is known of such things.
    #[must_use]
    pub fn knows(&self, kind: Kind, name: &str) -> Option<bool> {
        let cluster = self.heard.is_some();
        match kind {
            Kind::Task => cluster.then(|| self.tasks.get(name).is_some()),
            Kind::Source => cluster.then(|| self.sources.get(name).is_some()),
            Kind::Worker => cluster.then(|| self.workers.get(name).is_some()),
            Kind::Master => (!self.masters.is_empty()).then(|| self.masters.get(name).is_some()),
            Kind::Member => {
                (cluster && !self.masters.is_empty()).then(|| self.masters.get(name).is_some() || self.workers.get(name).is_some())
            }
            Kind::Lock => self.stages_heard.map(|_| self.locks.get(name).is_some()),
            Kind::Profile => Some(self.profiles.iter().any(|profile| profile.name == name)),
            _ => None,
        }
    }

    /// The name of the task or the source that is shown so in a list.
    #[must_use]
    pub fn called(&self, kind: Kind, shown: &str) -> Option<String> {
        fn find<T: Named>(table: &Table<T>, shown: &str) -> Option<String> {
            let exact = table.get(shown).map(Named::name);
            let found = exact.or_else(|| table.items().iter().map(Named::name).find(|name| clean::line(name) == shown));
            found.map(str::to_owned)
        }
        match kind {
            Kind::Task => find(&self.tasks, shown),
            Kind::Source => find(&self.sources, shown),
            _ => None,
        }
    }

    /// How old the names are, if the cluster has ceased to answer.
    #[must_use]
    pub fn stale_for(&self) -> Option<Duration> {
        let Reach::Lost { .. } = self.reach else { return None };
        self.heard.map(|heard| heard.elapsed())
    }

    /// What is known of a folder.
    #[must_use]
    pub fn folder(&self, path: &Path) -> Option<&Folder> {
        self.folders.get(path).map(Arc::as_ref)
    }
}
