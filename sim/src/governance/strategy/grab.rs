//! Grabbing: releases that signers signed once and nobody wants are proposed late in an epoch, with the shortest
//! window, and everything the attacker has votes for them before anybody looks.

use super::{Field, Strategy, unwanted};
use ::governance::{Choice, TrackName};
use primitives::ProposalId;
use std::collections::BTreeSet;

/// What it voted on.
#[derive(Default)]
pub struct Grab {
    voted: BTreeSet<ProposalId>,
}

impl Strategy for Grab {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        let next = field.arena.next();
        let own = field.own();
        let ends = next.height.ends_epoch(field.arena.chain.epoch_length());
        // Now and then earlier, so that there is a block left to vote in even where the window is one epoch.
        if own.len() < 4 && (ends || field.chance.happens(100_000)) {
            let track = if field.chance.happens(700_000) { TrackName::Routine } else { TrackName::Expedited };
            let motion = unwanted(field);
            field.propose(track, &motion, (None, None), 64);
        }
        for known in own {
            if known.is_open(next.epoch) && self.voted.insert(known.id()) {
                field.vote_all(known.id(), Choice::Yes, 64);
            }
        }
    }
}
