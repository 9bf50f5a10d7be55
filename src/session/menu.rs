//! The list below the line: what can stand at the cursor, chosen by keys.
//!
//! reedline asks a menu in this order: events as keys come, taking the marked row, and once before each paint to bring all of it up to
//! date. Keys that arrive together are handled before anything is painted, so that nothing here trusts a list that was made for another
//! line.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use reedline::{Completer, Editor, Menu, MenuEvent, MenuSettings, Painter, Suggestion, UndoBehavior, menu_functions};

use super::desk::{Desk, Offer};
use super::keys::LIST;
use super::menu_view::{self, View};
use crate::output::clean;
use crate::words::{self, Ending};

/// The most rows that are shown at once.
const ROWS: usize = 10;
/// Rows of the screen that the list leaves alone: the line, and its own last row.
const SPARED: usize = 3;

/// The list as a menu of reedline.
pub(super) struct Choices {
    settings: MenuSettings,
    desk: Arc<Desk>,
    active: bool,
    /// Tab or Enter has just opened the list, and nothing was looked up yet.
    opening: bool,
    /// It is Enter whose events come next.
    by_enter: bool,
    /// Taking a row has opened the next list, so that this one is not to be closed.
    stays: Cell<bool>,
    /// One value that stands for all rows: reedline only wants to know whether there is one.
    something: [Suggestion; 1],
    width: usize,
    state: RefCell<State>,
}

/// What is listed, and which row is marked.
#[derive(Default)]
struct State {
    offer: Option<Offer>,
    marked: Option<usize>,
    /// The first row that is shown.
    first: usize,
    /// How many rows are shown.
    height: usize,
    /// Keys that came since the list was made.
    moves: Vec<MenuEvent>,
    /// What the last key came to, told in the last row.
    said: Option<String>,
}

impl Choices {
    pub(super) fn new(desk: Arc<Desk>, indicator: &str) -> Self {
        Self {
            settings: MenuSettings::default().with_name(LIST).with_marker(indicator),
            desk,
            active: false,
            opening: false,
            by_enter: false,
            stays: Cell::new(false),
            something: [Suggestion::default()],
            width: 80,
            state: RefCell::default(),
        }
    }

    /// What the list has just been opened for: makes room for what is missing, and takes what was typed in full.
    fn open(&mut self, editor: &mut Editor) {
        let (line, cursor) = line_of(editor);
        let entered = self.desk.was_entered();
        let ending = words::split(&line).ending;
        if entered && matches!(ending, Ending::Escape { .. }) {
            editor.edit_buffer(reedline::LineBuffer::insert_newline, UndoBehavior::CreateUndoPoint);
            self.active = false;
            return;
        }
        if entered {
            self.make_room(editor, &line, cursor);
        }
        let state = self.state.get_mut();
        state.settle(&self.desk, &line_of(editor), true);
        if entered {
            if matches!(ending, Ending::OpenQuote { .. }) && state.rows() == 0 {
                state.said = Some("a quote is open: close it first".to_owned());
            }
        } else if let Some(index) = state.offer.as_ref().and_then(Offer::lone) {
            state.marked = Some(index);
            self.take(editor);
            // The list is closed by whoever asked to take a row; here nobody did.
            self.active = self.stays.take();
        }
    }

    /// Sets the cursor where what the line lacks can be chosen.
    fn make_room(&self, editor: &mut Editor, line: &str, cursor: usize) {
        if let Some(room) = self.desk.room(line, cursor) {
            editor.edit_buffer(
                |buffer| {
                    buffer.set_insertion_point(cursor);
                    buffer.insert_char(' ');
                    buffer.set_insertion_point(room);
                },
                UndoBehavior::CreateUndoPoint,
            );
        }
    }

    /// Puts the marked row into the line. The list stays open where the line still lacks something, and where nothing could be taken.
    fn take(&self, editor: &mut Editor) {
        let mut state = self.state.borrow_mut();
        state.settle(&self.desk, &line_of(editor), false);
        let taken = match state.marked_row() {
            Ok(row) => state.offer.as_ref().and_then(|offer| Some((offer.taking(row)?, row.goes_on))),
            Err(why) => {
                state.said.get_or_insert(why);
                None
            }
        };
        let Some((edit, goes_on)) = taken else { return self.stays.set(true) };
        editor.edit_buffer(
            |buffer| {
                let end = edit.span.start + edit.text.len();
                buffer.replace_range(edit.span, &edit.text);
                buffer.set_insertion_point(end);
            },
            UndoBehavior::CreateUndoPoint,
        );
        let (line, cursor) = line_of(editor);
        let lacks = self.desk.missing(super::desk::around(&line, cursor).1).is_some();
        if lacks || goes_on {
            self.stays.set(true);
            self.make_room(editor, &line, cursor);
            state.offer = None;
            state.settle(&self.desk, &line_of(editor), true);
        }
    }

