//! What stands in requests and answers as a plain text, number or list, and means more than that.
//!
//! The methods take and give the plain value; these name it in the document of `rpc.discover`.

use crate::views::{Artifact, MOST_PER_PAGE, PeerView};
use schemars::JsonSchema;
use serde_json::Value;

/// Which page, from 0; the first when left out.
#[derive(Debug, JsonSchema)]
pub struct PageNumber(pub u64);

/// Entries on a page; 20 when left out.
#[derive(Debug, JsonSchema)]
pub struct PageSize(#[schemars(range(min = 1, max = MOST_PER_PAGE))] pub u32);

/// The place of a fact in the record of its block, from 0.
#[derive(Debug, JsonSchema)]
pub struct FactIndex(pub u64);

/// Why an artifact is kept, such as an incident; at most 256 bytes without control characters.
#[derive(Debug, JsonSchema)]
pub struct PinReason(#[schemars(length(min = 1, max = 256))] pub String);

/// A level (error, warn, info, debug, trace, off), or directives such as `info,libp2p=debug`.
#[derive(Debug, JsonSchema)]
pub struct LogDirectives(pub String);

/// A multiaddress, or `host:port`.
#[derive(Debug, JsonSchema)]
pub struct PeerAddress(pub String);

/// A peer id, base58.
#[derive(Debug, JsonSchema)]
pub struct PeerId(pub String);

/// The connections to other nodes.
#[derive(Debug, JsonSchema)]
pub struct Peers(pub Vec<PeerView>);

/// The release artifacts of a node, by hash.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Artifacts")]
pub struct HeldArtifacts(pub Vec<Artifact>);

/// Stands with each message of the subscription.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum SubscriptionId {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

/// Whether the subscription was there.
#[derive(Debug, JsonSchema)]
pub struct Unsubscribed(pub bool);

/// An OpenRPC document, version 1.2.6.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "OpenRpc", extend("additionalProperties" = true))]
pub struct OpenRpcDocument {
    /// The version of OpenRPC.
    pub openrpc: String,
    /// What is described.
    pub info: Value,
    /// The methods.
    pub methods: Vec<Value>,
}
