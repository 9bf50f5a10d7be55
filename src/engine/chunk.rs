//! Rows that are written in one transaction, and the query that reads them.

use mysql_async::{Row, Value};

use super::apart::{self, Held, Large};
use super::books::Entry;
use super::cells::{Cells, Place};
use super::error::Fault;
use super::literal::{self, Strange};
use super::manner::Words;
use super::plan::Plan;
use super::shape::{Column, Key, Kind};
use super::sql;

/// How many bytes of rows go into one transaction. A row is never cut, so that there may be one more.
const CHUNK_BYTES: u64 = 4 << 20;

/// How many rows a chunk has at most.
const CHUNK_ROWS: u64 = 50_000;

/// How many bytes a statement has at most, unless one row has more.
const STATEMENT_BYTES: usize = 1 << 20;

/// The rows of one transaction.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) cells: Cells,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// The key of the last row, as literals.
    pub(super) end: Option<String>,
    /// There are no rows behind it.
    pub(super) last: bool,
    /// How many values are no member of their ENUM.
    pub(super) no_members: u64,
    /// The room that its large cells take, which are those of one row.
    pub(super) held: Option<Held>,
}

impl Chunk {
    /// Whether another row should wait for the next chunk.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= CHUNK_BYTES || self.rows >= CHUNK_ROWS
    }

    /// Adds a row.
    pub(super) fn push(&mut self, layout: &Layout, row: Vec<Value>, largest: usize) -> Result<(), Fault> {
        let before = self.bytes;
        for (column, value) in layout.columns.iter().zip(row) {
            if let Value::Bytes(bytes) = &value {
                self.no_members += u64::from(literal::is_no_member(&column.kind, bytes));
            }
            self.bytes += self.cells.push(value).map_err(|Strange| layout.strange(column))?;
        }
        let size = usize::try_from(self.bytes - before).unwrap_or(usize::MAX);
        if !layout.fits(size, largest) {
            self.close(layout)?;
            return Err(layout.too_large(size, self.end.as_deref(), largest));
        }
        self.rows += 1;
        // The rest of a row counts too, so that a table of empty rows has an end of its chunks.
        self.bytes += 1;
        Ok(())
    }

    /// Keeps the key of the last row.
    pub(super) fn close(&mut self, layout: &Layout) -> Result<(), Fault> {
        let Some(key) = layout.key.as_ref().filter(|_| self.bytes > 0) else { return Ok(()) };
        let row = self.cells.last(layout.columns.len());
        self.end = Some(layout.key_text(key.columns.iter().map(|place| row[*place]))?);
        Ok(())
    }

    /// The statements that insert the rows, one after the other.
    pub(super) fn statements<'a>(&'a self, layout: &'a Layout, words: &'a Words, largest: usize) -> Statements<'a> {
        Statements { chunk: self, layout, words, largest, place: Place::default(), rows: 0, large: 0, kept: None }
    }
}

/// The rows of a chunk as INSERT statements. Only one of them is in memory at a time.
pub(super) struct Statements<'a> {
    chunk: &'a Chunk,
    layout: &'a Layout,
    words: &'a Words,
    largest: usize,
    place: Place,
    rows: u64,
    /// How many large cells were met.
    large: usize,
    /// A row that had no room in the statement before.
    kept: Option<(Vec<u8>, Care<'a>)>,
}

/// One of them.
#[derive(Default)]
pub(super) struct Statement<'a> {
    pub(super) text: Vec<u8>,
    pub(super) care: Care<'a>,
}

/// What needs care beside the text of a statement.
#[derive(Default)]
pub(super) struct Care<'a> {
    /// How many values are no member of their ENUM.
    pub(super) no_members: u64,
    /// Large cells, which are in variables: the name of each, and what it must hold.
    pub(super) large: Vec<(String, &'a [u8])>,
}

impl<'a> Care<'a> {
    fn add(&mut self, other: Self) {
        self.no_members += other.no_members;
        self.large.extend(other.large);
    }
}

