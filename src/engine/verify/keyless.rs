//! One table without a key against its tables in the sources: which rows there are, and how often, by their sums.
//!
//! Each side sorts the sums of its rows, and they are gone through side by side, so that no side is ever held as a whole.

use std::collections::BTreeMap;
use std::pin::Pin;

use futures_util::{Stream, TryStreamExt as _};

use super::super::error::{Fault, Side};
use super::face::Range;
use super::hands::{Hands, Sums};
use super::table::Sides;
use super::tally::Tally;
use crate::model::verification::{RowDifference, VerifiedRow};

/// So many sums that differ are remembered from the first look.
const REMEMBERED: usize = 10_000;
/// How much of a sum is told.
const TOLD: usize = 16;

/// How often there is a row of a sum, in the sources and in the target, and a part that has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    sources: u64,
    target: u64,
    part: Option<usize>,
}

impl Count {
    const fn difference(self) -> Option<(RowDifference, u64)> {
        if self.sources > self.target {
            Some((RowDifference::Missing, self.sources - self.target))
        } else if self.target > self.sources {
            Some((RowDifference::Extra, self.target - self.sources))
        } else {
            None
        }
    }
}

type Counted<'a> = Pin<Box<dyn Stream<Item = Result<(String, u64), mysql_async::Error>> + Send + 'a>>;

impl Sides<'_> {
    /// Compares all of it.
    pub(super) async fn compare_without_key(&self, hands: &mut Hands, tally: &mut Tally) -> Result<(), Fault> {
        let (sources, target): (Sums, Sums) = self.sums(hands, &Range::default()).await?;
        tally.compared(sources.rows, target.rows);
        if sources == target {
            return Ok(());
        }
        let mut suspects: BTreeMap<String, Count> = BTreeMap::new();
        let mut all = 0_u64;
        self.walk(hands, &[], |sum, count| {
            all += 1;
            if suspects.len() < REMEMBERED {
                suspects.insert(sum, count);
            }
        })
        .await?;
        if suspects.is_empty() {
            return Ok(());
        }
        // The second look: at these sums only, if they are all there are.
        let only: Vec<String> = if all > suspects.len() as u64 { Vec::new() } else { suspects.keys().cloned().collect() };
        let mut told: Vec<(String, Option<usize>, VerifiedRow)> = Vec::new();
        self.walk(hands, &only, |sum, count| {
            let Some((difference, copies)) = count.difference() else { return };
            let is_full = tally.is_full();
            if !is_full {
                let _told = tally.take(difference);
                tally.count(difference, copies - 1);
                let source = count.part.filter(|_| difference == RowDifference::Missing);
                let name = source.and_then(|part| self.parts.get(part)).and_then(|(spec, _)| self.names.get(*spec));
                let row = VerifiedRow {
                    difference,
                    source: name.cloned(),
                    key: None,
                    sum: Some(sum.chars().take(TOLD).collect()),
                    copies,
                    columns: Vec::new(),
                    values: None,
                };
                told.push((sum, source, row));
            } else {
                tally.count(difference, copies);
            }
        })
        .await?;
        if tally.shows_values && !told.is_empty() {
            self.fill_values_by_sum(hands, &mut told).await?;
        }
        tally.rows.extend(told.into_iter().map(|(_, _, row)| row));
        Ok(())
    }

    /// Goes through the sums of all sides, and tells of those that differ.
    async fn walk(&self, hands: &mut Hands, only: &[String], mut tell: impl FnMut(String, Count)) -> Result<(), Fault> {
        // Of several tables of one source only one could be read at a time over its connection: they are read as one.
        let queries: Vec<(usize, String)> = self.queries(only);
        let target_query = self.target.counts(only);
        let about = self.target.name.as_str();
        let fault = |side: Side| {
            move |error: mysql_async::Error| Fault::Database { side, doing: format!("comparing {about}"), error: Box::new(error) }
        };
        let (target, sources) = hands.apart();
        let mut streams: Vec<(Option<usize>, Side, Counted<'_>)> =
            vec![(None, Side::Target, Box::pin(target.stream(about, &target_query).await?))];
        for (spec, hand) in sources {
            if let Some((_, query)) = queries.iter().find(|(own, _)| *own == spec) {
                let part = self.parts.iter().position(|(own, _)| *own == spec);
                streams.push((part, Side::Source, Box::pin(hand.stream(about, query).await?)));
            }
        }
        let mut heads: Vec<Option<(String, u64)>> = Vec::new();
        for (_, side, stream) in &mut streams {
            heads.push(stream.try_next().await.map_err(fault(*side))?);
        }
        while let Some(least) = heads.iter().flatten().map(|(sum, _)| sum.clone()).min() {
            let mut count = Count::default();
            for (head, (part, side, stream)) in heads.iter_mut().zip(&mut streams) {
                if let Some((_, copies)) = head.take_if(|(sum, _)| *sum == least) {
                    match side {
                        Side::Target => count.target += copies,
                        Side::Source => {
                            count.sources += copies;
                            count.part = count.part.or(*part);
                        }
                    }
                    *head = stream.try_next().await.map_err(fault(*side))?;
                }
            }
            if count.sources != count.target {
                tell(least, count);
            }
        }
        drop(streams);
        hands.rest();
        Ok(())
    }

    /// The sums of all tables of a source, as one answer.
    fn queries(&self, only: &[String]) -> Vec<(usize, String)> {
        let mut by_source: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (spec, face) in &self.parts {
            by_source.entry(*spec).or_default().push(face.counts(only));
        }
        let joined = by_source.into_iter().map(|(spec, queries)| {
            let query = match queries.as_slice() {
                [one] => one.clone(),
                several => {
                    let parts: Vec<String> = several.iter().map(|query| format!("({query})")).collect();
                    format!("SELECT h, CAST(SUM(n) AS UNSIGNED) FROM ({}) parts GROUP BY h ORDER BY h", parts.join(" UNION ALL "))
                }
            };
            (spec, query)
        });
        joined.collect()
    }

    /// Asks for the values of rows that are told.
    async fn fill_values_by_sum(&self, hands: &mut Hands, told: &mut [(String, Option<usize>, VerifiedRow)]) -> Result<(), Fault> {
        let about = self.target.name.as_str();
        let sums: Vec<String> = told.iter().map(|(sum, ..)| sum.clone()).collect();
        let mut found: BTreeMap<(bool, String), Vec<Option<String>>> = BTreeMap::new();
        let mut keep = |rows: Vec<Vec<Option<String>>>, is_target: bool| {
            for mut row in rows {
                if row.is_empty() {
                    continue;
                }
                let sum = row.remove(0).unwrap_or_default();
                found.entry((is_target, sum)).or_insert(row);
            }
        };
        keep(hands.target.texts(about, &self.target.values_of_sums(&sums)).await?, true);
        for (spec, face) in &self.parts {
            keep(hands.source(*spec)?.texts(about, &face.values_of_sums(&sums)).await?, false);
        }
        for (sum, _, row) in told {
            let is_extra = row.difference == RowDifference::Extra;
            let source = found.get(&(false, sum.clone())).filter(|_| !is_extra);
            let target = found.get(&(true, sum.clone())).filter(|_| is_extra);
            row.values = Some(self.values(source, target, &[]));
        }
        Ok(())
    }
}
