//! The session over a cluster: live names, hints, alarms, and a whole journey by keys.

use dmctl::wire::pb;

use crate::cluster::Cluster;
use crate::cluster_faults::Lose;
use crate::cluster_script::Script;
use crate::cluster_status::{failed, syncing};
use crate::cluster_wire::SECRET;
use crate::harness::{Sandbox, snapshot};
use crate::lines::sandbox;
use crate::lines_change::usual;
use crate::lines_task::REFUSAL;
use crate::pty::{CTRL_C, CTRL_D, Kind, Terminal};

const TAB: &str = "\t";
const ESC: &str = "\u{1b}";
const UP: &str = "\u{1b}[A";
const DOWN: &str = "\u{1b}[B";
const RIGHT: &str = "\u{1b}[C";
const CTRL_R: &str = "\u{12}";
const F1: &str = "\u{1b}OP";
const CTRL_O: &str = "\u{f}";

/// A session whose names are there.
fn session(script: Script) -> (Cluster, Sandbox, Terminal) {
    let cluster = Cluster::start(script);
    let sandbox = sandbox(&cluster.address);
    let terminal = Terminal::session(&sandbox, "", Kind { columns: 110, ..Kind::USUAL });
    terminal.shows("running");
    (cluster, sandbox, terminal)
}

fn picture(cluster: &Cluster, terminal: &Terminal) -> String {
    terminal.picture().replace(&cluster.address, "$MASTER")
}

