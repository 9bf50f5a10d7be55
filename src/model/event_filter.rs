//! Event filters: which changes of a table are left out, by their kind or by their statement.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::str::FromStr;

use super::pattern::{PatternError, Sign, Wildcard, folded};
use super::regex::Regex;

macro_rules! events {
    ($(#[$doc:meta])* $type:ident { $($(#[$own:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each is told by its word")]
        pub enum $type { $($(#[$own])* $variant,)* }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// DM's word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

events! {
    /// A kind of change, by DM's word for it.
    EventKind {
        Insert = "insert",
        Update = "update",
        Delete = "delete",
        CreateDatabase = "create database",
        DropDatabase = "drop database",
        AlterDatabase = "alter database",
        CreateTable = "create table",
        DropTable = "drop table",
        TruncateTable = "truncate table",
        RenameTable = "rename table",
        CreateIndex = "create index",
        DropIndex = "drop index",
        CreateView = "create view",
        DropView = "drop view",
        AlterTable = "alter table",
        AddTablePartition = "add table partition",
        DropTablePartition = "drop table partition",
        TruncateTablePartition = "truncate table partition",
        ValueRangeDecrease = "value range decrease",
        PrecisionDecrease = "precision decrease",
        ModifyColumn = "modify column",
        RenameColumn = "rename column",
        RenameIndex = "rename index",
        DropColumn = "drop column",
        DropPrimaryKey = "drop primary key",
        DropUniqueKey = "drop unique key",
        ModifyDefaultValue = "modify default value",
        ModifyConstraint = "modify constraint",
        ModifyColumnsOrder = "modify columns order",
        ModifyCharset = "modify charset",
        ModifyCollation = "modify collation",
        RemoveAutoIncrement = "remove auto increment",
        ModifyStorageEngine = "modify storage engine",
        ReorganizePartition = "reorganize table partition",
        RebuildPartition = "rebuild table partition",
        CoalescePartition = "coalesce table partition",
        SplitPartition = "split table partition",
        ExchangePartition = "exchange table partition",
        ModifySchemaCharset = "modify schema charset and collate",
        ModifyTableCharset = "modify table charset and collate",
        ModifyTableComment = "modify table comment",
        RecoverTable = "recover table",
        AlterTablePartitioning = "alter table partitioning",
        RemovePartitioning = "remove table partitioning",
        AddColumn = "add column",
        SetDefaultValue = "set default value",
        RebaseAutoId = "rebase auto id",
        AddPrimaryKey = "add primary key",
        AlterIndexVisibility = "alter index visibility",
        AlterTtl = "alter ttl info",
        RemoveTtl = "alter ttl remove",
        MultiSchemaChange = "multi schema change",
        /// A statement that DM has no word for. Only patterns for statements can reach it.
        Unknown = "",
    }
}

events! {
    /// A word that stands for many kinds, or for none. The first word of a list that fits decides.
    EventGroup {
        All = "all",
        AllDdl = "all ddl",
        AllDml = "all dml",
        None = "none",
        NoneDdl = "none ddl",
        NoneDml = "none dml",
        IncompatibleDdl = "incompatible ddl changes",
    }
}

/// What DM 6 and older name in other words, or newer ones by two.
const ALIASES: &[(&str, EventKind)] = &[
    ("create schema", EventKind::CreateDatabase),
    ("drop schema", EventKind::DropDatabase),
    ("alter schema", EventKind::AlterDatabase),
];

/// The kinds that change a schema without making an old reader of it stumble.
const COMPATIBLE: &[EventKind] = &[
    EventKind::CreateDatabase,
    EventKind::AlterDatabase,
    EventKind::CreateTable,
    EventKind::CreateIndex,
    EventKind::CreateView,
    EventKind::DropView,
    EventKind::AlterTable,
    EventKind::AddTablePartition,
];

impl EventKind {
    /// A change of rows.
    #[must_use]
    pub const fn is_dml(self) -> bool {
        matches!(self, Self::Insert | Self::Update | Self::Delete)
    }

    /// Whether `incompatible ddl changes` has it.
    #[must_use]
    pub fn is_incompatible(self) -> bool {
        !self.is_dml() && self != Self::Unknown && !COMPATIBLE.contains(&self)
    }
}

/// A word in the list of events of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventWord {
    /// One kind.
    Kind(EventKind),
    /// Many kinds, or none.
    Group(EventGroup),
}

impl EventWord {
    /// Whether the word decides about an event, and how.
    fn decides(self, kind: EventKind) -> Option<bool> {
        match self {
            Self::Kind(own) => (own == kind).then_some(true),
            Self::Group(EventGroup::All) => Some(true),
            Self::Group(EventGroup::None) => Some(false),
            Self::Group(EventGroup::AllDml) => kind.is_dml().then_some(true),
            Self::Group(EventGroup::NoneDml) => kind.is_dml().then_some(false),
            Self::Group(EventGroup::AllDdl) => (!kind.is_dml()).then_some(true),
            Self::Group(EventGroup::NoneDdl) => (!kind.is_dml()).then_some(false),
            Self::Group(EventGroup::IncompatibleDdl) => kind.is_incompatible().then_some(true),
        }
    }
}

impl FromStr for EventWord {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let small = text.to_lowercase();
        let group = EventGroup::ALL.iter().find(|group| group.word() == small).map(|group| Self::Group(*group));
        let kind = || EventKind::ALL.iter().find(|kind| kind.word() == small).map(|kind| Self::Kind(*kind));
        let alias = || ALIASES.iter().find(|(word, _)| *word == small).map(|(_, kind)| Self::Kind(*kind));
        group.or_else(kind).or_else(alias).ok_or_else(|| PatternError::UnknownEvent(text.to_owned()))
    }
}

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It is applied.
    Do,
    /// It is left out.
    Ignore,
    /// The task stops.
    Error,
}

impl Action {
    /// DM's word, which is the only way to write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Do => "Do",
            Self::Ignore => "Ignore",
            Self::Error => "Error",
        }
    }

    /// The action that a word means.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Do, Self::Ignore, Self::Error].into_iter().find(|action| action.word() == word)
    }
}

