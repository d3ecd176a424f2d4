//! Examples of what presence is paid.

use super::{SIXTEEN, TEN, VALIDATOR, WHO};
use crate::{Error, Event};
use primitives::{Amount, Epoch, List};
use rewards::{Attendance, Bits, CandidatePresence, Owed, Payment, RewardsGenesis, RewardsParams};

/// One validator, which is there.
pub fn bits() -> Bits {
    [true].into_iter().collect()
}

/// It in an epoch.
pub fn attendance() -> Attendance {
    let places = List::truncate_from(vec![CandidatePresence { present_ms: 9_000, led_ms: 300 }]);
    Attendance { epoch: Epoch(4), paid: bits(), ms: 10_000, places }
}

/// What waits for who delegated to it.
pub fn owed() -> Owed {
    Owed { amount: TEN, delegation: SIXTEEN, left: Amount(7) }
}

/// The rules of the tests' network.
pub fn rewards_params() -> RewardsParams {
    let RewardsGenesis { per_epoch, leader, witness, .. } = crate::testing::genesis().rewards;
    RewardsParams { per_epoch, leader, witness }
}

pub(super) fn events_of_rewards() -> [Event; 8] {
    use rewards::Event::*;
    let (epoch, pool) = (Epoch(4), crate::testing::genesis().rewards.pool);
    let payment =
        Payment { validator: VALIDATOR, present_ms: 9_000, own: SIXTEEN, delegated: TEN, delegation: SIXTEEN };
    let paid = List::truncate_from(vec![payment]);
    let events = [
        ParamsSet { params: rewards_params(), pool },
        Began { epoch, paid: bits() },
        Attended { epoch, present: bits(), ms: 1_000, leader: Some(0), led_ms: 300 },
        Dropped { epoch },
        Rewarded { epoch, paid, leader: Amount(3), witness: Amount(2), pool },
        Funded { from: WHO, amount: TEN },
        Collected { who: WHO, validator: VALIDATOR, epochs: List::truncate_from(vec![(epoch, Amount(3))]) },
        Lapsed { epoch, amount: Amount(7) },
    ];
    events.map(Event::Rewards)
}

pub(super) fn errors_of_rewards() -> impl Iterator<Item = Error> {
    use rewards::Error::*;
    let errors = [Accounts(accounts::Error::ZeroAmount), NothingDue { who: WHO, validator: VALIDATOR }];
    errors.into_iter().map(Error::from)
}
