//! Collations that only one of the two families has, and what comes nearest to them in the other. The table is in `docs/dialects.md`.

use crate::model::subtask::Flavor;

/// A collation in the words of the other family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Mapped {
    pub(in super::super) name: String,
    /// It sorts or compares in another way.
    pub(in super::super) differs: bool,
}

/// Languages whose names differ: MySQL's in its 0900 collations, MariaDB's in its UCA 14 ones.
const LANGUAGES: &[(&str, &str)] = &[
    ("cs", "czech"),
    ("da", "danish"),
    ("de_pb", "german2"),
    ("eo", "esperanto"),
    ("es", "spanish"),
    ("es_trad", "spanish2"),
    ("et", "estonian"),
    ("hr", "croatian"),
    ("hu", "hungarian"),
    ("is", "icelandic"),
    ("la", "roman"),
    ("lt", "lithuanian"),
    ("lv", "latvian"),
    ("pl", "polish"),
    ("ro", "romanian"),
    ("sk", "slovak"),
    ("sl", "slovenian"),
    ("sv", "swedish"),
    ("tr", "turkish"),
    ("vi", "vietnamese"),
];

/// What comes nearest in the other family; the same where both have it.
pub(in super::super) fn mapped(collation: &str, to: Flavor) -> Mapped {
    let name = match to {
        Flavor::MariaDb => for_mariadb(collation),
        Flavor::MySql => for_mysql(collation),
    };
    let differs = name.is_some();
    Mapped { name: name.unwrap_or_else(|| collation.to_owned()), differs }
}

/// Whether a family has a character set.
pub(super) fn has_charset(charset: &str, family: Flavor) -> bool {
    family == Flavor::MySql || !charset.eq_ignore_ascii_case("gb18030")
}

/// The bytes of the longest letter of a character set.
pub(super) fn letter_bytes(charset: &str) -> usize {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8" | "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "sjis" | "cp932" | "euckr" => 2,
        _ => 1,
    }
}

/// Whether a family has a collation, or something near to it.
pub(super) fn has_collation(collation: &str, family: Flavor) -> bool {
    has_charset(collation.split('_').next().unwrap_or(collation), family)
}

fn for_mariadb(collation: &str) -> Option<String> {
    let rest = collation.strip_prefix("utf8mb4_")?;
    if rest == "0900_bin" {
        return Some("utf8mb4_nopad_bin".to_owned());
    }
    let (language, strength) = match rest.split_once("_0900_") {
        Some((language, strength)) => (language, strength),
        None => ("", rest.strip_prefix("0900_")?),
    };
    // What knows no language of the kind still tells all letters apart that the other did.
    let strength = strength.strip_suffix("_ks").unwrap_or(strength);
    let known = LANGUAGES.iter().find(|(own, _)| *own == language).map(|(_, theirs)| format!("{theirs}_")).unwrap_or_default();
    Some(format!("utf8mb4_uca1400_{known}nopad_{strength}"))
}

fn for_mysql(collation: &str) -> Option<String> {
    let (charset, rest) = collation.split_once('_')?;
    if let Some(rest) = rest.strip_prefix("uca1400_") {
        let (rest, strength) = rest.rsplit_once("_as_").map_or_else(
            || rest.rsplit_once("_ai_").map_or_else(|| bare(rest, "ai"), |(start, end)| (start, format!("ai_{end}"))),
            |(start, end)| (start, format!("as_{end}")),
        );
        let language = rest.strip_suffix("nopad").unwrap_or(rest).trim_end_matches('_');
        if charset != "utf8mb4" {
            return Some(format!("{charset}_unicode_520_ci"));
        }
        let known = LANGUAGES.iter().find(|(_, own)| *own == language).map(|(theirs, _)| format!("{theirs}_")).unwrap_or_default();
        // Accents that count and capitals that don't: MySQL has that without a language only.
        return Some(match strength.as_str() {
            "as_ci" => "utf8mb4_0900_as_ci".to_owned(),
            "ai_cs" => format!("utf8mb4_{known}0900_as_cs"),
            strength => format!("utf8mb4_{known}0900_{strength}"),
        });
    }
    // MySQL's Croatian by the name that it has in MariaDB, and two languages that MySQL does not know.
    match rest {
        "croatian_mysql561_ci" => return Some(format!("{charset}_croatian_ci")),
        "thai_520_w2" => return Some(format!("{charset}_unicode_520_ci")),
        "myanmar_ci" => return Some(format!("{charset}_unicode_ci")),
        _ => {}
    }
    if !rest.contains("nopad_") {
        return None;
    }
    Some(match (charset, rest) {
        ("utf8mb4", "nopad_bin") => "utf8mb4_0900_bin".to_owned(),
        ("utf8mb4", "unicode_520_nopad_ci" | "unicode_nopad_ci") => "utf8mb4_0900_ai_ci".to_owned(),
        _ => format!("{charset}_{}", rest.replace("nopad_", "")),
    })
}

/// `ai_ci` and the like without a language before them.
fn bare<'a>(rest: &'a str, default: &str) -> (&'a str, String) {
    if rest.starts_with("ai_") || rest.starts_with("as_") { ("", rest.to_owned()) } else { (rest, format!("{default}_ci")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_family_lacks_has_a_neighbour_in_the_other() {
        for (mysql, mariadb) in [
            ("utf8mb4_0900_ai_ci", "utf8mb4_uca1400_nopad_ai_ci"),
            ("utf8mb4_0900_as_cs", "utf8mb4_uca1400_nopad_as_cs"),
            ("utf8mb4_de_pb_0900_ai_ci", "utf8mb4_uca1400_german2_nopad_ai_ci"),
            ("utf8mb4_es_trad_0900_as_cs", "utf8mb4_uca1400_spanish2_nopad_as_cs"),
            ("utf8mb4_0900_bin", "utf8mb4_nopad_bin"),
        ] {
            assert_eq!(mapped(mysql, Flavor::MariaDb), Mapped { name: mariadb.to_owned(), differs: true });
            assert_eq!(mapped(mariadb, Flavor::MySql), Mapped { name: mysql.to_owned(), differs: true });
        }
        assert_eq!(mapped("utf8mb4_ja_0900_as_cs_ks", Flavor::MariaDb).name, "utf8mb4_uca1400_nopad_as_cs");
        assert_eq!(mapped("utf8mb4_uca1400_ai_ci", Flavor::MySql).name, "utf8mb4_0900_ai_ci");
        assert_eq!(mapped("utf8mb3_uca1400_ai_ci", Flavor::MySql).name, "utf8mb3_unicode_520_ci");
        assert_eq!(mapped("latin1_swedish_nopad_ci", Flavor::MySql).name, "latin1_swedish_ci");
        assert_eq!(mapped("latin1_swedish_ci", Flavor::MySql), Mapped { name: "latin1_swedish_ci".to_owned(), differs: false });
        assert_eq!(mapped("utf8mb4_general_ci", Flavor::MariaDb), Mapped { name: "utf8mb4_general_ci".to_owned(), differs: false });
    }
}
