//! How a session ends that nobody ends: its terminal goes away, or the program breaks.

use std::process::Command;
use std::sync::Arc;

use dmctl::exit::{Code, Failure};
use dmctl::output::Printer;
use dmctl::session::{self, Desk, Editing, Editor, Manner, Manners, Outcome, Shell};

use crate::cluster::{Cluster, Script};
use crate::harness::Sandbox;
use crate::lines::sandbox;
use crate::pty::{Kind, Terminal, hung_up};

#[test]
fn a_terminal_that_goes_away_ends_the_session() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    for controls in [true, false] {
        for (keys, then) in [("task li", "li"), ("task \t", "task: command"), ("task status task-1 --wait stopped\r", "waiting")] {
            let ended = hung_up(&sandbox, controls, keys, then);
            assert!(["129", "Hangup"].contains(&ended.as_str()), "{keys:?}, {controls}: {ended}");
        }
    }
}

/// The test below runs this one on a terminal of its own.
#[test]
#[ignore = "it breaks on purpose"]
fn breaks_while_a_line_is_typed() {
    struct Nobody;
    impl Shell for Nobody {
        async fn line(&mut self, _text: &str) -> Outcome {
            Outcome::Leave
        }
        fn refuse(&mut self, failure: &Failure) -> Code {
            failure.exit
        }
        fn stopped(&mut self, _line: usize, _code: Code) {}
    }
    fn breaks(word: &str) -> Result<String, String> {
        if word == "boom" { panic!("broken on purpose") } else { Ok(word.to_owned()) }
    }
    fn grammar() -> clap::Command {
        let word = clap::Arg::new("WORD").value_parser(breaks);
        clap::Command::new("dmctl").subcommand(clap::Command::new("say").arg(word))
    }
    let desk = Arc::new(Desk::new(grammar, None));
    let manners = Manners { state: None, styled: false, editing: Editing::Emacs };
    let mut editor = Editor::open(&desk, &manners, Printer::standard(true)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _code = runtime.block_on(session::run(&mut editor, &mut Nobody, Manner::Interactive));
}

#[test]
fn a_program_that_breaks_gives_the_terminal_back_and_is_heard() {
    let sandbox = Sandbox::new();
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "session_ends::breaks_while_a_line_is_typed", "--ignored", "--nocapture"]);
    program.current_dir(sandbox.path(""));
    let mut terminal = Terminal::of(&program, "", Kind::USUAL);
    terminal.shows("dm > ");
    terminal.press("say boom");
    terminal.shows("say boom");
    assert_eq!(terminal.is_raw(), Some(true));
    terminal.press("\r");
    terminal.wait_for("broken on purpose");
    terminal.wait_for_the_end();
    assert_eq!(terminal.is_raw(), Some(false));
    let raw = terminal.raw();
    let (before, _) = raw.split_at(raw.find("thread '").unwrap());
    let (_, edited) = before.rsplit_once("\u{1b}[?2004h").unwrap();
    assert!(edited.contains("\u{1b}[?2004l") && edited.ends_with('\n'), "{raw:?}");
    assert!(terminal.picture().lines().any(|line| line.starts_with("broken on purpose")), "{}", terminal.picture());
}
