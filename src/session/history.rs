//! The lines of this session and of those before it, in a file that only its owner can read. What looks like a secret is not kept.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use reedline::{FileBackedHistory, History, HistoryItem, HistoryItemId, HistorySessionId, Result, SearchQuery};

use super::desk;
use crate::words::{self, Ending};

/// How many lines are kept.
const LINES: usize = 10_000;
/// What stands for a secret.
const STARS: &str = "******";

/// Opens the history. Where its file can't be used, the lines are kept as long as the session lasts, and the reason is told.
pub(super) fn open(file: Option<&Path>) -> (Discreet, Option<String>) {
    let opened = file.map(|file| prepared(file).map_err(|error| (file, error)));
    match opened {
        Some(Ok(history)) => (Discreet(history), None),
        Some(Err((file, error))) => {
            let why = crate::model::system::reason(&error);
            let told = format!("the history in {} can't be used, and is left as it is: {why}", file.display());
            (Discreet(FileBackedHistory::default()), Some(told))
        }
        None => (Discreet(FileBackedHistory::default()), None),
    }
}

fn prepared(file: &Path) -> io::Result<FileBackedHistory> {
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    if opened.metadata()?.permissions().mode() & 0o077 != 0 {
        opened.set_permissions(Permissions::from_mode(0o600))?;
    }
    FileBackedHistory::with_file(LINES, file.to_owned()).map_err(|error| io::Error::other(error.to_string()))
}

/// A history that keeps no secrets.
pub(super) struct Discreet(FileBackedHistory);

impl History for Discreet {
    fn save(&mut self, mut item: HistoryItem) -> Result<HistoryItem> {
        item.command_line = without_secrets(&item.command_line);
        self.0.save(item)
    }

    fn load(&self, id: HistoryItemId) -> Result<HistoryItem> {
        self.0.load(id)
    }

    fn count(&self, query: SearchQuery) -> Result<i64> {
        self.0.count(query)
    }

    fn search(&self, query: SearchQuery) -> Result<Vec<HistoryItem>> {
        self.0.search(query)
    }

    fn update(&mut self, id: HistoryItemId, updater: &dyn Fn(HistoryItem) -> HistoryItem) -> Result<()> {
        self.0.update(id, updater)
    }

    fn clear(&mut self) -> Result<()> {
        self.0.clear()
    }

    fn delete(&mut self, id: HistoryItemId) -> Result<()> {
        self.0.delete(id)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }

    fn session(&self) -> Option<HistorySessionId> {
        self.0.session()
    }
}

/// The text with stars in the place of what follows a word such as `password`, and of passwords in addresses.
fn without_secrets(text: &str) -> String {
    let mut kept = text.to_owned();
    for (start, line) in desk::lines(text).into_iter().rev() {
        let split = words::split(line);
        if split.ending != Ending::Complete && tells(line) {
            // Where the line breaks off inside of a quote, it is not known what belongs to the secret.
            kept.replace_range(start..start + line.len(), "");
            continue;
        }
        let mut secret = false;
        let mut hidden = Vec::new();
        for word in &split.words {
            let stars = if std::mem::take(&mut secret) {
                Some(STARS.to_owned())
            } else {
                secret = word.text.starts_with('-') && tells(&word.text) && !word.text.contains('=');
                assigned(&word.text).or_else(|| in_address(&word.text))
            };
            hidden.extend(stars.map(|stars| (word.span.clone(), stars)));
        }
        for (span, stars) in hidden.into_iter().rev() {
            kept.replace_range(start + span.start..start + span.end, &stars);
        }
    }
    kept
}

fn tells(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["password", "passwd", "secret", "token"].iter().any(|sign| word.contains(sign))
}

/// `--password=x`, `DMCTL_SOURCE_PASSWORD=x`.
fn assigned(word: &str) -> Option<String> {
    let (name, _) = word.split_once('=').filter(|(name, value)| tells(name) && !value.is_empty())?;
    Some(format!("{name}={STARS}"))
}

/// `mysql://dm:x@host`.
fn in_address(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let (user, host) = rest.rsplit_once('@')?;
    let (user, _) = user.split_once(':')?;
    Some(format!("{scheme}://{user}:{STARS}@{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        for (typed, kept) in [
            ("task list --stage running", "task list --stage running"),
            ("x --password abc task list", "x --password ****** task list"),
            ("x --password 'a b' --y", "x --password ****** --y"),
            ("x --db-Password=abc", "x --db-Password=******"),
            ("DMCTL_SOURCE_PASSWORD='a b' dmctl task create f", "DMCTL_SOURCE_PASSWORD=****** dmctl task create f"),
            ("x mysql://dm:a@b:c@host:1/d", "x mysql://dm:******@host:1/d"),
            ("x --token a\nx --token b", "x --token ******\nx --token ******"),
            ("x --password 'abc", ""),
            ("task start token-1", "task start token-1"),
            ("source get 'a", "source get 'a"),
        ] {
            assert_eq!(without_secrets(typed), kept, "{typed}");
        }
    }
}
