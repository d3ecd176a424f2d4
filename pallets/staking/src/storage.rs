//! Where stake is kept.

use crate::{Bonds, StakeHistory, StakingParams, ValidatorSet};
use primitives::{AccountId, Amount, Epoch};
use state::{Item, Map};

/// The rules; from genesis.
pub(crate) const PARAMS: Item<StakingParams> = Item::new("staking/params");

/// Each account's bonds.
pub(crate) const BONDS: Map<AccountId, Bonds> = Map::new("staking/bonds");

/// The power of each validator: all bonds to it.
pub(crate) const POWER: Map<AccountId, StakeHistory> = Map::new("staking/power");

/// All bonds together.
pub(crate) const TOTAL: Item<StakeHistory> = Item::new("staking/total");

/// Tokens that wait, by the epoch at whose start they are free.
pub(crate) const UNBONDING: Map<(Epoch, AccountId), Amount> = Map::new("staking/unbonding");

/// The validator sets of the remembered epochs, the current and the next one.
pub(crate) const SETS: Map<Epoch, ValidatorSet> = Map::new("staking/sets");
