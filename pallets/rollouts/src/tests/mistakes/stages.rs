//! What every stage has.

use super::super::sample::*;
use super::{fine, only, only_of_application};
use crate::plan::Plan;

fn fields(plan: &Plan) -> Vec<String> {
    plan.mistakes().into_iter().map(|mistake| mistake.field).collect()
}

#[test]
fn req_002_a_stage_has_readiness_values_steps_and_a_way_to_recover() {
    only("stage.testnet.readiness", "can be entered without a check", |plan| {
        plan.stages[TESTNET].readiness = list([]);
    });
    only("stage.testnet.steps", "nothing is done once \"testnet\" is entered", |plan| {
        plan.stages[TESTNET].steps = list([]);
    });
    only("stages[1].recovery_playbook", "nothing says how \"testnet\" is recovered", |plan| {
        plan.stages[TESTNET].recovery_playbook = reference("", None);
    });
    let mut plan = node();
    plan.stages.iter_mut().for_each(|stage| stage.values = list([]));
    plan.stages[TESTNET].limits = list([]);
    let expected = ["stages[0].feature_gates", "stages[1].feature_gates", "stages[2].feature_gates"];
    assert_eq!(fields(&plan), expected);
}

#[test]
fn an_application_may_leave_its_flags_to_those_who_release_but_not_at_one_stage_alone() {
    let mut plan = application();
    plan.stages.iter_mut().for_each(|stage| stage.values = list([]));
    plan.stages[TESTNET].limits = list([]);
    assert_eq!(fields(&plan), [""; 0]);
    only("stages[1].feature_gates.pruning", "leaves out \"pruning\"", |plan| {
        plan.stages[TESTNET].values.remove(PRUNING);
    });
}

#[test]
fn a_limited_flag_has_a_value() {
    only("stage.testnet.limits.more", "gives it no value", |plan| {
        let limit = crate::plan::Limit { flag: name("more"), segment: name("cohort") };
        plan.flags.try_push(gate("more", true)).unwrap();
        plan.stages[TESTNET].limits.try_push(limit).unwrap();
        plan.governs = crate::plan::Governs::Application { owner: name("council") };
        plan.name = name("shop");
        plan.policy.amend = Some(vote("council"));
        plan.stages[MAINNET].ticket = Some("CHG-{n}".parse().unwrap());
    });
}

#[test]
fn req_001_a_plan_has_a_stage_and_a_way_to_enter_it() {
    let mut plan = node();
    plan.stages = list([]);
    assert!(fields(&plan).contains(&"stages".to_owned()));
    only("procedures", "how a promotion to \"testnet\" goes", |plan| {
        let mut own = plan.procedures[PROMOTE].clone();
        own.stage = Some(name("development"));
        plan.procedures[PROMOTE].stage = Some(name("mainnet"));
        plan.procedures.try_push(own).unwrap();
    });
}

#[test]
fn req_070_a_stage_that_freezes_names_the_duty_that_ends_it() {
    only("stage.mainnet.thaws", "no duty ends that", |plan| plan.stages[MAINNET].thaws = None);
    only("stage.mainnet.thaws", "is not owed after a promotion", |plan| {
        plan.stages[MAINNET].thaws = Some(name("signoff"));
    });
    fine(|plan| plan.stages[MAINNET].thaws = Some(name("watched")));
}

#[test]
fn req_111_production_of_an_application_asks_for_a_ticket_and_that_of_a_node_need_not() {
    only_of_application("stage.mainnet.ticket", "such as CHG-{n}", |plan| plan.stages[MAINNET].ticket = None);
    assert!(node().stages[MAINNET].ticket.is_none());
}
