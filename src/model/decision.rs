//! What becomes of a table, or of a schema, by all rules of a task together.

use std::collections::BTreeSet;
use std::fmt;

use super::allow_list::{AllowList, AllowRules};
use super::dump_list::DumpList;
use super::event_filter::{Action, EventFilters, EventKind, EventRule};
use super::pattern::PatternError;
use super::routes::{RouteRule, Routes};

/// The rules of a task that are about one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceRules {
    /// Its block-allow-list, if it has one. An empty one is not the same: a full copy then takes system schemas in.
    pub allow: Option<AllowRules>,
    /// Its routes.
    pub routes: Vec<RouteRule>,
    /// Its event filters.
    pub filters: Vec<EventRule>,
}

/// The kinds of events that a worker tells apart.
const TOLD_APART: &[EventKind] = &[
    EventKind::Insert,
    EventKind::Update,
    EventKind::Delete,
    EventKind::CreateDatabase,
    EventKind::DropDatabase,
    EventKind::AlterDatabase,
    EventKind::CreateTable,
    EventKind::DropTable,
    EventKind::TruncateTable,
    EventKind::RenameTable,
    EventKind::CreateIndex,
    EventKind::DropIndex,
    EventKind::CreateView,
    EventKind::DropView,
    EventKind::AlterTable,
];

/// Which units a task has, that rules matter to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// It begins with a full copy.
    pub copies: bool,
    /// It applies changes.
    pub syncs: bool,
}

/// The rules of one source, compiled.
#[derive(Debug, Clone)]
pub struct Decisions {
    sync: Option<AllowList>,
    dump: Option<DumpList>,
    routes: Routes,
    filters: EventFilters,
}

impl Decisions {
    /// Compiles rules as DM does, which leaves out event filters that it can't use.
    ///
    /// # Errors
    /// The first pattern that can't be used.
    pub fn of_dm(case_sensitive: bool, units: Units, rules: &SourceRules) -> Result<Self, PatternError> {
        let filters = EventFilters::usable(case_sensitive, &rules.filters).0;
        Self::with(filters, case_sensitive, units, rules)
    }

    /// Compiles rules as they are meant: every event filter counts.
    ///
    /// # Errors
    /// The first rule that can't be used.
    pub fn as_written(case_sensitive: bool, units: Units, rules: &SourceRules) -> Result<Self, PatternError> {
        let filters = EventFilters::as_written(case_sensitive, &rules.filters)?;
        Self::with(filters, case_sensitive, units, rules)
    }

    fn with(filters: EventFilters, case_sensitive: bool, units: Units, rules: &SourceRules) -> Result<Self, PatternError> {
        let nothing = AllowRules::default();
        let allow = rules.allow.as_ref();
        Ok(Self {
            sync: if units.syncs { Some(AllowList::new(case_sensitive, allow.unwrap_or(&nothing))?) } else { None },
            dump: if units.copies { Some(DumpList::new(case_sensitive, allow)?) } else { None },
            routes: Routes::new(case_sensitive, &rules.routes)?,
            filters,
        })
    }

    /// What becomes of a table; an empty one asks for the schema itself.
    #[must_use]
    pub fn of(&self, schema: &str, table: &str) -> Decision {
        let name = Some(table).filter(|name| !name.is_empty());
        let changes = self.sync.as_ref().map(|list| list.allows(schema, name));
        let copied = self.dump.as_ref().map(|list| list.allows(schema, name));
        if changes != Some(true) && copied != Some(true) {
            return Decision::OutOfIt;
        }
        let target = self.routes.target(schema, table);
        let target = target.map(|(schema, table)| (schema.into_owned(), table.into_owned())).map_err(|error| error.count);
        let (mut actions, mut statements) = (Vec::new(), BTreeSet::new());
        if changes == Some(true) {
            let filters = self.filters.of(schema, table);
            let told_apart = TOLD_APART.iter().map(|&kind| (kind, filters.action(kind, "")));
            actions = told_apart.filter(|(_, action)| *action != Action::Do).collect();
            statements = filters.statements();
        }
        Decision::InIt(Box::new(Taken { changes, copied, target, actions, statements }))
    }
}

/// What becomes of a table or a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing.
    OutOfIt,
    /// It is migrated, at least in part.
    InIt(Box<Taken>),
}

/// How a table or a schema is migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its changes are applied; none where the task applies none.
    pub changes: Option<bool>,
    /// The full copy has it; none where the task makes no copy.
    pub copied: Option<bool>,
    /// Its name in the target, or how many routes claim it.
    pub target: Result<(String, String), usize>,
    /// The kinds of events that are not simply applied.
    pub actions: Vec<(EventKind, Action)>,
    /// The patterns for statements that are not simply applied, with what filters do about them.
    pub statements: BTreeSet<(String, &'static str)>,
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::InIt(taken) = self else {
            return formatter.write_str("not migrated");
        };
        match &taken.target {
            Ok((schema, table)) if table.is_empty() => write!(formatter, "migrated to `{schema}`")?,
            Ok((schema, table)) => write!(formatter, "migrated to `{schema}`.`{table}`")?,
            Err(count) => write!(formatter, "claimed by {count} routes")?,
        }
        match (taken.changes, taken.copied) {
            (Some(true), Some(false)) => formatter.write_str(", but not copied at first")?,
            (Some(false), Some(true)) => formatter.write_str(", but without later changes")?,
            _ => {}
        }
        let of = |wanted| taken.actions.iter().filter(move |(_, action)| *action == wanted).map(|(kind, _)| kind.word());
        let left_out: Vec<_> = of(Action::Ignore).collect();
        if left_out.len() > TOLD_APART.len() / 2 {
            let kept: Vec<_> = TOLD_APART.iter().map(|kind| kind.word()).filter(|word| !left_out.contains(word)).collect();
            write!(formatter, ", only {}", if kept.is_empty() { "without any change".to_owned() } else { kept.join(", ") })?;
        } else if !left_out.is_empty() {
            write!(formatter, ", without {}", left_out.join(", "))?;
        }
        let stopping: Vec<_> = of(Action::Error).collect();
        if !stopping.is_empty() {
            write!(formatter, ", stopped by {}", stopping.join(", "))?;
        }
        for (pattern, action) in &taken.statements {
            write!(formatter, ", {action} `{pattern}`")?;
        }
        Ok(())
    }
}
