//! What each word of a line is, for whoever colours it.

use std::ops::Range;

use clap::Command;

use super::walk::{Spot, Walk};
use super::{Kind, built, folded, offer};
use crate::words;

/// Nobody types so many words; a text that was pasted by mistake is not looked through.
const MOST_WORDS: usize = 100;

/// A word of a line, or the part of one that is a thing of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The bytes of the line that it takes up.
    pub span: Range<usize>,
    /// What it says, without quotes.
    pub text: String,
    /// What it is.
    pub sort: Sort,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// `task`.
    Resource,
    /// `start`.
    Verb,
    /// `--source`.
    Flag,
    /// The value of a flag or a positional.
    Value(Kind),
    /// Nothing that the grammar knows at this place.
    Wrong,
}

/// Tells what the words of a line are, from left to right.
#[must_use]
pub fn pieces(grammar: &Command, line: &str) -> Vec<Piece> {
    let split = words::split(line).words;
    if split.len() > MOST_WORDS {
        return Vec::new();
    }
    let grammar = built(grammar);
    let texts: Vec<String> = split.iter().map(|word| word.text.clone()).collect();
    let folded = folded(&grammar, &[&texts]);
    let mut pieces = Vec::with_capacity(split.len());
    for (index, word) in split.into_iter().enumerate() {
        let text = folded.get(index).map_or(word.text.as_str(), String::as_str);
        let walk = Walk::along(&grammar, folded.get(..index).unwrap_or_default());
        let raw = line.get(word.span.clone()).unwrap_or_default();
        // Behind a word that fits nowhere nothing can be told.
        if !walk.misfits.is_empty() {
            break;
        }
        match sort(&walk, text) {
            // The flag and its value are told apart where they are written without quotes.
            (Sort::Value(kind), start) if start > 0 && raw == word.text => {
                let middle = word.span.start + start;
                let flag = word.text.get(..start).unwrap_or_default().to_owned();
                let value = word.text.get(start..).unwrap_or_default().to_owned();
                pieces.push(Piece { span: word.span.start..middle, text: flag, sort: Sort::Flag });
                pieces.push(Piece { span: middle..word.span.end, text: value, sort: Sort::Value(kind) });
            }
            (Sort::Value(_), start) if start > 0 => {
                pieces.push(Piece { span: word.span, text: word.text, sort: Sort::Flag });
            }
            (sort, _) => pieces.push(Piece { span: word.span, text: word.text, sort }),
        }
    }
    pieces
}

/// What a word is behind those of a walk, and where the value in it begins.
fn sort(walk: &Walk<'_>, word: &str) -> (Sort, usize) {
    if word == "--" && !walk.escaped && walk.pending().is_none() {
        return (Sort::Flag, 0);
    }
    let known = |is: bool, sort: Sort| if is { sort } else { Sort::Wrong };
    match walk.spot(word) {
        Spot::Value(argument, start) => (Sort::Value(offer::kind_of(argument)), start),
        Spot::Flag => (known(walk.knows_flag(word), Sort::Flag), 0),
        Spot::Nothing => (Sort::Wrong, 0),
        Spot::Word => {
            let is_word = !walk.escaped && !walk.closed && walk.command.find_subcommand(word).is_some();
            let sort = if walk.is_before_resource() { Sort::Resource } else { Sort::Verb };
            match walk.next_positional().filter(|_| !is_word && !walk.helping) {
                Some(argument) => (Sort::Value(offer::kind_of(argument)), 0),
                None => (known(is_word, sort), 0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;

    fn told(line: &str) -> Vec<(String, Sort)> {
        let pieces = pieces(&cli::grammar(), line);
        for piece in &pieces {
            let raw = &line[piece.span.clone()];
            assert!(raw == piece.text || raw.contains(['\'', '"', '\\']), "{raw} is not {}", piece.text);
        }
        pieces.into_iter().map(|piece| (piece.text, piece.sort)).collect()
    }

    #[test]
    fn each_word_is_what_the_grammar_makes_of_it() {
        let piece = |text: &str, sort: Sort| (text.to_owned(), sort);
        assert_eq!(
            told("TASK start 'my task' --source=a,b -v --yes"),
            [
                piece("TASK", Sort::Resource),
                piece("start", Sort::Verb),
                piece("my task", Sort::Value(Kind::Task)),
                piece("--source=", Sort::Flag),
                piece("a,b", Sort::Value(Kind::Source)),
                piece("-v", Sort::Flag),
                piece("--yes", Sort::Flag),
            ]
        );
        assert_eq!(told("tusk start"), [piece("tusk", Sort::Wrong)]);
        assert_eq!(told("task starrt x")[1], piece("starrt", Sort::Wrong));
        assert_eq!(told("task list --bogus")[2], piece("--bogus", Sort::Wrong));
        assert_eq!(told("task list --stage Running")[3], piece("Running", Sort::Value(Kind::Choice)));
        assert_eq!(told("help task start")[2], piece("start", Sort::Verb));
        assert_eq!(told("task get x y")[3], piece("y", Sort::Wrong));
    }
}
