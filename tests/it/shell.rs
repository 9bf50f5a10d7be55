//! Tab in bash, zsh and fish: each kind of candidate, hostile names, and clusters that are dead, slow or lie.

use std::os::unix::fs::PermissionsExt as _;

use crate::cluster::{Cluster, Fault, Mute, Nobody, Script, Version};
use crate::cluster_faults::Lose;
use crate::cluster_status::{created, failed, syncing};
use crate::harness::{Sandbox, snapshot};
use crate::lines_change::usual;
use crate::serving::Serving;
use crate::shells::{LEFT, Program, Shell, all};
use crate::tls::{authority, good, identity, named};

/// A folder whose program takes its time: this machine may be slow, and that is not what is tested.
fn patient(address: &str) -> Sandbox {
    Sandbox::at(address).with("DMCTL_COMPLETION_WAIT", "1m")
}

/// Names that would do harm if anything evaluated them, each told from the others by how it begins; and what of each is typed without
/// quotes.
const HOSTILE: &[(&str, &str)] = &[
    ("a$(touch pwned)", "a"),
    ("b`touch pwned`", "b"),
    ("c;touch pwned", "c"),
    ("d|touch pwned", "d"),
    ("e&touch pwned", "e"),
    ("f>pwned", "f"),
    ("g*", "g"),
    ("h?[a-z]", "h"),
    ("i it's", "i"),
    ("j\"quoted\"", "j"),
    ("k{a,b}", "k"),
    ("l!!", "l"),
    ("m #x", "m"),
    ("n\\$(touch pwned)", "n"),
    ("o ~root", "o"),
    ("p  two blanks", "p"),
    ("q:r=s", "q"),
    ("t%n %s", "t"),
    ("$(touch pwned)", "\\$"),
    ("(touch pwned)", "\\("),
    ("ünï", "ü"),
    ("x\u{301}y 漢字", "x"),
    ("*", "\\*"),
    ("~root", "\\~"),
];

/// Tasks of these names, which can be started.
fn tasks<'a>(names: impl IntoIterator<Item = &'a str>) -> Script {
    let script =
        Script::empty().master("master-1", "$SELF", true).source("mysql-01", 3306, "mysql").worker("worker-1", "bound", "mysql-01");
    names.into_iter().fold(script, |script, name| script.task(name, "all", &[("mysql-01", &[created()])]))
}

#[test]
fn words_flags_and_values() {
    let sandbox = Sandbox::new();
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        shell.runs("dmctl mem\tlis\t", "dmctl member list ", &["member", "list"]);
        shell.runs("dmctl task list --sta\tR\t", "--stage Running", &["task", "list", "--stage", "Running"]);
        shell.runs("dmctl task list --format=js\t", "--format=json", &["task", "list", "--format=json"]);
        shell.runs("dmctl --format json mem\t", "dmctl --format json member ", &["--format", "json", "member"]);
        // The middle of a line, and of a word.
        shell.runs(&format!("dmctl mem list{}\t", LEFT.repeat(5)), "dmctl member ", &["member", "list"]);
        let back = LEFT.repeat(" --yes".len());
        shell.runs(&format!("dmctl task dele --yes{back}\t"), "dmctl task delete ", &["task", "delete", "--yes"]);
        shell.lists("dmctl task st", &["status", "start", "stop", "Stop a task"]);
        shell.offers_nothing("dmctl bogus ", &["task", "--"]);
        shell.offers_nothing("dmctl task list extra --st", &["--stage"]);
    }
}

#[test]
fn names_that_fit_the_moment_with_what_is_told_of_them() {
    let cluster = Cluster::start(usual());
    let sandbox = patient(&cluster.address);
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        // One that can be started, and no other.
        let picture = shell.lists("dmctl task start ", &["task-3", "task-4", "Stopped"]);
        assert!(!picture.contains("task-1"), "{picture}");
        shell.runs("dmctl task get task-4\t", "dmctl task get task-4 ", &["task", "get", "task-4"]);
        shell.lists("dmctl task list --source ", &["mysql-01", "mysql-02"]);
        // What is given already is not offered once more.
        shell.runs(
            "dmctl task list --source=mysql-01,mys\t",
            "--source=mysql-01,mysql-02",
            &["task", "list", "--source=mysql-01,mysql-02"],
        );
        // All that is typed in full is offered with the reason.
        shell.lists("dmctl task start task-1", &[if program == Program::Zsh { "dmctl task start task-1 " } else { "task-1" }]);
    }
    assert!(cluster.changes().is_empty());
}

