use std::collections::BTreeSet;

use super::*;
use crate::engine::shape::{Column, Kind as ColumnKind};

fn column(name: &str, type_text: &str, collation: Option<&str>) -> Column {
    Column {
        name: name.to_owned(),
        kind: ColumnKind::Number,
        type_text: type_text.to_owned(),
        collation: collation.map(str::to_owned),
        nullable: true,
        generated: false,
    }
}

fn shape(collation: &str, columns: Vec<Column>) -> Shape {
    Shape {
        schema: "shop".to_owned(),
        table: "t".to_owned(),
        engine: "InnoDB".to_owned(),
        collation: Some(collation.to_owned()),
        columns,
        key: None,
        has_unique: false,
        rows_estimated: 0,
        bytes_estimated: 0,
        next_number: None,
        system_versioned: false,
    }
}

fn made(create: &str, shape: &Shape, from: Flavor, to: Flavor) -> Made {
    made_with(create, shape, from, to, &[])
}

fn made_with(create: &str, shape: &Shape, from: Flavor, to: Flavor, engines: &[String]) -> Made {
    let route = |schema: &str, table: &str| (schema.to_uppercase(), format!("new_{table}"));
    let place = ("SHOP".to_owned(), "new_t".to_owned());
    let mut taken = Taken::default();
    taken.note(create, &place);
    taken
        .note("CREATE TABLE `u` (\n  CONSTRAINT `twice` CHECK (1),\n  CONSTRAINT `CONSTRAINT_1` CHECK (1)\n)", &route("shop", "u"));
    let to = To {
        flavor: to,
        engines,
        lacking: &BTreeSet::from(["uuid_to_bin".to_owned(), "date".to_owned()]),
        taken: &taken,
        table: &place,
    };
    make(create, shape, from, to, &["r".to_owned()], route)
}

#[test]
fn functions_that_the_target_lacks_stand_in_the_way() {
    let create = "CREATE TABLE `t` (\n  `a` varchar(9) DEFAULT uuid_to_bin(uuid()) COMMENT 'sha1(x)',\n  `b` date GENERATED ALWAYS AS \
                  (cast(left(`a`,2) as date(3))) VIRTUAL,\n  KEY `k` ((date(`b`))),\n  CONSTRAINT `c` CHECK ((`a` <> UUID_TO_BIN(1)))\n)";
    assert_eq!(calls(create).into_iter().collect::<Vec<_>>(), ["cast", "date", "left", "uuid", "uuid_to_bin"]);
    let made = made(create, &shape("latin1_swedish_ci", Vec::new()), Flavor::MySql, Flavor::MySql);
    let expected = [
        "column `a`: the target has no function UUID_TO_BIN",
        "`k`: the target has no function DATE",
        "`c`: the target has no function UUID_TO_BIN",
    ];
    assert_eq!(made.impossible, expected);
}

#[test]
fn an_engine_that_the_target_lacks_becomes_innodb_in_all_partitions() {
    let create = "CREATE TABLE `t` (\n  `ENGINE` int COMMENT 'ENGINE=ARCHIVE'\n) ENGINE=ARCHIVE DEFAULT CHARSET=latin1\n\
                  /*!50100 PARTITION BY LIST (a)\n(PARTITION p0 VALUES IN (1) ENGINE = ARCHIVE,\n PARTITION p1 VALUES IN (2) \
                  ENGINE = ARCHIVE) */";
    let shape = shape("latin1_swedish_ci", vec![column("ENGINE", "int", None)]);
    let engines = ["InnoDB".to_owned(), "MyISAM".to_owned()];
    let kept = "CREATE TABLE `SHOP`.`new_t` (\n  `ENGINE` int COMMENT 'ENGINE=ARCHIVE'\n)";
    for to in [Flavor::MySql, Flavor::MariaDb] {
        let lacking = made_with(create, &shape, Flavor::MySql, to, &engines);
        assert!(lacking.statement.starts_with(kept), "{}", lacking.statement);
        let behind = &lacking.statement[kept.len()..];
        assert_eq!((behind.matches("InnoDB").count(), behind.matches("ARCHIVE").count()), (3, 0), "{behind}");
        assert_eq!(lacking.changed, ["the engine ARCHIVE becomes InnoDB"]);
        let there = made_with(create, &shape, Flavor::MySql, to, &["archive".to_owned()]);
        // MySQL has it, and parts none but InnoDB.
        let (kept, changed) = match to {
            Flavor::MySql => (1, vec!["the engine ARCHIVE becomes InnoDB".to_owned()]),
            Flavor::MariaDb => (2, Vec::new()),
        };
        assert_eq!((there.statement.matches("ENGINE=ARCHIVE").count(), there.changed), (kept, changed));
    }
    let own = create.replace("ARCHIVE", "Own");
    assert_eq!(made(&own, &shape, Flavor::MySql, Flavor::MariaDb).changed, ["the engine Own becomes InnoDB"]);
    assert_eq!(made(&own, &shape, Flavor::MySql, Flavor::MySql).changed, Vec::<String>::new(), "what there is is not known");
}

