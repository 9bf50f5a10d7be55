//! Pieces of SQL: names, texts and bytes as literals.

/// A name in backticks.
pub(super) fn name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A table with its schema.
pub(super) fn table(schema: &str, table: &str) -> String {
    format!("{}.{}", name(schema), name(table))
}

/// A text. It means the same in every session, whatever character set that speaks.
pub(super) fn text(text: &str) -> String {
    let mut out = "_utf8mb4'".to_owned();
    for letter in text.chars() {
        match letter {
            '\'' => out.push_str("''"),
            '\\' => out.push_str("\\\\"),
            '\0' => out.push_str("\\0"),
            letter => out.push(letter),
        }
    }
    out.push('\'');
    out
}

/// A text, or NULL.
pub(super) fn text_or_null(given: Option<&str>) -> String {
    given.map_or_else(|| "NULL".to_owned(), text)
}

/// Puts bytes between quotes. The session must speak `binary`, so that the server looks at single bytes.
pub(super) fn push_quoted(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 2);
    out.push(b'\'');
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escaped = match byte {
            b'\'' | b'\\' => *byte,
            0 => b'0',
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(&[b'\\', escaped]);
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'\'');
}

/// Bytes as digits, for texts that are kept.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 2 + 3);
    out.push_str("X'");
    for byte in bytes {
        let _ = write!(out, "{byte:02X}");
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        assert_eq!(table("a`b", "c"), "`a``b`.`c`");
        assert_eq!(text("it's \\ \0"), "_utf8mb4'it''s \\\\ \\0'");
        let mut out = Vec::new();
        push_quoted(&mut out, b"\\'\0\xff\"\n");
        assert_eq!(out, b"'\\\\\\'\\0\xff\"\n'");
        assert_eq!(hex(&[0, 255]), "X'00FF'");
    }
}
