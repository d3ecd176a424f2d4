//! What can be asked about plans and changes: the words of those who decide, before and after they do.

use crate::plan::*;
use crate::schema;
use crate::world::{World, transfer};
use flags::EvaluationReason;
use primitives::{Amount, ChangeId, Epoch, Height, Span};
use roles::RoleKey;
use rollouts::change::{ChangeRequest, ChangeState, Effected, Execution};
use rollouts::plan::ChangeKind;
use rollouts::queries::{ChangeLabel, NextActKind};
use rollouts::verdict::{Answer, FindingState};
use rpc::api::*;
use rpc::error::*;
use rpc::views::{ChangeMomentKind, ChangeStateName, ListPurpose, RolloutSimulation, SimulatedRefusal};
use runtime::testing::{holder, validator};
use runtime::{Call, Event};
use serde_json::json;

/// What came of the last transaction of the newest block, which carried something out at once.
async fn carried_out(world: &World) -> Execution {
    let height = world.memory.make_block().at.height;
    let record = world.node.record(height).await.unwrap().answer;
    let events = record.facts.into_iter().filter_map(|fact| fact.outcome.ok());
    let mut executions = events.filter_map(|event| match event {
        Event::Rollouts(rollouts::Event::Submitted { execution, .. }) => execution.map(|execution| *execution),
        _ => None,
    });
    executions.next_back().expect("something was carried out")
}

/// An emergency about another flag than that of the story.
fn disable_proofs() -> Call {
    let ChangeRequest::Disable { scope, cause, .. } = disable() else { unreachable!() };
    let flags = primitives::List::truncate_from(vec![name("recursive_proofs")]);
    submit(ChangeRequest::Disable { flags, scope, cause }, "proofs are wrong")
}

async fn simulated(world: &World, call: Call) -> RolloutSimulation {
    world.node.rollout_simulate(call, None).await.unwrap()
}

fn codes(refusals: &[SimulatedRefusal]) -> Vec<&str> {
    refusals.iter().map(|refusal| refusal.code.as_str()).collect()
}

#[tokio::test]
async fn what_is_simulated_is_what_is_written() {
    let world = World::under_a_plan().await;
    let foreseen = simulated(&world, disable_proofs()).await;
    assert!(foreseen.refusals.is_empty(), "{:?}", foreseen.refusals);
    assert_eq!(foreseen.tried.unwrap().account, commander().account());
    let flag = |key: &str| foreseen.map.iter().find(|shown| shown.flag == name(key)).unwrap();
    let proofs = flag("recursive_proofs");
    assert!(proofs.moves && proofs.before.is_on_for_all && !proofs.after.is_on_for_some, "{proofs:?}");
    assert!(!flag("pruning").moves, "what stays is shown too");
    assert_eq!(foreseen.nodes.len(), 4, "it is on for everybody before");

    world.memory.send(&commander(), disable_proofs());
    let written = carried_out(&world).await;
    assert_eq!(foreseen.execution.as_deref(), Some(&written));
    assert_eq!(foreseen.effects, written.effects.to_vec());
    let change = world.node.rollout_change(ChangeId(3)).await.unwrap();
    assert_eq!((change.effects, change.inverse), (foreseen.effects, foreseen.inverse), "and so is what undoes it");
}

#[tokio::test]
async fn a_simulation_says_everything_that_is_in_the_way() {
    let world = World::under_a_plan().await;
    let foreseen = simulated(&world, execute(PROMOTION)).await;
    let codes = codes(&foreseen.refusals);
    assert_eq!(codes.first(), Some(&"E_STATE"), "first what whoever tries is told: {codes:?}");
    assert!(codes.contains(&"E_WINDOW") && codes.contains(&"E_DEFERRED"), "{codes:?}");
    assert_eq!(foreseen.list.unwrap().answer, Answer::Deferred);
    assert!(foreseen.execution.is_none() && !foreseen.effects.is_empty(), "what would move is shown all the same");
}

