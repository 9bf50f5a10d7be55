//! What an unfinished line lacks.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::walk::Walk;
use super::{Choice, Cursor, Given, Wanted, built, folded, offer};

/// Tells what a line lacks first to be whole: a verb, a positional, the value of a flag, a flag that another one needs, or the rest of
/// its last word. None if it is whole, and also if it is wrong: then running it tells why.
#[must_use]
pub fn missing(grammar: &Command, words: &[String]) -> Option<Wanted> {
    let grammar = built(grammar);
    let grammar = grammar.as_ref();
    let words = folded(grammar, &[words]);
    let line = std::iter::once(grammar.get_name()).chain(words.iter().map(String::as_str));
    let error = grammar.clone().try_get_matches_from(line).err()?;
    let here = Walk::along(grammar, &words);
    let given = here.given(None);
    match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Some(Wanted::Word(offer::words(&here)))
        }
        ErrorKind::MissingRequiredArgument => match here.next_positional().filter(|argument| argument.is_required_set()) {
            Some(argument) => Some(offer::value(argument, &given)),
            None => flag(grammar, here.command, &given, &named(&error)),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if has_no_value(&error) => {
            let named = named(&error);
            let argument = flags(here.command).find(|argument| named.contains(&argument.to_string()))?;
            Some(offer::value(argument, &given))
        }
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument => beginning(grammar, &words),
        _ => None,
    }
}

fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|argument| !argument.is_positional())
}

/// The arguments that an error is about, as clap writes them.
fn named(error: &clap::Error) -> Vec<String> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => vec![argument.clone()],
        Some(ContextValue::Strings(arguments)) => arguments.clone(),
        _ => Vec::new(),
    }
}

fn has_no_value(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty())
}

/// The flags among `named`.
fn flag(grammar: &Command, command: &Command, given: &Given, named: &[String]) -> Option<Wanted> {
    let needed: Vec<String> = flags(command)
        .filter(|argument| named.contains(&argument.to_string()))
        .filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
        .collect();
    let choices: Vec<Choice> =
        offer::flags(grammar, command, given, false).into_iter().filter(|choice| needed.contains(&choice.word)).collect();
    (!choices.is_empty()).then_some(Wanted::Flag(choices))
}

/// The words or flags that the last word begins.
fn beginning(grammar: &Command, words: &[String]) -> Option<Wanted> {
    let (last, before) = words.split_last()?;
    let found = Cursor { before, text: last, typed: last, after: &[] }.find(grammar);
    let begun = |choices: Vec<Choice>| -> Option<Vec<Choice>> {
        let choices: Vec<_> = choices.into_iter().filter(|choice| choice.word.starts_with(&found.typed)).collect();
        (!choices.is_empty()).then_some(choices)
    };
    found.wanted.into_iter().find_map(|wanted| match wanted {
        Wanted::Word(choices) => begun(choices).map(Wanted::Word),
        Wanted::Flag(choices) => begun(choices).map(Wanted::Flag),
        Wanted::Value { .. } => None,
    })
}
