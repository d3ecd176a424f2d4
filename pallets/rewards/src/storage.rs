//! Where rewards are kept.

use crate::{Attendance, Owed, RewardsParams};
use primitives::{AccountId, Amount, Epoch};
use state::{Item, Map, Set};

/// The rules; from genesis, and absent where nothing was ever to be paid.
pub(crate) const PARAMS: Item<RewardsParams> = Item::new("rewards/params");

/// What rewards are paid from.
pub(crate) const POOL: Item<Amount> = Item::new("rewards/pool");

/// What the epoch has come to so far whose presence is counted; absent while none is.
pub(crate) const ATTENDANCE: Item<Attendance> = Item::new("rewards/attendance");

/// What waits for those who delegated to a validator, by it and the epoch.
pub(crate) const OWED: Map<(AccountId, Epoch), Owed> = Map::new("rewards/owed");

/// The same by the epoch and the validator, in the order in which it goes back to the pool.
pub(crate) const LAPSING: Set<(Epoch, AccountId)> = Set::new("rewards/lapsing");

/// All that waits for delegators.
pub(crate) const TO_COLLECT: Item<Amount> = Item::new("rewards/to_collect");

/// Up to and with which epoch somebody has collected for its delegation to a validator.
pub(crate) const COLLECTED: Map<(AccountId, AccountId), Epoch> = Map::new("rewards/collected");
