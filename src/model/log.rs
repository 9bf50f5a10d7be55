//! What a server tells of its own doing. Whoever starts it decides where that goes.

use std::fmt;
use std::sync::Arc;

/// How much an entry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something was done.
    Info,
    /// Something is not as it should be, and goes on.
    Warning,
    /// Something failed.
    Error,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How much it matters.
    pub level: Level,
    /// What happened.
    pub message: String,
    /// What it is about: names and values.
    pub fields: Vec<(&'static str, String)>,
}

/// Where entries go.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(Entry) + Send + Sync>);

impl Log {
    /// A log that gives its entries to a function.
    pub fn new(take: impl Fn(Entry) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// A log that nobody reads.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Tells that something was done.
    pub fn info(&self, message: impl Into<String>, fields: impl IntoIterator<Item = (&'static str, String)>) {
        self.entry(Level::Info, message, fields);
    }

    /// Tells that something is not as it should be.
    pub fn warning(&self, message: impl Into<String>, fields: impl IntoIterator<Item = (&'static str, String)>) {
        self.entry(Level::Warning, message, fields);
    }

    /// Tells that something failed.
    pub fn error(&self, message: impl Into<String>, fields: impl IntoIterator<Item = (&'static str, String)>) {
        self.entry(Level::Error, message, fields);
    }

    fn entry(&self, level: Level, message: impl Into<String>, fields: impl IntoIterator<Item = (&'static str, String)>) {
        (self.0)(Entry { level, message: message.into(), fields: fields.into_iter().collect() });
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Log")
    }
}
