//! A table as one of the sides sees it, and the queries that are put to it.

use super::super::connect::Server;
use super::super::shape::Shape;
use super::super::sql;
use super::canon::{self, Form, Sided};
use super::pairing::{Common, Group};

/// The key of a row, in letters that are the same on all sides.
pub(super) type Letters = Vec<String>;

/// The rows from one key up to, and without, another. An end that is missing is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Option<Letters>,
    pub(super) to: Option<Letters>,
}

/// A part of the key.
#[derive(Debug, Clone)]
struct KeyPart {
    name: String,
    expression: String,
    column: super::super::shape::Column,
    flavor: crate::model::subtask::Flavor,
    form: Form,
}

/// A table of one side.
#[derive(Debug, Clone)]
pub(super) struct Face {
    /// The table, as it is written.
    pub(super) name: String,
    index: Option<String>,
    condition: Option<String>,
    key: Vec<KeyPart>,
    /// The letters of each column that is compared.
    columns: Vec<String>,
    /// Each of these as a person would read it.
    shown: Vec<String>,
}

impl Face {
    /// The table of a source.
    pub(super) fn of_source(group: &Group, part: usize, server: &Server, condition: Option<&str>) -> Option<Self> {
        let part = group.parts.get(part)?;
        Some(Self::new(&part.shape, group, server, part.key_index.as_deref(), condition))
    }

    /// The table of the target.
    pub(super) fn of_target(group: &Group, server: &Server) -> Option<Self> {
        let shape = group.target.as_ref()?;
        Some(Self::new(shape, group, server, group.target_index.as_deref(), None))
    }

    fn new(shape: &Shape, group: &Group, server: &Server, index: Option<&str>, condition: Option<&str>) -> Self {
        let find = |common: &Common| shape.columns.iter().find(|column| column.name.eq_ignore_ascii_case(&common.name));
        let sided = |common: &Common| find(common).map(|column| Sided { column, flavor: server.flavor });
        let columns = group.columns.iter().filter_map(|common| Some(canon::expression(sided(common)?, common.form, common.long)));
        let shown = group.columns.iter().filter_map(|common| sided(common).map(canon::display));
        let key = group.key.iter().filter_map(|place| group.columns.get(*place)).filter_map(|common| {
            let sided = sided(common)?;
            Some(KeyPart {
                name: sql::name(&sided.column.name),
                expression: canon::expression(sided, common.form, false),
                column: sided.column.clone(),
                flavor: sided.flavor,
                form: common.form,
            })
        });
        Self {
            name: sql::table(&shape.schema, &shape.table),
            index: index.map(sql::name),
            condition: condition.map(|condition| format!("({condition})")),
            columns: columns.collect(),
            shown: shown.collect(),
            key: key.collect(),
        }
    }

    /// A row in letters: a value that is missing is told from every value.
    fn row(&self) -> String {
        let parts: Vec<String> = self.columns.iter().map(|column| format!("COALESCE({column}, 'N')")).collect();
        if parts.is_empty() { "'-'".to_owned() } else { format!("CONCAT_WS(',', {})", parts.join(", ")) }
    }

    fn sum_of_row(&self) -> String {
        format!("SHA2({}, 256)", self.row())
    }

    fn identity(&self) -> Vec<String> {
        self.key.iter().map(|part| part.expression.clone()).collect()
    }

    fn from(&self, conditions: &[String]) -> String {
        let mut text = self.name.clone();
        if let Some(index) = &self.index {
            text.push_str(&format!(" FORCE INDEX ({index})"));
        }
        let all: Vec<&str> = self.condition.iter().chain(conditions).map(String::as_str).collect();
        if !all.is_empty() {
            text.push_str(&format!(" WHERE {}", all.join(" AND ")));
        }
        text
    }

    fn order(&self) -> String {
        self.key.iter().map(|part| part.name.clone()).collect::<Vec<_>>().join(", ")
    }

    fn literals(&self, letters: &Letters) -> Vec<String> {
        let sided =
            |part: &KeyPart, letters: &str| canon::literal(Sided { column: &part.column, flavor: part.flavor }, part.form, letters);
        self.key.iter().zip(letters).map(|(part, letters)| sided(part, letters)).collect()
    }

