//! What can stand at the cursor of a line: a walk over the clap tree that knows no live names, and what is offered there of the names
//! that are known.
//!
//! It names the [`Kind`] of name that is wanted and what was given around the cursor; others fetch the names. It serves a line of the
//! session ([`at`], [`missing`]) and the words of a shell ([`at_words`]) alike. The grammar may be as [`cli::grammar`] gives it; to save
//! a copy of it on every call, call `clap::Command::build` on it once.

mod destroys;
mod files;
mod gather;
mod list;
mod live;
mod missing;
mod moment;
mod names;
mod offer;
mod part;
mod pieces;
mod rank;
mod rows;
mod search;
mod shell;
mod table;
mod walk;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use clap::{Arg, Command};

use crate::cli;
use crate::words::{self, At};
use part::Part;
use walk::{Misfit, Spot, Walk};

pub use files::{Content, Entry, Folder};
pub use gather::{Gathered, Outlines};
pub use list::{Edit, List, MOST, Row, folder, list, take};
pub use missing::missing;
pub use names::{Binlog, Configuration, Names, Reach, Source, Task, Worker};
pub use pieces::{Piece, Sort, pieces};
pub use search::search;
pub use shell::{Asked, answer};
pub use table::{Named, Table, natural};

/// The cursor's place in a line, and what can stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes which a choice replaces: the raw word, quotes included, or the part of it that is being typed.
    pub span: Range<usize>,
    /// What a choice must be put behind before it is quoted; empty unless quotes kept the part from being told apart.
    pub prefix: String,
    /// What a choice must be put before, likewise.
    pub suffix: String,
    /// What was typed of the choice so far, without quotes; in lower case where a resource is wanted.
    pub typed: String,
    /// The words of commands before the cursor: resource and verb, also `help` where it stands; the resource in lower case.
    pub path: Vec<String>,
    /// What can stand here, the likeliest first. Empty where the line went wrong before the cursor.
    pub wanted: Vec<Wanted>,
    /// What the rest of the line gives already, before and behind the cursor.
    pub given: Given,
}

/// Something that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The word of a command: a resource or a verb.
    Word(Vec<Choice>),
    /// The name of a flag, in its long form.
    Flag(Vec<Choice>),
    /// The value of a flag or a positional.
    Value {
        /// The argument as the grammar knows it.
        id: String,
        /// The same as the help calls it, such as `TASK`.
        argument: String,
        /// What the value names.
        kind: Kind,
        /// The only values there are, if the grammar knows them.
        choices: Vec<Choice>,
        /// Values of this argument elsewhere on the line.
        already: Vec<String>,
        /// Whether it takes several values, with commas or by repetition.
        list: bool,
        /// Whether the line cannot run without it.
        required: bool,
    },
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What goes into the line.
    pub word: String,
    /// What the help says about it.
    pub about: String,
}

/// What a value names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A migration task.
    Task,
    /// A source.
    Source,
    /// A worker.
    Worker,
    /// A master.
    Master,
    /// A master or a worker.
    Member,
    /// A shard DDL lock.
    Lock,
    /// A file on this machine.
    File,
    /// `host:port` of a master.
    Address,
    /// A profile of the configuration.
    Profile,
    /// A length of time, such as `1m30s`.
    Duration,
    /// A moment.
    Time,
    /// A binlog file of a source.
    Binlog,
    /// A whole number.
    Number,
    /// One of the words that the grammar lists.
    Choice,
    /// Anything else.
    Text,
}

/// The arguments that a line gives, by the id that the grammar knows them under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    arguments: BTreeMap<String, Vec<String>>,
}

