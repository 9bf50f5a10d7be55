//! The grammar walk against clap. clap is the oracle: it is asked about each line that a choice leads to, and about each word, flag and
//! value that was not offered. The check turns red when the walk forgets something or offers too much; `a_planted_fault_is_found` proves it on its answers.
//! These faults were planted in the walk itself, and `clap_agrees` found each within one run: a flag's value taken for a resource
//! (`pending` never set), `--` passed over, positionals not counted, those behind the cursor not looked at (`has_room`), words that do not
//! suit what follows (`fitting`), the resource not folded, flags after `help`, global flags forgotten, a flag under the cursor counted as
//! given, a flag offered twice. Conflicts looked up one way only: the snapshot finds it for sure, `clap_agrees` not in every run.

use clap::error::ErrorKind;
use clap::{Arg, Command};
use dmctl::complete::{self, Choice, Place, Wanted};
use dmctl::{cli, words};
use proptest::prelude::*;

use crate::complete::BUILT;

/// A line made of words of the grammar, and the word at which the cursor stands.
#[derive(Debug, Clone)]
struct Sample {
    words: Vec<String>,
    index: usize,
    /// The bytes left of the cursor in the raw word; none where a new word would go in.
    typed: Option<usize>,
}

struct Dice<'a>(std::slice::Iter<'a, u16>);

impl Dice<'_> {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % sides
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.roll(items.len())].clone()
    }
}

/// A value that the argument takes.
fn value(dice: &mut Dice<'_>, arg: &Arg) -> String {
    let values: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !values.is_empty() {
        return dice.pick(&values);
    }
    let one = match arg.get_value_names().unwrap()[0].as_str() {
        "NUMBER" => "5",
        "DURATION" => "1m30s",
        "ADDRESS" => "127.0.0.1:8261",
        "BINLOG" => "mysql-bin.000001",
        "STATE" => "running",
        "TIME" => "2026-01-31 08:00:00",
        _ => dice.pick(&["x", "my task", "task", "start", "help", "a'b"]),
    };
    if arg.get_value_delimiter().is_some() && dice.roll(3) == 0 { format!("{one},{one}") } else { one.to_owned() }
}

/// Some flag of the command, or a global one, with a value.
fn flag(dice: &mut Dice<'_>, grammar: &Command, command: &Command) -> Vec<String> {
    let own: Vec<_> = command.get_arguments().filter(|arg| arg.get_long().is_some()).collect();
    let global: Vec<_> = grammar.get_arguments().filter(|arg| arg.is_global_set()).collect();
    let flags = if own.is_empty() || dice.roll(3) == 0 { global } else { own };
    let flag = dice.pick(&flags);
    let long = format!("--{}", flag.get_long().unwrap());
    match (takes_value(flag), flag.get_short()) {
        (true, _) if dice.roll(2) == 0 => vec![format!("{long}={}", value(dice, flag))],
        (true, _) => vec![long, value(dice, flag)],
        (false, Some(short)) if dice.roll(2) == 0 => vec![format!("-{short}")],
        (false, _) => vec![long],
    }
}

fn sample(grammar: &Command, rolls: &[u16]) -> Sample {
    let dice = &mut Dice(rolls.iter());
    let mut words = Vec::new();
    let mut command = grammar;
    if dice.roll(4) == 0 {
        words.extend(flag(dice, grammar, command));
    }
    let helps = dice.roll(8);
    for level in 0..2 {
        if helps == level {
            words.push("help".to_owned());
        }
        let below: Vec<_> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
        if below.is_empty() {
            break;
        }
        command = dice.pick(&below);
        let name = command.get_name();
        words.push(if level == 0 && dice.roll(4) == 0 { name.to_uppercase() } else { name.to_owned() });
        if dice.roll(5) == 0 {
            words.extend(flag(dice, grammar, command));
        }
    }
    let mut positionals = command.get_positionals();
    let mut left = dice.roll(6);
    while left > 0 {
        left -= 1;
        match dice.roll(5) {
            0..3 => words.extend(positionals.next().map(|arg| value(dice, arg))),
            3 => words.extend(flag(dice, grammar, command)),
            _ if dice.roll(4) == 0 => words.push("--".to_owned()),
            _ => {}
        }
    }
    words.truncate(words.len() - dice.roll(3).min(words.len()));
    let index = dice.roll(words.len() + 1);
    let typed = words.get(index).map(|word| words::quote(word).unwrap().len()).filter(|_| dice.roll(2) == 0);
    Sample { typed: typed.map(|length| 1 + dice.roll(length)), words, index }
}

