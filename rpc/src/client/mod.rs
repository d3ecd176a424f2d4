//! Asking a node.

mod block_watch;
mod blocks;
mod changes;
mod failed;
mod level;
mod patience;
mod transport;
mod trust;
mod wallet;

pub use block_watch::BlockWatch;
pub use changes::Changes;
pub use failed::FailedStakeError;
pub use transport::{Dial, NodeTransport, dial};
pub use trust::{FetchedTicket, TicketFetchError};
pub use wallet::{SendOutcome, Sent, Terms, Wallet, WalletError};

use crate::MOST_ANSWER_BYTES;
use crate::error::RpcRefusal;
use jsonrpsee::client_transport::ws::WsHandshakeError;
use jsonrpsee::core::client::Error as ClientError;
use jsonrpsee::http_client::transport::Error as HttpError;
use jsonrpsee::http_client::{HttpBackend, HttpClient, HttpClientBuilder, RpcLogger, RpcService};
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use transport::SocketWay;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// The most bytes of a question.
const MOST_QUESTION_BYTES: u32 = 32 << 20;
/// How many items of a subscription wait for a slow reader before it is closed.
const MOST_ITEMS: usize = 1024;
/// What stands in the place of URLs where a socket is the way, which needs none.
const SOCKET_URLS: [&str; 2] = ["http://node", "ws://node"];

/// Asks over HTTP, by either way.
pub type NodeClient = HttpClient<RpcLogger<RpcService<NodeTransport>>>;

/// A node at a URL, or at the socket in its home. Call the methods of the traits in [`crate::api`] on it;
/// [`explain`](Self::explain) their errors.
#[derive(Debug, Clone)]
pub struct Node {
    url: String,
    /// The socket, where that is the way.
    socket: Option<SocketWay>,
    http: NodeClient,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The URL cannot be used.
    #[error("{url:?} is not the URL of a node ({reason}); write it like http://127.0.0.1:26600")]
    Url {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody listens there.
    #[error("no node answers at {url}: {reason}; start one or pass --rpc")]
    Unreachable {
        /// The URL.
        url: String,
        /// What the system says of the connection.
        reason: io::ErrorKind,
    },
    /// Its host has no address.
    #[error("the host of {url} cannot be found: {reason}; check its name, and whether this machine can look names up")]
    Unresolved {
        /// The URL.
        url: String,
        /// What the resolver says.
        reason: String,
    },
    /// Nobody listens at the socket of a home.
    #[error("no node answers at the socket {}; it is there while the node of that home runs", .path.display())]
    NoSocket {
        /// The socket.
        path: PathBuf,
    },
    /// The system does not let the socket be used.
    #[error("the socket {} cannot be used: {reason}; it is for the user that runs the node", .path.display())]
    SocketRefused {
        /// The socket.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No answer in time.
    #[error("the node at {url} gave no answer in {} seconds; ask again later, or see whether something else listens there", ANSWER.as_secs())]
    TimedOut {
        /// The URL.
        url: String,
    },
    /// The node refused.
    #[error("{message}")]
    Refused {
        /// The code in [`crate::error::TABLE`].
        code: i32,
        /// The sentence.
        message: String,
        /// The typed error.
        data: Option<Value>,
    },
    /// What answers is no node, or one of another version.
    #[error(
        "what answers at {url} does not speak this node's JSON-RPC: {reason}; name the address of a node of this version, with https:// where it speaks TLS"
    )]
    NotANode {
        /// The URL.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// The node is of a network that has come up to a level of which this software knows nothing.
    #[error(
        "the network of the node at {url} is at level {needs}, and this software knows levels up to {have}, so it cannot read all that \
         is said there; use a newer version"
    )]
    NewerLevel {
        /// The URL.
        url: String,
        /// The level in force.
        needs: u32,
        /// The highest level that is known here.
        have: u32,
    },
    /// The node answered with an HTTP status alone.
    #[error("the node at {url} refused the request with HTTP status {status}: {}", status_meaning(*status))]
    Status {
        /// The URL.
        url: String,
        /// The status.
        status: u16,
    },
    /// The connection broke.
    #[error("the connection to {url} failed: {reason}")]
    Broken {
        /// The URL.
        url: String,
        /// Why.
        reason: String,
    },
}

