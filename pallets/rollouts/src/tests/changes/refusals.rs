//! What is refused when a change is submitted, each by itself, and in the order of the table in ROLLOUTS 7.4.

use super::chain::*;
use crate::change::{ChangeDraft, ChangeRequest, Feature, MOST_OPEN};
use crate::plan::{PhaseState, Plan};
use crate::tests::sample::{SET, TESTNET, list, name};
use crate::{Error, Event};
use flags::{Expiry, Risk};
use governance::Choice;
use primitives::{Amount, Digest, List, Path, Text};
use state::Memory;

/// What comes of a promotion to mainnet that is edited.
fn edited(edit: impl FnOnce(&mut ChangeDraft)) -> &'static str {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let mut draft = promotes("mainnet");
    edit(&mut draft);
    code(chain.submit(draft))
}

/// What comes of a change of one gate under a plan that is edited.
fn under(edit: impl FnOnce(&mut Plan), edit_draft: impl FnOnce(&mut ChangeDraft)) -> &'static str {
    let memory = Memory::default();
    let mut plan = plan();
    edit(&mut plan);
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let mut draft = sets([chain.setting("pruning", 1)]);
    edit_draft(&mut draft);
    code(chain.submit(draft))
}

#[test]
fn who_has_no_grant_asks_for_nothing() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    assert_eq!(code(chain.call(DAN, &submits("commander", promotes("mainnet")))), "E_ROLE");
    assert_eq!(code(chain.call(BEN, &submits("sre", promotes("mainnet")))), "E_ROLE");
    assert_eq!(code(chain.call(ANN, &submits("nobody", promotes("mainnet")))), "E_UNKNOWN_ROLE");
    let elsewhere =
        crate::Call::Submit { plan: name("nowhere"), acting: name("commander"), change: Box::new(promotes("mainnet")) };
    assert_eq!(code(chain.call(ANN, &elsewhere)), "E_PLAN");
}

#[test]
fn a_change_is_for_the_version_and_the_bundle_in_force() {
    assert_eq!(edited(|_| ()), "granted");
    assert_eq!(edited(|draft| draft.version = 2), "E_PLAN_VERSION");
    assert_eq!(edited(|draft| draft.bundle = Digest([2; 32])), "E_BUNDLE_HASH");
    assert_eq!(edited(|draft| (draft.version, draft.bundle) = (2, Digest([2; 32]))), "E_PLAN_VERSION", "first");
}

#[test]
fn a_stage_is_entered_after_the_one_before() {
    let to = |stage: &str| {
        let request = ChangeRequest::Promote { to: name(stage), artifact: None };
        edited(|draft| draft.request = request)
    };
    assert_eq!(
        ["mainnet", "testnet", "development", "nowhere"].map(to),
        ["granted", "E_NOT_SUCCESSOR", "E_NOT_SUCCESSOR", "E_STAGE"]
    );
    let back = |stage: &str| edited(|draft| draft.request = ChangeRequest::Demote { to: name(stage) });
    assert_eq!(
        ["development", "testnet", "mainnet", "nowhere"].map(back),
        ["E_SEALER", "E_NOT_SUCCESSOR", "E_NOT_SUCCESSOR", "E_STAGE"]
    );
}

#[test]
fn a_plan_that_goes_one_way_does_not_go_back() {
    let one_way = |plan: &mut Plan| plan.policy.one_way = true;
    let demote = |draft: &mut ChangeDraft| draft.request = ChangeRequest::Demote { to: name("development") };
    let promote = |draft: &mut ChangeDraft| {
        draft.request = ChangeRequest::Promote { to: name("development"), artifact: None };
    };
    assert_eq!((under(one_way, demote), under(one_way, promote)), ("E_ONE_WAY", "E_ONE_WAY"));
}

#[test]
fn nothing_under_a_plan_without_phases_belongs_to_one() {
    assert_eq!(edited(|draft| draft.phase = Some(name("one"))), "E_PHASE");
    let phase = ChangeRequest::Phase { phase: name("one"), to: PhaseState::Open };
    assert_eq!(edited(|draft| draft.request = phase), "E_ROLE", "nor is there anybody who moves one on");
}

#[test]
fn a_promotion_names_a_build_that_is_approved() {
    let unknown = ChangeRequest::Promote { to: name("mainnet"), artifact: Some(Digest([4; 32])) };
    assert_eq!(edited(|draft| draft.request = unknown), "E_ARTIFACT_UNKNOWN");
}

#[test]
fn a_kind_without_a_procedure_is_not_to_be_had() {
    let without = |plan: &mut Plan| {
        let kept = plan.procedures.iter().filter(|procedure| procedure.of != crate::plan::ChangeKind::Set);
        plan.procedures = list(kept.cloned().collect::<Vec<_>>());
    };
    assert_eq!(under(without, |_| ()), "E_PROCEDURE");
}

#[test]
fn a_ticket_is_of_the_form_that_procedure_and_stage_ask_for() {
    let by_stage = |plan: &mut Plan| plan.stages[TESTNET].ticket = Some("CHG-{n}".parse().unwrap());
    let by_procedure = |plan: &mut Plan| plan.procedures[SET].ticket = Some("OPS-{n}".parse().unwrap());
    let ticket = |text: &str| {
        let ticket = Some(name(text));
        move |draft: &mut ChangeDraft| draft.ticket = ticket
    };
    assert_eq!(under(by_stage, |_| ()), "E_TICKET");
    assert_eq!(under(by_stage, ticket("CHG-x")), "E_TICKET");
    assert_eq!(under(by_stage, ticket("CHG-7")), "granted");
    assert_eq!(under(by_procedure, ticket("CHG-7")), "E_TICKET");
    assert_eq!(under(by_procedure, ticket("OPS-7")), "granted");
}

