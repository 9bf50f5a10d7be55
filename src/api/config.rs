//! Configurations as DM keeps them.
//!
//! `GetCfg` is the call for them, with one trap: it empties the TLS material of the object that the leader holds, and the next change
//! writes that back. So it is made only for an object that has none; one that has some is read from the export calls of version 8.0,
//! which change nothing, or not at all.

use serde::Deserialize;

use super::error::Error;
use super::rest::Got;
use super::{Client, rpc};
use crate::model::{DmError, SourceName, TaskName};
use crate::wire::{openapi, pb};

/// What stands where a secret was.
const MASK: &str = "******";

/// A configuration in YAML, and what is to be known about it.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The YAML, secrets masked.
    pub yaml: String,
    /// What this way of reading it leaves out.
    pub losses: Vec<String>,
}

/// What DM takes for the tables of gh-ost and pt, unless a task says otherwise.
const DEFAULT_SHADOW_TABLE_RULE: &str = "^_(.+)_(?:new|gho)$";
const DEFAULT_TRASH_TABLE_RULE: &str = "^_(.+)_(?:ghc|del|old)$";

impl Configuration {
    /// The same with the target's password in its place.
    #[must_use]
    pub fn with_target_password(mut self, secrets: &Secrets) -> Self {
        let shown = serde_yaml::from_str::<serde_yaml::Value>(&self.yaml).ok().and_then(|mut value| {
            *value.get_mut("target-database")?.get_mut("password")? = secrets.target_password.clone().into();
            serde_saphyr::to_string(&value).ok()
        });
        if let Some(yaml) = shown {
            self.yaml = yaml;
        }
        self
    }
}

/// Secrets that were asked for by name.
pub struct Secrets {
    /// The password of the target.
    pub target_password: String,
}

