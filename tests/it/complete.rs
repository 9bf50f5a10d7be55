//! The grammar walk: what it wants at the cursor of many lines. That clap agrees is for `property_complete`.

use std::sync::LazyLock;

use clap::Command;
use dmctl::complete::{self, Choice, Place, Wanted};
use dmctl::{cli, words};

use crate::harness::snapshot;

/// The grammar with what clap adds to it.
pub static BUILT: LazyLock<Command> = LazyLock::new(|| {
    let mut grammar = cli::grammar();
    grammar.build();
    grammar
});

/// Lines with `|` as the cursor; a heading begins with `#`.
const LINES: &str = r#"
# resources and verbs
|
ta|
TA|
Ddl-|
bogus|
task |
task|
TASK st|
task ST|
relay |
task bogus |
bogus |
task list extra |
task start --bogus |
--yes |
--keep-going -|
--format json |
--format task |
--format=json ta|
-v TASK |
-x |
# help
help |
help ta|
help TASK |
help TASK st|
help task start |
HELP |
task help |
task help st|
--yes help |
# positionals
task start |
task start my-|
task start task-1 |
task update |
task update t1 |
task update t1 conf/|
task update t1 f.yaml |
task update | f.yaml
task start | task-1
task start t| task-1
ddl-lock list |
ddl-lock list task-1 |
ddl-lock unlock 'task-1-|
source transfer mysql-01 |
source transfer | worker-1
relay purge mysql-01 |
member offline |
member evict-leader |
source list |
# values of flags
task list --source |
task list --source mysql-01,|
task list --source mysql-01,my|,mysql-02
task list --source=mysql-01,|
task list --source=a,b|c,d --source e
task list --source a --source |
task list --source | mysql-01
task start --source | task-1
task start --source s1 |
task list --stage |
task list --stage=r|
task list --stage=|
member list --role |
member list --name w1 --name=w2,|
task list --format |
task list --color=|
task list --profile |
task list --ssl-ca |
task list --master-addr 127.0.0.1:1,|
task start t1 --start-time |
task start t1 --safe-mode-time-duration |
task check f.yaml --error-count -|
task check f.yaml --error-count -1 |
task status t1 --wait |
ddl-lock unlock l1 --action |
ddl-lock unlock l1 --owner |
task get t1 --output |
task list --yes=|
task list --bogus=|
task list --stage -|
# names of flags
task start -|
task start --s|
task start t1 --no-wait --|
task start t1 --wait-timeout 5s --|
task start t1 --remove-meta --|
task start t1 --source a --|
task start --s| t1 --remove-meta
task list --st|age=Running
task list --sta|ge Running
-|
task -|
task list -v|
task list --yes --format json -|
# behind --
task start --| --yes
task start -- |
task start -- -|
task start -- t1 |
task -- |
# the middle of a line
task st|op x
ta|sk list
ta| list
| list
| task list
task | task-1
task | start t1
task | t1 f.yaml
task start t1 | --source s1
task start t1 --source s1 | --no-wait
# quotes
'ta|
task stop 'my t|
task stop my\ t|
"task" start |
task list --source="a,b|"
task list --source="a,b|,c"
task list --source="a b",c|,d
task list "--source=a|"
'|--yes' task list
task list '--stage=R|
# comments
task # st|
# task |
task '#|
"#;

fn shown(place: &Place, line: &str) -> String {
    let mut parts = Vec::new();
    let names = |choices: &[Choice]| choices.iter().map(|choice| choice.word.clone()).collect::<Vec<_>>();
    for wanted in &place.wanted {
        parts.push(match wanted {
            Wanted::Word(choices) => format!("words {}", names(choices).join(" ")),
            Wanted::Flag(choices) => {
                let root = cli::grammar();
                let is_global = |word: &String| {
                    let known = root.get_arguments().any(|arg| arg.is_global_set() && Some(&word[2..]) == arg.get_long());
                    known || word == "--help"
                };
                let (global, own): (Vec<_>, Vec<_>) = names(choices).into_iter().partition(is_global);
                format!("flags {} (+{} global)", own.join(" "), global.len()).replace("  ", " ")
            }
            Wanted::Value { argument, kind, choices, already, list, required, .. } => {
                let mut text = format!("{argument}: {kind:?}");
                for (what, words) in [("of", names(choices)), ("already", already.clone())] {
                    if !words.is_empty() {
                        text.push_str(&format!(" {what} {}", words.join(",")));
                    }
                }
                text.push_str(if *list { " list" } else { "" });
                text.push_str(if *required { "" } else { " optional" });
                text
            }
        });
    }
    if parts.is_empty() {
        parts.push("nothing".to_owned());
    }
    let given: Vec<_> = place.given.iter().map(|(id, values)| format!("{id}={}", values.join(","))).collect();
    let mut about = vec![format!("[{}]", place.path.join(" "))];
    if !place.span.is_empty() {
        about.push(format!("replaces {}", &line[place.span.clone()]));
    }
    if place.typed != line[place.span.clone()] {
        about.push(format!("typed {}", place.typed));
    }
    if !place.prefix.is_empty() || !place.suffix.is_empty() {
        about.push(format!("keeps {}..{}", place.prefix, place.suffix));
    }
    if !given.is_empty() {
        about.push(format!("given {}", given.join(" ")));
    }
    format!("{}\n    {}", about.join("; "), parts.join("\n    "))
}

