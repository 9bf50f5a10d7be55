//! The data of a small shop, as statements of a line each that both families understand, and the files of a task that copies it.

/// The user of the playground.
pub(super) const USER: &str = "player";

/// A number from 0 to 9999 a row.
const NUMBERS: &str = "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS n FROM {D} a, {D} b, {D} c, {D} d) numbers";
const DIGITS: &str = "(SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 \
                      UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";

const ORDERS: &str = "id BIGINT UNSIGNED NOT NULL PRIMARY KEY, customer INT UNSIGNED NOT NULL, product INT UNSIGNED NOT NULL, \
                      pieces SMALLINT UNSIGNED NOT NULL, total DECIMAL(12,2) NOT NULL, \
                      state ENUM('new','paid','sent','returned') NOT NULL, note VARCHAR(200), \
                      ordered DATETIME(3) NOT NULL, KEY customer (customer)";

/// Who may do everything, with a password.
fn user(secret: &str) -> Vec<String> {
    vec![
        format!("CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{secret}';"),
        format!("GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;"),
        // Nobody else comes in without one.
        format!("ALTER USER 'root'@'localhost' IDENTIFIED BY '{secret}';"),
    ]
}

/// Rows made of numbers below a limit.
fn rows(limit: u32) -> String {
    format!("{} WHERE n < {limit}", NUMBERS.replace("{D}", DIGITS))
}

/// What the first source holds.
pub(super) fn first(secret: &str) -> Vec<String> {
    let mut statements = user(secret);
    statements.extend(
        [
            "CREATE DATABASE shop;".to_owned(),
            "CREATE TABLE shop.customers (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL, \
             mail VARCHAR(120) CHARACTER SET ascii NOT NULL, born DATE, member BIT(1) NOT NULL, points INT NOT NULL, \
             likes SET('books','music','games','food'), since YEAR NOT NULL, seen TIMESTAMP(6) NULL, \
             mark BINARY(16) NOT NULL, UNIQUE KEY mail (mail));"
                .to_owned(),
            format!(
                "INSERT INTO shop.customers (name, mail, born, member, points, likes, since, seen, mark) SELECT CONCAT(ELT(n % 8 + 1, \
                 'Zoë', 'Jürgen', 'Małgorzata', 'Søren', '小林', 'Ольга', 'Ana', 'O''Neil'), ' ', n), CONCAT('c', n, '@example.org'), \
                 IF(n % 9 = 0, NULL, DATE_ADD('1950-01-01', INTERVAL n * 5 DAY)), n % 2, n * 7 - 3000, n % 16, 2000 + n % 25, \
                 IF(n % 5 = 0, NULL, DATE_ADD('2024-01-01 00:00:00.000001', INTERVAL n MINUTE)), UNHEX(LEFT(SHA2(n, 256), 32)) FROM {};",
                rows(2000)
            ),
            "CREATE TABLE shop.products (id INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL, about TEXT, \
             price DECIMAL(10,2) NOT NULL, weight FLOAT, volume DOUBLE, opens TIME, picture BLOB, facts JSON, place POINT NOT NULL, \
             gross DECIMAL(12,2) GENERATED ALWAYS AS (price * 1.19) STORED, hidden TINYINT NOT NULL DEFAULT 0, \
             stock INT NOT NULL);"
                .to_owned(),
            format!(
                "INSERT INTO shop.products (id, name, about, price, weight, volume, opens, picture, facts, place, hidden, stock) SELECT n + 1, \
                 CONCAT(ELT(n % 6 + 1, 'Tea', 'Café ☕', 'Käse', '寿司', 'Book', 'Lamp'), ' ', n), IF(n % 7 = 0, NULL, REPEAT('good ', n)), \
                 n * 1.37 + 0.99, n / 3, 1 / (n + 1), SEC_TO_TIME(n * 60), IF(n % 4 = 0, NULL, UNHEX(SHA2(n, 512))), \
                 CONCAT('{{\"size\": ', n, ', \"colours\": [\"red\", \"blue\"]}}'), POINT(n % 360 - 180, n % 180 - 90), n % 11 = 0, \
                 100 + n FROM {};",
                rows(300)
            ),
            "CREATE TABLE shop.visits (customer INT UNSIGNED, page VARCHAR(100) NOT NULL, at DATETIME NOT NULL);".to_owned(),
            format!(
                "INSERT INTO shop.visits SELECT IF(n % 3 = 0, NULL, n % 500 + 1), CONCAT('/products/', n % 300), DATE_ADD('2025-01-01', \
                 INTERVAL n DIV 2 SECOND) FROM {};",
                rows(1500)
            ),
        ]
        .map(one_line),
    );
    statements.extend(shards("sales_1", &[0, 1]));
    statements
}

