//! When governance stops one of its own proposals.

use crate::{Cancelled, DepositEnd, Error, IndexKey, Intervention, Status, TrackName, storage::*};
use primitives::{Epoch, Mandate, Moment, ProposalId};
use state::{Enact, State};

impl Enact for Intervention {
    type Event = Cancelled;
    type Error = Error;

    fn admit(&self, state: &State, _at: Moment, activation: Epoch) -> Result<(), Error> {
        let Intervention::Cancel { proposal_id, .. } = self;
        require_stoppable(state, *proposal_id, activation).map(|_| ())
    }

    /// Interventions are carried out before the other motions whose epoch has come, so one of the same epoch is in time. Ends of
    /// votes come before both, so nothing is stopped whose voting has ended and whose outcome nobody has said yet.
    fn enact(&self, state: &State, at: Moment, _mandate: &Mandate) -> Result<Cancelled, Error> {
        let Intervention::Cancel { proposal_id, .. } = self;
        let deposit = require_stoppable(state, *proposal_id, at.epoch)?;
        Ok(Cancelled { proposal_id: *proposal_id, deposit })
    }

    fn tracks(&self, _state: &State) -> &'static [TrackName] {
        &[TrackName::Expedited]
    }
}

impl Intervention {
    /// The keys that its proposal is found by: none, because nothing depends on whether somebody proposes to stop a proposal.
    pub fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// A live proposal can be stopped up to its activation epoch, and a poll of members until they have decided. Returns how its deposit ends,
/// if one is still held.
fn require_stoppable(state: &State, proposal_id: ProposalId, when: Epoch) -> Result<Option<DepositEnd>, Error> {
    let poll = POLLS.get(state, &proposal_id).ok_or(Error::UnknownProposal(proposal_id))?;
    let (status, activation) = (poll.status, poll.activation_epoch);
    let live = matches!(status, Status::Open | Status::Passed);
    if !live || when > activation {
        return Err(Error::NotStoppable { proposal_id, status, activation });
    }
    Ok(DEPOSITS.get(state, &proposal_id).map(DepositEnd::Returned))
}
