//! The tokenizer against `shlex`, and what it tells beyond it.

use dmctl::words::{At, Ending, Quote, Unfinished, Unquotable, WordAt, quote, split, word_at};
use proptest::prelude::*;

fn texts(line: &str) -> Vec<String> {
    split(line).words.into_iter().map(|word| word.text).collect()
}

fn at_word(line: &str, cursor: usize) -> WordAt {
    match word_at(line, cursor) {
        At::Word(word) => word,
        At::Comment => panic!("{cursor} in {line:?} is in a comment"),
    }
}

fn agrees_with_shlex(line: &str) -> Result<(), TestCaseError> {
    let ours = split(line);
    prop_assert_eq!(ours.ending == Ending::Complete, shlex::split(line).is_some());
    prop_assert_eq!(ours.into_texts().ok(), shlex::split(line));
    Ok(())
}

fn spans_hold(line: &str) -> Result<(), TestCaseError> {
    let whole = split(line);
    let mut previous = 0;
    for (index, word) in whole.words.iter().enumerate() {
        prop_assert!(previous <= word.span.start && word.span.start < word.span.end);
        previous = word.span.end;
        let raw = line.get(word.span.clone());
        prop_assert!(raw.is_some(), "{:?} is not on character boundaries", word.span);
        let again = split(raw.unwrap_or_default());
        prop_assert_eq!(again.words.len(), 1);
        prop_assert_eq!(&again.words[0].text, &word.text);
        prop_assert_eq!(&again.words[0].span, &(0..word.span.len()));
        if index + 1 < whole.words.len() {
            prop_assert_eq!(again.ending, Ending::Complete);
        }
    }
    prop_assert!(previous <= line.len());
    if let Some(comment) = whole.comment {
        let raw = line.get(comment.clone()).unwrap_or_default();
        prop_assert!(raw.starts_with('#') && !raw.contains('\n'));
        prop_assert!(matches!(line[comment.end..].chars().next(), None | Some('\n')));
    }
    Ok(())
}

fn cursor_holds(line: &str, cursor: usize) -> Result<(), TestCaseError> {
    let floor = (0..=cursor.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let left = split(&line[..floor]);
    let whole = split(line);
    let found = match word_at(line, cursor) {
        At::Word(found) => found,
        At::Comment => {
            let start = left.comment.map(|comment| comment.start);
            prop_assert!(start.is_some_and(|start| !line[start..floor].contains('\n')));
            return Ok(());
        }
    };
    prop_assert_eq!(found.index, found.before.len());
    if found.span.is_empty() {
        prop_assert_eq!(&found.span, &(floor..floor));
        prop_assert_eq!(&found.typed, "");
        prop_assert!(whole.words.iter().all(|word| floor <= word.span.start || word.span.end < floor));
    } else {
        let word = &whole.words[found.index];
        prop_assert_eq!(&found.span, &word.span);
        prop_assert!(word.span.start < floor && floor <= word.span.end);
        prop_assert_eq!(Some(&found.typed), left.words.last().map(|word| &word.text));
    }
    let all = texts(line);
    let skipped = usize::from(!found.span.is_empty());
    prop_assert_eq!(&found.before[..], &all[..found.index]);
    prop_assert_eq!(&found.after[..], &all[found.index + skipped..]);
    Ok(())
}

const SHELLISH: &str = "[ab#'\"\\\\ \\t\\n$`é日]{0,24}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_line_agrees_with_shlex(line in any::<String>()) {
        agrees_with_shlex(&line)?;
        spans_hold(&line)?;
    }

    #[test]
    fn shellish_lines_agree_with_shlex(line in SHELLISH) {
        agrees_with_shlex(&line)?;
        spans_hold(&line)?;
    }

    #[test]
    fn the_word_at_a_cursor_is_the_last_one_typed(line in SHELLISH, cursor in 0_usize..80) {
        cursor_holds(&line, cursor)?;
    }

    #[test]
    fn a_quoted_value_reads_back(values in prop::collection::vec(any::<String>(), 0..4)) {
        let mut values = values;
        values.iter_mut().for_each(|value| value.retain(|character| character != '\0'));
        let quoted: Result<Vec<_>, _> = values.iter().map(|value| quote(value)).collect();
        prop_assert_eq!(split(&quoted.unwrap().join(" ")).into_texts(), Ok(values));
    }
}

