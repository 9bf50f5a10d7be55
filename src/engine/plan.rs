//! Which table goes where, and how it is made there.

use std::collections::{BTreeSet, HashMap};

use super::connect::Server;
use super::ddl::{self, Made, Taken, To};
use super::error::Fault;
use super::snapshot::{SourceSchema, SourceTable};
use super::sql;
use crate::model::DmError;
use crate::model::subtask::SubtaskSpec;

/// One table on its way.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) table: SourceTable,
    pub(super) target: (String, String),
    pub(super) made: Made,
}

impl Plan {
    /// The table of the source, as it is written.
    pub(super) fn source_name(&self) -> String {
        sql::table(&self.table.shape.schema, &self.table.shape.table)
    }

    /// What the target has nothing for, if it has to make the table.
    pub(super) fn impossible(&self) -> Vec<String> {
        self.made.impossible.iter().map(|reason| format!("{}: {reason}", self.source_name())).collect()
    }

    /// What will not be quite the same, if the task makes the table.
    pub(super) fn changed(&self) -> Vec<String> {
        self.made.changed.iter().map(|change| format!("{}: {change}", self.source_name())).collect()
    }

    /// The table of the target, as it is written.
    pub(super) fn target_name(&self) -> String {
        sql::table(&self.target.0, &self.target.1)
    }
}

/// All that is to be done in the target.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// Schemas by name, with the statement that makes each.
    pub(super) schemas: Vec<(String, String)>,
    pub(super) tables: Vec<Plan>,
    /// What stands in the way, whatever is in the target.
    pub(super) impossible: Vec<String>,
    /// What is not copied.
    pub(super) left_out: Vec<String>,
}

/// Works out where everything goes. `lacking` are functions that the target does not have.
pub(super) fn plan(
    spec: &SubtaskSpec,
    schemas: &[SourceSchema],
    source: &Server,
    target: &Server,
    lacking: &BTreeSet<String>,
) -> Plans {
    let mut plans = Plans::default();
    let route = |schema: &str, table: &str| spec.target_of(schema, table).unwrap_or_else(|_| (schema.to_owned(), table.to_owned()));
    let referenced = referenced(schemas);
    let taken = taken(schemas, &route);
    for schema in schemas {
        match spec.target_of(&schema.name, "") {
            Ok((name, _)) => {
                let statement = ddl::make_schema(&schema.create, source.flavor, target.flavor, &name);
                add_schema(&mut plans, name, statement);
            }
            Err(ambiguous) => plans.impossible.push(ambiguous.to_string()),
        }
        for (kind, name) in &schema.left_out {
            plans.left_out.push(format!("the {kind} {} is not copied", sql::table(&schema.name, name)));
        }
        for table in &schema.tables {
            let name = match spec.target_of(&schema.name, &table.shape.table) {
                Ok(name) => name,
                Err(ambiguous) => {
                    plans.impossible.push(ambiguous.to_string());
                    continue;
                }
            };
            let pointed = referenced.get(&folded(&schema.name, &table.shape.table)).map(Vec::as_slice).unwrap_or_default();
            let to = To { flavor: target.flavor, engines: &target.engines, lacking, taken: &taken, table: &name };
            let mut made = ddl::make(&table.create, &table.shape, source.flavor, to, pointed, route);
            if target.is_tidb() {
                made.late.clear();
            }
            let statement = ddl::make_schema(&schema.create, source.flavor, target.flavor, &name.0);
            add_schema(&mut plans, name.0.clone(), statement);
            plans.tables.push(Plan { table: table.clone(), target: name, made });
        }
    }
    if target.lower_case_names != 0 {
        plans.impossible.extend(meeting_names(&plans.tables));
    }
    plans
}

/// The columns of each table to which foreign keys point.
fn referenced(schemas: &[SourceSchema]) -> HashMap<(String, String), Vec<String>> {
    let mut referenced: HashMap<(String, String), Vec<String>> = HashMap::new();
    for table in schemas.iter().flat_map(|schema| &schema.tables) {
        for ((schema, name), columns) in ddl::references(&table.create, &table.shape.schema) {
            referenced.entry(folded(&schema, &name)).or_default().extend(columns);
        }
    }
    referenced
}

/// The names of the constraints of all tables, where they go.
fn taken(schemas: &[SourceSchema], route: &impl Fn(&str, &str) -> (String, String)) -> Taken {
    let mut taken = Taken::default();
    for table in schemas.iter().flat_map(|schema| &schema.tables) {
        taken.note(&table.create, &route(&table.shape.schema, &table.shape.table));
    }
    taken
}

/// Where capitals don't count, a foreign key may be written in others than the table.
fn folded(schema: &str, table: &str) -> (String, String) {
    (schema.to_lowercase(), table.to_lowercase())
}

fn add_schema(plans: &mut Plans, name: String, statement: String) {
    if !plans.schemas.iter().any(|(known, _)| *known == name) {
        plans.schemas.push((name, statement));
    }
}

/// Tables that are two at the source and would be one in a target where capitals don't count.
fn meeting_names(plans: &[Plan]) -> Vec<String> {
    let mut seen: HashMap<(String, String), &(String, String)> = HashMap::new();
    let mut found = Vec::new();
    for plan in plans {
        let first = seen.entry(folded(&plan.target.0, &plan.target.1)).or_insert(&plan.target);
        if **first != plan.target {
            found.push(format!(
                "{} and {} are one table in the target, where capitals don't count",
                sql::table(&first.0, &first.1),
                plan.target_name()
            ));
        }
    }
    found
}

impl Plans {
    /// The plans, if nothing stands in the way. `is_there` says whether a table is in the target, so that it need not be made.
    pub(super) fn feasible(self, is_there: impl Fn(&(String, String)) -> bool) -> Result<Self, Fault> {
        let to_be_made = self.tables.iter().filter(|plan| !is_there(&plan.target));
        let impossible: Vec<String> = self.impossible.iter().cloned().chain(to_be_made.flat_map(Plan::impossible)).collect();
        let Some(first) = impossible.first() else { return Ok(self) };
        let others = impossible.len() - 1;
        let message = if others == 0 { first.clone() } else { format!("{first}; and {others} more of the kind") };
        Err(Fault::Refused(Box::new(DmError {
            workaround: Some(
                "change the table, make it in the target by hand, or leave it out with `block-allow-list`; `task check` names all of \
                 them"
                    .to_owned(),
            ),
            ..DmError::plain(message)
        })))
    }
}
