//! The folder of a playground: private, and gone with it. What a killed one has left is found by its lock, which nobody holds.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::word;
use crate::exit::Failure;
use crate::model::system::reason;

/// How the names of all these folders begin.
const PREFIX: &str = "dmctl-playground-";
const LOCK: &str = "lock";

/// A folder with a lock in it.
pub(super) struct Folder {
    path: PathBuf,
    kept: bool,
    _lock: File,
}

impl Folder {
    /// Makes one, at a place of its own or where it is to be kept. Takes away what killed playgrounds have left.
    pub(super) fn open(keep: Option<&Path>) -> Result<Self, Failure> {
        let temporary = std::env::temp_dir();
        remove_leftovers(&temporary);
        let path = match keep {
            Some(path) => path.to_owned(),
            None => temporary.join(format!("{PREFIX}{}", &word()?[..12])),
        };
        let failed = |error: io::Error| Failure::refused(format!("{} can't be used: {}", path.display(), reason(&error)));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && keep.is_some() => {
                if fs::read_dir(&path).map_err(failed)?.next().is_some() {
                    return Err(Failure::refused(format!("{} is not empty, and was left as it is", path.display()))
                        .hinted("give a new folder to `--keep`, or an empty one"));
                }
                let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
                fs::set_permissions(&path, private).map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
        // Servers are told of it from wherever they are started.
        let path = path.canonicalize().map_err(failed)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join(LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(Self { path, kept: keep.is_some(), _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it stays.
    pub(super) const fn is_kept(&self) -> bool {
        self.kept
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

/// Removes a folder in which something may still be dying.
fn remove(path: &Path) {
    for _ in 0..20 {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::sleep(Duration::from_millis(100)),
            _ => return,
        }
    }
}

/// Removes folders of our own whose lock nobody holds.
fn remove_leftovers(temporary: &Path) {
    let Some(own) = owner_of_new_files() else { return };
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir() && found.uid() == own);
        if !is_ours {
            continue;
        }
        // One without a lock is just being made, or was not made to its end.
        let is_left = match File::open(path.join(LOCK)) {
            Ok(lock) => lock.try_lock().is_ok(),
            Err(_) => fs::metadata(&path)
                .and_then(|found| found.modified())
                .is_ok_and(|made| made.elapsed().is_ok_and(|age| age > Duration::from_secs(60))),
        };
        if is_left {
            remove(&path);
        }
    }
}

/// Who we are, as the owner of a file that we make.
pub(super) fn owner_of_new_files() -> Option<u32> {
    // The process itself, where the system shows it; else what we may call our own.
    let of = |path: &str| fs::metadata(path).ok().map(|found| found.uid());
    of("/proc/self").or_else(|| std::env::var("HOME").ok().and_then(|home| of(&home)))
}

/// Writes a file that only its owner can read.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_what_nobody_holds_is_a_leftover() {
        let temporary = tempfile::tempdir().unwrap();
        let make = |name: &str, locked: bool| {
            let path = temporary.path().join(name);
            fs::create_dir(&path).unwrap();
            let lock = File::create(path.join(LOCK)).unwrap();
            if locked {
                lock.lock().unwrap();
            }
            (path, lock)
        };
        let (held, _lock) = make("dmctl-playground-a", true);
        let (left, lock) = make("dmctl-playground-b", false);
        let (other, _other) = make("something-else", false);
        drop(lock);
        std::os::unix::fs::symlink(&other, temporary.path().join("dmctl-playground-c")).unwrap();
        remove_leftovers(temporary.path());
        assert!(held.exists() && other.exists() && !left.exists());
    }

    #[test]
    fn a_folder_that_is_kept_must_be_empty_and_becomes_private() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("kept");
        fs::create_dir(&path).unwrap();
        drop(Folder::open(Some(&path)).unwrap_or_else(|failure| panic!("{failure:?}")));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let refused = Folder::open(Some(&path)).err().unwrap();
        assert!(refused.message.contains("is not empty"), "{refused:?}");
    }
}
