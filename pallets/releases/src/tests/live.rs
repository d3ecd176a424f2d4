//! What governance keeps of a vote on a build while it lives.

use super::*;
use governance::{Cancelled, Electorate, IndexKey, Place, Proposal, TrackRules};
use primitives::TrackName;

/// A motion as it is voted on; what becomes of it is not governance's.
#[derive(Debug, Clone, PartialEq, parity_scale_codec::Encode, parity_scale_codec::Decode)]
struct Voted(Motion);

impl Enact for Voted {
    type Event = ();
    type Error = governance::Error;

    fn admit(&self, _: &State, _: Moment, _: Epoch) -> Result<(), governance::Error> {
        Ok(())
    }

    fn enact(&self, _: &State, _: Moment, _: &Mandate) -> Result<(), governance::Error> {
        Ok(())
    }

    fn tracks(&self, _: &State) -> &'static [TrackName] {
        &[TrackName::Routine]
    }
}

impl governance::Motion for Voted {
    fn index_keys(&self) -> Vec<IndexKey> {
        self.0.index_keys()
    }

    fn lacks(&self, state: &State, id: ProposalId, made: Moment, voting_ends: Epoch) -> Option<Shortfall> {
        self.0.lacks(state, id, made, voting_ends)
    }
}

/// An account proposes a vote in epoch 3, which becomes the proposal of a number and holds no deposit.
pub fn put(state: &mut State, id: u64, proposer: AccountId, vote: &ReleaseVote) {
    put_in(state, 3, id, proposer, vote);
}

/// The same in another epoch.
pub fn put_in(state: &mut State, epoch: u64, id: u64, proposer: AccountId, vote: &ReleaseVote) {
    let none = Fraction::new(0, 1).unwrap();
    let proposal = Proposal {
        id: ProposalId(id),
        motion: Voted(Motion::Approve(Box::new(vote.clone()))),
        proposer,
        track: TrackName::Routine,
        rules: TrackRules { quorum: none, support: none, deposit: Amount(0) },
        place: Place::Shared,
        electorate: Electorate::Stake { epoch: Epoch(epoch), total: Amount(0) },
        created: at(epoch),
        created_epoch: Epoch(epoch),
        vote_deadline_epoch: Epoch(5),
        activation_epoch: Epoch(6),
        closes_at: None,
    };
    governance::Event::Proposed(proposal).apply(state, at(epoch));
}

/// The proposal of a number is concluded.
pub fn close(state: &mut State, id: u64) {
    let cancelled = Cancelled { proposal_id: ProposalId(id), deposit: None };
    governance::Event::<Voted>::Cancelled(cancelled).apply(state, at(4));
}
