//! `dmctl ddl-lock unlock`.

use clap::{Args, ValueEnum};

use serde_json::json;

use super::super::Context;
use super::super::change::Changed;
use super::super::confirm::Loss;
use crate::api::{self, Error, Made};
use crate::exit::Failure;
use crate::model::status::DdlLock;
use crate::model::{LockId, SourceName};
use crate::output::{Block, Cell, Reply, Style};
use crate::words;

/// What becomes of a statement that waits.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Action {
    /// Leave it out
    Skip,
    /// Execute it
    Exec,
}

/// What to unlock, and how.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dmctl ddl-lock unlock 'task-1-`shop`.`orders`'\n  dmctl ddl-lock unlock 'task-1-`shop`.`orders`' --source mysql-01 --database shop --table orders --action skip"
)]
pub struct Unlock {
    /// The lock, as `ddl-lock list` shows it
    #[arg(value_name = "LOCK")]
    id: LockId,
    /// The source whose part of an optimistic lock is resolved
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    source: Vec<SourceName>,
    /// The database of that source
    #[arg(long, value_name = "DATABASE")]
    database: Option<String>,
    /// The table of that source
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Whether its statement is skipped or executed
    #[arg(long, value_name = "ACTION", value_enum)]
    action: Option<Action>,
    /// The source that executes the statement of a pessimistic lock, instead of the lock's owner
    #[arg(long, value_name = "SOURCE")]
    owner: Option<SourceName>,
    /// Remove the lock also when its owner fails to execute the statement
    #[arg(long)]
    force_remove: bool,
}

impl Unlock {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Reply, Failure> {
        let (locks, _) = context.client.ddl_locks(None).await?;
        let Some(lock) = locks.iter().find(|lock| lock.id == self.id) else {
            return Err(Failure::refused(format!("there is no DDL lock `{}`", self.id))
                .because("nothing was sent")
                .hinted("`dmctl ddl-lock list` shows what there is"));
        };
        let how = if lock.mode == "optimistic" { self.part(lock)? } else { self.whole(lock)? };
        if let Some(reply) = context.confirm(self.loss(lock, &how)).await? {
            return Ok(reply);
        }
        let made = context.client.unlock_ddl_lock(&self.id, &how).await.map_err(|error| self.cured(error))?;
        let mut changed = Changed::new(format!("DDL lock `{}` is resolved", self.id)).seen(made == Made::Seen);
        let left = context.client.ddl_locks(None).await;
        if left.is_ok_and(|(locks, _)| locks.iter().any(|lock| lock.id == self.id)) {
            // A part of an optimistic lock leaves the others.
            changed = changed.noting("the lock is still there: other tables wait for it; `dmctl ddl-lock list` shows them");
        }
        Ok(changed.telling("lock", self.id.as_str()).reply())
    }

