//! What stands before the line: the cluster, and how it does.

use std::borrow::Cow;
use std::sync::Arc;

use nu_ansi_term::{Color, Style};
use reedline::{PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus, PromptViMode};

use unicode_width::UnicodeWidthStr as _;

use super::desk::Desk;
use crate::output::clean;

/// Stands between what is told and the line.
pub(super) const INDICATOR: &str = "> ";

/// What is told before the line, the alarms above it.
fn told(desk: &Desk, styled: bool) -> String {
    let paint = |style: Style, text: &str| if styled { style.paint(text).to_string() } else { text.to_owned() };
    let names = desk.names();
    // A server of this machine may have come since the start.
    let target = desk.target().or_else(|| Some(names.target.clone()).filter(|target| !target.is_empty()));
    let place = target.map_or_else(|| "dm".to_owned(), |target| format!("dm@{}", clean::line(&target)));
    let mut line = match desk.is_production() {
        true => paint(Color::Red.bold(), &format!("{place} (production) ")),
        false => format!("{} ", paint(Style::new().bold(), &place)),
    };
    if let Some((running, failed)) = names.counts() {
        line.push_str(&format!("{running} running "));
        if failed > 0 {
            line.push_str(&paint(Color::Red.normal(), &format!("{failed} failed ")));
        }
    }
    let mut rows: Vec<String> = desk.alarms().iter().map(|row| paint(Color::Yellow.normal(), row)).collect();
    rows.push(line);
    rows.join("\n")
}

/// How many columns the last row of the prompt takes up.
pub(super) fn width(desk: &Desk) -> usize {
    told(desk, false).lines().last().map_or(0, |row| row.width()) + INDICATOR.width()
}

/// The prompt; it is asked anew before each paint.
pub(super) struct Prompt {
    pub(super) desk: Arc<Desk>,
    pub(super) styled: bool,
}

impl reedline::Prompt for Prompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Owned(told(&self.desk, self.styled))
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, mode: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed(match mode {
            PromptEditMode::Vi(PromptViMode::Normal | PromptViMode::Visual) => ": ",
            _ => INDICATOR,
        })
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("... ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let found = match search.status {
            PromptHistorySearchStatus::Passing => "history",
            PromptHistorySearchStatus::Failing => "not in the history",
        };
        Cow::Owned(format!("({found}: {}) ", clean::line(&search.term)))
    }

    fn get_prompt_color(&self) -> Color {
        Color::Default
    }

    fn get_prompt_multiline_color(&self) -> Color {
        Color::DarkGray
    }

    fn get_indicator_color(&self) -> Color {
        Color::Default
    }

    fn get_prompt_right_color(&self) -> Color {
        Color::Default
    }
}
