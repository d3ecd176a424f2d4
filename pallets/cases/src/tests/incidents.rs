//! The way of an incident, one step after the other (REQ-122 to REQ-128).

use super::*;
use AlertSeverity::{Critical, Info, Warn};

const LOCK: Containment = Containment::PolicyLock(None);

/// An incident of the shop that is contained.
fn responded(state: &mut State, place: &str) {
    make(state, at(1), ANN, &detect(place)).unwrap();
    make(state, at(2), ANN, &classify(1, Warn)).unwrap();
    make(state, at(3), ANN, &respond(1, &[LOCK])).unwrap();
}

#[test]
fn req_122_an_incident_is_detected_classified_contained_and_resolved_in_this_order_alone() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), ANN, &detect("DEV")).unwrap();
    let of_steps = [classify(1, Warn), respond(1, &[LOCK]), resolve(1, recovery())];
    let reached = [CaseStep::Detected, CaseStep::Classified, CaseStep::Responded];
    for (place, call) in of_steps.iter().enumerate() {
        for later in &of_steps[place + 1..] {
            let refusal = refused(&state, at(2), ANN, later);
            assert_eq!(refusal, Error::OtherStep { case: CaseId(1), step: reached[place] });
            assert!(refusal.to_string().contains(reached[place].next().unwrap()), "{refusal}");
        }
        make(&mut state, at(2), ANN, call).unwrap();
    }
    assert_eq!(step(&state, 1), CaseStep::Resolved);
    for call in of_steps {
        assert_eq!(refused(&state, at(3), ANN, &call).code(), "E_CASE_STEP", "{call:?}");
    }
    assert!(stopped_by(&state, "DEV").is_empty());
}

#[test]
fn req_127_what_is_known_at_each_step_is_kept_with_the_gates_of_that_moment() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    responded(&mut state, "PROD/t1");
    let more = [Containment::FeatureFlag(ChangeId(3)), Containment::Rollback(ChangeId(4))];
    make(&mut state, at(4), BEN, &respond(1, &more)).unwrap();
    let known = Recovery { public_report: public(), ..recovery() };
    make(&mut state, at(5), ANN, &resolve(1, known.clone())).unwrap();
    let Some(CaseBody::Incident(body)) = queries::body(&state, CaseId(1)) else { panic!() };
    assert_eq!(body.gates, flags::Gates::without_plan());
    assert_eq!((body.observation.as_str(), body.impact.as_str()), ("nobody can pay", "all shops"));
    assert_eq!((body.stage, body.module), (Some(name("PROD")), Some(name("checkout"))));
    assert_eq!(body.containments.to_vec(), [LOCK, more[0], more[1]]);
    assert_eq!(body.recovery.as_deref(), Some(&known));
    let head = queries::case(&state, CaseId(1)).unwrap();
    assert_eq!((head.opened, head.since, head.severity, head.by), (at(1), at(5), Some(Warn), Some(ANN)));
}

#[test]
fn nobody_plays_an_incident_down_and_who_tries_is_told_of() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let cause = IncidentCause::Rollback(ChangeId(9));
    let opened = queries::opened(&state, &name("shop"), &path("PROD"), Warn, cause).unwrap();
    apply::open(&mut state, at(1), &name("shop"), &opened);
    for (asked, severity) in [(Info, Warn), (Critical, Critical), (Warn, Critical)] {
        let event = make(&mut state, at(2), ANN, &classify(1, asked)).unwrap();
        let Event::Classified { asked: said, severity: raised, .. } = &event else { panic!("{event:?}") };
        assert_eq!((*said, *raised), (asked, severity));
        let told = state::Told::sentence(&event);
        assert_eq!(told.contains("less than that it cannot be"), asked < severity, "{told}");
        assert_eq!(queries::case(&state, CaseId(1)).unwrap().severity, Some(severity));
    }
    assert_eq!(step(&state, 1), CaseStep::Classified, "said again it is where it was");
}

