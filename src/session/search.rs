//! Ctrl-R: the lines of the history that have the typed letters, the newest first, to be chosen from a list.

use std::cell::{Cell, RefCell};

use reedline::{Completer, Editor, Menu, MenuEvent, MenuSettings, Painter, Suggestion, UndoBehavior};

use super::keys::SEARCH;
use super::menu::{line_of, shown_from};
use super::menu_view::{self, View};
use crate::complete::{self, Row};
use crate::output::clean;

const ROWS: usize = 10;
const SPARED: usize = 3;

/// The history as a menu of reedline.
pub(super) struct Search {
    settings: MenuSettings,
    active: bool,
    /// All lines, the newest first, each once.
    lines: Vec<String>,
    something: [Suggestion; 1],
    width: usize,
    /// What was typed when the rows were found.
    query: RefCell<Option<String>>,
    rows: RefCell<Vec<Row>>,
    marked: Cell<usize>,
    first: usize,
    height: usize,
}

impl Search {
    pub(super) fn new(indicator: &str) -> Self {
        Self {
            settings: MenuSettings::default().with_name(SEARCH).with_marker(indicator),
            active: false,
            lines: Vec::new(),
            something: [Suggestion::default()],
            width: 80,
            query: RefCell::new(None),
            rows: RefCell::default(),
            marked: Cell::new(0),
            first: 0,
            height: 0,
        }
    }

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

impl Menu for Search {
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
        let page = isize::try_from(self.height.max(1)).unwrap_or(1);
        match event {
            MenuEvent::Activate(_) => {
                self.active = true;
                self.first = 0;
                self.query.replace(None);
            }
            MenuEvent::Deactivate => self.active = false,
            MenuEvent::MoveUp | MenuEvent::PreviousElement => self.step(-1),
            MenuEvent::MoveDown | MenuEvent::NextElement => self.step(1),
            MenuEvent::PreviousPage => self.step(-page),
            MenuEvent::NextPage => self.step(page),
            MenuEvent::Edit(_) | MenuEvent::MoveLeft | MenuEvent::MoveRight => {}
        }
    }

    fn can_quick_complete(&self) -> bool {
        false
    }

    fn can_partially_complete(&mut self, _updated: bool, editor: &mut Editor, completer: &mut dyn Completer) -> bool {
        if self.query.borrow().is_none() {
            // What stands for the history here hands over all of it, the newest first.
            self.lines = completer.complete("", 0).suggestions().iter().map(|line| line.value.clone()).collect();
            self.lines.retain(|line| !line.contains(clean::is_hostile));
            self.settle(&line_of(editor).0);
        }
        false
    }

    fn update_values(&mut self, _editor: &mut Editor, _completer: &mut dyn Completer) {}

    fn reset_position(&mut self) {}

    fn update_working_details(&mut self, editor: &mut Editor, _completer: &mut dyn Completer, painter: &Painter) {
        self.settle(&line_of(editor).0);
        let rows = self.rows.borrow().len();
        self.height = rows.min(ROWS.min(usize::from(painter.screen_height()).saturating_sub(SPARED)).max(1));
        self.first = shown_from(self.first, Some(self.marked.get()), self.height, rows);
        self.width = usize::from(painter.screen_width());
    }

    fn replace_in_buffer(&self, editor: &mut Editor) {
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

    fn menu_required_lines(&self, _terminal_columns: u16) -> u16 {
        u16::try_from(self.height + 1).unwrap_or(1)
    }

    fn menu_string(&self, available_lines: u16, use_ansi_coloring: bool) -> String {
        let rows = self.rows.borrow();
        let height = self.height.min(usize::from(available_lines).saturating_sub(1));
        let first = shown_from(self.first, Some(self.marked.get()), height, rows.len());
        let shown = rows.get(first..first + height).unwrap_or_default();
        let footer = match rows.len() {
            0 => "history: no line has these letters".to_owned(),
            count => format!("history  {}/{count}", self.marked.get() + 1),
        };
        let marked = self.marked.get().checked_sub(first);
        menu_view::draw(&View { rows: shown, marked, footer: &footer, width: self.width, styled: use_ansi_coloring })
    }

    fn min_rows(&self) -> u16 {
        self.menu_required_lines(0).min(4)
    }

    fn get_values(&self) -> &[Suggestion] {
        if self.rows.borrow().is_empty() { &[] } else { &self.something }
    }
}
