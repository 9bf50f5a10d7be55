//! Definitions of tables that the target refuses, as it says itself.

use mysql_async::prelude::Queryable as _;

use super::super::error::{Fault, Side};
use super::super::plan::Plan;
use super::super::sql;
use super::Both;
use crate::model::subtask::CheckProblem;

/// What a server answers that says nothing about the definition: rights and being read-only, which are looked at elsewhere, a schema that
/// is yet to be made, and statements that it does not prepare.
const BESIDES: &[u16] = &[1044, 1045, 1046, 1049, 1142, 1143, 1227, 1290, 1295, 1461, 1792, 1836];

/// What to do about a table that the target can't have as it is.
pub(super) const CURE: &str = "change the table, make it in the target by hand, or leave it out with `block-allow-list`";

/// Lets the target read the statements that would make its tables. It executes none of them: it finds words that it does not know, and
/// not yet what is wrong with the table as a whole.
pub(super) async fn statements(both: &mut Both<'_>, at: usize) -> Result<Vec<CheckProblem>, Fault> {
    if both.server.is_tidb() {
        return Ok(Vec::new());
    }
    let Both { conn, server, plans, there, .. } = both;
    let is_to_be_made = |plan: &&Plan| {
        let (schema, table) = &plan.target;
        plan.made.impossible.is_empty() && !there.contains_key(&server.folded(schema, table))
    };
    let mut problems = Vec::new();
    for plan in plans[at].tables.iter().filter(is_to_be_made) {
        // No text with a character set may stand behind FROM.
        let statement = sql::text(&plan.made.statement);
        let prepared = async {
            conn.query_drop(format!("SET @dmctl = {statement}")).await?;
            conn.query_drop("PREPARE dmctl FROM @dmctl").await
        };
        match prepared.await {
            Ok(()) => {}
            Err(mysql_async::Error::Server(error)) if BESIDES.contains(&error.code) => {}
            Err(error) => {
                let doing = format!("the target refuses the definition of {}", plan.source_name());
                let is_answer = matches!(error, mysql_async::Error::Server(_));
                let fault = Fault::Database { side: Side::Target, doing, error: Box::new(error) };
                if !is_answer || fault.is_passing() {
                    return Err(fault);
                }
                problems.push(CheckProblem::failure(fault.to_string()).cured_by(CURE));
            }
        }
    }
    Ok(problems)
}