impl Sample {
    /// The line with its cursor.
    fn line(&self) -> (String, usize) {
        let quoted: Vec<_> = self.words.iter().map(|word| words::quote(word).unwrap()).collect();
        let left = quoted[..self.index].iter().map(|word| format!("{word} ")).collect::<String>();
        match self.typed {
            Some(typed) => (format!("{left}{}", quoted[self.index..].join(" ")), left.len() + typed),
            None => (format!("{left} {}", quoted[self.index..].join(" ")), left.len()),
        }
    }

    /// The words with another one at the cursor.
    fn with(&self, word: &str) -> Vec<String> {
        let mut words = self.words.clone();
        words.splice(self.index..self.index + usize::from(self.typed.is_some()), [word.to_owned()]);
        words
    }
}

/// What clap says against a line, if anything; that it is unfinished is nothing.
fn verdict(grammar: &Command, words: &[String]) -> Option<(ErrorKind, String)> {
    let mut words = words.to_vec();
    if let Some(index) = cli::resource_index(grammar, &words) {
        words[index] = words[index].to_lowercase();
    }
    let error = grammar.clone().try_get_matches_from(std::iter::once("dmctl".to_owned()).chain(words)).err()?;
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::MissingSubcommand
        | ErrorKind::MissingRequiredArgument => None,
        kind => Some((kind, error.to_string())),
    }
}

/// All flags anywhere in the grammar.
fn all_flags(command: &Command) -> Vec<&Arg> {
    let mut flags: Vec<&Arg> = command.get_arguments().filter(|arg| arg.get_long().is_some()).collect();
    for flag in command.get_subcommands().flat_map(all_flags) {
        if !flags.iter().any(|known| known.get_long() == flag.get_long()) {
            flags.push(flag);
        }
    }
    flags
}

fn all_words(command: &Command) -> Vec<String> {
    command.get_subcommands().flat_map(|below| std::iter::once(below.get_name().to_owned()).chain(all_words(below))).collect()
}

const VALUES: &[&str] =
    &["bash", "zzz", "5", "1m30s", "127.0.0.1:8261", "mysql-bin.000001", "text", "auto", "Running", "running", "worker", "skip"];

/// A sample that clap takes, and what the walk says about it.
struct Case<'a> {
    grammar: &'a Command,
    sample: &'a Sample,
    place: &'a Place,
    line: String,
    /// What is left of the cursor in its word.
    typed: String,
    /// What clap says to a line that is right but for the value of its last flag, unless the cursor stands where that value would go.
    lacks: Option<(ErrorKind, String)>,
    at_flag: bool,
    /// The word at the cursor is `--flag=value`.
    equals: bool,
    /// The word at the cursor is a flag, and its value is the next word.
    separate: bool,
}

