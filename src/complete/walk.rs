//! The walk over the clap tree: what each word of a line is, in the order in which clap itself reads them.

use std::ops::Range;

use clap::{Arg, Command};

use super::Given;

/// How far the words of a line lead into the grammar.
pub(super) struct Walk<'g> {
    /// The command that the last word belongs to.
    pub(super) command: &'g Command,
    /// The words that led there, `help` included.
    pub(super) path: Vec<String>,
    /// Whether `help` was said: only words of commands follow.
    pub(super) helping: bool,
    /// Whether the page of `help` itself was asked for: nothing follows.
    pub(super) closed: bool,
    /// Whether `--` was said: only positionals follow.
    pub(super) escaped: bool,
    /// Words that fit nowhere.
    pub(super) misfits: Vec<Misfit>,
    seen: Vec<Seen<'g>>,
    /// The flag among `seen` that still waits for its value.
    pending: Option<usize>,
    positionals: usize,
}

/// Why a word fits nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Not a word of the command it follows.
    Word,
    /// A value, but all positionals are given.
    Value,
    /// Not a flag of the command it follows.
    Flag,
}

/// What a word that begins so is about to become.
pub(super) enum Spot<'g> {
    /// A value of this argument, which begins at this byte of the word.
    Value(&'g Arg, usize),
    /// The name of a flag.
    Flag,
    /// A word of a command, or a positional.
    Word,
    /// Nothing that the grammar knows.
    Nothing,
}

/// One occurrence of an argument.
struct Seen<'g> {
    argument: &'g Arg,
    /// The index of the word with the flag, or of the positional itself.
    at: usize,
    /// The value with the index of its word.
    value: Option<(usize, String)>,
}

impl<'g> Walk<'g> {
    /// Follows `words`, whose resource is in lower case, from the root of a grammar that is built. It never stops early: what fits
    /// nowhere is counted and passed over.
    pub(super) fn along(grammar: &'g Command, words: &[String]) -> Self {
        let mut walk = Self {
            command: grammar,
            path: Vec::new(),
            helping: false,
            closed: false,
            escaped: false,
            misfits: Vec::new(),
            seen: Vec::new(),
            pending: None,
            positionals: 0,
        };
        for (index, word) in words.iter().enumerate() {
            walk.step(index, word);
        }
        walk
    }

    fn step(&mut self, index: usize, word: &str) {
        if self.helping {
            return self.enter(word);
        }
        if self.escaped {
            return self.positional(index, word);
        }
        if let Some(seen) = self.pending.take().and_then(|pending| self.seen.get_mut(pending))
            && (!is_dashed(word) || takes_dashed(seen.argument, word))
        {
            seen.value = Some((index, word.to_owned()));
        } else if word == "--" {
            self.escaped = true;
        } else if let Some(flag) = word.strip_prefix("--") {
            self.long(index, flag);
        } else if is_dashed(word) && !self.next_positional().is_some_and(|argument| takes_dashed(argument, word)) {
            self.short(index, word);
        } else if self.command.has_subcommands()
            && (self.next_positional().is_none() || self.command.find_subcommand(word).is_some())
        {
            self.enter(word);
        } else {
            self.positional(index, word);
        }
    }

    fn enter(&mut self, word: &str) {
        let Some(command) = self.command.find_subcommand(word).filter(|_| !self.closed) else {
            return self.misfits.push(Misfit::Word);
        };
        self.path.push(command.get_name().to_owned());
        if is_help(command) {
            self.closed = self.helping;
            self.helping = true;
        } else {
            self.command = command;
            self.positionals = 0;
        }
    }

    fn long(&mut self, index: usize, flag: &str) {
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        match self.find_long(name) {
            Some(argument) => self.flag(index, argument, value),
            None => self.misfits.push(Misfit::Flag),
        }
    }

    fn short(&mut self, index: usize, cluster: &str) {
        let (flags, value) = self.cluster(cluster);
        if flags.is_empty() {
            self.misfits.push(Misfit::Flag);
        }
        for argument in flags {
            let value = value.clone().filter(|_| takes_value(argument));
            self.flag(index, argument, value.and_then(|value| cluster.get(value)));
        }
    }

    fn flag(&mut self, index: usize, argument: &'g Arg, value: Option<&str>) {
        if takes_value(argument) && value.is_none() {
            self.pending = Some(self.seen.len());
        }
        self.seen.push(Seen { argument, at: index, value: value.map(|value| (index, value.to_owned())) });
    }

