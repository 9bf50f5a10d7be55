//! Many lines, one after the other: from a pipe, from a line editor, or from the prompt of a plain terminal.

mod aim;
mod alarm;
mod configuration;
mod desk;
mod editor;
mod first;
mod help;
mod highlight;
mod hint;
mod history;
mod keys;
mod lines;
pub mod live;
mod menu;
mod menu_view;
mod panel;
mod prompt;
mod search;
mod signals;
mod terminal;
mod validator;

pub use aim::Aim;
pub use desk::Desk;
pub use editor::{Editor, Manners};
pub use keys::Editing;
pub use lines::{Lines, Pipe, Terminal};
pub use terminal::is_capable;

use crate::exit::{Code, Failure};
use lines::Next;

/// What the loop needs of the program.
#[expect(async_fn_in_trait, reason = "used inside this crate, on one thread")]
pub trait Shell {
    /// Runs a line and shows how it ended.
    async fn line(&mut self, text: &str) -> Outcome;
    /// Shows a failure of the loop itself.
    fn refuse(&mut self, failure: &Failure) -> Code;
    /// The command that would come next, after the last line.
    fn next(&mut self) -> Option<String> {
        None
    }
    /// Tells that the loop ends early, at this line.
    fn stopped(&mut self, line: usize, code: Code);
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It ran.
    Ran(Code),
    /// It asks to leave.
    Leave,
}

/// A session without anywhere to show its answers.
#[must_use]
pub fn needs_a_terminal() -> Failure {
    Failure::usage("a session needs a terminal for its answers, and standard output is none")
        .hinted("give a command, as in `dmctl task list`, or pipe commands in")
}

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// At the first failure, with its code.
    StopAtFailure,
    /// At the end, with the first failure's code.
    KeepGoing,
    /// At the end, with 0: a person has seen how each line ended.
    Interactive,
}

/// Runs lines until there are none left, and returns the exit code of it all. That nobody reads the answers any more is no reason to
/// stop: a line may be there for what it changes.
pub async fn run(lines: &mut impl Lines, shell: &mut impl Shell, manner: Manner) -> Code {
    let mut first_failure = Code::Done;
    loop {
        let (number, code) = match lines.next().await {
            Next::End => return first_failure,
            Next::Ended(code) => return code,
            Next::Nothing => continue,
            Next::Interrupted if manner == Manner::Interactive => continue,
            Next::Interrupted => return shell.refuse(&Failure::new(Code::Interrupted, "interrupted")),
            Next::Broken { number, failure } => (number, shell.refuse(&failure)),
            Next::Line { number, text } => {
                let outcome = tokio::select! {
                    code = lines.ended() => return code,
                    outcome = shell.line(&text) => outcome,
                };
                match outcome {
                    Outcome::Leave => return first_failure,
                    Outcome::Ran(code) => (number, code),
                }
            }
        };
        if manner == Manner::Interactive {
            if lines.came_to(code, shell.next()) {
                shell.stopped(number, code);
            }
            continue;
        }
        if code == Code::Done {
            continue;
        }
        if first_failure == Code::Done {
            first_failure = code;
        }
        if manner == Manner::StopAtFailure || code == Code::Interrupted {
            shell.stopped(number, code);
            return code;
        }
    }
}
