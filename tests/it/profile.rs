//! Profiles: what they are shown as, what they make of a line, and what is wrong with them.

use std::os::unix::fs::PermissionsExt as _;

use crate::cluster::Cluster;
use crate::harness::{Sandbox, snapshot};
use crate::lines_change::usual;
use crate::pty::{CTRL_D, Kind, Terminal};
use crate::rogue_server::told;

const CONFIG: &str = "default-profile = 'staging'

[profile.staging]
master-addr = '127.0.0.1:8261'

[profile.production]
master-addr = ['10.0.0.21:8261', '10.0.0.22:8261,10.0.0.23:8261']
ssl-ca = 'tls/ca.pem'
ssl-cert = 'tls/client.pem'
ssl-key = '/etc/dmctl/key.pem'
production = true
format = 'JSON'
color = 'never'
verbose = true
wait-timeout = '2m'

[profile.look]
master-addr = 'h:1'
read-only = true
";

#[test]
fn profiles_are_shown() {
    let sandbox = Sandbox::new();
    let mut page = String::new();
    let mut run = |line: &str, code: i32| {
        let output = sandbox.run(line);
        assert_eq!(output.code, code, "{line}: {}", output.stderr);
        let piped = sandbox.pipe("", line);
        assert!(piped.stdout == output.stdout && piped.stderr.starts_with(&output.stderr), "{line}");
        page.push_str(&format!("$ dmctl {line}\n{}{}\n", output.stdout, output.stderr));
    };
    run("profile list", 0);
    run("profile show a", 2);
    let _config = sandbox.config(CONFIG);
    for line in ["profile list", "profile list --format json", "PROFILE list --format yaml"] {
        run(line, 0);
    }
    for line in ["profile show staging", "profile show production", "profile show production --format json"] {
        run(line, 0);
    }
    run("profile show nope", 2);
    snapshot("profile", &sandbox.steady(&page, &[]));
}

/// A profile of a live cluster, with more of its keys.
fn of(cluster: &Cluster, keys: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let _config = sandbox.config(&format!("default-profile = 'here'\n[profile.here]\nmaster-addr = '{}'\n{keys}", cluster.address));
    sandbox
}

#[test]
fn defaults_are_those_of_the_profile_until_a_line_says_otherwise() {
    let cluster = Cluster::start(usual());
    let sandbox = of(&cluster, "format = 'json'\nverbose = true\n");
    let output = sandbox.run("task list");
    assert!(output.stdout.starts_with("{\"items\"") && output.stderr.contains("call: "), "{}{}", output.stdout, output.stderr);
    assert!(sandbox.run("task list --format text").stdout.starts_with("NAME"));
    assert!(sandbox.run("--profile here task get nope").stderr.contains("{\"error\""));
    // An address has no profile.
    let output = sandbox.run(&format!("--master-addr {} task list", cluster.address));
    assert!(output.stdout.starts_with("NAME") && output.stderr.is_empty(), "{}", output.stdout);
    let elsewhere = sandbox.with("DM_MASTER_ADDR", &cluster.address);
    assert!(elsewhere.run("task list").stdout.starts_with("NAME"));
}

#[test]
fn a_wait_has_the_length_of_the_profile() {
    // It never comes to run.
    let cluster = Cluster::start(usual());
    let sandbox = of(&cluster, "wait-timeout = '1ms'\n");
    let output = sandbox.run("task status task-4 --wait running");
    assert_eq!(output.code, 124, "{}", output.stderr);
    assert_eq!(sandbox.run("task status task-1 --wait running").code, 0);
    assert_eq!(sandbox.run("task start task-1 --no-wait").code, 0);
}

#[test]
fn a_production_cluster_wants_names_typed_in_a_session() {
    let cluster = Cluster::start(usual());
    let sandbox = of(&cluster, "production = true\n");
    let mut terminal = Terminal::session(&sandbox, "", Kind { columns: 110, ..Kind::USUAL });
    terminal.shows("dm@here (production)");
    assert!(terminal.raw().contains("\u{1b}[1;31mdm@here (production)"), "{}", terminal.painted());
    terminal.press("task delete task-4 --yes\r");
    terminal.shows("type `task-4` to go on:");
    terminal.press("no\r");
    terminal.shows("something else was typed");
    assert!(cluster.changes().is_empty());
    terminal.ends_with("dm@here (production) 1 running 1 failed >");
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
    // A script has nobody to ask.
    assert_eq!(sandbox.run("task delete task-4 --yes").code, 0);
}

#[test]
fn a_key_that_others_can_read_is_told() {
    let cluster = Cluster::start(usual());
    let sandbox = Sandbox::at(&cluster.address);
    let certificate = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let ca = sandbox.file("ca.pem", certificate.cert.pem());
    let key = sandbox.file("my key.pem", certificate.signing_key.serialize_pem());
    let line = format!("task list --ssl-ca {0} --ssl-cert {0} --ssl-key '{1}'", ca.display(), key.display());
    let mode = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    let note = "note: others than you can read the private key";
    let output = sandbox.run(&line);
    assert!(output.stderr.contains(note) && output.stderr.contains("`chmod 600 '"), "{}", output.stderr);
    assert!(sandbox.run(&format!("{line} --format json")).stderr.contains("{\"note\":\"others than you"));
    mode(0o600);
    assert!(!sandbox.run(&line).stderr.contains(note));
}

#[test]
fn what_is_wrong_with_a_profile_is_told_at_its_line() {
    for (text, words) in [
        (
            "[profile.a]\nmaster-adr = 'h:1'\n",
            &["config.toml:2:1: unknown field `master-adr`", "hint: `master-addr` is the nearest"][..],
        ),
        ("[profile.a]\nmaster-addr = 'h:1'\nformt = 'json'\n", &["config.toml:3:1", "hint: `format` is the nearest"]),
        ("[session]\nedit-mod = 'vi'\n", &["config.toml:2:1", "hint: `edit-mode` is the nearest"]),
        ("[profile.a]\nmaster-addr = 'h:1'\nyes = true\n", &["config.toml:3:1", "hint: `--yes` is never a default"]),
        ("[profile.a]\nmaster-addr = 'h:1'\nformat = 'xml'\n", &["config.toml:3:10: `xml` is none of `text`, `json`, `yaml`"]),
        ("[profile.a]\nmaster-addr = 'h:1'\nwait-timeout = 'soon'\n", &["config.toml:3:16"]),
        ("[profile.a]\nmaster-addr = 'h:1'\nwait-timeout = '-1s'\n", &["config.toml:3:16: must not be negative"]),
        ("[profile.a]\nmaster-addr = 'h:1'\nproduction = 'yes'\n", &["config.toml:3:14"]),
    ] {
        let sandbox = Sandbox::new();
        let _config = sandbox.config(text);
        told(&sandbox, "--profile a task list").says(2, words);
        told(&sandbox, "profile list").says(2, words);
    }
}
