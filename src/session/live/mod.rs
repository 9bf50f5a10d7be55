//! Live names: a thread of its own asks the cluster again and again, so that nobody who presses a key waits for it.

mod cluster;
mod wishes;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use crate::complete::{Folder, Kind, Names, Reach};
use crate::exit::Failure;
use crate::target::{self, Environment, Profile, Target};
use wishes::Wishes;

/// Finds the cluster that names are wanted of. It is asked again while the cluster does not answer: a server of this machine may have
/// come, or come back with another token.
pub type Finder = Arc<dyn Fn() -> Result<Target, Failure> + Send + Sync>;

/// So many folders are remembered.
const FOLDERS: usize = 16;

/// How often a cluster is asked.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Names, from the master's memory.
    pub names: Duration,
    /// Stages, from the workers.
    pub status: Duration,
    /// How long one worker may take to answer.
    pub patience: Duration,
    /// How long after a key was pressed it goes on.
    pub in_use: Duration,
    /// How old a folder may be that is wished for again.
    pub folder: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            names: Duration::from_secs(3),
            status: Duration::from_secs(10),
            patience: Duration::from_secs(5),
            in_use: Duration::from_secs(120),
            folder: Duration::from_secs(2),
        }
    }
}

/// Names that are kept up to date in the background, until this is dropped. No method ever waits for anything outside.
pub struct Live {
    shared: Arc<Shared>,
    environment: Arc<Environment>,
    knows_profiles: bool,
    begun: Once,
}

/// What the thread and its owner share. Every lock is held for a moment only.
struct Shared {
    names: Mutex<Arc<Names>>,
    wishes: Wishes,
    news: Mutex<Option<Box<dyn Fn() + Send>>>,
    pace: Pace,
}

impl Live {
    /// Names of the cluster that `find` finds; it is not asked yet.
    #[must_use]
    pub fn new(find: Finder, environment: Arc<Environment>, pace: Pace) -> Self {
        let shared = Arc::new(Shared { names: Mutex::default(), wishes: Wishes::new(find), news: Mutex::new(None), pace });
        Self { shared, environment, knows_profiles: false, begun: Once::new() }
    }

    /// The same, where the configuration was read a moment ago and names these clusters.
    #[must_use]
    pub fn knowing(mut self, profiles: Vec<Profile>) -> Self {
        self.knows_profiles = true;
        self.shared.update(|names| {
            names.profiles = Arc::new(profiles);
            true
        });
        self
    }

    /// Begins to ask, unless that has begun.
    pub fn begin(&self) {
        self.begun.call_once(|| {
            let (shared, environment, knows_profiles) =
                (Arc::clone(&self.shared), Arc::clone(&self.environment), self.knows_profiles);
            let thread = std::thread::Builder::new().name("names".to_owned());
            if let Err(error) = thread.spawn(move || run(&shared, &environment, knows_profiles)) {
                self.shared.update(|names| {
                    names.reach = Reach::Lost { since: Instant::now(), why: format!("cannot start: {error}") };
                    true
                });
            }
        });
    }

    /// What is known now.
    #[must_use]
    pub fn names(&self) -> Arc<Names> {
        self.shared.names()
    }

    /// From now on another cluster is asked. The names of the old one are gone when this returns, unless it is the same.
    pub fn aim(&self, find: Finder) {
        let target = find();
        if let Ok(target) = &target
            && self.names().target == target.to_string()
        {
            return self.shared.wishes.find_with(find);
        }
        // The loops must not put old names into the new ones: the number of the aim tells them apart.
        self.shared.wishes.aim(find);
        self.shared.update(|names| {
            forget(names);
            names.target = target.map(|target| target.to_string()).unwrap_or_default();
            true
        });
    }

    /// A key was pressed: names are wanted for a while.
    pub fn touched(&self) {
        self.shared.wishes.touch();
    }

