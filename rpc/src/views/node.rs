//! The node itself.

use primitives::{BuildHash, Digest, Height, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What software runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeVersion {
    /// The version of the source, such as `1.4.0`.
    pub version: String,
    /// `BUILD_BIN_HASH`: the BLAKE3 of the running executable, measured at boot.
    pub build_bin_hash: BuildHash,
    /// `BUILD_SOURCE_HASH`: the digest of the source that was compiled in.
    pub build_source_hash: Digest,
    /// The platform it was built for, such as `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// The compiler that built it.
    pub rustc: String,
    /// The build profile and its optimisation settings.
    pub profile: String,
    /// The level of the network's software that it knows; 0 of a build from before there were levels.
    #[serde(default)]
    pub level: u32,
    /// The key with which it signs checkpoints of the log of blocks, as tools of C2SP take it: the name of the log, a number and the key.
    /// Empty where it signs none, and of a build from before there was that log.
    #[serde(default)]
    pub log_vkey: String,
}

/// How a node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// Whether it follows the chain: its newest block is recent, and it is not catching up.
    pub ok: bool,
    /// Its newest block.
    pub height: Height,
    /// The time of that block.
    pub block_time: Timestamp,
    /// The age of that block, in milliseconds: since it came here, where it was proposed here too; else by this machine's clock.
    pub block_age_ms: u64,
    /// Whether it fetches blocks that others have decided.
    pub catching_up: bool,
    /// Whether it signs votes.
    pub validating: bool,
    /// Peers it is connected to.
    pub peers: u32,
    /// Transactions that wait in its pool.
    pub pool_transactions: u64,
    /// Why the chain stands still here, such as for how many validators it waits, and for whom; none while it moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halt: Option<String>,
    /// What an operator should know, one sentence each; empty when all is well.
    pub warnings: Vec<String>,
}

/// How the chain is, as a node sees it: what anybody may know of how that node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainHealth {
    /// Whether the node follows the chain: its newest block is recent, and it is not catching up.
    pub ok: bool,
    /// Its newest block.
    pub height: Height,
    /// The time of that block.
    pub block_time: Timestamp,
    /// The age of that block, in milliseconds: since it came here, where it was proposed here too; else by this machine's clock.
    pub block_age_ms: u64,
    /// What is wrong with the chain, one sentence each; empty when all is well.
    pub warnings: Vec<String>,
}

/// What the log has, as directives such as `info` or `info,libp2p=debug`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogLevel {
    /// The directives until now.
    pub before: String,
    /// The directives from now on.
    pub level: String,
}

/// One connection to another node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Peer")]
pub struct PeerView {
    /// The other's identity, base58.
    pub peer_id: String,
    /// Where it is, as a multiaddress.
    pub address: String,
    /// The network it is a peer in: `consensus` or `overlay`.
    pub network: String,
    /// Whether this node opened the connection.
    pub outbound: bool,
    /// What this node thinks of it, from about -80 (about to be refused) to 16; 0 is neutral.
    pub score: i64,
}
