//! Which indexes of a table can wait until its rows are there, where they are made in one sweep.

use super::Parts;
use super::lexer::{Kind, Token, join};
use crate::engine::books::Late;
use crate::engine::shape::Shape;

/// Takes the indexes that can wait out of a definition. `referenced` are the columns to which foreign keys of other tables point.
///
/// What stays: the primary key, and unique ones where there is none, since rows are kept in the order of one of them; what a foreign key
/// or an AUTO_INCREMENT column needs; and whatever is more than a list of plain columns.
pub(super) fn take_late(parts: &mut Parts, shape: &Shape, referenced: &[String]) -> Vec<Late> {
    let needed = needed(parts, referenced);
    let has_primary = parts.items.iter().any(|item| item.first().is_some_and(|token| token.is("PRIMARY")));
    let can_wait = |item: &Vec<Token>| {
        let (is_unique, name, columns) = plain_index(item)?;
        let plain = columns.iter().all(|name| {
            let column = shape.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
            column.is_some_and(|column| !column.generated) && !needed.iter().any(|needed| needed.eq_ignore_ascii_case(name))
        });
        (plain && (has_primary || !is_unique)).then(|| Late { name, clause: join(item).trim().to_owned() })
    };
    let (mut late, mut early) = (Vec::new(), Vec::new());
    for item in std::mem::take(&mut parts.items) {
        match can_wait(&item) {
            Some(index) => late.push(index),
            None => early.push(item),
        }
    }
    parts.items = early;
    late
}

/// Columns whose indexes must be there from the beginning.
fn needed(parts: &Parts, referenced: &[String]) -> Vec<String> {
    let mut needed = referenced.to_vec();
    for item in &parts.items {
        match item.first() {
            Some(first) if first.kind == Kind::Name => {
                let counts = item.iter().any(|token| token.is("AUTO_INCREMENT"));
                needed.extend(first.name().filter(|_| counts));
            }
            _ => needed.extend(own_columns(item)),
        }
    }
    needed
}

/// The columns of a foreign key; none for another item.
fn own_columns(item: &[Token]) -> Vec<String> {
    let Some(at) = item.iter().position(|token| token.is("FOREIGN")) else { return Vec::new() };
    list(&item[at..]).unwrap_or_default()
}

/// What the foreign keys of a table point to: the table, with the schema if it is written, and the columns.
pub(super) fn references(parts: &Parts) -> Vec<(Option<String>, String, Vec<String>)> {
    let pointed = |item: &Vec<Token>| {
        let (at, schema, table) = pointed(item)?;
        Some((schema, table, list(&item[at..]).unwrap_or_default()))
    };
    parts.items.iter().filter_map(pointed).collect()
}

/// Where the table stands to which a foreign key points, its schema if that is written, and its name; none for another item.
pub(super) fn pointed(item: &[Token]) -> Option<(usize, Option<String>, String)> {
    item.first().filter(|first| first.kind != Kind::Name)?;
    let at = item.iter().position(|token| token.is("REFERENCES"))? + 1;
    let name = |at: usize| item.get(at).and_then(Token::name);
    if item.get(at + 1).is_some_and(|token| token.text == ".") {
        Some((at, name(at), name(at + 2)?))
    } else {
        Some((at, None, name(at)?))
    }
}

/// The columns of an index, also of the primary key; none for what is no index, or one of expressions.
pub(super) fn index(item: &[Token]) -> Option<Vec<String>> {
    let first = item.first()?;
    let is_index = ["PRIMARY", "UNIQUE", "KEY"].iter().any(|word| first.is(word));
    is_index.then(|| list(item))?
}

/// An index of plain columns: whether it is unique, its name, and the columns.
fn plain_index(item: &[Token]) -> Option<(bool, String, Vec<String>)> {
    let is_unique = item.first()?.is("UNIQUE");
    let rest = &item[usize::from(is_unique)..];
    if !rest.first()?.is("KEY") || rest.iter().any(|token| token.is("HASH") || token.is("WITHOUT")) {
        return None;
    }
    Some((is_unique, rest.get(1)?.name()?, list(rest)?))
}

/// The names in the first parentheses, if there is nothing else in them but lengths and directions.
fn list(tokens: &[Token]) -> Option<Vec<String>> {
    let from = tokens.iter().position(|token| token.is_sign('('))? + 1;
    let (mut names, mut is_start, mut depth) = (Vec::new(), true, 0_usize);
    for token in &tokens[from..] {
        match token {
            token if token.is_sign(')') && depth == 0 => return (!names.is_empty()).then_some(names),
            token if token.is_sign(')') => depth -= 1,
            token if token.is_sign('(') && !is_start => depth += 1,
            token if token.is_sign(',') && depth == 0 => is_start = true,
            token if is_start => {
                names.push(token.name()?);
                is_start = false;
            }
            token
                if token.is("ASC") || token.is("DESC") || (depth == 1 && token.text.bytes().all(|byte| byte.is_ascii_digit())) => {}
            _ => return None,
        }
    }
    None
}
