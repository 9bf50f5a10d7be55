//! The one grammar. A line is parsed here whether it came as arguments, through a pipe or from the prompt.

pub mod former;
pub mod session;

use clap::{Args, Command, CommandFactory, Parser, ValueEnum, ValueHint};
use std::path::PathBuf;

use crate::commands::Resource;
use crate::exit::{Code, Failure};
use crate::model::Address;

/// Steer MySQL and MariaDB migrations on a DM cluster
///
/// Every command names a resource and what to do with it. Without a command, dmctl reads commands from a pipe, or from the prompt when
/// it stands on a terminal.
#[derive(Debug, Parser)]
#[command(
    name = "dmctl",
    bin_name = "dmctl",
    version,
    subcommand_help_heading = "Resources",
    subcommand_value_name = "RESOURCE",
    after_help = "Examples:\n  dmctl --master-addr 127.0.0.1:8261 task list\n  dmctl task status task-1 --format json\n\n\
                  Exit codes: 0 done, 1 refused or failed, 2 not understood, 3 nobody answered, 4 partly done or partly known,\n\
                  5 not confirmed, 124 a wait ran out or a change got no answer in time, 130 interrupted"
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    /// With commands from a pipe: go on after a command that failed
    #[arg(long)]
    keep_going: bool,
    #[command(subcommand)]
    resource: Option<Resource>,
}

/// Options that every command takes, before or behind its words.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Where the masters listen: host:port, several with commas
    #[arg(long, global = true, value_name = "ADDRESS", value_delimiter = ',')]
    pub master_addr: Vec<Address>,
    /// The cluster of this name in config.toml
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Who signed the masters' certificates (PEM); switches TLS on
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ssl_ca: Option<PathBuf>,
    /// Our certificate (PEM), with --ssl-key
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ssl_cert: Option<PathBuf>,
    /// The key of our certificate (PEM)
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ssl_key: Option<PathBuf>,
    /// How to answer
    #[arg(long, global = true, value_name = "FORMAT", value_enum, ignore_case = true)]
    pub format: Option<FormatWord>,
    /// Answer questions with yes; replace existing files
    #[arg(long, global = true)]
    pub yes: bool,
    /// Show what a destructive command would do, and do nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, ignore_case = true)]
    pub color: Option<ColorWord>,
    /// Tell on stderr which calls are made
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Don't, whatever a profile says: no line can say so, but a session can be set to it.
    #[arg(skip)]
    pub quiet: bool,
}

/// The words of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatWord {
    /// For people
    Text,
    /// One line of JSON
    Json,
    /// A YAML document
    Yaml,
}

/// The words of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWord {
    /// On a terminal
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl FormatWord {
    /// As it is typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

impl ColorWord {
    /// As it is typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl Globals {
    /// A line's own options over those of the invocation. An address brings its own TLS files or none, so that a certificate is never
    /// shown to a cluster that it was not meant for.
    #[must_use]
    pub fn over(self, invocation: &Self) -> Self {
        let own_target = !self.master_addr.is_empty() || self.profile.is_some();
        let target = if own_target { &Self::default() } else { invocation };
        Self {
            profile: self.profile.or_else(|| target.profile.clone()),
            ssl_ca: self.ssl_ca.or_else(|| target.ssl_ca.clone()),
            ssl_cert: self.ssl_cert.or_else(|| target.ssl_cert.clone()),
            ssl_key: self.ssl_key.or_else(|| target.ssl_key.clone()),
            master_addr: if own_target { self.master_addr } else { target.master_addr.clone() },
            format: self.format.or(invocation.format),
            yes: self.yes || invocation.yes,
            dry_run: self.dry_run || invocation.dry_run,
            color: self.color.or(invocation.color),
            verbose: self.verbose || invocation.verbose,
            quiet: self.quiet || invocation.quiet && !self.verbose,
        }
    }
}

/// A line that was understood.
#[derive(Debug)]
pub enum Line {
    /// Something to do.
    Command(Globals, Resource),
    /// Options only.
    Options {
        /// The options.
        globals: Globals,
        /// `--keep-going`.
        keep_going: bool,
    },
    /// Something to read: help or version, with ANSI styles.
    Page(String),
}

/// The grammar as a value, for parsing and for completion.
#[must_use]
pub fn grammar() -> Command {
    Cli::command()
}

/// Understands the words of a line (without the program's name).
///
/// # Errors
/// Usage, with the parser's page.
pub fn parse(words: &[String]) -> Result<Line, Failure> {
    let grammar = grammar();
    let line = folded(&grammar, words);
    let parsed = grammar.try_get_matches_from(line).and_then(|matches| {
        use clap::FromArgMatches as _;
        Cli::from_arg_matches(&matches)
    });
    match parsed {
        Ok(Cli { globals, resource: Some(resource), .. }) => Ok(Line::Command(globals, resource)),
        Ok(Cli { globals, keep_going, resource: None }) => Ok(Line::Options { globals, keep_going }),
        Err(error) => failed(&error),
    }
}

/// A line with the program's name before it, and its resource in lower case.
fn folded(grammar: &Command, words: &[String]) -> Vec<String> {
    let mut line = vec!["dmctl".to_owned()];
    line.extend_from_slice(words);
    if let Some(index) = resource_index(grammar, words) {
        line[index + 1] = line[index + 1].to_lowercase();
    }
    line
}

/// What clap does not take as a command: a page to read, or a line that is wrong.
fn failed(error: &clap::Error) -> Result<Line, Failure> {
    if error.exit_code() == 0 { Ok(Line::Page(error.render().ansi().to_string())) } else { Err(usage(error)) }
}

/// Which word is the resource: the first that is neither a flag nor a flag's value, or the one after `help`, or after `watch` in a session.
/// Its case does not matter.
#[must_use]
pub fn resource_index(grammar: &Command, words: &[String]) -> Option<usize> {
    let mut after_help = false;
    let mut watch = None;
    let mut index = 0;
    while let Some(word) = words.get(index) {
        if word == "--" {
            return None;
        }
        if let Some(flag) = word.strip_prefix("--") {
            let takes_value = [Some(grammar), watch].into_iter().flatten().any(|command| takes_value(command, flag));
            index += if !flag.contains('=') && takes_value { 2 } else { 1 };
        } else if word.starts_with('-') && word.len() > 1 {
            index += 1;
        } else if word.eq_ignore_ascii_case("help") && !after_help {
            after_help = true;
            index += 1;
        } else if word == "watch" && watch.is_none() && grammar.find_subcommand("watch").is_some() {
            watch = grammar.find_subcommand("watch");
            index += 1;
        } else {
            return Some(index);
        }
    }
    None
}

fn takes_value(command: &Command, long: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_long() == Some(long) && arg.get_action().takes_values())
}

