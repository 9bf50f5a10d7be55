//! From the words of one family to those of the other. What is done here stands in `docs/dialects.md`.

use super::lexer::{Kind, Token};
use super::{Made, Parts, about, collations};
use crate::engine::shape::{self, Column, Shape};
use crate::engine::sql;
use crate::model::subtask::Flavor;

/// Types that take no plain literal as a default in MySQL.
const LONG_TYPES: &[&str] = &[
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "json",
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
];

/// How many bytes of a row a key of InnoDB takes.
const LONGEST_KEY: usize = 3072;

/// Options of tables that only MySQL has.
const ONLY_MYSQL: &[&str] = &[
    "ENCRYPTION",
    "COMPRESSION",
    "SECONDARY_ENGINE",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "AUTOEXTEND_SIZE",
    "TABLESPACE",
];

/// Options of tables that only MariaDB has.
const ONLY_MARIADB: &[&str] =
    &["PAGE_CHECKSUM", "TRANSACTIONAL", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "ENCRYPTED", "ENCRYPTION_KEY_ID", "SEQUENCE"];

pub(super) fn map(parts: &mut Parts, shape: &Shape, to: Flavor, made: &mut Made) {
    let items = std::mem::take(&mut parts.items);
    let mut checks = Vec::new();
    for mut item in items {
        let name = item.first().and_then(Token::name);
        let about = about(&item);
        let mut kept = comments(&mut item, to, &about, made);
        match &name {
            Some(name) => {
                let column = shape.columns.iter().find(|column| column.name == *name);
                map_column(&mut item, column, to, &about, made);
                if to == Flavor::MySql {
                    checks.extend(take_check(&mut item));
                }
            }
            None => kept &= map_key(&mut item, shape, to, &about, made),
        }
        map_expressions(&mut item, to);
        if kept {
            parts.items.push(item);
        }
    }
    for mut check in checks {
        map_expressions(&mut check, to);
        parts.items.push(check);
    }
    map_options(parts, shape, to, made);
}

/// A check within a column becomes one of the table: in MySQL it could not be about other columns.
fn take_check(item: &mut Vec<Token>) -> Option<Vec<Token>> {
    let at = outside(item).into_iter().find(|at| item[*at].is("CHECK"))?;
    let end = behind(item, at + 1);
    let mut check: Vec<Token> = item.drain(at..end).collect();
    check[0].blank = "\n  ".to_owned();
    Some(check)
}

