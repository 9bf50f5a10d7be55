//! What stands behind the cursor in grey: the command that would come next, the rest of a line of the history, what is wanted here, or
//! what was probably meant. Right takes the first two; nothing is ever run by itself.

use std::sync::Arc;

use nu_ansi_term::Style;
use reedline::{History, SearchDirection, SearchFilter, SearchQuery};
use unicode_width::UnicodeWidthStr as _;

use super::desk::{self, Desk};
use crate::output::{clean, cut};

/// As many lines of the history are looked at.
const LOOKED_AT: i64 = 200;

/// Gives hints before each paint.
pub(super) struct Hinter {
    desk: Arc<Desk>,
    /// What Right would put into the line.
    taken: String,
}

impl Hinter {
    pub(super) const fn new(desk: Arc<Desk>) -> Self {
        Self { desk, taken: String::new() }
    }

    /// The rest of the newest line of the history that begins so. One that destroys something is never brought back by one key.
    fn remembered(&self, line: &str, history: &dyn History) -> Option<String> {
        let filter = SearchFilter::from_text_search(reedline::CommandLineSearch::Prefix(line.to_owned()), None);
        let query = SearchQuery {
            direction: SearchDirection::Backward,
            start_time: None,
            end_time: None,
            start_id: None,
            end_id: None,
            limit: Some(LOOKED_AT),
            filter,
        };
        let found = history.search(query).ok()?;
        found.into_iter().map(|item| item.command_line).find_map(|remembered| {
            let rest = remembered.strip_prefix(line).filter(|rest| !rest.is_empty())?;
            let plain = !remembered.contains('\n') && !remembered.contains(clean::is_hostile) && !remembered.contains("******");
            (plain && !self.desk.destroys(&remembered)).then(|| rest.to_owned())
        })
    }

    /// What is shown, and what of it can be taken.
    fn hint(&self, line: &str, history: &dyn History) -> (String, String) {
        if line.is_empty() {
            let next = self.desk.next().unwrap_or_default();
            return (next.clone(), next);
        }
        if let Some(meant) = self.desk.meant(line) {
            return (format!("  did you mean `{}`?", clean::line(&meant)), String::new());
        }
        match self.remembered(line, history) {
            Some(rest) => (rest.clone(), rest),
            None => (self.desk.wanted(line).unwrap_or_default(), String::new()),
        }
    }
}

impl reedline::Hinter for Hinter {
    fn handle(&mut self, line: &str, cursor: usize, history: &dyn History, styled: bool, _folder: &str) -> String {
        self.taken.clear();
        if cursor < line.len() || line.contains('\n') {
            return String::new();
        }
        let (shown, taken) = self.hint(line, history);
        self.taken = taken;
        // A hint that wraps would push the line about.
        let columns = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns)).max(1);
        let used = (super::prompt::width(&self.desk) + line.width()) % columns;
        let shown = cut(&shown, columns.saturating_sub(used + 1)).into_owned();
        if styled && !shown.is_empty() { Style::new().dimmed().paint(shown).to_string() } else { shown }
    }

    fn complete_hint(&self) -> String {
        self.taken.clone()
    }

    fn next_hint_token(&self) -> String {
        let blank = self.taken.len() - self.taken.trim_start().len();
        let rest = self.taken.get(blank..).unwrap_or_default();
        let end = blank + rest.find(' ').unwrap_or(rest.len());
        self.taken.get(..end).unwrap_or_default().to_owned()
    }
}

impl Desk {
    /// Whether a whole line destroys something.
    fn destroys(&self, line: &str) -> bool {
        desk::lines(line).iter().any(|(_, line)| {
            let line = format!("{line} ");
            self.place(&line, line.len()).is_some_and(|place| place.destroys())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;
    use reedline::{FileBackedHistory, Hinter as _, HistoryItem};

    fn hint(line: &str) -> (String, String) {
        let mut history = FileBackedHistory::default();
        for line in ["task list --stage running", "task delete orders --yes", "task start a --remove-meta", "x --token ******"] {
            let _saved = history.save(HistoryItem::from_command_line(line)).unwrap();
        }
        let desk = Arc::new(Desk::new(cli::grammar, None));
        desk.follow(Some("task start orders".to_owned()));
        let mut hinter = Hinter::new(desk);
        let shown = hinter.handle(line, line.len(), &history, false, "");
        (shown, hinter.complete_hint())
    }

    #[test]
    fn what_is_shown_and_what_right_takes() {
        let both = |text: &str| (text.to_owned(), text.to_owned());
        let shown = |text: &str| (text.to_owned(), String::new());
        assert_eq!(hint(""), both("task start orders"));
        assert_eq!(hint("task l"), both("ist --stage running"));
        assert_eq!(hint("task start "), shown("<TASK>"));
        assert_eq!(hint("task starrt"), shown("  did you mean `start`?"));
        assert_eq!(hint("task list --stagee"), shown("  did you mean `--stage`?"));
        assert_eq!(hint("task "), both("list --stage running"));
        assert_eq!(hint("x"), shown(""), "a line that hides a secret can't be run again");
    }

    #[test]
    fn nothing_that_destroys_is_hinted_from_the_history() {
        for line in ["task d", "task delete ", "task delete o", "task start a -"] {
            assert_eq!(hint(line).1, "", "{line}");
        }
    }
}
