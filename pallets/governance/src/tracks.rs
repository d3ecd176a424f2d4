//! The rules a vote can run under; the numbers come from genesis.

use crate::{Shortfall, Tally};
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, Fraction, TrackName};
use serde::{Deserialize, Serialize};

/// The rules of governance; from genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "VoteParams"))]
#[serde(deny_unknown_fields)]
pub struct GovernanceParams {
    /// The least stake with which an account that is no validator can propose.
    pub proposer_stake: Amount,
    /// How many proposals can be open or passed at once in the places that all proposers share; at least two. Each track has half
    /// of them, and each validator has one more that is its own, for an expedited motion.
    pub max_live_proposals: u32,
    /// The routine track.
    pub routine: Track,
    /// The expedited track.
    pub expedited: Track,
}

impl GovernanceParams {
    /// How many proposals may be live by those who can propose: those in the shared places, and one of each of so many validators.
    /// An account that left the set keeps its own place until its proposal is concluded, so there can be more for a while.
    pub fn most_live(&self, validators: u32) -> u64 {
        u64::from(self.max_live_proposals).saturating_add(validators.into())
    }

    /// The track of a name; none for the one on which nobody proposes, whose rules come with each poll.
    pub fn track(&self, name: TrackName) -> Option<&Track> {
        match name {
            TrackName::Routine => Some(&self.routine),
            TrackName::Expedited => Some(&self.expedited),
            TrackName::Council => None,
        }
    }

    /// How many shared places the proposals on a track can hold: half of them, the expedited ones the larger half, and what the chain
    /// opens for members none.
    pub fn places(&self, name: TrackName) -> u32 {
        let smaller = self.max_live_proposals / 2;
        match name {
            TrackName::Routine => smaller,
            TrackName::Expedited => self.max_live_proposals.saturating_sub(smaller),
            TrackName::Council => 0,
        }
    }
}

/// A track: what a proposal pays and may choose, and the rules it is then judged by.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Tokens held while a proposal is open; forfeited when it misses the quorum, or is taken back after others have voted.
    pub deposit: Amount,
    /// Shortest time to vote, in epochs; at least one.
    pub least_window: u64,
    /// Longest time to vote, in epochs.
    pub most_window: u64,
    /// Shortest time from the deadline to the activation, in epochs; at least one.
    pub least_delay: u64,
    /// Longest time from the deadline to the activation, in epochs.
    pub most_delay: u64,
    /// The share of the electorate that must vote.
    pub quorum: Fraction,
    /// The share of the electorate that must vote yes.
    pub support: Fraction,
}

impl Track {
    /// The part that a proposal keeps for its own judgement.
    pub fn rules(&self) -> TrackRules {
        TrackRules { quorum: self.quorum, support: self.support, deposit: self.deposit }
    }
}

/// What a proposal is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackRules {
    /// The share of the electorate that must vote; of members none, because their support is a share of them all.
    pub quorum: Fraction,
    /// The share of the electorate that must vote yes.
    pub support: Fraction,
    /// The deposit that was held; nothing for what the chain opened.
    pub deposit: Amount,
}

impl TrackRules {
    /// What a count of so much weight in `total` is missing: the quorum, then the support, then more yes than no. `None` when it passes.
    pub fn shortfall(&self, tally: &Tally, total: Amount) -> Option<Shortfall> {
        if !self.quorum.is_met(tally.turnout(), total) {
            Some(Shortfall::Quorum)
        } else if !self.support.is_met(tally.yes, total) {
            Some(Shortfall::Support)
        } else if tally.yes <= tally.no {
            Some(Shortfall::Majority)
        } else {
            None
        }
    }
}
