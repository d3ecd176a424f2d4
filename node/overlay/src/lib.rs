//! The overlay: the node's own libp2p swarm, over which transactions, and what nodes tell of their chain, travel to every node.
//!
//! [`start`] opens one TCP port (Noise, Yamux) and runs one task. What a caller publishes is gossiped (gossipsub 1.1) to
//! every peer of the same network; what peers send is judged by the [`MessageChecker`], such as the mempool's admission, on
//! threads of its own, and only what it accepts travels on. Peers are remembered in `overlay/peers.json`, scored, and for a while refused
//! when they misbehave. Consensus traffic does not pass here: it stays in Malachite's swarm. Peers tell each other
//! [what waits](ExchangedPool) when they meet and from time to time, and give each other release [`artifacts`] by hash. What witnesses of the
//! network's log cosigned has a topic of its own, which a node [joins and leaves](OverlayHandle::hear_cosignatures).
//!
//! ```no_run
//! use std::sync::Arc;
//! use overlay::{self, OverlayConfig, OverlayMetrics, MessageVerdict};
//!
//! # async fn example(config: OverlayConfig, seed: [u8; 32]) -> Result<(), Box<dyn std::error::Error>> {
//! let overlay = overlay::start(config, seed, Arc::new(|_: &[u8]| MessageVerdict::Accept), OverlayMetrics::default()).await?;
//! overlay.publish(b"a signed transaction".to_vec())?;
//! overlay.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Invariants
//! - A message that the checker has not accepted is never forwarded.
//! - What is not wanted of a peer comes out of that peer's budget, and of nobody else's.
//! - No gossip passes between nodes whose chain id or genesis differ: they have no protocol in common. Such a peer is
//!   disconnected as soon as it says what it is.
//! - Nothing a peer sends grows without a bound: connections, messages being checked, artifacts being
//!   read, addresses, remembered and refused peers.
//! - Publishing never waits: the queue takes the message or the caller hears why not.

mod address;
pub mod artifacts;
mod behaviour;
mod budget;
mod check;
mod connections;
mod dial;
mod doubts;
mod exchange;
mod frame;
mod lot;
mod messages;
mod metrics;
mod network;
mod peers;
mod start;
mod status;
mod store;
mod swarm;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod twins;

use crate::artifacts::ServedArtifacts;
use libp2p::{Multiaddr, PeerId, identity::Keypair};
use primitives::{ChainId, Digest};
use std::{net::SocketAddr, path::PathBuf};
use tokio::sync::{mpsc, oneshot, watch};

pub use address::{AddressError, PEER_ADDRESSES, parse as parse_address};
pub use check::{CheckMessages, Cost, MessageChecker, MessageVerdict};
pub use exchange::{ExchangedPool, Lacks, ReadTransaction, ReadyIds};
pub use lot::PeerLot;
pub use metrics::OverlayMetrics;
pub use rpc::views::{Direction, LivePeer, OverlayStatus, RefusedPeer, SharedKey};
pub use start::start;
pub use store::{PeerRecord, PeerStore, PeerStoreError};

/// Published messages that may wait for the swarm task; one more is refused with [`PublishError::QueueFull`].
pub const PUBLISH_QUEUE: usize = 1024;

/// What each message on the topic of cosignatures begins with, and no other message does.
pub const COSIGNATURE: u8 = 0xfb;

/// The most bytes of such a message.
pub const MOST_COSIGNATURE_BYTES: usize = 256;

