//! Every type with its edges, between all pairs of servers, to the last byte.

use super::servers::{self, Family, Server, block, can_run, pairs};
use super::{engine, oracle, verify};

/// Types that both families have, with values at their edges.
const SHARED: &[&str] = &[
    "CREATE TABLE numbers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, a TINYINT, b TINYINT UNSIGNED, c SMALLINT UNSIGNED, d MEDIUMINT, \
     e INT UNSIGNED ZEROFILL, f BIGINT, g BIGINT UNSIGNED, h DECIMAL(65,30), i DECIMAL(20,0) UNSIGNED, j FLOAT, k DOUBLE, l FLOAT(7,4), \
     m BIT(1), n BIT(64), o YEAR, p BOOLEAN NOT NULL DEFAULT 1)",
    "INSERT INTO numbers VALUES \
     (0, -128, 255, 65535, -8388608, 4294967295, -9223372036854775808, 18446744073709551615, \
      -99999999999999999999999999999999999.999999999999999999999999999999, 99999999999999999999, 3.4028234e38, 1.7976931348623157e308, \
      123.4567, b'1', X'FFFFFFFFFFFFFFFF', 2155, 0), \
     (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.1, 0, b'0', X'00', 0, 0), \
     (-5, 127, 1, 1, 8388607, 1, 9223372036854775807, 9223372036854775808, 0.000000000000000000000000000001, 1, 1.17549435e-38, \
      2.2250738585072014e-308, -999.9999, NULL, X'0102', 1901, 1), \
     (7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -16777217, 1e-5, NULL, NULL, NULL, NULL, 1), \
     (8, 1, 1, 1, 1, 1, 1, 1, 1.5, 1, 0.30000001, 0.1234567890123456789, 1, 1, 1, 2000, 1)",
    "ALTER TABLE numbers AUTO_INCREMENT = 4711",
    "CREATE TABLE moments (id INT PRIMARY KEY, a DATE, b DATETIME, c DATETIME(6), d TIMESTAMP NULL DEFAULT NULL, e TIMESTAMP(6) NULL \
     DEFAULT NULL, f TIME, g TIME(6), h TIME(2), i DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, \
     j DATE DEFAULT '0000-00-00')",
    "INSERT INTO moments VALUES \
     (1, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00.000000', '0000-00-00 00:00:00', '0000-00-00 00:00:00.000000', '00:00:00', \
      '-00:00:00.000001', '-12:34:56.78', '2000-01-01', '0000-00-00'), \
     (2, '9999-12-31', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07', '2038-01-19 03:14:07.999999', \
      '838:59:59', '838:59:58.999999', '838:59:58.99', NULL, NULL), \
     (3, '2021-02-31', '2021-00-10 10:10:10', '0001-01-01 00:00:00.000010', '1970-01-01 00:00:01', '1970-01-01 00:00:01.000001', \
      '-838:59:59', '-838:59:58.999999', '00:00:00.01', '2024-02-29 12:00:00', '1000-01-01'), \
     (4, '2024-00-00', '0000-01-01 00:00:00', '2024-02-29 23:59:59.100000', '2024-03-31 02:30:00', '2024-10-27 01:30:00.5', '-00:00:01', \
      '23:59:59.5', '-00:00:00.10', '1000-01-01', '0001-01-01'), \
     (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "CREATE TABLE texts (id INT PRIMARY KEY, a CHAR(10), b VARCHAR(100), c TEXT, d TINYTEXT, e MEDIUMTEXT, f LONGTEXT, \
     g VARCHAR(40) CHARACTER SET latin1, h VARCHAR(40) CHARACTER SET gbk, i TEXT CHARACTER SET utf16, j CHAR(20) CHARACTER SET ucs2, \
     k VARCHAR(40) CHARACTER SET ascii, l VARCHAR(40) CHARACTER SET cp932, m VARCHAR(20) CHARACTER SET utf32, n VARCHAR(20) CHARACTER SET \
     big5, o VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin) DEFAULT CHARSET utf8mb4",
    "INSERT INTO texts VALUES \
     (1, '', '', '', '', '', '', '', '', '', '', '', '', '', '', ''), \
     (2, 'trail   ', 'trail   ', 'it''s \"q\" \\\\ \\0 \\Z \\n', '%_', _utf8mb4 X'F09F9880E282AC', '😀', _latin1 X'80818D8F909DFF27', \
      _gbk X'B0A1815C5C27', _utf16 X'D83DDE00005C0027', _ucs2 X'005C0027', X'5C27', _cp932 X'81608160FA40ED40835C', _utf32 X'0001F600', \
      _big5 X'A440A55CB55C', _latin1 X'E9'), \
     (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), \
     (4, '0', 'NULL', '\\\\N', '\\t', REPEAT('ä', 70000), REPEAT('x', 300000), 'a,b', '(', ')', ';', '--', '/*', '?', ':x', '`')",
    "CREATE TABLE bytes (id VARBINARY(20) NOT NULL PRIMARY KEY, a BINARY(8), b VARBINARY(100), c BLOB, d TINYBLOB, e MEDIUMBLOB, f LONGBLOB)",
    "INSERT INTO bytes VALUES (X'', X'', X'', X'', X'', X'', X''), (X'00', X'0001FF', X'0020', X'00275C220A0D1A', X'FF', \
     REPEAT(X'00', 70000), REPEAT(X'FE275C00', 100000)), (X'00FF27', NULL, NULL, NULL, NULL, NULL, NULL), (X'2C', 'a', 'b', 'c', 'd', 'e', 'f')",
    "CREATE TABLE choices (id INT PRIMARY KEY, a ENUM('x','y','z'), b ENUM('','a','ü','it''s','q,(') , c SET('a','b','c','d.(') , \
     d ENUM('é','ß') CHARACTER SET latin1 NOT NULL, e SET('ж','я') CHARACTER SET utf8mb4)",
    "INSERT INTO choices VALUES (1, 'x', '', '', 'é', ''), (2, 'z', 'ü', 'a,c', 'ß', 'ж,я'), (3, NULL, NULL, NULL, 'é', NULL), \
     (4, 'y', 'q,(', 'd', 'é', 'я')",
    "INSERT INTO choices VALUES (5, 'nonsense', 'nonsense', 'nonsense', 'é', 'ж'), (6, 'nonsense', 'a', 'a', 'nonsense', 'ж')",
    "CREATE TABLE shapes (id INT PRIMARY KEY, a GEOMETRY, b POINT NOT NULL, c POLYGON, d GEOMETRYCOLLECTION, SPATIAL KEY (b))",
    "INSERT INTO shapes VALUES (1, ST_GeomFromText('POINT(1 -2.5)'), ST_GeomFromText('POINT(0 0)'), \
     ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,2 1,2 2,1 2,1 1))'), \
     ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))')), \
     (2, ST_GeomFromText('LINESTRING(0 0,1e300 -1e-300)', 0), ST_GeomFromText('POINT(-0.1 0.1)'), NULL, NULL)",
    "CREATE TABLE computed (id INT PRIMARY KEY, a INT, b INT GENERATED ALWAYS AS (a + 1) VIRTUAL, c INT GENERATED ALWAYS AS (a * 2) STORED, \
     d VARCHAR(20) INVISIBLE DEFAULT 'hidden', e INT DEFAULT 5)",
    "INSERT INTO computed (id, a, d) VALUES (1, 1, 'seen'), (2, NULL, NULL), (3, -7, 'x')",
    "CREATE TABLE documents (id INT PRIMARY KEY, j JSON)",
    "INSERT INTO documents VALUES (1, '{\"a\": [1, 2.5, null, true, \"ü\\\\u0000\\\\\"\"], \"b\": {\"c\": 18446744073709551615}}'), (2, NULL), (3, 'null'), \
     (4, '[]'), (5, '\"it''s\"'), (6, '-1.5e100'), (7, '12345678901234567890.5')",
    "CREATE TABLE nothing (id INT PRIMARY KEY)",
    "CREATE TABLE keyless (a INT, b VARCHAR(10))",
    "INSERT INTO keyless VALUES (1, 'a'), (1, 'a'), (NULL, NULL), (NULL, NULL), (2, 'b')",
    "CREATE TABLE pairs (a VARCHAR(20) NOT NULL, b BIGINT NOT NULL, c DATETIME(3) NOT NULL, v INT, PRIMARY KEY (a, b, c))",
    "INSERT INTO pairs VALUES ('a', -1, '2024-01-01 00:00:00.001', 1), ('A ', 0, '0000-00-00', 2), ('ä', 5, '2024-01-01', 3), \
     ('it''s', 5, '2024-01-01', 4), ('', 0, '9999-12-31 23:59:59.999', 5)",
    "CREATE TABLE parent (id INT PRIMARY KEY) COMMENT 'it''s (a, b)'",
    "CREATE TABLE child (id INT PRIMARY KEY, parent INT, KEY k (parent), CONSTRAINT own FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE)",
    "INSERT INTO parent VALUES (1), (2)",
    "INSERT INTO child VALUES (1, 1), (2, 2), (3, NULL)",
    "CREATE TABLE parts (id INT NOT NULL, y INT NOT NULL, PRIMARY KEY (id, y)) PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (10), \
     PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "INSERT INTO parts VALUES (1, 1), (2, 20), (3, 9), (1, 30)",
];

