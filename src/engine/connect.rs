//! Connections to both ends, with sessions in which nothing is changed on the way.

use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{ClientIdentity, Conn, Opts, OptsBuilder, SslOpts};

use super::error::{Fault, Side};
use super::sql;
use crate::model::subtask::{Endpoint, Flavor};

/// How long a server may take to let somebody in.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest packet that the protocol knows.
const LARGEST_PACKET: usize = 1 << 30;

/// Where the name of a server is not to count, the library looks for this word in the complaint about its certificate. The complaint has
/// had other words for long, but it quotes the name that was expected. No complaint about the CA does.
const UNCHECKED_NAME: &str = "NotValidForName";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Questions and statements about tables.
    Talk,
    /// Rows, whose bytes must not be converted.
    Rows,
}

/// What is known of a server.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) flavor: Flavor,
    pub(super) version: (u16, u16, u16),
    pub(super) version_text: String,
    /// Tells this server from others: the place of its binlog means nothing on another.
    pub(super) identity: String,
    pub(super) lower_case_names: u8,
    pub(super) largest_packet: usize,
    /// It takes what LOAD DATA reads from its client.
    pub(super) takes_files: bool,
    /// The storage engines in which tables can be made; none if it does not tell.
    pub(super) engines: Vec<String>,
}

impl Server {
    /// Whether it is a TiDB, which loads in pieces that it keeps one by one, and alters a table by one index at a time.
    pub(super) fn is_tidb(&self) -> bool {
        self.version_text.contains("TiDB")
    }

    /// The name of a table, by which it is known whether two are one there.
    pub(super) fn folded(&self, schema: &str, table: &str) -> (String, String) {
        if self.lower_case_names == 0 {
            (schema.to_owned(), table.to_owned())
        } else {
            (schema.to_lowercase(), table.to_lowercase())
        }
    }

    /// Whether it is a MariaDB.
    pub(super) fn is_mariadb(&self) -> bool {
        self.flavor == Flavor::MariaDb
    }
}

