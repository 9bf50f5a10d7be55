//! Throw-away database servers: found on this machine, made in a folder, and ended with this program.

use std::fs;
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::folder;
use super::guard::{End, Guarded};
use crate::exit::Failure;
use crate::model::subtask::Flavor;
use crate::model::system::reason;

/// Where servers are beside the folders of PATH.
pub(super) const USUAL: [&str; 7] = [
    "/usr/sbin",
    "/usr/libexec",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/local/mysql/bin",
    "/opt/homebrew/bin",
    "/opt/homebrew/opt/mariadb/bin",
];

/// Where MariaDB has the statements that make its own tables.
const SYSTEM_TABLES: [&str; 3] = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"];

/// How long a server may take to let somebody in.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked whether it does.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How many ports are tried: somebody else may be faster.
const PORTS: u32 = 3;

/// The program of a server.
#[derive(Debug, Clone)]
pub(super) struct Program {
    path: PathBuf,
    flavor: Flavor,
}

impl Program {
    /// Looks for one; MariaDB first, which is made faster.
    pub(super) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).chain(USUAL.map(PathBuf::from)).collect();
        ["mariadbd", "mysqld"].iter().find_map(|name| {
            let path = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())?;
            let told = Command::new(&path).args(["--no-defaults", "--version"]).stdin(Stdio::null()).output().ok()?;
            let mariadb = String::from_utf8_lossy(&told.stdout).contains("MariaDB");
            told.status.success().then_some(Self { path, flavor: if mariadb { Flavor::MariaDb } else { Flavor::MySql } })
        })
    }

    /// Its name, for people.
    pub(super) const fn name(&self) -> &'static str {
        match self.flavor {
            Flavor::MariaDb => "MariaDB",
            Flavor::MySql => "MySQL",
        }
    }

    /// What is the same for making the data and for serving it.
    fn common(&self, home: &Path) -> Vec<String> {
        let mut options = vec![
            "--no-defaults".to_owned(),
            format!("--datadir={}", home.join("data").display()),
            // A MariaDB that comes up removes what others keep for a moment in the same folder.
            format!("--tmpdir={}", home.display()),
            "--innodb-buffer-pool-size=32M".to_owned(),
            "--innodb-flush-log-at-trx-commit=0".to_owned(),
            "--innodb-doublewrite=0".to_owned(),
            "--performance-schema=OFF".to_owned(),
        ];
        if self.flavor == Flavor::MariaDb {
            options.push("--innodb-log-file-size=16M".to_owned());
        }
        // A server that runs as root wants to hear it.
        if folder::owner_of_new_files() == Some(0) {
            options.push("--user=root".to_owned());
        }
        options
    }

    /// Makes the data of a server that nobody has used yet.
    pub(super) async fn make(&self, home: &Path) -> Result<(), Failure> {
        let (program, own) = (self.clone(), home.to_owned());
        let made = tokio::task::spawn_blocking(move || program.make_now(&own)).await;
        made.unwrap_or_else(|_| Err(Failure::refused("making the data of a server broke off: this is a mistake in dmctl")))
    }

    fn make_now(&self, home: &Path) -> Result<(), Failure> {
        let failed = |what: String| Failure::refused(format!("the data of a {} server can't be made", self.name())).because(what);
        let io = |error: std::io::Error| failed(reason(&error));
        fs::create_dir_all(home.join("data")).map_err(io)?;
        let mut command = Command::new(&self.path);
        command.args(self.common(home));
        let made = match (self.flavor, self.statements()) {
            (Flavor::MySql, _) => command.arg("--initialize-insecure").stdin(Stdio::null()).output().map_err(io)?,
            (Flavor::MariaDb, Some(statements)) => {
                let input = home.join("make.sql");
                folder::write(&input, &statements).map_err(io)?;
                let input = fs::File::open(input).map_err(io)?;
                command.args(["--bootstrap", "--max-allowed-packet=8M", "--net-buffer-length=16K"]);
                command.stdin(input).output().map_err(io)?
            }
            // Where its own statements are not found, its own script may find them.
            (Flavor::MariaDb, None) => Command::new("mariadb-install-db")
                .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
                .args(self.common(home))
                .stdin(Stdio::null())
                .output()
                .map_err(|error| failed(format!("mariadb-install-db: {}", reason(&error))))?,
        };
        if made.status.success() {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&[made.stdout, made.stderr].concat()).into_owned();
        let last: Vec<&str> = told.lines().rev().filter(|line| !line.trim().is_empty()).take(3).collect();
        Err(failed(last.into_iter().rev().collect::<Vec<_>>().join("\n")))
    }

    /// The statements that make the tables of MariaDB itself.
    fn statements(&self) -> Option<String> {
        let beside = self.path.canonicalize().ok()?.parent()?.parent()?.join("share");
        let shares = [beside.clone(), PathBuf::from("/usr/share"), PathBuf::from("/usr/local/share")];
        let folders = shares.iter().flat_map(|share| [share.join("mysql"), share.join("mariadb"), share.clone()]);
        folders.into_iter().find_map(|folder| {
            let mut text = "CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n".to_owned();
            for name in SYSTEM_TABLES {
                text.push_str(&fs::read_to_string(folder.join(name)).ok()?);
                text.push('\n');
            }
            Some(text)
        })
    }

    /// Takes the data of one server for another.
    pub(super) fn copy(&self, from: &Path, to: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::refused(format!("the data of a {} server can't be copied: {}", self.name(), reason(&error)))
        };
        copy_folder(from, to).map_err(failed)?;
        // By this MySQL tells servers apart.
        let _none = fs::remove_file(to.join("data/auto.cnf"));
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A running server.
pub(super) struct Database {
    port: u16,
    _guarded: Guarded,
}

