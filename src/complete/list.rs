//! The rows that are offered at a place of a line, best first, and what taking one makes of the line.

use super::{Kind, Names, Place, Wanted};
use crate::words;

/// How many rows are ever offered.
pub const MOST: usize = 200;

/// What is offered at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// What is to be chosen, as the help calls it: `command`, `flag`, or an argument such as `TASK`.
    pub subject: String,
    /// The best rows, at most [`MOST`]; what can't be chosen now comes last.
    pub rows: Vec<Row>,
    /// How many rows fit what was typed, beyond [`MOST`] too.
    pub fitting: usize,
    /// How many there are in all.
    pub total: usize,
    /// What to type where nothing can be listed, such as the form of a duration; or why nothing is known.
    pub note: Option<String>,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What goes into the line, without quotes.
    pub value: String,
    /// What is told of it: the help, or stage, source, lag, error, age.
    pub about: String,
    /// The matched graphemes of `value`, from 0.
    pub matched: Vec<usize>,
    /// Why it can't be chosen now, such as `runs already`.
    pub refused: Option<String>,
    /// Whether more follows in the same word, as behind a folder.
    pub goes_on: bool,
}

/// A change of a line: `text` in place of the bytes `span`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that are replaced.
    pub span: std::ops::Range<usize>,
    /// What stands there then.
    pub text: String,
}

/// What is offered at `place`, of the names that are known.
#[must_use]
pub fn list(place: &Place, _names: &Names) -> List {
    let mut list = List::default();
    for wanted in &place.wanted {
        let (subject, choices) = match wanted {
            Wanted::Word(choices) => ("command", choices),
            Wanted::Flag(choices) => ("flag", choices),
            Wanted::Value { argument, choices, .. } => (argument.as_str(), choices),
        };
        if list.subject.is_empty() {
            subject.clone_into(&mut list.subject);
        }
        list.total += choices.len();
        let fitting = choices.iter().filter(|choice| choice.word.contains(&place.typed));
        list.rows.extend(fitting.map(|choice| Row { value: choice.word.clone(), about: choice.about.clone(), ..Row::default() }));
    }
    list.fitting = list.rows.len();
    list
}

/// What taking `row` makes of `line`: the value quoted where it must be, and a blank behind it where a new word is to begin.
#[must_use]
pub fn take(line: &str, place: &Place, row: &Row) -> Edit {
    let whole = format!("{}{}{}", place.prefix, row.value, place.suffix);
    let mut text = words::quote(&whole).map_or(whole.clone(), std::borrow::Cow::into_owned);
    let is_list =
        place.wanted.iter().any(|wanted| matches!(wanted, Wanted::Value { list: true, kind, .. } if *kind != Kind::Choice));
    let follows = line.get(place.span.end..).unwrap_or_default();
    if follows.is_empty() && !row.goes_on && !is_list {
        text.push(' ');
    }
    Edit { span: place.span.clone(), text }
}