impl<'a> Case<'a> {
    /// None: the sample is no part of a right line.
    fn new(grammar: &'a Command, sample: &'a Sample, place: &'a Place) -> Option<Self> {
        let (line, cursor) = sample.line();
        let lacks = verdict(grammar, &sample.words);
        let with = |value: &str| [sample.words.as_slice(), &[value.to_owned()]].concat();
        if lacks.is_some() && !VALUES.iter().any(|value| verdict(grammar, &with(value)).is_none()) {
            return None;
        }
        let word = sample.words.get(sample.index).filter(|_| sample.typed.is_some()).cloned().unwrap_or_default();
        let without = [&sample.words[..sample.index], &sample.words[(sample.index + 1).min(sample.words.len())..]].concat();
        // Once a `--` is replaced, what follows it is read anew, and may be wrong then.
        if word == "--" && verdict(grammar, &without).is_some() {
            return None;
        }
        let typed = words::split(&line[..cursor]).words.pop().filter(|_| sample.typed.is_some());
        let typed = typed.map(|word| word.text).unwrap_or_default();
        let at_flag = if typed.is_empty() { word.starts_with('-') } else { typed.starts_with('-') };
        let equals = at_flag && word.contains('=');
        let has_next = sample.index + 1 < sample.words.len();
        let named = |flag: &&Arg| flag.get_long() == word.strip_prefix("--") && takes_value(flag);
        let separate = at_flag && !equals && has_next && all_flags(grammar).iter().any(named);
        let lacks = lacks.filter(|_| sample.index < sample.words.len());
        Some(Self { grammar, sample, place, line, typed, lacks, at_flag, equals, separate })
    }

    fn verdict(&self, words: &[String]) -> Option<ErrorKind> {
        verdict(self.grammar, words).filter(|said| self.lacks.as_ref() != Some(said)).map(|(kind, _)| kind)
    }

    /// The line after the choice was taken.
    fn taken(&self, choice: &str) -> Option<ErrorKind> {
        let Place { span, prefix, suffix, .. } = self.place;
        let whole = format!("{prefix}{choice}{suffix}");
        let line = format!("{}{}{}", &self.line[..span.start], words::quote(&whole).unwrap(), &self.line[span.end..]);
        self.verdict(&words::split(&line).into_texts().unwrap())
    }

    /// Whether clap takes this word at the cursor.
    fn takes(&self, word: &str) -> bool {
        self.verdict(&self.sample.with(word)).is_none()
    }

    /// The flag with a value, where none is there.
    fn flag(&self, flag: &Arg) -> String {
        let long = format!("--{}", flag.get_long().unwrap());
        let value = || value(&mut Dice([].iter()), flag);
        if takes_value(flag) && !self.equals && !self.separate { format!("{long}={}", value()) } else { long }
    }

