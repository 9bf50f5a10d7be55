//! What is wished for, from the one who shows names to the thread that finds them.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Finder;
use crate::complete::Kind;
use crate::exit::Failure;
use crate::target::Target;

/// More wishes for folders than these are forgotten, the oldest first.
const WAITING: usize = 4;

/// Wishes, and what wakes those who fulfil them.
pub(super) struct Wishes {
    state: Mutex<State>,
    aimed: AtomicU64,
    /// Sent whenever any of it changes.
    wake: watch::Sender<()>,
}

struct State {
    find: Finder,
    touched: Instant,
    changes: u64,
    folders: VecDeque<PathBuf>,
    looked: BTreeMap<PathBuf, Instant>,
    configuration: Option<(Kind, String)>,
    ended: bool,
}

impl Wishes {
    pub(super) fn new(find: Finder) -> Self {
        let state = State {
            find,
            touched: Instant::now(),
            changes: 0,
            folders: VecDeque::new(),
            looked: BTreeMap::new(),
            configuration: None,
            ended: false,
        };
        Self { state: Mutex::new(state), aimed: AtomicU64::new(0), wake: watch::Sender::new(()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wish(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.wake.send_replace(());
    }

    pub(super) fn aim(&self, find: Finder) {
        self.aimed.fetch_add(1, Ordering::SeqCst);
        self.wish(|state| {
            state.find = find;
            state.touched = Instant::now();
            state.configuration = None;
        });
    }

    /// The same cluster is found in another way.
    pub(super) fn find_with(&self, find: Finder) {
        self.wish(|state| {
            state.find = find;
            state.touched = Instant::now();
        });
    }

    /// The number of the cluster that is asked; another one after each [`Self::aim`].
    pub(super) fn aimed(&self) -> u64 {
        self.aimed.load(Ordering::SeqCst)
    }

    /// Finds the cluster. No lock is held meanwhile: it may read files.
    pub(super) fn find(&self) -> Result<Target, Failure> {
        let find = Arc::clone(&self.state().find);
        find()
    }

    pub(super) fn touch(&self) {
        self.wish(|state| state.touched = Instant::now());
    }

    pub(super) fn change(&self) {
        self.wish(|state| {
            state.changes += 1;
            state.touched = Instant::now();
        });
    }

    pub(super) fn changes(&self) -> u64 {
        self.state().changes
    }

    pub(super) fn folder(&self, path: &Path) {
        let mut state = self.state();
        if state.folders.iter().any(|wished| wished == path) {
            return;
        }
        if state.folders.len() >= WAITING {
            state.folders.pop_front();
        }
        state.folders.push_back(path.to_owned());
        drop(state);
        self.wake.send_replace(());
    }

    pub(super) fn looked(&self, path: &Path) {
        let mut state = self.state();
        if state.looked.len() > 4 * super::FOLDERS {
            state.looked.clear();
        }
        state.looked.insert(path.to_owned(), Instant::now());
    }

    pub(super) fn configuration(&self, kind: Kind, name: &str) {
        let wished = Some((kind, name.to_owned()));
        if self.state().configuration != wished {
            self.wish(|state| state.configuration = wished);
        }
    }

    pub(super) fn end(&self) {
        self.wish(|state| state.ended = true);
    }

    /// Waits until `look` sees something; it looks again after each wish.
    async fn until<T>(&self, look: impl Fn(&mut State) -> Option<T>) -> T {
        let mut wake = self.wake.subscribe();
        loop {
            wake.mark_unchanged();
            if let Some(found) = look(&mut self.state()) {
                return found;
            }
            // The sender lives as long as this.
            let _never_closed = wake.changed().await;
        }
    }

    /// Waits for the end.
    pub(super) async fn ended(&self) {
        self.until(|state| state.ended.then_some(())).await;
    }

    /// Waits until another cluster is aimed at than number `aimed`.
    pub(super) async fn aims_elsewhere(&self, aimed: u64) {
        self.until(|_| (self.aimed() != aimed).then_some(())).await;
    }

    /// Waits for a folder that is to be looked into, and was not within `pace`.
    pub(super) async fn next_folder(&self, pace: Duration) -> PathBuf {
        self.until(|state| {
            while let Some(path) = state.folders.pop_front() {
                if state.looked.get(&path).is_none_or(|looked| looked.elapsed() >= pace) {
                    return Some(path);
                }
            }
            None
        })
        .await
    }

    /// Waits for a configuration that is wished for, other than `known`.
    pub(super) async fn next_configuration(&self, known: Option<&(Kind, String)>) -> (Kind, String) {
        self.until(|state| state.configuration.clone().filter(|wished| Some(wished) != known)).await
    }

    /// That configuration is there, and may be wished for again.
    pub(super) fn fulfilled(&self, wished: &(Kind, String)) {
        let mut state = self.state();
        if state.configuration.as_ref() == Some(wished) {
            state.configuration = None;
        }
    }

    /// Waits for `pace`, and then until a key was pressed within `in_use`.
    pub(super) async fn used(&self, pace: Duration, in_use: Duration) {
        tokio::time::sleep(pace).await;
        self.until(|state| (state.touched.elapsed() <= in_use).then_some(())).await;
    }

    /// The same, or until a change was made beyond those that are `known`.
    pub(super) async fn due(&self, pace: Duration, in_use: Duration, known: u64) {
        tokio::select! {
            () = self.used(pace, in_use) => {}
            () = self.until(|state| (state.changes != known).then_some(())) => {}
        }
    }
}
