//! Runs lines: finds the cluster of each, keeps the clients, waits with patience, and shows how each line ended.

mod profile;
mod tour;
mod watch;
mod word;

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::api::{Client, TlsFiles, Written};
use crate::cli::session::SessionLine;
use crate::cli::{self, ColorWord, FormatWord, Globals, Line};
use crate::commands::playground::Step;
use crate::commands::{self, Context, Resource};
use crate::exit::{Code, Failure};
use crate::model::TaskName;
use crate::output::{Color, Format, Person, Printer, Reply, human};
use crate::session::live::Finder;
use crate::session::{Outcome, Shell};
use crate::target::{self, Beginning, Choice, Defaults, Environment, Target};
use crate::words;
use tour::Tour;

/// Whether a word asks to leave.
#[must_use]
pub fn is_exit(word: &str) -> bool {
    word == "exit" || word == "quit"
}

/// Shows a failure in the format that the options ask for.
pub fn fail(printer: &mut Printer, failure: &Failure, globals: &Globals) -> Code {
    let (format, color) = manners(globals);
    printer.failure(failure, format, color);
    failure.exit
}

/// Shows an answer that needed no cluster.
pub fn tell(printer: &mut Printer, answer: Result<Reply, Failure>, globals: &Globals) -> Code {
    let (format, color) = manners(globals);
    answer.and_then(|reply| printer.reply(&reply, format, color)).unwrap_or_else(|failure| fail(printer, &failure, globals))
}

/// Understands a line outside of a session.
///
/// # Errors
/// Usage.
pub fn parse(words: &[String]) -> Result<Line, Failure> {
    cli::parse(words).map_err(|failure| match cli::session::is_own(words) {
        true => only_in_a_session(words),
        false => cli::former::answer(words).unwrap_or(failure),
    })
}

/// A word that means nothing where a line stands alone.
fn only_in_a_session(words: &[String]) -> Failure {
    let word = words.first().map(String::as_str).unwrap_or_default();
    Failure::usage(format!("`{word}` is a word of the session, and this is none"))
        .hinted("`dmctl` without a command opens one, on a terminal")
}

fn manners(globals: &Globals) -> (Format, Color) {
    let format = match globals.format {
        Some(FormatWord::Json) => Format::Json,
        Some(FormatWord::Yaml) => Format::Yaml,
        Some(FormatWord::Text) | None => Format::Text,
    };
    let color = match globals.color {
        Some(ColorWord::Always) => Color::Always,
        Some(ColorWord::Never) => Color::Never,
        Some(ColorWord::Auto) | None => Color::Auto,
    };
    (format, color)
}

/// Who is told of the cluster that a session turns to.
pub type Aimed = Box<dyn FnMut(Target)>;

/// Who is told when the whole copy of a task was compared and found right, and on which cluster; what it says is told the user.
pub type FoundRight = Box<dyn FnMut(&Target, &TaskName) -> Vec<String>>;

/// Whether a long wait for an answer is told of; where an answer is painted in place, that would be in its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Told,
    Silent,
}

/// Hears Ctrl-C from now on.
///
/// # Errors
/// When the system does not let us.
pub fn interrupts() -> Result<Signal, Failure> {
    signal(SignalKind::interrupt()).map_err(|error| Failure::refused(format!("cannot listen for Ctrl-C: {error}")))
}

/// A client of a target, made when its TLS files were as they were.
struct Known {
    target: Target,
    written: Option<Written>,
    client: Client,
}

/// Runs lines. It keeps the clients it has made, so that a session connects once.
pub struct Runner {
    printer: Printer,
    invocation: Globals,
    environment: Arc<Environment>,
    clients: Vec<Known>,
    session: Option<Aimed>,
    person: Person,
    verbose: Arc<AtomicBool>,
    /// The command that would come after the last one.
    next: Option<String>,
    tour: Tour,
    /// The last line came to an answer.
    answered: bool,
    found_right: Option<FoundRight>,
}

