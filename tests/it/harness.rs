//! Runs the built program in a sealed environment.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// A folder of its own, an empty environment, and the program. Clones share the folder.
#[derive(Clone)]
pub struct Sandbox {
    folder: Arc<tempfile::TempDir>,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { folder: Arc::new(tempfile::tempdir().unwrap()), variables: Vec::new() }
    }

    /// The same with an environment variable.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.variables.push((key.to_owned(), value.into()));
        self
    }

    /// A sandbox whose program talks to the cluster at these addresses.
    pub fn at(addresses: impl Into<String>) -> Self {
        Self::new().with("DM_MASTER_ADDR", addresses)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that its owner can read, and returns its path.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    /// The configuration file of dmctl.
    pub fn config(&self, text: &str) -> PathBuf {
        self.file("config/dmctl/config.toml", text)
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dmctl"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .envs(self.variables.iter().map(|(key, value)| (key, value)))
            .current_dir(self.folder.path());
        command
    }

    /// Runs one line, its words split as a shell does it.
    pub fn run(&self, line: &str) -> Output {
        self.run_words(&shlex::split(line).unwrap())
    }

    pub fn run_words(&self, words: &[impl AsRef<std::ffi::OsStr>]) -> Output {
        self.finish(self.command().args(words), b"")
    }

    /// Gives the program these bytes on standard input, and these words.
    pub fn pipe(&self, words: &str, input: impl AsRef<[u8]>) -> Output {
        self.finish(self.command().args(shlex::split(words).unwrap()), input.as_ref())
    }

    fn finish(&self, command: &mut Command, input: &[u8]) -> Output {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            // The program may stop reading before the end.
            let _closed = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Output {
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
            code: output.status.code().expect("it ended by itself"),
        }
    }

    /// A text with what differs from run to run replaced.
    pub fn steady(&self, text: &str, replaced: &[(&str, &str)]) -> String {
        let mut text = text.replace(&*self.folder.path().to_string_lossy(), "$SANDBOX");
        for (from, to) in replaced {
            text = text.replace(from, to);
        }
        text
    }
}

/// Compares with `snapshots/NAME.snap`.
pub fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
