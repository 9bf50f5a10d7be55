//! The playground, from outside: it goes through a migration by itself, a newcomer goes through it by two keys, and nothing of it is left.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::Sandbox;
use crate::pty::{Kind, Terminal};
use crate::servers::{Family, can_run};

/// A sandbox whose temporary files are in it too.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let temporary = sandbox.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    sandbox.with("TMPDIR", temporary.to_string_lossy())
}

/// The folders of playgrounds.
fn folders(sandbox: &Sandbox) -> Vec<PathBuf> {
    std::fs::read_dir(sandbox.path("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The processes that were told of a folder.
fn processes(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(&folder)).collect()
}

/// Fails if anything is left.
fn assert_nothing_is_left(sandbox: &Sandbox) {
    assert_eq!(folders(sandbox), Vec::<PathBuf>::new());
    assert_eq!(processes(&sandbox.path("tmp")), Vec::<String>::new());
}

#[test]
fn a_whole_migration_goes_by_itself() {
    if !can_run(Family::MariaDb) {
        return;
    }
    let sandbox = sandbox();
    let output = sandbox.run("playground --script");
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    for told in [
        "$ dmctl source create source-1.yaml",
        "$ dmctl task check shop.yaml",
        "task `shop` is created",
        "$ dmctl task verify shop",
        "verdict:  equal",
        "compared: 10200 rows in 4 tables of the target",
        "$ dmctl task delete shop --yes",
    ] {
        assert!(output.stdout.contains(told), "{told:?} is missing:\n{}{}", output.stdout, output.stderr);
    }
    assert_nothing_is_left(&sandbox);
    let kept = sandbox.path("kept");
    let output = sandbox.run("playground --script --keep kept --format json");
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("\"verdict\":\"equal\""), "{}", output.stdout);
    assert!(kept.join("shop.yaml").exists() && kept.join("target/data").exists());
    assert_eq!(processes(&kept), Vec::<String>::new());
    let output = sandbox.run("playground --script --keep kept");
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("is not empty, and was left as it is"), "{}", output.stderr);
}

#[test]
fn a_newcomer_goes_through_it_by_two_keys() {
    if !can_run(Family::MariaDb) {
        return;
    }
    let sandbox = sandbox();
    let mut command = sandbox.command();
    command.arg("playground");
    let mut terminal = Terminal::of(&command, "", Kind { rows: 60, columns: 120, ..Kind::USUAL });
    for (line, answer) in [
        ("task check shop.yaml", "passed"),
        ("task create shop.yaml", "is created"),
        ("task start shop", "task `shop`"),
        ("task status shop --wait finished", "stage: Finished"),
        ("task verify shop", "verdict:  equal"),
        ("task stop shop", "is finished already"),
    ] {
        terminal.shows(&format!("> {line}"));
        terminal.press("\u{1b}[C\r");
        terminal.shows(answer);
    }
    terminal.shows("> task delete shop");
    terminal.press("\u{1b}[C\r");
    terminal.shows("type");
    terminal.press("shop\r");
    // What is typed before the next prompt counts for nothing.
    terminal.shows("is deleted\ndm@");
    terminal.press("exit\r");
    assert_eq!(terminal.end().1, 0);
    assert_nothing_is_left(&sandbox);
}

#[test]
fn nothing_is_left_by_one_that_is_ended_or_killed() {
    if !can_run(Family::MariaDb) {
        return;
    }
    let sandbox = sandbox();
    for (signal, code) in [(Signal::SIGTERM, Some(143)), (Signal::SIGINT, Some(130)), (Signal::SIGKILL, None)] {
        let mut command = sandbox.command();
        command.args(["playground", "--script"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Until all servers run, and the DM between them.
        let serves = |folder: &PathBuf| std::fs::read_dir(folder.join("run/dmctl")).is_ok_and(|mut notes| notes.next().is_some());
        while !folders(&sandbox).iter().any(serves) {
            assert!(child.try_wait().unwrap().is_none(), "it has ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(processes(&sandbox.path("tmp")).len() >= 4);
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), code);
        if code.is_some() {
            assert_nothing_is_left(&sandbox);
        }
    }
    // The servers of the killed one die by themselves; its folder goes with the next start, even with one that comes to nothing.
    while !processes(&sandbox.path("tmp")).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(folders(&sandbox).len(), 1);
    let _something = sandbox.file("full/something", "");
    assert_eq!(sandbox.run("playground --script --keep full").code, 1);
    assert_nothing_is_left(&sandbox);
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let output = sandbox().run("playground");
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains("`--script` goes through a migration without one"), "{}", output.stderr);
    let output = sandbox().pipe("", "playground\n");
    assert!(output.stderr.contains("`playground` is started from a shell"), "{}", output.stderr);
}