impl Runner {
    /// Runs lines whose defaults are the invocation's options.
    #[must_use]
    pub fn new(printer: Printer, invocation: Globals, person: Person, environment: Environment) -> Self {
        let verbose = Arc::new(AtomicBool::new(false));
        Self {
            printer,
            invocation,
            environment: Arc::new(environment),
            clients: Vec::new(),
            session: None,
            person,
            verbose,
            next: None,
            tour: Tour::default(),
            answered: false,
            found_right: None,
        }
    }

    /// The same with lines that are to be gone through: after each that went well the next one is hinted.
    #[must_use]
    pub fn touring(mut self, steps: Vec<Step>) -> Self {
        self.tour = Tour::new(steps);
        self
    }

    /// The same with somebody who is told of copies that were found right.
    #[must_use]
    pub fn telling(mut self, found_right: FoundRight) -> Self {
        self.found_right = Some(found_right);
        self
    }

    /// The first line of the tour.
    #[must_use]
    pub fn first(&self) -> Option<String> {
        self.tour.line()
    }

    /// Shows and runs lines, up to the first that does not go as it should. `before` each it is waited for something.
    pub async fn lines(&mut self, steps: &[Step], before: impl AsyncFn(&Step)) -> Code {
        for (number, step) in steps.iter().enumerate() {
            before(step).await;
            let line = &step.line;
            let (format, color) = manners(&self.settled());
            if format == Format::Text {
                // A reader that is gone does not keep the lines from being run.
                let _shown = self.printer.reply(&Reply::text(format!("$ dmctl {line}")), format, color);
            }
            match self.line(line).await {
                Outcome::Ran(code) if step.goes_on(code, self.answered) => {}
                Outcome::Ran(code) => {
                    self.stopped(number + 1, code);
                    return code;
                }
                Outcome::Leave => return Code::Done,
            }
        }
        Code::Done
    }

    /// From now on the words of a session are understood, and the leader is asked where its address answers. `aimed` is told of each
    /// cluster that the session turns to.
    pub fn begin_session(&mut self, aimed: Aimed) {
        self.session = Some(aimed);
    }

    fn aimed(&mut self, target: Target) {
        if let Some(aimed) = &mut self.session {
            aimed(target);
        }
    }

    /// What a session of such lines begins with.
    #[must_use]
    pub fn begin(&self) -> Beginning {
        target::begin(&self.invocation, &self.environment)
    }

    /// What was read of the environment at the start.
    #[must_use]
    pub fn environment(&self) -> Arc<Environment> {
        Arc::clone(&self.environment)
    }

    /// Finds the cluster of lines without options of their own again and again. What was `found` for a start is taken once.
    #[must_use]
    pub fn finder(&self, found: Result<Target, Failure>) -> Finder {
        let (invocation, environment) = (self.invocation.clone(), self.environment());
        let found = Mutex::new(Some(found));
        Arc::new(move || {
            let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
            found.unwrap_or_else(|| target::resolve(&invocation, &environment))
        })
    }

    /// Where this program keeps what outlives it.
    #[must_use]
    pub fn state(&self) -> Option<&Path> {
        self.environment.state.as_deref()
    }

    /// Whether what is shown is to have colours, where lines have these defaults.
    #[must_use]
    pub fn styles(&self, defaults: Defaults) -> bool {
        self.printer.styles(manners(&defaults.under(self.invocation.clone())).1)
    }

