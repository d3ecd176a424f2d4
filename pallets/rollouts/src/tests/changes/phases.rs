//! Phases open, freeze and lock, one way (ROLLOUTS 7.6).

use super::chain::*;
use super::shop::*;
use crate::change::{ChangeDraft, ChangeRequest};
use crate::plan::{Nature, PhaseState};
use crate::queries::phases;
use crate::statement::StatementSubject;
use crate::tests::sample::name;
use crate::{Error, PhaseFlaw, plans};
use primitives::ChangeId;
use state::Memory;

/// What comes of moving a phase on.
pub(super) fn moves_on(chain: &mut Chain<'_>, phase: &str, to: PhaseState) -> Result<ChangeId, Error> {
    ask(chain, ANN, "commander", draft(ChangeRequest::Phase { phase: name(phase), to }))
}

fn states(chain: &Chain<'_>) -> Vec<PhaseState> {
    let plan = plans::current(&chain.state, &name("shop")).unwrap();
    phases(&chain.state, &plan).iter().map(|phase| phase.state()).collect()
}

fn about(phase: &str) -> StatementSubject {
    StatementSubject::Phase(name(phase))
}

#[test]
fn a_phase_goes_one_way_state_by_state_and_locks_once_its_exit_is_said() {
    use PhaseState::*;
    let memory = Memory::default();
    let mut chain = open(&memory, phased());
    assert_eq!(states(&chain), [Planned, Planned]);
    assert_eq!(code(moves_on(&mut chain, "one", Frozen)), "E_PHASE");
    assert_eq!(code(moves_on(&mut chain, "three", Open)), "E_PHASE");
    moves_on(&mut chain, "one", Open).unwrap();
    assert_eq!(code(moves_on(&mut chain, "one", Open)), "E_PHASE");
    moves_on(&mut chain, "one", Frozen).unwrap();
    assert_eq!(code(moves_on(&mut chain, "one", Open)), "E_PHASE", "never back");
    assert_eq!(code(moves_on(&mut chain, "one", Locked)), "E_DEFERRED", "its exit is not said");
    says(&mut chain, "traced", about("one")).unwrap();
    moves_on(&mut chain, "one", Locked).unwrap();
    assert_eq!(states(&chain), [Locked, Planned]);
    let flaw = PhaseFlaw::NotNext { phase: name("one"), from: Locked, to: Locked };
    assert_eq!(moves_on(&mut chain, "one", Locked).unwrap_err(), Error::from(flaw));
}

#[test]
fn a_phase_begins_after_the_one_before_and_with_what_that_is_said_of_it() {
    let memory = Memory::default();
    let mut chain = open(&memory, phased());
    moves_on(&mut chain, "one", PhaseState::Open).unwrap();
    let early = moves_on(&mut chain, "two", PhaseState::Open).unwrap_err();
    assert!(matches!(early, Error::Phase(PhaseFlaw::Before { state: PhaseState::Open, .. })), "{early:?}");
    moves_on(&mut chain, "one", PhaseState::Frozen).unwrap();
    assert_eq!(code(moves_on(&mut chain, "two", PhaseState::Open)), "E_DEFERRED");
    says(&mut chain, "traced", about("one")).unwrap();
    moves_on(&mut chain, "two", PhaseState::Open).unwrap();
    assert_eq!(states(&chain), [PhaseState::Frozen, PhaseState::Open]);
}

#[test]
fn nothing_is_said_of_a_phase_that_is_planned_or_locked() {
    let memory = Memory::default();
    let mut chain = open(&memory, phased());
    assert_eq!(code(says(&mut chain, "traced", about("one"))), "E_PHASE");
    moves_on(&mut chain, "one", PhaseState::Open).unwrap();
    let artifact = artifact(&mut chain, 1, Some("one"));
    says(&mut chain, "traced", about("one")).unwrap();
    moves_on(&mut chain, "one", PhaseState::Frozen).unwrap();
    moves_on(&mut chain, "one", PhaseState::Locked).unwrap();
    assert_eq!(code(says(&mut chain, "traced", about("one"))), "E_LOCKED");
    assert_eq!(code(says(&mut chain, "ci", StatementSubject::Artifact(artifact))), "E_LOCKED");
    let planned = registered(&mut chain, 2, Some("two"), "mainnet");
    assert_eq!(code(says(&mut chain, "ci", StatementSubject::Artifact(planned))), "E_PHASE");
}

#[test]
fn a_promotion_belongs_to_a_phase_that_lets_it_through() {
    let memory = Memory::default();
    let mut chain = open(&memory, phased());
    moves_on(&mut chain, "one", PhaseState::Open).unwrap();
    let artifact = artifact(&mut chain, 1, Some("one"));
    let promotes = |phase: Option<&str>, nature| ChangeDraft {
        phase: phase.map(name),
        nature,
        ..promotes_artifact("development", artifact)
    };
    let tried = |chain: &mut Chain<'_>, draft| code(ask(chain, ANN, "commander", draft));
    assert_eq!(tried(&mut chain, promotes(None, Nature::Fix)), "E_PHASE");
    moves_on(&mut chain, "one", PhaseState::Frozen).unwrap();
    assert_eq!(tried(&mut chain, promotes(Some("one"), Nature::Feature)), "E_FROZEN_PHASE");
    assert_eq!(tried(&mut chain, promotes(Some("one"), Nature::Hardening)), "granted");
    says(&mut chain, "traced", about("one")).unwrap();
    moves_on(&mut chain, "one", PhaseState::Locked).unwrap();
    let second = registered(&mut chain, 2, Some("one"), "mainnet");
    let locked = ChangeDraft { phase: Some(name("one")), ..promotes_artifact("development", second) };
    assert_eq!(tried(&mut chain, locked), "E_LOCKED");
}
