//! REST: one request, and one place that judges what comes back.

use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::{Error, Fault};
use super::masters::{Master, Miss};
use super::{ANSWER_LIMIT, Asked, Client, rpc};
use crate::model::{Address, DmError};
use crate::wire::openapi::Refusal;

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
            let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| Error::Malformed {
                address: master.address().clone(),
                what: if body.is_empty() {
                    "the body is empty".to_owned()
                } else {
                    format!("at `{}`: {}", error.path(), error.inner())
                },
            })?;
            Ok(Got::Body(value))
        })
        .await
    }

    async fn fetch(&self, master: &Arc<Master>, operation: &'static str, path: &str) -> Result<Got<Vec<u8>>, Miss> {
        let mut response = self.send(&format!("{}/api/v1{path}", master.base())).await?;
        if response.status() == StatusCode::TEMPORARY_REDIRECT {
            // Version 6.0 sends to its leader what later versions forward. Only a member of the cluster is followed.
            let leader = self.known_leader(&response).await.ok_or(Miss::Elsewhere(Fault::NoLeader))?;
            response = self.send(&format!("{}/api/v1{path}", leader.base())).await?;
        }
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let body = body(response, master).await?;
        if status.is_success() {
            return match kind.starts_with("text/html") {
                true => Err(Miss::Elsewhere(Fault::NotDm("it answers with a web page".to_owned()))),
                false => Ok(Got::Body(body)),
            };
        }
        let text = String::from_utf8_lossy(&body);
        match status.as_u16() {
            404 if body.is_empty() => Ok(Got::Missing),
            404 if text.trim() == "404 page not found" => {
                Err(Error::OpenApiOff { operation, address: master.address().clone() }.into())
            }
            400 | 502..=504 if body.is_empty() => Err(Miss::Elsewhere(Fault::NoLeader)),
            500..=599 if body.is_empty() => Err(Error::Malformed {
                address: master.address().clone(),
                what: format!("status {status} with an empty body: DM failed inside, its log says how"),
            }
            .into()),
            _ => Err(refusal(&body).map_or_else(
                || Miss::Elsewhere(Fault::NotDm(format!("it answers `{status}` without DM's error body"))),
                |error| Error::Refused(error).into(),
            )),
        }
    }

    async fn send(&self, url: &str) -> Result<Response, Miss> {
        self.http()?.get(url).send().await.map_err(|error| Miss::Elsewhere(Fault::Transport(deepest(&error))))
    }

    fn http(&self) -> Result<&reqwest::Client, Miss> {
        if let Some(http) = self.http.get() {
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
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|error| broken(&error))?;
        Ok(self.http.get_or_init(|| http))
    }

    /// The master that a redirect points to, if it was given to us or belongs to the cluster.
    async fn known_leader(&self, response: &Response) -> Option<Arc<Master>> {
        let location = response.headers().get(LOCATION)?.to_str().ok()?;
        let location = reqwest::Url::parse(location).ok()?;
        let host = location.host_str()?;
        let address: Address = format!("{host}:{}", location.port_or_known_default()?).parse().ok()?;
        if let Some(given) = self.masters.given().iter().find(|master| *master.address() == address) {
            return Some(Arc::clone(given));
        }
        let members = Box::pin(self.members(Asked { masters: true, ..Asked::default() }, &[])).await.ok()?;
        let urls = members.masters.iter().flat_map(|master| &master.client_urls);
        let member = urls.filter_map(|url| url.parse::<Address>().ok()).any(|known| known == address);
        member.then(|| self.masters.at(&address, self.tls.as_ref()))
    }

    /// The release of a master, from its version page; `None` where it was built without one.
    pub(super) async fn version_of(&self, master: &Arc<Master>) -> Result<Option<String>, Miss> {
        let response = self.send(&format!("{}/status", master.base())).await?;
        let body = body(response, master).await?;
        let text = String::from_utf8_lossy(&body);
        let release = text.lines().find_map(|line| line.strip_prefix("Release Version:")).map(str::trim);
        match release {
            None => Err(Miss::Elsewhere(Fault::NotDm("it shows no version page".to_owned()))),
            Some("None" | "") => Ok(None),
            Some(release) => Ok(Some(release.to_owned())),
        }
    }
}

/// Reads a body up to the limit.
async fn body(mut response: Response, master: &Arc<Master>) -> Result<Vec<u8>, Miss> {
    if response.content_length().is_some_and(|length| length > ANSWER_LIMIT as u64) {
        return Err(rpc::too_large(master).into());
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > ANSWER_LIMIT => return Err(rpc::too_large(master).into()),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => {
                let what = format!("the answer broke off after {} bytes ({})", body.len(), deepest(&error));
                return Err(Error::Malformed { address: master.address().clone(), what }.into());
            }
        }
    }
}

/// The refusal in an error body, whichever of DM's three forms it has.
fn refusal(body: &[u8]) -> Option<DmError> {
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    if let Some(text) = refusal.error_msg {
        let mut error = DmError::parse(&text);
        error.code = error.code.or(refusal.error_code.filter(|code| *code != 0));
        return Some(error);
    }
    refusal.error.or(refusal.msg).map(DmError::plain)
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
