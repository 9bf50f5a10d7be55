//! One subtask, as an engine needs to know it: a task on one source, with all rules and settings worked out.

mod check;
mod progress;
mod rules;

use super::decision::SourceRules;
use super::dump_list::DumpList;
use super::file::{Database, Secret, Security};
use super::pattern::is_system_schema;
use super::routes::{Ambiguous, Routes};
use super::source_file::SourceFile;
use super::task_file::{Loader, TaskFile};
use super::{DmError, SourceName, TaskName};

pub use check::{CheckItem, CheckProblem, Checked, Estimate, Verdict};
pub use progress::{Figures, Reporter, SubtaskEnd, SubtaskProgress, TABLES_TOLD};

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It copies, and is finished then.
    Full,
    /// It follows the binlog from a place on.
    Incremental,
    /// It copies, and follows the binlog from there.
    All,
}

impl Mode {
    /// DM's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
            Self::All => "all",
        }
    }

    /// Whether it begins with a copy.
    #[must_use]
    pub const fn copies(self) -> bool {
        matches!(self, Self::Full | Self::All)
    }
}

/// Which family a server is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// MySQL.
    MySql,
    /// MariaDB.
    MariaDb,
}

impl Flavor {
    /// DM's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MySql => "mysql",
            Self::MariaDb => "mariadb",
        }
    }
}

/// What is done with a row of the source whose key the target has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDuplicate {
    /// The row of the source counts.
    Replace,
    /// It is an error.
    Error,
    /// The row of the target stays.
    Ignore,
}

/// TLS to a database, with what the files hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The CA that must have signed the server's certificate; empty trusts every server.
    pub ca: Vec<u8>,
    /// The client's certificate; empty for none.
    pub certificate: Vec<u8>,
    /// The client's private key; empty for none.
    pub key: Secret,
}

/// How a database is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its host name or IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// Variables that are set in each session.
    pub session: Vec<(String, String)>,
    /// TLS; none for a connection without.
    pub tls: Option<Tls>,
}

impl Endpoint {
    /// Takes it from a file.
    ///
    /// # Errors
    /// What can't be used to connect.
    pub fn new(database: &Database) -> Result<Self, DmError> {
        let host = database.host().to_owned();
        let port = u16::try_from(database.port()).ok().filter(|port| *port != 0);
        let Some(port) = port else {
            return Err(DmError::plain(format!("{} is no port of a database", database.port())));
        };
        if host.is_empty() {
            return Err(DmError::plain("the database has no host"));
        }
        let session = database.session.iter().flat_map(|given| given.value.iter());
        Ok(Self {
            host,
            port,
            user: database.user().to_owned(),
            password: database.password.as_ref().map(|given| given.value.clone()).unwrap_or_default(),
            session: session.map(|(name, value)| (name.value.clone(), value.value.clone())).collect(),
            tls: database.security.as_ref().map(|given| tls(&given.value)).transpose()?.flatten(),
        })
    }

    /// Host and port, as people write them.
    #[must_use]
    pub fn address(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }
}

fn tls(security: &Security) -> Result<Option<Tls>, DmError> {
    if security.cert_allowed_cn.as_ref().is_some_and(|names| !names.value.is_empty()) {
        return Err(DmError::plain("`cert-allowed-cn` of a database is not there yet in this version"));
    }
    let mut security = security.clone();
    security.unfold_base64();
    let named = [&security.ssl_ca, &security.ssl_cert, &security.ssl_key];
    let bytes = [&security.ssl_ca_bytes, &security.ssl_cert_bytes, &security.ssl_key_bytes];
    let bytes = bytes.map(|given| given.as_ref().map(|given| given.value.reveal().to_vec()).unwrap_or_default());
    let mut parts = Vec::new();
    for (path, bytes) in named.into_iter().zip(bytes) {
        match path.as_ref().map(|path| path.value.as_str()).filter(|path| !path.is_empty() && bytes.is_empty()) {
            Some(path) => return Err(DmError::plain(format!("the contents of {path} did not come along"))),
            None => parts.push(bytes),
        }
    }
    let key = parts.pop().unwrap_or_default();
    let (certificate, ca) = (parts.pop().unwrap_or_default(), parts.pop().unwrap_or_default());
    if ca.is_empty() && certificate.is_empty() && key.is_empty() {
        return Ok(None);
    }
    let Ok(key) = String::from_utf8(key) else {
        return Err(DmError::plain("the private key of a database is no PEM text"));
    };
    Ok(Some(Tls { ca, certificate, key: Secret::new(key) }))
}