impl Database {
    /// Starts a server with some statements, each on a line of its own, and waits until it lets somebody in.
    pub(super) async fn start(program: &Program, home: &Path, statements: &[String]) -> Result<Self, Failure> {
        let cannot =
            |error: std::io::Error| Failure::refused(format!("a {} server can't be started: {}", program.name(), reason(&error)));
        let first = home.join("first.sql");
        folder::write(&first, &(statements.join("\n") + "\n")).map_err(cannot)?;
        let log = home.join("error.log");
        for _ in 0..PORTS {
            let port = free_port().map_err(cannot)?;
            let mut options = program.common(home);
            options.extend([
                "--bind-address=127.0.0.1".to_owned(),
                format!("--port={port}"),
                format!("--socket={}", home.join("s").display()),
                format!("--pid-file={}", home.join("pid").display()),
                format!("--init-file={}", first.display()),
                "--skip-name-resolve".to_owned(),
                format!("--server-id={port}"),
                "--log-bin=bin".to_owned(),
                "--binlog-format=ROW".to_owned(),
                "--sync-binlog=0".to_owned(),
                "--character-set-server=utf8mb4".to_owned(),
                "--max-connections=100".to_owned(),
            ]);
            if program.flavor == Flavor::MySql {
                // Its package names a folder for files that is not there unless the package's own script ran.
                let own = ["--mysqlx=OFF", "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--secure-file-priv=NULL"];
                options.extend(own.map(str::to_owned));
            }
            let guarded = Guarded::start(&program.path, &options, &[], &log, End::AtOnce).map_err(cannot)?;
            let mut waited = Duration::ZERO;
            while waited < PATIENCE {
                if answers(port) {
                    return Ok(Self { port, _guarded: guarded });
                }
                if fs::read_to_string(&log).is_ok_and(|told| told.contains("Aborting")) {
                    break;
                }
                tokio::time::sleep(LOOK_EVERY).await;
                waited += LOOK_EVERY;
            }
            drop(guarded);
            let told = fs::read_to_string(&log).unwrap_or_default();
            if !told.contains("Address already in use") {
                let last: Vec<&str> = told.lines().filter(|line| line.contains("[ERROR]")).collect();
                return Err(Failure::refused(format!("a {} server does not come up", program.name()))
                    .because(if last.is_empty() { format!("its log is {}", log.display()) } else { last.join("\n") }));
            }
            let _emptied = fs::write(&log, "");
        }
        Err(Failure::refused("there is no free port for a database server"))
    }

    /// Where it listens.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }
}

/// Whether a server greets whoever comes: it does so once its first statements are through.
fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), Duration::from_secs(1)) else {
        return false;
    };
    let mut byte = [0];
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok() && stream.read_exact(&mut byte).is_ok()
}

pub(super) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
