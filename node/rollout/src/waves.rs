//! When each validator changes to a release, so that never a third of the power restarts at once.
//!
//! Every supervisor computes the same order from the same proven validator set, without talking to the others: validators are
//! sorted by a hash of the build and their account, which differs from release to release, and cut into waves with less than a
//! third of the power each. A validator that has a third or more by itself is a wave of its own; nothing helps there.
//!
//! The waves come one after the other for as long as there are nodes, and after the last one the first comes again: who was not
//! ready for its wave, because its supervisor was started late or its sources were gone, waits until it comes round. So many as are
//! late may become ready at one moment, and they still change in the order and at the distance of the waves (O37).
//!
//! A round has as many slots as there can be waves, however many there are: the order of the validators in a set may change with an
//! epoch, and when a slot comes does not. Supervisors with another distance have other slots, so all are to be given the same.

use primitives::{AccountId, Amount, BuildHash, Fraction, Timestamp};
use staking::{Validator, ValidatorSet};
use std::time::Duration;

/// What part of a wave's time its nodes begin to change in; the rest is for coming up before the next wave begins.
const BEGINS_WITHIN: u32 = 3;
/// Blocks in which they begin, at least: nodes see the time of blocks alone, and a turn that falls between two is no turn.
const BLOCKS_TO_BEGIN: u32 = 2;

/// The most waves that a set has: two that follow each other have a third of the power together, for otherwise they were one, and no
/// validator is without power.
const SLOTS: u64 = 6;

/// From one wave to the next, where an operator asks for a distance and blocks follow each other at another.
pub fn distance(asked_for: Duration, between_blocks: Duration) -> Duration {
    let least = between_blocks.saturating_mul(BLOCKS_TO_BEGIN.saturating_mul(BEGINS_WITHIN));
    if asked_for.is_zero() { asked_for } else { asked_for.max(least) }
}

/// The turns of one node, by block time, which all validators share, and which stands still while too many of them are down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaveTurns {
    /// The number of the wave in which it changes, from 0.
    pub wave: u64,
    /// How many come until it comes again; one where nobody is to be waited for.
    slots: u64,
    /// When the first wave came for the first time.
    begin: Timestamp,
    distance_ms: u64,
}

impl WaveTurns {
    /// Those of a validator that is to change to a release, in waves that come at a distance from `begin` on. A node that does not
    /// validate (none) changes with the first wave, and then at any time.
    pub fn of(
        validators: &ValidatorSet,
        build: &BuildHash,
        who: Option<&AccountId>,
        begin: Timestamp,
        distance: Duration,
    ) -> Self {
        let all = waves(validators, build);
        let has = |who: &AccountId| (0..).zip(&all).find(|(_, wave)| wave.iter().any(|member| member.account == *who));
        let (wave, slots) = match who.and_then(has) {
            Some((wave, _)) if all.len() > 1 => (wave, SLOTS),
            _ => (0, 1),
        };
        let distance_ms = u64::try_from(distance.as_millis()).unwrap_or(u64::MAX);
        Self { wave, slots, begin, distance_ms }
    }

