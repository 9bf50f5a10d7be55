//! Questions before something is destroyed: what would be lost is shown, and the name of the thing wants to be typed.

use serde_json::{Value, json};

use super::Context;
use crate::exit::{Code, Failure};
use crate::output::{Block, Cell, Document, Reply, Style};

/// Something that can't be undone.
pub(super) struct Loss {
    /// In the imperative: ``delete task `task-1` ``.
    pub(super) action: String,
    /// What is to be typed.
    pub(super) name: String,
    /// What would be lost, for a person.
    pub(super) blocks: Vec<Block>,
    /// The same for a script.
    pub(super) value: Value,
}

impl Context<'_> {
    /// Asks whether it shall be. `Some` is the answer of a dry run, after which nothing is to be done.
    ///
    /// # Errors
    /// Not confirmed: nobody is there to ask, or another text was typed, or none.
    pub(super) async fn confirm(&self, loss: Loss) -> Result<Option<Reply>, Failure> {
        let Loss { action, name, blocks, value } = loss;
        let mut document = Document::default();
        for block in blocks {
            document.push(block);
        }
        if self.dry_run {
            let text = format!("dry run: would {action} on {}; nothing was sent", self.target);
            document.push(Block::Line(Cell::from(text)));
            let value = json!({ "result": true, "dry_run": true, "would": action, "target": self.target, "would_lose": value });
            return Ok(Some(Reply::of(&value, document)));
        }
        if self.yes && !self.insists {
            return Ok(None);
        }
        let refused = |why: &str| {
            Failure::new(Code::Unconfirmed, format!("not confirmed, and nothing was sent: {action} on {}", self.target))
                .because(why)
        };
        if !self.person.is_present() {
            return Err(refused("there is no terminal to ask at")
                .hinted("`--dry-run` shows what would be lost, `--yes` does it without a question"));
        }
        document.push(Block::Line(Cell::new(format!("about to {action} on {}", self.target), Style::Warning)));
        let answer = self.person.line(&document, &format!("type `{name}` to go on: ")).await;
        match answer.as_deref().map(str::trim) {
            Some(typed) if typed == name => Ok(None),
            Some("") | None => Err(refused("nothing was typed")),
            Some(_) => Err(refused("something else was typed")),
        }
    }
}