/// All that an engine must know of a subtask.
#[derive(Debug, Clone)]
pub struct SubtaskSpec {
    /// The task.
    pub task: TaskName,
    /// The source.
    pub source: SourceName,
    /// What it does.
    pub mode: Mode,
    /// The upstream.
    pub from: Endpoint,
    /// What the source file says of the upstream's family.
    pub flavor: Option<Flavor>,
    /// The source file wants GTIDs.
    pub enable_gtid: bool,
    /// The target.
    pub to: Endpoint,
    /// The schema of the target for the books.
    pub meta_schema: String,
    /// What is done with a row that the target has already.
    pub on_duplicate: OnDuplicate,
    /// How many connections read.
    pub readers: usize,
    /// How many connections write.
    pub writers: usize,
    /// Which rows, as an SQL condition.
    pub condition: Option<String>,
    /// Checks that are left out, by the names of `ignore-checking-items`.
    pub ignored_checks: Vec<String>,
    tables: DumpList,
    routes: Routes,
}

impl SubtaskSpec {
    /// Works out a subtask from a task file and the file of one of its sources.
    ///
    /// # Errors
    /// What can't be used, or is not there yet in this version.
    pub fn new(task: &TaskFile, source: &SourceFile) -> Result<Self, DmError> {
        let name = source.source_id();
        let Some(instance) = task.instances().find(|instance| instance.source_id() == name) else {
            return Err(DmError::plain(format!("the task does not name the source `{name}`")));
        };
        let mode = match task.task_mode() {
            "full" => Mode::Full,
            "incremental" => Mode::Incremental,
            "all" => Mode::All,
            other => return Err(DmError::plain(format!("the mode `{other}` is not there yet in this version"))),
        };
        let (from, to) = match (&source.from, task.target()) {
            (None, _) => return Err(DmError::plain(format!("the file of the source `{name}` has no `from`"))),
            (_, None) => return Err(DmError { code: Some(20021), ..DmError::plain("the task has no `target-database`") }),
            (Some(from), Some(to)) => (Endpoint::new(&from.value)?, Endpoint::new(to)?),
        };
        let flavor = match source.flavor() {
            "" => None,
            "mysql" => Some(Flavor::MySql),
            "mariadb" => Some(Flavor::MariaDb),
            other => return Err(DmError { code: Some(11010), ..DmError::plain(format!("`{other}` is no flavor of a source")) }),
        };
        let (dump, load) = (task.mydumper_of(instance), task.loader_of(instance));
        not_there_yet(&load, dump.extra_args())?;
        let rules = SourceRules::new(task, instance);
        if rules.routes.iter().any(|route| {
            [&route.extract_table, &route.extract_schema, &route.extract_source].iter().any(|extract| extract.is_some())
        }) {
            return Err(DmError::plain(
                "routes that fill a column (`extract-table`, `extract-schema`, `extract-source`) are not there yet in this version",
            ));
        }
        // DM takes the stricter of the two.
        let case_sensitive = task.case_sensitive() || source.case_sensitive();
        let unusable =
            |code: u32, error: super::pattern::PatternError| DmError { code: Some(code), ..DmError::plain(error.to_string()) };
        let tables = DumpList::new(case_sensitive, rules.allow.as_ref()).map_err(|error| unusable(20044, error))?;
        Ok(Self {
            task: TaskName::seen(task.name()),
            source: SourceName::seen(name),
            mode,
            from,
            flavor,
            enable_gtid: source.enable_gtid(),
            to,
            meta_schema: task.meta_schema().to_owned(),
            on_duplicate: on_duplicate(&load)?,
            readers: threads(dump.threads()),
            writers: threads(load.pool_size()),
            condition: Some(dump.condition().trim().to_owned()).filter(|condition| !condition.is_empty()),
            ignored_checks: ignored_checks(task),
            tables,
            routes: Routes::new(case_sensitive, &rules.routes).map_err(|error| unusable(20045, error))?,
        })
    }

    /// Whether the copy takes a table, or, without one, makes the schema. System schemas are never copied: no target would take them.
    #[must_use]
    pub fn takes(&self, schema: &str, table: Option<&str>) -> bool {
        !is_system_schema(schema) && self.tables.allows(schema, table)
    }

