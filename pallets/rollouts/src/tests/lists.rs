//! What is asked before a stage is entered, what is owed after, and which stage and procedure that is.

use super::sample::{PROMOTE, TESTNET, duty, name, names, node};
use crate::plan::{AskedCheck, ChangeKind, ListOf, Missed, Plan};

fn asked(plan: &Plan, to: &str) -> Vec<(String, String, ListOf)> {
    let list = plan.approval_list(&name(to));
    let about = |asked: &AskedCheck| asked.stage.as_ref().map(ToString::to_string).unwrap_or_default();
    list.iter().map(|asked| (asked.key.to_string(), about(asked), asked.from.clone())).collect()
}

fn row(key: &str, stage: &str, from: ListOf) -> (String, String, ListOf) {
    (key.into(), stage.into(), from)
}

#[test]
fn the_first_stage_asks_its_readiness_and_what_approves() {
    let expected = [
        row("ci", "development", ListOf::Readiness),
        row("signoff", "development", ListOf::Approve),
        row("council", "development", ListOf::Approve),
    ];
    assert_eq!(asked(&node(), "development"), expected);
}

#[test]
fn a_later_stage_asks_beside_that_what_the_one_before_owes_and_nothing_twice() {
    let expected = [
        row("ci", "mainnet", ListOf::Readiness),
        row("signoff", "mainnet", ListOf::Approve),
        row("council", "mainnet", ListOf::Approve),
        row("deploy", "testnet", ListOf::Step(name("deploy"))),
        row("deployed", "testnet", ListOf::Leave),
        row("watched", "testnet", ListOf::Leave),
    ];
    assert_eq!(asked(&node(), "mainnet"), expected);
}

#[test]
fn what_a_stage_is_left_by_is_asked_also_where_a_step_needed_it_and_the_step_for_itself() {
    let mut plan = node();
    plan.stages[TESTNET].leave = names(&["deployed", "watched"]);
    let of_testnet: Vec<_> = asked(&plan, "mainnet").into_iter().filter(|(_, stage, _)| stage == "testnet").collect();
    let expected = [
        row("deploy", "testnet", ListOf::Step(name("deploy"))),
        row("deployed", "testnet", ListOf::Leave),
        row("watched", "testnet", ListOf::Leave),
    ];
    assert_eq!(of_testnet, expected);
}

#[test]
fn one_check_is_asked_of_two_stages_where_it_is_about_both() {
    let mut plan = node();
    plan.stages[TESTNET].leave = names(&["ci"]);
    let of_ci: Vec<_> = asked(&plan, "mainnet").into_iter().filter(|(key, ..)| key == "ci").collect();
    assert_eq!(of_ci, [row("ci", "mainnet", ListOf::Readiness), row("ci", "testnet", ListOf::Leave)]);
}

#[test]
fn a_stage_that_the_plan_has_not_asks_nothing_and_has_no_neighbours() {
    let plan = node();
    let unknown = name("staging");
    assert!(plan.approval_list(&unknown).is_empty() && plan.values_at(&unknown).is_empty());
    assert!(
        plan.stage(&unknown).is_none() && plan.successor(&unknown).is_none() && plan.predecessor(&unknown).is_none()
    );
}

#[test]
fn a_stage_is_followed_by_the_next_one_of_the_list() {
    let plan = node();
    let next = |stage: &str| plan.successor(&name(stage)).map(|stage| stage.name.to_string());
    assert_eq!(plan.first_stage().map(|stage| stage.name.as_str()), Some("development"));
    assert_eq!(["development", "testnet", "mainnet"].map(next), [Some("testnet".into()), Some("mainnet".into()), None]);
    assert_eq!(plan.predecessor(&name("development")), None);
    assert_eq!(plan.predecessor(&name("mainnet")), plan.stage(&name("testnet")));
}

#[test]
fn a_procedure_for_a_stage_goes_before_the_one_for_all() {
    let mut plan = node();
    let mut own = plan.procedures[PROMOTE].clone();
    own.stage = Some(name("mainnet"));
    own.approve = names(&["council"]);
    plan.procedures.try_push(own.clone()).unwrap();
    let of = |kind, stage: Option<&str>| plan.procedure(kind, stage.map(name).as_ref()).cloned();
    assert_eq!(of(ChangeKind::Promote, Some("mainnet")), Some(own));
    assert_eq!(of(ChangeKind::Promote, Some("testnet")), Some(plan.procedures[PROMOTE].clone()));
    assert_eq!(of(ChangeKind::Promote, None), Some(plan.procedures[PROMOTE].clone()));
    assert_eq!(of(ChangeKind::Phase, None), None);
    assert!(plan.mistakes().is_empty(), "{:?}", plan.mistakes());
}

#[test]
fn a_promotion_owes_what_its_procedure_and_its_stage_say_and_others_their_procedure_alone() {
    let mut plan = node();
    plan.stages[TESTNET].close = [duty("ci", None, Missed::Block)].to_vec().try_into().unwrap();
    let owed = |kind, stage: &str| -> Vec<String> {
        let stage = name(stage);
        plan.duties(kind, Some(&stage)).into_iter().map(|duty| duty.check.to_string()).collect()
    };
    assert_eq!(owed(ChangeKind::Promote, "development"), ["audit"]);
    assert_eq!(owed(ChangeKind::Promote, "testnet"), ["audit", "ci"]);
    assert_eq!(owed(ChangeKind::Demote, "testnet"), ["audit"]);
    assert_eq!(owed(ChangeKind::Disable, "testnet"), ["ratify"]);
}
