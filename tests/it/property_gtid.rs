//! GTID sets against a naive model: explicit sets of transactions, written out here and not by the code under test.

use std::collections::{BTreeMap, BTreeSet};

use dmctl::model::gtid::{GtidError, GtidSet};
use proptest::prelude::*;

const UUID: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const UUIDS: [&str; 3] = ["00000000-0000-0000-0000-00000000000a", UUID, "c5de11fd-e757-11f1-8281-02fc00000001"];
/// Sorted, with the untagged ones first, as the server prints them.
const TAGS: [&str; 3] = ["", "_b", "domain_1"];

fn set(text: &str) -> GtidSet {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn shown(text: &str) -> String {
    set(text).to_string()
}

#[test]
fn mysql_sets_are_brought_to_their_normal_form() {
    let cases = [
        (format!("{UUID}:1-5:7"), format!("{UUID}:1-5:7")),
        (format!("{}:23", UUID.to_uppercase()), format!("{UUID}:23")),
        (format!("{UUID}:7:3-5:1-2:4"), format!("{UUID}:1-5:7")),
        (format!("{UUID}:5-5"), format!("{UUID}:5")),
        (format!("{UUID}:007"), format!("{UUID}:7")),
        (format!("{UUID}:3,{UUID}:1,\n{UUID}:2"), format!("{UUID}:1-3")),
        (format!(" {UUID} : 1 - 3 ,\r\n\t{}:4\n", UUIDS[0]), format!("{}:4,{UUID}:1-3", UUIDS[0])),
        // What MySQL 9.1 makes of tags: https://bugs.mysql.com/bug.php?id=116789
        (format!("{UUID}:Domain_1:1-3:15-21, {UUID}:Domain_2:8-52"), format!("{UUID}:domain_1:1-3:15-21:domain_2:8-52")),
        (format!("{UUID}:tag:4-5,{UUID}:1-3"), format!("{UUID}:1-3:tag:4-5")),
        (format!("{UUID}:1:9223372036854775806"), format!("{UUID}:1:9223372036854775806")),
    ];
    for (text, normal) in cases {
        assert_eq!(shown(&text), normal, "{text}");
    }
}

#[test]
fn mariadb_sets_are_sorted_by_domain() {
    assert_eq!(shown("0-3306-70"), "0-3306-70");
    assert_eq!(shown("10-1-2, 9-2-5,\n0-4294967295-18446744073709551615"), "0-4294967295-18446744073709551615,9-2-5,10-1-2");
}

#[test]
fn an_empty_text_is_the_empty_set_of_both_kinds() {
    assert_eq!(set(""), GtidSet::Empty);
    assert_eq!(set(" \n"), GtidSet::Empty);
    assert_eq!(shown(""), "");
    for other in ["0-1-2".to_owned(), format!("{UUID}:1")] {
        assert_eq!(set(&other).contains(&GtidSet::Empty), Some(true));
        assert_eq!(GtidSet::Empty.contains(&set(&other)), Some(false));
        assert_eq!(GtidSet::Empty.union(&set(&other)), Some(set(&other)));
        assert_eq!(set(&other).union(&GtidSet::Empty), Some(set(&other)));
    }
    assert_eq!(GtidSet::Empty.contains(&GtidSet::Empty), Some(true));
}

#[test]
fn the_two_kinds_do_not_compare() {
    let (mysql, mariadb) = (set(&format!("{UUID}:1")), set("0-1-2"));
    assert_eq!(mysql.contains(&mariadb), None);
    assert_eq!(mariadb.contains(&mysql), None);
    assert_eq!(mysql.union(&mariadb), None);
}

#[test]
fn in_mariadb_the_sequence_of_a_domain_decides() {
    assert_eq!(set("0-1-270").contains(&set("0-2-269")), Some(true));
    assert_eq!(set("0-1-270").contains(&set("0-1-271")), Some(false));
    assert_eq!(set("0-1-270").contains(&set("1-1-1")), Some(false));
    assert_eq!(set("0-1-5,1-1-1").union(&set("0-2-9")), Some(set("0-2-9,1-1-1")));
}

#[test]
fn wrong_sets_name_the_wrong_part() {
    let owned = str::to_owned;
    let part = |rest: &str| format!("{UUID}{rest}");
    let interval = |interval: &str| GtidError::Interval { interval: owned(interval) };
    let number = |part: &str, number: &str| GtidError::Number { number: owned(number), part: owned(part) };
    let long_tag = "t".repeat(33);
    let cases = [
        (owned(","), GtidError::EmptyPart { text: owned(",") }),
        (part(":1,"), GtidError::EmptyPart { text: part(":1,") }),
        (owned("abc"), GtidError::Form { part: owned("abc") }),
        (owned("0-1"), GtidError::Form { part: owned("0-1") }),
        (part(":1,abc"), GtidError::Form { part: owned("abc") }),
        (part(":1,0-1-2"), GtidError::MixedKinds { part: owned("0-1-2") }),
        (format!("0-1-2,{UUID}:1"), GtidError::MixedKinds { part: part(":1") }),
        (owned("x:1"), GtidError::Uuid { uuid: owned("x") }),
        (owned(":1"), GtidError::Uuid { uuid: String::new() }),
        (owned("24DA167-0C0C-11E8-8442-00059A3C7B00:1"), GtidError::Uuid { uuid: owned("24DA167-0C0C-11E8-8442-00059A3C7B00") }),
        (UUID.to_owned(), GtidError::NoInterval { part: owned(UUID) }),
        (part(":tag"), GtidError::NoInterval { part: part(":tag") }),
        (part(":1:tag"), GtidError::NoInterval { part: part(":1:tag") }),
        (part(":a:b:1"), GtidError::NoInterval { part: part(":a:b:1") }),
        (part(":a-b:1"), GtidError::Tag { tag: owned("a-b") }),
        (part(&format!(":{long_tag}:1")), GtidError::Tag { tag: long_tag.clone() }),
        (part(":"), interval("")),
        (part("::1"), interval("")),
        (part(":0"), interval("0")),
        (part(":0-3"), interval("0-3")),
        (part(":5-1"), interval("5-1")),
        (part(":1-2-3"), interval("1-2-3")),
        (part(":+1"), interval("+1")),
        (part(":1-"), interval("1-")),
        (part(":0x1"), interval("0x1")),
        (part(":9223372036854775807"), interval("9223372036854775807")),
        (owned("0-x-1"), number("0-x-1", "x")),
        (owned("4294967296-1-1"), number("4294967296-1-1", "4294967296")),
        (owned("0-1-18446744073709551616"), number("0-1-18446744073709551616", "18446744073709551616")),
        (owned("0-1-+1"), number("0-1-+1", "+1")),
        (owned("0-1-5,0-2-6"), GtidError::DomainTwice { part: owned("0-2-6"), domain: 0 }),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<GtidSet>(), Err(error), "{text}");
    }
}

