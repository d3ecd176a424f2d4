//! What an incident stops, and what keeps a register from being clear (ROLLOUTS 7.4, 7.2).

use super::*;
use AlertSeverity::{Critical, Info, Warn};

fn not_clear(state: &State, at: Moment, place: &str, kind: CaseKind, severity: AlertSeverity) -> usize {
    queries::not_clear(state, at, &name("shop"), &BTreeSet::from([path(place)]), kind, severity).len()
}

#[test]
fn req_128_an_incident_stops_changes_where_it_is_and_below_and_nothing_beside_or_above() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), ANN, &detect("PROD/t1")).unwrap();
    make(&mut state, at(1), ANN, &classify(1, Warn)).unwrap();
    let stopped = ["", "DEV", "PROD", "PROD/t2", "PROD/t1", "PROD/t1/b2", "DEV/t1"];
    let stopped = stopped.map(|place| stopped_by(&state, place).len());
    assert_eq!(stopped, [0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(queries::first_open_at(&state, &name("other"), &path("PROD/t1")), None, "another plan's is not its");
}

#[test]
fn a_critical_one_stops_what_is_wider_by_the_word_of_somebody_who_can_reach_that() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), BEN, &detect("PROD/t1/b2")).unwrap();
    make(&mut state, at(2), BEN, &classify(1, Critical)).unwrap();
    let stopped = |state: &State| ["", "PROD", "PROD/t1", "PROD/t2"].map(|place| stopped_by(state, place).len());
    assert_eq!(stopped(&state), [0, 0, 1, 0], "he reaches his tenant and no further");
    make(&mut state, at(3), ANN, &classify(1, Info)).unwrap();
    assert_eq!(stopped(&state), [1, 1, 1, 0], "she reaches everything, and beside it is nothing stopped");
    make(&mut state, at(4), ANN, &respond(1, &[Containment::PolicyLock(None)])).unwrap();
    make(&mut state, at(5), ANN, &resolve(1, Recovery { public_report: public(), ..recovery() })).unwrap();
    assert_eq!(stopped(&state), [0; 4]);
}

#[test]
fn of_those_that_stop_a_change_one_at_its_path_or_above_comes_before_one_below_however_old_that_is() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), ANN, &detect("PROD/t1")).unwrap();
    make(&mut state, at(1), ANN, &classify(1, Critical)).unwrap();
    let first = |state: &State, place: &str| queries::first_open_at(state, &name("shop"), &path(place));
    assert_eq!(first(&state, "PROD"), Some(CaseId(1)), "there is none but below");
    make(&mut state, at(2), ANN, &detect("PROD")).unwrap();
    make(&mut state, at(2), ANN, &classify(2, Warn)).unwrap();
    assert_eq!(stopped_by(&state, "PROD"), [1, 2]);
    assert_eq!((first(&state, "PROD"), first(&state, "")), (Some(CaseId(2)), Some(CaseId(1))));
}

#[test]
fn a_register_is_clear_of_what_is_less_bad_and_of_nothing_that_nobody_classified() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), ANN, &detect("PROD")).unwrap();
    let count = |state: &State, place, severity| not_clear(state, at(2), place, CaseKind::Incident, severity);
    assert_eq!(count(&state, "PROD/t1", Critical), 1, "nobody knows how bad it is");
    make(&mut state, at(2), ANN, &classify(1, Warn)).unwrap();
    assert_eq!([Info, Warn, Critical].map(|severity| count(&state, "PROD/t1", severity)), [1, 1, 0]);
    assert_eq!(count(&state, "DEV", Info), 0);
    assert_eq!(not_clear(&state, at(2), "PROD", CaseKind::Risk, Info), 0);
}

#[test]
fn an_accepted_risk_counts_again_from_its_review_on() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), ANN, &open_risk("PROD/t1", Critical)).unwrap();
    let count = |state: &State, at| not_clear(state, at, "PROD", CaseKind::Risk, Critical);
    assert_eq!(count(&state, at(2)), 1, "whoever entered it reaches the stage");
    make(&mut state, at(2), ANN, &mitigate(1)).unwrap();
    assert_eq!(count(&state, at(2)), 1, "nobody accepted it");
    make(&mut state, at(3), ANN, &accept(1, Timestamp(9_000))).unwrap();
    assert_eq!([3, 8, 9, 10].map(|height| count(&state, at(height))), [0, 0, 1, 1]);
    make(&mut state, at(10), ANN, &close_risk(1)).unwrap();
    assert_eq!(count(&state, at(10)), 0);
}