#[test]
fn between_alike_servers_only_names_change() {
    let create = "CREATE TABLE `t` (\n  `a` int DEFAULT '5' /*!80023 INVISIBLE */,\n  KEY `k` ((`a` + 1)),\n  CONSTRAINT `f` FOREIGN KEY (`a`) \
                  REFERENCES `u` (`id`),\n  CONSTRAINT `g` FOREIGN KEY (`a`) REFERENCES `bank`.`v` (`id`) ON DELETE CASCADE\n) ENGINE=InnoDB \
                  COMMENT='it''s (,)'";
    let made = made(create, &shape("utf8mb4_0900_ai_ci", Vec::new()), Flavor::MySql, Flavor::MySql);
    assert_eq!(
        made.statement,
        "CREATE TABLE `SHOP`.`new_t` (\n  `a` int DEFAULT '5' /*!80023 INVISIBLE */,\n  KEY `k` ((`a` + 1)),\n  CONSTRAINT `f` FOREIGN KEY \
         (`a`) REFERENCES `new_u` (`id`),\n  CONSTRAINT `g` FOREIGN KEY (`a`) REFERENCES `BANK`.`new_v` (`id`) ON DELETE CASCADE\n) \
         ENGINE=InnoDB COMMENT='it''s (,)'"
    );
    assert_eq!((made.changed, made.impossible), (Vec::new(), Vec::new()));
}

#[test]
fn what_only_mysql_knows_becomes_what_mariadb_knows() {
    let create = "CREATE TABLE `t` (\n  `a` varchar(10) CHARACTER SET latin1 DEFAULT NULL /*!80023 INVISIBLE */,\n  `g` point \
                  /*!80003 SRID 4326 */,\n  KEY `k` ((`b` + 1)),\n  KEY `i` (`a`) /*!80000 INVISIBLE */,\n  CONSTRAINT `c` CHECK ((`a` \
                  <> _utf8mb4'x' collate utf8mb4_0900_bin)),\n  CONSTRAINT `d` CHECK ((`a` > 1)) /*!80016 NOT ENFORCED */\n) \
                  /*!50100 TABLESPACE `x` */ ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci ENCRYPTION='N'\n\
                  /*!50100 PARTITION BY KEY (a)\nPARTITIONS 2 */";
    let shape =
        shape("utf8mb4_0900_ai_ci", vec![column("a", "varchar(10)", Some("latin1_swedish_ci")), column("g", "point", None)]);
    let made = made(create, &shape, Flavor::MySql, Flavor::MariaDb);
    assert_eq!(
        made.statement,
        "CREATE TABLE `SHOP`.`new_t` (\n  `a` varchar(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL INVISIBLE,\n  `g` \
         point,\n  KEY `i` (`a`) IGNORED,\n  CONSTRAINT `c` CHECK ((`a` <> _utf8mb4'x' collate utf8mb4_nopad_bin))\n) DEFAULT CHARSET \
         utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci ENGINE=InnoDB\n/*!50100 PARTITION BY KEY (a)\nPARTITIONS 2 */"
    );
    assert_eq!(made.impossible, Vec::<String>::new());
    let changed = made.changed.join("\n");
    for part in ["column `g`", "`k`: an index on an expression", "`d`: a constraint", "ENCRYPTION", "TABLESPACE", "utf8mb4_uca1400"]
    {
        assert!(changed.contains(part), "{part} is missing in {changed}");
    }
}

#[test]
fn what_mariadb_has_nothing_for_is_named() {
    let create = "CREATE TABLE `t` (\n  `v` vector(3) DEFAULT NULL,\n  `w` varchar(3) COLLATE gb18030_bin,\n  UNIQUE KEY `u` ((lower(`w`)))\n) \
                  ENGINE=InnoDB";
    let shape = shape("utf8mb4_bin", vec![column("v", "vector(3)", None), column("w", "varchar(3)", Some("gb18030_bin"))]);
    let impossible = made(create, &shape, Flavor::MySql, Flavor::MariaDb).impossible.join("\n");
    for part in ["column `v`: the target has no VECTOR", "column `w`", "`u`: the target has no unique index"] {
        assert!(impossible.contains(part), "{part} is missing in {impossible}");
    }
}

