//! `dmctl task check`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde::{Deserialize, Serialize};

use super::super::Context;
use super::super::document::{self, ToCheck};
use super::definition;
use crate::exit::{Code, Failure};
use crate::model::DmError;
use crate::output::{Block, Cell, Document, Reply, Style, human};

/// What to check.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  dmctl task check task-1.yaml\n  dmctl task check task-1.yaml --error-count -1 --warn-count 0")]
pub struct Check {
    /// The task file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// How many errors to show at most; -1 for all
    #[arg(long, value_name = "NUMBER", default_value_t = 10, allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-1..))]
    error_count: i64,
    /// How many warnings to show at most; -1 for all
    #[arg(long, value_name = "NUMBER", default_value_t = 10, allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-1..))]
    warn_count: i64,
}

/// The verdict on a task file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    #[serde(alias = "fail")]
    Failed,
    #[serde(alias = "warn")]
    Warning,
    #[serde(alias = "success")]
    Passed,
}

/// DM's own form of an item, which is ours too.
#[derive(Debug, Serialize, Deserialize)]
struct Item {
    name: String,
    #[serde(rename(deserialize = "state", serialize = "verdict"))]
    verdict: Verdict,
    #[serde(rename(deserialize = "desc", serialize = "description"), default)]
    description: String,
    #[serde(default)]
    errors: Vec<Problem>,
    #[serde(rename(deserialize = "instruction", serialize = "cure"))]
    cure: Option<String>,
    #[serde(rename(deserialize = "extra", serialize = "about"))]
    about: Option<String>,
}

