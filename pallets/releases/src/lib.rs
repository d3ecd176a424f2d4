//! Signer roster, attestations, approved builds, their lifetime, and how far nodes have come with them.
//!
//! A [`ReleaseVote`] asks governance to approve a build. It must bring valid signatures by distinct keys of the roster over
//! `"release:<hash>"` before it is stored (seed 003, "Provenance signatures"), over the root of its [`Manifest`] as soon as
//! that says anything ([`SigningDomain`]), and still enough of them when voting ends ([`Motion::shortfall`]), and it passes
//! only when enough of the validators' power says that it holds it ([`Availability`]).
//! Activation writes an [`ApprovedRelease`]; a node boots only a hash that has one and that [`queries::verdict`] lets run.
//! Governance takes builds out of use again by revocation, a minimum sequence or an end of support, each announced a notice
//! period before it stops a node. It changes the [`Roster`] by a [`RosterChange`], which the keys of the old and of the new
//! roster approve; a key may also leave by itself.
//!
//! # Invariants
//! - A hash becomes approved only through an activated motion with its attestation quorum; genesis approves the first builds.
//! - No release passes, and no sealed one is carried out, that too few validators say they hold (T10).
//! - Nothing is said about an approved build that its signers did not sign, for this network: not a field of its manifest, not a
//!   target, and not what it runs on (T4, T14). An approved build is described anew only by a vote and by signers.
//! - Approval is never deleted; its standing changes.
//! - Superseding a release does not stop it: only revocation, the minimum sequence and the end of support stop a boot, each by
//!   a motion of its own with the high bar of the expedited track.
//! - Nothing is taken out of use that would leave its nodes without a build to run ([`Error::WouldStrand`], T25). The end of
//!   support stops only what a later release has superseded and two thirds of the stake have left.
//! - A node says how far it has come with a build in its own words; nobody speaks for another, each stage counts once an epoch,
//!   and it takes stake to speak: what is said grows no faster than those who pay for it.
//! - What a node advertises of itself stands in place of what it advertised before, and is its own word: nothing here follows from it.
//! - What grows with what is said is counted by the events that say it, and listed in the order in which it came: no question
//!   reads all of it.
//! - A signature is verified once, in the call that brings it. What the clock brings counts signatures and verifies none.
//! - A sealed proposal that was not revealed approves nothing, what is revealed is what its proposer sealed, and a seal that was
//!   copied opens nothing (T17).
//! - No build is approved that knows less than the network's level, or than is decided to be; that level comes with a minimum sequence
//!   alone, from the epoch on in which nothing runs that knows less, and never falls.
//! - Of motions that cannot all hold, the first that is carried out does; each of the others is refused when its turn comes.
//! - A roster's version is its predecessor's plus one, and no key signs for it that is in neither.
//! - What passed is carried out with the signatures it passed with: no key undoes it by leaving, and no rotation (T11, T24).
//!   What is still voted on loses the signatures of keys that leave, and is void when others sign by the time voting ends.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

mod apply;
mod attestation;
mod audit;
mod availability;
mod decide;
mod error;
mod fleet;
mod genesis;
mod index;
mod install;
mod left_fleet;
mod level;
mod lifetime;
mod manifest;
mod numbers;
mod platform;
pub mod queries;
mod rebuild;
mod root;
mod roster;
mod seal;
mod signing;
mod storage;
#[cfg(test)]
mod tests;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{
    AccountId, Amount, BuildHash, ChainId, ChainPosition, Digest, Epoch, Fraction, List, ProposalId, PublicKey,
    Signature, Text,
};
use serde::{Deserialize, Serialize};

pub use attestation::{SignatureCount, SignedUnder};
pub use availability::{Availability, BuildHolders, HeldPower};
pub use error::{Error, Side};
pub use fleet::{Advertised, Advertisement, FleetShare};
pub use genesis::{FirstManifest, ReleasesGenesis};
pub use install::{InstallStage, Installs, StageCount, StageName, StageNodes, StageReason, StageReport, Uptake};
pub use left_fleet::left_fleet;
pub use level::{Levels, MAX_LEVELS};
pub use lifetime::{MinimumSequence, MinimumStep, Standing, Stop, Verdict};
pub use manifest::{AttestedTarget, Components, Manifest, ManifestValue, Severity, Target};
pub use platform::{NoPlatform, Platform};
pub use primitives::{Reason, ReleaseClass};
pub use rebuild::Rebuild;
pub use root::{LongParts, SignedRoot};
pub use roster::{
    Approvals, Departure, Roster, RosterApproval, RosterCause, RosterChange, RosterRecord, leave_message,
};
pub use signing::{SigningDomain, manifest_message};

