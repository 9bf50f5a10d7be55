//! YAML as a tree whose values know their place and are still as they were written.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::flaw::NOT_DECODED;
use super::{Flaw, FlawKind, Place};

/// No configuration has as many values, aliases unfolded.
const MOST_NODES: usize = 250_000;

/// A value as it is written.
#[derive(Debug, Clone)]
pub struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Scalar {
        text: String,
        /// Whether it may be something else than a text.
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) value: Node,
}

impl Node {
    /// Whether nothing is written, or a word for nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Scalar { .. } => 0,
            Content::List(items) => items.iter().map(Self::size).sum(),
            Content::Map(entries) => entries.iter().map(|entry| 1 + entry.value.size()).sum(),
        }
    }
}

/// Reads a text that has one YAML document.
pub(super) fn parse(text: &str) -> Result<Node, Flaw> {
    // This reader knows all the ways in which a text can be no YAML or too much of it, and says them well. It does not tell how a
    // scalar was written, which decides what DM makes of it: so the tree is built from the events below.
    // What looks like infinity may be a password.
    let options = serde_saphyr::options! { non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString };
    if let Err(error) = serde_saphyr::from_str_with_options::<serde::de::IgnoredAny>(text, options) {
        return Err(not_yaml(&error, text));
    }
    let mut builder = Builder { anchors: HashMap::new(), size: 0, open: Vec::new(), root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| not_scanned(&error))?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder.event(event, &span)?;
    }
    builder.root.ok_or_else(|| syntax(Place::START, "there is nothing in it"))
}

fn not_yaml(error: &serde_saphyr::Error, text: &str) -> Flaw {
    let told = error.to_string();
    let what = told.lines().next().unwrap_or_default();
    let what = what.strip_prefix("error: ").unwrap_or(what);
    let place = error.location().map_or(Place::START, |place| Place {
        line: usize::try_from(place.line()).unwrap_or_default().max(1),
        column: usize::try_from(place.column()).unwrap_or_default().max(1),
    });
    let what = what.strip_prefix(&format!("line {} column {}: ", place.line, place.column)).unwrap_or(what);
    let what = match what.split_once(", set ").map_or(what, |(what, _)| what) {
        what if what.starts_with("budget breached") => too_much(text.contains('&')),
        what if what.starts_with("recursion limit") => "it is nested deeper than any configuration",
        what if what.starts_with("recursive references") => "an alias stands inside of what it names",
        what if what.starts_with("multiple YAML documents") => "a second document begins here, and a file has one",
        "YAML merge value must be mapping or sequence of mappings" => "only a map, or a list of maps, can be merged",
        what => what,
    };
    match what.strip_prefix("duplicate mapping key: ") {
        Some(key) => syntax(place, format!("the key `{key}` is written twice")),
        None => syntax(place, what),
    }
}

fn too_much(has_aliases: bool) -> &'static str {
    if has_aliases { "its aliases unfold to more than any configuration has" } else { "it has more values than any configuration" }
}

fn not_scanned(error: &ScanError) -> Flaw {
    let marker = error.marker();
    syntax(Place { line: marker.line().max(1), column: marker.col() + 1 }, error.info())
}

fn syntax(place: Place, message: impl Into<String>) -> Flaw {
    let (key, message) = (String::new(), message.into());
    Flaw { kind: FlawKind::Syntax, place, key, message, allowed: Vec::new(), nearest: None, code: Some(NOT_DECODED) }
}

/// A list or a map that is not closed yet.
struct Open {
    place: Place,
    anchor: usize,
    content: OpenContent,
}

enum OpenContent {
    List(Vec<Node>),
    Map {
        entries: Entries,
        /// A key that still lacks its value, and whether it stands for a merge.
        key: Option<(String, Place, bool)>,
    },
}

/// The entries of a map, and where to find each.
#[derive(Default)]
struct Entries {
    list: Vec<Entry>,
    /// By key: its number in the list, and whether it came by a merge.
    known: HashMap<String, (usize, bool)>,
}

struct Builder {
    anchors: HashMap<usize, Node>,
    size: usize,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Flaw> {
        let place = Place { line: span.start.line().max(1), column: span.start.col() + 1 };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.as_deref().is_none_or(may_be_resolved);
                self.add(Node { place, content: Content::Scalar { text: text.into_owned(), plain } }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open.push(Open { place, anchor, content: OpenContent::List(Vec::new()) });
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                self.open.push(Open { place, anchor, content: OpenContent::Map { entries: Entries::default(), key: None } });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let content = match open.content {
                    OpenContent::List(items) => Content::List(items),
                    OpenContent::Map { entries, .. } => Content::Map(entries.list),
                };
                self.add(Node { place: open.place, content }, open.anchor)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err(syntax(place, "an alias stands inside of what it names"));
                };
                let node = Node { place, content: node.content.clone() };
                self.size += node.size();
                self.add(node, 0)
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Flaw> {
        self.size += 1;
        if self.size > MOST_NODES {
            return Err(syntax(node.place, too_much(!self.anchors.is_empty())));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(OpenContent::List(items)) => items.push(node),
            Some(OpenContent::Map { entries, key }) => match key.take() {
                None => {
                    let Content::Scalar { text, plain } = node.content else {
                        return Err(syntax(node.place, "a list or a map can't be a key"));
                    };
                    let merge = plain && text == "<<";
                    *key = Some((text, node.place, merge));
                }
                Some((_, _, true)) => entries.merge(node)?,
                Some((key, place, false)) => entries.put(Entry { key, place, value: node }, false)?,
            },
        }
        Ok(())
    }
}

/// Tags that leave the meaning of a plain scalar to its looks.
fn may_be_resolved(tag: &Tag) -> bool {
    tag.handle() == "tag:yaml.org,2002:" && matches!(tag.suffix(), "int" | "float" | "bool" | "null" | "timestamp")
}

impl Entries {
    /// Takes over the entries of a map, or of several, of which the first counts most.
    fn merge(&mut self, node: Node) -> Result<(), Flaw> {
        let place = node.place;
        let maps = match node.content {
            Content::List(items) => items,
            content => vec![Node { place, content }],
        };
        for map in maps.into_iter().rev() {
            let Content::Map(merged) = map.content else {
                return Err(syntax(map.place, "only a map, or a list of maps, can be merged"));
            };
            for entry in merged {
                self.put(entry, true)?;
            }
        }
        Ok(())
    }

    /// DM goes from top to bottom: what stands later wins, merged or not. Only what is written twice is refused.
    fn put(&mut self, entry: Entry, merged: bool) -> Result<(), Flaw> {
        let next = self.list.len();
        let (number, known_merged) = *self.known.entry(entry.key.clone()).or_insert((next, merged));
        if number == next {
            self.list.push(entry);
            return Ok(());
        }
        let Some(known) = self.list.get_mut(number) else { return Ok(()) };
        if !merged && !known_merged {
            return Err(syntax(entry.place, format!("the key `{}` is written twice", entry.key)));
        }
        self.known.insert(entry.key.clone(), (number, merged && known_merged));
        *known = entry;
        Ok(())
    }
}
