//! Where stake is kept.

use crate::{Bonds, Commission, Penalty, StakeHistory, StakingParams, ValidatorSet};
use primitives::{AccountId, Amount, ChainId, Epoch};
use state::{Item, Map, Set};

/// The rules; from genesis.
pub(crate) const PARAMS: Item<StakingParams> = Item::new("staking/params");

/// The network, and how many blocks an epoch has; from genesis.
pub(crate) const CHAIN: Item<(ChainId, u64)> = Item::new("staking/chain");

/// How many who wait an epoch can free; from genesis.
pub(crate) const MOST_FREED: Item<u64> = Item::new("staking/most_freed");

/// Each account's bonds, as far as somebody needs to remember them.
pub(crate) const BONDS: Map<AccountId, Bonds> = Map::new("staking/bonds");

/// Who is or was bonded to a validator beside itself, by the validator, as far as an offence of it may still cost them something.
pub(crate) const DELEGATORS: Set<(AccountId, AccountId)> = Set::new("staking/delegators");

/// The power of each validator: all bonds to it.
pub(crate) const POWER: Map<AccountId, StakeHistory> = Map::new("staking/power");

/// All bonds together.
pub(crate) const TOTAL: Item<StakeHistory> = Item::new("staking/total");

/// Who can be elected, by place and account; see [`crate::candidates`].
pub(crate) const CANDIDATES: Set<(u64, AccountId)> = Set::new("staking/candidates");

/// Tokens that wait, by the epoch at whose start they are free, the validator they strengthened, and their owner: those of a validator
/// lie together, so that the line goes on behind them while they stand still.
pub(crate) const UNBONDING: Map<(Epoch, AccountId, AccountId), Amount> = Map::new("staking/unbonding");

/// The same rows by their owner, the validator and the epoch: in the order of the line, an account's are anywhere in it.
pub(crate) const WAITING: Set<(AccountId, AccountId, Epoch)> = Set::new("staking/waiting");

/// The last epoch that tokens wait for, and how many of its places were taken; see [`crate::line`].
pub(crate) const LINE: Item<(Epoch, u64)> = Item::new("staking/line");

/// The bonds of which nothing is left, by the first epoch in which nobody needs to remember them, their owner, and the validator.
pub(crate) const SPENT: Set<(Epoch, AccountId, AccountId)> = Set::new("staking/spent");

/// The validator sets of the remembered epochs, the current and the next one.
pub(crate) const SETS: Map<Epoch, ValidatorSet> = Map::new("staking/sets");

/// The epochs among those in which what validators sign is not punished.
pub(crate) const UNENFORCED: Set<Epoch> = Set::new("staking/unenforced");

/// The candidates of the same epochs: whom the rule of a quorum elects, whether a quorum decides blocks or a sealer does.
pub(crate) const CANDIDATE_SETS: Map<Epoch, ValidatorSet> = Map::new("staking/candidate_sets");

/// Who decides blocks alone; absent where a quorum does.
pub(crate) const SEALER: Item<AccountId> = Item::new("staking/sealer");

/// Which validators were punished for what they did in which of the remembered epochs.
pub(crate) const PUNISHED: Set<(Epoch, AccountId)> = Set::new("staking/punished");

/// The offences that delegators still bear, by validator and epoch of the act, and whose turn it is.
pub(crate) const PENALTIES: Map<(AccountId, Epoch), Penalty> = Map::new("staking/penalties");

/// How much validators keep of what their delegators earn; those that never said so keep nothing.
pub(crate) const COMMISSIONS: Map<AccountId, Commission> = Map::new("staking/commissions");

/// Who stands for no election, and the first epoch in which its own call changes that.
pub(crate) const JAILED: Map<AccountId, Epoch> = Map::new("staking/jailed");