/// The most keys a roster can have, and the most signatures a release can bring for one hash.
pub const MAX_SIGNERS: u32 = 32;

/// The most builds one revocation can name: all targets of a release.
pub const MAX_REVOKED: u32 = 9;

/// The most install times of a build that are kept: the latest ones.
pub const MAX_INSTALL_TIMES: u32 = 100;

/// The most proposals for which one word counts that a build is held.
pub const MAX_COUNTED: usize = 16;

/// The most nodes that leave the fleet in one block, and of which it is looked whether they have to.
pub const MAX_LEFT_FLEET: u32 = 32;

/// The most signatures that one call can bring: a proposal to approve all targets of a release, each signed by every key, as
/// is what it says.
pub const MAX_SIGNATURES: u32 = (MAX_REVOKED + 1) * MAX_SIGNERS;

/// The rules of releases; from genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseParams {
    /// Epochs from the decision that a build may no longer run to the first epoch in which no node runs it; at least one.
    pub notice_epochs: u64,
    /// The stake in force with which an account that is no validator may say how far builds have come on its node; not zero.
    pub reporter_stake: Amount,
    /// The share of the validators' power that must say that it holds a release before it passes; more than zero.
    pub available_share: Fraction,
}

/// What an account can ask for.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReleasesCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "releases.")]
pub enum Call {
    /// Says how far a build has come on the node of the caller: a validator, or an account with as much stake as
    /// [`ReleaseParams::reporter_stake`] says. Each stage counts once per build and epoch; that a build is held which is voted
    /// on, once per proposal.
    RecordInstall {
        /// The build; it must be approved, or, to be held by a validator, asked for by an open or passed proposal.
        build_hash: BuildHash,
        /// How far it has come; left out, the node has booted it.
        #[serde(default)]
        stage: InstallStage,
    },
    /// Says that the caller built the same bytes from source. Counts once per build and account.
    AttestRebuild {
        /// The build; approved, or the subject of a proposal that is open or passed.
        build_hash: BuildHash,
        /// `BUILD_SOURCE_HASH` of the source it was built from.
        #[serde(default)]
        source_hash: Option<Digest>,
        /// The commit it was built from.
        #[serde(default)]
        source_commit: Option<Text<64>>,
    },
    /// Opens a sealed proposal, no later than the last block before its activation epoch.
    Reveal {
        /// The build that the proposal is named after.
        build_hash: BuildHash,
        /// Whose proposal it is.
        proposer: AccountId,
        /// What was sealed.
        manifest: Box<Manifest>,
        /// What it was sealed with: see [`Manifest::seal`].
        salt: Digest,
    },
    /// Takes a key out of the roster from the next epoch on, by that key's own word alone; any account may pay for it.
    LeaveRoster {
        /// The key that leaves.
        signer: PublicKey,
        /// The version of the roster it leaves, so that the word cannot be used again.
        version: u64,
        /// The key's signature over [`leave_message`].
        signature: Signature,
    },
    /// Says all that the node of the caller runs and knows, in place of what it said before. Of those who may report on builds, and
    /// once an epoch.
    #[codec(index = 4)]
    #[level(1)]
    Advertise(Advertisement),
}

/// What only governance can do.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReleasesMotion"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "releases.")]
pub enum Motion {
    /// Approves a build for running.
    Approve(Box<ReleaseVote>),
    /// Replaces the roster of signers.
    SetRoster(Box<RosterChange>),
    /// Takes builds out of use for good; those that are not revoked yet when it is carried out.
    Revoke {
        /// The builds.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<BuildHash>", length(max = MAX_REVOKED)))]
        build_hashes: List<BuildHash, MAX_REVOKED>,
        /// Why.
        reason: Reason,
    },
    /// Takes every release below a sequence number out of use.
    RaiseMinimumSequence {
        /// The least number that may run.
        minimum: u64,
        /// Why.
        reason: Reason,
    },
    /// Sets or moves the end of support of a release, for all its targets. One that is superseded no longer boots from then on;
    /// one that is still the latest is no longer installed. To put an end off is routine, anything else is not, and an end that
    /// has come is not moved.
    EndSupport {
        /// A build of the release.
        build_hash: BuildHash,
        /// The epoch.
        epoch: Epoch,
    },
    /// Corrects what is said about an approved release, for all its targets. Hash, platform, number, level and standing of each stay,
    /// and the end of support is moved by a decision of its own. It takes as many signatures as the roster asks for, and as the release
    /// was approved with, if so many keys sign.
    Amend {
        /// A build of the release.
        build_hash: BuildHash,
        /// All that is said from then on, about exactly the targets of the release, signed as a whole.
        manifest: Box<Manifest>,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReleasesEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "releases.")]