    fn choices(&self, flags: bool) -> Vec<&str> {
        let of = |wanted: &'a Wanted| match wanted {
            Wanted::Flag(choices) if flags => choices.as_slice(),
            Wanted::Word(choices) if !flags => choices.as_slice(),
            _ => &[],
        };
        self.place.wanted.iter().flat_map(of).map(|choice| choice.word.as_str()).collect()
    }

    /// The value that is wanted.
    fn argument(&self) -> Option<&str> {
        self.place.wanted.iter().find_map(|wanted| match wanted {
            Wanted::Value { argument, .. } => Some(argument.as_str()),
            _ => None,
        })
    }

    fn what_is_offered_is_right(&self) -> Result<(), String> {
        for word in self.choices(false) {
            if self.taken(word) == Some(ErrorKind::InvalidSubcommand) {
                return Err(format!("word {word} is none"));
            }
        }
        let is_of_value = |kind| matches!(kind, ErrorKind::InvalidValue | ErrorKind::ValueValidation);
        for word in self.choices(true) {
            let known = all_flags(self.grammar).into_iter().find(|flag| flag.get_long() == Some(&word[2..]));
            let choice = known.map_or(word.to_owned(), |flag| self.flag(flag));
            // The value that stands behind the name may be none of the new flag.
            let kind = self.taken(&choice).filter(|kind| !((self.equals || self.separate) && is_of_value(*kind)));
            if let Some(kind) = kind {
                return Err(format!("flag {choice} leads to {kind:?}"));
            }
        }
        if let Some(argument) = self.argument() {
            // A value that stands behind the cursor may be wrong in the place that it moves on to.
            let moves = self.sample.index + 1 < self.sample.words.len() || self.sample.typed.is_none();
            if !VALUES.iter().any(|value| self.taken(value).is_none_or(|kind| moves && is_of_value(kind))) {
                return Err(format!("no value of {argument} is taken"));
            }
        }
        Ok(())
    }

    /// Each row that can be chosen stands in the line then, as one word or in one, and clap has nothing against it.
    fn rows_lead_on(&self, names: &complete::Names) -> Result<(), String> {
        let is_of_value = |kind| matches!(kind, ErrorKind::InvalidValue | ErrorKind::ValueValidation);
        let moves = self.sample.index + 1 < self.sample.words.len() || self.sample.typed.is_none();
        let list = complete::list(self.place, names);
        // What is offered of words and flags is checked above: they may lead to what is still to be typed.
        let known = [self.choices(true), self.choices(false)].concat();
        let rows = list.rows.iter().filter(|row| row.refused.is_none() && !known.contains(&row.value.as_str()));
        for row in rows {
            let complete::Edit { span, text } = complete::take(&self.line, self.place, row);
            let line = format!("{}{text}{}", &self.line[..span.start], &self.line[span.end..]);
            let words = words::split(&line).into_texts().map_err(|error| format!("{line}: {error}"))?;
            if !words.iter().any(|word| word.contains(&row.value)) {
                return Err(format!("{} is not in {line}", row.value));
            }
            if let Some(kind) = self.verdict(&words).filter(|kind| !(moves && is_of_value(*kind))) {
                return Err(format!("row {} leads to {line}: {kind:?}", row.value));
            }
        }
        Ok(())
    }

    fn nothing_is_forgotten(&self) -> Result<(), String> {
        if !self.at_flag && self.argument().is_none() {
            if VALUES.iter().any(|value| self.takes(value)) {
                return Err("a value could stand here".to_owned());
            }
            // clap has a page for `help help`, which nobody needs.
            let helping = self.sample.words[..self.sample.index].iter().any(|word| word == "help");
            let offered = self.choices(false);
            for word in all_words(self.grammar) {
                let is_exempt = offered.contains(&word.as_str()) || helping && word == "help";
                if !is_exempt && self.takes(&word) {
                    return Err(format!("word {word} was not offered"));
                }
            }
        }
        let at_name = self.sample.typed.is_none() || self.at_flag && !self.typed.contains('=');
        if at_name && self.lacks.is_none() && !self.takes("--zzz") {
            let offered = self.choices(true);
            for flag in all_flags(self.grammar).into_iter().filter(|flag| !self.is_exempt(flag)) {
                let choice = self.flag(flag);
                if !offered.iter().any(|word| flag.get_long() == Some(&word[2..])) && self.takes(&choice) {
                    return Err(format!("flag {choice} was not offered"));
                }
            }
        }
        Ok(())
    }

    /// Whether a flag is not offered though clap takes it: clap takes some a second time when they are given above and below a command,
    /// and a flag without a value where a value stands already.
    fn is_exempt(&self, flag: &Arg) -> bool {
        let long = format!("--{}", flag.get_long().unwrap());
        let mut words = self.sample.words.clone();
        if self.sample.typed.is_some() {
            words.remove(self.sample.index);
        }
        let stands = words.iter().any(|word| {
            let is_short = word.strip_prefix('-').is_some_and(|word| word.chars().eq(flag.get_short()));
            is_short || word.split('=').next() == Some(&long)
        });
        let repeats = matches!(flag.get_action(), clap::ArgAction::Append);
        stands && !repeats || (self.equals || self.separate) && !takes_value(flag)
    }
}

fn takes_value(flag: &Arg) -> bool {
    flag.get_action().takes_values()
}

/// Holds what the walk says against what clap says. None: the sample is no part of a right line.
fn check(grammar: &Command, sample: &Sample, place: &Place) -> Option<Result<(), String>> {
    let case = Case::new(grammar, sample, place)?;
    Some(case.what_is_offered_is_right().and_then(|()| case.nothing_is_forgotten()))
}