#[test]
fn other_kinds_of_names() {
    let cluster = Cluster::start(usual());
    let sandbox = patient(&cluster.address);
    let mut page = String::new();
    for line in [
        "source get ",
        "source transfer mysql-01 ",
        "member evict-leader ",
        "member offline ",
        "relay start ",
        "relay purge mysql-01 ",
        "ddl-lock unlock ",
        "task start task-4 --source ",
        "task status task-1 --wait ",
        "task start --start-time ",
    ] {
        let output = sandbox.run_words(
            &["complete", "zsh", "--columns=100", &format!("--index={}", line.matches(' ').count()), "--"]
                .into_iter()
                .chain(line.split(' '))
                .collect::<Vec<_>>(),
        );
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{line}");
        page.push_str(&format!("$ dmctl {line}\n{}\n", output.stdout.replace('\t', "⇥")));
    }
    snapshot("shell_kinds", &sandbox.steady(&page, &[(&cluster.address, "$MASTER")]));
}

#[test]
fn hostile_names_stand_for_themselves() {
    let cluster = Cluster::start(tasks(HOSTILE.iter().map(|(name, _)| *name)));
    let sandbox = patient(&cluster.address);
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        for (name, typed) in HOSTILE {
            // It is there when the line has gone on behind it.
            shell.terminal.press(&format!("dmctl task start {typed}\t--yes"));
            shell.runs("", "--yes", &["task", "start", name, "--yes"]);
        }
        shell.lists("dmctl task start ", &["touch pwned", "it's"]);
        let left: Vec<_> = std::fs::read_dir(sandbox.path("work")).unwrap().collect();
        assert!(left.is_empty(), "{}: something was run: {left:?}", program.name());
    }
}

#[test]
fn hostile_names_inside_quotes() {
    let cluster = Cluster::start(tasks(HOSTILE.iter().map(|(name, _)| *name)));
    let sandbox = patient(&cluster.address);
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        for (name, typed) in HOSTILE.iter().filter(|(_, typed)| typed.is_ascii() && !typed.starts_with('\\')) {
            shell.terminal.press(&format!("dmctl task start '{typed}\t--yes"));
            shell.runs("", "--yes", &["task", "start", name, "--yes"]);
            // The history would be looked into, or the quote be left open: bash leaves those out.
            if program == Program::Bash && (name.contains('!') || name.ends_with('"')) {
                continue;
            }
            shell.terminal.press(&format!("dmctl task start \"{typed}\t--yes"));
            shell.runs("", "--yes", &["task", "start", name, "--yes"]);
        }
        let left: Vec<_> = std::fs::read_dir(sandbox.path("work")).unwrap().collect();
        assert!(left.is_empty(), "{}: something was run: {left:?}", program.name());
    }
}

/// Each way in which readline asks, told by COMP_TYPE. What is there only to be looked at must never get into the line, nor a name that is
/// not quoted, nor the beginning that several of them share.
#[test]
fn bash_never_takes_what_it_only_lists() {
    if !all().any(|program| program == Program::Bash) {
        return;
    }
    let failing = |names: &[&str]| {
        let mut status = failed();
        if let Some(result) = &mut status.result {
            result.errors[0].message = "$(touch told); `touch told`".to_owned();
        }
        tasks([]).task(names[0], "all", &[("mysql-01", &[status.clone()])]).task(
            names[names.len() - 1],
            "all",
            &[("mysql-01", &[status])],
        )
    };
    let (one, first, second) = ("a$(touch pwned)", "b$(touch pwned) 1", "b$(touch pwned)");
    let (lone, two) = (Cluster::start(failing(&[one])), Cluster::start(failing(&[first, second])));
    // The first Tab finds no cluster, and the ones behind it do.
    let later = |cluster: &Cluster| {
        format!("later() {{ _dmctl \"$@\"; export DM_MASTER_ADDR={}; }}\ncomplete -o nosort -F later dmctl\n", cluster.address)
    };
    let sandbox = Sandbox::new().with("DMCTL_COMPLETION_WAIT", "1m");
    for (lines, keys) in [
        ("", "\t\t"),
        ("", "\t\u{1b}?"),
        ("bind 'set show-all-if-ambiguous on'", "\t\t"),
        ("bind 'set show-all-if-unmodified on'", "\t\t"),
        ("bind '\"\\C-xm\": menu-complete'", "\t\u{18}m"),
        ("bind '\"\\C-xi\": insert-completions'", "\t\u{18}i"),
    ] {
        let mut shell = Shell::with(Program::Bash, &sandbox, &format!("{}{lines}", later(&lone)));
        shell.terminal.press(&format!("dmctl task start {keys}--yes"));
        shell.runs("", "--yes", &["task", "start", one, "--yes"]);
    }
    // Ctrl-E between them makes a Tab the first one again: what the names share is completed.
    let shared = format!("{second}--yes");
    for (lines, keys, words) in [
        ("", "\t\t\u{5}\t", vec![shared.as_str()]),
        ("", "\t\u{1b}?\t", vec![&shared]),
        ("bind 'set show-all-if-ambiguous on'", "\t\t\u{5}\t", vec![&shared]),
        ("bind 'set show-all-if-unmodified on'", "\t\t\u{5}\t", vec![&shared]),
        ("bind '\"\\C-xm\": menu-complete'", "\t\u{18}m", vec![second, "--yes"]),
        ("bind '\"\\C-xi\": insert-completions'", "\t\u{18}i", vec![second, first, "--yes"]),
    ] {
        let mut shell = Shell::with(Program::Bash, &sandbox, &format!("{}{lines}", later(&two)));
        shell.terminal.press(&format!("dmctl task start {keys}--yes"));
        shell.runs("", "--yes", &[vec!["task", "start"], words].concat());
    }
    let left: Vec<_> = std::fs::read_dir(sandbox.path("work")).unwrap().collect();
    assert!(left.is_empty(), "something was run: {left:?}");
}