#[tokio::test]
async fn a_simulation_is_for_somebody_and_of_what_moves_something() {
    let world = World::under_a_plan().await;
    let stranger = holder(2).account();
    let refused = world.node.rollout_simulate(disable_proofs(), Some(stranger)).await.unwrap();
    assert_eq!(codes(&refused.refusals), ["E_ROLE"]);
    assert_eq!(refused.tried.unwrap().account, stranger);
    let (code, sentence) = world.refused("rollout.simulate", json!({ "call": transfer(1) })).await;
    assert_eq!(code, i64::from(INVALID_PARAMS), "{sentence}");
}

#[tokio::test]
async fn a_board_says_what_stands_what_is_waited_for_and_what_is_urgent() {
    let world = World::under_a_plan().await;
    let board = world.node.rollout_board(name(PLAN)).await.unwrap();
    let standing: Vec<bool> = board.stages.iter().map(|stage| stage.standing.is_some()).collect();
    assert_eq!(standing, [true, true, false]);
    assert_eq!((board.plan.stage, board.plan.next_stage), (Some(name("testnet")), Some(name("mainnet"))));
    let rewards = board.flags.iter().find(|flag| flag.key == name("timetoke_rewards")).unwrap();
    let cells: Vec<(bool, bool)> = rewards.cells.iter().map(|cell| (cell.is_on, cell.only.is_some())).collect();
    assert_eq!(cells, [(false, false), (true, true), (true, false)], "as the stages say");
    assert_eq!(rewards.now.reason, EvaluationReason::Disabled, "and as it is");
    let urgent: Vec<ChangeId> = board.emergencies.iter().map(|change| change.id).collect();
    assert_eq!((urgent, board.overdue.len(), board.live.len()), (vec![EMERGENCY], 0, 2));

    let next = board.next.unwrap();
    assert_eq!((next.change, next.answer), (Some(PROMOTION), Answer::Deferred));
    let [soak] = next.soaks.as_slice() else { panic!("{:?}", next.soaks) };
    assert_eq!((soak.have, soak.need), (Span::Millis(10_000), Span::hours(48)), "since the emergency of block 2");
    assert!(soak.said.contains("emergency"), "{}", soak.said);
    assert_eq!(soak.due.unwrap().left_ms, 48 * 3_600_000 - 10_000);
}

#[tokio::test]
async fn a_change_says_what_it_owes_and_whose_turn_it_is() {
    let world = World::under_a_plan().await;
    let change = world.node.rollout_change(EMERGENCY).await.unwrap();
    let summary = &change.summary;
    assert_eq!((summary.state, summary.label), (ChangeState::Active, ChangeLabel::RatifyDue));
    assert_eq!(summary.next_duty.as_ref().unwrap().due.left_ms, 24 * 3_600_000 - 10_000);
    let [Effected::Flag { before, after, .. }] = change.effects.as_slice() else { panic!("{:?}", change.effects) };
    assert!(!before.disabled && after.disabled && !change.is_foreseen);
    let [Effected::Flag { before, after, .. }] = change.inverse.as_slice() else { panic!("{:?}", change.inverse) };
    assert!(before.disabled && !after.disabled, "the way back");
    let [poll] = change.polls.as_slice() else { panic!("{:?}", change.polls) };
    assert_eq!((poll.not_voted.len(), poll.progress.support_needed), (3, Amount(2)));
    let [act] = change.next.as_slice() else { panic!("{:?}", change.next) };
    assert_eq!((act.what, act.roles.clone()), (NextActKind::Vote, vec![name("council")]));
}

