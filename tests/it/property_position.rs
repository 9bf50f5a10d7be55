//! Binlog names and positions: DM's text forms, their round trip and their order.

use std::cmp::Ordering;

use dmctl::model::position::{BinlogName, BinlogNameError, Position, PositionError};
use proptest::prelude::*;

fn name(text: &str) -> BinlogName {
    text.parse().unwrap()
}

fn position(text: &str) -> Position {
    text.parse().unwrap()
}

#[test]
fn a_name_has_a_base_and_a_number() {
    let name = name("mysql-bin.000012");
    assert_eq!((name.base(), name.number()), ("mysql-bin", 12));
}

#[test]
fn wrong_names_say_why() {
    type Wrong = fn(String) -> BinlogNameError;
    // The refused names of `dm/pkg/utils/filename_test.go`, and more.
    let cases: [(&str, Wrong); 14] = [
        ("", |name| BinlogNameError::NoDot { name }),
        ("mysql-bin", |name| BinlogNameError::NoDot { name }),
        ("mysql.bin.666666", |name| BinlogNameError::ManyDots { name }),
        ("mysql-bin|000001.000002.000003", |name| BinlogNameError::ManyDots { name }),
        (".000001", |name| BinlogNameError::NoBase { name }),
        ("mysql-bin.", |name| BinlogNameError::NoNumber { name }),
        ("mysql.bin", |name| BinlogNameError::NoNumber { name }),
        ("mysql-bin.-666666", |name| BinlogNameError::NoNumber { name }),
        ("mysql-bin.+6", |name| BinlogNameError::NoNumber { name }),
        ("mysql-bin.666abc", |name| BinlogNameError::NoNumber { name }),
        ("mysql-bin.def666", |name| BinlogNameError::NoNumber { name }),
        ("mysql-bin.000000", |name| BinlogNameError::ZeroNumber { name }),
        ("mysql-bin.18446744073709551616", |name| BinlogNameError::LargeNumber { name }),
        ("mysql-bin.000000000000000000001", |name| BinlogNameError::LargeNumber { name }),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<BinlogName>(), Err(error(text.to_owned())));
    }
    let padded = format!("b.{}1", "0".repeat(70_000));
    assert!(matches!(padded.parse::<BinlogName>(), Err(BinlogNameError::LargeNumber { .. })));
}

#[test]
fn names_are_ordered_within_their_base_only() {
    assert!(name("mysql-bin.000009") < name("mysql-bin.000010"));
    assert!(name("mysql-bin.999999") < name("mysql-bin.1000000"));
    assert_eq!(name("mysql-bin.000001").partial_cmp(&name("mariadb-bin.000001")), None);
    assert_ne!(name("mysql-bin.1"), name("mysql-bin.000001"));
    assert!(position("(b.000001, 9)") < position("(b.000001, 10)"));
    assert!(position("(b.000001, 900)") < position("(b.000002, 4)"));
    assert_eq!(position("(a.000001, 4)").partial_cmp(&position("(b.000001, 4)")), None);
}

#[test]
fn a_relay_suffix_is_kept_and_can_be_taken_off() {
    // The cases of `RealMySQLPos` in `dm/pkg/binlog/position_test.go`.
    let cases = [
        ("mysql-bin.000002", "mysql-bin.000002"),
        ("mysql-bin|000002.000003", "mysql-bin.000003"),
        ("mysql|bin|000002.000003", "mysql|bin.000003"),
        ("mysql-bin|invalid-suffix.000003", "mysql-bin|invalid-suffix.000003"),
        ("mysql-bin|000000.000003", "mysql-bin|000000.000003"),
        ("|000002.000003", "|000002.000003"),
    ];
    for (relay, upstream) in cases {
        assert_eq!(name(relay).to_string(), relay);
        assert_eq!(name(relay).without_relay_suffix(), name(upstream));
    }
}

#[test]
fn positions_are_read_in_both_forms() {
    assert_eq!(position("(mysql-bin.000001, 304675)"), position("mysql-bin.000001:304675"));
    assert_eq!(position("mysql-bin.000001:4").to_string(), "(mysql-bin.000001, 4)");
    assert_eq!(position("(mysql-bin|000001.000002, 4)").name, name("mysql-bin|000001.000002"));
    let odd = Position { name: name("a:b, (c.000001"), offset: 4 };
    assert_eq!(position("a:b, (c.000001:4"), odd);
    assert_eq!(position(&odd.to_string()), odd);
}

#[test]
fn wrong_positions_say_why() {
    for text in ["", "mysql-bin.000001", "(mysql-bin.000001)", "(mysql-bin.000001,4)", "(mysql-bin.000001:4)", "(", "()"] {
        assert_eq!(text.parse::<Position>(), Err(PositionError::Form { text: text.to_owned() }));
    }
    for offset in ["", "-4", "+4", "x", "4 ", "18446744073709551616"] {
        let error = PositionError::Offset { offset: offset.to_owned() };
        assert_eq!(format!("(b.000001, {offset})").parse::<Position>(), Err(error.clone()));
        assert_eq!(format!("b.000001:{offset}").parse::<Position>(), Err(error));
    }
    let error = BinlogNameError::NoDot { name: "b".to_owned() };
    assert_eq!("b:4".parse::<Position>(), Err(PositionError::Name(error)));
    assert_eq!("(, 4)".parse::<Position>(), Err(BinlogNameError::NoDot { name: String::new() }.into()));
}

#[test]
fn dm_shows_no_position_as_an_empty_one() {
    for none in ["", "(, 4)", "(, 0)"] {
        assert_eq!(Position::parse_dm(none), Ok(None));
    }
    assert_eq!(Position::parse_dm("(b.000001, 4)"), Ok(Some(position("b.000001:4"))));
    assert_eq!(Position::parse_dm("(, x)"), Err(PositionError::Offset { offset: "x".to_owned() }));
    assert!(Position::parse_dm("not a binlog").is_err());
}

fn any_name() -> impl Strategy<Value = String> {
    ("[a-c|:,() é-]{1,6}", 1..=u64::MAX, 1_usize..=20).prop_map(|(base, number, width)| format!("{base}.{number:0width$}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_refused_or_comes_back(text in "[(]?[a-c|:., ()0-9]{0,12}[)]?") {
        if let Ok(name) = text.parse::<BinlogName>() {
            prop_assert_eq!(name.to_string(), text.clone());
        }
        if let Ok(position) = text.parse::<Position>() {
            prop_assert_eq!(position.to_string().parse(), Ok(position.clone()));
            prop_assert_eq!(Position::parse_dm(&text), Ok(Some(position)));
        }
    }

    #[test]
    fn names_and_positions_come_back(text in any_name(), offset in any::<u64>()) {
        prop_assert_eq!(name(&text).to_string(), text.clone());
        let shown = format!("({text}, {offset})");
        prop_assert_eq!(position(&shown).to_string(), shown);
        prop_assert_eq!(position(&format!("{text}:{offset}")), Position { name: name(&text), offset });
    }

    #[test]
    fn the_order_is_that_of_the_numbers(
        left in (0_u8..2, 1_u64..12, 0_u64..3),
        right in (0_u8..2, 1_u64..12, 0_u64..3),
    ) {
        let built = |(base, number, offset): (u8, u64, u64)| position(&format!("b{base}.{number:06}:{offset}"));
        let expected = (left.0 == right.0).then(|| (left.1, left.2).cmp(&(right.1, right.2)));
        prop_assert_eq!(built(left).partial_cmp(&built(right)), expected);
        prop_assert_eq!(expected == Some(Ordering::Equal), built(left) == built(right));
    }
}
