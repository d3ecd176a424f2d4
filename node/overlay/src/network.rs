//! Which network is this? Every name on the wire binds the chain id and the genesis hash.

use libp2p::gossipsub::IdentTopic;
use primitives::{ChainId, Digest};

/// The common beginning of a network's protocol and topic names.
#[derive(Debug, Clone)]
pub(super) struct NetworkName(String);

impl NetworkName {
    pub(super) fn new(chain_id: &ChainId, genesis_hash: &Digest) -> Self {
        // The hash has a fixed length, so no chain id, whatever its characters, can imitate another network's name.
        Self(format!("/the-block/{chain_id}/{genesis_hash}"))
    }

    /// What identify exchanges as protocol version: equal on two nodes exactly when they are of one network.
    pub(super) fn identify_version(&self) -> String {
        format!("{}/overlay/1", self.0)
    }

    /// The stream protocol of gossip; a foreign node cannot even negotiate it.
    pub(super) fn gossip_protocol(&self) -> String {
        format!("{}/gossip/2", self.0)
    }

    /// The stream protocol by which nodes give each other release artifacts.
    pub(super) fn artifact_protocol(&self) -> String {
        format!("{}/artifact/1", self.0)
    }

    /// The stream protocol by which nodes learn of each other what waits.
    pub(super) fn pool_protocol(&self) -> String {
        format!("{}/pool/1", self.0)
    }

    /// Where messages are gossiped: signed transactions, and what was decided at the ends of epochs.
    pub(super) fn messages(&self) -> IdentTopic {
        IdentTopic::new(format!("{}/messages/1", self.0))
    }

    /// Where witnesses of the log tell of what they cosigned: for those alone for whom the network has witnesses.
    pub(super) fn cosignatures(&self) -> IdentTopic {
        IdentTopic::new(format!("{}/cosignatures/1", self.0))
    }
}