#[test]
fn names_that_can_not_be_typed_are_not_offered() {
    let cluster = Cluster::start(tasks(["new\nline", "tab\there", "-dash", "esc\u{1b}[31m", "turned\u{202e}", "good"]));
    let sandbox = patient(&cluster.address);
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        shell.runs("dmctl task start \t", "dmctl task start good", &["task", "start", "good"]);
    }
}

#[test]
fn locks_and_those_who_wait_in_them() {
    let locks = ["a$(touch pwned)", "b it's", "c"];
    // One source has no part in them.
    let script = usual().source("mysql-03", 3309, "mysql");
    let script = locks.iter().fold(script, |script, task| script.lock(task, "pessimistic", "ALTER TABLE t ADD c INT"));
    let cluster = Cluster::start(script);
    let sandbox = patient(&cluster.address);
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        for (task, typed) in locks.iter().zip(["a", "b", "c"]) {
            let id = format!("{task}-`shop`.`orders`");
            shell.terminal.press(&format!("dmctl ddl-lock unlock {typed}\t--yes"));
            shell.runs("", "--yes", &["ddl-lock", "unlock", &id, "--yes"]);
        }
        shell.lists("dmctl ddl-lock unlock ", &["touch pwned", "it's", "owner mysql-01"]);
        // Both take part in it.
        let picture = shell.lists("dmctl ddl-lock unlock 'c-`shop`.`orders`' --source ", &["mysql-01", "mysql-02"]);
        assert!(!picture.contains("mysql-03"), "{picture}");
        let left: Vec<_> = std::fs::read_dir(sandbox.path("work")).unwrap().collect();
        assert!(left.is_empty(), "{}: something was run: {left:?}", program.name());
    }
    assert!(cluster.changes().is_empty());
}

#[test]
fn the_tls_files_of_a_line_are_offered_and_used() {
    let (ca, other) = (authority(), named("another CA"));
    let own = identity(&ca, &["127.0.0.4"], |_| {});
    let client = good(&ca);
    let sandbox = Sandbox::new().with("DMCTL_COMPLETION_WAIT", "1m");
    for (name, text) in [
        ("work/tls/ca.pem", ca.as_ref().pem()),
        ("work/tls/notes.txt", String::new()),
        ("other.pem", other.as_ref().pem()),
        ("own.pem", own.cert),
        ("own-key.pem", own.key),
        ("client.pem", client.cert),
        ("client-key.pem", client.key),
    ] {
        let _path = sandbox.file(name, text);
    }
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        shell.runs("dmctl --ssl-ca tls/\t", "tls/ca.pem", &["--ssl-ca", "tls/ca.pem"]);
    }
    let serving = Serving::start(&sandbox, "--ssl-ca work/tls/ca.pem --ssl-cert own.pem --ssl-key own-key.pem --addr 127.0.0.4:0");
    let asked = |ca: &str| {
        let line = ["--master-addr", &serving.address, "--ssl-ca", ca, "--ssl-cert", "client.pem", "--ssl-key", "client-key.pem"];
        let words = [&["complete", "fish", "--index=10", "--"], line.as_slice(), &["member", "offline", "''"]].concat();
        sandbox.run_words(&words).stdout
    };
    assert!(asked("work/tls/ca.pem").contains("\nworker1\t"), "{}", asked("work/tls/ca.pem"));
    // The names of a cluster are for whoever it would tell them.
    assert!(asked("other.pem").contains("the cluster does not answer"), "{}", asked("other.pem"));
    assert!(!asked("other.pem").contains("worker1"), "{}", asked("other.pem"));
}