/// What the overlay is told once, at start.
#[derive(Debug, Clone)]
pub struct OverlayConfig {
    /// Where to listen; port 0 lets the system choose, and [`OverlayStatus::listen`] then names the port.
    pub listen: SocketAddr,
    /// Further addresses to listen on. Each takes one family.
    pub also_listen: Vec<SocketAddr>,
    /// Peers to stay connected with, as `/ip4/../tcp/..` or `/dns4/../tcp/..`, each with or without `/p2p/<peer id>`.
    /// The node's own address among them does no harm. [`parse_address`] also reads `host:port`.
    pub peers: Vec<Multiaddr>,
    /// The peer store, `<home>/overlay/peers.json`; created when missing, with its directory.
    pub store_path: PathBuf,
    /// The network's name; with `genesis_hash` it is part of every protocol and topic name.
    pub chain_id: ChainId,
    /// The BLAKE3 of genesis.
    pub genesis_hash: Digest,
    /// Connections at most, 1 and up. A quarter of them is kept for peers that this node dials, so that strangers cannot
    /// take every place.
    pub max_peers: u32,
    /// Bytes of one message at most, 1 to [`OverlayConfig::MESSAGE_BYTES_LIMIT`]. Every node of a network needs the same.
    pub max_message_bytes: usize,
    /// The release artifacts that peers may have; none when this node gives them nothing.
    pub mirror: Option<ServedArtifacts>,
    /// What waits here and is exchanged with peers; none when this node neither tells nor asks.
    pub pool: Option<ExchangedPool>,
}

impl OverlayConfig {
    /// The most that `max_message_bytes` may be: 16 MiB.
    pub const MESSAGE_BYTES_LIMIT: usize = 16 * 1024 * 1024;
}

/// Why the overlay did not start, or did not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// Another process listens there.
    #[error(
        "the overlay cannot listen on {0}: another process uses this port; stop it, or set another overlay port in the configuration"
    )]
    PortInUse(SocketAddr),
    /// The address cannot be listened on for another reason.
    #[error("the overlay cannot listen on {listen}: {reason}; check that the address belongs to this machine")]
    Listen {
        /// The configured address.
        listen: SocketAddr,
        /// What the system or libp2p said.
        reason: String,
    },
    /// A limit in the configuration is out of range.
    #[error("overlay configuration: {name} is {have}; it must be from 1 to {max}")]
    OutOfRange {
        /// The field of [`OverlayConfig`].
        name: &'static str,
        /// Its value.
        have: usize,
        /// The greatest value.
        max: usize,
    },
    /// The peer store cannot be read or written.
    #[error(transparent)]
    Store(#[from] PeerStoreError),
    /// libp2p refused its configuration; a defect of this program.
    #[error("the overlay could not be assembled: {0}")]
    Assembly(String),
}

/// Why a message was not taken for publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The queue of [`PUBLISH_QUEUE`] messages is full; try again when some have gone out.
    #[error("{PUBLISH_QUEUE} messages already wait to be gossiped; try again shortly")]
    QueueFull,
    /// The message is longer than this network's messages may be.
    #[error("the message has {have} bytes; the overlay carries at most {max}")]
    TooLarge {
        /// Bytes of the message.
        have: usize,
        /// [`OverlayConfig::max_message_bytes`].
        max: usize,
    },
    /// The overlay has stopped.
    #[error("the overlay has stopped")]
    Stopped,
}

/// Why the overlay was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// [`PUBLISH_QUEUE`] commands wait.
    #[error("the overlay has {PUBLISH_QUEUE} messages and commands before it; try again shortly")]
    Busy,
    /// The overlay has stopped.
    #[error("the overlay has stopped; restart the node")]
    Stopped,
}

impl<T> From<mpsc::error::TrySendError<T>> for AskError {
    fn from(refused: mpsc::error::TrySendError<T>) -> Self {
        match refused {
            mpsc::error::TrySendError::Full(_) => AskError::Busy,
            mpsc::error::TrySendError::Closed(_) => AskError::Stopped,
        }
    }
}

/// What a handle asks of the swarm task.
enum Command {
    Publish(Vec<u8>),
    HearCosignatures(bool),
    Dial(Multiaddr),
    Forget(PeerId, oneshot::Sender<bool>),
    Stop(oneshot::Sender<Result<(), PeerStoreError>>),
}

/// A running overlay. Clones speak to the same one; it stops with [`OverlayHandle::stop`] or with its last clone.
#[derive(Clone)]
pub struct OverlayHandle {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<OverlayStatus>,
    max_message_bytes: usize,
}