#[test]
fn a_task_lives_and_dies_by_keys_alone() {
    let (cluster, _sandbox, mut terminal) = session(usual().once_started("task-4", &[syncing(3)]));
    let mut screens = vec![picture(&cluster, &terminal)];
    // Tab, Tab, down to `start`, Tab, down to the one that can start, Enter takes it, Enter runs the line.
    terminal.press(TAB);
    terminal.shows("> task ");
    terminal.press(TAB);
    terminal.shows("task: command");
    terminal.press(&format!("{UP}{UP}{UP}{UP}"));
    terminal.shows("> start ");
    terminal.press(TAB);
    terminal.shows("task start: TASK");
    screens.push(picture(&cluster, &terminal));
    terminal.press("4");
    terminal.shows("> task-4");
    screens.push(picture(&cluster, &terminal));
    terminal.press("\r");
    terminal.hides("task start: TASK");
    terminal.press("\r");
    terminal.wait_for("task `task-4` runs");
    assert_eq!(cluster.changes().len(), 1, "{:?}", cluster.changes());
    snapshot("session_journey", &screens.join("\n----\n"));
    // It asks for the name before it deletes, and the keys that came too early do not answer.
    terminal.shows("2 running 1 failed >");
    terminal.press("task delete \t");
    terminal.shows("task delete: TASK  -/4");
    terminal.press("task-2");
    terminal.shows("1 of 4");
    terminal.press("\rtask-2\r");
    terminal.shows("type `task-2` to go on:");
    terminal.press(CTRL_C);
    terminal.wait_for("not confirmed");
    terminal.wait_for_more("2 running 1 failed >", 2);
    assert_eq!(cluster.changes().len(), 1);
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn what_can_not_be_chosen_now_is_refused_and_runs_when_it_is_typed() {
    let (_cluster, _sandbox, mut terminal) = session(usual());
    terminal.press("task start task-1\t");
    terminal.shows("runs already");
    terminal.press(TAB);
    terminal.shows("`task-1`: ");
    assert!(terminal.picture().contains("> task start task-1"));
    terminal.press("\r");
    terminal.wait_for("task `task-1` runs already; nothing was sent");
}

#[test]
fn the_list_follows_the_cluster_and_the_mark_its_name() {
    let (cluster, _sandbox, mut terminal) = session(usual());
    terminal.press("task get \t");
    terminal.shows("> task-1");
    terminal.press(&format!("{DOWN}{DOWN}"));
    terminal.shows("> task-3");
    // A task comes in above; the mark stays.
    cluster.change(|script| script.task("task-0", "all", &[("mysql-01", &[syncing(1)])]));
    terminal.shows("task-0");
    terminal.shows("> task-3");
    // What was marked goes away; nothing else is marked in its place.
    cluster.change(|mut script| {
        script.tasks.retain(|task| task.name != "task-3");
        script
    });
    terminal.shows("`task-3` is gone: choose again");
    terminal.press(TAB);
    terminal.press(ESC);
    terminal.hides("`task-3` is gone");
    assert!(terminal.picture().contains("> task get ▏"), "{}", terminal.picture());
}

#[test]
fn a_task_that_fails_is_told_above_the_prompt_until_a_line_runs() {
    let (cluster, _sandbox, mut terminal) = session(usual());
    terminal.shows("1 failed");
    terminal.press("member li");
    cluster.change(|script| script.task("task-9", "all", &[("mysql-02", &[failed()])]));
    terminal.press("st");
    terminal.shows("task `task-9` has failed");
    terminal.shows("2 failed > member list");
    snapshot("session_alarm", &picture(&cluster, &terminal));
    terminal.press("\r");
    terminal.wait_for("NAME ");
    terminal.wait_for_more("> ", 2);
    terminal.press("\r");
    terminal.wait_for_more("2 failed >", 3);
    assert_eq!(terminal.picture().matches("has failed").count(), 1, "{}", terminal.picture());
}

#[test]
fn a_cluster_that_dies_is_told_once_and_blocks_nothing() {
    let (mut cluster, _sandbox, mut terminal) = session(usual());
    cluster.stop();
    terminal.press("task get \t");
    terminal.shows("the cluster does not answer");
    terminal.shows("task-2");
    terminal.press(&format!("{DOWN}{TAB}"));
    terminal.hides("task get: TASK");
    terminal.press(CTRL_C);
    terminal.wait_for_more("no answer >", 2);
    assert_eq!(terminal.picture().matches("does not answer").count(), 1, "{}", terminal.picture());
}

#[test]
fn a_narrow_screen_has_room_for_the_line() {
    let (cluster, _sandbox, mut terminal) = session(usual());
    terminal.press("x");
    cluster.change(|script| script.task("task-9", "all", &[("mysql-02", &[failed()])]));
    terminal.shows("task `task-9` has failed");
    let mut screens = Vec::new();
    terminal.press("\u{15}");
    terminal.hides("> x");
    for (rows, columns) in [(24, 60), (10, 44), (6, 30), (5, 20)] {
        terminal.resize_and_draw(rows, columns);
        terminal.press("task stop \t");
        terminal.shows("task stop: TASK");
        screens.push(picture(&cluster, &terminal));
        terminal.press(ESC);
        terminal.hides("task stop: TASK");
        terminal.press("\u{15}");
        terminal.hides("> task stop");
    }
    terminal.press("task stop ");
    snapshot("session_narrow", &screens.join("\n----\n"));
    // Nothing stays behind.
    terminal.press(TAB);
    terminal.shows("> task-1");
    terminal.press(CTRL_C);
    terminal.hides("> task-1");
}

#[test]
fn what_comes_next_is_taken_by_one_key_and_never_runs_by_itself() {
    let (cluster, _sandbox, mut terminal) = session(usual());
    terminal.press("task list\r");
    terminal.wait_for("NAME ");
    terminal.shows("> task status task-3");
    terminal.press(RIGHT);
    terminal.press("\r");
    terminal.wait_for("task:  task-3");
    terminal.shows("> task start task-3");
    terminal.press("task start nope\r");
    terminal.wait_for("error: task `nope` does not exist");
    terminal.shows("> task list");
    assert!(cluster.changes().is_empty());
}

#[test]
fn the_history_is_searched_by_letters() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    let _older = sandbox.file("state/dmctl/history", "source status mysql-01\ntask status task-2\ntask list\ntask list\nclear\n");
    let mut terminal = Terminal::session(&sandbox, "", Kind { columns: 110, ..Kind::USUAL });
    terminal.shows("running");
    terminal.press(CTRL_R);
    terminal.shows("history  1/4");
    terminal.press("stat01");
    terminal.shows("> source status mysql-01");
    terminal.press("\r");
    terminal.hides("history  ");
    terminal.shows("failed > source status mysql-01");
    terminal.press(CTRL_C);
    terminal.wait_for_more("failed >", 2);
    terminal.press(CTRL_R);
    terminal.shows("history  ");
    terminal.press("zzz");
    terminal.shows("history: no line has these letters");
    terminal.press(ESC);
    terminal.hides("history: ");
}

