//! Things by name: in the order in which people count, found by name, and searched as one text.

use std::cmp::Ordering;

/// No more names of one sort are kept: a server that names more is not believed.
pub(super) const MOST_NAMES: usize = 1_000_000;
/// A longer name is none that DM would take.
const LONGEST: usize = 1024;

/// What a table can hold.
pub trait Named {
    /// Its name.
    fn name(&self) -> &str;

    /// What decides where it can be chosen, in one byte, so that a million are sorted out at once.
    fn mark(&self) -> u8 {
        0
    }
}

/// Things of one sort, each name once, `task-2` before `task-10`.
#[derive(Clone, Debug)]
pub struct Table<T> {
    items: Vec<T>,
    marks: Vec<u8>,
    /// How many there are of each mark.
    counts: Vec<usize>,
    text: Text,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), marks: Vec::new(), counts: Vec::new(), text: Text::default() }
    }
}

impl<T: Named> Table<T> {
    /// A table of these things; of two with one name either stays.
    #[must_use]
    pub fn new(items: impl IntoIterator<Item = T>) -> Self {
        let named = items.into_iter().filter(|item| !item.name().is_empty() && item.name().len() <= LONGEST);
        let mut items: Vec<T> = named.take(MOST_NAMES).collect();
        // Not a stable sort, which would take as much memory once more.
        items.sort_unstable_by(|one, other| natural(one.name(), other.name()));
        items.dedup_by(|one, other| one.name() == other.name());
        let marks: Vec<u8> = items.iter().map(Named::mark).collect();
        let mut counts = vec![0; usize::from(u8::MAX) + 1];
        for mark in &marks {
            counts[usize::from(*mark)] += 1;
        }
        let text = Text::new(items.iter().map(Named::name));
        Self { items, marks, counts, text }
    }

    /// The thing of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.place(name).and_then(|index| self.items.get(index))
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.items.binary_search_by(|item| natural(item.name(), name)).ok()
    }

    /// Their marks, in the same order.
    #[must_use]
    pub fn marks(&self) -> &[u8] {
        &self.marks
    }

    /// How many there are of each mark that there is.
    pub(super) fn counts(&self) -> impl Iterator<Item = (u8, usize)> {
        (0..=u8::MAX).zip(&self.counts).map(|(mark, count)| (mark, *count)).filter(|(_, count)| *count > 0)
    }

    pub(super) const fn text(&self) -> &Text {
        &self.text
    }
}

impl<T> Table<T> {
    /// The things, in order.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Names in small letters, one a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub(super) lines: String,
    /// Where each line ends, without its line break.
    pub(super) ends: Vec<usize>,
    /// Which letters each line has, so that most names are passed over without a look at them.
    pub(super) letters: Vec<u64>,
}

/// The letters of a text, each as one of 64 bits; rare ones share theirs.
pub(super) fn letters(text: &[u8]) -> u64 {
    text.iter().fold(0, |letters, byte| {
        let bit = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => byte - b'0' + 26,
            other => other % 28 + 36,
        };
        letters | 1 << bit
    })
}

impl Text {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut text = Self::default();
        for name in names {
            if name.is_ascii() {
                text.lines.extend(name.chars().map(|letter| letter.to_ascii_lowercase()).filter(|letter| *letter != '\n'));
            } else {
                text.lines.extend(name.chars().flat_map(char::to_lowercase).filter(|letter| *letter != '\n'));
            }
            let start = text.start(text.ends.len());
            text.letters.push(letters(text.lines.as_bytes().get(start..).unwrap_or_default()));
            text.ends.push(text.lines.len());
            text.lines.push('\n');
        }
        text
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn range(&self, index: usize) -> std::ops::Range<usize> {
        self.start(index)..self.ends.get(index).copied().unwrap_or_default()
    }

    pub(super) fn start(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1)
    }
}

/// Compares two names as a person would: numbers in them by their size. Only equal texts are equal.
#[must_use]
pub fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one.as_bytes(), other.as_bytes());
    loop {
        let (Some(a), Some(b)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len()).then_with(|| one.cmp(other));
        };
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number, rest) = number(left);
            let (other_number, other_rest) = self::number(right);
            let order = number.len().cmp(&other_number.len()).then_with(|| number.cmp(other_number));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (rest, other_rest);
        } else {
            let order = a.cmp(b);
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[1..], &right[1..]);
        }
    }
}

/// The digits at the start, without leading zeros, and what follows them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len());
    (&digits[zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Name(&'static str);

    impl Named for Name {
        fn name(&self) -> &str {
            self.0
        }
    }

    #[test]
    fn numbers_count_by_their_size() {
        let names = ["task-10", "task-2", "task-02", "b", "task-2", "", "task-1x", "task", "Ünit-3"];
        let table = Table::new(names.map(Name));
        let sorted: Vec<&str> = table.items().iter().map(|name| name.0).collect();
        assert_eq!(sorted, ["b", "task", "task-1x", "task-02", "task-2", "task-10", "Ünit-3"]);
        assert!(names.iter().filter(|name| !name.is_empty()).all(|name| table.get(name).is_some_and(|found| found.0 == *name)));
        assert!(table.get("task-3").is_none());
        assert_eq!(table.text().lines, "b\ntask\ntask-1x\ntask-02\ntask-2\ntask-10\nünit-3\n");
    }
}