/// Transactions of MySQL, each named by the index of its uuid, the index of its tag, and its number.
type Mysql = BTreeSet<(usize, usize, u64)>;

/// Transactions of MariaDB: a domain with each sequence up to its last.
type Mariadb = BTreeSet<(u32, u64)>;

fn mysql_model() -> impl Strategy<Value = Mysql> {
    prop::collection::btree_set((0..UUIDS.len(), 0..TAGS.len(), 1_u64..12), 0..24)
}

/// One way to write a model: runs of at most `longest`, one a part, with the parts in the order of `salt`.
fn write_messily(model: &Mysql, longest: u64, salt: u64) -> String {
    let mut parts = Vec::new();
    for &(uuid, tag, first) in model {
        // Starting a run at every number makes the runs overlap.
        let last = (first..first + longest).take_while(|&number| model.contains(&(uuid, tag, number))).last();
        let mut text = UUIDS[uuid].to_owned();
        if !TAGS[tag].is_empty() {
            text.push_str(&format!(":{}", TAGS[tag]));
        }
        text.push_str(&format!(":{first}-{}", last.unwrap_or(first)));
        parts.push(if first % 2 == salt % 2 { text.to_uppercase() } else { text });
    }
    parts.sort_by_key(|part| part.bytes().fold(salt, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)));
    parts.join(if salt.is_multiple_of(3) { ",\n" } else { " , " })
}

