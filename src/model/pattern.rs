//! Name patterns: which schemas and tables a rule of a task is about.
//!
//! There are two dialects. The allow list and routes take a wildcard, or a regular expression behind a `~`. Event filters take
//! wildcards only. A wildcard has `?` for one byte, `[a-z]` or `[!a-z]` for one byte of a set, and `*` as its last sign for any rest.

use std::borrow::Cow;

use super::regex::{Regex, RegexError};

/// Why a rule on names can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A rule without a pattern.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// DM takes a star as the last sign only.
    #[error("`*` can stand at the end only: `{0}`")]
    StarInside(String),
    /// The text behind `~`, or a pattern for statements.
    #[error(transparent)]
    Regex(#[from] RegexError),
    /// An event filter for tables that have one.
    #[error("another filter has the same patterns")]
    Taken,
    /// A word that names no event.
    #[error("there is no event `{0}`")]
    UnknownEvent(String),
}

/// The schemas that are never migrated, in capitals.
const SYSTEM_SCHEMAS: &[&str] =
    &["DM_HEARTBEAT", "INFORMATION_SCHEMA", "INSPECTION_SCHEMA", "METRICS_SCHEMA", "MYSQL", "PERFORMANCE_SCHEMA", "SYS"];

/// Whether a schema belongs to the server itself, in any case of letters. DM never migrates it.
#[must_use]
pub fn is_system_schema(schema: &str) -> bool {
    SYSTEM_SCHEMAS.iter().any(|system| system.eq_ignore_ascii_case(schema))
}

/// A name or a pattern in small letters, letter by letter: what Go's `ToLower` gives.
#[must_use]
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect())
}

/// A name as rules compare it: in small letters unless letters count.
pub(crate) fn folded(case_sensitive: bool, text: &str) -> Cow<'_, str> {
    if case_sensitive { Cow::Borrowed(text) } else { lower(text) }
}

/// One sign of a wildcard. The order is the one in which DM looks for rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sign {
    /// `*`, the last sign.
    Rest,
    /// `?`.
    Any,
    /// `[...]`.
    Set(Set),
    /// Itself.
    Byte(u8),
}

/// The bytes of a `[...]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Set {
    not: bool,
    ranges: Vec<(u8, u8)>,
}

impl Set {
    /// Reads the text between the brackets.
    fn new(inside: &[u8]) -> Self {
        let (not, inside) = match inside {
            b"!" | [] => (false, inside),
            [b'!', rest @ ..] => (true, rest),
            _ => (false, inside),
        };
        let mut ranges = Vec::new();
        let mut at = 0;
        while let Some(&low) = inside.get(at) {
            match inside.get(at + 1..at + 3) {
                Some(&[b'-', high]) => {
                    ranges.push((low, high));
                    at += 3;
                }
                _ => {
                    ranges.push((low, low));
                    at += 1;
                }
            }
        }
        Self { not, ranges }
    }

    /// The set of some bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { not: false, ranges: bytes.iter().map(|&byte| (byte, byte)).collect() }
    }

    pub(crate) fn has(&self, byte: u8) -> bool {
        self.not != self.ranges.iter().any(|&(low, high)| low <= byte && byte <= high)
    }

    fn lies_in(&self, other: &Self) -> bool {
        self.ranges.iter().all(|&(low, high)| other.ranges.iter().any(|&(least, most)| least <= low && high <= most))
    }

    /// Whether DM holds both for the same set.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.not == other.not && self.lies_in(other) && other.lies_in(self)
    }
}

impl Sign {
    /// Whether DM holds both for the same sign.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Set(one), Self::Set(two)) => one.same(two),
            _ => self == other,
        }
    }

    /// Writes it as it stands in a wildcard.
    pub(crate) fn write(&self, text: &mut Vec<u8>) {
        match self {
            Self::Rest => text.push(b'*'),
            Self::Any => text.push(b'?'),
            Self::Byte(byte) => text.push(*byte),
            Self::Set(set) => {
                text.extend(if set.not { b"[!".as_slice() } else { b"[" });
                for &(low, high) in &set.ranges {
                    text.push(low);
                    if low != high {
                        text.extend([b'-', high]);
                    }
                }
                text.push(b']');
            }
        }
    }
}

/// A compiled wildcard.
#[derive(Debug, Clone)]
pub struct Wildcard {
    signs: Vec<Sign>,
    /// DM compares byte by byte but steps from character to character, so that a written character beyond ASCII never matches.
    never: bool,
}

