//! How a value of each type is read from YAML, and becomes YAML again.

use super::flaw::{MOST_ADVICE, NOT_DECODED};
use super::yaml::{Content, Node};
use super::{Anything, Flaw, FlawKind, Given, Named, Place, Secret, SecretBytes, Size, Span, Tree, nearest};

/// What a key takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
    /// A number that may have decimals.
    Decimal,
    /// A list.
    List(Box<Self>),
    /// Values under names of the user's choice.
    Named(Box<Self>),
    /// Fixed keys.
    Section(Vec<(&'static str, Self)>),
    /// Any keys, with anything behind them.
    Anything,
}

/// Reads values, and keeps what is wrong with them.
#[derive(Debug, Default)]
pub struct Reader {
    pub(super) flaws: Vec<Flaw>,
    path: Vec<String>,
    /// What the whole file is.
    what: &'static str,
}

/// The type of a value in a file.
pub trait Value: Sized {
    /// Reads it. What can't be read leaves a flaw behind.
    fn read(node: &Node, reader: &mut Reader) -> Option<Self>;

    /// What DM makes of a key without a value: the zero of its type. `None` is the same as no key.
    fn of_nothing() -> Option<Self>;

    /// The value as YAML.
    fn tree(&self) -> Tree;

    /// What can be written there.
    fn shape() -> Shape;
}

impl<T: Value> Given<T> {
    pub(in crate::model) fn read(node: &Node, key: Place, reader: &mut Reader) -> Option<Self> {
        let value = if node.is_null() { T::of_nothing() } else { T::read(node, reader) };
        value.map(|value| Self { value, place: node.place, key })
    }
}

impl Reader {
    /// A reader of such files.
    pub(super) fn of(what: &'static str) -> Self {
        Self { what, ..Self::default() }
    }

    /// Goes into a key while something is read.
    pub(super) fn inside<T>(&mut self, key: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key);
        let value = read(self);
        self.path.pop();
        value
    }

    /// The way to where the reader is.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        path
    }

    /// A value is not of the type that its key wants.
    pub(super) fn wants<T>(&mut self, what: &str, node: &Node) -> Option<T> {
        let found = match &node.content {
            Content::Scalar { .. } if node.is_null() => "nothing".to_owned(),
            // It may be a password, a key file, or an address with a password in it.
            Content::Scalar { .. } if self.is_secret() || text_has_no_place(what) => "a text".to_owned(),
            Content::Scalar { text, plain } => {
                let quote = if *plain { "" } else { "the text " };
                format!("{quote}`{}`", short(text))
            }
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
        };
        let key = self.path();
        let message = format!("`{key}` wants {what}, and has {found}");
        self.flaws.push(Flaw {
            kind: FlawKind::Type,
            place: node.place,
            key,
            message,
            allowed: Vec::new(),
            nearest: None,
            code: Some(NOT_DECODED),
        });
        None
    }

    fn is_secret(&self) -> bool {
        self.path.iter().any(|step| step == "password" || step.starts_with("ssl-"))
    }

    /// A key that the place does not know.
    pub(super) fn unknown_key(&mut self, key: &str, place: Place, known: &[&'static str]) {
        let inside = self.path();
        let message = if inside.is_empty() {
            format!("`{key}` is no key of a {}", self.what)
        } else {
            format!("`{key}` is no key of `{inside}`")
        };
        self.flaws.push(Flaw {
            kind: FlawKind::UnknownKey,
            place,
            key: if inside.is_empty() { key.to_owned() } else { format!("{inside}.{key}") },
            message,
            allowed: known.iter().filter(|_| self.flaws.len() < MOST_ADVICE).map(|key| (*key).to_owned()).collect(),
            nearest: nearest(key, known.iter().copied().filter(|_| self.flaws.len() < MOST_ADVICE)).map(str::to_owned),
            code: Some(NOT_DECODED),
        });
    }
}

