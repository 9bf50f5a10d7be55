//! How a table of the source is made in the target: the server's own statement, with other names, in the words of the other server.

mod calls;
mod collations;
mod engine;
mod late;
mod lexer;
mod mapping;
mod names;

use std::collections::BTreeSet;

use lexer::{Kind, Token, cut, join};
pub(super) use names::Taken;

use super::books::Late;
use super::shape::Shape;
use super::sql;
use crate::model::subtask::Flavor;

/// The statement that makes a table in the target, and what has become of it on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) statement: String,
    /// The same without the indexes that can wait until the rows are there.
    pub(super) early: String,
    /// These indexes.
    pub(super) late: Vec<Late>,
    /// What is not quite the same there.
    pub(super) changed: Vec<String>,
    /// What the target has nothing for.
    pub(super) impossible: Vec<String>,
}

/// Where a table is to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) flavor: Flavor,
    /// The storage engines that can be had there; none if they are not known.
    pub(super) engines: &'a [String],
    /// Functions that it lacks, in small letters.
    pub(super) lacking: &'a BTreeSet<String>,
    /// Names of constraints of all tables that go there.
    pub(super) taken: &'a Taken,
    /// Its schema, and its name.
    pub(super) table: &'a (String, String),
}

/// A table definition in its parts.
struct Parts {
    /// Columns, keys and constraints.
    items: Vec<Vec<Token>>,
    /// What stands behind them.
    options: Vec<Token>,
}

/// Makes the statement. `referenced` are the columns to which foreign keys of other tables point, and `route` gives the place in the
/// target of a table that a foreign key points to.
pub(super) fn make(
    create: &str,
    shape: &Shape,
    from: Flavor,
    to: To<'_>,
    referenced: &[String],
    route: impl Fn(&str, &str) -> (String, String),
) -> Made {
    let Some(mut parts) = parts(create) else {
        let impossible = vec!["the statement of the source is of no form that is known".to_owned()];
        return Made { impossible, ..Made::default() };
    };
    let mut made = Made::default();
    if shape.system_versioned {
        made.impossible.push("the history of its rows can't be copied (WITH SYSTEM VERSIONING)".to_owned());
    }
    if parts.items.iter().flatten().any(|token| token.is("nextval")) {
        made.impossible.push("a default comes from a sequence, and sequences are not copied".to_owned());
    }
    if from != to.flavor {
        mapping::map(&mut parts, shape, to.flavor, &mut made);
    }
    engine::map_engine(&mut parts, from, to, &mut made);
    engine::drop_folders(&mut parts, &mut made);
    names::drop_shared(&mut parts, &to.table.0, to.flavor, to.taken, &mut made);
    made.impossible.extend(calls::lacking(&parts, to.lacking));
    for item in &mut parts.items {
        lead_references(item, &shape.schema, &to.table.0, &route);
    }
    made.statement = statement(&parts, to.table);
    made.late = late::take_late(&mut parts, shape, referenced);
    made.early = statement(&parts, to.table);
    made
}

fn statement(parts: &Parts, target: &(String, String)) -> String {
    let items: Vec<String> = parts.items.iter().map(|item| join(item)).collect();
    format!("CREATE TABLE {} ({}\n){}", sql::table(&target.0, &target.1), items.join(","), join(&parts.options))
}

/// The functions that are called in the columns and constraints of a table, in small letters.
pub(super) fn calls(create: &str) -> BTreeSet<String> {
    parts(create).map(|parts| parts.items.iter().flat_map(|item| calls::of(item)).collect()).unwrap_or_default()
}

/// What the foreign keys of a table point to: schema and table, and the columns.
pub(super) fn references(create: &str, schema: &str) -> Vec<((String, String), Vec<String>)> {
    let found = parts(create).map(|parts| late::references(&parts)).unwrap_or_default();
    let own = |name: Option<String>| name.unwrap_or_else(|| schema.to_owned());
    found.into_iter().map(|(schema, table, columns)| ((own(schema), table), columns)).collect()
}

fn parts(create: &str) -> Option<Parts> {
    let tokens = cut(create);
    let open = tokens.iter().position(|token| token.is_sign('('))?;
    if !tokens.first()?.is("CREATE") || !tokens[..open].iter().any(|token| token.is("TABLE")) {
        return None;
    }
    let mut depth = 0_usize;
    let mut items = vec![Vec::new()];
    let mut rest = tokens[open + 1..].iter();
    for token in rest.by_ref() {
        match token {
            token if token.is_sign(')') && depth == 0 => break,
            token if token.is_sign('(') => depth += 1,
            token if token.is_sign(')') => depth -= 1,
            token if token.is_sign(',') && depth == 0 => {
                items.push(Vec::new());
                continue;
            }
            _ => {}
        }
        items.last_mut()?.push(token.clone());
    }
    Some(Parts { items, options: rest.cloned().collect() })
}

/// Which column, key or constraint an item is.
fn about(item: &[Token]) -> String {
    match item.first().and_then(Token::name) {
        Some(name) => format!("column `{name}`"),
        None => item.iter().find_map(Token::name).map_or_else(|| "a key".to_owned(), |name| format!("`{name}`")),
    }
}

/// Lets a foreign key point to where the other table goes.
fn lead_references(item: &mut Vec<Token>, schema: &str, target_schema: &str, route: &impl Fn(&str, &str) -> (String, String)) {
    let Some((at, own, table)) = late::pointed(item) else { return };
    let used = if own.is_some() { 3 } else { 1 };
    let (to, table) = route(own.as_deref().unwrap_or(schema), &table);
    let name = if to == target_schema { sql::name(&table) } else { sql::table(&to, &table) };
    let token = Token { kind: Kind::Name, text: name, blank: " ".to_owned() };
    item.splice(at..(at + used).min(item.len()), [token]);
}

/// The statement that makes a schema in the target, if it is not there.
pub(super) fn make_schema(create: &str, from: Flavor, to: Flavor, target: &str) -> String {
    let tokens = cut(create);
    let after = |word: &str| {
        let at = tokens.iter().position(|token| token.is(word))?;
        tokens[at + 1..].iter().find(|token| token.kind == Kind::Word && !token.is("SET"))
    };
    let mut statement = format!("CREATE DATABASE IF NOT EXISTS {}", sql::name(target));
    if let Some(charset) = after("CHARACTER").filter(|charset| from == to || collations::has_charset(&charset.text, to)) {
        statement.push_str(&format!(" CHARACTER SET {}", charset.text));
    }
    if let Some(collation) = after("COLLATE") {
        let collation = if from == to { collation.text.clone() } else { collations::mapped(&collation.text, to).name };
        statement.push_str(&format!(" COLLATE {collation}"));
    }
    statement
}

#[cfg(test)]
mod tests;
