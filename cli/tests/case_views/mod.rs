//! How cases, phases, playbooks, artifacts and flags look.

use crate::drawn::golden;
use crate::governed::{ROOT, governed, name};
use crate::served::Served;
use artifacts::ArtifactPin;
use cases::{Call as CaseCall, CaseKind, Containment};
use cli::render::{self, Screen};
use primitives::{AlertSeverity, CaseId, ChangeId, Height, List, Name, Path, Reason, Text, Timestamp};
use rollouts::plan::PhaseState;
use rpc::api::{CaseApiClient as _, FlagsApiClient as _, RolloutApiClient as _};
use rpc::client::Node;
use rpc::views::{ArtifactView, FoundPage, PageOf, PhaseView, PhasesOfPlan};
use runtime::Call;
use runtime::testing::{examples, validator};
use std::time::UNIX_EPOCH;
use tokio::runtime::Runtime;

const REPORT: CaseId = CaseId(1);
const INCIDENT: CaseId = CaseId(2);
const RISK: CaseId = CaseId(3);
const HOLD: CaseId = CaseId(4);

fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

fn plan() -> Name {
    name("chain")
}

/// What happened: a report is taken up by an incident, which is contained; a risk is mitigated, and a hold waits for another member.
fn story() -> [CaseCall; 7] {
    let (sre, steward) = (|| name("sre_lead"), || name("security_steward"));
    let (path, severity) = (Path::ROOT, AlertSeverity::Critical);
    [
        CaseCall::Report { plan: plan(), path: path.clone(), observation: text("blocks are\nslow \x1b[2Jtoday") },
        CaseCall::Detect {
            plan: plan(),
            acting: sre(),
            path: path.clone(),
            observation: text("a block takes ten seconds"),
            impact: text("nobody can vote in time"),
            report: Some(REPORT),
            duty: None,
        },
        CaseCall::Classify { plan: plan(), acting: sre(), case: INCIDENT, severity, module: name("consensus") },
        CaseCall::Respond {
            plan: plan(),
            acting: sre(),
            case: INCIDENT,
            containments: List::truncate_from(vec![Containment::PolicyLock(None)]),
        },
        CaseCall::OpenRisk {
            plan: plan(),
            acting: steward(),
            path: path.clone(),
            severity: AlertSeverity::Warn,
            text: text("one cloud has a third of the power"),
            owner: sre(),
        },
        CaseCall::Mitigate { plan: plan(), acting: steward(), case: RISK, mitigation: text("two of them moved") },
        CaseCall::Hold {
            plan: plan(),
            acting: steward(),
            path,
            reason: reason("a court asks"),
            reference: text("7 O 12/23"),
            from: Height(1),
            until: Timestamp(1_700_000_000_000 + 60 * 86_400_000),
            confirms: None,
        },
    ]
}

/// What a node of it is asked.
fn asked<T>(ask: impl AsyncFnOnce(&Node) -> T) -> T {
    let served = Served::of(governed(), |_, _| ());
    for call in story() {
        served.memory.send(&validator(0), Call::Cases(call));
        served.memory.make_block();
    }
    let node = Node::open(&served.url).unwrap();
    Runtime::new().unwrap().block_on(ask(&node))
}

#[test]
fn each_kind_of_case_shows_what_was_said_and_what_comes_next() {
    let seen = asked(async |node: &Node| {
        let (report, incident) = (node.case_get(REPORT).await.unwrap(), node.case_get(INCIDENT).await.unwrap());
        let (risk, hold) = (node.case_get(RISK).await.unwrap(), node.case_get(HOLD).await.unwrap());
        [("case_report", report), ("case_incident", incident), ("case_risk", risk), ("case_hold", hold)]
    });
    for (named, view) in &seen {
        golden(named, |screen| render::case::case(screen, view));
    }
}

#[test]
fn cases_of_a_kind_are_listed() {
    let list = asked(async |node: &Node| {
        let list = node.case_list(None, Some(CaseKind::Incident), None, None, None, None, None).await;
        list.unwrap().answer
    });
    golden("cases", |screen| render::case::list(screen, CaseKind::Incident, &list));
    let none = PageOf { total: 0, page: 0, page_size: 20, entries: Vec::new() };
    let none = FoundPage { found: none, next: None };
    golden("no_cases", |screen| render::case::list(screen, CaseKind::Hold, &none));
    let partly = FoundPage { next: Some(10_001), ..none };
    let drawn = render::case::list(&Screen { width: 140, now: UNIX_EPOCH }, CaseKind::Hold, &partly);
    assert!(drawn.starts_with("No holds.\n") && drawn.contains("; look on with --before 10001."), "{drawn}");
}

#[test]
fn flags_show_what_they_serve_where_and_why() {
    let (list, flag, served) = asked(async |node: &Node| {
        let list = node.flags_list(plan(), None, None).await.unwrap();
        let flag = node.flags_flag(plan(), name("timetoke_rewards")).await.unwrap();
        (list, flag, node.flags_evaluate(plan(), name("pruning"), None, None).await.unwrap())
    });
    golden("flags", |screen| render::flags::list(screen, &list));
    golden("flag", |screen| render::flags::flag(screen, &flag));
    golden("flag_evaluation", |screen| render::flags::evaluation(screen, &served));
}

#[test]
fn playbooks_show_who_keeps_them_and_how_old_their_drills_are() {
    let view = asked(async |node: &Node| node.rollout_playbooks(plan()).await.unwrap());
    golden("rollout_playbooks", |screen| render::rollout::playbooks(screen, &view));
}

#[test]
fn phases_show_how_far_they_have_come_and_what_each_takes() {
    let file = std::path::Path::new(ROOT).join("config/profiles/pos.toml");
    let shop = profiles::load(&file, std::path::Path::new(ROOT)).unwrap().plan;
    let states = [PhaseState::Frozen, PhaseState::Open];
    let shown = shop.phases.iter().enumerate().map(|(place, phase)| {
        let state = states.get(place).copied().unwrap_or(PhaseState::Planned);
        let by = states.get(place).map(|_| ChangeId(place as u64 + 1));
        let waiting = (place == 1).then_some(ChangeId(7));
        PhaseView { phase: phase.clone(), state, since: None, by, next: state.next(), waiting }
    });
    let view = PhasesOfPlan { height: Height(9), plan: shop.name.clone(), phases: shown.collect() };
    golden("rollout_phases", |screen| render::rollout::phases(screen, &view));
}

#[test]
fn artifacts_show_where_they_stood_and_what_needs_them() {
    let stands = ArtifactPin::Stands(name("DEV"));
    let entries = vec![ArtifactView { registered: examples::registered_artifact(), pins: vec![stands] }];
    let page = PageOf { total: 1, page: 0, page_size: 20, entries };
    golden("rollout_artifacts", |screen| render::rollout::artifacts(screen, &page));
}
