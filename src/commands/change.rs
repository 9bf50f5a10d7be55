//! What a verb answers that changes something: a sentence, and one part for each source that took part.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Context, view};
use crate::api::Heard;
use crate::exit::Code;
use crate::model::status::{Relay, Silence, Subtask};
use crate::model::{DmError, SourceName, Stage, SubtaskStage, WorkerName};
use crate::output::{Block, Cell, Document, Reply, Style, Table};

/// What an answer says when it was lost, and a look shows that the change was made.
pub(super) const SEEN: &str = "no answer came; a look shows that it was done";

/// How a change went on one source, in JSON.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Part {
    source: String,
    worker: Option<String>,
    /// It went as it should.
    result: bool,
    stage: Option<Stage>,
    server_stage: Option<String>,
    error: Option<DmError>,
    /// What was said beside it.
    message: Option<String>,
}

impl Part {
    /// A source about which nothing more is to be said.
    pub(super) fn of(source: &SourceName) -> Self {
        let source = source.to_string();
        Self { source, worker: None, result: true, stage: None, server_stage: None, error: None, message: None }
    }

    /// What a look shows of a subtask. `result` is whether that is what was wanted; then its error is no failure.
    pub(super) fn subtask(subtask: &Subtask, result: bool) -> Self {
        Self {
            worker: subtask.worker.as_ref().map(ToString::to_string),
            result,
            stage: Some(subtask.stage.shown()),
            server_stage: Some(subtask.server_stage.clone()),
            error: subtask.errors.first().filter(|_| !result).cloned(),
            ..Self::of(&subtask.source)
        }
    }

    /// A source whose worker keeps silent.
    pub(super) fn silent(source: &SourceName, silence: &Silence) -> Self {
        Self {
            worker: silence.worker.as_ref().map(ToString::to_string),
            result: false,
            stage: Some(Stage::Unknown),
            server_stage: Some(String::new()),
            error: Some(silence.reason.clone()),
            ..Self::of(source)
        }
    }

    /// What a worker says of its relay log, which is wanted to run.
    pub(super) fn relay(source: &SourceName, worker: Option<&WorkerName>, relay: &Relay) -> Self {
        let result = relay.stage == SubtaskStage::Running;
        Self {
            worker: worker.map(ToString::to_string),
            result,
            stage: Some(relay.stage.shown()),
            server_stage: Some(relay.stage.word().to_owned()),
            error: relay.errors.first().filter(|_| !result).cloned(),
            ..Self::of(source)
        }
    }

    /// What a worker said.
    pub(super) fn heard(heard: Heard) -> Self {
        let (error, message) = match (heard.failed, heard.said) {
            (true, said) => (Some(said.unwrap_or_else(|| DmError::plain("DM gave no reason"))), None),
            (false, said) => (None, said.map(|said| said.message)),
        };
        Self {
            worker: heard.worker.map(|worker| worker.to_string()),
            result: !heard.failed,
            error,
            message,
            ..Self::of(&heard.source)
        }
    }
}

/// A change that was made, at least in part.
#[derive(Debug, Default)]
pub(super) struct Changed {
    message: String,
    parts: Vec<Part>,
    more: Map<String, Value>,
    blocks: Vec<Block>,
    notes: Vec<String>,
    late: bool,
    unknown: bool,
}

impl Changed {
    /// A change, told in a sentence.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// The same with parts.
    pub(super) fn with(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.parts.extend(parts);
        self
    }

    /// The same with something that only scripts see.
    pub(super) fn telling(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// The same with something that only people see, above the sentence.
    pub(super) fn showing(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The same with a remark.
    pub(super) fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same with the remark that no answer came, if that is so.
    pub(super) fn seen(self, seen: bool) -> Self {
        if seen { self.noting(SEEN) } else { self }
    }

    /// The same, and a wait for it has run out.
    pub(super) fn late(mut self) -> Self {
        self.late = true;
        self
    }

    /// The same, and of a part of it nothing is known.
    pub(super) fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// The answer. All parts failed: 1; some, or nothing is known of some: 4; the wait ran out: 124.
    pub(super) fn reply(self) -> Reply {
        let failed = self.parts.iter().filter(|part| !part.result).count();
        let code = match failed {
            _ if self.late => Code::TimedOut,
            _ if self.unknown => Code::Partial,
            0 => Code::Done,
            failed if failed == self.parts.len() => Code::Failed,
            _ => Code::Partial,
        };
        let mut value = json!({ "result": code == Code::Done, "message": self.message, "sources": self.parts });
        if let Value::Object(fields) = &mut value {
            fields.extend(self.more);
        }
        let style = if code == Code::Done { Style::Good } else { Style::Warning };
        let mut document = Document::default();
        for block in self.blocks {
            document.push(block);
        }
        document.push(Block::Line(Cell::new(self.message, style)));
        if let Some(table) = table(&self.parts) {
            document.push(Block::Table(table));
        }
        let reply = Reply::of(&value, document).ending(code);
        self.notes.into_iter().fold(reply, Reply::noting)
    }
}

/// The parts as rows, if they say more than their names.
fn table(parts: &[Part]) -> Option<Table> {
    let tells = |part: &Part| part.stage.is_some() || part.error.is_some() || part.message.is_some();
    if !parts.iter().any(tells) {
        return None;
    }
    let mut table = Table::new(&["SOURCE", "WORKER", "STAGE", "SAID"], "");
    for part in parts {
        let said = match (&part.error, &part.message) {
            (Some(error), _) => Cell::new(view::gist(error), Style::Bad),
            (None, Some(message)) => message.as_str().into(),
            (None, None) => Cell::default(),
        };
        table.row([
            Cell::new(part.source.as_str(), Style::Strong),
            Cell::maybe(part.worker.as_deref()),
            part.stage.map_or_else(Cell::none, |stage| view::stage(stage, part.error.is_some())),
            said,
        ]);
    }
    Some(table)
}

impl Context<'_> {
    /// The same with what would change.
    pub(super) fn rehearsal_of(&self, would: &str, blocks: Vec<Block>, key: &str, what: &impl Serialize) -> Option<Reply> {
        let reply = self.rehearsal(would)?;
        let mut document = Document::default();
        for block in blocks.into_iter().chain(reply.document.into_blocks()) {
            document.push(block);
        }
        let mut value = reply.value;
        value[key] = serde_json::to_value(what).unwrap_or_default();
        Some(Reply::of(&value, document))
    }

    /// With `--dry-run`: the answer in the place of a change. Everything that can be seen beforehand has been looked at.
    pub(super) fn rehearsal(&self, would: &str) -> Option<Reply> {
        self.dry_run.then(|| {
            let text = format!("dry run: would {would} on {}; nothing was sent", self.target);
            let value = json!({ "result": true, "dry_run": true, "would": would, "target": self.target });
            Reply::of(&value, Document::from(Block::Line(Cell::from(text))))
        })
    }
}
