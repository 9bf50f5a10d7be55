//! Large cells, which are not read with their rows but by themselves, in pieces: the protocol's library has a row in memory twice.

use std::sync::Arc;

use mysql_async::Value;
use mysql_async::prelude::Queryable as _;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::chunk::Layout;
use super::error::{Fault, Side};
use super::shape::{Column, Kind};
use super::sql;

/// A cell of more bytes is large.
pub(super) const LARGE: usize = 4 << 20;

/// How many bytes of large cells all lanes have in memory, unless a single row has more.
const ROOM: usize = 64 << 20;

/// How many bytes are read at a time, unless there would be too many pieces: the source copies the whole cell for each. The library
/// keeps many buffers of the size that a packet had.
const PIECE: usize = 1 << 20;
const PIECES: usize = 32;

/// The variable of the session that keeps a cell at the source.
const VARIABLE: &str = "@dmctl_large";

/// What the room is counted in.
const UNIT: usize = 1 << 10;

/// A large cell of a row: its place among the columns, and how many bytes it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Large {
    pub(super) place: usize,
    pub(super) length: usize,
}

/// Room in memory, given back when this goes.
pub(super) type Held = OwnedSemaphorePermit;

/// Who reads them: one more connection in the moment of the copy, for all lanes.
pub(super) struct Apart {
    reader: Mutex<mysql_async::Conn>,
    room: Arc<Semaphore>,
    largest_piece: usize,
}

impl Apart {
    /// `largest_packet` is that of the source, in bytes.
    pub(super) fn new(reader: mysql_async::Conn, largest_packet: usize) -> Self {
        let room = Arc::new(Semaphore::new(ROOM / UNIT));
        Self { reader: Mutex::new(reader), room, largest_piece: (largest_packet / 2).max(UNIT) }
    }

    /// Puts the large cells of a row in their places.
    ///
    /// Waits until there is room for them, so whoever holds some must not wait for more.
    pub(super) async fn fill(&self, layout: &Layout, row: &mut [Value], large: &[Large], largest: usize) -> Result<Held, Fault> {
        let size = large.iter().map(|large| large.length).sum();
        let key = layout.key_of(row)?;
        if !layout.fits(size, largest) {
            return Err(layout.too_large(size, Some(&key), largest));
        }
        let units = u32::try_from((size / UNIT).min(ROOM / UNIT)).unwrap_or(u32::MAX);
        let held = Arc::clone(&self.room).acquire_many_owned(units).await;
        let held = held.map_err(|_closed| Fault::Busy("the copy has ended".to_owned()))?;
        for Large { place, length } in large.iter().copied() {
            row[place] = Value::Bytes(self.read(layout, place, length, &key).await?);
        }
        Ok(held)
    }

    async fn read(&self, layout: &Layout, place: usize, length: usize, key: &str) -> Result<Vec<u8>, Fault> {
        let column = &layout.columns[place];
        let doing = || format!("reading a large value of {}, column `{}`, key ({key})", layout.name, column.name);
        let piece = (length / PIECES).max(PIECE).min(self.largest_piece);
        let fault = |error| Fault::Database { side: Side::Source, doing: doing(), error: Box::new(error) };
        let mut reader = self.reader.lock().await;
        let mut cell = Vec::with_capacity(length);
        // Once, and not from the disk for each piece.
        reader.query_drop(layout.keep_cell(column, key, VARIABLE)).await.map_err(fault)?;
        while cell.len() < length {
            let query = format!("SELECT SUBSTRING({VARIABLE}, {}, {piece})", cell.len() + 1);
            let got: Option<Option<Vec<u8>>> = reader.query_first(query).await.map_err(fault)?;
            match got.flatten() {
                Some(bytes) if !bytes.is_empty() && cell.len() + bytes.len() <= length => cell.extend_from_slice(&bytes),
                _ => {
                    return Err(Fault::refused(
                        format!("{}: the source gave {} of {length} bytes", doing(), cell.len()),
                        Some("raise `max_allowed_packet` of the source, and start the task again".to_owned()),
                    ));
                }
            }
        }
        reader.query_drop(format!("SET {VARIABLE} = NULL")).await.map_err(fault)?;
        Ok(cell)
    }
}

/// Whether the cells of a column can be large: those of the types that hold more than 64 KiB.
pub(super) fn can_be_large(column: &Column) -> bool {
    let is_long = ["mediumblob", "longblob", "mediumtext", "longtext"].iter().any(|long| long.eq_ignore_ascii_case(column.word()));
    is_long && matches!(column.kind, Kind::Bytes | Kind::Text(_))
}

/// A column in the query that reads rows: NULL in the place of a large cell.
pub(super) fn without_large(column: &Column) -> String {
    let name = sql::name(&column.name);
    format!("IF(OCTET_LENGTH({name}) > {LARGE}, NULL, {name})")
}

/// The length of a large cell, and NULL for others.
pub(super) fn length(column: &Column) -> String {
    let name = sql::name(&column.name);
    format!("IF(OCTET_LENGTH({name}) > {LARGE}, OCTET_LENGTH({name}), NULL)")
}

/// The bytes of a cell.
pub(super) fn bytes(column: &Column) -> String {
    let name = sql::name(&column.name);
    match column.kind {
        // A CAST is bound to the packets of MariaDB.
        Kind::Text(_) => format!("CONVERT({name} USING binary)"),
        _ => name,
    }
}
