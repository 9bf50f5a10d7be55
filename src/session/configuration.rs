//! The configuration of a task or a source, in the place of the list that it is marked in.

use reedline::MenuEvent;

use super::desk::Offer;
use super::panel::{Drawn, Page};
use crate::complete::{Configuration, Kind, Names, Reach, Wanted};
use crate::output::clean;

/// A sheet with a configuration, or with why there is none on it.
pub(super) struct Sheet {
    kind: Kind,
    name: String,
    page: Page,
}

/// Of what kind the rows of an offer are, if such things have a configuration.
pub(super) fn kind(offer: &Offer) -> Option<Kind> {
    match offer.place.as_ref()?.wanted.first()? {
        Wanted::Value { kind: kind @ (Kind::Task | Kind::Source), .. } if !offer.typed().starts_with('-') => Some(*kind),
        _ => None,
    }
}

impl Sheet {
    pub(super) fn new(kind: Kind, name: String) -> Self {
        Self { kind, name, page: Page::default() }
    }

    /// Brings it up to date with what is known, and with the room that there is.
    pub(super) fn update(&mut self, names: &Names, room: usize) {
        let lines = match self.told(names) {
            Ok(text) => text.lines().map(|line| format!("  {}", clean::line(line))).collect(),
            Err(why) => vec![format!("  ({})", clean::line(&why))],
        };
        self.page.show(lines, room);
    }

    fn told<'n>(&self, names: &'n Names) -> Result<&'n str, String> {
        match (names.configuration.as_deref(), &names.reach) {
            (Some(Configuration { kind, name, text }), _) if (*kind, name) == (self.kind, &self.name) => {
                text.as_deref().map_err(|why| format!("it can't be shown: {why}"))
            }
            (_, Reach::Lost { why, .. }) => Err(format!("the cluster does not answer: {why}")),
            (_, Reach::Nowhere(what)) => Err(what.clone()),
            _ => Err("the cluster is being asked for it".to_owned()),
        }
    }

    pub(super) fn step(&mut self, event: &MenuEvent) {
        self.page.step(event);
    }

    pub(super) const fn height(&self) -> usize {
        self.page.height()
    }

    pub(super) fn draw(&self, height: usize, width: usize, styled: bool) -> String {
        let what = if self.kind == Kind::Task { "task" } else { "source" };
        let title = format!("{what} `{}`", clean::line(&self.name));
        self.page.draw(&title, "Esc goes back", Drawn { height, width, styled })
    }
}