    /// A change was made from here: names are asked for at once.
    pub fn changed(&self) {
        self.shared.wishes.change();
    }

    /// What is called, from another thread, when there is something new.
    pub fn on_news(&self, news: Box<dyn Fn() + Send>) {
        *self.shared.news.lock().unwrap_or_else(PoisonError::into_inner) = Some(news);
    }

    /// Wishes that a folder is looked into. What is found is in the names later.
    pub fn folder(&self, path: &Path) {
        self.shared.wishes.folder(path);
    }

    /// Wishes for the configuration of a task or a source, as it is now. It is in the names later.
    pub fn configuration(&self, kind: Kind, name: &str) {
        self.shared.update(|names| names.configuration.take().is_some());
        self.shared.wishes.configuration(kind, name);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.on_news(Box::new(|| ()));
        self.shared.wishes.end();
    }
}

impl Shared {
    fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the names; if `change` says that this is news, whoever shows them is told.
    fn update(&self, change: impl FnOnce(&mut Names) -> bool) {
        self.update_for(None, change);
    }

    /// The same, unless another cluster is aimed at than when `aim` was read.
    fn update_for(&self, aim: Option<u64>, change: impl FnOnce(&mut Names) -> bool) {
        let is_news = {
            let mut place = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            if aim.is_some_and(|aim| aim != self.wishes.aimed()) {
                return;
            }
            let mut names = Names::clone(&place);
            let is_news = change(&mut names);
            names.generation += u64::from(is_news);
            *place = Arc::new(names);
            is_news
        };
        if is_news && let Some(news) = self.news.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            news();
        }
    }
}

/// Drops all that is known of a cluster, and keeps the rest.
fn forget(names: &mut Names) {
    *names = Names {
        profiles: Arc::clone(&names.profiles),
        servers: Arc::clone(&names.servers),
        folders: Arc::clone(&names.folders),
        generation: names.generation,
        ..Names::default()
    };
}

fn run(shared: &Arc<Shared>, environment: &Environment, knows_profiles: bool) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(2).build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return shared.update(|names| {
                names.reach = Reach::Lost { since: Instant::now(), why: format!("cannot start: {error}") };
                true
            });
        }
    };
    runtime.block_on(async {
        tokio::select! {
            () = shared.wishes.ended() => {}
            () = async { tokio::join!(cluster::follow(shared), folders(shared), surroundings(shared, environment, knows_profiles)); } => {}
        }
    });
    // A folder may hang for as long as its disk does.
    runtime.shutdown_background();
}

/// Looks into folders as they are wished for.
async fn folders(shared: &Shared) {
    loop {
        let path = shared.wishes.next_folder(shared.pace.folder).await;
        let looked = path.clone();
        let Ok(folder) = tokio::task::spawn_blocking(move || Folder::look(&looked)).await else { continue };
        shared.wishes.looked(&path);
        shared.update(|names| {
            if names.folders.get(&path).is_some_and(|known| **known == folder) {
                return false;
            }
            let mut folders = BTreeMap::clone(&names.folders);
            while folders.len() >= FOLDERS && !folders.contains_key(&path) {
                folders.pop_first();
            }
            folders.insert(path, Arc::new(folder));
            names.folders = Arc::new(folders);
            true
        });
    }
}

/// Reads which clusters could be chosen, unless the profiles are known for a start.
async fn surroundings(shared: &Shared, environment: &Environment, mut knows_profiles: bool) {
    loop {
        let profiles = match std::mem::take(&mut knows_profiles) {
            true => Vec::clone(&shared.names().profiles),
            false => target::profiles(environment).unwrap_or_default(),
        };
        let servers = target::servers(environment);
        shared.update(|names| {
            let is_news = *names.profiles != profiles || *names.servers != servers;
            names.profiles = Arc::new(profiles);
            names.servers = Arc::new(servers);
            is_news
        });
        shared.wishes.used(shared.pace.status, shared.pace.in_use).await;
    }
}