/// The one normal text of a model.
fn write_normally(model: &Mysql) -> String {
    let mut parts = Vec::new();
    for (uuid, uuid_text) in UUIDS.iter().enumerate() {
        let mut part = String::new();
        for (tag, tag_text) in TAGS.iter().enumerate() {
            let has = |number| model.contains(&(uuid, tag, number));
            let firsts: Vec<u64> = (1..99).filter(|&number| has(number) && !has(number - 1)).collect();
            let lasts: Vec<u64> = (1..99).filter(|&number| has(number) && !has(number + 1)).collect();
            if !firsts.is_empty() && !tag_text.is_empty() {
                part.push_str(&format!(":{tag_text}"));
            }
            for (first, last) in firsts.into_iter().zip(lasts) {
                part.push_str(&if first == last { format!(":{first}") } else { format!(":{first}-{last}") });
            }
        }
        if !part.is_empty() {
            parts.push(format!("{uuid_text}{part}"));
        }
    }
    parts.join(",")
}

fn mariadb_lasts() -> impl Strategy<Value = BTreeMap<u32, (u32, u64)>> {
    prop::collection::btree_map(0_u32..3, (1_u32..3, 0_u64..6), 0..4)
}

fn write_mariadb(lasts: &BTreeMap<u32, (u32, u64)>) -> String {
    let parts: Vec<String> = lasts.iter().map(|(domain, (server, last))| format!("{domain}-{server}-{last}")).collect();
    parts.join(",")
}

fn mariadb_model(lasts: &BTreeMap<u32, (u32, u64)>) -> Mariadb {
    lasts.iter().flat_map(|(&domain, &(_, last))| (0..=last).map(move |sequence| (domain, sequence))).collect()
}

fn same_with_servers_dropped(set: &GtidSet) -> Mariadb {
    let text = set.to_string();
    let mut model = Mariadb::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let numbers: Vec<u64> = part.split('-').map(|number| number.parse().unwrap()).collect();
        model.extend((0..=numbers[2]).map(|sequence| (u32::try_from(numbers[0]).unwrap(), sequence)));
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mysql_set_reads_as_its_model(model in mysql_model(), longest in 1_u64..6, salt in any::<u64>()) {
        let read = set(&write_messily(&model, longest, salt));
        prop_assert_eq!(read.to_string(), write_normally(&model));
        prop_assert_eq!(set(&read.to_string()), read);
    }

    #[test]
    fn mysql_sets_contain_and_join_as_their_models(
        left in mysql_model(), right in mysql_model(), shared in mysql_model(), longest in 1_u64..6, salt in any::<u64>(),
    ) {
        // Without a shared part one set would hardly ever contain the other.
        let both: Mysql = left.union(&shared).copied().collect();
        let cases = [(&left, &right), (&both, &left), (&left, &both), (&both, &shared), (&both, &right), (&both, &both)];
        for (one, other) in cases {
            let (one_set, other_set) = (set(&write_messily(one, longest, salt)), set(&write_messily(other, longest, !salt)));
            prop_assert_eq!(one_set.contains(&other_set), Some(one.is_superset(other)));
            let joined = one_set.union(&other_set);
            let expected: Mysql = one.union(other).copied().collect();
            prop_assert_eq!(joined.as_ref().map(ToString::to_string), Some(write_normally(&expected)));
            prop_assert_eq!(&joined, &other_set.union(&one_set));
            let joined = joined.unwrap();
            prop_assert_eq!((joined.contains(&one_set), joined.contains(&other_set)), (Some(true), Some(true)));
        }
    }

    #[test]
    fn mariadb_sets_contain_and_join_as_their_models(one in mariadb_lasts(), other in mariadb_lasts()) {
        let (one_set, other_set) = (set(&write_mariadb(&one)), set(&write_mariadb(&other)));
        let (one_model, other_model) = (mariadb_model(&one), mariadb_model(&other));
        prop_assert_eq!(one_set.to_string(), write_mariadb(&one));
        prop_assert_eq!(one_set.contains(&other_set), Some(one_model.is_superset(&other_model)));
        let joined = one_set.union(&other_set);
        prop_assert_eq!(&joined, &other_set.union(&one_set));
        let joined = joined.unwrap();
        let expected: Mariadb = one_model.union(&other_model).copied().collect();
        prop_assert_eq!(same_with_servers_dropped(&joined), expected);
        prop_assert_eq!((joined.contains(&one_set), joined.contains(&other_set)), (Some(true), Some(true)));
    }

    #[test]
    fn any_text_is_refused_or_has_a_normal_form(text in "[0-9a-c_:, -]{0,20}") {
        for text in [text.clone(), format!("{UUID}:{text}"), format!("0-1-2,{text}")] {
            if let Ok(set) = text.parse::<GtidSet>() {
                prop_assert_eq!(set.to_string().parse(), Ok(set));
            }
        }
    }
}
