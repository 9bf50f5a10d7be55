//! gRPC: a channel to a master, and one place that judges what comes back.

use std::io;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::Code;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint, Uri};

use super::diagnose::connect;
use super::error::{Error, Fault};
use super::masters::{Master, Miss};
use super::{ANSWER_LIMIT, Client};
use crate::model::{Address, DmError};
use crate::wire::pb::master_client::MasterClient;

/// What calls are made with.
pub(super) type Stub = MasterClient<InterceptedService<Channel, Bearer>>;

/// Shows a token with each call, where there is one.
#[derive(Clone)]
pub(super) struct Bearer(Option<Arc<str>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        if let Some(value) = self.0.as_deref().and_then(|token| format!("Bearer {token}").parse().ok()) {
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A channel that connects when it is used, and again when it has broken off.
pub(super) fn channel(address: &Address, tls: Option<&Arc<ClientConfig>>) -> Channel {
    // The connector knows the address; this one only names the authority that the server sees.
    Endpoint::from_static(AUTHORITY).connect_with_connector_lazy(connector(address, tls))
}

/// A stub over a connection of its own, which is there.
pub(super) async fn connected(master: &Master, tls: Option<&Arc<ClientConfig>>) -> Result<Stub, Fault> {
    let channel = Endpoint::from_static(AUTHORITY).connect_with_connector(connector(master.address(), tls)).await;
    let channel = channel.map_err(|error| Fault::Transport(super::rest::deepest(&error)))?;
    Ok(master.stub_over(channel))
}

const AUTHORITY: &str = "http://dm-master";

fn connector(
    address: &Address,
    tls: Option<&Arc<ClientConfig>>,
) -> impl tower::Service<Uri, Response = TokioIo<Box<dyn Stream>>, Error = io::Error, Future: Send> + Send + Clone + 'static {
    let tls = tls.map(|config| {
        let mut config = ClientConfig::clone(config);
        config.alpn_protocols = vec![b"h2".to_vec()];
        Arc::new(config)
    });
    let address = address.clone();
    tower::service_fn(move |_: Uri| {
        let (address, tls) = (address.clone(), tls.clone());
        async move { open(&address, tls.as_ref()).await.map(TokioIo::new) }
    })
}

async fn open(address: &Address, tls: Option<&Arc<ClientConfig>>) -> io::Result<Box<dyn Stream>> {
    let stream = connect(address).await.map_err(|fault| io::Error::other(fault.to_string()))?;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(address.host().to_owned()).map_err(io::Error::other)?;
    Ok(Box::new(tokio_rustls::TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?))
}

impl Master {
    /// A stub for one call.
    pub(super) fn stub(&self) -> Stub {
        self.stub_over(self.channel())
    }

    fn stub_over(&self, channel: Channel) -> Stub {
        MasterClient::with_interceptor(channel, Bearer(self.token())).max_decoding_message_size(ANSWER_LIMIT)
    }
}

impl Client {
    /// What a call answers that DM has since version 8.0; `None` below, where the server does not know it.
    pub(super) async fn read_since_8<T>(
        &self,
        operation: &'static str,
        call: impl AsyncFn(Stub) -> Result<tonic::Response<T>, tonic::Status>,
    ) -> Result<Option<T>, Error> {
        self.read(operation, async |master| match call(master.stub()).await {
            Ok(answer) => Ok(Some(answer.into_inner())),
            Err(status) if status.code() == Code::Unimplemented => Ok(None),
            Err(status) => Err(miss(&status, &master)),
        })
        .await
    }
}

/// Judges a gRPC failure. DM's refusals are no gRPC failures (`result: false`), so these come from the transport, from a follower that
/// can't forward (38043), or from something that is no DM.
pub(super) fn miss(status: &tonic::Status, master: &Master) -> Miss {
    let text = status.message();
    match status.code() {
        // Made up on our side, where the answer does not go by the rules of gRPC.
        _ if text.starts_with("protocol error") || text.starts_with("grpc-status header missing") => {
            Miss::Elsewhere(Fault::Garbled(format!("its gRPC answer breaks the protocol ({text})")))
        }
        Code::Internal
            if text.starts_with("failed to decode")
                || text.starts_with("Unexpected EOF")
                || text.starts_with("Missing response") =>
        {
            Miss::Elsewhere(Fault::Garbled(format!("its gRPC answer can't be decoded ({text})")))
        }
        Code::Unimplemented => Miss::Elsewhere(Fault::Unserved),
        Code::Unauthenticated | Code::PermissionDenied => Miss::Final(Error::Refused(DmError::parse(text))),
        Code::OutOfRange | Code::ResourceExhausted if text.contains("too large") || text.contains("length") => {
            Miss::Final(too_large(master, ANSWER_LIMIT))
        }
        // A follower forwards to the leader, and passes on what became of that. What the server sent has no source; what the
        // transport here made up has one.
        Code::Unknown | Code::Unavailable
            if std::error::Error::source(status).is_none()
                && (text.contains("code=38043") || status.code() == Code::Unavailable || text.contains("code = Unavailable")) =>
        {
            Miss::Elsewhere(Fault::NoLeader)
        }
        Code::Unavailable | Code::Cancelled | Code::Internal => Miss::Elsewhere(Fault::Transport(reason(status))),
        _ if std::error::Error::source(status).is_some() => Miss::Elsewhere(Fault::Transport(reason(status))),
        _ => Miss::Final(refused(text)),
    }
}

pub(super) fn too_large(master: &Master, limit: usize) -> Error {
    Error::Malformed { address: master.address().clone(), what: format!("its answer is larger than {} MiB", limit >> 20) }
}

/// The innermost cause, which is the one that tells something.
fn reason(status: &tonic::Status) -> String {
    if std::error::Error::source(status).is_none() {
        return if status.message().is_empty() { format!("gRPC status {:?}", status.code()) } else { status.message().to_owned() };
    }
    let mut deepest: &dyn std::error::Error = status;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let text = deepest.to_string();
    if text.is_empty() { status.message().to_owned() } else { text }
}

/// `result: false` is a refusal, in DM's words.
pub(super) fn granted(result: bool, message: &str) -> Result<(), Error> {
    if result { Ok(()) } else { Err(refused(message)) }
}

/// A refusal, which may be without words.
fn refused(message: &str) -> Error {
    let said = DmError::parse(message);
    Error::Refused(if said.message.is_empty() { DmError { message: WORDLESS.to_owned(), ..said } } else { said })
}

/// Stands where DM gave no reason.
pub(super) const WORDLESS: &str = "DM refused and gave no reason: the leader's log may";
