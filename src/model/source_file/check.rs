//! What a source file must hold for DM to take it.

use super::super::duration::GoDuration;
use super::super::file::{EventRule, Findings, Given, Place, check};
use super::{Checker, SourceFile};

/// What DM sets itself, in nanoseconds: `backoff-min`.
const LEAST_WAIT: i64 = 1_000_000_000;

pub(super) fn check(file: &SourceFile, findings: &mut Findings) {
    match &file.source_id {
        Some(name) => check::source_name(findings, name, "source-id", 40005, 40006),
        None => findings.missing(Place::START, "source-id", 40005, "the source has no name: `source-id` is missing"),
    }
    match &file.from {
        Some(from) => check::database(findings, from, "from"),
        None => findings.missing(Place::START, "from", 0, "it does not say how the source is reached: `from` is missing"),
    }
    check::word(findings, file.flavor.as_ref(), "flavor", 11010, &["mysql", "mariadb"], false);
    check::binlog_name(findings, file.relay_binlog_name.as_ref(), "relay-binlog-name", 40007);
    let flavor = file.flavor.as_ref().map_or("", |flavor| flavor.value.as_str());
    check::gtids(findings, file.relay_binlog_gtid.as_ref(), "relay-binlog-gtid", flavor);
    for (number, rule) in file.filters.iter().flat_map(|filters| &filters.value).enumerate() {
        EventRule::check(rule, &format!("filters[{number}]"), findings);
    }
    if let Some(checker) = &file.checker {
        check_checker(checker, findings);
    }
    remark_idle_keys(file, findings);
}

fn check_checker(given: &Given<Checker>, findings: &mut Findings) {
    let checker = &given.value;
    check::span(findings, checker.backoff_rollback.as_ref(), "checker.backoff-rollback");
    let longest = check::span(findings, checker.backoff_max.as_ref(), "checker.backoff-max");
    let place = checker.backoff_max.as_ref().map(|longest| longest.place);
    if let (Some(longest), Some(place)) = (longest, place)
        && longest.nanoseconds() < LEAST_WAIT
    {
        findings.flaw(place, "checker.backoff-max", 20043, format!("{longest} is less than the shortest wait, which is 1s"));
    }
    // DM shows them with its own values.
    let spans = [("check-interval", &checker.check_interval, 5), ("backoff-min", &checker.backoff_min, 1)];
    for (name, given, seconds) in spans {
        let key = format!("checker.{name}");
        let own = GoDuration::from_nanoseconds(seconds * LEAST_WAIT);
        if let (Some(span), Some(given)) = (check::span(findings, given.as_ref(), &key), given)
            && span != own
        {
            findings.remark(given.key, &key, format!("DM always takes {own} for `{name}`"));
        }
    }
    if let Some(jitter) = checker.backoff_jitter.as_ref().filter(|jitter| !jitter.value) {
        findings.remark(jitter.key, "checker.backoff-jitter", "DM always takes `true` for `backoff-jitter`");
    }
    if let Some(factor) = checker.backoff_factor.as_ref().filter(|factor| factor.value != 2.0) {
        findings.remark(factor.key, "checker.backoff-factor", "DM always takes 2 for `backoff-factor`");
    }
}

fn remark_idle_keys(file: &SourceFile, findings: &mut Findings) {
    if let Some(given) = file.auto_fix_gtid.as_ref().filter(|given| given.value) {
        check::idle(findings, given, "auto-fix-gtid");
    }
    for (key, given) in [("meta-dir", &file.meta_dir), ("charset", &file.charset)] {
        if let Some(given) = given.as_ref().filter(|given| !given.value.is_empty()) {
            check::idle(findings, given, key);
        }
    }
    if let Some(given) = file.tracer.as_ref().filter(|given| !given.value.is_empty()) {
        check::idle(findings, given, "tracer");
    }
}
