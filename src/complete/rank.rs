//! Which names fit what was typed, best first, of a million as of ten.

use std::cmp::Reverse;

use memchr::memmem;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::list::MOST;
use super::table::{Text, letters};

/// From this class on a name can't be chosen now; such names come last.
pub(super) const REFUSED: u8 = 6;
const CLASSES: usize = REFUSED as usize + 1;
/// Of names that have the letters in order only, so many are weighed against each other.
const WEIGHED: usize = 10 * MOST;

/// How a name fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Whole,
    Start,
    StartOfWord,
    Inside,
    /// The letters stand in it in this order.
    Letters,
}

const TIERS: [Tier; 5] = [Tier::Whole, Tier::Start, Tier::StartOfWord, Tier::Inside, Tier::Letters];

/// A name that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) index: usize,
    pub(super) matched: Vec<usize>,
}

/// The best ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranked {
    pub(super) hits: Vec<Hit>,
    /// How many fit, beyond those too.
    pub(super) fitting: usize,
    /// How many there are at all.
    pub(super) total: usize,
}

/// How many names there are of each class, where that is known beforehand: then not all of a million are looked at.
pub(super) type Counts = [usize; CLASSES];

/// Ranks names, and gives the best, `most` of them. `class` says how well one suits the moment, from 0 to [`REFUSED`]; `None` is not
/// offered at all. Names that only have the letters in order are looked for where fewer than that hold them together.
pub(super) fn rank<'t>(
    text: &Text,
    name: impl Fn(usize) -> &'t str,
    class: impl Fn(usize) -> Option<u8>,
    counts: Option<Counts>,
    typed: &str,
    most: usize,
) -> Ranked {
    let query = typed.to_lowercase();
    let counts = counts.unwrap_or_else(|| count(text.len(), &class));
    let total = counts.iter().sum();
    if query.is_empty() {
        return all(text.len(), &class, counts, most);
    }
    if query.contains('\n') {
        return Ranked { total, ..Ranked::default() };
    }
    let mut sieve = Sieve::new(most);
    together(text, &query, &class, &mut sieve);
    if sieve.fitting < most {
        let found = std::mem::take(&mut sieve.found);
        in_order(text, &query, &class, &found, &mut sieve);
    }
    let fitting = sieve.fitting;
    Ranked { hits: sieve.best(&query, name), fitting, total }
}

/// How many there are of each class.
fn count(length: usize, class: &impl Fn(usize) -> Option<u8>) -> Counts {
    let mut counts = Counts::default();
    for class in (0..length).filter_map(class) {
        if let Some(count) = counts.get_mut(usize::from(class.min(REFUSED))) {
            *count += 1;
        }
    }
    counts
}

/// All of them, by class and then in their order. It looks no further than to the last one that is shown.
fn all(length: usize, class: &impl Fn(usize) -> Option<u8>, counts: Counts, most: usize) -> Ranked {
    let fitting = counts.iter().sum();
    let mut room = most;
    let mut wanted = counts.map(|count| {
        let taken = count.min(room);
        room -= taken;
        taken
    });
    let mut left: usize = wanted.iter().sum();
    let mut classes: [Vec<usize>; CLASSES] = Default::default();
    for index in 0..length {
        if left == 0 {
            break;
        }
        let Some(class) = class(index).map(|class| usize::from(class.min(REFUSED))) else { continue };
        if let (Some(wanted @ 1..), Some(kept)) = (wanted.get_mut(class), classes.get_mut(class)) {
            *wanted -= 1;
            left -= 1;
            kept.push(index);
        }
    }
    let hits = classes.into_iter().flatten().map(|index| Hit { index, matched: Vec::new() });
    Ranked { hits: hits.collect(), fitting, total: fitting }
}

/// Names sorted out by how they fit and by class; of each sort only the first ones are kept.
struct Sieve {
    kept: [[Vec<usize>; CLASSES]; TIERS.len()],
    fitting: usize,
    /// All that fit so far, in order, as long as they are few.
    found: Vec<usize>,
    most: usize,
}

impl Sieve {
    fn new(most: usize) -> Self {
        Self { kept: Default::default(), fitting: 0, found: Vec::new(), most }
    }

    fn put(&mut self, index: usize, tier: Tier, class: u8) {
        self.fitting += 1;
        if self.found.len() < self.most {
            self.found.push(index);
        }
        let room = if tier == Tier::Letters { WEIGHED.max(self.most) } else { self.most };
        let kept = self.kept.get_mut(tier as usize).and_then(|kept| kept.get_mut(usize::from(class.min(REFUSED))));
        if let Some(kept) = kept.filter(|kept| kept.len() < room) {
            kept.push(index);
        }
    }