impl Client {
    /// The configuration of a task.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the cluster has no such task; [`Error::Unsupported`] when it can't be read without damage.
    pub async fn task_configuration(&self, task: &TaskName) -> Result<Configuration, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        struct Subtask {
            to: To,
            #[serde(default)]
            online_ddl: bool,
            shadow_table_rules: Option<Vec<String>>,
            trash_table_rules: Option<Vec<String>>,
        }
        #[derive(Deserialize)]
        struct To {
            security: Option<serde::de::IgnoredAny>,
        }
        let texts = self.subtask_configs(task).await?;
        let malformed = || self.malformed("a subtask's configuration does not parse");
        let subtasks: Vec<Subtask> =
            texts.iter().map(|text| toml::from_str(text).map_err(|_| malformed())).collect::<Result<_, _>>()?;
        drop(texts);
        let mut losses = Vec::new();
        // DM leaves two keys out of what it shows; a subtask has them.
        let mut hidden: Vec<(&str, &[String])> = Vec::new();
        if let Some(subtask) = subtasks.iter().find(|subtask| subtask.online_ddl) {
            let told = [
                ("shadow-table-rules", &subtask.shadow_table_rules, DEFAULT_SHADOW_TABLE_RULE),
                ("trash-table-rules", &subtask.trash_table_rules, DEFAULT_TRASH_TABLE_RULE),
            ];
            if told.iter().any(|(_, rules, _)| rules.is_none()) {
                losses.push("`shadow-table-rules` and `trash-table-rules` that are not the default ones".to_owned());
            }
            let own = told.into_iter().filter_map(|(key, rules, default)| Some((key, rules.as_deref()?, default)));
            hidden.extend(own.filter(|(_, rules, default)| *rules != [*default]).map(|(key, rules, _)| (key, rules)));
        }
        if subtasks.iter().all(|subtask| subtask.to.security.is_none()) {
            let yaml = self.configuration(pb::CfgType::TaskType, "task", task.as_str()).await?;
            return Ok(Configuration { yaml: with(masked(&yaml, "target-database"), &hidden), losses });
        }
        let exported = self.task_configs().await?.unwrap_or_default();
        let Some((_, yaml)) = exported.into_iter().find(|(name, _)| name == task.as_str()) else {
            return Err(too_old("task", "its target is reached over TLS"));
        };
        losses.push("`validators`, `experimental`, `collation_compatible`, and `online-ddl` when it is off".to_owned());
        Ok(Configuration { yaml: with(masked(&yaml, "target-database"), &hidden), losses })
    }

    /// The configuration of a source.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the cluster has no such source; [`Error::Unsupported`] when it can't be read without damage.
    pub async fn source_configuration(&self, source: &SourceName) -> Result<Configuration, Error> {
        let whole = async || {
            let yaml = self.configuration(pb::CfgType::SourceType, "source", source.as_str()).await?;
            Ok(Configuration { yaml: masked(&yaml, "from"), losses: Vec::new() })
        };
        let path = format!("/sources/{}", segment(source.as_str()));
        match self.get::<openapi::Source>("GET /sources/{source-name}", &path).await {
            Ok(Got::Body(shown)) if shown.security.is_none() => return whole().await,
            Ok(Got::Body(_)) | Err(Error::OpenApiOff { .. }) => {}
            Ok(Got::Missing) => {
                let said = DmError::plain("source not found");
                return Err(Error::Unknown { kind: "source", name: source.to_string(), said });
            }
            Err(error) => return Err(error),
        }
        let Some(exported) = self.source_configs().await? else {
            return Err(too_old("source", "it may be reached over TLS, which can't be seen without the REST API"));
        };
        let Some((_, yaml)) = exported.into_iter().find(|(name, _)| name == source.as_str()) else {
            let said = DmError::plain("source not found");
            return Err(Error::Unknown { kind: "source", name: source.to_string(), said });
        };
        if !has_security(&yaml) {
            return whole().await;
        }
        let losses = vec!["`enable` (a disabled source looks enabled)".to_owned()];
        Ok(Configuration { yaml: masked(&yaml, "from"), losses })
    }

    /// The secrets of a task's configuration; REST only.
    ///
    /// # Errors
    /// [`Error::OpenApiOff`], or when the task does not exist, or no master answers.
    pub async fn task_secrets(&self, task: &TaskName) -> Result<Secrets, Error> {
        let path = format!("/tasks/{}", segment(task.as_str()));
        let unknown = |said| Error::Unknown { kind: "task", name: task.to_string(), said };
        match self.get::<openapi::Task>("--show-secrets", &path).await {
            Ok(Got::Body(shown)) => {
                Ok(Secrets { target_password: shown.target_config.map(|target| target.password).unwrap_or_default() })
            }
            Ok(Got::Missing) => Err(unknown(DmError::plain("task not found"))),
            Err(Error::Refused(said)) if said.code == Some(46018) => Err(unknown(said)),
            Err(error) => Err(error),
        }
    }

    async fn configuration(&self, kind: pb::CfgType, word: &'static str, name: &str) -> Result<String, Error> {
        let answer = self
            .read("GetCfg", async |master| {
                let request = pb::GetCfgRequest { r#type: kind.into(), name: name.to_owned() };
                let answer = master.stub().get_cfg(request).await.map_err(|status| rpc::miss(&status, &master))?;
                Ok(answer.into_inner())
            })
            .await?;
        if answer.msg.ends_with("not found") {
            return Err(Error::Unknown { kind: word, name: name.to_owned(), said: DmError::plain(answer.msg) });
        }
        rpc::granted(answer.result, &answer.msg)?;
        Ok(answer.cfg)
    }
}

/// A YAML with more keys. One that lacks none stays as it is, to the byte.
fn with(yaml: String, hidden: &[(&str, &[String])]) -> String {
    if hidden.is_empty() {
        return yaml;
    }
    let Ok(mut value) = serde_yaml::from_str::<serde_yaml::Value>(&yaml) else { return yaml };
    for (key, rules) in hidden {
        value[*key] = rules.iter().cloned().collect();
    }
    serde_saphyr::to_string(&value).unwrap_or(yaml)
}

fn too_old(kind: &str, why: &str) -> Error {
    Error::Unsupported(format!(
        "this {kind} can't be read from a DM below version 8.0 without damage: {why}, and such a DM forgets the TLS files of whatever \
         it shows"
    ))
}

/// Words that the REST API has taken for routes of its own beside the names of tasks.
pub(super) const ROUTES: [&str; 2] = ["templates", "converters"];

