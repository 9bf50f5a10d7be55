//! What is wrong with a file, or worth a remark.

use super::Place;

/// DM's number for a file that can't be decoded.
pub(super) const NOT_DECODED: u32 = 20003;

/// Behind so many flaws nobody reads on, and advice on each would take its time.
pub(super) const MOST_ADVICE: usize = 100;

/// What kind of mistake it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// The text is no YAML.
    Syntax,
    /// A value is of another type than its key wants.
    Type,
    /// The key is not known. A newer cluster may know it.
    UnknownKey,
    /// It can be read, and makes no sense.
    Meaning,
}

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What kind of mistake it is.
    pub kind: FlawKind,
    /// Where it is.
    pub place: Place,
    /// The way to the key, such as `mysql-instances[0].source-id`; empty for the whole file.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What could stand there, if that can be told by words.
    pub allowed: Vec<String>,
    /// What was probably meant.
    pub nearest: Option<String>,
    /// The number under which DM refuses it.
    pub code: Option<u32>,
}

impl Flaw {
    /// The way to the key that was probably meant in the place of an unknown one.
    pub(super) fn meant(&self) -> Option<String> {
        let nearest = self.nearest.as_deref().filter(|_| self.kind == FlawKind::UnknownKey)?;
        let parent = self.key.rsplit_once('.').map_or("", |(parent, _)| parent);
        Some(if parent.is_empty() { nearest.to_owned() } else { format!("{parent}.{nearest}") })
    }
}

/// Something that DM takes, but not as the writer may think.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where it is.
    pub place: Place,
    /// The way to the key.
    pub key: String,
    /// What is to be known.
    pub message: String,
}

/// All that came out of reading a file.
#[derive(Debug, Clone)]
pub struct Reading<T> {
    /// The file as far as it could be read; none if it is no YAML.
    pub file: Option<T>,
    /// What is wrong with it, in the order of the text.
    pub flaws: Vec<Flaw>,
    /// What is worth a remark, in the order of the text.
    pub remarks: Vec<Remark>,
}

impl<T> Reading<T> {
    /// The file, if nothing is wrong with it.
    ///
    /// # Errors
    /// All that is wrong, in the order of the text.
    pub fn faultless(self) -> Result<T, Vec<Flaw>> {
        match self.file {
            Some(file) if self.flaws.is_empty() => Ok(file),
            _ => Err(self.flaws),
        }
    }
}

/// Collects flaws and remarks.
#[derive(Debug, Default)]
pub(in crate::model) struct Findings {
    pub(super) flaws: Vec<Flaw>,
    pub(super) remarks: Vec<Remark>,
    /// The ways to keys as they were probably meant, where they are misspelt.
    pub(super) misspelt: Vec<String>,
}

impl Findings {
    /// Adds a mistake of meaning, which can be refined. A code of zero stands for none.
    pub(in crate::model) fn flaw(&mut self, place: Place, key: &str, code: u32, message: impl Into<String>) -> Refine<'_> {
        let code = (code != 0).then_some(code);
        let (key, message) = (key.to_owned(), message.into());
        let flaw = Flaw { kind: FlawKind::Meaning, place, key, message, allowed: Vec::new(), nearest: None, code };
        Refine { flaws: &mut self.flaws, flaw: Some(flaw) }
    }

    /// Adds the lack of a key, unless it is there and misspelt, which was told already.
    pub(in crate::model) fn missing(&mut self, place: Place, key: &str, code: u32, message: impl Into<String>) {
        if !self.is_misspelt(key) {
            self.flaw(place, key, code, message);
        }
    }

    /// Whether a key that is not known was probably meant to be this one.
    pub(in crate::model) fn is_misspelt(&self, key: &str) -> bool {
        self.misspelt.iter().any(|meant| meant == key)
    }

    /// Whether a key of this name is misspelt anywhere.
    pub(in crate::model) fn is_misspelt_anywhere(&self, key: &str) -> bool {
        self.misspelt.iter().any(|meant| meant.rsplit('.').next() == Some(key))
    }

    /// Adds a remark.
    pub(in crate::model) fn remark(&mut self, place: Place, key: &str, message: impl Into<String>) {
        self.remarks.push(Remark { place, key: key.to_owned(), message: message.into() });
    }
}

/// A flaw that is on its way to the others.
pub(in crate::model) struct Refine<'a> {
    flaws: &'a mut Vec<Flaw>,
    flaw: Option<Flaw>,
}

impl Refine<'_> {
    /// The same with the words that could stand there, and the nearest of them.
    pub(in crate::model) fn among<'w>(mut self, wrong: &str, words: impl IntoIterator<Item = &'w str>) {
        if let Some(flaw) = self.flaw.as_mut().filter(|_| self.flaws.len() < MOST_ADVICE) {
            flaw.allowed = words.into_iter().map(str::to_owned).collect();
            flaw.nearest = nearest(wrong, flaw.allowed.iter().map(String::as_str)).map(str::to_owned);
        }
    }
}

impl Drop for Refine<'_> {
    fn drop(&mut self) {
        self.flaws.extend(self.flaw.take());
    }
}

/// The word that was probably meant: the one with the fewest slips of a finger, if they are few; else the shortest that goes on as
/// it begins.
#[must_use]
pub fn nearest<'a>(wrong: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(wrong);
    let most = (folded.len() / 3).max(1);
    let words: Vec<(Vec<char>, &str)> = words.into_iter().map(|word| (fold(word), word)).collect();
    let slipped = words.iter().map(|(right, word)| (slips(&folded, right), *word)).min_by_key(|(slips, _)| *slips);
    if let Some((_, word)) = slipped.filter(|(slips, _)| *slips <= most) {
        return Some(word);
    }
    let begun = words.iter().filter(|(right, _)| folded.len() > 2 && right.starts_with(&folded));
    begun.min_by_key(|(right, _)| right.len()).map(|(_, word)| *word)
}

/// Case, and the kind of a stroke, are no slips worth counting.
fn fold(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).map(|c| if c == '_' || c == ' ' { '-' } else { c }).collect()
}

/// How many letters were left out, put in, mistaken or swapped (optimal string alignment).
fn slips(wrong: &[char], right: &[char]) -> usize {
    // Nobody mistypes a name of such length, and the table would be large.
    if wrong.len() > 100 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in wrong.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, wanted) in right.iter().enumerate() {
            let mistaken = above[column] + usize::from(letter != wanted);
            let mut least = mistaken.min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && *letter == right[column - 1] && wrong[row - 1] == *wanted {
                least = least.min(before[column - 1] + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[right.len()]
}
