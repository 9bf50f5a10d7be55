//! The grammar of a session: the commands, and words that make sense only among lines.

use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use super::{ColorWord, FormatWord, Globals, Line, failed};
use crate::commands::{Resource, Started};
use crate::exit::Failure;
use crate::model::duration::GoDuration;

/// Steer MySQL and MariaDB migrations on a DM cluster
///
/// Tab chooses, F1 helps, Ctrl-D leaves. Every command names a resource and what to do with it.
#[derive(Debug, Parser)]
#[command(
    name = "dmctl",
    bin_name = "dmctl",
    version,
    subcommand_help_heading = "Resources and words of the session",
    subcommand_value_name = "RESOURCE",
    after_help = "Examples:\n  task list\n  task status task-1 --watch\n  use 127.0.0.1:8261"
)]
struct Session {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    said: Option<Said>,
}

#[derive(Debug, Subcommand)]
enum Said {
    #[command(flatten)]
    Resource(Resource),
    #[command(flatten)]
    Word(Word),
}

/// What only a session understands.
#[derive(Debug, Subcommand)]
pub enum Word {
    /// Turn to another cluster
    #[command(after_help = "Examples:\n  use 127.0.0.1:8261\n  use production")]
    Use {
        /// Where its masters listen, as in host:8261, or the name of a profile
        #[arg(value_name = "ADDRESS|PROFILE")]
        cluster: String,
    },
    /// Run a command that reads again and again, in place, until a key is pressed
    #[command(after_help = "Examples:\n  watch task list\n  watch --every 10s source status mysql-01")]
    Watch(Watch),
    /// Show or change how the session answers
    #[command(after_help = "Examples:\n  set\n  set format json")]
    Set {
        /// What to change; without it all is shown
        #[command(subcommand)]
        setting: Option<Setting>,
    },
    /// Show the lines that were typed
    #[command(after_help = "Examples:\n  history\n  history 20")]
    History {
        /// Only the newest lines, this many
        #[arg(value_name = "COUNT")]
        count: Option<usize>,
    },
    /// Clear the screen
    Clear,
    /// Leave the session
    #[command(visible_alias = "quit")]
    Exit,
}

/// What to run again and again.
#[derive(Debug, Args)]
#[command(subcommand_value_name = "RESOURCE", subcommand_help_heading = "Resources")]
pub struct Watch {
    /// How long to rest between two answers, as in 2s or 1m30s
    #[arg(long, global = true, value_name = "DURATION", default_value = "2s")]
    pub every: GoDuration,
    /// The command
    #[command(subcommand)]
    pub command: Resource,
}

/// What a session can be told to do otherwise.
#[derive(Debug, Subcommand)]
pub enum Setting {
    /// How to answer
    Format {
        /// The form of an answer
        #[arg(value_name = "FORMAT", ignore_case = true)]
        value: FormatWord,
    },
    /// When to use colour
    Color {
        /// The occasions
        #[arg(value_name = "WHEN", ignore_case = true)]
        value: ColorWord,
    },
    /// Whether to tell which calls are made
    Verbose {
        /// On or off
        #[arg(value_name = "SWITCH", ignore_case = true)]
        value: Switch,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Tell it
    On,
    /// Keep it quiet
    Off,
}

/// A line of a session that was understood.
#[derive(Debug)]
pub enum SessionLine {
    /// One that is understood everywhere.
    Line(Line),
    /// A word of the session.
    Word(Globals, Word),
}

/// The grammar as a value, for parsing and for completion. What is started from a shell only is left out of lists.
#[must_use]
pub fn grammar() -> Command {
    Started::hidden(Session::command()).mut_subcommand("watch", Started::hidden)
}

/// Understands the words of a line (without the program's name).
///
/// # Errors
/// Usage, with the parser's page.
pub fn parse(words: &[String]) -> Result<SessionLine, Failure> {
    let grammar = grammar();
    let line = super::folded(&grammar, words);
    match grammar.try_get_matches_from(line).and_then(|matches| Session::from_arg_matches(&matches)) {
        Ok(Session { globals, said: Some(Said::Resource(resource)) }) => Ok(SessionLine::Line(Line::Command(globals, resource))),
        Ok(Session { globals, said: Some(Said::Word(word)) }) => Ok(SessionLine::Word(globals, word)),
        Ok(Session { globals, said: None }) => Ok(SessionLine::Line(Line::Options { globals, keep_going: false })),
        Err(error) => failed(&error).map(SessionLine::Line),
    }
}

/// Whether a line begins with a word that only a session understands.
#[must_use]
pub fn is_own(words: &[String]) -> bool {
    words.first().is_some_and(|word| Word::has_subcommand(word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::words;
    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
    }

    #[test]
    fn what_is_started_from_a_shell_is_understood_and_not_listed() {
        let grammar = grammar();
        for among in [&grammar, grammar.find_subcommand("watch").unwrap()] {
            let hidden: Vec<&str> = among.get_subcommands().filter(|word| word.is_hide_set()).map(Command::get_name).collect();
            assert_eq!(hidden, ["serve", "playground", "completion"]);
        }
        assert!(matches!(parse(&words("playground")), Ok(SessionLine::Line(Line::Command(_, Resource::Started(_))))));
    }

    #[test]
    fn every_example_is_a_line_of_the_grammar() {
        for word in grammar().get_subcommands().filter(|word| is_own(&[word.get_name().to_owned()])) {
            let examples = word.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in examples.lines().skip(1).flat_map(|line| line.split("&&")) {
                assert!(matches!(parse(&words(line.trim())), Ok(SessionLine::Word(..))), "{line:?}");
            }
        }
    }

    #[test]
    fn commands_mean_what_they_mean_elsewhere() {
        let said = |line: &str| parse(&words(line)).unwrap();
        assert!(matches!(said("TASK list"), SessionLine::Line(Line::Command(_, Resource::Task(_)))));
        assert!(matches!(said("help task"), SessionLine::Line(Line::Page(_))));
        assert!(matches!(said("quit"), SessionLine::Word(_, Word::Exit)));
        for line in ["watch TASK list --every 5s", "watch --every 5s Task list", "watch --every=5s task list"] {
            let SessionLine::Word(_, Word::Watch(watch)) = said(line) else { panic!("{line}") };
            assert!(matches!(watch.command, Resource::Task(_)) && watch.every.to_string() == "5s", "{line}");
        }
        assert!(parse(&words("watch")).is_err() && parse(&words("watch use x")).is_err());
    }
}
