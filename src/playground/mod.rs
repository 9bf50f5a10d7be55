//! `dmctl playground`: two sources and a target with the data of a small shop, a DM on this machine between them, and the files of their
//! sources and of a task. All of it lives in a folder of its own, and goes away with this program, however that ends.

mod database;
mod ended;
mod folder;
mod guard;
mod secret;
mod serving;
mod shop;

use std::path::{Path, PathBuf};

use crate::commands::playground::Playground as Arguments;
use crate::exit::Failure;
use crate::model::system;
use database::{Database, Program};
use folder::Folder;
use serving::Serving;

pub use ended::Ended;

/// The task of the shop.
const TASK: &str = "shop";
/// Where the task is written.
const TASK_FILE: &str = "shop.yaml";
/// The sources; the target comes after them.
const SOURCES: [&str; 2] = ["source-1", "source-2"];
const TARGET: &str = "target";

/// A playground. It goes away when this is dropped.
pub struct Playground {
    // They end in this order.
    serving: Serving,
    databases: Vec<Database>,
    folder: Folder,
}

impl Playground {
    /// Opens one. `say` is told what is being done.
    ///
    /// # Errors
    /// There is no database server on this machine; one can't be started; the folder can't be used.
    pub async fn open(arguments: &Arguments, mut say: impl FnMut(&str)) -> Result<Self, Failure> {
        let program = Program::find().ok_or_else(nothing_to_play_with)?;
        let folder = Folder::open(arguments.keep.as_deref())?;
        say(&format!("making two sources and a target with {} in {} ...", program.name(), folder.path().display()));
        let secret = secret::word()?;
        let first = folder.path().join(SOURCES[0]);
        program.make(&first).await?;
        for name in [SOURCES[1], TARGET] {
            program.copy(&first, &folder.path().join(name))?;
        }
        let homes = [SOURCES[0], SOURCES[1], TARGET].map(|name| folder.path().join(name));
        let statements = [shop::first(&secret), shop::second(&secret), shop::target(&secret)];
        let starting = homes.iter().zip(&statements).map(|(home, statements)| Database::start(&program, home, statements));
        let databases = futures_util::future::try_join_all(starting).await?;
        say("starting a DM on this machine ...");
        let serving = Serving::start(folder.path()).await?;
        let playground = Self { serving, databases, folder };
        playground.write_files(&secret)?;
        Ok(playground)
    }

    fn write_files(&self, secret: &str) -> Result<(), Failure> {
        let ports: Vec<u16> = self.databases.iter().map(Database::port).collect();
        let [one, other, target] = ports.as_slice() else { return Ok(()) };
        let files = [
            (format!("{}.yaml", SOURCES[0]), shop::source_file(SOURCES[0], *one, secret)),
            (format!("{}.yaml", SOURCES[1]), shop::source_file(SOURCES[1], *other, secret)),
            (TASK_FILE.to_owned(), shop::task_file(TASK, SOURCES, *target, secret)),
        ];
        for (name, text) in files {
            let path = self.files().join(&name);
            folder::write(&path, &text).map_err(|error| cannot_write(&path, &error))?;
        }
        Ok(())
    }

    /// Where the files of the sources and of the task are.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Goes to where the files are, so that their names are short.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn enter(&self) -> Result<(), Failure> {
        let path = self.files();
        std::env::set_current_dir(&path)
            .map_err(|error| Failure::refused(format!("cannot go to {}: {}", path.display(), system::reason(&error))))
    }

    /// Where the DM listens.
    #[must_use]
    pub fn address(&self) -> &str {
        self.serving.address()
    }

    /// Where its note is, which has what lets callers in.
    #[must_use]
    pub fn runtime(&self) -> PathBuf {
        self.serving.runtime()
    }

    /// Where a session keeps what outlives a line.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The lines that register the sources.
    #[must_use]
    pub fn preparation(&self) -> Vec<String> {
        SOURCES.iter().map(|source| format!("source create {source}.yaml")).collect()
    }

    /// The lines of a whole migration, in the order in which a newcomer would go through them.
    #[must_use]
    pub fn tour(&self) -> Vec<String> {
        [
            format!("task check {TASK_FILE}"),
            format!("task create {TASK_FILE}"),
            format!("task start {TASK}"),
            format!("task status {TASK} --wait finished"),
            format!("task verify {TASK}"),
            format!("task stop {TASK}"),
            format!("task delete {TASK}"),
        ]
        .into()
    }

    /// The lines of a whole migration, for a run without anybody at the keyboard.
    #[must_use]
    pub fn script(&self) -> Vec<String> {
        let mut lines = self.tour();
        for line in &mut lines {
            if line.starts_with("task delete") {
                line.push_str(" --yes");
            } else if line.contains("--wait finished") {
                line.push_str(" --wait-timeout 5m");
            }
        }
        lines.insert(0, "source list".to_owned());
        lines
    }

    /// What there is to play with.
    #[must_use]
    pub fn greeting(&self) -> String {
        format!(
            "The sources `{}` and `{}` hold a small shop: `shop`.`customers`, `products` and `visits`, and `orders` in four shards.\n\
             The task file {TASK_FILE} copies all of it, and merges the shards into one table.\n\
             The next command stands in grey behind the prompt: Right takes it, Enter runs it. `exit` ends all of it{}.\n",
            SOURCES[0],
            SOURCES[1],
            if self.folder.is_kept() { "; the folder stays" } else { ", and removes the folder" }
        )
    }
}

/// A playground without anybody to play.
#[must_use]
pub fn needs_a_terminal() -> Failure {
    Failure::usage("a playground needs a terminal, for the session on it").hinted("`--script` goes through a migration without one")
}

fn nothing_to_play_with() -> Failure {
    Failure::refused("there is no MariaDB and no MySQL on this machine to play with")
        .because(format!("neither `mariadbd` nor `mysqld` is in PATH, or in {}", database::USUAL.join(", ")))
        .hinted("on Debian or Ubuntu: `apt-get install mariadb-server-core`")
        .hinted("on Fedora: `dnf install mariadb-server`; with Homebrew: `brew install mariadb`")
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::refused(format!("cannot write {}: {}", path.display(), system::reason(error)))
}
