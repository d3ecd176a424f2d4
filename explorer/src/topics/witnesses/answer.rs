//! What is answered about witnesses.

use primitives::{AccountId, Digest, Epoch, Height, Name, PublicKey};
use rpc::views::{Descriptions, PageOf};
use schemars::JsonSchema;
use serde::Serialize;

/// The most witnesses that there are at a time.
pub const MOST_WITNESSES: usize = 64;

/// Who witnesses the tree of blocks, and what they cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WitnessesAnswer {
    /// The witnesses of now, the first to come first.
    #[schemars(length(max = MOST_WITNESSES))]
    pub witnesses: Vec<WitnessStay>,
    /// The checkpoints that somebody cosigned, the latest first.
    #[serde(flatten)]
    pub page: PageOf<CosignedCheckpoint>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WitnessStay {
    /// The account that registered it.
    pub account: AccountId,
    /// Its name in signed notes.
    pub name: Name,
    /// The key that it cosigns with, which is that of no account.
    pub key: PublicKey,
    /// The block that registered it.
    pub since: Height,
    /// The last epoch whose checkpoint it cosigned; null before the first.
    pub last_epoch: Option<Epoch>,
}

/// The tree of blocks at the first block of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CosignedCheckpoint {
    /// The epoch.
    pub epoch: Epoch,
    /// How many blocks are in the tree, genesis among them.
    pub size: u64,
    /// The root over their leaves, by RFC 6962.
    pub root: Digest,
    /// Who cosigned it, in the order of accounts.
    #[schemars(length(max = MOST_WITNESSES))]
    pub cosigned: Vec<CosignedIn>,
}

/// A cosignature, and the block that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CosignedIn {
    /// The witness.
    pub witness: AccountId,
    /// The block.
    pub height: Height,
}
