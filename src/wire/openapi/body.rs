//! The bodies that this client sends: `Task` and `Source` with all fields that released versions of DM take.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::null_is_empty;
use crate::model::file::Secret;

/// `Task`, as it is created and updated. What a `GET` shows can be read as one too; fields that can't be set are passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskBody {
    /// Its name.
    pub name: String,
    /// `full`, `incremental` or `all`.
    pub task_mode: String,
    /// `pessimistic` or `optimistic`; none does not merge shards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard_mode: Option<String>,
    /// Whether the optimistic mode refuses tables that drift apart; known since 7.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_optimistic_shard_mode: Option<bool>,
    /// Where DM keeps its books. Versions differ in what they take without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_schema: Option<String>,
    /// `online-ddl`.
    pub enhance_online_schema_change: bool,
    /// What a copy does with a row that is there; looked at below 7.6.
    pub on_duplicate: String,
    /// The target.
    pub target_config: TargetBody,
    /// Event filters by name.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub binlog_filter_rule: BTreeMap<String, FilterBody>,
    /// What is migrated, and where to. For a source without any, everything.
    #[serde(deserialize_with = "null_is_empty")]
    pub table_migrate_rule: Vec<MigrateRule>,
    /// The sources, and how the units work.
    pub source_config: SourcesBody,
    /// Checks that are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_checking_items: Option<Vec<String>>,
}

/// `TaskTargetDataBase`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetBody {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: i64,
    /// The user.
    pub user: String,
    /// The password in plain text.
    #[serde(with = "secret")]
    pub password: Secret,
    /// TLS.
    pub security: Option<SecurityBody>,
}

/// `Security`: contents of files, not paths.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityBody {
    /// The CA.
    #[serde(with = "secret")]
    pub ssl_ca_content: Secret,
    /// The client certificate.
    #[serde(with = "secret")]
    pub ssl_cert_content: Secret,
    /// Its private key.
    #[serde(with = "secret")]
    pub ssl_key_content: Secret,
    /// The names that the server may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_allowed_cn: Option<Vec<String>>,
}

/// `TaskBinLogFilterRule`: what is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterBody {
    /// Kinds of events.
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub ignore_event: Vec<String>,
    /// Regular expressions for statements.
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub ignore_sql: Vec<String>,
}

/// `TaskTableMigrateRule`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrateRule {
    /// Which tables.
    pub source: MigrateSource,
    /// Where they go; none keeps their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<MigrateTarget>,
    /// Names of filters.
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub binlog_filter_rule: Vec<String>,
}

/// The tables of a migrate rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrateSource {
    /// The source.
    pub source_name: String,
    /// A pattern.
    pub schema: String,
    /// A pattern; empty for whole schemas.
    pub table: String,
}

/// The target of a migrate rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrateTarget {
    /// The schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

/// `TaskSourceConfig`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourcesBody {
    /// One entry a source.
    #[serde(deserialize_with = "null_is_empty")]
    pub source_conf: Vec<StartBody>,
    /// How the copy works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_migrate_conf: Option<FullBody>,
    /// How changes are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incr_migrate_conf: Option<IncrementalBody>,
}

/// An entry of `source_conf`: a source, and where its binlog is read from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartBody {
    /// The source.
    pub source_name: String,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binlog_name: Option<String>,
    /// The offset in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binlog_pos: Option<i64>,
    /// The GTIDs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binlog_gtid: Option<String>,
}

/// `TaskFullMigrateConf`. Below 7.6 DM knows the first four, and passes over the others without a word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/files.md has the keys of the task file that they are")]
pub struct FullBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export_threads: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_threads: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sorting_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_quota: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analyze: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range_concurrency: Option<i64>,
    #[serde(rename = "compress-kv-pairs", skip_serializing_if = "Option::is_none")]
    pub compress_kv_pairs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pd_addr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_duplicate_logical: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_duplicate_physical: Option<String>,
}

/// `TaskIncrMigrateConf`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncrementalBody {
    /// `worker-count` of the sync.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repl_threads: Option<i64>,
    /// Its `batch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repl_batch: Option<i64>,
}

/// `Source`, as it is updated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceBody {
    /// Its name.
    pub source_name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: i64,
    /// The user.
    pub user: String,
    /// The password in plain text; none keeps the one that DM has.
    #[serde(with = "secret_or_none")]
    pub password: Option<Secret>,
    /// `enable`.
    pub enable: bool,
    /// `enable-gtid`.
    pub enable_gtid: bool,
    /// `mysql` or `mariadb`; none lets DM find out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavor: Option<String>,
    /// TLS.
    pub security: Option<SecurityBody>,
    /// When the relay log is purged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purge: Option<PurgeBody>,
    /// The relay log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay_config: Option<RelayBody>,
}

/// `Purge`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/files.md has the keys of the source file that they are")]
pub struct PurgeBody {
    pub interval: Option<i64>,
    pub expires: Option<i64>,
    pub remain_space: Option<i64>,
}

/// `RelayConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/files.md has the keys of the source file that they are")]
pub struct RelayBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_relay: Option<bool>,
    pub relay_binlog_name: Option<String>,
    pub relay_binlog_gtid: Option<String>,
    pub relay_dir: Option<String>,
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A secret as a text on the wire.
mod secret {
    use super::{Deserialize, Deserializer, Secret, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.reveal())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

/// The same, or `null`.
mod secret_or_none {
    use super::{Deserialize, Deserializer, Secret, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::reveal).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_sent_and_never_shown() {
        let body = serde_json::json!({
            "source_name": "mysql-01", "host": "127.0.0.1", "port": 3306, "user": "dm", "password": "hush", "enable": true,
            "enable_gtid": false, "security": {"ssl_ca_content": "hush", "ssl_cert_content": "", "ssl_key_content": "hush"}
        });
        let source: SourceBody = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(serde_json::to_value(&source).unwrap(), body);
        assert!(!format!("{source:?}").contains("hush"));
    }
}
