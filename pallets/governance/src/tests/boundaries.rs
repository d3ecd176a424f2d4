//! Where a poll of members is decided, for every size of a council (ROLLOUTS 5, REQ-031).

use super::council::of;
use super::*;
use crate::{TrackRules, counting::settled};
use std::collections::BTreeSet;

fn of_all(numerator: u32, denominator: u32) -> TrackRules {
    let support = Fraction::new(numerator, denominator).unwrap();
    TrackRules { quorum: Fraction::NOTHING, support, deposit: Amount::ZERO }
}

#[test]
fn two_thirds_of_one_to_a_hundred_members_are_three_times_the_yes_against_twice_the_members() {
    let rules = of_all(2, 3);
    for members in 1..=100u64 {
        let least = (2 * members).div_ceil(3);
        for yes in 0..=members {
            let passes = settled(&rules, &of(yes, 0, 0), Amount(members)) == Some(Ok(()));
            assert_eq!(passes, 3 * yes >= 2 * members, "{yes} of {members}");
            assert_eq!(passes, yes >= least, "{yes} of {members}");
        }
        let spare = members - least;
        for against in [of(0, spare, 0), of(0, 0, spare)] {
            assert_eq!(settled(&rules, &against, Amount(members)), None, "{against} of {members} can still pass");
        }
        let out_of_reach = Some(Err(Shortfall::Support));
        for against in [of(0, spare + 1, 0), of(0, 0, spare + 1), of(least - 1, spare + 1, 0)] {
            assert_eq!(settled(&rules, &against, Amount(members)), out_of_reach, "{against} of {members}");
        }
        assert_eq!(settled(&rules, &of(least, spare, 0), Amount(members)), Some(Ok(())), "all of {members} have voted");
    }
}

/// Every count there can be, for councils of up to nine and shares of all kinds: a poll that is not decided can still end both ways,
/// and one that is can end in no other way, whatever those say who have not voted.
#[test]
fn decided_is_what_no_further_vote_can_change_and_nothing_else() {
    let shares = [(1, 9), (1, 3), (1, 2), (5, 9), (2, 3), (3, 4), (1, 1)];
    let (mut open, mut certain) = (0, 0);
    for rules in shares.map(|(part, whole)| of_all(part, whole)) {
        for (members, yes, no, abstain) in (1..=9).flat_map(counts) {
            let passes = |(_, more_yes, more_no, rest): (u64, u64, u64, u64)| {
                rules.shortfall(&of(yes + more_yes, no + more_no, abstain + rest), Amount(members)).is_none()
            };
            let left = members - yes - no - abstain;
            let ends: BTreeSet<bool> = counts(left).map(passes).collect();
            let expected = match settled(&rules, &of(yes, no, abstain), Amount(members)) {
                None => BTreeSet::from([false, true]),
                Some(outcome) => BTreeSet::from([outcome.is_ok()]),
            };
            if expected.len() == 2 {
                open += 1
            } else {
                certain += 1
            }
            assert_eq!(ends, expected, "{yes}, {no}, {abstain} of {members}, with {}", rules.support);
        }
    }
    assert!(open > 500 && certain > 500, "{open} and {certain}");
}

/// How so many can have voted: they, yes, no, and abstentions.
fn counts(members: u64) -> impl Iterator<Item = (u64, u64, u64, u64)> {
    (0..=members).flat_map(move |yes| {
        (0..=members - yes).flat_map(move |no| (0..=members - yes - no).map(move |abstain| (members, yes, no, abstain)))
    })
}

#[test]
fn nobody_decides_nothing() {
    assert_eq!(settled(&of_all(2, 3), &of(0, 0, 0), Amount(0)), Some(Err(Shortfall::Voters)));
}
