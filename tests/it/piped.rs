//! Commands from a pipe or a file: what is a line, where it stops, and what becomes of the streams.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use crate::cluster::{Cluster, Fault, Script};
use crate::lines::sandbox;

const LEADER: &str = "member list --role leader";
const LOCKS: &str = "ddl-lock list";

#[test]
fn blank_lines_comments_crlf_and_a_bom_are_passed_over() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let expected = format!("{}{}", sandbox.run(LEADER).stdout, sandbox.run(LOCKS).stdout);
    for input in [
        format!("{LEADER}\n{LOCKS}\n"),
        format!("{LEADER}\n{LOCKS}"),
        format!("{LEADER}\r\n{LOCKS}\r\n"),
        format!("\u{feff}{LEADER}\n{LOCKS}"),
        format!("\u{feff}# who?\r\n\r\n{LEADER} # the leader\r\n \t \r\n  {LOCKS}  \r\n\r\n# end"),
        format!("# a comment does not go on \\\n{LEADER}\n{LOCKS}"),
        "member \\\nlist \\\n  --role leader\nddl-\\\nlock list".to_owned(),
        "member \\\r\nlist --role \\\r\nleader\r\nddl-lock list \\".to_owned(),
        "'member' \"list\" --role=leader\nDDL-Lock list\n".to_owned(),
    ] {
        let output = sandbox.pipe("", &input);
        assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.code), (expected.as_str(), "", 0), "{input:?}");
    }
}

#[test]
fn nothing_to_do_is_done() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    for input in ["", "\n", "\r\n\r\n", "# nothing\n", "\u{feff}", "\\\n\\\n", "\\"] {
        for words in ["", "--keep-going", "--format json"] {
            let output = sandbox.pipe(words, input);
            assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.code), ("", "", 0), "{words} {input:?}");
        }
    }
    assert!(cluster.asked().is_empty());
}

#[test]
fn it_stops_at_the_first_failure_and_says_where() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let before = sandbox.run(LEADER).stdout;
    for (failing, line, code) in [
        ("task get nope", 3, 1),
        ("\n# more\ntask \\\n  get \\\n  nope", 5, 1),
        ("task bogus", 3, 2),
        ("task get 'task-1", 3, 2),
        ("--format json", 3, 2),
        ("task delete task-1", 3, 1),
    ] {
        let _before = cluster.asked();
        let output = sandbox.pipe("", format!("# first\n{LEADER}\n{failing}\n{LOCKS}\n"));
        assert_eq!((output.stdout.as_str(), output.code), (before.as_str(), code), "{failing}");
        let last = output.stderr.lines().last().unwrap();
        assert_eq!(last, format!("stopped at line {line}, with exit code {code}"), "{failing}");
        assert!(!cluster.asked().iter().any(|call| call.contains("ShowDDLLocks")), "{failing}: it went on");
    }
}

#[test]
fn a_partial_answer_stops_it_too() {
    let cluster = Cluster::start(Script::usual().faulty("mysql-01", Fault::Away));
    let sandbox = sandbox(&cluster.address);
    let output = sandbox.pipe("", format!("task list\n{LOCKS}\n"));
    assert_eq!((output.code, output.stderr.as_str()), (4, "stopped at line 1, with exit code 4\n"));
    assert_eq!(output.stdout, sandbox.run("task list").stdout);
}

#[test]
fn keep_going_ends_with_the_first_failure() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let leader = sandbox.run(LEADER);
    let (usage, refusal) = (sandbox.run("task bogus"), sandbox.run("task get nope"));
    let output = sandbox.pipe("--keep-going", format!("task bogus\n{LEADER}\ntask get nope\n{LEADER}\n"));
    assert_eq!(output.stdout, leader.stdout.repeat(2));
    assert_eq!(output.stderr, format!("{}{}", usage.stderr, refusal.stderr));
    assert_eq!(output.code, 2);
    assert_eq!(sandbox.pipe("--keep-going", format!("task get nope\ntask bogus\n{LEADER}")).code, 1);
    assert_eq!(sandbox.pipe("--keep-going", format!("{LEADER}\ntask bogus\nexit\ntask get nope")).code, 2);
    assert_eq!(sandbox.pipe("--keep-going", LEADER).code, 0);
}

#[test]
fn what_is_no_text_is_refused_with_its_line() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let long = [b"task get ".as_slice(), &vec![b'x'; 2 << 20], b" member list"].concat();
    let rows: [(&[u8], &str); 4] = [
        (b"\xff\xfe\x00t", "is not UTF-8 text"),
        (b"task get \x80", "is not UTF-8 text"),
        (b"task get a\0b", "holds a NUL byte: this is no text"),
        (&long, "is longer than 1 MiB"),
    ];
    for (bytes, why) in rows {
        let input = [b"# first\n", bytes, b"\n", LEADER.as_bytes()].concat();
        let _before = cluster.asked();
        let output = sandbox.pipe("", &input);
        let told = format!("error: line 2 of standard input {why}\n");
        assert_eq!(output.stderr, format!("{told}stopped at line 2, with exit code 2\n"));
        assert_eq!((output.stdout.as_str(), output.code), ("", 2), "{why}");
        assert!(cluster.asked().is_empty(), "{why}");
        // Nothing of the bad line is run, and the next one is.
        let output = sandbox.pipe("--keep-going", &input);
        assert_eq!((output.stdout, output.stderr, output.code), (sandbox.run(LEADER).stdout, told, 2), "{why}");
    }
}

