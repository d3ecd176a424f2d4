//! Where stake is kept.

use crate::{Bonds, History, Params, ValidatorSet};
use primitives::{AccountId, Amount, Epoch};
use state::{Item, Map};

/// The rules; from genesis.
pub const PARAMS: Item<Params> = Item::new("staking/params");

/// Each account's bonds.
pub const BONDS: Map<AccountId, Bonds> = Map::new("staking/bonds");

/// The power of each validator: all bonds to it.
pub const POWER: Map<AccountId, History> = Map::new("staking/power");

/// All bonds together.
pub const TOTAL: Item<History> = Item::new("staking/total");

/// Tokens that wait, by the epoch at whose start they are free.
pub const UNBONDING: Map<(Epoch, AccountId), Amount> = Map::new("staking/unbonding");

/// The validator sets of the remembered epochs, the current and the next one.
pub const SETS: Map<Epoch, ValidatorSet> = Map::new("staking/sets");
