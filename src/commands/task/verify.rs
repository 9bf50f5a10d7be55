//! `dmctl task verify`.

use clap::Args;
use serde::Serialize;

use super::super::Context;
use super::quoted;
use crate::exit::{Code, Failure};
use crate::model::duration::GoDuration;
use crate::model::verification::{
    Agreement, RowDifference, Verification, VerifiedRow, VerifiedSource, VerifiedTable, VerifyOptions, VerifyProgress,
};
use crate::model::{SourceName, TaskName};
use crate::output::{Block, Cell, Document, Reply, Style, Table, human};

/// What to compare.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl task verify task-1\n  dmctl task verify task-1 --source mysql-01 --show-values --rows 100"
)]
pub struct Verify {
    /// The task; nothing of it may run
    #[arg(value_name = "TASK")]
    name: TaskName,
    /// Only the tables of the target that these sources feed
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// Show the values of rows that differ, and not their keys only
    #[arg(long)]
    show_values: bool,
    /// How many rows to show of each table at most; all are counted
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u16).range(..=10_000))]
    rows: u16,
    /// How long it may take, as in 90s or 1h30m (without it: as long as it takes)
    #[arg(long, value_name = "DURATION")]
    wait_timeout: Option<GoDuration>,
}

#[derive(Debug, Serialize)]
struct Value {
    name: String,
    verdict: Agreement,
    tables_compared: u64,
    rows_compared: u64,
    rows_differing: u64,
    sources: Vec<VerifiedSource>,
    tables: Vec<VerifiedTable>,
}

impl Verify {
    /// The task, if all of it is compared.
    pub(in crate::commands) const fn whole(&self) -> Option<&TaskName> {
        if self.source.is_empty() { Some(&self.name) } else { None }
    }

    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let limit = match self.wait_timeout {
            None => None,
            Some(limit) => {
                let within = limit.to_std().filter(|limit| !limit.is_zero());
                Some((limit, within.ok_or_else(|| Failure::usage("`--wait-timeout` must be longer than nothing"))?))
            }
        };
        if !context.client.can_verify().await? {
            return Err(Failure::refused("this cluster can't compare what a task has copied: a DM of TiDB has no call for it")
                .because("nothing was sent")
                .hinted("`dmctl serve` can; for a DM there is sync_diff_inspector"));
        }
        let options = VerifyOptions { sources: self.source.clone(), show_values: self.show_values, rows: usize::from(self.rows) };
        let comparing = context.client.verify_task(&self.name, &options, |progress| context.news.set(Some(told(progress))));
        let found = match limit {
            None => comparing.await?,
            Some((limit, within)) => match tokio::time::timeout(within, comparing).await {
                Ok(found) => found?,
                Err(_) => return Err(self.given_up(limit, context)),
            },
        };
        Ok(reply(&self.name, found))
    }

    fn given_up(&self, limit: GoDuration, context: &Context<'_>) -> Failure {
        let failure = Failure::new(Code::TimedOut, format!("task `{}` is not compared within {limit}: it was given up", self.name));
        match context.news.take() {
            Some(news) => failure.because(format!("it was here: {news}")),
            None => failure,
        }
    }
}

/// How far it is, in a line.
fn told(progress: &VerifyProgress) -> String {
    let VerifyProgress { tables_total, tables_done, rows_done, rows_estimated, differences } = progress;
    let mut text = format!("comparing, {tables_done} of {tables_total} tables, {rows_done} of about {rows_estimated} rows");
    if *differences > 0 {
        text.push_str(&format!(", {differences} differ"));
    }
    text
}

fn reply(name: &TaskName, found: Verification) -> Reply {
    let equal = found.verdict == Agreement::Equal;
    let rows = usize::try_from(found.rows_compared).unwrap_or(usize::MAX);
    let tables = usize::try_from(found.tables_compared).unwrap_or(usize::MAX);
    let differing = found.tables.iter().filter(|table| table.verdict == Agreement::Different).count();
    let verdict = if equal {
        Cell::new("equal", Style::Good)
    } else {
        let rows = usize::try_from(found.rows_differing).unwrap_or(usize::MAX);
        Cell::new(format!("different: {} in {}", human::count(rows, "row"), human::count(differing, "table")), Style::Bad)
    };
    let mut document = Document::from(Block::Fields {
        title: None,
        fields: vec![
            ("task", Cell::new(name.as_str(), Style::Strong)),
            ("verdict", verdict),
            ("compared", format!("{} in {} of the target", human::count(rows, "row"), human::count(tables, "table")).into()),
        ],
    });
    for source in &found.sources {
        document.push(Block::Fields { title: Some(source.source.as_str().into()), fields: moments(source) });
    }
    for table in &found.tables {
        document.push(Block::Fields {
            title: Some(Cell::new(written(&table.schema, &table.table), Style::Strong)),
            fields: fields(table),
        });
        rows_of(table, &mut document);
    }
    let Verification { verdict, tables_compared, rows_compared, rows_differing, sources, tables, notes } = found;
    let has_moved = sources.iter().any(|source| source.moved == Some(true));
    let value = Value { name: name.to_string(), verdict, tables_compared, rows_compared, rows_differing, sources, tables };
    let reply = Reply::of(&value, document).ending(if equal { Code::Done } else { Code::Failed });
    let reply = notes.into_iter().fold(reply, Reply::noting);
    if equal || !has_moved {
        return reply;
    }
    reply.noting(format!("a copy stays as it was made: `task start {} --remove-meta` makes it anew", quoted(name)))
}