/// What the second source holds.
pub(super) fn second(secret: &str) -> Vec<String> {
    let mut statements = user(secret);
    statements.extend(shards("sales_2", &[2, 3]));
    statements
}

/// What the target holds: nothing.
pub(super) fn target(secret: &str) -> Vec<String> {
    user(secret)
}

/// Shards of the orders: every fourth number is in each.
fn shards(schema: &str, numbers: &[u32]) -> Vec<String> {
    let mut statements = vec![format!("CREATE DATABASE {schema};")];
    for shard in numbers {
        statements.push(one_line(format!("CREATE TABLE {schema}.orders_{shard} ({ORDERS});")));
        statements.push(one_line(format!(
            "INSERT INTO {schema}.orders_{shard} SELECT n * 4 + {shard}, n % 2000 + 1, n % 300 + 1, n % 9 + 1, n * 3.21 + 1, n % 4 + 1, \
             IF(n % 6 = 0, NULL, CONCAT('gift for ', ELT(n % 3 + 1, 'Zoë', '小林', 'Ana'))), \
             DATE_ADD('2025-03-01 08:00:00.125', INTERVAL n * 97 SECOND) FROM {};",
            rows(1600)
        )));
    }
    statements
}

/// What a customer does at a source, which has two shards of the orders: each number is a purchase of its own.
pub(super) fn purchase(source: usize, number: u32) -> Vec<String> {
    let (schema, shard) = (source + 1, 2 * source + usize::from(number % 2 == 1));
    let (customer, product, pieces) = (number * 37 % 2000 + 1, number * 11 % 300 + 1, number % 5 + 1);
    let orders = format!("sales_{schema}.orders_{shard}");
    let mut statements = vec![format!(
        "INSERT INTO {orders} SELECT COALESCE(MAX(id) + 4, {shard}), {customer}, {product}, {pieces}, \
         {pieces} * (({product} - 1) * 1.37 + 0.99), 'new', NULL, UTC_TIMESTAMP(3) FROM {orders}"
    )];
    // Only the first source has the rest of the shop.
    if source == 0 {
        statements.push(format!(
            "UPDATE shop.products SET stock = IF(stock < {pieces}, stock + 500, stock - {pieces}) WHERE id = {product}"
        ));
        if number % 10 == 1 {
            statements.push(format!(
                "INSERT IGNORE INTO shop.customers (name, mail, born, member, points, likes, since, seen, mark) VALUES ('Núria {number}', \
                 'n{number}@example.org', '1990-01-01', 1, 0, 'music', 2025, UTC_TIMESTAMP(6), UNHEX(LEFT(SHA2({number}, 256), 32)))"
            ));
        }
    }
    statements
}

/// Servers read a statement a line.
fn one_line(text: String) -> String {
    text.replace('\n', " ")
}

/// The file of a source.
pub(super) fn source_file(name: &str, port: u16, secret: &str) -> String {
    format!(
        "# A source of the playground.\nsource-id: {name}\nfrom:\n  host: 127.0.0.1\n  port: {port}\n  user: {USER}\n  password: {secret:?}\n"
    )
}

/// The file of the task.
pub(super) fn task_file(name: &str, [one, other]: [&str; 2], port: u16, secret: &str) -> String {
    format!(
        "# The shop goes over as it is, and the shards of its orders, which are on both sources, go into one table.\n\
         name: {name}\n\
         task-mode: full\n\
         target-database:\n  host: 127.0.0.1\n  port: {port}\n  user: {USER}\n  password: {secret:?}\n\
         mysql-instances:\n\
         - source-id: {one}\n  block-allow-list: shop\n  route-rules: [orders, sales]\n\
         - source-id: {other}\n  block-allow-list: shop\n  route-rules: [orders, sales]\n\
         block-allow-list:\n  shop:\n    do-dbs: [shop, 'sales_*']\n\
         routes:\n\
         \x20 orders:\n    schema-pattern: 'sales_*'\n    table-pattern: 'orders_*'\n    target-schema: sales\n    target-table: orders\n\
         \x20 sales:\n    schema-pattern: 'sales_*'\n    target-schema: sales\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{source_file as source, task_file as task};

    #[test]
    fn the_files_are_understood() {
        let text = task_file("shop", ["a", "b"], 3306, "hush");
        let read = task::read(&text).unwrap_or_else(|flaws| panic!("{flaws:?}\n{text}"));
        assert_eq!(read.instances().count(), 2);
        let text = source_file("a", 3306, "hush");
        source::read(&text).unwrap_or_else(|flaws| panic!("{flaws:?}\n{text}"));
    }

    #[test]
    fn a_statement_is_a_line() {
        for statement in first("hush").into_iter().chain(second("hush")).chain(target("hush")) {
            assert!(statement.ends_with(';') && !statement.contains('\n') && statement.len() < 20_000, "{statement}");
        }
    }
}
