//! Where stake is kept.

use crate::{Bonds, StakeHistory, StakingParams, ValidatorSet};
use primitives::{AccountId, Amount, Epoch};
use state::{Item, Map, Set};

/// The rules; from genesis.
pub(crate) const PARAMS: Item<StakingParams> = Item::new("staking/params");

/// How many who wait an epoch can free; from genesis.
pub(crate) const MOST_FREED: Item<u64> = Item::new("staking/most_freed");

/// Each account's bonds, as far as somebody needs to remember them.
pub(crate) const BONDS: Map<AccountId, Bonds> = Map::new("staking/bonds");

/// The power of each validator: all bonds to it.
pub(crate) const POWER: Map<AccountId, StakeHistory> = Map::new("staking/power");

/// All bonds together.
pub(crate) const TOTAL: Item<StakeHistory> = Item::new("staking/total");

/// Who can be elected, by place and account; see [`crate::candidates`].
pub(crate) const CANDIDATES: Set<(u64, AccountId)> = Set::new("staking/candidates");

/// Tokens that wait, by the epoch at whose start they are free, their owner, and the validator they strengthened.
pub(crate) const UNBONDING: Map<(Epoch, AccountId, AccountId), Amount> = Map::new("staking/unbonding");

/// The same rows by their owner, who asks for them: in the order of the line, an account's are anywhere in it.
pub(crate) const WAITING: Set<(AccountId, Epoch, AccountId)> = Set::new("staking/waiting");

/// The last epoch that tokens wait for, and how many of its places were taken; see [`crate::line`].
pub(crate) const LINE: Item<(Epoch, u64)> = Item::new("staking/line");

/// The bonds of which nothing is left, by the first epoch in which nobody needs to remember them, their owner, and the validator.
pub(crate) const SPENT: Set<(Epoch, AccountId, AccountId)> = Set::new("staking/spent");

/// The validator sets of the remembered epochs, the current and the next one.
pub(crate) const SETS: Map<Epoch, ValidatorSet> = Map::new("staking/sets");
