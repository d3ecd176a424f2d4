//! What gates are set to, and how that moves: each effect of a fact is asked of the state before it and of the state after it.

use super::chronicle::Chronicle;
use crate::governed::plan::{COHORT, PLAN, gate_key, name};
use crate::governed::said::side;
use crate::governed::{Made, VALIDATORS};
use ::rollouts::change::{ChangeRequest, Effected, FlagSide};
use ::rollouts::install::Installation;
use ::rollouts::queries::{inverse, once_written, simulated, simulated_step, version_of};
use flags::{Gate, Gates};
use primitives::{AccountId, ChangeId, Moment, Name, Text};
use runtime::testing::validator;
use runtime::{Event, Fact};
use state::State;
use std::collections::{BTreeMap, BTreeSet};

/// What every gate is set to, whether it is disabled, and who is in the cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    flags: BTreeMap<Name, FlagSide>,
    cohort: BTreeSet<Text<64>>,
}

impl Values {
    pub fn of(state: &State) -> Self {
        let keys = Gate::ALL.iter().map(|gate| gate_key(*gate));
        let members = flags::queries::segment(state, &name(PLAN), &name(COHORT)).unwrap_or_default();
        Self {
            flags: keys.map(|key| (key.clone(), side(state, &key))).collect(),
            cohort: members.iter().cloned().collect(),
        }
    }

    /// What stands once effects are written.
    fn with(mut self, effects: &[Effected]) -> Self {
        for effect in effects {
            match effect {
                Effected::Flag { flag, before, after, .. } => {
                    assert_eq!(self.flags.get(flag), Some(before), "{flag} stood so before");
                    self.flags.insert(flag.clone(), after.clone());
                }
                Effected::Segment { added, removed, .. } => {
                    assert!(added.iter().all(|member| !self.cohort.contains(member)), "{added:?} were there");
                    assert!(removed.iter().all(|member| self.cohort.contains(member)), "{removed:?} were not there");
                    self.cohort.retain(|member| !removed.contains(member));
                    self.cohort.extend(added.iter().cloned());
                }
            }
        }
        self
    }
}

/// What a fact moved.
fn effects_of(event: &::rollouts::Event) -> &[Effected] {
    use ::rollouts::Event::*;
    match event {
        Submitted { execution: Some(execution), .. } | Executed { execution, .. } => &execution.effects,
        Stepped { effects, .. } | Missed { effects, .. } | Reverted { effects, .. } => effects,
        _ => &[],
    }
}

/// Holds every fact of a block that moves something to the laws of what moves, each in the state in which it was decided.
pub fn check(told: &Chronicle, made: &Made, now: &State) {
    let mut stands = Values::of(&State::over(&made.before));
    for (place, fact) in made.facts.iter().enumerate() {
        let Ok(Event::Rollouts(event)) = &fact.outcome else { continue };
        let effects = effects_of(event);
        stands = stands.with(effects);
        let installs = matches!(event, ::rollouts::Event::Installed { .. });
        if effects.is_empty() && !installs {
            continue;
        }
        let (before, after) = (made.after(place), made.after(place + 1));
        let (before, after) = (State::over(&before), State::over(&after));
        assert_eq!(Values::of(&after), stands, "the fact says all that it moved: {fact:?}");
        l13_what_is_carried_out_was_foretold(&before, made.at, event);
        l12_the_inverse_restores(&before, &after, made.at, effects);
        l17_the_quorum_ends_by_the_stake_alone(told, &before, &after, fact);
        if let ::rollouts::Event::Installed { installation, .. } = event {
            l16_nothing_moves_that_an_installation_does_not_list(&before, &after, installation);
        }
    }
    assert_eq!(Values::of(now), stands, "nothing moves but by a change");
}

