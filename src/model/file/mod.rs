//! What task files and source files have in common: YAML as DM reads it, values that know their place, and what is said of them.
//!
//! DM reads with Go's yaml.v2, strictly. So do we, to the letter: `yes` is a boolean where one is wanted and a text where a text is
//! wanted, `010` is eight, an empty value is the zero of its type and not its default, and of two merged values the later one wins.

pub(super) mod check;
mod database;
mod defaults;
mod describe;
mod event_rule;
mod field;
mod flaw;
mod given;
mod section;
mod write;
mod yaml;

pub use database::{Database, Security, TlsFile, TlsKind};
pub(super) use defaults::defaults;
pub use describe::{Described, describe};
pub use event_rule::EventRule;
pub use field::{Reader, Shape, Value};
pub use flaw::{Flaw, FlawKind, Reading, Remark, nearest};
pub use given::{Anything, Given, Named, Place, Secret, SecretBytes, Size, Span};
pub(super) use section::section;
pub use section::{Configuration, Section};
pub use write::Tree;
pub use yaml::Node;

pub(super) use flaw::Findings;
pub(super) use section::{read_document, to_yaml};
