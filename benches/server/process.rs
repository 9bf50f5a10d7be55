//! The server that is measured, as a process of its own, and the ways to ask it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dmctl::wire::pb::master_client::MasterClient;
use serde_json::Value;
use tonic::transport::{Channel, Endpoint};

/// The program in an environment of its own.
pub fn dmctl(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dmctl"));
    command.env_clear().env("HOME", folder).env("XDG_RUNTIME_DIR", folder).stdin(Stdio::null());
    command
}

/// A `dmctl serve`. It ends with this value.
pub struct Process {
    child: Child,
    folder: PathBuf,
    workers: usize,
    address: String,
    token: String,
    http: reqwest::Client,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Process {
    /// Starts one whose data and notes are in a folder, and waits until it can be found.
    pub fn start(folder: &Path, workers: usize) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let _first_wins = rustls::crypto::ring::default_provider().install_default();
        let address = format!("127.0.0.1:{port}");
        let http = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(no_tls()).build().unwrap();
        let child = spawn(folder, &address, workers);
        let mut process = Self { child, folder: folder.to_owned(), workers, address, token: String::new(), http };
        process.find();
        process
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again at the same address, and waits until it can be found.
    pub fn start_again(&mut self) {
        self.child = spawn(&self.folder, &self.address, self.workers);
        self.find();
    }

    /// Reads the note that it leaves, as clients do.
    fn find(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let found = || {
            let notes = dmctl::local::servers(&self.folder.join("dmctl"));
            notes.into_iter().find(|note| note.pid == self.child.id())?.token
        };
        self.token = loop {
            if let Some(token) = found() {
                break token;
            }
            assert!(Instant::now() < deadline, "it does not come up");
            std::thread::sleep(Duration::from_millis(1));
        };
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The most memory that it has had in use.
    pub fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}/api/v1{path}", self.address);
        self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token)
    }

    /// A call over REST; whatever is no success is an error with its text.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let request = self.request(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.map_err(|error| error.to_string())?;
        let good = response.status().is_success();
        let text = response.text().await.map_err(|error| error.to_string())?;
        if good { Ok(serde_json::from_str(&text).unwrap_or_default()) } else { Err(text) }
    }

    /// The whole answer to a read over REST, as it comes.
    pub async fn text(&self, path: &str) -> String {
        let response = self.request("GET", path).send().await.unwrap();
        assert!(response.status().is_success(), "{path}");
        response.text().await.unwrap()
    }

    /// A connection over gRPC.
    pub async fn stub(&self) -> MasterClient<Channel> {
        let channel = Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap();
        MasterClient::new(channel).max_decoding_message_size(64 << 20)
    }

    /// A request that will be let in.
    pub fn with_token<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        request
    }
}

fn spawn(folder: &Path, address: &str, workers: usize) -> Child {
    let mut command = dmctl(folder);
    command.args(["serve", "--addr", address, "--workers", &workers.to_string(), "--data-dir"]).arg(folder.join("data"));
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}
