//! Files that a user names: read with care, written with more.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::exit::Failure;
use crate::model::system::reason;

/// No task or source file is anywhere near as large.
const LIMIT: u64 = 4 << 20;

/// Reads a YAML file and sees that it parses. What its keys mean is for others to judge.
///
/// # Errors
/// Usage, with line and column where there is one: nothing was sent.
pub(super) fn read_yaml(path: &Path) -> Result<String, Failure> {
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
    if let Err(error) = serde_saphyr::from_str::<serde_json::Value>(&text) {
        return Err(flaw(path, &text, &error));
    }
    Ok(text)
}

/// Where a text is no YAML, and why, with the line and a caret below the place.
fn flaw(path: &Path, text: &str, error: &serde_saphyr::Error) -> Failure {
    let shown = path.display();
    let told = error.to_string();
    let what = told.lines().next().unwrap_or_default();
    let what = what.strip_prefix("error: ").unwrap_or(what);
    let Some(place) = error.location() else {
        return Failure::usage(format!("{shown}: not valid YAML")).because(what);
    };
    let (line, column) = (place.line(), place.column());
    let what = what.strip_prefix(&format!("line {line} column {column}: ")).unwrap_or(what);
    let what = match what.split_once(", set ").map_or(what, |(what, _)| what) {
        what if what.starts_with("budget breached") => "its aliases unfold to more than any configuration has",
        what if what.starts_with("recursion limit") => "it is nested deeper than any configuration",
        what => what,
    };
    let caret = caret(text, usize::try_from(line).unwrap_or_default(), usize::try_from(column).unwrap_or_default());
    Failure::usage(format!("{shown}:{line}:{column}: not valid YAML")).because(format!("{what}{caret}"))
}

/// The line of a text with a caret below a column; both count from 1.
fn caret(text: &str, line: usize, column: usize) -> String {
    let Some(whole) = text.lines().nth(line.saturating_sub(1)) else { return String::new() };
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    // A long line is shown around the place.
    let from = column.saturating_sub(60);
    let before: String = whole.chars().take(column.saturating_sub(1)).skip(from).map(plain).collect();
    let after: String = whole.chars().skip(column.saturating_sub(1)).take(60).map(plain).collect();
    let number = line.to_string();
    let gap = unicode_width::UnicodeWidthStr::width(before.as_str());
    format!("\n{number} | {before}{after}\n{:width$} | {:gap$}^", "", "", width = number.len())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
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
