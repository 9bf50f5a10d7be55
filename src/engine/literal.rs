//! Cells of the text protocol as literals that mean the same bytes on the other side.
//!
//! Texts go as the bytes that the source holds, with the name of their character set before them; neither server converts anything.

use std::io::Write as _;

use super::shape::Kind;
use super::sql;

/// A value that the column can't hold, or of a form that it should not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strange;

/// Writes a cell for an INSERT in a session that speaks `binary`. Without a cell, it is NULL.
pub(super) fn push(out: &mut Vec<u8>, kind: &Kind, cell: Option<&[u8]>) -> Result<(), Strange> {
    let Some(cell) = cell else {
        out.extend_from_slice(b"NULL");
        return Ok(());
    };
    match kind {
        Kind::Number if is_decimal(cell) => out.extend_from_slice(cell),
        // Where the empty text is a member, only the number tells it from no member at all.
        Kind::Enum(_, true) if is_decimal(cell) => out.extend_from_slice(cell),
        // Without an exponent it would be a decimal, which has fewer digits.
        Kind::Float if is_float(cell) => {
            out.extend_from_slice(cell);
            if memchr::memchr2(b'e', b'E', cell).is_none() {
                out.extend_from_slice(b"e0");
            }
        }
        Kind::Bit => drop(write!(out, "{}", bit(cell).ok_or(Strange)?)),
        Kind::Date | Kind::DateTime | Kind::Time if is_moment(cell) => {
            out.push(b'\'');
            out.extend_from_slice(cell);
            out.push(b'\'');
        }
        Kind::Enum(_, false) if is_no_member(kind, cell) => out.push(b'0'),
        Kind::Text(charset) | Kind::Enum(charset, false) => {
            out.push(b'_');
            out.extend_from_slice(charset.as_bytes());
            sql::push_quoted(out, cell);
        }
        Kind::Bytes => {
            out.extend_from_slice(b"_binary");
            sql::push_quoted(out, cell);
        }
        _ => return Err(Strange),
    }
    Ok(())
}

/// Writes a variable that holds the bytes of a cell, where the cell itself would stand.
pub(super) fn push_variable(out: &mut Vec<u8>, kind: &Kind, name: &str) -> Result<(), Strange> {
    let expression = match kind {
        Kind::Text(charset) => format!("CONVERT({name} USING {charset})"),
        Kind::Bytes => name.to_owned(),
        _ => return Err(Strange),
    };
    out.extend_from_slice(expression.as_bytes());
    Ok(())
}

/// Whether a cell is what is left in an ENUM where a value was none of its members: its number zero, which a strict session refuses.
pub(super) fn is_no_member(kind: &Kind, cell: &[u8]) -> bool {
    match kind {
        Kind::Enum(_, true) => cell == b"0",
        Kind::Enum(_, false) => cell.is_empty(),
        _ => false,
    }
}

/// A cell of a key, in letters that every session understands and every table can keep.
pub(super) fn of_key(kind: &Kind, cell: Option<&[u8]>) -> Result<String, Strange> {
    let cell = cell.ok_or(Strange)?;
    let plain = || String::from_utf8_lossy(cell).into_owned();
    match kind {
        Kind::Number if is_decimal(cell) => Ok(plain()),
        Kind::Bit => bit(cell).map(|number| number.to_string()).ok_or(Strange),
        Kind::Date | Kind::DateTime | Kind::Time if is_moment(cell) => Ok(format!("'{}'", plain())),
        Kind::Text(charset) => Ok(format!("_{charset} {}", sql::hex(cell))),
        Kind::Bytes => Ok(format!("_binary {}", sql::hex(cell))),
        _ => Err(Strange),
    }
}

fn is_decimal(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

fn is_float(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'))
}

/// Zero dates, days that no month has and negative times are written as they are.
fn is_moment(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b' ' | b'.'))
}

fn bit(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: &Kind, cell: &[u8]) -> String {
        let mut out = Vec::new();
        push(&mut out, kind, Some(cell)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn edges_of_each_kind() {
        assert_eq!(written(&Kind::Number, b"18446744073709551615"), "18446744073709551615");
        assert_eq!(written(&Kind::Number, b"-0.10"), "-0.10");
        assert_eq!(written(&Kind::Float, b"0.00000000000001234567890123456"), "0.00000000000001234567890123456e0");
        assert_eq!(written(&Kind::Float, b"-1.7976931348623157e308"), "-1.7976931348623157e308");
        assert_eq!(written(&Kind::Bit, &[1, 0]), "256");
        assert_eq!(written(&Kind::Date, b"0000-00-00"), "'0000-00-00'");
        assert_eq!(written(&Kind::DateTime, b"2021-02-31 01:02:03.000040"), "'2021-02-31 01:02:03.000040'");
        assert_eq!(written(&Kind::Time, b"-838:59:59"), "'-838:59:59'");
        assert_eq!(written(&Kind::Text("gbk".to_owned()), b"a'"), "_gbk'a\\''");
        assert_eq!(of_key(&Kind::Text("utf8mb4".to_owned()), Some(b"a,b")).unwrap(), "_utf8mb4 X'612C62'");
        let members = Kind::Enum("latin1".to_owned(), false);
        assert_eq!((written(&members, b"").as_str(), is_no_member(&members, b"")), ("0", true));
        for (kind, cell) in [(Kind::Number, "1; DROP"), (Kind::Float, "nan"), (Kind::Time, "'1'"), (Kind::Float, "")] {
            assert_eq!(push(&mut Vec::new(), &kind, Some(cell.as_bytes())), Err(Strange));
        }
    }
}
