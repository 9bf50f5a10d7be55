//! Lines that are to be gone through one after the other, by somebody who may type other ones between.

use crate::commands::playground::Step;
use crate::exit::Code;

/// Such lines, and how far it is.
#[derive(Default)]
pub(super) struct Tour {
    steps: Vec<Step>,
    /// The step that is to come.
    at: usize,
    /// It was just reached.
    reached: bool,
}

impl Tour {
    pub(super) const fn new(steps: Vec<Step>) -> Self {
        Self { steps, at: 0, reached: false }
    }

    /// The line that is to come.
    pub(super) fn line(&self) -> Option<String> {
        self.steps.get(self.at).map(|step| step.line.clone())
    }

    /// Hears of a line that was run, and whether there was an answer. One that stands there several times is the next of them, or else the last.
    pub(super) fn ran(&mut self, line: &str, code: Code, answered: bool) {
        let is_it = |step: &Step| step.line == line;
        let ahead = self.steps.iter().skip(self.at).position(is_it).map(|further| self.at + further);
        let found = ahead.or_else(|| self.steps.iter().rposition(is_it));
        let done = found.filter(|at| self.steps.get(*at).is_some_and(|step| step.goes_on(code, answered)));
        self.reached = done.is_some();
        if let Some(done) = done {
            self.at = done + 1;
        }
    }

    /// The line that is to come, if the last one was of the tour and went as it should. Asked once.
    pub(super) fn next(&mut self) -> Option<String> {
        std::mem::take(&mut self.reached).then(|| self.line()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_comes_twice_leads_on_twice() {
        let mut tour = Tour::new(vec![Step::new("start"), Step::new("verify"), Step::differing("verify"), Step::new("stop")]);
        assert_eq!(tour.line().as_deref(), Some("start"));
        let mut after = |line: &str, code| {
            tour.ran(line, code, true);
            tour.next()
        };
        assert_eq!(after("verify", Code::Failed), None, "the first is to find no difference");
        assert_eq!(after("start", Code::Done).as_deref(), Some("verify"));
        assert_eq!(after("list", Code::Done), None);
        assert_eq!(after("verify", Code::Done).as_deref(), Some("verify"));
        assert_eq!(after("verify", Code::Unreachable), None);
        assert_eq!(after("verify", Code::Failed).as_deref(), Some("stop"));
        assert_eq!(after("verify", Code::Failed).as_deref(), Some("stop"));
        assert_eq!(after("stop", Code::Done), None);
        assert_eq!(after("start", Code::Done).as_deref(), Some("verify"));
        assert_eq!(after("verify", Code::Done).as_deref(), Some("verify"));
        tour.ran("verify", Code::Failed, false);
        assert_eq!(tour.next(), None, "a failure tells no differences");
    }
}
