//! Who signs releases, and how that changes.

use crate::MAX_SIGNERS;
use parity_scale_codec::{Decode, Encode};
use primitives::{ChainId, ChainPosition, Epoch, List, ProposalId, PublicKey, Signature};
use serde::{Deserialize, Serialize};

/// The release signers and how many of them a release needs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Counts the rosters; genesis has 1.
    pub version: u64,
    /// The keys, each once.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<PublicKey>", length(max = MAX_SIGNERS)))]
    pub signers: List<PublicKey, MAX_SIGNERS>,
    /// The least number of signatures; from 1 to the number of keys.
    pub threshold: u32,
}

/// One key's signature over [`Roster::approval_message`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RosterApproval {
    /// The key.
    pub signer: PublicKey,
    /// The signature.
    pub signature: Signature,
}

/// Approvals by keys of the old roster, the new one, or both.
pub type Approvals = List<RosterApproval, { 2 * MAX_SIGNERS }>;

/// The motion to replace the roster: as in TUF's root rotation, as many keys of the old roster approve it as a release needs,
/// and as many of the new one (TUF specification 5.3.4).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RosterChange {
    /// The whole new roster; its version is the current one's plus one (T5).
    pub roster: Roster,
    /// Who approves it.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RosterApproval>", length(max = 2 * MAX_SIGNERS)))]
    pub approvals: Approvals,
}

/// A roster with how it came about, and who left it since.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RosterRecord {
    /// The roster.
    pub roster: Roster,
    /// Since when it is the current one; none for genesis.
    pub since: Option<ChainPosition>,
    /// What brought it.
    pub cause: RosterCause,
    /// Those of its keys that left by their own word, in that order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Departure>", length(max = MAX_SIGNERS)))]
    pub left: List<Departure, MAX_SIGNERS>,
}

/// What brought a roster.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RosterCause {
    /// It is the first.
    Genesis,
    /// Governance replaced the one before.
    Proposal(ProposalId),
}

/// A key that left a roster by its own word. The roster keeps its version, so that what others approve stays good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Departure {
    /// The key.
    pub signer: PublicKey,
    /// The epoch from which it signs nothing new, and does not count for what is still voted on.
    pub from_epoch: Epoch,
}

impl RosterRecord {
    /// The keys that sign in an epoch: all that have not left by then.
    pub fn signing(&self, epoch: Epoch) -> List<PublicKey, MAX_SIGNERS> {
        self.without_departed(&self.roster.signers, epoch)
    }

    /// Those of some keys, such as another roster's, that have not left this one by an epoch.
    pub fn without_departed(&self, keys: &List<PublicKey, MAX_SIGNERS>, epoch: Epoch) -> List<PublicKey, MAX_SIGNERS> {
        let mut remaining = keys.clone();
        remaining.retain(|key| !self.left.iter().any(|left| left.signer == *key && left.from_epoch <= epoch));
        remaining
    }

    /// Whether a proposal names this roster: its keys in their order, with or without any of those that have left it by an epoch.
    pub fn is_named_by(&self, named: &[PublicKey], epoch: Epoch) -> bool {
        let mut rest = self.roster.signers.iter();
        named.iter().all(|key| rest.any(|signer| signer == key))
            && self.signing(epoch).iter().all(|key| named.contains(key))
    }

    /// The keys that go on signing, whatever epoch comes.
    pub fn staying(&self) -> List<PublicKey, MAX_SIGNERS> {
        self.signing(Epoch(u64::MAX))
    }

    /// When a key leaves, if it has said so.
    pub fn departure(&self, signer: &PublicKey) -> Option<Departure> {
        self.left.iter().find(|left| left.signer == *signer).copied()
    }

    /// What happens when a key leaves.
    pub fn leave(&mut self, departure: Departure) {
        self.left = List::truncate_from(self.left.iter().copied().chain([departure]).collect());
    }
}

impl Roster {
    /// What a key signs to approve this roster on a network: domain-separated, so that it is good for nothing else (T14).
    pub fn approval_message(&self, chain_id: &ChainId) -> Vec<u8> {
        (b"the-block/roster/v1", chain_id, self).encode()
    }

    /// How many keys it has.
    pub fn size(&self) -> u32 {
        u32::try_from(self.signers.len()).unwrap_or(u32::MAX)
    }
}

/// What a key signs to leave the roster of `version` on a network.
pub fn leave_message(chain_id: &ChainId, signer: PublicKey, version: u64) -> Vec<u8> {
    (b"the-block/leave-roster/v1", chain_id, signer, version).encode()
}