    /// When its next turn comes; none when it is its turn now.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let distance = self.distance_ms;
        let (round, mine) = (distance.saturating_mul(self.slots), distance.saturating_mul(self.wave));
        let Some(past) = now.0.checked_sub(self.begin.0) else { return Some(self.begin.plus(mine)) };
        // Nobody is to be waited for.
        if self.slots == 1 {
            return None;
        }
        // Neither is anybody where the waves follow each other at once.
        let of_round = past.checked_rem(round)?;
        let begins_within = distance.div_ceil(BEGINS_WITHIN.into());
        let is_now = of_round.checked_sub(mine).is_some_and(|since| since < begins_within);
        let rounds = past.saturating_sub(of_round).saturating_add(if of_round < mine { 0 } else { round });
        (!is_now).then(|| self.begin.plus(rounds).plus(mine))
    }
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

    const BEGIN: Timestamp = Timestamp(1_700_000_000_000);
    const WAVE: u64 = 60_000;
    const BUILD: BuildHash = BuildHash([5; 32]);

    fn turns(set: &ValidatorSet, who: Option<&AccountId>) -> WaveTurns {
        WaveTurns::of(set, &BUILD, who, BEGIN, Duration::from_millis(WAVE))
    }

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
        let mut waves: Vec<u64> = set.validators.iter().map(|v| turns(&set, Some(&v.account)).wave).collect();
        waves.sort();
        assert_eq!(waves, [0, 1, 2, 3]);
        for who in [None, Some(&AccountId([200; 32]))] {
            assert_eq!(turns(&set, who).wave, 0);
            assert_eq!(turns(&set, who).next(Timestamp(BEGIN.0 - 1)), Some(BEGIN));
            assert_eq!(turns(&set, who).next(BEGIN.plus(7)), None, "who only follows need not wait");
        }
    }

    #[test]
    fn o37_a_turn_is_the_beginning_of_a_wave_and_comes_round_again() {
        let set = set(&[10, 10, 10, 10]);
        let third = set.validators.iter().map(|v| turns(&set, Some(&v.account))).find(|turns| turns.wave == 2).unwrap();
        let next = |past: u64| third.next(BEGIN.plus(past)).map(|turn| turn.0 - BEGIN.0);
        assert_eq!(third.next(Timestamp(0)), Some(BEGIN.plus(2 * WAVE)));
        assert_eq!((next(0), next(2 * WAVE - 1)), (Some(2 * WAVE), Some(2 * WAVE)));
        assert_eq!((next(2 * WAVE), next(2 * WAVE + WAVE / 3 - 1)), (None, None));
        assert_eq!((next(2 * WAVE + WAVE / 3), next(3 * WAVE)), (Some(8 * WAVE), Some(8 * WAVE)));
        assert_eq!((next(600 * WAVE + 1), next(602 * WAVE + 1)), (Some(602 * WAVE), None));
        let at_once = WaveTurns { distance_ms: 0, ..third };
        assert_eq!(at_once.next(BEGIN), None);
    }

    #[test]
    fn o37_no_turn_falls_between_two_blocks() {
        let seconds = Duration::from_secs;
        assert_eq!(distance(seconds(60), seconds(1)), seconds(60));
        assert_eq!(distance(seconds(60), seconds(30)), seconds(180));
        assert_eq!(distance(seconds(0), seconds(30)), seconds(0));
    }

    proptest! {
        /// Nodes become ready at any times, however late, and each changes at the first block that is its turn by the validators of that
        /// block, which an epoch changes; a change takes what is left of a wave. Those that change at one moment are of one wave, with
        /// less than a third of the power by each of the two sets, and each has changed when the waves came round once more.
        #[test]
        fn o37_however_late_and_whatever_the_epoch_changes_never_a_third_of_the_power_changes_at_one_time(
            powers in prop::collection::vec((1u64..1_000, 1u64..1_000), 1..12), late in 0u64..100_000_000,
            apart in prop::collection::vec(0u64..3 * WAVE, 12), epoch in 0u64..8 * WAVE, block_ms in 200u64..15_000,
        ) {
            let (before, after): (Vec<u64>, Vec<u64>) = powers.into_iter().unzip();
            let sets = [set(&before), set(&after)];
            let change = WAVE - WAVE / 3;
            let is_after = |past: u64| usize::from(past >= late + epoch);
            let who: Vec<AccountId> = (0..).zip(&before).map(|(seed, _)| AccountId([seed; 32])).collect();
            // Whose change begins when, in which wave, and by which of the sets.
            let changes: Vec<(AccountId, u64, u64, usize)> = who
                .iter()
                .zip(&apart)
                .map(|(who, apart)| {
                    let turns = [0, 1].map(|of| turns(&sets[of], Some(who)));
                    let mut blocks = ((late + apart).div_ceil(block_ms)..).map(|block| block * block_ms);
                    let begins = blocks.find(|past| turns[is_after(*past)].next(BEGIN.plus(*past)).is_none()).unwrap();
                    (*who, begins, turns[is_after(begins)].wave, is_after(begins))
                })
                .collect();
            for ((_, begins, wave, _), apart) in changes.iter().zip(&apart) {
                let most = 2 * (SLOTS + 1) * WAVE + block_ms;
                prop_assert!(begins - (late + apart) <= most, "wave {wave} waits too long");
                let beside: Vec<_> = changes
                    .iter()
                    .filter(|(_, other, ..)| other <= begins && *begins < other + change)
                    .collect();
                let waves: Vec<u64> = beside.iter().map(|(_, _, wave, _)| *wave).collect();
                prop_assert!(waves.iter().all(|other| other == wave), "waves {waves:?} change at one time");
                for (of, set) in sets.iter().enumerate() {
                    let of_set: Vec<_> = beside.iter().filter(|(_, _, _, by)| *by == of).collect();
                    let power: Amount = of_set.iter().filter_map(|(who, ..)| set.power_of(who)).sum();
                    prop_assert!(of_set.len() <= 1 || is_minority(power, set.total_power()));
                }
            }
        }

        #[test]
        fn t20_no_wave_of_several_has_a_third_and_everybody_has_one(
            powers in prop::collection::vec(1u64..1_000_000, 1..60), seed in any::<[u8; 32]>(),
        ) {
            let set = set(&powers);
            let waves = waves(&set, &BuildHash(seed));
            prop_assert_eq!(waves.iter().map(Vec::len).sum::<usize>(), set.validators.len());
            prop_assert!(waves.len() as u64 <= SLOTS, "{} waves", waves.len());
            for wave in waves.iter().filter(|wave| wave.len() > 1) {
                let power: Amount = wave.iter().map(|validator| validator.power).sum();
                prop_assert!(is_minority(power, set.total_power()));
            }
        }
    }
}