/// An event filter, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRule {
    /// `schema-pattern`, a wildcard.
    pub schema_pattern: String,
    /// `table-pattern`, a wildcard; empty is about all tables of the schemas.
    pub table_pattern: String,
    /// `events`.
    pub events: Vec<String>,
    /// `sql-pattern`: regular expressions, looked for anywhere in a statement, in any case of letters.
    pub sql_pattern: Vec<String>,
    /// `action`.
    pub action: Action,
}

#[derive(Debug, Clone)]
struct Rule {
    schema: Wildcard,
    table: Option<Wildcard>,
    events: Vec<EventWord>,
    statements: Option<Regex>,
    patterns: Vec<String>,
    action: Action,
}

impl Rule {
    fn new(rule: &EventRule, case_sensitive: bool) -> Result<Self, PatternError> {
        let statements = if rule.sql_pattern.is_empty() { None } else { Some(Regex::new(&rule.sql_pattern.join("|"), true)?) };
        let events = rule.events.iter().map(|event| event.parse()).collect::<Result<_, _>>()?;
        let (schema, table) = (folded(case_sensitive, &rule.schema_pattern), folded(case_sensitive, &rule.table_pattern));
        if schema.is_empty() {
            return Err(PatternError::Empty("`schema-pattern` of a filter"));
        }
        let table = if table.is_empty() { None } else { Some(Wildcard::new(&table)?) };
        Ok(Self {
            schema: Wildcard::new(&schema)?,
            table,
            events,
            statements,
            patterns: rule.sql_pattern.clone(),
            action: rule.action,
        })
    }

    fn is_match(&self, schema: &str, table: &str) -> bool {
        self.schema.is_match(schema) && self.table.as_ref().is_none_or(|pattern| pattern.is_match(table))
    }

    fn has_event(&self, kind: EventKind) -> bool {
        self.events.iter().find_map(|word| word.decides(kind)).unwrap_or(false)
    }

    /// What it says; nothing where it leaves the event to the next rule.
    fn decides(&self, kind: EventKind, statement: &str) -> Option<Action> {
        let judge = |matched| match (self.action, matched) {
            (Action::Do, true) | (Action::Ignore | Action::Error, false) => None,
            (Action::Do, false) | (Action::Ignore, true) => Some(Action::Ignore),
            (Action::Error, true) => Some(Action::Error),
        };
        let by_kind = if kind == EventKind::Unknown { None } else { judge(self.has_event(kind)) };
        by_kind.or_else(|| {
            let statements = self.statements.as_ref().filter(|_| !statement.is_empty())?;
            judge(statements.is_match(statement))
        })
    }

    /// Whether another one has the same patterns.
    fn is_for_the_same(&self, other: &Self) -> bool {
        same(self.schema.signs(), other.schema.signs()) && same(self.tables(), other.tables())
    }