/// Asks a server what it is.
pub(super) async fn server(conn: &mut Conn, side: Side, endpoint: &Endpoint) -> Result<Server, Fault> {
    let doing = || format!("asking {} what it is", endpoint.address());
    let query = "SELECT @@version, @@version_comment, @@server_id, @@lower_case_table_names, @@max_allowed_packet";
    let row: Option<(String, String, u64, u8, u64)> = first(conn, side, doing, query).await?;
    let (version_text, comment, server_id, lower_case_names, packet) = row.unwrap_or_default();
    let mariadb = [&version_text, &comment].iter().any(|text| text.to_lowercase().contains("mariadb"));
    let identity = if mariadb {
        format!("{}/{server_id}", endpoint.address())
    } else {
        let uuid: Option<String> = first(conn, side, doing, "SELECT @@server_uuid").await.ok().flatten();
        uuid.unwrap_or_else(|| format!("{}/{server_id}", endpoint.address()))
    };
    let query = "SHOW GLOBAL VARIABLES LIKE 'local_infile'";
    let local_infile: Option<(String, String)> = first(conn, side, doing, query).await.ok().flatten();
    let query = "SELECT ENGINE FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')";
    let mut engines: Vec<String> = all(conn, side, doing, query).await.unwrap_or_default();
    let query = "SHOW GLOBAL VARIABLES LIKE 'disabled_storage_engines'";
    if let Some((_, disabled)) = first::<(String, String)>(conn, side, doing, query).await.ok().flatten() {
        engines.retain(|engine| !disabled.split(',').any(|word| word.trim().eq_ignore_ascii_case(engine)));
    }
    let mut numbers = version_text.split(['.', '-']).map_while(|part| part.parse::<u16>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    Ok(Server {
        flavor: if mariadb { Flavor::MariaDb } else { Flavor::MySql },
        version,
        version_text,
        identity,
        lower_case_names,
        largest_packet: usize::try_from(packet).unwrap_or(LARGEST_PACKET),
        takes_files: local_infile.is_some_and(|(_, value)| value.eq_ignore_ascii_case("ON") || value == "1"),
        engines,
    })
}

/// Opens a session.
pub(super) async fn open(endpoint: &Endpoint, side: Side, purpose: Purpose) -> Result<Conn, Fault> {
    let address = || endpoint.address();
    let opening = Conn::new(options(endpoint));
    let mut conn = match tokio::time::timeout(PATIENCE, opening).await {
        Err(_) => return Err(Fault::Silent { side, address: address() }),
        Ok(opened) => opened.map_err(|error| Fault::Connect { side, address: address(), error: Box::new(error) })?,
    };
    for (name, value) in &endpoint.session {
        let value = if value.parse::<i64>().is_ok() { value.clone() } else { sql::text(value) };
        let statement = format!("SET SESSION {} = {value}", sql::name(name));
        execute(&mut conn, side, || format!("setting the session variable `{name}`"), &statement).await?;
    }
    // Last, so that no variable of a file can make content change on its way.
    for statement in settings(side, purpose) {
        execute(&mut conn, side, || format!("preparing a session at {}", address()), statement).await?;
    }
    for (about, statement) in options_of_some(side) {
        let there: Option<(String, String)> =
            first(&mut conn, side, || "asking for a session variable".to_owned(), &format!("SHOW VARIABLES LIKE '{about}'"))
                .await?;
        if there.is_some() {
            execute(&mut conn, side, || format!("setting the session variable `{about}`"), statement).await?;
        }
    }
    Ok(conn)
}

/// Ends a session and its statement: a server would go on with that for nobody. It may have ended by itself, and if the server can't be
/// reached, nothing is to be done.
pub(super) async fn kill(endpoint: &Endpoint, side: Side, id: u32) {
    if let Ok(mut conn) = open(endpoint, side, Purpose::Talk).await {
        let _gone = conn.query_drop(format!("KILL {id}")).await;
    }
}

/// What every session needs.
const fn settings(side: Side, purpose: Purpose) -> &'static [&'static str] {
    match (side, purpose) {
        (Side::Source, Purpose::Talk) => &[
            "SET NAMES utf8mb4",
            "SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00', sql_quote_show_create = 1, autocommit = 1",
            "SET SESSION sql_select_limit = 18446744073709551615, wait_timeout = 31536000",
        ],
        // The long time-outs are for a target that makes the source wait.
        (Side::Source, Purpose::Rows) => &[
            "SET NAMES binary",
            "SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00', sql_quote_show_create = 1, autocommit = 1",
            "SET SESSION sql_select_limit = 18446744073709551615, wait_timeout = 31536000, net_write_timeout = 31536000",
            "SET SESSION character_set_results = NULL",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        ],
        (Side::Target, Purpose::Talk) => &[
            "SET NAMES utf8mb4",
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
            "SET SESSION foreign_key_checks = 0, unique_checks = 1, autocommit = 1, wait_timeout = 31536000",
            "SET SESSION sql_select_limit = 18446744073709551615",
        ],
        (Side::Target, Purpose::Rows) => &[
            "SET NAMES binary",
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
            "SET SESSION foreign_key_checks = 0, unique_checks = 1, autocommit = 1, wait_timeout = 31536000, net_read_timeout = 31536000",
            "SET SESSION sql_select_limit = 18446744073709551615",
        ],
    }
}

/// What only some servers know: time limits on statements, and how old what is told of tables may be; at the target, constraints that the
/// rows have passed already.
const fn options_of_some(side: Side) -> &'static [(&'static str, &'static str)] {
    match side {
        Side::Source => &[
            ("max_statement_time", "SET SESSION max_statement_time = 0"),
            ("max_execution_time", "SET SESSION max_execution_time = 0"),
            ("information_schema_stats_expiry", "SET SESSION information_schema_stats_expiry = 0"),
        ],
        Side::Target => &[
            ("check_constraint_checks", "SET SESSION check_constraint_checks = 0"),
            ("max_statement_time", "SET SESSION max_statement_time = 0"),
            ("max_execution_time", "SET SESSION max_execution_time = 0"),
            ("information_schema_stats_expiry", "SET SESSION information_schema_stats_expiry = 0"),
        ],
    }
}

