//! What suits the moment: what a verb can do with a thing as it is now, and why not.

use super::names::{FAILED, LOCKED, Names, PARTLY, Served, Source, Worker, stage_of};
use super::rank::REFUSED;
use super::{Given, Place};
use crate::model::Stage;
use crate::model::status::{DdlLock, Master};

/// How well something suits, from 0 to [`REFUSED`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suits {
    pub(super) class: u8,
    pub(super) refused: Option<String>,
}

impl Suits {
    const WELL: Self = Self { class: 0, refused: None };
    const LESS: Self = Self { class: 1, refused: None };

    fn not(why: impl Into<String>) -> Self {
        Self { class: REFUSED, refused: Some(why.into()) }
    }

    const fn well_if(well: bool) -> Self {
        if well { Self::WELL } else { Self::LESS }
    }
}

/// A verb, with what stands beside it.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    resource: &'a str,
    verb: &'a str,
    pub(super) given: &'a Given,
    pub(super) names: &'a Names,
}

impl<'a> Moment<'a> {
    pub(super) fn new(place: &'a Place, names: &'a Names) -> Self {
        let mut words = place.path.iter().rev();
        let verb = words.next().map_or("", String::as_str);
        let resource = words.next().map_or("", String::as_str);
        Self { resource, verb, given: &place.given, names }
    }

    pub(super) fn is(&self, resource: &str, verb: &str) -> bool {
        self.resource == resource && self.verb == verb
    }

    /// The resource, for which a file is meant.
    pub(super) const fn resource(&self) -> &'a str {
        self.resource
    }

    pub(super) const fn verb(&self) -> &'a str {
        self.verb
    }

    /// What is given for one of these arguments.
    pub(super) fn first(&self, ids: &[&str]) -> Option<&'a str> {
        ids.iter().find_map(|id| self.given.values(id).first()).map(String::as_str)
    }

    /// A task, by its mark.
    pub(super) fn task(&self, mark: u8) -> Suits {
        let (stage, failed) = (stage_of(mark), mark & FAILED != 0);
        match (self.resource, self.verb, stage) {
            ("task", "start" | "stop" | "delete" | "update", None | Some(Stage::Unknown)) => Suits::LESS,
            ("task", "start", Some(Stage::Running)) if mark & PARTLY != 0 => Suits::LESS,
            ("task", "start", Some(Stage::Running)) if self.given.has("remove_meta") => Suits::not("runs, stop it first"),
            ("task", "start", Some(Stage::Running)) => Suits::not("runs already"),
            ("task", "start", Some(Stage::Finished)) if !self.given.has("remove_meta") => {
                Suits::not("finished, `--remove-meta` starts it over")
            }
            ("task", "stop", Some(Stage::Running)) => Suits::WELL,
            // DM starts one again by itself that an error has stopped.
            ("task", "stop", Some(Stage::Stopped)) if failed => Suits::LESS,
            ("task", "stop", Some(Stage::Stopped)) => Suits::not("stopped already"),
            ("task", "stop", Some(Stage::Finished)) => Suits::not("finished already"),
            ("task", "delete", Some(Stage::Running)) if self.given.has("force") => Suits::LESS,
            ("task", "delete", Some(Stage::Running)) => Suits::not("runs, stop it first"),
            ("task", "update", Some(stage)) => Suits::well_if(stage == Stage::Stopped),
            ("task", "verify", Some(Stage::Running)) => Suits::not("runs, its copy still grows"),
            ("task", "verify", stage) => Suits::well_if(stage == Some(Stage::Finished)),
            ("task", "status", _) => Suits::well_if(mark & (FAILED | LOCKED) != 0),
            ("ddl-lock", "list", _) => Suits::well_if(mark & LOCKED != 0),
            _ => Suits::WELL,
        }
    }

    /// A source of a task, in the stage of its subtask.
    pub(super) fn part(&self, stage: Option<Stage>) -> Suits {
        match (self.verb, stage) {
            ("start", Some(Stage::Running)) => Suits::not("the task runs there already"),
            ("stop", Some(Stage::Stopped)) => Suits::LESS,
            ("stop", Some(Stage::Finished)) => Suits::not("the task is finished there"),
            (_, None | Some(Stage::Unknown)) => Suits::LESS,
            _ => Suits::WELL,
        }
    }

    pub(super) fn source(&self, source: &Source) -> Suits {
        match (self.resource, self.verb) {
            ("source", "enable") => match source.enabled {
                Some(true) => Suits::not("enabled already"),
                enabled => Suits::well_if(enabled.is_some()),
            },
            ("source", "disable") => match source.enabled {
                Some(false) => Suits::not("disabled already"),
                enabled => Suits::well_if(enabled.is_some()),
            },
            ("source", "delete") if self.given.has("force") => Suits::well_if(source.tasks == 0),
            ("source", "delete") if source.tasks > 0 => {
                Suits::not(if source.tasks == 1 { "a task reads it".to_owned() } else { format!("{} tasks read it", source.tasks) })
            }
            ("source", "transfer") => Suits::well_if(matches!(source.served, Served::By(_))),
            // A worker that is named can keep one more.
            ("relay", "start") if self.given.has("worker_name") => Suits::well_if(source.relay != Some(true)),
            ("relay", "start") if source.served == Served::ByNobody => Suits::not("no worker serves it"),
            ("relay", "start") => match source.relay {
                Some(true) => Suits::not("keeps a relay log already"),
                relay => Suits::well_if(relay.is_some()),
            },
            ("relay", "stop" | "purge") => match source.relay {
                Some(false) => Suits::not("keeps no relay log"),
                relay => Suits::well_if(relay.is_some()),
            },
            _ => Suits::WELL,
        }
    }

    pub(super) fn worker(&self, worker: &Worker) -> Suits {
        let source = self.first(&["name"]);
        match (self.resource, self.verb) {
            ("source", "transfer") => match (worker.state.as_str(), worker.source.as_deref()) {
                ("offline", _) => Suits::not("offline"),
                (_, Some(served)) if Some(served) == source => Suits::not("serves it already"),
                (_, Some(served)) => Suits::not(format!("serves `{served}`")),
                ("free", None) => Suits::WELL,
                ("", None) => Suits::LESS,
                (state, None) => Suits::not(format!("not free, but {state}")),
            },
            ("relay", "start" | "stop") => match worker.source.as_deref() {
                _ if worker.state == "offline" => Suits::not("offline"),
                Some(served) if Some(served) == source => Suits::WELL,
                Some(served) => Suits::not(format!("serves `{served}`")),
                None => Suits::LESS,
            },
            ("member", "offline") if worker.state.is_empty() => Suits::LESS,
            ("member", "offline") if worker.state != "offline" => Suits::not("online: shut its process down first"),
            _ => Suits::WELL,
        }
    }

    pub(super) fn master(&self, master: &Master) -> Suits {
        let leads = self.names.leader.as_deref() == Some(master.name.as_str());
        match (self.resource, self.verb) {
            ("member", "offline") if master.alive => Suits::not("online: shut its process down first"),
            ("member", "evict-leader") => Suits::well_if(leads),
            ("member", "cancel-evict-leader") => Suits::well_if(!leads),
            _ => Suits::WELL,
        }
    }

    /// What suits always.
    pub(super) const fn any(&self) -> Suits {
        Suits::WELL
    }

    /// The lock that stands on the line.
    pub(super) fn lock(&self) -> Option<&'a DdlLock> {
        self.first(&["id"]).and_then(|id| self.names.locks.get(id))
    }
}
