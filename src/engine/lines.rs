//! Rows as LOAD DATA reads them: cells with tabs between them, a line each, where a backslash takes the meaning from what follows.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use memchr::memchr3;

use super::cells::Place;
use super::chunk::Chunk;

/// How many bytes are made at a time.
const PIECE: usize = 256 << 10;

/// What the statement says of the lines.
pub(super) const FORMAT: &str =
    r"CHARACTER SET binary FIELDS TERMINATED BY '\t' ENCLOSED BY '' ESCAPED BY '\\' LINES TERMINATED BY '\n' STARTING BY ''";

/// The lines of a chunk, piece by piece.
pub(super) struct Lines {
    chunk: Arc<Chunk>,
    columns: usize,
    place: Place,
    column: usize,
    /// How much of the cell at the place is written, if it was too long for a piece.
    written: usize,
}

impl Lines {
    /// The chunk must have a column at least.
    pub(super) fn new(chunk: Arc<Chunk>, columns: usize) -> Self {
        Self { chunk, columns, place: Place::default(), column: 0, written: 0 }
    }
}

impl Iterator for Lines {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = Vec::with_capacity(PIECE + (PIECE >> 2));
        while piece.len() < PIECE {
            let mut place = self.place;
            let Some(cell) = self.chunk.cells.next(&mut place) else { break };
            match cell {
                None => piece.extend_from_slice(b"\\N"),
                Some(cell) => {
                    let rest = &cell[self.written..];
                    let now = &rest[..rest.len().min(PIECE)];
                    push_escaped(&mut piece, now);
                    if now.len() < rest.len() {
                        self.written += now.len();
                        continue;
                    }
                }
            }
            (self.place, self.written) = (place, 0);
            self.column += 1;
            let ends = self.column == self.columns;
            piece.push(if ends { b'\n' } else { b'\t' });
            if ends {
                self.column = 0;
            }
        }
        (!piece.is_empty()).then(|| Ok(Bytes::from(piece)))
    }
}

fn push_escaped(out: &mut Vec<u8>, mut bytes: &[u8]) {
    while let Some(at) = memchr3(b'\\', b'\t', b'\n', bytes) {
        out.extend_from_slice(&bytes[..at]);
        // A backslash before the sign itself would do for each, but a reader may look for the end of a line first.
        let letter = match bytes[at] {
            b'\t' => b't',
            b'\n' => b'n',
            other => other,
        };
        out.extend_from_slice(&[b'\\', letter]);
        bytes = &bytes[at + 1..];
    }
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use mysql_async::Value;

    use super::*;

    fn lines(cells: &[Option<&[u8]>], columns: usize) -> Vec<u8> {
        let mut chunk = Chunk::default();
        for cell in cells {
            let value = cell.map_or(Value::NULL, |bytes| Value::Bytes(bytes.to_vec()));
            chunk.cells.push(value).unwrap();
        }
        Lines::new(Arc::new(chunk), columns).flat_map(|piece| piece.unwrap().to_vec()).collect()
    }

    #[test]
    fn nothing_gets_out_of_its_cell() {
        assert_eq!(lines(&[Some(b"a\tb"), None, Some(b"\\N"), Some(b"\n\0\r'")], 2), b"a\\tb\t\\N\n\\\\N\t\\n\0\r'\n");
        assert_eq!(lines(&[Some(b""), Some(b"")], 1), b"\n\n");
    }

    #[test]
    fn a_long_cell_is_cut_and_nothing_of_it_lost() {
        let long: Vec<u8> = (0..PIECE * 3 + 7).map(|number| if number % 5 == 0 { b'\n' } else { b'x' }).collect();
        let mut expected = Vec::new();
        push_escaped(&mut expected, &long);
        assert_eq!(lines(&[Some(&long), Some(b"1")], 2), [expected, b"\t1\n".to_vec()].concat());
    }
}
