//! What can go wrong with a call to the scripted cluster, and a connection that can be cut by whoever answers on it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::http::Extensions;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong with a call. A call that only reads has no work to do: there `Before` and `After` are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lose {
    /// It is read, nothing is done, and the connection is cut.
    Before,
    /// It is done, and the connection is cut.
    After,
    /// It is done, and the connection is cut in the middle of the answer.
    Half,
    /// It is never answered.
    Hold { done: bool },
    /// DM refuses it with this text.
    Refuse(String),
    /// REST: this status, and an empty body. 500 is a panic of a handler, 502 a proxy that lost its leader.
    Http { status: u16, done: bool },
    /// gRPC: a status in the place of an answer, such as a follower gives that can't ask its leader.
    Grpc { code: tonic::Code, text: String, done: bool },
    /// It is done and answered, and with that the worker of this source is gone.
    Worker(String),
}

impl Lose {
    /// Whether the cluster has done it all the same.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Before | Self::Refuse(_) => false,
            Self::After | Self::Half | Self::Worker(_) => true,
            Self::Hold { done } | Self::Http { done, .. } | Self::Grpc { done, .. } => *done,
        }
    }
}

/// One connection, as a handler sees it.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<Switch>>);

#[derive(Default)]
struct Switch {
    /// How many bytes may still be written; `None` is no limit.
    left: Option<usize>,
    reader: Option<Waker>,
}

impl Wire {
    /// The connection that a request came in on.
    pub fn of(extensions: &Extensions) -> Self {
        let ConnectInfo(wire) = extensions.get::<ConnectInfo<Self>>().expect("every connection is a `Line`");
        wire.clone()
    }

    /// Cuts the connection, now.
    pub async fn cut<T>(&self) -> T {
        self.cut_after(0);
        std::future::pending().await
    }

    /// Cuts the connection when so many more bytes were written.
    pub fn cut_after(&self, bytes: usize) {
        let mut switch = self.0.lock().unwrap();
        switch.left = Some(bytes);
        if let Some(reader) = switch.reader.take() {
            reader.wake();
        }
    }
}

impl Connected<IncomingStream<'_, Lines>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().wire.clone()
    }
}

/// Takes connections, and makes each a [`Line`].
pub struct Lines(pub TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, peer) = self.0.accept().await.unwrap();
        (Line { stream: Some(stream), wire: Wire::default() }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that is closed as soon as its wire is cut.
pub struct Line {
    stream: Option<TcpStream>,
    wire: Wire,
}

fn gone() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let cut = {
            let mut switch = self.wire.0.lock().unwrap();
            switch.reader = Some(context.waker().clone());
            switch.left == Some(0)
        };
        if cut {
            self.stream = None;
        }
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_read(context, buffer),
            None => Poll::Ready(Err(gone())),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.wire.0.lock().unwrap().left;
        if left == Some(0) {
            self.stream = None;
        }
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(gone())) };
        let written =
            std::task::ready!(Pin::new(stream).poll_write(context, &bytes[..bytes.len().min(left.unwrap_or(usize::MAX))]))?;
        if let Some(left) = left {
            self.wire.0.lock().unwrap().left = Some(left - written);
            if left == written {
                self.stream = None;
            }
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_flush(context),
            None => Poll::Ready(Err(gone())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_shutdown(context),
            None => Poll::Ready(Ok(())),
        }
    }
}
