//! Task files and source files as a person wrote them: read strictly, and made ready to be sent.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::file;
use crate::exit::Failure;
use crate::model::file::{Configuration, Flaw, FlawKind, Place, Remark, Secret, nearest};
use crate::model::source_file::SourceFile;
use crate::model::task_file::TaskFile;
use crate::output::human;

/// More than so many flaws at once help nobody.
const MOST_FLAWS: usize = 20;

/// So many words are shown beside the nearest one when there are other flaws, too.
const FEW_WORDS: usize = 8;

/// A file, what it says, and what is to be sent of it.
#[derive(Debug)]
pub(super) struct Document<T> {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says.
    pub file: T,
    /// What is worth a remark.
    pub remarks: Vec<Remark>,
    /// The text as it is.
    text: String,
    /// Whether what is to be sent is no longer the text.
    filled: bool,
}

/// A task file.
pub(super) type TaskDocument = Document<TaskFile>;

/// A source file.
pub(super) type SourceDocument = Document<SourceFile>;

/// Reads a task file strictly.
///
/// # Errors
/// Usage, with all that is wrong: nothing was sent.
pub(super) fn read_task(path: &Path) -> Result<TaskDocument, Failure> {
    Document::read(path)
}

/// Reads a source file strictly.
///
/// # Errors
/// Usage, with all that is wrong: nothing was sent.
pub(super) fn read_source(path: &Path) -> Result<SourceDocument, Failure> {
    Document::read(path)
}

/// A task file that is for DM to judge.
#[derive(Debug)]
pub(super) enum ToCheck {
    /// Nothing is wrong with it as far as can be seen here.
    Whole(Box<TaskDocument>),
    /// It is sent as it is, with these notes.
    AsItIs(String, Vec<String>),
}

/// Reads a task file for DM to judge: it only has to be YAML. A newer DM may know keys that are not known here.
///
/// # Errors
/// Usage: it is no YAML, or a TLS file that it names can't be read.
pub(super) fn read_task_to_check(path: &Path) -> Result<ToCheck, Failure> {
    let text = file::read_text(path)?;
    let reading = TaskFile::inspect(&text);
    if reading.flaws.iter().any(|flaw| flaw.kind == FlawKind::Syntax) {
        return Err(flawed(path, &text, &reading.flaws));
    }
    match reading.file {
        Some(file) if reading.flaws.is_empty() => {
            let mut document = Document { path: path.to_owned(), file, remarks: reading.remarks, text, filled: false };
            document.fill_tls()?;
            Ok(ToCheck::Whole(Box::new(document)))
        }
        _ => {
            let unknown = reading.flaws.iter().filter(|flaw| flaw.kind == FlawKind::UnknownKey);
            let notes = unknown.map(|flaw| told(path, flaw)).collect();
            Ok(ToCheck::AsItIs(text, notes))
        }
    }
}

impl<T: Configuration> Document<T> {
    fn read(path: &Path) -> Result<Self, Failure> {
        let text = file::read_text(path)?;
        let reading = T::inspect(&text);
        match reading.file {
            Some(file) if reading.flaws.is_empty() => {
                Ok(Self { path: path.to_owned(), file, remarks: reading.remarks, text, filled: false })
            }
            _ => Err(flawed(path, &text, &reading.flaws)),
        }
    }

    /// Reads the TLS files that it names, which lie beside it or at an absolute path, and puts their contents in.
    ///
    /// # Errors
    /// Usage: one can't be read.
    pub(super) fn fill_tls(&mut self) -> Result<(), Failure> {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        for named in self.file.tls_files() {
            let path = folder.join(&named.path);
            let contents = file::read(&path).and_then(|contents| match contents.is_empty() {
                true => Err(Failure::usage(format!("{} is empty", path.display()))),
                false => Ok(contents),
            });
            let contents = contents.map_err(|failure| {
                let place = format!("{}:{}:{}", self.path.display(), named.place.line, named.place.column);
                let message = format!("{place}: the file of `{}` can't be used", named.key);
                Failure::usage(message).because(failure.message).hinted("a relative path starts at the folder of the YAML file")
            })?;
            self.file.put_tls_contents(&named, contents);
            self.filled = true;
        }
        self.filled |= self.file.unfold_base64();
        Ok(())
    }

    /// Puts another password in.
    pub(super) fn fill_password(self, password: Secret) -> Self {
        Self { file: self.file.with_password(password), filled: true, ..self }
    }

    /// The text to send: as it is, if nothing was put in.
    pub(super) fn to_send(&self) -> Cow<'_, str> {
        if self.filled { Cow::Owned(self.file.to_yaml()) } else { Cow::Borrowed(&self.text) }
    }

    /// The remarks as notes for a person.
    pub(super) fn notes(&self) -> Vec<String> {
        let note =
            |remark: &Remark| format!("{}:{}:{}: {}", self.path.display(), remark.place.line, remark.place.column, remark.message);
        self.remarks.iter().map(note).collect()
    }

    /// A failure at a place of this file, with its line.
    pub(super) fn failure_at(&self, place: Place, message: &str) -> Failure {
        let failure = Failure::usage(format!("{}:{}:{}: {message}", self.path.display(), place.line, place.column));
        failure.because(format!("it reads{}", caret(&self.text, place.line, place.column)))
    }
}

