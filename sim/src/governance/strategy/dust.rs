//! Dust (H4): accounts delegate the least there may be to all validators, take it back, and delegate again, so that
//! elections, lines and ballots have much to count. Where dust votes for itself, the ballot of its validator becomes
//! lighter by as much. Now and then it votes with stake that came after the snapshot.

use super::{Field, Strategy};
use ::governance::Choice;
use runtime::testing;
use std::collections::BTreeSet;

/// How many accounts act before a block.
const AT_ONCE: usize = 3;

/// Whose turn it is, and who voted on what.
#[derive(Default)]
pub struct Dust {
    turn: usize,
    voted: BTreeSet<(usize, u64)>,
}

impl Strategy for Dust {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        let dust = field.dust();
        for _ in 0..AT_ONCE.min(dust.len()) {
            let who = dust[self.turn % dust.len()];
            self.turn += 1;
            move_about(field, who);
            self.vote(field, who);
        }
    }
}

impl Dust {
    fn vote(&mut self, field: &mut Field<'_, '_>, who: usize) {
        for known in field.honest() {
            let call = testing::vote(known.id().0, Choice::No, None);
            let blindly = field.chance.happens(50_000);
            if !self.voted.contains(&(who, known.id().0)) && (blindly || field.may(who, &call)) {
                self.voted.insert((who, known.id().0));
                field.send(who, call, 2);
            }
        }
    }
}

/// Delegates a grain, as long as there are some, or takes one back.
fn move_about(field: &mut Field<'_, '_>, who: usize) {
    let cast = field.arena.cast;
    let validators = cast.network.validators.len();
    let least = cast.network.genesis.staking.params.minimum_delegation.0.max(1);
    let bonds: Vec<(usize, u64)> = (0..validators).map(|to| (to, field.bonded(who, to).0)).collect();
    let bonded: u64 = bonds.iter().map(|(_, amount)| amount).sum();
    let back: Vec<(usize, u64)> = bonds.into_iter().filter(|(_, amount)| *amount > 0).collect();
    let takes_back = bonded + least > cast.people[who].stake || field.chance.happens(200_000);
    if let Some((to, amount)) = field.chance.pick(&back).copied().filter(|_| takes_back) {
        field.send(who, testing::unbond(field.arena.account(to), amount), 2);
    } else if !takes_back {
        let to = field.chance.below(validators as u64) as usize;
        field.send(who, testing::delegate(field.arena.account(to), least), 2);
    }
}
