//! The life of a task, as one table: what each command and each report of the engine does to a subtask in each state.
//!
//! ```text
//! (nothing) -create-> Stopped -start-> Running -> Finished
//!                     Running -stop or an error-> Stopped
//!                     update: Stopped, Running;  delete: Stopped, Finished
//! ```
//!
//! What reads `Stopped` is three states here, since it matters whether a subtask ever ran, and whether an error stopped it.

use super::stage::SubtaskStage;

/// Where a subtask is in its life. This much is kept; how far it is with its work is only observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Life {
    /// Never started, or made to start over: nothing of it is on the target.
    Created,
    /// Stopped by a user.
    Stopped,
    /// Stopped by an error.
    Failed,
    /// Wanted at work.
    Running,
    /// Through.
    Finished,
}

/// How far a change of a task's configuration reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// How the work is done: threads and the like.
    Manner,
    /// How the databases are reached, and what else leaves rows on the target as they are.
    Connection,
    /// What is copied, or where to: rows that are there already would be wrong.
    Content,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Go to work; with `over`, from the beginning.
    Start {
        /// Forget what was done before (`--remove-meta`).
        over: bool,
    },
    /// Stop working.
    Stop,
    /// Take another configuration.
    Update(Reach),
    /// Be gone.
    Delete {
        /// Even while it runs.
        force: bool,
    },
}

/// What the engine reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// Everything is copied.
    Finished,
    /// It can't go on.
    Failed,
}

/// What becomes of a subtask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// It gets into another state.
    Becomes(Life),
    /// It stays as it is, and that is what was asked for.
    Stays,
    /// It stays as it is, and has to start over from now on.
    StaysUntilOver,
    /// It goes.
    Goes,
    /// Nothing is done.
    Refused(Refused),
}

/// Why a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// A finished subtask can't be started again just so.
    StartOfFinished,
    /// A running subtask can't start over.
    OverWhileRunning,
    /// A running subtask can't change so much.
    UpdateWhileRunning,
    /// A finished subtask has nothing left to change.
    UpdateOfFinished,
    /// A running subtask is not deleted without force.
    DeleteWhileRunning,
}

impl Life {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Created, Self::Stopped, Self::Failed, Self::Running, Self::Finished];

    /// What a command does.
    #[must_use]
    pub const fn command(self, command: Command) -> Step {
        match (command, self) {
            (Command::Start { over: false }, Self::Created | Self::Stopped | Self::Failed) => Step::Becomes(Self::Running),
            (Command::Start { over: false }, Self::Running) => Step::Stays,
            (Command::Start { over: false }, Self::Finished) => Step::Refused(Refused::StartOfFinished),
            (Command::Start { over: true }, Self::Running) => Step::Refused(Refused::OverWhileRunning),
            (Command::Start { over: true }, Self::Created | Self::Stopped | Self::Failed | Self::Finished) => {
                Step::Becomes(Self::Running)
            }
            (Command::Stop, Self::Running) => Step::Becomes(Self::Stopped),
            // An error that stopped it stays to be seen.
            (Command::Stop, Self::Created | Self::Stopped | Self::Failed | Self::Finished) => Step::Stays,
            (Command::Update(_), Self::Finished) => Step::Refused(Refused::UpdateOfFinished),
            (Command::Update(Reach::Manner), Self::Created | Self::Stopped | Self::Failed | Self::Running) => Step::Stays,
            (Command::Update(Reach::Connection | Reach::Content), Self::Running) => Step::Refused(Refused::UpdateWhileRunning),
            (Command::Update(Reach::Connection), Self::Created | Self::Stopped | Self::Failed) => Step::Stays,
            (Command::Update(Reach::Content), Self::Created) => Step::Stays,
            (Command::Update(Reach::Content), Self::Stopped | Self::Failed) => Step::StaysUntilOver,
            (Command::Delete { force: false }, Self::Running) => Step::Refused(Refused::DeleteWhileRunning),
            (Command::Delete { .. }, Self::Created | Self::Stopped | Self::Failed | Self::Running | Self::Finished) => Step::Goes,
        }
    }

    /// What a report of the engine does. One that comes after a stop was asked for still counts: it is how the work ended.
    #[must_use]
    pub const fn report(self, report: Report) -> Self {
        match (report, self) {
            (Report::Finished, Self::Running | Self::Stopped) => Self::Finished,
            (Report::Failed, Self::Running | Self::Stopped) => Self::Failed,
            (_, Self::Created | Self::Failed | Self::Finished) => self,
        }
    }

    /// The stage that is shown for it. A subtask that winds up its work after a stop is on its way.
    #[must_use]
    pub const fn stage(self, at_work: bool) -> SubtaskStage {
        match self {
            Self::Running => SubtaskStage::Running,
            Self::Finished => SubtaskStage::Finished,
            Self::Created | Self::Stopped | Self::Failed if at_work => SubtaskStage::Stopping,
            Self::Created | Self::Stopped | Self::Failed => SubtaskStage::Stopped,
        }
    }

    /// The word under which it is kept.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::Finished => "finished",
        }
    }

    /// The state that a word means.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|life| life.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Life::{Created, Failed, Finished, Running, Stopped};

    /// The table of the design, written out: a row a command, a column a state.
    #[test]
    fn the_table_is_that_of_the_design() {
        let becomes = Step::Becomes;
        let refused = Step::Refused;
        let (stays, over, goes) = (Step::Stays, Step::StaysUntilOver, Step::Goes);
        let table = [
            (
                Command::Start { over: false },
                [becomes(Running), becomes(Running), becomes(Running), stays, refused(Refused::StartOfFinished)],
            ),
            (
                Command::Start { over: true },
                [becomes(Running), becomes(Running), becomes(Running), refused(Refused::OverWhileRunning), becomes(Running)],
            ),
            (Command::Stop, [stays, stays, stays, becomes(Stopped), stays]),
            (Command::Update(Reach::Manner), [stays, stays, stays, stays, refused(Refused::UpdateOfFinished)]),
            (
                Command::Update(Reach::Connection),
                [stays, stays, stays, refused(Refused::UpdateWhileRunning), refused(Refused::UpdateOfFinished)],
            ),
            (
                Command::Update(Reach::Content),
                [stays, over, over, refused(Refused::UpdateWhileRunning), refused(Refused::UpdateOfFinished)],
            ),
            (Command::Delete { force: false }, [goes, goes, goes, refused(Refused::DeleteWhileRunning), goes]),
            (Command::Delete { force: true }, [goes; 5]),
        ];
        for (command, row) in table {
            for (life, step) in Life::ALL.into_iter().zip(row) {
                assert_eq!(life.command(command), step, "{command:?} of {life:?}");
            }
        }
    }

    #[test]
    fn a_report_counts_while_the_engine_may_be_at_work() {
        let after = |report| Life::ALL.map(|life| life.report(report));
        assert_eq!(after(Report::Finished), [Created, Finished, Failed, Finished, Finished]);
        assert_eq!(after(Report::Failed), [Created, Failed, Failed, Failed, Finished]);
    }

    #[test]
    fn only_stopped_states_read_stopped() {
        let shown = |at_work| Life::ALL.map(|life| life.stage(at_work).word());
        assert_eq!(shown(false), ["Stopped", "Stopped", "Stopped", "Running", "Finished"]);
        assert_eq!(shown(true), ["Stopping", "Stopping", "Stopping", "Running", "Finished"]);
    }

    #[test]
    fn words_are_read_back() {
        for life in Life::ALL {
            assert_eq!(Life::from_word(life.word()), Some(life));
        }
        assert_eq!(Life::from_word("Running"), None);
    }
}
