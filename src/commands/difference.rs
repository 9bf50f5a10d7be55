//! What an update changes, key by key.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::output::{Block, Cell, Style, Table};

/// Stands for a secret; whether it changes is told, what it is never.
const HIDDEN: &str = "******";

/// A key whose value changes. `null` is no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// The way to it, such as `source_config.incr_migrate_conf.repl_threads`.
    key: String,
    from: Option<String>,
    to: Option<String>,
}

/// The keys in which two configurations differ, in the order of their names.
pub(super) fn between(before: &Value, after: &Value) -> Vec<Difference> {
    let (before, after) = (flat(before), flat(after));
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    let differs = |key: &&String| before.get(*key) != after.get(*key);
    let difference = |key: &String| {
        let shown = |value: Option<&String>| value.map(|value| if is_secret(key) { HIDDEN.to_owned() } else { value.clone() });
        Difference { key: key.clone(), from: shown(before.get(key)), to: shown(after.get(key)) }
    };
    keys.into_iter().filter(differs).map(difference).collect()
}

/// The differences for a person.
pub(super) fn table(differences: &[Difference]) -> Block {
    let mut table = Table::new(&["KEY", "FROM", "TO"], "nothing changes");
    for difference in differences {
        table.row([
            Cell::new(difference.key.as_str(), Style::Strong),
            Cell::maybe(difference.from.as_deref()),
            Cell::maybe(difference.to.as_deref()),
        ]);
    }
    Block::Table(table)
}

fn is_secret(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    last == "password" || last.contains("key_content") || last.starts_with("ssl")
}

/// Every value under the way that leads to it. What is empty or null is as good as not there.
fn flat(value: &Value) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
        match value {
            Value::Null => {}
            Value::Object(fields) => {
                for (key, value) in fields {
                    walk(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, found);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    walk(&format!("{path}[{index}]"), value, found);
                }
            }
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => {
                found.insert(path.to_owned(), text.clone());
            }
            other => {
                found.insert(path.to_owned(), other.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk("", value, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_are_told_and_secrets_are_not() {
        let before =
            json!({ "name": "a", "rules": [{ "x": 1 }], "to": { "password": "old", "user": "u" }, "gone": true, "empty": "" });
        let after =
            json!({ "name": "a", "rules": [{ "x": 2 }, { "y": 1 }], "to": { "password": "new", "user": "u" }, "null": null });
        let text = |(key, from, to): (&str, Option<&str>, Option<&str>)| Difference {
            key: key.to_owned(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        let expected = [
            ("gone", Some("true"), None),
            ("rules[0].x", Some("1"), Some("2")),
            ("rules[1].y", None, Some("1")),
            ("to.password", Some(HIDDEN), Some(HIDDEN)),
        ];
        assert_eq!(between(&before, &after), expected.map(text));
        assert_eq!(between(&before, &before), []);
    }
}
