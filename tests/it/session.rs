//! The session, on a terminal with a screen: what each key makes of it.

use std::os::unix::fs::PermissionsExt as _;

use nix::sys::signal::Signal;

use crate::harness::{Sandbox, snapshot};
use crate::pty::{CTRL_C, CTRL_D, Kind, Terminal};

const TAB: &str = "\t";
const ESC: &str = "\u{1b}";
const UP: &str = "\u{1b}[A";
const DOWN: &str = "\u{1b}[B";
const PAGE_DOWN: &str = "\u{1b}[6~";
const BACK_TAB: &str = "\u{1b}[Z";

/// A session without a cluster.
fn nowhere() -> (Sandbox, Terminal) {
    let sandbox = Sandbox::new();
    let terminal = Terminal::session(&sandbox, "", Kind::USUAL);
    terminal.shows("starts one here");
    (sandbox, terminal)
}

fn history(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path("state/dmctl/history")).unwrap_or_default()
}

#[test]
fn tab_goes_from_resource_to_verb() {
    let (_sandbox, mut terminal) = nowhere();
    let mut screens = vec![terminal.picture()];
    terminal.press(TAB);
    terminal.shows("> task ");
    screens.push(terminal.picture());
    terminal.press(TAB);
    terminal.shows("task: command");
    screens.push(terminal.picture());
    // A verb, by the arrow keys: up from the first is the last.
    terminal.press(&format!("{DOWN}{DOWN}{DOWN}"));
    terminal.shows("> delete ");
    terminal.press(&format!("{UP}{BACK_TAB}"));
    terminal.shows("> create ");
    terminal.press(&format!("{UP}{UP}"));
    terminal.shows("> help ");
    screens.push(terminal.picture());
    // Letters choose too; the list stays until it is left.
    terminal.press("sta");
    terminal.shows("of 11");
    screens.push(terminal.picture());
    terminal.press(ESC);
    terminal.hides("of 11");
    screens.push(terminal.picture());
    snapshot("session_levels", &screens.join("\n----\n"));
    terminal.press(CTRL_C);
    terminal.wait_for_more("dm > ", 2);
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn each_key_is_one_paint_and_asks_nothing_of_the_terminal() {
    let (_sandbox, mut terminal) = nowhere();
    let (frames, queries) = (terminal.frames(), terminal.queries());
    let mut expected = frames;
    for (key, shown) in [(TAB, "> task "), (TAB, "> check "), (DOWN, "> create "), ("star", "1/1 of 11"), (TAB, "task start: TASK")]
    {
        terminal.press(key);
        terminal.shows(shown);
        expected += 1;
        assert_eq!(terminal.frames(), expected, "{key:?}: {}", terminal.picture());
    }
    terminal.press(ESC);
    terminal.hides("task start: TASK");
    assert_eq!((terminal.frames(), terminal.queries()), (expected + 1, queries));
}

#[test]
fn enter_opens_what_a_line_lacks() {
    for (typed, shown, line) in [
        ("task\r", "task: command", "dm > task ▏"),
        ("task start\r", "task start: TASK", "dm > task start ▏"),
        ("TASK start\n", "task start: TASK", "dm > TASK start ▏"),
        ("task start --source a\r", "task start: TASK", "dm > task start --source a ▏"),
        ("task list --stage\r", "task list: STAGE", "dm > task list --stage ▏"),
        ("task list --stage=\r", "task list: STAGE", "dm > task list --stage=▏"),
        ("task sta\r", "task: command", "dm > task sta▏"),
        ("task start\u{1b}[D\u{1b}[D\r", "task start: TASK", "dm > task start ▏"),
        ("task list --stage 'r\r", "> Running", "dm > task list --stage 'r▏"),
        ("task start --start-time\r", "task start: TIME", "dm > task start --start-time ▏"),
    ] {
        let (sandbox, mut terminal) = nowhere();
        terminal.press(typed);
        terminal.shows(shown);
        let picture = terminal.picture();
        assert!(picture.lines().any(|shown| shown == line), "{typed:?}: {picture}");
        assert!(!picture.contains("error:"), "{picture}");
        assert_eq!(history(&sandbox), "", "nothing ran");
    }
}

#[test]
fn enter_on_an_unfinished_line_is_one_paint_and_leaves_no_trace() {
    let (_sandbox, mut terminal) = nowhere();
    terminal.press("task start");
    terminal.shows("task start");
    let frames = terminal.frames();
    terminal.press("\r");
    terminal.shows("task start: TASK");
    assert_eq!(terminal.frames(), frames + 1);
    terminal.press(ESC);
    terminal.hides("task start: TASK");
    // Undo knows of no line break that was never there.
    terminal.press("\u{1a}");
    terminal.ends_with("dm > task start");
}

#[test]
fn enter_goes_on_as_tab_does_and_runs_what_is_whole() {
    let (sandbox, mut terminal) = nowhere();
    terminal.press("\r");
    terminal.wait_for_more("dm >", 2);
    terminal.press("ta\r");
    terminal.shows("> task ");
    terminal.press("\r");
    terminal.shows("task: command");
    terminal.press("list");
    terminal.shows("1/1 of 11");
    terminal.press("\r");
    terminal.shows("error: no cluster is named");
    terminal.wait_for_more("dm >", 3);
    assert_eq!(history(&sandbox), "task list\n");
}

#[test]
fn a_list_that_was_opened_on_a_whole_line_takes_nothing_by_itself() {
    let (_sandbox, mut terminal) = nowhere();
    // Tab shows the flags, since nothing must stand here, and takes the marked one.
    terminal.press("task list \t");
    terminal.shows("> --source");
    terminal.press(ESC);
    terminal.hides("> --source");
    // Whoever came here by typing on runs the line.
    terminal.press("\u{15}task \t");
    terminal.shows("task: command");
    terminal.press("list ");
    terminal.shows("task list: flag  -/");
    terminal.press("\r");
    terminal.shows("error: no cluster is named");
}

#[test]
fn nothing_is_marked_where_something_would_be_destroyed() {
    let (_sandbox, mut terminal) = nowhere();
    terminal.press("task start x --remove-meta --wa\t");
    terminal.shows("task start: flag  -/");
    assert!(!terminal.picture().lines().any(|line| line.starts_with("> ")), "{}", terminal.picture());
    terminal.press(TAB);
    terminal.shows("nothing is marked: choose with the arrow keys");
    terminal.press(&format!("{DOWN}{TAB}"));
    terminal.shows("--wait-timeout");
    terminal.hides("nothing is marked");
}

#[test]
fn a_word_in_the_middle_of_a_line_is_chosen_too() {
    let (_sandbox, mut terminal) = nowhere();
    terminal.press("task st x\u{1b}[D\u{1b}[D\t");
    terminal.shows("task: command");
    terminal.press("op");
    terminal.shows("> stop");
    terminal.press(TAB);
    terminal.ends_with("dm > task stop x");
}

#[test]
fn keys_that_come_together_are_taken_one_after_the_other() {
    let (_sandbox, mut terminal) = nowhere();
    terminal.press(&format!("{TAB}{DOWN}{DOWN}{TAB}"));
    terminal.shows("relay: command");
    terminal.press(&format!("{DOWN}{TAB}"));
    terminal.shows("relay stop: SOURCE");
    terminal.press(CTRL_C);
    terminal.wait_for_more("dm >", 2);
    // What is typed before Enter counts, though nothing was painted in between.
    terminal.press("task\t");
    terminal.shows("task: command");
    terminal.press("cre\t");
    terminal.shows("dm > task create");
}

#[test]
fn a_long_list_scrolls_and_fits_a_small_screen() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::session(&sandbox, "", Kind { rows: 8, columns: 32, ..Kind::USUAL });
    terminal.press("task start x \t");
    terminal.shows("> --source");
    let mut screens = vec![terminal.picture()];
    terminal.press(PAGE_DOWN);
    terminal.shows("6/");
    screens.push(terminal.picture());
    terminal.press(UP);
    terminal.shows("5/");
    screens.push(terminal.picture());
    // On the last row of the screen the list pushes the line up.
    terminal.press(CTRL_C);
    terminal.wait_for_more("dm > ", 2);
    for prompts in 3..=8 {
        // What is typed before the prompt is there is thrown away.
        terminal.press("\r");
        terminal.wait_for_more("dm >", prompts);
    }
    terminal.press(TAB);
    terminal.shows("resource  1/");
    screens.push(terminal.picture());
    terminal.press(ESC);
    terminal.hides("resource  1/");
    screens.push(terminal.picture());
    snapshot("session_small", &screens.join("\n----\n"));
}

