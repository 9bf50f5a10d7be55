//! A shell on a terminal, with the completion of `dmctl` and that of git.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const SIZE: PtySize = PtySize { rows: 50, cols: 120, pixel_width: 0, pixel_height: 0 };

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _it_has_ended = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Terminal {
    /// Starts a shell in a repository, with its files in `folder`; `None` if it can't be had.
    pub fn start(shell: &str, folder: &Path, repository: &Path) -> Option<Self> {
        std::process::Command::new(shell).arg("--version").output().ok()?;
        let script = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name).display().to_string();
        let file = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let mut command = CommandBuilder::new(shell);
        command.env_clear();
        match shell {
            "bash" => {
                let git = "/usr/share/bash-completion/completions/git";
                let text = format!("PS1='ready> '\nunset HISTFILE\nsource {git}\nsource {}\n", script("dmctl.bash"));
                command.arg("--rcfile");
                command.arg(file("bashrc", text));
            }
            "zsh" => {
                let text = format!("PS1='ready> '\nautoload -U compinit\ncompinit -u -D\nsource {}\n", script("_dmctl"));
                command.env("ZDOTDIR", file("zsh/.zshrc", text).parent().unwrap());
            }
            _ => {
                let text = format!(
                    "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_prompt\n printf 'ready> '\nend\nsource {}\n",
                    script("dmctl.fish")
                );
                let _config = file(".config/fish/config.fish", text);
                std::fs::create_dir_all(folder.join(".local/share/fish/generated_completions")).unwrap();
            }
        }
        command.arg("-i");
        let program = Path::new(env!("CARGO_BIN_EXE_dmctl")).parent().unwrap().display().to_string();
        command.env("HOME", folder);
        command.env("XDG_RUNTIME_DIR", folder);
        command.env("PATH", format!("{program}:/usr/local/bin:/usr/bin:/bin"));
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.cwd(repository);
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let keys = pair.master.take_writer().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(50.try_into().unwrap(), 120.try_into().unwrap(), 0);
        let mut terminal = Self { child, keys, output, screen, _master: pair.master };
        terminal.wait("the prompt", |screen| screen.contains("ready>"));
        Some(terminal)
    }

    /// How long it takes from Tab behind a line until the name is in it.
    pub fn complete(&mut self, typed: &str, completed: &str) -> Duration {
        self.press(typed);
        self.wait("what was typed", |screen| screen.contains(typed));
        let started = Instant::now();
        self.press("\t");
        self.wait("the name", |screen| screen.contains(completed));
        let took = started.elapsed();
        // Drops the line, and clears the screen.
        self.press("\u{15}\u{c}");
        self.wait("an empty line", |screen| !screen.contains(typed));
        took
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn wait(&mut self, what: &str, is_so: impl Fn(&str) -> bool) {
        while !is_so(&self.screen.screen().contents()) {
            let Ok(bytes) = self.output.recv_timeout(Duration::from_secs(60)) else {
                panic!("{what} does not come: {}", self.screen.screen().contents());
            };
            self.screen.process(&bytes);
        }
    }
}
