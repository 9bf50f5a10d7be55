//! One table of the target against its tables in the sources, by ranges of the key.
//!
//! Chunks are compared by sums. One that differs is split until few rows are left in it; then the sums of the rows are compared, and what
//! differs is looked at once more by its key before it counts.

use std::collections::BTreeMap;

use super::super::error::Fault;
use super::face::{Face, Letters, Range};
use super::hands::{Hands, Sums};
use super::pairing::Group;
use super::tally::Tally;
use crate::model::verification::{ColumnValues, KeyValue, RowDifference, VerifiedRow};

/// So many rows are compared one by one.
const FEW: u64 = 500;
/// So many are read, if more have come since they were counted.
const MOST: usize = 4000;
/// So many pieces are made at most of a chunk that differs.
const PIECES: u64 = 16;
/// So many rows are looked for by their keys in one statement.
const AT_ONCE: usize = 100;

/// A table of all sides.
pub(super) struct Sides<'a> {
    pub(super) group: &'a Group,
    pub(super) target: Face,
    /// The tables of the sources, with the subtask of each.
    pub(super) parts: Vec<(usize, Face)>,
    pub(super) names: &'a [String],
}

/// The letters of the columns of a row, and which of the parts it is of.
type Found = (Option<usize>, Vec<Option<String>>);

