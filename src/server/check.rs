//! What a check found, in DM's text with its JSON inside.

use serde_json::{Value, json};

use crate::model::DmError;
use crate::model::subtask::{CheckItem, CheckProblem, Checked, Verdict};

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
pub(super) fn passed(checked: &Checked, limits: Limits) -> String {
    match count(&checked.items, Verdict::Warning) {
        _ if checked.items.is_empty() => String::new(),
        0 => PASSED.to_owned(),
        _ => format!(
            "fail to check synchronization configuration with type: no errors but some warnings\n detail: {}",
            detail(checked, limits)
        ),
    }
}

/// The same, and how much there is to copy also where all is well. DM says nothing of that.
pub(super) fn passed_in_full(checked: &Checked, limits: Limits) -> String {
    let told = passed(checked, limits);
    if told == PASSED && checked.estimate.is_some() { format!("{told}\n detail: {}", detail(checked, limits)) } else { told }
}

/// The refusal for a check that found failures.
pub(super) fn failed(checked: &Checked, limits: Limits) -> DmError {
    let told = format!("fail to check synchronization configuration with type: check failed\n detail: {}", detail(checked, limits));
    DmError::coded(26005, told)
}

fn count(items: &[CheckItem], verdict: Verdict) -> usize {
    items.iter().filter(|item| item.verdict() == verdict).count()
}

fn detail(checked: &Checked, limits: Limits) -> String {
    let items = &checked.items;
    let (failed, warnings) = (count(items, Verdict::Failed), count(items, Verdict::Warning));
    let mut left = (limits.errors.unwrap_or(usize::MAX), limits.warnings.unwrap_or(usize::MAX));
    let mut results = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let mut has_room = |problem: &&CheckProblem| {
            let room = if problem.is_failure { &mut left.0 } else { &mut left.1 };
            let has_room = *room > 0;
            *room = room.saturating_sub(1);
            has_room
        };
        let problems: Vec<Value> = item.problems.iter().filter(&mut has_room).map(problem).collect();
        if !problems.is_empty() {
            results.push(json!({
                "id": number, "name": item.name, "desc": item.description, "state": item.verdict().word(), "errors": problems,
                "extra": item.about,
            }));
        }
    }
    let summary = json!({
        "passed": failed == 0, "total": items.len(), "successful": items.len() - failed - warnings, "failed": failed,
        "warning": warnings,
    });
    let mut detail = json!({ "results": results, "summary": summary });
    if let Some(estimate) = &checked.estimate {
        detail["estimate"] = json!({ "tables": estimate.tables, "rows": estimate.rows, "bytes": estimate.bytes });
    }
    if !checked.hints.is_empty() {
        detail["hints"] = checked.hints.as_slice().into();
    }
    serde_json::to_string_pretty(&detail).unwrap_or_default()
}

fn problem(problem: &CheckProblem) -> Value {
    let severity = if problem.is_failure { Verdict::Failed } else { Verdict::Warning };
    let mut told = json!({ "severity": severity.word(), "short_error": problem.message });
    for (key, text) in [("self", &problem.here), ("other", &problem.there), ("instruction", &problem.cure)] {
        if let Some(text) = text {
            told[key] = text.as_str().into();
        }
    }
    if !problem.sql.is_empty() {
        told["sql"] = problem.sql.as_slice().into();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::subtask::Estimate;

    fn item(problems: &[CheckProblem]) -> CheckItem {
        CheckItem { name: "mysql_version".to_owned(), description: "", about: String::new(), problems: problems.to_vec() }
    }

    #[test]
    fn limits_cut_the_problems_and_not_the_summary() {
        let (failure, warning) = (CheckProblem::failure("f"), CheckProblem::warning("w"));
        let items = [item(&[failure.clone(), failure.clone(), warning.clone()]), item(&[]), item(&[warning]), item(&[failure])];
        let checked = |items: &[CheckItem]| Checked { items: items.to_vec(), ..Checked::default() };
        let told = |limits| {
            let text = failed(&checked(&items), limits).message;
            let detail: Value = serde_json::from_str(text.split_once("detail: ").unwrap().1).unwrap();
            let shown = detail["results"].as_array().unwrap().iter().map(|item| item["errors"].as_array().unwrap().len());
            (shown.collect::<Vec<_>>(), detail["summary"]["failed"].as_u64().unwrap())
        };
        assert_eq!(told(Limits::default()), (vec![3, 1, 1], 2));
        assert_eq!(told(Limits::of(2, 1)), (vec![3], 2));
        assert_eq!(told(Limits::of(1, 0)), (vec![1], 2));
        assert_eq!(told(Limits::of(-1, 0)), (vec![2, 1], 2));
        assert_eq!(passed(&checked(&items[1..2]), Limits::default()), PASSED);
        assert_eq!(passed(&checked(&[]), Limits::default()), "");
        let sized = Checked { estimate: Some(Estimate { tables: 1, rows: 2, bytes: 3 }), ..checked(&items[1..2]) };
        assert_eq!(passed(&sized, Limits::default()), PASSED);
        assert!(passed_in_full(&sized, Limits::default()).contains("\"bytes\": 3"));
    }
}
