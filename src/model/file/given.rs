//! Values together with the place where they are written.

use std::fmt;

use super::Tree;

/// A place in a text; both numbers count from 1. Zero stands for a value that was put in and is written nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A value that was written, with its place. Two are equal if their values are, wherever they stand.
#[derive(Debug, Clone, Default)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Where the value is written.
    pub place: Place,
    /// Where its key is written; for an item of a list, the value's own place.
    pub key: Place,
}

impl<T> Given<T> {
    /// A value that is written nowhere.
    pub fn new(value: impl Into<T>) -> Self {
        Self { value: value.into(), place: Place::default(), key: Place::default() }
    }
}

impl<T: PartialEq> PartialEq for Given<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// Values under names of the user's choice, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T>(pub Vec<(Given<String>, Given<T>)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Given<T>> {
        self.0.iter().find(|(known, _)| known.value == name).map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&Given<String>, &Given<T>)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names alone.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.value.as_str())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A text that must not be shown: a password, or a private key. Its debug form is only stars.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What DM shows in the place of a password.
    pub const MASK: &str = "******";

    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be sent and not to be shown.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it is what DM shows, and not a password.
    #[must_use]
    pub fn is_mask(&self) -> bool {
        self.0 == Self::MASK
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("******")
    }
}

/// Keys that DM takes with anything behind them, and does not look at.
#[derive(Clone, Default, PartialEq)]
pub struct Anything(pub(super) Tree);

impl fmt::Debug for Anything {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Anything")
    }
}

/// The contents of a file that must not be shown. In YAML it is a list of numbers, the only form that DM takes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretBytes(pub(super) Vec<u8>);

impl SecretBytes {
    /// Keeps bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves, to be sent and not to be shown.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("******")
    }
}

/// A span of time as Go writes it, such as `1m30s`, where DM takes nothing for none at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span(pub String);

/// A number of bytes with or without a unit, such as `10GiB`, where DM takes nothing for none at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Size(pub String);

impl Anything {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Tree::Nothing => true,
            Tree::Map(entries) => entries.is_empty(),
            Tree::List(items) => items.is_empty(),
            _ => false,
        }
    }
}
