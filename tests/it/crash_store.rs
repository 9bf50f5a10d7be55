//! The real `dmctl serve` killed at every write to its store, in each piece of it: what was answered is there, what was not is there as a
//! whole or not at all, and the same line does it the second time.

use std::path::PathBuf;
use std::process::Command;

use super::harness::Sandbox;
use super::oracle;
use super::servers::{FAMILIES, Server, block, can_run};
use super::serving::{How, Serving};

/// How a line ends that is typed again although it was done.
type Done = fn(&str) -> bool;

/// A line, what it takes to try it again, and whether the copy is through after it.
struct Flow {
    before: &'static [&'static str],
    line: &'static str,
    /// The line that tells whether it is done, and what it shows then.
    look: (&'static str, Done),
    is_copy: bool,
    /// Writes to the store that there are at least.
    writes: u32,
}

const NO_TASK: &[&str] = &["task delete t --yes"];

const FLOWS: &[Flow] = &[
    Flow {
        before: &["source delete s --yes"],
        line: "source create s.yaml",
        look: ("source list", |text| text.contains("127.0.0.1")),
        is_copy: false,
        writes: 1,
    },
    Flow {
        before: NO_TASK,
        line: "task create t.yaml",
        look: ("task list", |text| text.contains("Stopped")),
        is_copy: false,
        writes: 1,
    },
    Flow {
        before: &["task delete t --yes", "task create t.yaml"],
        line: "task start t",
        look: ("task list", |text| !text.contains("Stopped")),
        is_copy: true,
        writes: 2,
    },
    Flow {
        before: &["task status t --wait finished"],
        line: "task start t --remove-meta --yes",
        look: ("task list", |text| text.contains("t ")),
        is_copy: true,
        writes: 3,
    },
    Flow {
        before: &["task delete t --yes", "task create t.yaml"],
        line: "task update t t2.yaml",
        look: ("task get t", |text| text.contains("threads: 3")),
        is_copy: false,
        writes: 1,
    },
    Flow {
        before: &["source enable s"],
        line: "source disable s",
        look: ("source list --format json", |text| text.contains("\"enabled\":false")),
        is_copy: false,
        writes: 1,
    },
    Flow {
        before: &["source disable s"],
        line: "source enable s",
        look: ("source list --format json", |text| text.contains("\"enabled\":true")),
        is_copy: false,
        writes: 1,
    },
    Flow {
        before: &["task create t.yaml"],
        line: "task delete t --yes",
        look: ("task list", |text| text.contains("no tasks")),
        is_copy: false,
        writes: 2,
    },
    Flow {
        before: &["source create s.yaml"],
        line: "source delete s --yes",
        look: ("source list", |text| text.contains("no sources")),
        is_copy: false,
        writes: 1,
    },
];

/// The library that kills; see there.
fn library(sandbox: &Sandbox) -> PathBuf {
    let library = sandbox.path("store_death.so");
    let code = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/store_death.c");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(code).arg("-ldl").status().unwrap();
    assert!(made.success());
    library
}

#[test]
fn a_kill_at_any_write_to_the_store_loses_nothing_that_was_answered() {
    let Some(family) = FAMILIES.into_iter().find(|family| can_run(*family)) else { return };
    let server = Server::start(family, &[]);
    block(server.execute(&[
        "CREATE DATABASE stored",
        "CREATE TABLE stored.t (id INT PRIMARY KEY, v TEXT)",
        "INSERT INTO stored.t VALUES (1, 'a'), (2, 'b'), (3, NULL)",
    ]));
    let sandbox = Sandbox::new();
    sandbox.file("s.yaml", format!("source-id: s\nfrom: {}\n", server.yaml()));
    let task = format!(
        "name: t\ntask-mode: full\ntarget-database: {}\nblock-allow-list: {{own: {{do-dbs: [stored]}}}}\n\
         routes: {{r: {{schema-pattern: stored, target-schema: copied}}}}\n\
         mysql-instances: [{{source-id: s, block-allow-list: own, route-rules: [r]}}]\n",
        server.yaml()
    );
    sandbox.file("t.yaml", &task);
    sandbox.file(
        "t2.yaml",
        format!("{task}mydumpers: {{global: {{threads: 3}}}}\n").replace("[r]}", "[r], mydumper-config-name: global}"),
    );
    let (library, death) = (library(&sandbox).display().to_string(), sandbox.path("death").display().to_string());
    let variables = [("LD_PRELOAD", &*library), ("DMCTL_DEATH", &*death)];
    let how = How { variables: &variables, ..How::default() };
    let mut serving = Serving::none(&sandbox);
    serving.up(how);
    let mut deaths = 0;
    for flow in FLOWS {
        for skipped in 0.. {
            let mut died = false;
            for piece in ["t", "b", "a"] {
                for line in flow.before {
                    let output = serving.client(line);
                    let is_so_already =
                        ["does not exist", "exists already", "already exist"].iter().any(|so| output.stderr.contains(so));
                    assert!(output.code == 0 || is_so_already, "`{line}` before `{}`: {output:?}\n{}", flow.line, serving.log());
                }
                serving.sandbox().file("death", format!("{piece} {skipped}"));
                let about = format!("`{}`, write {skipped}, {piece}", flow.line);
                let was_answered = dies(&mut serving, flow, &about);
                drop(std::fs::remove_file(serving.sandbox().path("death")));
                if let Some(was_answered) = was_answered {
                    died = true;
                    deaths += 1;
                    serving.up(how);
                    after(&serving, flow, piece, was_answered, &about);
                }
                if flow.is_copy {
                    serving.does("task status t --wait finished --wait-timeout 2m");
                    block(oracle::assert_same(&server, "stored", &server, "copied"));
                }
            }
            if !died {
                assert!(skipped >= flow.writes, "`{}` has only {skipped} writes", flow.line);
                break;
            }
        }
    }
    assert!(deaths >= 3 * FLOWS.iter().map(|flow| flow.writes).sum::<u32>(), "{deaths}");
}

/// Whether the server died at one of the writes of a line, or of the copy that it starts; and whether the line was answered before.
fn dies(serving: &mut Serving, flow: &Flow, about: &str) -> Option<bool> {
    let (lives, code) = serving.outlives(flow.line);
    if !lives {
        return Some(code == Some(0));
    }
    let said = std::fs::read_to_string(serving.sandbox().path("said")).unwrap();
    assert_eq!(code, Some(0), "{about}: {said}{}", serving.log());
    (flow.is_copy && !serving.outlives("task status t --wait finished --wait-timeout 2m").0).then_some(true)
}

/// With the server started again: the line is done or not, as the piece says, and can be typed again.
fn after(serving: &Serving, flow: &Flow, piece: &str, was_answered: bool, about: &str) {
    let (look, is_done) = flow.look;
    let seen = serving.does(look);
    // Of several writes, the first ones only get ready.
    if flow.writes == 1 {
        assert_eq!(is_done(&seen), piece != "t", "{about}: {seen}");
    }
    if !is_done(&seen) {
        assert!(!was_answered, "{about}: it was answered and is lost: {seen}");
        serving.does(flow.line);
        let seen = serving.does(look);
        assert!(is_done(&seen), "{about}: {seen}");
    }
}