#[test]
fn the_tail_of_a_line_that_is_too_long_is_no_command() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let input = format!("#{}\n{LEADER}\n", " ".repeat(1 << 20) + LOCKS);
    let output = sandbox.pipe("--keep-going", &input);
    assert_eq!((output.stdout, output.code), (sandbox.run(LEADER).stdout, 2), "{}", output.stderr);
    assert!(!cluster.asked().iter().any(|call| call.contains("ShowDDLLocks")));
}

#[test]
fn input_that_cannot_be_read_ends_it() {
    let sandbox = sandbox("127.0.0.1:1");
    for words in [&[][..], &["--keep-going"]] {
        let folder = File::open(sandbox.path("")).unwrap();
        let mut child = sandbox.command().args(words).stdin(folder).stderr(Stdio::piped()).spawn().unwrap();
        // More than this is said only by one that tries again and again.
        let mut told = Vec::new();
        let length = child.stderr.take().unwrap().take(4096).read_to_end(&mut told).unwrap();
        if length == 4096 {
            child.kill().unwrap();
        }
        assert_eq!(child.wait().unwrap().code(), Some(1), "{words:?}: {}", String::from_utf8_lossy(&told));
        let told = String::from_utf8(told).unwrap();
        assert_eq!(told.matches("cannot read standard input: Is a directory").count(), 1, "{words:?}: {told}");
    }
}

#[test]
fn exit_leaves_in_the_middle() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let leader = sandbox.run(LEADER).stdout;
    for word in ["exit", "quit", "  'exit' # enough"] {
        let output = sandbox.pipe("", format!("{LEADER}\n{word}\ntask bogus\n{LEADER}"));
        assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.code), (leader.as_str(), "", 0), "{word}");
    }
    let output = sandbox.run("exit");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.code), ("", "", 0));
    assert_eq!(sandbox.pipe("", "exit now").code, 2, "the word stands alone");
}

#[test]
fn the_options_of_a_line_are_for_that_line_only() {
    let (here, there) = (Cluster::start(Script::usual()), Cluster::start(Script::empty().master("master-9", "127.0.0.1:9", false)));
    let sandbox = sandbox(&here.address);
    let (text, json) = (sandbox.run(LEADER).stdout, sandbox.run(&format!("{LEADER} --format json")).stdout);
    assert_ne!(text, json);
    let output = sandbox.pipe("", format!("{LEADER} --format json\n{LEADER}\n--format=JSON {LEADER}\n{LEADER}"));
    assert_eq!(output.stdout, format!("{json}{text}{json}{text}"));
    let output = sandbox.pipe("--format json", format!("{LEADER}\n{LEADER} --format text\n{LEADER}\n"));
    assert_eq!(output.stdout, format!("{json}{text}{json}"));

    let (masters, elsewhere) = ("member list --role master", format!("--master-addr {}", there.address));
    let (own, other) = (sandbox.run(masters).stdout, sandbox.run(&format!("{masters} {elsewhere}")).stdout);
    assert!(!own.contains("master-9") && other.contains("master-9"));
    let output = sandbox.pipe("", format!("{masters}\n{elsewhere} {masters}\n{masters}\n"));
    assert_eq!(output.stdout, format!("{own}{other}{own}"));
    let output = sandbox.pipe(&elsewhere, format!("{masters}\n{masters} --master-addr {}\n{masters}", here.address));
    assert_eq!(output.stdout, format!("{other}{own}{other}"));
}

#[test]
fn the_end_is_told_in_the_format_of_the_invocation() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let input = format!("{LEADER} --format text\ntask get nope\n");
    let output = sandbox.pipe("--format json", &input);
    let lines: Vec<serde_json::Value> = output.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["error"]["message"], "task `nope` does not exist");
    assert_eq!(lines[1..], [serde_json::json!({ "stopped": { "line": 2, "exit_code": 1 } })]);
    let yaml = sandbox.pipe("--format yaml", &input).stderr;
    assert!(yaml.ends_with("---\nstopped:\n  line: 2\n  exit_code: 1\n"), "{yaml}");
    let broken = sandbox.pipe("--format json", "task 'get");
    let error: serde_json::Value = serde_json::from_str(broken.stderr.lines().next().unwrap()).unwrap();
    assert_eq!(error["error"]["kind"], "usage");
}

#[test]
fn help_is_a_line_like_any_other() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    for page in ["--help", "help", "task --help", "help task get", "--version"] {
        let alone = sandbox.run(page);
        assert!(alone.code == 0 && !alone.stdout.is_empty(), "{page}");
        let output = sandbox.pipe("", format!("{page}\n{LEADER}\n"));
        assert_eq!((output.stdout, output.code), (format!("{}{}", alone.stdout, sandbox.run(LEADER).stdout), 0), "{page}");
    }
}

