//! One moment of the source, seen by several connections.
//!
//! All writing is held up while the connections open their snapshots, and no longer. A user without the right to do that gets a lock on
//! the tables of the task instead; one without that right too gets a single connection, whose own snapshot is a moment by itself.

use mysql_async::{Conn, Row};

use super::apart;
use super::connect::{self, Purpose, Server};
use super::copy::RANGE_BYTES;
use super::error::{Fault, Side};
use super::position::Moment;
use super::shape::{self, SchemaShape, Shape};
use super::sql;
use crate::model::subtask::SubtaskSpec;

/// How long the source may take to hold up all writing. A statement that runs for long stands in the way of it, and all that come after
/// wait for us: so not for long.
const LOCK_SECONDS: u32 = 30;

/// What the server answers to a user without the right to lock.
const DENIED: &[u16] = &[1044, 1045, 1142, 1227];

/// A table of the source, with the statement that makes it.
#[derive(Debug, Clone)]
pub(super) struct SourceTable {
    pub(super) shape: Shape,
    pub(super) create: String,
}

/// A schema of the source, with the statement that makes it.
#[derive(Debug)]
pub(super) struct SourceSchema {
    pub(super) name: String,
    pub(super) create: String,
    pub(super) tables: Vec<SourceTable>,
    /// What is not copied: its kind and its name.
    pub(super) left_out: Vec<(String, String)>,
}

/// A moment of the source.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) server: Server,
    pub(super) moment: Moment,
    pub(super) schemas: Vec<SourceSchema>,
    /// Connections that all see this moment.
    pub(super) readers: Vec<Conn>,
    /// One more that sees it, for large cells; none where no table can have any, and where only one connection can see the moment.
    pub(super) apart: Option<Conn>,
    /// Holds up writing to tables whose engine has no snapshots, as long as it lives.
    pub(super) holder: Option<Conn>,
    pub(super) notes: Vec<String>,
}

/// How the moment is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Everything,
    Tables,
    Nothing,
}

/// Takes a snapshot, with up to so many connections.
pub(super) async fn take(spec: &SubtaskSpec, most_readers: usize) -> Result<Snapshot, Fault> {
    let mut control = connect::open(&spec.from, Side::Source, Purpose::Talk).await?;
    let mut looker = connect::open(&spec.from, Side::Source, Purpose::Talk).await?;
    let server = connect::server(&mut looker, Side::Source, &spec.from).await?;
    let before = look(&mut looker, &server, spec).await?;
    let mut readers = Vec::new();
    for _ in 0..most_readers.clamp(1, useful_readers(&before)) {
        readers.push(connect::open(&spec.from, Side::Source, Purpose::Rows).await?);
    }
    let has_large = has_large(&before);
    if has_large {
        readers.push(connect::open(&spec.from, Side::Source, Purpose::Rows).await?);
    }
    let others = without_snapshots(&before);
    let mut holder = match others.first() {
        Some(_) => Some(connect::open(&spec.from, Side::Source, Purpose::Talk).await?),
        None => None,
    };
    let before = describe_all(&mut looker, before).await?;
    // From here on the source waits for us: nothing is done that could be done before or after.
    let hold = lock(&mut control, &before).await?;
    let mut notes = Vec::new();
    if hold == Hold::Nothing {
        readers.truncate(1);
        notes.push("the user at the source may lock nothing: one connection copies all tables".to_owned());
    }
    for reader in &mut readers {
        let doing = || "opening a snapshot at the source".to_owned();
        connect::execute(reader, Side::Source, doing, "START TRANSACTION WITH CONSISTENT SNAPSHOT").await?;
    }
    let apart = if has_large && hold != Hold::Nothing { readers.pop() } else { None };
    let moment = match hold {
        Hold::Everything | Hold::Tables => moment(&mut looker, &server).await?,
        Hold::Nothing => own_moment(&mut readers, &server).await?,
    };
    if let Some(holder) = &mut holder {
        hold_others(holder, &others, hold).await?;
    }
    if hold != Hold::Nothing {
        connect::execute(&mut control, Side::Source, || "letting writing go on at the source".to_owned(), "UNLOCK TABLES").await?;
    }
    if moment.file.is_empty() {
        notes.push("the place of the source's binlog is not known: after a fault the copy starts over".to_owned());
    }
    let found = look(&mut looker, &server, spec).await?;
    let schemas = describe_all(&mut looker, found).await?;
    if definitions(&schemas) != definitions(&before) {
        return Err(Fault::Busy("tables came, went or were altered at the source while the copy began".to_owned()));
    }
    Ok(Snapshot { server, moment, schemas, readers, apart, holder, notes })
}