#[test]
fn what_only_mariadb_knows_becomes_what_mysql_knows() {
    let create = "CREATE TABLE `t` (\n  `u` uuid NOT NULL DEFAULT uuid(),\n  `s` text DEFAULT 'a(b',\n  `d` datetime DEFAULT \
                  current_timestamp() ON UPDATE current_timestamp(),\n  `e` int(11) DEFAULT (1 + 2),\n  `c` varchar(9) \
                  /*M!100301 COMPRESSED*/ DEFAULT NULL,\n  KEY `k` (`e`) IGNORED\n) ENGINE=Aria DEFAULT CHARSET=utf8mb4 \
                  COLLATE=utf8mb4_uca1400_ai_ci PAGE_CHECKSUM=1 `PAGE_COMPRESSED`=1";
    let columns = vec![column("s", "text", Some("utf8mb4_uca1400_ai_ci")), column("c", "varchar(9)", Some("latin1_bin"))];
    let made = made(create, &shape("utf8mb4_uca1400_ai_ci", columns), Flavor::MariaDb, Flavor::MySql);
    assert_eq!(
        made.statement,
        "CREATE TABLE `SHOP`.`new_t` (\n  `u` char(36) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT (uuid()),\n  `s` text \
         CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT ( 'a(b'),\n  `d` datetime DEFAULT current_timestamp() ON UPDATE \
         current_timestamp(),\n  `e` int(11) DEFAULT (1 + 2),\n  `c` varchar(9) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL,\n  KEY \
         `k` (`e`) INVISIBLE\n) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci ENGINE=InnoDB"
            .replace("DEFAULT (uuid())", "DEFAULT ( uuid())")
    );
    assert_eq!(made.impossible, Vec::<String>::new());
    assert!(made.changed.iter().any(|change| change.contains("Aria")), "{:?}", made.changed);
}

#[test]
fn a_schema_keeps_its_character_set() {
    let create = "CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */";
    assert_eq!(
        make_schema(create, Flavor::MySql, Flavor::MariaDb, "new"),
        "CREATE DATABASE IF NOT EXISTS `new` CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci"
    );
    assert_eq!(
        make_schema("CREATE DATABASE `a` /*!40100 DEFAULT CHARACTER SET latin1 */", Flavor::MariaDb, Flavor::MySql, "a"),
        "CREATE DATABASE IF NOT EXISTS `a` CHARACTER SET latin1"
    );
}

#[test]
fn indexes_that_can_wait_are_made_later() {
    let create = "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `n` int NOT NULL AUTO_INCREMENT,\n  `f` int,\n  `r` int,\n  `a` text,\n  `g` int \
                  GENERATED ALWAYS AS (`f` + 1) VIRTUAL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`a`(10) DESC,`id`),\n  KEY `own` (`n`),\n  \
                  KEY `fk` (`f`),\n  KEY `ref` (`r`),\n  KEY `gen` (`g`),\n  KEY `ex` ((`id` + 1)),\n  KEY `k` (`a`(5)) COMMENT 'a (b),',\n  \
                  FULLTEXT KEY `ft` (`a`),\n  UNIQUE KEY `h` (`a`) USING HASH,\n  CONSTRAINT `c` FOREIGN KEY (`f`) REFERENCES `x`.`y` (`z`)\n)";
    let mut columns: Vec<Column> = ["id", "n", "f", "r", "a", "g"].map(|name| column(name, "int", None)).into();
    columns[5].generated = true;
    let shape = shape("utf8mb4_bin", columns);
    let first = made(create, &shape, Flavor::MySql, Flavor::MySql);
    let late: Vec<(&str, &str)> = first.late.iter().map(|late| (late.name.as_str(), late.clause.as_str())).collect();
    assert_eq!(late, [("u", "UNIQUE KEY `u` (`a`(10) DESC,`id`)"), ("k", "KEY `k` (`a`(5)) COMMENT 'a (b),'")]);
    assert!(
        first.statement.contains("KEY `k`") && !first.early.contains("KEY `k`") && first.early.contains("KEY `fk`"),
        "{first:?}"
    );
    assert_eq!(references(create, "s"), [(("x".to_owned(), "y".to_owned()), vec!["z".to_owned()])]);
    // Without a primary key, rows are kept in the order of a unique one.
    let late = made(&create.replace("PRIMARY KEY", "KEY `p`"), &shape, Flavor::MySql, Flavor::MySql).late;
    assert_eq!(late.iter().map(|late| late.name.as_str()).collect::<Vec<_>>(), ["p", "k"]);
}