impl Sides<'_> {
    fn about(&self) -> &str {
        &self.target.name
    }

    /// Sums of all sides over a range, at the same time.
    pub(super) async fn sums(&self, hands: &mut Hands, range: &Range) -> Result<(Sums, Sums), Fault> {
        let about = self.about();
        let (target, sources) = hands.apart();
        let query = self.target.sums(range);
        let of_target = target.sums(about, &query);
        let mut of_sources = Vec::new();
        for (at, hand) in sources {
            let queries: Vec<String> =
                self.parts.iter().filter(|(spec, _)| *spec == at).map(|(_, face)| face.sums(range)).collect();
            of_sources.push(async move {
                let mut sums = Sums::default();
                for query in &queries {
                    sums = sums.add(hand.sums(about, query).await?);
                }
                Ok::<_, Fault>(sums)
            });
        }
        let (target, sources) = tokio::try_join!(of_target, futures_util::future::try_join_all(of_sources))?;
        Ok((sources.into_iter().fold(Sums::default(), Sums::add), target))
    }

    /// Compares all of it.
    pub(super) async fn compare(&self, hands: &mut Hands, tally: &mut Tally) -> Result<(), Fault> {
        let mut from: Option<Letters> = None;
        loop {
            let open = Range { from: from.clone(), to: None };
            let to = self.step(hands, None, &open, self.group.rows_of_a_chunk()).await?;
            let range = Range { from, to: to.clone() };
            let (sources, target) = self.sums(hands, &range).await?;
            tally.compared(sources.rows, target.rows);
            if sources != target {
                self.narrow(hands, range, (sources, target), tally).await?;
            }
            match to {
                Some(to) => from = Some(to),
                None => return Ok(()),
            }
        }
    }

    /// The key that stands so many rows behind the beginning of a range, in the target or in one of the parts.
    async fn step(&self, hands: &mut Hands, part: Option<usize>, range: &Range, rows: u64) -> Result<Option<Letters>, Fault> {
        let about = self.about();
        let found = match part.and_then(|part| self.parts.get(part)) {
            Some((spec, face)) => hands.source(*spec)?.texts(about, &face.step(range, rows)).await?,
            None => hands.target.texts(about, &self.target.step(range, rows)).await?,
        };
        Ok(found.into_iter().next().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()))
    }

    /// Splits a range that differs until few rows are left.
    async fn narrow(&self, hands: &mut Hands, range: Range, sums: (Sums, Sums), tally: &mut Tally) -> Result<(), Fault> {
        let mut waiting = vec![(range, sums)];
        while let Some((range, (sources, target))) = waiting.pop() {
            let most = sources.rows.max(target.rows);
            if most <= FEW {
                if !self.rows(hands, &range, MOST, tally).await? {
                    // Rows have come since they were counted.
                    let sums = self.sums(hands, &range).await?;
                    waiting.push((range, sums));
                }
                continue;
            }
            if (sources.rows == 0 || target.rows == 0) && tally.is_full() {
                // All of it is on one side only, and no more rows are to be told.
                let (sources, target) = self.sums(hands, &range).await?;
                if sources.rows == 0 || target.rows == 0 {
                    tally.count(RowDifference::Missing, sources.rows);
                    tally.count(RowDifference::Extra, target.rows);
                    continue;
                }
            }
            let ends = self.ends(hands, &range, most, target.rows >= sources.rows).await?;
            if ends.is_empty() {
                // Rows have gone since they were counted.
                let _all = self.rows(hands, &range, usize::MAX, tally).await?;
                continue;
            }
            let mut from = range.from.clone();
            let mut pieces = Vec::new();
            for to in ends.into_iter().map(Some).chain([range.to.clone()]) {
                pieces.push(Range { from: from.clone(), to: to.clone() });
                from = to;
            }
            for piece in pieces.into_iter().rev() {
                let sums = self.sums(hands, &piece).await?;
                if sums.0 != sums.1 {
                    waiting.push((piece, sums));
                }
            }
        }
        Ok(())
    }

    /// Where a range is to be split, by the side that has more rows in it.
    async fn ends(&self, hands: &mut Hands, range: &Range, most: u64, by_target: bool) -> Result<Vec<Letters>, Fault> {
        let pieces = most.div_ceil(FEW).clamp(2, PIECES);
        let part = if by_target { None } else { self.largest_part(hands, range).await? };
        let mut ends = Vec::new();
        let mut left = range.clone();
        for _ in 1..pieces {
            let Some(end) = self.step(hands, part, &left, most.div_ceil(pieces)).await? else { break };
            if left.from.as_ref() == Some(&end) || range.to.as_ref() == Some(&end) {
                break;
            }
            left.from = Some(end.clone());
            ends.push(end);
        }
        Ok(ends)
    }

    async fn largest_part(&self, hands: &mut Hands, range: &Range) -> Result<Option<usize>, Fault> {
        let mut largest = (0, None);
        for (at, (spec, face)) in self.parts.iter().enumerate() {
            let rows = hands.source(*spec)?.count(self.about(), &face.count(range)).await?;
            if rows >= largest.0 {
                largest = (rows, Some(at));
            }
        }
        Ok(largest.1)
    }

    /// Compares the rows of a range by their sums, and looks again at those that differ. False if one side has more rows than `most`.
    async fn rows(&self, hands: &mut Hands, range: &Range, most: usize, tally: &mut Tally) -> Result<bool, Fault> {
        let about = self.about();
        let keys = self.target.key_parts();
        let mut seen: BTreeMap<Letters, (Vec<String>, Vec<String>)> = BTreeMap::new();
        let mut is_whole = true;
        let mut take = |rows: Vec<Vec<Option<String>>>, is_target: bool| {
            is_whole &= rows.len() < most;
            for row in rows {
                let mut row: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
                let sum = row.split_off(keys).pop().unwrap_or_default();
                let entry = seen.entry(row).or_default();
                if is_target { entry.1.push(sum) } else { entry.0.push(sum) }
            }
        };
        take(hands.target.texts(about, &self.target.rows(range, most)).await?, true);
        for (spec, face) in &self.parts {
            take(hands.source(*spec)?.texts(about, &face.rows(range, most)).await?, false);
        }
        if !is_whole {
            return Ok(false);
        }
        let mut suspects = Vec::new();
        for (key, (mut sources, mut target)) in seen {
            sources.sort();
            target.sort();
            if sources != target {
                suspects.push(key);
            }
        }
        for keys in suspects.chunks(AT_ONCE) {
            self.look_again(hands, keys, tally).await?;
        }
        Ok(true)
    }

    /// Looks at rows by their keys, and takes note of those that differ.
    async fn look_again(&self, hands: &mut Hands, keys: &[Letters], tally: &mut Tally) -> Result<(), Fault> {
        let about = self.about();
        let parts = self.target.key_parts();
        let mut seen: BTreeMap<Letters, (Vec<Found>, Vec<Found>)> = BTreeMap::new();
        for (at, (spec, face)) in self.parts.iter().enumerate() {
            for row in hands.source(*spec)?.texts(about, &face.found(keys)).await? {
                let (key, columns) = split(row, parts);
                seen.entry(key).or_default().0.push((Some(at), columns));
            }
        }
        for row in hands.target.texts(about, &self.target.found(keys)).await? {
            let (key, columns) = split(row, parts);
            seen.entry(key).or_default().1.push((None, columns));
        }
        let mut told = Vec::new();
        for (key, (mut sources, mut target)) in seen {
            if !keys.contains(&key) || !tally.is_new(&key) {
                continue;
            }
            target.retain(|(_, columns)| match sources.iter().position(|(_, other)| other == columns) {
                Some(at) => {
                    sources.remove(at);
                    false
                }
                None => true,
            });
            let both = sources.len().min(target.len());
            for (at, (part, columns)) in sources.iter().enumerate() {
                let other = target.get(at).filter(|_| at < both);
                let difference = if other.is_some() { RowDifference::Different } else { RowDifference::Missing };
                let differing = other.map(|(_, other)| self.differing(columns, other)).unwrap_or_default();
                if tally.take(difference) {
                    told.push(self.row(difference, *part, &key, differing));
                }
            }
            for _ in target.iter().skip(both) {
                if tally.take(RowDifference::Extra) {
                    told.push(self.row(RowDifference::Extra, None, &key, Vec::new()));
                }
            }
        }
        if tally.shows_values && !told.is_empty() {
            self.fill_values(hands, &mut told).await?;
        }
        tally.rows.extend(told.into_iter().map(|(_, _, row)| row));
        Ok(())
    }

    fn differing(&self, one: &[Option<String>], other: &[Option<String>]) -> Vec<String> {
        let differing = self.group.columns.iter().zip(one.iter().zip(other)).filter(|(_, (one, other))| one != other);
        differing.map(|(common, _)| common.name.clone()).collect()
    }

    fn row(
        &self,
        difference: RowDifference,
        part: Option<usize>,
        key: &Letters,
        columns: Vec<String>,
    ) -> (Option<usize>, Letters, VerifiedRow) {
        let source = part.and_then(|part| self.parts.get(part)).and_then(|(spec, _)| self.names.get(*spec));
        let names = self.group.key.iter().filter_map(|place| self.group.columns.get(*place));
        let shown = names.zip(key).map(|(common, letters)| KeyValue {
            column: common.name.clone(),
            value: super::shown(common.form, letters, self.group, &common.name),
        });
        let row = VerifiedRow {
            difference,
            source: source.cloned(),
            key: Some(shown.collect()),
            sum: None,
            copies: 1,
            columns,
            values: None,
        };
        (part, key.clone(), row)
    }

    /// Asks for the values of rows that are told.
    async fn fill_values(&self, hands: &mut Hands, told: &mut [(Option<usize>, Letters, VerifiedRow)]) -> Result<(), Fault> {
        let about = self.about();
        let parts = self.target.key_parts();
        for told in told.chunks_mut(AT_ONCE) {
            let keys: Vec<Letters> = told.iter().map(|(_, key, _)| key.clone()).collect();
            let rows = hands.target.texts(about, &self.target.values(&keys)).await?;
            let target: BTreeMap<Letters, Vec<Option<String>>> = rows.into_iter().map(|row| split(row, parts)).collect();
            let mut sources: BTreeMap<(usize, Letters), Vec<Option<String>>> = BTreeMap::new();
            for (at, (spec, face)) in self.parts.iter().enumerate() {
                for row in hands.source(*spec)?.texts(about, &face.values(&keys)).await? {
                    let (key, values) = split(row, parts);
                    sources.insert((at, key), values);
                }
            }
            for (part, key, row) in told {
                let own = part.and_then(|part| sources.get(&(part, key.clone())));
                let theirs = target.get(key).filter(|_| row.difference != RowDifference::Missing);
                row.values = Some(self.values(own, theirs, &row.columns));
            }
        }
        Ok(())
    }

    /// The values of both sides; only of some columns, if there are any.
    pub(super) fn values(
        &self,
        source: Option<&Vec<Option<String>>>,
        target: Option<&Vec<Option<String>>>,
        only: &[String],
    ) -> Vec<ColumnValues> {
        let value = |row: Option<&Vec<Option<String>>>, at: usize| row.and_then(|row| row.get(at).cloned()).flatten();
        let columns = self.group.columns.iter().enumerate();
        let wanted = columns.filter(|(_, common)| only.is_empty() || only.contains(&common.name));
        let values = wanted.map(|(at, common)| ColumnValues {
            column: common.name.clone(),
            source: value(source, at),
            target: value(target, at),
        });
        values.collect()
    }
}

/// Key and columns of a row.
fn split(row: Vec<Option<String>>, parts: usize) -> (Letters, Vec<Option<String>>) {
    let mut row = row;
    let columns = row.split_off(parts.min(row.len()));
    (row.into_iter().map(Option::unwrap_or_default).collect(), columns)
}
