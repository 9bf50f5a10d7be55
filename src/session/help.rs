//! Help in place: the page of what the line is about, below the line, until something is typed.

use std::sync::Arc;

use reedline::{Completer, Editor, MenuEvent, UndoBehavior};

use super::desk::Desk;
use super::keys::HELP;
use super::menu::line_of;
use super::panel::{Content, Drawn, Page, Size};
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
    text: Vec<String>,
    page: Page,
    width: usize,
}

impl Help {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk, text: Vec::new(), page: Page::default(), width: 80 }
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
        self.text = page.lines().chain([""]).chain(KEYS.lines()).map(|line| clean::line(line).into_owned()).collect();
        self.page = Page::default();
        true
    }

    fn hear(&mut self, event: MenuEvent) -> bool {
        self.page.step(&event);
        !matches!(event, MenuEvent::Deactivate | MenuEvent::Edit(_))
    }

    fn offers(&self) -> bool {
        false
    }

    fn take(&self, _editor: &mut Editor) {}

    fn update(&mut self, _editor: &mut Editor, size: Size) {
        self.page.show(self.text.clone(), size.room());
        self.width = size.columns;
    }

    fn height(&self) -> usize {
        self.page.height()
    }

    fn draw(&self, height: usize, styled: bool) -> String {
        self.page.draw("", "Esc closes", Drawn { height, width: self.width, styled })
    }
}