/// What is wrong with a file, for a person.
fn flawed(path: &Path, text: &str, flaws: &[Flaw]) -> Failure {
    let shown = path.display();
    match flaws {
        [] => Failure::usage(format!("{shown} can't be read")),
        [flaw] if flaw.kind == FlawKind::Syntax => {
            let (line, column) = (flaw.place.line, flaw.place.column);
            // What was not understood may be a part of it.
            let hidden = text.lines().nth(line.saturating_sub(1)).is_some_and(|line| secret(line).is_some());
            let what = if hidden { "the value can't be read: perhaps it lacks quotes" } else { &flaw.message };
            Failure::usage(format!("{shown}:{line}:{column}: not valid YAML"))
                .because(format!("{what}{}", caret(text, line, column)))
        }
        [flaw] => {
            let mut failure = Failure::usage(told(path, flaw));
            failure.code = flaw.code;
            let key = if flaw.key.is_empty() { "it reads".to_owned() } else { format!("`{}`", flaw.key) };
            failure = failure.because(format!("{key}{}", caret(text, flaw.place.line, flaw.place.column)));
            if !flaw.allowed.is_empty() {
                failure = failure.because(allowed(flaw));
            }
            match &flaw.nearest {
                Some(nearest) => failure.hinted(format!("`{nearest}` is the nearest")),
                None => failure,
            }
        }
        flaws => {
            let mut failure = Failure::usage(format!("{shown}: {}", human::count(flaws.len(), "flaw")));
            for flaw in flaws.iter().take(MOST_FLAWS) {
                let mut cause = told(path, flaw);
                if let Some(nearest) = &flaw.nearest {
                    cause.push_str(&format!("; `{nearest}` is the nearest"));
                }
                if !flaw.allowed.is_empty() && (flaw.nearest.is_none() || flaw.allowed.len() <= FEW_WORDS) {
                    cause.push_str(&format!("; {}", allowed(flaw)));
                }
                if let Some(code) = flaw.code {
                    cause.push_str(&format!(" (DM code {code})"));
                }
                failure = failure.because(cause + &caret(text, flaw.place.line, flaw.place.column));
            }
            match flaws.len().saturating_sub(MOST_FLAWS) {
                0 => failure,
                more => failure.because(format!("and {more} more")),
            }
        }
    }
}

fn told(path: &Path, flaw: &Flaw) -> String {
    format!("{}:{}:{}: {}", path.display(), flaw.place.line, flaw.place.column, flaw.message)
}

fn allowed(flaw: &Flaw) -> String {
    let words: Vec<String> = flaw.allowed.iter().map(|word| format!("`{word}`")).collect();
    format!("there {} {}", if words.len() == 1 { "is" } else { "are" }, words.join(", "))
}

/// The line of a text with a caret below a column; both count from 1. What is secret in it is stars.
fn caret(text: &str, line: usize, column: usize) -> String {
    let Some(whole) = text.lines().nth(line.saturating_sub(1)) else { return String::new() };
    let whole = without_secrets(whole);
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    // A long line is shown around the place.
    let from = column.saturating_sub(60);
    let before: String = whole.chars().take(column.saturating_sub(1)).skip(from).map(plain).collect();
    let after: String = whole.chars().skip(column.saturating_sub(1)).take(60).map(plain).collect();
    let number = line.to_string();
    let gap = unicode_width::UnicodeWidthStr::width(before.as_str());
    format!("\n{number} | {before}{after}\n{:width$} | {:gap$}^", "", "", width = number.len())
}

/// The keys whose values are not shown, also where they are misspelt.
const SECRET_KEYS: &[&str] = &["password", "ssl-key-base64", "ssl-key-bytes"];

/// Where the value of the first secret of a line begins.
fn secret(line: &str) -> Option<usize> {
    let keys = line.match_indices(':').filter(|(at, _)| {
        let before = line[..*at].trim_end().trim_end_matches(['"', '\'']);
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').map_or(0, |at| at + 1);
        let key = before.get(start..).unwrap_or_default();
        nearest(key, SECRET_KEYS.iter().copied()).is_some()
    });
    let after = keys.map(|(at, _)| at + 1).next()?;
    let rest = &line[after..];
    (!rest.trim().is_empty()).then(|| after + rest.len() - rest.trim_start().len())
}

/// A line with stars for its secrets.
fn without_secrets(line: &str) -> String {
    // The address of a database, with its user and password.
    if let Some((before, after)) = line.split_once("://")
        && let Some((secret, after)) = after.rsplit_once('@')
    {
        return format!("{}://{}@{}", without_values(before), stars(secret), without_values(after));
    }
    without_values(line)
}

