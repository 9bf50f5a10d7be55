//! `dmctl playground`: two sources and a target with the data of a small shop, a DM on this machine between them, and the files of their
//! sources and of a task. All of it lives in a folder of its own, and goes away with this program, however that ends.

mod customers;
mod database;
mod ended;
mod folder;
mod guard;
mod serving;
mod shop;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::commands::playground::{Playground as Arguments, Step};
use crate::exit::Failure;
use crate::local;
use crate::model::system;
use customers::Customers;
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
/// So much is sold at each source before a run by itself looks what is new.
const PURCHASES: u32 = 3;

/// A playground. It goes away when this is dropped.
pub struct Playground {
    // They end in this order.
    customers: OnceLock<Customers>,
    serving: Serving,
    databases: Vec<Database>,
    folder: Folder,
    secret: String,
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
        let secret = word()?;
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
        let playground = Self { customers: OnceLock::new(), serving, databases, folder, secret };
        playground.write_files()?;
        Ok(playground)
    }

    fn write_files(&self) -> Result<(), Failure> {
        let secret = &self.secret;
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
    pub fn preparation(&self) -> Vec<Step> {
        SOURCES.iter().map(|source| Step::new(format!("source create {source}.yaml"))).collect()
    }

    /// The lines of a whole migration, in the order in which a newcomer would go through them.
    #[must_use]
    pub fn tour(&self) -> Vec<Step> {
        vec![
            Step::new(format!("task check {TASK_FILE}")),
            Step::new(format!("task create {TASK_FILE}")),
            Step::new(format!("task start {TASK}")),
            Step::new(format!("task status {TASK} --wait finished")),
            Step::new(format!("task verify {TASK}")),
            // The shops are open by now.
            Step::differing(format!("task verify {TASK}")),
            Step::new(format!("task stop {TASK}")),
            Step::new(format!("task delete {TASK}")),
        ]
    }

    /// The lines of a whole migration, for a run without anybody at the keyboard.
    #[must_use]
    pub fn script(&self) -> Vec<Step> {
        let mut steps = self.tour();
        for step in &mut steps {
            if step.line.starts_with("task delete") {
                step.line.push_str(" --yes");
            } else if step.line.contains("--wait finished") {
                step.line.push_str(" --wait-timeout 5m");
            }
        }
        steps.insert(0, Step::new("source list"));
        steps
    }

    /// Opens the shops at the sources, once a copy of them was found right; what is to be told of it, the first time.
    pub fn open_shops(&self, task: &str) -> Vec<String> {
        if self.customers.get().is_some() {
            return Vec::new();
        }
        let sources = self.databases.iter().take(SOURCES.len());
        let ports: Vec<u16> = sources.map(Database::port).collect();
        match Customers::come(&ports, &self.secret) {
            Ok(customers) => {
                let _first = self.customers.set(customers);
                vec![
                    format!(
                        "the copy is right, and the shops open: customers buy at `{}` and `{}` from now on, twice a second at each, \
                         which adds orders and customers, and changes the stock of products",
                        SOURCES[0], SOURCES[1]
                    ),
                    format!(
                        "the copy stays as it is, for this version does not follow its sources yet: `task verify {task}` shows what is \
                         new there, and `task start {task} --remove-meta` copies again"
                    ),
                ]
            }
            Err(error) => vec![format!("the shops stay closed: {}", system::reason(&error))],
        }
    }

    /// Waits until the shops, if they are open, have sold something.
    pub async fn trade(&self) {
        if let Some(customers) = self.customers.get() {
            customers.have_bought(PURCHASES).await;
        }
    }

    /// Ends it, unless somebody else still holds it. Meanwhile connections to its DM can end, without which that one goes on for a while.
    pub async fn close(self: Arc<Self>) {
        let _broken = tokio::task::spawn_blocking(move || drop(self)).await.is_err();
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

/// A word of letters and digits only, which nobody can guess.
fn word() -> Result<String, Failure> {
    local::secret(16).map_err(|error| Failure::refused(error.to_string()))
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