pub enum Event {
    /// The releases of a network follow these rules from now on.
    ParamsSet {
        /// The network.
        chain_id: ChainId,
        /// The level it begins with.
        level: u32,
        /// The rules.
        params: ReleaseParams,
    },
    /// Builds may run from now on.
    Approved {
        /// One record for each target of the release.
        builds: Vec<ApprovedRelease>,
        /// The builds whose place they take.
        superseded: Vec<Superseded>,
        /// How many signatures the next release needs, unless its proposer asks for more.
        applied_threshold: u32,
    },
    /// A node booted a build.
    Installed {
        /// The build, which the node runs now.
        build_hash: BuildHash,
        /// The node's account.
        node: AccountId,
        /// Its receipt, this boot included.
        receipt: Receipt,
        /// What the node said, this included.
        report: StageReport,
        /// How many nodes stand where, this one included.
        nodes: StageNodes,
    },
    /// A node came to another stage with a build than booting it, which is [`Event::Installed`].
    Reported {
        /// The build.
        build_hash: BuildHash,
        /// The node's account.
        node: AccountId,
        /// What the node said, this included.
        report: StageReport,
        /// The build that the node runs now, as far as it said.
        running: Option<BuildHash>,
        /// How many nodes stand where, this one included.
        nodes: StageNodes,
    },
    /// Somebody built the same bytes from source.
    Rebuilt {
        /// The build.
        build_hash: BuildHash,
        /// Who.
        builder: AccountId,
        /// When, and from what.
        rebuild: Rebuild,
    },
    /// It is known what a sealed proposal is about.
    Revealed {
        /// Which proposal.
        proposal_id: ProposalId,
        /// The build that the proposal is named after.
        build_hash: BuildHash,
        /// The seal.
        seal: Digest,
        /// What it was sealed with.
        salt: Digest,
        /// What was sealed.
        manifest: Box<Manifest>,
    },
    /// Other keys sign releases from now on.
    RosterSet(RosterRecord),
    /// A key takes itself out of the current roster, which keeps its version.
    SignerLeft {
        /// The version.
        version: u64,
        /// The key, and from when on it does not count.
        departure: Departure,
    },
    /// Builds may no longer run once the notice is over.
    Revoked {
        /// The builds that this revocation takes out of use.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<BuildHash>", length(max = MAX_REVOKED)))]
        build_hashes: List<BuildHash, MAX_REVOKED>,
        /// Why.
        reason: Reason,
        /// The first epoch in which no node runs them.
        effective_epoch: Epoch,
        /// Earlier builds that are the latest for their platform again.
        reinstated: Vec<BuildHash>,
    },
    /// Releases below a number may no longer run once the notice is over.
    MinimumSequenceRaised {
        /// What may run, this raise included.
        minimum: MinimumSequence,
        /// The level from the epoch of this raise on: what each build knows that may run then. It may be the one that is in force.
        level: u32,
        /// Why.
        reason: Reason,
    },
    /// The end of support of a release is set.
    SupportEnds {
        /// All builds of the release that are not revoked, and whose end has not come already.
        build_hashes: Vec<BuildHash>,
        /// The epoch.
        epoch: Epoch,
    },
    /// A validator holds a build that is voted on.
    Held {
        /// The build.
        build_hash: BuildHash,
        /// The validator's account.
        node: AccountId,
        /// What its node said, this included.
        report: StageReport,
        /// The proposals that it is counted for by this, each with the power that holds the build now.
        #[cfg_attr(feature = "schema", schemars(length(max = MAX_COUNTED)))]
        counted: Vec<HeldPower>,
        /// How many nodes stand where, this one included.
        nodes: StageNodes,
    },
    /// What is said about an approved release is corrected.
    Amended {
        /// All builds of the release, each as it is described from now on.
        builds: Vec<ApprovedRelease>,
    },
    /// A node said what it runs and knows.
    #[codec(index = 13)]
    Advertised {
        /// The node's account.
        node: AccountId,
        /// What it said.
        advertisement: Advertisement,
    },
    /// What nodes advertised is kept no longer, because they may not advertise any more: they are no validators, no candidates, and have no
    /// longer the stake of a reporter.
    #[codec(index = 14)]
    LeftFleet {
        /// The accounts of the nodes.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<AccountId>", length(max = MAX_LEFT_FLEET)))]
        nodes: List<AccountId, MAX_LEFT_FLEET>,
    },
}