#[test]
fn two_hundred_names_with_blanks() {
    let names: Vec<String> = (0..200).map(|number| format!("my task {number:03}")).collect();
    let cluster = Cluster::start(tasks(names.iter().map(String::as_str)));
    let sandbox = patient(&cluster.address);
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        shell.runs("dmctl task start m\t12\t3\t", "123", &["task", "start", "my task 123"]);
    }
}

#[test]
fn folders_and_files() {
    let sandbox = Sandbox::new();
    let _task =
        sandbox.file("work/conf/$(touch pwned).yaml", "name: t\nmysql-instances: [{source-id: a}]\ntarget-database: {host: h}\n");
    let _source = sandbox.file("work/conf/source.yaml", "source-id: s\nfrom: {host: h}\n");
    let _other = sandbox.file("work/conf/notes.txt", "");
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        shell.runs("dmctl task create co\t\t", "touch", &["task", "create", "conf/$(touch pwned).yaml"]);
        shell.runs("dmctl source create conf/\t", "source.yaml", &["source", "create", "conf/source.yaml"]);
        shell.runs("dmctl source create 'co\t\t", "source.yaml", &["source", "create", "conf/source.yaml"]);
        assert!(!sandbox.path("work/pwned").exists(), "{}", program.name());
    }
}

#[test]
fn the_cluster_of_the_line_is_asked_and_no_other() {
    let (one, other) = (Cluster::start(tasks(["first"])), Cluster::start(tasks(["second"])));
    let sandbox = patient(&one.address);
    let _config = sandbox.config(&format!("[profile.other]\nmaster-addr = '{}'\n", other.address));
    for program in all() {
        let mut shell = Shell::start(program, &sandbox);
        shell.runs("dmctl task get \t", "dmctl task get first", &["task", "get", "first"]);
        let address = format!("--master-addr={}", other.address);
        shell.runs(&format!("dmctl {address} task get \t"), "task get second", &[&address, "task", "get", "second"]);
        shell.runs("dmctl task get --profile oth\t \t", "second", &["task", "get", "--profile", "other", "second"]);
        // One that can't be understood is no reason to take another.
        shell.offers_nothing("dmctl --master-addr '$X' task get ", &["first", "second"]);
        shell.offers_nothing("dmctl --profile nope task get ", &["first", "second"]);
    }
}

/// What the program answers to a Tab behind `task get `, as fish would ask for it.
fn asked(sandbox: &Sandbox) -> String {
    let output = sandbox.run("complete fish --index=2 -- task get ''");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    output.stdout
}

