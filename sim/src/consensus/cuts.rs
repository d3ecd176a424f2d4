//! Which cuts stop the chain: those that leave nobody connected with more than two thirds of the power.

use crate::links::Partition;
use crate::world::Moment;

/// Whether the end of a cut is what lets blocks be decided again, where these cuts are all there are, and machines have these powers by
/// their place. One that leaves more than two thirds together stops nothing, and one that ends while another cut still stops the chain
/// heals nothing.
pub(super) fn ends_a_standstill(cut: &Partition, cuts: &[Partition], powers: &[u64]) -> bool {
    let before = Moment(cut.until.0.saturating_sub(1));
    !can_decide(cuts, before, powers) && can_decide(cuts, cut.until, powers)
}

/// Whether some who hear each other have more than two thirds of the power.
fn can_decide(cuts: &[Partition], at: Moment, powers: &[u64]) -> bool {
    let total: u128 = powers.iter().map(|power| u128::from(*power)).sum();
    (0..powers.len()).any(|one| {
        let together = (0..).zip(powers).filter(|(other, _)| cuts.iter().all(|cut| !cut.parts(at, one, *other)));
        let power: u128 = together.map(|(_, power)| u128::from(*power)).sum();
        power.saturating_mul(3) > total.saturating_mul(2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Place;

    fn cut(from: u64, until: u64, apart: &[Place]) -> Partition {
        Partition { from: Moment(from), until: Moment(until), apart: apart.to_vec() }
    }

    #[test]
    fn a_cut_stops_the_chain_where_no_side_has_more_than_two_thirds() {
        let stops = |apart: &[Place], powers: &[u64]| {
            let cut = cut(10, 20, apart);
            ends_a_standstill(&cut, std::slice::from_ref(&cut), powers)
        };
        assert!(!stops(&[3], &[1, 1, 1, 1]), "three of four go on");
        assert!(stops(&[2, 3], &[1, 1, 1, 1]));
        assert!(stops(&[2], &[1, 1, 1]), "two thirds are not more than two thirds");
        assert!(!stops(&[0, 1, 2], &[1, 1, 1, 7]), "the one that is apart from all others goes on by itself");
        assert!(!stops(&[4], &[1, 1, 1, 1, 0]), "who decides nothing is not missed");
    }

    #[test]
    fn of_cuts_at_one_time_the_last_one_that_stops_the_chain_heals_it() {
        let powers = [1, 1, 1, 1];
        let cuts = [cut(10, 20, &[0, 1]), cut(15, 30, &[2, 3, 0]), cut(12, 40, &[3])];
        let ends = |index: usize| ends_a_standstill(&cuts[index], &cuts, &powers);
        assert!(!ends(0), "the others still cut so that no side has enough");
        assert!(ends(1));
        assert!(!ends(2), "three went on");
    }

    #[test]
    fn two_cuts_stop_together_what_neither_stops_alone() {
        let cuts = [cut(10, 20, &[0]), cut(10, 30, &[1])];
        let ends = |index: usize| ends_a_standstill(&cuts[index], &cuts, &[1, 1, 1, 1]);
        assert!(ends(0) && !ends(1));
    }
}