#[test]
fn what_comes_into_an_empty_list_is_marked() {
    let sandbox = Sandbox::new();
    sandbox.file("shop.yaml", "name: shop\ntask-mode: full\ntarget-database: {host: h}\nmysql-instances: [{source-id: a}]\n");
    let mut terminal = Terminal::session(&sandbox, "", Kind::USUAL);
    terminal.press("task create \t");
    terminal.shows("> shop.yaml");
}

#[test]
fn a_window_may_change_under_the_list() {
    let (_sandbox, mut terminal) = nowhere();
    terminal.press("task \t");
    terminal.shows("task: command");
    terminal.resize(12, 40);
    terminal.shows("> check   Check whether a task file co…");
    terminal.press(DOWN);
    terminal.shows("> create");
    let narrow = terminal.picture();
    terminal.resize(30, 100);
    terminal.shows("  check   Check whether a task file could run");
    terminal.press(DOWN);
    terminal.shows("> update");
    snapshot("session_resized", &format!("{narrow}\n----\n{}", terminal.picture()));
}

#[test]
fn a_line_that_fills_the_row_is_no_trap() {
    let sandbox = Sandbox::new();
    let mut terminal = Terminal::session(&sandbox, "", Kind { columns: 40, ..Kind::USUAL });
    // With the prompt it is exactly as wide as the screen.
    terminal.press(&format!("task get {}", "x".repeat(40 - "dm > task get ".len())));
    terminal.shows("xxx");
    terminal.press(" --format \t");
    terminal.shows("task get: FORMAT");
    let wide = terminal.picture();
    snapshot("session_exact_width", &wide);
}