#[test]
fn a_reader_that_went_away_changes_nothing_but_the_output() {
    let cluster = Cluster::start(Script::usual().faulty("mysql-01", Fault::Away));
    let sandbox = sandbox(&cluster.address);
    for (words, input, code) in [
        ("--help", "", 0),
        (LEADER, "", 0),
        ("task list", "", 4),
        ("task get nope", "", 1),
        ("task bogus", "", 2),
        ("", "member list\nmember list\n", 0),
        ("", "member list\ntask list\nmember list", 4),
        ("--keep-going", "task list\ntask get nope\nmember list", 4),
    ] {
        let _before = cluster.asked();
        let alone = sandbox.pipe(words, input);
        let asked = cluster.asked();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = sandbox.command();
        child.args(shlex::split(words).unwrap()).stdin(Stdio::piped()).stdout(writer).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), told), (Some(code), alone.stderr), "{words} {input:?}");
        assert_eq!(cluster.asked(), asked, "{words} {input:?}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for (words, input, remark) in [
        ("--help", "", ""),
        (LEADER, "", ""),
        (LEADER, "--format json", ""),
        ("", "# first\nmember list\nmember list", "stopped at line 2, with exit code 1\n"),
    ] {
        let _before = cluster.asked();
        let mut child = sandbox.command();
        child.args(shlex::split(words).unwrap()).stdin(Stdio::piped()).stdout(full()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let error = "error: cannot write the answer: No space left on device\n";
        assert_eq!((output.status.code(), told), (Some(1), format!("{error}{remark}")), "{words} {input:?}");
        assert!(cluster.asked().len() <= 1, "{words} {input:?}: it went on");
    }
    // Nobody hears of it when stderr is full, and the code tells.
    let output = sandbox.command().args(["task", "get", "nope"]).stdin(Stdio::null()).stderr(full()).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

/// A program that gets its lines one by one.
pub struct Talk {
    pub child: std::process::Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Talk {
    pub fn new(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout }
    }

    /// Writes a line, and nothing else.
    pub fn write(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
    }

    /// Writes a line and reads its answer, which is one line: ask for JSON.
    pub fn ask(&mut self, line: &str) -> String {
        self.write(line);
        self.read()
    }

    /// The next line of an answer.
    pub fn read(&mut self) -> String {
        let mut answer = String::new();
        let _length = self.stdout.read_line(&mut answer).unwrap();
        answer
    }

    /// Sends a signal; `INT` is that of Ctrl-C.
    pub fn signal(&self, name: &str) {
        let status = Command::new("/bin/sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status().unwrap();
        assert!(status.success());
    }

    /// What is left on both streams when it has ended, and its exit code. `stdin` stays open until then.
    pub fn end(mut self) -> (String, String, Option<i32>) {
        let (mut out, mut err) = (String::new(), String::new());
        let _length = self.stdout.read_to_string(&mut out).unwrap();
        let _length = self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (out, err, self.child.wait().unwrap().code())
    }
}

#[test]
fn each_line_is_answered_before_the_next_is_there() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let expected = sandbox.run(&format!("{LEADER} --format json")).stdout;
    let mut talk = Talk::new(sandbox.command());
    for _ in 0..3 {
        assert_eq!(talk.ask(&format!("{LEADER} --format json")), expected);
    }
    talk.write("exit");
    assert_eq!(talk.end(), (String::new(), String::new(), Some(0)));
}

#[test]
fn ctrl_c_ends_a_command_and_the_lines_after_it() {
    let cluster = Cluster::start(Script::usual().faulty("mysql-01", Fault::Hold));
    let sandbox = sandbox(&cluster.address);
    let mut command = sandbox.command();
    command.args(["source", "status", "mysql-01"]);
    let talk = Talk::new(command);
    cluster.wait_for("QueryStatus mysql-01");
    talk.signal("INT");
    assert_eq!(talk.end(), (String::new(), "error: interrupted\n".to_owned(), Some(130)));

    let mut command = sandbox.command();
    command.arg("--keep-going");
    let mut talk = Talk::new(command);
    talk.write("source status mysql-01 --format json\nddl-lock list");
    cluster.wait_for_more("QueryStatus mysql-01", 2);
    talk.signal("INT");
    let told = "{\"error\":{\"kind\":\"interrupted\",\"code\":null,\"message\":\"interrupted\",\"cause\":null,\"workaround\":null,\
                \"hint\":null}}\nstopped at line 1, with exit code 130\n";
    assert_eq!(talk.end(), (String::new(), told.to_owned(), Some(130)));
    assert!(!cluster.asked().iter().any(|call| call.contains("ShowDDLLocks")));
}

#[test]
fn ctrl_c_while_no_line_is_there_ends_it() {
    let cluster = Cluster::start(Script::usual());
    let sandbox = sandbox(&cluster.address);
    let mut talk = Talk::new(sandbox.command());
    assert!(talk.ask(&format!("{LEADER} --format json")).starts_with('{'));
    talk.signal("INT");
    assert_eq!(talk.end(), (String::new(), "error: interrupted\n".to_owned(), Some(130)));
}
