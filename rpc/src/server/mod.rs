//! The server: HTTP and WebSocket, by two ways. At the port strangers ask what may be read and send transactions; over the
//! socket in the node's home its operator asks all of that too, and acts on the node.

mod accept;
mod admission;
mod answers;
mod audit;
mod batch;
mod case;
mod catch_up;
mod chain;
mod feeds;
mod flags;
mod follow;
mod gov;
mod heavy;
mod node;
mod operator;
mod peer;
mod places;
mod proxies;
mod rewards;
mod roles;
mod rollout;
mod staking;
mod timer;
mod tx;
mod watch;

use crate::answer_size::{self, MOST_ANSWER_BYTES};
use crate::listener::listen_on;
use crate::source::NodeSource;
use accept::{Door, MOST_TURNED_AWAY, Origins, Port};
use admission::RequestRules;
use answers::Answers;
use jsonrpsee::RpcModule;
use jsonrpsee::server::ServerHandle;
use operator::OperatorSocket;
use places::MOST_LEAVING;
pub use proxies::{AddressRange, NoRange};
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// The operator's connections at once: those of a supervisor, and of who looks after the node.
const OPERATORS_CONNECTIONS: u32 = 64;

/// The descriptors that both ways to a node hold at most, whose port takes so many connections: for each a socket and a second
/// hold on it, also for those that gave way and are told so; and a socket for those that found no place.
pub fn most_descriptors(max_connections: u32) -> u64 {
    let of_a_way = |most: u32| {
        let served = u64::from(most).saturating_add(MOST_LEAVING);
        served.saturating_mul(2).saturating_add(MOST_TURNED_AWAY.into())
    };
    of_a_way(max_connections).saturating_add(of_a_way(OPERATORS_CONNECTIONS))
}

