//! What a row of the table of former commands consists of.

/// A command of the former dmctl, and what is typed in its place.
pub(super) struct Habit {
    /// Its words.
    pub(super) words: &'static [&'static str],
    /// Its words, arguments and flags, as the table of the documents has them.
    pub(super) usage: &'static str,
    /// Its flags; commands that begin with the same word have them together.
    pub(super) flags: &'static [Flag],
    /// When this row is meant, of those with the same words.
    pub(super) when: When,
    /// The lines of today; none if there is nothing like it.
    pub(super) now: &'static [&'static [Part]],
    /// What is to be known besides.
    pub(super) remark: &'static str,
}

/// When a row is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// Something follows its words.
    Named,
    /// This flag is given.
    Has(&'static str),
}

/// A flag of the former dmctl.
#[derive(Clone, Copy)]
pub(super) struct Flag {
    pub(super) long: &'static str,
    pub(super) short: Option<char>,
    pub(super) has_value: bool,
    /// Whether a global flag is still called so.
    pub(super) is_kept: bool,
}

impl Flag {
    pub(super) const fn value(long: &'static str, short: Option<char>) -> Self {
        Self { long, short, has_value: true, is_kept: false }
    }

    pub(super) const fn switch(long: &'static str, short: Option<char>) -> Self {
        Self { long, short, has_value: false, is_kept: false }
    }

    pub(super) const fn kept(long: &'static str) -> Self {
        Self { long, short: None, has_value: true, is_kept: true }
    }
}

/// A part of a line of today.
pub(super) enum Part {
    Word(&'static str),
    /// What was given at this place behind the words, or else what is to be put there.
    Given(usize, &'static str),
    /// The same where nothing need be.
    Optional(usize, &'static str),
    /// One of all that was given: there is a line for each.
    Each(&'static str),
    /// A task, given by its name or by its file.
    Task(usize),
    /// What a flag of then says.
    Value(&'static str, &'static str),
    /// All that was given, behind this flag of today.
    Rest(&'static str, &'static str),
    /// A flag of then as one of today, with what is to be put there.
    Flag(&'static str, &'static str, &'static str),
    /// The same for one without a value.
    Switch(&'static str, &'static str),
}

impl Part {
    /// Whether it is what becomes of a flag of then.
    pub(super) fn takes(&self, flag: &str) -> bool {
        matches!(self, Self::Value(then, _) | Self::Flag(then, ..) | Self::Switch(then, _) if *then == flag)
    }
}

/// A line as the documents have it.
pub(super) fn shown(line: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Word(word) => (*word).to_owned(),
        Part::Given(_, placeholder) | Part::Each(placeholder) | Part::Value(_, placeholder) => (*placeholder).to_owned(),
        Part::Optional(_, placeholder) => format!("[{placeholder}]"),
        Part::Task(_) => "TASK".to_owned(),
        Part::Rest(flag, placeholder) | Part::Flag(_, flag, placeholder) => format!("[{flag} {placeholder}]"),
        Part::Switch(_, flag) => format!("[{flag}]"),
    };
    line.iter().map(part).collect::<Vec<_>>().join(" ")
}

/// A value for every flag that a line can have.
#[cfg(test)]
pub(super) fn all(line: &[Part]) -> std::collections::BTreeMap<&'static str, Vec<String>> {
    let mut flags = std::collections::BTreeMap::new();
    for part in line {
        match part {
            Part::Flag(then, _, placeholder) => {
                let value = match *placeholder {
                    "NUMBER" => "5",
                    "TIME" => "2026-01-31 08:00:00",
                    "ACTION" => "skip",
                    _ => "x",
                };
                flags.insert(*then, vec![value.to_owned()]);
            }
            Part::Value(then, _) | Part::Switch(then, _) => {
                flags.insert(*then, vec!["mysql-bin.000001".to_owned()]);
            }
            _ => {}
        }
    }
    flags
}

/// How many things can be given to a line.
#[cfg(test)]
pub(super) fn most(line: &[Part]) -> usize {
    let needs = |part: &Part| match part {
        Part::Given(index, _) | Part::Optional(index, _) | Part::Task(index) => index + 1,
        Part::Each(_) | Part::Rest(..) => 1,
        _ => 0,
    };
    line.iter().map(needs).max().unwrap_or_default()
}
