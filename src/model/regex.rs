//! Regular expressions as DM means them. DM is written in Go, and Go's dialect is not the one of the `regex` crate: `\d` is ASCII
//! only, `{` may stand for itself, `\Q..\E` quotes, and a set has no operators. So a pattern is read by Go's rules and written anew.

use std::fmt::Write as _;

use regex::bytes;

/// Go refuses to repeat a thing more often.
const MOST_REPEATS: u32 = 1000;

/// A compiled regular expression in Go's dialect.
#[derive(Debug, Clone)]
pub struct Regex(bytes::Regex);

/// Why a text is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}: `{part}`")]
pub struct RegexError {
    why: &'static str,
    part: String,
}

impl Regex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The text is no regular expression to Go, or too big a one.
    pub fn new(pattern: &str, ignore_case: bool) -> Result<Self, RegexError> {
        let mut reader = Reader { rest: pattern, out: String::new(), open: 0 };
        if ignore_case {
            reader.out.push_str("(?i)");
        }
        reader.read()?;
        bytes::Regex::new(&reader.out)
            .map(Self)
            .map_err(|_| RegexError { why: "not understood, or too big", part: pattern.to_owned() })
    }

    /// The expression in the dialect of the `regex` crate.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it matches anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text.as_bytes())
    }

    /// How many groups it has.
    #[must_use]
    pub fn group_count(&self) -> usize {
        self.0.captures_len() - 1
    }

    /// What its groups hold at the first match, one after the other; empty without a match.
    #[must_use]
    pub fn groups(&self, text: &str) -> String {
        let Some(captures) = self.0.captures(text.as_bytes()) else {
            return String::new();
        };
        let held: Vec<u8> = captures.iter().skip(1).flatten().flat_map(|group| group.as_bytes().iter().copied()).collect();
        String::from_utf8_lossy(&held).into_owned()
    }
}