/// Where the server listens, and its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// The address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Further addresses and ports, under the same bounds. Beside one of IPv4, one of IPv6 takes that family alone.
    pub also_listen: Vec<SocketAddr>,
    /// Connections at once, HTTP and WebSocket together. When all are taken, one that has nothing to do gives way, else one that has
    /// nothing but subscriptions, of those who hold the most; when each has a request that is being served, whoever comes is told that
    /// the node is busy.
    pub max_connections: u32,
    /// As many of them at most for one address (of IPv6: one /64).
    pub max_connections_per_address: u32,
    /// Bytes of one body or WebSocket message; a transaction in JSON is twice its encoded size.
    pub max_body_bytes: u32,
    /// Bytes of one answer, or of the answers to one batch. More than the record of the chain's fullest block needs is never
    /// taken; with less, the fullest blocks are not answered.
    pub max_response_bytes: u32,
    /// Requests in one batch.
    pub max_batch: u32,
    /// Subscriptions on one WebSocket connection.
    pub max_subscriptions_per_connection: u32,
    /// Requests a second from one address (of IPv6: one /64), with bursts of twice as many; each of a batch counts, and each probe.
    /// What asks from a loopback address and was sent on by nobody has a budget of its own. 0 sets no bound.
    pub requests_per_second: u32,
    /// The proxies that say, in `X-Forwarded-For`, from which address a request comes: out of that one's budgets it is answered.
    /// They may have as many connections as there are. What others say of addresses counts for nothing.
    pub trusted_proxies: Vec<AddressRange>,
    /// The origins whose pages may ask, such as `https://explorer.example`; `*` for all. Others are refused.
    pub cors_origins: Vec<String>,
    /// How long reading a request and making its answer may take, in milliseconds; and for how long a transaction is watched that the
    /// node does not know.
    pub request_timeout_ms: u64,
    /// Requests at once that take much work, such as proofs, blocks and dry runs; further ones are told to try again.
    pub max_heavy_requests: u32,
    /// How long a report may take to make, in milliseconds: what is said of plans, changes, flags, cases and roles in pages and boards.
    /// One that takes longer is refused, and no part of it is answered.
    pub report_budget_ms: u64,
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
            also_listen: Vec::new(),
            max_connections: 256,
            max_connections_per_address: 16,
            max_body_bytes: 1 << 20,
            max_response_bytes: MOST_ANSWER_BYTES,
            max_batch: 50,
            max_subscriptions_per_connection: 8,
            requests_per_second: 1_000,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            request_timeout_ms: 30_000,
            max_heavy_requests: 2,
            report_budget_ms: 1_800,
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
    /// The system does not let the operator's socket be made, or kept from others.
    #[error(
        "the operator's socket {} cannot be made: {error}; let the user that runs the node own its folder",
        .path.display()
    )]
    Socket {
        /// The socket.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another node answers at the operator's socket.
    #[error("a node answers at {} already; stop it first", .0.display())]
    SocketInUse(PathBuf),
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
    /// Where it listens, with the port that was taken; of several addresses the first.
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

/// The operator's way to a running node. It closes when this is dropped, or when it is told to.
#[derive(Debug)]
pub struct OperatorServer {
    path: PathBuf,
    handle: ServerHandle,
}

impl OperatorServer {
    /// Takes no more connections, answers what was asked, and returns when all connections are closed.
    pub async fn stop(self) {
        // Fails only when all connections are closed already.
        let _ = self.handle.stop();
        self.handle.clone().stopped().await;
    }
}

impl Drop for OperatorServer {
    fn drop(&mut self) {
        let _ = self.handle.stop();
        // What stays is taken for what a killed node left, and replaced.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Starts the server on the current tokio runtime. What is the operator's to ask is not answered there, whoever asks; see
/// [`serve_operator`].
///
/// # Errors
/// The address cannot be listened on, or the configuration makes no sense.
pub async fn serve(
    config: ServerConfig,
    source: Arc<dyn NodeSource>,
    observer: Arc<dyn Observer>,
) -> Result<Server, ServeError> {
    let config = answerable(config, source.as_ref());
    let origins = Origins::parse(&config.cors_origins)?;
    let (address, doors) = listeners(&config)?;
    let methods = public_methods(Answers::new(source.clone(), &config));
    let handle = open(doors, &config, origins, RequestRules::of_port(&config, observer), methods, source);
    Ok(Server { address, handle })
}

/// Listens wherever the configuration says; and the first of these addresses.
fn listeners(config: &ServerConfig) -> Result<(SocketAddr, Vec<TcpListener>), ServeError> {
    let also = &config.also_listen;
    let v6_only = config.listen.is_ipv4() || also.iter().any(SocketAddr::is_ipv4);
    let listen = |address: SocketAddr| {
        listen_on(address, v6_only).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => ServeError::PortInUse(address),
            _ => ServeError::Listen { address, error },
        })
    };
    let first = listen(config.listen)?;
    let address = first.local_addr().map_err(|error| ServeError::Listen { address: config.listen, error })?;
    let others = also.iter().map(|address| listen(*address)).collect::<Result<Vec<_>, _>>()?;
    Ok((address, std::iter::once(first).chain(others).collect()))
}

/// Starts what the operator asks over, on the current tokio runtime: every method there is, at a Unix socket that only the user
/// who runs this process reaches. `socket` is [`OPERATOR_SOCKET`](crate::OPERATOR_SOCKET) in the node's home; its folder is
/// made, and closed to others.
///
/// # Errors
/// The socket cannot be made, or another node answers there.
pub async fn serve_operator(
    socket: &Path,
    source: Arc<dyn NodeSource>,
    observer: Arc<dyn Observer>,
) -> Result<OperatorServer, ServeError> {
    let bounds = ServerConfig {
        max_connections: OPERATORS_CONNECTIONS,
        max_connections_per_address: OPERATORS_CONNECTIONS,
        requests_per_second: 0,
        cors_origins: Vec::new(),
        ..ServerConfig::default()
    };
    let config = answerable(bounds, source.as_ref());
    let door = OperatorSocket::bind(socket)?;
    let methods = all_methods(Answers::new(source.clone(), &config));
    let rules = RequestRules::of_socket(&config, observer);
    let handle = open(vec![door], &config, Origins::These(Vec::new()), rules, methods, source);
    Ok(OperatorServer { path: socket.into(), handle })
}

/// The configuration with answers no longer than one of this chain can be.
fn answerable(config: ServerConfig, source: &dyn NodeSource) -> ServerConfig {
    let max_response_bytes = config.max_response_bytes.min(answer_size::most_of(source.genesis()));
    ServerConfig { max_response_bytes, ..config }
}

/// Takes connections from now on.
fn open<D: Door>(
    doors: Vec<D>,
    config: &ServerConfig,
    origins: Origins,
    rules: RequestRules,
    methods: RpcModule<()>,
    node: Arc<dyn NodeSource>,
) -> ServerHandle {
    let (stop, handle) = jsonrpsee::server::stop_channel();
    let port = Port::new(config, origins, rules, methods, node, stop);
    for door in doors {
        tokio::spawn(accept::accept(door, port.clone()));
    }
    handle
}

/// What the port answers, of all namespaces in one module. Merging fails only when two traits name one method, which the method
/// table's test excludes.
fn public_methods(answers: Answers) -> RpcModule<()> {
    use crate::api::*;
    let mut all = RpcModule::new(());
    let ready = answers.clone();
    let merged = [
        all.merge(GovApiServer::into_rpc(answers.clone())),
        all.merge(ChainApiServer::into_rpc(answers.clone())),
        all.merge(RolloutApiServer::into_rpc(answers.clone())),
        all.merge(RolesApiServer::into_rpc(answers.clone())),
        all.merge(CaseApiServer::into_rpc(answers.clone())),
        all.merge(FlagsApiServer::into_rpc(answers.clone())),
        all.merge(AuditApiServer::into_rpc(answers.clone())),
        all.merge(StakingApiServer::into_rpc(answers.clone())),
        all.merge(RewardsApiServer::into_rpc(answers.clone())),
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

/// What the operator's socket answers: what the port does, and what is the operator's to ask.
fn all_methods(answers: Answers) -> RpcModule<()> {
    use crate::api::*;
    let mut all = public_methods(answers.clone());
    let merged = [
        all.merge(OperatorNodeApiServer::into_rpc(answers.clone())),
        all.merge(OperatorNetApiServer::into_rpc(answers)),
    ];
    debug_assert!(merged.iter().all(Result::is_ok), "two traits name one method");
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::{METHODS, MethodAccess};
    use std::collections::BTreeSet;

    fn names(module: fn(Answers) -> RpcModule<()>) -> BTreeSet<&'static str> {
        let source = Arc::new(crate::testing::MemoryNode::new(runtime::testing::genesis()));
        module(Answers::new(source, &ServerConfig::default())).method_names().collect()
    }

    fn listed(access: &[MethodAccess]) -> BTreeSet<&'static str> {
        METHODS.iter().filter(|method| access.contains(&method.access)).map(|method| method.name).collect()
    }

    #[test]
    fn every_registered_method_is_in_the_table_and_no_other() {
        assert_eq!(names(all_methods), listed(&[MethodAccess::Anywhere, MethodAccess::Socket]));
    }

    #[test]
    fn h13_what_is_the_operators_is_not_in_the_module_of_the_port() {
        let operators = listed(&[MethodAccess::Socket]);
        assert!(operators.contains("net.forget") && operators.contains("node.health"), "{operators:?}");
        assert!(names(public_methods).is_disjoint(&operators));
        assert_eq!(names(public_methods), listed(&[MethodAccess::Anywhere]));
    }
}