impl Given {
    /// Whether the argument stands on the line, with or without a value.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.arguments.contains_key(id)
    }

    /// The values of the argument; a list is taken apart.
    #[must_use]
    pub fn values(&self, id: &str) -> &[String] {
        self.arguments.get(id).map_or(&[], Vec::as_slice)
    }

    /// All arguments with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.arguments.iter().map(|(id, values)| (id.as_str(), values.as_slice()))
    }

    fn add(&mut self, argument: &Arg, value: &str) {
        let values = self.arguments.entry(argument.get_id().to_string()).or_default();
        let items: Vec<&str> = match argument.get_value_delimiter() {
            Some(comma) => value.split(comma).collect(),
            None => vec![value],
        };
        values.extend(items.into_iter().filter(|item| !item.is_empty()).map(str::to_owned));
    }
}

/// Tells what can stand at the byte `cursor` of `line`; nothing can in a comment.
#[must_use]
pub fn at(grammar: &Command, line: &str, cursor: usize) -> Option<Place> {
    let At::Word(word) = words::word_at(line, cursor) else { return None };
    let raw = line.get(word.span.clone()).unwrap_or_default();
    let text = words::split(raw).words.pop().map(|word| word.text).unwrap_or_default();
    let cursor = Cursor { before: &word.before, text: &text, typed: &word.typed, after: &word.after };
    Some(cursor.place(&built(grammar), raw, word.span.start))
}

/// Tells what can stand in place of the word `index` of a line that a shell took apart, of which `typed` is left of the cursor. The
/// [span](Place::span) counts within that word as it is given here.
#[must_use]
pub fn at_words(grammar: &Command, words: &[String], index: usize, typed: &str) -> Place {
    let (before, rest) = words.split_at(index.min(words.len()));
    let (text, after) = rest.split_first().map_or(("", rest), |(text, after)| (text.as_str(), after));
    let mut place = Cursor { before, text, typed, after }.find(&built(grammar));
    let part = std::mem::replace(&mut place.part, Part::whole(""));
    place.place(part.range, String::new(), String::new())
}

/// The grammar with all that clap adds to it by itself: help, version, and the global flags below the root.
fn built(grammar: &Command) -> Cow<'_, Command> {
    if grammar.find_subcommand("help").is_some() {
        return Cow::Borrowed(grammar);
    }
    let mut grammar = grammar.clone();
    grammar.build();
    Cow::Owned(grammar)
}

/// Follows words, of which the resource may be in any case.
fn walk<'g>(grammar: &'g Command, words: &[&[String]]) -> Walk<'g> {
    Walk::along(grammar, &folded(grammar, words))
}

/// The words with their resource in lower case.
fn folded(grammar: &Command, words: &[&[String]]) -> Vec<String> {
    let mut words = words.concat();
    if let Some(resource) = cli::resource_index(grammar, &words).and_then(|index| words.get_mut(index)) {
        *resource = resource.to_lowercase();
    }
    words
}

/// A line around the word at the cursor.
struct Cursor<'a> {
    before: &'a [String],
    /// The word at the cursor, empty for a new one.
    text: &'a str,
    /// What of it is left of the cursor.
    typed: &'a str,
    after: &'a [String],
}

/// A place whose part is not yet found in the raw line.
struct Found {
    part: Part,
    typed: String,
    path: Vec<String>,
    wanted: Vec<Wanted>,
    given: Given,
}

impl Found {
    fn place(self, span: Range<usize>, prefix: String, suffix: String) -> Place {
        Place { span, prefix, suffix, typed: self.typed, path: self.path, wanted: self.wanted, given: self.given }
    }
}

