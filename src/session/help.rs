//! Help in place: the page of what the line is about, below the line, until something is typed.

use std::sync::Arc;

use reedline::{Completer, Editor, Menu, MenuEvent, MenuSettings, Painter, Suggestion, UndoBehavior};

use super::desk::Desk;
use super::keys::HELP;
use super::menu::line_of;
use super::menu_view::cut;
use crate::output::clean;

/// Rows of the screen that the page leaves alone.
const SPARED: usize = 3;
const KEYS: &str = "keys: Tab chooses, Enter runs or asks for what is missing, Right takes the hint, Ctrl-R searches the history, \
                    Esc closes, Ctrl-C drops the line, Ctrl-D leaves";

/// The page as a menu without rows to choose.
pub(super) struct Help {
    settings: MenuSettings,
    desk: Arc<Desk>,
    active: bool,
    opening: bool,
    page: Vec<String>,
    first: usize,
    height: usize,
    width: usize,
}

impl Help {
    pub(super) fn new(desk: Arc<Desk>, indicator: &str) -> Self {
        let settings = MenuSettings::default().with_name(HELP).with_marker(indicator);
        Self { settings, desk, active: false, opening: false, page: Vec::new(), first: 0, height: 0, width: 80 }
    }

    fn last(&self) -> usize {
        self.page.len().saturating_sub(self.height)
    }
}

impl Menu for Help {
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
        let page = self.height.max(1);
        match event {
            MenuEvent::Activate(_) => (self.active, self.opening, self.first) = (true, true, 0),
            MenuEvent::Deactivate | MenuEvent::Edit(_) => self.active = false,
            MenuEvent::MoveUp | MenuEvent::PreviousElement => self.first = self.first.saturating_sub(1),
            MenuEvent::MoveDown | MenuEvent::NextElement => self.first = (self.first + 1).min(self.last()),
            MenuEvent::PreviousPage => self.first = self.first.saturating_sub(page),
            MenuEvent::NextPage => self.first = (self.first + page).min(self.last()),
            MenuEvent::MoveLeft | MenuEvent::MoveRight => {}
        }
    }

    fn can_quick_complete(&self) -> bool {
        false
    }

    /// `?` asks for help where a word would begin; within a word it is a letter like others.
    fn can_partially_complete(&mut self, _updated: bool, editor: &mut Editor, _completer: &mut dyn Completer) -> bool {
        if !std::mem::take(&mut self.opening) {
            return false;
        }
        let (line, cursor) = line_of(editor);
        let before = line.get(..cursor).unwrap_or_default();
        if self.desk.was_asked() && !(before.is_empty() || before.ends_with(' ')) {
            editor.edit_buffer(|buffer| buffer.insert_char('?'), UndoBehavior::InsertCharacter('?'));
            self.active = false;
            return false;
        }
        let page = self.desk.page(&line, cursor);
        self.page = page.lines().map(str::to_owned).chain([String::new(), KEYS.to_owned()]).collect();
        false
    }

    fn update_values(&mut self, _editor: &mut Editor, _completer: &mut dyn Completer) {}

    fn reset_position(&mut self) {}

    fn update_working_details(&mut self, _editor: &mut Editor, _completer: &mut dyn Completer, painter: &Painter) {
        let room = usize::from(painter.screen_height()).saturating_sub(SPARED).max(1);
        self.height = self.page.len().min(room);
        self.first = self.first.min(self.last());
        self.width = usize::from(painter.screen_width());
    }

    fn replace_in_buffer(&self, _editor: &mut Editor) {}

    fn menu_required_lines(&self, _terminal_columns: u16) -> u16 {
        u16::try_from(self.height + 1).unwrap_or(1)
    }

    fn menu_string(&self, available_lines: u16, use_ansi_coloring: bool) -> String {
        let height = self.height.min(usize::from(available_lines).saturating_sub(1));
        let rows = self.page.get(self.first..(self.first + height).min(self.page.len())).unwrap_or_default();
        let room = self.width.saturating_sub(1);
        let mut lines: Vec<String> = rows.iter().map(|row| cut(&clean::line(row), room).into_owned()).collect();
        let footer = if height < self.page.len() {
            format!(
                "{}-{} of {} lines; the arrow keys scroll, Esc closes",
                self.first + 1,
                self.first + rows.len(),
                self.page.len()
            )
        } else {
            "Esc closes".to_owned()
        };
        let footer = cut(&footer, room).into_owned();
        lines.push(if use_ansi_coloring { nu_ansi_term::Style::new().dimmed().paint(footer).to_string() } else { footer });
        lines.join("\r\n")
    }

    fn min_rows(&self) -> u16 {
        self.menu_required_lines(0).min(4)
    }

    fn get_values(&self) -> &[Suggestion] {
        &[]
    }
}
