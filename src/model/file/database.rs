//! How a database is reached, in source files and in task files.

use super::{Given, Named, Place, Secret, SecretBytes, section};

section!(
    /// A database: the upstream of a source, or the target of a task.
    Database {
        /// Its host name or IP address.
        "host" => host: String,
        /// Its port.
        "port" => port: i64,
        /// The user.
        "user" => user: String,
        /// The password, as it is or as `dmctl encrypt` gave it.
        "password" => password: Secret,
        /// No longer looked at.
        "max-allowed-packet" => max_allowed_packet: i64,
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

/// A file that a configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFile {
    /// The key that names it, such as `ssl-ca`.
    pub key: &'static str,
    /// The path as written.
    pub path: String,
    /// Where the path is written.
    pub place: Place,
}

impl Security {
    /// The files that DM would read: those that are named, and whose contents are not there already.
    #[must_use]
    pub fn files(&self) -> Vec<TlsFile> {
        let paths = [
            ("ssl-ca", &self.ssl_ca, &self.ssl_ca_bytes, &self.ssl_ca_base64),
            ("ssl-cert", &self.ssl_cert, &self.ssl_cert_bytes, &self.ssl_cert_base64),
            ("ssl-key", &self.ssl_key, &self.ssl_key_bytes, &self.ssl_key_base64),
        ];
        let named = paths.into_iter().filter_map(|(key, path, bytes, base64)| {
            let there = bytes.as_ref().is_some_and(|bytes| !bytes.value.reveal().is_empty())
                || base64.as_ref().is_some_and(|text| !text.value.reveal().is_empty());
            let path = path.as_ref().filter(|path| !path.value.is_empty() && !there)?;
            Some(TlsFile { key, path: path.value.clone(), place: path.place })
        });
        named.collect()
    }

    /// Puts the contents of the file of a key in the place of its path: paths mean nothing on the machines of the cluster.
    pub fn put_contents(&mut self, key: &str, contents: Vec<u8>) {
        let (path, bytes) = match key {
            "ssl-ca" => (&mut self.ssl_ca, &mut self.ssl_ca_bytes),
            "ssl-cert" => (&mut self.ssl_cert, &mut self.ssl_cert_bytes),
            "ssl-key" => (&mut self.ssl_key, &mut self.ssl_key_bytes),
            _ => return,
        };
        *path = None;
        *bytes = Some(Given::new(SecretBytes::new(contents)));
    }
}

impl Database {
    /// The port, or zero.
    #[must_use]
    pub fn port(&self) -> i64 {
        self.port.as_ref().map_or(0, |port| port.value)
    }

    /// Whether the password is the stars that DM shows.
    #[must_use]
    pub fn has_masked_password(&self) -> bool {
        self.password.as_ref().is_some_and(|password| password.value.is_mask())
    }
}
