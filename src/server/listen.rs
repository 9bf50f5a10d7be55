//! The port: HTTP/1 and HTTP/2 on it, with or without TLS, and with limits for those who are slow or many.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::{Router, middleware};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::model::log::Log;

/// How many connections there are at once; who comes later waits.
const CONNECTIONS: usize = 1024;
/// How long a client may take to shake hands, to say the first word, and to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(20);
/// How many calls one connection makes at once.
const STREAMS: u32 = 256;
/// How large the head of a request is at most.
const HEAD_LIMIT: u32 = 64 << 10;
/// How long after the end calls that are under way may last.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// TLS of the server.
#[derive(Clone)]
pub struct Tls(Arc<rustls::ServerConfig>);

/// Why TLS can't be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be used.
    #[error("{what} can't be used: {why}")]
    File {
        /// What it should hold.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// They do not fit together.
    #[error("the certificates can't be used: {0}")]
    Config(String),
}

impl Tls {
    /// TLS that asks clients for certificates which `ca` has signed. All three are PEM.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn new(ca: &[u8], certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let file = |what: &'static str| move |why: String| TlsError::File { what, why };
        let certificates = |what: &'static str, pem: &[u8]| {
            let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            let read = read.map_err(|error| file(what)(error.to_string()))?;
            if read.is_empty() { Err(file(what)("there is no certificate in it".to_owned())) } else { Ok(read) }
        };
        let mut roots = RootCertStore::empty();
        for root in certificates("the CA", ca)? {
            roots.add(root).map_err(|error| file("the CA")(error.to_string()))?;
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| file("the key")(error.to_string()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = |error: &dyn std::fmt::Display| TlsError::Config(error.to_string());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|error| config(&error))?;
        let mut server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| config(&error))?
            .with_client_cert_verifier(clients)
            .with_single_cert(certificates("the certificate", certificate)?, key)
            .map_err(|error| config(&error))?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(server)))
    }
}

/// Serves until `end` becomes true, and then until the calls that are under way are through, or their time is up.
///
/// # Errors
/// When the port can't be listened on any more.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Tls>,
    end: watch::Receiver<bool>,
    log: Log,
) -> io::Result<()> {
    serve_within(HEAD_WITHIN, listener, router, tls, end, log).await
}

/// The same with another patience with clients that are slow to say what they want.
///
/// # Errors
/// See [`serve`].
pub async fn serve_within(
    patience: Duration,
    listener: TcpListener,
    router: Router,
    tls: Option<Tls>,
    mut end: watch::Receiver<bool>,
    log: Log,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Too many open files, or a client that is gone already: the next one may do better.
                Err(error) => {
                    log.warning(format!("a connection could not be taken: {error}"), []);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = told(&mut end) => break,
        };
        let _without_it_answers_are_only_slower = stream.set_nodelay(true);
        let (router, tls, end) = (router.clone(), tls.clone(), end.clone());
        tokio::spawn(async move {
            match tls {
                None => converse(stream, router, end, patience).await,
                Some(Tls(config)) => {
                    let shaken = tokio::time::timeout(patience, TlsAcceptor::from(config).accept(stream)).await;
                    if let Ok(Ok(stream)) = shaken {
                        converse(stream, router, end, patience).await;
                    }
                }
            }
            drop(place);
        });
    }
    drop(listener);
    // All places are free when all connections have ended.
    let _those_left_are_cut = tokio::time::timeout(FINISH_WITHIN, places.acquire_many(all)).await;
    Ok(())
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    mut end: watch::Receiver<bool>,
    patience: Duration,
) {
    let (asked, mut has_asked) = watch::channel(false);
    let hear = move |request: Request<Body>| {
        asked.send_replace(true);
        std::future::ready(request)
    };
    let router = Router::new().fallback_service(router).layer(middleware::map_request(hear));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_LIMIT)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(HEAD_WITHIN);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    // The limit for heads counts from their first byte on: who says nothing at all would keep a place for ever.
    let silence = tokio::time::timeout(patience, has_asked.wait_for(|asked| *asked));
    tokio::pin!(silence);
    let (mut ending, mut heard) = (false, false);
    loop {
        tokio::select! {
            // What goes wrong on a connection is for the one at its other end.
            _ = connection.as_mut() => return,
            asked = silence.as_mut(), if !heard => match asked {
                Ok(_) => heard = true,
                Err(_) => return,
            },
            () = told(&mut end), if !ending => {
                ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Waits until it becomes true. Nobody left to say so counts as well.
async fn told(end: &mut watch::Receiver<bool>) {
    let _nobody_left = end.wait_for(|told| *told).await.is_err();
}
