//! Stopping what is voted on: a motion to cancel each honest proposal, with all the stake there is for it. To stop
//! takes the bar of an urgent decision.

use super::{Field, Strategy};
use ::governance::{Choice, TrackName};
use primitives::ProposalId;
use runtime::testing;
use std::collections::BTreeSet;

/// What it proposed to stop, and what it voted on.
#[derive(Default)]
pub struct Cancel {
    stopped: BTreeSet<ProposalId>,
    voted: BTreeSet<ProposalId>,
}

impl Strategy for Cancel {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        for known in field.honest() {
            let motion = testing::cancel(known.id().0);
            if !self.stopped.contains(&known.id()) && field.propose(TrackName::Expedited, &motion, (None, None), 8) {
                self.stopped.insert(known.id());
            }
        }
        let now = field.now();
        for known in field.own() {
            if known.is_open(now) && self.voted.insert(known.id()) {
                field.vote_all(known.id(), Choice::Yes, 8);
            }
        }
    }
}
