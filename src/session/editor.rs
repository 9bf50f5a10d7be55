//! Lines typed at a terminal that can show an editor.
//!
//! It reads on the thread of the program, between commands; what has to go on meanwhile has threads of its own.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use reedline::{Completer, CompletionResult, CompletionStatus, Reedline, ReedlineMenu, Signal};

use super::desk::{self, Desk};
use super::help::Help;
use super::highlight::Highlighter;
use super::hint::Hinter;
use super::keys::{Editing, Keys};
use super::lines::{Lines, Next};
use super::menu::Choices;
use super::panel::Panel;
use super::prompt::{INDICATOR, Prompt};
use super::search::Search;
use super::signals::Signals;
use super::validator::Whole;
use super::{first, history, terminal};
use crate::exit::{Code, Failure};
use crate::output::{Printer, clean};
use crate::words::{self, Ending};

/// How the editor is to be.
pub struct Manners<'a> {
    /// The folder of what outlives the session, such as the history; if there is one.
    pub state: Option<&'a Path>,
    /// Whether colours are wanted.
    pub styled: bool,
    /// Whose keys.
    pub editing: Editing,
}

/// A source of lines.
pub struct Editor {
    reedline: Reedline,
    prompt: Prompt,
    desk: Arc<Desk>,
    signals: Signals,
    printer: Printer,
    /// Lines that were pasted together and are still to run, with their numbers.
    pasted: VecDeque<(usize, String)>,
    /// A line has run since, and what was typed meanwhile was meant for nobody.
    ran: bool,
}

impl Editor {
    /// Makes the editor; nothing is shown yet.
    ///
    /// # Errors
    /// Refused, when the system does not let it listen for signals.
    pub fn open(desk: &Arc<Desk>, manners: &Manners<'_>, mut printer: Printer) -> Result<Self, Failure> {
        let signals = Signals::listen().map_err(|error| Failure::refused(format!("cannot listen for signals: {error}")))?;
        terminal::restore_at_panic();
        let (history, told) = history::open(manners.state.map(|state| state.join("history")).as_deref());
        if let Some(keys) = first::told(manners.state) {
            printer.aside(keys);
        }
        if let Some(told) = told {
            printer.aside(&format!("note: {}\n", clean::line(&told)));
        }
        let below = |menu: Box<dyn reedline::Menu>| ReedlineMenu::HistoryMenu(menu);
        let mut reedline = Reedline::create()
            .with_ansi_colors(manners.styled)
            .with_edit_mode(Box::new(Keys::new(manners.editing, Arc::clone(desk))))
            .with_highlighter(Box::new(Highlighter(Arc::clone(desk))))
            .with_hinter(Box::new(Hinter::new(Arc::clone(desk))))
            .with_completer(Box::new(Painted(Arc::clone(desk))))
            .with_validator(Box::new(Whole(Arc::clone(desk))))
            .with_menu(below(Box::new(Panel::new(Choices::new(Arc::clone(desk)), INDICATOR))))
            .with_menu(below(Box::new(Panel::new(Help::new(Arc::clone(desk)), INDICATOR))))
            .with_menu(below(Box::new(Panel::new(Search::default(), INDICATOR))))
            .with_history(Box::new(history))
            .with_history_exclusion_prefix(Some(" ".to_owned()))
            .with_partial_completions(true)
            .with_persistent_menus(true)
            .use_bracketed_paste(true)
            .with_break_signal(signals.stop());
        let repaint = reedline.repaint_signal();
        desk.on_news(Box::new(move || repaint.request_repaint()));
        let prompt = Prompt { desk: Arc::clone(desk), styled: manners.styled };
        Ok(Self { reedline, prompt, desk: Arc::clone(desk), signals, printer, pasted: VecDeque::new(), ran: false })
    }

    /// Reads what is typed up to Enter.
    fn read(&mut self) -> Next {
        if std::mem::take(&mut self.ran) {
            terminal::drop_typed_ahead();
        }
        let read = self.reedline.read_line(&self.prompt);
        self.desk.seen();
        match read {
            Ok(Signal::Success(text)) => {
                // A history that can't be written is no reason to stop.
                let _kept_in_memory = self.reedline.sync_history();
                self.take_apart(&text);
                self.pasted.pop_front().map_or(Next::Nothing, |(number, text)| Next::Line { number, text })
            }
            Ok(Signal::CtrlC) => Next::Interrupted,
            Ok(Signal::ExternalBreak(_)) => {
                self.printer.aside("\n");
                self.signals.code().map_or(Next::Nothing, Next::Ended)
            }
            Ok(Signal::CtrlD) => Next::End,
            Ok(_) => Next::Nothing,
            Err(error) => {
                terminal::restore();
                self.printer.aside(&format!("\r\nthe terminal is gone: {error}\n"));
                Next::Ended(self.signals.code().unwrap_or(Code::Failed))
            }
        }
    }

    /// The lines of a text, as a file of them would be read.
    fn take_apart(&mut self, text: &str) {
        self.pasted.clear();
        for (start, line) in desk::lines(text) {
            let number = text.get(..start).map_or(0, |before| before.matches('\n').count()) + 1;
            let split = words::split(line);
            if !(split.words.is_empty() && split.ending == Ending::Complete) {
                self.pasted.push_back((number, line.to_owned()));
            }
        }
    }
}

/// Hears that a prompt was painted: reedline asks its completer then. It completes nothing, for which there is the list.
struct Painted(Arc<Desk>);

impl Completer for Painted {
    fn complete(&mut self, _line: &str, _cursor: usize) -> CompletionResult {
        CompletionResult::fresh(Vec::new())
    }

    fn poll_completion(&mut self) -> CompletionStatus {
        self.0.begin();
        CompletionStatus::Idle
    }
}

impl Lines for Editor {
    async fn next(&mut self) -> Next {
        if let Some(code) = self.signals.code() {
            return Next::Ended(code);
        }
        match self.pasted.pop_front() {
            Some((number, text)) => {
                self.printer.aside(&format!("{INDICATOR}{}\n", clean::line(&text)));
                Next::Line { number, text }
            }
            None => self.read(),
        }
    }

    async fn ended(&mut self) -> Code {
        self.signals.ended().await
    }

    fn came_to(&mut self, code: Code, next: Option<String>) -> bool {
        self.desk.follow(next);
        self.desk.ran();
        self.ran = true;
        let drops = code != Code::Done && !self.pasted.is_empty();
        if drops {
            self.pasted.clear();
        }
        drops
    }
}