    /// Runs a command and shows its answer or failure; `words` is the line that it stands on.
    pub async fn command(&mut self, globals: Globals, resource: Resource, words: &[String]) -> Code {
        if resource.is_watched() {
            let again = || match cli::parse(words) {
                Ok(Line::Command(_, resource)) => Some(resource.watched()),
                _ => None,
            };
            return self.watch(&globals, &again, commands::task::WATCH_EVERY).await;
        }
        let (globals, choice) = self.chosen(globals);
        let compared = resource.compares().filter(|_| self.found_right.is_some()).cloned();
        let answer = self.answer(&globals, &choice, resource, Patience::Told).await;
        let (format, color) = manners(&globals);
        let answer = answer.and_then(|reply| {
            self.next.clone_from(&reply.next);
            self.printer.reply(&reply, format, color)
        });
        match answer {
            Ok(code) => {
                self.answered = true;
                if let Some(task) = compared.filter(|_| code == Code::Done) {
                    self.tell_found_right(&choice, &task, &globals);
                }
                code
            }
            Err(failure) => {
                self.next = failure.next();
                fail(&mut self.printer, &failure, &globals)
            }
        }
    }

    fn tell_found_right(&mut self, choice: &Choice, task: &TaskName, globals: &Globals) {
        if let (Some(tell), Ok(target)) = (&mut self.found_right, choice.target(&self.environment)) {
            let (format, color) = manners(globals);
            for told in tell(&target, task) {
                self.printer.note(&told, format, color);
            }
        }
    }

    /// The options of a line over those of the invocation, and what they choose, whose defaults are under them.
    fn chosen(&self, line: Globals) -> (Globals, Choice) {
        let globals = line.over(&self.invocation);
        let choice = target::choose(&globals, &self.environment);
        (choice.defaults().under(globals), choice)
    }

    /// The options of a line that has none of its own.
    fn settled(&self) -> Globals {
        self.chosen(Globals::default()).0
    }

    /// What a line comes to. Not every line is for a cluster.
    async fn answer(
        &mut self,
        globals: &Globals,
        choice: &Choice,
        resource: Resource,
        patience: Patience,
    ) -> Result<Reply, Failure> {
        match resource {
            Resource::Profile(verb) => self.profile(&verb),
            Resource::Started(started) => Err(started.misplaced()),
            resource => self.ask(globals, choice, resource, patience).await,
        }
    }

    async fn ask(&mut self, globals: &Globals, choice: &Choice, resource: Resource, patience: Patience) -> Result<Reply, Failure> {
        let mut interrupt = interrupts()?;
        let target = choice.target(&self.environment)?;
        target.allow(resource.change())?;
        let (shown, insists) = (target.to_string(), self.session.is_some() && target.production);
        self.verbose.store(globals.verbose, Ordering::Relaxed);
        let index = self.connect(target, globals)?;
        let client = &self.clients[index].client;
        let (person, passwords, state) = (&self.person, &self.environment.passwords, self.environment.state.as_deref());
        let follow_leader = self.session.is_some();
        let (news, yes, dry_run) = (Cell::new(None), globals.yes, globals.dry_run);
        let wait_timeout = choice.defaults().wait_timeout;
        let context =
            Context { client, yes, insists, dry_run, wait_timeout, target: &shown, person, state, passwords, news: &news };
        let answer = async {
            if follow_leader {
                client.follow_leader().await;
            }
            commands::run(resource, &context).await
        };
        let printer = &mut self.printer;
        let started = tokio::time::Instant::now();
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tokio::pin!(answer);
        let mut shown = false;
        let answer = loop {
            tokio::select! {
                answer = &mut answer => break answer,
                _ = interrupt.recv() => break Err(commands::interrupted(client, person)),
                _ = tick.tick() => {
                    if patience == Patience::Told && !person.is_asked() && printer.shows_progress() && started.elapsed() > Duration::from_secs(2) {
                        shown = true;
                        let told = news.take();
                        let what = told.as_deref().unwrap_or("waiting for the cluster");
                        printer.aside(&format!("\r\u{1b}[K{what}, {}", human::duration(started.elapsed())));
                        news.set(told);
                    }
                }
            }
        };
        if shown {
            printer.aside("\r\u{1b}[K");
        }
        answer
    }

