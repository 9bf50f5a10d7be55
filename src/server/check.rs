//! What a check found, in DM's text with its JSON inside.

use serde_json::{Value, json};

use crate::model::DmError;
use crate::model::subtask::{CheckItem, Verdict};

/// What DM says when all is well.
pub(super) const PASSED: &str = "pre-check is passed. ";

/// How many problems of a kind are told; `None` for all.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    /// Failures.
    pub(super) errors: Option<usize>,
    /// Warnings.
    pub(super) warnings: Option<usize>,
}

impl Limits {
    /// The limits of a request, where a negative number stands for none.
    pub(super) fn of(errors: i64, warnings: i64) -> Self {
        Self { errors: usize::try_from(errors).ok(), warnings: usize::try_from(warnings).ok() }
    }
}

/// What is said of a check that found no failure.
pub(super) fn passed(items: &[CheckItem], limits: Limits) -> String {
    match count(items, Verdict::Warning) {
        _ if items.is_empty() => String::new(),
        0 => PASSED.to_owned(),
        _ => format!(
            "fail to check synchronization configuration with type: no errors but some warnings\n detail: {}",
            detail(items, limits)
        ),
    }
}

/// The refusal for a check that found failures.
pub(super) fn failed(items: &[CheckItem], limits: Limits) -> DmError {
    let told = format!("fail to check synchronization configuration with type: check failed\n detail: {}", detail(items, limits));
    DmError::coded(26005, told)
}

fn count(items: &[CheckItem], verdict: Verdict) -> usize {
    items.iter().filter(|item| item.verdict == verdict).count()
}

fn detail(items: &[CheckItem], limits: Limits) -> String {
    let (failed, warnings) = (count(items, Verdict::Failed), count(items, Verdict::Warning));
    let mut left = (limits.errors.unwrap_or(usize::MAX), limits.warnings.unwrap_or(usize::MAX));
    let mut results = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let room = match item.verdict {
            Verdict::Passed => continue,
            Verdict::Warning => &mut left.1,
            Verdict::Failed => &mut left.0,
        };
        if *room > 0 {
            *room -= 1;
            results.push(result(number, item));
        }
    }
    let summary = json!({
        "passed": failed == 0, "total": items.len(), "successful": items.len() - failed - warnings, "failed": failed,
        "warning": warnings,
    });
    let detail = json!({ "results": results, "summary": summary });
    serde_json::to_string_pretty(&detail).unwrap_or_default()
}

fn result(number: usize, item: &CheckItem) -> Value {
    let mut result = json!({
        "id": number, "name": item.name, "desc": "", "state": item.verdict.word(),
        "errors": [{ "severity": item.verdict.word(), "short_error": item.message }],
        "extra": item.about,
    });
    if let Some(cure) = &item.cure {
        result["instruction"] = cure.as_str().into();
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(verdict: Verdict) -> CheckItem {
        CheckItem { name: "mysql_version", verdict, message: "m".to_owned(), cure: None, about: String::new() }
    }

    #[test]
    fn limits_cut_the_list_and_not_the_summary() {
        let items = [item(Verdict::Failed), item(Verdict::Passed), item(Verdict::Warning), item(Verdict::Failed)];
        let told = |limits| {
            let text = failed(&items, limits).message;
            let detail: Value = serde_json::from_str(text.split_once("detail: ").unwrap().1).unwrap();
            (detail["results"].as_array().unwrap().len(), detail["summary"]["failed"].as_u64().unwrap())
        };
        assert_eq!(told(Limits::default()), (3, 2));
        assert_eq!(told(Limits::of(1, 0)), (1, 2));
        assert_eq!(told(Limits::of(-1, -1)), (3, 2));
        assert_eq!(passed(&items[1..2], Limits::default()), PASSED);
        assert_eq!(passed(&[], Limits::default()), "");
    }
}