/// What was the same before and after the moment was so in it.
fn definitions(schemas: &[SourceSchema]) -> Vec<(&str, &str, String)> {
    let tables = schemas.iter().flat_map(|schema| schema.tables.iter().map(move |table| (schema, table)));
    tables.map(|(schema, table)| (schema.name.as_str(), table.shape.table.as_str(), without_counter(&table.create))).collect()
}

/// A definition without the next number of its AUTO_INCREMENT column, which moves with every row.
fn without_counter(create: &str) -> String {
    let Some((columns, options)) = create.rsplit_once("\n)") else { return create.to_owned() };
    let kept: Vec<&str> = options.split(' ').filter(|option| !option.starts_with("AUTO_INCREMENT=")).collect();
    format!("{columns}\n){}", kept.join(" "))
}

/// How many connections have something to do: each table has work for one, and a large one for several.
pub(super) fn useful_readers(found: &[(String, SchemaShape)]) -> usize {
    let shapes = found.iter().flat_map(|(_, found)| &found.tables);
    let useful = shapes.map(|shape| if shape.key.is_some() { 1 + shape.bytes_estimated / RANGE_BYTES } else { 1 }).sum::<u64>();
    usize::try_from(useful).unwrap_or(usize::MAX).max(1)
}

/// Whether some cells may have to be read apart.
fn has_large(found: &[(String, SchemaShape)]) -> bool {
    let mut shapes = found.iter().flat_map(|(_, found)| &found.tables).filter(|shape| shape.key.is_some());
    shapes.any(|shape| shape.copied().any(apart::can_be_large))
}

/// The schemas and tables of the source that the task is about.
pub(super) async fn look(conn: &mut Conn, server: &Server, spec: &SubtaskSpec) -> Result<Vec<(String, SchemaShape)>, Fault> {
    let schemas = shape::schemas(conn, Side::Source).await?;
    let schemas: Vec<String> = schemas.into_iter().filter(|schema| spec.takes(schema, None)).collect();
    let shapes = shape::look(conn, Side::Source, server, &schemas, |schema, table| spec.takes(schema, Some(table))).await?;
    Ok(schemas.into_iter().zip(shapes).collect())
}

async fn lock(control: &mut Conn, schemas: &[SourceSchema]) -> Result<Hold, Fault> {
    let doing = || "holding up all writing at the source for a moment".to_owned();
    let patience = format!("SET SESSION lock_wait_timeout = {LOCK_SECONDS}");
    connect::execute(control, Side::Source, doing, &patience).await?;
    match connect::execute(control, Side::Source, doing, "FLUSH TABLES WITH READ LOCK").await {
        Ok(()) => return Ok(Hold::Everything),
        Err(fault) if fault.server_code().is_some_and(|code| DENIED.contains(&code)) => {}
        Err(fault) => return Err(fault),
    }
    let shapes = schemas.iter().flat_map(|schema| &schema.tables).map(|table| &table.shape);
    let tables: Vec<String> = shapes.map(|shape| format!("{} READ", sql::table(&shape.schema, &shape.table))).collect();
    if tables.is_empty() {
        return Ok(Hold::Nothing);
    }
    let doing = || "locking the tables of the task at the source".to_owned();
    match connect::execute(control, Side::Source, doing, &format!("LOCK TABLES {}", tables.join(", "))).await {
        Ok(()) => Ok(Hold::Tables),
        Err(fault) if fault.server_code().is_some_and(|code| DENIED.contains(&code)) => Ok(Hold::Nothing),
        Err(fault) => Err(fault),
    }
}

/// Whether an engine has snapshots.
pub(super) fn has_snapshots(engine: &str) -> bool {
    ["innodb", "rocksdb"].iter().any(|own| own.eq_ignore_ascii_case(engine))
}

/// Tables whose engine has no snapshots: its schema and its name, as they are written, and the engine.
fn without_snapshots(found: &[(String, SchemaShape)]) -> Vec<(String, String)> {
    let shapes = found.iter().flat_map(|(_, found)| &found.tables).filter(|shape| !has_snapshots(&shape.engine));
    shapes.map(|shape| (sql::table(&shape.schema, &shape.table), shape.engine.clone())).collect()
}

/// Tables whose engine has no snapshots stay locked until they are copied.
async fn hold_others(holder: &mut Conn, others: &[(String, String)], hold: Hold) -> Result<(), Fault> {
    if let Some((table, engine)) = others.first().filter(|_| hold == Hold::Nothing) {
        return Err(Fault::refused(
            format!("the engine {engine} of {table} has no snapshots, and the user at the source may not lock it"),
            Some("grant RELOAD or LOCK TABLES to the user at the source, or leave the table out".to_owned()),
        ));
    }
    let tables: Vec<String> = others.iter().map(|(table, _)| format!("{table} READ")).collect();
    let doing = || "locking the tables whose engine has no snapshots".to_owned();
    // All writing waits for this, so that it must not wait itself.
    let patience = format!("SET SESSION lock_wait_timeout = {LOCK_SECONDS}");
    connect::execute(holder, Side::Source, doing, &patience).await?;
    connect::execute(holder, Side::Source, doing, &format!("LOCK TABLES {}", tables.join(", "))).await
}

