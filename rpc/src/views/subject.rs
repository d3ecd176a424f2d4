//! What is proposed, as clients read it.

use governance::Intervention;
use primitives::{BuildHash, ChangeId, Digest, Epoch, List, Name, ProposalId, PublicKey};
use releases::{Attestations, MAX_REVOKED, MAX_SIGNERS, Manifest, Platform, Reason, ReleaseVote, RosterChange, Target};
use roles::{RoleKey, Seat};
use rollouts::install::Installation;
use runtime::Motion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProposalSubject {
    /// To approve a release.
    Release(Box<ReleaseProposal>),
    /// To replace the roster of release signers.
    RosterChange(Box<RosterChange>),
    /// To take builds out of use.
    Revocation {
        /// The builds.
        #[schemars(with = "Vec<BuildHash>", length(max = MAX_REVOKED))]
        build_hashes: List<BuildHash, MAX_REVOKED>,
        /// Why.
        reason: Reason,
    },
    /// To take every release below a number out of use.
    MinimumSequence {
        /// The least number that may run.
        minimum: u64,
        /// Why.
        reason: Reason,
    },
    /// To set the end of support of a release.
    EndOfSupport {
        /// A build of the release.
        build_hash: BuildHash,
        /// The epoch from which it no longer boots if a later release has taken its place, and is no longer installed if none
        /// has.
        epoch: Epoch,
    },
    /// To correct what is said about an approved release.
    Amendment {
        /// A build of the release.
        build_hash: BuildHash,
        /// All that would be said.
        manifest: Box<Manifest>,
    },
    /// To stop another proposal.
    Cancellation {
        /// Which.
        proposal_id: ProposalId,
        /// Why.
        reason: Reason,
    },
    /// To replace those who have a role.
    Members {
        /// The role.
        key: RoleKey,
        /// All who would have it.
        #[schemars(with = "Vec<Seat>", length(max = 100))]
        members: List<Seat, 100>,
        /// Why.
        reason: Reason,
    },
    /// To put a version of a plan into force.
    PlanVersion {
        /// The plan, with all that comes with it.
        installation: Box<Installation>,
    },
    /// To say yes to a change, or to what is owed after it.
    ChangeDecision {
        /// The change.
        change: ChangeId,
        /// The check that asks for the vote.
        check: Name,
        /// What the change is known by, so that a ballot is on what was read.
        digest: Digest,
    },
    /// To end a change.
    ChangeAbort {
        /// Which.
        change: ChangeId,
        /// Why.
        reason: Reason,
    },
}

impl ProposalSubject {
    /// What a motion proposes. `manifest_of` gives the manifest of a release's vote: of a sealed one, what was revealed.
    pub fn new(motion: Motion, manifest_of: impl FnOnce(&ReleaseVote) -> Option<Manifest>) -> Self {
        use releases::Motion::*;
        let motion = match motion {
            Motion::Governance(Intervention::Cancel { proposal_id, reason }) => {
                return ProposalSubject::Cancellation { proposal_id, reason };
            }
            Motion::Roles(roles::Motion::SetMembers { key, members, reason }) => {
                return ProposalSubject::Members { key, members, reason };
            }
            Motion::Rollouts(motion) => return Self::of_rollouts(motion),
            Motion::Releases(motion) => motion,
        };
        match motion {
            Approve(vote) => {
                let manifest = manifest_of(&vote);
                ProposalSubject::Release(Box::new(ReleaseProposal::new(*vote, manifest)))
            }
            SetRoster(change) => ProposalSubject::RosterChange(change),
            Revoke { build_hashes, reason } => ProposalSubject::Revocation { build_hashes, reason },
            RaiseMinimumSequence { minimum, reason } => ProposalSubject::MinimumSequence { minimum, reason },
            EndSupport { build_hash, epoch } => ProposalSubject::EndOfSupport { build_hash, epoch },
            Amend { build_hash, manifest } => ProposalSubject::Amendment { build_hash, manifest },
        }
    }