    fn tables(&self) -> &[Sign] {
        self.table.as_ref().map_or(&[], Wildcard::signs)
    }
}

/// The compiled event filters of one source.
///
/// Every filter that matches a table is asked, those of whole schemas first, and the first that leaves the event out or stops the task
/// decides. A filter with `Do` leaves out whatever it does not name.
#[derive(Debug, Clone, Default)]
pub struct EventFilters {
    case_sensitive: bool,
    rules: Vec<Rule>,
}

impl EventFilters {
    /// Compiles the rules. Two with the same patterns are one too many: DM uses the first only, or refuses both.
    ///
    /// # Errors
    /// The first rule that can't be used.
    pub fn new(case_sensitive: bool, rules: &[EventRule]) -> Result<Self, PatternError> {
        let (filters, mut unusable) = Self::usable(case_sensitive, rules);
        if unusable.is_empty() { Ok(filters) } else { Err(unusable.swap_remove(0).1) }
    }

    /// Compiles what can be used, as newer DM does, which leaves the rest out without a word. The rest is told by its place in the list.
    #[must_use]
    pub fn usable(case_sensitive: bool, rules: &[EventRule]) -> (Self, Vec<(usize, PatternError)>) {
        let (mut usable, mut unusable) = (Vec::<Rule>::new(), Vec::new());
        for (place, rule) in rules.iter().enumerate() {
            match Rule::new(rule, case_sensitive) {
                Ok(rule) if usable.iter().any(|other| other.is_for_the_same(&rule)) => unusable.push((place, PatternError::Taken)),
                Ok(rule) => usable.push(rule),
                Err(error) => unusable.push((place, error)),
            }
        }
        (Self { case_sensitive, rules: in_order(usable) }, unusable)
    }

    /// Compiles the rules as they are meant: of several with the same patterns, each counts.
    ///
    /// # Errors
    /// The first rule that can't be used.
    pub fn as_written(case_sensitive: bool, rules: &[EventRule]) -> Result<Self, PatternError> {
        let rules = rules.iter().map(|rule| Rule::new(rule, case_sensitive)).collect::<Result<_, _>>()?;
        Ok(Self { case_sensitive, rules: in_order(rules) })
    }

    /// What becomes of an event on a table. An empty `table` is an event of the schema, both empty one of neither; `statement` is empty
    /// for a change of rows.
    #[must_use]
    pub fn action(&self, schema: &str, table: &str, kind: EventKind, statement: &str) -> Action {
        self.of(schema, table).action(kind, statement)
    }

    /// The filters of one table, to be asked often.
    #[must_use]
    pub fn of(&self, schema: &str, table: &str) -> TableFilters<'_> {
        let (schema, table) = (folded(self.case_sensitive, schema), folded(self.case_sensitive, table));
        TableFilters(self.rules.iter().filter(|rule| rule.is_match(&schema, &table)).collect())
    }
}

/// The filters of one table.
#[derive(Debug, Clone)]
pub struct TableFilters<'a>(Vec<&'a Rule>);

impl TableFilters<'_> {
    /// What becomes of an event.
    #[must_use]
    pub fn action(&self, kind: EventKind, statement: &str) -> Action {
        self.0.iter().find_map(|rule| rule.decides(kind, statement)).unwrap_or(Action::Do)
    }

    /// Which patterns for statements there are, each with what is done about a statement that matches, or, where only such are
    /// wanted, with `only`.
    #[must_use]
    pub fn statements(&self) -> BTreeSet<(String, &'static str)> {
        let of = |rule: &Rule| match rule.action {
            Action::Ignore => rule.patterns.iter().map(|pattern| (pattern.clone(), "without")).collect(),
            Action::Error => rule.patterns.iter().map(|pattern| (pattern.clone(), "stopped by")).collect(),
            Action::Do if rule.patterns.is_empty() => Vec::new(),
            Action::Do => vec![(rule.patterns.join("|"), "only")],
        };
        self.0.iter().flat_map(|rule| of(rule)).collect()
    }
}

fn same(one: &[Sign], two: &[Sign]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
}

