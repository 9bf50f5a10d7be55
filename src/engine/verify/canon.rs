//! Values as letters that are the same on every server, whatever its family: what is summed and compared.
//!
//! A value is compared as `docs/dialects.md` defines that it is equal. Nothing depends on how a server shows a number: floating point is
//! compared by its bits, which both families show in the bytes of a POINT.

use super::super::shape::{Column, Kind};
use super::super::sql;
use crate::model::subtask::Flavor;

/// How the values of a column are brought into letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the server writes it. For whole numbers, decimals and dates this is the same everywhere.
    Plain,
    /// A decimal without zeros at its end, where the two sides have different types.
    Trimmed,
    /// The bits of a number with floating point. The flag says that zero has no sign, since one side can't keep it.
    Bits(bool),
    /// A time with six digits behind the point, where the two sides have different types. A day is its first moment.
    Padded,
    /// The number of an ENUM or of a SET.
    Number,
    /// The text of an ENUM or of a SET whose members differ, and whether it is one of them.
    Member,
    /// The bytes of a text or of bytes.
    Bytes,
    /// A text, in UTF-8.
    Text,
    /// A document of MySQL, read once more: what travels is its text.
    Document,
}

/// A column of one of the sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sided<'a> {
    pub(super) column: &'a Column,
    pub(super) flavor: Flavor,
}

impl Sided<'_> {
    fn word(&self) -> String {
        self.column.type_text.split(['(', ' ']).next().unwrap_or_default().to_lowercase()
    }

    /// JSON that the server keeps in a form of its own.
    fn is_document(&self) -> bool {
        self.flavor == Flavor::MySql && self.word() == "json"
    }

    fn is_choice(&self) -> bool {
        matches!(self.word().as_str(), "enum" | "set")
    }

    /// What has a text of its own and is no text.
    fn is_shown_as_text(&self) -> bool {
        matches!(self.word().as_str(), "uuid" | "inet4" | "inet6" | "xmltype")
    }

    fn charset(&self) -> Option<&str> {
        match &self.column.kind {
            Kind::Text(charset) | Kind::Enum(charset, _) if !self.is_shown_as_text() => Some(charset),
            _ => None,
        }
    }

    /// How many letters or bytes a value has at most, if that is few.
    fn is_short(&self) -> bool {
        let inside = self.column.type_text.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let length = inside.and_then(|(digits, _)| digits.parse::<u32>().ok());
        match self.word().as_str() {
            "char" | "varchar" | "binary" | "varbinary" => length.is_some_and(|length| length <= 255),
            "tinytext" | "tinyblob" | "uuid" | "inet4" | "inet6" => true,
            _ => false,
        }
    }

    /// How many digits a time has behind the point.
    fn digits(&self) -> usize {
        let inside = self.column.type_text.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        inside.and_then(|(digits, _)| digits.parse().ok()).unwrap_or(0)
    }
}