/// The format that a line asks for, also one that can't be understood otherwise.
#[must_use]
pub fn format_of(words: &[String]) -> Option<FormatWord> {
    let mut found = None;
    for (index, word) in words.iter().enumerate() {
        let value = match word.strip_prefix("--format") {
            Some("") => words.get(index + 1).map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        found = value.and_then(|value| FormatWord::from_str(value, true).ok()).or(found);
    }
    found
}

fn usage(error: &clap::Error) -> Failure {
    let page = error.render();
    let plain = page.to_string();
    // The first paragraph says what is wrong, the others what to do.
    let (message, tips): (&str, &str) = plain.split_once("\n\n").unwrap_or((&plain, ""));
    let message = message.strip_prefix("error: ").unwrap_or(message).split_whitespace().collect::<Vec<_>>().join(" ");
    let tips = tips
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        .map(str::to_owned)
        .collect();
    Failure { hints: tips, usage: Some(page.ansi().to_string()), ..Failure::new(Code::Usage, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn words(line: &str) -> Vec<String> {
        crate::words::split(line).into_texts().unwrap()
    }

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
    }

    #[test]
    fn every_verb_has_help_and_two_examples() {
        let mut verbs = 0;
        for resource in grammar().get_subcommands() {
            for verb in resource.get_subcommands().filter(|_| resource.get_name() != "profile") {
                let name = format!("{} {}", resource.get_name(), verb.get_name());
                let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
                assert!(!about.is_empty() && !about.ends_with('.'), "{name}: {about:?}");
                let examples = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert_eq!(examples.matches("\n  dmctl ").count(), 2, "{name}: {examples}");
                for arg in verb.get_arguments() {
                    assert!(arg.get_help().is_some(), "{name} {}", arg.get_id());
                }
                verbs += 1;
            }
        }
        assert_eq!(verbs, 28, "the verbs of the RFC, and `task verify`");
    }

    #[test]
    fn every_example_is_a_line_of_the_grammar() {
        for resource in grammar().get_subcommands() {
            for verb in resource.get_subcommands() {
                let examples = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
                for line in examples.lines().skip(1).flat_map(|line| line.split("&&")) {
                    let line = words(line.trim());
                    assert!(matches!(parse(&line[1..]), Ok(Line::Command(..))), "{line:?}");
                }
            }
        }
    }

    #[test]
    fn one_word_is_folded() {
        for line in [
            "TASK list",
            "Help TASK list",
            "--format json TASK list",
            "--format=json -v Ddl-Lock LIST",
            "--master-addr TASK:1 SOURCE",
        ] {
            let line = words(line);
            let folded = resource_index(&grammar(), &line).map(|index| line[index].to_lowercase());
            assert!(folded.is_some_and(|word| ["task", "ddl-lock", "source"].contains(&word.as_str())), "{line:?}");
        }
        assert!(matches!(parse(&words("TASK list")), Ok(Line::Command(..))));
        assert!(parse(&words("task LIST")).is_err(), "verbs keep their case");
        assert_eq!(resource_index(&grammar(), &words("--format json")), None);
    }

    #[test]
    fn a_new_address_drops_the_old_certificates() {
        let options = |line: &str| match parse(&words(line)) {
            Ok(Line::Options { globals, .. }) => globals,
            other => panic!("{other:?}"),
        };
        let invocation = options("--master-addr a:1 --ssl-ca ca.pem --format json --yes");
        let merged = options("--master-addr b:2").over(&invocation);
        assert_eq!((merged.master_addr.len(), merged.ssl_ca, merged.format), (1, None, Some(FormatWord::Json)));
        let merged = options("--color never").over(&invocation);
        assert!(merged.ssl_ca.is_some() && merged.yes && merged.color == Some(ColorWord::Never));
        assert_eq!(options("--profile x").over(&invocation).master_addr, []);
    }

    #[test]
    fn the_format_of_a_broken_line_is_known() {
        assert_eq!(format_of(&words("--format json task bogus")), Some(FormatWord::Json));
        assert_eq!(format_of(&words("task bogus --format=YAML")), Some(FormatWord::Yaml));
        assert_eq!(format_of(&words("task bogus --format")), None);
    }
}