#[test]
fn what_is_wanted() {
    let grammar = &*BUILT;
    let mut text = String::new();
    let mut rows = 0;
    for row in LINES.lines().filter(|row| !row.is_empty()) {
        let Some(cursor) = row.find('|') else {
            text.push_str(&format!("\n{row}\n\n"));
            continue;
        };
        let line = format!("{}{}", &row[..cursor], &row[cursor + 1..]);
        let place = complete::at(grammar, &line, cursor);
        assert_eq!(place, complete::at(&cli::grammar(), &line, cursor), "a grammar that is not built gives the same: {row}");
        let shown = place.map_or("comment".to_owned(), |place| shown(&place, &line));
        text.push_str(&format!("{row}\n    {shown}\n"));
        rows += 1;
    }
    assert!(rows >= 60);
    snapshot("complete", &text);
}

/// A shell hands over words without their quotes; apart from the span, it is told the same.
#[test]
fn the_words_of_a_shell_are_told_the_same() {
    let grammar = &*BUILT;
    let lines = ["", "ta", "TASK st", "task start ", "task list --source=a,b", "task list --source a --source ", "task start --"];
    for line in lines {
        let place = complete::at(grammar, line, line.len()).unwrap();
        let mut split = words::split(line).into_texts().unwrap();
        if line.is_empty() || line.ends_with(' ') {
            split.push(String::new());
        }
        let typed = split.last().unwrap().clone();
        let of_words = complete::at_words(grammar, &split, split.len() - 1, &typed);
        assert_eq!(of_words.span.len(), place.span.len(), "{line}");
        assert_eq!(Place { span: place.span.clone(), ..of_words }, place, "{line}");
        assert_eq!(complete::at_words(grammar, &split[..split.len() - 1], split.len() - 1, "").path, place.path);
    }
    let split: Vec<String> = ["task", "list", "--source=a,b c,d"].map(str::to_owned).into();
    let place = complete::at_words(grammar, &split, 2, "--source=a,b");
    assert_eq!((place.span, place.typed.as_str(), place.prefix.as_str()), (11..14, "b", ""));
}

#[test]
fn what_is_missing() {
    let mut text = String::new();
    for line in [
        "",
        "task",
        "TASK",
        "task --yes",
        "task list",
        "task start",
        "task start t1",
        "task update t1",
        "task update t1 f.yaml",
        "source transfer",
        "source transfer s1",
        "ddl-lock list",
        "--format json",
        "--format",
        "task list --stage",
        "task list --stage=",
        "task list --format --yes",
        "task list --source=",
        "task list --source a,",
        "task start --source",
        "task status t1 --wait-timeout 5s",
        "task status --wait-timeout 5s",
        "ta",
        "TA",
        "task sta",
        "task ST",
        "task bogus",
        "task list --sta",
        "task start t1 --no-wait --wai",
        "task start --bogus",
        "task start t1 t2",
        "task list --stage bogus",
        "task --help",
        "help",
        "help ta",
        "help bogus",
        "bogus list",
        "task bogus x",
    ] {
        let split = words::split(line).into_texts().unwrap();
        let missing = complete::missing(&BUILT, &split);
        assert_eq!(missing, complete::missing(&cli::grammar(), &split));
        let place = Place {
            span: 0..0,
            prefix: String::new(),
            suffix: String::new(),
            typed: String::new(),
            path: Vec::new(),
            wanted: missing.into_iter().collect(),
            given: complete::Given::default(),
        };
        text.push_str(&format!("{line}\n{}\n", shown(&place, "").replace("[]\n", "")));
    }
    snapshot("missing", &text);
}
