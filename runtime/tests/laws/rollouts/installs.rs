//! Plans that the stake puts into force, with lists of what moves by that which may be wrong.

use super::acts::Amended;
use super::histories::shape;
use super::values::l16_nothing_moves_that_an_installation_does_not_list;
use crate::governed::plan::{Shape, gate_key, list, name, plan};
use crate::governed::said::stake_proposes;
use crate::governed::{COUNCIL, Governed, Made, VALIDATORS, cohort, governed, peopled, seats};
use ::rollouts::Error;
use ::rollouts::install::{Installation, ListedMove};
use flags::Gate;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use runtime::{Event, Genesis, Motion};
use state::State;

/// What the stake is asked to put into force, on a network that a plan governs already, or on one that none does.
#[derive(Debug, Clone)]
struct Asked {
    shape: Shape,
    amended: Option<Amended>,
    /// Of a first version, the stage that stands from then on.
    stage: &'static str,
    /// The gates that are listed, and whether each is said to be on.
    moves: Vec<(Gate, bool)>,
}

fn asked() -> impl Strategy<Value = Asked> {
    let amended = prop::sample::select(vec![
        None,
        None,
        Some(Amended::Document),
        Some(Amended::Spans),
        Some(Amended::Falling),
        Some(Amended::Earlier),
    ]);
    let stage = prop::sample::select(vec!["development", "testnet", "testnet", "mainnet"]);
    // What goes on where the first version begins at the second stage, or the third; and whatever else somebody may list.
    let right = vec![(Gate::RecursiveProofs, true), (Gate::TimetokeRewards, true), (Gate::WitnessNetwork, true)];
    let all = prop_oneof![2 => Just(right.clone()), 1 => prop::sample::subsequence(right, 0..=3)];
    let any_gate = prop_oneof![1 => Just(Gate::MalachiteConsensus), 2 => prop::sample::select(Gate::ALL.to_vec())];
    let other = (any_gate, any::<bool>());
    (shape(), amended, stage, all, prop::option::weighted(0.3, other)).prop_map(
        |(shape, amended, stage, mut moves, other)| {
            moves.extend(other);
            Asked { shape, amended, stage, moves }
        },
    )
}

impl Asked {
    fn genesis(&self) -> Genesis {
        if self.amended.is_some() {
            return governed(plan(self.shape), "testnet", &COUNCIL, 1);
        }
        peopled(1)
    }

    fn installation(&self, state: &State) -> Installation {
        let moves = self
            .moves
            .iter()
            .map(|(gate, on)| ListedMove { flag: gate_key(*gate), to: name(if *on { "on" } else { "off" }) });
        let moves = list(moves);
        if let Some(amended) = self.amended {
            return Installation { moves, ..amended.installation(state) };
        }
        Installation {
            plan: plan(self.shape),
            document: None,
            stage: Some(name(self.stage)),
            members: seats(&COUNCIL),
            segments: cohort(),
            moves,
        }
    }

    /// The stake is asked, and agrees; the blocks until that is carried out.
    fn carried_out(&self) -> Vec<Made> {
        let mut network = Governed::new(self.genesis());
        let motion = self.installation(&network.state());
        let motion = Motion::Rollouts(::rollouts::Motion::Install(Box::new(motion)));
        let id = network.next_proposal(1_000);
        let first = network.block(1_000, &stake_proposes(id, 0, motion, 0..VALIDATORS));
        [first].into_iter().chain((0..3).map(|_| network.block(1_000, &[]))).collect()
    }
}

/// What was installed in some blocks, each with the law held to it; and why something was not.
fn outcomes(blocks: &[Made]) -> (usize, Vec<Error>) {
    let (mut installed, mut refused) = (0, Vec::new());
    for made in blocks {
        for (place, fact) in made.facts.iter().enumerate() {
            match &fact.outcome {
                Ok(Event::Rollouts(::rollouts::Event::Installed { installation, .. })) => {
                    let (before, after) = (made.after(place), made.after(place + 1));
                    let (before, after) = (State::over(&before), State::over(&after));
                    l16_nothing_moves_that_an_installation_does_not_list(&before, &after, installation);
                    installed += 1;
                }
                Err(runtime::Error::Rollouts(error)) => refused.push(error.clone()),
                _ => {}
            }
        }
    }
    (installed, refused)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Law 16: "Installing, amending or replacing a plan moves no resolved value that its motion does not list."
    #[test]
    fn l16_no_plan_that_the_stake_installs_moves_a_gate_in_silence(asked in asked()) {
        let (installed, refused) = outcomes(&asked.carried_out());
        prop_assert!(installed == 1 || !refused.is_empty(), "nothing came of it");
    }
}

/// The law of silent moves means something only where plans come into force that move something, and others are refused because they
/// would.
#[test]
fn l16_plans_come_into_force_that_move_gates_and_others_are_refused_for_it() {
    let mut runner = TestRunner::deterministic();
    let (mut first, mut amended, mut silent, mut quorum) = (0, 0, 0, 0);
    for _ in 0..60 {
        let asked = asked().new_tree(&mut runner).unwrap().current();
        let (installed, refused) = outcomes(&asked.carried_out());
        if asked.amended.is_some() {
            amended += installed;
        } else {
            first += installed;
        }
        silent += refused.iter().filter(|error| matches!(error, Error::MovesInSilence { .. })).count();
        quorum += refused.iter().filter(|error| matches!(error, Error::QuorumListed { .. })).count();
    }
    assert!(first > 0 && amended > 0 && silent > 0 && quorum > 0, "{first} {amended} {silent} {quorum}");
}
