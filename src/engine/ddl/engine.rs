//! Storage engines that the target lacks, and what depends on them.

use super::late::index;
use super::lexer::{Kind, Token, cut};
use super::mapping::drop_pairs;
use super::{Made, Parts, To};
use crate::model::subtask::Flavor;

/// Engines that both families have.
const SHARED: &[&str] = &["innodb", "myisam", "memory", "csv", "archive", "blackhole", "mrg_myisam"];

/// How many columns a table of InnoDB can have.
const MOST_COLUMNS: usize = 1017;

/// Engines that MySQL can part.
const PARTED_BY_MYSQL: &[&str] = &["innodb", "ndbcluster", "ndb"];

/// A table whose engine the target lacks is made in InnoDB, with all its partitions.
pub(super) fn map_engine(parts: &mut Parts, from: Flavor, to: To<'_>, made: &mut Made) {
    let is_among = |engines: &[&str], name: &str| engines.iter().any(|own| own.eq_ignore_ascii_case(name));
    let is_parted = parts.options.windows(2).any(|two| two[0].is("PARTITION") && two[1].is("BY"));
    let is_there = |name: &str| match to.engines {
        [] => from == to.flavor || is_among(SHARED, name),
        _ if is_parted && to.flavor == Flavor::MySql && !is_among(PARTED_BY_MYSQL, name) => false,
        there => there.iter().any(|own| own.eq_ignore_ascii_case(name)),
    };
    let options = &mut parts.options;
    let places: Vec<usize> = options.iter().enumerate().filter(|(_, token)| token.is("ENGINE")).map(|(at, _)| at + 2).collect();
    let mut lost = None;
    for at in places {
        if let Some(engine) = options.get_mut(at).filter(|engine| !is_there(&engine.text)) {
            let name = std::mem::replace(&mut engine.text, "InnoDB".to_owned());
            lost.get_or_insert(name);
        }
    }
    if let Some(name) = lost {
        made.changed.push(format!("the engine {name} becomes InnoDB"));
        // Formats are the engine's own.
        drop_pairs(&mut parts.options, &["ROW_FORMAT"]);
        let columns = parts.items.iter().filter(|item| item.first().is_some_and(|first| first.kind == Kind::Name)).count();
        if columns > MOST_COLUMNS {
            made.impossible.push(format!("InnoDB has no tables of more than {MOST_COLUMNS} columns, and this one has {columns}"));
        }
        index_counter(parts, made);
    }
}

/// InnoDB wants an index that begins with the AUTO_INCREMENT column; others count within a group of rows too.
fn index_counter(parts: &mut Parts, made: &mut Made) {
    let counter = parts.items.iter().find(|item| item.iter().any(|token| token.is("AUTO_INCREMENT")));
    let Some(name) = counter.and_then(|item| item.first()).and_then(Token::name) else { return };
    let is_first = |item: &Vec<Token>| index(item).is_some_and(|columns| columns.first().is_some_and(|first| *first == name));
    if !parts.items.iter().any(is_first) {
        let quoted = crate::engine::sql::name(&name);
        made.changed.push(format!("column {quoted}: it gets an index, and counts the whole table and no groups of rows"));
        parts.items.push(cut(&format!("\n  KEY ({quoted})")));
    }
}

/// Folders of the source's machine mean nothing to the target.
pub(super) fn drop_folders(parts: &mut Parts, made: &mut Made) {
    let is_folder = |four: &[Token]| (four[0].is("DATA") || four[0].is("INDEX")) && four[1].is("DIRECTORY") && four[2].is_sign('=');
    while let Some(at) = parts.options.windows(4).position(is_folder) {
        let option = format!("the option {} DIRECTORY is left out", parts.options[at].text.to_uppercase());
        if !made.changed.contains(&option) {
            made.changed.push(option);
        }
        parts.options.drain(at..at + 4);
    }
}
