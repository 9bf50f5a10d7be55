//! TLS for both protocols: one configuration, made of the three files that DM's own tools take.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::model::system::reason;

/// A bundle of all public CAs has a quarter of this.
const LIMIT: u64 = 1 << 20;

/// The files of a TLS connection, in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TlsFiles {
    /// Who may sign the masters' certificates.
    pub ca: PathBuf,
    /// Our own certificate and its key, where the masters want one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// What tells files from those that have taken their place since: the time and the length of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written(Vec<Option<(SystemTime, u64)>>);

impl TlsFiles {
    /// How the files are now.
    #[must_use]
    pub fn written(&self) -> Written {
        let paths = [Some(&self.ca), self.identity.as_ref().map(|(cert, _)| cert), self.identity.as_ref().map(|(_, key)| key)];
        let look = |path: &PathBuf| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.modified().ok()?, file.len()))
        };
        Written(paths.into_iter().flatten().map(look).collect())
    }
}

/// What is wrong with a TLS file. The texts name the flag, since a profile calls its files the same.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TlsError {
    /// It can't be read.
    #[error("cannot read {} (`{flag}`): {reason}", path.display())]
    Unreadable {
        /// Which of the three.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// It does not hold what it should.
    #[error("{} (`{flag}`) holds no {wanted} in PEM form: {found}", path.display())]
    Missing {
        /// Which of the three.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
        /// What there is instead.
        found: String,
    },
    /// The key can be read with a passphrase only.
    #[error(
        "{} (`ssl-key`) is encrypted, and there is no way to give a passphrase: write a plain copy with `openssl pkey -in {} -out plain.pem`",
        path.display(), path.display()
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key do not fit, or can't be used.
    #[error("{} (`ssl-cert`) and {} (`ssl-key`) do not work together: {reason}", cert.display(), key.display())]
    Identity {
        /// The certificate.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        reason: String,
    },
    /// The TLS library can't be used.
    #[error("TLS can't be used: {0}")]
    Library(String),
}

/// Reads the files and makes the configuration. Only the given CA is trusted, not the system's.
pub(super) fn client_config(files: &TlsFiles) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("ssl-ca", &files.ca)? {
        roots.add(certificate).map_err(|error| TlsError::Missing {
            flag: "ssl-ca",
            path: files.ca.clone(),
            wanted: "usable certificate",
            found: error.to_string(),
        })?;
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Library(error.to_string()))?
        .with_root_certificates(roots);
    let Some((cert, key)) = &files.identity else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates("ssl-cert", cert)?;
    let text = read("ssl-key", key)?;
    let secret = match PrivateKeyDer::from_pem_slice(&text) {
        Ok(_) | Err(_) if is_encrypted(&text) => return Err(TlsError::Encrypted { path: key.clone() }),
        Ok(secret) => secret,
        Err(_) => return Err(missing("ssl-key", key, "private key", &text)),
    };
    builder.with_client_auth_cert(chain, secret).map_err(|error| TlsError::Identity {
        cert: cert.clone(),
        key: key.clone(),
        reason: match error {
            rustls::Error::InconsistentKeys(_) => "the key does not belong to the certificate".to_owned(),
            other => other.to_string(),
        },
    })
}

/// A configuration that trusts nobody: for connections without TLS, and to see whether a server speaks TLS at all.
pub(super) fn distrustful() -> Result<ClientConfig, rustls::Error> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn certificates(flag: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(flag, path)?;
    match CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>() {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(missing(flag, path, "certificate", &text)),
    }
}

/// Says what a file holds instead of what it should.
fn missing(flag: &'static str, path: &Path, wanted: &'static str, bytes: &[u8]) -> TlsError {
    let text = String::from_utf8_lossy(bytes);
    let labels: Vec<String> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
        .take(3)
        .map(|label| format!("`{label}`"))
        .collect();
    let found = if text.trim().is_empty() {
        "it is empty".to_owned()
    } else if bytes.starts_with(&[0x30, 0x82]) {
        "it seems to be in DER form, which `openssl` turns into PEM".to_owned()
    } else if labels.is_empty() {
        "there is no `-----BEGIN` line in it".to_owned()
    } else if labels.iter().any(|label| label.to_ascii_lowercase().contains(wanted)) {
        format!("the one in it is damaged, or of a kind that is not known ({})", labels.join(", "))
    } else {
        format!("it holds {}", labels.join(", "))
    };
    TlsError::Missing { flag, path: path.to_owned(), wanted, found }
}

fn is_encrypted(text: &[u8]) -> bool {
    String::from_utf8_lossy(text)
        .lines()
        .any(|line| line.contains("BEGIN ENCRYPTED PRIVATE KEY") || line.starts_with("Proc-Type: 4,ENC"))
}

/// Reads a file. None of them is anywhere near as large as the limit.
fn read(flag: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    let cannot = |reason: String| TlsError::Unreadable { flag, path: path.to_owned(), reason };
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| cannot(reason(&error)))?;
    file.take(LIMIT + 1).read_to_end(&mut text).map_err(|error| cannot(reason(&error)))?;
    if text.len() as u64 > LIMIT {
        return Err(cannot(format!("it is larger than {} MiB", LIMIT >> 20)));
    }
    Ok(text)
}