/// The rules in the order in which DM asks them, which shows where one ignores and another stops the task: filters of schemas first,
/// then by the signs of their patterns. Of two sets the one that was written first goes first.
fn in_order(rules: Vec<Rule>) -> Vec<Rule> {
    let schemas: Vec<_> = rules.iter().map(|rule| rule.schema.signs().to_vec()).collect();
    let tables: Vec<_> = rules.iter().map(|rule| rule.tables().to_vec()).collect();
    let everywhere: Vec<_> = (0..rules.len()).collect();
    let mut places = everywhere.clone();
    places.sort_by(|&one, &two| {
        let levels = tables[one].is_empty().cmp(&tables[two].is_empty()).reverse();
        levels.then_with(|| by_signs(&schemas, &everywhere, one, two)).then_with(|| {
            let of_schema: Vec<_> = everywhere.iter().copied().filter(|&place| same(&schemas[place], &schemas[one])).collect();
            by_signs(&tables, &of_schema, one, two)
        })
    });
    let mut rules: Vec<_> = rules.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| rules[place].take()).collect()
}

/// Compares two patterns by their first signs that differ; `written` are the places of those among which sets are ordered by age.
fn by_signs(patterns: &[Vec<Sign>], written: &[usize], one: usize, two: usize) -> Ordering {
    let (left, right) = (&patterns[one], &patterns[two]);
    let Some(at) = (0..left.len().min(right.len())).find(|&at| !left[at].same(&right[at])) else {
        return left.len().cmp(&right.len());
    };
    if let (Sign::Set(_), Sign::Set(_)) = (&left[at], &right[at]) {
        let age = |own: &[Sign]| {
            written.iter().position(|&place| patterns[place].len() > at && same(&patterns[place][..=at], &own[..=at]))
        };
        return age(left).cmp(&age(right));
    }
    left[at].cmp(&right[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(schema: &str, table: &str, events: &[&str], action: Action) -> EventRule {
        EventRule {
            schema_pattern: schema.to_owned(),
            table_pattern: table.to_owned(),
            events: events.iter().map(|&event| event.to_owned()).collect(),
            sql_pattern: Vec::new(),
            action,
        }
    }

    #[test]
    fn all_filters_of_a_table_are_asked() {
        let rules = [rule("shop", "", &["drop table"], Action::Ignore), rule("shop", "order*", &["delete"], Action::Ignore)];
        let filters = EventFilters::new(false, &rules).unwrap();
        assert_eq!(filters.action("Shop", "Orders", EventKind::Delete, ""), Action::Ignore);
        assert_eq!(filters.action("shop", "orders", EventKind::DropTable, "drop table orders"), Action::Ignore);
        assert_eq!(filters.action("shop", "users", EventKind::Delete, ""), Action::Do);
    }

    #[test]
    fn do_leaves_out_what_it_does_not_name() {
        let filters = EventFilters::new(false, &[rule("shop", "", &["none ddl", "all"], Action::Do)]).unwrap();
        assert_eq!(filters.action("shop", "orders", EventKind::Insert, ""), Action::Do);
        assert_eq!(filters.action("shop", "orders", EventKind::CreateIndex, "create index"), Action::Ignore);
        assert_eq!(filters.action("bank", "orders", EventKind::CreateIndex, "create index"), Action::Do);
    }

    #[test]
    fn statements_are_found_in_any_case() {
        let with = EventRule { sql_pattern: vec!["^drop\\s+procedure".to_owned()], ..rule("*", "", &[], Action::Ignore) };
        let filters = EventFilters::new(true, &[with]).unwrap();
        assert_eq!(filters.action("", "", EventKind::Unknown, "DROP  PROCEDURE p"), Action::Ignore);
        assert_eq!(filters.action("", "", EventKind::Unknown, "create procedure p() drop procedure q"), Action::Do);
    }

    #[test]
    fn a_second_filter_with_the_same_patterns_is_told() {
        let rules = [rule("a[bc]", "t", &["insert"], Action::Ignore), rule("A[cb]", "T", &["delete"], Action::Ignore)];
        assert_eq!(EventFilters::new(false, &rules).unwrap_err(), PatternError::Taken);
        assert!(EventFilters::new(true, &rules).is_ok());
        let (kept, left_out) = EventFilters::usable(false, &rules);
        assert_eq!(left_out, [(1, PatternError::Taken)]);
        assert_eq!(kept.action("ab", "t", EventKind::Delete, ""), Action::Do);
    }

    #[test]
    fn words_are_read_in_any_case_and_unknown_ones_are_told() {
        assert_eq!("All DML".parse(), Ok(EventWord::Group(EventGroup::AllDml)));
        assert_eq!("drop schema".parse(), Ok(EventWord::Kind(EventKind::DropDatabase)));
        assert_eq!("drop  table".parse::<EventWord>(), Err(PatternError::UnknownEvent("drop  table".to_owned())));
        assert!(EventKind::DropTable.is_incompatible() && !EventKind::AlterTable.is_incompatible());
    }
}
