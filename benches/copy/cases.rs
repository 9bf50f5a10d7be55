//! What is copied.

use crate::servers::Server;

/// Tables of a schema `bench`.
pub struct Case {
    pub name: &'static str,
    pub about: &'static str,
    pub tables: Vec<String>,
    /// The definition of each of them, behind its name.
    definition: &'static str,
    /// The values of a row, by a number `n`.
    values: &'static str,
    rows: u64,
}

const SYSBENCH: &str = "(id INT NOT NULL AUTO_INCREMENT, k INT NOT NULL DEFAULT 0, c CHAR(120) NOT NULL DEFAULT '', \
    pad CHAR(60) NOT NULL DEFAULT '', PRIMARY KEY (id), KEY k_1 (k)) ENGINE = InnoDB";
const SYSBENCH_VALUES: &str = "n, CRC32(n) % 1000000, CONCAT_WS('-', LPAD(CRC32(n), 11, '0'), LPAD(CRC32(n + 1), 11, '0'), \
    LPAD(CRC32(n + 2), 11, '0'), LPAD(CRC32(n + 3), 11, '0'), LPAD(CRC32(n + 4), 11, '0'), LPAD(CRC32(n + 5), 11, '0'), \
    LPAD(CRC32(n + 6), 11, '0'), LPAD(CRC32(n + 7), 11, '0'), LPAD(CRC32(n + 8), 11, '0'), LPAD(CRC32(n + 9), 11, '0')), \
    CONCAT_WS('-', LPAD(CRC32(n), 11, '0'), LPAD(CRC32(n + 1), 11, '0'), LPAD(CRC32(n + 2), 11, '0'), LPAD(CRC32(n + 3), 11, '0'), \
    LPAD(CRC32(n + 4), 11, '0'))";
const TYPES: &str = "(id BIGINT UNSIGNED NOT NULL PRIMARY KEY, d DECIMAL(20,6), f DOUBLE, g FLOAT, a DATETIME(6), b DATE, c TIME(3), \
    e ENUM('new','paid','sent'), s SET('a','b','c'), bits BIT(12), t TEXT, u VARCHAR(80), v VARBINARY(40), y YEAR, n INT NULL, \
    UNIQUE KEY u (u), KEY a (a, e), KEY d (d)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4";
const TYPES_VALUES: &str = "n * 7, n / 7, n / 3, n / 9, '2024-01-01 00:00:00.5' + INTERVAL n SECOND, '2020-02-29' + INTERVAL n % 999 DAY, \
    SEC_TO_TIME(n % 80000), 1 + n % 3, n % 8, n % 4096, CONCAT('it''s \\\\ a \\t text\\n', LEFT(SHA2(n, 256), 32)), CONCAT('ключ-é-', n), \
    UNHEX(LEFT(SHA2(n, 256), 32)), 1970 + n % 100, IF(n % 5 = 0, NULL, n)";

/// All cases, so many times the size.
pub fn all(scale: f64) -> Vec<Case> {
    let rows = |rows: u64| (rows as f64 * scale) as u64;
    let tables = |count: usize| (0..count).map(|number| format!("t{number}")).collect::<Vec<String>>();
    let sysbench =
        |name, about, count, rows| Case { name, about, tables: tables(count), definition: SYSBENCH, values: SYSBENCH_VALUES, rows };
    vec![
        sysbench("sysbench", "tables of sysbench with their index", 4, rows(1_000_000)),
        sysbench("one", "one table of sysbench", 1, rows(4_000_000)),
        sysbench("many", "many small tables of sysbench", ((500.0 * scale) as usize).max(50), 2_000),
        Case {
            name: "types",
            about: "a table of many types with three indexes",
            tables: tables(1),
            definition: TYPES,
            values: TYPES_VALUES,
            rows: rows(1_000_000),
        },
        Case {
            name: "keyless",
            about: "a table without a key",
            tables: tables(1),
            definition: "(a INT, b VARCHAR(100), c DATETIME) ENGINE = InnoDB",
            values: "n, SHA2(n, 256), '2024-01-01' + INTERVAL n SECOND",
            rows: rows(1_000_000),
        },
    ]
}

impl Case {
    /// Makes the tables at the source. How many rows there are.
    pub async fn fill(&self, server: &Server) -> u64 {
        let digits = "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL \
                      SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
        server
            .execute(&["DROP DATABASE IF EXISTS bench", "CREATE DATABASE bench", "CREATE TABLE bench.numbers (n INT PRIMARY KEY)"])
            .await;
        let places = self.rows.saturating_sub(1).to_string().len();
        let from: Vec<String> = (0..places).map(|place| format!("{digits} d{place}")).collect();
        let sum: Vec<String> = (0..places).map(|place| format!("d{place}.d * {}", 10_u64.pow(place as u32))).collect();
        let sum = sum.join(" + ");
        let fill =
            format!("INSERT INTO bench.numbers SELECT {sum} AS n FROM {} WHERE {sum} < {} ORDER BY n", from.join(", "), self.rows);
        server.execute(&[&fill]).await;
        for table in &self.tables {
            server
                .execute(&[
                    &format!("CREATE TABLE bench.{table} {}", self.definition),
                    &format!(
                        "INSERT INTO bench.{table} SELECT {} FROM (SELECT n + 1 AS n FROM bench.numbers) i ORDER BY n",
                        self.values
                    ),
                    &format!("ANALYZE TABLE bench.{table}"),
                ])
                .await;
        }
        server.execute(&["DROP TABLE bench.numbers"]).await;
        self.rows * self.tables.len() as u64
    }

    /// The statements that make the tables.
    pub fn definitions(&self) -> Vec<String> {
        self.tables.iter().map(|table| format!("CREATE TABLE bench.{table} {}", self.definition)).collect()
    }
}
