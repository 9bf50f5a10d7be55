//! REST: one request, and one place that judges what comes back.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::{Error, Fault};
use super::list::Intake;
use super::masters::{Master, Miss};
use super::{ANSWER_LIMIT, Asked, Client, rpc};
use crate::model::{Address, DmError};
use crate::wire::openapi::Refusal;

/// The largest refusal, or version page, that is read.
pub(super) const REFUSAL_LIMIT: usize = 1 << 20;

/// What a `GET` came back with: a body, or the news that there is no such thing (404 with an empty body).
pub(super) enum Got<T> {
    Body(T),
    Missing,
}

impl Client {
    /// Puts a `GET` below `/api/v1` to the masters.
    pub(super) async fn get<T: DeserializeOwned>(&self, operation: &'static str, path: &str) -> Result<Got<T>, Error> {
        self.read(operation, async |master| {
            let body = match self.fetch(&master, operation, path).await? {
                Got::Body(body) => body,
                Got::Missing => return Ok(Got::Missing),
            };
            let mut reader = serde_json::Deserializer::from_slice(&body);
            let value = serde_path_to_error::deserialize(&mut reader)
                .map_err(|error| garbled(path, &if body.is_empty() { "it is empty".to_owned() } else { shape(&error) }))?;
            Ok(Got::Body(value))
        })
        .await
    }

    /// Puts a `GET` of a list to the masters. Of each thing in it, that is kept which `keep` makes of it.
    pub(super) async fn list<T: DeserializeOwned, R>(
        &self,
        operation: &'static str,
        path: &str,
        keep: &dyn Fn(T) -> R,
    ) -> Result<Got<Vec<R>>, Error> {
        self.read(operation, async |master| {
            let Got::Body(mut response) = self.answer(&master, operation, path).await? else { return Ok(Got::Missing) };
            let mut intake = Intake::new(keep);
            let mut length = 0;
            loop {
                match next(&mut response, &mut length, ANSWER_LIMIT).await {
                    Ok(Some(chunk)) => intake.push(&chunk).map_err(|flaw| garbled(path, &flaw))?,
                    Ok(None) => return intake.end().map(Got::Body).map_err(|flaw| garbled(path, &flaw)),
                    Err(cut) => return Err(cut.miss(&master, path, ANSWER_LIMIT)),
                }
            }
        })
        .await
    }

    async fn fetch(&self, master: &Arc<Master>, operation: &'static str, path: &str) -> Result<Got<Vec<u8>>, Miss> {
        match self.answer(master, operation, path).await? {
            Got::Body(response) => body(response, master, path, ANSWER_LIMIT).await.map(Got::Body),
            Got::Missing => Ok(Got::Missing),
        }
    }

    /// The answer to a `GET`, whose body is still to be read; what is none is judged.
    async fn answer(&self, master: &Arc<Master>, operation: &'static str, path: &str) -> Result<Got<Response>, Miss> {
        let mut response = self.send(master, &format!("/api/v1{path}")).await?;
        if response.status() == StatusCode::TEMPORARY_REDIRECT {
            // Version 6.0 sends to its leader what later versions forward. Only a member of the cluster is followed.
            let leader = match self.known_leader(&response).await {
                Ok(leader) => leader,
                Err(location) => {
                    return Err(Miss::Elsewhere(Fault::NotDm(format!(
                        "it sends on to `{location}`, where no master of this cluster listens"
                    ))));
                }
            };
            response = self.send(&leader, &format!("/api/v1{path}")).await?;
        }
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        // A web page where an interface should be: what it says does not matter.
        if kind.starts_with("text/html") {
            return Err(Miss::Elsewhere(Fault::NotDm("it answers with a web page".to_owned())));
        }
        if status.is_success() {
            return Ok(Got::Body(response));
        }
        let body = body(response, master, path, REFUSAL_LIMIT).await?;
        let text = String::from_utf8_lossy(&body);
        match status.as_u16() {
            // These say something only where a master says it.
            404 if body.is_empty() => self.version_of(master).await.map(|_| Got::Missing),
            307 => self.version_of(master).await.and(Err(Miss::Elsewhere(Fault::NoLeader))),
            400 | 502..=504 if body.is_empty() => self.version_of(master).await.and(Err(Miss::Elsewhere(Fault::NoLeader))),
            404 if text.trim() == "404 page not found" => {
                Err(Error::OpenApiOff { operation, address: master.address().clone() }.into())
            }
            500..=599 if body.is_empty() => {
                Err(garbled(path, &format!("it is empty, with status {status}: DM failed inside, its log says how")))
            }
            400 => match refusal(&body) {
                Some((said, Speaker::Dm)) => Err(Error::Refused(said).into()),
                Some((said, Speaker::Frame)) => self.version_of(master).await.and(Err(Error::Refused(said).into())),
                None => Err(garbled(path, &format!("status {status} without one of DM's error texts"))),
            },
            401 | 403 if let Some((said, _)) = refusal(&body) => Err(Error::Refused(said).into()),
            // A proxy, perhaps, in front of one.
            _ => Err(Miss::Elsewhere(Fault::NotDm(format!("it answers `{status}`, which a master never does")))),
        }
    }