impl Item {
    /// What is said of the problems that are more than warnings.
    fn failures(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().filter(|problem| problem.severity == "fail").map(|problem| problem.message.as_str())
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Problem {
    severity: String,
    #[serde(rename(deserialize = "short_error", serialize = "message"))]
    message: String,
    #[serde(rename(deserialize = "self", serialize = "here"))]
    here: Option<String>,
    #[serde(rename(deserialize = "other", serialize = "there"))]
    there: Option<String>,
    #[serde(rename(deserialize = "instruction", serialize = "cure"))]
    cure: Option<String>,
    /// Told by `dmctl serve` only.
    #[serde(default)]
    sql: Vec<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Summary {
    total: i64,
    successful: i64,
    failed: i64,
    warning: i64,
}

/// How much there is to copy, by the statistics of the sources. Told by `dmctl serve` only.
#[derive(Debug, Serialize, Deserialize)]
struct Estimate {
    tables: u64,
    rows: u64,
    bytes: u64,
}

#[derive(Debug, Deserialize)]
struct Detail {
    #[serde(default)]
    results: Vec<Item>,
    #[serde(default)]
    summary: Summary,
    estimate: Option<Estimate>,
    /// What would make the task faster.
    #[serde(default)]
    hints: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Value {
    verdict: Verdict,
    items: Vec<Item>,
    summary: Option<Summary>,
    estimate: Option<Estimate>,
}

impl Check {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let (text, notes) = match document::read_task_to_check(&self.file)? {
            ToCheck::AsItIs(text, notes) => (text, notes),
            ToCheck::Whole(document) => {
                let document = definition::fill_password(*document, None, context).await?;
                (document.to_send().into_owned(), document.notes())
            }
        };
        let answer = context.client.check_task(&text, self.error_count, self.warn_count).await?;
        let reply = match detail(&answer.message) {
            Some(mut detail) => {
                detail.results.sort_by_key(|item| item.verdict);
                let hints = std::mem::take(&mut detail.hints);
                hints.into_iter().fold(verdict(answer.passed, detail), Reply::noting)
            }
            None if answer.passed => passed(),
            None => return Err(refused(&answer.message)),
        };
        let file = self.file.to_string_lossy();
        let next = (reply.code == Code::Done).then(|| crate::words::quote(&file).ok().map(|file| format!("task create {file}")));
        Ok(notes.into_iter().fold(reply, Reply::noting).then(next.flatten()))
    }
}

fn passed() -> Reply {
    let document = Document::from(Block::Line(Cell::new("passed", Style::Good)));
    Reply::of(&Value { verdict: Verdict::Passed, items: Vec::new(), summary: None, estimate: None }, document)
}

/// A file that DM did not even check.
fn refused(message: &str) -> Failure {
    let said = DmError::parse(message);
    let failure = Failure::refused(said.message.clone());
    super::super::refused(failure, said)
}

/// What the checks found of a task that was taken all the same, for a script and for a person; `None` when that is nothing.
pub(super) fn findings(message: &str) -> Option<(serde_json::Value, Vec<Block>)> {
    let mut detail = detail(message)?;
    detail.results.sort_by_key(|item| item.verdict);
    let blocks = detail.results.iter().map(item_block).collect();
    let verdict = if detail.summary.warning > 0 { Verdict::Warning } else { Verdict::Passed };
    let value = Value { verdict, items: detail.results, summary: Some(detail.summary), estimate: detail.estimate };
    Some((serde_json::to_value(&value).ok()?, blocks))
}

/// A task that was refused for what the checks found.
pub(super) fn failed(said: DmError) -> Failure {
    let Some(detail) = detail(&said.message) else { return super::super::refused(Failure::refused(said.message.clone()), said) };
    let failed: Vec<&Item> = detail.results.iter().filter(|item| item.verdict == Verdict::Failed).collect();
    let message = format!("the task did not pass {}", human::count(failed.len().max(1), "check"));
    let mut failure = Failure { code: said.code, ..Failure::refused(message) };
    for item in failed {
        // Hundreds of warnings may stand beside the one problem that counts.
        let failures: Vec<&str> = item.failures().collect();
        let problems =
            if failures.is_empty() { item.errors.iter().map(|problem| problem.message.as_str()).collect() } else { failures };
        failure = failure.because(format!("{}: {}", item.name, problems.join("; ")));
    }
    failure.hinted("`dmctl task check FILE` shows each check with its cure; `ignore-checking-items` in the file leaves one out")
}

/// The JSON inside DM's sentence.
fn detail(message: &str) -> Option<Detail> {
    let (_, rest) = message.split_once("detail: ")?;
    serde_json::Deserializer::from_str(rest).into_iter().next()?.ok()
}

fn verdict(passed: bool, detail: Detail) -> Reply {
    let verdict = match passed {
        false => Verdict::Failed,
        // With `--warn-count 0` warnings are counted and not listed.
        true if detail.summary.warning > 0 => Verdict::Warning,
        true => Verdict::Passed,
    };
    let mut document = Document::default();
    for item in &detail.results {
        document.push(item_block(item));
    }
    let summary = &detail.summary;
    let (word, style) = match verdict {
        Verdict::Failed => ("failed", Style::Bad),
        Verdict::Warning => ("passed with warnings", Style::Warning),
        Verdict::Passed => ("passed", Style::Good),
    };
    let text = format!(
        "{word}: {}, {} passed, {}, {} failed",
        human::count(usize::try_from(summary.total).unwrap_or_default(), "check"),
        summary.successful,
        human::count(usize::try_from(summary.warning).unwrap_or_default(), "warning"),
        summary.failed,
    );
    let mut fields = vec![("verdict", Cell::new(text, style))];
    if let Some(estimate) = &detail.estimate {
        fields.extend(size(estimate));
    }
    document.push(Block::Fields { title: None, fields });
    let code = if verdict == Verdict::Failed { Code::Failed } else { Code::Done };
    let value = Value { verdict, items: detail.results, summary: Some(detail.summary), estimate: detail.estimate };
    Reply::of(&value, document).ending(code)
}

/// Bytes a second of a slow copy and of a fast one, as `docs/performance.md` has them: of small rows with indexes on two cores, and of a
/// target that is far away or on slow disks.
const PACES: [u64; 2] = [50 << 20, 5 << 20];

/// How much there is to copy, and how long that may take.
#[expect(clippy::cast_precision_loss, reason = "it is rounded to one place")]
fn size(estimate: &Estimate) -> [(&'static str, Cell); 2] {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let text = format!(
        "{}, about {} and {} by the statistics of the sources",
        human::count(number(estimate.tables), "table"),
        human::count(number(estimate.rows), "row"),
        human::bytes(estimate.bytes as f64),
    );
    [("to copy", text.into()), ("time", time(estimate.bytes).into())]
}

fn time(bytes: u64) -> String {
    let [least, most] = PACES.map(|pace| bytes.div_ceil(pace).max(1));
    let [fast, slow] = PACES.map(|pace| pace >> 20);
    if least == most {
        return "seconds".to_owned();
    }
    format!(
        "{} to {}, at {fast} to {slow} MiB a second: how fast the target writes shows once it does, in `dmctl task status`",
        human::seconds(least),
        human::seconds(most)
    )
}

fn item_block(item: &Item) -> Block {
    let (word, style) = match item.verdict {
        Verdict::Failed => ("FAILED", Style::Bad),
        Verdict::Warning => ("warning", Style::Warning),
        Verdict::Passed => ("passed", Style::Good),
    };
    let mut fields: Vec<(&'static str, Cell)> = Vec::new();
    for problem in &item.errors {
        let style = if problem.severity == "fail" { Style::Bad } else { Style::Warning };
        fields.push(("problem", Cell::new(problem.message.as_str(), style)));
        let details = [("here", &problem.here), ("there", &problem.there), ("cure", &problem.cure)];
        fields.extend(details.into_iter().filter_map(|(key, text)| Some((key, text.as_deref()?.into()))));
        fields.extend(problem.sql.iter().map(|statement| ("sql", format!("{statement};").into())));
    }
    // DM joins the cures of several problems to one text; those that stand beside their problem are not said twice.
    let said: Vec<&str> = item.errors.iter().filter_map(|problem| problem.cure.as_deref()).collect();
    if let Some(cure) = item.cure.as_deref().filter(|cure| !cure.is_empty() && !said.contains(cure)) {
        let cures: Vec<&str> = cure.split("; ").collect();
        fields.push(("cure", cures.join("\n").into()));
    }
    if let Some(about) = item.about.as_deref().filter(|about| !about.is_empty()) {
        fields.push(("about", about.into()));
    }
    Block::Fields { title: Some(Cell::new(format!("{word}: {}", item.name), style)), fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_a_guess_between_two_paces() {
        assert_eq!(time(0), "seconds");
        assert!(time(100 << 20).starts_with("2s to 20s, at 50 to 5 MiB a second: "));
        assert!(time(1 << 40).starts_with("5h49m to 2d10h, "));
    }
    #[test]
    fn a_task_that_is_refused_tells_what_fails_and_no_warnings() {
        let problem = |severity, message| serde_json::json!({ "severity": severity, "short_error": message });
        let said = |problems: &[serde_json::Value]| {
            let item = serde_json::json!({ "name": "tables", "desc": "", "state": "fail", "errors": problems });
            let detail = serde_json::json!({ "results": [item], "summary": { "passed": false, "total": 1, "successful": 0, "failed": 1, "warning": 0 } });
            failed(DmError::coded(26005, format!("fail to check synchronization configuration detail: {detail}"))).causes
        };
        let (bad, odd) = (problem("fail", "no VECTOR"), problem("warn", "a collation"));
        assert_eq!(said(&[odd.clone(), bad]), ["tables: no VECTOR"]);
        assert_eq!(said(&[odd]), ["tables: a collation"], "a server that marks none of them");
    }
}
