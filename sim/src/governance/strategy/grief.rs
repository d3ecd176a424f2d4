//! Deposit griefing: a ballot on every routine motion as soon as it is open. Whoever takes a mistake back after that
//! loses the deposit.

use super::{Field, Strategy};
use ::governance::Choice;
use primitives::ProposalId;
use runtime::testing;
use std::collections::BTreeSet;

/// What it voted on.
#[derive(Default)]
pub struct Grief {
    seen: BTreeSet<ProposalId>,
}

impl Strategy for Grief {
    fn act(&mut self, field: &mut Field<'_, '_>) {
        for known in field.honest() {
            let call = testing::vote(known.id().0, Choice::Abstain, None);
            let hands = field.hands();
            let can = |who: &&usize| field.may(**who, &call);
            if let Some(who) = hands.iter().find(can).copied().filter(|_| !known.is_expedited())
                && self.seen.insert(known.id())
            {
                field.send(who, call, 32);
            }
        }
    }
}
