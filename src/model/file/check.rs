//! Checks that several parts of the files have in common. Each knows DM's number for what it refuses.

use super::super::duration::GoDuration;
use super::super::gtid::GtidSet;
use super::super::names::SourceName;
use super::super::pattern::{NamePattern, PatternError, Wildcard};
use super::super::position::BinlogName;
use super::super::regex::Regex;
use super::flaw::NOT_DECODED;
use super::{Database, Findings, Given, Size, Span};

/// A text that has one of a few words, or is empty. DM folds the case of some of them.
pub(in crate::model) fn word(
    findings: &mut Findings,
    given: Option<&Given<String>>,
    key: &str,
    code: u32,
    words: &[&str],
    folds_case: bool,
) {
    let Some(given) = given.filter(|given| !given.value.is_empty()) else { return };
    let is = |word: &&str| if folds_case { word.eq_ignore_ascii_case(&given.value) } else { *word == given.value };
    if !words.iter().any(is) {
        let last = key.rsplit('.').next().unwrap_or(key);
        let message = format!("`{}` is no word for `{last}`", given.value);
        findings.flaw(given.place, key, code, message).among(&given.value, words.iter().copied());
    }
}

/// A span of time that is decoded as one.
pub(in crate::model) fn span(findings: &mut Findings, given: Option<&Given<Span>>, key: &str) -> Option<GoDuration> {
    let given = given?;
    match given.value.0.parse::<GoDuration>() {
        Ok(duration) => Some(duration),
        Err(error) => {
            findings.flaw(given.place, key, NOT_DECODED, error.to_string());
            None
        }
    }
}

/// A number of bytes that is decoded as one.
pub(in crate::model) fn size(findings: &mut Findings, given: Option<&Given<Size>>, key: &str) {
    if let Some(given) = given.filter(|given| !is_size(&given.value.0)) {
        findings.flaw(given.place, key, NOT_DECODED, no_size(&given.value.0));
    }
}

/// What is said of a text that is no size.
pub(in crate::model) fn no_size(text: &str) -> String {
    format!("`{text}` is no size like `500m` or `10GiB`")
}

/// Whether Go's docker/go-units reads a text as a number of bytes: a number, perhaps a blank, and a unit of up to three letters.
pub(in crate::model) fn is_size(text: &str) -> bool {
    let Some(last) = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ') else { return false };
    let (number, unit) = text.split_at(last + 1);
    let number = number.strip_suffix(' ').unwrap_or(number);
    let plain = number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | 'e' | 'E' | '+' | '-'));
    // Between digits Go takes an underscore, as in its own numbers.
    let number = if number.starts_with('_') || number.ends_with('_') { number.to_owned() } else { number.replace('_', "") };
    if !plain || !number.parse::<f64>().is_ok_and(|number| number >= 0.0) {
        return false;
    }
    let unit = unit.to_ascii_lowercase();
    let rest = unit.strip_prefix(['k', 'm', 'g', 't', 'p']);
    matches!((unit.as_str(), rest), ("" | "b", _) | (_, Some("" | "b" | "ib")))
}

/// The name of a binlog file, or nothing.
pub(in crate::model) fn binlog_name(findings: &mut Findings, given: Option<&Given<String>>, key: &str, code: u32) {
    if let Some(given) = given.filter(|given| !given.value.is_empty())
        && let Err(error) = given.value.parse::<BinlogName>()
    {
        findings.flaw(given.place, key, code, error.to_string());
    }
}

/// A set of GTIDs of a flavor, or of any where none is told.
pub(in crate::model) fn gtids(findings: &mut Findings, given: Option<&Given<String>>, key: &str, flavor: &str) {
    let Some(given) = given.filter(|given| !given.value.is_empty()) else { return };
    let message = match (given.value.parse::<GtidSet>(), flavor) {
        (Err(error), _) => error.to_string(),
        (Ok(GtidSet::Mysql(_)), "mariadb") => "these are GTIDs of MySQL, and the source is a MariaDB".to_owned(),
        (Ok(GtidSet::Mariadb(_)), "mysql") => "these are GTIDs of MariaDB, and the source is a MySQL".to_owned(),
        (Ok(_), _) => return,
    };
    findings.flaw(given.place, key, 0, message);
}

/// The name of a source, which is there. The codes are those for none and for one that is too long.
pub(in crate::model) fn source_name(findings: &mut Findings, given: &Given<String>, key: &str, empty: u32, long: u32) {
    if let Err(error) = given.value.parse::<SourceName>() {
        let code = if given.value.is_empty() {
            empty
        } else if given.value.len() > 32 {
            long
        } else {
            0
        };
        findings.flaw(given.place, key, code, error.to_string());
    }
}