#[test]
fn pasted_lines_run_as_a_file_does() {
    let (sandbox, mut terminal) = nowhere();
    terminal.press("\u{1b}[200~help\r\n# a comment\r\ntask list\r\nmember list\r\n\u{1b}[201~");
    terminal.shows("member list");
    assert!(!terminal.picture().contains("error:"), "nothing runs before Enter: {}", terminal.picture());
    terminal.press("\r");
    terminal.wait_for("stopped at line 3, with exit code 3");
    terminal.ends_with("dm >");
    assert!(!terminal.picture().contains("> member list\nerror"), "{}", terminal.picture());
    assert_eq!(history(&sandbox).lines().count(), 1);
}

#[test]
fn pasted_text_does_not_speak_to_the_terminal() {
    let (_sandbox, mut terminal) = nowhere();
    terminal.press("\u{1b}[200~task\tlist\u{7}\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[201~");
    terminal.shows("task list]0;title[2J");
}

#[test]
fn an_open_quote_goes_on_in_the_next_line() {
    let (sandbox, mut terminal) = nowhere();
    terminal.press("task get 'two\r");
    terminal.shows("... ");
    terminal.press("lines'");
    terminal.shows("... lines'");
    terminal.press("\r");
    terminal.shows("a task name must not contain control characters");
    terminal.ends_with("dm >");
    assert_eq!(history(&sandbox), "task get 'two<\\n>lines'\n");
    // Up brings both back, and Ctrl-C drops both.
    terminal.press(UP);
    terminal.wait_for_more("... lines'", 2);
    terminal.press(CTRL_C);
    terminal.ends_with("dm >");
}

#[test]
fn a_backslash_goes_on_in_the_next_line() {
    let (_sandbox, mut terminal) = nowhere();
    terminal.press("task \\\r");
    terminal.shows("...");
    terminal.press("list\r");
    terminal.shows("error: no cluster is named");
}

#[test]
fn ctrl_c_drops_the_line_and_ctrl_d_leaves() {
    let (sandbox, mut terminal) = nowhere();
    terminal.press("task list");
    terminal.shows("task list");
    terminal.press(CTRL_C);
    terminal.wait_for_more("dm > ", 2);
    terminal.press(TAB);
    terminal.shows("> task ");
    terminal.press(CTRL_C);
    terminal.wait_for_more("dm >", 3);
    terminal.hides("Migration tasks");
    terminal.press("exit\r");
    let (_, code) = terminal.end();
    assert_eq!((code, history(&sandbox).as_str()), (0, "exit\n"));
}

