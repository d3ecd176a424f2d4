//! Which artifacts go, and in which order? Pure; the store does the removing.
//!
//! What nobody approved and nobody waits for goes first, then activated artifacts from the oldest on, then what awaits its
//! activation. What is pinned stays, whatever the budget. Of what is awaited nothing gives way to more of it: a validator may
//! have said that it holds it, which others count on; and at least half of the budget is left to releases.

use super::ArtifactBounds;
use primitives::{BuildHash, Timestamp};

/// Where the chain has a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageOnChain {
    /// The chain knows nothing of it, as far as this node has seen the chain.
    Unknown,
    /// It was activated; a release with a greater number came later.
    Activated {
        /// The release's number.
        sequence: u64,
    },
    /// A live or passed proposal asks for it.
    Awaited,
}

/// An artifact, as far as retention looks at it. Its order is the order of leaving.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Where the chain has it.
    pub stage: StageOnChain,
    /// When this node took it.
    pub since: Timestamp,
    /// The build.
    pub hash: BuildHash,
    /// Bytes on disk, its tree included.
    pub bytes: u64,
    /// Whether a pin keeps it.
    pub pinned: bool,
}

/// What has to go so that of the activated artifacts only the last [`ArtifactBounds::keep_activated`] remain, and
/// of all no more than the budget; the first to go first. What is pinned counts, and stays.
pub fn surplus(held: &[Candidate], bounds: &ArtifactBounds) -> Vec<BuildHash> {
    let mut by_age: Vec<&Candidate> = held.iter().collect();
    by_age.sort();
    let is_activated = |candidate: &&&Candidate| matches!(candidate.stage, StageOnChain::Activated { .. });
    let activated = by_age.iter().filter(is_activated).count();
    let outdated: Vec<&Candidate> =
        by_age.iter().filter(is_activated).take(activated.saturating_sub(bounds.keep_activated)).copied().collect();
    let (mut gone, left): (Vec<_>, Vec<_>) =
        by_age.into_iter().partition(|candidate| !candidate.pinned && outdated.contains(candidate));
    gone.extend(to_fit(&left, bounds.disk_budget_bytes, |candidate| candidate.pinned));
    gone.into_iter().map(|candidate| candidate.hash).collect()
}

/// What has to go so that `need` more bytes of a build at `stage` fit into the budget, the first to go first.
///
/// # Errors
/// The bytes that stay, when they leave less than `need`.
pub fn room_for(
    held: &[Candidate],
    stage: StageOnChain,
    need: u64,
    bounds: &ArtifactBounds,
) -> Result<Vec<BuildHash>, u64> {
    let awaited = bytes(held.iter().filter(|candidate| candidate.stage == StageOnChain::Awaited));
    let within_half = awaited.saturating_add(need) <= bounds.disk_budget_bytes / 2;
    let stays = |candidate: &Candidate| {
        let comes_first = match candidate.stage {
            StageOnChain::Unknown => false,
            StageOnChain::Activated { .. } => !within_half,
            StageOnChain::Awaited => true,
        };
        candidate.pinned || (stage == StageOnChain::Awaited && comes_first)
    };
    let kept = bytes(held.iter().filter(|candidate| stays(candidate)));
    let Some(budget) = bounds.disk_budget_bytes.checked_sub(need).filter(|rest| kept <= *rest) else {
        return Err(kept);
    };
    let mut by_age: Vec<&Candidate> = held.iter().collect();
    by_age.sort();
    Ok(to_fit(&by_age, budget, stays).into_iter().map(|candidate| candidate.hash).collect())
}

/// The first of `by_age` that do not stay anyhow, as many as have to go for the rest to fit into `budget`.
fn to_fit<'a>(by_age: &[&'a Candidate], budget: u64, stays: impl Fn(&Candidate) -> bool) -> Vec<&'a Candidate> {
    let mut total = bytes(by_age.iter().copied());
    let mut gone = Vec::new();
    for candidate in by_age.iter().filter(|candidate| !stays(candidate)) {
        if total <= budget {
            break;
        }
        total = total.saturating_sub(candidate.bytes);
        gone.push(*candidate);
    }
    gone
}

