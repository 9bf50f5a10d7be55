//! What a check before the work found.

/// How an item of a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All is well.
    Passed,
    /// It works, but not as one might think.
    Warning,
    /// It can't work.
    Failed,
}

impl Verdict {
    /// DM's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "success",
            Self::Warning => "warn",
            Self::Failed => "fail",
        }
    }
}

/// One item of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckItem {
    /// DM's name of the item, such as `mysql_version`.
    pub name: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found; empty where all is well.
    pub message: String,
    /// What to do about it.
    pub cure: Option<String>,
    /// Which database or table it is about.
    pub about: String,
}