#[test]
fn a_cluster_that_does_not_answer_is_left_alone_for_a_while() {
    let mute = Mute::new();
    let sandbox = Sandbox::at(&mute.address);
    assert!(asked(&sandbox).contains("the cluster does not answer"), "{}", asked(&sandbox));
    assert!(mute.was_called());
    while mute.was_called() {}
    let _remembered = asked(&sandbox);
    assert!(!mute.was_called(), "it is asked again at once");
    let kept = std::fs::read_dir(sandbox.path("cache/dmctl")).unwrap().next().unwrap().unwrap();
    assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let folder = std::fs::metadata(sandbox.path("cache/dmctl")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn names_are_remembered_and_nothing_else() {
    let mut cluster = Cluster::start(usual());
    let sandbox = patient(&cluster.address);
    let lively = asked(&sandbox);
    assert!(lively.contains("task-1\tRunning"), "{lively}");
    cluster.stop();
    let remembered = asked(&sandbox);
    assert!(remembered.contains("the cluster does not answer: these names are"), "{remembered}");
    assert!(remembered.contains("\ntask-1\t") && !remembered.contains("Running"), "{remembered}");
    let kept = std::fs::read_dir(sandbox.path("cache/dmctl")).unwrap().next().unwrap().unwrap();
    let text = std::fs::read_to_string(kept.path()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["target", "failed", "in_part", "tasks", "sources", "workers", "masters", "locks"]);
    for sort in &keys[3..] {
        let sort = value[sort.as_str()].as_object().unwrap();
        assert!(sort.keys().eq(["told", "names"]) && sort["names"].as_array().unwrap().iter().all(serde_json::Value::is_string));
    }
    // A file that somebody else has written is no reason for anything.
    for text in ["", "{", "[]", "{\"target\":\"other\",\"failed\":0,\"tasks\":{\"told\":1,\"names\":[\"x\"]}}"] {
        std::fs::write(kept.path(), text).unwrap();
        let answer = asked(&sandbox);
        assert_eq!(answer.lines().count(), 1, "{answer}");
    }
}

#[test]
fn what_a_cluster_leaves_out_is_remembered_all_the_same() {
    let mut cluster = Cluster::start(usual());
    let sandbox = patient(&cluster.address);
    assert!(asked(&sandbox).contains("task-1\tRunning"));
    // It tells of locks, and not of tasks; the second time nobody asks it.
    cluster.change(|script| script.refusing("GET /api/v1/tasks", "not now"));
    for _ in 0..2 {
        let told = asked(&sandbox);
        let note = "the cluster answers in part: names of tasks, sources and workers are";
        assert!(told.contains(note) && told.contains("\ntask-1\t") && !told.contains("does not answer"), "{told}");
    }
    // Who serves a source is not known then, nor whether anybody does.
    let told = sandbox.run("complete fish --index=2 -- source get ''").stdout;
    assert!(told.contains("\nmysql-01\t") && !told.contains("worker\n") && !told.contains("no worker"), "{told}");
    cluster.stop();

    // Where workers alone name tasks, one of them is away.
    let mut cluster = Cluster::start(usual().version(Version::V65).without_openapi());
    let sandbox = patient(&cluster.address);
    assert!(asked(&sandbox).contains("task-3\tStopped"));
    cluster.change(|script| script.faulty("mysql-01", Fault::Away));
    let told = asked(&sandbox);
    assert!(told.contains("task-2\tFinished") && told.contains("\ntask-3\t") && !told.contains("does not answer"), "{told}");
    cluster.stop();
    let told = asked(&sandbox);
    assert!(told.contains("\ntask-2\t") && told.contains("\ntask-3\t") && told.contains("does not answer"), "{told}");
}

#[test]
fn a_cluster_that_lies_is_told_apart_from_one_that_has_no_names() {
    let garbage = |body: &str| Script::usual().answering("GET /api/v1/tasks", 200, "application/json", body);
    let scripts = [
        garbage("{"),
        garbage("[]"),
        garbage("<html>"),
        Script::usual().losing_at("GET /api/v1/tasks", 0..9, Lose::Half),
        Script::usual().losing_at("ListMember", 0..9, Lose::Before),
    ];
    for script in scripts {
        let cluster = Cluster::start(script);
        let sandbox = Sandbox::at(&cluster.address);
        let answer = asked(&sandbox);
        assert_eq!(answer.lines().count(), 1, "{answer}");
    }
    let nobody = Nobody::new();
    assert_eq!(asked(&Sandbox::at(&nobody.address)).lines().count(), 1);
    assert_eq!(asked(&Sandbox::new()).lines().count(), 1);
}

#[test]
fn a_worker_that_hangs_costs_what_it_would_have_told() {
    let script = usual().task("healthy", "all", &[("mysql-02", &[syncing(3)])]).faulty("mysql-01", Fault::Hold);
    let cluster = Cluster::start(script);
    // Half of the time is for the worker, the other one for a slow machine.
    let answer = asked(&Sandbox::at(&cluster.address).with("DMCTL_COMPLETION_WAIT", "8s"));
    assert!(answer.contains("\ntask-1\t") && answer.contains("\nhealthy\t"), "{answer}");
}

/// The grammar as a shell without live names is taught it.
fn taught(shell: clap_complete::Shell) -> String {
    let mut grammar = dmctl::cli::grammar();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut grammar, "dmctl", &mut script);
    String::from_utf8(script).unwrap()
}

/// `INSTA_UPDATE=always` writes them.
#[test]
fn static_scripts_are_what_the_grammar_gives() {
    for (shell, file) in [(clap_complete::Shell::PowerShell, "_dmctl.ps1"), (clap_complete::Shell::Elvish, "dmctl.elv")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let script = taught(shell);
        if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
            std::fs::write(&path, &script).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == script,
            "completions/{file} is not current: INSTA_UPDATE=always writes it"
        );
    }
}

#[test]
fn scripts_are_current_and_need_no_cluster() {
    let sandbox = Sandbox::new();
    for (shell, file) in
        [("bash", "dmctl.bash"), ("zsh", "_dmctl"), ("fish", "dmctl.fish"), ("powershell", "_dmctl.ps1"), ("elvish", "dmctl.elv")]
    {
        let output = sandbox.run(&format!("completion {shell}"));
        let kept =
            std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file)).unwrap();
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{shell}");
        assert!(output.stdout == kept && kept.len() > 500, "{shell}");
    }
    let output = sandbox.pipe("", "completion bash\n");
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("`completion` is started from a shell"), "{}", output.stderr);
}
