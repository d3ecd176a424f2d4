//! First-proposer veto (H3 b): the attacker sees an urgent motion in the pool, proposes the same first at a higher fee,
//! waits for the votes of others, and takes it back before the vote ends. Places are not exclusive and an expedited
//! motion stays, so what it can have is a vote beside its own.

use super::{Field, Strategy};
use ::governance::Call;
use primitives::ProposalId;
use runtime::{Motion, testing};
use std::collections::BTreeSet;

/// Times the least fee, to be first in a block.
const TO_BE_FIRST: u64 = 64;

/// What it copied, and what it tried to take back.
#[derive(Default)]
pub struct Veto {
    copied: Vec<Motion>,
    taken_back: BTreeSet<ProposalId>,
}

impl Strategy for Veto {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        for call in field.arena.motions_in_pool() {
            let Call::Propose { motion, track, vote_deadline_epoch, activation_delay } = call else { continue };
            let window = (vote_deadline_epoch, activation_delay);
            if !self.copied.contains(&motion) && field.propose(track, &motion, window, TO_BE_FIRST) {
                self.copied.push(motion);
            }
        }
        let now = field.now();
        for known in field.own() {
            if known.is_in_last_epoch(now) && self.taken_back.insert(known.id()) {
                let by = field.arena.cast.place_of(&known.proposal.proposer).unwrap_or_default();
                field.send(by, testing::withdraw(known.id().0), TO_BE_FIRST);
            }
        }
    }
}
