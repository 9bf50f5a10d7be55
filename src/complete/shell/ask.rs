//! Names for one press of a key: what the cluster says in time, else what it said before.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};

use super::cache::Cache;
use super::need::{self, Need, Told};
use crate::api::{AT_ONCE, Asked, Client};
use crate::complete::{Folder, Gathered, Names, Outlines, Place, Reach, folder};
use crate::target::{self, Environment, Target};

/// From the start of the program on, so long is waited in all, unless the environment has another length.
const PATIENCE: Duration = Duration::from_millis(650);

/// What has come in so far.
#[derive(Default)]
struct Heard {
    names: Names,
    told: Told,
    done: bool,
}

/// The meeting place of who asks and who waits.
#[derive(Default)]
struct Shared {
    heard: Mutex<Heard>,
    news: Condvar,
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        self.news.notify_all();
    }

    /// Waits until all has come in, or the time is up.
    fn wait(&self, end: Instant) -> (Names, Told) {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let left = end.saturating_duration_since(Instant::now());
        let waited = self.news.wait_timeout_while(heard, left, |heard| !heard.done);
        let heard = waited.unwrap_or_else(PoisonError::into_inner).0;
        (heard.names.clone(), heard.told)
    }
}

/// What is known of a place in time. Whatever may hang does so on a thread of its own, which ends with the program.
pub(super) fn names(place: &Place, environment: Environment, started: Instant) -> Names {
    let patience = environment.completion_wait.unwrap_or(PATIENCE);
    let end = started + patience;
    let (need, folder, globals) = (Need::of(place), folder(place), need::globals(&place.given));
    let mut names = Names::default();
    if let Some(folder) = folder {
        let looked = folder.clone();
        let (seen, _) = within(end, move |shared| {
            let seen = Arc::new(Folder::look(&looked));
            shared.change(|heard| heard.names.folders = Arc::new(BTreeMap::from([(looked, seen)])));
        });
        names.folders = seen.folders;
    }
    if need.surroundings {
        names.profiles = Arc::new(target::profiles(&environment).unwrap_or_default());
        names.servers = Arc::new(target::servers(&environment));
    }
    if !need.is_of_cluster() {
        return names;
    }
    let Some(globals) = globals else { return names };
    let target = match target::resolve(&globals, &environment) {
        Ok(target) => target,
        Err(failure) => return Names { reach: Reach::Nowhere(failure.message), ..names },
    };
    let mut cache = Cache::open(environment.cache.as_deref(), &target);
    if cache.failed_lately() {
        return cache.filled(Names::default(), need, Told::default());
    }
    let (heard, told) = within(end, move |shared| ask(&target, need, end, shared));
    let filled = cache.filled(heard.clone(), need, told);
    cache.remember(&heard, need, told);
    filled
}

/// Runs something on a thread of its own, and returns what it has told when it is through or when the time is up.
fn within(end: Instant, run: impl FnOnce(&Shared) + Send + 'static) -> (Names, Told) {
    let shared = Arc::new(Shared::default());
    let own = Arc::clone(&shared);
    let begun = std::thread::Builder::new().spawn(move || {
        run(&own);
        own.change(|heard| heard.done = true);
    });
    if begun.is_err() {
        return Default::default();
    }
    shared.wait(end)
}

fn ask(target: &Target, need: Need, end: Instant, shared: &Shared) {
    let Ok(client) = Client::new(target.masters.clone(), target.tls.as_ref()) else { return };
    let client = client.with_token(target.token.as_deref());
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let left = end.saturating_duration_since(Instant::now());
    // Whatever is not there by then nobody waits for.
    let _too_late = runtime.block_on(async { tokio::time::timeout(left, asked(&client, need, end, shared)).await });
    runtime.shutdown_background();
}

async fn asked(client: &Client, need: Need, end: Instant, shared: &Shared) {
    let gathered = RefCell::new(Gathered::default());
    let show = |mark: fn(&mut Told)| {
        shared.change(|heard| {
            gathered.borrow().tell(&mut heard.names);
            heard.names.reach = Reach::Answers;
            mark(&mut heard.told);
            heard.told.tasks = heard.told.outlines && gathered.borrow().knows_all_tasks();
        });
    };
    let outlines = async {
        if !need.outlines {
            return;
        }
        let Ok(outlines) = Outlines::ask(client).await else { return };
        gathered.borrow_mut().hear(outlines);
        show(|told| told.outlines = true);
        if !need.reports {
            return;
        }
        // Names are known, and worth more than what the workers say of them: one that hangs holds them up for half of what is left.
        let patience = end.saturating_duration_since(Instant::now()) / 2;
        let sources = gathered.borrow().served();
        let reports = stream::iter(sources).map(async |source| {
            let report = client.source_report(&source, None, patience).await;
            (source, report)
        });
        let all = async {
            let mut reports = std::pin::pin!(reports.buffer_unordered(AT_ONCE));
            while let Some((source, report)) = reports.next().await {
                gathered.borrow_mut().hear_report(source, &report);
            }
        };
        let _some_are_silent = tokio::time::timeout(patience, all).await;
        show(|_| ());
    };
    let locks = async {
        if need.locks
            && let Ok((locks, _)) = client.ddl_locks(None).await
        {
            gathered.borrow_mut().hear_locks(locks);
            show(|told| told.locks = true);
        }
    };
    let masters = async {
        let asked = Asked { leader: true, masters: true, ..Asked::default() };
        if need.masters
            && let Ok(members) = client.members(asked, &[]).await
        {
            gathered.borrow_mut().hear_masters(members);
            show(|told| told.masters = true);
        }
    };
    tokio::join!(outlines, locks, masters);
}
