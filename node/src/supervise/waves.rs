//! When each validator changes to a release, so that never a third of the power restarts at once.
//!
//! Every supervisor computes the same order from the same proven validator set, without talking to the others: validators are
//! sorted by a hash of the build and their account, which differs from release to release, and cut into waves with less than a
//! third of the power each. A validator that has a third or more by itself is a wave of its own; nothing helps there.

use primitives::{AccountId, Amount, BuildHash, Fraction};
use staking::{Validator, ValidatorSet};

/// The number of the wave in which `who` changes, from 0; a node that does not validate changes in the first.
pub fn wave_of(validators: &ValidatorSet, build: &BuildHash, who: &AccountId) -> u64 {
    let found = waves(validators, build).into_iter().position(|wave| wave.iter().any(|member| member.account == *who));
    found.unwrap_or_default() as u64
}

/// The waves of a release.
fn waves(validators: &ValidatorSet, build: &BuildHash) -> Vec<Vec<Validator>> {
    let total = validators.total_power();
    let mut order: Vec<Validator> = validators.validators.iter().cloned().collect();
    order.sort_by_key(|validator| place(build, &validator.account));
    let mut waves: Vec<(Amount, Vec<Validator>)> = Vec::new();
    for validator in order {
        let power = validator.power;
        match waves.last_mut() {
            Some((sum, wave)) if is_minority(sum.saturating_add(power), total) => {
                *sum = sum.saturating_add(power);
                wave.push(validator);
            }
            _ => waves.push((power, vec![validator])),
        }
    }
    waves.into_iter().map(|(_, wave)| wave).collect()
}

/// Less than a third: what is left still decides blocks.
fn is_minority(power: Amount, total: Amount) -> bool {
    !Fraction::THIRD.is_met(power, total)
}

fn place(build: &BuildHash, account: &AccountId) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&build.0).update(&account.0);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(powers: &[u64]) -> ValidatorSet {
        let validators = (0..)
            .zip(powers)
            .map(|(seed, power)| Validator { account: AccountId([seed; 32]), power: Amount(*power) })
            .collect();
        ValidatorSet::strongest(validators, 100)
    }

    #[test]
    fn four_equal_validators_change_one_after_another() {
        let set = set(&[10, 10, 10, 10]);
        let build = BuildHash([5; 32]);
        let mut waves: Vec<u64> = set.validators.iter().map(|v| wave_of(&set, &build, &v.account)).collect();
        waves.sort();
        assert_eq!(waves, [0, 1, 2, 3]);
        assert_eq!(wave_of(&set, &build, &AccountId([200; 32])), 0, "who only follows need not wait");
    }

    proptest! {
        #[test]
        fn t20_no_wave_of_several_has_a_third_and_everybody_has_one(
            powers in prop::collection::vec(1u64..1_000_000, 1..60), seed in any::<[u8; 32]>(),
        ) {
            let set = set(&powers);
            let waves = waves(&set, &BuildHash(seed));
            prop_assert_eq!(waves.iter().map(Vec::len).sum::<usize>(), set.validators.len());
            for wave in waves.iter().filter(|wave| wave.len() > 1) {
                let power: Amount = wave.iter().map(|validator| validator.power).sum();
                prop_assert!(is_minority(power, set.total_power()));
            }
        }
    }
}