fn written(schema: &str, table: &str) -> String {
    format!("`{}`.`{}`", schema.replace('`', "``"), table.replace('`', "``"))
}

fn moments(source: &VerifiedSource) -> Vec<(&'static str, Cell)> {
    let place = |place: &Option<String>| Cell::maybe(place.as_deref());
    let mut fields = vec![("copied at", place(&source.copied_at)), ("compared at", place(&source.compared_from))];
    if source.compared_to != source.compared_from {
        fields.push(("compared up to", place(&source.compared_to)));
    }
    match source.moved {
        Some(true) => fields.push(("since the copy", Cell::new("changed", Style::Warning))),
        Some(false) => fields.push(("since the copy", "unchanged".into())),
        None => {}
    }
    fields
}

fn fields(table: &VerifiedTable) -> Vec<(&'static str, Cell)> {
    let from: Vec<String> =
        table.from.iter().map(|from| format!("{} of {}", written(&from.schema, &from.table), from.source)).collect();
    let mut fields: Vec<(&'static str, Cell)> = vec![("from", from.join(", ").into())];
    if table.absent {
        fields.push(("table", Cell::new("the target has none", Style::Bad)));
    }
    fields.push(("rows", format!("{} in the sources, {} in the target", table.source_rows, table.target_rows).into()));
    for (key, rows) in [("missing", table.missing), ("extra", table.extra), ("different", table.different)] {
        if rows > 0 {
            fields.push((key, Cell::new(human::count(usize::try_from(rows).unwrap_or(usize::MAX), "row"), Style::Bad)));
        }
    }
    for (key, columns, style) in [
        ("missing columns", &table.missing_columns, Style::Bad),
        ("extra columns", &table.extra_columns, Style::Warning),
        ("columns not compared", &table.left_out_columns, Style::Warning),
    ] {
        if !columns.is_empty() {
            fields.push((key, Cell::new(columns.join(", "), style)));
        }
    }
    let differing = table.missing + table.extra + table.different;
    let copies: u64 = table.rows.iter().map(|row| row.copies).sum();
    if copies < differing && !table.absent {
        fields.push(("shown", format!("{copies} of {differing}").into()));
    }
    fields
}

fn rows_of(table: &VerifiedTable, document: &mut Document) {
    if table.rows.is_empty() {
        return;
    }
    let mut shown = Table::new(&["DIFFERENCE", "ROW", "SOURCE", "COLUMNS"], "no rows");
    for row in &table.rows {
        let mut difference = row.difference.word().to_owned();
        if row.copies > 1 {
            difference.push_str(&format!(" ({} times)", row.copies));
        }
        shown.row([
            Cell::new(difference, Style::Bad),
            named(row).into(),
            Cell::maybe(row.source.as_deref()),
            Cell::maybe((!row.columns.is_empty()).then(|| row.columns.join(", "))),
        ]);
    }
    document.push(Block::Table(shown));
    if table.rows.iter().all(|row| row.values.is_none()) {
        return;
    }
    let mut values = Table::new(&["ROW", "COLUMN", "IN THE SOURCE", "IN THE TARGET"], "no values");
    for row in &table.rows {
        for value in row.values.iter().flatten() {
            let null = || Cell::new("NULL", Style::Faint);
            let shown = |value: &Option<String>| value.as_deref().map_or_else(null, Cell::from);
            let (is_there, is_here) = match row.difference {
                RowDifference::Missing => (true, false),
                RowDifference::Extra => (false, true),
                RowDifference::Different => (true, true),
            };
            values.row([
                named(row).into(),
                value.column.as_str().into(),
                if is_there { shown(&value.source) } else { Cell::none() },
                if is_here { shown(&value.target) } else { Cell::none() },
            ]);
        }
    }
    document.push(Block::Table(values));
}

/// A row by its key, or by its sum.
fn named(row: &VerifiedRow) -> String {
    match (&row.key, &row.sum) {
        (Some(key), _) => key.iter().map(|part| format!("{}={}", part.column, part.value)).collect::<Vec<_>>().join(" "),
        (None, Some(sum)) => format!("sum {sum}"),
        (None, None) => "-".to_owned(),
    }
}
