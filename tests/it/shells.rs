//! The real shells on a terminal, with the completion that `dmctl completion` gives them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::Sandbox;
use crate::pty::{Kind, Terminal};

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Bash,
    Zsh,
    Fish,
}

pub const ALL: [Program; 3] = [Program::Bash, Program::Zsh, Program::Fish];

/// Ctrl-L, which clears the screen, and Left.
const CLEAR: &str = "\u{c}";
pub const LEFT: &str = "\u{1b}[D";

impl Program {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// Whether it can be had. At home the tests that need it say so and pass; in CI they fail.
    fn is_there(self) -> bool {
        let found = Command::new(self.name()).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_there = found.is_ok_and(|status| status.success());
        if !is_there {
            let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
            assert!(!in_ci, "{} can't be had", self.name());
            let _nowhere_else = writeln!(std::io::stderr(), "{} can't be had: what needs it is skipped", self.name());
        }
        is_there
    }
}

/// The shells that can be had.
pub fn all() -> impl Iterator<Item = Program> {
    ALL.into_iter().filter(|program| program.is_there())
}

/// A shell at its prompt. `dmctl` is a function in it that shows its arguments; Tab asks the program.
pub struct Shell {
    pub terminal: Terminal,
    program: Program,
}

impl Shell {
    pub fn start(program: Program, sandbox: &Sandbox) -> Self {
        Self::with(program, sandbox, "")
    }

    /// The same, with more lines in its configuration.
    pub fn with(program: Program, sandbox: &Sandbox, lines: &str) -> Self {
        let script = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name).display().to_string();
        let folder = Path::new(env!("CARGO_BIN_EXE_dmctl")).parent().unwrap().display().to_string();
        let mut command = Command::new(program.name());
        match program {
            Program::Bash => {
                let text = format!(
                    "PS1='ready> '\nunset HISTFILE\nbind 'set completion-query-items 0'\nbind 'set page-completions off'\n\
                     bind 'set bell-style none'\ndmctl() {{ printf '<%s>' \"$@\"; echo; }}\nsource {}\n{lines}",
                    script("dmctl.bash")
                );
                command.arg("--rcfile").arg(sandbox.file("home/bashrc", text)).arg("-i");
            }
            Program::Zsh => {
                let text = format!(
                    "PS1='ready> '\nsetopt promptsubst\nunsetopt promptsp\nLISTMAX=1000\nautoload -U compinit\ncompinit -u -D\n\
                     dmctl() {{ printf '<%s>' \"$@\"; echo; }}\nsource {}\n{lines}",
                    script("_dmctl")
                );
                let rc = sandbox.file("home/zsh/.zshrc", text);
                command.env("ZDOTDIR", rc.parent().unwrap()).arg("-i");
            }
            Program::Fish => {
                let text = format!(
                    "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_prompt\n printf 'ready> '\nend\n\
                     function dmctl\n printf '<%s>' $argv\n echo\nend\nsource {}\n{lines}",
                    script("dmctl.fish")
                );
                let _config = sandbox.file("config/fish/config.fish", text);
                // It would go through all manuals of the system at its first start.
                std::fs::create_dir_all(sandbox.path(".local/share/fish/generated_completions")).unwrap();
                command.arg("-i");
            }
        }
        let own = sandbox.command();
        command.env_clear().envs(command_envs(&own));
        if program == Program::Zsh {
            command.env("ZDOTDIR", sandbox.path("home/zsh"));
        }
        command.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin")).env("LANG", "C.UTF-8");
        std::fs::create_dir_all(sandbox.path("work")).unwrap();
        command.current_dir(sandbox.path("work"));
        let terminal = Terminal::of(&command, "", Kind { columns: 120, rows: 50, ..Kind::USUAL });
        terminal.shows("ready>");
        Self { terminal, program }
    }

    /// Types keys, waits until this is shown, presses Enter, waits until `dmctl` has shown that it got these words, and clears the
    /// screen.
    #[track_caller]
    pub fn runs(&mut self, keys: &str, shown: &str, words: &[&str]) {
        self.terminal.press(keys);
        self.terminal.shows(shown);
        self.terminal.press("\r");
        self.terminal.shows(&format!("\n{}", words.iter().map(|word| format!("<{word}>")).collect::<String>()));
        self.clear();
    }

    /// Presses Tab behind a line until a list is shown, waits until it has all of this, and drops the line. Returns the screen.
    #[track_caller]
    pub fn lists(&mut self, line: &str, shown: &[&str]) -> String {
        // bash completes, then rings, then lists; where nothing is completed it lists the second time, and the third changes nothing.
        self.terminal.press(&format!("{line}{}", if self.program == Program::Bash { "\t\t\t" } else { "\t\t" }));
        for text in shown {
            self.terminal.shows(text);
        }
        let picture = self.terminal.picture();
        self.drop_line();
        picture
    }

    /// Types keys, and sees that the line is as it was typed, and that none of this is shown.
    #[track_caller]
    pub fn offers_nothing(&mut self, line: &str, hidden: &[&str]) {
        self.terminal.press(&format!("{line}\t"));
        // Comes when Tab is through, since keys are read one after the other.
        self.terminal.press("END");
        self.terminal.shows(&format!("{line}END"));
        let picture = self.terminal.picture();
        for text in hidden {
            assert!(!picture.contains(text), "{}: {text}\n{picture}", self.program.name());
        }
        self.drop_line();
    }

    fn drop_line(&mut self) {
        // Leaves the list of fish, goes to the end of the line, and takes it away.
        self.terminal.press(if self.program == Program::Fish { "\u{1b}" } else { "" });
        self.terminal.press("\u{5}\u{15}");
        self.clear();
    }

    /// A screen with nothing but the prompt.
    fn clear(&mut self) {
        self.terminal.press(
            "echo cleared-$((1+1))\r"
                .replace("$((1+1))", if self.program == Program::Fish { "(math 1+1)" } else { "$((1+1))" })
                .as_str(),
        );
        self.terminal.shows("cleared-2");
        self.terminal.press(CLEAR);
        self.terminal.hides("cleared-2");
    }
}

fn command_envs(command: &Command) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    command.get_envs().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect()
}