/// How a database is reached.
pub(in crate::model) fn database(findings: &mut Findings, given: &Given<Database>, key: &str) {
    let database = &given.value;
    let below = |name: &str| format!("{key}.{name}");
    if database.host.as_ref().is_none_or(|host| host.value.is_empty()) {
        let place = database.host.as_ref().map_or(given.key, |host| host.place);
        findings.missing(place, &below("host"), 0, format!("`{key}` has no `host`"));
    }
    match &database.port {
        None => findings.missing(given.key, &below("port"), 0, format!("`{key}` has no `port`")),
        Some(port) if !(1..=65535).contains(&port.value) => {
            findings.flaw(port.place, &below("port"), 0, format!("{} is no port: they go from 1 to 65535", port.value));
        }
        Some(_) => {}
    }
    if let Some(packet) = database.max_allowed_packet.as_ref().filter(|packet| packet.value.is_some()) {
        idle(findings, packet, &below("max-allowed-packet"));
    }
    let Some(security) = &database.security else { return };
    let pairs = [
        ("ssl-ca-base64", &security.value.ssl_ca_base64),
        ("ssl-cert-base64", &security.value.ssl_cert_base64),
        ("ssl-key-base64", &security.value.ssl_key_base64),
    ];
    for (name, text) in pairs {
        if let Some(text) = text
            && super::database::decoded(text.value.reveal()).is_none()
        {
            findings.flaw(text.place, &below(&format!("security.{name}")), 0, "it is no base64");
        }
    }
}

/// A key at which DM no longer looks.
pub(in crate::model) fn idle<T>(findings: &mut Findings, given: &Given<T>, key: &str) {
    let last = key.rsplit('.').next().unwrap_or(key);
    findings.remark(given.key, key, format!("DM no longer looks at `{last}`"));
}

/// A pattern of the allow list or of a route.
pub(in crate::model) fn name_pattern(findings: &mut Findings, given: &Given<String>, key: &str, code: u32, case_sensitive: bool) {
    if let Err(error) = NamePattern::new("a pattern", &given.value, case_sensitive) {
        pattern_flaw(findings, given, key, code, &error);
    }
}

/// A pattern of an event filter.
pub(in crate::model) fn wildcard(findings: &mut Findings, given: &Given<String>, key: &str, code: u32) {
    if let Err(error) = Wildcard::new(&given.value) {
        pattern_flaw(findings, given, key, code, &error);
    }
}

fn pattern_flaw(findings: &mut Findings, given: &Given<String>, key: &str, code: u32, error: &PatternError) {
    let message = match error {
        PatternError::Regex(error) => format!("it is no regular expression: {error}"),
        error => error.to_string(),
    };
    findings.flaw(given.place, key, code, message);
}

/// A regular expression; it is given back compiled.
pub(in crate::model) fn regex(findings: &mut Findings, given: &Given<String>, key: &str, code: u32) -> Option<Regex> {
    match Regex::new(&given.value, false) {
        Ok(regex) => Some(regex),
        Err(error) => {
            findings.flaw(given.place, key, code, format!("it is no regular expression: {error}"));
            None
        }
    }
}

/// A time zone by name or as an offset. Whether a name exists is not looked up.
pub(in crate::model) fn timezone(findings: &mut Findings, given: Option<&Given<String>>, key: &str) {
    let Some(given) = given.filter(|given| !given.value.is_empty()) else { return };
    let text = given.value.as_str();
    let refuse = |findings: &mut Findings, message: String| {
        findings.flaw(given.place, key, 20008, message);
    };
    if matches!(text, "SYSTEM" | "Local") {
        return refuse(findings, format!("DM does not take `{text}` as a time zone: give its name or its offset"));
    }
    let named = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/'));
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) && named {
        return;
    }
    let parts: Option<Vec<i64>> = match text.strip_prefix(['+', '-']) {
        Some(offset) => offset.split(':').map(|part| part.parse().ok().filter(|_| (1..=4).contains(&part.len()))).collect(),
        None => None,
    };
    match parts.as_deref() {
        Some([hours, minutes, rest @ ..]) if *minutes < 60 && rest.len() < 2 => {
            let minutes = hours * 60 + minutes;
            if minutes > if text.starts_with('-') { 12 * 60 + 59 } else { 14 * 60 } {
                refuse(findings, format!("the time zone `{text}` is beyond `-12:59` or `+14:00`"));
            }
        }
        Some([_]) => findings.remark(
            given.place,
            key,
            format!("DM reads `{text}` as minutes and seconds; hours have a colon, as in `+08:00`"),
        ),
        _ => refuse(findings, format!("`{text}` is no time zone like `Asia/Shanghai` or `+08:00`")),
    }
}
