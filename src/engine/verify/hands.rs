//! Connections of one comparison, and the numbers that come back over them.

use mysql_async::Conn;
use mysql_async::prelude::{FromRow, Queryable as _};
use tokio::runtime::Handle;

use super::super::connect::{self, Purpose, Server};
use super::super::error::{Fault, Side};
use crate::model::subtask::{Endpoint, SubtaskSpec};

/// How many rows there are, and the sums of their sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) rows: u64,
    one: u128,
    other: u128,
}

impl Sums {
    /// Those of several sources together.
    pub(super) fn add(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, one: self.one.wrapping_add(other.one), other: self.other.wrapping_add(other.other) }
    }

    fn of((rows, one, other): (u64, String, String)) -> Option<Self> {
        let number = |text: &str| text.split('.').next().and_then(|digits| digits.parse().ok());
        Some(Self { rows, one: number(&one)?, other: number(&other)? })
    }
}

/// A connection whose statement ends with it: a server would go on with it for long, for nobody.
pub(super) struct Hand {
    pub(super) side: Side,
    conn: Conn,
    endpoint: Endpoint,
    /// It is at work on a statement.
    busy: bool,
}

impl Hand {
    pub(super) async fn open(endpoint: &Endpoint, side: Side) -> Result<Self, Fault> {
        let conn = connect::open(endpoint, side, Purpose::Talk).await?;
        Ok(Self { side, conn, endpoint: endpoint.clone(), busy: false })
    }

    /// What is at the other end.
    pub(super) async fn server(&mut self) -> Result<Server, Fault> {
        connect::server(&mut self.conn, self.side, &self.endpoint).await
    }

    /// The connection, for what is short.
    pub(super) const fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// All rows of an answer.
    pub(super) async fn all<T: FromRow + Send + 'static>(&mut self, about: &str, query: &str) -> Result<Vec<T>, Fault> {
        self.busy = true;
        let rows = connect::all(&mut self.conn, self.side, || format!("comparing {about}"), query).await;
        self.busy = false;
        rows
    }

    /// Rows of texts, as many as there are columns.
    pub(super) async fn texts(&mut self, about: &str, query: &str) -> Result<Vec<Vec<Option<String>>>, Fault> {
        let rows: Vec<mysql_async::Row> = self.all(about, query).await?;
        Ok(rows.into_iter().map(texts).collect())
    }

    /// Count and sums.
    pub(super) async fn sums(&mut self, about: &str, query: &str) -> Result<Sums, Fault> {
        let rows: Vec<(u64, String, String)> = self.all(about, query).await?;
        rows.into_iter().next().and_then(Sums::of).ok_or_else(|| Fault::refused(format!("{about}: no sums came back"), None))
    }

    /// Only the count.
    pub(super) async fn count(&mut self, about: &str, query: &str) -> Result<u64, Fault> {
        let rows: Vec<u64> = self.all(about, query).await?;
        rows.into_iter().next().ok_or_else(|| Fault::refused(format!("{about}: no count came back"), None))
    }

    /// Rows one after the other.
    pub(super) async fn stream<'a>(
        &'a mut self,
        about: &str,
        query: &'a str,
    ) -> Result<mysql_async::ResultSetStream<'a, 'a, 'static, (String, u64), mysql_async::TextProtocol>, Fault> {
        let side = self.side;
        self.busy = true;
        let doing = format!("comparing {about}");
        let stream = self.conn.query_stream(query).await;
        stream.map_err(|error| Fault::Database { side, doing, error: Box::new(error) })
    }

    /// Says that a stream is through.
    const fn rest(&mut self) {
        self.busy = false;
    }
}

/// A row as texts. What is no text is shown as the library shows it.
fn texts(row: mysql_async::Row) -> Vec<Option<String>> {
    let text = |value: mysql_async::Value| match value {
        mysql_async::Value::NULL => None,
        mysql_async::Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        other => Some(other.as_sql(true)),
    };
    row.unwrap().into_iter().map(text).collect()
}

impl Drop for Hand {
    fn drop(&mut self) {
        let (true, Ok(runtime)) = (self.busy, Handle::try_current()) else { return };
        let (endpoint, side, id) = (self.endpoint.clone(), self.side, self.conn.id());
        runtime.spawn(async move { connect::kill(&endpoint, side, id).await });
    }
}

/// One connection to the target, and one to each source that is needed.
pub(super) struct Hands {
    pub(super) target: Hand,
    sources: Vec<Option<Hand>>,
}

impl Hands {
    /// Opens the one to the target.
    pub(super) async fn open(specs: &[SubtaskSpec]) -> Result<Self, Fault> {
        let Some(first) = specs.first() else { return Err(Fault::refused("the task has no source", None)) };
        let target = Hand::open(&first.to, Side::Target).await?;
        Ok(Self { target, sources: specs.iter().map(|_| None).collect() })
    }

    /// Opens those to the sources of some of the subtasks, as far as they are not open.
    pub(super) async fn reach(&mut self, specs: &[SubtaskSpec], needed: &[usize]) -> Result<(), Fault> {
        for at in needed {
            if let (Some(place), Some(spec)) = (self.sources.get_mut(*at), specs.get(*at))
                && place.is_none()
            {
                *place = Some(Hand::open(&spec.from, Side::Source).await?);
            }
        }
        Ok(())
    }

    /// The connection to a source.
    pub(super) fn source(&mut self, at: usize) -> Result<&mut Hand, Fault> {
        let hand = self.sources.get_mut(at).and_then(Option::as_mut);
        hand.ok_or_else(|| Fault::Busy("the connection to a source is gone".to_owned()))
    }

    /// All statements are through.
    pub(super) fn rest(&mut self) {
        self.target.rest();
        self.sources.iter_mut().flatten().for_each(Hand::rest);
    }

    /// The connection to the target and those to all sources, apart from one another.
    pub(super) fn apart(&mut self) -> (&mut Hand, Vec<(usize, &mut Hand)>) {
        let sources = self.sources.iter_mut().enumerate().filter_map(|(at, hand)| Some((at, hand.as_mut()?)));
        (&mut self.target, sources.collect())
    }
}
