//! The loops that ask one cluster: for names, for stages, and for a configuration.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{Shared, forget};
use crate::api::{AT_ONCE, Asked, Client, Error};
use crate::complete::{Configuration, Gathered, Kind, Outlines, Reach};
use crate::model::{SourceName, TaskName};
use crate::output::human;
use crate::target::Target;

/// While answers of many workers come in, they are shown so often.
const SHOW_EVERY: Duration = Duration::from_millis(250);
/// Locks and masters are asked for with each so many-th look at the stages; asking for masters makes the leader probe each of them.
const SELDOM: u32 = 3;

/// Asks whichever cluster is aimed at, for ever.
pub(super) async fn follow(shared: &Shared) {
    loop {
        let aim = shared.wishes.aimed();
        tokio::select! {
            () = shared.wishes.aims_elsewhere(aim) => {}
            () = keep_asking(shared, aim) => {}
        }
    }
}

/// Finds the cluster, and asks it until it does not answer; then finds it again.
async fn keep_asking(shared: &Shared, aim: u64) {
    // What was heard before stays shown while there is nothing newer.
    let gathered = RefCell::new(Gathered::default());
    loop {
        let known = shared.wishes.changes();
        match connected(shared, aim, &gathered) {
            Ok(client) => {
                let cluster = Cluster { shared, aim, client: &client, gathered: &gathered, asked: Notify::new() };
                tokio::select! {
                    () = cluster.names() => {}
                    () = cluster.stages() => {}
                    () = cluster.configurations() => {}
                }
            }
            Err(reach) => shared.update_for(Some(aim), |names| {
                let is_news = names.reach != reach;
                names.reach = reach;
                is_news
            }),
        }
        shared.wishes.due(shared.pace.names, shared.pace.in_use, known).await;
    }
}

/// A client of the cluster that is aimed at.
fn connected(shared: &Shared, aim: u64, gathered: &RefCell<Gathered>) -> Result<Client, Reach> {
    let target = shared.wishes.find().map_err(|failure| Reach::Nowhere(failure.message))?;
    let shown = target.to_string();
    shared.update_for(Some(aim), |names| {
        let other = names.target != shown;
        if other {
            gathered.replace(Gathered::default());
            forget(names);
            names.target = shown;
        }
        let begins = matches!(names.reach, Reach::Unasked | Reach::Nowhere(_));
        if begins {
            names.reach = Reach::Asked;
        }
        other || begins
    });
    client(&target).map_err(|why| Reach::Lost { since: Instant::now(), why })
}

fn client(target: &Target) -> Result<Client, String> {
    let client = Client::new(target.masters.clone(), target.tls.as_ref()).map_err(|error| error.to_string())?;
    Ok(client.with_token(target.token.as_deref()))
}

/// One cluster, as long as it answers.
struct Cluster<'a> {
    shared: &'a Shared,
    aim: u64,
    client: &'a Client,
    gathered: &'a RefCell<Gathered>,
    /// Names were heard, so that stages can be asked for.
    asked: Notify,
}

impl Cluster<'_> {
    /// Keeps the names up to date. It ends when the cluster does not answer.
    async fn names(&self) {
        let pace = self.shared.pace;
        loop {
            let known = self.shared.wishes.changes();
            self.client.follow_leader().await;
            match Outlines::ask(self.client).await {
                Ok(outlines) => {
                    self.gathered.borrow_mut().hear(outlines);
                    self.show(false);
                    self.asked.notify_one();
                }
                Err(error) => return self.lost(&error),
            }
            self.shared.wishes.due(pace.names, pace.in_use, known).await;
        }
    }

    /// Keeps the stages up to date.
    async fn stages(&self) {
        let pace = self.shared.pace;
        self.asked.notified().await;
        for round in 0_u32.. {
            let known = self.shared.wishes.changes();
            let sources = self.gathered.borrow().served();
            let reports = stream::iter(sources).map(async |source| {
                let report = self.client.source_report(&source, None, pace.patience).await;
                (source, report)
            });
            let mut reports = std::pin::pin!(reports.buffer_unordered(AT_ONCE));
            let mut shown = Instant::now();
            while let Some((source, report)) = reports.next().await {
                self.gathered.borrow_mut().hear_report(source, &report);
                if shown.elapsed() >= SHOW_EVERY {
                    self.show(false);
                    shown = Instant::now();
                }
            }
            if let Ok((locks, _)) = self.client.ddl_locks(None).await {
                self.gathered.borrow_mut().hear_locks(locks);
            }
            self.show(true);
            if round % SELDOM == 0 {
                let asked = Asked { leader: true, masters: true, ..Asked::default() };
                if let Ok(members) = self.client.members(asked, &[]).await {
                    self.gathered.borrow_mut().hear_masters(members);
                    self.show(true);
                }
            }
            self.shared.wishes.due(pace.status, pace.in_use, known).await;
        }
    }

    /// Fetches configurations as they are wished for. A newer wish takes the place of one that is not fulfilled.
    async fn configurations(&self) {
        let mut wished = self.shared.wishes.next_configuration(None).await;
        loop {
            let asked = wished.clone();
            let text = tokio::select! {
                text = timeout(self.shared.pace.patience, self.configuration(asked.0, &asked.1)) => text.unwrap_or_else(|_| {
                    Err(format!("no answer within {}", human::duration(self.shared.pace.patience)))
                }),
                newer = self.shared.wishes.next_configuration(Some(&asked)) => {
                    wished = newer;
                    continue;
                }
            };
            self.shared.wishes.fulfilled(&asked);
            self.shared.update_for(Some(self.aim), |names| {
                names.configuration = Some(Arc::new(Configuration { kind: asked.0, name: asked.1.clone(), text }));
                true
            });
            wished = self.shared.wishes.next_configuration(None).await;
        }
    }

    async fn configuration(&self, kind: Kind, name: &str) -> Result<String, String> {
        let configuration = match kind {
            Kind::Task => self.client.task_configuration(&TaskName::seen(name)).await,
            Kind::Source => self.client.source_configuration(&SourceName::seen(name)).await,
            _ => return Err("only tasks and sources have one".to_owned()),
        };
        configuration.map(|configuration| configuration.yaml).map_err(|error| error.to_string())
    }

    fn show(&self, stages: bool) {
        self.shared.update_for(Some(self.aim), |names| {
            let mut is_news = self.gathered.borrow().tell(names);
            is_news |= names.reach != Reach::Answers;
            names.reach = Reach::Answers;
            is_news |= stages && names.stages_heard.is_none();
            if stages {
                names.stages_heard = Some(Instant::now());
            }
            is_news
        });
    }

    fn lost(&self, error: &Error) {
        let why = match error {
            Error::Unreachable(tried) => {
                let tried: Vec<String> = tried.iter().map(|tried| format!("{}: {}", tried.address, tried.fault)).collect();
                tried.join("; ")
            }
            error => error.to_string(),
        };
        self.shared.update_for(Some(self.aim), |names| {
            let since = match &names.reach {
                Reach::Lost { since, .. } => *since,
                _ => Instant::now(),
            };
            names.reach = Reach::Lost { since, why };
            // How long it is away is shown, and has grown.
            true
        });
    }
}
