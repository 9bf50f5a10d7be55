//! Whether the largest rows of a source go through to the target.

use std::time::{Duration, Instant};

use super::super::connect;
use super::super::error::{Fault, Side};
use super::super::plan::Plan;
use super::super::sql;
use super::Both;
use crate::model::subtask::CheckProblem;

/// How long one table is looked through for its largest row, in seconds.
const PATIENCE: u64 = 2;

/// How long all tables of a source are looked through. What is left then is told.
const PATIENCE_FOR_ALL: Duration = Duration::from_secs(6);

/// What a server says of a statement that took too long.
const TOO_LONG: &[u16] = &[1969, 3024];

/// What else a statement with one row may hold.
const AROUND: u64 = 4096;

/// Looks for rows that are larger than a packet of the target. What came into the source by its own packets is no larger than those, so
/// that nothing is looked through where the target takes as much.
pub(super) async fn check(both: &mut Both<'_>, at: usize) -> Result<Vec<CheckProblem>, Fault> {
    let (source, plans) = (&mut both.sources[at], &both.plans[at]);
    let (packet, theirs) = (both.server.largest_packet as u64, source.server.largest_packet as u64);
    if packet >= theirs {
        return Ok(Vec::new());
    }
    let mut large: Vec<(&Plan, String)> =
        plans.tables.iter().filter_map(|plan| Some((plan, long_columns(plan, packet)?))).collect();
    large.sort_by_key(|(plan, _)| plan.table.shape.bytes_estimated);
    let raise = |problem: CheckProblem| {
        let cure = "let the target take what the source takes, here and in its configuration file";
        problem.cured_by(cure).mended_by(format!("SET GLOBAL max_allowed_packet = {theirs}"))
    };
    let (mut problems, mut unseen, begun) = (Vec::new(), Vec::new(), Instant::now());
    for (plan, length) in large {
        let name = plan.source_name();
        if begun.elapsed() > PATIENCE_FOR_ALL {
            unseen.push(name);
            continue;
        }
        let query = if source.server.is_mariadb() {
            format!("SET STATEMENT max_statement_time = {PATIENCE} FOR SELECT MAX({length}) FROM {name}")
        } else {
            format!("SELECT /*+ MAX_EXECUTION_TIME({}) */ MAX({length}) FROM {name}", PATIENCE * 1000)
        };
        let doing = || format!("looking for the largest row of {name}");
        let largest: Option<Option<u64>> = match connect::first(&mut source.conn, Side::Source, doing, &query).await {
            Ok(largest) => largest,
            Err(fault) if fault.server_code().is_some_and(|code| TOO_LONG.contains(&code)) => {
                unseen.push(name);
                continue;
            }
            Err(fault) => return Err(fault),
        };
        let largest = largest.flatten().unwrap_or(0);
        if largest + AROUND > packet {
            let message = format!(
                "{name} has a row of {largest} bytes, and the target takes no statement above {packet} (`max_allowed_packet`)"
            );
            problems.push(raise(CheckProblem::failure(message)));
        }
    }
    if let Some(first) = unseen.first() {
        let which = match unseen.len() - 1 {
            0 => first.clone(),
            1 => format!("{first} and 1 other table"),
            others => format!("{first} and {others} other tables"),
        };
        let message = format!(
            "whether {which} has rows above {packet} bytes takes too long to see, and the target takes none (`max_allowed_packet`)"
        );
        problems.push(raise(CheckProblem::warning(message)));
    }
    Ok(problems)
}

/// An expression for the length of a row; none if no row can be larger than a packet.
fn long_columns(plan: &Plan, packet: u64) -> Option<String> {
    let columns = || plan.table.shape.copied();
    let largest = columns().map(|column| largest(&column.type_text)).fold(0_u64, u64::saturating_add);
    if largest <= packet {
        return None;
    }
    let long = columns().filter(|column| self::largest(&column.type_text) > 255);
    let lengths: Vec<String> = long.map(|column| format!("COALESCE(LENGTH({}), 0)", sql::name(&column.name))).collect();
    Some(lengths.join(" + "))
}

/// How many bytes a value of a type may have in a statement.
fn largest(type_text: &str) -> u64 {
    let (word, rest) = type_text.split_at(type_text.find(['(', ' ']).unwrap_or(type_text.len()));
    let length = || rest.trim_start_matches('(').split(')').next().and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
    match word.to_lowercase().as_str() {
        "tinytext" | "tinyblob" => 255,
        "text" | "blob" => 65_535,
        "mediumtext" | "mediumblob" => 16_777_215,
        "longtext" | "longblob" | "json" | "geometry" | "linestring" | "polygon" | "multipoint" | "multilinestring"
        | "multipolygon" | "geometrycollection" | "geomcollection" => u64::from(u32::MAX),
        "varchar" | "varbinary" | "char" | "binary" | "vector" => length() * 4,
        _ => 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_a_largest_value() {
        for (text, bytes) in [("varchar(10)", 40), ("int unsigned", 64), ("JSON", u64::from(u32::MAX)), ("set('a','b')", 64)] {
            assert_eq!(largest(text), bytes, "{text}");
        }
    }
}
