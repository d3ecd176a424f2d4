//! Asking nodes for artifacts without being one: a swarm of its own with a fresh key, which listens nowhere and gossips nothing.

mod asking;
mod swarm;

use super::{ArtifactAnswer, ArtifactAsk, MOST_READ};
use crate::{OverlayError, network::NetworkName};
use builds::Part;
use libp2p::{Multiaddr, PeerId, futures::future::join_all};
use primitives::{BuildHash, ChainId, Digest};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait for the task.
const QUEUE: usize = 256;

/// Why a peer did not give what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerReadError {
    /// It does not have the build, or may not give it.
    #[error("the peer does not give this build: it does not hold it, or the chain does not let it run; ask another")]
    NotHeld,
    /// It gives as much as it may already.
    #[error("the peer gives as much as it may at the moment; ask another, or again shortly")]
    Busy,
    /// Its part ends before.
    #[error("the peer says that these bytes are not within the part; its artifact has another size, so ask another")]
    OutOfRange,
    /// Another number of bytes came than was asked for.
    #[error("the peer sent {have} bytes where {want} were asked for; do not ask it again")]
    WrongLength {
        /// Bytes that came.
        have: usize,
        /// Bytes asked for.
        want: u32,
    },
    /// What came is not an answer to what was asked.
    #[error("the peer sent what is no answer; do not ask it again")]
    Garbled,
    /// No answer in time.
    #[error("the peer did not answer within {0:?}; ask another")]
    Timeout(Duration),
    /// No connection, or not for long enough.
    #[error("the peer cannot be reached: {0}; ask another")]
    Unreachable(String),
    /// The caller asked for what no peer gives.
    #[error("{0} bytes were asked for; a read has 1 to {MOST_READ}")]
    Length(u32),
    /// The client has ended.
    #[error("the client of the peers has stopped; connect again")]
    Stopped,
}

/// What a handle asks of the task.
enum Command {
    Ask(PeerId, ArtifactAsk, Reply),
    Peers(oneshot::Sender<Vec<PeerId>>),
    Stop,
}

type Reply = oneshot::Sender<Result<ArtifactAnswer, PeerReadError>>;

/// A connection with some nodes of a network, to fetch artifacts from. Clones ask through the same one; it ends with
/// [`stop`](Self::stop) or with its last clone.
#[derive(Debug, Clone)]
pub struct PeerClient {
    commands: mpsc::Sender<Command>,
}

impl PeerClient {
    /// Dials every address of a network, `(chain id, genesis hash)`, and returns when each has been reached or has failed,
    /// at the latest after `timeout`; whoever answers later counts from then on. An answer may later take as long.
    /// Addresses that are dead, or of another network, leave the others untouched.
    ///
    /// # Errors
    /// [`OverlayError::Assembly`], a defect of this program.
    pub async fn connect(
        network: (&ChainId, &Digest),
        addresses: Vec<Multiaddr>,
        timeout: Duration,
    ) -> Result<Self, OverlayError> {
        let name = NetworkName::new(network.0, network.1);
        let (commands, queue) = mpsc::channel(QUEUE);
        let (settled, all_settled) = oneshot::channel();
        let task = swarm::Client::new(&name, timeout, settled).map_err(OverlayError::Assembly)?;
        tokio::spawn(task.run(addresses, queue));
        // In time or not: whoever is connected by then can be asked.
        let _ = tokio::time::timeout(timeout, all_settled).await;
        Ok(Self { commands })
    }

    /// The nodes that were reached, by id.
    pub async fn peers(&self) -> Vec<PeerId> {
        let (reply, peers) = oneshot::channel();
        if self.commands.send(Command::Peers(reply)).await.is_err() {
            return Vec::new();
        }
        peers.await.unwrap_or_default()
    }

    /// Which of them hold a build, and how many bytes each says that its executable has; to be held against the chain's size
    /// or the tree, never believed. Takes as long as the slowest, at most the timeout.
    pub async fn holders(&self, hash: &BuildHash) -> Vec<(PeerId, u64)> {
        let ask = |peer: PeerId| async move { (peer, self.ask(peer, ArtifactAsk::Have { hash: *hash }).await) };
        let answers = join_all(self.peers().await.into_iter().map(ask)).await;
        let held = answers.into_iter().filter_map(|(peer, answer)| match answer {
            Ok(ArtifactAnswer::Held { size }) => Some((peer, size)),
            Ok(_) => None,
            Err(error) => {
                tracing::debug!(%peer, %error, "a peer does not say what it holds");
                None
            }
        });
        held.collect()
    }

    /// Exactly `length` bytes of a part, from `offset` on. Many may be under way: some are sent to each peer at once, the
    /// others wait for their turn. What comes is not verified yet.
    ///
    /// # Errors
    /// [`PeerReadError`]. The peer stays connected, or is dialled again with the next read.
    pub async fn read(
        &self,
        peer: PeerId,
        hash: &BuildHash,
        part: Part,
        offset: u64,
        length: u32,
    ) -> Result<Vec<u8>, PeerReadError> {
        if !(1..=MOST_READ).contains(&length) {
            return Err(PeerReadError::Length(length));
        }
        match self.ask(peer, ArtifactAsk::Read { hash: *hash, part, offset, length }).await? {
            ArtifactAnswer::Bytes(bytes) if bytes.len() == length as usize => Ok(bytes),
            ArtifactAnswer::Bytes(bytes) => Err(PeerReadError::WrongLength { have: bytes.len(), want: length }),
            ArtifactAnswer::NotHeld => Err(PeerReadError::NotHeld),
            ArtifactAnswer::Busy => Err(PeerReadError::Busy),
            ArtifactAnswer::OutOfRange => Err(PeerReadError::OutOfRange),
            ArtifactAnswer::Held { .. } => Err(PeerReadError::Garbled),
        }
    }

    pub(super) async fn ask(&self, peer: PeerId, ask: ArtifactAsk) -> Result<ArtifactAnswer, PeerReadError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Ask(peer, ask, reply)).await.map_err(|_| PeerReadError::Stopped)?;
        answer.await.unwrap_or(Err(PeerReadError::Stopped))
    }

    /// Closes every connection and returns when that is done. Reads under way fail with [`PeerReadError::Stopped`].
    pub async fn stop(&self) {
        // It may have stopped already.
        let _ = self.commands.send(Command::Stop).await;
        self.commands.closed().await;
    }
}
