//! Commands of the former dmctl, the one in Go: whoever has them in the fingers is told the line of today, filled in with what was typed.

mod parts;
mod table;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;

use crate::exit::Failure;
use crate::model::file::{self, Described};
use crate::words;
use parts::{Flag, Habit, Part, When};

/// No larger file is looked into for the name of its task.
const LARGEST: u64 = 256 << 10;

/// What was typed, taken apart as the former dmctl did it: a flag may have one dash or two.
struct Typed {
    words: Vec<String>,
    flags: BTreeMap<&'static str, Vec<String>>,
    /// Flags that it did not have either.
    strange: Vec<String>,
}

/// What to type today in the place of a line of the former dmctl; `None`, if it is none.
#[must_use]
pub fn answer(line: &[String]) -> Option<Failure> {
    // What stands before the command is a global flag or its value.
    let first = Typed::new(line, &[]).words.into_iter().next()?;
    let before = line.iter().take_while(|word| **word != first).cloned().collect::<Vec<_>>();
    if !Typed::new(&before, &[]).strange.is_empty() {
        return None;
    }
    let flags = table::HABITS.iter().find(|habit| habit.words.first() == Some(&first.as_str()))?.flags;
    let typed = Typed::new(line, flags);
    let habit = table::HABITS.iter().find(|habit| habit.fits(&typed))?;
    let name = habit.words.join(" ");
    let rest = typed.words.get(habit.words.len()..).unwrap_or_default();
    let mut failure = match habit.now {
        [] => Failure::usage(format!("`{name}` was a command of the former dmctl, and this one has nothing like it yet")),
        _ => Failure::usage(format!("`{name}` was a command of the former dmctl")),
    };
    for line in habit.now {
        let each = line.iter().any(|part| matches!(part, Part::Each(_)));
        let rounds = if each { rest.len().max(1) } else { 1 };
        for round in 0..rounds {
            let line = typed.filled(line, rest, round);
            // Where the line has backticks of its own, those around it would end too early.
            failure = failure.hinted(if line.contains('`') { format!("type {line}") } else { format!("type `{line}`") });
        }
    }
    if !habit.remark.is_empty() {
        failure = failure.hinted(habit.remark);
    }
    for flag in typed.lost(habit) {
        failure = failure.because(format!("`{flag}` has no counterpart there"));
    }
    Some(failure)
}

/// The table as `docs/from-the-go-dmctl.md` has it: what was typed, what is typed now, and what is to be known of it.
#[must_use]
pub fn table() -> Vec<[String; 3]> {
    let row = |habit: &Habit| {
        let lines: Vec<String> = habit.now.iter().map(|line| format!("`{}`", parts::shown(line))).collect();
        let now = if lines.is_empty() { "nothing yet".to_owned() } else { lines.join(", then ") };
        [format!("`{}`", habit.usage), now, habit.remark.to_owned()]
    };
    table::HABITS.iter().map(row).collect()
}

impl Habit {
    fn fits(&self, typed: &Typed) -> bool {
        let named = typed.words.len() > self.words.len();
        typed.words.len() >= self.words.len()
            && self.words.iter().zip(&typed.words).all(|(one, other)| one == other)
            && match self.when {
                When::Always => true,
                When::Named => named,
                When::Has(flag) => typed.flags.contains_key(flag),
            }
    }
}

