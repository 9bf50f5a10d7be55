//! A source file as the body that updates a source.

use super::keys::{Losses, security};
use super::{Loss, text};
use crate::model::duration::GoDuration;
use crate::model::file::{Database, Given, Secret, Span};
use crate::model::source_file::{Checker, Purge, SourceFile};
use crate::wire::openapi::{PurgeBody, RelayBody, SourceBody};

/// A source as far as it could be carried over.
#[derive(Debug, Clone)]
pub struct CarriedSource {
    /// The body.
    pub source: SourceBody,
    /// What DM would set back, in the order of the file.
    pub losses: Vec<Loss>,
}

/// The ids that DM draws for a source.
const DRAWN: std::ops::Range<u32> = 429_496_729..429_596_729;

/// Carries a source over. The password is left out where it is missing or only stars, which keeps the one that DM has. `case_sensitive`
/// is what DM will find out from the server, where that is known.
#[must_use]
pub fn source(file: &SourceFile, case_sensitive: Option<bool>) -> CarriedSource {
    let mut losses = Losses::default();
    let nothing = Database::default();
    let from = file.from.as_ref().map_or(&nothing, |given| &given.value);
    for (name, _) in from.session.iter().flat_map(|session| session.value.iter()) {
        losses.add(name.key, format!("from.session.{}", name.value), "the variable is not set any more");
    }
    if let Some(given) = file.server_id.as_ref().filter(|given| given.value != 0 && !DRAWN.contains(&given.value)) {
        losses.add(given.key, "server-id", "DM draws another one");
    }
    if let Some(given) = file.case_sensitive.as_ref().filter(|given| Some(given.value) != case_sensitive) {
        losses.add(given.key, "case-sensitive", "DM takes it from the server");
    }
    if let Some(given) = file.filters.as_ref().filter(|given| !given.value.is_empty()) {
        losses.add(given.key, "filters", "they are dropped");
    }
    if let Some(given) = &file.checker {
        checker(&given.value, &mut losses);
    }
    let flag = |given: &Option<Given<bool>>, default| given.as_ref().map_or(default, |given| given.value);
    let written = |given: &Option<Given<String>>| Some(text(given).to_owned()).filter(|text| !text.is_empty());
    let password = from.password.as_ref().map(|given| &given.value).filter(|password| !password.is_mask());
    let number = |given: &Option<Given<i64>>, default| Some(given.as_ref().map_or(default, |given| given.value));
    // DM sets the same where nothing is sent; sent, it shows what is meant.
    let nothing = Purge::default();
    let given = file.purge.as_ref().map_or(&nothing, |given| &given.value);
    let purge = Some(PurgeBody {
        interval: number(&given.interval, 3600),
        expires: number(&given.expires, 0),
        remain_space: number(&given.remain_space, 15),
    });
    let source = SourceBody {
        source_name: text(&file.source_id).to_owned(),
        host: text(&from.host).to_owned(),
        port: from.port(),
        user: text(&from.user).to_owned(),
        password: password.map(|password| Secret::new(password.reveal())),
        enable: flag(&file.enable, true),
        enable_gtid: flag(&file.enable_gtid, false),
        flavor: written(&file.flavor),
        security: from.security.as_ref().and_then(|given| security(&given.value, "from.security", &mut losses)),
        purge,
        relay_config: Some(RelayBody {
            enable_relay: Some(flag(&file.enable_relay, false)),
            relay_binlog_name: Some(text(&file.relay_binlog_name).to_owned()),
            relay_binlog_gtid: Some(text(&file.relay_binlog_gtid).to_owned()),
            // Newer versions would put in another default than the file's.
            relay_dir: Some(written(&file.relay_dir).unwrap_or_else(|| "relay-dir".to_owned())),
        }),
    };
    CarriedSource { source, losses: losses.in_order() }
}

fn checker(checker: &Checker, losses: &mut Losses) {
    losses.unless(&checker.check_enable, "checker.check-enable", &[true]);
    for (key, given) in [("backoff-rollback", &checker.backoff_rollback), ("backoff-max", &checker.backoff_max)] {
        let same = |given: &&Given<Span>| given.value.0.parse::<GoDuration>().ok() == "5m".parse().ok();
        if let Some(given) = given.as_ref().filter(|given| !same(given)) {
            losses.add(given.key, format!("checker.{key}"), "DM sets `5m`");
        }
    }
}