#[test]
fn a_planted_fault_is_found() {
    /// Calls `change` with the choices of one sort.
    fn choices(place: &mut Place, flags: bool, change: impl Fn(&mut Vec<Choice>)) {
        for wanted in &mut place.wanted {
            match wanted {
                Wanted::Flag(choices) if flags => change(choices),
                Wanted::Word(choices) if !flags => change(choices),
                _ => {}
            }
        }
    }
    fn is_value(wanted: &Wanted) -> bool {
        matches!(wanted, Wanted::Value { .. })
    }
    let stray = |word: &str| Choice { word: word.to_owned(), about: String::new() };
    type Fault<'a> = (&'a str, &'a dyn Fn(&mut Place));
    let faults: [Fault<'_>; 9] = [
        ("the last word is forgotten", &|place| choices(place, false, |words| drop(words.pop()))),
        ("a word is offered that there is not", &|place| choices(place, false, |words| words.push(stray("bogus")))),
        ("a resource is offered as a verb", &|place| choices(place, false, |words| words.push(stray("member")))),
        ("the first flag is forgotten", &|place| choices(place, true, |flags| drop(flags.remove(0)))),
        ("flags of the root are offered everywhere", &|place| choices(place, true, |flags| flags.push(stray("--keep-going")))),
        ("conflicts are not heeded", &|place| choices(place, true, |flags| flags.push(stray("--yes")))),
        ("values are forgotten", &|place| place.wanted.retain(|wanted| !is_value(wanted))),
        ("words are offered where a flag's value stands", &|place| {
            if place.wanted.iter().all(is_value) {
                place.wanted.push(Wanted::Word(vec![stray("task")]));
            }
        }),
        ("the span is too short", &|place| place.span.end = place.span.start),
    ];
    let grammar = cli::grammar();
    let mut found = vec![false; faults.len()];
    let mut state = 1_u32;
    for _ in 0..1000 {
        let rolls: Vec<u16> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u16::try_from(state >> 16).unwrap()
        })
        .take(40)
        .collect();
        let sample = sample(&grammar, &rolls);
        let (line, cursor) = sample.line();
        let place = complete::at(&BUILT, &line, cursor).unwrap();
        for ((_, plant), found) in faults.iter().zip(&mut found).filter(|(_, found)| !**found) {
            let mut faulty = place.clone();
            plant(&mut faulty);
            *found = faulty != place && matches!(check(&grammar, &sample, &faulty), Some(Err(_)));
        }
        if found.iter().all(|found| *found) {
            return;
        }
    }
    let missed: Vec<_> = faults.iter().zip(found).filter(|(_, found)| !found).map(|((name, _), _)| name).collect();
    panic!("the check does not see that {missed:?}");
}

fn rolls() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn clap_agrees(rolls in rolls().no_shrink()) {
        let grammar = cli::grammar();
        let sample = sample(&grammar, &rolls);
        let (line, cursor) = sample.line();
        let place = complete::at(&BUILT, &line, cursor).unwrap();
        let checked = check(&grammar, &sample, &place);
        prop_assume!(checked.is_some());
        let (left, right) = line.split_at(cursor);
        prop_assert_eq!(checked, Some(Ok(())), "{}|{}", left, right);
    }

    #[test]
    fn each_row_leads_on(rolls in rolls().no_shrink()) {
        let grammar = cli::grammar();
        let sample = sample(&grammar, &rolls);
        let (line, cursor) = sample.line();
        let place = complete::at(&BUILT, &line, cursor).unwrap();
        let case = Case::new(&grammar, &sample, &place);
        prop_assume!(case.is_some());
        let led = case.map(|case| case.rows_lead_on(&crate::live::nasty()));
        let (left, right) = line.split_at(cursor);
        prop_assert_eq!(led, Some(Ok(())), "{}|{}", left, right);
    }

    #[test]
    fn any_line_has_an_answer(line in "[a-z#'\"\\\\ =,é-]{0,30}", cursor in 0_usize..40, index in 0_usize..8) {
        let grammar = &*BUILT;
        if let Some(place) = complete::at(grammar, &line, cursor) {
            prop_assert!(line.get(place.span).is_some());
        }
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let place = complete::at_words(grammar, &words, index, &line);
        prop_assert!(words.get(index).is_none_or(|word| word.get(place.span).is_some()));
        let _lack = complete::missing(grammar, &words);
    }
}
