//! Back, under the plan of the network itself: at once and by the SRE lead alone, with what the playbook of the stage switches off and the values
//! that it goes back to, and with an incident that knows the gates of that moment (ROLLOUTS 7.8 and 8).

use crate::evidence::FIRST_BUILD;
use crate::founding::Founding;
use crate::network::{Network, PLAN, SECOND, chain_plan, name};
use crate::people::{Asked, Person, commander, draft, failed, member, promotes, sre_lead, steward, stranger, text};
use crate::walk::{canary, entered_mainnet};
use cases::{CaseBody, CaseKind, Containment, IncidentBody, Recovery};
use flags::Gate;
use governance::Choice;
use primitives::{AlertSeverity, CaseId, ChangeId, Digest, List, Name};
use rollouts::change::{ChangeDraft, ChangeRequest, ChangeState, Execution, MANUAL};
use rollouts::plans::FIRST_CHANGE;
use rollouts::statement::StatementSubject;
use runtime::{Call, Event};

/// What a rollback owes.
const OWED: [&str; 3] = ["ratify", "post_rollback.replay", "recovery.incident_report"];

fn rolls_back(stage: &str, source: &str) -> ChangeDraft {
    let (trigger, source) = (name(MANUAL), name(source));
    draft(ChangeRequest::Rollback { stage: name(stage), trigger, source })
}

/// A rollback by the SRE lead, and what came of it in that block.
fn rolled_back(network: &mut Network, stage: &str) -> (ChangeId, Box<Execution>) {
    match network.granted(sre_lead().submits(rolls_back(stage, "telemetry"))) {
        Event::Rollouts(rollouts::Event::Submitted { change, execution: Some(execution), .. }) => {
            (change.id, execution)
        }
        other => panic!("it waits: {other:?}"),
    }
}

fn of_cases(who: &Person, call: impl FnOnce(Name, Name) -> cases::Call) -> Asked {
    (who.key.clone(), Call::Cases(call(name(PLAN), who.acting.clone())))
}

/// What is known of an incident.
fn incident(network: &Network, case: CaseId) -> Box<IncidentBody> {
    match cases::queries::body(&network.state(), case) {
        Some(CaseBody::Incident(body)) => body,
        other => panic!("case {case} is no incident: {other:?}"),
    }
}

/// What a playbook of the plan switches off, and the stage whose values it brings back.
fn playbook(domain: &str) -> (Vec<&'static str>, Option<&'static str>) {
    let playbook = chain_plan().plan.playbooks.iter().find(|playbook| playbook.domain.as_str() == domain).unwrap();
    (playbook.disables.iter().map(Name::as_str).collect(), playbook.profile.as_ref().map(Name::as_str))
}

#[test]
fn req_084_the_sre_lead_alone_rolls_a_stage_back_at_once_and_says_where_that_was_seen() {
    let (mut network, promotion) = entered_mainnet();
    for other in [commander(), steward(), member(0), stranger(0)] {
        network.refused(other.submits(rolls_back("mainnet", "telemetry")), "E_ROLE");
    }
    network.refused(sre_lead().submits(rolls_back("mainnet", "a_feeling")), "E_TRIGGER");
    network.refused(sre_lead().submits(rolls_back("canary", "telemetry")), "E_STAGE");
    assert_eq!(network.standing(), ("mainnet".into(), promotion), "nothing has moved");
    let (change, _) = rolled_back(&mut network, "mainnet");
    assert_eq!(network.progress(promotion).state, ChangeState::Reverted { by: change });
    let owed: Vec<String> = network.progress(change).duties.iter().map(|duty| duty.check.to_string()).collect();
    assert_eq!(owed, OWED);
}

#[test]
fn req_091_mainnet_goes_back_to_the_values_of_canary_without_rewards_and_witnesses_and_by_quorum() {
    assert_eq!(playbook("chain-mainnet"), (vec!["timetoke_rewards", "witness_network"], Some("canary")));
    let (mut network, _) = entered_mainnet();
    rolled_back(&mut network, "mainnet");
    for gate in [Gate::TimetokeRewards, Gate::WitnessNetwork] {
        assert!(!network.is_on(gate), "{gate:?}");
    }
    assert!(network.is_on(Gate::MalachiteConsensus), "no rollback takes the quorum away");
    assert_eq!(network.standing(), ("canary".into(), FIRST_CHANGE));
}