impl Wildcard {
    /// Reads a wildcard. A `[` that is not closed stands for itself.
    ///
    /// # Errors
    /// A star is not the last sign.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let bytes = text.as_bytes();
        let mut signs = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            let closed = bytes[at..].iter().position(|&byte| byte == b']');
            signs.push(match (byte, closed) {
                (b'*', _) if at < bytes.len() => return Err(PatternError::StarInside(text.to_owned())),
                (b'*', _) => Sign::Rest,
                (b'?', _) => Sign::Any,
                (b'[', Some(length)) => {
                    let set = Set::new(&bytes[at..at + length]);
                    at += length + 1;
                    Sign::Set(set)
                }
                _ => Sign::Byte(byte),
            });
        }
        let never = signs.iter().any(|sign| matches!(sign, Sign::Byte(byte) if !byte.is_ascii()));
        Ok(Self { signs, never })
    }

    /// Whether it matches a whole name.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        let mut bytes = name.bytes();
        for sign in &self.signs {
            let fits = match (sign, bytes.next()) {
                (Sign::Rest, _) => return !self.never,
                (_, None) => false,
                (Sign::Any, Some(_)) => true,
                (Sign::Set(set), Some(byte)) => set.has(byte),
                (Sign::Byte(wanted), Some(byte)) => *wanted == byte,
            };
            if !fits {
                return false;
            }
        }
        bytes.next().is_none() && !self.never
    }

    /// The only name that it matches, if it is a plain name.
    fn name(&self) -> Option<String> {
        let plain = |sign: &Sign| match sign {
            Sign::Byte(byte) if byte.is_ascii() => Some(char::from(*byte)),
            _ => None,
        };
        self.signs.iter().map(plain).collect()
    }

    /// Whether it has a character that no name has at that place.
    pub(crate) const fn is_never(&self) -> bool {
        self.never
    }

    pub(crate) fn signs(&self) -> &[Sign] {
        &self.signs
    }
}

/// A pattern of the allow list or of a route.
#[derive(Debug, Clone)]
pub enum NamePattern {
    /// A plain name.
    Name(String),
    /// A wildcard.
    Wildcard(Wildcard),
    /// What stood behind a `~`. It may match anywhere in a name.
    Regex(Regex),
}

impl NamePattern {
    /// Reads a pattern. Where case does not count, DM also writes a regular expression small, so that `\S` becomes `\s`.
    ///
    /// # Errors
    /// It can't be used; `what` names it.
    pub fn new(what: &'static str, text: &str, case_sensitive: bool) -> Result<Self, PatternError> {
        let text = folded(case_sensitive, text);
        if text.is_empty() {
            return Err(PatternError::Empty(what));
        }
        if let Some(regex) = text.strip_prefix('~') {
            return Ok(Self::Regex(Regex::new(regex, !case_sensitive)?));
        }
        let wildcard = Wildcard::new(&text)?;
        Ok(wildcard.name().map_or(Self::Wildcard(wildcard), Self::Name))
    }

    /// Whether it matches a name, which is in small letters where case does not count.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Wildcard(wildcard) => wildcard.is_match(name),
            Self::Regex(regex) => regex.is_match(name),
        }
    }

    pub(crate) const fn is_regex(&self) -> bool {
        matches!(self, Self::Regex(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        NamePattern::new("a pattern", pattern, true).unwrap().is_match(name)
    }

    #[test]
    fn a_wildcard_matches_byte_by_byte() {
        for (pattern, name) in [
            ("shop", "shop"),
            ("shop*", "shop"),
            ("shop_?", "shop_1"),
            ("s[a-h]op", "shop"),
            ("s[!a]op", "shop"),
            ("[", "["),
            ("[!]", "!"),
            ("[a-]", "-"),
            ("??", "é"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("shop", "shop2"), ("shop?", "shop"), ("[]", "]"), ("[b-a]", "a"), ("?", "é"), ("é", "é"), ("é*", "é")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_star_stands_last_and_a_pattern_is_not_empty() {
        assert_eq!(Wildcard::new("a*b").unwrap_err(), PatternError::StarInside("a*b".to_owned()));
        assert_eq!(Wildcard::new("**").unwrap_err(), PatternError::StarInside("**".to_owned()));
        assert_eq!(NamePattern::new("a schema", "", true).unwrap_err(), PatternError::Empty("a schema"));
    }

    #[test]
    fn a_regular_expression_is_found_anywhere_and_is_gos() {
        assert!(matches("~op", "shop"));
        assert!(matches("~^s.*p$", "shop"));
        assert!(!matches("~^op", "shop"));
        assert!(!matches(r"~\d", "٣"), "\\d is ASCII");
        assert!(matches("~a{,2}", "a{,2}"));
        assert!(matches(r"~\Qa.b\E", "a.b"));
        assert!(NamePattern::new("a pattern", "~a**", true).is_err());
        let small = NamePattern::new("a pattern", r"~^\S$", false).unwrap();
        assert!(!small.is_match("a"), "the pattern became ^\\s$");
    }
}
