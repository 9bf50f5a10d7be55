//! Functions that the definitions of tables call, of which the target may lack some.

use std::collections::BTreeSet;

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use super::ddl;
use super::error::{Fault, Side};
use super::snapshot::SourceSchema;

/// What a server answers to a call of a function that it does not have: none of its own, and no schema in which to look for others.
const UNKNOWN: &[u16] = &[1046, 1305, 1630];

/// Those that a server lacks, in small letters.
pub(super) async fn lacking<'a>(
    conn: &mut Conn,
    schemas: impl Iterator<Item = &'a SourceSchema> + Send,
) -> Result<BTreeSet<String>, Fault> {
    let calls: BTreeSet<String> = schemas.flat_map(|schema| &schema.tables).flat_map(|table| ddl::calls(&table.create)).collect();
    let mut lacking = BTreeSet::new();
    for function in calls {
        if is_unknown(conn, &function, "").await? && is_unknown(conn, &function, "1, 1").await? {
            lacking.insert(function);
        }
    }
    Ok(lacking)
}

/// Whether a server does not know what is called. A function that is there wants other arguments, and a word that is none is no call.
/// Some, such as MariaDB's POINT, are known by their number of arguments only.
async fn is_unknown(conn: &mut Conn, function: &str, arguments: &str) -> Result<bool, Fault> {
    match conn.query_drop(format!("SELECT {function}({arguments})")).await {
        Ok(()) => Ok(false),
        Err(mysql_async::Error::Server(error)) => Ok(UNKNOWN.contains(&error.code)),
        Err(error) => {
            let doing = format!("asking the target for the function {function}");
            Err(Fault::Database { side: Side::Target, doing, error: Box::new(error) })
        }
    }
}