    fn of_rollouts(motion: rollouts::Motion) -> Self {
        match motion {
            rollouts::Motion::Decide { change, check, digest } => {
                ProposalSubject::ChangeDecision { change, check, digest }
            }
            rollouts::Motion::Install(installation) => ProposalSubject::PlanVersion { installation },
            rollouts::Motion::Abort { change, reason } => ProposalSubject::ChangeAbort { change, reason },
        }
    }
}

/// The way back: the motion of the chain that says the same. Of a sealed release that is revealed, it has the manifest.
impl From<ProposalSubject> for Motion {
    fn from(subject: ProposalSubject) -> Self {
        use releases::Motion::*;
        Motion::Releases(match subject {
            ProposalSubject::Release(release) => Approve(Box::new((*release).into())),
            ProposalSubject::RosterChange(change) => SetRoster(change),
            ProposalSubject::Revocation { build_hashes, reason } => Revoke { build_hashes, reason },
            ProposalSubject::MinimumSequence { minimum, reason } => RaiseMinimumSequence { minimum, reason },
            ProposalSubject::EndOfSupport { build_hash, epoch } => EndSupport { build_hash, epoch },
            ProposalSubject::Amendment { build_hash, manifest } => Amend { build_hash, manifest },
            ProposalSubject::Cancellation { proposal_id, reason } => {
                return Motion::Governance(Intervention::Cancel { proposal_id, reason });
            }
            ProposalSubject::Members { key, members, reason } => {
                return Motion::Roles(roles::Motion::SetMembers { key, members, reason });
            }
            ProposalSubject::PlanVersion { installation } => {
                return Motion::Rollouts(rollouts::Motion::Install(installation));
            }
            ProposalSubject::ChangeDecision { change, check, digest } => {
                return Motion::Rollouts(rollouts::Motion::Decide { change, check, digest });
            }
            ProposalSubject::ChangeAbort { change, reason } => {
                return Motion::Rollouts(rollouts::Motion::Abort { change, reason });
            }
        })
    }
}

/// The release that would be approved, its manifest's fields beside its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseProposal {
    /// The build for the first target.
    pub build_hash: BuildHash,
    /// What it runs on.
    pub platform: Platform,
    /// Signatures over the two; those over all that is said stand in `signed_root`.
    #[schemars(with = "Vec<releases::ReleaseAttestation>", length(max = MAX_SIGNERS))]
    pub signatures: Attestations,
    /// How many it needs.
    pub signature_threshold: u32,
    /// The roster when it was proposed, with or without keys that had left it.
    #[schemars(with = "Vec<PublicKey>", length(max = MAX_SIGNERS))]
    pub signer_set: List<PublicKey, MAX_SIGNERS>,
    /// The seal of a proposal that was made without saying what it is about; null when it was open from the start.
    pub sealed: Option<Digest>,
    /// Whether the manifest is known: not while the proposal is sealed.
    pub revealed: bool,
    /// What the release is made of; of a sealed proposal, empty until it is revealed.
    #[serde(flatten)]
    pub manifest: Manifest,
}

impl ReleaseProposal {
    fn new(vote: ReleaseVote, manifest: Option<Manifest>) -> Self {
        Self {
            build_hash: vote.build_hash,
            platform: vote.platform,
            signatures: vote.signatures,
            signature_threshold: vote.signature_threshold,
            signer_set: vote.signer_set,
            sealed: vote.sealed,
            revealed: manifest.is_some(),
            manifest: manifest.unwrap_or_default(),
        }
    }

    /// Every build of the release, the one it is named after first; of a sealed proposal only that one.
    pub fn targets(&self) -> Vec<Target> {
        self.manifest.targets(self.build_hash, &self.platform).collect()
    }
}

impl From<ReleaseProposal> for ReleaseVote {
    fn from(release: ReleaseProposal) -> Self {
        Self {
            build_hash: release.build_hash,
            platform: release.platform,
            signatures: release.signatures,
            signature_threshold: release.signature_threshold,
            signer_set: release.signer_set,
            manifest: release.manifest,
            sealed: release.sealed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proposed_leads_back_to_the_motion() {
        for motion in runtime::testing::examples::motions() {
            let subject = ProposalSubject::new(motion.clone(), |vote| Some(vote.manifest.clone()));
            assert_eq!(Motion::from(subject), motion);
        }
    }
}
