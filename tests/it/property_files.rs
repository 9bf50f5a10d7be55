//! Files of any content, made from the tables of keys: they come through a round trip as they were, and a slip in a key is found.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use dmctl::model::file::{Configuration, FlawKind, Section, Shape, Value as _, nearest};
use dmctl::model::source_file::{self, SourceFile};
use dmctl::model::task_file::{self, TaskFile};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Texts that a careless writer, or a careless reader, takes for something else.
const TRAPS: &[&str] = &[
    "",
    "~",
    "null",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "true",
    "010",
    "1e3",
    "0x10",
    "1_000",
    "1:30",
    "2001-01-01",
    ".5",
    "-",
    "=",
    "<<",
    "*",
    "&a",
    "!x",
    "%",
    "@",
    "`",
    "- a",
    "a: b",
    "a #b",
    " a",
    "a ",
    "\n",
    "a\nb\n",
    "\t",
    "'",
    "\"",
    "\\",
    "{",
    "[",
    "日本",
    "\u{feff}",
    "\u{85}",
    "---",
    "...",
    "******",
];

/// Any text, often one of the traps. YAML has no place for some control characters.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        prop::sample::select(TRAPS).prop_map(str::to_owned),
        "[a-z-]{1,12}",
        "[ -~]{0,40}",
        vec(any::<char>().prop_filter("YAML has it", |c| !c.is_control() && *c != '\u{fffe}' && *c != '\u{ffff}'), 0..20)
            .prop_map(|chars| chars.into_iter().collect()),
    ]
    .boxed()
}

/// A value of a shape, as JSON: which is YAML, and written by another hand than ours.
fn value(shape: &Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Text => text().prop_map(Value::from).boxed(),
        Shape::Flag => any::<bool>().prop_map(Value::from).boxed(),
        // Small enough for each type of number.
        Shape::Number => (0_u8..=255).prop_map(Value::from).boxed(),
        Shape::Decimal => (-1.0e6..1.0e6_f64).prop_map(Value::from).boxed(),
        Shape::List(item) => vec(value(item), 0..3).prop_map(Value::from).boxed(),
        Shape::Named(item) => {
            vec((text(), value(item)), 0..3).prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())).boxed()
        }
        Shape::Section(keys) => section(keys),
        Shape::Anything => Just(json!({"a": ["b", {}]})).boxed(),
    }
}

/// Some keys of a section with their values.
fn section(keys: &[(&'static str, Shape)]) -> BoxedStrategy<Value> {
    let entries: Vec<_> = keys.iter().map(|(key, shape)| (Just(*key), prop::option::weighted(0.3, value(shape)))).collect();
    entries
        .prop_map(|entries| {
            let written = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
            Value::Object(written.collect())
        })
        .boxed()
}

static TASK: LazyLock<Shape> = LazyLock::new(TaskFile::shape);
static SOURCE: LazyLock<Shape> = LazyLock::new(SourceFile::shape);

/// What was read, as plain values: as many as were written, and the same.
fn round_trip<T: Configuration + PartialEq + std::fmt::Debug>(written: &Value) -> Result<(), TestCaseError> {
    let text = serde_json::to_string_pretty(written).unwrap();
    let reading = T::inspect(&text);
    let known: Vec<_> = reading.flaws.iter().filter(|flaw| flaw.kind != FlawKind::Meaning).collect();
    prop_assert!(known.is_empty(), "{text}\n{known:?}");
    let file = reading.file.unwrap();
    let yaml = file.to_yaml();
    let again = T::inspect(&yaml);
    prop_assert_eq!(again.file.as_ref(), Some(&file), "{}\n{}", text, yaml);
    prop_assert_eq!(again.file.unwrap().to_yaml(), yaml.clone());
    // The other reader of YAML that is at hand; it tells types by the rules of YAML 1.2.
    let plain: Value = serde_yaml::from_str(&yaml).map_err(|error| TestCaseError::fail(format!("{error}\n{yaml}")))?;
    prop_assert_eq!(&plain, written, "{}", yaml);
    Ok(())
}

/// The seeds of the fuzz targets.
static SEEDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folders = ["fuzz/seeds/task_file", "fuzz/seeds/source_file"];
    let folders = folders.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut seeds: Vec<_> = entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    seeds.sort();
    seeds
});

