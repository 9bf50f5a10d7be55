//! Real database servers, on free ports of the loopback interface, with folders that go away with them.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, OptsBuilder};

/// The two families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    MariaDb,
    MySql,
}

pub const FAMILIES: [Family; 2] = [Family::MariaDb, Family::MySql];

/// The user of all tests, who may do anything.
pub const USER: &str = "dm";
pub const PASSWORD: &str = "it's a \"secret\"";

/// A running server. It ends with this value, and with the test binary, however that ends.
pub struct Server {
    pub family: Family,
    pub port: u16,
    folder: tempfile::TempDir,
    guard: Option<(Child, ChildStdin)>,
}

/// Ends the server when its own standard input ends, also when the tests are killed, and takes its folder away.
const GUARD: &str = r#"folder="$1"; shift; "$@" </dev/null >/dev/null 2>&1 & pid=$!; cat >/dev/null; kill -9 "$pid"; wait "$pid"
[ -e "$folder/keep" ] || rm -rf "$folder""#;

/// Where `.ci/servers` puts MySQL: beside the folder of the test binary.
fn mysql_root() -> Option<PathBuf> {
    let own = std::env::current_exe().unwrap();
    let root = own.ancestors().nth(3)?.join("servers/mysql/root");
    root.join("usr/sbin/mysqld").exists().then_some(root)
}

fn mariadbd() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.find_map(|folder| Some(folder.join("mariadbd")).filter(|file| file.exists()))
}

/// Whether a server of a family can be had. At home the tests that need one say so and pass; in CI they fail.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub fn can_run(family: Family) -> bool {
    let there = match family {
        Family::MariaDb => mariadbd().is_some(),
        Family::MySql => mysql_root().is_some(),
    };
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(there || !in_ci, "{family:?} can't be had: see .ci/servers");
    if !there {
        eprintln!("skipped: {family:?} can't be had");
    }
    there
}

