//! A peer that publishes what nobody signed, for tests.

use crate::codec::Scale;
use crate::config::{ConsensusConfig, EngineConfig};
use crate::context::{Address, BlockHeight, ChainContext};
use crate::messages::{Announcement, ProposalPart};
use anyhow::anyhow;
use arc_malachitebft_app::config::NodeConfig;
use arc_malachitebft_app::engine::network::{NetworkIdentity, NetworkMsg, NetworkRef, NetworkStateDump};
use arc_malachitebft_app::metrics::SharedRegistry;
use arc_malachitebft_app::spawn::spawn_network_actor;
use arc_malachitebft_app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_core_types::LinearTimeouts;
use libp2p::Multiaddr;
use libp2p::identity::Keypair;
use parity_scale_codec::Encode;
use primitives::{AccountId, BlockHash, ChainId, Digest, Height, Signature};
use runtime::Limits;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The engine's network without an engine, which announces blocks in the name of validators as fast as it can.
pub struct Flood {
    network: NetworkRef<ChainContext>,
    height: Arc<AtomicU64>,
    published: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Flood {
    /// Connects to `victims`, and announces blocks of height 1 in the name of each of `named`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(
        chain: ChainId,
        key: Keypair,
        listen: Multiaddr,
        victims: Vec<Multiaddr>,
        named: Vec<AccountId>,
    ) -> anyhow::Result<Self> {
        let config = EngineConfig::new(&config(listen, victims), &chain);
        let identity = NetworkIdentity::new(config.moniker().into(), key, None);
        let registry = SharedRegistry::global().with_moniker(config.moniker());
        let network: NetworkRef<ChainContext> =
            spawn_network_actor(config.consensus(), config.value_sync(), identity, &registry, Scale)
                .await
                .map_err(|error| anyhow!("cannot start the network: {error:#}"))?;
        let (height, published) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicU64::new(0)));
        let task = tokio::spawn(publish(network.clone(), named, height.clone(), published.clone()));
        Ok(Self { network, height, published, task })
    }

    /// From now on it announces blocks of this height.
    pub fn names(&self, height: Height) {
        self.height.store(height.0, Ordering::Relaxed);
    }

    /// How many announcements it has published.
    pub fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// Ends it.
    pub fn stop(self) {
        self.task.abort();
        self.network.stop(None);
    }
}

fn config(listen: Multiaddr, peers: Vec<Multiaddr>) -> ConsensusConfig {
    ConsensusConfig {
        moniker: "flood".into(),
        listen,
        peers,
        open: false,
        dir: PathBuf::new(),
        timeouts: LinearTimeouts::default(),
        target_block_time: Duration::ZERO,
        limits: Limits {
            max_block_bytes: 1 << 20,
            max_block_transactions: 1_000,
            max_block_signatures: 288,
            max_block_reads: 1 << 18,
            max_transaction_bytes: 1_024,
            max_transaction_lifetime: 100,
        },
        max_connections_per_ip: 64,
    }
}

async fn publish(
    network: NetworkRef<ChainContext>,
    named: Vec<AccountId>,
    height: Arc<AtomicU64>,
    published: Arc<AtomicU64>,
) {
    loop {
        for publisher in &named {
            let number = published.fetch_add(1, Ordering::Relaxed);
            let forged = forged(Height(height.load(Ordering::Relaxed)), *publisher, number);
            if network.cast(NetworkMsg::PublishProposalPart(forged)).is_err() {
                return;
            }
        }
        // What it is told waits in a queue without a bound, until it has answered.
        let (reply, answered) = oneshot::channel::<Option<NetworkStateDump>>();
        if network.cast(NetworkMsg::DumpState(reply.into())).is_err() || answered.await.is_err() {
            return;
        }
    }
}

/// An announcement that `publisher` has not signed.
fn forged(height: Height, publisher: AccountId, number: u64) -> StreamMessage<ProposalPart> {
    let announcement = Announcement {
        height: BlockHeight(height),
        round: 0,
        pol_round: None,
        publisher: Address(publisher),
        block: BlockHash([7; 32]),
        length: 1,
        digest: Digest([7; 32]),
    };
    let part = ProposalPart::Announce(announcement, Signature([7; 64]));
    StreamMessage::new(StreamId::new(number.encode().into()), 0, StreamContent::Data(part))
}
