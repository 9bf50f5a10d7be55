//! What a file describes, without reading more of it than that.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a file describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Described {
    /// A task of this name.
    Task(String),
    /// A source of this name.
    Source(String),
}

/// Tells which task or source a text describes, whatever else may be wrong with it.
///
/// # Errors
/// Why it describes none, as the end of a sentence about the file.
pub fn describe(text: &str) -> Result<Described, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Head {
        name: Option<String>,
        source_id: Option<String>,
        mysql_instances: Option<IgnoredAny>,
        target_database: Option<IgnoredAny>,
    }
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    let head: Head = match serde_saphyr::from_str(text) {
        Ok(head) => head,
        Err(_) if serde_saphyr::from_str::<IgnoredAny>(text).is_err() => return Err("is no YAML".to_owned()),
        Err(_) => return Err("describes neither a task nor a source".to_owned()),
    };
    let given = |name: Option<String>| name.filter(|name| !name.is_empty());
    let is_task = head.mysql_instances.is_some() || head.target_database.is_some();
    match (given(head.name), given(head.source_id)) {
        (Some(name), _) if is_task => Ok(Described::Task(name)),
        (None, _) if is_task => Err("describes a task without a name".to_owned()),
        (_, Some(name)) => Ok(Described::Source(name)),
        _ => Err("describes neither a task nor a source".to_owned()),
    }
}
