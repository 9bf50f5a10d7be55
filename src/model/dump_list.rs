//! The block-allow-list as the full copy reads it. DM's dump unit has a filter of its own, which takes the same rules in another
//! dialect: a wildcard matches characters instead of bytes and may be open anywhere, and system schemas are left out only where there
//! is no list at all.

use std::fmt::Write as _;

use super::allow_list::AllowRules;
use super::pattern::{PatternError, folded};
use super::regex::Regex;

/// The schemas that a full copy leaves out where there is no list, in DM's own spelling.
pub const SYSTEM_SCHEMAS: &[&str] =
    &["mysql", "sys", "INFORMATION_SCHEMA", "PERFORMANCE_SCHEMA", "METRICS_SCHEMA", "INSPECTION_SCHEMA"];

#[derive(Debug, Clone)]
enum Matcher {
    Name(String),
    /// `*`.
    Everything,
    Regex(Regex),
}

impl Matcher {
    fn new(text: &str, case_sensitive: bool) -> Result<Self, PatternError> {
        let text = folded(case_sensitive, text);
        if text.is_empty() {
            return Err(PatternError::Empty("a pattern of the allow list"));
        }
        if let Some(regex) = text.strip_prefix('~') {
            return Ok(Self::Regex(Regex::new(regex, !case_sensitive)?));
        }
        if text == "*" {
            return Ok(Self::Everything);
        }
        if !text.contains(['?', '*', '[']) {
            return Ok(Self::Name(text.into_owned()));
        }
        Ok(Self::Regex(Regex::new(&regex_of(&text), !case_sensitive)?))
    }

    fn is_match(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Everything => true,
            Self::Regex(regex) => regex.is_match(name),
        }
    }
}

/// A wildcard as the regular expression that DM makes of it.
fn regex_of(wildcard: &str) -> String {
    let mut regex = "(?s)^".to_owned();
    let mut letters = wildcard.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' if letters.next_if_eq(&'!').is_some() => regex.push_str("[^"),
            '[' | ']' => regex.push(letter),
            '\\' | '.' | '+' | '(' | ')' | '|' | '{' | '}' | '^' | '$' => {
                let _ = write!(regex, "\\{letter}");
            }
            _ => regex.push(letter),
        }
    }
    regex.push('$');
    regex
}

/// A compiled block-allow-list of the full copy.
#[derive(Debug, Clone)]
pub struct DumpList {
    case_sensitive: bool,
    rules: Option<Rules>,
}

#[derive(Debug, Clone)]
struct Rules {
    do_schemas: Vec<Matcher>,
    do_tables: Vec<(Matcher, Matcher)>,
    ignored_schemas: Vec<Matcher>,
    ignored_tables: Vec<(Matcher, Matcher)>,
}

impl DumpList {
    /// Compiles the rules; none is not the same as empty ones.
    ///
    /// # Errors
    /// The first pattern that can't be used. DM finds out when the copy begins.
    pub fn new(case_sensitive: bool, rules: Option<&AllowRules>) -> Result<Self, PatternError> {
        let schemas = |texts: &[String]| texts.iter().map(|text| Matcher::new(text, case_sensitive)).collect::<Result<_, _>>();
        let compile = |rules: &AllowRules| {
            let tables = |rules: &[super::allow_list::TableName]| {
                let pair = |rule: &super::allow_list::TableName| {
                    Ok((Matcher::new(&rule.schema, case_sensitive)?, Matcher::new(&rule.table, case_sensitive)?))
                };
                rules.iter().map(pair).collect::<Result<Vec<_>, PatternError>>()
            };
            // Beside what is asked for, what is ignored is not even read.
            let nothing = AllowRules::default();
            let ignored_schemas = if rules.do_dbs.is_empty() { rules } else { &nothing };
            let ignored_tables = if rules.do_tables.is_empty() { rules } else { &nothing };
            Ok::<_, PatternError>(Rules {
                do_schemas: schemas(&rules.do_dbs)?,
                do_tables: tables(&rules.do_tables)?,
                ignored_schemas: schemas(&ignored_schemas.ignore_dbs)?,
                ignored_tables: tables(&ignored_tables.ignore_tables)?,
            })
        };
        Ok(Self { case_sensitive, rules: rules.map(compile).transpose()? })
    }

    /// Whether the copy takes a table, or, without one, makes the schema.
    #[must_use]
    pub fn allows(&self, schema: &str, table: Option<&str>) -> bool {
        let schema = folded(self.case_sensitive, schema);
        let table = table.map(|table| folded(self.case_sensitive, table));
        let Some(rules) = &self.rules else {
            let system = |own: &str| if self.case_sensitive { own == schema } else { own.eq_ignore_ascii_case(&schema) };
            return !SYSTEM_SCHEMAS.iter().any(|own| system(own));
        };
        let any = |matchers: &[Matcher]| matchers.iter().any(|matcher| matcher.is_match(&schema));
        let schema_is_in = if rules.do_schemas.is_empty() { !any(&rules.ignored_schemas) } else { any(&rules.do_schemas) };
        let table_is_in = match (&table, rules.do_tables.is_empty()) {
            (Some(table), true) => !rules.ignored_tables.iter().any(|pair| pair.0.is_match(&schema) && pair.1.is_match(table)),
            (Some(table), false) => rules.do_tables.iter().any(|pair| pair.0.is_match(&schema) && pair.1.is_match(table)),
            (None, true) => {
                !rules.ignored_tables.iter().any(|pair| pair.0.is_match(&schema) && matches!(pair.1, Matcher::Everything))
            }
            (None, false) => rules.do_tables.iter().any(|pair| pair.0.is_match(&schema)),
        };
        schema_is_in && table_is_in
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(do_dbs: &[&str]) -> DumpList {
        let rules = AllowRules { do_dbs: do_dbs.iter().map(|&text| text.to_owned()).collect(), ..AllowRules::default() };
        DumpList::new(false, Some(&rules)).unwrap()
    }

    #[test]
    fn a_wildcard_matches_characters() {
        assert!(list(&["sho?"]).allows("shoé", Some("t")));
        assert!(list(&["s*p"]).allows("Shop", Some("t")));
        assert!(list(&["[!a]hop"]).allows("shop", Some("t")));
        assert!(!list(&["s.op"]).allows("shop", Some("t")));
    }

    #[test]
    fn system_schemas_are_out_only_without_a_list() {
        assert!(!DumpList::new(false, None).unwrap().allows("MySQL", Some("user")));
        assert!(list(&[]).allows("mysql", Some("user")));
    }
}
