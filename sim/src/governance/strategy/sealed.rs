//! Sealed withholding (H3 c, H9): the signatures of an honest release are copied from the pool, and its hash is
//! proposed under a seal that nobody can open. Honest voters may well vote for it; it ends with its activation epoch,
//! and the release beside it goes on.

use super::{Field, Strategy};
use ::governance::Call;
use primitives::{BuildHash, Digest};
use runtime::{Motion, testing};
use std::collections::BTreeSet;

/// What it copied.
#[derive(Default)]
pub struct Sealed {
    copied: BTreeSet<BuildHash>,
}

impl Strategy for Sealed {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        for call in field.arena.motions_in_pool() {
            let Call::Propose { motion, track, vote_deadline_epoch, activation_delay } = call else { continue };
            let Motion::Releases(releases::Motion::Approve(vote)) = motion else { continue };
            let mut vote = *vote;
            let hash = vote.build_hash;
            vote.sealed = Some(Digest::blake3(&field.chance.below(u64::MAX).to_be_bytes()));
            let window = (vote_deadline_epoch, activation_delay);
            if !self.copied.contains(&hash) && field.propose(track, &testing::approve(vote), window, 64) {
                self.copied.insert(hash);
            }
        }
    }
}