impl CallError {
    /// The refusal as its type, when the node gave one.
    pub fn refusal(&self) -> Option<RpcRefusal> {
        match self {
            CallError::Refused { data: Some(data), .. } => serde_json::from_value(data.clone()).ok(),
            _ => None,
        }
    }

    /// Whether nothing was heard of the node: it is not there, does not answer, or broke off. Everything else says that something
    /// answers, or that it could not be asked.
    pub fn is_silence(&self) -> bool {
        use CallError::*;
        match self {
            Unreachable { .. } | Unresolved { .. } | NoSocket { .. } | TimedOut { .. } | Broken { .. } => true,
            Url { .. }
            | SocketRefused { .. }
            | Refused { .. }
            | NotANode { .. }
            | NewerLevel { .. }
            | Status { .. } => false,
        }
    }
}

impl Node {
    /// A node to be asked over HTTP. Nothing is sent yet.
    ///
    /// # Errors
    /// A URL that is not `http://` or `https://`.
    pub fn open(url: &str) -> Result<Self, CallError> {
        let http = client(url, NodeTransport::tcp)
            .map_err(|error| CallError::Url { url: url.into(), reason: error.to_string() })?;
        Ok(Self { url: url.into(), socket: None, http })
    }

    /// The node whose home has this socket: [`OPERATOR_SOCKET`](crate::OPERATOR_SOCKET). Nothing is sent yet.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn at_socket(path: &Path) -> Result<Self, CallError> {
        Self::at(SocketWay { path: path.into(), dial: None })
    }

    /// As [`at_socket`](Self::at_socket), where another user than this process' is let in, as whom `dial` gets there.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn at_socket_by(path: &Path, dial: Dial) -> Result<Self, CallError> {
        Self::at(SocketWay { path: path.into(), dial: Some(dial) })
    }

    fn at(way: SocketWay) -> Result<Self, CallError> {
        let url = format!("unix:{}", way.path.display());
        let http = client(SOCKET_URLS[0], |_| NodeTransport::socket(&way))
            .map_err(|error| CallError::Url { url: url.clone(), reason: error.to_string() })?;
        Ok(Self { url, socket: Some(way), http })
    }

    /// The URL; of a socket, `unix:` and its path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A WebSocket connection to the same node, for subscriptions.
    ///
    /// # Errors
    /// No connection.
    pub async fn connect(&self) -> Result<WsClient, CallError> {
        let builder = WsClientBuilder::default()
            .request_timeout(ANSWER)
            .connection_timeout(CONNECT)
            .max_request_size(MOST_QUESTION_BYTES)
            .max_response_size(MOST_ANSWER_BYTES)
            .max_buffer_capacity_per_subscription(MOST_ITEMS);
        let connected = match &self.socket {
            None => builder.build(self.url.replacen("http", "ws", 1)).await,
            Some(way) => {
                let stream = transport::connect(way).await.map_err(|error| unusable(&way.path, &error))?;
                let greeted = builder.build_with_stream(SOCKET_URLS[1], stream);
                tokio::time::timeout(CONNECT, greeted).await.unwrap_or(Err(ClientError::RequestTimeout))
            }
        };
        connected.map_err(|error| self.explain(error))
    }

    /// The sentence for a failed call.
    pub fn explain(&self, error: ClientError) -> CallError {
        let url = self.url.clone();
        match error {
            ClientError::Call(refused) => CallError::Refused {
                code: refused.code(),
                message: refused.message().into(),
                data: refused.data().and_then(|data| serde_json::from_str(data.get()).ok()),
            },
            ClientError::RequestTimeout => CallError::TimedOut { url },
            ClientError::ParseError(error) => CallError::NotANode { url, reason: error.to_string() },
            ClientError::InvalidRequestId(error) => CallError::NotANode { url, reason: error.to_string() },
            ClientError::Transport(error) => self.not_carried(error.as_ref()),
            ClientError::RestartNeeded(error) => CallError::Broken { url, reason: error.to_string() },
            other => CallError::Broken { url, reason: other.to_string() },
        }
    }

    /// Why a request did not come to the node and back.
    fn not_carried(&self, error: &(dyn std::error::Error + Send + Sync + 'static)) -> CallError {
        let url = self.url.clone();
        let first: &(dyn std::error::Error + 'static) = error;
        let mut chain = std::iter::successors(Some(first), |error| error.source());
        if let Some(way) = &self.socket
            && let Some(refused) = chain.clone().filter_map(io_error).find(|error| !is_broken(error.kind()))
        {
            return unusable(&way.path, refused);
        }
        if let Some(reason) = chain.clone().find_map(unresolved) {
            return CallError::Unresolved { url, reason };
        }
        if let Some(reason) = chain.clone().filter_map(kind).find(|kind| is_unreachable(*kind)) {
            return CallError::Unreachable { url, reason };
        }
        let reason = causes(chain.clone());
        if chain.clone().any(is_no_http) {
            return CallError::NotANode { url, reason };
        }
        match chain.find_map(status) {
            Some(status) => CallError::Status { url, status },
            None => CallError::Broken { url, reason },
        }
    }
}

impl std::ops::Deref for Node {
    type Target = NodeClient;
    fn deref(&self) -> &NodeClient {
        &self.http
    }
}

/// A client that asks by a way made of jsonrpsee's own.
fn client(target: &str, over: impl Fn(HttpBackend) -> NodeTransport) -> Result<NodeClient, ClientError> {
    HttpClientBuilder::default()
        .request_timeout(ANSWER)
        .connect_timeout(CONNECT)
        .max_request_size(MOST_QUESTION_BYTES)
        .max_response_size(MOST_ANSWER_BYTES)
        .set_http_middleware(tower::ServiceBuilder::new().layer(tower::layer::layer_fn(over)))
        .build(target)
}

/// Why a socket does not lead to a node.
fn unusable(path: &Path, error: &io::Error) -> CallError {
    let path = path.to_path_buf();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => CallError::NoSocket { path },
        _ => CallError::SocketRefused { path, reason: error.to_string() },
    }
}

