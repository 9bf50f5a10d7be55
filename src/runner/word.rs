//! The words of a session: what concerns the session itself, and asks no cluster.

use std::io::Read as _;

use serde_json::json;

use super::{Runner, fail, tell};
use crate::cli::session::{self, SessionLine, Setting, Switch, Word};
use crate::cli::{ColorWord, FormatWord, Globals};
use crate::exit::{Code, Failure};
use crate::model::Address;
use crate::output::{Block, Cell, Document, Reply, Style};
use crate::session::Outcome;

/// As much of the history is read at most.
const LONGEST_HISTORY: u64 = 16 << 20;

impl Runner {
    /// Does what a word of the session says; `words` is the line it stands on.
    pub(super) async fn word(&mut self, globals: Globals, word: Word, words: &[String]) -> Outcome {
        let done = match word {
            Word::Exit => return Outcome::Leave,
            Word::Watch(watch) => return Outcome::Ran(self.watch_word(&globals, &watch.every, words).await),
            Word::Clear => {
                self.printer.clear();
                return Outcome::Ran(Code::Done);
            }
            Word::Use { cluster } => self.turn_to(&cluster, globals.clone()),
            Word::Set { setting } => Ok(self.set(setting)),
            Word::History { count } => self.history(count),
        };
        let (globals, _) = self.chosen(globals);
        Outcome::Ran(tell(&mut self.printer, done, &globals))
    }

    async fn watch_word(&mut self, globals: &Globals, every: &crate::model::duration::GoDuration, words: &[String]) -> Code {
        let again = || match session::parse(words) {
            Ok(SessionLine::Word(_, Word::Watch(watch))) => Some(watch.command.watched()),
            _ => None,
        };
        match every.to_std() {
            Some(every) => self.watch(globals, &again, every).await,
            None => {
                let failure = Failure::usage("`--every` must not be negative");
                let (globals, _) = self.chosen(globals.clone());
                fail(&mut self.printer, &failure, &globals)
            }
        }
    }

    /// Turns to another cluster. It need not answer: a session may wait for one.
    fn turn_to(&mut self, cluster: &str, typed: Globals) -> Result<Reply, Failure> {
        let mut next = Globals { format: self.invocation.format, color: self.invocation.color, ..Globals::default() };
        (next.yes, next.dry_run) = (self.invocation.yes, self.invocation.dry_run);
        (next.verbose, next.quiet) = (self.invocation.verbose, self.invocation.quiet);
        // TLS files that are typed go with an address; a profile has its own.
        (next.ssl_ca, next.ssl_cert, next.ssl_key) = (typed.ssl_ca, typed.ssl_cert, typed.ssl_key);
        if cluster.contains(':') {
            let addresses: Result<Vec<Address>, _> = cluster.split(',').map(str::parse).collect();
            next.master_addr = addresses.map_err(|error| Failure::usage(error.to_string()))?;
        } else {
            next.profile = Some(cluster.to_owned());
        }
        let target = crate::target::resolve(&next, &self.environment)?;
        self.invocation = next;
        let shown = target.to_string();
        self.aimed(target);
        Ok(Reply::of(&json!({ "target": shown }), Document::from(Block::Line(format!("this session is for {shown} now").into()))))
    }

    fn set(&mut self, setting: Option<Setting>) -> Reply {
        match setting {
            None => {}
            Some(Setting::Format { value }) => self.invocation.format = Some(value),
            Some(Setting::Color { value }) => self.invocation.color = Some(value),
            Some(Setting::Verbose { value }) => {
                (self.invocation.verbose, self.invocation.quiet) = (value == Switch::On, value == Switch::Off);
            }
        }
        let settled = self.settled();
        let format = settled.format.unwrap_or(FormatWord::Text).word();
        let color = settled.color.unwrap_or(ColorWord::Auto).word();
        let verbose = if settled.verbose { "on" } else { "off" };
        let fields = vec![("format", format.into()), ("color", color.into()), ("verbose", verbose.into())];
        let value = json!({ "format": format, "color": color, "verbose": settled.verbose });
        Reply::of(&value, Document::from(Block::Fields { title: None, fields }))
    }

    /// The lines that were typed, the newest last.
    fn history(&self, count: Option<usize>) -> Result<Reply, Failure> {
        let lines = match &self.environment.state {
            Some(state) => read(&state.join("history"))?,
            None => Vec::new(),
        };
        let first = count.map_or(0, |count| lines.len().saturating_sub(count));
        let mut document = Document::default();
        for (index, line) in lines.iter().enumerate().skip(first) {
            document.push(Block::Line(Cell::new(format!("{:>5}  {line}", index + 1), Style::Plain)));
        }
        Ok(Reply::list(&lines[first..], &[], document))
    }
}

/// The lines of a history file; a line break within one is kept as `<\n>` there. That there is none yet is no failure.
fn read(path: &std::path::Path) -> Result<Vec<String>, Failure> {
    let mut bytes = Vec::new();
    match std::fs::File::open(path).and_then(|file| file.take(LONGEST_HISTORY).read_to_end(&mut bytes)) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            let reason = crate::model::system::reason(&error);
            return Err(Failure::refused(format!("cannot read {}: {reason}", path.display())));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).lines().map(|line| line.replace("<\\n>", "\n")).collect())
}
