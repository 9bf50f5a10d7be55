//! What a user is told about a configuration, a name or a file that is wrong. Nothing is sent for any of them.

use std::process::{Command, Stdio};

use crate::harness::{Output, Sandbox};
use crate::rogue_server::{dm, json, listen, nobody, page, told, told_words};

#[test]
fn without_a_cluster_one_learns_how_to_name_one() {
    let sandbox = Sandbox::new();
    let told = told(&sandbox, "task list");
    told.says(3, &["no cluster is named", "--master-addr", "DM_MASTER_ADDR", "config.toml"]);
    told.reads("config_no_cluster", sandbox.path("").to_str().unwrap().trim_end_matches('/'));
}

#[test]
fn a_configuration_is_wrong_in_many_ways() {
    for (text, words) in [
        ("[profile.a\n", &["config.toml:1:11: unclosed table"][..]),
        ("default-profil = 'a'\n", &["config.toml:1:1: unknown field `default-profil`", "`default-profile`", "^^^^^"]),
        ("[profile.a]\nmaster-addr = 3\n", &["config.toml:2:15: expected an address in quotes, or a list of them"]),
        ("[profile.a]\nmaster-addr = 'h:99999'\n", &["profile `a`", "config.toml", "expected a number from 1 to 65535"]),
        ("[profile.a]\nmaster-addr = []\n", &["profile `a`", "there is no address"]),
        ("[profile.a]\nssl-ca = 'x'\n", &["config.toml:1:1: missing field `master-addr`"]),
        ("[profile.a]\nmaster-addr = 'h:1'\nssl-cert = 'c'\n", &["profile `a`", "`ssl-cert` and `ssl-key` go together"]),
        ("[profile.a]\nmaster-addr = 'h:1'\nssl-ca = 'gone'\n", &["cannot read", "dmctl/gone (`ssl-ca`): No such file"]),
        ("[profile.b]\nmaster-addr = 'h:1'\n", &["there is no profile `a`", "profiles there: `b`"]),
        ("[profile.\"\\u001b[31m\"]\nmaster-addr = 'h:1'\n", &["there is no profile `a`", "profiles there: `\\u{1b}[31m`"]),
        ("", &["there is no profile `a`", "write one: [profile.a] with master-addr"]),
    ] {
        let sandbox = Sandbox::new();
        let _path = sandbox.config(text);
        told(&sandbox, "--profile a task list").says(2, words);
        assert!(
            sandbox.run("--master-addr h:65536 task list").stderr.contains("h:65536"),
            "it does not matter where it is not asked"
        );
    }
}

#[test]
fn the_default_profile_must_exist() {
    let sandbox = Sandbox::new();
    let path = sandbox.config("default-profile = 'old'\n[profile.new]\nmaster-addr = 'h:1'\n");
    let told = told(&sandbox, "task list");
    told.says(2, &["there is no profile `old`", "it is the one that `default-profile` names", "profiles there: `new`"]);
    told.reads("config_default_profile", &path.display().to_string());
}

#[test]
fn a_configuration_shows_the_place() {
    let sandbox = Sandbox::new();
    let path = sandbox.config("[profile.home]\nmaster-adr = '127.0.0.1:8261'\n");
    told(&sandbox, "task list").says(2, &["unknown field `master-adr`"]).reads("config_unknown_key", &path.display().to_string());
}

#[test]
fn a_configuration_that_is_no_text() {
    let sandbox = Sandbox::new();
    let path = sandbox.config("# ok\n");
    std::fs::write(&path, b"# ok\n\xff\n").unwrap();
    told(&sandbox, "task list").says(2, &["config.toml: line 2 is not UTF-8 text"]);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    told(&sandbox, "task list").says(2, &["cannot read", "config.toml: Is a directory"]).lacks(&["os error"]);
    std::fs::remove_dir(&path).unwrap();
    // No rights would be none of an obstacle to root; going round in circles is one to all.
    std::os::unix::fs::symlink(&path, &path).unwrap();
    told(&sandbox, "task list").says(2, &["cannot read", "config.toml: Too many levels of symbolic links"]);
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    told(&sandbox, "task list").says(2, &["config.toml: it is larger than 1 MiB"]);
}

#[test]
fn two_clusters_are_one_too_many() {
    let sandbox = Sandbox::new();
    told(&sandbox, "--master-addr h:1 --profile a task list").says(2, &["`--master-addr` and `--profile` both name a cluster"]);
    let _path = sandbox.config("[profile.a]\nmaster-addr = 'h:1'\n");
    told(&sandbox, "--profile a --ssl-ca x task list").says(2, &["go with an address", "write the files into the profile"]);
}

#[test]
fn names_that_can_be_none() {
    let sandbox = Sandbox::at(nobody());
    let words = |verb: &str, name: &str| [verb.split(' ').map(str::to_owned).collect(), vec![name.to_owned()]].concat();
    for verb in ["task get", "source get", "ddl-lock list", "member list --name"] {
        told_words(&sandbox, &words(verb, "")).says(2, &["must not be empty"]);
        told_words(&sandbox, &words(verb, "a\nb")).says(2, &["must not contain control characters"]);
        // What was typed need not be typed by hand: it is quoted with care.
        told_words(&sandbox, &words(verb, "a\u{1b}[31mb\u{7}\u{202e}")).says(2, &["control characters", "\\u{7}\\u{202e}"]);
        told_words(&sandbox, &words(verb, &"x".repeat(300))).says(2, &["at most", "this one has 300"]);
    }
    told_words(&sandbox, &words("source get", &"x".repeat(33))).says(2, &["at most 32 bytes, this one has 33"]);
    told(&sandbox, "task list --source ''").says(2, &["must not be empty"]);
}

