//! Nonces with a gap (H2): each account sends what comes after a transaction that it never sends, and offers more for
//! each than anybody else does. None of it can be in a block, so none of it may take a place from what can.

use super::{Field, Strategy};
use runtime::testing;

/// How many accounts flood before a block.
const AT_ONCE: u64 = 3;

/// How many transactions each of them sends.
const EACH: u64 = 8;

/// How far nonces run ahead, at least and at most: so far that the account's own business does not close the gap.
const AHEAD: std::ops::RangeInclusive<u64> = 12..=56;

/// Times the least fee.
const OFFER: u64 = 1_000;

/// It needs no memory.
pub struct Gap;

impl Strategy for Gap {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        let everybody = field.everybody();
        for _ in 0..AT_ONCE {
            let Some(who) = field.chance.pick(&everybody).copied() else { return };
            // Behind what it has waiting there is no gap.
            if field.arena.waits(who) {
                continue;
            }
            let (nonce, to) = (field.arena.nonce(who), field.arena.account(who));
            let first = field.chance.within(AHEAD);
            for ahead in first..first + EACH {
                field.send_as(who, nonce + ahead, testing::transfer(to, 1), OFFER);
            }
        }
    }
}
