//! What can be asked about cases, and about what is read of a plan beside its changes.

use crate::plan::*;
use crate::schema;
use crate::world::World;
use cases::{Call as CaseCall, CaseBody, CaseKind, CaseStep, Containment, IncidentCause, PublicReport, Recovery};
use primitives::{AlertSeverity, CaseId, Digest, Height, List, Path, SecretKey, Text};
use rpc::api::*;
use rpc::views::CaseStateName;
use runtime::Call;
use runtime::testing::holder;
use serde_json::json;

/// The report of the story.
const REPORT: CaseId = CaseId(1);
/// The incident that takes it up.
const INCIDENT: CaseId = CaseId(2);

fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

/// Does something that has to be granted, in a block of its own.
async fn granted(world: &World, who: &SecretKey, call: CaseCall) {
    world.memory.send(who, Call::Cases(call));
    let height = world.memory.make_block().at.height;
    let record = world.node.record(height).await.unwrap().answer;
    let refused: Vec<String> =
        record.facts.iter().filter_map(|fact| Some(fact.outcome.as_ref().err()?.to_string())).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

fn detect() -> CaseCall {
    CaseCall::Detect {
        plan: name(PLAN),
        acting: name("sre"),
        path: Path::ROOT,
        observation: text("every page takes ten seconds"),
        impact: text("nobody can vote"),
        report: Some(REPORT),
        duty: None,
    }
}

#[tokio::test]
async fn an_incident_is_told_step_by_step_with_what_was_said_and_what_comes_next() {
    let world = World::under_a_plan().await;
    let document = world.call("rpc.discover", json!({})).await.unwrap();
    let (plan, acting, case) = (|| name(PLAN), || name("sre"), INCIDENT);
    let recovery = Recovery {
        statement: text("the index is back"),
        root_cause: text("it was dropped"),
        verification: Digest([8; 32]),
        public_report: Some(PublicReport { uri: text("https://status.example/2"), digest: Digest([9; 32]) }),
        unfounded: false,
    };
    let locked = List::truncate_from(vec![Containment::PolicyLock(None)]);
    let severity = AlertSeverity::Critical;
    let steps = [
        (detect(), CaseStep::Detected, Some("classify it")),
        (
            CaseCall::Classify { plan: plan(), acting: acting(), case, severity, module: name("index") },
            CaseStep::Classified,
            Some("respond to it"),
        ),
        (
            CaseCall::Respond { plan: plan(), acting: acting(), case, containments: locked },
            CaseStep::Responded,
            Some("resolve it"),
        ),
        (
            CaseCall::Resolve { plan: plan(), acting: acting(), case, recovery: Box::new(recovery.clone()) },
            CaseStep::Resolved,
            None,
        ),
    ];
    for (call, step, next) in steps {
        granted(&world, &sre(), call).await;
        let seen = world.node.case_get(INCIDENT).await.unwrap();
        assert_eq!((seen.summary.head.step, seen.next.as_deref()), (step, next));
        let answer = world.call("case.get", json!({ "id": INCIDENT })).await.unwrap();
        schema::require(&document, "case.get", &answer);
    }
    let seen = world.node.case_get(INCIDENT).await.unwrap();
    assert_eq!((seen.summary.is_open, seen.summary.head.severity), (false, Some(severity)));
    let Some(CaseBody::Incident(body)) = seen.body else { panic!("{:?}", seen.body) };
    assert_eq!(body.cause, IncidentCause::ByHand { report: Some(REPORT), duty: None });
    assert_eq!((body.recovery.as_deref(), body.containments.len()), (Some(&recovery), 1));
    let taken = world.node.case_get(REPORT).await.unwrap();
    assert_eq!((taken.summary.head.step, taken.summary.head.by), (CaseStep::Taken, Some(holder(1).account())));
    let Some(CaseBody::Report(body)) = taken.body else { panic!("{:?}", taken.body) };
    assert_eq!((body.taken, body.deposit), (Some(INCIDENT), None));
}

#[tokio::test]
async fn cases_are_listed_by_what_they_are_how_far_they_have_come_and_where_they_are() {
    let world = World::under_a_plan().await;
    granted(&world, &sre(), detect()).await;
    let listed = async |plan: Option<_>, kind, state, scope: Option<&str>| {
        let scope = scope.map(|scope| scope.parse().unwrap());
        let list = world.node.case_list(plan, kind, state, scope, None, None, None).await.unwrap().answer.found;
        list.entries.iter().map(|case| case.id).collect::<Vec<_>>()
    };
    let plan = || Some(name(PLAN));
    assert_eq!(listed(None, None, None, None).await, [INCIDENT, REPORT], "the latest first");
    assert_eq!(listed(plan(), None, None, None).await, [INCIDENT, REPORT]);
    assert_eq!(listed(plan(), None, Some(CaseStateName::Open), None).await, [INCIDENT]);
    assert_eq!(listed(None, None, Some(CaseStateName::Over), None).await, [REPORT]);
    assert_eq!(listed(None, Some(CaseKind::Report), None, None).await, [REPORT]);
    assert_eq!(listed(plan(), Some(CaseKind::Incident), Some(CaseStateName::Detected), Some("")).await, [INCIDENT]);
    assert!(listed(plan(), Some(CaseKind::Hold), None, None).await.is_empty());
    assert!(listed(None, None, None, Some("PROD")).await.is_empty(), "what is at the root is not below");
    let page = world.node.case_list(None, None, None, None, Some(1), Some(1), None).await.unwrap();
    let found = page.answer.found;
    assert_eq!((page.height, found.total, found.entries[0].id), (Height(13), 2, REPORT));
    for plan in [None, plan()] {
        let older = world.node.case_list(plan, None, None, None, None, None, Some(INCIDENT)).await.unwrap().answer;
        assert_eq!((older.found.total, older.found.entries[0].id, older.next), (1, REPORT, None));
    }
}

#[tokio::test]
async fn what_a_local_evaluator_needs_is_one_answer() {
    let world = World::under_a_plan().await;
    let snapshot = world.node.flags_snapshot(name(PLAN), None, None).await.unwrap();
    assert_eq!(snapshot.flags.len(), world.node.flags_list(name(PLAN), None, None).await.unwrap().flags.len());
    let rewards = snapshot.flags.iter().find(|shown| shown.flag.key == name("timetoke_rewards")).unwrap();
    assert_eq!((rewards.settings.len(), rewards.disablings.len()), (1, 1));
    assert_eq!(rewards.disablings[0].disabled.by, EMERGENCY);
    let [cohort] = snapshot.segments.as_slice() else { panic!("{:?}", snapshot.segments) };
    assert_eq!((&cohort.name, cohort.members.len()), (&name("cohort"), 1), "who is asked about by what is set");
}

#[tokio::test]
async fn playbooks_say_who_keeps_them_and_a_plan_of_a_node_has_neither_artifacts_nor_phases() {
    let world = World::under_a_plan().await;
    let playbooks = world.node.rollout_playbooks(name(PLAN)).await.unwrap().playbooks;
    let [chain] = playbooks.as_slice() else { panic!("{playbooks:?}") };
    assert_eq!((&chain.playbook.owner, chain.drill.is_none()), (&name("sre"), true), "nobody has to try it");
    let board = world.node.rollout_board(name(PLAN)).await.unwrap();
    assert!(board.stale_drills.is_empty(), "{board:?}");
    assert!(world.node.rollout_phases(name(PLAN)).await.unwrap().phases.is_empty());
    assert_eq!(world.node.rollout_artifacts(name(PLAN), None, None, None).await.unwrap().answer.total, 0);
}
