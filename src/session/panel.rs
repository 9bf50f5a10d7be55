//! What stands below the line while it is open, as a menu of reedline: all that such menus have in common.
//!
//! reedline asks a menu in this order: events as keys come, taking what is marked, and once before each paint to bring all of it up to
//! date. Keys that arrive together are handled before anything is painted, so that nothing here trusts what was made for another line.

use reedline::{Completer, Editor, Menu, MenuEvent, MenuSettings, Painter, Suggestion};

/// The rows and columns of the screen.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Rows of the screen that are left alone: the line, and a last row of one's own.
const SPARED: usize = 3;

impl Size {
    /// How many rows there are for a panel, without its last one.
    pub(super) fn room(self) -> usize {
        self.rows.saturating_sub(SPARED).max(1)
    }
}

/// What a panel shows, and what keys make of it.
pub(super) trait Content: Send {
    /// What its keys call it.
    const NAME: &'static str;

    /// It was opened; nothing was looked up yet. Returns whether it stays open.
    fn open(&mut self, editor: &mut Editor, completer: &mut dyn Completer) -> bool;

    /// Hears a key, `Deactivate` also while it is closed. Returns whether it is open from now on.
    fn hear(&mut self, event: MenuEvent) -> bool;

    /// Whether something can be taken.
    fn offers(&self) -> bool;

    /// Takes what is marked; `Deactivate` comes next.
    fn take(&self, editor: &mut Editor);

    /// Brings all of it up to date before it is painted.
    fn update(&mut self, editor: &mut Editor, size: Size);

    /// How many rows are to be shown, without the last one.
    fn height(&self) -> usize;

    /// So many rows, and a last one.
    fn draw(&self, height: usize, styled: bool) -> String;
}

/// A menu of reedline with this content.
pub(super) struct Panel<C> {
    settings: MenuSettings,
    active: bool,
    opening: bool,
    /// One value that stands for all rows: reedline only wants to know whether there is one.
    something: [Suggestion; 1],
    content: C,
}

impl<C: Content> Panel<C> {
    /// A closed one. The indicator is that of the prompt, so that the line does not move when it opens.
    pub(super) fn new(content: C, indicator: &str) -> Self {
        let settings = MenuSettings::default().with_name(C::NAME).with_marker(indicator);
        Self { settings, active: false, opening: false, something: [Suggestion::default()], content }
    }
}

impl<C: Content> Menu for Panel<C> {
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
        if matches!(event, MenuEvent::Activate(_)) {
            (self.active, self.opening) = (true, true);
        } else {
            self.active = self.content.hear(event);
        }
    }

    fn can_quick_complete(&self) -> bool {
        false
    }

    fn can_partially_complete(&mut self, _updated: bool, editor: &mut Editor, completer: &mut dyn Completer) -> bool {
        if std::mem::take(&mut self.opening) {
            self.active = self.content.open(editor, completer);
        }
        false
    }

    fn update_values(&mut self, _editor: &mut Editor, _completer: &mut dyn Completer) {}

    fn reset_position(&mut self) {}

    fn update_working_details(&mut self, editor: &mut Editor, _completer: &mut dyn Completer, painter: &Painter) {
        let size = Size { rows: painter.screen_height().into(), columns: painter.screen_width().into() };
        self.content.update(editor, size);
    }

    fn replace_in_buffer(&self, editor: &mut Editor) {
        self.content.take(editor);
    }

    fn menu_required_lines(&self, _terminal_columns: u16) -> u16 {
        u16::try_from(self.content.height() + 1).unwrap_or(1)
    }

    fn menu_string(&self, available_lines: u16, use_ansi_coloring: bool) -> String {
        let height = self.content.height().min(usize::from(available_lines).saturating_sub(1));
        self.content.draw(height, use_ansi_coloring)
    }

    fn min_rows(&self) -> u16 {
        self.menu_required_lines(0).min(4)
    }

    fn get_values(&self) -> &[Suggestion] {
        if self.content.offers() { &self.something } else { &[] }
    }
}
