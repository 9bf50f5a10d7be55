//! Bodies of the REST API (`/api/v1`), as far as this client reads them. Fields that are not read are passed over; what the
//! interface calls an array may be `null` (a Go nil slice).

mod body;

use serde::{Deserialize, Deserializer};

pub use body::{
    FilterBody, FullBody, IncrementalBody, MigrateRule, MigrateSource, MigrateTarget, PurgeBody, RelayBody, SecurityBody,
    SourceBody, SourcesBody, StartBody, TargetBody, TaskBody,
};

/// A list, as every `GET` of many things answers it.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub struct List<T> {
    /// The things.
    #[serde(deserialize_with = "null_is_empty")]
    pub data: Vec<T>,
}

/// The body of a refusal: `error_msg` from a handler, `error` from the request validator, `msg` from the router of parameters.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    /// A handler's text, in the form of [`crate::model::DmError`].
    pub error_msg: Option<String>,
    /// The handler's code; 0 for an error that is not DM's own.
    pub error_code: Option<u32>,
    /// The validator's text.
    pub error: Option<String>,
    /// The router's text.
    pub msg: Option<String>,
}

/// `GET /cluster/info`, as far as it tells what a cluster can do.
#[derive(Debug, Default, Deserialize)]
pub struct ClusterInfo {
    /// It needs all 64 bits.
    #[serde(default)]
    pub cluster_id: u64,
    /// Only the server inside this program has it.
    pub dmctl: Option<Own>,
}

/// What the server inside this program says of itself.
#[derive(Debug, Deserialize)]
pub struct Own {
    /// The version of the program.
    pub version: String,
    /// What it can do beyond DM's API.
    #[serde(default)]
    pub capabilities: Vec<String>,
}

/// `Task`.
#[derive(Debug, Deserialize)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// `full`, `incremental`, `all` ...
    pub task_mode: Option<String>,
    /// The target.
    pub target_config: Option<Target>,
    /// The sources.
    pub source_config: TaskSourceConfig,
}

/// `TaskTargetDataBase`, reduced to what is shown.
#[derive(Deserialize)]
pub struct Target {
    /// Its host.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<i64>,
    /// The password in plain text. It is read only for `task get --show-secrets`.
    #[serde(default)]
    pub password: String,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Target {{ host: {:?}, port: {:?}, password: \"******\" }}", self.host, self.port)
    }
}

/// `TaskSourceConfig`.
#[derive(Debug, Deserialize)]
pub struct TaskSourceConfig {
    /// One entry a source.
    #[serde(deserialize_with = "null_is_empty")]
    pub source_conf: Vec<TaskSource>,
}

/// An entry of `source_conf`.
#[derive(Debug, Deserialize)]
pub struct TaskSource {
    /// The source.
    pub source_name: String,
}

/// `Source`.
#[derive(Debug, Deserialize)]
pub struct Source {
    /// Its name.
    pub source_name: String,
    /// Where it listens.
    pub host: String,
    /// The TCP port.
    pub port: u32,
    /// Tasks may run on it.
    pub enable: bool,
    /// `mysql` or `mariadb`.
    pub flavor: Option<String>,
    /// Its relay settings.
    pub relay_config: Option<RelayConfig>,
    /// TLS material; an object, with or without contents, says that there is some.
    pub security: Option<serde::de::IgnoredAny>,
}

/// `relay_config` of a source.
#[derive(Debug, Deserialize)]
pub struct RelayConfig {
    /// The bound worker keeps a relay log by itself.
    pub enable_relay: Option<bool>,
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