fn text_has_no_place(what: &str) -> bool {
    what.starts_with("keys") || what.starts_with("names")
}

fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Value for String {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.content {
            Content::Scalar { text, .. } => Some(text.clone()),
            _ => reader.wants("a text", node),
        }
    }

    fn of_nothing() -> Option<Self> {
        Some(Self::new())
    }

    fn tree(&self) -> Tree {
        Tree::Text(self.clone())
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl Value for Secret {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        String::read(node, reader).map(Self::new)
    }

    fn of_nothing() -> Option<Self> {
        Some(Self::default())
    }

    fn tree(&self) -> Tree {
        Tree::Text(self.reveal().to_owned())
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

macro_rules! quantity {
    ($type:ident, $zero:literal) => {
        impl Value for $type {
            fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
                String::read(node, reader).map(Self)
            }

            fn of_nothing() -> Option<Self> {
                Some(Self($zero.to_owned()))
            }

            fn tree(&self) -> Tree {
                Tree::Text(self.0.clone())
            }

            fn shape() -> Shape {
                Shape::Text
            }
        }
    };
}

quantity!(Span, "0s");
quantity!(Size, "0");

impl Value for SecretBytes {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if !matches!(node.content, Content::List(_)) {
            return reader.wants("a list of numbers, one for each byte", node);
        }
        let bytes = Vec::<Given<u8>>::read(node, reader)?;
        Some(Self(bytes.iter().map(|byte| byte.value).collect()))
    }

    fn of_nothing() -> Option<Self> {
        Some(Self::default())
    }

    fn tree(&self) -> Tree {
        Tree::List(self.0.iter().map(|byte| Tree::Number(i128::from(*byte))).collect())
    }

    fn shape() -> Shape {
        Shape::List(Box::new(Shape::Number))
    }
}

impl Value for bool {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Content::Scalar { text, plain: true } = &node.content {
            match text.as_str() {
                "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Some(true),
                "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Some(false),
                _ => {}
            }
        }
        reader.wants("`true` or `false`", node)
    }

    fn of_nothing() -> Option<Self> {
        Some(false)
    }

    fn tree(&self) -> Tree {
        Tree::Flag(*self)
    }

    fn shape() -> Shape {
        Shape::Flag
    }
}

macro_rules! number {
    ($type:ty, $what:literal) => {
        impl Value for $type {
            fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
                if let Content::Scalar { text, plain: true } = &node.content
                    && let Some(number) = whole_number(text).and_then(|number| Self::try_from(number).ok())
                {
                    return Some(number);
                }
                reader.wants($what, node)
            }

            fn of_nothing() -> Option<Self> {
                Some(0)
            }

            fn tree(&self) -> Tree {
                Tree::Number(i128::from(*self))
            }

            fn shape() -> Shape {
                Shape::Number
            }
        }
    };
}

number!(i64, "a whole number");
number!(u64, "a whole number from 0");
number!(u32, "a whole number from 0 to 4294967295");
number!(u8, "a byte from 0 to 255");

/// A number as Go writes it, with DM's way to strip underscores first: `16`, `0x10`, `020`, `0b10`, `1_000`, and also `1e3`.
fn whole_number(text: &str) -> Option<i128> {
    if text.starts_with('_') {
        return None;
    }
    let text = text.replace('_', "");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let (radix, rest) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let number = match u64::from_str_radix(rest, radix) {
        Ok(number) if !rest.starts_with('+') => i128::from(number),
        // `08` is no octal number, and so a decimal one with a point that is left out.
        _ => {
            let number = decimal(digits)?;
            // Up to here every whole number has its own float.
            (number.fract() == 0.0 && number <= 9_007_199_254_740_992.0).then_some(number as i128)?
        }
    };
    Some(if negative { -number } else { number })
}

