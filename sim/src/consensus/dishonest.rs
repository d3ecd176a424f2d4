//! Who is dishonest in a future, and how.

use super::hazards::{Dishonest, Vice};
use super::setting::Setting;
use crate::chance::Chance;
use crate::links::Place;

/// Draws them, by their place.
pub(super) fn dishonest(setting: &Setting, chance: &mut Chance) -> Vec<Dishonest> {
    let count = match setting.byzantine {
        0 => 0,
        most if setting.beyond_a_third => most,
        _ if chance.happens(300_000) => 0,
        most => usize::try_from(chance.within(1..=most as u64)).unwrap_or(1),
    };
    let mut places: Vec<Place> = (0..setting.validators()).collect();
    chance.shuffle(&mut places);
    if setting.beyond_a_third {
        has_a_third(&mut places, count, &setting.powers);
    }
    let mut drawn: Vec<Dishonest> = places.into_iter().take(count).map(|place| one_dishonest(place, chance)).collect();
    drawn.sort_by_key(|dishonest| dishonest.place);
    drawn
}

/// Has the first so many have a third of all power or more, where so many can: the strongest of the others come in for the weakest of
/// them, one after the other, until they have.
fn has_a_third(places: &mut [Place], count: usize, powers: &[u64]) {
    let power = |place: Place| powers.get(place).copied().unwrap_or_default();
    let total: u128 = powers.iter().map(|power| u128::from(*power)).sum();
    let Some((first, others)) = places.split_at_mut_checked(count) else { return };
    while first.iter().map(|place| u128::from(power(*place))).sum::<u128>().saturating_mul(3) < total {
        let weakest = first.iter_mut().min_by_key(|place| power(**place));
        let strongest = others.iter_mut().max_by_key(|place| power(**place));
        match weakest.zip(strongest) {
            Some((weakest, strongest)) if power(*weakest) < power(*strongest) => std::mem::swap(weakest, strongest),
            _ => return,
        }
    }
}

fn one_dishonest(place: Place, chance: &mut Chance) -> Dishonest {
    let mut vices: Vec<Vice> = Vice::ALL.into_iter().filter(|_| chance.happens(500_000)).collect();
    if vices.is_empty() {
        vices.push(Vice::DoubleVote);
    }
    let per_million = chance.pick(&[1_000_000, 500_000, 200_000]).copied().unwrap_or(1_000_000);
    Dishonest { place, vices, per_million }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dishonest_ones_that_are_to_have_a_third_have_it_whoever_was_drawn() {
        let powers = [30, 25, 20, 15, 12, 10, 8];
        let total: u64 = powers.iter().sum();
        for seed in 0..200 {
            let mut places: Vec<Place> = (0..powers.len()).collect();
            Chance::of(seed).shuffle(&mut places);
            has_a_third(&mut places, 2, &powers);
            let power: u64 = places.iter().take(2).map(|place| powers[*place]).sum();
            assert!(power * 3 >= total, "seed {seed}: {places:?}");
            places.sort_unstable();
            assert!(places.iter().copied().eq(0..powers.len()), "nobody is lost");
        }
        let mut strong = [0, 2, 1, 3, 4, 5, 6];
        has_a_third(&mut strong, 2, &powers);
        assert_eq!(strong, [0, 2, 1, 3, 4, 5, 6], "who has enough is left as drawn");
        let mut all = [1, 0];
        has_a_third(&mut all, 1, &[1, 9]);
        assert_eq!(all, [1, 0]);
        has_a_third(&mut all, 0, &[1, 9]);
        assert_eq!(all, [1, 0], "nobody cannot have a third");
    }
}
