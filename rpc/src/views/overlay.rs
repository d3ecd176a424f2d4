//! How does the overlay stand?

use primitives::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The overlay at one moment. Times are by this node's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverlayStatus {
    /// Always `libp2p`.
    pub backend: String,
    /// This node's peer id, base58.
    pub local_peer_id: String,
    /// The addresses listened on, as multiaddresses.
    pub listen: Vec<String>,
    /// The file that peers are remembered in.
    pub peer_db_path: String,
    /// Peers connected and known to be of this network, by peer id.
    pub live_peers: Vec<LivePeer>,
    /// How many peers are remembered.
    pub persisted_peers: u32,
    /// Peers not spoken to for a while, by peer id.
    pub refused_peers: Vec<RefusedPeer>,
    /// Node keys that more than one node has, by peer id, as far as this node met them lately.
    #[serde(default)]
    pub shared_keys: Vec<SharedKey>,
}

/// A node key that more than one node has. Its nodes push each other out of their connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SharedKey {
    /// The peer id that they go by, base58.
    pub peer_id: String,
    /// Where they were met, as multiaddresses; without a port where one came from there.
    pub addresses: Vec<String>,
    /// Whether it is this node's own key.
    pub own: bool,
    /// The same as a sentence, with what to do.
    pub warning: String,
}

/// A connected peer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LivePeer {
    /// The peer's id, base58.
    pub peer_id: String,
    /// The peer's end of the connection, as a multiaddress.
    pub address: String,
    /// Who opened the connection.
    pub direction: Direction,
    /// The gossip score: 0 at first, to 16 for a useful peer; below -80 the peer is refused.
    pub score: f64,
    /// When the connection was opened, in seconds since 1970; the next field is the same in milliseconds.
    pub connected_since: u64,
    /// When the connection was opened.
    pub connected_since_ms: Timestamp,
}

/// Who opened a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The peer.
    Inbound,
    /// This node.
    Outbound,
}

/// A peer that is neither dialled nor let in for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedPeer {
    /// The peer's id, base58.
    pub peer_id: String,
    /// What it did.
    pub reason: String,
    /// When the refusal ends, in seconds since 1970; the next field is the same in milliseconds.
    pub until: u64,
    /// When the refusal ends.
    pub until_ms: Timestamp,
}

/// A peer that is dialled until it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dialling {
    /// Its multiaddress.
    pub address: String,
}

/// A peer that is neither remembered nor dialled any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forgotten {
    /// The peer's id, base58.
    pub peer_id: String,
    /// Whether it was connected, remembered or dialled.
    pub was_known: bool,
}
