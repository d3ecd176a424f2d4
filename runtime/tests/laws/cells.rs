//! The raw cells that the laws count from; that the pallets keep them there, `golden/storage.rs` holds.

use accounts::Account;
use governance::{Place, SharedPlaces};
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, ProposalId};
use releases::{HeldPower, Rebuild, Receipt, StageReport};
use rewards::Owed;
use staking::{Bonds, Penalty, StakeHistory};
use state::{Item, Map, Set};

pub const ACCOUNTS: Map<AccountId, Account> = Map::new("accounts/accounts");
pub const BURNED: Item<Amount> = Item::new("accounts/burned");
pub const BONDS: Map<AccountId, Bonds> = Map::new("staking/bonds");
pub const POWER: Map<AccountId, StakeHistory> = Map::new("staking/power");
/// By epoch, validator and owner.
pub const UNBONDING: Map<(Epoch, AccountId, AccountId), Amount> = Map::new("staking/unbonding");
pub const WAITING: Set<(AccountId, AccountId, Epoch)> = Set::new("staking/waiting");
pub const SPENT: Set<(Epoch, AccountId, AccountId)> = Set::new("staking/spent");
pub const DELEGATORS: Set<(AccountId, AccountId)> = Set::new("staking/delegators");
pub const JAILED: Map<AccountId, Epoch> = Map::new("staking/jailed");
pub const PENALTIES: Map<(AccountId, Epoch), Penalty> = Map::new("staking/penalties");
pub const CANDIDATES: Set<(u64, AccountId)> = Set::new("staking/candidates");
pub const PLACES: Map<(AccountId, ProposalId), Place> = Map::new("governance/places");
pub const SHARED_PLACES: Item<SharedPlaces> = Item::new("governance/shared_places");
pub const INDEX: Set<(Digest, ProposalId)> = Set::new("governance/index");
pub const KEYS: Set<(ProposalId, Digest)> = Set::new("governance/keys");
pub const AGENDA: Set<(Epoch, ProposalId)> = Set::new("governance/agenda");
pub const RECEIPTS: Map<(BuildHash, AccountId), Receipt> = Map::new("releases/receipts");
pub const STAGES: Map<(BuildHash, AccountId), StageReport> = Map::new("releases/stages");
pub const REBUILDS: Map<(BuildHash, AccountId), Rebuild> = Map::new("releases/rebuilds");
pub const HELD: Map<(ProposalId, BuildHash), HeldPower> = Map::new("releases/held");
pub const OWED: Map<(AccountId, Epoch), Owed> = Map::new("rewards/owed");
pub const RUNNING: Map<AccountId, BuildHash> = Map::new("releases/running");