/// A name as one segment of a path. It is escaped twice, since DM unescapes it twice, the second time as a query, where `+` is a blank:
/// escaped once, `a+b` would be another source.
pub(super) fn segment(name: &str) -> String {
    use std::fmt::Write as _;
    // A segment of dots alone is a folder to whoever reads the URL on the way, and some words are routes.
    let is_folder = name.bytes().all(|byte| byte == b'.');
    let is_route = ROUTES.contains(&name);
    let mut out = String::new();
    for (index, byte) in name.bytes().enumerate() {
        match byte {
            _ if is_route && index == 0 => {
                let _infallible = write!(out, "%25{byte:02X}");
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            b'.' if !is_folder => out.push('.'),
            _ => {
                let _infallible = write!(out, "%25{byte:02X}");
            }
        }
    }
    out
}

fn has_security(yaml: &str) -> bool {
    let value: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap_or_default();
    value.get("from").and_then(|from| from.get("security")).is_some_and(|security| !security.is_null())
}

/// Masks the password and the TLS key below `section`. A text without secrets stays as it is, to the byte; one that does not parse is
/// not shown at all.
fn masked(yaml: &str, section: &str) -> String {
    let Ok(mut value) = serde_yaml::from_str::<serde_yaml::Value>(yaml) else { return String::new() };
    let mut changed = false;
    if let Some(connection) = value.get_mut(section) {
        changed |= mask(connection, "password");
        if let Some(security) = connection.get_mut("security").and_then(serde_yaml::Value::as_mapping_mut) {
            for file in ["ca", "cert", "key"] {
                changed |= as_text(security, file);
            }
            changed |= mask_in(security, "ssl-key-base64");
        }
    }
    match changed {
        false => yaml.to_owned(),
        true => serde_saphyr::to_string(&value).unwrap_or_default(),
    }
}

/// DM writes the content of a TLS file as a list of numbers, one a line. The same in base64 has a key of its own, which DM reads too.
fn as_text(security: &mut serde_yaml::Mapping, file: &str) -> bool {
    use base64::Engine as _;
    let key = format!("ssl-{file}-bytes");
    let Some(serde_yaml::Value::Sequence(numbers)) = security.get(&key) else {
        return file == "key" && mask_in(security, &key);
    };
    let bytes: Vec<u8> = numbers.iter().filter_map(|number| number.as_u64().and_then(|number| u8::try_from(number).ok())).collect();
    security.remove(&key);
    if !bytes.is_empty() {
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        security.insert(format!("ssl-{file}-base64").into(), text.into());
    }
    true
}

fn mask(map: &mut serde_yaml::Value, key: &str) -> bool {
    map.as_mapping_mut().is_some_and(|map| mask_in(map, key))
}

fn mask_in(map: &mut serde_yaml::Mapping, key: &str) -> bool {
    let secret = match map.get_mut(key) {
        Some(serde_yaml::Value::String(text)) if text.is_empty() || text == MASK => return false,
        Some(serde_yaml::Value::Null) | None => return false,
        Some(secret) => secret,
    };
    *secret = serde_yaml::Value::String(MASK.to_owned());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_the_rest_is_left_alone() {
        let text = "from:\n  host: h\n  password: '******'\n  security: null\n# end\n";
        assert_eq!(masked(text, "from"), text);
        let text = "name: \"on\"\ntarget-database:\n  password: s3cret\n  security:\n    ssl-key-bytes:\n    - 97\n    - 98\n    ssl-ca-bytes:\n    - 99\n";
        let shown: serde_yaml::Value = serde_yaml::from_str(&masked(text, "target-database")).unwrap();
        let target = &shown["target-database"];
        assert_eq!(target["password"].as_str(), Some(MASK));
        assert_eq!(target["security"]["ssl-key-base64"].as_str(), Some(MASK));
        assert_eq!(target["security"]["ssl-ca-base64"].as_str(), Some("Yw=="));
        assert!(target["security"].get("ssl-key-bytes").is_none());
        assert_eq!(shown["name"].as_str(), Some("on"));
        assert_eq!(masked("{", "from"), "");
    }

    #[test]
    fn a_name_is_one_segment() {
        assert_eq!(segment("a b/ü?"), "a%2520b%252F%25C3%25BC%253F");
        assert_eq!((segment("a.b+c"), segment("..")), ("a.b%252Bc".to_owned(), "%252E%252E".to_owned()));
    }
}
