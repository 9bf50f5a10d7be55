//! What a shell is answered when Tab is pressed in it: lines that its script can read without evaluating anything.
//!
//! The first line says what the script is to do beside; the fields of a line are parted by tabs. Nothing needs an escape: a name with a
//! control character in it is no name that could be typed, and is not offered.

mod ask;
mod asked;
mod bash;
mod cache;
mod fish;
mod need;

use std::time::{Duration, Instant};

use clap::Command;
use unicode_width::UnicodeWidthStr as _;

use super::list::{Row, listed};
use super::{Kind, List, Place, Wanted, at_words, built};
use crate::cli;
use crate::output::{clean, cut, human};
use crate::target::Environment;
pub use asked::Asked;
use asked::Asking;

/// More names than that are no choice; more letters are to be typed first.
const MOST: usize = 10_000;

/// A line without quotes, and the cursor in it.
struct Question {
    /// The words behind the program's name.
    words: Vec<String>,
    /// Which of them the cursor is at.
    index: usize,
    /// What of that one is left of the cursor.
    typed: String,
}

/// What is offered there.
#[derive(Debug, Default)]
struct Answer {
    candidates: Vec<Candidate>,
    /// What is to be chosen, as the help calls it.
    subject: String,
    /// What to type where nothing can be listed, or why nothing is known.
    note: Option<String>,
    /// The shell itself knows better: files, where the path has something that only it can resolve.
    files: bool,
}

/// A word that can stand in the place of the one at the cursor.
#[derive(Debug, Clone)]
struct Candidate {
    /// The whole word, without quotes.
    word: String,
    /// The part of it that is chosen.
    shown: String,
    /// What is told of it.
    about: String,
    /// What can follow in the same word.
    more: More,
}

/// What can follow a candidate without a blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum More {
    /// Nothing.
    No,
    /// What is in the folder.
    Path,
    /// A comma and another one.
    List,
}

/// Which candidates a shell wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Those that begin with what was typed: it takes all as they are.
    Start,
    /// Those that have its letters: it chooses among them as its user likes.
    Letters,
}

/// Answers a shell, within the time that a person waits for a key: `started` is when the program did. Whatever can't be known by then is
/// left out.
#[must_use]
pub fn answer(asked: &Asked, environment: Environment, started: Instant) -> String {
    match asked.shell {
        Asking::Bash => bash::answer(asked, |question| offered(question, Fit::Start, environment, started)),
        Asking::Zsh => {
            let answer = offered(&Question::of(asked), Fit::Letters, environment, started);
            zsh(&answer, asked.columns.unwrap_or(80))
        }
        Asking::Fish => fish::answer(&offered(&fish::question(asked), Fit::Letters, environment, started)),
    }
}

impl Question {
    fn of(asked: &Asked) -> Self {
        Self { words: asked.words.clone(), index: asked.index, typed: asked.typed.clone() }
    }
}

/// What is offered, of what can be known in time.
fn offered(question: &Question, fit: Fit, environment: Environment, started: Instant) -> Answer {
    let grammar = cli::grammar();
    let grammar = built(&grammar);
    let place = place(&grammar, question);
    let is_file = place.wanted.iter().any(|wanted| matches!(wanted, Wanted::Value { kind: Kind::File, .. }));
    if is_file && place.typed.starts_with(['~', '$']) {
        return Answer { files: true, ..Answer::default() };
    }
    let names = ask::names(&place, environment, started);
    let list = listed(&place, &names, MOST);
    let whole = question.words.get(question.index).map_or("", String::as_str);
    choose(&place, whole, list, fit, names.stale_for())
}

fn place(grammar: &Command, question: &Question) -> Place {
    at_words(grammar, &question.words, question.index, &question.typed)
}

/// Chooses among what is known. What can't be chosen now is offered only where nothing else is; of names that are `stale` that is not
/// known.
fn choose(place: &Place, whole: &str, list: List, fit: Fit, stale: Option<Duration>) -> Answer {
    let begins = |row: &Row| row.value.starts_with(&place.typed);
    let too_many = list.fitting > list.rows.len() && list.rows.last().is_some_and(begins);
    let (fitting, subject) = (list.fitting, list.subject);
    let note = match stale {
        Some(age) => Some(format!("the cluster does not answer: these names are {} old", human::duration(age))),
        None if too_many => Some(format!("{fitting} of them: type more")),
        None => list.note,
    };
    if too_many {
        return Answer { subject, note, ..Answer::default() };
    }
    let (mut rows, refused): (Vec<Row>, Vec<Row>) =
        list.rows.into_iter().filter(|row| !row.unwritable).partition(|row| row.refused.is_none() || stale.is_some());
    if !rows.iter().any(begins) {
        rows.extend(refused.into_iter().filter(begins));
    }
    if fit == Fit::Start {
        rows.retain(begins);
    }
    let has_more = list.total > 1 && is_list(place);
    let before = whole.get(..place.span.start).unwrap_or_default();
    let behind = whole.get(place.span.end..).unwrap_or_default();
    let candidates = rows.into_iter().map(|row| {
        let about = match row.refused.filter(|_| stale.is_none()) {
            Some(why) if row.about.is_empty() => format!("({why})"),
            Some(why) => format!("{}  ({why})", row.about),
            None => row.about,
        };
        let more = match row.goes_on {
            true => More::Path,
            false if has_more && !row.value.starts_with('-') => More::List,
            false => More::No,
        };
        Candidate { word: format!("{before}{}{behind}", row.value), shown: row.value, about, more }
    });
    // What stands before and behind was typed, and need not be fit for a line of an answer.
    let candidates = candidates.filter(|candidate| !candidate.word.contains(clean::is_hostile)).collect();
    Answer { candidates, subject, note, files: false }
}

