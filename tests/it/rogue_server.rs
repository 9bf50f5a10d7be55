//! Servers that are no DM, or a DM gone wrong, and what a user must be told about them.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use crate::harness::{Sandbox, snapshot};

/// Listens on loopback and hands each connection to `talk`, on a thread of its own. It ends with the tests.
pub fn listen(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(stream));
        }
    });
    address
}

/// An address where nobody listens, nor will: the port is taken, by a socket that never does.
pub fn nobody() -> String {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    std::mem::forget(socket);
    address
}

/// Reads the head of an HTTP request (the preface of HTTP/2 looks like one), without what follows it.
pub fn head(stream: &mut impl std::io::Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Writes all of it, hangs up, and waits until the other side has done the same: hanging up on unread bytes would reset the connection,
/// and take back what was written.
pub fn say(mut stream: TcpStream, bytes: &[u8]) {
    let _gone = stream.write_all(bytes);
    let _gone = stream.shutdown(std::net::Shutdown::Write);
    let _rest = std::io::copy(&mut stream, &mut std::io::sink());
}

/// Answers every request, also HTTP/2, by its path.
pub fn http(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> String {
    listen(move |mut stream| {
        let head = head(&mut stream);
        if let Some(path) = head.split_whitespace().nth(1) {
            say(stream, &answer(path));
        }
    })
}

/// A DM whose REST API answers every request so. It has a version page, and hangs up on gRPC.
pub fn dm(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> String {
    http(move |path| match path {
        "/status" => page("200 OK", "text/plain", VERSION),
        "*" => Vec::new(),
        path => answer(path),
    })
}

pub const VERSION: &str = "Release Version: v8.5.0\nGit Commit Hash: None\n";

/// An HTTP answer.
pub fn page(status: &str, kind: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len())
            .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// An HTTP answer in JSON.
pub fn json(status: &str, body: &str) -> Vec<u8> {
    page(status, "application/json; charset=utf-8", body)
}

/// Speaks HTTP/2 and answers each request with frames, made for its stream. Over HTTP/1 it shows a version page.
pub fn http2(frames: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) -> String {
    both(|_| page("200 OK", "text/plain", VERSION), frames)
}

/// Answers HTTP/1 by the path, with a version page of its own, and HTTP/2 with frames.
pub fn both(
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    frames: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
) -> String {
    listen(move |mut stream| {
        let head = head(&mut stream);
        if !head.starts_with("PRI") {
            return match head.split_whitespace().nth(1) {
                Some("/status") => say(stream, &page("200 OK", "text/plain", VERSION)),
                Some(path) => say(stream, &answer(path)),
                None => {}
            };
        }
        let mut rest = [0; 6];
        if stream.read_exact(&mut rest).is_err() || stream.write_all(&frame(SETTINGS, 0, 0, &[])).is_err() {
            return;
        }
        let mut start = [0; 9];
        while stream.read_exact(&mut start).is_ok() {
            let length = u32::from_be_bytes([0, start[0], start[1], start[2]]) as usize;
            let id = u32::from_be_bytes([start[5], start[6], start[7], start[8]]);
            let mut payload = vec![0; length];
            if stream.read_exact(&mut payload).is_err() {
                return;
            }
            let answer = match (start[3], start[4]) {
                (SETTINGS, 0) => frame(SETTINGS, ACK, 0, &[]),
                (HEADERS, _) => frames(id),
                _ => continue,
            };
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    })
}

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A frame of HTTP/2.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// Headers of HTTP/2, spelt out; `:status` 200 comes first where it is wanted.
pub fn headers(status: bool, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = if status { vec![0x88] } else { Vec::new() };
    for (key, value) in fields {
        bytes.push(0);
        for text in [key, value] {
            assert!(text.len() < 127, "one byte of length");
            bytes.push(u8::try_from(text.len()).unwrap());
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    bytes
}

/// A whole gRPC answer: a message, and that all is well.
pub fn message(stream: u32, bytes: &[u8]) -> Vec<u8> {
    let mut data = vec![0];
    data.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    data.extend_from_slice(bytes);
    let mut all = frame(HEADERS, END_HEADERS, stream, &headers(true, &[("content-type", "application/grpc")]));
    all.extend(frame(DATA, 0, stream, &data));
    all.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &headers(false, &[("grpc-status", "0")])));
    all
}

/// A gRPC answer that is a refusal and nothing else.
pub fn trailers(stream: u32, code: &str, text: &str) -> Vec<u8> {
    let fields = [("content-type", "application/grpc"), ("grpc-status", code), ("grpc-message", text)];
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &headers(true, &fields))
}

/// How a line failed, in both formats.
#[must_use]
pub struct Told {
    pub code: i32,
    /// What a person reads.
    pub text: String,
    /// What a script reads below `error`.
    pub error: serde_json::Value,
}

/// Runs a line that must fail, for a person and for a script, and sees that both are told the same, and nothing that a terminal obeys.
pub fn told(sandbox: &Sandbox, line: &str) -> Told {
    told_words(sandbox, &shlex::split(line).unwrap())
}

/// The same with the words as they are.
pub fn told_words(sandbox: &Sandbox, words: &[String]) -> Told {
    let mut scripted = vec!["--format".to_owned(), "json".to_owned()];
    scripted.extend_from_slice(words);
    let (person, script) = thread::scope(|scope| {
        let script = scope.spawn(|| sandbox.run_words(&scripted));
        (sandbox.run_words(words), script.join().unwrap())
    });
    let what = format!("{words:?}:\n{}{}", person.stderr, script.stderr);
    assert_eq!((person.stdout.as_str(), script.stdout.as_str()), ("", ""), "{what}");
    assert_eq!(person.code, script.code, "{what}");
    assert!(!person.stderr.contains("panicked"), "{what}");
    for shown in [&person.stderr, &script.stderr] {
        assert!(!shown.contains(|c| dmctl::output::clean::is_hostile(c) && c != '\n'), "{shown:?}");
        assert!(shown.len() < 20_000, "{what}");
    }
    assert_eq!(script.stderr.matches('\n').count(), 1, "{what}");
    let error = serde_json::from_str::<serde_json::Value>(&script.stderr).unwrap()["error"].take();
    assert!(error["message"].as_str().is_some_and(|message| !message.trim().is_empty() && !message.ends_with('.')), "{what}");
    // What is quoted of a hostile text looks different in the two.
    let first = error["message"].as_str().unwrap().split(dmctl::output::clean::is_hostile).next().unwrap().to_owned();
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat(&person.stderr).contains(&flat(&first)), "{what}");
    Told { code: person.code, text: person.stderr, error }
}

impl Told {
    /// Its exit code, and words that it has.
    pub fn says(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{}", self.text);
        for word in words {
            assert!(self.text.contains(word), "no {word:?} in:\n{}", self.text);
        }
        self
    }

    /// Words that it does not have.
    pub fn lacks(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(!self.text.contains(word), "{word:?} in:\n{}", self.text);
        }
        self
    }

    /// Its text is that of a snapshot, with the address left out.
    pub fn reads(&self, name: &str, master: &str) -> &Self {
        snapshot(name, &format!("{}exit code {}\n", self.text.replace(master, "$MASTER"), self.code));
        self
    }
}
