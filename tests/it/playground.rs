//! The playground, from outside: it goes through a migration by itself, a newcomer goes through it by two keys, and nothing of it is left.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use mysql_async::prelude::Queryable as _;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Sandbox, snapshot};
use crate::pty::{Kind, Terminal};
use crate::servers::{Family, block, can_run};

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
    assert!(output.stdout.contains("compared: 10200 rows in 4 tables of the target"), "{}", output.stdout);
    assert_nothing_is_left(&sandbox);
    snapshot("playground_script", &format!("{}\n## stderr\n{}", without_chance(&output.stdout), without_chance(&output.stderr)));
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

/// An answer without what is another each time: numbers, the folder, progress, and how many rows of a kind there are.
fn without_chance(text: &str) -> String {
    let masks = [
        (r"(?m)^making two sources and a target with (\w+) in .*$", "making two sources and a target with $1 in FOLDER ..."),
        // A copy may be through before anybody looks.
        (r"(?s)(\$ dmctl task start shop\n).*?(\$ dmctl)", "$1...\n$2"),
        // A server that counts rows meanwhile tells of more or less bytes.
        (r"[0-9.]+ ([KM]i)?B", "SIZE"),
        (r"(?m)^ *(compared up to|shown): .*\n", ""),
        (r"\b[0-9]+(-[0-9]+)*\b", "N"),
        (r"\bN row\b", "N rows"),
        // What is aligned depends on the widest.
        (r"  +", "  "),
        (r"(?m)^(missing|different)  id=N.*\n((missing|different)  id=N.*\n)*", "$1  id=N ...\n"),
    ];
    let mut text = text.to_owned();
    for (pattern, mask) in masks {
        text = regex::Regex::new(pattern).unwrap().replace_all(&text, mask).into_owned();
    }
    text
}

/// How many orders a source of a playground that is kept has in its first shard.
fn orders(folder: &Path, source: usize) -> u64 {
    let schema = format!("sales_{source}.orders_{}", 2 * source - 2);
    at(&folder.join(format!("source-{source}.yaml")), &format!("SELECT COUNT(*) FROM {schema}")).unwrap()
}

/// Asks the first server that a file names.
fn at(file: &Path, query: &str) -> Option<u64> {
    block(async { mysql_async::Conn::new(options(file)).await.unwrap().query_first(query).await.unwrap() })
}

/// Whether the first server that a file names lets anybody in.
fn is_there(file: &Path) -> bool {
    block(async { mysql_async::Conn::new(options(file)).await.is_ok() })
}

fn options(file: &Path) -> mysql_async::OptsBuilder {
    let text = std::fs::read_to_string(file).unwrap();
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap();
        line.trim().trim_matches('"').to_owned()
    };
    mysql_async::OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(value("port:").parse().unwrap())
        .user(Some(value("user:")))
        .pass(Some(value("password:")))
        .prefer_socket(false)
}

#[test]
fn customers_come_only_when_the_whole_copy_is_right() {
    if !can_run(Family::MariaDb) {
        return;
    }
    let sandbox = sandbox();
    let kept = sandbox.path("kept");
    let mut command = sandbox.command();
    command.args(["playground", "--keep", "kept"]);
    let mut terminal = Terminal::of(&command, "", Kind { rows: 60, columns: 120, ..Kind::USUAL });
    terminal.shows("> task check shop.yaml");
    let mut run = |line: &str, answer: &str| {
        let told = terminal.submit(&format!("{line}\r"));
        assert!(told.contains(answer), "{told}");
        told.contains("the shops open")
    };
    let equal = "equal\u{1b}[0m\r\ncompared: ";
    for (line, answer) in [
        ("task create shop.yaml", "is created"),
        ("task start shop", "runs on"),
        ("task status shop --wait finished", "Finished"),
        ("task verify shop --source source-2", equal),
    ] {
        assert!(!run(line, answer), "after {line}");
    }
    let hidden = |hidden: u8| at(&kept.join("shop.yaml"), &format!("UPDATE shop.products SET hidden = {hidden} WHERE id = 7"));
    hidden(9);
    assert!(!run("task verify shop", "different: 1 row in 1 table"));
    hidden(0);
    assert_eq!([1, 2].map(|source| orders(&kept, source)), [1600, 1600]);
    assert!(run("task verify shop", equal));
    // They are told of once.
    assert!(!run("task verify shop", "compared: "));
    for source in [1, 2] {
        while orders(&kept, source) < 1602 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    // A source that is gone is told nowhere, keeps nobody from buying at the other, and has its customers back when it is.
    terminal.shows("0 running > task stop shop");
    let picture = terminal.picture();
    let pid = std::fs::read_to_string(kept.join("source-2/pid")).unwrap();
    let pid: i32 = pid.trim().parse().unwrap();
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    let words: Vec<_> = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    let before = orders(&kept, 1);
    while orders(&kept, 1) < before + 4 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut again = std::process::Command::new(&words[0]);
    again.args(words[1..].iter().filter(|word| !word.is_empty())).stdout(Stdio::null()).stderr(Stdio::null());
    let mut again = again.spawn().unwrap();
    let file = kept.join("source-2.yaml");
    while !is_there(&file) {
        assert!(again.try_wait().unwrap().is_none(), "it does not come back");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let before = orders(&kept, 2);
    while orders(&kept, 2) < before + 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(terminal.picture(), picture);
    again.kill().unwrap();
    again.wait().unwrap();
    terminal.press("exit\r");
    assert_eq!(terminal.end().1, 0);
    assert_eq!(processes(&kept), Vec::<String>::new());
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
        ("task verify shop", "the shops open"),
        ("task verify shop", "verdict: "),
        ("task stop shop", "is finished already"),
    ] {
        terminal.shows(&format!("> {line}"));
        // Up to the next prompt: what is typed before counts for nothing, and one line comes twice.
        terminal.submit("\u{1b}[C\r");
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
