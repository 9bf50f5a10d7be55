//! What a command answers, and how that becomes text, JSON or YAML. The only room that writes to stdout and stderr.

pub mod clean;
mod cut;
mod frame;
pub mod human;
mod keys;
mod modes;
mod person;
mod printer;
mod serialize;
mod table;

pub use cut::cut;
pub use frame::Frame;
pub use keys::Keys;
pub use person::Person;
pub use printer::{Color, Printer, log, trace};
pub use table::{Cell, Style, Table};

use serde::Serialize;
use serde_json::Value;

use crate::exit::Code;

/// The three forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For a person.
    #[default]
    Text,
    /// One line of JSON.
    Json,
    /// A YAML document.
    Yaml,
}

/// The answer of a command: the value for scripts, the document for people, and the exit code.
#[derive(Debug)]
pub struct Reply {
    /// What JSON and YAML show.
    pub value: Value,
    /// What text shows.
    pub document: Document,
    /// How it ended.
    pub code: Code,
    /// Remarks, shown on stderr.
    pub notes: Vec<String>,
    /// The command that would come next, which a session offers.
    pub next: Option<String>,
}

impl Reply {
    /// One thing, or any other value.
    ///
    /// A value that can't be made into JSON does not exist here: all are plain structs with text keys.
    pub fn of(value: &impl Serialize, document: Document) -> Self {
        let value = serde_json::to_value(value).unwrap_or_default();
        Self { value, document, code: Code::Done, notes: Vec::new(), next: None }
    }

    /// A list: `{items, unknown}`. Rows that could not be had make it partial.
    pub fn list(items: &[impl Serialize], unknown: &[Missing], document: Document) -> Self {
        let value = serde_json::json!({ "items": items, "unknown": unknown });
        let code = if unknown.is_empty() { Code::Done } else { Code::Partial };
        Self { value, document, code, notes: Vec::new(), next: None }
    }

    /// Something to read, such as a help page.
    #[must_use]
    pub fn text(text: String) -> Self {
        Self {
            value: Value::String(text.clone()),
            document: Document::from(Block::Styled(text)),
            code: Code::Done,
            notes: Vec::new(),
            next: None,
        }
    }

    /// The same with another exit code.
    #[must_use]
    pub fn ending(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// The same with the command that would come next.
    #[must_use]
    pub fn then(mut self, next: Option<String>) -> Self {
        self.next = next;
        self
    }

    /// The same with a remark.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A row of a list that could not be had.
#[derive(Debug, Clone, Serialize)]
pub struct Missing {
    /// What kind of thing: `source`, `task` ...
    pub kind: &'static str,
    /// Which one.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// An answer laid out for a person.
#[derive(Debug, Default)]
pub struct Document {
    blocks: Vec<Block>,
}

/// A part of a document. All text in it is cleaned when it is written.
#[derive(Debug)]
pub enum Block {
    /// Rows and columns.
    Table(Table),
    /// Aligned `key: value` lines, below a title and indented if there is one. A value of several lines is indented further.
    Fields {
        /// The line above.
        title: Option<Cell>,
        /// Keys and values.
        fields: Vec<(&'static str, Cell)>,
    },
    /// Text as it is, to the byte, but for characters that a terminal would obey.
    Verbatim(String),
    /// Text of our own that may carry ANSI styles.
    Styled(String),
    /// One line.
    Line(Cell),
}

impl From<Block> for Document {
    fn from(block: Block) -> Self {
        Self { blocks: vec![block] }
    }
}

impl Document {
    /// Adds a block.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// The blocks, in their order.
    #[must_use]
    pub fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }

    /// The text, with styles and cut to a width if so wanted.
    #[must_use]
    pub fn render(&self, styled: bool, width: Option<usize>) -> String {
        let mut out = String::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let separate = !matches!(block, Block::Line(_));
            if index > 0 && separate {
                out.push('\n');
            }
            match block {
                Block::Table(table) => table.render(&mut out, styled, width),
                Block::Fields { title, fields } => table::fields(&mut out, title.as_ref(), fields, styled),
                Block::Verbatim(text) => ended(&mut out, &clean::block(text)),
                Block::Styled(text) if styled => ended(&mut out, text),
                Block::Styled(text) => ended(&mut out, &clean::without_styles(text)),
                Block::Line(cell) => {
                    cell.write(&mut out, styled);
                    out.push('\n');
                }
            }
        }
        out
    }
}

fn ended(out: &mut String, text: &str) {
    out.push_str(text);
    if !text.is_empty() && !text.ends_with('\n') {
        out.push('\n');
    }
}