fn status(error: &(dyn std::error::Error + 'static)) -> Option<u16> {
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(HttpError::Rejected { status_code }), _) | (_, Some(WsHandshakeError::Rejected { status_code })) => {
            Some(*status_code)
        }
        _ => None,
    }
}

fn status_meaning(status: u16) -> &'static str {
    match status {
        403 => "it does not answer pages of this origin",
        408 => "the request took too long to arrive, or its answer to make",
        413 => "it takes no body of this size",
        429 | 503 => "it has as many connections as it allows; try again later",
        _ => "something else listens there; name the address of a node's JSON-RPC",
    }
}

/// What went wrong, from the step down to what the system or the other side says. The client's name of a step, such as "client
/// error (Connect)", says nothing where there is a cause.
fn causes<'a>(chain: impl Iterator<Item = &'a (dyn std::error::Error + 'static)>) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in chain.map(ToString::to_string) {
        if !said.iter().any(|earlier| earlier.contains(&cause)) {
            said.push(cause);
        }
    }
    if said.len() > 1 {
        said.retain(|cause| !cause.starts_with("client error ("));
    }
    said.join(": ")
}

/// What the resolver says of a name that it has no address for. The HTTP client's error has a name and no public type.
fn unresolved(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    match error.downcast_ref() {
        Some(WsHandshakeError::ResolutionFailed(error)) => Some(error.to_string()),
        _ if error.to_string() == "dns error" => Some(error.source().map_or_else(String::new, ToString::to_string)),
        _ => None,
    }
}

/// Whether what came back is no HTTP, as of another service, or of one that speaks TLS.
fn is_no_http(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}

fn io_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a io::Error> {
    error.downcast_ref()
}

/// Whether a connection ended that was there.
fn is_broken(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::*;
    matches!(kind, BrokenPipe | ConnectionReset | ConnectionAborted | UnexpectedEof | NotConnected)
}

/// The kind of an IO error, also where a WebSocket handshake holds it without naming it as its source.
fn kind(error: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    match error.downcast_ref::<WsHandshakeError>() {
        Some(WsHandshakeError::Io(error) | WsHandshakeError::ResolutionFailed(error)) => Some(error.kind()),
        Some(WsHandshakeError::Timeout(_)) => Some(io::ErrorKind::TimedOut),
        _ => error.downcast_ref::<io::Error>().map(io::Error::kind),
    }
}

fn is_unreachable(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::*;
    matches!(kind, ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable | TimedOut)
}
