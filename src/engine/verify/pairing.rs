//! What is compared with what: each table of the target with the tables of all sources that go into it.

use std::collections::BTreeMap;

use super::super::connect::Server;
use super::super::shape::{Column, Shape};
use super::canon::{self, Form, Sided};

/// A table of a source.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Which of the subtasks it is of.
    pub(super) spec: usize,
    pub(super) shape: Shape,
    /// The index that its key is.
    pub(super) key_index: Option<String>,
}

/// A column that both sides have.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) name: String,
    pub(super) form: Form,
    /// Its values may be long.
    pub(super) long: bool,
}

/// A table of the target, and what goes into it.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) name: (String, String),
    pub(super) parts: Vec<Part>,
    /// The table of the target; none if it has none.
    pub(super) target: Option<Shape>,
    pub(super) target_index: Option<String>,
    /// The columns that are compared.
    pub(super) columns: Vec<Common>,
    /// The key that all sides have, as places in the list of columns; empty if there is none.
    pub(super) key: Vec<usize>,
    pub(super) missing_columns: Vec<String>,
    pub(super) extra_columns: Vec<String>,
    pub(super) left_out_columns: Vec<String>,
}

impl Group {
    /// Puts tables of sources together with the table that they go into. `servers` are those of all subtasks.
    pub(super) fn new(
        name: (String, String),
        parts: Vec<(usize, Shape)>,
        target: Option<Shape>,
        servers: &[Server],
        target_server: &Server,
    ) -> Self {
        let mut parts: Vec<Part> = parts.into_iter().map(|(spec, shape)| Part { spec, shape, key_index: None }).collect();
        let mut group = Self {
            name,
            parts: Vec::new(),
            target: None,
            target_index: None,
            columns: Vec::new(),
            key: Vec::new(),
            missing_columns: Vec::new(),
            extra_columns: Vec::new(),
            left_out_columns: Vec::new(),
        };
        if let Some(target) = target {
            group.match_columns(&parts, &target, servers, target_server);
            group.match_keys(&mut parts, &target);
            group.target = Some(target);
        }
        group.parts = parts;
        group
    }

