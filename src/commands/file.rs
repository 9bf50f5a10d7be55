//! Files that a user names: read with care, written with more.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::exit::Failure;
use crate::model::system::reason;

/// No file that a configuration consists of is anywhere near as large.
const LIMIT: u64 = 4 << 20;

/// Reads a file that has a text.
///
/// # Errors
/// Usage: nothing was sent.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let text = read(path)?;
    let text = match String::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
            return Err(Failure::usage(format!("{shown}:{line}: the file is not UTF-8 text")));
        }
    };
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("{shown} is empty")));
    }
    Ok(text)
}

/// Reads a file of any kind.
///
/// # Errors
/// Usage: nothing was sent.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let cannot = |error: io::Error| {
        let failure = Failure::usage(format!("cannot read {shown}: {}", reason(&error)));
        if error.kind() == io::ErrorKind::NotFound {
            failure.hinted("a relative path starts at the current folder")
        } else {
            failure
        }
    };
    let file = fs::File::open(path).map_err(cannot)?;
    let meta = file.metadata().map_err(cannot)?;
    if meta.is_dir() {
        return Err(Failure::usage(format!("{shown} is a folder, not a file")));
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::usage(format!("{shown} is larger than {} MiB, which no configuration is", LIMIT >> 20)));
    }
    Ok(bytes)
}

/// Writes a file that only its owner can read. An existing one is replaced only if `replace` says so, and then as a whole: at any
/// moment the old or the new text stands there. A link is replaced, not followed.
///
/// # Errors
/// Refused: it exists, or it can't be written; a file that was begun is removed.
pub(super) fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let shown = path.display();
    let cannot = |error: io::Error| Failure::refused(format!("cannot write {shown}: {}", reason(&error)));
    if !replace {
        return write_new(path, text).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::refused(format!("{shown} exists already, and was left as it is"))
                .hinted("choose another name, or give `--yes` to replace it"),
            _ => cannot(error),
        });
    }
    // A device or a pipe is no file that could be replaced.
    if fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_symlink()) {
        return Err(Failure::refused(format!("{shown} is no regular file, and was left as it is")).hinted("choose another name"));
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = Path::new(&beside);
    write_new(beside, text).map_err(cannot)?;
    fs::rename(beside, path).map_err(|error| {
        let _gone_or_not = fs::remove_file(beside);
        cannot(error)
    })
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).inspect_err(|_| {
        let _gone_or_not = fs::remove_file(path);
    })
}
