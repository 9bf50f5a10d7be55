//! Stages: the word DM uses for one subtask, and the word that dmctl derives for a whole task.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What one subtask does, as a DM worker says it (`pb.Stage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubtaskStage {
    /// Created a moment ago.
    New,
    /// At work.
    Running,
    /// Stopped by a user or by an error: DM's word for what this program calls stopped.
    Paused,
    /// Not started since it was created, or since its worker was.
    Stopped,
    /// A full copy that is through.
    Finished,
    /// On the way to `Paused`.
    Pausing,
    /// On the way to `Running`.
    Resuming,
    /// On the way to `Stopped`.
    Stopping,
    /// DM's `InvalidStage`, the empty word, or no answer at all.
    Unknown,
}

impl SubtaskStage {
    /// DM's own word; the empty text for [`Self::Unknown`].
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Stopped => "Stopped",
            Self::Finished => "Finished",
            Self::Pausing => "Pausing",
            Self::Resuming => "Resuming",
            Self::Stopping => "Stopping",
            Self::Unknown => "",
        }
    }

    /// The stage that DM's word means; a word that no known version uses is [`Self::Unknown`].
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        [Self::New, Self::Running, Self::Paused, Self::Stopped, Self::Finished, Self::Pausing, Self::Resuming, Self::Stopping]
            .into_iter()
            .find(|stage| stage.word() == word)
            .unwrap_or(Self::Unknown)
    }

    /// The same in the four words that dmctl shows: what is on its way counts as running, `Paused` reads stopped.
    #[must_use]
    pub const fn shown(self) -> Stage {
        match self {
            Self::New | Self::Running | Self::Pausing | Self::Resuming | Self::Stopping => Stage::Running,
            Self::Paused | Self::Stopped => Stage::Stopped,
            Self::Finished => Stage::Finished,
            Self::Unknown => Stage::Unknown,
        }
    }
}

/// The stage of a task, derived from its subtasks, and of a subtask as dmctl shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Stage {
    /// At least one subtask is at work.
    Running,
    /// No subtask is at work, and not all are finished.
    Stopped,
    /// Every subtask is finished.
    Finished,
    /// Nothing is known to run, and of at least one subtask nothing is known.
    Unknown,
}

impl Stage {
    /// Derives the stage of a task.
    ///
    /// All finished: finished. Any running: running. Else any unknown, or no subtask at all: unknown. Else stopped.
    pub fn of(subtasks: impl IntoIterator<Item = SubtaskStage>) -> Self {
        let shown: Vec<Self> = subtasks.into_iter().map(SubtaskStage::shown).collect();
        if shown.is_empty() {
            Self::Unknown
        } else if shown.iter().all(|stage| *stage == Self::Finished) {
            Self::Finished
        } else if shown.contains(&Self::Running) {
            Self::Running
        } else if shown.contains(&Self::Unknown) {
            Self::Unknown
        } else {
            Self::Stopped
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Stopped => "Stopped",
            Self::Finished => "Finished",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// The text is none of the four stage words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected Running, Stopped, Finished or Unknown")]
pub struct NoStage;

impl FromStr for Stage {
    type Err = NoStage;

    /// Reads a stage word in any case; `Paused`, the word of the Go dmctl, is taken as stopped.
    fn from_str(text: &str) -> Result<Self, NoStage> {
        match text.to_ascii_lowercase().as_str() {
            "running" => Ok(Self::Running),
            "stopped" | "paused" => Ok(Self::Stopped),
            "finished" => Ok(Self::Finished),
            "unknown" => Ok(Self::Unknown),
            _ => Err(NoStage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SubtaskStage::{Finished, New, Paused, Running, Stopped, Unknown};

    #[test]
    fn a_task_is_what_its_subtasks_are() {
        for (subtasks, task) in [
            (&[][..], Stage::Unknown),
            (&[Finished, Finished], Stage::Finished),
            (&[Finished, Running], Stage::Running),
            (&[Finished, Paused], Stage::Stopped),
            (&[Finished, Unknown], Stage::Unknown),
            (&[Running, Unknown], Stage::Running),
            (&[Stopped, Unknown], Stage::Unknown),
            (&[New], Stage::Running),
            (&[Paused, Stopped], Stage::Stopped),
            (&[SubtaskStage::Pausing], Stage::Running),
        ] {
            assert_eq!(Stage::of(subtasks.iter().copied()), task, "{subtasks:?}");
        }
    }

    #[test]
    fn words_are_read_back() {
        assert_eq!(SubtaskStage::from_word("Resuming"), SubtaskStage::Resuming);
        assert_eq!(SubtaskStage::from_word("InvalidStage"), Unknown);
        assert_eq!(SubtaskStage::from_word(""), Unknown);
        assert_eq!("PAUSED".parse(), Ok(Stage::Stopped));
        assert_eq!("weird".parse::<Stage>(), Err(NoStage));
    }
}