/// What only one family has, and the other takes in its own words.
fn own(family: Family) -> &'static [&'static str] {
    match family {
        Family::MariaDb => &[
            "CREATE TABLE own_types (id INT PRIMARY KEY, u UUID DEFAULT UUID(), i INET6, n VARCHAR(9) COLLATE utf8mb4_uca1400_ai_ci, \
             p VARCHAR(9) COLLATE latin1_swedish_nopad_ci, s TEXT DEFAULT 'a(b', c VARCHAR(90) COMPRESSED)",
            "INSERT INTO own_types VALUES (1, '123e4567-e89b-12d3-a456-426655440000', '::ffff:1.2.3.4', 'é', 'x', 's', 'c'), \
             (2, NULL, NULL, NULL, NULL, NULL, NULL), (3, 'ffffffff-ffff-ffff-ffff-ffffffffffff', '2001:db8::1', '', '', '', '')",
            "CREATE TABLE own_engine (id INT PRIMARY KEY) ENGINE=Aria",
            "INSERT INTO own_engine VALUES (1), (2)",
        ],
        Family::MySql => &[
            "CREATE TABLE own_types (id INT PRIMARY KEY, a VARCHAR(9) COLLATE utf8mb4_0900_as_cs, b VARCHAR(9) COLLATE utf8mb4_ja_0900_as_cs, \
             g POINT SRID 4326, x VARCHAR(9), KEY f ((LOWER(x))), KEY h (x) INVISIBLE, CONSTRAINT k CHECK (id > 5) NOT ENFORCED)",
            "INSERT INTO own_types VALUES (1, 'a', 'あ', ST_GeomFromText('POINT(52.5 13.4)', 4326), 'x'), (2, 'A', NULL, NULL, NULL)",
        ],
    }
}