#[test]
fn plain_values_stay_unquoted_and_a_nul_is_refused() {
    assert_eq!(quote("task-1").unwrap(), "task-1");
    assert_eq!(quote("").unwrap(), "''");
    assert_eq!(quote("two words").unwrap(), "'two words'");
    assert_eq!(quote("a\0b"), Err(Unquotable));
}

#[test]
fn words_know_where_they_stand() {
    let line = split(r#"task  'my task' --x="a b" # why"#);
    let spans: Vec<_> = line.words.iter().map(|word| (word.text.as_str(), word.span.clone())).collect();
    assert_eq!(spans, [("task", 0..4), ("my task", 6..15), ("--x=a b", 16..25)]);
    assert_eq!(line.comment, Some(26..31));
    assert_eq!(line.ending, Ending::Complete);
}

#[test]
fn unfinished_lines_keep_their_last_word_and_say_what_is_missing() {
    let cases = [
        ("task 'my t", "my t", Unfinished::SingleQuote { opened_at: 5 }, "a single quote is opened and not closed"),
        ("x a\"b", "ab", Unfinished::DoubleQuote { opened_at: 3 }, "a double quote is opened and not closed"),
        ("x \"b\\", "b", Unfinished::DoubleQuote { opened_at: 2 }, "a double quote is opened and not closed"),
        ("x 'a'\"", "a", Unfinished::DoubleQuote { opened_at: 5 }, "a double quote is opened and not closed"),
        ("x b\\", "b", Unfinished::Backslash { at: 3 }, "the line ends in a backslash"),
        ("\\", "", Unfinished::Backslash { at: 0 }, "the line ends in a backslash"),
    ];
    for (line, last, unfinished, message) in cases {
        assert_eq!(texts(line).last().map(String::as_str), Some(last), "{line}");
        assert_eq!(split(line).into_texts(), Err(unfinished), "{line}");
        assert_eq!(unfinished.to_string(), message);
    }
    assert_eq!(split("'").ending, Ending::OpenQuote { quote: Quote::Single, opened_at: 0 });
}

#[test]
fn shell_rules_hold() {
    let cases: [(&str, &[&str]); 10] = [
        ("", &[]),
        (" \t\n ", &[]),
        ("# all", &[]),
        ("a#b #c\nd", &["a#b", "d"]),
        ("''", &[""]),
        ("a\\\nb", &["ab"]),
        ("\\\n", &[""]),
        ("\"\\$\\`\\\"\\\\\\x\"", &["$`\"\\\\x"]),
        ("'\\n'", &["\\n"]),
        ("a\rb", &["a\rb"]),
    ];
    for (line, words) in cases {
        assert_eq!(texts(line), words, "{line:?}");
    }
}

#[test]
fn the_cursor_picks_its_word() {
    let line = "task 'my task' now";
    let inside = at_word(line, 8);
    assert_eq!((inside.index, inside.span, inside.typed.as_str()), (1, 5..14, "my"));
    assert_eq!((inside.before, inside.after), (vec!["task".to_owned()], vec!["now".to_owned()]));

    let at_end = at_word(line, 14);
    assert_eq!((at_end.index, at_end.span, at_end.typed.as_str()), (1, 5..14, "my task"));

    // Before a word, a new one would go in.
    let before_word = at_word(line, 5);
    assert_eq!((before_word.index, before_word.span, before_word.typed.as_str()), (1, 5..5, ""));
    assert_eq!(before_word.after, ["my task", "now"]);

    let at_start = at_word(line, 0);
    assert_eq!((at_start.index, at_start.span), (0, 0..0));

    let after_blank = at_word("task ", 5);
    assert_eq!((after_blank.index, after_blank.span), (1, 5..5));

    let open = at_word("task get \"my t", 14);
    assert_eq!((open.index, open.span, open.typed.as_str()), (2, 9..14, "my t"));
}

#[test]
fn a_cursor_out_of_place_moves_left() {
    assert_eq!(word_at("é b", 1), word_at("é b", 0));
    assert_eq!(word_at("task", 99), word_at("task", 4));
}

#[test]
fn nothing_is_completed_in_a_comment() {
    assert_eq!(word_at("task # x", 6), At::Comment);
    assert_eq!(word_at("task # x", 8), At::Comment);
    assert_eq!(at_word("task # x", 5).index, 1);
    assert_eq!(at_word("# x\n", 4).index, 0);
    assert_eq!(at_word("# x\ntask", 6).typed, "ta");
}
