//! A second look at a master that failed: what is it that listens there, if anything?
//!
//! Transport libraries tell little, and in words that change. This connects once more and looks at the first bytes, so that a person
//! learns which of address, TLS flag or certificate is wrong. It costs a moment, after a failure only.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, ClientConfig, InvalidMessage};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::{Distrust, Fault};
use crate::model::Address;

const STEP: Duration = Duration::from_secs(2);
/// How much of an answer is looked at.
const FIRST: usize = 8 << 10;

/// Says what is wrong with the master at `address`, or `None` when it looks healthy now.
pub(super) async fn diagnose(address: &Address, tls: Option<&Arc<ClientConfig>>) -> Option<Fault> {
    let stream = match connect(address).await {
        Ok(stream) => stream,
        Err(fault) => return Some(fault),
    };
    let Some(tls) = tls else {
        let fault = match talk(stream, address, false).await {
            Ok(first) if first.is_empty() || first.starts_with(&[0x15, 3]) || refuses_plain_http(&first) => Fault::BrokenOff,
            Ok(first) => return judge(&first),
            Err(fault) => fault,
        };
        return Some(if speaks_tls(address).await { Fault::WantsTls } else { fault });
    };
    match handshake(stream, address, tls).await {
        Ok(stream) => match talk(stream, address, tls.client_auth_cert_resolver.has_certs()).await {
            Ok(first) if first.is_empty() => Some(Fault::BrokenOff),
            Ok(first) => judge(&first),
            Err(fault) => Some(fault),
        },
        // A master without TLS does not answer a TLS greeting, it hangs up; what else it may be shows when it is asked in plain.
        Err(Fault::BrokenOff) if speaks_plain(address).await => Some(Fault::NoTls),
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
        Ok(Err(error)) => Err(tls_fault(&error, address, tls.client_auth_cert_resolver.has_certs())),
    }
}

/// Asks for DM's version page, and returns the first bytes that come back, none if it hangs up.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, address: &Address, showed: bool) -> Result<Vec<u8>, Fault> {
    let request = format!("GET /status HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut first = Vec::new();
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        while first.len() < FIRST && !is_whole(&first) && stream.read_buf(&mut first).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    match timeout(STEP, exchange).await {
        // What came before it fell silent, or hung up, tells enough, unless it is only the beginning of a line.
        Ok(Err(_)) if !first.is_empty() => Ok(first),
        Err(_) if !first.is_empty() && !is_beginning(&first) => Ok(first),
        Err(_) => Err(Fault::Silent),
        Ok(Ok(())) => Ok(first),
        Ok(Err(error)) => match tls_fault(&error, address, showed) {
            Fault::BrokenOff => Ok(first),
            fault => Err(fault),
        },
    }
}

/// Whether nothing more needs to be read: it is no HTTP, or all is there that its head announces. Servers may keep the connection open
/// after it.
fn is_whole(first: &[u8]) -> bool {
    if first.len() >= 8 && !first.starts_with(b"HTTP/1") {
        return true;
    }
    let text = String::from_utf8_lossy(first);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

fn is_beginning(first: &[u8]) -> bool {
    !first.contains(&b'\n') && (b"HTTP/1".starts_with(first) || first.starts_with(b"HTTP/1"))
}

fn refuses_plain_http(first: &[u8]) -> bool {
    let text = String::from_utf8_lossy(first);
    text.starts_with("HTTP/1") && text.contains("HTTPS")
}

/// What the first bytes of an answer to `GET /status` say.
fn judge(first: &[u8]) -> Option<Fault> {
    let text = String::from_utf8_lossy(first);
    if text.starts_with("HTTP/1") && text.contains("Release Version:") {
        return None;
    }
    let line: String = text.lines().next().unwrap_or_default().trim().chars().take(60).collect();
    let what = if is_database(first) {
        "a MySQL or MariaDB server listens there".to_owned()
    } else if text.to_ascii_lowercase().contains("content-type: text/html") {
        "it answers with a web page".to_owned()
    } else if text.starts_with("HTTP/1") {
        format!("it answers `{line}` where a master shows its version")
    } else if line.len() > 3 && line.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        format!("it does not speak HTTP, it says `{line}`")
    } else {
        "it does not speak HTTP".to_owned()
    };
    Some(Fault::NotDm(what))
}

