//! The rows that are offered at a place of a line, best first, and what taking one makes of the line.

use std::path::PathBuf;

use super::files::Typed;
use super::live;
use super::rank::rank;
use super::table::Text;
use super::{Choice, Kind, Names, Place, Wanted};
use crate::output::clean;
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

/// What is offered at `place`, of the names that are known. Where a word of a command or a value is wanted first, flags are offered once
/// a `-` is typed.
#[must_use]
pub fn list(place: &Place, names: &Names) -> List {
    let mut list = List::default();
    let is_led = matches!(place.wanted.first(), Some(Wanted::Word(_) | Wanted::Value { required: true, .. }));
    for wanted in &place.wanted {
        match wanted {
            Wanted::Word(choices) => {
                let is_resource = place.path.iter().all(|word| word == "help");
                list.add(if is_resource { "resource" } else { "command" }, of_grammar(choices, &place.typed));
            }
            Wanted::Flag(choices) if !is_led || place.typed.starts_with('-') => list.add("flag", of_grammar(choices, &place.typed)),
            Wanted::Flag(_) => {}
            Wanted::Value { argument, .. } => {
                let offered = live::offered(place, wanted, names);
                list.note = list.note.take().or(offered.note.clone());
                list.add(argument, offered);
            }
        }
    }
    list
}

/// The folder whose files are wanted at `place`: it must be looked into for them to be listed.
#[must_use]
pub fn folder(place: &Place) -> Option<PathBuf> {
    let is_file = |wanted: &Wanted| matches!(wanted, Wanted::Value { kind: Kind::File, .. });
    place.wanted.iter().any(is_file).then(|| Typed::new(&place.typed).folder)
}

impl List {
    /// The same with what can't be chosen at the end.
    pub(super) fn settled(mut self) -> Self {
        self.rows.sort_by_key(|row| row.refused.is_some());
        self.rows.truncate(MOST);
        self
    }

    /// Puts rows behind those that are there; what can't be chosen stays last.
    fn add(&mut self, subject: &str, mut more: Self) {
        if self.subject.is_empty() {
            subject.clone_into(&mut self.subject);
        }
        self.fitting += more.fitting;
        self.total += more.total;
        self.rows.append(&mut more.rows);
        self.rows.sort_by_key(|row| row.refused.is_some());
        self.rows.truncate(MOST);
    }
}

/// Words that the grammar knows.
pub(super) fn of_grammar(choices: &[Choice], typed: &str) -> List {
    let word = |index: usize| choices.get(index).map_or("", |choice| choice.word.as_str());
    let ranked = rank(&Text::new(choices.iter().map(|choice| choice.word.as_str())), word, |_| Some(0), None, typed);
    let rows = ranked.hits.into_iter().filter_map(|hit| {
        let choice = choices.get(hit.index)?;
        Some(Row { value: choice.word.clone(), about: choice.about.clone(), matched: hit.matched, ..Row::default() })
    });
    List { rows: rows.collect(), fitting: ranked.fitting, total: ranked.total, ..List::default() }
}

impl Row {
    /// A row for a name that somebody else chose. One that can't be shown as it is, or not be typed as a word, is shown and refused.
    pub(super) fn named(value: &str, about: String, refused: Option<String>, list: bool) -> Self {
        let trouble = if value.contains(clean::is_hostile) {
            Some("its name has characters that can't be typed here")
        } else if value.starts_with('-') {
            Some("its name looks like a flag: type it behind `--`")
        } else if list && value.contains(',') {
            Some("its name has a comma, which parts names here")
        } else {
            None
        };
        Self {
            value: clean::line(value).into_owned(),
            about,
            refused: trouble.map(str::to_owned).or(refused.map(|why| clean::line(&why).into_owned())),
            ..Self::default()
        }
    }
}

/// What taking `row` makes of `line`: the value quoted where it must be, and a blank behind it where a new word is to begin. A list can go
/// on with a comma, and a folder with what is in it.
#[must_use]
pub fn take(line: &str, place: &Place, row: &Row) -> Edit {
    let whole = format!("{}{}{}", place.prefix, row.value, place.suffix);
    let mut text = words::quote(&whole).map_or(whole.clone(), std::borrow::Cow::into_owned);
    let is_list =
        place.wanted.iter().any(|wanted| matches!(wanted, Wanted::Value { list: true, kind, .. } if *kind != Kind::Choice));
    let follows = line.get(place.span.end..).unwrap_or_default();
    if follows.is_empty() && !row.goes_on && (!is_list || row.value.starts_with('-')) {
        text.push(' ');
    }
    Edit { span: place.span.clone(), text }
}
