//! Folders that were looked into, and what their files describe.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::model::file::Described;
use crate::model::{file, system};

/// No more entries of a folder are listed.
const MOST_ENTRIES: usize = 5000;
/// No more files of a folder are read.
const MOST_READ: usize = 500;
/// No larger file is read: a configuration is smaller.
const LARGEST: u64 = 256 << 10;

/// A folder, as it was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// What is in it.
    pub entries: Vec<Entry>,
    /// Why it can't be listed.
    pub error: Option<String>,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub content: Content,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A folder.
    Folder,
    /// A YAML file that describes a task or a source; or why it does not.
    Yaml(Result<Described, String>),
    /// Any other file.
    Other,
}

impl Folder {
    /// Looks into a folder, and into the YAML files there that are small enough. It may take as long as the disk does.
    #[must_use]
    pub fn look(path: &Path) -> Self {
        match entries(path) {
            Ok(entries) => Self { entries, error: None },
            Err(error) => Self { entries: Vec::new(), error: Some(system::reason(&error)) },
        }
    }
}

fn entries(path: &Path) -> io::Result<Vec<Entry>> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let mut entries = Vec::new();
    let mut read = 0;
    for entry in fs::read_dir(path)?.take(MOST_ENTRIES) {
        let entry = entry?;
        // A name that is no text can't be typed.
        let Ok(name) = entry.file_name().into_string() else { continue };
        // What a link leads to is what counts.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        let content = if metadata.is_dir() {
            Content::Folder
        } else if !metadata.is_file() {
            continue;
        } else if is_yaml(&name) {
            read += 1;
            Content::Yaml(match () {
                () if metadata.len() > LARGEST => Err("larger than any configuration".to_owned()),
                () if read > MOST_READ => Err("not looked into, there are too many".to_owned()),
                () => describe(&entry.path()),
            })
        } else {
            Content::Other
        };
        entries.push(Entry { name, content });
    }
    entries.sort_by(|one, other| super::table::natural(&one.name, &other.name));
    Ok(entries)
}

fn is_yaml(name: &str) -> bool {
    let end = Path::new(name).extension();
    end.is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
}

fn describe(path: &Path) -> Result<Described, String> {
    let mut bytes = Vec::new();
    // It may have grown since it was measured.
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|error| format!("can't be read: {}", system::reason(&error)))?;
    let text = String::from_utf8(bytes).map_err(|_| "is no UTF-8 text".to_owned())?;
    file::describe(&text)
}

/// A path that is being typed: the folder as it is written, the same as it is opened, and what is typed behind it. `~/` at the start
/// is the home folder, and is written in full when something is taken from it: no line is expanded when it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed<'a> {
    pub(super) written: String,
    pub(super) folder: PathBuf,
    pub(super) rest: &'a str,
}

impl<'a> Typed<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let (folder, rest) = text.rsplit_once('/').map_or(("", text), |(folder, _)| text.split_at(folder.len() + 1));
        let folder = at_home(folder).unwrap_or_else(|| folder.to_owned());
        Self { folder: PathBuf::from(&folder), written: folder, rest }
    }
}

/// A path below `~/`, from the root on.
fn at_home(path: &str) -> Option<String> {
    let below = path.strip_prefix("~/")?;
    let home = etcetera::home_dir().ok()?;
    Some(format!("{}/{below}", home.to_str()?.trim_end_matches('/')))
}

/// A path that a shell would expand on its way here.
pub(super) fn in_full(path: &str) -> PathBuf {
    PathBuf::from(at_home(path).unwrap_or_else(|| path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_what_its_files_describe() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("t-10.yaml", "name: orders\nmysql-instances: [{source-id: a}]\ntarget-database: {host: h}\n");
        write("t-2.YML", "source-id: mysql-01\nfrom: {host: h}\n");
        write("broken.yaml", "name: [\n");
        write("other.yaml", "kind: Pod\n");
        write("ca.pem", "");
        write("large.yaml", &"#".repeat(300 << 10));
        fs::write(folder.path().join("bytes.yaml"), [0xff, 0xfe]).unwrap();
        fs::create_dir(folder.path().join("below")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("dangling.yaml")).unwrap();
        let seen = Folder::look(folder.path());
        let said = |name: &str| match &seen.entries.iter().find(|entry| entry.name == name).unwrap().content {
            Content::Yaml(Ok(Described::Task(name))) => format!("task {name}"),
            Content::Yaml(Ok(Described::Source(name))) => format!("source {name}"),
            Content::Yaml(Err(why)) => why.clone(),
            Content::Folder => "folder".to_owned(),
            Content::Other => "other".to_owned(),
        };
        let names: Vec<&str> = seen.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["below", "broken.yaml", "bytes.yaml", "ca.pem", "large.yaml", "other.yaml", "t-2.YML", "t-10.yaml"]);
        let told = names.iter().map(|name| said(name)).collect::<Vec<_>>();
        let no_yaml = "is no YAML";
        let neither = "describes neither a task nor a source";
        let (large, bytes) = ("larger than any configuration", "is no UTF-8 text");
        assert_eq!(told, ["folder", no_yaml, bytes, "other", large, neither, "source mysql-01", "task orders"]);
        assert!(Folder::look(&folder.path().join("none")).error.is_some());
    }

    #[test]
    fn a_path_is_taken_apart() {
        let typed = |text| {
            let typed = Typed::new(text);
            (typed.written, typed.rest)
        };
        assert_eq!(typed("ord"), (String::new(), "ord"));
        assert_eq!(typed("a/b/c"), ("a/b/".to_owned(), "c"));
        assert_eq!(typed("/"), ("/".to_owned(), ""));
        assert_eq!(typed("~"), (String::new(), "~"));
        let (home, rest) = typed("~/x/y");
        assert!(home.ends_with("/x/") && home.starts_with('/') && rest == "y", "{home}");
    }
}
