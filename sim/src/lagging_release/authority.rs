//! Whether a release may be installed on a node: asked as a real installation asks it, once for all nodes of which the same is true.
//!
//! Most of what an answer takes are the signatures of the release, and those are alike for all nodes that see the same block.

use super::fleet::Fleet;
use super::setting::MOST_AGE;
use primitives::{Height, Reading};
use std::collections::BTreeMap;
use update::{UpdateError, ensure_release_authorized};

/// Ages of the newest block within such a step have one answer: the age from which on nothing is installed is the end of one, in
/// milliseconds.
const AGE_STEP_MS: u64 = MOST_AGE.as_secs() * 1_000 / 120;

// Else ages on both sides of that one would have one answer.
const _: () = assert!(MOST_AGE.as_millis().is_multiple_of(AGE_STEP_MS as u128));

/// What an answer hangs on, beside the newest block and the rules, which are the same for all machines. Their clocks are never behind
/// that block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    build: usize,
    highest_sequence: u64,
    is_bad: bool,
    age: u64,
}

/// Why a release may not be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The code of it.
    pub code: &'static str,
    /// Whether it could not be asked, which says nothing about the release.
    pub may_pass: bool,
}

/// What was answered since the newest block.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    height: Option<Height>,
    of: BTreeMap<Asked, Result<(), Refusal>>,
}

impl Fleet<'_> {
    /// What is asked of a release before it is installed.
    pub(super) fn authorize(&mut self, n: usize, build: usize) -> Result<(), Refusal> {
        let (reading, height) = (self.reading(), self.view.height);
        if self.answers.height != Some(height) {
            self.answers = Answers { height: Some(height), of: BTreeMap::new() };
        }
        let journal = self.nodes[n].home.journal.read();
        let asked = Asked {
            build,
            highest_sequence: journal.highest_sequence,
            is_bad: journal.badness(&self.view.builds[build].hash).is_some(),
            age: reading.age_ms(self.view.time).div_ceil(AGE_STEP_MS),
        };
        if let Some(answer) = self.answers.of.get(&asked) {
            return *answer;
        }
        let answer = self.ask(n, build, reading).map_err(|error| Refusal::by(&error));
        self.answers.of.insert(asked, answer);
        answer
    }

    fn ask(&self, n: usize, build: usize, reading: Reading) -> Result<(), UpdateError> {
        let (approval, journal) = (self.view.approval(build), self.nodes[n].home.journal());
        let hash = self.view.builds[build].hash;
        ensure_release_authorized(hash, &approval, &self.setting.rules, &journal, reading).map(|_| ())
    }

    fn reading(&self) -> Reading {
        let clock = self.clock();
        Reading { clock, latest: clock.max(self.view.time) }
    }
}

impl Refusal {
    fn by(error: &UpdateError) -> Self {
        Self { code: error.code(), may_pass: error.may_pass() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{wait_until, with_fleet};
    use super::*;
    use crate::world::Moment;
    use std::time::Duration;

    fn asked_alone(fleet: &Fleet<'_>, n: usize) -> Result<(), Refusal> {
        fleet.ask(n, 1, fleet.reading()).map_err(|error| Refusal::by(&error))
    }

    /// The answer of each node, which is what it would be if nothing were kept.
    fn answers(fleet: &mut Fleet<'_>) -> Vec<Option<&'static str>> {
        let mut answers = Vec::new();
        for n in 0..fleet.nodes.len() {
            let alone = asked_alone(fleet, n);
            assert_eq!(fleet.authorize(n, 1), alone, "n{n}");
            assert_eq!(fleet.authorize(n, 1), alone, "n{n}, once more");
            answers.push(alone.err().map(|refusal| refusal.code));
        }
        answers
    }

    #[test]
    fn what_is_kept_of_one_node_is_what_each_would_be_answered_by_itself() {
        with_fleet("--nodes 10", |fleet| {
            let hash = fleet.view.builds[1].hash;
            let at = fleet.clock();
            fleet.nodes[3].home.change(|journal| journal.mark_bad(hash, "it crashed", at));
            fleet.nodes[5].home.change(|journal| journal.highest_sequence = u64::MAX);
            let first = answers(fleet);
            assert_eq!((first[3], first[5]), (Some("E_MARKED_BAD"), Some("E_ROLLBACK")));
            assert_eq!(first.iter().filter(|code| code.is_none()).count(), 8);
            let begun = Moment::BEGIN.plus(MOST_AGE);
            wait_until(fleet, begun);
            assert_eq!(answers(fleet), first, "the newest block is as old as it may be");
            wait_until(fleet, begun.plus(Duration::from_millis(1)));
            assert!(answers(fleet).iter().all(|code| *code == Some("E_FREEZE")));
        });
    }
}
