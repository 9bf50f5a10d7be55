//! Any line: agreement with `shlex`, spans that re-split to their word, and a word at every cursor.

#![no_main]

use dmctl::words::{At, Ending, quote, split, word_at};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let parts = split(line);
    assert_eq!(parts.ending == Ending::Complete, shlex::split(line).is_some());
    let mut previous = 0;
    for word in &parts.words {
        assert!(previous <= word.span.start && word.span.start < word.span.end);
        previous = word.span.end;
        let again = split(&line[word.span.clone()]);
        assert_eq!(again.words.len(), 1);
        assert_eq!(again.words[0].text, word.text);
        if let Ok(quoted) = quote(&word.text) {
            assert_eq!(split(&quoted).into_texts(), Ok(vec![word.text.clone()]));
        }
    }
    // Every cursor of a long line would be slow, and tell nothing more.
    for cursor in 0..=line.len().min(64) + 1 {
        if let At::Word(word) = word_at(line, cursor) {
            assert_eq!(word.index, word.before.len());
            assert!(line.get(word.span.clone()).is_some());
            let at_word = usize::from(!word.span.is_empty());
            assert_eq!(word.before.len() + at_word + word.after.len(), parts.words.len());
        }
    }
    assert_eq!(parts.into_texts().ok(), shlex::split(line));
});