/// The same statements in a schema of each family's own.
pub async fn make(family: Family, schema: &str) {
    let server = servers::source(family);
    let mut conn = server.connect().await;
    let use_it = format!("USE {schema}");
    let create = format!("CREATE DATABASE {schema}");
    let statements =
        [create.as_str(), use_it.as_str()].into_iter().chain(SHARED.iter().copied()).chain(own(family).iter().copied());
    for statement in statements {
        use mysql_async::prelude::Queryable as _;
        conn.query_drop(statement).await.unwrap_or_else(|error| panic!("{family:?}: {error}\n{statement}"));
    }
}

#[test]
fn every_type_arrives_to_the_last_byte() {
    // Targets of its own: what it turns there would change what other tests see.
    let targets: Vec<Server> =
        servers::FAMILIES.into_iter().filter(|family| can_run(*family)).map(|family| Server::start(family, &[])).collect();
    block(async {
        let _busy = servers::busy().await;
        for ((from, to), loads) in pairs().into_iter().flat_map(|pair| [(pair, true), (pair, false)]) {
            let schema = format!("types_{}{loads}", if to == Family::MariaDb { "a" } else { "b" });
            make(from, &schema).await;
            let source = servers::source(from);
            let target = targets.iter().find(|target| target.family == to).unwrap();
            target.execute(&[&format!("SET GLOBAL local_infile = {loads}")]).await;
            let renamed = format!("{schema}_of_{}", if from == Family::MariaDb { "mariadb" } else { "mysql" });
            let routes = format!("routes: {{r: {{schema-pattern: {schema}, target-schema: {renamed}}}}}\n");
            let spec = engine::spec_of("s", &renamed, source, target, &[&schema], &routes, ", route-rules: [r]");
            engine::copy(&spec).await;
            oracle::assert_same(source, &schema, target, &renamed).await;
            verify::assert_equal(&[spec]).await;
            let next = target
                .value(&format!("SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{renamed}' AND TABLE_NAME = 'numbers'"))
                .await;
            assert_eq!(next, "4711", "{from:?} -> {to:?}");
        }
    });
}