/// Whether several values can be given in one word.
fn is_list(place: &Place) -> bool {
    place.wanted.iter().any(|wanted| matches!(wanted, Wanted::Value { list: true, kind, .. } if *kind != Kind::Choice))
}

/// `files` or nothing, subject, note; then for each candidate `/`, `,` or `-` for what can follow, the word, and how it is shown.
fn zsh(answer: &Answer, columns: usize) -> String {
    let mut text = header(answer);
    let shown = described(&answer.candidates, columns.saturating_sub(1));
    for (candidate, shown) in answer.candidates.iter().zip(shown) {
        let more = match candidate.more {
            More::No => '-',
            More::Path => '/',
            More::List => ',',
        };
        text.push_str(&format!("{more}\t{}\t{shown}\n", candidate.word));
    }
    text
}

fn header(answer: &Answer) -> String {
    let directive = if answer.files { "files" } else { "" };
    format!("{directive}\t{}\t{}\n", clean::line(&answer.subject), clean::line(answer.note.as_deref().unwrap_or_default()))
}

/// Each candidate with what is told of it in a second column, on one line of the terminal.
fn described(candidates: &[Candidate], columns: usize) -> Vec<String> {
    let width = candidates.iter().map(|candidate| candidate.shown.width()).max().unwrap_or_default().min(columns / 2);
    let line = |candidate: &Candidate| {
        if candidate.about.is_empty() {
            return candidate.shown.clone();
        }
        let gap = " ".repeat(width.saturating_sub(candidate.shown.width()) + 2);
        let line = format!("{}{gap}{}", candidate.shown, clean::line(&candidate.about));
        // A name is never cut.
        cut(&line, columns.max(candidate.shown.width() + 1)).into_owned()
    };
    candidates.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::complete::{Names, Table, Task};
    use crate::model::Stage;

    fn offered_of(words: &[&str], names: &Names, fit: Fit) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let index = words.len().saturating_sub(1);
        let question = Question { typed: words.last().cloned().unwrap_or_default(), index, words };
        let place = place(&cli::grammar(), &question);
        let list = listed(&place, names, MOST);
        let answer = choose(&place, &question.typed, list, fit, names.stale_for());
        answer.candidates.into_iter().map(|candidate| candidate.word).collect()
    }

    fn names(tasks: &[(&str, Stage)]) -> Names {
        let task = |(name, stage): &(&str, Stage)| Task { name: (*name).into(), stage: Some(*stage), ..Task::default() };
        Names { tasks: Arc::new(Table::new(tasks.iter().map(task))), ..Names::default() }
    }

    #[test]
    fn what_can_not_be_chosen_now_is_offered_where_nothing_else_is() {
        let names = names(&[("a-runs", Stage::Running), ("a-stands", Stage::Stopped), ("b-runs", Stage::Running)]);
        for fit in [Fit::Start, Fit::Letters] {
            assert_eq!(offered_of(&["task", "start", ""], &names, fit), ["a-stands"]);
            assert_eq!(offered_of(&["task", "start", "b"], &names, fit), ["b-runs"]);
            assert_eq!(offered_of(&["task", "stop", ""], &names, fit), ["a-runs", "b-runs"]);
        }
        assert_eq!(offered_of(&["task", "start", "stands"], &names, Fit::Start), Vec::<String>::new());
        assert_eq!(offered_of(&["task", "start", "stands"], &names, Fit::Letters), ["a-stands"]);
    }

    #[test]
    fn a_name_that_can_not_be_typed_is_never_offered() {
        let names = names(&[("new\nline", Stage::Stopped), ("-dash", Stage::Stopped), ("\u{202e}turned", Stage::Stopped)]);
        assert_eq!(offered_of(&["task", "start", ""], &names, Fit::Letters), Vec::<String>::new());
    }

    #[test]
    fn of_too_many_names_none_is_offered_until_few_enough_begin_so() {
        let many: Vec<String> = (0..12_000).map(|number| format!("task-{number:05}")).collect();
        let many: Vec<(&str, Stage)> = many.iter().map(|name| (name.as_str(), Stage::Stopped)).collect();
        let names = names(&many);
        assert_eq!(offered_of(&["task", "start", "task-"], &names, Fit::Start), Vec::<String>::new());
        assert_eq!(offered_of(&["task", "start", "task-0001"], &names, Fit::Start).len(), 10);
        assert_eq!(offered_of(&["task", "start", "task-01"], &names, Fit::Start).len(), 1000);
    }

    #[test]
    fn a_description_is_cut_and_a_name_is_not() {
        let candidate = |shown: &str, about: &str| Candidate {
            word: String::new(),
            shown: shown.to_owned(),
            about: about.to_owned(),
            more: More::No,
        };
        let candidates =
            [candidate("a", "first"), candidate("bcd", "a long description"), candidate("a very long name indeed", "x")];
        assert_eq!(described(&candidates, 16), ["a         first", "bcd       a lon…", "a very long name indeed…"]);
        assert_eq!(described(&[candidate("ü漢", "x")], 40), ["ü漢  x"]);
        assert_eq!(described(&[candidate("plain", "")], 3), ["plain"]);
    }
}
