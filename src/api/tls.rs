//! TLS for both protocols: one configuration, made of the three files that DM's own tools take.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// The files of a TLS connection, in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TlsFiles {
    /// Who may sign the masters' certificates.
    pub ca: PathBuf,
    /// Our own certificate and its key, where the masters want one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// What is wrong with a TLS file.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TlsError {
    /// It can't be read.
    #[error("cannot read {what} {}: {reason}", path.display())]
    Unreadable {
        /// Which of the three.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// It holds no such thing.
    #[error("{} holds no {what} in PEM form", path.display())]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key do not fit, or can't be used.
    #[error("{} and {} do not work together: {reason}", cert.display(), key.display())]
    Identity {
        /// The certificate.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
        /// The TLS library's words.
        reason: String,
    },
}

/// Reads the files and makes the configuration. Only the given CA is trusted, not the system's.
pub(super) fn client_config(files: &TlsFiles) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("the CA file", &files.ca)? {
        roots.add(certificate).map_err(|_| TlsError::Missing { what: "usable CA certificate", path: files.ca.clone() })?;
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Unreadable { what: "the CA file", path: files.ca.clone(), reason: error.to_string() })?
        .with_root_certificates(roots);
    let Some((cert, key)) = &files.identity else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates("the certificate", cert)?;
    let secret = PrivateKeyDer::from_pem_slice(&read("the key", key)?)
        .map_err(|_| TlsError::Missing { what: "private key", path: key.clone() })?;
    builder.with_client_auth_cert(chain, secret).map_err(|error| TlsError::Identity {
        cert: cert.clone(),
        key: key.clone(),
        reason: error.to_string(),
    })
}

/// A configuration that trusts nobody: for connections without TLS, and to see whether a server speaks TLS at all.
pub(super) fn distrustful() -> Result<ClientConfig, rustls::Error> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(what, path)?;
    let missing = || TlsError::Missing { what: "certificate", path: path.to_owned() };
    let found: Vec<_> = CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|_| missing())?;
    if found.is_empty() { Err(missing()) } else { Ok(found) }
}

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable { what, path: path.to_owned(), reason: error.to_string() })
}