    fn match_columns(&mut self, parts: &[Part], target: &Shape, servers: &[Server], target_server: &Server) {
        let mut names: Vec<String> = Vec::new();
        for column in parts.iter().flat_map(|part| part.shape.copied()) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(&column.name)) {
                names.push(column.name.clone());
            }
        }
        for name in &names {
            let Some(theirs) = find(target, name) else {
                self.missing_columns.push(name.clone());
                continue;
            };
            let own: Vec<(&Column, &Server)> =
                parts.iter().filter_map(|part| Some((find(&part.shape, name)?, servers.get(part.spec)?))).collect();
            let mut sided: Vec<Sided<'_>> = own.iter().map(|(column, server)| Sided { column, flavor: server.flavor }).collect();
            sided.push(Sided { column: theirs, flavor: target_server.flavor });
            // What some of the sources lack has no value there to compare.
            match canon::form(&sided).filter(|_| own.len() == parts.len()) {
                Some(form) => self.columns.push(Common { name: name.clone(), form, long: !canon::is_short(&sided) }),
                None => self.left_out_columns.push(name.clone()),
            }
        }
        let extra = target.copied().filter(|column| !names.iter().any(|name| name.eq_ignore_ascii_case(&column.name)));
        self.extra_columns = extra.map(|column| column.name.clone()).collect();
    }

    /// A key is of use if all sides have it.
    fn match_keys(&mut self, parts: &mut [Part], target: &Shape) {
        let names = |shape: &Shape| -> Option<(String, Vec<String>)> {
            let key = shape.key.as_ref()?;
            let copied: Vec<&Column> = shape.copied().collect();
            let names: Option<Vec<String>> =
                key.columns.iter().map(|place| copied.get(*place).map(|column| column.name.to_lowercase())).collect();
            Some((key.index.clone(), names?))
        };
        let Some((target_index, wanted)) = names(target) else { return };
        let mut indexes = Vec::new();
        for part in parts.iter() {
            match names(&part.shape) {
                Some((index, own)) if own == wanted => indexes.push(index),
                _ => return,
            }
        }
        let place = |name: &String| self.columns.iter().position(|column| column.name.to_lowercase() == *name);
        let Some(places) = wanted.iter().map(place).collect::<Option<Vec<_>>>() else { return };
        // A document can't be found by its letters.
        if places
            .iter()
            .any(|place| matches!(self.columns[*place].form, Form::Document | Form::Bits(_) | Form::Member | Form::Number))
        {
            return;
        }
        for (part, index) in parts.iter_mut().zip(indexes) {
            part.key_index = Some(index);
        }
        self.target_index = Some(target_index);
        self.key = places;
    }

    /// How large the table is, as far as the target can tell, or the sources if it has none.
    pub(super) fn bytes(&self) -> u64 {
        let sources = self.parts.iter().map(|part| part.shape.bytes_estimated).sum();
        self.target.as_ref().map_or(sources, |target| target.bytes_estimated.max(sources))
    }

    /// How many rows the target is to have, as far as either side can tell; none if it has no such table.
    pub(super) fn rows_estimated(&self) -> u64 {
        let sources = self.parts.iter().map(|part| part.shape.rows_estimated).sum();
        self.target.as_ref().map_or(0, |target| target.rows_estimated.max(sources))
    }

    /// How many rows make a chunk: so that its bytes are few and its rows not too many.
    pub(super) fn rows_of_a_chunk(&self) -> u64 {
        const BYTES: u64 = 16 << 20;
        const ROWS: u64 = 50_000;
        let rows = self.rows_estimated().max(1);
        let each = (self.bytes() / rows).max(1);
        (BYTES / each).clamp(16, ROWS)
    }
}

fn find<'a>(shape: &'a Shape, name: &str) -> Option<&'a Column> {
    shape.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

/// Tables of sources by the table of the target that they go into.
pub(super) type Grouped = BTreeMap<(String, String), Vec<(usize, Shape)>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(rows_estimated: u64, bytes_estimated: u64) -> Shape {
        Shape {
            schema: "s".to_owned(),
            table: "t".to_owned(),
            engine: "InnoDB".to_owned(),
            collation: None,
            columns: Vec::new(),
            key: None,
            has_unique: false,
            rows_estimated,
            bytes_estimated,
            next_number: None,
            system_versioned: false,
        }
    }

    #[test]
    fn a_side_that_knows_nothing_makes_no_small_chunks() {
        const MIB: u64 = 1 << 20;
        for (sources, target, rows) in [
            (vec![(1 << 16, 64 * MIB)], (1 << 16, 64 * MIB), 1 << 14),
            (vec![(1 << 16, 64 * MIB)], (0, 0), 1 << 14),
            (vec![(1 << 16, 64 * MIB)], (0, 64 * MIB), 1 << 14),
            (vec![(1 << 15, 32 * MIB), (1 << 15, 32 * MIB)], (2, 16_384), 1 << 14),
            (vec![(0, 0)], (1 << 16, 64 * MIB), 1 << 14),
            (vec![(0, 0)], (0, 0), 50_000),
        ] {
            let parts = sources.iter().map(|(rows, bytes)| (0, shape(*rows, *bytes))).collect();
            let group = Group::new(("s".to_owned(), "t".to_owned()), parts, Some(shape(target.0, target.1)), &[], &server());
            assert_eq!(group.rows_of_a_chunk(), rows, "{sources:?} {target:?}");
        }
    }

    fn server() -> Server {
        Server {
            flavor: crate::model::subtask::Flavor::MySql,
            version: (8, 4, 0),
            version_text: String::new(),
            identity: String::new(),
            lower_case_names: 0,
            largest_packet: 1 << 30,
            takes_files: false,
            engines: Vec::new(),
        }
    }
}