/// What happens when a roster comes to sign is all that is recorded of it.
impl From<RosterRecord> for Event {
    fn from(record: RosterRecord) -> Self {
        Self::RosterSet(record)
    }
}

/// A build that gave way to a later one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Superseded {
    /// The build.
    pub build_hash: BuildHash,
    /// The later one.
    pub by: BuildHash,
}

/// One release signer's signature: over a build, see [`SigningDomain::attestation_message`], or over the root of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Attestation"))]
#[serde(deny_unknown_fields)]
pub struct ReleaseAttestation {
    /// The key.
    pub signer: PublicKey,
    /// The signature.
    pub signature: Signature,
}

/// Signatures over one build, or over one root.
pub type Attestations = List<ReleaseAttestation, MAX_SIGNERS>;

/// The motion to approve a release: its hash, what that runs on, who attested both, and everything said about it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseVote {
    /// The build for the first target.
    pub build_hash: BuildHash,
    /// What it runs on. It is named also while the rest is sealed, because it says whose place the build takes.
    pub platform: Platform,
    /// Signatures over the two.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ReleaseAttestation>", length(max = MAX_SIGNERS)))]
    pub signatures: Attestations,
    /// How many valid signatures the release needs; at least the roster's threshold. Applies to each target.
    pub signature_threshold: u32,
    /// The roster the proposer saw; must be the current one, with or without any of the keys that have left it. It stays with
    /// the release for audit.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<PublicKey>", length(max = MAX_SIGNERS)))]
    pub signer_set: List<PublicKey, MAX_SIGNERS>,
    /// What the release is made of.
    #[serde(default)]
    pub manifest: Manifest,
    /// The seal over the manifest when that is to be revealed later; the manifest here is then empty.
    #[serde(default)]
    pub sealed: Option<Digest>,
}

/// An approved build: one target of a release, with the audit trail of its approval.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReleaseRecord"))]
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
    pub activated: Option<ChainPosition>,
    /// The release's number, from 1; all targets of a release share it.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub sequence: u64,
    /// What it knows: the level that its manifest says; where that says none, the one that was in force when it was approved.
    pub level: u32,
    /// Where it stands.
    pub standing: Standing,
    /// What it runs on.
    pub target: Target,
    /// What the release is made of, without notes and further targets, which stay with the proposal: a node proves this
    /// record at every boot.
    pub manifest: Manifest,
    /// The signatures that counted when it passed.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ReleaseAttestation>", length(max = MAX_SIGNERS)))]
    pub signatures: Attestations,
    /// How many signatures were needed.
    pub signature_threshold: u32,
    /// The roster when it was proposed.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<PublicKey>", length(max = MAX_SIGNERS)))]
    pub signer_set: List<PublicKey, MAX_SIGNERS>,
    /// What stands here for the notes and the targets, so that the record gives the root that signers signed.
    pub long_parts: LongParts,
    /// The end of support that governance has set since, while this was the latest build for its platform. It counts instead of
    /// the date in the manifest, which stays as it was signed.
    pub support_end: Option<Epoch>,
    /// The decision that last corrected what is said here; none when that is what it was approved with.
    pub amended: Option<Amended>,
}

/// A decision to correct what is said about a release, and whose signatures over its manifest count since.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Amended {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// When it was carried out.
    pub at: ChainPosition,
    /// How many signatures it needed.
    pub signature_threshold: u32,
    /// The roster when it was proposed.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<PublicKey>", length(max = MAX_SIGNERS)))]
    pub signer_set: List<PublicKey, MAX_SIGNERS>,
}

/// The installs of one build on one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// The first one.
    pub first: ChainPosition,
    /// The latest one.
    pub last: ChainPosition,
    /// How many epochs saw one.
    pub count: u64,
}
