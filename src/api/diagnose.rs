//! A second look at a master that failed: what is it that listens there, if anything?
//!
//! Transport libraries tell little, and in words that change. This connects once more and looks at the first bytes, so that a person
//! learns which of address, TLS flag or certificate is wrong. It costs a moment, after a failure only.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig, InvalidMessage};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::Fault;
use crate::model::Address;

const STEP: Duration = Duration::from_secs(2);

/// Says what is wrong with the master at `address`, or `None` when it looks healthy now.
pub(super) async fn diagnose(address: &Address, tls: Option<&Arc<ClientConfig>>) -> Option<Fault> {
    let stream = match connect(address).await {
        Ok(stream) => stream,
        Err(fault) => return Some(fault),
    };
    let Some(tls) = tls else {
        return match talk(stream, address).await {
            Ok(first) if first.is_empty() || first.starts_with(&[0x15, 0x03]) || refuses_plain_http(&first) => {
                Some(if speaks_tls(address).await { Fault::WantsTls } else { Fault::BrokenOff })
            }
            Ok(first) => judge(&first),
            Err(_) if speaks_tls(address).await => Some(Fault::WantsTls),
            Err(fault) => Some(fault),
        };
    };
    match handshake(stream, address, tls).await {
        Ok(stream) => match talk(stream, address).await {
            Ok(first) => judge(&first),
            Err(fault) => Some(fault),
        },
        Err(fault) => Some(fault),
    }
}

/// Connects by TCP.
pub(super) async fn connect(address: &Address) -> Result<TcpStream, Fault> {
    match timeout(STEP, TcpStream::connect((address.host(), address.port()))).await {
        Err(_) => Err(Fault::NoConnection),
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(match error.kind() {
            io::ErrorKind::ConnectionRefused => Fault::ConnectionRefused,
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Fault::NoConnection,
            // The resolver's errors have no kind of their own.
            _ if error.raw_os_error().is_none() => Fault::NoSuchHost,
            _ => Fault::Transport(error.to_string()),
        }),
    }
}

async fn handshake(
    stream: TcpStream,
    address: &Address,
    tls: &Arc<ClientConfig>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Fault> {
    let name = ServerName::try_from(address.host().to_owned()).map_err(|_| Fault::NoSuchHost)?;
    match timeout(STEP, tokio_rustls::TlsConnector::from(Arc::clone(tls)).connect(name, stream)).await {
        Err(_) => Err(Fault::Silent),
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(tls_fault(&error, address)),
    }
}

/// Asks for DM's version page, and returns the first bytes that come back.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, address: &Address) -> Result<Vec<u8>, Fault> {
    let request = format!("GET /status HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        let mut first = Vec::new();
        stream.take(8 << 10).read_to_end(&mut first).await.map(|_| first)
    };
    match timeout(STEP, exchange).await {
        Err(_) => Err(Fault::Silent),
        Ok(Ok(first)) => Ok(first),
        Ok(Err(error)) => Err(tls_fault(&error, address)),
    }
}

fn refuses_plain_http(first: &[u8]) -> bool {
    let text = String::from_utf8_lossy(first);
    text.starts_with("HTTP/1") && text.contains("HTTPS")
}

/// What the first bytes of an answer to `GET /status` say.
fn judge(first: &[u8]) -> Option<Fault> {
    let text = String::from_utf8_lossy(first);
    if text.contains("Release Version:") {
        return None;
    }
    let what = if !text.starts_with("HTTP/1") {
        "what it sends is no HTTP/1 answer".to_owned()
    } else if text.to_ascii_lowercase().contains("content-type: text/html") {
        "it answers with a web page".to_owned()
    } else {
        let line = text.lines().next().unwrap_or_default().trim();
        format!("it answers `{line}` where a master shows its version")
    };
    Some(Fault::NotDm(what))
}

/// Whether a TLS server listens there, with whatever certificate.
async fn speaks_tls(address: &Address) -> bool {
    let Ok(distrustful) = super::tls::distrustful() else { return false };
    let Ok(stream) = connect(address).await else { return false };
    match handshake(stream, address, &Arc::new(distrustful)).await {
        Ok(_) | Err(Fault::Certificate(_) | Fault::WantsCertificate) => true,
        Err(_) => false,
    }
}

/// What an input/output error with a TLS error inside means.
pub(super) fn tls_fault(error: &io::Error, address: &Address) -> Fault {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Fault::BrokenOff,
            _ => Fault::Transport(error.to_string()),
        };
    };
    match tls {
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Fault::NoTls,
        rustls::Error::InvalidCertificate(certificate) => Fault::Certificate(match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("it is not made out to `{}`", address.host())
            }
            CertificateError::UnknownIssuer => "it is not signed by the given CA".to_owned(),
            other => other.to_string(),
        }),
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => Fault::WantsCertificate,
        // Below TLS 1.3 a missing certificate is answered with these.
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::BadCertificate) => {
            Fault::WantsCertificate
        }
        rustls::Error::AlertReceived(alert) => Fault::Certificate(format!("the master refused ours ({alert:?})")),
        other => Fault::Transport(other.to_string()),
    }
}
