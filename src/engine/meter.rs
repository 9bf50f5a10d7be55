//! How far a copy is, told as it goes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::books::{self, Entry, Progress};
use super::plan::Plan;
use super::position::Moment;
use crate::model::status::CopiedTable;
use crate::model::subtask::{Reporter, SubtaskProgress, TABLES_TOLD};

/// Over how long a rate is taken.
const WINDOW: Duration = Duration::from_secs(5);

/// How often news are told at most, beside the first rows and the end of a range and of a table.
const PACE: Duration = Duration::from_millis(200);

/// How far one table is.
#[derive(Debug, Clone, Default)]
struct Table {
    schema: String,
    table: String,
    rows: u64,
    bytes: u64,
    rows_estimated: u64,
    bytes_estimated: u64,
    done: bool,
}

impl Table {
    /// Sums up its ranges.
    fn count<'a>(&mut self, ranges: impl Iterator<Item = &'a Entry>) {
        (self.rows, self.bytes) = (0, 0);
        let mut all = None;
        for range in ranges {
            self.rows += range.rows;
            self.bytes += range.bytes;
            all = Some(all.unwrap_or(true) && range.done);
        }
        self.done = all.unwrap_or(false);
    }
}

#[derive(Debug, Default)]
struct State {
    tables: Vec<Table>,
    moment: Moment,
    notes: Vec<String>,
    waiting: Option<String>,
    /// Rows and bytes written since the start, at some moments of late.
    window: VecDeque<(Instant, u64, u64)>,
    written: (u64, u64),
    told: Option<Instant>,
}

impl State {
    /// Whether nothing was told for a while.
    fn is_due(&self, now: Instant) -> bool {
        self.told.is_none_or(|told| now.duration_since(told) >= PACE)
    }
}

/// Counts what is written, and tells it.
pub(super) struct Meter {
    reporter: Arc<dyn Reporter>,
    state: Mutex<State>,
}

impl Meter {
    pub(super) fn new(reporter: Arc<dyn Reporter>) -> Self {
        Self { reporter, state: Mutex::default() }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A snapshot is there: what is to be copied, and what of it is in the target already. A table that lacks indexes is not through.
    pub(super) fn begin(&self, plans: &[Plan], (entries, lacking): &Progress, moment: &Moment, notes: Vec<String>) {
        let ranges = books::by_table(entries);
        let tables = plans.iter().map(|plan| {
            let shape = &plan.table.shape;
            let own = ranges.get(&(shape.schema.as_str(), shape.table.as_str())).copied().unwrap_or_default();
            let mut table = Table {
                schema: shape.schema.clone(),
                table: shape.table.clone(),
                rows_estimated: shape.rows_estimated,
                bytes_estimated: shape.bytes_estimated,
                ..Table::default()
            };
            table.count(own.iter());
            table.done &= !lacking.contains(&plan.target);
            table
        });
        let tables = tables.collect();
        self.with(|state| {
            state.tables = tables;
            state.moment = moment.clone();
            state.notes = notes;
            state.waiting = None;
        });
        self.tell();
    }

    /// All was through before: what the books tell of it.
    pub(super) fn through(&self, entries: &[Entry], moment: &Moment) {
        let tables = books::tables_of(entries).map(|own| {
            let mut table = Table { schema: own[0].schema.clone(), table: own[0].table.clone(), ..Table::default() };
            table.count(own.iter());
            table
        });
        let tables = tables.collect();
        self.with(|state| {
            state.tables = tables;
            state.moment = moment.clone();
        });
    }

    /// Tells how something is done.
    pub(super) fn says(&self, what: &str) {
        self.reporter.says(what);
    }

    /// A transaction with so many rows of a table is through; with the last one, a range of it.
    pub(super) fn wrote(&self, table: usize, rows: u64, bytes: u64, last: bool) {
        let now = Instant::now();
        let due = self.with(|state| {
            state.waiting = None;
            state.written.0 += rows;
            state.written.1 += bytes;
            let written = state.written;
            state.window.push_back((now, written.0, written.1));
            if let Some(table) = state.tables.get_mut(table) {
                table.rows += rows;
                table.bytes += bytes;
            }
            last || state.window.len() == 1 || state.is_due(now)
        });
        if due {
            self.tell();
        }
    }

    /// A table is through.
    pub(super) fn ended(&self, table: usize) {
        self.with(|state| {
            if let Some(table) = state.tables.get_mut(table) {
                table.done = true;
            }
        });
        self.tell();
    }

    /// A table was looked at again: what there is of it.
    pub(super) fn again(&self, table: usize, ranges: &[Entry]) {
        let due = self.with(|state| {
            if let Some(table) = state.tables.get_mut(table) {
                table.count(ranges.iter());
                table.done = false;
            }
            state.is_due(Instant::now())
        });
        if due {
            self.tell();
        }
    }

    /// A fault that may pass is in the way.
    pub(super) fn waits(&self, reason: String) {
        // In one go, or another connection that goes on takes it back before it was told.
        self.tell_after(|state| state.waiting = Some(reason));
    }

    /// Tells how far it is.
    pub(super) fn tell(&self) {
        self.tell_after(|_| ());
    }

    fn tell_after(&self, change: impl FnOnce(&mut State)) {
        let progress = self.with(|state| {
            change(state);
            let now = Instant::now();
            state.told = Some(now);
            progress(state, now)
        });
        self.reporter.progress(progress);
    }

    /// How many rows were written since the start.
    pub(super) fn rows_written(&self) -> u64 {
        self.with(|state| state.written.0)
    }
}

fn progress(state: &mut State, now: Instant) -> SubtaskProgress {
    while state.window.front().is_some_and(|(at, ..)| now.duration_since(*at) > WINDOW) {
        state.window.pop_front();
    }
    let (rows, bytes) = state.written;
    let rates = state.window.front().map(|(at, first_rows, first_bytes)| {
        let millis = u64::try_from(now.duration_since(*at).as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = |count: u64| count.saturating_mul(1000) / millis;
        (rate(rows - first_rows), rate(bytes - first_bytes))
    });
    let (rows_per_second, bytes_per_second) = rates.unwrap_or_default();
    // What is done is known; what is not may be more than the server thinks.
    let whole = |done: bool, is: u64, estimated: u64| if done { is } else { is.max(estimated) };
    let begun = state.tables.iter().filter(|table| !table.done && table.rows > 0);
    let tables = begun.take(TABLES_TOLD).map(|table| CopiedTable {
        schema: table.schema.clone(),
        table: table.table.clone(),
        rows_done: table.rows,
        rows_estimated: whole(false, table.rows, table.rows_estimated),
    });
    SubtaskProgress {
        tables_total: state.tables.len() as u64,
        tables_done: state.tables.iter().filter(|table| table.done).count() as u64,
        rows_done: state.tables.iter().map(|table| table.rows).sum(),
        rows_estimated: state.tables.iter().map(|table| whole(table.done, table.rows, table.rows_estimated)).sum(),
        bytes_done: state.tables.iter().map(|table| table.bytes).sum(),
        bytes_estimated: state.tables.iter().map(|table| whole(table.done, table.bytes, table.bytes_estimated)).sum(),
        rows_per_second,
        bytes_per_second,
        position: state.moment.text(),
        gtid_set: state.moment.gtid_set.clone(),
        waiting: state.waiting.clone(),
        notes: state.notes.iter().cloned().collect(),
        tables: tables.collect(),
        ..SubtaskProgress::default()
    }
}
