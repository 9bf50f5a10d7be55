//! Names of constraints, which may be those of a table alone or of a whole schema.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::Token;
use super::{Made, Parts, parts};
use crate::model::subtask::Flavor;

/// What a constraint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Foreign,
    Check,
}

/// Names by which more than one table of a schema of the target would call its constraints.
#[derive(Debug, Default)]
pub(in super::super) struct Taken(BTreeMap<Key, BTreeSet<String>>);

/// What the constraint is, the schema, and the name, in small letters.
type Key = (Sort, String, String);

impl Taken {
    /// Takes note of the constraints of a table that goes to a place of the target.
    pub(in super::super) fn note(&mut self, create: &str, (schema, table): &(String, String)) {
        for (sort, name) in parts(create).iter().flat_map(|parts| &parts.items).filter_map(|item| constraint(item)) {
            self.0.entry((sort, schema.to_lowercase(), name.to_lowercase())).or_default().insert(table.to_lowercase());
        }
    }

    fn is_shared(&self, sort: Sort, schema: &str, name: &str) -> bool {
        self.0.get(&(sort, schema.to_lowercase(), name.to_lowercase())).is_some_and(|tables| tables.len() > 1)
    }
}

/// What a constraint with a name is, and its name.
fn constraint(item: &[Token]) -> Option<(Sort, String)> {
    let [word, name, sort, ..] = item else { return None };
    let sort = if sort.is("FOREIGN") {
        Sort::Foreign
    } else if sort.is("CHECK") {
        Sort::Check
    } else {
        return None;
    };
    word.is("CONSTRAINT").then(|| Some((sort, name.name()?)))?
}

/// Leaves out the names that the schema can't have twice: the target finds others. MariaDB takes one for a check in each table.
pub(super) fn drop_shared(parts: &mut Parts, schema: &str, to: Flavor, taken: &Taken, made: &mut Made) {
    for item in &mut parts.items {
        let Some((sort, name)) = constraint(item) else { continue };
        if (sort == Sort::Check && to == Flavor::MariaDb) || !taken.is_shared(sort, schema, &name) {
            continue;
        }
        let blank = item[0].blank.clone();
        item.drain(..2);
        item[0].blank = blank;
        // That is how MariaDB itself calls what has no name.
        if !name.strip_prefix("CONSTRAINT_").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
            made.changed.push(format!("`{name}`: the constraint gets another name, since two tables of the schema have this one"));
        }
    }
}