/// The place behind the matching parenthesis.
fn behind(item: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in item.iter().enumerate().skip(open) {
        if token.is_sign('(') {
            depth += 1;
        } else if token.is_sign(')') {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    item.len()
}

/// Places outside of all parentheses.
fn outside(item: &[Token]) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut places = Vec::new();
    for (at, token) in item.iter().enumerate() {
        if token.is_sign(')') {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 && !token.is_sign(')') {
            places.push(at);
        }
        if token.is_sign('(') {
            depth += 1;
        }
    }
    places
}

/// What a comment hides from one of the families. Whether the item stays.
fn comments(item: &mut Vec<Token>, to: Flavor, about: &str, made: &mut Made) -> bool {
    let mut kept = true;
    while let Some(open) = item.iter().position(|token| token.kind == Kind::Open) {
        let close = item.iter().skip(open).position(|token| token.kind == Kind::Close).map_or(item.len(), |at| open + at);
        let inside: Vec<Token> = item[open + 1..close].to_vec();
        let first = inside.first().map(|token| token.text.to_uppercase()).unwrap_or_default();
        let is_key = item.first().is_none_or(|token| token.kind != Kind::Name);
        let put = match (first.as_str(), to) {
            ("INVISIBLE", Flavor::MariaDb) if is_key => vec![Token::word("IGNORED")],
            ("INVISIBLE", Flavor::MariaDb) => vec![Token::word("INVISIBLE")],
            ("NOT", _) => {
                made.changed.push(format!("{about}: a constraint that is not enforced is left out"));
                kept = false;
                Vec::new()
            }
            ("SRID", _) => {
                made.changed.push(format!("{about}: nothing keeps other SRIDs out of it"));
                Vec::new()
            }
            ("STORAGE" | "COLUMN_FORMAT", _) => Vec::new(),
            ("COMPRESSED", _) => {
                made.changed.push(format!("{about}: it is not compressed"));
                Vec::new()
            }
            ("WITH", _) => {
                made.changed.push(format!("{about}: words are found by the parser of the target, not by one of the source's own"));
                Vec::new()
            }
            _ => {
                made.impossible.push(format!("{about}: `{}` is not understood", super::join(&item[open..close]).trim()));
                Vec::new()
            }
        };
        item.splice(open..(close + 1).min(item.len()), put);
    }
    kept
}

fn map_column(item: &mut Vec<Token>, column: Option<&Column>, to: Flavor, about: &str, made: &mut Made) {
    let word = item.get(1).map(|token| token.text.to_lowercase()).unwrap_or_default();
    let mut charset = None;
    match (word.as_str(), to) {
        ("vector", Flavor::MariaDb) => made.impossible.push(format!("{about}: the target has no VECTOR")),
        ("geomcollection", Flavor::MariaDb) => item[1].text = "geometrycollection".to_owned(),
        ("uuid" | "inet4" | "inet6", Flavor::MySql) => {
            let text = match word.as_str() {
                "uuid" => "char(36)",
                "inet4" => "varchar(15)",
                _ => "varchar(45)",
            };
            item[1].text = text.to_owned();
            charset = Some(("ascii".to_owned(), "ascii_general_ci".to_owned()));
            made.changed.push(format!("{about}: {word} becomes {text}"));
        }
        _ => {}
    }
    if to == Flavor::MariaDb && column.is_some_and(|column| column.generated) {
        let places = outside(item);
        let is_not_null = |at: &usize| item[*at].is("NOT") && item.get(at + 1).is_some_and(|next| next.is("NULL"));
        if let Some(at) = places.into_iter().find(is_not_null) {
            item.drain(at..at + 2);
            made.changed.push(format!("{about}: NOT NULL is left out, since it is computed"));
        }
    }
    if outside(item).into_iter().any(|at| item[at].is("ROW") && at > 2) {
        made.impossible.push(format!("{about}: the history of rows can't be copied"));
    }
    if let Some(collation) = column.and_then(|column| column.collation.as_deref()) {
        let mapped = collations::mapped(collation, to);
        if !collations::has_collation(collation, to) {
            made.impossible.push(format!("{about}: the target has no character set of the collation {collation}"));
        }
        if mapped.differs {
            made.changed.push(format!("{about}: the collation {collation} becomes {}", mapped.name));
        }
        charset = Some((mapped.name.split('_').next().unwrap_or_default().to_owned(), mapped.name));
    }
    if let Some((charset, collation)) = charset {
        strip_charset(item);
        let at = if item.get(2).is_some_and(|token| token.is_sign('(')) { behind(item, 2) } else { 2 };
        let words = ["CHARACTER", "SET", charset.as_str(), "COLLATE", collation.as_str()].map(Token::word);
        item.splice(at.min(item.len())..at.min(item.len()), words);
    }
    if to == Flavor::MySql {
        map_default(item, &word);
    }
    drop_pairs(item, &["REF_SYSTEM_ID"]);
}

/// Takes the character set and the collation out, outside of expressions.
fn strip_charset(item: &mut Vec<Token>) {
    let mut drop: Vec<usize> = Vec::new();
    for at in outside(item) {
        if item[at].is("CHARACTER") && item.get(at + 1).is_some_and(|token| token.is("SET")) {
            drop.extend([at, at + 1, at + 2]);
        } else if item[at].is("COLLATE") {
            drop.extend([at, at + 1]);
        }
    }
    remove(item, &drop);
}

fn remove(item: &mut Vec<Token>, places: &[usize]) {
    let mut at = 0;
    item.retain(|_| {
        at += 1;
        !places.contains(&(at - 1))
    });
}

/// MySQL wants parentheses around defaults that are expressions, and around all defaults of long types.
fn map_default(item: &mut Vec<Token>, word: &str) {
    let Some(at) = outside(item).into_iter().find(|at| item[*at].is("DEFAULT")) else { return };
    let Some(first) = item.get(at + 1).cloned() else { return };
    let called = item.get(at + 2).is_some_and(|token| token.is_sign('('));
    let now = ["current_timestamp", "now", "localtime", "localtimestamp"].iter().any(|own| first.is(own));
    let end = if first.kind == Kind::Word && called {
        if now {
            return;
        }
        behind(item, at + 2)
    } else if LONG_TYPES.contains(&word) && !first.is("NULL") && !first.is_sign('(') {
        // An introducer or a minus sign stands before what it belongs to.
        let two = first.is_sign('-') || item.get(at + 2).is_some_and(|token| token.kind == Kind::Text && token.blank.is_empty());
        at + if two { 3 } else { 2 }
    } else {
        return;
    };
    item.insert(end.min(item.len()), Token::sign(')'));
    let mut open = Token::sign('(');
    open.blank = " ".to_owned();
    item.insert(at + 1, open);
}

/// A key or a constraint. Whether it stays.
fn map_key(item: &mut Vec<Token>, shape: &Shape, to: Flavor, about: &str, made: &mut Made) -> bool {
    let unique = item.first().is_some_and(|token| token.is("UNIQUE") || token.is("PRIMARY"));
    if item.first().is_some_and(|token| token.is("PERIOD")) || item.iter().any(|token| token.is("OVERLAPS")) {
        made.impossible.push(format!("{about}: periods can't be copied"));
    }
    if item.first().is_some_and(|token| token.is("VECTOR")) {
        made.changed.push(format!("{about}: an index on vectors is left out"));
        return false;
    }
    if to == Flavor::MariaDb && item.first().is_some_and(|token| token.is("PRIMARY")) {
        let computed = shape.columns.iter().filter(|column| column.generated);
        let names: Vec<String> = item.iter().filter_map(Token::name).collect();
        if let Some(column) = computed.into_iter().find(|column| names.contains(&column.name)) {
            let name = sql::name(&column.name);
            made.impossible.push(format!("the target has no primary key on a column that is computed, such as {name}"));
        }
    }
    if to == Flavor::MySql && unique && item.iter().any(|token| token.is("HASH")) {
        let columns = shape.columns.iter().filter(|column| item.iter().any(|token| token.name().as_ref() == Some(&column.name)));
        if columns.map(most_bytes).sum::<usize>() > LONGEST_KEY {
            made.impossible.push(format!("{about}: the target has no unique index of more than {LONGEST_KEY} bytes"));
        }
    }
    let is_index = item.first().is_some_and(|token| !token.is("CONSTRAINT") && !token.is("CHECK"));
    let open = item.iter().position(|token| token.is_sign('('));
    if let Some(open) = open.filter(|_| is_index) {
        let functional = item[open + 1..]
            .iter()
            .zip(&item[open..])
            .any(|(token, before)| token.is_sign('(') && (before.is_sign(',') || before.is_sign('(')));
        if functional && to == Flavor::MariaDb {
            if unique {
                made.impossible.push(format!("{about}: the target has no unique index on an expression"));
            } else {
                made.changed.push(format!("{about}: an index on an expression is left out"));
            }
            return false;
        }
        if to == Flavor::MySql && unique {
            for (at, token) in item.iter().enumerate().skip(open) {
                let long = token.name().is_some_and(|name| {
                    shape.columns.iter().any(|column| {
                        let word = column.type_text.split(['(', ' ']).next().unwrap_or_default();
                        column.name == name && LONG_TYPES.contains(&word)
                    })
                });
                if long && !item.get(at + 1).is_some_and(|next| next.is_sign('(')) {
                    made.impossible.push(format!("{about}: the target has no unique index on a whole long column"));
                }
            }
        }
    }
    for token in item.iter_mut().filter(|token| token.is("IGNORED") && to == Flavor::MySql) {
        token.text = "INVISIBLE".to_owned();
    }
    drop_pairs(item, &["CLUSTERING"]);
    true
}

/// How many bytes a text or bytes of some length may have; none where the length is not in the type.
fn most_bytes(column: &Column) -> usize {
    let letters = column.type_text.split_once('(').and_then(|(_, rest)| rest.split(')').next()?.parse::<usize>().ok()).unwrap_or(0);
    match &column.kind {
        shape::Kind::Text(charset) => letters * collations::letter_bytes(charset),
        shape::Kind::Bytes => letters,
        _ => 0,
    }
}

/// Collations inside of expressions.
fn map_expressions(item: &mut [Token], to: Flavor) {
    for at in 1..item.len() {
        if item[at - 1].is("COLLATE") {
            item[at].text = collations::mapped(&item[at].text, to).name;
        }
    }
}

/// Drops options with their values; which of them were there.
pub(super) fn drop_pairs(tokens: &mut Vec<Token>, keys: &[&str]) -> Vec<String> {
    let mut dropped = Vec::new();
    let mut places = Vec::new();
    for at in outside(tokens) {
        let text = tokens[at].name().unwrap_or_else(|| tokens[at].text.clone()).to_uppercase();
        if keys.contains(&text.as_str()) && tokens.get(at + 1).is_some_and(|token| token.is_sign('=')) {
            places.extend([at, at + 1, at + 2]);
            dropped.push(text);
        }
    }
    remove(tokens, &places);
    dropped
}

fn map_options(parts: &mut Parts, shape: &Shape, to: Flavor, made: &mut Made) {
    let options = &mut parts.options;
    let keys = if to == Flavor::MariaDb { ONLY_MYSQL } else { ONLY_MARIADB };
    for key in drop_pairs(options, keys) {
        made.changed.push(format!("the option {key} is left out"));
    }
    // Of the comments only the one with the partitions is of use to both.
    while let Some(open) =
        options.iter().zip(options.iter().skip(1)).position(|(token, next)| token.kind == Kind::Open && !next.is("PARTITION"))
    {
        let close = options.iter().skip(open).position(|token| token.kind == Kind::Close).map_or(options.len(), |at| open + at + 1);
        made.changed.push(format!("the option {} is left out", super::join(&options[open + 1..close - 1]).trim()));
        options.drain(open..close);
    }
    let Some(collation) = &shape.collation else { return };
    let mapped = collations::mapped(collation, to);
    let charset = mapped.name.split('_').next().unwrap_or_default().to_owned();
    drop_pairs(options, &["CHARSET", "COLLATE"]);
    // What is left of DEFAULT CHARSET.
    let lone = outside(options).into_iter().find(|at| options[*at].is("DEFAULT"));
    remove(options, &lone.into_iter().collect::<Vec<_>>());
    let words = ["DEFAULT", "CHARSET", charset.as_str(), "COLLATE", mapped.name.as_str()].map(Token::word);
    options.splice(0..0, words);
    if mapped.differs {
        made.changed.push(format!("the collation {collation} becomes {}", mapped.name));
    }
}
