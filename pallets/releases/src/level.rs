//! Up to which level the software of a network has come, and when it comes further (ROLLOUTS 3.3).
//!
//! A level comes into force with a minimum sequence, and with nothing else: from the epoch on in which nothing runs any more that knows
//! less. It never falls, whatever becomes of the release that brought it.

use crate::Event;
use parity_scale_codec::{Decode, Encode};
use primitives::{Epoch, List};
use serde::{Deserialize, Serialize};

/// The most levels that are kept: the one in force, and those that are decided.
pub const MAX_LEVELS: u32 = 8;

/// The levels of a network, each with the first epoch in which it is in force; both grow from one to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Levels(
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Epoch, u32)>", length(max = MAX_LEVELS)))]
    List<(Epoch, u32), MAX_LEVELS>,
);

impl Levels {
    /// Those of a network that begins with a level.
    pub fn from_genesis(level: u32) -> Self {
        Self(List::truncate_from(vec![(Epoch(0), level)]))
    }

    /// The level that is in force in an epoch; 0 before any is.
    pub fn at(&self, epoch: Epoch) -> u32 {
        self.0.iter().filter(|(from, _)| *from <= epoch).map(|(_, level)| *level).max().unwrap_or(0)
    }

    /// The level once everything that is decided is in force.
    pub fn highest(&self) -> u32 {
        self.0.iter().map(|(_, level)| *level).max().unwrap_or(0)
    }

    /// The levels that are decided and not in force in an epoch, the earliest first.
    pub fn ahead(&self, now: Epoch) -> impl Iterator<Item = (Epoch, u32)> + '_ {
        self.0.iter().copied().filter(move |(from, _)| now < *from)
    }

    /// With what an event of epoch `now` decides.
    pub fn after(self, now: Epoch, event: &Event) -> Self {
        match event {
            Event::ParamsSet { level, .. } => Self::from_genesis(*level),
            Event::MinimumSequenceRaised { minimum, level, .. } => {
                // A level comes into force with the raise that brings it.
                let from = minimum.latest().map(|step| step.effective_epoch).unwrap_or_default();
                self.raised(now, from, *level)
            }
            _ => self,
        }
    }

    /// With a level that is decided in epoch `now` and in force from an epoch on; the level of no epoch falls. Of more than are kept, the
    /// last that was decided before comes with this one: a level may come late, and none comes before builds that know less have stopped.
    pub fn raised(&self, now: Epoch, from: Epoch, level: u32) -> Self {
        if level <= self.highest() {
            return self.clone();
        }
        let in_force = (Epoch(0), self.at(now));
        let ahead = self.ahead(now).filter(|(other, _)| *other < from);
        let mut levels: Vec<(Epoch, u32)> = std::iter::once(in_force).chain(ahead).collect();
        levels.truncate((MAX_LEVELS as usize).saturating_sub(1));
        levels.push((from, level));
        Self(List::truncate_from(levels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn levels(all: &[(u64, u32)]) -> Levels {
        Levels(List::truncate_from(all.iter().map(|(epoch, level)| (Epoch(*epoch), *level)).collect()))
    }

    #[test]
    fn a_level_is_in_force_from_its_epoch_on() {
        let raised = Levels::from_genesis(1).raised(Epoch(3), Epoch(5), 2);
        assert_eq!([0, 4, 5, 9].map(|epoch| raised.at(Epoch(epoch))), [1, 1, 2, 2]);
        assert_eq!((raised.highest(), Levels::default().at(Epoch(9))), (2, 0));
        assert_eq!(raised.ahead(Epoch(4)).collect::<Vec<_>>(), [(Epoch(5), 2)]);
        assert_eq!(raised.ahead(Epoch(5)).count(), 0);
    }

    #[test]
    fn what_is_no_higher_changes_nothing_and_two_of_one_epoch_are_one() {
        let raised = Levels::from_genesis(1).raised(Epoch(3), Epoch(5), 4);
        assert_eq!(raised.raised(Epoch(4), Epoch(6), 4), raised);
        assert_eq!(raised.raised(Epoch(4), Epoch(6), 2), raised);
        assert_eq!(raised.raised(Epoch(3), Epoch(5), 6), levels(&[(0, 1), (5, 6)]));
        assert_eq!(raised.raised(Epoch(9), Epoch(11), 6), levels(&[(0, 4), (11, 6)]));
    }

    #[test]
    fn of_more_than_are_kept_the_last_but_one_comes_later_and_none_sooner() {
        let all = (1..=9u32)
            .fold(Levels::from_genesis(0), |levels, level| levels.raised(Epoch(0), Epoch(level.into()), level));
        assert_eq!(all, levels(&[(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (9, 9)]));
    }

    proptest! {
        #[test]
        fn the_level_of_no_epoch_falls_and_none_is_in_force_before_it_was_decided_for(
            raises in prop::collection::vec((0u64..4, 1u64..4, 0u32..9), 0..30)
        ) {
            let (mut before, mut now) = (Levels::from_genesis(1), Epoch(0));
            for (passed, notice, level) in raises {
                now = now.plus(passed);
                let (from, after) = (now.plus(notice), before.raised(now, now.plus(notice), level));
                for epoch in (now.0..now.0 + 20).map(Epoch) {
                    let allowed = before.at(epoch).max(if from <= epoch { level } else { 0 });
                    // A full list may leave a level out that is decided; what is in force by then never.
                    let is_kept = before.at(epoch) <= after.at(epoch) || from > epoch;
                    prop_assert!(is_kept && after.at(epoch) <= allowed, "{before:?} {after:?} {epoch}");
                }
                prop_assert!(before.highest() <= after.highest() && before.at(now) == after.at(now));
                prop_assert!(after.0.windows(2).all(|pair| pair[0] < pair[1] && pair[0].1 < pair[1].1), "{after:?}");
                before = after;
            }
        }
    }
}
