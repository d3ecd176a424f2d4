//! Where accounts are kept.

use crate::{Account, Description, FeeSchedule};
use primitives::{AccountId, Amount};
use state::{Item, Map};

/// Every account that was ever funded.
pub(crate) const ACCOUNTS: Map<AccountId, Account> = Map::new("accounts/accounts");

/// What accounts say of themselves; those that say nothing have no entry.
pub(crate) const DESCRIPTIONS: Map<AccountId, Description> = Map::new("accounts/descriptions");

/// What a transaction costs; from genesis.
pub(crate) const FEES: Item<FeeSchedule> = Item::new("accounts/fees");

/// Tokens destroyed by least fees, forfeited deposits and lost stake.
pub(crate) const BURNED: Item<Amount> = Item::new("accounts/burned");