impl Typed {
    fn new(line: &[String], own: &'static [Flag]) -> Self {
        let mut typed = Self { words: Vec::new(), flags: BTreeMap::new(), strange: Vec::new() };
        let mut words = line.iter();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix('-').filter(|name| !name.is_empty()) else {
                typed.words.push(word.clone());
                continue;
            };
            let name = name.strip_prefix('-').unwrap_or(name);
            let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value.to_owned())));
            let mut known = own.iter().chain(table::GLOBAL);
            let mut short = name.chars();
            let letter = short.next();
            let (flag, value) = match known.clone().find(|flag| flag.long == name) {
                Some(flag) => (flag, value),
                // `-s mysql-01`, `-s=mysql-01`, `-smysql-01`.
                None => match known.find(|flag| flag.short.is_some() && flag.short == letter) {
                    Some(flag) if short.as_str().is_empty() => (flag, value),
                    Some(flag) if flag.has_value => (flag, Some(short.as_str().to_owned())),
                    _ => {
                        typed.strange.push(word.clone());
                        continue;
                    }
                },
            };
            let values = typed.flags.entry(flag.long).or_default();
            match value {
                Some(value) => values.push(value),
                None if flag.has_value => values.extend(words.next().cloned()),
                None => {}
            }
        }
        typed
    }

    /// The values of a flag, as a list with commas has them.
    fn values(&self, flag: &str) -> &[String] {
        self.flags.get(flag).map_or(&[], Vec::as_slice)
    }

    /// Flags that were typed and have no place in the lines of today.
    fn lost<'a>(&'a self, habit: &'a Habit) -> impl Iterator<Item = String> + 'a {
        let kept = |flag: &str| {
            let global = table::GLOBAL.iter().any(|global| global.long == flag && global.is_kept);
            global
                || matches!(habit.when, When::Has(chosen) if chosen == flag)
                || habit.now.iter().any(|line| line.iter().any(|part| part.takes(flag)))
        };
        let lost = self.flags.keys().filter(move |flag| !habit.now.is_empty() && !kept(flag)).map(|flag| format!("--{flag}"));
        lost.chain(self.strange.iter().cloned())
    }

    /// A line of today. Of several words that each get one, it is the turn of `round`.
    fn filled(&self, line: &[Part], rest: &[String], round: usize) -> String {
        let mut out = vec!["dmctl".to_owned()];
        for flag in table::GLOBAL.iter().filter(|flag| flag.is_kept) {
            let values = self.values(flag.long);
            if !values.is_empty() {
                out.extend([format!("--{}", flag.long), values.join(",")]);
            }
        }
        let given = |index: usize, placeholder: &str| rest.get(index).cloned().unwrap_or_else(|| placeholder.to_owned());
        for part in line {
            match part {
                Part::Word(word) => out.push((*word).to_owned()),
                Part::Given(index, placeholder) => out.push(given(*index, placeholder)),
                Part::Optional(index, _) => out.extend(rest.get(*index).cloned()),
                Part::Each(placeholder) => out.push(given(round, placeholder)),
                Part::Task(index) => out.push(rest.get(*index).and_then(|given| task(given)).unwrap_or_else(|| "TASK".to_owned())),
                Part::Value(flag, placeholder) => {
                    out.push(self.values(flag).first().cloned().unwrap_or_else(|| (*placeholder).to_owned()));
                }
                Part::Rest(flag, _) if rest.is_empty() => {}
                Part::Rest(flag, _) => out.extend([(*flag).to_owned(), rest.join(",")]),
                Part::Flag(flag, now, _) if !self.values(flag).is_empty() => {
                    out.extend([(*now).to_owned(), self.values(flag).join(",")]);
                }
                Part::Switch(flag, now) if self.flags.contains_key(flag) => out.push((*now).to_owned()),
                Part::Flag(..) | Part::Switch(..) => {}
            }
        }
        let quoted = |word: &String| words::quote(word).map_or_else(|_| word.clone(), std::borrow::Cow::into_owned);
        out.iter().map(quoted).collect::<Vec<_>>().join(" ")
    }
}

/// The name of a task, which might also be given as its file; `None` if that file tells none.
fn task(given: &str) -> Option<String> {
    if !given.ends_with(".yaml") && !given.ends_with(".yml") {
        return Some(given.to_owned());
    }
    let mut text = String::new();
    File::open(given).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
    match file::describe(&text) {
        Ok(Described::Task(name)) => Some(name),
        Ok(Described::Source(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{self, Line};

    #[test]
    fn every_line_of_today_is_one_of_the_grammar() {
        for habit in table::HABITS {
            for line in habit.now {
                let typed = Typed { words: Vec::new(), flags: parts::all(line), strange: Vec::new() };
                let rest = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
                let full = typed.filled(line, &rest[..parts::most(line)], 0);
                for line in [full, Typed::new(&[], &[]).filled(line, &[], 0)] {
                    // A binlog is refused unless it is called like one.
                    let words = words::split(&line.replace("BINLOG", "mysql-bin.000006")).into_texts().unwrap();
                    assert!(matches!(cli::parse(&words[1..]), Ok(Line::Command(..))), "{}: {line}", habit.usage);
                }
            }
        }
    }

    #[test]
    fn no_word_of_today_is_one_of_then() {
        for command in cli::grammar().get_subcommands() {
            assert!(table::HABITS.iter().all(|habit| habit.words[0] != command.get_name()), "{}", command.get_name());
        }
    }
}