#[test]
fn what_is_of_high_risk_is_behind_a_live_flag_and_a_milestone_says_its_impact() {
    let feature = |risk, flag: Option<&str>| {
        let feature = Feature { name: name("new"), risk, flag: flag.map(name) };
        edited(|draft| draft.features = list([feature]))
    };
    assert_eq!(feature(Risk::High, None), "E_FLAG_REQUIRED");
    assert_eq!(feature(Risk::High, Some("nothing")), "E_FLAG_REQUIRED");
    assert_eq!(feature(Risk::High, Some("pruning")), "granted");
    assert_eq!(feature(Risk::Low, None), "granted");
    assert_eq!(edited(|draft| draft.milestone = Some(name("M1"))), "E_IMPACT");
    let said = edited(|draft| {
        (draft.milestone, draft.impact) = (Some(name("M1")), Text::new("nothing slows down").unwrap());
    });
    assert_eq!(said, "granted");
}

#[test]
fn nothing_is_on_without_what_it_requires() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let both = [chain.setting("witness_network", 0), chain.setting("recursive_proofs", 1)];
    assert_eq!(code(chain.submit(sets(both))), "E_PREREQUISITE");
    let (moved, other) = (chain.setting("pruning", 1), chain.setting("pruning", 0));
    assert_eq!(code(chain.submit(sets([moved, other]))), "E_TWICE");
    let as_it_is = chain.setting("pruning", 0);
    let set_first = code(chain.submit(sets([as_it_is])));
    assert_eq!(set_first, "granted", "what was its fallback is set");
    assert_eq!(code(chain.submit(sets([]))), "E_EFFECT");
}

#[test]
fn a_promotion_relies_on_no_flag_whose_day_has_come() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.stages[crate::tests::sample::MAINNET].window = name("daily");
    let mut flag = crate::tests::sample::gate("pruning", true);
    flag.expires = Expiry::At(primitives::Timestamp(1_699_963_200_000 + DAY));
    plan.flags[0] = flag;
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let change = chain.submit(promotes("mainnet")).unwrap();
    chain.say("ci", change);
    chain.block();
    chain.council(change, Choice::Yes);
    chain.epochs(4);
    chain.later(DAY);
    assert_eq!(code(chain.execute(change)), "E_STALE_FLAG");
}

#[test]
fn a_plan_has_so_many_changes_that_wait_and_emergencies_find_room() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    for _ in 0..MOST_OPEN {
        let effect = chain.setting("pruning", 1);
        chain.submit(sets([effect])).unwrap();
    }
    let effect = chain.setting("pruning", 1);
    assert_eq!(code(chain.submit(sets([effect]))), "E_TOO_MANY");
    assert_eq!(code(chain.submit(disables(&["pruning"]))), "granted");
    assert_eq!(code(chain.submit(pauses())), "granted");
}

#[test]
fn a_deposit_is_one_more_than_its_duties_and_has_to_be_there() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let broke = accounts::Event::Transferred { from: ANN, to: DAN, amount: Amount(TOKENS.0 - 1_999) };
    state::Apply::apply(&broke, &mut chain.state, chain.at);
    assert_eq!(code(chain.submit(promotes("mainnet"))), "E_DEPOSIT");
    assert_eq!(chain.held(ANN), Amount::ZERO, "a refusal leaves nothing");
    let one = accounts::Event::Transferred { from: DAN, to: ANN, amount: Amount(1) };
    state::Apply::apply(&one, &mut chain.state, chain.at);
    let Event::Submitted { deposit, .. } = chain.call(ANN, &submits("commander", promotes("mainnet"))).unwrap() else {
        panic!("it is taken")
    };
    assert_eq!((deposit, chain.held(ANN)), (Amount(2_000), Amount(2_000)));
}

#[test]
fn what_is_at_once_and_owes_nothing_is_closed_and_holds_nothing() {
    let memory = Memory::default();
    let mut plan = plan();
    let set = &mut plan.procedures[SET];
    (set.approve, set.close, set.at_once, set.window) = (List::new(), List::new(), true, false);
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let stale = chain.setting("pruning", 1);
    let change = chain.submit(sets([stale.clone()])).unwrap();
    assert_eq!(chain.label(change), crate::queries::ChangeLabel::Closed);
    assert_eq!((chain.is_on(flags::Gate::Pruning), chain.held(ANN)), (false, Amount::ZERO));
    let back = chain.setting("pruning", 0);
    chain.submit(sets([back])).unwrap();
    assert_eq!(code(chain.submit(sets([stale]))), "E_MOVED");
    let root = draft(ChangeRequest::Freeze { scope: "x/y".parse::<Path>().unwrap(), announcement: Text::default() });
    assert_eq!(code(chain.submit(root)), "E_PATH", "a node's plan has the root alone");
}

#[test]
fn what_is_said_wrong_is_no_go_and_what_is_not_said_is_deferred() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.stages[crate::tests::sample::MAINNET].window = name("daily");
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let change = chain.submit(promotes("mainnet")).unwrap();
    chain.say("ci", change);
    chain.block();
    chain.council(change, Choice::Yes);
    chain.epochs(4);
    chain.call(BEN, &states("ci", change, crate::statement::StatementOutcome::Failed)).unwrap();
    let Err(Error::NoGo { failed, of }) = chain.execute(change) else { panic!("it failed") };
    assert_eq!((failed.to_vec(), of), (vec![name("ci")], 1), "the list is judged again");
    chain.say("ci", change);
    assert_eq!(code(chain.execute(change)), "granted");
}
