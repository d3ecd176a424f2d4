//! What consensus needs to know besides the chain, and what that is in Malachite's words.

use super::codec::{MAX_MESSAGE_BYTES, MAX_PART_BYTES, MAX_SYNC_BYTES};
use super::senders::peer_of;
use anyhow::ensure;
use arc_malachitebft_app::config::{self, NodeConfig, ValuePayload, ValueSyncConfig};
use arc_malachitebft_core_types::LinearTimeouts;
use libp2p::Multiaddr;
use primitives::ChainId;
use runtime::{ConsensusParams, Limits, MOST_ENCODED_BLOCK};
use std::path::PathBuf;
use std::time::Duration;

/// No round waits longer than this for anybody, so that a network whose stake returns goes on within it.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long rounds wait on a network of this timing: the first for as long as that says, each that follows by half of it longer.
pub fn timeouts(timing: &ConsensusParams) -> LinearTimeouts {
    let (propose, vote) =
        (Duration::from_millis(timing.propose_timeout_ms), Duration::from_millis(timing.vote_timeout_ms));
    LinearTimeouts {
        propose,
        propose_delta: propose / 2,
        prevote: vote,
        prevote_delta: vote / 2,
        precommit: vote,
        precommit_delta: vote / 2,
        rebroadcast: propose + vote * 2,
        max_timeout: LONGEST_TIMEOUT,
    }
}

/// What consensus needs to know besides the chain.
#[derive(Debug, Clone)]
pub struct ConsensusConfig {
    /// What this node calls itself, in logs and metrics.
    pub moniker: String,
    /// Where to listen for other nodes' consensus, such as `/ip4/0.0.0.0/tcp/26656`. Port 0 picks a free one.
    pub listen: Multiaddr,
    /// The peers that count on the consensus topics, each with its peer id. Those with an address are stayed connected to; an
    /// id alone lets a peer in.
    pub peers: Vec<Multiaddr>,
    /// Whether others may connect too, to catch up. The engine hands on gossip before anybody has judged it, so a node that takes
    /// strangers takes no part in the topics, and decides nothing.
    pub open: bool,
    /// The directory for the write-ahead log and the undecided blocks. It belongs to the validator's key: a validator that
    /// starts without it can contradict what it signed before.
    pub dir: PathBuf,
    /// The timeouts of a round, from genesis.
    pub timeouts: LinearTimeouts,
    /// From one height to the next, at least; from genesis. Zero: as fast as possible.
    pub target_block_time: Duration,
    /// The bounds of a block, from genesis.
    pub limits: Limits,
    /// How many connections one address may open. Local test networks share one address.
    pub max_connections_per_ip: usize,
}

impl ConsensusConfig {
    /// Refuses what cannot work.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.limits.can_be_carried(),
            "blocks of {} bytes are longer than consensus can carry ({MOST_ENCODED_BLOCK}); genesis has to set a smaller \
             chain.limits.max_block_bytes",
            self.limits.most_encoded_block(),
        );
        ensure!(
            self.listen.iter().any(|part| part.tag() == "tcp" || part.tag() == "quic-v1"),
            "{} is not an address to listen on; it needs a tcp or quic-v1 part",
            self.listen
        );
        for address in &self.peers {
            peer_of(address)?;
        }
        Ok(())
    }
}

/// The configuration in Malachite's words.
pub(super) struct EngineConfig {
    moniker: String,
    consensus: config::ConsensusConfig,
    value_sync: ValueSyncConfig,
}

impl EngineConfig {
    pub(super) fn new(from: &ConsensusConfig, chain: &ChainId) -> Self {
        let mut consensus = config::ConsensusConfig {
            enabled: !from.open,
            value_payload: ValuePayload::ProposalAndParts,
            ..Default::default()
        };
        let p2p = &mut consensus.p2p;
        p2p.listen_addr = from.listen.clone();
        p2p.persistent_peers = from.peers.clone();
        p2p.persistent_peers_only = !from.open;
        p2p.discovery.enabled = false;
        p2p.discovery.max_connections_per_ip = from.max_connections_per_ip;
        // A node that restarts comes back at once, and its peers are configured, not discovered.
        p2p.discovery.ip_throttle_duration = Duration::from_secs(1);
        p2p.pubsub_max_size.0 = (MAX_MESSAGE_BYTES.max(MAX_PART_BYTES) * 2) as u64;
        p2p.rpc_max_size.0 = MAX_SYNC_BYTES as u64;
        // Nodes of different chains must not take each other for peers.
        let name = |what: &str| format!("/{chain}/{what}/1");
        p2p.protocol_names = config::ProtocolNames {
            consensus: name("consensus"),
            discovery_kad: name("discovery/kad"),
            discovery_regres: name("discovery/peers"),
            sync: name("sync"),
            validator_proof: name("validator-proof"),
        };
        let value_sync = ValueSyncConfig {
            // Zero: a node says how far it is whenever that changes.
            status_update_interval: Duration::ZERO,
            max_response_size: {
                let mut size = p2p.rpc_max_size;
                size.0 =
                    (MAX_SYNC_BYTES as u64).min(10 * 1024 * 1024).max(u64::from(from.limits.most_encoded_block()) * 2);
                size
            },
            ..Default::default()
        };
        Self { moniker: from.moniker.clone(), consensus, value_sync }
    }
}

impl NodeConfig for EngineConfig {
    fn moniker(&self) -> &str {
        &self.moniker
    }

    fn consensus(&self) -> &config::ConsensusConfig {
        &self.consensus
    }

    fn consensus_mut(&mut self) -> &mut config::ConsensusConfig {
        &mut self.consensus
    }

    fn value_sync(&self) -> &ValueSyncConfig {
        &self.value_sync
    }

    fn value_sync_mut(&mut self) -> &mut ValueSyncConfig {
        &mut self.value_sync
    }
}
