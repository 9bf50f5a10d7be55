//! What was found of a table so far. The count is always whole; only some rows are kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::face::Letters;
use crate::model::verification::{RowDifference, VerifiedRow};

/// How many keys are remembered, so that no row counts twice where two orders of keys disagree.
const REMEMBERED: usize = 100_000;

/// Counts.
pub(super) struct Tally {
    pub(super) shows_values: bool,
    most: usize,
    pub(super) source_rows: u64,
    pub(super) target_rows: u64,
    pub(super) missing: u64,
    pub(super) extra: u64,
    pub(super) different: u64,
    pub(super) rows: Vec<VerifiedRow>,
    taken: usize,
    keys: BTreeSet<Letters>,
    /// Told of each step: rows of the target compared, and rows that differ.
    news: Arc<dyn Fn(u64, u64) + Send + Sync>,
}

impl Tally {
    pub(super) fn new(most: usize, shows_values: bool, news: Arc<dyn Fn(u64, u64) + Send + Sync>) -> Self {
        Self {
            shows_values,
            most,
            source_rows: 0,
            target_rows: 0,
            missing: 0,
            extra: 0,
            different: 0,
            rows: Vec::new(),
            taken: 0,
            keys: BTreeSet::new(),
            news,
        }
    }

    /// A chunk is compared.
    pub(super) fn compared(&mut self, source_rows: u64, target_rows: u64) {
        self.source_rows += source_rows;
        self.target_rows += target_rows;
        (self.news)(target_rows, 0);
    }

    /// Whether a key was not met yet.
    pub(super) fn is_new(&mut self, key: &Letters) -> bool {
        if self.keys.len() >= REMEMBERED {
            return !self.keys.contains(key);
        }
        self.keys.insert(key.clone())
    }

    /// Whether no more rows are to be told.
    pub(super) const fn is_full(&self) -> bool {
        self.taken >= self.most
    }

    /// Counts rows that are not told.
    pub(super) fn count(&mut self, difference: RowDifference, rows: u64) {
        match difference {
            RowDifference::Missing => self.missing += rows,
            RowDifference::Extra => self.extra += rows,
            RowDifference::Different => self.different += rows,
        }
        (self.news)(0, rows);
    }

    /// Counts a row. Whether it is to be told.
    pub(super) fn take(&mut self, difference: RowDifference) -> bool {
        self.count(difference, 1);
        let is_told = !self.is_full();
        self.taken += usize::from(is_told);
        is_told
    }

    /// How many rows differ.
    pub(super) const fn differing(&self) -> u64 {
        self.missing + self.extra + self.different
    }
}
