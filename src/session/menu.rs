//! The list below the line: what can stand at the cursor, chosen by keys.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use reedline::{Completer, Editor, MenuEvent, MenuSettings, UndoBehavior, menu_functions};

use super::configuration::{self, Sheet};
use super::desk::{Desk, Offer};
use super::keys::{self, LIST};
use super::menu_view::{self, View};
use super::panel::{Content, Size};
use crate::output::clean;
use crate::words::{self, Ending};

/// The most rows that are shown at once.
pub(super) const ROWS: usize = 10;
const UNMARKED: &str = "nothing is marked: choose with the arrow keys";

/// The list.
pub(super) struct Choices {
    desk: Arc<Desk>,
    /// It is Enter whose events come next.
    by_enter: bool,
    /// It is Esc whose events come next.
    by_escape: bool,
    /// Taking a row has opened the next list, so that this one is not to be closed.
    stays: Cell<bool>,
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
    /// The configuration of what is marked, shown in the place of the rows.
    sheet: Option<Sheet>,
}

impl Choices {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk, by_enter: false, by_escape: false, stays: Cell::new(false), width: 80, state: RefCell::default() }
    }

    /// What the list has just been opened for: makes room for what is missing, and takes what was typed in full. Returns whether it stays.
    fn begin(&mut self, editor: &mut Editor) -> bool {
        let (line, cursor) = line_of(editor);
        let entered = self.desk.was_entered();
        let ending = words::split(&line).ending;
        if entered && matches!(ending, Ending::Escape { .. }) {
            return go_on(editor);
        }
        if entered {
            self.make_room(editor, &line, cursor);
        }
        let state = self.state.get_mut();
        state.settle(&self.desk, &line_of(editor), true);
        if entered {
            // A quote that nothing can be chosen for goes on in the next line, as a shell has it.
            if matches!(ending, Ending::OpenQuote { .. }) && state.rows() == 0 {
                return go_on(editor);
            }
        } else if let Some(index) = state.offer.as_ref().and_then(Offer::lone) {
            state.marked = Some(index);
            self.put(editor);
            // The list is closed by whoever asked to take a row; here nobody did.
            return self.stays.take();
        }
        true
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
    fn put(&self, editor: &mut Editor) {
        let mut state = self.state.borrow_mut();
        state.settle(&self.desk, &line_of(editor), false);
        state.sheet = None;
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

/// Goes on in the next line, for which no list is open.
fn go_on(editor: &mut Editor) -> bool {
    editor.edit_buffer(reedline::LineBuffer::insert_newline, UndoBehavior::CreateUndoPoint);
    false
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
            self.sheet = None;
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
            match &mut self.sheet {
                _ if keys::shows(&event) => self.show(desk),
                Some(sheet) => sheet.step(&event),
                None => self.step(&event),
            }
        }
    }

    /// Shows the configuration of the marked row, or no longer.
    fn show(&mut self, desk: &Desk) {
        if self.sheet.take().is_some() {
            return;
        }
        let kind = self.offer.as_ref().and_then(configuration::kind);
        let shown = self.marked_value().filter(|value| !value.starts_with("--"));
        self.said = match (kind, shown) {
            (Some(kind), Some(value)) => {
                let name = desk.wish(kind, &value);
                self.sheet = Some(Sheet::new(kind, name));
                None
            }
            (Some(_), None) if self.marked.is_none() => Some(UNMARKED.to_owned()),
            _ => Some("only a task or a source has a configuration".to_owned()),
        };
    }

    fn step(&mut self, event: &MenuEvent) {
        let Some(last) = self.rows().checked_sub(1) else { return };
        let page = self.height.max(1);
        self.said = None;
        self.marked = Some(match (event, self.marked) {
            (MenuEvent::MoveDown, None) => 0,
            (MenuEvent::MoveDown, Some(at)) => {
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
        let row = row.ok_or_else(|| UNMARKED.to_owned())?;
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

impl Content for Choices {
    const NAME: &'static str = LIST;

    fn open(&mut self, editor: &mut Editor, _completer: &mut dyn Completer) -> bool {
        self.by_enter = false;
        *self.state.get_mut() = State::default();
        self.begin(editor)
    }

    fn hear(&mut self, event: MenuEvent) -> bool {
        let by_escape = std::mem::replace(&mut self.by_escape, keys::is_escape(&event));
        self.by_enter = keys::is_enter(&event);
        let state = self.state.get_mut();
        match event {
            MenuEvent::Deactivate if self.stays.take() => {}
            MenuEvent::Deactivate if by_escape && state.sheet.is_some() => state.sheet = None,
            MenuEvent::Deactivate => {
                *state = State::default();
                return false;
            }
            // What was said of the line before holds no longer; the line itself is looked at before the next paint.
            MenuEvent::Edit(_) => state.said = None,
            event if keys::is_enter(&event) || keys::is_escape(&event) => {}
            event => state.moves.push(event),
        }
        true
    }

    fn offers(&self) -> bool {
        let state = self.state.borrow();
        state.rows() > 0 && !self.runs(&state)
    }

    fn take(&self, editor: &mut Editor) {
        self.put(editor);
    }

    fn update(&mut self, editor: &mut Editor, size: Size) {
        (self.by_enter, self.by_escape) = (false, false);
        let state = self.state.get_mut();
        state.settle(&self.desk, &line_of(editor), false);
        state.fit(ROWS.min(size.room()));
        if let Some(sheet) = &mut state.sheet {
            sheet.update(&self.desk.names(), size.room());
        }
        self.width = size.columns;
    }

    fn height(&self) -> usize {
        let state = self.state.borrow();
        state.sheet.as_ref().map_or(state.height, Sheet::height)
    }

    fn draw(&self, height: usize, styled: bool) -> String {
        let state = self.state.borrow();
        let Some(offer) = &state.offer else { return String::new() };
        if let Some(sheet) = &state.sheet {
            return sheet.draw(height, self.width, styled);
        }
        let first = shown_from(state.first, state.marked, height, state.rows());
        let rows = offer.list.rows.get(first..first + height).unwrap_or_default();
        let marked = state.marked.and_then(|marked| marked.checked_sub(first));
        let footer = menu_view::footer(offer, state.marked, state.said.as_deref());
        menu_view::draw(&View { rows, marked, footer: &footer, width: self.width, styled })
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
