//! Help in place: the page of what the line is about, below the line, until something is typed.

use std::sync::Arc;

use reedline::{Completer, Editor, MenuEvent, UndoBehavior};

use super::desk::Desk;
use super::keys::HELP;
use super::menu::line_of;
use super::menu_view::cut;
use super::panel::{Content, Size};
use crate::output::clean;

const KEYS: &str = "\
Keys:
  Tab            opens the list of what can stand at the cursor, takes the marked row
  Enter          takes the marked row, runs the line, asks for what it lacks
  letters        choose among the rows, the best first
  Up, Down       move the mark; PageUp and PageDown by a page
  Ctrl-O         shows the configuration of the marked task or source
  Right          takes the hint behind the cursor
  Ctrl-R         searches the history
  Esc            closes what stands below the line
  Ctrl-C         drops the line, ends a command that runs
  Ctrl-D         leaves
";

/// The page as something without rows to choose.
pub(super) struct Help {
    desk: Arc<Desk>,
    page: Vec<String>,
    first: usize,
    height: usize,
    width: usize,
}

impl Help {
    pub(super) const fn new(desk: Arc<Desk>) -> Self {
        Self { desk, page: Vec::new(), first: 0, height: 0, width: 80 }
    }

    fn last(&self) -> usize {
        self.page.len().saturating_sub(self.height)
    }
}

impl Content for Help {
    const NAME: &'static str = HELP;

    /// `?` asks for help where a word would begin; within a word it is a letter like others.
    fn open(&mut self, editor: &mut Editor, _completer: &mut dyn Completer) -> bool {
        let (line, cursor) = line_of(editor);
        let before = line.get(..cursor).unwrap_or_default();
        if self.desk.was_asked() && !(before.is_empty() || before.ends_with(' ')) {
            editor.edit_buffer(|buffer| buffer.insert_char('?'), UndoBehavior::InsertCharacter('?'));
            return false;
        }
        let page = self.desk.page(&line, cursor);
        self.page = page.lines().chain([""]).chain(KEYS.lines()).map(str::to_owned).collect();
        self.first = 0;
        true
    }

    fn hear(&mut self, event: MenuEvent) -> bool {
        let page = self.height.max(1);
        match event {
            MenuEvent::Deactivate | MenuEvent::Edit(_) => return false,
            MenuEvent::MoveUp | MenuEvent::PreviousElement => self.first = self.first.saturating_sub(1),
            MenuEvent::MoveDown => self.first = (self.first + 1).min(self.last()),
            MenuEvent::PreviousPage => self.first = self.first.saturating_sub(page),
            MenuEvent::NextPage => self.first = (self.first + page).min(self.last()),
            _ => {}
        }
        true
    }

    fn offers(&self) -> bool {
        false
    }

    fn take(&self, _editor: &mut Editor) {}

    fn update(&mut self, _editor: &mut Editor, size: Size) {
        self.height = self.page.len().min(size.room());
        self.first = self.first.min(self.last());
        self.width = size.columns;
    }

    fn height(&self) -> usize {
        self.height
    }

    fn draw(&self, height: usize, styled: bool) -> String {
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
        lines.push(if styled { nu_ansi_term::Style::new().dimmed().paint(footer).to_string() } else { footer });
        lines.join("\r\n")
    }
}