fn bytes<'a>(of: impl Iterator<Item = &'a Candidate>) -> u64 {
    of.fold(0, |sum: u64, candidate| sum.saturating_add(candidate.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn stage() -> impl Strategy<Value = StageOnChain> {
        prop_oneof![
            Just(StageOnChain::Unknown),
            (0u64..12).prop_map(|sequence| StageOnChain::Activated { sequence }),
            Just(StageOnChain::Awaited)
        ]
    }

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let one = (stage(), 0u64..6, 0u64..100, any::<bool>());
        proptest::collection::vec(one, 0..24).prop_map(|of| {
            let numbered = of.into_iter().enumerate();
            numbered
                .map(|(number, (stage, since, bytes, pinned))| Candidate {
                    stage,
                    since: Timestamp(since),
                    hash: BuildHash([number as u8; 32]),
                    bytes,
                    pinned,
                })
                .collect()
        })
    }

    fn without(held: &[Candidate], gone: &[BuildHash]) -> Vec<Candidate> {
        held.iter().filter(|candidate| !gone.contains(&candidate.hash)).cloned().collect()
    }

    fn total(held: &[Candidate]) -> u64 {
        held.iter().map(|candidate| candidate.bytes).sum()
    }

    fn is_release(candidate: &Candidate) -> bool {
        matches!(candidate.stage, StageOnChain::Activated { .. })
    }

    fn activated(held: &[Candidate]) -> usize {
        held.iter().filter(|candidate| is_release(candidate)).count()
    }

    proptest! {
        #[test]
        fn what_remains_is_within_the_bounds_or_pinned(
            held in candidates(), disk_budget_bytes in 0u64..1500, keep_activated in 0usize..12,
        ) {
            let bounds = ArtifactBounds { disk_budget_bytes, keep_activated };
            let gone = surplus(&held, &bounds);
            let left = without(&held, &gone);
            prop_assert_eq!(left.len() + gone.len(), held.len(), "each goes once, and was there");
            prop_assert!(held.iter().all(|one| !one.pinned || left.contains(one)), "a pin keeps");
            let free: Vec<&Candidate> = left.iter().filter(|one| !one.pinned).collect();
            prop_assert!(total(&left) <= disk_budget_bytes || free.is_empty());
            let later_than = |one: &Candidate| held.iter().filter(|other| is_release(other) && *other > one).count();
            let is_outdated = |one: &&&Candidate| is_release(one) && later_than(one) >= keep_activated;
            prop_assert_eq!(free.iter().find(is_outdated), None, "only the last releases are kept for their own sake");
            prop_assert!(surplus(&left, &bounds).is_empty(), "once is enough");
        }

        #[test]
        fn the_oldest_go_and_no_more_than_must(
            held in candidates(), disk_budget_bytes in 0u64..1500, keep_activated in 0usize..12,
        ) {
            let bounds = ArtifactBounds { disk_budget_bytes, keep_activated };
            let gone: BTreeSet<BuildHash> = surplus(&held, &bounds).into_iter().collect();
            let of_stage = |stage: fn(&StageOnChain) -> bool| {
                let mut of: Vec<&Candidate> = held.iter().filter(|one| !one.pinned && stage(&one.stage)).collect();
                of.sort();
                of.iter().map(|one| gone.contains(&one.hash)).collect::<Vec<bool>>()
            };
            for stage in [
                (|stage| matches!(stage, StageOnChain::Unknown)) as fn(&StageOnChain) -> bool,
                |stage| matches!(stage, StageOnChain::Activated { .. }),
                |stage| matches!(stage, StageOnChain::Awaited),
            ] {
                prop_assert!(of_stage(stage).is_sorted_by_key(|gone| !gone), "older before younger");
            }
            let last = surplus(&held, &bounds).pop();
            if let Some(last) = last {
                let all_but_last: Vec<BuildHash> = gone.iter().copied().filter(|hash| *hash != last).collect();
                let left = without(&held, &all_but_last);
                prop_assert!(total(&left) > disk_budget_bytes || activated(&left) > keep_activated);
            }
        }

        #[test]
        fn h28_nothing_new_ever_exceeds_the_budget_or_costs_what_is_awaited(
            held in candidates(), newcomer in stage(), need in 0u64..1600, budget in 0u64..1500,
        ) {
            let bounds = ArtifactBounds { disk_budget_bytes: budget, keep_activated: 0 };
            let pinned: u64 = held.iter().filter(|one| one.pinned).map(|one| one.bytes).sum();
            let is_awaited = |one: &&Candidate| one.stage == StageOnChain::Awaited;
            let awaited: u64 = held.iter().filter(is_awaited).map(|one| one.bytes).sum();
            match room_for(&held, newcomer, need, &bounds) {
                Ok(gone) => {
                    let left = without(&held, &gone);
                    prop_assert!(total(&left) + need <= budget);
                    prop_assert!(held.iter().all(|one| !one.pinned || left.contains(one)));
                    if newcomer == StageOnChain::Awaited {
                        prop_assert!(held.iter().filter(is_awaited).all(|one| left.contains(one)));
                        prop_assert!(activated(&left) == activated(&held) || (awaited + need) * 2 <= budget);
                    }
                }
                Err(kept) => {
                    prop_assert!(kept + need > budget, "refused only when what stays is in the way");
                    prop_assert!(kept == pinned || (newcomer == StageOnChain::Awaited && kept > pinned));
                }
            }
        }
    }

    #[test]
    fn strangers_go_before_old_releases_and_those_before_the_awaited_one() {
        let one = |number: u8, stage, pinned| Candidate {
            stage,
            since: Timestamp(0),
            hash: BuildHash([number; 32]),
            bytes: 10,
            pinned,
        };
        let held = [
            one(1, StageOnChain::Awaited, false),
            one(2, StageOnChain::Activated { sequence: 9 }, false),
            one(3, StageOnChain::Activated { sequence: 1 }, true),
            one(4, StageOnChain::Activated { sequence: 2 }, false),
            one(5, StageOnChain::Unknown, false),
        ];
        let order = |budget| surplus(&held, &ArtifactBounds { disk_budget_bytes: budget, keep_activated: 30 });
        let bounds = ArtifactBounds { disk_budget_bytes: 50, keep_activated: 30 };
        let comes = |stage, need| room_for(&held, stage, need, &bounds);
        assert!(order(50).is_empty());
        assert_eq!(order(0), [5, 4, 2, 1].map(|number| BuildHash([number; 32])));
        assert_eq!(order(35), [5, 4].map(|number| BuildHash([number; 32])));
        let gone = |numbers: &[u8]| Ok(numbers.iter().map(|number| BuildHash([*number; 32])).collect::<Vec<_>>());
        assert_eq!(comes(StageOnChain::Awaited, 15), gone(&[5, 4]), "no more than half is awaited then");
        assert_eq!(comes(StageOnChain::Awaited, 16), Err(40), "else no release gives way");
        assert_eq!(comes(StageOnChain::Activated { sequence: 10 }, 40), gone(&[5, 4, 2, 1]));
    }
}
