//! What carries requests to a node: HTTP over TCP, or the same over the socket in its home.

use crate::socket::SocketPath;
use http::Uri;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jsonrpsee::core::http_helpers::HttpError;
use jsonrpsee::http_client::transport::Error as TransportError;
use jsonrpsee::http_client::{HttpBackend, HttpBody, HttpRequest, HttpResponse};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::net::UnixStream;
use tower::Service;

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
    pub(super) fn socket(path: &Path) -> Self {
        Self(Way::Socket(Client::builder(TokioExecutor::new()).build(SocketConnector(path.into()))))
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
            Way::Tcp(backend) => backend.call(request),
            Way::Socket(client) => {
                let answering = client.request(request);
                Box::pin(async move { answering.await.map_err(not_sent) })
            }
        }
    }
}

fn not_sent(error: Error) -> TransportError {
    TransportError::Http(HttpError::Stream(error.into()))
}

/// Connects to one socket, whatever the URL says.
#[derive(Debug, Clone)]
struct SocketConnector(PathBuf);

impl Service<Uri> for SocketConnector {
    type Response = TokioIo<UnixStream>;
    type Error = io::Error;
    type Future = Answering<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let path = self.0.clone();
        Box::pin(async move { connect(&path).await.map(TokioIo::new) })
    }
}

/// A connection to a node's socket.
pub(super) async fn connect(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(SocketPath::open(path)?.short()).await
}
