//! The one tokenizer of command lines: a line from a pipe, a line of a session, a line under completion.
//!
//! The rules are those of a POSIX shell without any expansion, as the crate `shlex` 2 applies them
//! (`shlex::bytes::Shlex`): words are parted by blank, tab and newline; `'..'` is literal; within `".."`
//! a backslash escapes only `$`, `` ` ``, `"`, `\` and newline; outside quotes it escapes anything, and a
//! backslash-newline vanishes; `#` at the start of a word begins a comment up to the newline.
//! Unlike `shlex`, an unfinished line is not thrown away, and each word knows where it stands.

use std::borrow::Cow;
use std::ops::Range;
use std::str::CharIndices;

use thiserror::Error;

/// The two kinds of quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// `'`
    Single,
    /// `"`
    Double,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every quote is closed; the line can be run.
    Complete,
    /// A quote is opened and not closed.
    OpenQuote {
        /// Which quote.
        quote: Quote,
        /// The byte of the line at which it stands.
        opened_at: usize,
    },
    /// The line ends in a backslash that has nothing to escape.
    Escape {
        /// The byte of the line at which the backslash stands.
        at: usize,
    },
}

/// One word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What the word says, without quotes and escapes.
    pub text: String,
    /// The bytes of the line that the word takes up, quotes included.
    pub span: Range<usize>,
}

/// A line, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The words from left to right; where the line is unfinished, the last one is the unfinished word.
    pub words: Vec<Word>,
    /// How the line ends.
    pub ending: Ending,
    /// The bytes of the last comment, from its `#` up to the newline or the end of the line.
    pub comment: Option<Range<usize>>,
}

/// Why a line cannot be run as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfinished {
    /// A `'` has no partner.
    #[error("a single quote is opened and not closed")]
    SingleQuote {
        /// The byte of the line at which the quote stands.
        opened_at: usize,
    },
    /// A `"` has no partner.
    #[error("a double quote is opened and not closed")]
    DoubleQuote {
        /// The byte of the line at which the quote stands.
        opened_at: usize,
    },
    /// The last character is a backslash.
    #[error("the line ends in a backslash")]
    Backslash {
        /// The byte of the line at which the backslash stands.
        at: usize,
    },
}

/// A value that no shell word can hold, because it has a NUL byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a value with a NUL byte cannot be written on a command line")]
pub struct Unquotable;

/// What stands at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A word, or a blank where a new one may begin.
    Word(WordAt),
    /// A comment, where nothing can be completed.
    Comment,
}

/// The word at the cursor and its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordAt {
    /// The place of this word in the line; always the length of `before`.
    pub index: usize,
    /// The bytes of the line which a replacement takes: the whole raw word, or nothing at the cursor.
    pub span: Range<usize>,
    /// What the word says from its start to the cursor.
    pub typed: String,
    /// What the words to the left say.
    pub before: Vec<String>,
    /// What the words to the right say.
    pub after: Vec<String>,
}

impl Line {
    /// Gives what the words say.
    ///
    /// # Errors
    ///
    /// [`Unfinished`] when the line ends within a quote or in a backslash.
    pub fn into_texts(self) -> Result<Vec<String>, Unfinished> {
        match self.ending {
            Ending::Complete => Ok(texts(&self.words)),
            Ending::OpenQuote { quote: Quote::Single, opened_at } => Err(Unfinished::SingleQuote { opened_at }),
            Ending::OpenQuote { quote: Quote::Double, opened_at } => Err(Unfinished::DoubleQuote { opened_at }),
            Ending::Escape { at } => Err(Unfinished::Backslash { at }),
        }
    }
}

/// Takes `line` apart. Any text has an answer; see [`Ending`] for the unfinished ones.
#[must_use]
pub fn split(line: &str) -> Line {
    let mut scanner = Scanner { characters: line.char_indices() };
    let mut words = Vec::new();
    let mut ending = Ending::Complete;
    let mut comment = None;
    while let Some((start, character)) = scanner.characters.next() {
        if is_blank(character) {
            continue;
        }
        if character == '#' {
            comment = Some(start..scanner.skip_comment());
            continue;
        }
        let (word, word_ending) = scanner.word(start, character);
        words.push(word);
        ending = word_ending;
    }
    Line { words, ending, comment }
}

