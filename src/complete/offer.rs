//! From the items of the clap tree to what is offered.

use std::any::TypeId;
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, ValueHint};

use super::walk::{Walk, is_help, is_list, takes_value};
use super::{Choice, Given, Kind, Wanted};
use crate::model::duration::GoDuration;
use crate::model::position::BinlogName;
use crate::model::{Address, LockId, MasterName, MemberName, SourceName, TaskName, WorkerName};

/// The visible words that can follow; `help` is one unless it was said already.
pub(super) fn words(here: &Walk<'_>) -> Vec<Choice> {
    here.command
        .get_subcommands()
        .filter(|word| !(here.closed || word.is_hide_set() || here.helping && is_help(word)))
        .map(|word| Choice::new(word.get_name(), word.get_about()))
        .collect()
}

/// The visible flags of a command that can still be given: its own, then the global ones, then help and version.
pub(super) fn flags(grammar: &Command, command: &Command, given: &Given, with_value: bool) -> Vec<Choice> {
    let fits = |flag: &&Arg| {
        let id = flag.get_id().as_str();
        !flag.is_hide_set()
            && (!given.has(id) || may_repeat(flag))
            && (!with_value || takes_value(flag))
            && !command.get_arguments().any(|other| {
                given.has(other.get_id().as_str())
                    && (excludes(grammar, command, flag, other) || excludes(grammar, command, other, flag))
            })
    };
    let mut flags: Vec<_> = command.get_arguments().filter(fits).filter_map(|flag| Some((flag, flag.get_long()?))).collect();
    flags.sort_by_key(|(flag, _)| match flag.get_action() {
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version => 2,
        _ if flag.is_global_set() => 1,
        _ => 0,
    });
    flags.into_iter().map(|(flag, long)| Choice::new(format!("--{long}"), flag.get_help())).collect()
}

fn may_repeat(flag: &Arg) -> bool {
    matches!(flag.get_action(), ArgAction::Append | ArgAction::Count)
}

/// Whether one argument is declared to conflict with another. clap looks for the conflicts of a global argument from its root.
fn excludes(grammar: &Command, command: &Command, one: &Arg, other: &Arg) -> bool {
    let owner = if one.is_global_set() { grammar } else { command };
    owner.get_arg_conflicts_with(one).iter().any(|conflict| conflict.get_id() == other.get_id())
}

/// A value of an argument; the grammar can't do without it if it is a flag's, or if the positional is required.
pub(super) fn value(argument: &Arg, given: &Given) -> Wanted {
    let name = argument.get_value_names().and_then(|names| names.first());
    let values = argument.get_possible_values();
    let visible = values.iter().filter(|value| !value.is_hide_set());
    Wanted::Value {
        id: argument.get_id().to_string(),
        argument: name.map_or_else(|| argument.get_id().as_str().to_uppercase(), ToString::to_string),
        kind: kind(argument, !values.is_empty()),
        choices: visible.map(|value| Choice::new(value.get_name(), value.get_help())).collect(),
        already: given.values(argument.get_id().as_str()).to_vec(),
        list: is_list(argument),
        required: !argument.is_positional() || argument.is_required_set(),
    }
}

/// What a value of an argument names.
pub(super) fn kind_of(argument: &Arg) -> Kind {
    kind(argument, !argument.get_possible_values().is_empty())
}

fn kind(argument: &Arg, has_choices: bool) -> Kind {
    let value = argument.get_value_parser().type_id();
    let types = [
        (TypeId::of::<TaskName>(), Kind::Task),
        (TypeId::of::<SourceName>(), Kind::Source),
        (TypeId::of::<WorkerName>(), Kind::Worker),
        (TypeId::of::<MasterName>(), Kind::Master),
        (TypeId::of::<MemberName>(), Kind::Member),
        (TypeId::of::<LockId>(), Kind::Lock),
        (TypeId::of::<BinlogName>(), Kind::Binlog),
        (TypeId::of::<Address>(), Kind::Address),
        (TypeId::of::<GoDuration>(), Kind::Duration),
        (TypeId::of::<PathBuf>(), Kind::File),
        (TypeId::of::<i64>(), Kind::Number),
        (TypeId::of::<u64>(), Kind::Number),
        (TypeId::of::<u32>(), Kind::Number),
        (TypeId::of::<u16>(), Kind::Number),
        (TypeId::of::<usize>(), Kind::Number),
    ];
    if let Some((_, kind)) = types.into_iter().find(|(id, _)| value == *id) {
        return kind;
    }
    if has_choices {
        return Kind::Choice;
    }
    if matches!(argument.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath | ValueHint::AnyPath) {
        return Kind::File;
    }
    match argument.get_id().as_str() {
        "profile" | "profile_name" => Kind::Profile,
        "start_time" => Kind::Time,
        _ => Kind::Text,
    }
}

impl Choice {
    fn new(word: impl Into<String>, about: Option<&StyledStr>) -> Self {
        Self { word: word.into(), about: about.map(ToString::to_string).unwrap_or_default() }
    }
}
