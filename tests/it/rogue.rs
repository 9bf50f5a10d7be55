//! What a user is told when something else than a healthy DM is at the other end.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use crate::harness::Sandbox;
use crate::rogue_server::{
    DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, both, dm, frame, head, headers, http, http2, json, listen, message, nobody,
    page, say, told, trailers,
};

/// A verb that asks over gRPC first, and one that asks over REST first.
const BOTH: [&str; 2] = ["member list", "source get s"];

#[test]
fn a_master_that_is_not_there() {
    let address = nobody();
    for line in BOTH {
        let told = told(&Sandbox::at(&address), line);
        told.says(3, &["no master could be reached", "connection refused", "check the address", "DM_MASTER_ADDR"]);
        assert_eq!(told.error["kind"], "unreachable");
        told.reads("rogue_nobody", &address);
    }
    told(&Sandbox::new(), "--master-addr nohost.invalid:8261 member list").says(3, &["nohost.invalid:8261: there is no host"]);
}

#[test]
fn an_address_that_is_none() {
    let sandbox = Sandbox::new();
    for address in ["h:65536", "h:0", "h:-1", "h:x"] {
        told(&sandbox, &format!("--master-addr {address} member list")).says(2, &[address, "expected a number from 1 to 65535"]);
    }
    for address in ["h", ":8261", "ftp://h:8261", "h:8261/path:1", "''", "h:1,,i:2"] {
        told(&sandbox, &format!("--master-addr {address} member list")).says(2, &["expected host:port, such as 127.0.0.1:8261"]);
    }
    told(&Sandbox::at("h:1,x"), "member list").says(2, &["DM_MASTER_ADDR: `x` is no address"]);
}

#[test]
fn dead_masters_do_not_keep_the_living_from_answering() {
    let alive = http2(|stream| message(stream, &[8, 1]));
    let (dead, hangs_up) = (nobody(), listen(drop));
    for addresses in [format!("{dead},{hangs_up},{alive}"), format!("{alive},{dead}"), format!("http://{alive}/, https://{dead}")] {
        let output =
            Sandbox::new().with("http_proxy", format!("http://{dead}")).with("DM_MASTER_ADDR", addresses).run("member list");
        assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, "no members\n", ""));
    }
}

#[test]
fn every_dead_master_is_told_of() {
    let (dead, page) = (nobody(), http(|_| page("200 OK", "text/html", "<html>")));
    told(&Sandbox::at(format!("{dead},{page}")), "member list")
        .says(3, &[&format!("{dead}: connection refused"), &format!("{page}: it is no DM master: it answers with a web page")]);
}

#[test]
fn a_web_server_is_no_master() {
    for status in ["200 OK", "404 Not Found", "502 Bad Gateway"] {
        let address = http(move |_| page(status, "text/html; charset=utf-8", "<html><title>Welcome</title>"));
        for line in BOTH {
            told(&Sandbox::at(&address), line)
                .says(3, &["it is no DM master: it answers with a web page", "masters listen on port 8261"])
                .reads("rogue_web_page", &address);
        }
    }
}

