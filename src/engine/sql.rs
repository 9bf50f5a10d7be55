//! Pieces of SQL: names, texts and bytes as literals.

use memchr::memchr3;

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

/// Rows behind a key, or before it, with the key itself or without. The first part is repeated alone, since servers look for a range in the
/// first part only.
pub(super) fn beside(names: &[impl AsRef<str>], values: &[String], sign: char, with_itself: bool) -> String {
    let parts: Vec<(&str, &String)> = names.iter().map(AsRef::as_ref).zip(values).collect();
    let way = |at: usize, (name, value): (&str, &String)| {
        let equal = if with_itself && at + 1 == parts.len() { "=" } else { "" };
        let before = parts[..at].iter().map(|(name, value)| format!("{name} = {value} AND "));
        format!("({}{name} {sign}{equal} {value})", before.collect::<String>())
    };
    let ways: Vec<String> = parts.iter().enumerate().map(|(at, part)| way(at, *part)).collect();
    match parts.first() {
        Some((name, value)) if ways.len() > 1 => format!("{name} {sign}= {value} AND ({})", ways.join(" OR ")),
        _ => ways.concat(),
    }
}

/// Puts bytes between quotes. The session must speak `binary`, so that the server looks at single bytes.
pub(super) fn push_quoted(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 2);
    out.push(b'\'');
    let mut rest = bytes;
    while let Some(at) = memchr3(b'\'', b'\\', 0, rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', if rest[at] == 0 { b'0' } else { rest[at] }]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
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

    #[test]
    fn rows_beside_a_key_of_several_parts() {
        let (names, values) = (["`a`", "`b`"], ["5".to_owned(), "'x'".to_owned()]);
        assert_eq!(beside(&names[..1], &values[..1], '>', false), "(`a` > 5)");
        assert_eq!(beside(&names[..1], &values[..1], '<', true), "(`a` <= 5)");
        assert_eq!(beside(&names, &values, '>', true), "`a` >= 5 AND ((`a` > 5) OR (`a` = 5 AND `b` >= 'x'))");
        assert_eq!(beside(&names, &values, '<', false), "`a` <= 5 AND ((`a` < 5) OR (`a` = 5 AND `b` < 'x'))");
    }
}