/// Whether this begins as a MySQL server greets: a packet of number 0 with protocol version 10, or with an error.
fn is_database(first: &[u8]) -> bool {
    matches!(first, [_, _, 0, 0, 10 | 0xff, rest @ ..] if rest.len() > 8)
}

/// Whether something answers there without TLS.
async fn speaks_plain(address: &Address) -> bool {
    let Ok(stream) = connect(address).await else { return false };
    talk(stream, address, false).await.is_ok_and(|first| first.starts_with(b"HTTP/1") && !refuses_plain_http(&first))
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

/// What an input/output error with a TLS error inside means. `showed` says that we have a certificate of our own.
fn tls_fault(error: &io::Error, address: &Address, showed: bool) -> Fault {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Fault::BrokenOff,
            _ => Fault::Transport(error.to_string()),
        };
    };
    match tls {
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Fault::NoTls,
        rustls::Error::InvalidCertificate(certificate) => Fault::Certificate(distrust(certificate, address)),
        rustls::Error::AlertReceived(alert) => alarm(*alert, showed),
        rustls::Error::PeerIncompatible(_) => Fault::Transport(format!("it speaks no TLS that is safe today: {tls}")),
        other => Fault::Transport(format!("TLS failed: {other}")),
    }
}

fn distrust(certificate: &CertificateError, address: &Address) -> Distrust {
    let days = |from: UnixTime, to: UnixTime| Some(to.as_secs().saturating_sub(from.as_secs()) / (24 * 60 * 60));
    match certificate {
        CertificateError::Expired => Distrust::Expired(None),
        CertificateError::ExpiredContext { time, not_after } => Distrust::Expired(days(*not_after, *time)),
        CertificateError::NotValidYet => Distrust::NotYetValid(None),
        CertificateError::NotValidYetContext { time, not_before } => Distrust::NotYetValid(days(*time, *not_before)),
        CertificateError::NotValidForName => Distrust::OtherName { wanted: address.host().to_owned(), presented: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => Distrust::OtherName {
            wanted: address.host().to_owned(),
            presented: presented.iter().take(5).map(|name| bare(name)).collect(),
        },
        CertificateError::UnknownIssuer => Distrust::UnknownIssuer,
        CertificateError::BadSignature => Distrust::OtherKey,
        other => Distrust::Other(other.to_string()),
    }
}

/// The name in `DnsName("dm.example")` or `IpAddress(10.0.0.1)`.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"').to_owned()
}

/// What the master means by hanging up with this alert.
fn alarm(alert: AlertDescription, showed: bool) -> Fault {
    match alert {
        AlertDescription::CertificateRequired => Fault::WantsCertificate,
        // Below TLS 1.3 a missing certificate is answered with these.
        AlertDescription::HandshakeFailure | AlertDescription::BadCertificate if !showed => Fault::WantsCertificate,
        AlertDescription::UnknownCA => Fault::OwnCertificate("it does not trust the CA that signed it"),
        AlertDescription::CertificateExpired => Fault::OwnCertificate("it has expired, or is not valid yet"),
        AlertDescription::CertificateRevoked => Fault::OwnCertificate("it is revoked"),
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => Fault::OwnCertificate("it gives no reason; the master's log may"),
        AlertDescription::ProtocolVersion => Fault::Transport("it speaks no TLS version that is safe today".to_owned()),
        other => Fault::Transport(format!("it ended the TLS handshake with the alert {other:?}")),
    }
}