#[test]
fn a_configuration_is_shown_in_the_place_of_the_list() {
    let (cluster, _sandbox, mut terminal) = session(usual());
    terminal.press("task get \t");
    terminal.shows("> task-1");
    terminal.press(DOWN);
    terminal.shows("> task-2");
    let list = picture(&cluster, &terminal);
    let (frames, queries) = (terminal.frames(), terminal.queries());
    terminal.press(CTRL_O);
    terminal.shows("name: task-2");
    let mut screens = vec![list.clone(), picture(&cluster, &terminal)];
    assert!(screens[1].contains("'******'") && !screens[1].contains(SECRET), "{}", screens[1]);
    // One paint says that it is asked for, or has it at once; none asks anything of the terminal.
    assert!(terminal.frames() <= frames + 3 && terminal.queries() == queries);
    // Esc leads back to the same list, with the same mark; so does the same key.
    for back in [ESC, CTRL_O] {
        terminal.press(back);
        terminal.shows("> task-2");
        assert_eq!(picture(&cluster, &terminal), list);
        terminal.press(CTRL_O);
        terminal.shows("name: task-2");
    }
    // A letter chooses in the list again, and Enter takes what is shown.
    terminal.press("1");
    terminal.shows("> task-1");
    terminal.press(&format!("{CTRL_O}\r"));
    terminal.hides("task get: TASK");
    assert!(terminal.picture().ends_with("> task get task-1 ▏"), "{}", terminal.picture());
    // So has a source one; a small window scrolls.
    terminal.press(CTRL_C);
    terminal.wait_for_more("failed >", 2);
    terminal.shows("failed >");
    terminal.resize_and_draw(8, 60);
    terminal.press("source get \t");
    terminal.shows("> mysql-01");
    terminal.press(CTRL_O);
    terminal.shows("source-id: mysql-01");
    screens.push(picture(&cluster, &terminal));
    terminal.press(&format!("{DOWN}{DOWN}{UP}"));
    terminal.shows("  2-");
    terminal.press(CTRL_C);
    terminal.wait_for_more("failed >", 2);
    terminal.hides("Esc goes back");
    snapshot("session_configuration", &screens.join("\n----\n"));
}

#[test]
fn what_has_no_configuration_is_told_so_and_nothing_is_marked_by_the_key() {
    let (_cluster, _sandbox, mut terminal) = session(usual());
    terminal.press(&format!("{TAB}{CTRL_O}"));
    terminal.shows("only a task or a source has a configuration");
    terminal.press(CTRL_C);
    terminal.wait_for_more("failed >", 2);
    terminal.press(&format!("task delete \t{CTRL_O}"));
    terminal.shows("nothing is marked: choose with the arrow keys");
    // Without a list the key does nothing.
    terminal.press(ESC);
    terminal.hides("nothing is marked");
    terminal.press(&format!("{CTRL_O}x"));
    terminal.shows("> task delete x");
}