    async fn send(&self, master: &Arc<Master>, path: &str) -> Result<Response, Miss> {
        let url = self.url(master, path)?;
        let http = self.http(&self.http, usize::MAX)?;
        master.admitted(http.get(url)).send().await.map_err(|error| Miss::Elsewhere(Fault::Transport(deepest(&error))))
    }

    pub(super) fn url(&self, master: &Master, path: &str) -> Result<reqwest::Url, Miss> {
        let text = format!("{}{path}", master.base());
        let url = reqwest::Url::parse(&text).map_err(|error| Miss::Elsewhere(Fault::Transport(error.to_string())))?;
        if !url.as_str().ends_with(path) {
            // `.` and `..` are taken for folders, however they are written.
            return Err(Error::Unsupported("the REST API has no way to name a thing that is called `.` or `..`".to_owned()).into());
        }
        Ok(url)
    }

    /// A client that keeps no connection: whether a request can have arrived is then told by whether it could connect.
    pub(super) fn http_once(&self) -> Result<&reqwest::Client, Miss> {
        self.http(&self.http_once, 0)
    }

    fn http<'a>(&self, kept: &'a OnceLock<reqwest::Client>, idle: usize) -> Result<&'a reqwest::Client, Miss> {
        if let Some(http) = kept.get() {
            return Ok(http);
        }
        let broken = |error: &dyn std::error::Error| Miss::Elsewhere(Fault::Transport(deepest(error)));
        // Without TLS a configuration is given too: reqwest would look for the system's certificates, for nothing.
        let mut tls = match &self.tls {
            Some(tls) => rustls::ClientConfig::clone(tls),
            None => super::tls::distrustful().map_err(|error| broken(&error))?,
        };
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let http = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(std::time::Duration::from_secs(3))
            .pool_max_idle_per_host(idle)
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|error| broken(&error))?;
        Ok(kept.get_or_init(|| http))
    }

    /// The master that a redirect points to, if it was given to us or belongs to the cluster; else where it points.
    pub(super) async fn known_leader(&self, response: &Response) -> Result<Arc<Master>, String> {
        let location = response.headers().get(LOCATION).map(|location| String::from_utf8_lossy(location.as_bytes()).into_owned());
        let location = location.unwrap_or_default();
        let known = async {
            let url = reqwest::Url::parse(&location).ok()?;
            let address: Address = format!("{}:{}", url.host_str()?, url.port_or_known_default()?).parse().ok()?;
            if let Some(given) = self.masters.given().iter().find(|master| *master.address() == address) {
                return Some(Arc::clone(given));
            }
            let members = Box::pin(self.members(Asked { masters: true, ..Asked::default() }, &[])).await.ok()?;
            let urls = members.masters.iter().flat_map(|master| &master.client_urls);
            let member = urls.filter_map(|url| url.parse::<Address>().ok()).any(|known| known == address);
            member.then(|| self.masters.at(&address, self.tls.as_ref()))
        };
        known.await.ok_or_else(|| location.chars().take(200).collect())
    }

    /// The release of a master, from its version page; `None` where it was built without one.
    pub(super) async fn version_of(&self, master: &Arc<Master>) -> Result<Option<String>, Miss> {
        let response = self.send(master, "/status").await?;
        let body = body(response, master, "/status", REFUSAL_LIMIT).await?;
        let text = String::from_utf8_lossy(&body);
        let release = text.lines().find_map(|line| line.strip_prefix("Release Version:")).map(str::trim);
        match release {
            None => Err(Miss::Elsewhere(Fault::NotDm("it shows no version page".to_owned()))),
            Some("None" | "") => Ok(None),
            Some(release) => Ok(Some(release.to_owned())),
        }
    }
}

