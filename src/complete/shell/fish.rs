//! fish: what was typed comes with its quotes, which are fish's own.

use super::{Asked, Question};
use crate::output::clean;

/// The question of fish: its words, with an empty one in the place of that at the cursor, whose two halves come as they were typed.
pub(super) fn question(asked: &Asked) -> Question {
    let mut words = asked.words.clone();
    if let Some(word) = words.get_mut(asked.index) {
        *word = unquoted(&asked.right);
    }
    Question { words, index: asked.index, typed: unquoted(&asked.left) }
}

/// `files` or nothing, subject, note; then each word and what is told of it.
pub(super) fn answer(answer: &super::Answer) -> String {
    let mut text = super::header(answer);
    for candidate in &answer.candidates {
        text.push_str(&format!("{}\t{}\n", candidate.word, clean::line(&candidate.about)));
    }
    text
}

/// A word without its quotes; one may still be open.
fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), letter) if letter == open => quote = None,
            (None, '\\') => out.extend(letters.next()),
            (Some('\''), '\\') => out.push(letters.next_if(|next| matches!(next, '\'' | '\\')).unwrap_or('\\')),
            (Some(_), '\\') => out.push(letters.next_if(|next| matches!(next, '"' | '$' | '\\')).unwrap_or('\\')),
            (_, letter) => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_those_of_fish() {
        for (text, word) in [
            ("plain", "plain"),
            (r"my\ task", "my task"),
            ("\"my task", "my task"),
            (r"'it\'s \n'", r"it's \n"),
            ("\"a\\\"b\\$c\\d\"", r#"a"b$c\d"#),
            ("--source='a b',\"c", "--source=a b,c"),
            ("\\", ""),
        ] {
            assert_eq!(unquoted(text), word);
        }
    }
}
