//! Values as JSON and YAML text.

use serde_json::Value;

use super::{Format, clean};

/// A value as text, with a line break at its end: JSON on one line, YAML behind `---`. Text format has no form for values; it gets JSON.
pub(super) fn text(value: &Value, format: Format) -> String {
    match format {
        Format::Json | Format::Text => format!("{}\n", clean::json(&value.to_string())),
        Format::Yaml => yaml(value),
    }
}

/// YAML by serde-saphyr, which quotes what a YAML 1.1 reader would take for a boolean. A document with characters that must not reach a
/// terminal is written as JSON, which is YAML too and can escape them.
fn yaml(value: &Value) -> String {
    let hostile = |c: char| clean::is_hostile(c) && c != '\n';
    match serde_saphyr::to_string(value) {
        Ok(text) if !text.contains(hostile) => {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            format!("---\n{text}{end}")
        }
        Ok(_) | Err(_) => format!("---\n{}\n", clean::json(&value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_read_back_by_everybody() {
        let value = serde_json::json!({ "stage": "on", "name": "no", "id": 18446744073709551615_u64, "n": "010", "nasty": "a\nb" });
        let text = text(&value, Format::Yaml);
        assert!(text.starts_with("---\n"), "{text}");
        assert!(text.contains("stage: \"on\"") || text.contains("stage: 'on'"), "{text}");
        let back: Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(back, value);
    }

    #[test]
    fn hostile_characters_are_escaped_in_both() {
        let value = serde_json::json!({ "message": "a\u{1b}[31m\u{202e}b" });
        for format in [Format::Json, Format::Yaml] {
            let text = text(&value, format);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
            let back: Value = serde_yaml::from_str(&text).unwrap();
            assert_eq!(back, value, "{text}");
        }
    }
}
