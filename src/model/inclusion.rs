//! Whether all names of one pattern are names of another, also where regular expressions are among them: decided for every name that
//! there can be, by walking the automata of both side by side.

use std::collections::HashSet;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

use super::pattern::{NamePattern, Sign};

/// The largest automaton that is built, and how much memory may go into it.
const LARGEST: usize = 4 << 20;
/// How many states are looked at, side by side.
const MOST_STEPS: usize = 200_000;

/// How the names of two patterns lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// No name is of both.
    Apart,
    /// All names of the first are of the second.
    Within,
    /// All names of the second are of the first, and not the other way round.
    Around,
    /// They share some.
    Across,
}

/// The names of a pattern, as an automaton.
pub struct Language(Dfa);

type Dfa = dense::DFA<Vec<u32>>;

/// A name of each part into which two languages divide all names, as far as the part has any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// Of both.
    pub both: Option<String>,
    /// Of the first only.
    pub only_one: Option<String>,
    /// Of the second only.
    pub only_two: Option<String>,
}

/// All names that can be asked for, to divide them by patterns.
pub struct Names(Dfa);

impl Language {
    /// The language of a pattern; nothing if its automaton is too large.
    #[must_use]
    pub fn new(pattern: &NamePattern) -> Option<Self> {
        automaton(&regex_of(pattern)).map(Self)
    }
}

impl Names {
    /// All names; in small letters where case does not count.
    #[must_use]
    pub fn new(case_sensitive: bool) -> Option<Self> {
        // In small letters there are no capitals. Nobody names a table with a long s, which would count as an s in one dialect only.
        automaton(if case_sensitive { r"\A(?s:.)*\z" } else { r"\A[^A-Z\x{17f}\x{212a}]*\z" }).map(Self)
    }

    /// Divides the names by two languages; nothing if that is too much work.
    #[must_use]
    pub fn divide(&self, one: &Language, two: &Language) -> Option<Parts> {
        let automata = [&one.0, &two.0, &self.0];
        let begin = |automaton: &Dfa| automaton.start_state(&start::Config::new().anchored(Anchored::Yes)).ok();
        let first = [begin(automata[0])?, begin(automata[1])?, begin(automata[2])?];
        let mut parts = Parts::default();
        let mut seen = HashSet::from([first]);
        // The way to each state: the place of the one before, and the byte between.
        let mut ways: Vec<([StateID; 3], usize, u8)> = vec![(first, 0, 0)];
        let bytes = representatives(&automata);
        let mut at = 0;
        while let Some(&(states, ..)) = ways.get(at) {
            let ends = |which: usize| automata[which].is_match_state(automata[which].next_eoi_state(states[which]));
            if at > 0 && ends(2) {
                let part = match (ends(0), ends(1)) {
                    (true, true) => Some(&mut parts.both),
                    (true, false) => Some(&mut parts.only_one),
                    (false, true) => Some(&mut parts.only_two),
                    (false, false) => None,
                };
                if let Some(part) = part.filter(|part| part.is_none()) {
                    *part = String::from_utf8(name_at(&ways, at)).ok();
                }
            }
            for &byte in &bytes {
                let next = |which: usize| automata[which].next_state(states[which], byte);
                let next: [StateID; 3] = [next(0), next(1), next(2)];
                if (0..3).any(|which| automata[which].is_quit_state(next[which])) {
                    return None;
                }
                let dead = |which: usize| automata[which].is_dead_state(next[which]);
                let lost = dead(2) || (dead(0) && dead(1));
                if !lost && seen.insert(next) {
                    ways.push((next, at, byte));
                }
            }
            if ways.len() > MOST_STEPS {
                return None;
            }
            at += 1;
        }
        Some(parts)
    }
}

/// One byte of each kind that the automata tell apart, one that makes a readable name if there is one.
fn representatives(automata: &[&Dfa; 3]) -> Vec<u8> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let all = (b'a'..=b'z').chain(b'0'..=b'9').chain([b'_']).chain((0..=u8::MAX).filter(|&byte| !plain(byte)));
    let mut seen = HashSet::new();
    all.filter(|&byte| seen.insert(automata.map(|automaton| automaton.byte_classes().get(byte)))).collect()
}