#[test]
fn a_configuration_that_does_not_come_blocks_nothing() {
    let hold = || usual().losing_at("GetSubTaskCfg", 0..usize::MAX, Lose::Hold { done: false });
    let (mut cluster, _sandbox, mut terminal) = session(hold().refusing("GET /api/v1/sources/mysql-02", REFUSAL));
    terminal.press(&format!("task get \t{CTRL_O}"));
    terminal.shows("the cluster is being asked for it");
    terminal.press(ESC);
    terminal.shows("> task-1");
    terminal.press(&format!("{DOWN}{CTRL_O}"));
    terminal.shows("it can't be shown: no answer within 5s");
    terminal.press(CTRL_C);
    terminal.wait_for_more("failed >", 2);
    terminal.press(&format!("source get \t{DOWN}{CTRL_O}"));
    terminal.shows("it can't be shown: some error occurs");
    terminal.press(CTRL_C);
    terminal.wait_for_more("failed >", 3);
    cluster.stop();
    terminal.press("source get \t");
    terminal.shows("no answer > source get");
    terminal.press(CTRL_O);
    terminal.shows("  (the cluster does not answer: ");
}

#[test]
fn a_configuration_of_a_name_that_can_not_be_typed_is_shown_too() {
    let name = "boo\u{202e}hoo";
    let (_cluster, _sandbox, mut terminal) = session(usual().task(name, "all", &[("mysql-01", &[syncing(1)])]));
    terminal.press("task get boo\t");
    terminal.shows("> boo\\u{202e}hoo");
    terminal.press(CTRL_O);
    terminal.shows("task `boo\\u{202e}hoo`");
    terminal.shows("task-mode: all");
    assert!(!terminal.raw().contains('\u{202e}'), "{:?}", terminal.raw());
}

#[test]
fn what_a_cluster_calls_things_has_no_power_over_the_terminal() {
    const NASTY: &str = "\u{1b}]0;title\u{7}\u{1b}[31mred\u{9b}2J\u{202e}\r\n\u{85}";
    let failing = || {
        let error = pb::ProcessError { message: NASTY.into(), raw_cause: NASTY.into(), ..Default::default() };
        let result = pb::ProcessResult { errors: vec![error], ..Default::default() };
        pb::SubTaskStatus { result: Some(result), ..failed() }
    };
    let (task, source) = (format!("task{NASTY}"), format!("source{NASTY}"));
    let script = Script::empty()
        .worker("worker-1", "bound", "mysql-01")
        .worker(&format!("worker{NASTY}"), "bound", &source)
        .source("mysql-01", 3306, "mariadb")
        .source(&source, 3307, "mariadb")
        .task("task-1", "all", &[("mysql-01", &[syncing(1)])])
        .task(&task, "all", &[("mysql-01", &[failing()]), (&source, &[failing()])])
        .lock(&task, "pessimistic", NASTY);
    let (cluster, _sandbox, mut terminal) = session(script);
    let prompt = format!("dm@{} 1 running 1 failed >", cluster.address);
    // Names and what is told of them in lists, in a sheet, in colours of what is typed.
    for (typed, listed) in [
        ("task status ", "task\\u{1b}]0"),
        ("task start ", "task\\u{1b}]0"),
        ("source status ", "source\\u{1b}]0"),
        ("source transfer mysql-01 ", "worker\\u{1b}]0"),
        ("member offline ", "worker\\u{1b}]0"),
        ("ddl-lock unlock ", "task\\u{1b}]0"),
    ] {
        terminal.press(&format!("{typed}\t"));
        terminal.shows(listed);
        terminal.press(CTRL_C);
        terminal.ends_with(&prompt);
    }
    terminal.press(&format!("task get task\t{DOWN}{CTRL_O}"));
    terminal.shows("task `task\\u{1b}]0");
    terminal.press(CTRL_C);
    terminal.ends_with(&prompt);
    // Answers, and the hint behind the prompt that follows them.
    for line in ["task list", "source list", "member list", "ddl-lock list"] {
        let answer = terminal.submit(&format!("{line}\r"));
        assert!(answer.contains("\\u{1b}]0"), "{line}: {answer}");
    }
    // An alarm.
    cluster.change(|script| {
        script.with_task("task-1", |task| task.subtasks[0].1 = vec![pb::SubTaskStatus { name: "task-1".into(), ..failing() }])
    });
    terminal.submit("task list\r");
    terminal.shows("task `task-1` has failed: ");
    let raw = terminal.raw();
    for sign in ["\u{7}", "\u{9b}", "\u{85}", "\u{202e}", "\u{1b}]", "\u{1b}[31mred"] {
        assert!(!raw.contains(sign), "{sign:?} in {raw:?}");
    }
}

