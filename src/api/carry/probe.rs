//! Made-up names: such as match a pattern, such as nearly do, and such as no pattern is about.

use std::collections::BTreeSet;

use crate::model::decision::SourceRules;
use crate::model::dump_list::SYSTEM_SCHEMAS;
use crate::model::inclusion::{Language, Names};
use crate::model::pattern::NamePattern;

/// How many names are made up for one source at most.
const MOST: usize = 40_000;

/// How many patterns are held against each other at most.
const MOST_DIVIDED: usize = 24;

/// A name that no rule is likely to be about.
const STRANGER: &str = "made_up";

/// A schema, and a table of it or nothing for the schema itself.
pub(super) type Name = (String, String);

/// Names to ask both sides for.
pub(super) fn names(file: &SourceRules, cluster: &SourceRules, case_sensitive: bool) -> BTreeSet<Name> {
    let written = pairs_of(file);
    let mut pairs = written.clone();
    pairs.extend(pairs_of(cluster));
    let own: Vec<(Vec<String>, Vec<String>)> = pairs.iter().map(|(schema, table)| (like(schema), like(table))).collect();
    let mut names = BTreeSet::new();
    for system in SYSTEM_SCHEMAS {
        names.insert((system.to_lowercase(), STRANGER.to_owned()));
        names.insert((system.to_uppercase(), STRANGER.to_owned()));
    }
    // First each rule by itself, then everything with everything, as far as that goes.
    for (schemas, tables) in &own {
        let more = [String::new(), STRANGER.to_owned()];
        names.extend(schemas.iter().flat_map(|schema| tables.iter().chain(&more).map(|table| (schema.clone(), table.clone()))));
        names.extend(tables.iter().map(|table| (STRANGER.to_owned(), table.clone())));
    }
    names.insert((STRANGER.to_owned(), STRANGER.to_owned()));
    names.insert((STRANGER.to_owned(), String::new()));
    // Names of which one pattern has something that another has not come early in a list of everything with everything.
    let between = |patterns: BTreeSet<&String>| between(&patterns, case_sensitive);
    let mut schemas = between(written.iter().map(|(schema, _)| schema).collect());
    let mut tables = between(written.iter().map(|(_, table)| table).collect());
    tables.push(String::new());
    schemas.extend(unlike(own.iter().flat_map(|(schemas, _)| schemas), &schemas));
    tables.extend(unlike(own.iter().flat_map(|(_, tables)| tables), &tables));
    for sum in 0..schemas.len() + tables.len() {
        for (schema, table) in (0..=sum).filter_map(|place| Some((schemas.get(place)?, tables.get(sum - place)?))) {
            if names.len() > MOST {
                return names;
            }
            names.insert((schema.clone(), table.clone()));
        }
    }
    names
}

/// The patterns of all rules, schema and table.
fn pairs_of(rules: &SourceRules) -> BTreeSet<Name> {
    let mut pairs = BTreeSet::new();
    if let Some(allow) = &rules.allow {
        pairs.extend(allow.do_dbs.iter().chain(&allow.ignore_dbs).map(|schema| (schema.clone(), String::new())));
        let tables = allow.do_tables.iter().chain(&allow.ignore_tables);
        pairs.extend(tables.map(|table| (table.schema.clone(), table.table.clone())));
    }
    pairs.extend(rules.routes.iter().map(|route| (route.schema_pattern.clone(), route.table_pattern.clone())));
    pairs.extend(rules.filters.iter().map(|filter| (filter.schema_pattern.clone(), filter.table_pattern.clone())));
    pairs
}

/// Those that are not there yet, each once.
fn unlike<'a>(names: impl Iterator<Item = &'a String>, there: &[String]) -> Vec<String> {
    let names: BTreeSet<&String> = names.filter(|name| !there.contains(name)).collect();
    names.into_iter().cloned().collect()
}

