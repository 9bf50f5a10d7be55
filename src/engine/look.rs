//! What can be seen of a source without a task.

use mysql_async::Conn;

use super::connect::{self, Purpose, Server};
use super::error::{Fault, Side};
use super::shape;
use crate::model::DmError;
use crate::model::file::Given;
use crate::model::source_file::SourceFile;
use crate::model::subtask::Endpoint;

async fn open(source: &SourceFile) -> Result<(Conn, Server), DmError> {
    let Some(from) = &source.from else { return Err(DmError::plain("the source has no `from`")) };
    let endpoint = Endpoint::new(&from.value)?;
    let mut conn = connect::open(&endpoint, Side::Source, Purpose::Talk).await?;
    let server = connect::server(&mut conn, Side::Source, &endpoint).await?;
    Ok((conn, server))
}

/// Connects to a source, and fills in what its file does not say: flavor, server id, and whether capitals count.
///
/// # Errors
/// It can't be reached, is of another flavor than the file says, or has no GTIDs where the file wants them.
pub async fn complete_source(mut source: SourceFile) -> Result<SourceFile, DmError> {
    let (mut conn, server) = Box::pin(open(&source)).await?;
    match source.flavor() {
        "" => source.flavor = Some(Given::new(server.flavor.word())),
        flavor if flavor == server.flavor.word() => {}
        flavor => {
            let message = format!("the source is a {} and not a {flavor}", server.flavor.word());
            return Err(DmError { code: Some(11010), ..DmError::plain(message) });
        }
    }
    if source.enable_gtid() && !server.is_mariadb() {
        let doing = || "asking whether the source has GTIDs".to_owned();
        let mode: Option<String> = connect::first(&mut conn, Side::Source, doing, "SELECT @@gtid_mode").await?;
        if mode.as_deref() != Some("ON") {
            let message = format!("`enable-gtid` wants `gtid_mode` ON at the source, and it is {}", mode.unwrap_or_default());
            return Err(DmError { code: Some(26007), ..DmError::plain(message) });
        }
    }
    if source.server_id() == 0 {
        source.server_id = Some(Given::new(free_server_id(&mut conn, source.source_id()).await?));
    }
    if source.case_sensitive.is_none() {
        source.case_sensitive = Some(Given::new(server.lower_case_names == 0));
    }
    Ok(source)
}

/// The first number of those from which DM draws one.
const FIRST_SERVER_ID: u32 = 429_496_729;
/// How many there are.
const SERVER_IDS: u32 = 100_000;

/// An id that no server known to the source has. The same source gets the same one each time.
async fn free_server_id(conn: &mut Conn, source: &str) -> Result<u32, Fault> {
    let doing = || "asking for the server ids in use".to_owned();
    let own: Option<u32> = connect::first(conn, Side::Source, doing, "SELECT @@server_id").await?;
    let start = source.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % SERVER_IDS;
    let mut used: Vec<u32> = own.into_iter().collect();
    // Who may not list the replicas gets a number all the same.
    for query in ["SHOW REPLICAS", "SHOW SLAVE HOSTS"] {
        if let Ok(rows) = connect::all::<mysql_async::Row>(conn, Side::Source, doing, query).await {
            used.extend(rows.iter().filter_map(|row| row.get_opt::<u32, usize>(0)?.ok()));
            break;
        }
    }
    let free = (0..SERVER_IDS).map(|step| FIRST_SERVER_ID + (start + step) % SERVER_IDS).find(|id| !used.contains(id));
    Ok(free.unwrap_or(FIRST_SERVER_ID))
}

/// The schemas of a source.
///
/// # Errors
/// It can't be reached, or does not tell.
pub async fn schemas(source: &SourceFile) -> Result<Vec<String>, DmError> {
    let (mut conn, _) = Box::pin(open(source)).await?;
    Ok(shape::schemas(&mut conn, Side::Source).await?)
}

/// The tables of a schema of a source, without views.
///
/// # Errors
/// It can't be reached, or does not tell.
pub async fn tables(source: &SourceFile, schema: &str) -> Result<Vec<String>, DmError> {
    let (mut conn, _) = Box::pin(open(source)).await?;
    let tables = shape::tables(&mut conn, Side::Source, schema).await?;
    if tables.is_empty() && !shape::schemas(&mut conn, Side::Source).await?.iter().any(|known| known == schema) {
        return Err(DmError::plain(format!("Error 1049 (42000): Unknown database '{schema}'")));
    }
    Ok(tables)
}
