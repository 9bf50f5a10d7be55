//! Rows that are written in one transaction.

use mysql_async::{Row, Value};

use super::error::Fault;
use super::literal::{self, Written};
use super::plan::Plan;
use super::shape::{Column, Key, Kind};

/// How many bytes of rows go into one transaction. A row is never cut, so that there may be one more.
const CHUNK_BYTES: u64 = 4 << 20;

/// How many bytes a statement has at most, unless one row has more.
const STATEMENT_BYTES: usize = 1 << 20;

/// How many rows a chunk has at most.
const CHUNK_ROWS: u64 = 20_000;

/// The rows of one statement, as they stand behind VALUES.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) values: Vec<u8>,
    /// How many values are no member of their ENUM.
    pub(super) no_members: u64,
}

/// The rows of one transaction.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) batches: Vec<Batch>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// The key of the last row, as literals.
    pub(super) end: Option<String>,
    /// There are no rows behind it.
    pub(super) last: bool,
}

impl Chunk {
    /// Whether another row should wait for the next chunk.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= CHUNK_BYTES || self.rows >= CHUNK_ROWS
    }

    /// Adds a row.
    pub(super) fn push(&mut self, layout: &Layout, row: Row, largest: usize) -> Result<(), Fault> {
        let values: Vec<Value> = row.unwrap();
        let mut tuple = Vec::with_capacity(64);
        let mut no_members = 0;
        tuple.push(b'(');
        for (column, value) in layout.columns.iter().zip(&values) {
            if tuple.len() > 1 {
                tuple.push(b',');
            }
            match literal::push(&mut tuple, &column.kind, value) {
                Ok(Written::Value) => {}
                Ok(Written::NoMember) => no_members += 1,
                Err(literal::Strange) => {
                    let name = &column.name;
                    return Err(Fault::refused(
                        format!("{}: column `{name}` has a value that is not understood", layout.name),
                        None,
                    ));
                }
            }
            self.bytes += literal::size(value);
        }
        tuple.push(b')');
        if let Some(key) = &layout.key {
            self.end = Some(
                end(key, &layout.columns, &values)
                    .ok_or_else(|| Fault::refused(format!("{}: the key of a row is not understood", layout.name), None))?,
            );
        }
        if tuple.len() + layout.head > largest {
            let key = self.end.as_deref().map_or_else(String::new, |end| format!(" with the key ({end})"));
            return Err(Fault::refused(
                format!("{}: the row{key} has {} bytes, and the target takes {largest} in a statement", layout.name, tuple.len()),
                Some("raise `max_allowed_packet` of the target, and start the task again".to_owned()),
            ));
        }
        let limit = STATEMENT_BYTES.min(largest - layout.head);
        match self.batches.last_mut().filter(|batch| batch.values.len() + 1 + tuple.len() <= limit) {
            Some(batch) => {
                batch.values.push(b',');
                batch.values.extend_from_slice(&tuple);
                batch.no_members += no_members;
            }
            None => self.batches.push(Batch { values: tuple, no_members }),
        }
        self.rows += 1;
        // The parentheses and the rest of a row count too, so that a table of empty rows has an end of its chunks.
        self.bytes += 1;
        Ok(())
    }
}

/// What is needed to read a table and to write its rows.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    pub(super) key: Option<Key>,
    /// The table, for messages.
    name: String,
    /// How many bytes of a statement are no rows.
    head: usize,
    source: String,
}

impl Layout {
    pub(super) fn of(plan: &Plan) -> Self {
        let columns: Vec<Column> = plan.table.shape.copied().cloned().collect();
        let names: usize = columns.iter().map(|column| column.name.len() * 2 + 4).sum();
        Self {
            key: plan.table.shape.key.clone(),
            name: plan.source_name(),
            head: names + 1024,
            source: plan.source_name(),
            columns,
        }
    }

    /// The names of the columns, as they are written.
    pub(super) fn names(&self) -> String {
        self.columns.iter().map(|column| super::sql::name(&column.name)).collect::<Vec<_>>().join(", ")
    }

    /// The query that reads the table in the order of its key, behind a row.
    pub(super) fn query(&self, last_key: Option<&str>, condition: Option<&str>) -> String {
        let expressions: Vec<String> = self.columns.iter().map(selected).collect();
        let mut query = format!(
            "SELECT {} FROM {}",
            if expressions.is_empty() { "NULL".to_owned() } else { expressions.join(", ") },
            self.source
        );
        let mut conditions: Vec<String> = condition.iter().map(|condition| format!("({condition})")).collect();
        let Some(key) = &self.key else {
            if !conditions.is_empty() {
                query.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
            }
            return query;
        };
        let names: Vec<String> = key.columns.iter().map(|place| super::sql::name(&self.columns[*place].name)).collect();
        query.push_str(&format!(" FORCE INDEX ({})", super::sql::name(&key.index)));
        if let Some(last) = last_key {
            conditions.push(behind(&names, &last.split(',').collect::<Vec<_>>()));
        }
        if !conditions.is_empty() {
            query.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
        }
        query.push_str(&format!(" ORDER BY {}", names.join(", ")));
        query
    }
}

fn selected(column: &Column) -> String {
    let name = super::sql::name(&column.name);
    match &column.kind {
        // The text can't tell an empty member from none.
        Kind::Enum(_, true) => format!("CAST({name} AS UNSIGNED)"),
        _ => name,
    }
}

/// Rows behind a key. The first part is repeated alone, since servers look for a range in the first part only.
fn behind(names: &[String], values: &[&str]) -> String {
    let mut ways = Vec::new();
    for at in 0..names.len().min(values.len()) {
        let mut parts: Vec<String> = (0..at).map(|before| format!("{} = {}", names[before], values[before])).collect();
        parts.push(format!("{} > {}", names[at], values[at]));
        ways.push(format!("({})", parts.join(" AND ")));
    }
    if ways.len() == 1 {
        return ways.remove(0);
    }
    format!("{} >= {} AND ({})", names[0], values[0], ways.join(" OR "))
}

fn end(key: &Key, columns: &[Column], values: &[Value]) -> Option<String> {
    let parts: Option<Vec<String>> =
        key.columns.iter().map(|place| literal::of_key(&columns[*place].kind, &values[*place]).ok()).collect();
    parts.map(|parts| parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_behind_a_key_of_several_parts() {
        let names = ["`a`".to_owned(), "`b`".to_owned()];
        assert_eq!(behind(&names[..1], &["5"]), "(`a` > 5)");
        assert_eq!(behind(&names, &["5", "'x'"]), "`a` >= 5 AND ((`a` > 5) OR (`a` = 5 AND `b` > 'x'))");
    }
}