/// The form in which the columns of all sources and of the target can be compared; `None` if there is none. The target comes last.
pub(super) fn form(columns: &[Sided<'_>]) -> Option<Form> {
    let all = |is: fn(&Kind) -> bool| columns.iter().all(|sided| is(&sided.column.kind));
    let one = columns.first()?;
    let same_type = columns.iter().all(|sided| sided.column.type_text.eq_ignore_ascii_case(&one.column.type_text));
    let same_word = columns.iter().all(|sided| sided.word() == one.word());
    let (target, sources) = columns.split_last()?;
    if all(|kind| matches!(kind, Kind::Number)) {
        let decimal = columns.iter().any(|sided| sided.word() == "decimal");
        return Some(if decimal && !same_type { Form::Trimmed } else { Form::Plain });
    }
    if all(|kind| matches!(kind, Kind::Float)) {
        return Some(Form::Bits(columns.iter().any(|sided| sided.flavor == Flavor::MariaDb)));
    }
    if all(|kind| matches!(kind, Kind::Bit | Kind::Number)) {
        return Some(Form::Plain);
    }
    if all(|kind| matches!(kind, Kind::Date)) {
        return Some(Form::Plain);
    }
    if all(|kind| matches!(kind, Kind::DateTime)) || all(|kind| matches!(kind, Kind::Time)) {
        let same_digits = columns.iter().all(|sided| sided.digits() == one.digits());
        return Some(if same_digits { Form::Plain } else { Form::Padded });
    }
    if all(|kind| matches!(kind, Kind::Date | Kind::DateTime)) {
        return Some(Form::Padded);
    }
    if columns.iter().any(Sided::is_document) {
        if columns.iter().all(Sided::is_document) {
            return Some(Form::Document);
        }
        // The text that MySQL shows is what arrives. The other way round only MySQL knows what a text becomes.
        return (!target.is_document() && sources.iter().all(Sided::is_document)).then_some(Form::Text);
    }
    if columns.iter().all(Sided::is_choice) && same_word {
        return Some(if same_type { Form::Number } else { Form::Member });
    }
    if all(|kind| matches!(kind, Kind::Text(_) | Kind::Enum(..))) {
        let same_charset = one.charset().is_some() && columns.iter().all(|sided| sided.charset() == one.charset());
        return Some(if same_charset { Form::Bytes } else { Form::Text });
    }
    if all(|kind| matches!(kind, Kind::Bytes | Kind::Text(_))) && !columns.iter().any(Sided::is_shown_as_text) {
        return Some(Form::Bytes);
    }
    if all(|kind| !matches!(kind, Kind::Bytes | Kind::Float | Kind::Bit)) { Some(Form::Text) } else { None }
}

/// Whether every side holds only short values of a column.
pub(super) fn is_short(columns: &[Sided<'_>]) -> bool {
    columns.iter().all(Sided::is_short)
}

/// The value in letters, or NULL. What is `long` is summed, so that a row of such letters never grows beyond what a server can hold.
pub(super) fn expression(sided: Sided<'_>, form: Form, long: bool) -> String {
    let name = sql::name(&sided.column.name);
    let utf8 = |value: &str| format!("CAST({value} AS CHAR CHARACTER SET utf8mb4)");
    let bytes = |value: String| {
        if !long {
            return format!("HEX({value})");
        }
        // What a server can't sum is never equal to anything.
        format!("IF({name} IS NULL, NULL, COALESCE(SHA2({value}, 256), CONCAT('not read: ', UUID())))")
    };
    match form {
        Form::Plain => match sided.column.kind {
            Kind::Bit => format!("CAST({name} + 0 AS CHAR)"),
            _ if sided.column.type_text.contains("zerofill") => format!("CAST({name} + 0 AS CHAR)"),
            _ => format!("CAST({name} AS CHAR)"),
        },
        Form::Trimmed => match sided.column.type_text.split_once(',') {
            Some((_, rest)) if !rest.starts_with("0)") => {
                format!("TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST({name} AS CHAR)))")
            }
            _ => format!("CAST({name} + 0 AS CHAR)"),
        },
        Form::Bits(without_sign) => {
            let value = if without_sign { format!("IF({name} = 0, 0, {name})") } else { name };
            // Behind the SRID, the byte order and the type: the eight bytes of the first coordinate.
            format!("SUBSTR(HEX(POINT({value}, 0)), 19, 16)")
        }
        Form::Padded if matches!(sided.column.kind, Kind::Date) => format!("CONCAT(CAST({name} AS CHAR), ' 00:00:00.000000')"),
        Form::Padded => {
            let digits = sided.digits();
            let tail = format!("{}{}", if digits == 0 { "." } else { "" }, "0".repeat(6_usize.saturating_sub(digits)));
            format!("CONCAT(CAST({name} AS CHAR), '{tail}')")
        }
        // Not with `+ 0`, which takes the number of a SET of 64 for one with a sign, and is rounded by MySQL.
        Form::Number => format!("CAST({name} | 0 AS CHAR)"),
        Form::Member => format!("CONCAT({name} + 0 = 0, ':', HEX({}))", utf8(&name)),
        Form::Bytes => bytes(name.clone()),
        Form::Text => bytes(utf8(&name)),
        Form::Document => bytes(utf8(&format!("CAST({} AS JSON)", utf8(&name)))),
    }
}

/// Letters as a literal of one of the sides, to find a row by its key.
pub(super) fn literal(sided: Sided<'_>, form: Form, letters: &str) -> String {
    match (form, &sided.column.kind) {
        (Form::Bytes, Kind::Text(charset)) => format!("_{charset} X'{letters}'"),
        (Form::Bytes, _) => format!("_binary X'{letters}'"),
        (Form::Text, Kind::Text(charset)) if charset == "utf8mb4" => format!("_utf8mb4 X'{letters}'"),
        (Form::Text, Kind::Text(charset)) => format!("CONVERT(_utf8mb4 X'{letters}' USING {charset})"),
        (Form::Text, _) => format!("_utf8mb4 X'{letters}'"),
        (_, Kind::Number | Kind::Bit) => letters.to_owned(),
        _ => format!("'{letters}'"),
    }
}

/// A value as a person would read it; a long one is cut, and told by its length and sum.
pub(super) fn display(sided: Sided<'_>) -> String {
    let name = sql::name(&sided.column.name);
    let cut = |whole: &str, short: String| {
        format!(
            "IF(LENGTH({name}) <= 200, {whole}, CONCAT({short}, '... (', LENGTH({name}), ' bytes, SHA-256 ', \
             LEFT(SHA2({name}, 256), 16), ')'))"
        )
    };
    match &sided.column.kind {
        Kind::Bit => format!("CONCAT('b''', BIN({name} + 0), '''')"),
        // Alone it would be shown with six digits.
        Kind::Float if sided.word() == "float" => format!("CONCAT({name} + 0e0)"),
        Kind::Float => format!("CONCAT({name})"),
        Kind::Number | Kind::Date | Kind::DateTime | Kind::Time => format!("CAST({name} AS CHAR)"),
        Kind::Text(_) | Kind::Enum(..) if sided.is_choice() || sided.is_shown_as_text() => {
            format!("CAST({name} AS CHAR CHARACTER SET utf8mb4)")
        }
        Kind::Text(_) | Kind::Enum(..) if sided.is_document() => {
            let text = format!("CAST({name} AS CHAR CHARACTER SET utf8mb4)");
            format!(
                "IF(LENGTH({text}) <= 200, {text}, CONCAT(LEFT({text}, 100), '... (', LENGTH({text}), ' bytes, SHA-256 ', \
                 LEFT(SHA2({text}, 256), 16), ')'))"
            )
        }
        Kind::Text(_) | Kind::Enum(..) => {
            cut(&format!("CONVERT({name} USING utf8mb4)"), format!("CONVERT(LEFT({name}, 100) USING utf8mb4)"))
        }
        Kind::Bytes => {
            let bytes = format!("CAST({name} AS BINARY)");
            format!(
                "IF(LENGTH({name}) <= 200, CONCAT('0x', HEX({name})), CONCAT('0x', HEX(LEFT({bytes}, 50)), '... (', LENGTH({name}), \
                 ' bytes, SHA-256 ', LEFT(SHA2({name}, 256), 16), ')'))"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(type_text: &str, kind: Kind) -> Column {
        Column { name: "c".to_owned(), kind, type_text: type_text.to_owned(), collation: None, nullable: true, generated: false }
    }

    fn form_of(source: (&str, Kind, Flavor), target: (&str, Kind, Flavor)) -> Option<Form> {
        let (from, to) = (column(source.0, source.1), column(target.0, target.1));
        form(&[Sided { column: &from, flavor: source.2 }, Sided { column: &to, flavor: target.2 }])
    }

    #[test]
    fn a_form_suits_both_sides() {
        use Flavor::{MariaDb, MySql};
        let text = |charset: &str| Kind::Text(charset.to_owned());
        let (number, time) = (Kind::Number, Kind::DateTime);
        for (source, target, expected) in [
            (("int", number.clone(), MySql), ("bigint", number.clone(), MariaDb), Some(Form::Plain)),
            (("decimal(8,2)", number.clone(), MySql), ("decimal(8,2)", number.clone(), MariaDb), Some(Form::Plain)),
            (("decimal(8,2)", number.clone(), MySql), ("decimal(9,3)", number, MySql), Some(Form::Trimmed)),
            (("double", Kind::Float, MySql), ("double", Kind::Float, MySql), Some(Form::Bits(false))),
            (("double", Kind::Float, MySql), ("double", Kind::Float, MariaDb), Some(Form::Bits(true))),
            (("datetime(3)", time.clone(), MySql), ("timestamp(3)", time.clone(), MySql), Some(Form::Plain)),
            (("datetime", time.clone(), MySql), ("datetime(6)", time, MySql), Some(Form::Padded)),
            (("json", text("utf8mb4"), MySql), ("json", text("utf8mb4"), MySql), Some(Form::Document)),
            (("json", text("utf8mb4"), MySql), ("longtext", text("utf8mb4"), MariaDb), Some(Form::Text)),
            (("longtext", text("utf8mb4"), MariaDb), ("json", text("utf8mb4"), MySql), None),
            (("char(9)", text("latin1"), MySql), ("char(9)", text("latin1"), MariaDb), Some(Form::Bytes)),
            (("char(9)", text("latin1"), MySql), ("char(9)", text("utf8mb4"), MariaDb), Some(Form::Text)),
            (("uuid", text("utf8mb4"), MariaDb), ("char(36)", text("ascii"), MySql), Some(Form::Text)),
            (("set('a')", text("utf8mb4"), MariaDb), ("set('a')", text("utf8mb4"), MySql), Some(Form::Number)),
            (("blob", Kind::Bytes, MariaDb), ("int", Kind::Number, MySql), None),
        ] {
            assert_eq!(form_of(source.clone(), target.clone()), expected, "{source:?} {target:?}");
        }
    }

    #[test]
    fn long_values_are_summed_and_short_ones_are_not() {
        let long = column("varchar(4000)", Kind::Text("latin1".to_owned()));
        let sided = Sided { column: &long, flavor: Flavor::MySql };
        assert!(!is_short(&[sided]) && expression(sided, Form::Bytes, true).contains("SHA2(`c`, 256)"));
        let short = column("varchar(40)", Kind::Text("latin1".to_owned()));
        let sided = Sided { column: &short, flavor: Flavor::MySql };
        assert!(is_short(&[sided]));
        assert_eq!(expression(sided, Form::Bytes, false), "HEX(`c`)");
        assert_eq!(literal(sided, Form::Bytes, "61"), "_latin1 X'61'");
        assert_eq!(literal(sided, Form::Text, "61"), "CONVERT(_utf8mb4 X'61' USING latin1)");
    }
}