impl<'a> Statements<'a> {
    fn tuple(&mut self, out: &mut Vec<u8>) -> Result<Care<'a>, Fault> {
        let (start, mut care) = (out.len(), Care::default());
        out.push(b'(');
        for (at, column) in self.layout.columns.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let cell = self.chunk.cells.next(&mut self.place).ok_or_else(|| self.layout.strange(column))?;
            if let Some(cell) = cell.filter(|cell| cell.len() > apart::LARGE) {
                let name = format!("@dmctl_large_{}", self.large);
                self.large += 1;
                literal::push_variable(out, &column.kind, &name).map_err(|Strange| self.layout.strange(column))?;
                care.large.push((name, cell));
                continue;
            }
            literal::push(out, &column.kind, cell).map_err(|Strange| self.layout.strange(column))?;
            care.no_members += u64::from(cell.is_some_and(|cell| literal::is_no_member(&column.kind, cell)));
        }
        out.push(b')');
        let size = out.len() - start;
        if !self.layout.fits(size, self.largest) {
            return Err(self.layout.too_large(size, None, self.largest));
        }
        Ok(care)
    }
}

impl<'a> Iterator for Statements<'a> {
    type Item = Result<Statement<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rows >= self.chunk.rows && self.kept.is_none() {
            return None;
        }
        let limit = STATEMENT_BYTES.min(self.largest.saturating_sub(self.layout.head));
        let mut text = self.words.head.as_bytes().to_vec();
        let (mut care, mut is_first) = (Care::default(), true);
        if let Some((row, kept)) = self.kept.take() {
            text.extend_from_slice(&row);
            (care, is_first) = (kept, false);
        }
        while self.rows < self.chunk.rows {
            let start = text.len();
            if !is_first {
                text.push(b',');
            }
            let own = match self.tuple(&mut text) {
                Ok(own) => own,
                Err(fault) => return Some(Err(fault)),
            };
            self.rows += 1;
            if !is_first && text.len() > limit {
                self.kept = Some((text.split_off(start + 1), own));
                text.truncate(start);
                break;
            }
            care.add(own);
            is_first = false;
        }
        text.extend_from_slice(self.words.tail.as_bytes());
        Some(Ok(Statement { text, care }))
    }
}

/// What is needed to read a table and to write its rows.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    pub(super) key: Option<Key>,
    /// The table of the source, as it is written.
    pub(super) name: String,
    /// How many bytes of a statement are no rows.
    head: usize,
    /// The columns whose large cells are read apart, as places in the list.
    apart: Vec<usize>,
}

impl Layout {
    /// `apart` says whether there is somebody who reads large cells apart, which works where rows are found by a key.
    pub(super) fn of(plan: &Plan, apart: bool) -> Self {
        let shape = &plan.table.shape;
        let columns: Vec<Column> = shape.copied().cloned().collect();
        let names: usize = columns.iter().map(|column| column.name.len() * 2 + 4).sum();
        let large = columns.iter().enumerate().filter(|(_, column)| apart && shape.key.is_some() && apart::can_be_large(column));
        let apart = large.map(|(place, _)| place).collect();
        Self { key: shape.key.clone(), name: plan.source_name(), head: names + 1024, apart, columns }
    }

    fn strange(&self, column: &Column) -> Fault {
        Fault::refused(format!("{}: column `{}` has a value that is not understood", self.name, column.name), None)
    }

    /// Whether a row of so many bytes fits into a statement that the target takes.
    pub(super) const fn fits(&self, size: usize, largest: usize) -> bool {
        size + self.head <= largest
    }

    /// What is told of a row that does not fit.
    pub(super) fn too_large(&self, size: usize, key: Option<&str>, largest: usize) -> Fault {
        let key = key.map_or_else(String::new, |key| format!(" with the key ({key})"));
        Fault::refused(
            format!("{}: the row{key} has {size} bytes, and the target takes {largest} in a statement", self.name),
            Some("raise `max_allowed_packet` of the target, and start the task again".to_owned()),
        )
    }

    /// The names of the columns, as they are written.
    pub(super) fn names(&self) -> String {
        self.columns.iter().map(|column| sql::name(&column.name)).collect::<Vec<_>>().join(", ")
    }

    /// The query that reads a range of the table in the order of its key.
    pub(super) fn query(&self, range: &Entry, condition: Option<&str>) -> String {
        let mut expressions: Vec<String> = self.columns.iter().map(selected).collect();
        for place in &self.apart {
            expressions[*place] = apart::without_large(&self.columns[*place]);
            expressions.push(apart::length(&self.columns[*place]));
        }
        let what = if expressions.is_empty() { "NULL".to_owned() } else { expressions.join(", ") };
        let condition = condition.map(|condition| format!("({condition})"));
        format!("SELECT {what} FROM {}{}", self.name, self.part(range, condition))
    }

