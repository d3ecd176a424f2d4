//! What everybody can see of the proposals that are live.

use super::cast::Side;
use super::strategy::StrategyName;
use ::governance::{Proposal, Status, TrackName};
use primitives::{Epoch, ProposalId};
use runtime::Motion;
use std::collections::BTreeMap;

/// A proposal that is open or passed.
#[derive(Debug, Clone)]
pub struct Known {
    /// What never changes about it.
    pub proposal: Proposal<Motion>,
    /// Who made it.
    pub side: Side,
    /// Whether it asks for what honest accounts want, whoever made it.
    pub wanted: bool,
    /// Whether it is open or passed.
    pub status: Status,
    /// The strategy that made it, if one did.
    pub strategy: Option<StrategyName>,
}

/// All of them, by number.
pub type Live = BTreeMap<ProposalId, Known>;

impl Known {
    /// Its number.
    pub fn id(&self) -> ProposalId {
        self.proposal.id
    }

    /// Whether it takes votes in an epoch.
    pub fn is_open(&self, now: Epoch) -> bool {
        self.status == Status::Open && now < self.proposal.vote_deadline_epoch
    }

    /// Whether its vote ends with an epoch.
    pub fn is_in_last_epoch(&self, now: Epoch) -> bool {
        self.is_open(now) && now.next() >= self.proposal.vote_deadline_epoch
    }

    /// Whether it is urgent.
    pub fn is_expedited(&self) -> bool {
        self.proposal.track == TrackName::Expedited
    }
}