#[test]
fn the_history_is_for_its_owner_and_knows_no_secrets() {
    let sandbox = Sandbox::new();
    let _older = sandbox.file("state/dmctl/history", "task get older\n");
    let mut terminal = Terminal::session(&sandbox, "", Kind::USUAL);
    terminal.press("task get x --password topsecret\r");
    terminal.shows("error: unexpected argument");
    terminal.ends_with("dm >");
    terminal.press(" member list\r");
    terminal.wait_for("error: no cluster");
    terminal.ends_with("dm >");
    terminal.press(&format!("{UP}{UP}"));
    terminal.ends_with("dm > task get x --password ******");
    terminal.press(UP);
    terminal.ends_with("dm > task get older");
    terminal.press(CTRL_C);
    terminal.wait_for_more("dm > ", 4);
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
    assert_eq!(history(&sandbox), "task get older\ntask get x --password ******\n");
    let mode = std::fs::metadata(sandbox.path("state/dmctl/history")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_history_that_is_no_text_is_left_as_it_is() {
    let sandbox = Sandbox::new();
    let file = sandbox.file("state/dmctl/history", b"task list\n\xff\xfe\n");
    let mut terminal = Terminal::session(&sandbox, "", Kind { columns: 200, ..Kind::USUAL });
    terminal.shows("can't be used, and is left as it is");
    terminal.press("task list\r");
    terminal.wait_for("error: no cluster");
    terminal.ends_with("dm >");
    terminal.press(UP);
    terminal.ends_with("dm > task list");
    terminal.press(CTRL_C);
    terminal.wait_for_more("dm >", 3);
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
    assert_eq!(std::fs::read(file).unwrap(), b"task list\n\xff\xfe\n");
}

#[test]
fn the_first_start_teaches_three_keys_once() {
    let sandbox = Sandbox::new();
    for first in [true, false] {
        let mut terminal = Terminal::first_session(&sandbox, "", Kind { columns: 120, ..Kind::USUAL });
        terminal.shows("starts one here");
        let screen = terminal.picture();
        assert_eq!(screen.contains("Tab lists what can stand at the cursor"), first, "{screen}");
        if first {
            snapshot("session_first", &screen);
        }
        terminal.press(CTRL_D);
        assert_eq!(terminal.end().1, 0);
    }
    // Where nothing can be kept, it is told again, and the session opens.
    let sandbox = Sandbox::new();
    let _no_folder = sandbox.file("state", "");
    for _ in 0..2 {
        let mut terminal = Terminal::first_session(&sandbox, "", Kind { columns: 120, ..Kind::USUAL });
        terminal.shows("Ctrl-D leaves");
        terminal.press(CTRL_D);
        assert_eq!(terminal.end().1, 0);
    }
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        let sandbox = Sandbox::new();
        let mut terminal = Terminal::session(&sandbox, "", Kind::USUAL);
        terminal.press("task li");
        terminal.shows("task li");
        assert_eq!(terminal.is_raw(), Some(true));
        terminal.signal(signal);
        terminal.wait_for_the_end();
        assert_eq!(terminal.is_raw(), Some(false), "{signal}");
        assert!(terminal.raw().ends_with("\u{1b}[?2004l\r\n"), "{:?}", terminal.raw());
        assert_eq!(terminal.end().1, code, "{signal}");
    }
}

#[test]
fn without_colours_a_mark_says_it_all() {
    for (sandbox, words) in [(Sandbox::new().with("NO_COLOR", "1"), ""), (Sandbox::new(), "--color never")] {
        let mut terminal = Terminal::session(&sandbox, words, Kind::USUAL);
        terminal.press("task st\t");
        terminal.shows("task: command");
        terminal.press(ESC);
        terminal.hides("task: command");
        let raw = terminal.raw();
        for style in raw.split("\u{1b}[").skip(1).filter_map(|rest| rest.split_once('m')).map(|(style, _)| style) {
            let is_style = style.chars().all(|c| c.is_ascii_digit() || c == ';');
            assert!(!is_style || style.is_empty() || style == "0", "{style:?}: {raw:?}");
        }
    }
}

#[test]
fn a_terminal_that_knows_little_gets_a_plain_prompt() {
    for term in [None, Some("dumb"), Some("")] {
        let sandbox = Sandbox::new();
        let mut terminal = Terminal::session(&sandbox, "", Kind { term, ..Kind::DUMB });
        assert_eq!(terminal.queries(), 0);
        terminal.press("task list\n");
        terminal.wait_for("error: no cluster");
        assert!(!terminal.raw().contains("\u{1b}[?"), "{:?}", terminal.raw());
        terminal.press(CTRL_D);
        assert_eq!(terminal.end().1, 0);
    }
}