/// A line with stars from the value of each secret key to its end, or to the end of the line where that is not sure.
fn without_values(line: &str) -> String {
    let Some(start) = secret(line) else { return line.to_owned() };
    let (kept, value) = line.split_at(start);
    let end = match value.chars().next() {
        Some(quote @ ('"' | '\'')) if !value.contains('\\') => value[1..].find(quote).map(|at| at + 2),
        Some('"' | '\'') => None,
        // Inside of braces a value without quotes ends before the next key.
        _ if kept.contains('{') => value.find([',', '}']),
        _ => None,
    };
    let (secret, tail) = value.split_at(end.unwrap_or(value.len()));
    format!("{kept}{}{}", stars(secret), without_values(tail))
}

fn stars(secret: &str) -> String {
    "*".repeat(secret.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    const SOURCE: &str = "source-id: mysql-01\nfrom:\n  host: a\n  port: 3306\n  password: '******'\n";

    #[test]
    fn a_text_is_sent_as_it_is_until_something_is_put_in() {
        let (_folder, path) = written(SOURCE);
        let mut document = read_source(&path).unwrap();
        document.fill_tls().unwrap();
        assert_eq!(document.to_send(), SOURCE);
        assert!(document.file.has_masked_password());
        let filled = document.fill_password(Secret::new("new"));
        assert!(!filled.file.has_masked_password());
        assert!(filled.to_send().contains("password: new"), "{}", filled.to_send());
    }

    #[test]
    fn tls_files_lie_beside_the_file_and_are_sent_as_bytes() {
        let (folder, path) = written(&format!("{SOURCE}  security:\n    ssl-ca: tls/ca.pem\n    ssl-key-base64: aGk=\n"));
        let failure = read_source(&path).unwrap().fill_tls().unwrap_err();
        assert!(failure.message.ends_with("a.yaml:7:13: the file of `from.security.ssl-ca` can't be used"), "{failure:?}");
        assert!(failure.causes[0].contains("tls/ca.pem: No such file"), "{failure:?}");
        std::fs::create_dir(folder.path().join("tls")).unwrap();
        std::fs::write(folder.path().join("tls/ca.pem"), "ok").unwrap();
        let mut document = read_source(&path).unwrap();
        document.fill_tls().unwrap();
        let sent = crate::model::source_file::read(&document.to_send()).unwrap();
        let security = sent.from.unwrap().value.security.unwrap().value;
        assert_eq!(security.ssl_ca_bytes.unwrap().value.reveal(), b"ok");
        assert_eq!(security.ssl_key_bytes.unwrap().value.reveal(), b"hi");
        assert!(security.ssl_ca.is_none() && security.ssl_key_base64.is_none());
    }

    #[test]
    fn one_flaw_has_the_code_and_several_have_a_cause_each() {
        let (_folder, path) = written("source-id: mysql-01\nfrom: {host: a, port: 70000}\nflavor: mysqll\n");
        let failure = read_source(&path).unwrap_err();
        assert!(failure.message.ends_with("a.yaml: 2 flaws") && failure.code.is_none(), "{failure:?}");
        assert!(failure.causes[1].contains("a.yaml:3:9: `mysqll` is no word for `flavor`; `mysql` is the nearest"), "{failure:?}");
        assert!(failure.causes[1].contains("(DM code 11010)\n3 | flavor: mysqll\n  |         ^"), "{failure:?}");
        let (_folder, path) = written("from: {host: a, port: 1}\n");
        assert_eq!(read_source(&path).unwrap_err().code, Some(40005));
    }

    #[test]
    fn a_failure_of_someone_else_can_point_at_a_place() {
        let (_folder, path) = written(SOURCE);
        let document = read_source(&path).unwrap();
        let failure = document.failure_at(document.file.source_id.as_ref().unwrap().place, "REST can't carry it");
        assert!(failure.message.ends_with("a.yaml:1:12: REST can't carry it"));
        assert!(failure.causes[0].contains("1 | source-id: mysql-01\n  |            ^"));
    }

    #[test]
    fn secrets_are_not_shown() {
        for (line, shown) in [
            ("  password: hunter, 2", "  password: *********"),
            ("  pasword: \"hunter\" # x", "  pasword: ******** # x"),
            ("from: {password: 'a, b', port: 70000}", "from: {password: ******, port: 70000}"),
            ("from: {Password : a, port: 70000}", "from: {Password : *, port: 70000}"),
            ("\"password\": \"a\\\"b\", port: 1", "\"password\": ***************"),
            ("'password':", "'password':"),
            ("target-database: mysql://dm:hunter@a:4000", "target-database: mysql://*********@a:4000"),
            ("port: 1", "port: 1"),
        ] {
            let masked = without_secrets(line);
            assert_eq!(masked, shown);
        }
        let (_folder, path) = written("source-id: a\nfrom:\n  host: a\n  port: 1\n  password: \"hunter\n");
        let failure = read_source(&path).unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter"), "{failure:?}");
        let (_folder, path) = written("source-id: a\nfrom: {host: a, port: 1, password: *hunter}\n");
        let failure = read_source(&path).unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter"), "{failure:?}");
    }
}
