//! What a user is told when TLS does not come about, over both protocols.

use std::fmt::Write as _;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::harness::{Sandbox, snapshot};
use crate::rogue_server::{VERSION, head, http, json, listen, nobody, page, say, told};

pub type Authority = CertifiedIssuer<'static, KeyPair>;

const BOTH: [&str; 2] = ["member list", "source get s"];

pub fn authority() -> Authority {
    named("the CA of the cluster")
}

pub fn named(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key, in PEM.
pub struct Identity {
    pub cert: String,
    pub key: String,
}

pub fn identity(ca: &Authority, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    Identity { cert: params.signed_by(&key, ca).unwrap().pem(), key: key.serialize_pem() }
}

pub fn good(ca: &Authority) -> Identity {
    identity(ca, &["127.0.0.1"], |_| {})
}

/// A master behind TLS that answers each REST request with a refusal of DM's. `clients` says whose certificates it wants to see.
fn master(own: &Identity, clients: Option<&Authority>, versions: &[&'static SupportedProtocolVersion]) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            roots.add(ca.as_ref().der().clone()).unwrap();
            builder
                .with_client_cert_verifier(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap())
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(own.cert.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    let config = Arc::new(config);
    listen(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
        let head = head(&mut stream);
        let answer = match head.split_whitespace().nth(1) {
            Some("/status") => page("200 OK", "text/plain", VERSION),
            Some("*") => Vec::new(),
            // The handshake failed; rustls has said why.
            None => return,
            Some(_) => json("400 Bad Request", r#"{"error_msg":"it got through"}"#),
        };
        let _gone = std::io::Write::write_all(&mut stream, &answer);
        stream.conn.send_close_notify();
        let _gone = std::io::Write::flush(&mut stream);
        let _rest = std::io::copy(&mut stream.sock, &mut std::io::sink());
    })
}

/// Where a master listens that takes nothing but TLS.
pub fn speaking_tls_only() -> String {
    let ca = authority();
    master(&good(&ca), Some(&ca), ANY)
}

const ANY: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];

/// A sandbox for a master, with files to name.
fn sandbox(address: &str, ca: &Authority, client: Option<&Identity>) -> (Sandbox, &'static str) {
    let sandbox = Sandbox::at(address);
    let _path = sandbox.file("ca.pem", ca.as_ref().pem());
    let Some(client) = client else { return (sandbox, "--ssl-ca ca.pem") };
    let _path = sandbox.file("cert.pem", &client.cert);
    let _path = sandbox.file("key.pem", &client.key);
    (sandbox, "--ssl-ca ca.pem --ssl-cert cert.pem --ssl-key key.pem")
}

#[test]
fn with_the_right_files_it_gets_through() {
    let ca = authority();
    let (server, client) = (good(&ca), identity(&ca, &["me"], |_| {}));
    for version in ANY {
        let address = master(&server, Some(&ca), &[*version]);
        let (sandbox, files) = sandbox(&address, &ca, Some(&client));
        told(&sandbox, &format!("{files} source get s")).says(1, &["error: it got through\n"]);
    }
}

#[test]
fn plain_where_tls_is_spoken() {
    let ca = authority();
    for clients in [None, Some(&ca)] {
        let address = master(&good(&ca), clients, ANY);
        for line in BOTH {
            let plain = Sandbox::at(&address);
            told(&plain, line)
                .says(3, &["it speaks TLS only, and TLS was not asked for", "give `--ssl-ca`"])
                .reads("tls_wanted", &address);
            // The scheme alone is no trust.
            let line = format!("--master-addr https://{address} {line}");
            told(&Sandbox::new(), &line).says(3, &["it speaks TLS only"]);
        }
    }
    // The Go of other servers says it in words.
    let go = http(|path| match path {
        "*" => Vec::new(),
        _ => page("400 Bad Request", "text/plain", "Client sent an HTTP request to an HTTPS server.\n"),
    });
    told(&Sandbox::at(&go), "source get s").says(3, &["it broke the connection off"]);
}

#[test]
fn tls_where_plain_is_spoken() {
    let ca = authority();
    // A DM master hangs up on the greeting, others answer it in plain.
    let hangs_up_on_tls = listen(|mut stream| {
        let mut first = [0];
        if stream.peek(&mut first).is_ok_and(|count| count == 1) && first[0] != 0x16 {
            let _request = head(&mut stream);
            say(stream, &page("200 OK", "text/plain", VERSION));
        }
    });
    let answers_in_plain = listen(|stream| say(stream, &page("400 Bad Request", "text/plain", "")));
    for address in [&hangs_up_on_tls, &answers_in_plain] {
        let (sandbox, files) = sandbox(address, &ca, None);
        for line in BOTH {
            let told = told(&sandbox, &format!("{files} {line}"));
            told.says(3, &["it does not speak TLS, and TLS was asked for", "leave out"]).reads("tls_not_spoken", address);
        }
    }
    let (dead, hangs_up) = (nobody(), listen(drop));
    for (address, said) in [(&dead, "connection refused"), (&hangs_up, "it broke the connection off")] {
        let (sandbox, files) = sandbox(address, &ca, None);
        told(&sandbox, &format!("{files} member list")).says(3, &[said]);
    }
}

#[test]
fn certificates_of_a_master_that_are_not_accepted() {
    let (ca, renewed, other) = (authority(), authority(), named("another CA"));
    let expired = identity(&ca, &["127.0.0.1"], |params| params.not_after = date_time_ymd(2001, 2, 3));
    let early = identity(&ca, &["127.0.0.1"], |params| params.not_before = date_time_ymd(2500, 2, 3));
    let elsewhere = identity(&ca, &["dm.example", "10.0.0.1"], |_| {});
    for (name, server, words) in [
        ("expired", &expired, &["its certificate has expired, by ", " days", "renew the master's certificate"][..]),
        ("early", &early, &["its certificate is not valid yet, by ", "check the clocks"]),
        ("elsewhere", &elsewhere, &["made out to `dm.example`, `10.0.0.1`, not to `127.0.0.1`", "use an address"]),
        ("renewed", &good(&renewed), &["signed by another CA, which has the same name as the one in `--ssl-ca`", "give the CA"]),
        ("stranger", &good(&other), &["its certificate is not signed by the CA in `--ssl-ca`", "give the CA"]),
    ] {
        let address = master(server, None, ANY);
        let (sandbox, files) = sandbox(&address, &ca, None);
        for line in BOTH {
            let told = told(&sandbox, &format!("{files} {line}"));
            told.says(3, &["no master could be reached"]).says(3, words);
            if server.cert != expired.cert && server.cert != early.cert {
                told.reads(&format!("tls_{name}"), &address);
            }
        }
    }
}

#[test]
fn certificates_of_ours_that_are_wanted_or_not_accepted() {
    let (ca, other) = (authority(), named("another CA"));
    let server = good(&ca);
    let stranger = identity(&other, &["me"], |_| {});
    let expired = identity(&ca, &["me"], |params| params.not_after = date_time_ymd(2001, 2, 3));
    for version in ANY {
        let address = master(&server, Some(&ca), &[*version]);
        for (client, words) in [
            (None, &["it wants a client certificate", "give `--ssl-cert` and `--ssl-key`"][..]),
            (Some(&stranger), &["it did not accept the certificate in `--ssl-cert`", "the masters' `ssl-ca`"]),
            (Some(&expired), &["it did not accept the certificate in `--ssl-cert`: it has expired"]),
        ] {
            let (sandbox, files) = sandbox(&address, &ca, client);
            for line in BOTH {
                let told = told(&sandbox, &format!("{files} {line}"));
                told.says(3, &["no master could be reached"]).says(3, words);
                if client.is_none() {
                    told.reads("tls_client_certificate", &address);
                }
            }
        }
    }
}

#[test]
fn files_that_do_not_hold_what_they_should() {
    let ca = authority();
    let (own, other) = (good(&ca), good(&ca));
    let sandbox = Sandbox::at(nobody());
    let encrypted = own.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    for (name, text) in [
        ("ca.pem", ca.as_ref().pem().into_bytes()),
        ("cert.pem", own.cert.clone().into_bytes()),
        ("key.pem", own.key.clone().into_bytes()),
        ("other.pem", other.key.into_bytes()),
        ("encrypted.pem", encrypted.into_bytes()),
        ("old.pem", old.as_bytes().to_vec()),
        ("empty.pem", Vec::new()),
        ("text.pem", b"hello \x1b[31m\n".to_vec()),
        ("der.pem", ca.as_ref().der().to_vec()),
        ("broken.pem", b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n".to_vec()),
        ("nonsense.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec()),
    ] {
        let _path = sandbox.file(name, text);
    }
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    let mut page = String::new();
    for (files, words) in [
        ("--ssl-ca gone.pem", &["cannot read gone.pem (`ssl-ca`): No such file or directory\n"][..]),
        ("--ssl-ca folder", &["cannot read folder (`ssl-ca`): Is a directory\n"]),
        ("--ssl-ca empty.pem", &["empty.pem (`ssl-ca`) holds no certificate in PEM form: it is empty"]),
        ("--ssl-ca text.pem", &["there is no `-----BEGIN` line in it"]),
        ("--ssl-ca der.pem", &["DER"]),
        ("--ssl-ca key.pem", &["key.pem (`ssl-ca`) holds no certificate in PEM form: it holds `PRIVATE KEY`"]),
        ("--ssl-ca broken.pem", &["damaged"]),
        ("--ssl-ca nonsense.pem", &["holds no usable certificate"]),
        ("--ssl-ca ca.pem --ssl-cert cert.pem", &["`--ssl-cert` and `--ssl-key` go together"]),
        ("--ssl-ca ca.pem --ssl-key key.pem", &["`--ssl-cert` and `--ssl-key` go together"]),
        ("--ssl-cert cert.pem --ssl-key key.pem", &["`--ssl-cert` needs `--ssl-ca`"]),
        ("--ssl-ca ca.pem --ssl-cert cert.pem --ssl-key other.pem", &["the key does not belong to the certificate"]),
        ("--ssl-ca ca.pem --ssl-cert key.pem --ssl-key cert.pem", &["key.pem (`ssl-cert`) holds no certificate"]),
        ("--ssl-ca ca.pem --ssl-cert cert.pem --ssl-key cert.pem", &["holds no private key in PEM form: it holds `CERTIFICATE`"]),
        ("--ssl-ca ca.pem --ssl-cert cert.pem --ssl-key encrypted.pem", &["is encrypted", "openssl pkey -in encrypted.pem"]),
        ("--ssl-ca ca.pem --ssl-cert cert.pem --ssl-key old.pem", &["is encrypted"]),
        ("--ssl-ca ca.pem --ssl-cert cert.pem --ssl-key gone.pem", &["cannot read gone.pem (`ssl-key`)"]),
    ] {
        let told = told(&sandbox, &format!("{files} member list"));
        told.says(2, words).lacks(&["os error"]);
        write!(page, "$ dmctl {files} member list\n{}", told.text).unwrap();
    }
    snapshot("tls_files", &page);
}
