//! How a database is reached, in source files and in task files.

use super::{Given, Named, Place, Secret, SecretBytes, defaults, section};

section!(
    /// A database: the upstream of a source, or the target of a task.
    Database {
        /// Its host name or IP address.
        "host" => host: String,
        /// Its port.
        "port" => port: i64,
        /// The user.
        "user" => user: String,
        /// The password, as it is or as DM encrypted it.
        "password" => password: Secret,
        /// No longer looked at.
        "max-allowed-packet" => max_allowed_packet: Option<i64>,
        /// Session variables that are set in each connection.
        "session" => session: Named<String>,
        /// TLS.
        "security" => security: Security,
    }
);

section!(
    /// TLS to a database: paths of files, or what stands in them.
    Security {
        /// The path of the CA.
        "ssl-ca" => ssl_ca: String,
        /// The path of the client certificate.
        "ssl-cert" => ssl_cert: String,
        /// The path of the private key of the client.
        "ssl-key" => ssl_key: String,
        /// The common names that the server may have.
        "cert-allowed-cn" => cert_allowed_cn: Vec<Given<String>>,
        /// The CA itself.
        "ssl-ca-bytes" => ssl_ca_bytes: SecretBytes,
        /// The private key itself.
        "ssl-key-bytes" => ssl_key_bytes: SecretBytes,
        /// The client certificate itself.
        "ssl-cert-bytes" => ssl_cert_bytes: SecretBytes,
        /// The CA in base64.
        "ssl-ca-base64" => ssl_ca_base64: Secret,
        /// The private key in base64.
        "ssl-key-base64" => ssl_key_base64: Secret,
        /// The client certificate in base64.
        "ssl-cert-base64" => ssl_cert_base64: Secret,
    }
);

/// What a TLS file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsKind {
    /// The CA.
    Ca,
    /// The client certificate.
    Certificate,
    /// The private key of the client.
    Key,
}

/// A file that a configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFile {
    /// What it holds.
    pub kind: TlsKind,
    /// The way to the key that names it, such as `from.security.ssl-ca`.
    pub key: String,
    /// The path as written.
    pub path: String,
    /// Where the path is written.
    pub place: Place,
}

/// The three ways to give one file.
struct Ways<'a> {
    path: &'a mut Option<Given<String>>,
    bytes: &'a mut Option<Given<SecretBytes>>,
    base64: &'a mut Option<Given<Secret>>,
}

impl Security {
    /// The files that DM would read: those that are named, and whose contents are not there already.
    pub fn files(&self, key: &str) -> Vec<TlsFile> {
        let paths = [
            (TlsKind::Ca, "ssl-ca", &self.ssl_ca, &self.ssl_ca_bytes, &self.ssl_ca_base64),
            (TlsKind::Certificate, "ssl-cert", &self.ssl_cert, &self.ssl_cert_bytes, &self.ssl_cert_base64),
            (TlsKind::Key, "ssl-key", &self.ssl_key, &self.ssl_key_bytes, &self.ssl_key_base64),
        ];
        let named = paths.into_iter().filter_map(|(kind, name, path, bytes, base64)| {
            let there = bytes.as_ref().is_some_and(|bytes| !bytes.value.reveal().is_empty())
                || base64.as_ref().is_some_and(|text| !text.value.reveal().is_empty());
            let path = path.as_ref().filter(|path| !path.value.is_empty() && !there)?;
            Some(TlsFile { kind, key: format!("{key}.{name}"), path: path.value.clone(), place: path.place })
        });
        named.collect()
    }

    /// Paths mean nothing on the machines of the cluster.
    pub(in crate::model) fn put_contents(&mut self, kind: TlsKind, contents: Vec<u8>) {
        let ways = self.ways(kind);
        *ways.path = None;
        *ways.bytes = Some(Given::new(SecretBytes::new(contents)));
    }

    /// Bytes that are there count more than base64, and base64 more than a path.
    pub(in crate::model) fn unfold_base64(&mut self) -> bool {
        let mut any = false;
        for kind in [TlsKind::Ca, TlsKind::Certificate, TlsKind::Key] {
            let ways = self.ways(kind);
            let Some(contents) = ways.base64.as_ref().and_then(|text| decoded(text.value.reveal())) else { continue };
            if contents.is_empty() {
                continue;
            }
            if ways.bytes.as_ref().is_none_or(|bytes| bytes.value.reveal().is_empty()) {
                *ways.bytes = Some(Given::new(SecretBytes::new(contents)));
            }
            *ways.base64 = None;
            *ways.path = None;
            any = true;
        }
        any
    }

    const fn ways(&mut self, kind: TlsKind) -> Ways<'_> {
        let (path, bytes, base64) = match kind {
            TlsKind::Ca => (&mut self.ssl_ca, &mut self.ssl_ca_bytes, &mut self.ssl_ca_base64),
            TlsKind::Certificate => (&mut self.ssl_cert, &mut self.ssl_cert_bytes, &mut self.ssl_cert_base64),
            TlsKind::Key => (&mut self.ssl_key, &mut self.ssl_key_bytes, &mut self.ssl_key_base64),
        };
        Ways { path, bytes, base64 }
    }
}

impl Database {
    /// Whether the password is the stars that DM shows.
    #[must_use]
    pub fn has_masked_password(&self) -> bool {
        self.password.as_ref().is_some_and(|password| password.value.is_mask())
    }
}

defaults!(Database {
    /// Its host name or IP address.
    host: text = "",
    /// Its port.
    port: number = 0,
    /// The user.
    user: text = "",
});

/// What a text in base64 stands for. Like DM's reader, it passes over line breaks.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).ok()
}
