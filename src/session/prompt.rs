//! What stands before the line: the cluster, and how it does.

use std::borrow::Cow;
use std::sync::Arc;

use nu_ansi_term::{Color, Style};
use reedline::{PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus, PromptViMode};

use unicode_width::UnicodeWidthStr as _;

use super::aim::Aim;
use super::desk::Desk;
use crate::complete::Reach;
use crate::output::{clean, cut};

/// Stands between what is told and the line.
pub(super) const INDICATOR: &str = "> ";

/// So many columns are left for the line, where the screen has them.
const FOR_THE_LINE: usize = 20;
/// A screen of fewer rows than this shows one alarm at most.
const LOW: usize = 12;

/// An alarm has no more rows than these: the verb that shows the task has all of it.
const ROWS_OF_AN_ALARM: usize = 2;

/// A part of the prompt, and how it is painted.
type Part = (Style, String);

/// What is told before the line, the more of it the wider the screen is; the alarms above it.
fn told(desk: &Desk, styled: bool) -> String {
    let (columns, rows) = crossterm::terminal::size().map_or((80, 24), |(columns, rows)| (usize::from(columns), usize::from(rows)));
    let paint = |(style, text): &Part| if styled { style.paint(text).to_string() } else { text.clone() };
    let alarms = desk.alarms();
    let (most, rows_each) = if rows < LOW { (1, 1) } else { (alarms.len(), ROWS_OF_AN_ALARM) };
    let newest = alarms.iter().skip(alarms.len().saturating_sub(most));
    let newest = newest.flat_map(|alarm| wrapped(alarm, columns.saturating_sub(1), rows_each));
    let mut told: Vec<String> = newest.map(|row| paint(&(Color::Yellow.normal(), row))).collect();
    let forms = forms(desk);
    let width = |form: &[Part]| form.iter().map(|(_, text)| text.width()).sum::<usize>();
    let fits = |form: &&Vec<Part>| width(form) + INDICATOR.width() + FOR_THE_LINE <= columns;
    let form = forms.iter().find(fits).or(forms.last());
    told.push(form.into_iter().flatten().map(paint).collect());
    told.join("\n")
}

/// A text in rows of whole words, where they fit; the last row is cut.
fn wrapped(text: &str, width: usize, rows: usize) -> Vec<String> {
    let mut wrapped = Vec::new();
    let mut rest = text;
    while wrapped.len() + 1 < rows && rest.width() > width {
        let fits = |(at, _): &(usize, &str)| rest.get(..*at).is_some_and(|row| row.width() <= width);
        let Some((at, _)) = rest.match_indices(' ').take_while(fits).last() else { break };
        wrapped.push(rest.get(..at).unwrap_or_default().to_owned());
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    wrapped.push(cut(rest, width).into_owned());
    wrapped
}

/// The forms of the prompt, the widest first.
fn forms(desk: &Desk) -> Vec<Vec<Part>> {
    let names = desk.names();
    // A server of this machine may have come since the start.
    let found = || Some(names.target.clone()).filter(|name| !name.is_empty()).map(|name| Aim { name, production: false });
    let aim = desk.aimed().or_else(found);
    let production = aim.as_ref().map_or("", Aim::warning);
    let colour = if production.is_empty() { Style::new().bold() } else { Color::Red.bold() };
    let name = |text: String| (colour, text);
    let blank = || (Style::new(), " ".to_owned());
    let short = vec![name(format!("dm{production}")), blank()];
    let Some(aim) = aim else { return vec![short] };
    let place = vec![name(format!("dm@{}{production}", clean::line(&aim.name))), blank()];
    let with = |form: &[Part], more: &[Part]| [form, more].concat();
    if matches!(names.reach, Reach::Lost { .. }) {
        let lost = [(Color::Red.normal(), "no answer ".to_owned())];
        return vec![with(&place, &lost), with(&short, &lost), short];
    }
    let Some((running, failed)) = names.counts() else { return vec![place, short] };
    let runs = [(Style::new(), format!("{running} running "))];
    if failed == 0 {
        return vec![with(&place, &runs), place, short];
    }
    let fails = [(Color::Red.normal(), format!("{failed} failed "))];
    vec![with(&with(&place, &runs), &fails), with(&place, &fails), with(&short, &fails), short]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_breaks_between_words() {
        assert_eq!(wrapped("one two three four", 9, 2), ["one two", "three fo…"]);
        assert_eq!(wrapped("one two three four", 9, 1), ["one two …"]);
        assert_eq!(wrapped("one two three", 7, 2), ["one two", "three"]);
        assert_eq!(wrapped("onetwothreefour five", 9, 2), ["onetwoth…"]);
        assert_eq!(wrapped("注文 注文", 5, 2), ["注文", "注文"]);
        assert_eq!(wrapped("", 0, 2), [""]);
    }
}