#[test]
fn req_088_canary_goes_on_without_rewards_and_witnesses() {
    assert_eq!(playbook("chain-canary"), (vec!["timetoke_rewards", "witness_network"], None));
    let mut network = canary().network();
    rolled_back(&mut network, "canary");
    for gate in ["timetoke_rewards", "witness_network"] {
        assert!(network.side(gate).disabled, "{gate}");
    }
    assert!(!network.is_on(Gate::TimetokeRewards) && !network.is_on(Gate::WitnessNetwork));
    assert_eq!(network.standing().0, "canary", "the stage stands, without them");
}

#[test]
fn req_087_a_rollback_is_an_incident_that_knows_its_gates_and_is_over_with_its_public_report_alone() {
    let (mut network, _) = entered_mainnet();
    let before = network.gates();
    let (change, execution) = rolled_back(&mut network, "mainnet");
    let case = execution.incident.expect("it opens an incident");
    let known = incident(&network, case);
    assert_eq!((&known.gates, known.stage.as_ref()), (&before, Some(&name("mainnet"))));

    network.block(SECOND, &[]);
    network.council(change, 2, Choice::Yes);
    network.answer_duties(change);
    network.granted(sre_lead().closes(change));

    let (severity, module) = (AlertSeverity::Critical, name("consensus"));
    let containments = List::truncate_from(vec![Containment::Rollback(change)]);
    network.granted(of_cases(&sre_lead(), |plan, acting| cases::Call::Classify {
        plan,
        acting,
        case,
        severity,
        module,
    }));
    network.granted(of_cases(&sre_lead(), |plan, acting| cases::Call::Respond { plan, acting, case, containments }));
    let recovery = recovery();
    network.refused(
        of_cases(&sre_lead(), |plan, acting| cases::Call::Resolve { plan, acting, case, recovery }),
        "E_PUBLIC_REPORT",
    );
}

fn recovery() -> Box<Recovery> {
    Box::new(Recovery {
        statement: text("canary stands"),
        root_cause: text("rewards took a second of each block"),
        verification: Digest::blake3(b"proofs verify"),
        public_report: None,
        unfounded: false,
    })
}

#[test]
fn req_069_an_anomaly_is_an_incident_at_once_that_the_commander_sees_to_before_anything_is_promoted() {
    let mut network = Founding::at("testnet").network();
    let promotion = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    let stops = |network: &Network| network.unmet(promotion).contains(&"preflight.no_incident".to_owned());
    assert!(!stops(&network));
    let seen = failed("anomaly", StatementSubject::Stage(name("testnet")));
    let case = match network.granted(sre_lead().states(seen)) {
        Event::Rollouts(rollouts::Event::Stated { opened: Some(opened), rolls_back: None, .. }) => opened.id,
        other => panic!("it opens nothing, or more than an incident: {other:?}"),
    };
    let open: Vec<CaseId> = cases::queries::open(&network.state(), &name(PLAN), CaseKind::Incident).collect();
    assert_eq!((open, incident(&network, case).gates), (vec![case], network.gates()), "and moves no gate");
    assert!(stops(&network));

    let (severity, module, recovery) = (AlertSeverity::Warn, name("gossip"), recovery());
    let containments = List::truncate_from(vec![Containment::PolicyLock(None)]);
    network.granted(of_cases(&commander(), |plan, acting| cases::Call::Classify {
        plan,
        acting,
        case,
        severity,
        module,
    }));
    network.granted(of_cases(&commander(), |plan, acting| cases::Call::Respond { plan, acting, case, containments }));
    assert!(stops(&network), "it is not over");
    network.granted(of_cases(&commander(), |plan, acting| cases::Call::Resolve { plan, acting, case, recovery }));
    assert!(!stops(&network));
}
