//! Who can be elected: an index of bonds and powers, so that an election reads no more than it elects.

use crate::{Validator, ValidatorSet, queries, storage::*};
use primitives::{AccountId, Amount};
use state::State;

/// Whoever stands for election, the strongest first; accounts in order where power is equal.
fn strongest<'s>(state: &'s State) -> impl Iterator<Item = Validator> + use<'s> {
    CANDIDATES.iter(state).map(|(place, account)| Validator { account, power: power_at(place) })
}

/// The strongest of them, as many as can be elected: nobody, where nobody stands.
pub(crate) fn elected(state: &State) -> ValidatorSet {
    let most = PARAMS.require(state).max_validators;
    ValidatorSet::strongest(strongest(state).take(most as usize).collect(), most)
}

/// The power with which an account stands for election, all changes included; none when its own bond does not reach the minimum,
/// or when it is jailed.
pub(crate) fn standing(state: &State, who: &AccountId) -> Option<Amount> {
    let own = queries::bonded(state, who, who);
    let enough = own > Amount::ZERO && own >= PARAMS.require(state).minimum_bond;
    let stands = enough && !JAILED.contains(state, who);
    stands.then(|| POWER.get(state, who).map(|power| power.latest()).unwrap_or_default())
}

/// Has the index follow a change of bonds to `who`, who stood with the power `before`.
pub(crate) fn follow(state: &mut State, who: &AccountId, before: Option<Amount>) {
    let after = standing(state, who);
    if before == after {
        return;
    }
    if let Some(power) = before {
        CANDIDATES.remove(state, &(place_of(power), *who));
    }
    if let Some(power) = after {
        CANDIDATES.insert(state, &(place_of(power), *who));
    }
}

/// Keys sort upwards and candidates downwards, so a place is what a power lacks of the largest amount.
fn place_of(power: Amount) -> u64 {
    Amount(u64::MAX).saturating_sub(power).0
}

fn power_at(place: u64) -> Amount {
    Amount(u64::MAX).saturating_sub(Amount(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_power_is_an_earlier_place_and_every_place_is_one_power() {
        let powers = [0, 1, 2, 1 << 40, u64::MAX - 1, u64::MAX].map(Amount);
        assert!(powers.is_sorted_by(|a, b| place_of(*a) > place_of(*b)));
        assert_eq!(powers.map(|power| power_at(place_of(power))), powers);
    }
}