    /// The best of them with the graphemes that were matched.
    fn best<'t>(self, query: &str, name: impl Fn(usize) -> &'t str) -> Vec<Hit> {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let letters = Atom::new(query, CaseMatching::Ignore, Normalization::Never, AtomKind::Fuzzy, false);
        let mut order = Vec::new();
        for (tier, classes) in TIERS.into_iter().zip(self.kept) {
            for (class, kept) in (0_u8..).zip(classes) {
                for index in kept {
                    let score = match tier {
                        Tier::Letters => letters.score(graphemes(name(index), &mut buffer), &mut matcher).unwrap_or_default(),
                        _ => 0,
                    };
                    order.push((class == REFUSED, tier, Reverse(score), class, index));
                }
            }
        }
        order.sort_unstable();
        order.truncate(self.most);
        let hits = order.into_iter().map(|(_, tier, _, _, index)| {
            let name = graphemes(name(index), &mut buffer);
            if tier != Tier::Letters {
                return Hit { index, matched: piece(name, query).unwrap_or_default() };
            }
            let mut matched = Vec::new();
            let _score = letters.indices(name, &mut matcher, &mut matched);
            matched.sort_unstable();
            matched.dedup();
            Hit { index, matched: matched.into_iter().map(|grapheme| grapheme as usize).collect() }
        });
        hits.collect()
    }
}

/// A text as the matcher takes it, a letter with its marks as one. (What the matcher has for it counts bytes where all letters below the
/// marks are ASCII.)
fn graphemes<'t>(text: &'t str, buffer: &'t mut Vec<char>) -> Utf32Str<'t> {
    if text.is_ascii() {
        return Utf32Str::Ascii(text.as_bytes());
    }
    buffer.clear();
    buffer.extend(nucleo_matcher::chars::graphemes(text));
    Utf32Str::Unicode(buffer)
}

/// The graphemes of a name which are what was typed, in one piece.
fn piece(name: Utf32Str<'_>, query: &str) -> Option<Vec<usize>> {
    let small = |letter: char| letter.to_lowercase().next().unwrap_or(letter);
    let name: Vec<char> = name.chars().map(small).collect();
    let mut buffer = Vec::new();
    let query: Vec<char> = graphemes(query, &mut buffer).chars().map(small).collect();
    let starts = || name.windows(query.len().max(1)).enumerate().filter(|(_, window)| *window == query).map(|(start, _)| start);
    let at_word =
        |start: &usize| start.checked_sub(1).and_then(|before| name.get(before)).is_none_or(|letter| !letter.is_alphanumeric());
    let start = starts().find(at_word).or_else(|| starts().next())?;
    Some((start..start + query.len()).collect())
}

/// Names that hold what was typed in one piece.
fn together(text: &Text, query: &str, class: &impl Fn(usize) -> Option<u8>, sieve: &mut Sieve) {
    let finder = memmem::Finder::new(query);
    let lines = text.lines.as_bytes();
    let (mut from, mut index) = (0, 0);
    while let Some(at) = lines.get(from..).and_then(|rest| finder.find(rest)) {
        let at = from + at;
        while text.ends.get(index).is_some_and(|end| *end < at) {
            index += 1;
        }
        let Some(end) = text.ends.get(index).copied() else { return };
        if let Some(class) = class(index) {
            let start = text.start(index);
            sieve.put(index, tier(lines, start..end, at, query.len()), class);
        }
        from = end + 1;
        index += 1;
    }
}

fn tier(lines: &[u8], name: std::ops::Range<usize>, at: usize, length: usize) -> Tier {
    if at == name.start {
        return if name.len() == length { Tier::Whole } else { Tier::Start };
    }
    match at.checked_sub(1).and_then(|before| lines.get(before)) {
        Some(before) if before.is_ascii_alphanumeric() || !before.is_ascii() => Tier::Inside,
        _ => Tier::StartOfWord,
    }
}

/// Names that have the letters in order, beside those that were `found`.
fn in_order(text: &Text, query: &str, class: &impl Fn(usize) -> Option<u8>, found: &[usize], sieve: &mut Sieve) {
    let (lines, query) = (text.lines.as_bytes(), query.as_bytes());
    let mut found = found.iter().copied().peekable();
    let wanted = letters(query);
    for (index, letters) in text.letters.iter().enumerate() {
        if found.next_if_eq(&index).is_none()
            && letters & wanted == wanted
            && has_in_order(lines.get(text.range(index)).unwrap_or_default(), query)
            && let Some(class) = class(index)
        {
            sieve.put(index, Tier::Letters, class);
        }
    }
}

