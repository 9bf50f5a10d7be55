//! The tables that are copied and killed for, and what a server says of them and of the connections of the copy.

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use super::servers::Server;

/// The user of all connections of the copy, so that they can be told from ours.
pub const USER: &str = "copier";

/// The tables whose copy goes on where it was.
pub const KEYED: [&str; 2] = ["keyed", "parted"];
/// All tables that stay as they are unless the source moves while the server is down.
pub const PLAIN: [&str; 3] = ["keyed", "parted", "keyless"];
/// Two tables of so many rows that always change together: the change with number n sets row n modulo this in both.
pub const PAIR: [&str; 2] = ["one", "other"];
pub const PAIR_ROWS: u64 = 20;

const DIGITS: &str = "(SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 \
                      UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";

pub fn tables() -> Vec<String> {
    let numbers = format!("(SELECT x.n + 10 * y.n + 100 * z.n AS n FROM {DIGITS} x, {DIGITS} y, {DIGITS} z) numbers");
    vec![
        "CREATE TABLE keyed (id BIGINT AUTO_INCREMENT PRIMARY KEY, v INT, filler MEDIUMTEXT)".to_owned(),
        format!("INSERT INTO keyed SELECT n, n, REPEAT(CHAR(65 + n % 26), 30000) FROM {numbers} WHERE n < 300"),
        "CREATE TABLE parted (a VARCHAR(20), b INT, filler MEDIUMTEXT, PRIMARY KEY (a, b))".to_owned(),
        format!("INSERT INTO parted SELECT CONCAT('É', n % 7), n, REPEAT(CHAR(65 + n % 26), 30000) FROM {numbers} WHERE n < 200"),
        "CREATE TABLE keyless (v INT, filler MEDIUMTEXT)".to_owned(),
        format!("INSERT INTO keyless SELECT n % 50, REPEAT('k', 30000) FROM {numbers} WHERE n < 300"),
        "CREATE TABLE one (id INT PRIMARY KEY, v BIGINT, filler TEXT)".to_owned(),
        format!("INSERT INTO one SELECT n, 0, REPEAT('o', 30000) FROM {numbers} WHERE n < {PAIR_ROWS}"),
        "CREATE TABLE other LIKE one".to_owned(),
        "INSERT INTO other SELECT * FROM one".to_owned(),
    ]
}

pub fn all_tables() -> Vec<&'static str> {
    PLAIN.into_iter().chain(PAIR).collect()
}

/// How many rows there are in some tables, as far as there are such tables.
pub async fn count(conn: &mut Conn, schema: &str, level: &str, tables: &[&str]) -> u64 {
    conn.query_drop(format!("SET SESSION TRANSACTION ISOLATION LEVEL READ {level}")).await.unwrap();
    let mut sum = 0;
    for table in tables {
        // A table that is not there yet, or just now made anew.
        let rows: Option<u64> = conn.query_first(format!("SELECT COUNT(*) FROM {schema}.{table}")).await.unwrap_or(None);
        sum += rows.unwrap_or(0);
    }
    sum
}

pub struct Session {
    pub id: u64,
    pub command: String,
    pub state: String,
    pub info: String,
}

impl Session {
    /// It is at something that needs no more of its client.
    pub fn is_busy(&self) -> bool {
        self.command != "Sleep" && !self.info.starts_with("LOAD DATA")
    }
}

/// The connections of the copy.
pub async fn sessions(conn: &mut Conn) -> Vec<Session> {
    let rows: Vec<mysql_async::Row> = conn.query("SHOW PROCESSLIST").await.unwrap();
    let own = rows.into_iter().filter(|row| row.get::<String, _>("User").unwrap() == USER);
    let session = |row: mysql_async::Row| Session {
        id: row.get("Id").unwrap(),
        command: row.get("Command").unwrap(),
        state: row.get::<Option<String>, _>("State").unwrap().unwrap_or_default(),
        info: row.get::<Option<String>, _>("Info").unwrap().unwrap_or_default(),
    };
    own.map(session).collect()
}

pub async fn kill_sessions(server: &Server) {
    let mut conn = server.connect().await;
    for session in sessions(&mut conn).await {
        // It may be gone already.
        drop(conn.query_drop(format!("KILL CONNECTION {}", session.id)).await);
    }
}
