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

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckProblem {
    /// It can't work with it; else it is a warning.
    pub is_failure: bool,
    /// What was found.
    pub message: String,
    /// The object that is not as it should be, where there are two.
    pub here: Option<String>,
    /// What it was compared with.
    pub there: Option<String>,
    /// What to do about it.
    pub cure: Option<String>,
    /// The statements that do it, where there are some that do no harm.
    pub sql: Vec<String>,
}

impl CheckProblem {
    /// Something that can't work.
    pub fn failure(message: impl Into<String>) -> Self {
        Self { is_failure: true, message: message.into(), here: None, there: None, cure: None, sql: Vec::new() }
    }

    /// Something that works, but not as one might think.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { is_failure: false, ..Self::failure(message) }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn cured_by(self, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()).filter(|cure| !cure.is_empty()), ..self }
    }

    /// The same with a statement that does it.
    #[must_use]
    pub fn mended_by(mut self, statement: impl Into<String>) -> Self {
        self.sql.push(statement.into());
        self
    }

    /// The same as a comparison of two things.
    #[must_use]
    pub fn comparing(self, here: impl Into<String>, there: impl Into<String>) -> Self {
        Self { here: Some(here.into()), there: Some(there.into()), ..self }
    }
}

/// One item of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckItem {
    /// DM's name of the item, such as `mysql_version`.
    pub name: String,
    /// What is checked.
    pub description: &'static str,
    /// Which database or table it is about.
    pub about: String,
    /// What was found; nothing where all is well.
    pub problems: Vec<CheckProblem>,
}

impl CheckItem {
    /// How it came out.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.problems.iter().map(|problem| problem.is_failure).max() {
            None => Verdict::Passed,
            Some(false) => Verdict::Warning,
            Some(true) => Verdict::Failed,
        }
    }
}

/// How much there is to copy, by what the sources know without counting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Tables.
    pub tables: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of the rows, without their indexes.
    pub bytes: u64,
}

/// All that a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// The items; none when all were to be left out.
    pub items: Vec<CheckItem>,
    /// The size of the task; none when a source could not be looked at.
    pub estimate: Option<Estimate>,
    /// What would make the task faster.
    pub hints: Vec<String>,
}

impl Checked {
    /// Whether something can't work.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.items.iter().any(|item| item.verdict() == Verdict::Failed)
    }
}
