//! What did governance ever decide about releases?

use primitives::{ChainId, Epoch, Height, ProposalId};
use releases::{ApprovedRelease, Motion, RosterRecord};
use serde::{Deserialize, Serialize};

/// All decisions about releases up to a block, in one order, whatever they were read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The network.
    pub chain_id: ChainId,
    /// The newest block when it was read.
    pub height: Height,
    /// The epoch of that block.
    pub epoch: Epoch,
    /// Every approved build, by sequence number and hash.
    pub releases: Vec<ApprovedRelease>,
    /// Every roster of signers, by version.
    pub rosters: Vec<RosterRecord>,
    /// Every other motion about releases that was carried out, by proposal.
    pub decisions: Vec<EnactedMotion>,
}

/// A motion that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnactedMotion {
    /// Its proposal.
    pub proposal_id: ProposalId,
    /// The epoch at whose start it was carried out.
    pub epoch: Epoch,
    /// What was done.
    pub motion: Motion,
}

impl EnactedMotion {
    /// A motion that was carried out, unless the approved builds or the rosters say the same.
    pub(crate) fn of(proposal_id: ProposalId, epoch: Epoch, motion: Motion) -> Option<Self> {
        match motion {
            Motion::Approve(_) | Motion::SetRoster(_) | Motion::Amend { .. } => None,
            Motion::Revoke { .. } | Motion::RaiseMinimumSequence { .. } | Motion::EndSupport { .. } => {
                Some(Self { proposal_id, epoch, motion })
            }
        }
    }
}

impl History {
    /// Puts what was read into the one order, and drops what was read twice: a node goes on while it is asked.
    pub fn in_order(mut self) -> Self {
        self.releases.sort_by_key(|release| (release.sequence, release.build_hash));
        self.releases.dedup_by_key(|release| release.build_hash);
        self.rosters.sort_by_key(|record| record.roster.version);
        self.rosters.dedup_by_key(|record| record.roster.version);
        self.decisions.sort_by_key(|decision| decision.proposal_id);
        self.decisions.dedup_by_key(|decision| decision.proposal_id);
        self
    }
}
