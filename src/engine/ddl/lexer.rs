//! The words of a statement that a server wrote itself.

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a number, a name without quotes.
    Word,
    /// A name in backticks.
    Name,
    /// A text in quotes.
    Text,
    /// One sign.
    Sign,
    /// The beginning of a comment that some servers read: `/*!80023` or `/*M!100301`.
    Open,
    /// Its end.
    Close,
}

/// A word, with the blanks before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) blank: String,
}

impl Token {
    pub(super) fn word(text: &str) -> Self {
        Self { kind: Kind::Word, text: text.to_owned(), blank: " ".to_owned() }
    }

    pub(super) fn sign(sign: char) -> Self {
        Self { kind: Kind::Sign, text: sign.to_string(), blank: String::new() }
    }

    /// Whether it is this keyword, in any case of letters.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign && self.text.starts_with(sign)
    }

    /// The name without its backticks.
    pub(super) fn name(&self) -> Option<String> {
        let inside = self.text.strip_prefix('`')?.strip_suffix('`')?;
        (self.kind == Kind::Name).then(|| inside.replace("``", "`"))
    }
}

/// Cuts a statement into words. Nothing is lost: the words with their blanks are the statement.
pub(super) fn cut(statement: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = statement;
    loop {
        let trimmed = rest.trim_start();
        let blank = rest[..rest.len() - trimmed.len()].to_owned();
        let Some(first) = trimmed.chars().next() else { return tokens };
        let (kind, length) = measure(trimmed, first);
        tokens.push(Token { kind, text: trimmed[..length].to_owned(), blank });
        rest = &trimmed[length..];
    }
}

/// The kind and the length of the word at the start.
fn measure(text: &str, first: char) -> (Kind, usize) {
    match first {
        '`' => (Kind::Name, quoted(text, '`', false)),
        '\'' | '"' => (Kind::Text, quoted(text, first, true)),
        '/' if text.starts_with("/*!") => (Kind::Open, 3 + digits(&text[3..])),
        '/' if text.starts_with("/*M!") => (Kind::Open, 4 + digits(&text[4..])),
        '*' if text.starts_with("*/") => (Kind::Close, 2),
        letter if is_letter(letter) => (Kind::Word, text.find(|letter| !is_letter(letter)).unwrap_or(text.len())),
        sign => (Kind::Sign, sign.len_utf8()),
    }
}

fn digits(text: &str) -> usize {
    text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len())
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$' | '.' | '@')
}

/// The length of what stands in quotes. A doubled quote is part of it, and so is what a backslash stands before.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if escapes && letter == '\\' {
            letters.next();
        } else if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    text.len()
}

/// The statement of some words.
pub(super) fn join(tokens: &[Token]) -> String {
    tokens.iter().flat_map(|token| [token.blank.as_str(), token.text.as_str()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_their_blanks_are_the_statement() {
        let statement =
            "CREATE TABLE `a``b` (\n  `c` set('it''s','\\'',',') /*!80023 INVISIBLE */ DEFAULT 0.5,\n  KEY `k` ((`c` + 1)))";
        let tokens = cut(statement);
        assert_eq!(join(&tokens), statement);
        assert_eq!(tokens[2].name().as_deref(), Some("a`b"));
        let texts: Vec<&str> = tokens.iter().filter(|token| token.kind == Kind::Text).map(|token| token.text.as_str()).collect();
        assert_eq!(texts, ["'it''s'", "'\\''", "','"]);
        assert!(tokens.iter().any(|token| token.kind == Kind::Open && token.text == "/*!80023"));
        assert!(tokens.iter().any(|token| token.is("0.5")));
    }
}