/// What the fuzz targets hold against any text.
fn told_at_a_place<T: Configuration + PartialEq + std::fmt::Debug>(text: &str) -> Result<(), TestCaseError> {
    let reading = T::inspect(text);
    for flaw in &reading.flaws {
        prop_assert!(flaw.place.line >= 1 && flaw.place.column >= 1, "{flaw:?}");
        prop_assert!(flaw.place.line <= text.lines().count() + 1, "{flaw:?}\n{text}");
    }
    if let (Some(file), true) = (reading.file, reading.flaws.is_empty()) {
        let again = T::inspect(&file.to_yaml());
        prop_assert_eq!(again.flaws, []);
        prop_assert_eq!(again.file, Some(file));
    }
    Ok(())
}

/// The paths of all keys of a section, outermost first.
fn paths(keys: &[(&'static str, Shape)], above: &[&'static str], found: &mut Vec<Vec<&'static str>>) {
    for (key, shape) in keys {
        let path = [above, &[key]].concat();
        if let Shape::Section(keys) = shape {
            paths(keys, &path, found);
        }
        found.push(path);
    }
}

fn keys_at(path: &[&'static str]) -> Vec<&'static str> {
    let mut shape = TASK.clone();
    for step in path {
        let Shape::Section(keys) = shape else { panic!("{path:?}") };
        shape = keys.into_iter().find(|(key, _)| key == step).unwrap().1;
    }
    let Shape::Section(keys) = shape else { panic!("{path:?}") };
    keys.into_iter().map(|(key, _)| key).collect()
}

/// One slip of a finger.
fn slip(key: &str, at: usize, how: u8, letter: char) -> String {
    let mut letters: Vec<char> = key.chars().collect();
    let at = at % letters.len();
    match how {
        0 => letters.insert(at, letter),
        1 => letters[at] = letter,
        2 if letters.len() > 1 => drop(letters.remove(at)),
        _ if at > 0 => letters.swap(at - 1, at),
        _ => letters.insert(0, letter),
    }
    letters.into_iter().collect()
}

proptest! {
    #[test]
    fn a_task_file_comes_through_a_round_trip(written in value(&TASK)) {
        round_trip::<TaskFile>(&written)?;
    }

    #[test]
    fn a_source_file_comes_through_a_round_trip(written in value(&SOURCE)) {
        round_trip::<SourceFile>(&written)?;
    }

    #[test]
    fn a_slip_in_a_key_is_found(number in any::<prop::sample::Index>(), at in 0_usize..40, how in 0_u8..4, letter in "[a-z_]") {
        let mut all = Vec::new();
        let Shape::Section(keys) = &*TASK else { unreachable!() };
        paths(keys, &[], &mut all);
        let path = number.get(&all);
        let (key, above) = path.split_last().unwrap();
        let known = keys_at(above);
        let wrong = slip(key, at, how, letter.chars().next().unwrap());
        prop_assume!(!known.contains(&wrong.as_str()));
        let inner = Value::Object(Map::from_iter([(wrong.clone(), Value::from("x"))]));
        let file = above.iter().rev().fold(inner, |value, step| Value::Object(Map::from_iter([((*step).to_owned(), value)])));
        let flaws = task_file::inspect(&file.to_string()).flaws;
        let flaw = flaws.iter().find(|flaw| flaw.kind == FlawKind::UnknownKey);
        prop_assert!(flaw.is_some(), "{}: {:?}", file, flaws);
        let flaw = flaw.unwrap();
        prop_assert_eq!(&flaw.allowed, &known);
        // Another key may be as near; but the right one is in reach, so that one is always named.
        prop_assert!(flaw.nearest.is_some(), "{} for {}", wrong, key);
        prop_assert!(nearest(&wrong, [*key]) == Some(*key));
    }

    #[test]
    fn a_file_with_a_scratch_is_told_at_a_place_of_it(
        seed in prop::sample::select(&*SEEDS),
        scratches in vec((any::<prop::sample::Index>(), 0_usize..4, text()), 1..4),
    ) {
        let mut letters: Vec<char> = seed.chars().collect();
        for (at, gone, put) in scratches {
            let at = at.index(letters.len() + 1);
            let end = (at + gone).min(letters.len());
            letters.splice(at..end, put.chars());
        }
        let text: String = letters.into_iter().collect();
        told_at_a_place::<TaskFile>(&text)?;
        told_at_a_place::<SourceFile>(&text)?;
    }

    #[test]
    fn no_text_breaks_the_readers(text in "(?s).{0,200}") {
        let _tasks = task_file::inspect(&text);
        let _sources = source_file::inspect(&text);
    }
}

#[test]
fn sections_tell_their_keys_in_one_order() {
    let Shape::Section(keys) = &*TASK else { unreachable!() };
    assert_eq!(keys.iter().map(|(key, _)| *key).collect::<Vec<_>>(), TaskFile::KEYS);
}
