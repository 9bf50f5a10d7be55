//! A server that others than its own user may reach: who gets in over TLS, and what `serve` refuses to do.

use crate::harness::Sandbox;
use crate::pty::{CTRL_D, Kind, Terminal};
use crate::rogue_server::{nobody, told};
use crate::serving::Serving;
use crate::tls::{authority, good, identity, named};

/// One line over gRPC, and one over REST.
const BOTH: [&str; 2] = ["member list --role worker", "source enable nope"];

#[test]
fn certificates_decide_who_gets_in() {
    let (ca, other) = (authority(), named("another CA"));
    let own = identity(&ca, &["127.0.0.2"], |_| {});
    let (client, stranger) = (good(&ca), good(&other));
    let sandbox = Sandbox::new();
    for (name, text) in [
        ("ca.pem", ca.as_ref().pem()),
        ("other.pem", other.as_ref().pem()),
        ("own.pem", own.cert),
        ("own-key.pem", own.key),
        ("client.pem", client.cert),
        ("client-key.pem", client.key),
        ("stranger.pem", stranger.cert),
        ("stranger-key.pem", stranger.key),
    ] {
        let _path = sandbox.file(name, text);
    }
    let serving = Serving::start(&sandbox, "--ssl-ca ca.pem --ssl-cert own.pem --ssl-key own-key.pem --addr 127.0.0.2:0");
    let with = |files: &str, line: &str| format!("--master-addr {} {files} {line}", serving.address);
    for line in BOTH {
        for (files, words) in [
            ("", &["it speaks TLS only, and TLS was not asked for", "give `--ssl-ca`"][..]),
            ("--ssl-ca ca.pem", &["certificate", "give `--ssl-cert` and `--ssl-key`"]),
            ("--ssl-ca ca.pem --ssl-cert stranger.pem --ssl-key stranger-key.pem", &["certificate"]),
            ("--ssl-ca other.pem --ssl-cert client.pem --ssl-key client-key.pem", &["not signed by the CA in `--ssl-ca`"]),
        ] {
            told(&sandbox, &with(files, line)).says(3, words);
        }
    }
    let files = "--ssl-ca ca.pem --ssl-cert client.pem --ssl-key client-key.pem";
    let members = sandbox.run(&with(files, BOTH[0]));
    assert_eq!((members.code, members.stdout.lines().count()), (0, 5), "{members:?}");
    told(&sandbox, &with(files, BOTH[1])).says(1, &["source `nope` does not exist"]);
}

#[test]
fn a_session_takes_up_a_certificate_that_was_renewed() {
    let ca = authority();
    let own = identity(&ca, &["127.0.0.3"], |_| {});
    let old = identity(&ca, &["me"], |params| params.not_after = rcgen::date_time_ymd(2001, 2, 3));
    let sandbox = Sandbox::new();
    for (name, text) in [("ca.pem", ca.as_ref().pem()), ("own.pem", own.cert), ("own-key.pem", own.key)] {
        let _path = sandbox.file(name, text);
    }
    let put = |identity: &crate::tls::Identity| {
        let _paths = (sandbox.file("client.pem", &identity.cert), sandbox.file("key.pem", &identity.key));
    };
    put(&old);
    let serving = Serving::start(&sandbox, "--ssl-ca ca.pem --ssl-cert own.pem --ssl-key own-key.pem --addr 127.0.0.3:0");
    let files = format!("--color never --master-addr {} --ssl-ca ca.pem --ssl-cert client.pem --ssl-key key.pem", serving.address);
    let mut terminal = Terminal::session(&sandbox, &files, Kind { columns: 150, ..Kind::USUAL });
    terminal.shows("the cluster does not answer: ");
    terminal.shows("it did not accept the certificate in `--ssl-cert`: it has expired");
    terminal.shows("no answer >");
    let raw = terminal.submit("member list --role worker\r");
    assert!(raw.contains("error: no master could be reached") && raw.contains("it has expired"), "{raw}");
    put(&good(&ca));
    let raw = terminal.submit("member list --role worker\r");
    assert!(raw.contains("worker1"), "{raw}");
    terminal.shows("0 running >");
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn serve_refuses_what_would_let_strangers_in() {
    let ca = authority();
    let (own, other) = (good(&ca), good(&ca));
    let sandbox = Sandbox::new();
    for (name, text) in [("ca.pem", ca.as_ref().pem()), ("own.pem", own.cert), ("key.pem", own.key), ("other.pem", other.key)] {
        let _path = sandbox.file(name, text);
    }
    let free = nobody();
    let files = "--ssl-ca ca.pem --ssl-cert own.pem --ssl-key key.pem";
    for (words, said) in [
        ("--addr 0.0.0.0:0", "0.0.0.0:0 can be reached from other machines, and needs TLS with client certificates"),
        ("--addr [::]:0", "[::]:0 can be reached from other machines"),
        ("--addr 0.0.0.0:0 --no-token", "can be reached from other machines"),
        (&format!("--addr {free} --no-token {files}"), "`--no-token` is for a server without TLS"),
        (&format!("--addr {free} --ssl-ca ca.pem"), "TLS of a server needs `--ssl-ca`, `--ssl-cert` and `--ssl-key`"),
        (&format!("--addr {free} --ssl-ca gone.pem --ssl-cert own.pem --ssl-key key.pem"), "cannot read gone.pem"),
        (&format!("--addr {free} --ssl-ca key.pem --ssl-cert own.pem --ssl-key key.pem"), "the CA can't be used"),
        (&format!("--addr {free} --ssl-ca ca.pem --ssl-cert own.pem --ssl-key other.pem"), "the certificates can't be used"),
        ("--addr nowhere", "invalid value 'nowhere' for '--addr <ADDRESS>'"),
    ] {
        told(&sandbox, &format!("serve --data-dir data {words}")).says(2, &[said]);
    }
    assert!(!sandbox.path("data").exists(), "nothing was begun");
}

#[test]
fn only_its_user_finds_the_token_of_a_server() {
    let sandbox = Sandbox::new();
    let serving = Serving::start(&sandbox, "");
    // Found by its note, by its address, and not at all by somebody who has no note.
    for line in ["member list", &format!("--master-addr {} member list", serving.address)] {
        assert_eq!(sandbox.run(line).code, 0, "{line}");
    }
    let stranger = Sandbox::at(&serving.address);
    for line in BOTH {
        told(&stranger, line).says(1, &["the token of this server is missing or wrong"]);
    }
}
