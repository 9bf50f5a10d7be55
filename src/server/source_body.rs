//! Sources of the REST API as source files, and the other way round.

use serde_json::{Value, json};

use super::task_body::{flawed, security_shown, to_security};
use crate::cluster::Source;
use crate::model::file::{Configuration as _, Database, Given, Secret};
use crate::model::source_file::{self, Purge, SourceFile};
use crate::model::{DmError, SourceName};
use crate::wire::openapi::SourceBody;

/// Reads a source file strictly.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn read(text: &str) -> Result<SourceFile, DmError> {
    let file = source_file::read(text).map_err(|flaws| {
        // A name has a number of its own in DM.
        let named = flaws.iter().find(|flaw| matches!(flaw.code, Some(40005 | 40006))).cloned();
        flawed("source", &named.map_or(flaws, |flaw| vec![flaw]))
    })?;
    // In an address they stand for folders.
    if matches!(file.source_id(), "." | "..") {
        return Err(DmError::coded(40006, format!("a source named {} could not be reached over REST", file.source_id()))
            .cured_by("choose another name"));
    }
    Ok(file)
}

/// The file that a source of the REST API comes to. What the API has no field for is taken from the file that is there.
///
/// # Errors
/// What makes no sense in it.
pub(super) fn to_file(body: &SourceBody, kept: Option<&SourceFile>) -> Result<SourceFile, DmError> {
    let text = |text: &str| Some(Given::new(text.to_owned()));
    let kept = kept.cloned().unwrap_or_default();
    let from = kept.from.map(|from| from.value).unwrap_or_default();
    let relay = body.relay_config.clone().unwrap_or_default();
    let filled = |value: Option<String>| value.filter(|value| !value.is_empty()).map(Given::new);
    let file = SourceFile {
        source_id: text(&body.source_name),
        enable: Some(Given::new(body.enable)),
        enable_gtid: Some(Given::new(body.enable_gtid)),
        flavor: filled(body.flavor.clone()),
        enable_relay: relay.enable_relay.map(Given::new),
        relay_dir: filled(relay.relay_dir),
        relay_binlog_name: filled(relay.relay_binlog_name),
        relay_binlog_gtid: filled(relay.relay_binlog_gtid),
        from: Some(Given::new(Database {
            host: text(&body.host),
            port: Some(Given::new(body.port)),
            user: text(&body.user),
            password: body.password.clone().map(Given::<Secret>::new),
            security: body.security.as_ref().map(|security| Given::new(to_security(security))),
            ..from
        })),
        purge: body.purge.as_ref().map(|purge| {
            Given::new(Purge {
                interval: purge.interval.map(Given::new),
                expires: purge.expires.map(Given::new),
                remain_space: purge.remain_space.map(Given::new),
            })
        }),
        ..kept
    };
    read(&file.to_yaml())
}

/// A source as the REST API shows it, without its password.
pub(super) fn shown(name: &SourceName, source: &Source) -> Value {
    let file = &source.file;
    let empty = Database::default();
    let from = file.from.as_ref().map_or(&empty, |from| &from.value);
    let purge = file.purge();
    json!({
        "source_name": name.as_str(), "host": from.host(), "port": from.port(), "user": from.user(), "password": Secret::MASK,
        "enable": file.enable(), "enable_gtid": file.enable_gtid(), "flavor": file.flavor(),
        "security": security_shown(from.security.as_ref().map(|given| &given.value)),
        "purge": { "interval": purge.interval(), "expires": purge.expires(), "remain_space": purge.remain_space() },
        "relay_config": {
            "enable_relay": file.enable_relay(), "relay_binlog_name": file.relay_binlog_name(),
            "relay_binlog_gtid": file.relay_binlog_gtid(), "relay_dir": file.relay_dir(),
        },
    })
}
