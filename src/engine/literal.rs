//! Values as literals that mean the same bytes on the other side.
//!
//! Texts go as the bytes that the source holds, with the name of their character set before them; neither server converts anything.

use std::io::Write as _;

use mysql_async::Value;

use super::shape::Kind;
use super::sql;

/// A value that the column can't hold, or of a kind that it should not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strange;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A value.
    Value,
    /// The number zero of an ENUM: what is left where a value was none of its members. A strict session refuses it.
    NoMember,
}

/// Writes a value for an INSERT in a session that speaks `binary`.
pub(super) fn push(out: &mut Vec<u8>, kind: &Kind, value: &Value) -> Result<Written, Strange> {
    match (kind, value) {
        (_, Value::NULL) => out.extend_from_slice(b"NULL"),
        (Kind::Number, Value::Int(number)) => drop(write!(out, "{number}")),
        (Kind::Number, Value::UInt(number)) => drop(write!(out, "{number}")),
        // Where the empty text is a member, only the number tells it from no member at all.
        (Kind::Enum(_, true), Value::Int(_) | Value::UInt(_)) => {
            let none = matches!(value, Value::Int(0) | Value::UInt(0));
            out.extend_from_slice(value.as_sql(true).as_bytes());
            return Ok(if none { Written::NoMember } else { Written::Value });
        }
        (Kind::Number, Value::Bytes(digits)) if is_decimal(digits) => out.extend_from_slice(digits),
        (Kind::Float, Value::Float(number)) => drop(write!(out, "{:e}", f64::from(*number))),
        (Kind::Float, Value::Double(number)) => drop(write!(out, "{number:e}")),
        (Kind::Bit, Value::Bytes(bytes)) => drop(write!(out, "{}", bit(bytes).ok_or(Strange)?)),
        (Kind::Date | Kind::DateTime | Kind::Time, value) => out.extend_from_slice(moment(kind, value)?.as_bytes()),
        (Kind::Enum(_, false), Value::Bytes(bytes)) if bytes.is_empty() => {
            out.push(b'0');
            return Ok(Written::NoMember);
        }
        (Kind::Text(charset) | Kind::Enum(charset, false), Value::Bytes(bytes)) => {
            drop(write!(out, "_{charset}"));
            sql::push_quoted(out, bytes);
        }
        (Kind::Bytes, Value::Bytes(bytes)) => {
            out.extend_from_slice(b"_binary");
            sql::push_quoted(out, bytes);
        }
        _ => return Err(Strange),
    }
    Ok(Written::Value)
}

/// A value of a key, in letters that every session understands and every table can keep.
pub(super) fn of_key(kind: &Kind, value: &Value) -> Result<String, Strange> {
    match (kind, value) {
        (Kind::Number, Value::Int(number)) => Ok(number.to_string()),
        (Kind::Number, Value::UInt(number)) => Ok(number.to_string()),
        (Kind::Number, Value::Bytes(digits)) if is_decimal(digits) => Ok(String::from_utf8_lossy(digits).into_owned()),
        (Kind::Bit, Value::Bytes(bytes)) => bit(bytes).map(|number| number.to_string()).ok_or(Strange),
        (Kind::Date | Kind::DateTime | Kind::Time, value) => moment(kind, value),
        (Kind::Text(charset), Value::Bytes(bytes)) => Ok(format!("_{charset} {}", sql::hex(bytes))),
        (Kind::Bytes, Value::Bytes(bytes)) => Ok(format!("_binary {}", sql::hex(bytes))),
        _ => Err(Strange),
    }
}

fn is_decimal(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

fn bit(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Dates and times in quotes. Zero dates, days that no month has and negative times are written as they are.
fn moment(kind: &Kind, value: &Value) -> Result<String, Strange> {
    let fraction = |micros: u32| if micros == 0 { String::new() } else { format!(".{micros:06}") };
    match (kind, value) {
        (Kind::Date, Value::Date(year, month, day, ..)) => Ok(format!("'{year:04}-{month:02}-{day:02}'")),
        (Kind::DateTime, Value::Date(year, month, day, hour, minute, second, micros)) => {
            Ok(format!("'{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{}'", fraction(*micros)))
        }
        (Kind::Time, Value::Time(negative, days, hours, minutes, seconds, micros)) => {
            let sign = if *negative { "-" } else { "" };
            let hours = days * 24 + u32::from(*hours);
            Ok(format!("'{sign}{hours:02}:{minutes:02}:{seconds:02}{}'", fraction(*micros)))
        }
        _ => Err(Strange),
    }
}

/// How many bytes a value has, for the progress.
pub(super) fn size(value: &Value) -> u64 {
    match value {
        Value::NULL => 0,
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Float(_) => 4,
        Value::Int(_) | Value::UInt(_) | Value::Double(_) | Value::Date(..) | Value::Time(..) => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: &Kind, value: &Value) -> String {
        let mut out = Vec::new();
        push(&mut out, kind, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn edges_of_each_kind() {
        assert_eq!(written(&Kind::Number, &Value::UInt(u64::MAX)), "18446744073709551615");
        assert_eq!(written(&Kind::Number, &Value::Bytes(b"-0.10".to_vec())), "-0.10");
        assert_eq!(written(&Kind::Float, &Value::Float(0.1)), "1.0000000149011612e-1");
        assert_eq!(written(&Kind::Float, &Value::Double(-0.0)), "-0e0");
        assert_eq!(written(&Kind::Bit, &Value::Bytes(vec![1, 0])), "256");
        assert_eq!(written(&Kind::Date, &Value::Date(0, 0, 0, 0, 0, 0, 0)), "'0000-00-00'");
        assert_eq!(written(&Kind::DateTime, &Value::Date(2021, 2, 31, 1, 2, 3, 40)), "'2021-02-31 01:02:03.000040'");
        assert_eq!(written(&Kind::Time, &Value::Time(true, 34, 22, 59, 59, 0)), "'-838:59:59'");
        assert_eq!(written(&Kind::Text("gbk".to_owned()), &Value::Bytes(b"a'".to_vec())), "_gbk'a\\''");
        assert_eq!(of_key(&Kind::Text("utf8mb4".to_owned()), &Value::Bytes(b"a,b".to_vec())).unwrap(), "_utf8mb4 X'612C62'");
        assert_eq!(push(&mut Vec::new(), &Kind::Enum("latin1".to_owned(), false), &Value::Bytes(vec![])), Ok(Written::NoMember));
        assert_eq!(push(&mut Vec::new(), &Kind::Number, &Value::Bytes(b"1; DROP".to_vec())), Err(Strange));
    }
}
