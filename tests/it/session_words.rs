//! The words of a session, and what is watched: at the plain prompt of a terminal, and where there is none.

use crate::cluster::Cluster;
use crate::harness::Sandbox;
use crate::lines::sandbox;
use crate::lines_change::usual;
use crate::pty::{CTRL_C, CTRL_D, Terminal};

fn prompt(cluster: &Cluster) -> String {
    format!("dm@{}> ", cluster.address)
}

#[test]
fn a_session_turns_to_another_cluster() {
    let (here, there) = (Cluster::start(usual()), Cluster::start(usual()));
    let sandbox = sandbox(&here.address);
    let _config =
        sandbox.config(&format!("[profile.there]\nmaster-addr = '{}'\nread-only = true\nproduction = true\n", there.address));
    let mut terminal = Terminal::start(&sandbox, "");
    terminal.wait_for(&prompt(&here));
    terminal.press("use there\r");
    terminal.wait_for(&format!("this session is for `there` ({}) now", there.address));
    terminal.wait_for("dm@there (production)> ");
    terminal.press("task list\rtask start task-4\r");
    terminal.wait_for("profile `there` is read-only");
    terminal.press("use nowhere\r");
    terminal.wait_for("there is no profile `nowhere`");
    terminal.press(&format!("use {}\r", here.address));
    terminal.wait_for(&format!("this session is for {} now", here.address));
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
    assert!(there.asked().iter().any(|call| call.contains("task")), "the list was asked there");
    assert!(there.changes().is_empty() && here.changes().is_empty());
}

#[test]
fn a_session_answers_as_it_is_set_to() {
    let cluster = Cluster::start(usual());
    let mut terminal = Terminal::start(&sandbox(&cluster.address), "");
    terminal.wait_for(&prompt(&cluster));
    for (line, told) in [
        ("set\r", "format:  text"),
        ("set format json\r", "{\"format\":\"json\",\"color\":\"auto\",\"verbose\":false}"),
        ("task list\r", "{\"items\":["),
        ("set verbose on\r", "\"verbose\":true"),
        ("task stop\r", "{\"error\":{\"kind\":\"usage\""),
        ("set format text --format yaml\r", "---\nformat: text"),
        ("set colour\r", "unrecognized subcommand 'colour'"),
    ] {
        terminal.press(line);
        terminal.wait_for(told);
    }
    terminal.press("exit\r");
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn a_session_is_set_to_what_its_profile_says_until_it_is_told_otherwise() {
    let cluster = Cluster::start(usual());
    let sandbox = Sandbox::new();
    let _config = sandbox.config(&format!(
        "default-profile = 'here'\n[profile.here]\nmaster-addr = '{}'\nformat = 'json'\nverbose = true\n",
        cluster.address
    ));
    let mut terminal = Terminal::start(&sandbox, "");
    terminal.wait_for("dm@here> ");
    for (line, told) in [
        ("set\r", "{\"format\":\"json\",\"color\":\"auto\",\"verbose\":true}"),
        ("history nothing\r", "{\"error\":{\"kind\":\"usage\""),
        ("task list\r", "call: "),
        ("set verbose off\r", "\"verbose\":false"),
        ("member list\r", "master-1"),
    ] {
        terminal.press(line);
        terminal.wait_for(told);
    }
    terminal.press("exit\r");
    terminal.wait_for_the_end();
    let raw = terminal.raw();
    let quiet = raw.rsplit("member list").next().unwrap();
    assert!(quiet.contains("\"items\"") && !quiet.contains("call: "), "{quiet}");
}

#[test]
fn a_task_is_watched_until_a_key_is_pressed() {
    let cluster = Cluster::start(usual());
    let sandbox = sandbox(&cluster.address);
    for line in ["task status task-1 --watch", "--format json task status task-1 --watch"] {
        let mut terminal = Terminal::start(&sandbox, line);
        terminal.wait_for("every 2s, a key ends it");
        terminal.wait_for("task-1");
        terminal.press("q");
        let (screen, code) = terminal.end();
        assert_eq!(code, 0, "{screen}");
        assert_eq!(screen.matches("a key ends it").count(), 1, "painted in place: {screen}");
        assert!(!screen.contains("\nq"), "the key shows nowhere: {screen}");
    }
    let mut terminal = Terminal::start(&sandbox, "task status task-1 --watch");
    terminal.wait_for("task-1");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().1, 130);
}

#[test]
fn a_session_watches_and_goes_on() {
    let cluster = Cluster::start(usual());
    let mut terminal = Terminal::start(&sandbox(&cluster.address), "");
    let prompt = prompt(&cluster);
    terminal.wait_for(&prompt);
    terminal.press("watch --every 100ms task list\r");
    terminal.wait_for("every 100ms, a key ends it");
    terminal.wait_for("task-4");
    terminal.press("x");
    terminal.wait_for_more(&prompt, 2);
    terminal.press("watch task status task-1 --every 3s\r");
    terminal.wait_for("every 3s, a key ends it");
    terminal.press(CTRL_C);
    terminal.wait_for_more(&prompt, 3);
    for (line, told) in [
        ("watch task stop task-1\r", "`task stop` changes something: only what reads can be watched"),
        ("watch task list --every 1ms\r", "`--every` must be 100ms or more"),
        ("watch task status nothing\r", "task `nothing`"),
    ] {
        terminal.press(line);
        terminal.wait_for(told);
        terminal.press(if told.starts_with('`') { "" } else { "q" });
    }
    terminal.wait_for_more(&prompt, 6);
    terminal.press("exit\r");
    assert_eq!(terminal.end().1, 0);
    assert!(cluster.changes().is_empty());
}

#[test]
fn profiles_are_watched_without_a_cluster() {
    let sandbox = Sandbox::new();
    let _config = sandbox.config("[profile.there]\nmaster-addr = '127.0.0.1:1'\n");
    let mut terminal = Terminal::start(&sandbox, "");
    terminal.wait_for("dm> ");
    terminal.press("watch profile list\r");
    terminal.wait_for("there");
    terminal.wait_for("127.0.0.1:1");
    terminal.press("x");
    terminal.wait_for_more("dm> ", 2);
    terminal.press("watch serve\r");
    terminal.wait_for("`serve` is started from a shell, and not among other lines");
    terminal.press("exit\r");
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn elsewhere_these_words_are_told_apart() {
    let sandbox = Sandbox::new();
    for words in ["use x", "watch task list", "set format json", "history", "clear"] {
        let ended = sandbox.run(words);
        let word = words.split(' ').next().unwrap();
        assert_eq!(ended.code, 2, "{words}");
        assert!(ended.stderr.contains(&format!("error: `{word}` is a word of the session, and this is none")), "{}", ended.stderr);
        let piped = sandbox.pipe("", format!("{words}\n"));
        assert_eq!((piped.code, piped.stdout.as_str()), (2, ""), "{words}");
        assert!(piped.stderr.starts_with(&ended.stderr), "{}", piped.stderr);
    }
    let watched = sandbox.run("--master-addr 127.0.0.1:1 task status x --watch");
    assert_eq!(watched.code, 2);
    assert!(watched.stderr.contains("to watch something takes a terminal"), "{}", watched.stderr);
}
