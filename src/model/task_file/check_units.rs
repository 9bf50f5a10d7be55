//! The units: dump, load, sync and validation, wherever they are written.

use super::super::duration::GoDuration;
use super::super::file::{Findings, Given, check};
use super::check::remark_unless;
use super::{Loader, Mydumper, Syncer, TaskFile, Validator};

/// The words of `checksum-physical` and `analyze`.
const LEVELS: &[&str] = &["required", "optional", "off"];

pub(super) fn check(file: &TaskFile, findings: &mut Findings) {
    let mode = file.task_mode.as_ref().map_or("", |mode| mode.value.as_str());
    for (name, unit) in file.mydumpers.iter().flat_map(|units| units.value.iter()) {
        mydumper(unit, &format!("mydumpers.{}", name.value), mode, findings);
    }
    for (name, unit) in file.loaders.iter().flat_map(|units| units.value.iter()) {
        loader(unit, &format!("loaders.{}", name.value), mode, findings);
    }
    for (name, unit) in file.syncers.iter().flat_map(|units| units.value.iter()) {
        syncer(unit, &format!("syncers.{}", name.value), findings);
    }
    for (name, unit) in file.validators.iter().flat_map(|units| units.value.iter()) {
        validator(unit, &format!("validators.{}", name.value), findings);
    }
    for (number, instance) in file.mysql_instances.iter().flat_map(|instances| &instances.value).enumerate() {
        let key = format!("mysql-instances[{number}]");
        if let Some(unit) = &instance.value.mydumper {
            mydumper(unit, &format!("{key}.mydumper"), mode, findings);
        }
        if let Some(unit) = &instance.value.loader {
            loader(unit, &format!("{key}.loader"), mode, findings);
        }
        if let Some(unit) = &instance.value.syncer {
            syncer(unit, &format!("{key}.syncer"), findings);
        }
    }
}

fn mydumper(given: &Given<Mydumper>, key: &str, mode: &str, findings: &mut Findings) {
    if let Some(path) = given.value.mydumper_path.as_ref().filter(|path| path.value.is_empty())
        && matches!(mode, "all" | "full" | "dump")
    {
        findings.flaw(
            path.place,
            &format!("{key}.mydumper-path"),
            20028,
            "`mydumper-path` must not be empty where there is a dump",
        );
    }
    if let Some(size) = given.value.chunk_filesize.as_ref().filter(|size| !size.value.is_empty())
        && size.value.parse::<u64>().is_err()
        && !check::is_size(&size.value)
    {
        let message = format!("`{}` is no size: a number of MB, or one with a unit like `64MiB`", size.value);
        findings.flaw(size.place, &format!("{key}.chunk-filesize"), 20047, message);
    }
}

fn loader(given: &Given<Loader>, key: &str, mode: &str, findings: &mut Findings) {
    let loader = &given.value;
    let below = |name: &str| format!("{key}.{name}");
    let modes = ["logical", "physical", "sql", "loader"];
    check::word(findings, loader.import_mode.as_ref(), &below("import-mode"), 20053, &modes, true);
    let answers = ["replace", "error", "ignore"];
    check::word(findings, loader.on_duplicate_logical.as_ref(), &below("on-duplicate-logical"), 20054, &answers, true);
    let answers = ["none", "manual"];
    check::word(findings, loader.on_duplicate_physical.as_ref(), &below("on-duplicate-physical"), 20062, &answers, true);
    check::word(findings, loader.checksum_physical.as_ref(), &below("checksum-physical"), 20063, LEVELS, true);
    check::word(findings, loader.analyze.as_ref(), &below("analyze"), 20065, LEVELS, true);
    check::size(findings, loader.disk_quota_physical.as_ref(), &below("disk-quota-physical"));
    remark_unless(loader.on_duplicate.as_ref(), &[String::new()], &below("on-duplicate"), findings);
    let by_loader = loader.import_mode.as_ref().is_some_and(|mode| mode.value == "loader");
    if let Some(dir) = loader.dir.as_ref().filter(|dir| dir.value.starts_with("s3:"))
        && by_loader
        && matches!(mode, "all" | "full")
    {
        findings.flaw(dir.place, &below("dir"), 20059, "with `import-mode: loader` the dump can't lie on S3");
    }
}

fn syncer(given: &Given<Syncer>, key: &str, findings: &mut Findings) {
    let syncer = &given.value;
    let below = |name: &str| format!("{key}.{name}");
    if let Some(span) = syncer.safe_mode_duration.as_ref().filter(|span| !span.value.is_empty()) {
        let key = below("safe-mode-duration");
        match span.value.parse::<GoDuration>() {
            Err(error) => {
                findings.flaw(span.place, &key, 20060, error.to_string());
            }
            Ok(duration) if duration.nanoseconds() == 0 && syncer.safe_mode.as_ref().is_some_and(|mode| mode.value) => {
                findings.flaw(span.place, &key, 20061, "`safe-mode: true` does not go with a `safe-mode-duration` of zero");
            }
            Ok(_) => {}
        }
    }
    let flags = [
        ("auto-fix-gtid", &syncer.auto_fix_gtid),
        ("disable-detect", &syncer.disable_detect),
        ("enable-ansi-quotes", &syncer.enable_ansi_quotes),
    ];
    for (name, given) in flags {
        remark_unless(given.as_ref(), &[false], &below(name), findings);
    }
    remark_unless(syncer.max_retry.as_ref(), &[0], &below("max-retry"), findings);
    remark_unless(syncer.meta_file.as_ref(), &[String::new()], &below("meta-file"), findings);
    if let Some(gtid) = syncer.enable_gtid.as_ref().filter(|gtid| gtid.value) {
        findings.remark(gtid.key, &below("enable-gtid"), "DM takes `enable-gtid` from the source");
    }
}

fn validator(given: &Given<Validator>, key: &str, findings: &mut Findings) {
    let validator = &given.value;
    let below = |name: &str| format!("{key}.{name}");
    check::word(findings, validator.mode.as_ref(), &below("mode"), 20055, &["none", "fast", "full"], false);
    let spans = [
        ("validate-interval", &validator.validate_interval),
        ("check-interval", &validator.check_interval),
        ("row-error-delay", &validator.row_error_delay),
        ("meta-flush-interval", &validator.meta_flush_interval),
    ];
    for (name, span) in spans {
        check::span(findings, span.as_ref(), &below(name));
    }
    if let Some(size) = validator.max_pending_row_size.as_ref().filter(|size| !size.value.is_empty())
        && !check::is_size(&size.value)
    {
        findings.flaw(size.place, &below("max-pending-row-size"), 0, check::no_size(&size.value));
    }
}