    /// The cells of a row that this query has read, and which are still to be read apart.
    pub(super) fn split(&self, row: Row) -> Result<(Vec<Value>, Vec<Large>), Fault> {
        let mut cells = row.unwrap();
        let lengths = cells.split_off(self.columns.len().min(cells.len()));
        let mut large = Vec::new();
        for (place, length) in self.apart.iter().zip(lengths) {
            let Value::Bytes(digits) = length else { continue };
            let length = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
            large.push(Large { place: *place, length: length.ok_or_else(|| self.strange(&self.columns[*place]))? });
        }
        Ok((cells, large))
    }

    /// The statement that puts the bytes of a large cell, in the row with a key, into a variable of the session.
    pub(super) fn keep_cell(&self, column: &Column, key: &str, variable: &str) -> String {
        let what = apart::bytes(column);
        let names = self.key_names().unwrap_or_default();
        let equal: Vec<String> = names.iter().zip(key.split(',')).map(|(name, value)| format!("{name} = {value}")).collect();
        format!("SELECT {what} INTO {variable} FROM {} WHERE {} LIMIT 1", self.name, equal.join(" AND "))
    }

    /// The key of a row, as literals.
    pub(super) fn key_of(&self, row: &[Value]) -> Result<String, Fault> {
        let places = self.key.iter().flat_map(|key| &key.columns);
        let cells = places.map(|place| match &row[*place] {
            Value::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        self.key_text(cells)
    }

    /// The query that finds the key of the row that is so many rows behind the start of a range; none for a table without a key.
    pub(super) fn boundary(&self, range: &Entry, rows: u64) -> Option<String> {
        let names = self.key_names()?.join(", ");
        Some(format!("SELECT {names} FROM {}{} LIMIT 1 OFFSET {}", self.name, self.part(range, None), rows.saturating_sub(1)))
    }

    /// What such a query has found, as literals.
    pub(super) fn literals(&self, row: Row) -> Result<String, Fault> {
        let values = row.unwrap();
        let count = values.len();
        let mut cells = Cells::default();
        let pushed: Result<Vec<u64>, Strange> = values.into_iter().map(|value| cells.push(value)).collect();
        pushed.map_err(|Strange| self.strange_key())?;
        self.key_text(cells.last(count).into_iter())
    }

    /// The cells of a key as literals, with commas between them.
    fn key_text<'a>(&self, cells: impl Iterator<Item = Option<&'a [u8]>>) -> Result<String, Fault> {
        let places = self.key.iter().flat_map(|key| &key.columns);
        let parts: Result<Vec<String>, Strange> =
            places.zip(cells).map(|(place, cell)| literal::of_key(&self.columns[*place].kind, cell)).collect();
        Ok(parts.map_err(|Strange| self.strange_key())?.join(","))
    }

    fn strange_key(&self) -> Fault {
        Fault::refused(format!("{}: the key of a row is not understood", self.name), None)
    }

    /// Whether it can be cut into ranges, and gone on with: rows are found by a key, and the target keeps or drops them with the books.
    pub(super) const fn is_cuttable(&self, transactional: bool) -> bool {
        self.key.is_some() && transactional
    }

    fn key_names(&self) -> Option<Vec<String>> {
        self.key.as_ref().map(|key| key.columns.iter().map(|place| sql::name(&self.columns[*place].name)).collect())
    }

    /// Which rows, and in which order.
    fn part(&self, range: &Entry, condition: Option<String>) -> String {
        let mut conditions: Vec<String> = condition.into_iter().collect();
        let Some((key, names)) = self.key.as_ref().zip(self.key_names()) else {
            return wherever(&conditions);
        };
        let parts = |literals: &str| literals.split(',').map(str::to_owned).collect::<Vec<_>>();
        conditions.extend(range.last_key.as_deref().map(|last| sql::beside(&names, &parts(last), '>', false)));
        conditions.extend(range.to_key.as_deref().map(|end| sql::beside(&names, &parts(end), '<', true)));
        format!(" FORCE INDEX ({}){} ORDER BY {}", sql::name(&key.index), wherever(&conditions), names.join(", "))
    }
}

fn wherever(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}

fn selected(column: &Column) -> String {
    let name = sql::name(&column.name);
    match &column.kind {
        // The text can't tell an empty member from none.
        Kind::Enum(_, true) => format!("CAST({name} AS UNSIGNED)"),
        // By itself it is shown with six digits.
        Kind::Float if column.is_single() => format!("{name} * 1e0"),
        _ => name,
    }
}