impl OverlayHandle {
    /// Joins the topic of cosignatures, or leaves it; never waits. Until it is joined, nothing of it is heard or passed on here. What is told
    /// there begins with [`COSIGNATURE`], and is [published](Self::publish) as any message is.
    ///
    /// # Errors
    /// [`AskError`]: too much is asked at once, or the overlay has stopped.
    pub fn hear_cosignatures(&self, hears: bool) -> Result<(), AskError> {
        Ok(self.commands.try_send(Command::HearCosignatures(hears))?)
    }

    /// Gossips `message` to the network; never waits. The checker is not asked: the caller has admitted the message.
    /// Without a peer to take it, the message is kept (a bounded number of them) until one appears.
    ///
    /// # Errors
    /// [`PublishError`]: the queue is full, the message is too long, or the overlay has stopped.
    pub fn publish(&self, message: Vec<u8>) -> Result<(), PublishError> {
        let max = if is_cosignature(&message) { MOST_COSIGNATURE_BYTES } else { self.max_message_bytes };
        let have = message.len();
        if have > max {
            return Err(PublishError::TooLarge { have, max });
        }
        self.commands.try_send(Command::Publish(message)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => PublishError::QueueFull,
            mpsc::error::TrySendError::Closed(_) => PublishError::Stopped,
        })
    }

    /// Stays connected with a peer from now on, as with those of the configuration; never waits. A peer that is dialled
    /// already is dialled at once.
    ///
    /// # Errors
    /// [`AskError`]: too much is asked at once, or the overlay has stopped.
    pub fn dial(&self, address: Multiaddr) -> Result<(), AskError> {
        Ok(self.commands.try_send(Command::Dial(address))?)
    }

    /// Disconnects a peer, and neither dials nor remembers it any more; it is not refused when it comes by itself. Gives
    /// whether there was anything to forget. Blocks for a moment; not to be called from asynchronous code.
    ///
    /// # Errors
    /// [`AskError`]: too much is asked at once, or the overlay has stopped.
    pub fn forget(&self, peer: PeerId) -> Result<bool, AskError> {
        let (done, forgotten) = oneshot::channel();
        self.commands.try_send(Command::Forget(peer, done))?;
        forgotten.blocking_recv().map_err(|_| AskError::Stopped)
    }

    /// How the overlay stands, at most about a second old; does not wait.
    pub fn status(&self) -> OverlayStatus {
        self.status.borrow().clone()
    }

    /// The status as a stream of changes.
    pub fn watch_status(&self) -> watch::Receiver<OverlayStatus> {
        self.status.clone()
    }

    /// Closes every connection, writes the peer store and returns when that is done. A second call does nothing.
    ///
    /// # Errors
    /// [`OverlayError::Store`] when the peer store could not be written.
    pub async fn stop(&self) -> Result<(), OverlayError> {
        let (done, stopped) = oneshot::channel();
        if self.commands.send(Command::Stop(done)).await.is_err() {
            return Ok(());
        }
        // A dropped answer means that another stop came first.
        Ok(stopped.await.unwrap_or(Ok(()))?)
    }
}

impl std::fmt::Debug for OverlayHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OverlayHandle").field("local", &self.status.borrow().local_peer_id).finish_non_exhaustive()
    }
}

/// Whether a message is for the topic of cosignatures.
fn is_cosignature(message: &[u8]) -> bool {
    message.first() == Some(&COSIGNATURE)
}

/// The peer id of an overlay seed, for writing `/p2p/<peer id>` into other nodes' configuration.
pub fn peer_id(seed: &[u8; 32]) -> PeerId {
    keypair(*seed).public().to_peer_id()
}

fn keypair(seed: [u8; 32]) -> Keypair {
    #[allow(clippy::expect_used, reason = "every 32 bytes are an Ed25519 seed (RFC 8032 section 5.1.5)")]
    Keypair::ed25519_from_bytes(seed).expect("32 bytes are a seed")
}
