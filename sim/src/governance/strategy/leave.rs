//! Leaving after a vote: the attacker votes against a motion, takes its stake out of every bond while the vote is open,
//! and bonds as much again a few epochs later. What an epoch counts that has begun never changes, so its ballots weigh
//! what they weighed, no less and no more; meanwhile its validators are out of the set, and their proposals keep their
//! places.

use super::{Field, Strategy};
use crate::governance::cast::Post;
use ::governance::Choice;
use primitives::{Epoch, ProposalId};
use runtime::testing;
use std::collections::BTreeSet;

/// For how many epochs its stake stays away.
const AWAY: u64 = 3;

/// What it voted on, and since when its stake is away.
#[derive(Default)]
pub struct Leave {
    voted: BTreeSet<ProposalId>,
    left: Option<Epoch>,
}

impl Strategy for Leave {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        let now = field.now();
        if let Some(left) = self.left {
            if now >= left.plus(AWAY) && come_back(field) {
                self.left = None;
            }
            return;
        }
        let mut leaves = false;
        for known in field.honest() {
            if self.voted.insert(known.id()) {
                field.vote_all(known.id(), Choice::No, 8);
                leaves = true;
            }
        }
        if leaves {
            self.left = Some(now);
            for who in field.hands() {
                let to = field.arena.cast.people[who].to;
                let bonded = field.bonded(who, to).0;
                field.send(who, testing::unbond(field.arena.account(to), bonded), 8);
            }
        }
    }

    fn is_done(&mut self, field: &mut Field<'_, '_>) -> bool {
        come_back(field)
    }
}

/// Bonds what is missing, validators first, because nobody delegates to who is none. Gives whether nothing is missing.
fn come_back(field: &mut Field<'_, '_>) -> bool {
    let mut all_back = true;
    for who in field.hands() {
        let (stake, to, post) = {
            let person = &field.arena.cast.people[who];
            (person.stake, person.to, person.post)
        };
        let missing = stake.saturating_sub(field.bonded(who, to).0);
        if missing == 0 {
            continue;
        }
        all_back = false;
        let call = match post {
            Post::Validator => testing::bond(missing),
            Post::Holder | Post::Dust => testing::delegate(field.arena.account(to), missing),
        };
        if !field.arena.waits(who) && field.may(who, &call) {
            field.send(who, call, 4);
        }
    }
    all_back
}
