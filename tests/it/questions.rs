//! Questions, on a real terminal: what counts as yes, what as no, and what becomes of the line after it.

use std::process::Command;

use crate::cluster::Cluster;
use crate::cluster_wire::SECRET;
use crate::harness::Sandbox;
use crate::lines::{SOURCE_FILE, sandbox};
use crate::lines_change::usual;
use crate::pty::{CTRL_C, CTRL_D, Kind, Terminal};

const QUESTION: &str = "type `task-4` to go on: ";

fn has(cluster: &Cluster, task: &str) -> bool {
    cluster.state().tasks.iter().any(|known| known.name == task)
}

#[test]
fn only_the_name_means_yes() {
    for (keys, code, told) in [
        ("task-4\r", 0, "task `task-4` is deleted"),
        ("  task-4 \r", 0, "task `task-4` is deleted"),
        ("tast\u{7f}k-4\r", 0, "task `task-4` is deleted"),
        ("y\r", 5, "cause: something else was typed"),
        ("yes\r", 5, "cause: something else was typed"),
        ("TASK-4\r", 5, "cause: something else was typed"),
        ("task-1\r", 5, "cause: something else was typed"),
        ("\r", 5, "cause: nothing was typed"),
        (CTRL_D, 5, "cause: nothing was typed"),
        (CTRL_C, 5, "error: not confirmed, and nothing was sent"),
        ("task-4\u{3}", 5, "error: not confirmed, and nothing was sent"),
    ] {
        let cluster = Cluster::start(usual());
        let mut terminal = Terminal::start(&sandbox(&cluster.address), "task delete task-4");
        terminal.wait_for(QUESTION);
        assert!(cluster.changes().is_empty());
        terminal.press(keys);
        let (screen, ended) = terminal.end();
        assert_eq!(ended, code, "{keys:?}: {screen}");
        assert!(screen.contains(told), "{keys:?}: {screen}");
        assert_eq!((has(&cluster, "task-4"), cluster.changes().is_empty()), (code != 0, code != 0), "{keys:?}: {screen}");
        // What is told begins a line of its own.
        assert!(code == 0 || screen.lines().any(|line| line.starts_with("error: not confirmed")), "{keys:?}: {screen}");
    }
}

#[test]
fn what_would_be_lost_and_where_stands_above_the_question() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    let _config = sandbox.config(&format!("[profile.prod]\nmaster-addr = '{}'\n", cluster.address));
    let mut terminal = Terminal::start(&sandbox, "--profile prod task delete task-4");
    terminal.wait_for(QUESTION);
    terminal.press(CTRL_D);
    let (screen, _) = terminal.end();
    for told in ["mysql-01 on worker-1", "meta tables:", &format!("about to delete task `task-4` on `prod` ({})", cluster.address)]
    {
        assert!(screen.contains(told), "{told}: {screen}");
    }
}

#[test]
fn what_was_typed_before_the_question_does_not_answer_it() {
    let cluster = Cluster::start(usual());
    let mut terminal = Terminal::typed_ahead(&sandbox(&cluster.address), "task delete task-4", "task-4\r");
    terminal.wait_for(QUESTION);
    terminal.press("no\r");
    let (screen, code) = terminal.end();
    assert!(code == 5 && screen.contains("cause: something else was typed"), "{screen}");
    assert!(cluster.changes().is_empty());
}

#[test]
fn yes_is_not_asked() {
    let cluster = Cluster::start(usual());
    let (screen, code) = Terminal::start(&sandbox(&cluster.address), "task delete task-4 --yes").end();
    assert!(code == 0 && !screen.contains("to go on"), "{screen}");
    assert!(!has(&cluster, "task-4"));
}

/// Runs a line of a shell on a terminal.
fn shell(sandbox: &Sandbox, line: &str) -> (String, u32) {
    let program = sandbox.command();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &line.replace("dmctl", &program.get_program().to_string_lossy())]);
    for (key, value) in program.get_envs() {
        shell.env(key, value.unwrap());
    }
    shell.current_dir(program.get_current_dir().unwrap());
    Terminal::of(&shell, "", Kind::DUMB).end()
}

#[test]
fn where_nobody_can_be_asked_nothing_is_done() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    for line in [
        "dmctl task delete task-4 2> told",
        "dmctl task delete task-4 < /dev/null 2> told",
        "dmctl task delete task-4 <&- 2> told",
        "echo task-4 | dmctl task delete task-4 2> told",
    ] {
        let (screen, code) = shell(&sandbox, line);
        let told = std::fs::read_to_string(sandbox.path("told")).unwrap();
        assert_eq!((code, screen.as_str()), (5, ""), "{line}: {told}");
        assert!(told.contains("cause: there is no terminal to ask at\n"), "{line}: {told}");
    }
    assert!(cluster.changes().is_empty());
}

#[test]
fn a_session_goes_on_after_a_question() {
    let cluster = Cluster::start(usual());
    let mut terminal = Terminal::start(&sandbox(&cluster.address), "");
    let prompt = format!("dm@{}> ", cluster.address);
    terminal.wait_for(&prompt);
    for (asked, (keys, told)) in
        [("no\r", "something else was typed"), (CTRL_C, "not confirmed"), (CTRL_D, "nothing was typed")].into_iter().enumerate()
    {
        terminal.press("task delete task-4\r");
        terminal.wait_for_more(QUESTION, asked + 1);
        terminal.press(keys);
        terminal.wait_for_more(&prompt, asked + 2);
        terminal.wait_for(told);
        assert!(cluster.changes().is_empty());
    }
    // The line after a question is whole, also if it comes at once.
    terminal.press("task delete task-4\r");
    terminal.wait_for_more(QUESTION, 4);
    terminal.press("task-4\rddl-lock list\rexit\r");
    let (screen, code) = terminal.end();
    assert!(code == 0 && screen.contains("task `task-4` is deleted") && screen.contains("no DDL locks"), "{screen}");
    assert!(!has(&cluster, "task-4"));
}

#[test]
fn a_secret_is_not_shown_while_it_is_typed() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    let _source = sandbox.file("open.yaml", SOURCE_FILE.replace(SECRET, "'******'"));
    let mut terminal = Terminal::start(&sandbox, "");
    let prompt = format!("dm@{}> ", cluster.address);
    terminal.wait_for(&prompt);
    // Given up, it is no password, and the screen shows again what is typed.
    terminal.press("source create open.yaml\r");
    terminal.wait_for("password of the source in open.yaml: ");
    terminal.press(CTRL_C);
    terminal.wait_for_more(&prompt, 2);
    terminal.press("source create open.yaml\r");
    terminal.wait_for_more("source create open.yaml", 2);
    terminal.wait_for_more("password of the source in open.yaml: ", 2);
    terminal.press(&format!("{SECRET}\r"));
    terminal.wait_for("source `mysql-09` is created");
    terminal.wait_for_more(&prompt, 3);
    terminal.press("exit\r");
    let (screen, code) = terminal.end();
    assert!(code == 0 && screen.contains(&format!("{prompt}exit")), "{screen}");
    assert!(!screen.contains(SECRET), "{screen}");
    let arrived = cluster.changes();
    assert!(arrived.len() == 1 && arrived[0].body.to_string().contains(SECRET), "{arrived:?}");
}