/// What the last thing read was, to judge a repetition that follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing to repeat: the start of a group or of an alternative.
    Nothing,
    /// Something to repeat.
    Atom,
    /// A repetition, which can't be repeated.
    Repeat,
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
    /// How many groups are open.
    open: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<(), RegexError> {
        let mut last = Last::Nothing;
        while let Some(first) = self.rest.chars().next() {
            last = match first {
                '(' => self.group(last)?,
                '|' => {
                    self.take("|");
                    Last::Nothing
                }
                ')' => {
                    if self.open == 0 {
                        return self.fail("a bracket is closed that was not opened", ")");
                    }
                    self.open -= 1;
                    self.take(")");
                    Last::Atom
                }
                '*' | '+' | '?' => self.repeat(last, 1)?,
                '{' => match bounds(self.rest) {
                    Some((length, least, most)) => {
                        if least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS || most < least) {
                            return self.fail("no such number of repetitions", &self.rest[..length]);
                        }
                        self.repeat(last, length)?
                    }
                    None => self.literal('{'),
                },
                '[' => self.class()?,
                '^' | '$' | '.' => {
                    self.take(&self.rest[..1]);
                    Last::Atom
                }
                '\\' => self.escape(last)?,
                other => self.literal(other),
            };
        }
        if self.open == 0 { Ok(()) } else { self.fail("a bracket is not closed", "(") }
    }

    fn fail<T>(&self, why: &'static str, part: &str) -> Result<T, RegexError> {
        Err(RegexError { why, part: part.to_owned() })
    }

    /// Takes a text that means the same in both dialects.
    fn take(&mut self, text: &str) {
        self.out.push_str(text);
        self.rest = &self.rest[text.len()..];
    }

    fn literal(&mut self, letter: char) -> Last {
        self.rest = &self.rest[letter.len_utf8()..];
        write_letter(&mut self.out, letter);
        Last::Atom
    }

    fn repeat(&mut self, last: Last, length: usize) -> Result<Last, RegexError> {
        match last {
            Last::Nothing => self.fail("there is nothing to repeat", &self.rest[..length]),
            Last::Repeat => self.fail("a repetition can't be repeated", &self.rest[..length]),
            Last::Atom => {
                self.take(&self.rest[..length]);
                if self.rest.starts_with('?') {
                    self.take("?");
                }
                Ok(Last::Repeat)
            }
        }
    }

    fn group(&mut self, last: Last) -> Result<Last, RegexError> {
        let Some(inside) = self.rest.strip_prefix("(?") else {
            self.open += 1;
            self.take("(");
            return Ok(Last::Nothing);
        };
        if let Some(named) = inside.strip_prefix("P<").or_else(|| inside.strip_prefix('<')) {
            let name = named.split_once('>').map_or("", |(name, _)| name);
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return self.fail("a group has no good name", self.rest);
            }
            self.open += 1;
            self.out.push('(');
            self.rest = &named[name.len() + 1..];
            return Ok(Last::Nothing);
        }
        self.flags(inside, last)
    }

    /// `(?i)`, `(?i-s:` and the like. Go takes a flag twice, and none at all.
    fn flags(&mut self, inside: &'a str, last: Last) -> Result<Last, RegexError> {
        let Some(length) = inside.find([')', ':']) else {
            return self.fail("a bracket is not closed", self.rest);
        };
        let (text, end) = (&inside[..length], &inside[length..=length]);
        let mut set: [Option<bool>; 4] = [None; 4];
        let (mut on, mut seen) = (true, true);
        for letter in text.chars() {
            match ("imsU".find(letter), letter) {
                (Some(flag), _) => {
                    set[flag] = Some(on);
                    seen = true;
                }
                (None, '-') if on => (on, seen) = (false, false),
                (None, _) => return self.fail("a bracket has an unknown flag", self.rest),
            }
        }
        if !seen {
            return self.fail("a bracket has an unknown flag", self.rest);
        }
        let written = |wanted| "imsU".chars().zip(set).filter(move |(_, flag)| *flag == Some(wanted)).map(|(letter, _)| letter);
        let (ons, offs): (String, String) = (written(true).collect(), written(false).collect());
        self.rest = &inside[length + 1..];
        let minus = if offs.is_empty() { "" } else { "-" };
        if end == ")" && ons.is_empty() && offs.is_empty() {
            return Ok(last);
        }
        let _ = write!(self.out, "(?{ons}{minus}{offs}{end}");
        if end == ")" {
            // What stood before can't be repeated across it here; in Go it can, which nobody writes.
            return Ok(Last::Nothing);
        }
        self.open += 1;
        Ok(Last::Nothing)
    }

    /// What begins with a backslash, outside of a set.
    fn escape(&mut self, last: Last) -> Result<Last, RegexError> {
        let mut letters = self.rest.chars();
        letters.next();
        let written = match letters.next() {
            Some('Q') => {
                let (quoted, rest) = self.rest[2..].split_once("\\E").unwrap_or((&self.rest[2..], ""));
                self.rest = rest;
                quoted.chars().for_each(|letter| write_letter(&mut self.out, letter));
                return Ok(if quoted.is_empty() { last } else { Last::Atom });
            }
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"(?-u:\b)",
            // The second half keeps it between two characters.
            Some('B') => r"(?:(?-u:\B)(?:\b|\B))",
            _ => {
                if let Some(set) = self.perl() {
                    let _ = write!(self.out, "[{set}]");
                } else if !self.property()? {
                    let letter = self.escaped()?;
                    write_letter(&mut self.out, letter);
                }
                return Ok(Last::Atom);
            }
        };
        self.out.push_str(written);
        self.rest = &self.rest[2..];
        Ok(Last::Atom)
    }

    /// `\d` and its like, which are ASCII in Go.
    fn perl(&mut self) -> Option<&'static str> {
        let set = match self.rest.as_bytes().get(1)? {
            b'd' => "0-9",
            b'D' => "^0-9",
            b's' => r"\t\n\x0C\r ",
            b'S' => r"^\t\n\x0C\r ",
            b'w' => "0-9A-Za-z_",
            b'W' => "^0-9A-Za-z_",
            _ => return None,
        };
        self.rest = &self.rest[2..];
        Some(set)
    }

    /// `\pL`, `\p{Greek}`, `\P{^Greek}`.
    fn property(&mut self) -> Result<bool, RegexError> {
        let mut letters = self.rest[1..].chars();
        let Some(mut sign @ ('p' | 'P')) = letters.next() else {
            return Ok(false);
        };
        let inside = letters.as_str();
        let (name, rest) = match (inside.strip_prefix('{').and_then(|named| named.split_once('}')), inside.chars().next()) {
            (Some(parts), _) => parts,
            (None, Some(letter)) if letter != '{' => inside.split_at(letter.len_utf8()),
            _ => return self.fail("a class of characters has no name", self.rest),
        };
        let plain = name.trim_start_matches('^');
        if name.len() == plain.len() + 1 {
            sign = if sign == 'p' { 'P' } else { 'p' };
        }
        if plain.is_empty()
            || name.len() > plain.len() + 1
            || !plain.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '_')
        {
            return self.fail("there is no such class of characters", name);
        }
        let _ = write!(self.out, "\\{sign}{{{plain}}}");
        self.rest = rest;
        Ok(true)
    }

    /// One escaped character: `\.`, `\n`, `\x41`, `\101`.
    fn escaped(&mut self) -> Result<char, RegexError> {
        let whole = self.rest;
        let bad = || RegexError { why: "no such escape", part: whole.chars().take(2).collect() };
        let first = self.rest[1..].chars().next().ok_or_else(bad)?;
        let after = &self.rest[1 + first.len_utf8()..];
        let (letter, rest) = match first {
            '0'..='7' => {
                let digits = self.rest[1..].bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                if first != '0' && digits < 2 {
                    return Err(bad());
                }
                (u32::from_str_radix(&self.rest[1..=digits], 8).ok().and_then(char::from_u32), &self.rest[1 + digits..])
            }
            'x' => {
                let (digits, rest) = match after.strip_prefix('{') {
                    Some(braced) => braced.split_once('}').ok_or_else(bad)?,
                    None => (after.get(..2).ok_or_else(bad)?, &after[2..]),
                };
                let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                (u32::from_str_radix(digits, 16).ok().filter(|_| hex).and_then(char::from_u32), rest)
            }
            'a' => (Some('\u{7}'), after),
            'f' => (Some('\u{c}'), after),
            'n' => (Some('\n'), after),
            'r' => (Some('\r'), after),
            't' => (Some('\t'), after),
            'v' => (Some('\u{b}'), after),
            sign if sign.is_ascii() && !sign.is_ascii_alphanumeric() => (Some(sign), after),
            _ => (None, after),
        };
        self.rest = rest;
        letter.ok_or_else(bad)
    }

    /// `[a-z]`. The first `]` stands for itself, and so do `[` and `&` everywhere.
    fn class(&mut self) -> Result<Last, RegexError> {
        let whole = self.rest;
        let unclosed = || RegexError { why: "a set is not closed", part: whole.to_owned() };
        self.take("[");
        if self.rest.starts_with('^') {
            self.take("^");
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if let Some(length) = self.rest.strip_prefix("[:").and_then(|named| named.find(":]")) {
                let name = &self.rest[..length + 4];
                if !POSIX.contains(&name[2..length + 2].trim_start_matches('^')) {
                    return self.fail("there is no such class of characters", name);
                }
                self.take(name);
                continue;
            }
            if self.rest.starts_with('\\') {
                if let Some(set) = self.perl() {
                    let _ = write!(self.out, "[{set}]");
                    continue;
                }
                if self.property()? {
                    continue;
                }
            }
            let low = self.class_letter().unwrap_or_else(|| Err(unclosed()))?;
            let mut high = low;
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") && self.rest.len() > 1 {
                self.rest = &self.rest[1..];
                high = self.class_letter().unwrap_or_else(|| Err(unclosed()))?;
            }
            if high < low {
                return self.fail("a range of characters runs backwards", whole);
            }
            let _ = write!(self.out, "\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high));
        }
        self.take("]");
        Ok(Last::Atom)
    }

    fn class_letter(&mut self) -> Option<Result<char, RegexError>> {
        let letter = self.rest.chars().next()?;
        if letter == '\\' {
            return Some(self.escaped());
        }
        self.rest = &self.rest[letter.len_utf8()..];
        Some(Ok(letter))
    }
}

/// The named classes that may stand in a set.
const POSIX: &[&str] =
    &["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];

fn write_letter(out: &mut String, letter: char) {
    if letter.is_ascii_alphanumeric() || !letter.is_ascii() {
        out.push(letter);
    } else {
        let _ = write!(out, "\\x{{{:x}}}", u32::from(letter));
    }
}

/// `{2}`, `{2,}` or `{2,3}` at the start of a text: its length, and the bounds. Anything else is no repetition.
fn bounds(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let inside = text.strip_prefix('{')?;
    let inside = &inside[..inside.find('}')?];
    let number = |digits: &str| {
        let plain =
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        plain.then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match inside.split_once(',') {
        None => (number(inside)?, Some(number(inside)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((inside.len() + 2, least, most))
}
