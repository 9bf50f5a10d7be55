//! Takes the power out of text that came from elsewhere: characters that a terminal obeys, or that turn or hide what a person reads.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character must never reach a terminal as it is: control characters, bidi marks, and what has no width.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn replaced(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let bad = |c: char| is_hostile(c) && !keep(c);
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if bad(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// One line: line breaks become blanks, the rest of the hostile characters visible escapes such as `\u{1b}`.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\t']) {
        let flat: String = text.trim_end().replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
        return Cow::Owned(replaced(&flat, |_| false).into_owned());
    }
    replaced(text, |_| false)
}

/// Several lines: line breaks and tabs stay.
#[must_use]
pub fn block(text: &str) -> Cow<'_, str> {
    replaced(text, |c| c == '\n' || c == '\t')
}

/// Several lines of a page of our own, in which foreign text may be quoted: line breaks, tabs and styles (`ESC [ … m`) stay.
#[must_use]
pub fn styled(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(at) = rest.find('\u{1b}') {
        let (before, from) = rest.split_at(at);
        out.push_str(&block(before));
        let parameters = from.strip_prefix("\u{1b}[").unwrap_or_default();
        let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';');
        let length = match end.filter(|end| parameters[*end..].starts_with('m')) {
            Some(end) => {
                out.push_str(&from[..end + 3]);
                end + 3
            }
            None => {
                out.push_str(&block("\u{1b}"));
                1
            }
        };
        rest = &from[length..];
    }
    out.push_str(&block(rest));
    out
}

/// JSON text with every hostile character escaped in JSON's own way. Such characters stand inside strings only.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _infallible = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Text of our own without its ANSI styles.
#[must_use]
pub fn without_styles(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // Only `ESC [ ... m` is ever written by us.
            let _style = chars.by_ref().find(|c| c.is_ascii_alphabetic());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_is_left() {
        let nasty = "a\u{1b}]52;c;x\u{7}b\u{9b}31m\u{202e}c\rd\ne\u{2028}f\u{e0041}\u{200b}";
        for clean in [line(nasty), block(nasty), json(nasty)] {
            assert!(!clean.contains(|c| is_hostile(c) && c != '\n'), "{clean:?}");
        }
        assert_eq!(line("a\r\nb\n"), "a b");
        assert_eq!(line("ok"), "ok");
        assert_eq!(block("a\n\tb\u{1b}"), "a\n\tb\\u{1b}");
        let told: String = serde_json::from_str(&json(&serde_json::to_string(nasty).unwrap())).unwrap();
        assert_eq!(told, nasty, "a script reads what the server said");
    }

    #[test]
    fn styles_go() {
        assert_eq!(without_styles("\u{1b}[1;31merror\u{1b}[0m: x"), "error: x");
        let page = "\u{1b}[1;31merror\u{1b}[0m: `\u{1b}]0;x\u{7}\u{1b}[2J\u{202e}`\n\u{1b}[1";
        assert_eq!(styled(page), "\u{1b}[1;31merror\u{1b}[0m: `\\u{1b}]0;x\\u{7}\\u{1b}[2J\\u{202e}`\n\\u{1b}[1");
    }
}