    fn conditions(&self, range: &Range) -> Vec<String> {
        let names: Vec<&str> = self.key.iter().map(|part| part.name.as_str()).collect();
        let from = range.from.as_ref().map(|letters| sql::beside(&names, &self.literals(letters), '>', true));
        let to = range.to.as_ref().map(|letters| sql::beside(&names, &self.literals(letters), '<', false));
        from.into_iter().chain(to).collect()
    }

    /// Count and sums of the rows of a range. The sums are those of two parts of a SHA-256 of each row: they don't depend on the order
    /// of the rows, and those of several sources add up.
    pub(super) fn sums(&self, range: &Range) -> String {
        // The limit keeps servers from working out the sum of each row twice.
        format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CAST(CONV(LEFT(h, 16), 16, 10) AS UNSIGNED)), 0) AS CHAR), \
             CAST(COALESCE(SUM(CAST(CONV(SUBSTR(h, 17, 16), 16, 10) AS UNSIGNED)), 0) AS CHAR) \
             FROM (SELECT {} AS h FROM {} LIMIT 18446744073709551615) r",
            self.sum_of_row(),
            self.from(&self.conditions(range))
        )
    }

    /// Only the count.
    pub(super) fn count(&self, range: &Range) -> String {
        format!("SELECT COUNT(*) FROM {}", self.from(&self.conditions(range)))
    }

    /// The key of the row that stands so many rows behind the beginning of a range.
    pub(super) fn step(&self, range: &Range, rows: u64) -> String {
        format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1 OFFSET {rows}",
            self.identity().join(", "),
            self.from(&self.conditions(range)),
            self.order()
        )
    }

    /// The keys and the sums of the rows of a range, and no more than so many.
    pub(super) fn rows(&self, range: &Range, most: usize) -> String {
        let mut selected = self.identity();
        selected.push(self.sum_of_row());
        format!("SELECT {} FROM {} ORDER BY {} LIMIT {most}", selected.join(", "), self.from(&self.conditions(range)), self.order())
    }

    /// The keys of some rows, with the letters of each column.
    pub(super) fn found(&self, keys: &[Letters]) -> String {
        let mut selected = self.identity();
        selected.extend(self.columns.iter().cloned());
        format!("SELECT {} FROM {}", selected.join(", "), self.from(&[self.among(keys)]))
    }

    /// The keys of some rows, with their values as a person would read them.
    pub(super) fn values(&self, keys: &[Letters]) -> String {
        let mut selected = self.identity();
        selected.extend(self.shown.iter().cloned());
        format!("SELECT {} FROM {}", selected.join(", "), self.from(&[self.among(keys)]))
    }

    fn among(&self, keys: &[Letters]) -> String {
        let literals = keys.iter().map(|letters| self.literals(letters));
        if let [part] = self.key.as_slice() {
            let all: Vec<String> = literals.flatten().collect();
            return format!("{} IN ({})", part.name, all.join(", "));
        }
        let ways: Vec<String> = literals
            .map(|literals| {
                let parts: Vec<String> =
                    self.key.iter().zip(&literals).map(|(part, literal)| format!("{} = {literal}", part.name)).collect();
                format!("({})", parts.join(" AND "))
            })
            .collect();
        format!("({})", ways.join(" OR "))
    }

    /// How often there is a row of each sum, in the order of the sums; only of these sums, if there are any.
    pub(super) fn counts(&self, sums: &[String]) -> String {
        let only = if sums.is_empty() {
            String::new()
        } else {
            let quoted: Vec<String> = sums.iter().map(|sum| format!("'{sum}'")).collect();
            format!(" WHERE h IN ({})", quoted.join(", "))
        };
        format!(
            "SELECT h, COUNT(*) AS n FROM (SELECT {} AS h FROM {} LIMIT 18446744073709551615) r{only} GROUP BY h ORDER BY h",
            self.sum_of_row(),
            self.from(&[])
        )
    }

    /// Rows of some sums, with their values as a person would read them.
    pub(super) fn values_of_sums(&self, sums: &[String]) -> String {
        let quoted: Vec<String> = sums.iter().map(|sum| format!("'{sum}'")).collect();
        let mut selected = vec![self.sum_of_row()];
        selected.extend(self.shown.iter().cloned());
        let among = format!("{} IN ({})", self.sum_of_row(), quoted.join(", "));
        format!("SELECT {} FROM {}", selected.join(", "), self.from(&[among]))
    }

    /// How many parts the key has.
    pub(super) fn key_parts(&self) -> usize {
        self.key.len()
    }
}
