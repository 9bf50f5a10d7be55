//! Which bytes of a line a choice replaces, when it is only a part of a word: the value behind `=`, or one item of a comma list.

use std::ops::Range;

use clap::Arg;

use crate::words::{self, Ending};

/// A part of a word, in bytes of its text without quotes.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) range: Range<usize>,
    /// The other items of the list that the part belongs to.
    pub(super) siblings: Vec<String>,
}

/// Where a part stands in what was really typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spread {
    pub(super) span: Range<usize>,
    pub(super) prefix: String,
    pub(super) suffix: String,
}

impl Part {
    pub(super) fn whole(word: &str) -> Self {
        Self { range: 0..word.len(), siblings: Vec::new() }
    }

    /// The name of a flag: up to the `=`, if there is one.
    pub(super) fn name(word: &str) -> Self {
        Self { range: 0..word.find('=').unwrap_or(word.len()), siblings: Vec::new() }
    }

    /// The value that begins at the byte `start` of `word`, or the one item of a list that the cursor touches.
    pub(super) fn value(argument: &Arg, word: &str, typed: &str, start: usize) -> Self {
        let Some(comma) = argument.get_value_delimiter() else {
            return Self { range: start..word.len(), siblings: Vec::new() };
        };
        let left = typed.get(start..).unwrap_or_default();
        let right = word.get(typed.len()..).unwrap_or_default();
        let from = left.rfind(comma).map_or(start, |comma_at| start + comma_at + comma.len_utf8());
        let to = right.find(comma).map_or(word.len(), |comma_at| typed.len() + comma_at);
        let others = [word.get(start..from), word.get(to..)].into_iter().flatten().flat_map(|items| items.split(comma));
        Self { range: from..to, siblings: others.filter(|item| !item.is_empty()).map(str::to_owned).collect() }
    }

    /// Finds the part in the raw word. Where quotes hide its borders, the whole word is to be replaced and the text around the part
    /// is given to be kept.
    pub(super) fn spread(&self, raw: &str, text: &str) -> Spread {
        let start = if self.range.start == 0 { Some(0) } else { raw_offset(raw, self.range.start) };
        let end = if self.range.end == text.len() { Some(raw.len()) } else { raw_offset(raw, self.range.end) };
        match (start, end) {
            (Some(start), Some(end)) if start <= end => Spread { span: start..end, prefix: String::new(), suffix: String::new() },
            _ => Spread {
                span: 0..raw.len(),
                prefix: text.get(..self.range.start).unwrap_or_default().to_owned(),
                suffix: text.get(self.range.end..).unwrap_or_default().to_owned(),
            },
        }
    }
}

/// The first byte of a raw word at which its text so far has `offset` bytes and no quote is open.
fn raw_offset(raw: &str, offset: usize) -> Option<usize> {
    if !raw.contains(['\'', '"', '\\']) {
        return Some(offset);
    }
    let so_far = |end: usize| {
        let line = words::split(raw.get(..end).unwrap_or_default());
        (line.words.first().map_or(0, |word| word.text.len()), line.ending)
    };
    let borders: Vec<usize> = raw.char_indices().map(|(at, _)| at).chain([raw.len()]).collect();
    let first = borders.partition_point(|&border| so_far(border).0 < offset);
    let candidates = borders.get(first..)?.iter().map(|&border| (border, so_far(border)));
    candidates
        .take_while(|(_, (length, _))| *length == offset)
        .find(|(_, (_, ending))| *ending == Ending::Complete)
        .map(|(border, _)| border)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(raw: &str, cursor: usize) -> Spread {
        let argument = Arg::new("source").long("source").value_delimiter(',');
        let text = |raw: &str| words::split(raw).words.first().map(|word| word.text.clone()).unwrap_or_default();
        let whole = text(raw);
        Part::value(&argument, &whole, &text(&raw[..cursor]), "--source=".len()).spread(raw, &whole)
    }

    fn exact(span: Range<usize>) -> Spread {
        Spread { span, prefix: String::new(), suffix: String::new() }
    }

    #[test]
    fn one_item_of_a_list_is_replaced() {
        assert_eq!(item("--source=", 9), exact(9..9));
        assert_eq!(item("--source=ab", 10), exact(9..11));
        assert_eq!(item("--source=a,b,c", 12), exact(11..12));
        assert_eq!(item("--source=a,b,c", 11), exact(11..12));
        assert_eq!(item("--source=a,b,c", 10), exact(9..10));
        assert_eq!(item("--source=é,ü", 14), exact(12..14));
    }

    #[test]
    fn quotes_around_an_item_go_with_it() {
        assert_eq!(item(r#"--source="a"#, 11), exact(9..11));
        assert_eq!(item(r#"--source=a,"b c",d"#, 15), exact(11..16));
        assert_eq!(item(r"--source='a',b", 14), exact(13..14));
        assert_eq!(item(r"--source=a\ b,c", 15), exact(14..15));
    }

    #[test]
    fn where_a_quote_hides_the_border_the_whole_word_is_replaced() {
        let spread = item(r#"--source="a,b,c""#, 13);
        assert_eq!((spread.span, spread.prefix.as_str(), spread.suffix.as_str()), (0..16, "--source=a,", ",c"));
        let open = item("'--source=a,b", 13);
        assert_eq!((open.span, open.prefix.as_str(), open.suffix.as_str()), (0..13, "--source=a,", ""));
    }
}
