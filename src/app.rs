//! The composition root: which way in, and how a line gets from words to an exit code.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::{self, Globals, Line};
use crate::commands::playground::Playground as Arguments;
use crate::commands::{Resource, Started, completion};
use crate::complete::{self, Asked};
use crate::exit::{Code, Failure};
use crate::model::TaskName;
use crate::output::{Person, Printer, Reply};
use crate::playground::{self, Playground};
use crate::runner::{self, Runner, fail, is_exit};
use crate::serve;
use crate::session::live::{Live, Pace};
use crate::session::{self, Aim, Desk, Editing, Editor, Manner, Pipe, Shell as _, Terminal};
use crate::target::{Environment, Target};
use crate::words;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let started = Instant::now();
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let mut printer = Printer::standard(plain);
    let arguments: Result<Vec<String>, _> = std::env::args_os().skip(1).map(std::ffi::OsString::into_string).collect();
    let code = match arguments {
        Err(argument) => {
            fail(&mut printer, &Failure::usage(format!("the argument {argument:?} is not UTF-8 text")), &Globals::default())
        }
        Ok(arguments) => start(&arguments, printer, plain, started),
    };
    ExitCode::from(code.number())
}

/// Understands the invocation, and takes one of the three ways in.
fn start(arguments: &[String], mut printer: Printer, plain: bool, started: Instant) -> Code {
    let parsed = match arguments {
        [word] if is_exit(word) => return Code::Done,
        // A script of ours asks, and reads nothing but an answer.
        [word, asked @ ..] if word == "complete" => {
            let Some(asked) = Asked::of(asked) else { return Code::Usage };
            let text = complete::answer(&asked, Environment::read(), started);
            return runner::tell(&mut printer, Ok(Reply::text(text)), &Globals::default());
        }
        _ => runner::parse(arguments),
    };
    let (invocation, keep_going, command) = match parsed {
        Ok(Line::Command(globals, resource)) => (globals, false, Some(resource)),
        Ok(Line::Options { globals, keep_going }) => (globals, keep_going, None),
        Ok(Line::Page(_)) | Err(_) => return Runner::show(&mut printer, parsed, &Globals::default(), arguments),
    };
    let command = match command {
        Some(Resource::Started(Started::Serve(arguments))) => {
            return serve::run(arguments, &invocation).unwrap_or_else(|failure| fail(&mut printer, &failure, &invocation));
        }
        Some(Resource::Started(Started::Completion(arguments))) => {
            return runner::tell(&mut printer, Ok(completion::run(&arguments)), &invocation);
        }
        command => command,
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&mut printer, &Failure::refused(format!("cannot start: {error}")), &invocation),
    };
    let code = runtime.block_on(async {
        if let Some(Resource::Started(Started::Playground(arguments))) = command {
            return Box::pin(play(&arguments, printer, invocation, plain)).await;
        }
        let terminal = std::io::stdin().is_terminal();
        let mut runner = Runner::new(printer, invocation, Person::at_the_terminal(plain), Environment::read());
        match command {
            Some(resource) => runner.command(Globals::default(), resource, arguments).await,
            None if !terminal => match runner::interrupts() {
                Ok(interrupt) => {
                    let manner = if keep_going { Manner::KeepGoing } else { Manner::StopAtFailure };
                    session::run(&mut Pipe::new(interrupt), &mut runner, manner).await
                }
                Err(failure) => runner.refuse(&failure),
            },
            None if !std::io::stdout().is_terminal() => runner.refuse(&session::needs_a_terminal()),
            None => Box::pin(session(&mut runner, plain)).await,
        }
    });
    // A thread may still wait for a line that nobody wants any more.
    runtime.shutdown_background();
    code
}

