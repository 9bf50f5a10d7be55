//! Servers of this machine: each leaves a note where it can be found, with the token that lets its user in.
//!
//! A note is locked for as long as its server lives, so that one that was left behind is told from one that counts.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Longer than any note.
const LIMIT: u64 = 64 << 10;

/// What a server leaves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Where it listens.
    pub addr: String,
    /// What lets callers in; none where nobody is asked for it.
    pub token: Option<String>,
    /// Its process.
    pub pid: u32,
    /// When it began, in UTC.
    pub started: String,
}

impl std::fmt::Debug for Note {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Note({}, {})", self.addr, self.pid)
    }
}

/// The system has nothing of which a secret could be made.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers, and a secret needs some")]
pub struct NoRandomNumbers;

/// A word that nobody can guess, of letters and digits only: two for each of so many bytes.
///
/// # Errors
/// The system gives no random numbers.
pub fn secret(bytes: usize) -> Result<String, NoRandomNumbers> {
    let mut drawn = vec![0_u8; bytes];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut drawn).map_err(|_| NoRandomNumbers)?;
    Ok(drawn.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A note that is there for as long as this is.
pub struct Posted {
    path: PathBuf,
    file: File,
}

impl Drop for Posted {
    fn drop(&mut self) {
        let _gone_already = fs::remove_file(&self.path);
        let _ends_with_the_process = self.file.unlock();
    }
}

/// Where notes are: in the folder of the session, else beside the data of this program.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.runtime_dir().map_or_else(|| base.data_dir().join("dmctl/run"), |folder| folder.join("dmctl")))
}

/// Leaves a note, which only its owner can read. Notes of servers that are gone are taken away.
///
/// # Errors
/// When it can't be written.
pub fn post(folder: &Path, note: &Note) -> io::Result<Posted> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for (path, _) in notes(folder).into_iter().filter(|(_, note)| note.is_none()) {
        let _gone_already = fs::remove_file(path);
    }
    let name = note.addr.replace([':', '[', ']'], "-");
    let path = folder.join(format!("{name}.json"));
    let draft = folder.join(format!("{name}.{}", std::process::id()));
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
    file.lock()?;
    serde_json::to_writer(&file, note)?;
    file.write_all(b"\n")?;
    // Whoever sees it sees it whole, and locked.
    fs::rename(&draft, &path)?;
    Ok(Posted { path, file })
}

/// The servers that live, in the order of their addresses.
#[must_use]
pub fn servers(folder: &Path) -> Vec<Note> {
    let mut found: Vec<_> = notes(folder).into_iter().filter_map(|(_, note)| note).collect();
    found.sort_by(|one, two| one.addr.cmp(&two.addr));
    found
}

/// All notes; `None` for one whose server is gone.
fn notes(folder: &Path) -> Vec<(PathBuf, Option<Note>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "json")).map(|path| (path.clone(), living(&path))).collect()
}

fn living(path: &Path) -> Option<Note> {
    let file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {}
        Ok(()) | Err(TryLockError::Error(_)) => return None,
    }
    let mut text = String::new();
    file.take(LIMIT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn note(addr: &str) -> Note {
        Note { addr: addr.to_owned(), token: Some("hush".to_owned()), pid: 7, started: "2026-01-31T08:00:00Z".to_owned() }
    }

    #[test]
    fn a_note_counts_while_its_server_lives() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("dmctl");
        assert_eq!(servers(&inside), []);
        let first = post(&inside, &note("127.0.0.1:8261")).unwrap();
        let second = post(&inside, &note("[::1]:8261")).unwrap();
        assert_eq!(servers(&inside), [note("127.0.0.1:8261"), note("[::1]:8261")]);
        let path = inside.join("127.0.0.1-8261.json");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!format!("{:?}", note("a")).contains("hush"));
        // What a killed server leaves is no longer locked.
        let left = fs::read(&path).unwrap();
        drop(first);
        fs::write(&path, left).unwrap();
        assert_eq!(servers(&inside), [note("[::1]:8261")]);
        drop(second);
        let _third = post(&inside, &note("127.0.0.1:9999")).unwrap();
        assert!(!path.exists(), "it was taken away");
    }
}