/// Asks how schemas and tables were made.
pub(super) async fn describe_all(conn: &mut Conn, found: Vec<(String, SchemaShape)>) -> Result<Vec<SourceSchema>, Fault> {
    let names: Vec<String> = found.iter().map(|(name, _)| sql::name(name)).collect();
    let queries: Vec<String> = names.iter().map(|name| format!("SHOW CREATE DATABASE {name}")).collect();
    let schemas = made(conn, &names, &queries).await?;
    let shapes = found.iter().flat_map(|(_, found)| &found.tables);
    let names: Vec<String> = shapes.map(|shape| sql::table(&shape.schema, &shape.table)).collect();
    let queries: Vec<String> = names.iter().map(|name| format!("SHOW CREATE TABLE {name}")).collect();
    let mut tables = made(conn, &names, &queries).await?.into_iter();
    let described = found.into_iter().zip(schemas).map(|((name, found), create)| {
        let own = found.tables.into_iter().zip(tables.by_ref());
        SourceSchema {
            name,
            create,
            tables: own.map(|(shape, create)| SourceTable { shape, create }).collect(),
            left_out: found.others,
        }
    });
    Ok(described.collect())
}

/// The statements that make some schemas or tables.
async fn made(conn: &mut Conn, names: &[String], queries: &[String]) -> Result<Vec<String>, Fault> {
    let doing = |at: usize| format!("asking how {} was made", names[at]);
    let made: Vec<Vec<(String, String)>> = connect::each(conn, Side::Source, doing, queries).await?;
    Ok(made.into_iter().map(|rows| rows.into_iter().next().map(|(_, create)| create).unwrap_or_default()).collect())
}

/// The question where the binlog stands.
pub(super) fn binlog_query(server: &Server) -> &'static str {
    if !server.is_mariadb() && server.version >= (8, 2, 0) { "SHOW BINARY LOG STATUS" } else { "SHOW MASTER STATUS" }
}

/// Where the binlog stands, while writing is held up. A user who may not see it, or a source without a binlog, gives an empty answer.
pub(super) async fn moment(conn: &mut Conn, server: &Server) -> Result<Moment, Fault> {
    let mut moment = Moment { server: server.identity.clone(), ..Moment::default() };
    let doing = || "asking where the binlog of the source is".to_owned();
    let row: Option<Row> = match connect::first(conn, Side::Source, doing, binlog_query(server)).await {
        Ok(row) => row,
        Err(fault) if fault.server_code().is_some_and(|code| DENIED.contains(&code)) => None,
        Err(fault) => return Err(fault),
    };
    let Some(row) = row else { return Ok(moment) };
    moment.file = row.get_opt(0).and_then(Result::ok).unwrap_or_default();
    moment.offset = row.get_opt(1).and_then(Result::ok).unwrap_or_default();
    moment.gtid_set = if server.is_mariadb() {
        connect::first(conn, Side::Source, doing, "SELECT @@gtid_binlog_pos").await?.unwrap_or_default()
    } else {
        // Where GTIDs are not required, a change may have none.
        let query = "SELECT IF(@@gtid_mode = 'ON', REPLACE(@@gtid_executed, '\\n', ''), '')";
        connect::first(conn, Side::Source, doing, query).await?.unwrap_or_default()
    };
    Ok(moment)
}

/// The moment of a single snapshot. MariaDB tells it to whoever opened it; in MySQL it can't be known without a lock.
async fn own_moment(readers: &mut [Conn], server: &Server) -> Result<Moment, Fault> {
    let mut moment = Moment { server: server.identity.clone(), ..Moment::default() };
    let Some(reader) = readers.first_mut().filter(|_| server.is_mariadb()) else { return Ok(moment) };
    let doing = || "asking where the snapshot is in the binlog of the source".to_owned();
    let query = "SHOW STATUS LIKE 'binlog_snapshot_%'";
    let rows: Vec<(String, String)> = connect::all(reader, Side::Source, doing, query).await?;
    for (name, value) in rows {
        match name.to_lowercase().as_str() {
            "binlog_snapshot_file" => moment.file = value,
            "binlog_snapshot_position" => moment.offset = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    Ok(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number_is_no_part_of_a_definition() {
        let create =
            |counter| format!("CREATE TABLE `t` (\n  `a` int COMMENT 'AUTO_INCREMENT=1 '\n) ENGINE=InnoDB{counter} COMMENT='x'");
        assert_eq!(without_counter(&create(" AUTO_INCREMENT=7")), create(""));
        assert_ne!(without_counter(&create(" ROW_FORMAT=DYNAMIC")), create(""));
    }
}