/// Reads the body of an answer to a `GET` up to a limit.
async fn body(response: Response, master: &Arc<Master>, path: &str, limit: usize) -> Result<Vec<u8>, Miss> {
    read(response, limit).await.map_err(|cut| cut.miss(master, path, limit))
}

/// Reads the body of any answer up to a limit; `Err` says how it broke off.
pub(super) async fn body_of(response: Response, limit: usize) -> Result<Vec<u8>, String> {
    read(response, limit).await.map_err(|cut| match cut {
        Cut::TooLarge => format!("the answer is larger than {} MiB", limit >> 20),
        Cut::BrokenOff(how) => format!("the answer broke off: {how}"),
    })
}

/// Why a body can't be had.
enum Cut {
    TooLarge,
    BrokenOff(String),
}

impl Cut {
    fn miss(self, master: &Master, path: &str, limit: usize) -> Miss {
        match self {
            Self::TooLarge => rpc::too_large(master, limit).into(),
            Self::BrokenOff(how) => garbled(path, &how),
        }
    }
}

async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, Cut> {
    let mut body = Vec::new();
    let mut length = 0;
    while let Some(chunk) = next(&mut response, &mut length, limit).await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The next piece of a body of which `length` bytes were read; `None` at its end.
async fn next(response: &mut Response, length: &mut usize, limit: usize) -> Result<Option<Bytes>, Cut> {
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(Cut::TooLarge);
    }
    match response.chunk().await {
        Ok(Some(chunk)) if *length + chunk.len() > limit => Err(Cut::TooLarge),
        Ok(chunk) => {
            *length += chunk.as_ref().map_or(0, Bytes::len);
            Ok(chunk)
        }
        Err(error) => Err(Cut::BrokenOff(format!("it broke off after {length} bytes ({})", deepest(&error)))),
    }
}

/// An answer that can't be used: another master may do better.
fn garbled(path: &str, what: &str) -> Miss {
    Miss::Elsewhere(Fault::Garbled(format!("its answer to GET {path}: {what}")))
}

/// What is wrong with the form of a JSON text, and where.
fn shape(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    match error.path().to_string().as_str() {
        "." => error.inner().to_string(),
        path => format!("at `{path}`: {}", error.inner()),
    }
}

/// Who wrote a refusal.
pub(super) enum Speaker {
    /// DM's handlers.
    Dm,
    /// The frame around them. Many a program that is no DM has errors of this form.
    Frame,
}

/// The refusal in an error body, whichever of DM's three forms it has.
pub(super) fn refusal(body: &[u8]) -> Option<(DmError, Speaker)> {
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let (mut said, speaker) = match refusal.error_msg {
        Some(text) => {
            let said = DmError::parse(&text);
            (DmError { code: said.code.or(refusal.error_code.filter(|code| *code != 0)), ..said }, Speaker::Dm)
        }
        None => (DmError::plain(refusal.error.or(refusal.msg)?), Speaker::Frame),
    };
    if said.message.is_empty() {
        rpc::WORDLESS.clone_into(&mut said.message);
    }
    Some((said, speaker))
}

pub(super) fn deepest(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
