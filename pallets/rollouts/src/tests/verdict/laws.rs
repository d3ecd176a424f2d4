//! What holds of every list, whatever was said in which order.

use super::scene::{ANN, BEN, CHANGE, DAN, Scene, asking, moment, word_about};
use crate::check::{Check, IfMissing, Refs};
use crate::statement::{Statement, StatementOutcome, StatementSubject};
use crate::tests::sample::{names, word};
use crate::verdict::Answer;
use primitives::{AccountId, Span, Timestamp};
use proptest::prelude::*;
use state::Memory;

const KEYS: [&str; 3] = ["k0", "k1", "k2"];
const SPEAKERS: [AccountId; 3] = [ANN, BEN, DAN];

/// Something that somebody says, one block after what was said before.
#[derive(Debug, Clone)]
struct Said {
    speaker: usize,
    key: usize,
    outcome: StatementOutcome,
    refers: bool,
    expires_after: Option<u64>,
}

impl Said {
    fn statement(&self, now: u64) -> Statement {
        let mut statement = word_about(KEYS[self.key], StatementSubject::Change(CHANGE), self.outcome);
        statement.expires = self.expires_after.map(|after| Timestamp(now + after));
        statement.refs = names(if self.refers { &["CHG-1"] } else { &[] });
        statement
    }
}

fn said() -> impl Strategy<Value = Said> {
    let outcome =
        prop_oneof![Just(StatementOutcome::Passed), Just(StatementOutcome::Warned), Just(StatementOutcome::Failed)];
    (0..SPEAKERS.len(), 0..KEYS.len(), outcome, any::<bool>(), prop::option::of(1u64..12_000)).prop_map(
        |(speaker, key, outcome, refers, expires_after)| Said { speaker, key, outcome, refers, expires_after },
    )
}

fn checks() -> [Check; 3] {
    let mut fresh = asking(KEYS[0], word(Refs::Any));
    fresh.fresh = Some(Span::Millis(6_000));
    let refers = asking(KEYS[1], word(Refs::All(names(&["CHG-1"]))));
    let mut means_no = asking(KEYS[2], word(Refs::Matching("CHG-{n}".parse().unwrap())));
    means_no.missing = IfMissing::NoGo;
    [fresh, refers, means_no]
}

/// The answer after everything was said, but for one of them; at a moment that is the same for both.
fn after<'m>(memory: &'m Memory, all: &[Said], without: Option<usize>) -> Scene<'m> {
    let mut scene = Scene::with(memory, checks());
    for (place, said) in all.iter().enumerate() {
        let now = 11 + place as u64;
        scene.at = moment(now, 0, now * 1_000);
        if without != Some(place) {
            scene.says(SPEAKERS[said.speaker], "sre", said.statement(now * 1_000)).unwrap();
        }
    }
    let end = 11 + all.len() as u64;
    scene.at = moment(end, 0, end * 1_000);
    scene
}

fn rank(answer: Answer) -> u8 {
    match answer {
        Answer::NoGo => 0,
        Answer::Deferred => 1,
        Answer::Go => 2,
    }
}

proptest! {
    #[test]
    fn no_verdict_gets_better_because_somebody_who_said_yes_had_not(
        all in prop::collection::vec(said(), 1..9),
        pick in any::<prop::sample::Index>(),
    ) {
        let place = pick.index(all.len());
        // What its speaker said before or after on that key is another matter: a later word takes an earlier one back.
        prop_assume!(all[place].outcome.meets());
        let own = |said: &&Said| (said.speaker, said.key) == (all[place].speaker, all[place].key);
        prop_assume!(all.iter().filter(own).count() == 1);
        let (one, other) = (Memory::default(), Memory::default());
        let (with, without) = (after(&one, &all, None), after(&other, &all, Some(place)));
        prop_assert!(rank(without.answer(&KEYS)) <= rank(with.answer(&KEYS)));
        for key in KEYS {
            prop_assert!(rank(without.answer(&[key])) <= rank(with.answer(&[key])), "{}", key);
        }
    }

    #[test]
    fn the_order_of_a_list_changes_nothing_and_no_go_dominates(
        all in prop::collection::vec(said(), 0..9),
        order in Just(KEYS.to_vec()).prop_shuffle(),
    ) {
        let memory = Memory::default();
        let scene = after(&memory, &all, None);
        let alone: Vec<Answer> = order.iter().map(|key| scene.answer(&[key])).collect();
        let expected = alone.iter().copied().min_by_key(|answer| rank(*answer)).unwrap();
        prop_assert_eq!(scene.answer(&order), expected);
        prop_assert_eq!(scene.answer(&KEYS), expected);
    }
}
