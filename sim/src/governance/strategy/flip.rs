//! Flipping at the end: the attacker votes for a motion at first, so that it looks safe, and against it in the last
//! blocks of the vote.

use super::{Field, Strategy};
use ::governance::Choice;
use primitives::ProposalId;
use std::collections::BTreeSet;

/// What it voted for, and what it turned against.
#[derive(Default)]
pub struct Flip {
    voted: BTreeSet<ProposalId>,
    flipped: BTreeSet<ProposalId>,
}

impl Strategy for Flip {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        let now = field.now();
        for known in field.honest() {
            let is_last = known.is_in_last_epoch(now);
            if !is_last && self.voted.insert(known.id()) {
                field.vote_all(known.id(), Choice::Yes, 2);
            }
            if is_last && self.voted.contains(&known.id()) && self.flipped.insert(known.id()) {
                field.vote_all(known.id(), Choice::No, 64);
            }
        }
    }
}
