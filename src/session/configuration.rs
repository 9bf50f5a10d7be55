//! The configuration of a task or a source, in the place of the list that it is marked in.

use reedline::MenuEvent;

use super::desk::Offer;
use super::menu_view::cut;
use crate::complete::{Configuration, Kind, Names, Reach, Wanted};
use crate::output::clean;

/// A sheet with a configuration, or with why there is none on it.
pub(super) struct Sheet {
    kind: Kind,
    name: String,
    lines: Vec<String>,
    /// The first line that is shown.
    first: usize,
    /// How many lines are shown.
    height: usize,
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
        Self { kind, name, lines: Vec::new(), first: 0, height: 0 }
    }

    /// Brings it up to date with what is known, and with the room that there is.
    pub(super) fn update(&mut self, names: &Names, room: usize) {
        self.lines = match self.told(names) {
            Ok(text) => text.lines().map(|line| format!("  {}", clean::line(line))).collect(),
            Err(why) => vec![format!("  ({})", clean::line(&why))],
        };
        self.height = self.lines.len().min(room);
        self.first = self.first.min(self.last());
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

    /// The first line of the last page.
    fn last(&self) -> usize {
        self.lines.len().saturating_sub(self.height)
    }

    /// Scrolls.
    pub(super) fn step(&mut self, event: &MenuEvent) {
        let page = self.height.max(1);
        self.first = match event {
            MenuEvent::MoveDown => self.first + 1,
            MenuEvent::NextPage => self.first + page,
            MenuEvent::MoveUp | MenuEvent::PreviousElement => self.first.saturating_sub(1),
            MenuEvent::PreviousPage => self.first.saturating_sub(page),
            _ => self.first,
        }
        .min(self.last());
    }

    pub(super) const fn height(&self) -> usize {
        self.height
    }

    /// The lines that are shown, and a last one that says which they are.
    pub(super) fn draw(&self, height: usize, width: usize, styled: bool) -> String {
        // The last column is left free, as in the list.
        let room = width.saturating_sub(1);
        let shown = self.lines.iter().skip(self.first).take(height);
        let mut rows: Vec<String> = shown.map(|line| cut(line, room).into_owned()).collect();
        let what = if self.kind == Kind::Task { "task" } else { "source" };
        let name = clean::line(&self.name);
        let footer = if height < self.lines.len() {
            let (first, last, all) = (self.first + 1, self.first + rows.len(), self.lines.len());
            format!("{what} `{name}`  {first}-{last} of {all} lines  the arrow keys scroll, Esc goes back")
        } else {
            format!("{what} `{name}`  Esc goes back")
        };
        let footer = cut(&footer, room).into_owned();
        rows.push(if styled { nu_ansi_term::Style::new().dimmed().paint(footer).to_string() } else { footer });
        rows.join("\r\n")
    }
}
