//! Why a call or a motion about releases is refused.

use crate::{Platform, StageName};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, PublicKey};
use serde::{Deserialize, Serialize};

/// Why a call or a motion was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReleasesRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// Fewer valid signatures than the threshold.
    #[error("the release has {have} valid signatures and needs {need}")]
    QuorumMissing {
        /// Distinct valid signatures by roster keys.
        have: u32,
        /// The threshold.
        need: u32,
    },
    /// A signature by a key outside the roster.
    #[error("{0} is not a release signer")]
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
        /// The number of roster keys that sign.
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
    /// The end of support leaves no notice.
    #[error(
        "support would end at epoch {end}, and operators have notice until epoch {soonest}; choose that or a later one"
    )]
    SupportEndsTooSoon {
        /// The epoch asked for.
        end: Epoch,
        /// The first that leaves the notice.
        soonest: Epoch,
    },
    /// A build that is not approved.
    #[error("{0} is not an approved build")]
    NotApproved(BuildHash),
    /// A roster that does not follow the current one.
    #[error("the roster has version {asked}, and the next one is {next}; make the change again from the current one")]
    RosterVersion {
        /// The version asked for.
        asked: u64,
        /// The version that follows the current one, or, for a key that leaves, the current one.
        next: u64,
    },
    /// A roster that could never release anything.
    #[error("a roster of {signers} keys cannot need {threshold} signatures; a threshold is 1 to the number of keys")]
    RosterUnusable {
        /// The number of keys.
        signers: u32,
        /// The threshold.
        threshold: u32,
    },
    /// A key that cannot sign.
    #[error("{0} is not a usable Ed25519 key; it would weaken the roster")]
    UnusableKey(PublicKey),
    /// The roster would not change.
    #[error("the roster would stay as it is; add a key, remove one, or change the threshold")]
    RosterUnchanged,
    /// An approval of a roster change that is not valid.
    #[error("the approval by {0} is not valid over this roster on this network")]
    BadApproval(PublicKey),
    /// Too few keys approve a roster change.
    #[error("{have} keys of the {side} roster approve the change, and its threshold is {need}")]
    ApprovalsMissing {
        /// Which of the two rosters.
        side: Side,
        /// Its keys that approve.
        have: u32,
        /// Its threshold.
        need: u32,
    },
    /// The build is revoked already.
    #[error("{0} is revoked already")]
    AlreadyRevoked(BuildHash),
    /// No build is named.
    #[error("no build is named")]
    NothingToRevoke,
    /// Nodes would be left without a build to run.
    #[error(
        "only {running} of {total} stake would go on, less than two thirds; activate a successor of {build_hash} and let its \
         nodes change to it first"
    )]
    WouldStrand {
        /// A build that is to be taken out of use.
        build_hash: BuildHash,
        /// The stake whose latest receipt is of a build that would stay in use, or, unless support is to end, that has an active
        /// successor which would.
        running: Amount,
        /// All stake.
        total: Amount,
    },
    /// A minimum that is no higher, or that no release reaches.
    #[error("the minimum sequence must be {least} to {most}, not {asked}")]
    MinimumOutOfRange {
        /// The minimum asked for.
        asked: u64,
        /// One more than the current one.
        least: u64,
        /// The latest release.
        most: u64,
    },
    /// A build that is neither approved nor proposed.
    #[error("{0} is neither approved nor the subject of a live proposal")]
    NotProposed(BuildHash),
    /// The account said so before.
    #[error("{builder} has already attested that it rebuilt {build_hash}; each account counts once")]
    AlreadyAttested {
        /// The build.
        build_hash: BuildHash,
        /// The account.
        builder: AccountId,
    },
    /// A vote that carries a seal and a manifest.
    #[error(
        "the proposal for {0} is sealed and describes the release as well; leave the description out until it is revealed"
    )]
    SealedAndOpen(BuildHash),
    /// No live proposal of the account for the build.
    #[error("the account that is named has no live proposal for {0} that could be revealed")]
    NothingSealed(BuildHash),
    /// What is revealed is not what was sealed.
    #[error(
        "this manifest and salt do not give the seal of that account's proposal for {0}; reveal exactly what it sealed, with \
         the salt it was sealed with"
    )]
    SealBroken(BuildHash),
    /// What was sealed is known.
    #[error("the proposal for {0} is revealed already")]
    AlreadyRevealed(BuildHash),
    /// The activation epoch came before the manifest.
    #[error(
        "the proposal for {0} was still sealed when its activation epoch came, so it is not carried out; propose it again \
         and reveal it in time"
    )]
    StillSealed(BuildHash),
    /// The report of this epoch is there already.
    #[error(
        "this node has already reported {build_hash} as {stage} in epoch {epoch}; the next epoch takes another report"
    )]
    AlreadyRecorded {
        /// The build.
        build_hash: BuildHash,
        /// The stage.
        stage: StageName,
        /// The epoch.
        epoch: Epoch,
    },
    /// Another decision about the end of support came before one that puts it off.
    #[error(
        "the end of support of {build_hash} was set in epoch {since}, after this was proposed; propose it again if it is still \
         wanted"
    )]
    SupportMoved {
        /// The build.
        build_hash: BuildHash,
        /// When.
        since: Epoch,
    },
    /// The key said so before.
    #[error("{signer} has left the roster already; it does not count from epoch {from_epoch} on")]
    AlreadyLeft {
        /// The key.
        signer: PublicKey,
        /// From when on it does not count.
        from_epoch: Epoch,
    },
    /// An account whose word about builds does not count.
    #[error(
        "only a validator or a holder of at least {need} bonded tokens can report on builds; this account has {have} bonded"
    )]
    NotReporter {
        /// The account's stake in force.
        have: Amount,
        /// The least stake of a reporter that is no validator.
        need: Amount,
    },
    /// The end of support has come.
    #[error(
        "the support of {build_hash} ended at epoch {epoch}, and an end that has come is not moved; propose a new release \
         instead"
    )]
    SupportEnded {
        /// The build.
        build_hash: BuildHash,
        /// When.
        epoch: Epoch,
    },
    /// Too few validators hold a release that was sealed.
    #[error(
        "{have} of the validators' power says that it holds {build_hash}, and {need} must before its activation; give \
         it to others, and propose it again"
    )]
    Unavailable {
        /// A build of the release.
        build_hash: BuildHash,
        /// The power that holds it.
        have: Amount,
        /// The power that is needed.
        need: Amount,
    },
    /// A build that nobody may have yet.
    #[error("{0} is proposed under a seal; nobody is counted for holding it before it is revealed")]
    StillSecret(BuildHash),
    /// The account decided no blocks when the build was proposed.
    #[error(
        "this account was no validator when {0} was proposed, so its word does not count before the build is approved"
    )]
    WithoutPower(BuildHash),
    /// The validator is counted already.
    #[error("this validator is counted already for holding {0}, in every proposal that asks for it")]
    AlreadyHeld(BuildHash),
    /// Too much power would have nothing to run.
    #[error(
        "{have} of {total} power runs or holds release {minimum} or the latest, less than two thirds; wait until more \
         nodes have fetched it"
    )]
    HoldersMissing {
        /// The minimum asked for.
        minimum: u64,
        /// The power that runs or holds a release that reaches it.
        have: Amount,
        /// All power.
        total: Amount,
    },
    /// A signature that is not valid over a build for another platform than the network's first.
    #[error(
        "the signature of {signer} is not valid over \"release:{build_hash}:{platform}\"; a text without a platform is about \
         builds for the network's first one alone, so sign exactly that text"
    )]
    BadSignatureFor {
        /// Whose it should be.
        signer: PublicKey,
        /// The build it should cover.
        build_hash: BuildHash,
        /// What the build runs on.
        platform: Platform,
    },
    /// Too few signatures over what is said about a build.
    #[error(
        "what is said about build {build_hash} has {have} valid signatures and needs {need}; let the release signers sign it as \
         a whole, or say no more than hash and platform"
    )]
    ManifestQuorumMissing {
        /// The build.
        build_hash: BuildHash,
        /// Distinct valid signatures over the root of the manifest.
        have: u32,
        /// The threshold.
        need: u32,
    },
    /// What is said is not what was signed.
    #[error(
        "the release signers signed the root {signed}, and what is said here about build {build_hash} has the root {found}: a \
         part of it is of another release; say exactly what they signed"
    )]
    ManifestMixed {
        /// The build.
        build_hash: BuildHash,
        /// What was signed.
        signed: Digest,
        /// What this has.
        found: Digest,
    },
    /// A signature over a root that is not valid here.
    #[error(
        "the signature of {signer} over what is said about build {build_hash} is not valid on this network; it was made for \
         another network, for another purpose or with another key, so have it signed again"
    )]
    BadManifestSignature {
        /// Whose it should be.
        signer: PublicKey,
        /// The build that the manifest is about.
        build_hash: BuildHash,
    },
    /// An amendment about other builds than those of the release.
    #[error(
        "the manifest does not name exactly the builds of the release of {0}, each for its platform; which builds a release has, \
         and for which machines, is not amended"
    )]
    TargetsDiffer(BuildHash),
    /// An amendment that would move the end of support.
    #[error(
        "the manifest names another end of support than the release of {0} was approved with; leave that as it was, to move the \
         end is a decision of its own"
    )]
    SupportNotAmended(BuildHash),
    /// Another amendment came first.
    #[error(
        "what is said about {build_hash} was corrected in epoch {since}, after this was proposed; propose it again if it is \
         still wanted"
    )]
    ManifestMoved {
        /// The build.
        build_hash: BuildHash,
        /// When.
        since: Epoch,
    },
    /// The activation epoch has come, and the proposal is judged as it was before.
    #[error(
        "the activation epoch of the proposal for {0} has come, and what it sealed is revealed no more; propose it again and \
         reveal it in time"
    )]
    RevealedTooLate(BuildHash),
    /// The node advertised in this epoch.
    #[codec(index = 45)]
    #[error(
        "{node} has already advertised in epoch {epoch} what its node runs and knows; one word an epoch counts, and the next epoch \
         takes another"
    )]
    AlreadyAdvertised {
        /// The node's account.
        node: AccountId,
        /// The epoch.
        epoch: Epoch,
    },
    /// The release knows less than the network does, or will.
    #[codec(index = 46)]
    #[error(
        "build {build_hash} counts as of level {level}, and level {needed} is in force or decided: it could not read what blocks may \
         hold by then; build it from a newer source, and state its level in its manifest"
    )]
    LevelTooLow {
        /// The build that the release is named after.
        build_hash: BuildHash,
        /// What it knows; where its manifest says nothing, what is in force when it would be carried out.
        level: u32,
        /// The highest level that is in force or decided.
        needed: u32,
    },
    /// An amendment that would give a release another level.
    #[codec(index = 47)]
    #[error(
        "the manifest names another level than the release of {0} was approved with; leave that as it was, what a build knows is not \
         amended"
    )]
    LevelNotAmended(BuildHash),
}

/// The roster before a change, or the one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RosterSide"))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Before.
    Old,
    /// After.
    New,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Side::Old => "current",
            Side::New => "new",
        })
    }
}
