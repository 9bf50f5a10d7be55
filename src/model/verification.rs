//! What a comparison of sources and target found, in the form in which it travels and is shown to scripts.

use serde::{Deserialize, Serialize};

use super::SourceName;

/// What is to be compared, and how much of it is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Only tables that these sources feed; all if there are none.
    pub sources: Vec<SourceName>,
    /// The values of rows that differ are told, beside their keys.
    pub show_values: bool,
    /// How many rows are told of each table.
    pub rows: usize,
}

/// How far a comparison is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyProgress {
    /// Tables to compare.
    pub tables_total: u64,
    /// Tables compared.
    pub tables_done: u64,
    /// Rows of the target compared.
    pub rows_done: u64,
    /// Rows of the target that there should be, as far as either side can tell; never less than what is done.
    pub rows_estimated: u64,
    /// Rows that differ, so far.
    pub differences: u64,
}

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    /// All that was compared is the same.
    Equal,
    /// Something differs.
    Different,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// What it came to.
    pub verdict: Agreement,
    /// How many tables of the target were compared.
    pub tables_compared: u64,
    /// How many rows of the target were compared.
    pub rows_compared: u64,
    /// How many rows differ: missing, extra and different ones of all tables.
    pub rows_differing: u64,
    /// The sources, with the moments that were compared.
    pub sources: Vec<VerifiedSource>,
    /// The tables of the target of which there is something to tell.
    pub tables: Vec<VerifiedTable>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// Which moments of a source were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedSource {
    /// The source.
    pub source: String,
    /// Where its binlog was when it was copied; none when that is not known.
    pub copied_at: Option<String>,
    /// Where it was when the comparison began; none when that is not known.
    pub compared_from: Option<String>,
    /// Where it was when the comparison ended.
    pub compared_to: Option<String>,
    /// It has changed since it was copied; none when that is not known.
    pub moved: Option<bool>,
}

/// A table of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedTable {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// The tables of the sources that go into it.
    pub from: Vec<FromTable>,
    /// What it came to.
    pub verdict: Agreement,
    /// The target has no such table.
    pub absent: bool,
    /// How many rows the sources have.
    pub source_rows: u64,
    /// How many rows the target has.
    pub target_rows: u64,
    /// Rows of a source that the target lacks.
    pub missing: u64,
    /// Rows of the target that no source has.
    pub extra: u64,
    /// Rows with the same key and other values.
    pub different: u64,
    /// Columns that the target lacks.
    pub missing_columns: Vec<String>,
    /// Columns that only the target has.
    pub extra_columns: Vec<String>,
    /// Columns that can't be compared.
    pub left_out_columns: Vec<String>,
    /// Some of the rows that differ.
    pub rows: Vec<VerifiedRow>,
}

/// A table of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromTable {
    /// The source.
    pub source: String,
    /// Its schema there.
    pub schema: String,
    /// Its name there.
    pub table: String,
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowDifference {
    /// The target lacks it.
    Missing,
    /// No source has it.
    Extra,
    /// It has other values.
    Different,
}

impl RowDifference {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Different => "different",
        }
    }
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedRow {
    /// How.
    pub difference: RowDifference,
    /// The source that has it; none for an extra one.
    pub source: Option<String>,
    /// Its key; none in a table without one.
    pub key: Option<Vec<KeyValue>>,
    /// The beginning of the row's sum, in a table without a key.
    pub sum: Option<String>,
    /// How many rows of this kind there are more than on the other side; 1 in a table with a key.
    pub copies: u64,
    /// The columns whose values differ, of a different row.
    pub columns: Vec<String>,
    /// The values, where they are to be told: of a different row those that differ, else all.
    pub values: Option<Vec<ColumnValues>>,
}

/// A part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyValue {
    /// The column.
    pub column: String,
    /// Its value.
    pub value: String,
}

/// A value on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnValues {
    /// The column.
    pub column: String,
    /// Its value in the source; none for NULL, and where the source has no such row.
    pub source: Option<String>,
    /// Its value in the target; none for NULL, and where the target has no such row.
    pub target: Option<String>,
}

/// What is told while and after it is compared: one line each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyLine {
    /// How far it is.
    Progress(VerifyProgress),
    /// What was found. Nothing comes after it.
    Result(Box<Verification>),
    /// Why it was given up, as DM writes errors. Nothing comes after it.
    Error(String),
}