#[tokio::test]
async fn a_change_that_waits_says_what_is_missing_and_what_it_would_move() {
    let world = World::under_a_plan().await;
    let change = world.node.rollout_change(PROMOTION).await.unwrap();
    assert_eq!((change.summary.state, change.summary.label), (ChangeState::Open, ChangeLabel::Voting));
    assert!(change.is_foreseen && change.effects.len() == change.inverse.len());
    let happened: Vec<ChangeMomentKind> = change.timeline.iter().map(|moment| moment.what).collect();
    assert_eq!(happened, [ChangeMomentKind::Submitted, ChangeMomentKind::VoteOpened]);
    let acts: Vec<NextActKind> = change.next.iter().map(|act| act.what).collect();
    assert_eq!(acts.last(), Some(&NextActKind::Vote));
    let document = world.call("rpc.discover", json!({})).await.unwrap();
    let answer = world.call("rollout.change", json!({ "id": PROMOTION })).await.unwrap();
    schema::require(&document, "rollout.change", &answer);
}

#[tokio::test]
async fn why_is_answered_for_a_change_and_for_a_stage_that_nobody_has_asked_for() {
    let world = World::under_a_plan().await;
    let of_change = world.node.rollout_explain(None, None, None, Some(PROMOTION)).await.unwrap();
    let of_stage = world.node.rollout_explain(Some(name(PLAN)), None, None, None).await.unwrap();
    assert_eq!(
        world.node.rollout_explain(None, None, None, None).await.unwrap(),
        of_stage,
        "of the plan of this network"
    );
    assert_eq!((of_change.purpose, of_stage.purpose), (ListPurpose::Execute, ListPurpose::Enter));
    assert_eq!((of_change.stage, of_stage.stage), (Some(name("mainnet")), Some(name("mainnet"))));
    let said = &of_change.list.finding(&name("ci")).unwrap().finding;
    assert_eq!((said.state, said.measured), (FindingState::Met, false), "somebody said so");
    let unsaid = &of_stage.list.finding(&name("ci")).unwrap().finding;
    assert_eq!(unsaid.state, FindingState::Missing, "about no change nobody said anything");
    let keys = |list: &rpc::views::ExplainedList| list.findings.len();
    assert_eq!(keys(&of_change.list), keys(&of_stage.list), "it is the same list");
    let of_emergency = world.node.rollout_explain(Some(name(PLAN)), None, None, Some(EMERGENCY)).await.unwrap();
    assert_eq!((of_emergency.purpose, of_emergency.list.findings.len()), (ListPurpose::Close, 1));
}

#[tokio::test]
async fn changes_are_listed_by_how_they_stand_what_they_are_and_where_they_move_something() {
    let world = World::under_a_plan().await;
    let total = async |plan, state, kind, scope: Option<&str>| {
        let scope = scope.map(|scope| scope.parse().unwrap());
        world.node.rollout_changes(plan, state, kind, scope, None, None, None).await.unwrap().answer.found.total
    };
    let plan = || Some(name(PLAN));
    assert_eq!(total(None, None, None, None).await, 2);
    assert_eq!(total(plan(), None, None, None).await, 2);
    assert_eq!(total(plan(), Some(ChangeStateName::Active), None, None).await, 1);
    assert_eq!(total(None, Some(ChangeStateName::Closed), None, None).await, 0);
    assert_eq!(total(None, Some(ChangeStateName::Open), Some(ChangeKind::Promote), Some("")).await, 1);
    assert_eq!(total(None, Some(ChangeStateName::Open), Some(ChangeKind::Disable), None).await, 0);
    assert_eq!(total(plan(), None, None, Some("PROD")).await, 0, "a node's plan moves things at the root alone");
    let below = async |plan, before| {
        let page = world.node.rollout_changes(plan, None, None, None, Some(0), Some(1), before).await.unwrap();
        (page.height, page.answer.found.entries[0].id, page.answer.next)
    };
    assert_eq!(below(None, None).await, (Height(12), EMERGENCY, None), "the latest first");
    for plan in [None, plan()] {
        assert_eq!(below(plan, Some(EMERGENCY)).await, (Height(12), PROMOTION, None), "what came before it");
    }
}