    /// Whether Enter is to run the line and not to take a row: nothing is marked, or what is marked stands there to the last letter.
    fn runs(&self, state: &State) -> bool {
        let Some(offer) = state.offer.as_ref().filter(|offer| self.by_enter && offer.whole) else { return false };
        match state.marked {
            _ if !state.moves.is_empty() => false,
            None => true,
            Some(index) => offer.list.rows.get(index).is_some_and(|row| row.value == offer.typed()),
        }
    }
}

impl State {
    fn rows(&self) -> usize {
        self.offer.as_ref().map_or(0, |offer| offer.list.rows.len())
    }

    /// Brings the list up to date with the line and with what is known, then does what the keys said. The mark goes with the name that it
    /// stands at; it never falls on another one by itself.
    fn settle(&mut self, desk: &Desk, (line, cursor): &(String, usize), opened: bool) {
        let names = desk.names();
        let same_line = self.offer.as_ref().is_some_and(|offer| offer.line == *line && offer.cursor == *cursor);
        if !same_line {
            let offer = desk.offer(line, *cursor);
            self.said = None;
            self.first = 0;
            let wanted = opened || !offer.typed().is_empty() || !offer.whole;
            self.marked = (wanted && !offer.destroys() && !offer.list.rows.is_empty()).then_some(0);
            self.offer = Some(offer);
        } else if self.offer.as_ref().is_some_and(|offer| offer.generation != names.generation) {
            let offer = desk.offer(line, *cursor);
            let was_empty = self.rows() == 0;
            let name = self.marked_value();
            self.marked = name.as_ref().and_then(|name| offer.list.rows.iter().position(|row| row.value == *name));
            if let Some(name) = name.filter(|_| self.marked.is_none()) {
                self.said = Some(format!("`{name}` is gone: choose again"));
            }
            // Where there was nothing to mark, the first that comes is not one that somebody might mistake for another.
            if was_empty && !offer.destroys() && !offer.list.rows.is_empty() {
                self.marked = Some(0);
            }
            self.offer = Some(offer);
        }
        for event in std::mem::take(&mut self.moves) {
            self.step(&event);
        }
    }

    fn step(&mut self, event: &MenuEvent) {
        let Some(last) = self.rows().checked_sub(1) else { return };
        let page = self.height.max(1);
        self.said = None;
        self.marked = Some(match (event, self.marked) {
            (MenuEvent::NextElement | MenuEvent::MoveDown, None) => 0,
            (MenuEvent::NextElement | MenuEvent::MoveDown, Some(at)) => {
                if at >= last {
                    0
                } else {
                    at + 1
                }
            }
            (MenuEvent::PreviousElement | MenuEvent::MoveUp, None | Some(0)) => last,
            (MenuEvent::PreviousElement | MenuEvent::MoveUp, Some(at)) => at - 1,
            (MenuEvent::NextPage, at) => at.map_or(0, |at| (at + page).min(last)),
            (MenuEvent::PreviousPage, at) => at.map_or(0, |at| at.saturating_sub(page)),
            (_, Some(at)) => at,
            _ => return,
        });
    }

    fn marked_value(&self) -> Option<String> {
        self.offer.as_ref()?.list.rows.get(self.marked?).map(|row| row.value.clone())
    }

    /// The marked row, or why nothing can be taken.
    fn marked_row(&self) -> Result<&crate::complete::Row, String> {
        let row = self.offer.as_ref().zip(self.marked).and_then(|(offer, index)| offer.list.rows.get(index));
        let row = row.ok_or_else(|| "nothing is marked: choose with the arrow keys".to_owned())?;
        match &row.refused {
            Some(why) => Err(format!("`{}`: {why}", row.value)),
            None if row.value.contains(clean::is_hostile) => Err(format!("`{}` can't be typed", row.value)),
            None => Ok(row),
        }
    }

