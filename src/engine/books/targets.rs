//! How the tables of the target came to be, and what they lack.

use mysql_async::Conn;
use serde::{Deserialize, Serialize};

use super::{Books, doing, is_target};
use crate::engine::connect;
use crate::engine::error::{Fault, Side};
use crate::engine::sql;

/// An index that a table gets once its rows are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine) struct Late {
    /// Its name.
    pub(in crate::engine) name: String,
    /// What stands behind ADD in the statement that makes it.
    pub(in crate::engine) clause: String,
}

/// How a target table came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Origin {
    /// It is about to be made: what stands there is a leftover of ours.
    Making,
    /// The task made it.
    Made,
    /// The task found it without rows.
    Empty,
    /// It had rows before.
    Held,
}

impl Origin {
    pub(in crate::engine) const fn word(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Made => "made",
            Self::Empty => "empty",
            Self::Held => "held",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "making" => Self::Making,
            "made" => Self::Made,
            "empty" => Self::Empty,
            _ => Self::Held,
        }
    }
}

impl Books {
    /// How a target table came to be, and whether it waits to be emptied.
    pub(in crate::engine) async fn target(
        &self,
        conn: &mut Conn,
        target: &(String, String),
    ) -> Result<Option<(Origin, bool)>, Fault> {
        let query = format!("SELECT origin, to_be_emptied FROM {} WHERE {}", self.name("targets"), is_target(target));
        let row: Option<(String, bool)> = connect::first(conn, Side::Target, doing, &query).await?;
        Ok(row.map(|(origin, emptied)| (Origin::from_word(&origin), emptied)))
    }

    /// The indexes that a target table lacks.
    pub(in crate::engine) async fn late_indexes(&self, conn: &mut Conn, target: &(String, String)) -> Result<Vec<Late>, Fault> {
        let query = format!("SELECT late_indexes FROM {} WHERE {}", self.name("targets"), is_target(target));
        let text: Option<Option<String>> = connect::first(conn, Side::Target, doing, &query).await?;
        let text = text.flatten().unwrap_or_else(|| "[]".to_owned());
        serde_json::from_str(&text)
            .map_err(|error| Fault::refused(format!("the books of the task are not understood: {error}"), None))
    }

    /// The target tables of this source that lack indexes.
    pub(in crate::engine) async fn lacking(&self, conn: &mut Conn) -> Result<Vec<(String, String)>, Fault> {
        let query = format!(
            "SELECT DISTINCT g.target_schema, g.target_table FROM {} g JOIN {} t ON t.target_schema = g.target_schema AND \
             t.target_table = g.target_table WHERE t.source = {} AND g.late_indexes IS NOT NULL",
            self.name("targets"),
            self.name("tables"),
            sql::text(&self.source)
        );
        connect::all(conn, Side::Target, doing, &query).await
    }

    /// Keeps that a table lacks no indexes any more.
    pub(in crate::engine) async fn keep_whole(&self, conn: &mut Conn, target: &(String, String)) -> Result<(), Fault> {
        let statement = format!("UPDATE {} SET late_indexes = NULL WHERE {}", self.name("targets"), is_target(target));
        self.execute(conn, &statement).await
    }

    /// Keeps how a target table came to be, and which indexes it lacks. It does not wait to be emptied any more.
    pub(in crate::engine) async fn keep_target(
        &self,
        conn: &mut Conn,
        target: &(String, String),
        origin: Origin,
        late: &[Late],
    ) -> Result<(), Fault> {
        let late = if late.is_empty() { None } else { serde_json::to_string(late).ok() };
        let statement = format!(
            "REPLACE INTO {} VALUES ({}, {}, '{}', 0, {})",
            self.name("targets"),
            sql::text(&target.0),
            sql::text(&target.1),
            origin.word(),
            sql::text_or_null(late.as_deref())
        );
        self.execute(conn, &statement).await
    }

    /// Forgets how a target table came to be.
    pub(in crate::engine) async fn drop_target(&self, conn: &mut Conn, target: &(String, String)) -> Result<(), Fault> {
        let statement = format!("DELETE FROM {} WHERE {}", self.name("targets"), is_target(target));
        self.execute(conn, &statement).await
    }
}
