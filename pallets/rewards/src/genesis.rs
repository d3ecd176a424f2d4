//! What rewards start from.

use crate::{Event, RewardsParams};
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, Checker, Fraction};
use serde::{Deserialize, Serialize};

/// This pallet's part of a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RewardsGenesis {
    /// What the pool begins with; these tokens are nobody's.
    pub pool: Amount,
    /// The most that one epoch pays.
    pub per_epoch: Amount,
    /// The share of that which is for proposers.
    pub leader: Fraction,
    /// The share which is for those who cosigned the epoch's checkpoint.
    pub witness: Fraction,
}

/// A tenth.
const TENTH: Fraction = match Fraction::new(1, 10) {
    Some(share) => share,
    None => Fraction::NOTHING,
};

impl RewardsGenesis {
    /// A tenth for proposers and a tenth for witnesses, of so much an epoch from a pool.
    pub fn of(pool: Amount, per_epoch: Amount) -> Self {
        Self { pool, per_epoch, leader: TENTH, witness: TENTH }
    }

    /// What happens at height 0: nothing, where presence was never to be paid for.
    pub fn events(&self) -> impl Iterator<Item = Event> + use<> {
        let Self { pool, per_epoch, leader, witness } = self.clone();
        let set = Event::ParamsSet { params: RewardsParams { per_epoch, leader, witness }, pool };
        (pool > Amount::ZERO || per_epoch > Amount::ZERO).then_some(set).into_iter()
    }

    /// Finds every mistake; `endowed` is what accounts begin with, if that can be counted.
    pub fn check(&self, endowed: Option<Amount>, mut checker: Checker<'_>) {
        let all = endowed.is_none_or(|endowed| endowed.checked_add(self.pool).is_some());
        checker.require(all, "pool", || {
            "with accounts.balances holds more than 18446744073709551615 tokens; lower one of them".into()
        });
        let whole = Amount(u64::MAX);
        let shares = self.leader.of(whole).checked_add(self.witness.of(whole));
        checker.require(shares.is_some(), "leader", || {
            format!(
                "is {}, and with witness ({}) more than all that an epoch pays; lower one of them",
                self.leader, self.witness
            )
        });
    }
}