/// Law 12: "Inverse after execute restores every setting, `Disabled` and segment." But nothing undoes that a quorum decides.
fn l12_the_inverse_restores(before: &State, after: &State, at: Moment, effects: &[Effected]) {
    let plan = name(PLAN);
    let is_limited = |state: &State| Gates::of(state).limited_to(Gate::MalachiteConsensus).is_some();
    if is_limited(before) || is_limited(after) {
        // Whoever is in the cohort decides then, and nothing takes that from anybody but the stake.
        return;
    }
    let undo = inverse(after, at, &plan, effects);
    let restored = once_written(after, at, &plan, &undo, Values::of);
    let mut expected = Values::of(before);
    let quorum = gate_key(Gate::MalachiteConsensus);
    let decides = |state: &State| Gates::of(state).is_on_for_all(Gate::MalachiteConsensus);
    if decides(after) && !decides(before) {
        let kept = Values::of(after).flags.remove(&quorum).expect("it is one of the gates");
        expected.flags.insert(quorum, kept);
    }
    assert_eq!(restored, expected, "what undoes {effects:?}");
}

/// Law 13: "`simulate` foretells exactly what `Execute` writes." So it does of what is carried out at once, and of steps.
fn l13_what_is_carried_out_was_foretold(before: &State, at: Moment, event: &::rollouts::Event) {
    let plan = name(PLAN);
    let (request, effects) = match event {
        ::rollouts::Event::Submitted { change, execution: Some(execution), .. } => {
            (change.asked.request.clone(), &execution.effects)
        }
        ::rollouts::Event::Executed { change, execution, .. } => {
            let change = ::rollouts::queries::change(before, *change).expect("it was submitted");
            (change.asked.request, &execution.effects)
        }
        ::rollouts::Event::Stepped { change, step, effects, .. } => {
            assert_eq!(foretold_step(before, at, *change, step), effects.to_vec());
            return;
        }
        _ => return,
    };
    let foretold = simulated(before, at, &plan, &request).expect("it was carried out");
    assert_eq!(foretold, effects.to_vec(), "what {request:?} moves");
    let written = once_written(before, at, &plan, &foretold, Values::of);
    assert_eq!(written, Values::of(before).with(effects), "what {request:?} writes");
}

fn foretold_step(before: &State, at: Moment, id: ChangeId, step: &Name) -> Vec<Effected> {
    let change = ::rollouts::queries::change(before, id).expect("it was submitted");
    let kept = version_of(before, &change).expect("its stage stands");
    let ChangeRequest::Promote { to, .. } = &change.asked.request else { panic!("{change:?} has a step") };
    let stage = kept.stage(before, to).expect("it is of the plan");
    simulated_step(before, at, &kept, &stage, step).expect("it was taken")
}

/// Law 16: "Installing, amending or replacing a plan moves no resolved value that its motion does not list."
pub fn l16_nothing_moves_that_an_installation_does_not_list(before: &State, after: &State, asked: &Installation) {
    for gate in Gate::ALL {
        for account in (0..VALIDATORS).map(|index| validator(index).account()) {
            let (was, is) = (is_on(before, *gate, &account), is_on(after, *gate, &account));
            let to = name(if is { "on" } else { "off" });
            let is_listed = asked.moves.iter().any(|listed| listed.flag == gate_key(*gate) && listed.to == to);
            assert!(was == is || is_listed, "{gate} was {was} and is {is} for {account} by {:?}", asked.moves);
            assert!(was == is || *gate != Gate::MalachiteConsensus, "no list moves the quorum");
        }
    }
}

fn is_on(state: &State, gate: Gate, account: &AccountId) -> bool {
    Gates::of(state).is_on_for(state, gate, account)
}

/// Law 17, its second half: "whichever single keys act, `malachite_consensus` goes off by no other vote" than one of the stake.
fn l17_the_quorum_ends_by_the_stake_alone(told: &Chronicle, before: &State, after: &State, fact: &Fact) {
    let gate = Gate::MalachiteConsensus;
    let accounts = (0..VALIDATORS).map(|index| validator(index).account());
    let mut lost = accounts.filter(|account| is_on(before, gate, account) && !is_on(after, gate, account));
    if lost.next().is_none() {
        return;
    }
    let Ok(Event::Rollouts(::rollouts::Event::Executed { change, .. })) = &fact.outcome else {
        panic!("the quorum ends by {fact:?}")
    };
    let by_stake = told.changes[change].approved.is_some_and(|(poll, _)| told.polls[&poll].has_the_stake());
    assert!(by_stake, "the quorum ends by {change}, which the stake did not approve");
}
