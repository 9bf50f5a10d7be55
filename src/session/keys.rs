//! Which key does what.

use std::sync::Arc;

use crossterm::event::{Event, KeyEvent};
use reedline::{
    EditCommand, EditMode, Emacs, KeyCode, KeyModifiers, Keybindings, MenuEvent, PromptEditMode, PromptViMode, ReedlineEvent,
    ReedlineRawEvent, Vi, default_emacs_keybindings, default_vi_insert_keybindings, default_vi_normal_keybindings,
    default_vi_visual_keybindings,
};

use super::desk::Desk;
use crate::output::clean;

/// The name of the list among the menus.
pub(super) const LIST: &str = "list";
/// The name of the help.
pub(super) const HELP: &str = "help";
/// The name of the search in the history.
pub(super) const SEARCH: &str = "search";

/// Whether Enter comes next. This and the two below are events that move nothing in a list of one column.
pub(super) const fn is_enter(event: &MenuEvent) -> bool {
    matches!(event, MenuEvent::MoveLeft)
}

/// Whether Esc comes next.
pub(super) const fn is_escape(event: &MenuEvent) -> bool {
    matches!(event, MenuEvent::MoveRight)
}

/// Whether the configuration of the marked row is to be shown, or no longer.
pub(super) const fn shows(event: &MenuEvent) -> bool {
    matches!(event, MenuEvent::NextElement)
}

/// The two ways of editing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Editing {
    /// Keys of Emacs, as most shells have them.
    #[default]
    Emacs,
    /// Keys of vi.
    Vi,
}

/// Turns key presses into events.
pub(super) struct Keys {
    mode: Box<dyn EditMode>,
    desk: Arc<Desk>,
}

impl Keys {
    pub(super) fn new(editing: Editing, desk: Arc<Desk>) -> Self {
        let mode: Box<dyn EditMode> = match editing {
            Editing::Emacs => Box::new(Emacs::new(bound(default_emacs_keybindings()))),
            Editing::Vi => Box::new(Vi::new(
                bound(default_vi_insert_keybindings()),
                running(default_vi_normal_keybindings()),
                default_vi_visual_keybindings(),
            )),
        };
        Self { mode, desk }
    }
}

impl EditMode for Keys {
    fn parse_event(&mut self, event: ReedlineRawEvent) -> ReedlineEvent {
        self.desk.touched();
        let event = Event::from(event);
        if self.edit_mode() != PromptEditMode::Vi(PromptViMode::Normal)
            && let Event::Key(KeyEvent { code: KeyCode::Char('?'), modifiers: KeyModifiers::NONE | KeyModifiers::SHIFT, .. }) =
                event
        {
            self.desk.ask();
            return help();
        }
        let leaves = matches!(event, Event::Key(KeyEvent { code: KeyCode::Esc, modifiers: KeyModifiers::NONE, .. }));
        let Ok(event) = ReedlineRawEvent::try_from(event) else { return ReedlineEvent::None };
        match self.mode.parse_event(event) {
            event if leaves => ReedlineEvent::Multiple(vec![ReedlineEvent::MenuRight, event]),
            ReedlineEvent::Edit(commands) => ReedlineEvent::Edit(commands.into_iter().map(tamed).collect()),
            other => other,
        }
    }

    fn edit_mode(&self) -> PromptEditMode {
        self.mode.edit_mode()
    }
}

/// What is pasted must not speak to the terminal.
fn tamed(command: EditCommand) -> EditCommand {
    match command {
        EditCommand::InsertString(text) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
            EditCommand::InsertString(text.chars().filter(|c| *c == '\n' || !clean::is_hostile(*c)).collect())
        }
        other => other,
    }
}

/// The keys of a mode in which letters are typed.
fn bound(keys: Keybindings) -> Keybindings {
    let mut keys = running(keys);
    let any = |events: Vec<ReedlineEvent>| ReedlineEvent::UntilFound(events);
    let plain = [
        (KeyCode::Tab, any(vec![ReedlineEvent::MenuAccept, ReedlineEvent::Menu(LIST.to_owned())])),
        (KeyCode::Right, any(vec![ReedlineEvent::HistoryHintComplete, ReedlineEvent::MenuAccept, ReedlineEvent::Right])),
    ];
    for (key, event) in plain {
        keys.add_binding(KeyModifiers::NONE, key, event);
    }
    // As it comes by default, the key is dead while the list is open.
    keys.add_binding(KeyModifiers::NONE, KeyCode::Left, ReedlineEvent::Left);
    keys.add_binding(KeyModifiers::CONTROL, KeyCode::Char('b'), ReedlineEvent::Left);
    let forward = any(vec![ReedlineEvent::HistoryHintComplete, ReedlineEvent::Right]);
    keys.add_binding(KeyModifiers::CONTROL, KeyCode::Char('f'), forward);
    keys
}

/// Enter, the keys that move in the list, and none that write line breaks.
fn running(mut keys: Keybindings) -> Keybindings {
    for key in [(KeyModifiers::NONE, KeyCode::Enter), (KeyModifiers::CONTROL, KeyCode::Char('j'))] {
        keys.add_binding(key.0, key.1, enter());
    }
    keys.add_binding(KeyModifiers::NONE, KeyCode::PageUp, ReedlineEvent::MenuPagePrevious);
    keys.add_binding(KeyModifiers::NONE, KeyCode::PageDown, ReedlineEvent::MenuPageNext);
    for modifiers in [KeyModifiers::SHIFT, KeyModifiers::NONE] {
        keys.add_binding(modifiers, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    }
    keys.add_binding(KeyModifiers::NONE, KeyCode::F(1), help());
    keys.add_binding(
        KeyModifiers::CONTROL,
        KeyCode::Char('r'),
        ReedlineEvent::UntilFound(vec![
            ReedlineEvent::Menu(SEARCH.to_owned()),
            ReedlineEvent::Multiple(vec![ReedlineEvent::Esc, ReedlineEvent::Menu(SEARCH.to_owned())]),
        ]),
    );
    for modifiers in [KeyModifiers::ALT, KeyModifiers::SHIFT] {
        let _if_it_was_bound = keys.remove_binding(modifiers, KeyCode::Enter);
    }
    keys.add_binding(KeyModifiers::CONTROL, KeyCode::Char('o'), ReedlineEvent::MenuNext);
    keys
}

/// The help of what the line is about; the list makes way for it.
fn help() -> ReedlineEvent {
    ReedlineEvent::Multiple(vec![ReedlineEvent::Esc, ReedlineEvent::Menu(HELP.to_owned())])
}

/// Enter takes the marked row, or runs the line, or opens the list of what the line lacks: the validator says so by a line break, which
/// is undone in the same event, so that it is never painted. `MenuLeft` says that it is Enter that comes.
fn enter() -> ReedlineEvent {
    ReedlineEvent::Multiple(vec![
        ReedlineEvent::MenuLeft,
        ReedlineEvent::UntilFound(vec![
            ReedlineEvent::MenuAccept,
            ReedlineEvent::Multiple(vec![
                ReedlineEvent::Enter,
                ReedlineEvent::Edit(vec![EditCommand::Undo, EditCommand::MoveToEnd { select: false }]),
                ReedlineEvent::Menu(LIST.to_owned()),
            ]),
        ]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_only_text() {
        let pasted = EditCommand::InsertString("task\tlist\r\nx\u{1b}[31m\u{202e}y\rz\u{7}".to_owned());
        let EditCommand::InsertString(text) = tamed(pasted) else { panic!() };
        assert_eq!(text, "task list\nx[31my\nz");
    }
}
