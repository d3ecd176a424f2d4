//! What carries requests to a node: HTTP over TCP, or the same over the socket in its home.

use crate::socket::SocketPath;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{StatusCode, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jsonrpsee::core::http_helpers::HttpError;
use jsonrpsee::http_client::transport::Error as TransportError;
use jsonrpsee::http_client::{HttpBackend, HttpBody, HttpRequest, HttpResponse};
use std::fmt;
use std::io;
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::UnixStream;
use tower::Service;

/// How somebody gets to a socket other than by itself; may block.
pub type Dial = Arc<dyn Fn(&Path) -> io::Result<BlockingStream> + Send + Sync>;

type Answering<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Carries requests to a node.
#[derive(Debug, Clone)]
pub struct NodeTransport(Way);

#[derive(Debug, Clone)]
enum Way {
    Tcp(HttpBackend),
    Socket(Client<SocketConnector, HttpBody>),
}

impl NodeTransport {
    /// To a node at a URL.
    pub(super) fn tcp(backend: HttpBackend) -> Self {
        Self(Way::Tcp(backend))
    }

    /// To the node that has this socket.
    pub(super) fn socket(way: &SocketWay) -> Self {
        Self(Way::Socket(Client::builder(TokioExecutor::new()).build(SocketConnector(way.clone()))))
    }
}

impl Service<HttpRequest> for NodeTransport {
    type Response = HttpResponse<Incoming>;
    type Error = TransportError;
    type Future = Answering<Self::Response, Self::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match &mut self.0 {
            Way::Tcp(backend) => backend.poll_ready(context),
            Way::Socket(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, request: HttpRequest) -> Self::Future {
        match &mut self.0 {
            Way::Tcp(backend) => {
                let answering = backend.call(request);
                Box::pin(async move { answering.await.map(with_its_words) })
            }
            Way::Socket(client) => {
                let answering = client.request(request);
                Box::pin(async move { answering.await.map_err(not_sent) })
            }
        }
    }
}

/// A node that says who asks too fast, and until when, says so in JSON-RPC as well; jsonrpsee reads no body beside such a status.
fn with_its_words<B>(mut answer: HttpResponse<B>) -> HttpResponse<B> {
    let is_json = |kind: &HeaderValue| kind.as_bytes().starts_with(b"application/json");
    if answer.status() == StatusCode::TOO_MANY_REQUESTS && answer.headers().get(CONTENT_TYPE).is_some_and(is_json) {
        *answer.status_mut() = StatusCode::OK;
    }
    answer
}

fn not_sent(error: Error) -> TransportError {
    TransportError::Http(HttpError::Stream(error.into()))
}

/// A socket, and who gets there.
#[derive(Clone)]
pub(super) struct SocketWay {
    /// The socket.
    pub path: PathBuf,
    /// None for this process as it is.
    pub dial: Option<Dial>,
}

impl fmt::Debug for SocketWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketWay").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Connects to one socket, whatever the URL says.
#[derive(Debug, Clone)]
struct SocketConnector(SocketWay);

impl Service<Uri> for SocketConnector {
    type Response = TokioIo<UnixStream>;
    type Error = io::Error;
    type Future = Answering<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let way = self.0.clone();
        Box::pin(async move { connect(&way).await.map(TokioIo::new) })
    }
}

/// A connection to a node's socket.
pub(super) async fn connect(way: &SocketWay) -> io::Result<UnixStream> {
    let Some(dial) = way.dial.clone() else {
        return UnixStream::connect(SocketPath::open(&way.path)?.short()).await;
    };
    let path = way.path.clone();
    let dialled = tokio::task::spawn_blocking(move || dial(&path)).await.map_err(io::Error::other)??;
    dialled.set_nonblocking(true)?;
    UnixStream::from_std(dialled)
}

/// A connection to a node's socket, for whoever [dials](Dial). Blocks.
///
/// # Errors
/// The system's.
pub fn dial(path: &Path) -> io::Result<BlockingStream> {
    BlockingStream::connect(SocketPath::open(path)?.short())
}