fn has_in_order(name: &[u8], query: &[u8]) -> bool {
    let mut wanted = query;
    for byte in name {
        match wanted.split_first() {
            Some((first, rest)) if first == byte => wanted = rest,
            Some(_) => {}
            None => return true,
        }
    }
    wanted.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(names: &[&'static str], classes: &[Option<u8>], typed: &str) -> (Vec<(&'static str, Vec<usize>)>, usize, usize) {
        let text = Text::new(names.iter().copied());
        let class = |index: usize| classes.get(index).copied().unwrap_or(Some(0));
        let ranked = rank(&text, |index| names[index], class, None, typed, MOST);
        (ranked.hits.into_iter().map(|hit| (names[hit.index], hit.matched)).collect(), ranked.fitting, ranked.total)
    }

    fn order(names: &[&'static str], typed: &str) -> Vec<&'static str> {
        ranked(names, &[], typed).0.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn the_best_comes_first() {
        let names = ["stop-order", "xorderx", "orders", "order", "o-r-d-e-r", "oxxxrxxdxxexxr", "other"];
        assert_eq!(order(&names, "order"), ["order", "orders", "stop-order", "xorderx", "o-r-d-e-r", "oxxxrxxdxxexxr"]);
        assert_eq!(order(&names, "ORDER")[0], "order");
        assert_eq!(order(&names, "zz"), Vec::<&str>::new());
    }

    #[test]
    fn what_matched_is_told_in_graphemes() {
        let (hits, fitting, total) = ranked(&["Überweisung", "a\u{301}bc", "abc"], &[], "bc");
        assert_eq!((fitting, total), (2, 3));
        assert_eq!(hits, [("a\u{301}bc", vec![1, 2]), ("abc", vec![1, 2])]);
        assert_eq!(ranked(&["Überweisung"], &[], "ÜBs").0, [("Überweisung", vec![0, 1, 7])]);
    }

    #[test]
    fn what_can_not_be_chosen_comes_last_and_what_is_not_offered_never() {
        let names = ["a1", "a2", "a3", "a4"];
        let classes = [Some(REFUSED), Some(1), None, Some(0)];
        let order = |typed| ranked(&names, &classes, typed).0.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(order(""), ["a4", "a2", "a1"]);
        assert_eq!(order("a"), ["a4", "a2", "a1"]);
        assert_eq!(order("a1"), ["a1"]);
        assert_eq!(ranked(&names, &classes, "a").2, 3);
    }

    #[test]
    fn what_is_counted_beforehand_is_found_as_well() {
        let names: Vec<String> = (0..2000).map(|number| format!("task-{number}")).collect();
        let text = Text::new(names.iter().map(String::as_str));
        for few in [0, 1, 150, 1999] {
            let class = |index: usize| Some(if index >= 2000 - few { 0 } else { 1 + u8::try_from(index % 6).unwrap() });
            let ranked = |counts| rank(&text, |index| names[index].as_str(), class, counts, "", MOST);
            let plain = ranked(None);
            assert_eq!(ranked(Some(count(2000, &class))), plain);
            assert_eq!(plain.hits.iter().filter(|hit| class(hit.index) == Some(0)).count(), few.min(MOST));
            assert!(plain.hits.is_sorted_by_key(|hit| (class(hit.index), hit.index)), "{few}");
            assert_eq!((plain.hits.len(), plain.total), (MOST, 2000));
        }
    }

    #[test]
    fn no_more_rows_than_can_be_looked_at() {
        let names: Vec<String> = (0..1000).map(|number| format!("task-{number}")).collect();
        let text = Text::new(names.iter().map(String::as_str));
        for typed in ["", "task", "tsk"] {
            let ranked = rank(&text, |index| names[index].as_str(), |_| Some(0), None, typed, MOST);
            assert_eq!((ranked.hits.len(), ranked.fitting, ranked.total), (MOST, 1000, 1000), "{typed}");
            let ranked = rank(&text, |index| names[index].as_str(), |_| Some(0), None, typed, 5000);
            assert_eq!((ranked.hits.len(), ranked.fitting, ranked.total), (1000, 1000, 1000), "{typed}");
        }
    }
}