    fn positional(&mut self, index: usize, word: &str) {
        let Some(argument) = self.next_positional() else {
            let misfit = if self.command.has_subcommands() { Misfit::Word } else { Misfit::Value };
            return self.misfits.push(misfit);
        };
        self.positionals += 1;
        self.seen.push(Seen { argument, at: index, value: Some((index, word.to_owned())) });
    }

    /// The positional that the next plain word would be.
    pub(super) fn next_positional(&self) -> Option<&'g Arg> {
        let mut positionals = self.command.get_positionals();
        positionals.nth(self.positionals).or_else(|| self.command.get_positionals().last().filter(|last| is_list(last)))
    }

    /// The flag that waits for its value.
    pub(super) fn pending(&self) -> Option<&'g Arg> {
        self.pending.and_then(|pending| self.seen.get(pending)).map(|seen| seen.argument)
    }

    /// What the next word is about to become if it begins with `typed`.
    pub(super) fn spot(&self, typed: &str) -> Spot<'g> {
        if self.helping || self.escaped {
            return Spot::Word;
        }
        if let Some(argument) = self.pending() {
            return Spot::Value(argument, 0);
        }
        let Some(flag) = typed.strip_prefix("--") else {
            return match self.cluster(typed) {
                (flags, Some(value)) => flags.last().map_or(Spot::Nothing, |argument| Spot::Value(argument, value.start)),
                (_, None) if typed.starts_with('-') => Spot::Flag,
                (_, None) => Spot::Word,
            };
        };
        match flag.split_once('=') {
            None => Spot::Flag,
            Some((name, _)) => match self.find_long(name) {
                Some(argument) if takes_value(argument) => Spot::Value(argument, "--=".len() + name.len()),
                _ => Spot::Nothing,
            },
        }
    }

    /// Whether the next word of a command may be written in any case: it is the resource.
    pub(super) fn is_before_resource(&self) -> bool {
        matches!(self.path.as_slice(), [] | [_] if self.path.iter().all(|word| word == "help"))
    }

    /// What was given, by argument; the word with the index `cursor` does not count.
    pub(super) fn given(&self, cursor: Option<usize>) -> Given {
        let mut given = Given::default();
        for seen in self.seen.iter().filter(|seen| Some(seen.at) != cursor) {
            let value = seen.value.as_ref().filter(|(index, _)| Some(*index) != cursor);
            given.add(seen.argument, value.map_or("", |(_, value)| value));
        }
        given
    }

    /// Whether a word without a value is a flag of the command, or several short ones.
    pub(super) fn knows_flag(&self, word: &str) -> bool {
        match word.strip_prefix("--") {
            Some(name) => self.find_long(name.split('=').next().unwrap_or(name)).is_some(),
            None => !self.cluster(word).0.is_empty(),
        }
    }

    fn find_long(&self, name: &str) -> Option<&'g Arg> {
        let is_named = |argument: &&Arg| {
            argument.get_long() == Some(name) || argument.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
        };
        self.command.get_arguments().find(is_named)
    }

    /// The flags of a word such as `-vx`, none if it isn't one, and where the value of the last of them stands, if it is in that word.
    fn cluster(&self, word: &str) -> (Vec<&'g Arg>, Option<Range<usize>>) {
        let mut flags = Vec::new();
        let Some(letters) = word.strip_prefix('-') else { return (flags, None) };
        for (offset, letter) in letters.char_indices() {
            let Some(argument) = self.command.get_arguments().find(|argument| argument.get_short() == Some(letter)) else {
                return (Vec::new(), None);
            };
            flags.push(argument);
            let value = 1 + offset + letter.len_utf8();
            if takes_value(argument) && value < word.len() {
                let equals = word.get(value..).is_some_and(|value| value.starts_with('='));
                return (flags, Some(value + usize::from(equals)..word.len()));
            }
        }
        (flags, None)
    }
}

/// Whether a command is the one that clap adds to show the pages of others.
pub(super) fn is_help(command: &Command) -> bool {
    command.get_name() == "help"
}

/// Whether a value follows the flag.
pub(super) fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

/// Whether an argument may have several values.
pub(super) fn is_list(argument: &Arg) -> bool {
    let many = argument.get_num_args().is_some_and(|range| range.max_values() > 1);
    many || argument.get_value_delimiter().is_some() || matches!(argument.get_action(), clap::ArgAction::Append)
}

fn is_dashed(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

fn takes_dashed(argument: &Arg, word: &str) -> bool {
    argument.is_allow_hyphen_values_set() || argument.is_allow_negative_numbers_set() && word.parse::<f64>().is_ok()
}