impl Cursor<'_> {
    fn place(&self, grammar: &Command, raw: &str, start: usize) -> Place {
        let found = self.find(grammar);
        let spread = found.part.spread(raw, self.text);
        found.place(start + spread.span.start..start + spread.span.end, spread.prefix, spread.suffix)
    }

    fn find(&self, grammar: &Command) -> Found {
        let here = walk(grammar, &[self.before]);
        // Right behind an opening quote nothing is typed, and yet the word may be a flag.
        let begins = if self.typed.is_empty() { self.text.get(..1).filter(|first| *first == "-") } else { None };
        let spot = if here.misfits.is_empty() { here.spot(begins.unwrap_or(self.typed)) } else { Spot::Nothing };
        let (argument, part) = match spot {
            Spot::Value(argument, start) => (Some(argument), Part::value(argument, self.text, self.typed, start)),
            Spot::Flag => (None, Part::name(self.text)),
            Spot::Word if here.helping => (None, Part::whole(self.text)),
            Spot::Word => match here.next_positional() {
                Some(argument) => (Some(argument), Part::value(argument, self.text, self.typed, 0)),
                None => (None, Part::whole(self.text)),
            },
            Spot::Nothing => (None, Part::whole(self.text)),
        };
        let argument = argument.filter(|_| self.has_room(grammar));
        let given = self.given(grammar, argument, &part);

        let mut wanted = Vec::new();
        let is_word = matches!(spot, Spot::Word) && !here.escaped;
        if is_word {
            wanted.push(Wanted::Word(self.fitting(grammar, offer::words(&here))));
        }
        wanted.extend(argument.map(|argument| offer::value(argument, &given)));
        if matches!(spot, Spot::Flag) || is_word && !here.helping && self.text.is_empty() {
            let with_value = part.range.end < self.text.len() || self.has_value_behind(grammar);
            wanted.push(Wanted::Flag(offer::flags(grammar, here.command, &given, with_value)));
        }
        wanted.retain(|wanted| !matches!(wanted, Wanted::Word(choices) | Wanted::Flag(choices) if choices.is_empty()));

        let typed = self.typed.get(part.range.start..).unwrap_or_default();
        let folds = here.is_before_resource() && matches!(wanted.first(), Some(Wanted::Word(_)));
        let typed = if folds { typed.to_lowercase() } else { typed.to_owned() };
        Found { part, typed, path: here.path, wanted, given }
    }

    /// Whether one value more leaves the line as sound as it is; a value that stands already is in nobody's way. In `task start | x`,
    /// `x` is the task, and no other is wanted.
    fn has_room(&self, grammar: &Command) -> bool {
        let misfits = |words: &[&[String]]| walk(grammar, words).misfits.len();
        !self.text.is_empty()
            || self.after.is_empty()
            || misfits(&[self.before, &[String::new()], self.after]) <= misfits(&[self.before, self.after])
    }

    /// Whether the word at the cursor is a flag that has its value in the next word.
    fn has_value_behind(&self, grammar: &Command) -> bool {
        !self.after.is_empty() && walk(grammar, &[self.before, &[self.text.to_owned()]]).pending().is_some()
    }

    /// The choices that suit best what follows the cursor: in `ta| list`, resources that have a `list`.
    fn fitting(&self, grammar: &Command, choices: Vec<Choice>) -> Vec<Choice> {
        if self.after.is_empty() {
            return choices;
        }
        let misfits = |words: &[&[String]]| walk(grammar, words).misfits.iter().filter(|misfit| **misfit == Misfit::Word).count();
        let most = if self.text.is_empty() { misfits(&[self.before, self.after]) } else { usize::MAX };
        let choices: Vec<_> = choices
            .into_iter()
            .map(|choice| (misfits(&[self.before, std::slice::from_ref(&choice.word), self.after]), choice))
            .collect();
        let least = choices.iter().map(|(count, _)| *count).min().unwrap_or_default().min(most);
        choices.into_iter().filter(|(count, _)| *count == least).map(|(_, choice)| choice).collect()
    }

    /// What the line gives beside the part at the cursor; a value that is wanted there moves the ones behind it on.
    fn given(&self, grammar: &Command, argument: Option<&Arg>, part: &Part) -> Given {
        // A `--` at the cursor is the beginning of a flag; it must not turn the flags behind it into values.
        let takes_a_place = argument.is_some() || !["", "--"].contains(&self.text);
        let word = [self.text.to_owned()];
        let mut given = if takes_a_place {
            walk(grammar, &[self.before, &word, self.after]).given(Some(self.before.len()))
        } else {
            walk(grammar, &[self.before, self.after]).given(None)
        };
        if let Some(argument) = argument {
            for sibling in &part.siblings {
                given.add(argument, sibling);
            }
        }
        given
    }
}
