//! What stands below the line while it is open, as a menu of reedline: all that such menus have in common.
//!
//! reedline asks a menu in this order: events as keys come, taking what is marked, and once before each paint to bring all of it up to
//! date. Keys that arrive together are handled before anything is painted, so that nothing here trusts what was made for another line.

use reedline::{Completer, Editor, Menu, MenuEvent, MenuSettings, Painter, Suggestion};

use crate::output::cut;

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

/// How something is drawn.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    /// So many rows, and a last one.
    pub(super) height: usize,
    /// Columns of the screen.
    pub(super) width: usize,
    pub(super) styled: bool,
}

/// Lines to read, of which as many are shown as there is room for.
#[derive(Default)]
pub(super) struct Page {
    lines: Vec<String>,
    /// The first one that is shown.
    first: usize,
    height: usize,
}

impl Page {
    /// Shows these lines, which are clean, in so many rows, from where it stands.
    pub(super) fn show(&mut self, lines: Vec<String>, room: usize) {
        self.lines = lines;
        self.height = self.lines.len().min(room);
        self.first = self.first.min(self.last());
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

    /// The lines that are shown, and a last one with a title, which lines they are, and how to leave.
    pub(super) fn draw(&self, title: &str, leave: &str, drawn: Drawn) -> String {
        let Drawn { height, width, styled } = drawn;
        // The last column is left free, as in the list.
        let room = width.saturating_sub(1);
        let shown = self.lines.iter().skip(self.first).take(height);
        let mut rows: Vec<String> = shown.map(|line| cut(line, room).into_owned()).collect();
        let mut footer = if title.is_empty() { String::new() } else { format!("{title}  ") };
        if height < self.lines.len() {
            let (first, last, all) = (self.first + 1, self.first + rows.len(), self.lines.len());
            footer.push_str(&format!("{first}-{last} of {all} lines  the arrow keys scroll, "));
        }
        footer.push_str(leave);
        let footer = cut(&footer, room).into_owned();
        rows.push(if styled { nu_ansi_term::Style::new().dimmed().paint(footer).to_string() } else { footer });
        rows.join("\r\n")
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
