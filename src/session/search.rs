//! Ctrl-R: the lines of the history that have the typed letters, the newest first, to be chosen from a list.

use std::cell::{Cell, RefCell};

use reedline::{Completer, Editor, MenuEvent, UndoBehavior};

use super::keys::SEARCH;
use super::menu::{ROWS, line_of, shown_from};
use super::menu_view::{self, View};
use super::panel::{Content, Size};
use crate::complete::{self, Row};
use crate::output::clean;

/// The history as a list.
#[derive(Default)]
pub(super) struct Search {
    /// All lines, the newest first, each once.
    lines: Vec<String>,
    width: usize,
    /// What was typed when the rows were found.
    query: RefCell<Option<String>>,
    rows: RefCell<Vec<Row>>,
    marked: Cell<usize>,
    first: usize,
    height: usize,
}

impl Search {
    fn settle(&self, typed: &str) {
        if self.query.borrow().as_deref() == Some(typed) {
            return;
        }
        let rows = complete::search(&self.lines, typed);
        self.marked.set(0);
        self.rows.replace(rows);
        self.query.replace(Some(typed.to_owned()));
    }

    fn step(&self, by: isize) {
        let count = self.rows.borrow().len();
        let marked = self.marked.get();
        let next = marked.saturating_add_signed(by);
        self.marked.set(if by == -1 && marked == 0 { count.saturating_sub(1) } else { next.min(count.saturating_sub(1)) });
    }
}

impl Content for Search {
    const NAME: &'static str = SEARCH;

    fn open(&mut self, editor: &mut Editor, completer: &mut dyn Completer) -> bool {
        // What stands for the history here hands over all of it, the newest first.
        self.lines = completer.complete("", 0).suggestions().iter().map(|line| line.value.clone()).collect();
        self.lines.retain(|line| !line.contains(clean::is_hostile));
        self.first = 0;
        self.query.replace(None);
        self.settle(&line_of(editor).0);
        true
    }

    fn hear(&mut self, event: MenuEvent) -> bool {
        let page = isize::try_from(self.height.max(1)).unwrap_or(1);
        match event {
            MenuEvent::Deactivate => return false,
            MenuEvent::MoveUp | MenuEvent::PreviousElement => self.step(-1),
            MenuEvent::MoveDown => self.step(1),
            MenuEvent::PreviousPage => self.step(-page),
            MenuEvent::NextPage => self.step(page),
            _ => {}
        }
        true
    }

    fn offers(&self) -> bool {
        !self.rows.borrow().is_empty()
    }

    fn take(&self, editor: &mut Editor) {
        self.settle(&line_of(editor).0);
        let rows = self.rows.borrow();
        let Some(row) = rows.get(self.marked.get()) else { return };
        editor.edit_buffer(
            |buffer| {
                buffer.set_buffer(row.value.clone());
                buffer.move_to_end();
            },
            UndoBehavior::CreateUndoPoint,
        );
    }

    fn update(&mut self, editor: &mut Editor, size: Size) {
        self.settle(&line_of(editor).0);
        let rows = self.rows.borrow().len();
        self.height = rows.min(ROWS.min(size.room()));
        self.first = shown_from(self.first, Some(self.marked.get()), self.height, rows);
        self.width = size.columns;
    }

    fn height(&self) -> usize {
        self.height
    }

    fn draw(&self, height: usize, styled: bool) -> String {
        let rows = self.rows.borrow();
        let first = shown_from(self.first, Some(self.marked.get()), height, rows.len());
        let shown = rows.get(first..first + height).unwrap_or_default();
        let footer = match rows.len() {
            0 => "history: no line has these letters".to_owned(),
            count => format!("history  {}/{count}", self.marked.get() + 1),
        };
        let marked = self.marked.get().checked_sub(first);
        menu_view::draw(&View { rows: shown, marked, footer: &footer, width: self.width, styled })
    }
}
