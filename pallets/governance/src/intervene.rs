//! When governance stops one of its own proposals.

use crate::{Error, Event, Intervention, Motion, Status, queries, storage::*};
use parity_scale_codec::Encode;
use primitives::{Digest, Epoch, ProposalId};
use state::State;

impl Intervention {
    /// What it claims for itself alone while it is live.
    pub fn claims(&self) -> Vec<Digest> {
        let Intervention::Cancel { proposal_id, .. } = self;
        vec![Digest::blake3(&("cancel", proposal_id).encode())]
    }

    /// Whether it may be put to the vote, to be carried out at `activation`.
    pub fn admit<M: Motion>(&self, state: &State, activation: Epoch) -> Result<(), Error> {
        let Intervention::Cancel { proposal_id, .. } = self;
        require_stoppable::<M>(state, *proposal_id, activation)
    }

    /// What it does, once it passed and its epoch has come. Interventions are carried out before the other motions of their
    /// epoch, so one of the same epoch is in time.
    pub fn enact<M: Motion>(&self, state: &State, now: Epoch) -> Result<Event<M>, Error> {
        let Intervention::Cancel { proposal_id, .. } = self;
        require_stoppable::<M>(state, *proposal_id, now)?;
        Ok(Event::Cancelled { proposal_id: *proposal_id })
    }
}

fn require_stoppable<M: Motion>(state: &State, proposal_id: ProposalId, when: Epoch) -> Result<(), Error> {
    let poll = POLLS.get(state, &proposal_id).ok_or(Error::UnknownProposal(proposal_id))?;
    let (status, activation) = (poll.status, queries::proposal::<M>(state, proposal_id).activation_epoch);
    let live = matches!(status, Status::Open | Status::Passed);
    if live && when <= activation { Ok(()) } else { Err(Error::NotStoppable { proposal_id, status, activation }) }
}