    /// The client of a target: the one that is there, or a new one. A certificate that was renewed is taken up.
    fn connect(&mut self, target: Target, globals: &Globals) -> Result<usize, Failure> {
        let written = target.tls.as_ref().map(TlsFiles::written);
        self.clients.retain(|known| known.target != target || known.written == written);
        if let Some(index) = self.clients.iter().position(|known| known.target == target) {
            return Ok(index);
        }
        let verbose = Arc::clone(&self.verbose);
        let client = Client::new(target.masters.clone(), target.tls.as_ref())
            .map_err(|error| Failure::usage(error.to_string()))?
            .with_token(target.token.as_deref())
            .observed(Arc::new(move |call| {
                if verbose.load(Ordering::Relaxed) {
                    crate::output::trace(call);
                }
            }));
        if let Some(key) = target.exposed_key() {
            let (format, color) = manners(globals);
            let shown = key.to_string_lossy();
            let typed = words::quote(&shown).unwrap_or(std::borrow::Cow::Borrowed(&shown));
            let note = format!("others than you can read the private key {shown}: `chmod 600 {typed}` keeps them out");
            self.printer.note(&note, format, color);
        }
        self.clients.push(Known { target, written, client });
        Ok(self.clients.len() - 1)
    }

    /// Shows what needs no cluster: a page of help, or a line that was not understood.
    pub fn show(printer: &mut Printer, parsed: Result<Line, Failure>, invocation: &Globals, words: &[String]) -> Code {
        let globals = Globals { format: cli::format_of(words).or(invocation.format), ..invocation.clone() };
        let (format, color) = manners(&globals);
        let shown = match parsed {
            Ok(Line::Page(page)) => printer.reply(&Reply::text(page), Format::Text, color),
            Ok(Line::Options { .. } | Line::Command(..)) => Err(Failure::usage("the line has options and no command")),
            Err(failure) => Err(failure),
        };
        shown.unwrap_or_else(|failure| {
            printer.failure(&failure, format, color);
            failure.exit
        })
    }
}

impl Shell for Runner {
    async fn line(&mut self, text: &str) -> Outcome {
        let words = match words::split(text).into_texts() {
            // What was copied from a shell begins with the program's name.
            Ok(mut words) if words.first().is_some_and(|word| word == "dmctl") => words.split_off(1),
            Ok(words) => words,
            Err(unfinished) => return Outcome::Ran(self.refuse(&Failure::usage(unfinished.to_string()))),
        };
        match words.as_slice() {
            [] => return Outcome::Ran(Code::Done),
            [word] if is_exit(word) => return Outcome::Leave,
            _ => {}
        }
        self.answered = false;
        let parsed = match self.session {
            None => parse(&words).map(SessionLine::Line),
            Some(_) => cli::session::parse(&words).map_err(|failure| cli::former::answer(&words).unwrap_or(failure)),
        };
        let outcome = Outcome::Ran(match parsed {
            Ok(SessionLine::Word(globals, word)) => return self.word(globals, word, &words).await,
            Ok(SessionLine::Line(Line::Command(globals, resource))) => self.command(globals, resource, &words).await,
            Ok(SessionLine::Line(other)) => {
                let globals = self.settled();
                Self::show(&mut self.printer, Ok(other), &globals, &words)
            }
            Err(failure) => {
                self.next = failure.next();
                let globals = self.settled();
                Self::show(&mut self.printer, Err(failure), &globals, &words)
            }
        });
        if let Outcome::Ran(code) = outcome {
            self.tour.ran(&words.join(" "), code, self.answered);
        }
        outcome
    }

    fn next(&mut self) -> Option<String> {
        let next = self.next.take();
        self.tour.next().or(next)
    }

    fn refuse(&mut self, failure: &Failure) -> Code {
        let globals = self.settled();
        fail(&mut self.printer, failure, &globals)
    }

    fn stopped(&mut self, line: usize, code: Code) {
        let (format, _) = manners(&self.settled());
        let value = json!({ "stopped": { "line": line, "exit_code": code.number() } });
        self.printer.remark(&format!("stopped at line {line}, with exit code {}", code.number()), &value, format);
    }
}
