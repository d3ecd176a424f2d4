//! Full blocks: ballots with the longest reasons, from as many accounts as there are, at a fee per byte above what most
//! pay. Blocks hold little, so a few of them leave no room; honest accounts have to offer more, block after block,
//! until theirs come first.

use super::{Field, Strategy};
use ::governance::Choice;
use primitives::{Amount, ProposalId};
use runtime::testing;

/// The longest reason, in bytes.
const REASON: usize = 1_000;

/// How many times as many bytes such a ballot has as one without a reason. Where fees count no bytes, it offers as many
/// times as much: blocks choose by the byte.
const TIMES_AS_LONG: u64 = 6;

/// It needs no memory.
pub struct Full;

impl Strategy for Full {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        let id = field.live.keys().next().copied().unwrap_or(ProposalId(1));
        let mut everybody = field.everybody();
        field.chance.shuffle(&mut everybody);
        let room = field.arena.limits.max_block_bytes as usize / REASON + 2;
        let counts_bytes = field.arena.cast.network.genesis.accounts.fees.per_byte > Amount::ZERO;
        let bid = field.chance.within(2..=16) * if counts_bytes { 1 } else { TIMES_AS_LONG };
        for who in everybody.into_iter().take(room) {
            let reason = "x".repeat(REASON);
            field.send(who, testing::vote(id.0, Choice::Abstain, Some(&reason)), bid);
        }
    }
}