    /// A pessimistic lock is resolved as a whole: its owner executes, all others skip.
    fn whole(&self, lock: &DdlLock) -> Result<api::Unlock, Failure> {
        let given = [
            ("--source", !self.source.is_empty()),
            ("--database", self.database.is_some()),
            ("--table", self.table.is_some()),
            ("--action", self.action.is_some()),
        ];
        if let Some((flag, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(Failure::refused(format!("`{flag}` is for optimistic locks, and `{}` is {}", self.id, lock.mode))
                .because("nothing was sent")
                .hinted("leave it out; `--owner` chooses who executes the statement"));
        }
        if let Some(owner) = &self.owner
            && !lock.synced.iter().chain(&lock.unsynced).any(|source| source == owner.as_str())
        {
            let sources: Vec<&str> = lock.synced.iter().chain(&lock.unsynced).map(String::as_str).collect();
            return Err(Failure::refused(format!("source `{owner}` has no part in DDL lock `{}`", self.id))
                .because("nothing was sent")
                .hinted(format!("its sources: {}", sources.join(", "))));
        }
        Ok(api::Unlock { owner: self.owner.clone(), force_remove: self.force_remove, part: None })
    }

    /// An optimistic lock is resolved for one table of one source.
    fn part(&self, lock: &DdlLock) -> Result<api::Unlock, Failure> {
        if self.owner.is_some() || self.force_remove {
            let flag = if self.owner.is_some() { "--owner" } else { "--force-remove" };
            return Err(Failure::refused(format!("`{flag}` is for pessimistic locks, and `{}` is optimistic", self.id))
                .because("nothing was sent"));
        }
        if let ([source], Some(database), Some(table), Some(action)) =
            (self.source.as_slice(), &self.database, &self.table, self.action)
        {
            let part = (source.clone(), database.clone(), table.clone(), matches!(action, Action::Exec));
            return Ok(api::Unlock { owner: None, force_remove: false, part: Some(part) });
        }
        let word = |text: &str| words::quote(text).map_or_else(|_| text.to_owned(), |quoted| quoted.into_owned());
        // What waits is shown as `source-`database`.`table``.
        let (source, database, table) = lock
            .unsynced
            .first()
            .and_then(|waiting| parts_of(waiting))
            .unwrap_or_else(|| ("SOURCE".to_owned(), "DATABASE".to_owned(), "TABLE".to_owned()));
        let source = self.source.first().map_or(source, ToString::to_string);
        let line = format!(
            "dmctl ddl-lock unlock {} --source {} --database {} --table {} --action{}",
            word(self.id.as_str()),
            word(&source),
            word(self.database.as_deref().unwrap_or(&database)),
            word(self.table.as_deref().unwrap_or(&table)),
            match self.action {
                Some(Action::Exec) => " exec",
                Some(Action::Skip) => " skip",
                None => "",
            },
        );
        // A choice such as `skip|exec` would be a pipe to a shell, and run as it stands.
        let finish = if self.action.is_none() { "finish this line with `skip` or `exec`" } else { "finish this line" };
        Err(Failure::refused(format!(
            "DDL lock `{}` is optimistic, and is resolved for one table of one source at a time",
            self.id
        ))
        .because("nothing was sent")
        .hinted(format!("{finish}: {line}")))
    }

    fn loss(&self, lock: &DdlLock, how: &api::Unlock) -> Loss {
        let list = |items: &[String]| Cell::maybe((!items.is_empty()).then(|| items.join(", ")));
        let then = match &how.part {
            Some((source, database, table, true)) => format!("the statement is executed for `{database}`.`{table}` of {source}"),
            Some((source, database, table, false)) => format!("the statement is skipped for `{database}`.`{table}` of {source}"),
            None => {
                let owner = how.owner.as_ref().map_or_else(|| lock.owner.clone(), ToString::to_string);
                format!("{owner} executes the statement, every other source skips it, also those that have not reached it")
            }
        };
        Loss {
            action: format!("resolve DDL lock `{}`", self.id),
            name: self.id.to_string(),
            blocks: vec![Block::Fields {
                title: None,
                fields: vec![
                    ("lock", Cell::new(self.id.as_str(), Style::Strong)),
                    ("task", lock.task.as_str().into()),
                    ("mode", lock.mode.as_str().into()),
                    ("DDL", lock.ddls.join("\n").into()),
                    ("synced", list(&lock.synced)),
                    ("waits for", list(&lock.unsynced)),
                    ("then", Cell::new(then, Style::Warning)),
                ],
            }],
            value: json!({
                "lock": self.id, "task": lock.task, "mode": lock.mode, "ddls": lock.ddls, "synced": lock.synced, "unsynced": lock.unsynced,
            }),
        }
    }

    /// What to do about a refusal.
    fn cured(&self, error: Error) -> Failure {
        let code = error.code();
        let failure = Failure::from(error);
        match code {
            Some(38024) if !self.force_remove => {
                failure.hinted("`--owner SOURCE` lets another source execute it; `--force-remove` drops the lock all the same")
            }
            _ => failure,
        }
    }
}

/// Source, database and table of a text such as ``mysql-01-`shop`.`orders` ``.
fn parts_of(text: &str) -> Option<(String, String, String)> {
    let (source, table) = text.split_once("-`")?;
    let (database, table) = table.split_once("`.`")?;
    Some((source.to_owned(), database.to_owned(), table.strip_suffix('`')?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_waits_is_taken_apart() {
        let parts = |source: &str, database: &str, table: &str| Some((source.to_owned(), database.to_owned(), table.to_owned()));
        assert_eq!(parts_of("mysql-01-`shop`.`orders`"), parts("mysql-01", "shop", "orders"));
        assert_eq!(parts_of("mysql-01"), None);
    }
}
