//! Steps of a stage: in their order, once what each needs is so (REQ-066).

use super::chain::*;
use crate::change::{ChangeState, DutyState};
use crate::plan::{Plan, QUORUM_GATE};
use crate::queries::ChangeLabel;
use crate::tests::sample::{MAINNET, list, name, step};
use crate::{Error, Event};
use flags::Gate;
use governance::Choice;
use primitives::{ChangeId, List};
use state::Memory;

/// The plan in which mainnet is entered in the window of every day, and turns witnesses on for a cohort by its second step.
fn stepwise() -> Plan {
    let mut plan = plan();
    let mainnet = &mut plan.stages[MAINNET];
    mainnet.window = name("daily");
    (mainnet.freezes, mainnet.thaws) = (false, None);
    let witnesses = mainnet.values.iter_mut().find(|(flag, _)| flag.as_str() == "witness_network").unwrap();
    witnesses.1 = name("off");
    let mut witness = step("witness", &["ci"]);
    witness.sets = list([(name("witness_network"), name("on"), Some(name("cohort")))]);
    mainnet.steps = list([step("deploy", &["deployed"]), witness]);
    plan
}

fn promoted<'m>(memory: &'m Memory) -> (Chain<'m>, ChangeId) {
    let mut chain = Chain::at_stage(memory, stepwise(), "testnet");
    let change = chain.submit(promotes("mainnet")).unwrap();
    chain.say("ci", change);
    chain.block();
    chain.council(change, Choice::Yes);
    chain.epochs(4);
    chain.execute(change).unwrap();
    (chain, change)
}

#[test]
fn they_are_taken_in_their_order_and_once_their_needs_are_met() {
    let memory = Memory::default();
    let (mut chain, change) = promoted(&memory);
    let (step, before) = (name("witness"), name("deploy"));
    assert_eq!(chain.call(ANN, &takes(change, "witness")).unwrap_err(), Error::StepTooSoon { step, before });
    assert_eq!(code(chain.call(ANN, &takes(change, "nothing"))), "E_STEP");
    assert_eq!(code(chain.call(ANN, &takes(change, "deploy"))), "E_DEFERRED");
    assert_eq!(code(chain.call(DAN, &takes(change, "deploy"))), "E_ROLE");
    chain.say("deployed", change);
    chain.call(ANN, &takes(change, "deploy")).unwrap();
    assert_eq!(chain.progress(change).steps.to_vec(), [name("deploy")]);
    assert_eq!(code(chain.call(ANN, &takes(change, "deploy"))), "E_STEP", "it is taken");
}

#[test]
fn one_that_sets_values_is_taken_in_the_window_and_audited_again() {
    let memory = Memory::default();
    let (mut chain, change) = promoted(&memory);
    chain.say("deployed", change);
    chain.call(ANN, &takes(change, "deploy")).unwrap();
    chain.say("audit", change);
    chain.block();
    chain.close(change).unwrap();
    assert!(!chain.is_on(Gate::WitnessNetwork));
    // The window of every day is from eight to eighteen.
    chain.later(6 * HOUR);
    assert_eq!(code(chain.call(ANN, &takes(change, "witness"))), "E_WINDOW");
    chain.later(18 * HOUR);
    let Event::Stepped { effects, duties, .. } = chain.call(ANN, &takes(change, "witness")).unwrap() else {
        panic!("it is taken")
    };
    assert_eq!((effects.len(), duties.len()), (1, 1));
    assert_eq!(flags::Gates::of(&chain.state).limited_to(Gate::WitnessNetwork), Some(&name("cohort")));
    let progress = chain.progress(change);
    assert_eq!((progress.state, progress.duty(&name("audit")).unwrap().state), (ChangeState::Active, DutyState::Owed));
    assert_eq!(chain.label(change), ChangeLabel::AuditDue);
    assert_eq!(progress.effects.len(), 2, "rewards for all, and witnesses for some");
}

#[test]
fn what_is_overdue_or_paused_stops_them() {
    let memory = Memory::default();
    let (mut chain, change) = promoted(&memory);
    chain.say("deployed", change);
    let pause = chain.submit(pauses()).unwrap();
    assert_eq!(code(chain.call(ANN, &takes(change, "deploy"))), "E_PAUSED");
    chain.block();
    chain.council(pause, Choice::No);
    chain.call(ANN, &takes(change, "deploy")).unwrap();
    chain.later(24 * HOUR);
    let overdue = chain.call(ANN, &takes(change, "witness")).unwrap_err();
    let (check, path) = (name("audit"), primitives::Path::ROOT);
    assert_eq!(overdue, Error::Overdue { change, check, path });
}

#[test]
fn what_never_was_a_promotion_has_none() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(disables(&["pruning"])).unwrap();
    assert_eq!(code(chain.call(ANN, &takes(change, "deploy"))), "E_STATE");
    assert_eq!(code(chain.call(ANN, &takes(ChangeId(0), "deploy"))), "E_CHANGE_UNKNOWN", "all of genesis are taken");
    let sets: List<(primitives::Name, primitives::Name, Option<primitives::Name>), 8> =
        list([(name(QUORUM_GATE), name("off"), None)]);
    let mut plan = stepwise();
    plan.stages[MAINNET].steps[0].sets = sets;
    assert!(!plan.mistakes().is_empty(), "and no step takes the quorum away");
}
