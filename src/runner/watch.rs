//! A command that reads, again and again, at the same place of the terminal.

use std::time::Duration;

use super::{Patience, Runner, interrupts, manners};
use crate::cli::Globals;
use crate::commands::Resource;
use crate::exit::{Code, Failure};
use crate::output::{Frame, Keys, human};
use crate::target::Choice;

/// Faster than this nobody reads.
const FASTEST: Duration = Duration::from_millis(100);

/// What is to be run, made anew for each answer.
pub(super) type Again<'a> = &'a dyn Fn() -> Option<Resource>;

impl Runner {
    /// Asks and paints until a key is pressed, and returns the code of the last answer. A cluster that does not answer is told, and
    /// asked again. `every` is the rest between two answers.
    pub(super) async fn watch(&mut self, globals: &Globals, again: Again<'_>, every: Duration) -> Code {
        let (globals, choice) = self.chosen(globals.clone());
        match self.frames(&globals, &choice, again, every).await {
            Ok(code) => code,
            Err(failure) => super::fail(&mut self.printer, &failure, &globals),
        }
    }

    async fn frames(&mut self, globals: &Globals, choice: &Choice, again: Again<'_>, every: Duration) -> Result<Code, Failure> {
        if every < FASTEST {
            return Err(Failure::usage(format!("`--every` must be {}ms or more", FASTEST.as_millis())));
        }
        match again() {
            Some(Resource::Started(started)) => return Err(started.misplaced()),
            Some(resource) => {
                if let Some(change) = resource.change() {
                    return Err(Failure::usage(format!("`{change}` changes something: only what reads can be watched")));
                }
            }
            None => {}
        }
        let Some(mut keys) = self.printer.has_screen().then(Keys::listen).flatten() else {
            return Err(Failure::usage("to watch something takes a terminal, for the answers and for the key that ends it")
                .hinted("`task status TASK --wait STATE` waits for a stage, also without a terminal"));
        };
        let mut interrupt = interrupts()?;
        let (format, color) = manners(globals);
        let mut frame = Frame::default();
        let mut code = Code::Done;
        while let Some(resource) = again() {
            let answer = tokio::select! {
                answer = self.answer(globals, choice, resource, Patience::Silent) => answer,
                () = keys.pressed() => break,
            };
            code = match &answer {
                Ok(reply) => reply.code,
                Err(failure) => failure.exit,
            };
            if code == Code::Interrupted {
                break;
            }
            let told = format!("every {}, a key ends it\n\n{}", rest(every), self.printer.text(&answer, format, color));
            self.printer.paint(&mut frame, &told);
            // What no other answer can come of.
            if matches!(code, Code::Usage) {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = keys.pressed() => break,
                _ = interrupt.recv() => {
                    code = Code::Interrupted;
                    break;
                }
            }
        }
        Ok(code)
    }
}

fn rest(every: Duration) -> String {
    if every < Duration::from_secs(1) { format!("{}ms", every.as_millis()) } else { human::duration(every) }
}