#[test]
fn names_of_constraints_that_a_schema_can_t_have_twice_are_left_out() {
    let create = "CREATE TABLE `t` (\n  `a` int CHECK (`a` > `b`) COMMENT 'x',\n  CONSTRAINT `Twice` CHECK (`a` > 1),\n  CONSTRAINT `CONSTRAINT_1` \
                  CHECK (`a` > 2),\n  CONSTRAINT `own` CHECK (`a` > 3)\n) ENGINE=InnoDB";
    let shape = shape("latin1_bin", vec![column("a", "int", None)]);
    let mysql = made(create, &shape, Flavor::MariaDb, Flavor::MySql);
    assert_eq!(
        mysql.statement,
        "CREATE TABLE `SHOP`.`new_t` (\n  `a` int COMMENT 'x',\n  CHECK (`a` > 1),\n  CHECK (`a` > 2),\n  CONSTRAINT `own` CHECK (`a` > 3),\n  \
         CHECK (`a` > `b`)\n) DEFAULT CHARSET latin1 COLLATE latin1_bin ENGINE=InnoDB"
    );
    assert_eq!(mysql.changed, ["`Twice`: the constraint gets another name, since two tables of the schema have this one"]);
    // In MariaDB each table has names of its own.
    assert_eq!(made(create, &shape, Flavor::MariaDb, Flavor::MariaDb).changed, Vec::<String>::new());
}

#[test]
fn what_comes_into_innodb_follows_its_rules() {
    let create = "CREATE TABLE `t` (\n  `g` int,\n  `id` int AUTO_INCREMENT,\n  PRIMARY KEY (`g`,`id`)\n) ENGINE=Aria ROW_FORMAT=PAGE DATA \
                  DIRECTORY='/a'\n PARTITION BY HASH (`g`)\n(PARTITION `p` DATA DIRECTORY = '/b' ENGINE = Aria)";
    let shape = shape("latin1_bin", Vec::new());
    let engines = ["InnoDB".to_owned(), "MyISAM".to_owned()];
    let mysql = made_with(create, &shape, Flavor::MariaDb, Flavor::MySql, &engines);
    assert!(mysql.statement.contains("PRIMARY KEY (`g`,`id`),\n  KEY (`id`)\n)"), "{}", mysql.statement);
    assert!(!["ROW_FORMAT", "Aria", "DIRECTORY"].iter().any(|word| mysql.statement.contains(word)), "{}", mysql.statement);
    // MySQL parts no other engine, even if it has it.
    let parted = create.replace("Aria", "MyISAM");
    assert!(
        made_with(&parted, &shape, Flavor::MySql, Flavor::MySql, &engines).statement.contains("(PARTITION `p` ENGINE = InnoDB)")
    );
    let kept = made_with(&parted, &shape, Flavor::MariaDb, Flavor::MariaDb, &engines);
    assert_eq!(kept.changed, ["the option DATA DIRECTORY is left out"]);
    assert!(kept.statement.contains("(PARTITION `p` ENGINE = MyISAM)"), "{}", kept.statement);
    let wide = |columns: usize| {
        let columns: Vec<String> = (0..columns).map(|number| format!("\n  `c{number}` int")).collect();
        let create = format!("CREATE TABLE `t` ({},\n  KEY (`c0`)\n) ENGINE=Aria", columns.join(","));
        made_with(&create, &shape, Flavor::MariaDb, Flavor::MySql, &engines).impossible
    };
    assert_eq!(wide(1017), Vec::<String>::new());
    assert_eq!(wide(1018), ["InnoDB has no tables of more than 1017 columns, and this one has 1018"]);
}

#[test]
fn computed_columns_and_long_keys_that_the_target_lacks_are_told() {
    let create = "CREATE TABLE `t` (\n  `a` int GENERATED ALWAYS AS (coalesce(`b`,NULL) is NOT NULL) STORED NOT NULL COMMENT 'NOT NULL',\n  \
                  PRIMARY KEY (`b`,`a`)\n)";
    let mut shape = shape("latin1_bin", vec![column("a", "int", None), column("b", "varchar(1000)", Some("utf8mb4_bin"))]);
    shape.columns[0].generated = true;
    let mariadb = made(create, &shape, Flavor::MySql, Flavor::MariaDb);
    assert!(mariadb.statement.contains("`a` int GENERATED ALWAYS AS (coalesce(`b`,NULL) is NOT NULL) STORED COMMENT 'NOT NULL',"));
    assert_eq!(mariadb.impossible, ["the target has no primary key on a column that is computed, such as `a`"]);
    shape.columns[1].kind = ColumnKind::Text("utf8mb4".to_owned());
    let create = "CREATE TABLE `t` (\n  `b` varchar(1000),\n  UNIQUE KEY `u` (`b`) USING HASH\n)";
    let long = ["`u`: the target has no unique index of more than 3072 bytes"];
    assert_eq!(made(create, &shape, Flavor::MariaDb, Flavor::MySql).impossible, long);
    shape.columns[1].kind = ColumnKind::Text("utf8mb3".to_owned());
    assert_eq!(made(create, &shape, Flavor::MariaDb, Flavor::MySql).impossible, Vec::<String>::new());
}