    /// Sees that so many rows fit, with the marked one among them.
    fn fit(&mut self, height: usize) {
        self.height = height.min(self.rows());
        self.first = shown_from(self.first, self.marked, self.height, self.rows());
    }
}

/// The first row to show, as near to the one before as the marked row allows.
pub(super) fn shown_from(first: usize, marked: Option<usize>, height: usize, rows: usize) -> usize {
    let first = first.min(rows.saturating_sub(height));
    match marked {
        Some(marked) if marked < first => marked,
        Some(marked) if height > 0 && marked >= first + height => marked + 1 - height,
        _ => first,
    }
}

/// The line with the place of its cursor.
pub(super) fn line_of(editor: &mut Editor) -> (String, usize) {
    let cursor = menu_functions::resolve_completer_input(
        editor,
        &mut None,
        &MenuSettings::default().with_input_mode(reedline::InputMode::FullBuffer),
    )
    .1;
    (editor.get_buffer().to_owned(), cursor)
}

impl Menu for Choices {
    fn settings(&self) -> &MenuSettings {
        &self.settings
    }

    fn is_active(&self) -> bool {
        self.active
    }

    fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    fn clear_input(&mut self) {}

    fn menu_event(&mut self, event: MenuEvent) {
        self.by_enter = matches!(event, MenuEvent::MoveLeft);
        match event {
            MenuEvent::Activate(_) => {
                self.active = true;
                self.opening = true;
                *self.state.get_mut() = State::default();
            }
            MenuEvent::Deactivate if self.stays.take() => {}
            MenuEvent::Deactivate => {
                self.active = false;
                *self.state.get_mut() = State::default();
            }
            MenuEvent::MoveLeft | MenuEvent::MoveRight => {}
            // What was said of the line before holds no longer; the line itself is looked at before the next paint.
            MenuEvent::Edit(_) => self.state.get_mut().said = None,
            event => self.state.get_mut().moves.push(event),
        }
    }

    fn can_quick_complete(&self) -> bool {
        false
    }

    fn can_partially_complete(&mut self, _updated: bool, editor: &mut Editor, _completer: &mut dyn Completer) -> bool {
        if std::mem::take(&mut self.opening) {
            self.open(editor);
        }
        false
    }

    fn update_values(&mut self, _editor: &mut Editor, _completer: &mut dyn Completer) {}

    fn reset_position(&mut self) {}

    fn update_working_details(&mut self, editor: &mut Editor, _completer: &mut dyn Completer, painter: &Painter) {
        self.by_enter = false;
        let state = self.state.get_mut();
        state.settle(&self.desk, &line_of(editor), false);
        state.fit(ROWS.min(usize::from(painter.screen_height()).saturating_sub(SPARED)).max(1));
        self.width = usize::from(painter.screen_width());
    }

    fn replace_in_buffer(&self, editor: &mut Editor) {
        self.take(editor);
    }

    fn menu_required_lines(&self, _terminal_columns: u16) -> u16 {
        u16::try_from(self.state.borrow().height + 1).unwrap_or(1)
    }

    fn menu_string(&self, available_lines: u16, use_ansi_coloring: bool) -> String {
        let state = self.state.borrow();
        let Some(offer) = &state.offer else { return String::new() };
        let height = state.height.min(usize::from(available_lines).saturating_sub(1));
        let first = shown_from(state.first, state.marked, height, state.rows());
        let rows = offer.list.rows.get(first..first + height).unwrap_or_default();
        let marked = state.marked.and_then(|marked| marked.checked_sub(first));
        let footer = menu_view::footer(offer, state.marked, state.said.as_deref());
        menu_view::draw(&View { rows, marked, footer: &footer, width: self.width, styled: use_ansi_coloring })
    }

    fn min_rows(&self) -> u16 {
        self.menu_required_lines(0).min(4)
    }

    fn get_values(&self) -> &[Suggestion] {
        let state = self.state.borrow();
        if state.rows() == 0 || self.runs(&state) { &[] } else { &self.something }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marked_row_is_always_shown() {
        assert_eq!(shown_from(0, Some(0), 10, 40), 0);
        assert_eq!(shown_from(0, Some(10), 10, 40), 1);
        assert_eq!(shown_from(20, Some(5), 10, 40), 5);
        assert_eq!(shown_from(35, None, 10, 40), 30);
        assert_eq!(shown_from(35, Some(2), 10, 3), 0);
        assert_eq!(shown_from(5, Some(7), 0, 0), 0);
    }
}