impl Server {
    /// Makes the data and starts a server with some more options.
    pub fn start(family: Family, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let data = folder.path().join("data");
        let password = PASSWORD.replace('\'', "''");
        let init = format!(
            "CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{password}';\nGRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
        );
        std::fs::write(folder.path().join("init.sql"), init).unwrap();
        let mut making = match family {
            Family::MariaDb => {
                let mut command = Command::new("mariadb-install-db");
                command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
                command.arg(format!("--datadir={}", data.display()));
                command.env("TMPDIR", folder.path());
                command
            }
            Family::MySql => {
                let mut command = program(family);
                command.args(common(family, folder.path(), port)).arg("--initialize-insecure");
                command
            }
        };
        let made = making.stdin(Stdio::null()).output().unwrap();
        let told = || String::from_utf8_lossy(&[made.stdout.as_slice(), &made.stderr].concat()).into_owned();
        assert!(made.status.success(), "the data of {family:?} can't be made ({}):\n{}", made.status, told());
        let mut server = Self { family, port, folder, guard: None };
        std::fs::write(server.path("options"), options.join("\n")).unwrap();
        server.up();
        server
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the process, and waits until it lets somebody in.
    pub fn up(&mut self) {
        let inner = program(self.family);
        let mut command = Command::new("sh");
        // A MariaDB that comes up removes what others have for a moment in the same folder.
        command.env("TMPDIR", self.folder.path());
        command.args(["-c", GUARD, "sh"]).arg(self.folder.path()).arg(inner.get_program()).args(inner.get_args());
        command.args(common(self.family, self.folder.path(), self.port));
        command.arg(format!("--init-file={}", self.path("init.sql").display()));
        command.args(std::fs::read_to_string(self.path("options")).unwrap().lines());
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        self.guard = Some((child, stdin));
        drop(std::fs::remove_file(self.path("keep")));
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
        // A thread of its own: a test may be inside of a runtime.
        let answers =
            || std::thread::scope(|scope| scope.spawn(|| block(async { self.try_connect().await.is_ok() })).join().unwrap());
        while !answers() {
            let log = || std::fs::read_to_string(self.path("error.log")).unwrap_or_default();
            assert!(std::time::Instant::now() < deadline, "{:?} does not come up:\n{}", self.family, log());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// Ends the process as a power cut would. The data stay.
    pub fn kill(&mut self) {
        std::fs::write(self.path("keep"), "").unwrap();
        if let Some((mut child, stdin)) = self.guard.take() {
            drop(stdin);
            child.wait().unwrap();
        }
    }

    async fn try_connect(&self) -> mysql_async::Result<Conn> {
        let options = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(self.port)
            .user(Some(USER))
            .pass(Some(PASSWORD))
            .prefer_socket(false)
            .max_allowed_packet(Some(1 << 30))
            .wait_timeout(Some(28800));
        Conn::new(options).await
    }

    /// A plain connection, for making data and looking at it.
    pub async fn connect(&self) -> Conn {
        let mut conn = self.try_connect().await.unwrap();
        conn.query_drop("SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'").await.unwrap();
        conn
    }

    /// Executes statements one after the other.
    pub async fn execute(&self, statements: &[&str]) {
        let mut conn = self.connect().await;
        for statement in statements {
            conn.query_drop(*statement).await.unwrap_or_else(|error| panic!("{:?}: {error}\n{statement}", self.family));
        }
    }

    /// The one value that a query gives.
    pub async fn value(&self, query: &str) -> String {
        let mut conn = self.connect().await;
        let row: Option<mysql_async::Value> =
            conn.query_first(query).await.unwrap_or_else(|error| panic!("{:?}: {error}\n{query}", self.family));
        match row {
            None | Some(mysql_async::Value::NULL) => String::new(),
            Some(mysql_async::Value::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            Some(value) => value.as_sql(true),
        }
    }

    /// The process of the server itself.
    pub fn pid(&self) -> u32 {
        String::from_utf8(self.file("server.pid")).unwrap().trim().parse().unwrap()
    }

    /// A file that the server made in its folder.
    pub fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The part of a source file or a task file that says how to get here.
    pub fn yaml(&self) -> String {
        format!("{{host: 127.0.0.1, port: {}, user: {USER}, password: '{}'}}", self.port, PASSWORD.replace('\'', "''"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program of a server. That of MySQL brings its own libraries, down to the loader.
fn program(family: Family) -> Command {
    match family {
        Family::MariaDb => Command::new(mariadbd().unwrap()),
        Family::MySql => {
            let root = mysql_root().unwrap();
            let libraries = root.join("usr/lib/x86_64-linux-gnu");
            let libraries = if libraries.exists() { libraries } else { root.join("usr/lib/aarch64-linux-gnu") };
            let loader = std::fs::read_dir(&libraries).unwrap().map(|entry| entry.unwrap().path());
            let loader =
                loader.into_iter().find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux")));
            let mut command = Command::new(loader.unwrap());
            command.arg("--library-path").arg(libraries).arg(root.join("usr/sbin/mysqld"));
            command
        }
    }
}

fn common(family: Family, folder: &Path, port: u16) -> Vec<String> {
    let in_folder = |name: &str| folder.join(name).display().to_string();
    let mut options = vec![
        "--no-defaults".to_owned(),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--port={port}"),
        format!("--socket={}", in_folder("s.sock")),
        format!("--pid-file={}", in_folder("server.pid")),
        format!("--datadir={}", in_folder("data")),
        format!("--log-error={}", in_folder("error.log")),
        "--skip-name-resolve".to_owned(),
        format!("--server-id={port}"),
        "--log-bin=bin".to_owned(),
        "--binlog-format=ROW".to_owned(),
        "--secure-file-priv=".to_owned(),
        "--character-set-server=utf8mb4".to_owned(),
        "--max-allowed-packet=64M".to_owned(),
        "--max-connections=200".to_owned(),
        "--innodb-buffer-pool-size=64M".to_owned(),
        "--innodb-flush-log-at-trx-commit=2".to_owned(),
        "--sync-binlog=0".to_owned(),
        // What is killed here is the process and never the machine.
        "--innodb-flush-method=nosync".to_owned(),
        "--innodb-doublewrite=0".to_owned(),
        // Or a thread of the server that began to count in the middle of an INSERT writes what it saw over what ANALYZE TABLE found.
        "--innodb-stats-auto-recalc=OFF".to_owned(),
    ];
    // A server that runs as root wants to hear it.
    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        options.push("--user=root".to_owned());
    }
    if family == Family::MySql {
        let root = mysql_root().unwrap();
        let share = root.join("usr/share/mysql");
        options.extend([
            format!("--basedir={}", root.join("usr").display()),
            format!("--plugin-dir={}", root.join("usr/lib/mysql/plugin").display()),
            format!("--lc-messages-dir={}", share.display()),
            format!("--character-sets-dir={}", share.join("charsets").display()),
            "--mysqlx=OFF".to_owned(),
            "--gtid-mode=ON".to_owned(),
            "--enforce-gtid-consistency=ON".to_owned(),
        ]);
    }
    options
}

/// Runs a future of a test to its end.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let done = runtime.block_on(future);
    runtime.shutdown_background();
    done
}

/// The server of a family from which shared tests copy. Each test has schemas of its own.
pub fn source(family: Family) -> &'static Server {
    static MARIADB: OnceLock<Server> = OnceLock::new();
    static MYSQL: OnceLock<Server> = OnceLock::new();
    let cell = if family == Family::MariaDb { &MARIADB } else { &MYSQL };
    cell.get_or_init(|| Server::start(family, &[]))
}

/// The server of a family to which shared tests copy.
pub fn target(family: Family) -> &'static Server {
    static MARIADB: OnceLock<Server> = OnceLock::new();
    static MYSQL: OnceLock<Server> = OnceLock::new();
    let cell = if family == Family::MariaDb { &MARIADB } else { &MYSQL };
    cell.get_or_init(|| Server::start(family, &[]))
}

static QUIET: tokio::sync::RwLock<()> = tokio::sync::RwLock::const_new(());

/// For tests that write to the shared sources at any time.
pub async fn busy() -> tokio::sync::RwLockReadGuard<'static, ()> {
    QUIET.read().await
}

/// For tests in which nobody else may write to the shared sources: a copy that goes on after a fault must find them unchanged.
pub async fn quiet() -> tokio::sync::RwLockWriteGuard<'static, ()> {
    QUIET.write().await
}

/// The pairs of different families that can be had, for what does not depend on who copies to whom.
pub fn crossings() -> Vec<(Family, Family)> {
    pairs().into_iter().filter(|(from, to)| from != to).collect()
}

/// All pairs of families that can be had.
pub fn pairs() -> Vec<(Family, Family)> {
    let there: Vec<Family> = FAMILIES.into_iter().filter(|family| can_run(*family)).collect();
    there.iter().flat_map(|from| there.iter().map(|to| (*from, *to))).collect()
}
