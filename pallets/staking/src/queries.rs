//! What can be asked about stake.

use crate::{Bonds, StakingParams, ValidatorSet, storage::*};
use primitives::{AccountId, Amount, Epoch};
use state::{KeyBytes, State};

/// The rules.
pub fn params(state: &State) -> StakingParams {
    PARAMS.require(state)
}

/// The first epoch whose stake is remembered in epoch `now`.
pub fn remembered_from(state: &State, now: Epoch) -> Epoch {
    now.minus(PARAMS.require(state).remembered_epochs)
}

/// The bonds of `who`, each as it was over time.
pub fn bonds(state: &State, who: &AccountId) -> Bonds {
    BONDS.get(state, who).unwrap_or_default()
}

/// What `who` has bonded to `validator`, all changes included.
pub fn bonded(state: &State, who: &AccountId, validator: &AccountId) -> Amount {
    let bonds = bonds(state, who);
    bonds.iter().find(|bond| bond.validator == *validator).map(|bond| bond.history.latest()).unwrap_or_default()
}

/// What `who` had bonded to `validator` in force in `epoch`.
pub fn bond_at(state: &State, who: &AccountId, validator: &AccountId, epoch: Epoch) -> Amount {
    bonds_at(state, who, epoch).into_iter().filter(|(to, _)| to == validator).map(|(_, amount)| amount).sum()
}

/// The bonds of `who` in force in `epoch`, by validator.
pub fn bonds_at(state: &State, who: &AccountId, epoch: Epoch) -> Vec<(AccountId, Amount)> {
    bonds(state, who)
        .iter()
        .map(|bond| (bond.validator, bond.history.at(epoch)))
        .filter(|(_, amount)| amount.0 > 0)
        .collect()
}

/// All that `who` had bonded in force in `epoch`: the weight of its own ballot.
pub fn stake_at(state: &State, who: &AccountId, epoch: Epoch) -> Amount {
    bonds_at(state, who, epoch).into_iter().map(|(_, amount)| amount).sum()
}

/// The bonds of everybody to `validator` in force in `epoch`.
pub fn power_at(state: &State, validator: &AccountId, epoch: Epoch) -> Amount {
    POWER.get(state, validator).map(|power| power.at(epoch)).unwrap_or_default()
}

/// What `who` took out of bonds and waits for: the epoch at whose start it is free, the validator it strengthened, and how much.
/// What is free the soonest comes first.
pub fn unbonding(state: &State, who: &AccountId) -> Vec<(Epoch, AccountId, Amount)> {
    let amount = |free_epoch, validator| UNBONDING.get(state, &(free_epoch, validator, *who)).unwrap_or_default();
    let rows = WAITING.iter_under(state, who);
    let mut rows: Vec<_> =
        rows.map(|(_, validator, free_epoch)| (free_epoch, validator, amount(free_epoch, validator))).collect();
    rows.sort_unstable();
    rows
}

/// All bonds in force in `epoch`.
pub fn total_at(state: &State, epoch: Epoch) -> Amount {
    TOTAL.get_or_default(state).at(epoch)
}

/// The first epoch in which a punished validator may stand for election again; none of one that does, or never did.
pub fn jailed_until(state: &State, who: &AccountId) -> Option<Epoch> {
    JAILED.get(state, who)
}

/// Whether a validator was punished for what it did in `epoch`, as far back as acts are judged.
pub fn is_punished(state: &State, validator: &AccountId, epoch: Epoch) -> bool {
    PUNISHED.contains(state, &(epoch, *validator))
}

/// Whether the bonds to a validator stand still, because its delegators bear an offence of it.
pub fn are_bonds_held(state: &State, validator: &AccountId) -> bool {
    PENALTIES.iter_under(state, validator).next().is_some()
}

/// The set that decides the blocks of `epoch`: a remembered one, the current or the next. Empty for any other.
pub fn validator_set(state: &State, epoch: Epoch) -> ValidatorSet {
    SETS.get(state, &epoch).unwrap_or_default()
}

/// The storage key of that set, by which it is read or proven at another height.
pub fn validator_set_key(epoch: Epoch) -> KeyBytes {
    SETS.key(&epoch)
}