#[test]
fn req_035_an_incident_stands_for_a_duty_at_its_path_and_below_since_that_is_owed() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let duty = DutyOfChange { change: ChangeId(5), check: name("close.audit") };
    make(&mut state, at(5), ANN, &in_place_of(&duty, "PROD")).unwrap();
    let stands = |state: &State, place: &str, duty: &DutyOfChange, since| {
        queries::stands_for(state, &name("shop"), &path(place), duty, at(since)).map(|id| id.0)
    };
    let asked = [("PROD", 5), ("PROD/t1", 4), ("PROD", 6), ("", 1), ("DEV", 1)];
    assert_eq!(asked.map(|(place, since)| stands(&state, place, &duty, since)), [Some(1), Some(1), None, None, None]);
    for other in [
        DutyOfChange { change: ChangeId(6), ..duty.clone() },
        DutyOfChange { check: name("close.fleet"), ..duty.clone() },
    ] {
        assert_eq!(stands(&state, "PROD", &other, 1), None);
    }
    // What a tenant says of its own stands for nothing wider, and takes nothing's place.
    make(&mut state, at(7), BEN, &in_place_of(&duty, "PROD/t1")).unwrap();
    assert_eq!(stands(&state, "PROD", &duty, 5), Some(1));
}

#[test]
fn a_register_is_looked_through_once_for_all_places_and_no_further_than_is_paid_for() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let open_one = |state: &mut State, change: u64| {
        let cause = IncidentCause::Rollback(ChangeId(change));
        let opened = queries::opened(state, &name("shop"), &path("PROD"), Info, cause).unwrap();
        apply::open(state, at(1), &name("shop"), &opened);
        make(state, at(1), ANN, &classify(opened.id.0, Warn)).unwrap();
    };
    let places = BTreeSet::from(["PROD/t1", "PROD/t2"].map(path));
    let found = |state: &State, severity| {
        queries::not_clear(state, at(2), &name("shop"), &places, CaseKind::Incident, severity).len()
    };
    let paid = |state: &State| queries::most_read_clear(state, &name("shop"), 2, CaseKind::Incident);
    let none = paid(&state);
    let most = u64::from(queries::MOST_LOOKED_AT);
    (1..=most).for_each(|change| open_one(&mut state, change));
    assert_eq!((found(&state, Warn), found(&state, Critical)), (512, 0), "each once, whatever the places");
    open_one(&mut state, most + 1);
    assert_eq!(found(&state, Critical), 1, "what is not looked at is not clear");
    let full = paid(&state);
    open_one(&mut state, most + 2);
    assert!(none < full && paid(&state) == full, "{none} {full}");
}

#[test]
fn whoever_has_artifacts_kept_pays_for_finding_anew_which_are_let_go() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let reads = |state: &State, call: &Call| call.reads(state);
    let calls = || [detect("PROD"), hold("PROD", 1, day(2).time), release(1), resolve(1, recovery())];
    assert_eq!(calls().map(|call| reads(&state, &call)), [0; 4], "a plan without artifacts has none to let go");
    let rules = artifacts::ArtifactRules {
        format: "{name}".parse().unwrap(),
        meta: List::new(),
        keep: list([(name("PROD"), 1)]),
    };
    let stages = list([name("DEV"), name("PROD")]);
    let installed = artifacts::InstalledArtifactRules { rules, stages, phases: List::new() };
    artifacts::apply::install(&mut state, &name("shop"), Some(&installed));
    let least = artifacts::queries::most_read(&state, &name("shop"));
    assert!(least > 0);
    assert_eq!(calls().map(|call| reads(&state, &call)), [least; 4]);
    assert_eq!(reads(&state, &report("PROD")), 0);
}
