//! Signer roster, attestations, approved builds and install receipts.
//!
//! A [`ReleaseVote`] asks governance to approve a build. It must bring valid signatures by distinct keys of the roster over
//! `"release:<hash>"` before it is stored (seed 003, "Provenance signatures"), and again when it activates. Activation writes
//! an [`ApprovedRelease`]; a node boots only a hash that has one and that [`queries::verdict`] lets run.
//!
//! # Invariants
//! - A hash becomes approved only through an activated motion with its attestation quorum; genesis approves the first builds.
//! - Approval is never deleted; its standing changes.
//! - Superseding a release does not stop it: only revocation, the minimum sequence and the end of support stop a boot.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

mod apply;
mod attestation;
mod decide;
mod manifest;
pub mod queries;
pub mod storage;
#[cfg(test)]
mod tests;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, BuildHash, Digest, Epoch, List, Moment, ProposalId, PublicKey, Signature, Text};
use serde::{Deserialize, Serialize};

pub use apply::approve_at_genesis;
pub use manifest::{AttestedTarget, Manifest, ReleaseClass, Severity, Target};

/// The most keys a roster can have, and the most signatures a release can bring for one hash.
pub const MAX_SIGNERS: u32 = 32;

/// What an account can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Call {
    /// Says that the caller's node has booted a build. Counts once per build and epoch.
    RecordInstall {
        /// The build that runs.
        build_hash: BuildHash,
    },
}

/// What only governance can do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Motion {
    /// Approves a build for running.
    Approve(Box<ReleaseVote>),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Builds may run from now on: one record for each target of the release.
    Approved(Vec<ApprovedRelease>),
    /// A node booted a build.
    Installed {
        /// The build.
        build_hash: BuildHash,
        /// The node's account.
        node: AccountId,
        /// Its receipt, this boot included.
        receipt: Receipt,
    },
}

/// Why a call or a motion was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// Fewer valid signatures than the threshold.
    #[error("the release has {have} valid signatures and needs {need}; collect more with `contract release sign`")]
    QuorumMissing {
        /// Distinct valid signatures by roster keys.
        have: u32,
        /// The threshold.
        need: u32,
    },
    /// A signature by a key outside the roster.
    #[error("{0} is not a release signer; list the signers with `contract gov signers`")]
    UnknownSigner(PublicKey),
    /// A key signed twice.
    #[error("{0} appears twice among the signers; name each signer once")]
    DuplicateSigner(PublicKey),
    /// A signature that is not valid.
    #[error("the signature of {signer} is not valid over \"release:{build_hash}\"; sign exactly that text")]
    BadSignature {
        /// Whose it should be.
        signer: PublicKey,
        /// What it should cover.
        build_hash: BuildHash,
    },
    /// A threshold that is zero, below the roster's or above its number of keys.
    #[error("the threshold must be {least} to {most} signatures, not {asked}")]
    ThresholdOutOfRange {
        /// The threshold asked for.
        asked: u32,
        /// The roster's threshold.
        least: u32,
        /// The number of roster keys.
        most: u32,
    },
    /// The proposal was made for another roster.
    #[error("the release names a signer set that is not the current roster (version {current}); propose it again")]
    RosterChanged {
        /// The current version.
        current: u64,
    },
    /// The build is approved already.
    #[error("{0} is already approved; nothing is left to vote on")]
    HashTaken(BuildHash),
    /// The same hash stands twice in one release.
    #[error("{0} is named twice in this release; name each build once")]
    DuplicateTarget(BuildHash),
    /// The end of support is not after the activation.
    #[error("support would end at epoch {end}, not after the activation; choose a later epoch or none")]
    SupportEndsTooSoon {
        /// The epoch asked for.
        end: Epoch,
    },
    /// A receipt for a build that is not approved.
    #[error("{0} is not an approved build, so its install cannot be recorded")]
    NotApproved(BuildHash),
    /// The receipt of this epoch is there already.
    #[error("the install of {build_hash} is already recorded for epoch {epoch}")]
    AlreadyRecorded {
        /// The build.
        build_hash: BuildHash,
        /// The epoch.
        epoch: Epoch,
    },
}

/// The release signers and how many of them a release needs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Counts the rosters; genesis has 1.
    pub version: u64,
    /// The keys, each once.
    pub signers: List<PublicKey, MAX_SIGNERS>,
    /// The least number of signatures; from 1 to the number of keys.
    pub threshold: u32,
}

/// One release signer's signature over `"release:<hash>"`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseAttestation {
    /// The key.
    pub signer: PublicKey,
    /// The signature.
    pub signature: Signature,
}

/// Signatures over one hash.
pub type Attestations = List<ReleaseAttestation, MAX_SIGNERS>;

/// The motion to approve a release: its hash, who attested it, and everything said about it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseVote {
    /// The build for the first target.
    pub build_hash: BuildHash,
    /// Signatures over it.
    pub signatures: Attestations,
    /// How many valid signatures the release needs; at least the roster's threshold. Applies to each target.
    pub signature_threshold: u32,
    /// The roster the proposer saw; must be the current one, and stays with the release for audit.
    pub signer_set: List<PublicKey, MAX_SIGNERS>,
    /// What the release is made of.
    #[serde(default)]
    pub manifest: Manifest,
}

/// An approved build: one target of a release, with the audit trail of its approval.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct ApprovedRelease {
    /// The build.
    pub build_hash: BuildHash,
    /// The proposal that approved it; none for a build of genesis.
    pub proposal_id: Option<ProposalId>,
    /// Who proposed it; none for a build of genesis.
    pub proposer: Option<AccountId>,
    /// The epoch from which it may run.
    pub activated_epoch: Epoch,
    /// When it was approved; none for a build of genesis.
    pub activated: Option<Moment>,
    /// The release's number, from 1; all targets of a release share it.
    pub sequence: u64,
    /// Where it stands.
    pub standing: Standing,
    /// What it runs on.
    pub target: Target,
    /// What the release is made of.
    pub manifest: Manifest,
    /// The signatures that were valid at activation.
    pub signatures: Attestations,
    /// How many signatures were needed.
    pub signature_threshold: u32,
    /// The roster when it was proposed.
    pub signer_set: List<PublicKey, MAX_SIGNERS>,
}

/// Where an approved build stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The latest for its platform.
    Active,
    /// A later release is active; this one still runs.
    Superseded {
        /// The later one.
        by: BuildHash,
    },
    /// Withdrawn from use.
    Revoked {
        /// Why.
        reason: Text<1024>,
    },
}

/// The installs of one build on one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Receipt {
    /// The first one.
    pub first: Moment,
    /// The latest one.
    pub last: Moment,
    /// How many epochs saw one.
    pub count: u64,
}

impl Motion {
    /// What the motion claims for itself alone while it is live: each build hash it would approve.
    pub fn claims(&self) -> Vec<Digest> {
        let Motion::Approve(vote) = self;
        vote.targets().map(|target| Digest(target.build_hash.0)).collect()
    }
}