#[test]
fn req_090_an_incident_in_a_stage_whose_users_are_told_is_resolved_with_its_public_report_alone() {
    let memory = Memory::default();
    for (place, is_public) in [("DEV", false), ("DEV/t1", false), ("PROD", true), ("PROD/t1/b2", true), ("", true)] {
        let mut state = shop(&memory);
        responded(&mut state, place);
        let call = resolve(1, recovery());
        assert_eq!(call.decide(&state, at(4), ANN).is_err(), is_public, "{place:?}");
        if is_public {
            let blank = PublicReport { uri: text("  "), ..public().unwrap() };
            for report in [None, Some(blank)] {
                let call = resolve(1, Recovery { public_report: report, ..recovery() });
                assert_eq!(refused(&state, at(4), ANN, &call), Error::PublicReport { case: CaseId(1) });
            }
        }
        make(&mut state, at(4), ANN, &resolve(1, Recovery { public_report: public(), ..recovery() })).unwrap();
    }
}

#[test]
fn the_node_plans_incident_is_of_the_stage_that_stands_when_it_is_opened() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    chain(&mut state);
    for (stage, expected) in [(None, None), (Some("PROD"), Some("PROD"))] {
        apply::enter(&mut state, stage.map(name).as_ref());
        let event = make(&mut state, at(1), ANN, &detect_in("chain", "")).unwrap();
        let Event::Detected { stage, .. } = event else { panic!() };
        assert_eq!(stage, expected.map(name));
    }
    apply::enter(&mut state, None);
    let refusal = refused(&state, at(2), ANN, &detect_in("chain", "PROD"));
    assert_eq!((refusal.code(), refusal.number()), ("E_PATH", 302), "everything of the node's plan is at the root");
}

#[test]
fn req_125_something_has_to_be_named_that_contains_an_incident_and_not_too_much() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    responded(&mut state, "DEV");
    let nothing = refused(&state, at(4), ANN, &respond(1, &[]));
    assert_eq!((nothing.code(), &nothing), ("E_CONTAINMENT", &Error::Containment(ContainmentFlaw::Nothing)));
    make(&mut state, at(4), ANN, &respond(1, &[LOCK; 8])).unwrap();
    let full = refused(&state, at(5), ANN, &respond(1, &[LOCK; 8]));
    assert_eq!(full, Error::Containment(ContainmentFlaw::TooMany { has: 9 }));
    make(&mut state, at(5), ANN, &respond(1, &[LOCK; 7])).unwrap();
}

#[test]
fn what_is_blank_unknown_or_of_another_kind_is_refused_and_nothing_is_stored() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    responded(&mut state, "DEV");
    make(&mut state, at(3), ANN, &open_risk("DEV", Warn)).unwrap();
    let before = queries::next_id(&state);
    let blank = |observation: &str, impact: &str| Call::Detect {
        plan: name("shop"),
        acting: name(OWNER),
        path: path("DEV"),
        observation: text(observation),
        impact: text(impact),
        report: None,
        duty: None,
    };
    let other = resolve(1, Recovery { statement: text("\n"), ..recovery() });
    let no_cause = resolve(1, Recovery { root_cause: text(""), ..recovery() });
    for (call, code) in [
        (blank("", "x"), "E_CASE_FIELD"),
        (blank("x", " "), "E_CASE_FIELD"),
        (other, "E_CASE_FIELD"),
        (no_cause, "E_CASE_FIELD"),
        (classify(2, Warn), "E_CASE"),
        (classify(3, Warn), "E_CASE"),
        (taking_up(1, "DEV"), "E_CASE"),
        (mitigate(1), "E_CASE"),
        (release(1), "E_CASE"),
        (detect("LIVE"), "E_PATH"),
        (detect_in("other", ""), "E_PLAN"),
    ] {
        assert_eq!(refused(&state, at(4), ANN, &call).code(), code, "{call:?}");
    }
    for call in [detect("PROD/t1"), classify(1, Warn), respond(1, &[LOCK]), resolve(1, recovery())] {
        assert_eq!(refused(&state, at(4), DORA, &call).code(), "E_ROLE", "{call:?}");
    }
    assert_eq!(refused(&state, at(4), BEN, &detect("PROD")).code(), "E_ROLE", "it is not his alone");
    assert_eq!(queries::next_id(&state), before);
}