#[test]
fn another_interface_is_no_master() {
    let bodies = [
        json("200 OK", r#"{"data":[],"hello":"world"}"#),
        json("400 Bad Request", r#"{"error":"unknown tenant"}"#),
        json("404 Not Found", r#"{"msg":"no route"}"#),
        json("401 Unauthorized", r#"{"error":{"code":401}}"#),
        page("404 Not Found", "text/plain", ""),
        page("404 Not Found", "text/plain", "404 page not found\n"),
        page("503 Service Unavailable", "text/plain", ""),
        page("500 Internal Server Error", "text/plain", ""),
        b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n".to_vec(),
        b"HTTP/1.1 307 Temporary Redirect\r\nConnection: close\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n"
            .to_vec(),
    ];
    for body in bodies {
        let address = http(move |_| body.clone());
        for line in ["member list", "source get s", "source list", "task list"] {
            told(&Sandbox::at(&address), line).says(3, &["it is no DM master"]);
        }
    }
}

#[test]
fn a_database_or_a_shell_server_is_no_master() {
    for (greeting, said) in [
        (&b"\x4a\0\0\0\x0a9.7.4\0\x08\0\0\0abcdefgh\0"[..], "a MySQL or MariaDB server listens there"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "it says `SSH-2.0-OpenSSH_9.2`"),
        (
            b"HTTP/1.1 200 \x1b[31mO\xe2\x80\xaeK\r\nX: \x1b]0;x\x07\r\n\r\n",
            "it answers `HTTP/1.1 200 \\u{1b}[31mO\\u{202e}K` where",
        ),
        (b"\x05\xff\x01\xfe\x80\n\x1b[2J\x9b31m", "it does not speak HTTP"),
        (b"\x1b]0;owned\x07\xe2\x80\xae\n", "it does not speak HTTP"),
    ] {
        let address = listen(move |stream| say(stream, greeting));
        for line in BOTH {
            told(&Sandbox::at(&address), line).says(3, &["it is no DM master", said]);
        }
    }
}

#[test]
fn garbage_is_told_at_once_though_the_line_stays_open() {
    let address = listen(|mut stream| {
        let _gone = stream.write_all(b"welcome to the machine\n");
        let _rest = std::io::copy(&mut stream, &mut std::io::sink());
    });
    told(&Sandbox::at(&address), "member list").says(3, &["it does not speak HTTP, it says `welcome to the machine`"]);
}

#[test]
fn another_grpc_server_is_no_master() {
    let worker = http2(|stream| trailers(stream, "12", "unknown service pb.Master"));
    told(&Sandbox::at(&worker), "member list")
        .says(3, &["a worker, or another part of DM, listens there"])
        .reads("rogue_worker", &worker);
    let stranger = listen(|mut stream| {
        let mut answer = frame(4, 0, 0, &[]);
        answer.extend(trailers(1, "12", "unknown service"));
        if head(&mut stream).starts_with("PRI") {
            say(stream, &answer);
        }
    });
    told(&Sandbox::at(&stranger), "member list").says(3, &["it is no DM master: its gRPC server has no `pb.Master`"]);
}

#[test]
fn a_server_that_hangs_up() {
    let address = listen(drop);
    for line in BOTH {
        told(&Sandbox::at(&address), line).says(3, &["it broke the connection off", "that a master runs there"]);
    }
}

/// These wait for the deadline of a read, so they wait together.
#[test]
fn silence_ends_at_the_deadline() {
    let silent = listen(|mut stream| {
        let _rest = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let slow = listen(drip);
    let dead = nobody();
    let both = format!("{silent}, {slow}");
    let cases = [
        (silent.clone(), BOTH[0], &silent),
        (silent.clone(), BOTH[1], &silent),
        (slow.clone(), BOTH[1], &slow),
        // Who keeps silent is told, not who was asked last.
        (format!("{silent},{dead}"), BOTH[0], &silent),
        (format!("{dead},{silent}"), BOTH[1], &silent),
        (format!("{silent},{slow}"), BOTH[1], &both),
    ];
    thread::scope(|scope| {
        for (addresses, line, who) in &cases {
            let dead = &dead;
            scope.spawn(move || {
                let told = told(&Sandbox::at(addresses), line);
                told.says(3, &[&format!("error: {who} did not answer within 10s\n"), "busy or hanging"]);
                if addresses.contains(dead) {
                    told.says(3, &[&format!("{dead}: connection refused")]);
                }
            });
        }
    });
}

/// A byte a second.
fn drip(mut stream: TcpStream) {
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let _request = head(&mut stream);
    for byte in page("200 OK", "application/json", vec![b' '; 1000]) {
        // Nothing more comes from the other side: reading is how the second passes.
        let hung_up = std::io::Read::read(&mut stream, &mut [0]).is_ok_and(|count| count == 0);
        if hung_up || stream.write_all(&[byte]).is_err() {
            return;
        }
    }
}

#[test]
fn a_cluster_without_a_leader_is_told_from_a_dead_one() {
    let asleep = dm(|_| page("400 Bad Request", "text/plain", ""));
    let lost = http2(|stream| trailers(stream, "2", "[code=38043:class=dm-master], Message: not leader"));
    // Version 6.0 sends on to the leader; this one takes itself for a follower of itself.
    let own = Arc::new(OnceLock::new());
    let known = Arc::clone(&own);
    let circle = dm(move |path| redirect(&format!("http://{}{path}", known.get().unwrap())));
    own.set(circle.clone()).unwrap();
    thread::scope(|scope| {
        for (address, line) in [(&asleep, BOTH[1]), (&lost, BOTH[0]), (&circle, BOTH[1])] {
            scope.spawn(move || {
                told(&Sandbox::at(address), line)
                    .says(3, &["the cluster has no leader at the moment", "more than half of them"])
                    .reads("rogue_no_leader", address);
            });
        }
    });
}

fn redirect(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 307 Temporary Redirect\r\nConnection: close\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
        .into_bytes()
}

#[test]
fn a_redirect_to_a_stranger_is_not_followed() {
    let stranger = dm(|_| json("400 Bad Request", r#"{"error_msg":"the stranger was asked"}"#));
    for location in [format!("http://{stranger}/"), "https://login.example/".to_owned(), "/elsewhere".to_owned(), String::new()] {
        let said = format!("it sends on to `{location}`, where no master of this cluster listens");
        let address = dm(move |_| redirect(&location));
        told(&Sandbox::at(&address), "source get s").says(3, &[&said]);
    }
    // It is followed to a master that was named, too.
    let leader = stranger.clone();
    let follower = dm(move |path| redirect(&format!("http://{leader}{path}")));
    told(&Sandbox::at(format!("{follower},{stranger}")), "source get s").says(1, &["error: the stranger was asked\n"]);
}

#[test]
fn secrets_need_the_rest_api() {
    use dmctl::wire::pb;
    use prost::Message as _;
    let address = both(
        |_| page("404 Not Found", "text/plain; charset=utf-8", "404 page not found\n"),
        |stream| match stream {
            1 => {
                let cfgs = vec!["source-id = 's'\n[to]\nhost = 'h'\n".to_owned()];
                message(stream, &pb::GetSubTaskCfgResponse { result: true, msg: String::new(), cfgs }.encode_to_vec())
            }
            _ => {
                let cfg = "name: t\ntarget-database:\n  password: '******'\n".to_owned();
                message(stream, &pb::GetCfgResponse { result: true, msg: String::new(), cfg }.encode_to_vec())
            }
        },
    );
    let sandbox = Sandbox::at(&address);
    told(&sandbox, "task get t --show-secrets")
        .says(1, &["needs the REST API", "`openapi = true`"])
        .reads("rogue_openapi_off", &address);
    assert_eq!(sandbox.run("task get t").stdout, "name: t\ntarget-database:\n  password: '******'\n");
}

#[test]
fn nothing_at_all_is_an_empty_list_and_a_text_is_none() {
    for line in ["source list", "task list"] {
        let empty = both(|_| json("200 OK", r#"{"total":0,"data":null}"#), |stream| message(stream, &[8, 1]));
        let output = Sandbox::at(&empty).run(line);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{line}");
        let bent = both(|_| json("200 OK", r#"{"total":1,"data":"x"}"#), |stream| message(stream, &[8, 1]));
        told(&Sandbox::at(&bent), line).says(1, &["at `data`: invalid type: string \"x\", expected a sequence"]);
    }
}

#[test]
fn rest_answers_that_are_cut_or_bent() {
    let cut =
        |head: &str, body: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n\r\n{body}").into_bytes();
    let nested = format!("{{\"source_name\":{}", "[".repeat(100_000));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (cut("Content-Length: 100", r#"{"source_name""#), "it broke off after 14 bytes"),
        (cut("Transfer-Encoding: chunked", "5\r\n{\"sou\r\n"), "it broke off after 5 bytes"),
        (page("500 Internal Server Error", "text/plain", ""), "DM failed inside, its log says how"),
        (json("200 OK", ""), "it is empty"),
        (json("200 OK", "null"), "invalid type: null"),
        (json("200 OK", r#"{"source_name":"s","host":"h","port":"x","enable":true}"#), "at `port`: invalid type: string"),
        (json("200 OK", &nested), "at `source_name`"),
        (json("200 OK", "{\"source_name\":\"\\u001b[31m"), "EOF while parsing"),
        (json("400 Bad Request", r#"{"error_msg":["x"]}"#), "without one of DM's error texts"),
        (cut("Content-Length: 100000000", "{"), "its answer is larger than 64 MiB"),
    ];
    for (body, said) in cases {
        let address = dm(move |_| body.clone());
        told(&Sandbox::at(&address), "source get s")
            .says(1, &["answered something that is not understood", said, "try another master"]);
    }
    for status in ["403 Forbidden", "500 Internal Server Error", "302 Found"] {
        let address = dm(move |_| json(status, "{}"));
        told(&Sandbox::at(&address), "source get s").says(3, &[&format!("it answers `{status}`, which a master never does")]);
    }
    let address = dm(|_| json("200 OK", r#"{"source_name":"s","host":"h","port":[3306],"enable":true}"#));
    told(&Sandbox::at(&address), "source get s").says(1, &["invalid type: sequence"]).reads("rogue_malformed", &address);
    // The next master is asked when one can't be understood.
    let whole =
        dm(|_| json("400 Bad Request", r#"{"error_msg":"[code=1:class=c:scope=s:level=l], Message: whole","error_code":1}"#));
    told(&Sandbox::at(format!("{address},{whole}")), "source get s").says(1, &["error: whole", "DM code: 1"]);
}

#[test]
fn every_form_of_a_refusal_is_shown() {
    for (body, said) in [
        (
            r#"{"error_msg":"[code=46008:class=scheduler:scope=internal:level=medium], Message: no \u001b[31msuch\u202e source, Workaround: Look.","error_code":46008}"#,
            &["error: no \\u{1b}[31msuch\\u{202e} source", "DM code: 46008", "workaround: Look"][..],
        ),
        (r#"{"error_msg":"some text%!(EXTRA string=)","error_code":0}"#, &["error: some text\n"]),
        (
            r#"{"error_msg":"bad thing%!(EXTRA string=more, int=3)","error_code":49001}"#,
            &["error: bad thing\n  cause: more, int=3\n"],
        ),
        (r#"{"error_msg":"","error_code":49001}"#, &["DM refused and gave no reason", "49001"]),
        (r#"{"error":"error in openapi3filter.RequestError: x"}"#, &["error: error in openapi3filter"]),
        (r#"{"msg":"Invalid format for parameter source-name: y"}"#, &["error: Invalid format for parameter"]),
    ] {
        let address = dm(move |_| json("400 Bad Request", body));
        told(&Sandbox::at(&address), "source get s").says(1, said).lacks(&["EXTRA"]);
    }
    let address = dm(|_| page("400 Bad Request", "text/html\u{1b}[31m", "\u{1b}]0;x\u{7}"));
    let _safe = told(&Sandbox::at(&address), "source get s");
}

type Frames = fn(u32) -> Vec<u8>;

#[test]
fn grpc_answers_that_are_no_answers() {
    let large = |stream: u32| {
        let mut bytes = frame(HEADERS, END_HEADERS, stream, &headers(true, &[("content-type", "application/grpc")]));
        bytes.extend(frame(DATA, 0, stream, &[0, 0x10, 0, 0, 0, 1]));
        bytes
    };
    told(&Sandbox::at(http2(large)), "member list").says(1, &["its answer is larger than 64 MiB"]);
    let cases: [(Frames, i32, &str); 10] = [
        // ListMember: `result: false` without and with a text.
        (|stream| message(stream, &[8, 0]), 1, "DM refused and gave no reason"),
        (|stream| message(stream, b"\x12\x0cno\x1b[31mthing"), 1, "error: no\\u{1b}[31mthing"),
        (|stream| message(stream, b"\xff\xff\xff"), 1, "its gRPC answer can't be decoded"),
        (|stream| frame(DATA, END_STREAM, stream, b"hello"), 3, "a moment later it was healthy"),
        (|stream| trailers(stream, "7", "not%20today%1B[31m"), 1, "error: not today\\u{1b}[31m"),
        (|stream| trailers(stream, "13", ""), 3, "gRPC status Internal; a moment later"),
        (|stream| trailers(stream, "9", ""), 1, "DM refused and gave no reason"),
        (|stream| trailers(stream, "0", ""), 1, "its gRPC answer can't be decoded"),
        (|stream| frame(RST_STREAM, 0, stream, &2u32.to_be_bytes()), 3, "a moment later it was healthy"),
        (
            |stream| frame(HEADERS, END_HEADERS | END_STREAM, stream, &headers(true, &[("content-type", "text/html")])),
            1,
            "breaks the protocol",
        ),
    ];
    for (frames, code, said) in cases {
        told(&Sandbox::at(http2(frames)), "member list").says(code, &[said]);
    }
}
