//! The server: HTTP and WebSocket on one port, every method, every bound.

mod accept;
mod admission;
mod answers;
mod caller;
mod catch_up;
mod chain;
mod feeds;
mod follow;
mod gov;
mod heavy;
mod node;
mod tx;
mod watch;

use crate::answer_size::{self, MOST_ANSWER_BYTES};
use crate::source::NodeSource;
use admission::RequestRules;
use answers::Answers;
use jsonrpsee::RpcModule;
use jsonrpsee::server::ServerHandle;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Where the server listens, and its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// The address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Connections at once, HTTP and WebSocket together; further ones are told that the node is busy.
    pub max_connections: u32,
    /// Bytes of one body or WebSocket message; a transaction in JSON is twice its encoded size.
    pub max_body_bytes: u32,
    /// Bytes of one answer, or of the answers to one batch. More than the record of the chain's fullest block needs is never
    /// taken; with less, the fullest blocks are not answered.
    pub max_response_bytes: u32,
    /// Requests in one batch.
    pub max_batch: u32,
    /// Subscriptions on one WebSocket connection.
    pub max_subscriptions_per_connection: u32,
    /// Requests a second from one address (of IPv6: one /64), with bursts of twice as many; each of a batch counts.
    /// 0 sets no bound.
    pub requests_per_second: u32,
    /// The origins whose pages may ask, such as `https://explorer.example`; `*` for all. Others are refused.
    pub cors_origins: Vec<String>,
    /// How long reading a request and making its answer may take, in milliseconds.
    pub request_timeout_ms: u64,
    /// Requests at once whose answers are made of many rows, such as proofs and blocks; further ones are told to try again.
    pub max_heavy_requests: u32,
    /// Bytes a second of old blocks for subscribers that are behind, all together.
    pub catch_up_bytes_per_second: u64,
    /// As many of them at most for those of one address (of IPv6: one /64).
    pub catch_up_bytes_per_address: u64,
    /// How long a subscriber may leave its full buffer unread before it is dropped, in milliseconds.
    pub slow_subscriber_ms: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 26600)),
            max_connections: 256,
            max_body_bytes: 1 << 20,
            max_response_bytes: MOST_ANSWER_BYTES,
            max_batch: 50,
            max_subscriptions_per_connection: 8,
            requests_per_second: 1_000,
            cors_origins: Vec::new(),
            request_timeout_ms: 30_000,
            max_heavy_requests: 2,
            catch_up_bytes_per_second: 16 << 20,
            catch_up_bytes_per_address: 4 << 20,
            slow_subscriber_ms: 10_000,
        }
    }
}

/// Is told of every answered request; for metrics.
pub trait Observer: Send + Sync + 'static {
    /// `method` is one of [`crate::methods::METHODS`], or `unknown`; a subscription counts once, when it is accepted or not.
    fn observe(&self, method: &'static str, elapsed: Duration, ok: bool);
}

impl<F: Fn(&'static str, Duration, bool) + Send + Sync + 'static> Observer for F {
    fn observe(&self, method: &'static str, elapsed: Duration, ok: bool) {
        self(method, elapsed, ok);
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody listens there already.
    #[error("port {} of {} is in use; stop what uses it, or set another address under rpc.listen", .0.port(), .0.ip())]
    PortInUse(SocketAddr),
    /// The system does not let it listen there.
    #[error("cannot listen on {address}: {error}; set another address under rpc.listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// An origin is not one.
    #[error("rpc.cors_origins has {0:?}, which is not an origin; write it like https://explorer.example")]
    Origin(String),
}

/// A running server. It stops when this is dropped, or when it is told to.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    /// Where it listens, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, answers what was asked, and returns when all connections are closed.
    pub async fn stop(self) {
        // Fails only when all connections are closed already.
        let _ = self.handle.stop();
        self.handle.clone().stopped().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.handle.stop();
    }
}

/// Starts the server on the current tokio runtime.
///
/// # Errors
/// The address cannot be listened on, or the configuration makes no sense.
pub async fn serve(
    config: ServerConfig,
    source: Arc<dyn NodeSource>,
    observer: Arc<dyn Observer>,
) -> Result<Server, ServeError> {
    let max_response_bytes = config.max_response_bytes.min(answer_size::most_of(source.genesis()));
    let config = ServerConfig { max_response_bytes, ..config };
    let cors = accept::Origins::parse(&config.cors_origins)?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse(config.listen),
        _ => ServeError::Listen { address: config.listen, error },
    })?;
    let address = listener.local_addr().map_err(|error| ServeError::Listen { address: config.listen, error })?;
    let methods = methods(Answers::new(source, &config));
    let rules = Arc::new(RequestRules::new(&config, observer));
    let (stop, handle) = jsonrpsee::server::stop_channel();
    tokio::spawn(accept::accept(listener, config, cors, rules, methods, stop));
    Ok(Server { address, handle })
}

/// All namespaces in one module. Merging fails only when two traits name one method, which the method table's test excludes.
fn methods(answers: Answers) -> RpcModule<()> {
    use crate::api::*;
    let mut all = RpcModule::new(());
    let ready = answers.clone();
    let merged = [
        all.merge(GovApiServer::into_rpc(answers.clone())),
        all.merge(ChainApiServer::into_rpc(answers.clone())),
        all.merge(StateApiServer::into_rpc(answers.clone())),
        all.merge(TxApiServer::into_rpc(answers.clone())),
        all.merge(AccountApiServer::into_rpc(answers.clone())),
        all.merge(NodeApiServer::into_rpc(answers.clone())),
        all.merge(NetApiServer::into_rpc(answers.clone())),
        all.merge(RpcApiServer::into_rpc(answers)),
    ];
    all.remove_method("gov.release_signers");
    let signers = all.register_method("gov.release_signers", move |_, _, _| ready.ready_signers());
    debug_assert!(signers.is_ok(), "the trait's method was in the way");
    debug_assert!(merged.iter().all(Result::is_ok), "two namespaces name one method");
    all
}

#[cfg(test)]
mod tests {
    use crate::methods::METHODS;

    #[test]
    fn every_registered_method_is_in_the_table_and_no_other() {
        let source = std::sync::Arc::new(crate::testing::MemoryNode::new(runtime::testing::genesis()));
        let module = super::methods(super::Answers::new(source, &super::ServerConfig::default()));
        let mut registered: Vec<&str> = module.method_names().collect();
        let mut listed: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
        registered.sort_unstable();
        listed.sort_unstable();
        assert_eq!(registered, listed);
    }
}
