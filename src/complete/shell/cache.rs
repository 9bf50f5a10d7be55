//! What a cluster said before: its names and nothing else, for when it does not answer; and that it did not answer a moment ago, so that
//! not every key costs the whole patience.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::need::Need;
use crate::complete::{Named, Names, Reach, Source, Table, Task, Worker};
use crate::model::status::{DdlLock, Master};
use crate::model::{LockId, MasterName, TaskName};
use crate::target::Target;

/// So long a cluster that did not answer is not asked again.
const FAILURE: Duration = Duration::from_secs(5);
/// Older names are not shown.
const OLDEST: Duration = Duration::from_secs(24 * 3600);
/// Names that were written so lately are not written again.
const FRESH: Duration = Duration::from_secs(10);
/// No larger file is read, and no more names are written.
const LIMIT: u64 = 1 << 20;
const MOST: usize = 10_000;

/// What is kept of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Which cluster it is.
    target: String,
    /// When its names were told, in seconds of Unix.
    #[serde(default)]
    told: u64,
    /// When it did not answer.
    #[serde(default)]
    failed: u64,
    #[serde(default)]
    tasks: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    workers: Vec<String>,
    #[serde(default)]
    masters: Vec<String>,
    #[serde(default)]
    locks: Vec<String>,
}

/// What is kept, and where. Whatever goes wrong with it costs no more than the cache.
pub(super) struct Cache {
    path: Option<PathBuf>,
    kept: Kept,
    now: u64,
}

impl Cache {
    /// Reads what is known of a cluster.
    pub(super) fn open(folder: Option<&Path>, target: &Target) -> Self {
        let key = key(target);
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let path = folder.map(|folder| folder.join(format!("names-{:016x}.json", hasher.finish())));
        let kept = path.as_deref().and_then(read).filter(|kept| kept.target == key);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self { path, kept: kept.unwrap_or_else(|| Kept { target: key, ..Kept::default() }), now }
    }

    /// Whether the cluster did not answer a moment ago.
    pub(super) fn failed_lately(&self) -> bool {
        self.age(self.kept.failed).is_some_and(|age| age < FAILURE)
    }

    /// How long ago something was; `None` if never, or if the clock was turned back.
    fn age(&self, then: u64) -> Option<Duration> {
        (then > 0).then(|| self.now.checked_sub(then).map(Duration::from_secs)).flatten()
    }

    /// Takes note that the cluster did not answer.
    pub(super) fn remember_failure(&mut self) {
        self.kept.failed = self.now;
        self.write();
    }

    /// Takes note of the names that were asked for.
    pub(super) fn remember(&mut self, names: &Names, need: Need) {
        let before = self.kept.clone();
        let was_fresh = self.age(before.told).is_some_and(|age| age < FRESH);
        self.kept.failed = 0;
        if need.outlines {
            self.kept.tasks = texts(&names.tasks);
            self.kept.sources = texts(&names.sources);
            self.kept.workers = texts(&names.workers);
        }
        if need.masters && !names.masters.is_empty() {
            self.kept.masters = texts(&names.masters);
        }
        if need.locks {
            self.kept.locks = texts(&names.locks);
        }
        if self.kept != before || !was_fresh {
            self.kept.told = self.now;
            self.write();
        }
    }

    /// The names as they were told; none if that is too long ago.
    pub(super) fn names(&self) -> Names {
        let why = "no answer in time".to_owned();
        let lost = Names { reach: Reach::Lost { since: Instant::now(), why }, ..Names::default() };
        let heard = self.age(self.kept.told).filter(|age| *age < OLDEST);
        let Some(heard) = heard.and_then(|age| Instant::now().checked_sub(age)) else { return lost };
        let kept = &self.kept;
        let task = |name: &String| Task { name: name.clone(), ..Task::default() };
        let source = |name: &String| Source { name: name.clone(), ..Source::default() };
        let worker = |name: &String| Worker { name: name.clone(), ..Worker::default() };
        let master = |name: &String| Master { name: MasterName::seen(name), alive: false, client_urls: Vec::new() };
        Names {
            heard: Some(heard),
            tasks: Arc::new(Table::new(kept.tasks.iter().map(task))),
            sources: Arc::new(Table::new(kept.sources.iter().map(source))),
            workers: Arc::new(Table::new(kept.workers.iter().map(worker))),
            masters: Arc::new(Table::new(kept.masters.iter().map(master))),
            locks: Arc::new(Table::new(kept.locks.iter().map(lock))),
            ..lost
        }
    }

    fn write(&self) {
        let _no_harm = self.path.as_deref().map(|path| write(path, &self.kept));
    }
}

fn lock(id: &String) -> DdlLock {
    DdlLock {
        id: LockId::seen(id),
        task: TaskName::seen(""),
        mode: String::new(),
        owner: String::new(),
        ddls: Vec::new(),
        synced: Vec::new(),
        unsynced: Vec::new(),
    }
}

/// What makes a cluster another one: also the certificates that are shown to it, since they decide what it tells.
fn key(target: &Target) -> String {
    let tls = target.tls.as_ref().map(|tls| format!(" {} {:?}", tls.ca.display(), tls.identity)).unwrap_or_default();
    format!("{target}{tls}")
}

fn texts<T: Named>(table: &Table<T>) -> Vec<String> {
    table.items().iter().take(MOST).map(|item| item.name().to_owned()).collect()
}

fn read(path: &Path) -> Option<Kept> {
    let mut text = String::new();
    File::open(path).ok()?.take(LIMIT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Writes it so that whoever reads it reads it whole, and that only its owner can.
fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = path.with_extension(std::process::id().to_string());
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&draft)?;
    let written = serde_json::to_writer(&file, kept).map_err(io::Error::from).and_then(|()| file.write_all(b"\n"));
    let done = written.and_then(|()| fs::rename(&draft, path));
    if done.is_err() {
        let _gone_already = fs::remove_file(&draft);
    }
    done
}
