//! Rows as they came from the source: one cell behind the other, without a piece of memory for each.

use mysql_async::Value;

use super::literal::Strange;

/// A cell of so many bytes keeps the memory in which it came, so that it is not there twice.
const LARGE: usize = 1 << 20;

const NULL_MARK: u32 = u32::MAX;
const LARGE_MARK: u32 = u32::MAX - 1;

/// Cells of the text protocol, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// How long each is, or a mark.
    lengths: Vec<u32>,
    small: Vec<u8>,
    large: Vec<Vec<u8>>,
}

impl Cells {
    /// Adds a cell. How many bytes it has.
    pub(super) fn push(&mut self, value: Value) -> Result<u64, Strange> {
        match value {
            Value::NULL => self.lengths.push(NULL_MARK),
            Value::Bytes(bytes) if bytes.len() >= LARGE => {
                let length = bytes.len();
                self.lengths.push(LARGE_MARK);
                self.large.push(bytes);
                return Ok(length as u64);
            }
            Value::Bytes(bytes) => {
                self.lengths.push(u32::try_from(bytes.len()).map_err(|_too_long| Strange)?);
                self.small.extend_from_slice(&bytes);
                return Ok(bytes.len() as u64);
            }
            // The text protocol has no others.
            _ => return Err(Strange),
        }
        Ok(0)
    }

    /// The last cells, so many as a row has.
    pub(super) fn last(&self, columns: usize) -> Vec<Option<&[u8]>> {
        let from = self.lengths.len().saturating_sub(columns);
        let (mut small, mut large) = (self.small.len(), self.large.len());
        let mut row: Vec<Option<&[u8]>> = self.lengths[from..]
            .iter()
            .rev()
            .map(|length| match *length {
                NULL_MARK => None,
                LARGE_MARK => {
                    large -= 1;
                    Some(self.large[large].as_slice())
                }
                length => {
                    let end = small;
                    small -= length as usize;
                    Some(&self.small[small..end])
                }
            })
            .collect();
        row.reverse();
        row
    }

    /// The cell at a place, which moves on.
    pub(super) fn next(&self, place: &mut Place) -> Option<Option<&[u8]>> {
        let length = *self.lengths.get(place.cell)?;
        place.cell += 1;
        Some(match length {
            NULL_MARK => None,
            LARGE_MARK => {
                place.large += 1;
                self.large.get(place.large - 1).map(Vec::as_slice)
            }
            length => {
                let from = place.small;
                place.small += length as usize;
                Some(&self.small[from..place.small])
            }
        })
    }
}

/// A place between two cells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    cell: usize,
    small: usize,
    large: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_out_as_they_went_in() {
        let rows = [
            vec![Value::Bytes(b"ab".to_vec()), Value::NULL, Value::Bytes(vec![b'x'; LARGE])],
            vec![Value::Bytes(Vec::new()), Value::Bytes(vec![b'y'; LARGE + 1]), Value::Bytes(b"c".to_vec())],
        ];
        let (mut cells, mut place) = (Cells::default(), Place::default());
        for row in &rows {
            row.iter().for_each(|value| assert!(cells.push(value.clone()).is_ok()));
            let texts: Vec<Option<&[u8]>> =
                row.iter().map(|value| if let Value::Bytes(bytes) = value { Some(bytes.as_slice()) } else { None }).collect();
            assert_eq!(cells.last(3), texts);
        }
        for value in rows.iter().flatten() {
            let expected = if let Value::Bytes(bytes) = value { Some(bytes.as_slice()) } else { None };
            assert_eq!(cells.next(&mut place), Some(expected));
        }
        assert_eq!(cells.next(&mut place), None);
        assert_eq!(cells.push(Value::Int(1)), Err(Strange));
    }
}