/// Tells which word of `line` stands at the byte `cursor`.
///
/// A cursor past the end, or within a character, counts as the nearest valid place to its left. A cursor
/// right before a word that it does not touch from within stands on blank: a new word would go there.
#[must_use]
pub fn word_at(line: &str, cursor: usize) -> At {
    let cursor = line.floor_char_boundary(cursor);
    let mut left = split(line.get(..cursor).unwrap_or(line));
    if left.comment.is_some_and(|comment| comment.end == cursor) {
        return At::Comment;
    }
    let touched = left.words.pop_if(|word| word.span.end == cursor);
    let before = texts(&left.words);
    let index = before.len();

    // The scan goes from left to right, so the words of the left part begin at the same places in the whole line.
    let mut right = split(line).words.into_iter().skip(index);
    let (span, typed) = match touched {
        Some(word) => {
            let end = right.next().map_or(cursor, |whole| whole.span.end);
            (word.span.start..end, word.text)
        }
        None => (cursor..cursor, String::new()),
    };
    let after = right.map(|word| word.text).collect();
    At::Word(WordAt { index, span, typed, before, after })
}

/// Writes `value` so that [`split`] and any POSIX shell read it back as one word; plain values stay as they are.
///
/// # Errors
///
/// [`Unquotable`] when `value` has a NUL byte.
pub fn quote(value: &str) -> Result<Cow<'_, str>, Unquotable> {
    shlex::try_quote(value).map_err(|_nul| Unquotable)
}

fn texts(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.text.clone()).collect()
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n')
}

struct Scanner<'a> {
    characters: CharIndices<'a>,
}

impl Scanner<'_> {
    /// Reads past a comment and gives its end, which leaves the newline out.
    fn skip_comment(&mut self) -> usize {
        match self.characters.find(|&(_, character)| character == '\n') {
            Some((newline, _)) => newline,
            None => self.characters.offset(),
        }
    }

    /// Reads the word which begins with `first` at `start`, and the blank after it.
    fn word(&mut self, start: usize, first: char) -> (Word, Ending) {
        let mut text = String::new();
        let mut current = Some((start, first));
        let mut ending = Ending::Complete;
        let mut end = None;
        while let Some((at, character)) = current {
            match character {
                '\'' => {
                    if !self.single_quoted(&mut text) {
                        ending = Ending::OpenQuote { quote: Quote::Single, opened_at: at };
                    }
                }
                '"' => {
                    if !self.double_quoted(&mut text) {
                        ending = Ending::OpenQuote { quote: Quote::Double, opened_at: at };
                    }
                }
                '\\' => match self.characters.next() {
                    Some((_, '\n')) => {}
                    Some((_, escaped)) => text.push(escaped),
                    None => ending = Ending::Escape { at },
                },
                blank if is_blank(blank) => {
                    end = Some(at);
                    break;
                }
                plain => text.push(plain),
            }
            current = self.characters.next();
        }
        let end = end.unwrap_or_else(|| self.characters.offset());
        (Word { text, span: start..end }, ending)
    }

    /// Reads up to the closing quote; false when there is none.
    fn single_quoted(&mut self, text: &mut String) -> bool {
        for (_, character) in self.characters.by_ref() {
            if character == '\'' {
                return true;
            }
            text.push(character);
        }
        false
    }

    /// Reads up to the closing quote; false when there is none.
    fn double_quoted(&mut self, text: &mut String) -> bool {
        while let Some((_, character)) = self.characters.next() {
            match character {
                '"' => return true,
                '\\' => match self.characters.next() {
                    Some((_, '\n')) => {}
                    Some((_, escaped @ ('$' | '`' | '"' | '\\'))) => text.push(escaped),
                    Some((_, plain)) => text.extend(['\\', plain]),
                    // What it escapes is yet to be typed, so the backslash says nothing so far.
                    None => return false,
                },
                plain => text.push(plain),
            }
        }
        false
    }
}