#[tokio::test]
async fn roles_flags_and_candidates_are_told_as_they_are() {
    let world = World::under_a_plan().await;
    let held = world.node.roles_of(commander().account(), None, None).await.unwrap().answer;
    assert_eq!((held.total, &held.entries[0].role), (1, &name("commander")));
    let council = world.node.roles_role(name(PLAN), name("council")).await.unwrap();
    assert_eq!((council.members.len(), council.summary.least_members), (3, 3));
    let rewards = world.node.flags_flag(name(PLAN), name("timetoke_rewards")).await.unwrap();
    assert_eq!((rewards.setting_count, rewards.disabling_count, rewards.disablings[0].disabled.by), (1, 1, EMERGENCY));
    let pruning = world.node.flags_evaluate(name(PLAN), name("pruning"), None, None).await.unwrap();
    assert_eq!((pruning.variant, pruning.reason), (name("on"), EvaluationReason::Default));
    let elected = world.node.staking_candidates(None).await.unwrap();
    assert_eq!((elected.epoch, elected.sealer), (Epoch(1), None));
    assert_eq!(elected.candidates, elected.validators, "a quorum decides");
    let fleet = world.node.rollout_fleet(name(PLAN)).await.unwrap();
    assert_eq!((fleet.nodes.len(), fleet.current.power, fleet.current.of), (4, Amount::ZERO, 4), "nobody said a word");
    assert_eq!(fleet.drifting_flags, [name("timetoke_rewards")], "what an emergency disabled is no drift of nodes");
    assert!(fleet.nodes.iter().any(|node| node.account == validator(3).account()));
}

#[tokio::test]
async fn what_is_not_there_is_refused_by_a_code_of_its_own() {
    let world = World::under_a_plan().await;
    let unknown = [
        ("rollout.plan", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.board", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.changes", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.explain", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.statements", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.fleet", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.artifacts", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.artifacts", json!({ "plan": PLAN, "stage": "moon" }), INVALID_PARAMS),
        ("rollout.phases", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.playbooks", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("case.list", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("case.get", json!({ "id": 99 }), UNKNOWN_CASE),
        ("flags.snapshot", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("rollout.change", json!({ "id": 99 }), UNKNOWN_CHANGE),
        ("rollout.explain", json!({ "change": 99 }), UNKNOWN_CHANGE),
        ("rollout.simulate", json!({ "call": execute(ChangeId(99)) }), UNKNOWN_CHANGE),
        ("rollout.explain", json!({ "plan": PLAN, "stage": "moon" }), INVALID_PARAMS),
        ("rollout.explain", json!({ "change": 1, "stage": "mainnet" }), INVALID_PARAMS),
        ("rollout.explain", json!({ "plan": PLAN, "stage": "mainnet", "phase": "8" }), INVALID_PARAMS),
        ("rollout.explain", json!({ "plan": PLAN, "phase": "8" }), INVALID_PARAMS),
        ("roles.list", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("roles.role", json!({ "plan": PLAN, "role": "king" }), UNKNOWN_ROLE),
        ("flags.list", json!({ "plan": "pos" }), UNKNOWN_PLAN),
        ("flags.flag", json!({ "plan": PLAN, "key": "nope" }), UNKNOWN_FLAG),
        ("flags.evaluate", json!({ "plan": PLAN, "key": "nope" }), UNKNOWN_FLAG),
    ];
    for (method, params, code) in unknown {
        let (found, sentence) = world.refused(method, params.clone()).await;
        assert_eq!(found, i64::from(code), "{method} {params}: {sentence}");
    }
    let ungoverned = World::new().await;
    assert_eq!(ungoverned.refused("rollout.explain", json!({})).await.0, i64::from(UNKNOWN_PLAN));
    assert_eq!(ungoverned.node.rollout_plans(None, None).await.unwrap().answer.total, 0);
    let no_role = RoleKey { plan: name(PLAN), role: name("king") };
    let error =
        world.node.explain(world.node.roles_role(no_role.plan.clone(), no_role.role.clone()).await.unwrap_err());
    assert_eq!(error.refusal(), Some(RpcRefusal::UnknownRole(no_role)));
}
