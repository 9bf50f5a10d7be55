//! The composition root: which way in, and how a line gets from words to an exit code.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::api::Client;
use crate::cli::{self, ColorWord, FormatWord, Globals, Line};
use crate::commands::{self, Context, Resource};
use crate::exit::{Code, Failure};
use crate::output::{Color, Format, Person, Printer, Reply, human};
use crate::serve;
use crate::session::{self, Manner, Outcome, Pipe, Shell, Terminal};
use crate::target::{self, Environment, Target};
use crate::words;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let mut printer = Printer::standard(plain);
    let arguments: Result<Vec<String>, _> = std::env::args_os().skip(1).map(std::ffi::OsString::into_string).collect();
    let code = match arguments {
        Err(argument) => {
            fail(&mut printer, &Failure::usage(format!("the argument {argument:?} is not UTF-8 text")), &Globals::default())
        }
        Ok(arguments) => start(&arguments, printer, plain),
    };
    ExitCode::from(code.number())
}

/// Understands the invocation, and takes one of the three ways in.
fn start(arguments: &[String], mut printer: Printer, plain: bool) -> Code {
    let parsed = match arguments {
        [word] if is_exit(word) => return Code::Done,
        _ => cli::parse(arguments),
    };
    let (invocation, keep_going, command) = match parsed {
        Ok(Line::Command(globals, resource)) => (globals, false, Some(resource)),
        Ok(Line::Options { globals, keep_going }) => (globals, keep_going, None),
        Ok(Line::Page(_)) | Err(_) => return Runner::show(&mut printer, parsed, &Globals::default(), arguments),
    };
    if let Some(Resource::Serve(arguments)) = command {
        return serve::run(arguments, &invocation).unwrap_or_else(|failure| fail(&mut printer, &failure, &invocation));
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&mut printer, &Failure::refused(format!("cannot start: {error}")), &invocation),
    };
    let code = runtime.block_on(async {
        let terminal = std::io::stdin().is_terminal();
        let mut runner = Runner::new(printer, invocation, Person::at_the_terminal(plain));
        match command {
            Some(resource) => runner.command(Globals::default(), resource).await,
            None if !terminal => match signal(SignalKind::interrupt()) {
                Ok(interrupt) => {
                    let manner = if keep_going { Manner::KeepGoing } else { Manner::StopAtFailure };
                    session::run(&mut Pipe::new(interrupt), &mut runner, manner).await
                }
                Err(error) => runner.refuse(&Failure::refused(format!("cannot listen for Ctrl-C: {error}"))),
            },
            None if !std::io::stdout().is_terminal() => runner.refuse(&session::needs_a_terminal()),
            None => runner.session(plain).await,
        }
    });
    // A thread may still wait for a line that nobody wants any more.
    runtime.shutdown_background();
    code
}

fn is_exit(word: &str) -> bool {
    word == "exit" || word == "quit"
}

fn fail(printer: &mut Printer, failure: &Failure, globals: &Globals) -> Code {
    let (format, color) = manners(globals);
    printer.failure(failure, format, color);
    failure.exit
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

/// Runs lines. It keeps the clients it has made, so that a session connects once.
struct Runner {
    printer: Printer,
    invocation: Globals,
    environment: Environment,
    clients: Vec<(Target, Client)>,
    follow_leader: bool,
    person: Person,
    verbose: Arc<AtomicBool>,
}

impl Runner {
    fn new(printer: Printer, invocation: Globals, person: Person) -> Self {
        let verbose = Arc::new(AtomicBool::new(false));
        Self { printer, invocation, environment: Environment::read(), clients: Vec::new(), follow_leader: false, person, verbose }
    }

    /// A session at the plain prompt.
    async fn session(&mut self, plain: bool) -> Code {
        let interrupt = match signal(SignalKind::interrupt()) {
            Ok(interrupt) => interrupt,
            Err(error) => return self.refuse(&Failure::refused(format!("cannot listen for Ctrl-C: {error}"))),
        };
        self.follow_leader = true;
        let prompt = match target::resolve(&self.invocation, &self.environment) {
            Ok(target) => format!("dm@{}> ", target.masters[0]),
            Err(failure) if failure.exit == Code::Unreachable => "dm> ".to_owned(),
            Err(failure) => return self.refuse(&failure),
        };
        let mut lines = Terminal::new(interrupt, prompt, Printer::standard(plain));
        session::run(&mut lines, self, Manner::Interactive).await
    }

    /// Runs a command and shows its answer or failure.
    async fn command(&mut self, globals: Globals, resource: Resource) -> Code {
        let globals = globals.over(&self.invocation);
        let answer = match signal(SignalKind::interrupt()) {
            Ok(interrupt) => self.ask(&globals, resource, interrupt).await,
            Err(error) => Err(Failure::refused(format!("cannot listen for Ctrl-C: {error}"))),
        };
        let (format, color) = manners(&globals);
        match answer.and_then(|reply| self.printer.reply(&reply, format, color)) {
            Ok(code) => code,
            Err(failure) => fail(&mut self.printer, &failure, &globals),
        }
    }

    async fn ask(&mut self, globals: &Globals, resource: Resource, mut interrupt: Signal) -> Result<Reply, Failure> {
        let target = target::resolve(globals, &self.environment)?;
        target.allow(resource.change())?;
        let shown = target.to_string();
        self.verbose.store(globals.verbose, Ordering::Relaxed);
        let index = self.connect(target)?;
        let client = &self.clients[index].1;
        let (person, passwords, state) = (&self.person, &self.environment.passwords, self.environment.state.as_deref());
        let context = Context { client, yes: globals.yes, dry_run: globals.dry_run, target: &shown, person, state, passwords };
        let answer = async {
            if self.follow_leader {
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
                    if !person.is_asked() && printer.shows_progress() && started.elapsed() > Duration::from_secs(2) {
                        shown = true;
                        printer.aside(&format!("\r\u{1b}[Kwaiting for the cluster, {}", human::duration(started.elapsed())));
                    }
                }
            }
        };
        if shown {
            printer.aside("\r\u{1b}[K");
        }
        answer
    }

    /// The client of a target: the one that is there, or a new one.
    fn connect(&mut self, target: Target) -> Result<usize, Failure> {
        if let Some(index) = self.clients.iter().position(|(known, _)| *known == target) {
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
        self.clients.push((target, client));
        Ok(self.clients.len() - 1)
    }

    /// Shows what needs no cluster: a page of help, or a line that was not understood.
    fn show(printer: &mut Printer, parsed: Result<Line, Failure>, invocation: &Globals, words: &[String]) -> Code {
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
        Outcome::Ran(match cli::parse(&words) {
            Ok(Line::Command(_, Resource::Serve(_))) => self.refuse(&commands::only_from_a_shell()),
            Ok(Line::Command(globals, resource)) => self.command(globals, resource).await,
            other => Self::show(&mut self.printer, other, &self.invocation, &words),
        })
    }

    fn refuse(&mut self, failure: &Failure) -> Code {
        fail(&mut self.printer, failure, &self.invocation)
    }

    fn stopped(&mut self, line: usize, code: Code) {
        let (format, _) = manners(&self.invocation);
        let value = json!({ "stopped": { "line": line, "exit_code": code.number() } });
        self.printer.remark(&format!("stopped at line {line}, with exit code {}", code.number()), &value, format);
    }
}
