//! Filling places (H3 a): every account proposes whatever it can, for as long as the rules let it, takes some of it
//! back and renews it. The shared places of both tracks can be closed like this for the price of deposits that return;
//! a validator's own place cannot.

use super::{Field, Strategy, unwanted};
use ::governance::{Status, TrackName};
use primitives::Epoch;
use runtime::testing;

/// One proposal in so many thousand is taken back before a block.
const RENEWED: u32 = 10_000;

/// It needs no memory: places that are free are taken.
pub struct Places;

impl Strategy for Places {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        for track in [TrackName::Routine, TrackName::Expedited] {
            let longest = longest(field, track);
            for who in field.hands() {
                let motion = unwanted(field);
                let call = testing::propose_for(track, motion, Some(longest.0), Some(longest.1));
                if !field.arena.waits(who) && field.may(who, &call) {
                    field.send(who, call, 4);
                }
            }
        }
        for known in field.own() {
            if known.status == Status::Open && field.chance.happens(RENEWED) {
                let by = field.arena.cast.place_of(&known.proposal.proposer).unwrap_or_default();
                field.send(by, testing::withdraw(known.id().0), 4);
            }
        }
    }
}

/// The latest deadline and the longest delay of a track.
fn longest(field: &Field<'_, '_>, track: TrackName) -> (Epoch, u64) {
    let track = field.arena.cast.network.genesis.governance.params.track(track).expect("accounts propose on it");
    (field.now().plus(track.most_window), track.most_delay)
}
