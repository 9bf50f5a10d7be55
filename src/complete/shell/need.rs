//! What of a cluster must be known for a place of a line.

use crate::cli::Globals;
use crate::complete::{Given, Kind, Place, Wanted};

/// What is to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    /// Tasks, sources and workers, from the master's memory.
    pub(super) outlines: bool,
    /// The stages of tasks, and what else workers know.
    pub(super) reports: bool,
    /// Masters.
    pub(super) masters: bool,
    /// DDL locks.
    pub(super) locks: bool,
    /// Clusters that could be chosen, on this machine and in the configuration.
    pub(super) surroundings: bool,
}

impl Need {
    pub(super) fn of(place: &Place) -> Self {
        let mut need = Self::default();
        for wanted in &place.wanted {
            let Wanted::Value { kind, argument, .. } = wanted else { continue };
            match (kind, argument.as_str()) {
                (Kind::Task, _) => (need.outlines, need.reports, need.locks) = (true, true, true),
                (Kind::Source, _) => {
                    (need.outlines, need.reports) = (true, true);
                    need.locks |= place.given.has("id");
                }
                (Kind::Binlog, _) | (Kind::Text, "FOLDER") => (need.outlines, need.reports) = (true, true),
                (Kind::Worker, _) => need.outlines = true,
                (Kind::Master, _) => (need.masters, need.outlines) = (true, true),
                (Kind::Member, _) => (need.masters, need.outlines) = (true, true),
                (Kind::Lock, _) | (Kind::Text, "DATABASE" | "TABLE") => need.locks = true,
                (Kind::Profile | Kind::Address, _) => need.surroundings = true,
                _ => {}
            }
        }
        need
    }

    /// Whether a cluster is to be asked.
    pub(super) const fn is_of_cluster(self) -> bool {
        self.outlines || self.reports || self.masters || self.locks
    }
}

/// What of that has come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Sources and workers.
    pub(super) outlines: bool,
    /// All tasks.
    pub(super) tasks: bool,
    /// Masters.
    pub(super) masters: bool,
    /// DDL locks.
    pub(super) locks: bool,
}

impl Told {
    /// Whether names are missing that were asked for. Tasks that only a silent worker could name don't count: it may be silent for days. Nor do locks
    /// beside tasks, of which they tell no more than that one waits.
    pub(super) fn lacks(self, need: Need) -> bool {
        !self.missing(need).is_empty()
    }

    /// Names of which things are missing that were asked for, as a person would say it.
    pub(super) fn missing(self, need: Need) -> String {
        let sorts = [
            (need.outlines && !self.outlines, "tasks, sources and workers"),
            (need.masters && !self.masters, "masters"),
            (need.locks && !need.outlines && !self.locks, "locks"),
        ];
        let missing: Vec<&str> = sorts.into_iter().filter(|(is, _)| *is).map(|(_, sort)| sort).collect();
        missing.join(" and ")
    }
}

/// The options of a line that say which cluster it is for. `None`: one of them can't be understood, and another cluster's names would be
/// wrong.
pub(super) fn globals(given: &Given) -> Option<Globals> {
    let first = |id: &str| given.values(id).first();
    let file = |id: &str| first(id).map(|path| crate::complete::files::in_full(path));
    let addresses: Result<Vec<_>, _> = given.values("master_addr").iter().map(|address| address.parse()).collect();
    Some(Globals {
        master_addr: addresses.ok()?,
        profile: first("profile").cloned(),
        ssl_ca: file("ssl_ca"),
        ssl_cert: file("ssl_cert"),
        ssl_key: file("ssl_key"),
        ..Globals::default()
    })
}