/// A session: with a line editor where the terminal can show one, else at a plain prompt.
async fn session(runner: &mut Runner, plain: bool) -> Code {
    let interrupt = match runner::interrupts() {
        Ok(interrupt) => interrupt,
        Err(failure) => return runner.refuse(&failure),
    };
    let (environment, beginning) = (runner.environment(), runner.begin());
    let found = beginning.choice.target(&environment);
    let aim = match &found {
        Ok(target) => Some(Aim::at(target)),
        Err(failure) if failure.exit == Code::Unreachable => None,
        Err(failure) => return runner.refuse(failure),
    };
    let printer = Printer::standard(plain);
    if !session::is_capable() {
        let aim = Rc::new(RefCell::new(aim));
        let aimed = Rc::clone(&aim);
        runner.begin_session(Box::new(move |target| {
            aimed.replace(Some(Aim::at(&target)));
        }));
        return session::run(&mut Terminal::new(interrupt, aim, printer), runner, Manner::Interactive).await;
    }
    let (editing, profiles) = match (beginning.edits_as_vi(), beginning.profiles(&environment)) {
        (Ok(true), Ok(profiles)) => (Editing::Vi, profiles),
        (Ok(false), Ok(profiles)) => (Editing::Emacs, profiles),
        (Err(failure), _) | (_, Err(failure)) => return runner.refuse(&failure),
    };
    let live = Live::new(runner.finder(found), environment, Pace::default()).knowing(profiles);
    let desk = Arc::new(Desk::new(cli::session::grammar, Some(live)));
    desk.aim(aim);
    desk.follow(runner.first());
    let aimed = Arc::clone(&desk);
    runner.begin_session(Box::new(move |target| {
        aimed.turn(Aim::at(&target), Arc::new(move || Ok(target.clone())));
    }));
    let manners = session::Manners { state: runner.state(), styled: runner.styles(beginning.choice.defaults()), editing };
    match Editor::open(&desk, &manners, printer) {
        Ok(mut editor) => session::run(&mut editor, runner, Manner::Interactive).await,
        Err(failure) => runner.refuse(&failure),
    }
}

/// A playground: a session on it, or a whole migration by itself.
async fn play(arguments: &Arguments, mut printer: Printer, invocation: Globals, plain: bool) -> Code {
    let has_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !arguments.script && !has_terminal {
        return fail(&mut printer, &playground::needs_a_terminal(), &invocation);
    }
    let mut ended = match playground::Ended::listen() {
        Ok(ended) => ended,
        Err(failure) => return fail(&mut printer, &failure, &invocation),
    };
    let opened = tokio::select! {
        opened = Playground::open(arguments, |text| printer.aside(&format!("{text}\n"))) => opened,
        code = ended.come() => return code,
    };
    let there = opened.and_then(|playground| playground.enter().map(|()| playground));
    let playground = match there {
        Ok(playground) => playground,
        Err(failure) => return fail(&mut printer, &failure, &invocation),
    };
    printer.aside(&playground.greeting());
    let environment = Environment {
        master_addr: Some(playground.address().to_owned()),
        runtime: Some(playground.runtime()),
        state: Some(playground.state()),
        ..Environment::read()
    };
    let invocation = Globals { master_addr: Vec::new(), profile: None, ..invocation };
    let (own, playground) = (playground.address().to_owned(), Arc::new(playground));
    let shops = Arc::clone(&playground);
    let found_right = move |target: &Target, task: &TaskName| {
        let typed = words::quote(task.as_str()).unwrap_or_default();
        if target.to_string() == own { shops.open_shops(&typed) } else { Vec::new() }
    };
    let mut runner = Runner::new(printer, invocation, Person::at_the_terminal(plain), environment).telling(Box::new(found_right));
    let lines = if arguments.script { [playground.preparation(), playground.script()].concat() } else { playground.preparation() };
    let mut code = tokio::select! {
        code = runner.lines(&lines, async |step| if step.differs { playground.trade().await }) => code,
        code = ended.come() => code,
    };
    if !arguments.script && code == Code::Done {
        runner = runner.touring(playground.tour());
        code = Box::pin(session(&mut runner, plain)).await;
    }
    drop(runner);
    playground.close().await;
    code
}
