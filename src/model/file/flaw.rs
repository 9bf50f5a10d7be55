//! What is wrong with a file, or worth a remark.

use super::Place;

/// DM's number for a file that can't be decoded.
pub(super) const NOT_DECODED: u32 = 20003;

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
    pub flaws: Vec<Flaw>,
    pub remarks: Vec<Remark>,
}

impl Findings {
    /// Adds a mistake of meaning; it can be refined.
    pub(in crate::model) fn flaw(
        &mut self,
        place: Place,
        key: impl Into<String>,
        code: u32,
        message: impl Into<String>,
    ) -> &mut Flaw {
        let code = (code != 0).then_some(code);
        let (key, message) = (key.into(), message.into());
        self.flaws.push(Flaw { kind: FlawKind::Meaning, place, key, message, allowed: Vec::new(), nearest: None, code });
        let last = self.flaws.len() - 1;
        &mut self.flaws[last]
    }

    /// Adds a remark.
    pub(in crate::model) fn remark(&mut self, place: Place, key: impl Into<String>, message: impl Into<String>) {
        self.remarks.push(Remark { place, key: key.into(), message: message.into() });
    }
}

impl Flaw {
    /// The same with the words that could stand there, and the nearest of them.
    pub(in crate::model) fn among<'a>(&mut self, wrong: &str, words: impl IntoIterator<Item = &'a str>) {
        self.allowed = words.into_iter().map(str::to_owned).collect();
        self.nearest = nearest(wrong, self.allowed.iter().map(String::as_str)).map(str::to_owned);
    }
}

/// The word that was probably meant: the one with the fewest slips of a finger, if they are few.
#[must_use]
pub fn nearest<'a>(wrong: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(wrong);
    let most = (folded.len() / 3).max(1);
    let (slips, word) = words.into_iter().map(|word| (slips(&folded, &fold(word)), word)).min_by_key(|(slips, _)| *slips)?;
    (slips <= most).then_some(word)
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