/// For each two patterns a name that both have, and one that only one of them has. Plain names and wildcards are well enough tried by
/// names that are like them; it is the regular expressions that can't be seen through.
fn between(patterns: &BTreeSet<&String>, case_sensitive: bool) -> Vec<String> {
    let Some(all) = Names::new(case_sensitive) else {
        return Vec::new();
    };
    let (regexes, others): (Vec<&String>, Vec<&String>) = patterns.iter().partition(|pattern| pattern.starts_with('~'));
    let count = regexes.len();
    let language = |pattern: &&String| Language::new(&NamePattern::new("a pattern", pattern, case_sensitive).ok()?);
    let languages: Vec<_> = regexes.iter().chain(&others).take(MOST_DIVIDED).filter_map(language).collect();
    let mut found = BTreeSet::new();
    for (place, one) in languages.iter().enumerate().take(count) {
        for two in &languages[place + 1..] {
            if let Some(parts) = all.divide(one, two) {
                found.extend([parts.both, parts.only_one, parts.only_two].into_iter().flatten());
            }
        }
    }
    found.into_iter().collect()
}

/// Names that match a pattern or nearly do.
fn like(pattern: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let bases: Vec<String> = match pattern.strip_prefix('~') {
        Some(regex) => (0..3).map(|choice| of_regex(regex, choice)).chain([pattern.to_owned()]).collect(),
        None => (0..3).map(|choice| of_wildcard(pattern, choice)).collect(),
    };
    for base in bases.into_iter().filter(|base| !base.is_empty()) {
        let mut shorter = base.clone();
        shorter.pop();
        let mut other = shorter.clone();
        other.push('~');
        found.extend([format!("{base}zz"), format!("z{base}"), base.to_uppercase(), base.to_lowercase(), shorter, other, base]);
    }
    found.into_iter().filter(|name| !name.is_empty()).collect()
}

/// A name of a wildcard. The choice decides what stands for what is open.
fn of_wildcard(pattern: &str, choice: usize) -> String {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match sign {
            '*' => name.push_str(["", "x", "2_y"][choice % 3]),
            '?' => name.push(['x', '7', 'Q'][choice % 3]),
            '[' if rest.contains(']') => {
                let (set, after) = rest.split_once(']').unwrap_or((rest, ""));
                name.push(of_set(set, choice));
                rest = after;
            }
            _ => name.push(sign),
        }
    }
    name
}

/// A character of a set, or, by the last choice, rather not.
fn of_set(set: &str, choice: usize) -> char {
    let signs: Vec<char> = set.trim_start_matches(['!', '^']).chars().collect();
    let first = signs.first().copied().unwrap_or('x');
    match choice % 3 {
        0 => first,
        1 => signs.last().copied().unwrap_or('x'),
        _ => ['q', '5', '_'].into_iter().find(|sign| !signs.contains(sign)).unwrap_or(first),
    }
}

/// A name that a regular expression may well match. Near misses are as welcome.
fn of_regex(regex: &str, choice: usize) -> String {
    let mut name = String::new();
    let mut rest = regex;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match sign {
            '^' | '$' | ')' | '+' | '?' => {}
            '*' if choice == 1 => drop(name.pop()),
            '*' => {}
            '.' => name.push(['x', '7', 'Q'][choice % 3]),
            '|' if choice == 0 => return name,
            '|' => name.clear(),
            '(' => {
                if let Some(flags) = rest.strip_prefix('?') {
                    rest = flags
                        .trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || "<>_-".contains(letter))
                        .trim_start_matches(':');
                }
            }
            '[' if rest.contains(']') => {
                let (set, after) = rest.split_once(']').unwrap_or((rest, ""));
                name.push(of_set(set, choice));
                rest = after;
            }
            '{' => rest = rest.split_once('}').map_or(rest, |(_, after)| after),
            '\\' => {
                let escaped = rest.chars().next().unwrap_or('x');
                rest = &rest[escaped.len_utf8().min(rest.len())..];
                match escaped {
                    'd' => name.push(['1', '7', '0'][choice % 3]),
                    'w' | 'S' | 'D' => name.push('x'),
                    'b' | 'B' | 'A' | 'z' | 'Q' | 'E' => {}
                    other => name.push(other),
                }
            }
            _ => name.push(sign),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pattern::NamePattern;

    #[test]
    fn every_pattern_gets_names_that_match_and_such_that_do_not() {
        for pattern in ["shop", "shop_?", "s[a-h]op*", "[!a]b", "~^shop_\\d+$", "~^(?i:a|b)c$", "~op"] {
            let own = NamePattern::new("a pattern", pattern, true).unwrap();
            let names = like(pattern);
            assert!(names.iter().any(|name| own.is_match(name)), "{pattern}: {names:?}");
            assert!(names.iter().any(|name| !own.is_match(name)), "{pattern}: {names:?}");
        }
    }
}
