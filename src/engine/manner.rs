//! How the rows of a table are written: loaded, where the target takes that, and inserted else.

use std::sync::atomic::{AtomicBool, Ordering};

use mysql_async::Conn;

use super::books::Origin;
use super::chunk::Layout;
use super::connect;
use super::destination::Ready;
use super::error::{Fault, Side};
use super::lines;
use super::plan::Plan;
use super::shape::{Column, Kind, kind_of};
use super::sql;
use crate::model::subtask::OnDuplicate;

/// What stands before and behind the rows of an INSERT.
pub(super) struct Words {
    pub(super) head: String,
    pub(super) tail: String,
}

/// How the rows of a table are written, for all who write them.
pub(super) struct Manner {
    plain: Words,
    meeting: Words,
    /// Others write to the table too.
    meets: AtomicBool,
    load: Option<String>,
    /// A chunk that could not be loaded could be inserted: so will the others.
    refused: AtomicBool,
}

impl Manner {
    /// A table that only this source fills has no rows that could be replaced: if two meet, the target sees one key in two rows of the
    /// source, and neither may be lost in silence.
    pub(super) async fn of(
        conn: &mut Conn,
        plan: &Plan,
        layout: &Layout,
        ready: Ready,
        on_duplicate: OnDuplicate,
        loads: bool,
    ) -> Result<Self, Fault> {
        let plain = matches!(ready.origin, Origin::Made | Origin::Empty) && !ready.shared;
        // What LOAD DATA does with a row that is there can't be told from other trouble that it had, and what it did to a table that
        // can't take it back stays.
        let loads = loads && ready.transactional && !layout.columns.is_empty() && (plain || on_duplicate == OnDuplicate::Replace);
        let load = if loads {
            let verb = if plain { "" } else { "REPLACE " };
            targets(conn, plan, layout).await?.map(|targets| {
                format!("LOAD DATA LOCAL INFILE 'dmctl' {verb}INTO TABLE {} {} {targets}", plan.target_name(), lines::FORMAT)
            })
        } else {
            None
        };
        let (names, name) = (layout.names(), plan.target_name());
        let words = |verb: &str, tail: String| Words { head: format!("{verb} INTO {name} ({names}) VALUES "), tail };
        let meeting = match (on_duplicate, layout.columns.first()) {
            (OnDuplicate::Replace, _) => words("REPLACE", String::new()),
            (OnDuplicate::Ignore, Some(column)) => {
                words("INSERT", format!(" ON DUPLICATE KEY UPDATE {0} = {name}.{0}", sql::name(&column.name)))
            }
            _ => words("INSERT", String::new()),
        };
        Ok(Self {
            plain: words("INSERT", String::new()),
            meeting,
            meets: AtomicBool::new(!plain),
            load,
            refused: AtomicBool::new(false),
        })
    }

    /// Rows that are there already are an error, whatever the task says: nobody else should have written them.
    pub(super) fn is_plain(&self) -> bool {
        !self.meets.load(Ordering::Relaxed)
    }

    /// Others write to the table as well from now on.
    pub(super) fn meet(&self) {
        self.meets.store(true, Ordering::Relaxed);
        self.refuse();
    }

    /// How rows are inserted.
    pub(super) fn words(&self) -> &Words {
        if self.is_plain() { &self.plain } else { &self.meeting }
    }

    /// The statement that loads rows, unless they must be inserted.
    pub(super) fn load(&self) -> Option<&str> {
        self.load.as_deref().filter(|_| !self.refused.load(Ordering::Relaxed))
    }

    /// Inserts from now on.
    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }
}

/// The columns, and what is made of their cells: a text means the same bytes in the target only where both columns have one character set.
/// None if a column of the target is of another kind, where the two statements might differ in what they make of a value.
async fn targets(conn: &mut Conn, plan: &Plan, layout: &Layout) -> Result<Option<String>, Fault> {
    type Row = (String, String, String, Option<String>);
    let query = format!(
        "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} AND \
         TABLE_NAME = {}",
        sql::text(&plan.target.0),
        sql::text(&plan.target.1)
    );
    let doing = || format!("looking at the columns of {}", plan.target_name());
    let there: Vec<Row> = connect::all(conn, Side::Target, doing, &query).await?;
    let (mut places, mut settings) = (Vec::new(), Vec::new());
    for (at, column) in layout.columns.iter().enumerate() {
        let Some((_, data_type, type_text, charset)) = there.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&column.name))
        else {
            return Ok(None);
        };
        let kind = kind_of(data_type, type_text, charset.as_deref());
        let name = sql::name(&column.name);
        match way(column, &kind, data_type, charset.is_some()) {
            Way::Direct => places.push(name),
            Way::By(expression) => {
                places.push(format!("@c{at}"));
                settings.push(format!("{name} = {}", expression.replace('?', &format!("@c{at}"))));
            }
            Way::None => return Ok(None),
        }
    }
    let settings = if settings.is_empty() { String::new() } else { format!(" SET {}", settings.join(", ")) };
    Ok(Some(format!("({}){settings}", places.join(", "))))
}

/// How a cell comes into a column.
enum Way {
    /// As it is.
    Direct,
    /// By an expression, in which it is `?`.
    By(String),
    /// Not at all.
    None,
}

fn way(column: &Column, target: &Kind, data_type: &str, has_charset: bool) -> Way {
    match (&column.kind, target) {
        (Kind::Text(own), Kind::Text(theirs)) if own == theirs && has_charset => Way::Direct,
        // UUIDs, addresses and documents are read from letters, and bytes are none.
        (Kind::Text(own), Kind::Text(_)) => Way::By(format!("CONVERT(? USING {own})")),
        (Kind::Enum(own, false), Kind::Enum(theirs, false)) if own == theirs => Way::Direct,
        (Kind::Enum(own, true), Kind::Enum(theirs, true)) if own == theirs => Way::By("CAST(? AS UNSIGNED)".to_owned()),
        (Kind::Number, Kind::Number) => Way::Direct,
        (Kind::Float, Kind::Float)
        | (Kind::Bit, Kind::Bit)
        | (Kind::Date, Kind::Date)
        | (Kind::DateTime, Kind::DateTime)
        | (Kind::Time, Kind::Time) => Way::Direct,
        (Kind::Bytes, Kind::Bytes) if data_type.eq_ignore_ascii_case(column.word()) || !is_special(data_type) => Way::Direct,
        _ => Way::None,
    }
}

/// What is more than bytes.
fn is_special(data_type: &str) -> bool {
    !["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"].iter().any(|plain| plain.eq_ignore_ascii_case(data_type))
}
