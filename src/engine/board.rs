//! What is still to be done, and who does it: lanes take ranges of tables from here and bring back what became of them.

use std::sync::{Arc, Mutex, PoisonError};

use mysql_async::Conn;
use tokio::sync::Notify;

use super::books::Entry;
use super::chunk::Layout;
use super::manner::Manner;

/// A table that is ready for rows, with what all need who write to it.
pub(super) struct Open {
    pub(super) layout: Layout,
    pub(super) manner: Manner,
    /// The target table keeps or drops a transaction as a whole.
    pub(super) transactional: bool,
    /// It gets indexes once its rows are there.
    pub(super) lacks_indexes: bool,
}

/// A piece of work.
pub(super) enum Work {
    /// Make the table ready, and look which ranges it has.
    Begin(usize),
    /// Copy the rows of a range, or cut it first.
    Range(usize, Arc<Open>, Entry),
    /// All rows are there: what is left is to end the table.
    End(usize, Arc<Open>),
}

#[derive(Default)]
enum Stage {
    /// Nobody has looked at it.
    #[default]
    Waiting,
    /// Somebody looks.
    Begun,
    /// There are ranges.
    Open(Arc<Open>),
    /// All rows are there, and somebody ends it.
    Ending,
    /// It is through.
    Through,
}

#[derive(Default)]
struct Table {
    stage: Stage,
    ranges: Vec<Entry>,
    /// How many lanes are at it.
    lanes: usize,
    /// It begins anew once nobody is at it.
    is_anew: bool,
    bytes: u64,
    /// Writing to it is held up at the source until it is copied.
    is_held: bool,
}

impl Table {
    /// Whether the source must still be asked for rows of it.
    fn has_rows_left(&self) -> bool {
        match &self.stage {
            Stage::Waiting | Stage::Begun => true,
            Stage::Open(_) => self.is_anew || self.lanes > 0 || !self.ranges.is_empty(),
            Stage::Ending | Stage::Through => false,
        }
    }
}

struct State {
    tables: Vec<Table>,
    holder: Option<Conn>,
}

impl State {
    /// What holds up writing at the source, once nothing that it guards is still to be read.
    fn released(&mut self) -> Option<Conn> {
        let is_held = self.holder.is_some() && self.tables.iter().any(|table| table.is_held && table.has_rows_left());
        if is_held { None } else { self.holder.take() }
    }
}

/// All tables of a copy.
pub(super) struct Board {
    state: Mutex<State>,
    changed: Notify,
}

impl Board {
    /// Tables by their place in the list, with their estimated size, and whether they are held up at the source.
    pub(super) fn new(tables: impl Iterator<Item = (u64, bool)>, holder: Option<Conn>) -> Self {
        let tables = tables.map(|(bytes, is_held)| Table { stage: Stage::Through, bytes, is_held, ..Table::default() }).collect();
        Self { state: Mutex::new(State { tables, holder }), changed: Notify::new() }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (done, released) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (change(&mut state), state.released())
        };
        drop(released);
        self.changed.notify_waiters();
        done
    }

    /// Whether the source may write to the table again, so that its rows are not those of the snapshot any more.
    pub(super) fn is_let_go(&self, at: usize) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tables[at].is_held && state.holder.is_none()
    }

    /// These tables are to be done, and no others.
    pub(super) fn fill(&self, tables: &[usize]) {
        self.with(|state| {
            for (at, table) in state.tables.iter_mut().enumerate() {
                let stage = if tables.contains(&at) { Stage::Waiting } else { Stage::Through };
                *table = Table { stage, bytes: table.bytes, is_held: table.is_held, ..Table::default() };
            }
        });
    }

    /// The next piece of work, as soon as there is one; none if all that is left is in the hands of others.
    pub(super) async fn take(&self) -> Option<Work> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Whatever comes from here on wakes it.
            changed.as_mut().enable();
            let taken = take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
            match taken {
                Ok(work) => return Some(work),
                Err(Nothing::More) => return None,
                Err(Nothing::Now) => changed.await,
            }
        }
    }

    /// A table is ready, and these of its ranges are not copied. Without any, its end is next.
    pub(super) fn open(&self, at: usize, open: Arc<Open>, ranges: Vec<Entry>) {
        self.with(|state| {
            let table = &mut state.tables[at];
            (table.stage, table.ranges) = (Stage::Open(open), ranges);
            table.lanes -= 1;
        });
    }

    /// A table was cut: there is one more range.
    pub(super) fn add(&self, at: usize, range: Entry) {
        self.with(|state| state.tables[at].ranges.push(range));
    }

    /// A lane is through with its range.
    pub(super) fn done(&self, at: usize) {
        self.with(|state| state.tables[at].lanes -= 1);
    }

    /// A table must be looked at again.
    pub(super) fn anew(&self, at: usize) {
        self.with(|state| {
            let table = &mut state.tables[at];
            table.lanes -= 1;
            table.is_anew = true;
            table.ranges.clear();
        });
    }

    /// A table is through.
    pub(super) fn through(&self, at: usize) {
        self.with(|state| {
            let table = &mut state.tables[at];
            table.lanes -= 1;
            table.stage = Stage::Through;
        });
    }
}

/// Why there is no work.
enum Nothing {
    /// There may be some later.
    Now,
    /// There will be none.
    More,
}

/// What holds others up comes first; then where the fewest are at work, so that they are not in each other's way; then what is large, so
/// that all end at the same time.
fn take(state: &mut State) -> Result<Work, Nothing> {
    for table in state.tables.iter_mut().filter(|table| table.is_anew && table.lanes == 0) {
        (table.stage, table.is_anew) = (Stage::Waiting, false);
    }
    let is_next = |table: &Table| match &table.stage {
        Stage::Waiting => true,
        Stage::Open(_) => !table.is_anew && (!table.ranges.is_empty() || table.lanes == 0),
        Stage::Begun | Stage::Ending | Stage::Through => false,
    };
    let next = (0..state.tables.len()).filter(|at| is_next(&state.tables[*at]));
    let best = next.min_by_key(|at| {
        let table = &state.tables[*at];
        (!table.is_held, table.lanes, std::cmp::Reverse(table.bytes))
    });
    let Some(at) = best else {
        // Who is at a table may bring it back: one of those who wait takes it then.
        let is_over = state.tables.iter().all(|table| table.lanes == 0);
        return Err(if is_over { Nothing::More } else { Nothing::Now });
    };
    let table = &mut state.tables[at];
    table.lanes += 1;
    match &table.stage {
        Stage::Open(open) if table.ranges.is_empty() => {
            let open = Arc::clone(open);
            table.stage = Stage::Ending;
            Ok(Work::End(at, open))
        }
        Stage::Open(open) => Ok(Work::Range(at, Arc::clone(open), table.ranges.remove(0))),
        Stage::Waiting | Stage::Begun | Stage::Ending | Stage::Through => {
            table.stage = Stage::Begun;
            Ok(Work::Begin(at))
        }
    }
}