/// The name that leads to a place.
fn name_at(ways: &[([StateID; 3], usize, u8)], mut at: usize) -> Vec<u8> {
    let mut name = Vec::new();
    while at != 0 {
        name.push(ways[at].2);
        at = ways[at].1;
    }
    name.reverse();
    name
}

/// How the names of two patterns lie to each other; nothing if that is too much work.
#[must_use]
pub fn lie(one: &NamePattern, two: &NamePattern, case_sensitive: bool) -> Option<Lie> {
    let parts = Names::new(case_sensitive)?.divide(&Language::new(one)?, &Language::new(two)?)?;
    Some(match (parts.both, parts.only_one, parts.only_two) {
        (_, None, _) => Lie::Within,
        (None, ..) => Lie::Apart,
        (Some(_), Some(_), None) => Lie::Around,
        (Some(_), Some(_), Some(_)) => Lie::Across,
    })
}

fn automaton(regex: &str) -> Option<Dfa> {
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .match_kind(MatchKind::All)
        .unicode_word_boundary(true)
        .dfa_size_limit(Some(LARGEST))
        .determinize_size_limit(Some(LARGEST));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().utf8(false))
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(LARGEST)))
        .build(regex)
        .ok()
}

/// A pattern as a regular expression for whole names, byte by byte.
fn regex_of(pattern: &NamePattern) -> String {
    let mut text = r"\A".to_owned();
    let byte = |byte: u8| format!(r"(?-u:\x{byte:02x})");
    match pattern {
        NamePattern::Name(name) => name.bytes().for_each(|own| text.push_str(&byte(own))),
        NamePattern::Regex(regex) => text.push_str(&format!("(?s-u:.)*(?:{})(?s-u:.)*", regex.as_str())),
        NamePattern::Wildcard(wildcard) if wildcard.is_never() => text.push_str("[a&&b]"),
        NamePattern::Wildcard(wildcard) => {
            for sign in wildcard.signs() {
                match sign {
                    Sign::Rest => text.push_str("(?s-u:.)*"),
                    Sign::Any => text.push_str("(?s-u:.)"),
                    Sign::Byte(own) => text.push_str(&byte(*own)),
                    Sign::Set(set) => {
                        let bytes: Vec<String> =
                            (0..=u8::MAX).filter(|&own| set.has(own)).map(|own| format!(r"\x{own:02x}")).collect();
                        let class = if bytes.is_empty() { "a&&b".to_owned() } else { bytes.concat() };
                        text.push_str(&format!("(?-u:[{class}])"));
                    }
                }
            }
        }
    }
    text + r"\z"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lie_of(one: &str, two: &str, case_sensitive: bool) -> Option<Lie> {
        let read = |text| NamePattern::new("a pattern", text, case_sensitive).unwrap();
        lie(&read(one), &read(two), case_sensitive)
    }

    #[test]
    fn patterns_of_both_kinds_lie_as_their_names_do() {
        for (one, two, how) in [
            (r"~^shop_\d+$", "shop_*", Lie::Within),
            (r"~^shop_\d+$", "shop_?", Lie::Across),
            (r"~^shop_(1|2[0-9])", "shop_1*", Lie::Around),
            ("~^shop", "~op", Lie::Within),
            ("~^a", "b*", Lie::Apart),
            (r"~^shop_\d+$", "[!a]_*", Lie::Apart),
            ("s*", "~.", Lie::Within),
            ("é*", "~.", Lie::Within),
            (r"~\bshop\b", "shop", Lie::Around),
            ("shop[]", "~x", Lie::Within),
        ] {
            assert_eq!(lie_of(one, two, true), Some(how), "{one} {two}");
        }
        assert_eq!(lie_of("~^Shop", "S*", false), Some(Lie::Within));
        assert_eq!(lie_of("~^(?i)shop", "s*", true), Some(Lie::Across));
    }
}
