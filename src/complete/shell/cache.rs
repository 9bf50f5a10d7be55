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

use super::need::{Need, Told};
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
/// No larger file is read.
const LIMIT: u64 = 4 << 20;
/// No more names of one sort are written, and no more than so many bytes of them: all sorts together are well below the limit.
const MOST: usize = 10_000;
const SHARE: usize = 1 << 19;

/// What is kept of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Which cluster it is.
    target: String,
    /// When it did not answer, in seconds of Unix.
    #[serde(default)]
    failed: u64,
    /// Whether it answered something else then.
    #[serde(default)]
    in_part: bool,
    #[serde(default)]
    tasks: Sort,
    #[serde(default)]
    sources: Sort,
    #[serde(default)]
    workers: Sort,
    #[serde(default)]
    masters: Sort,
    #[serde(default)]
    locks: Sort,
}

/// The names of one sort. Each is told by itself: a cluster may answer in part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sort {
    /// When they were told; 0 is never.
    told: u64,
    names: Vec<String>,
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

    /// Takes note of what the cluster told, and of whether it left out something that it was asked for.
    pub(super) fn remember(&mut self, names: &Names, need: Need, told: Told) {
        let (before, now) = (self.kept.clone(), self.now);
        let kept = &mut self.kept;
        (kept.failed, kept.in_part) = if told.lacks(need) { (now, told != Told::default()) } else { (0, false) };
        if told.tasks {
            kept.tasks.take(&names.tasks, now);
        }
        if told.outlines {
            kept.sources.take(&names.sources, now);
            kept.workers.take(&names.workers, now);
        }
        if told.masters {
            kept.masters.take(&names.masters, now);
        }
        if told.locks {
            kept.locks.take(&names.locks, now);
        }
        if self.kept != before {
            self.write();
        }
    }

    /// What was heard, with names that were told before in the place of what did not come in. Where those are what is asked for, they tell
    /// how old they are.
    pub(super) fn filled(&self, heard: Names, need: Need, told: Told) -> Names {
        let mut names = heard;
        let kept = &self.kept;
        let mut oldest = Duration::ZERO;
        let mut known = |sort: &Sort| {
            let age = self.age(sort.told).filter(|age| *age < OLDEST)?;
            oldest = oldest.max(age);
            Some(sort.names.clone())
        };
        if need.outlines && !told.outlines {
            let source = |name| Source { name, ..Source::default() };
            let worker = |name| Worker { name, ..Worker::default() };
            names.sources = table(known(&kept.sources), source);
            names.workers = table(known(&kept.workers), worker);
        }
        if need.outlines && !told.tasks {
            let task = |name: String| Task { name: Arc::from(name), ..Task::default() };
            // Some may have been named all the same.
            let unnamed = |name: &String| names.tasks.get(name).is_none();
            let before = known(&kept.tasks).unwrap_or_default().into_iter().filter(unnamed).map(task);
            let tasks = Table::new(names.tasks.items().iter().cloned().chain(before));
            names.tasks = Arc::new(tasks);
        }
        if need.masters && !told.masters {
            let master = |name: String| Master { name: MasterName::seen(&name), alive: false, client_urls: Vec::new() };
            names.masters = table(known(&kept.masters), master);
        }
        if need.locks && !told.locks {
            names.locks = table(known(&kept.locks), lock);
        }
        if told.lacks(need) {
            let locks = !need.outlines && !names.locks.is_empty();
            let things = [names.tasks.len(), names.sources.len(), names.workers.len(), names.masters.len()];
            let found = locks || things.iter().any(|count| *count > 0);
            names.heard = if found { Instant::now().checked_sub(oldest) } else { None };
            names.reach = match told != Told::default() || self.failed_lately() && kept.in_part {
                true => Reach::InPart { missing: told.missing(need), age: found.then_some(oldest) },
                false => Reach::Lost { since: Instant::now(), why: "no answer in time".to_owned() },
            };
        }
        names
    }

    fn write(&self) {
        let _no_harm = self.path.as_deref().map(|path| write(path, &self.kept));
    }
}

impl Sort {
    /// Takes note of these names. When they were told is not written again so soon.
    fn take<T: Named>(&mut self, table: &Table<T>, now: u64) {
        let mut room = SHARE;
        let fits = |name: &&str| {
            room = room.saturating_sub(written(name));
            room > 0
        };
        let names: Vec<String> = table.items().iter().map(Named::name).take(MOST).take_while(fits).map(str::to_owned).collect();
        let is_fresh = now.checked_sub(self.told).is_some_and(|age| age < FRESH.as_secs());
        if self.names != names || !is_fresh {
            *self = Self { told: now, names };
        }
    }
}

/// How many bytes JSON takes for a name in a list, at most.
fn written(name: &str) -> usize {
    let letter = |byte: u8| match byte {
        0..b' ' => 6,
        b'"' | b'\\' => 2,
        _ => 1,
    };
    name.bytes().map(letter).sum::<usize>() + 3
}

fn table<T: Named>(names: Option<Vec<String>>, thing: impl Fn(String) -> T) -> Arc<Table<T>> {
    Arc::new(Table::new(names.unwrap_or_default().into_iter().map(thing)))
}

fn lock(id: String) -> DdlLock {
    DdlLock {
        id: LockId::seen(&id),
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
    let text = serde_json::to_vec(kept).map_err(io::Error::from);
    let written = text.and_then(|text| file.write_all(&text));
    let done = written.and_then(|()| fs::rename(&draft, path));
    if done.is_err() {
        let _gone_already = fs::remove_file(&draft);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let masters = vec!["127.0.0.1:8261".parse().unwrap()];
        let target = Target { masters, tls: None, token: None, profile: None, read_only: None, production: false };
        // Names as long as they may be, of letters that JSON writes with six.
        let tasks = (0..20_000).map(|number| Task { name: format!("{number}{}", "\u{1}".repeat(1000)).into(), ..Task::default() });
        let locks = (0..20_000).map(|number| lock(format!("lock-{number}")));
        let names = Names { tasks: Arc::new(Table::new(tasks)), locks: Arc::new(Table::new(locks)), ..Names::default() };
        let need = Need { outlines: true, locks: true, ..Need::default() };
        let told = Told { outlines: true, tasks: true, locks: true, masters: false };
        Cache::open(Some(folder.path()), &target).remember(&names, need, told);
        let filled = Cache::open(Some(folder.path()), &target).filled(Names::default(), need, Told::default());
        assert_eq!(filled.locks.len(), MOST);
        assert!(filled.tasks.len() > 50, "{} tasks", filled.tasks.len());
    }
}