/// A server that asks for a file gets none: there is no handler that would read one. What a statement of ours loads is in memory.
fn options(endpoint: &Endpoint) -> Opts {
    let tls = endpoint.tls.as_ref().map(|tls| {
        let mut options = SslOpts::default().with_disable_built_in_roots(true);
        options = if tls.ca.is_empty() {
            options.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true)
        } else {
            // As DM does it: the CA decides, the name does not. Servers make certificates for themselves that hold no name.
            options
                .with_root_certs(vec![tls.ca.clone().into()])
                .with_danger_skip_domain_validation(true)
                .with_danger_tls_hostname_override(Some(UNCHECKED_NAME))
        };
        let identity = (!tls.certificate.is_empty())
            .then(|| ClientIdentity::new(tls.certificate.clone().into(), tls.key.reveal().as_bytes().to_vec().into()));
        options.with_client_identity(identity)
    });
    OptsBuilder::default()
        .ip_or_hostname(endpoint.host.clone())
        .tcp_port(endpoint.port)
        .user(Some(endpoint.user.clone()))
        .pass(Some(endpoint.password.reveal().to_owned()))
        .ssl_opts(tls)
        .prefer_socket(false)
        .stmt_cache_size(0_usize)
        .tcp_keepalive(Some(Duration::from_secs(15)))
        .max_allowed_packet(Some(LARGEST_PACKET))
        .wait_timeout(Some(31_536_000))
        .into()
}

/// Executes a statement without an answer.
pub(super) async fn execute(
    conn: &mut Conn,
    side: Side,
    doing: impl FnOnce() -> String + Send,
    statement: &str,
) -> Result<(), Fault> {
    let done = conn.query_drop(statement).await;
    done.map_err(|error| Fault::Database { side, doing: doing(), error: Box::new(error) })
}

/// The first row of an answer.
pub(super) async fn first<T: mysql_async::prelude::FromRow + Send + 'static>(
    conn: &mut Conn,
    side: Side,
    doing: impl FnOnce() -> String + Send,
    query: &str,
) -> Result<Option<T>, Fault> {
    let row = conn.query_first(query).await;
    row.map_err(|error| Fault::Database { side, doing: doing(), error: Box::new(error) })
}

/// All rows of an answer.
pub(super) async fn all<T: mysql_async::prelude::FromRow + Send + 'static>(
    conn: &mut Conn,
    side: Side,
    doing: impl FnOnce() -> String + Send,
    query: &str,
) -> Result<Vec<T>, Fault> {
    let rows = conn.query(query).await;
    rows.map_err(|error| Fault::Database { side, doing: doing(), error: Box::new(error) })
}

/// How many statements go to a server at a time.
const BATCH: usize = 100;

/// The rows of each of several queries, which go to the server many at a time. A server that takes one statement at a time only is asked
/// one by one; so is one that refuses any, so that it is known which. `doing` tells what each is for.
pub(super) async fn each<T: mysql_async::prelude::FromRow + Send + 'static>(
    conn: &mut Conn,
    side: Side,
    doing: impl Fn(usize) -> String + Send + Sync,
    queries: &[String],
) -> Result<Vec<Vec<T>>, Fault> {
    let mut found = Vec::with_capacity(queries.len());
    for batch in queries.chunks(BATCH) {
        match together(conn, batch).await {
            Ok(rows) if rows.len() == batch.len() => found.extend(rows),
            Err(error) if !matches!(error, mysql_async::Error::Server(_)) => {
                return Err(Fault::Database { side, doing: doing(found.len()), error: Box::new(error) });
            }
            _ => {
                for query in batch {
                    let at = found.len();
                    found.push(all(conn, side, || doing(at), query).await?);
                }
            }
        }
    }
    Ok(found)
}

async fn together<T: mysql_async::prelude::FromRow + Send + 'static>(
    conn: &mut Conn,
    queries: &[String],
) -> mysql_async::Result<Vec<Vec<T>>> {
    let mut result = conn.query_iter(queries.join(";")).await?;
    let mut found = Vec::with_capacity(queries.len());
    while !result.is_empty() {
        found.push(result.collect().await?);
    }
    Ok(found)
}