#[test]
fn help_is_one_key_away_and_leaves_the_line_alone() {
    let (_cluster, _sandbox, mut terminal) = session(usual());
    terminal.press("task start ");
    terminal.press(F1);
    terminal.shows("Start a task, or go on with a stopped one");
    terminal.shows("Esc closes");
    terminal.press(DOWN);
    terminal.shows("2-");
    terminal.press(ESC);
    terminal.hides("Esc closes");
    assert!(terminal.picture().contains("> task start ▏"), "{}", terminal.picture());
    // A question mark at the start of a word asks; within a word it is a letter.
    terminal.press("?");
    terminal.shows("Esc closes");
    terminal.press("a?");
    terminal.hides("Esc closes");
    assert!(terminal.picture().contains("> task start a?▏"), "{}", terminal.picture());
}

#[test]
fn the_keys_of_vi_are_there_for_whoever_wants_them() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    let _config = sandbox.config("[session]\nedit-mode = 'vi'\n");
    let mut terminal = Terminal::session(&sandbox, "", Kind { columns: 110, ..Kind::USUAL });
    terminal.press("tusk\t");
    terminal.shows("none fits `tusk`");
    terminal.press(ESC);
    terminal.hides("none fits");
    terminal.press(ESC);
    terminal.shows(": tusk");
    terminal.press("0lrai\u{1b}");
    terminal.shows(": task");
    terminal.press("A st\t");
    terminal.shows("task: command");
    terminal.press(ESC);
    let sandbox = Sandbox::new();
    let _config = sandbox.config("[session]\nedit-mode = 'ed'\n");
    let told = sandbox.run("task list");
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("unknown variant `ed`"), "{told:?}");
}

#[test]
fn the_configuration_is_read_once_for_a_start() {
    let cluster = Cluster::start(usual());
    let sandbox = Sandbox::new();
    // Whoever opens a pipe once more waits for somebody who writes into it, and nobody does.
    let config = sandbox.config("");
    std::fs::remove_file(&config).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&config).status().unwrap().success());
    let text = format!(
        "default-profile = 'here'\n[profile.here]\nmaster-addr = '{}'\n[profile.there]\nmaster-addr = 'x:1'\n[session]\nedit-mode = 'vi'\n",
        cluster.address
    );
    let writes = std::thread::spawn(move || std::fs::write(&config, text));
    let mut terminal = Terminal::session(&sandbox, "", Kind { columns: 110, ..Kind::USUAL });
    writes.join().unwrap().unwrap();
    terminal.shows("dm@here 1 running 1 failed > ");
    terminal.press("use \t");
    terminal.shows("there");
    terminal.press("\u{1b}\u{1b}");
    terminal.shows(": use");
}

#[test]
fn ctrl_c_ends_a_command_and_not_the_session() {
    let (_cluster, _sandbox, mut terminal) = session(usual());
    terminal.press("task status task-1 --wait stopped\r");
    terminal.wait_for("waiting for the cluster");
    terminal.press("typed for nobody");
    terminal.press(CTRL_C);
    terminal.wait_for("error: interrupted");
    terminal.wait_for_more("running 1 failed >", 2);
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
}

/// What the README shows; `cargo xtask picture` draws it.
#[test]
fn the_picture_of_the_readme() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    let mut terminal = Terminal::session(&sandbox, "", Kind { rows: 16, columns: 96, ..Kind::USUAL });
    terminal.shows("running");
    terminal.press("task list\r");
    terminal.wait_for_more("failed >", 2);
    terminal.press("task start ta\t");
    terminal.shows("task start: TASK");
    // An address is as long as the one of a server of the tests, so that nothing moves.
    assert_eq!(cluster.address.len(), "127.0.0.1:40000".len());
    snapshot("picture", &terminal.painted().replace(&cluster.address, "10.0.0.121:8261"));
}