/// A number with a point or an exponent, without a sign.
fn decimal(digits: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    if !digits.chars().all(plain) {
        return None;
    }
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number for which DM tells none from zero.
impl Value for Option<i64> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        i64::read(node, reader).map(Some)
    }

    fn of_nothing() -> Option<Self> {
        Some(None)
    }

    fn tree(&self) -> Tree {
        self.map_or(Tree::Nothing, |number| number.tree())
    }

    fn shape() -> Shape {
        Shape::Number
    }
}

impl Value for f64 {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Content::Scalar { text, plain: true } = &node.content {
            if let Some(number) = whole_number(text) {
                return Some(number as Self);
            }
            let text = if text.starts_with('_') { String::new() } else { text.replace('_', "") };
            let (sign, digits) = text.strip_prefix('-').map_or((1.0, text.strip_prefix('+').unwrap_or(&text)), |rest| (-1.0, rest));
            if let Some(number) = decimal(digits) {
                return Some(sign * number);
            }
        }
        reader.wants("a number", node)
    }

    fn of_nothing() -> Option<Self> {
        Some(0.0)
    }

    fn tree(&self) -> Tree {
        Tree::Decimal(*self)
    }

    fn shape() -> Shape {
        Shape::Decimal
    }
}

impl<T: Value> Value for Vec<Given<T>> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Content::List(items) = &node.content else {
            return reader.wants("a list", node);
        };
        let read = items.iter().enumerate().filter_map(|(number, item)| {
            reader.inside(format!("[{number}]"), |reader| {
                // A list has no place for an item that is missing.
                if item.is_null() && T::of_nothing().is_none() {
                    let nothing = reader.wants("keys with values", item);
                    if let Some(flaw) = reader.flaws.last_mut().filter(|flaw| flaw.key.starts_with("mysql-instances[")) {
                        flaw.code = Some(20012);
                    }
                    return nothing;
                }
                Given::read(item, item.place, reader)
            })
        });
        Some(read.collect())
    }

    fn of_nothing() -> Option<Self> {
        Some(Self::new())
    }

    fn tree(&self) -> Tree {
        Tree::List(self.iter().map(|item| item.value.tree()).collect())
    }

    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

impl<T: Value + Default> Value for Named<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            return reader.wants("names with a value each", node);
        };
        let read = entries.iter().filter_map(|entry| {
            reader.inside(entry.key.clone(), |reader| {
                let name = Given { value: entry.key.clone(), place: entry.place, key: entry.place };
                let value = if entry.value.is_null() {
                    // A name without keys takes the defaults of all.
                    Some(Given { value: T::of_nothing().unwrap_or_default(), place: entry.value.place, key: entry.place })
                } else {
                    Given::read(&entry.value, entry.place, reader)
                };
                value.map(|value| (name, value))
            })
        });
        Some(Self(read.collect()))
    }

    fn of_nothing() -> Option<Self> {
        Some(Self::default())
    }

    fn tree(&self) -> Tree {
        Tree::Map(self.iter().map(|(name, value)| (name.value.clone(), value.value.tree())).collect())
    }

    fn shape() -> Shape {
        Shape::Named(Box::new(T::shape()))
    }
}

impl Value for Anything {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if !matches!(node.content, Content::Map(_)) {
            return reader.wants("keys with values", node);
        }
        Some(Self(any_tree(node)))
    }

    fn of_nothing() -> Option<Self> {
        None
    }

    fn tree(&self) -> Tree {
        self.0.clone()
    }

    fn shape() -> Shape {
        Shape::Anything
    }
}

/// DM looks at none of it, so that every scalar may become a text.
fn any_tree(node: &Node) -> Tree {
    match &node.content {
        Content::Scalar { text, .. } => Tree::Text(text.clone()),
        Content::List(items) => Tree::List(items.iter().map(any_tree).collect()),
        Content::Map(entries) => Tree::Map(entries.iter().map(|entry| (entry.key.clone(), any_tree(&entry.value))).collect()),
    }
}
