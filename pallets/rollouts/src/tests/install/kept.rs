//! A plan in rows, and the plan that they come to.

use super::*;
use crate::plan::ChangeKind;
use crate::plans::{self, KeptRef};
use crate::storage::PLANS;
use proptest::prelude::*;

/// A plan with its lists in the order in which they are kept.
fn in_order(mut plan: Plan) -> Plan {
    plan.checks.sort_by_key(|check| check.key.clone());
    plan.windows.sort_by_key(|window| window.name.clone());
    plan.playbooks.sort_by_key(|playbook| playbook.domain.clone());
    plan.signals.sort_by_key(|signal| signal.key.clone());
    plan.roles.sort_by_key(|(role, _)| role.clone());
    plan.procedures.sort_by_key(|procedure| (procedure.of, procedure.stage.clone()));
    plan
}

fn kept(state: &State, plan: &Plan) -> KeptRef {
    plans::of_version(state, &plan.name, plan.version).unwrap()
}

#[test]
fn what_was_installed_comes_together_again() {
    let memory = Memory::default();
    let state = governed(&memory);
    let plan = kept(&state, &node()).whole(&state);
    assert_eq!(plan, in_order(node()));
    assert!(plan.mistakes().is_empty());
}

#[test]
fn a_procedure_for_a_stage_comes_before_the_one_for_all() {
    let memory = Memory::default();
    let mut asked = begins_at_testnet();
    let mut of_mainnet = asked.plan.procedures[SET].clone();
    of_mainnet.stage = Some(name("mainnet"));
    let procedures = asked.plan.procedures.iter().cloned();
    asked.plan.procedures = list(procedures.chain([of_mainnet]));
    let mut state = State::over(&memory);
    by_stake(&state, &asked).unwrap().apply(&mut state, at(20));
    let plan = kept(&state, &asked.plan);
    for (stage, expected) in [(None, None), (Some("testnet"), None), (Some("mainnet"), Some(name("mainnet")))] {
        let procedure = plan.procedure(&state, ChangeKind::Set, stage.map(name).as_ref()).unwrap();
        assert_eq!(procedure.stage, expected);
        let (of, stage) = (ChangeKind::Set, stage.map(name));
        assert_eq!(asked.plan.procedure(of, stage.as_ref()), Some(&procedure), "as the plan itself says");
    }
    assert_eq!(plan.procedure(&state, ChangeKind::Phase, None), None);
}

#[test]
fn what_a_plan_has_not_is_not_found() {
    let memory = Memory::default();
    let state = governed(&memory);
    let plan = kept(&state, &node());
    let none = name("none");
    assert_eq!(plan.stage(&state, &none).unwrap_err().code(), "E_STAGE");
    assert!(plan.check(&state, &none).is_none() && plan.window(&state, &none).is_none());
    assert_eq!((plan.predecessor(&name("development")), plan.successor(Some(&name("mainnet")))), (None, None));
    assert_eq!(plans::current(&state, &none).unwrap_err(), Error::PlanUnknown { plan: none });
}

proptest! {
    #[test]
    fn a_version_is_kept_exactly_while_it_is_in_force_or_needed(moves in prop::collection::vec(any::<bool>(), 0..24)) {
        let memory = Memory::default();
        let mut state = governed(&memory);
        let (chain, mut active) = (name("chain"), 0u32);
        // The version is in force no longer, as after an amendment.
        let mut head = plans::head(&state, &chain).unwrap();
        head.version = 2;
        plans::keep(&mut state, &chain, 1);
        active += 1;
        PLANS.set(&mut state, &chain, &head);
        for comes in moves {
            if active == 0 {
                break;
            }
            if comes {
                plans::keep(&mut state, &chain, 1);
                active += 1;
            } else {
                plans::let_go(&mut state, &chain, 1);
                active -= 1;
            }
            let kept = plans::of_version(&state, &chain, 1).ok();
            prop_assert_eq!(kept.map(|kept| kept.kept.active), (active > 0).then_some(active));
        }
    }
}