    /// The name of a table in the target; an empty table asks for the schema itself.
    ///
    /// # Errors
    /// Several routes claim it.
    pub fn target_of(&self, schema: &str, table: &str) -> Result<(String, String), Ambiguous> {
        let (schema, table) = self.routes.target(schema, table)?;
        Ok((schema.into_owned(), table.into_owned()))
    }
}

/// A connection each: more than this would only wait for one another.
const MOST_THREADS: i64 = 64;

fn threads(number: i64) -> usize {
    usize::try_from(number.clamp(1, MOST_THREADS)).unwrap_or(1)
}

fn not_there_yet(load: &Loader, extra: &str) -> Result<(), DmError> {
    if load.import_mode() != "logical" {
        return Err(DmError::plain(format!("the import mode `{}` is not there yet in this version", load.import_mode())));
    }
    let mut words = extra.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (None, ..) | (Some("--consistency"), Some("auto" | "flush" | "lock" | "snapshot"), None) => Ok(()),
        _ => Err(DmError::plain(format!("`extra-args` takes only `--consistency` in this version, and has `{extra}`"))),
    }
}

fn on_duplicate(load: &Loader) -> Result<OnDuplicate, DmError> {
    match load.on_duplicate_logical().as_str() {
        "replace" => Ok(OnDuplicate::Replace),
        "error" => Ok(OnDuplicate::Error),
        "ignore" => Ok(OnDuplicate::Ignore),
        other => Err(DmError {
            code: Some(20054),
            ..DmError::plain(format!("`{other}` says not what is done with a row that is there"))
        }),
    }
}

fn ignored_checks(task: &TaskFile) -> Vec<String> {
    let items = task.ignore_checking_items.iter().flat_map(|items| &items.value);
    items.map(|item| item.value.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{source_file, task_file};
    use super::*;

    const SOURCE: &str =
        "source-id: mysql-01\nfrom: {host: ::1, port: 3306, user: dm, password: secret, session: {wait_timeout: '60'}}\n";
    const TASK: &str = "name: orders\ntask-mode: full\n\
        target-database: {host: db, port: 4000, user: dm}\n\
        routes: {shop: {schema-pattern: 'shop_*', target-schema: shop}}\n\
        block-allow-list: {own: {do-dbs: ['shop_*']}}\n\
        loaders: {own: {on-duplicate-logical: ignore}}\n\
        mysql-instances: [{source-id: mysql-01, route-rules: [shop], block-allow-list: own, loader-config-name: own, mydumper-thread: 7}]\n";

    fn spec(task: &str, source: &str) -> Result<SubtaskSpec, DmError> {
        SubtaskSpec::new(&task_file::read(task).unwrap(), &source_file::read(source).unwrap())
    }

    #[test]
    fn rules_and_settings_of_the_source_are_worked_out() {
        let spec = spec(TASK, SOURCE).unwrap();
        assert_eq!((spec.from.address().as_str(), spec.to.address().as_str()), ("[::1]:3306", "db:4000"));
        assert_eq!(spec.from.session, [("wait_timeout".to_owned(), "60".to_owned())]);
        assert_eq!((spec.readers, spec.writers, spec.on_duplicate), (7, 16, OnDuplicate::Ignore));
        assert!(spec.takes("Shop_1", Some("orders")) && !spec.takes("bank", None) && !spec.takes("mysql", Some("user")));
        assert_eq!(spec.target_of("shop_1", "orders").unwrap(), ("shop".to_owned(), "orders".to_owned()));
        assert!(!format!("{spec:?}").contains("secret"));
    }

    #[test]
    fn what_is_not_there_yet_is_refused_and_not_ignored() {
        for (key, value) in [("task-mode: full", "task-mode: dump"), ("on-duplicate-logical: ignore", "import-mode: physical")] {
            let error = spec(&TASK.replace(key, value), SOURCE).unwrap_err();
            assert!(error.message.ends_with("is not there yet in this version"), "{error:?}");
        }
        let extract = "extract-table: {table-regexp: (.*), target-column: c}";
        let task = TASK.replace("target-schema: shop", &format!("target-schema: shop, table-pattern: '*', {extract}"));
        assert!(spec(&task, SOURCE).unwrap_err().message.contains("extract-table"));
    }
}