#[test]
fn a_name_stays_one_part_of_a_path() {
    let address = dm(|path| json("400 Bad Request", &format!(r#"{{"error_msg":"asked for {path}"}}"#)));
    let sandbox = Sandbox::at(&address);
    // DM unescapes a name twice.
    for (name, path) in [
        ("a/b", "a%252Fb"),
        ("../x?y#z", "..%252Fx%253Fy%2523z"),
        ("ü %2e", "%25C3%25BC%2520%25252e"),
        ("a+b", "a%252Bb"),
        (".", "%252E"),
        ("..", "%252E%252E"),
    ] {
        told(&sandbox, &format!("source get '{name}'")).says(1, &[&format!("error: asked for /api/v1/sources/{path}\n")]);
    }
}

#[test]
fn a_task_file_is_wrong_in_many_ways() {
    let sandbox = Sandbox::at(nobody());
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    std::fs::File::create(sandbox.path("sparse.yaml")).unwrap().set_len(100 << 20).unwrap();
    for (name, text) in [
        ("empty.yaml", b" \n".to_vec()),
        ("latin.yaml", b"a: 1\nb: \xff\n".to_vec()),
        ("deep.yaml", format!("a: {}", "[".repeat(100_000)).into_bytes()),
        ("twice.yaml", b"name: a\nname: b\n".to_vec()),
        ("loop.yaml", b"routes: &a [*a]\n".to_vec()),
        ("several.yaml", b"name: a\n---\nname: b\n".to_vec()),
        ("hostile.yaml", "name: [\u{202e}\u{1b}]0;x\u{7}\n".as_bytes().to_vec()),
    ] {
        let _path = sandbox.file(name, text);
    }
    for (file, words) in [
        ("gone.yaml", &["cannot read gone.yaml: No such file or directory", "starts at the current folder"][..]),
        ("folder", &["folder is a folder, not a file"]),
        ("empty.yaml", &["empty.yaml is empty"]),
        ("latin.yaml", &["latin.yaml:2: the file is not UTF-8 text"]),
        ("sparse.yaml", &["sparse.yaml is larger than 4 MiB"]),
        ("/dev/zero", &["/dev/zero is larger than 4 MiB"]),
        ("deep.yaml", &["deep.yaml:1:", "nested deeper"]),
        ("twice.yaml", &["twice.yaml:2:1: not valid YAML", "the key `name` is written twice"]),
        ("loop.yaml", &["loop.yaml:1:", "an alias stands inside of what it names"]),
        ("several.yaml", &["several.yaml:3:1: not valid YAML", "a second document begins here, and a file has one"]),
        ("hostile.yaml", &["hostile.yaml:"]),
    ] {
        told(&sandbox, &format!("task check {file}")).says(2, words).lacks(&["os error", "<input>"]);
    }
}

#[test]
fn a_task_file_that_unfolds_without_end() {
    let sandbox = Sandbox::at(nobody());
    let bomb = (1..10).fold("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, n| {
        text + &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","))
    });
    let _path = sandbox.file("bomb.yaml", bomb);
    let output = sandbox.run("task check bomb.yaml");
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.starts_with("error: bomb.yaml:6:14: not valid YAML\n  cause: its aliases unfold to more than"),
        "{output:?}"
    );
}

#[test]
fn a_task_file_that_is_no_yaml_shows_the_place() {
    let sandbox = Sandbox::at(nobody());
    let _path = sandbox.file("task.yaml", "name: task-1\n\"日本語\": full: all\n");
    told(&sandbox, "task check task.yaml").says(2, &["task.yaml:2:12: not valid YAML"]).reads("file_no_yaml", "-");
}

/// Runs a line that may have so much memory, all in all.
fn within(megabytes: u32, sandbox: &Sandbox, line: &str) -> Output {
    let inner = sandbox.command();
    let output = Command::new("/bin/sh")
        .args(["-c", &format!("ulimit -v {}; exec \"$0\" \"$@\"", megabytes << 10)])
        .arg(inner.get_program())
        .args(shlex::split(line).unwrap())
        .env_clear()
        .envs(inner.get_envs().filter_map(|(key, value)| Some((key, value?))))
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().expect("it was not killed"),
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_huge_does_not_fill_the_memory() {
    // A reader of everything would need all of these bytes, and more while it grows.
    const LIMIT: u32 = 250;
    let endless = |start: &'static [u8]| {
        listen(move |mut stream| {
            use std::io::Write as _;
            let head = crate::rogue_server::head(&mut stream);
            if head.contains(" /status ") {
                return crate::rogue_server::say(stream, &page("200 OK", "text/plain", crate::rogue_server::VERSION));
            }
            let chunk = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
            let mut written = stream.write_all(start);
            while written.is_ok() {
                written = stream.write_all(&chunk);
            }
        })
    };
    let good = endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    let bad = endless(b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    let page = endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
    let garbage = endless(b"");
    for (address, line, code, words) in [
        (&good, "source get s", 1, "its answer is larger than 64 MiB"),
        (&bad, "source get s", 1, "its answer is larger than 1 MiB"),
        (&page, "source get s", 3, "it answers with a web page"),
        (&garbage, "source get s", 3, ""),
        (&garbage, "member list", 3, ""),
        (&good, "task check /dev/zero", 2, "larger than 4 MiB"),
        (&good, "--ssl-ca /dev/zero member list", 2, "larger than 1 MiB"),
    ] {
        let output = within(LIMIT, &Sandbox::at(address), line);
        assert!(output.code == code && output.stderr.contains(words), "{line}: {output:?}");
    }
}
