//! What the chain opens by itself.

use super::*;
use AlertSeverity::{Critical, Warn};

fn shop_name() -> Name {
    name("shop")
}

fn signal(account: AccountId) -> SignalledBy {
    SignalledBy { key: name("regression"), account }
}

/// A signal fails at a path, by the word of somebody; what it opens, as the fact has it.
fn fails(state: &mut State, height: u64, place: &str, by: AccountId) -> Option<OpenedCase> {
    let opened = queries::opened_by_signal(state, &shop_name(), &path(place), Warn, signal(by))?;
    apply::open(state, at(height), &shop_name(), &opened);
    Some(opened)
}

/// What is open of a case is resolved.
fn end(state: &mut State, case: u64, unfounded: bool) {
    make(state, at(50), ANN, &classify(case, Warn)).unwrap();
    make(state, at(50), ANN, &respond(case, &[Containment::PolicyLock(None)])).unwrap();
    let known = Recovery { public_report: public(), unfounded, ..recovery() };
    make(state, at(50), ANN, &resolve(case, known)).unwrap();
}

#[test]
fn a_change_has_one_open_incident_of_the_chain_however_much_it_misses() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let missed = |check: &str| IncidentCause::Missed(DutyOfChange { change: ChangeId(3), check: name(check) });
    let opened = queries::opened(&state, &shop_name(), &path("PROD"), Critical, missed("ratify")).unwrap();
    assert_eq!((opened.id, opened.stage.clone(), opened.floor), (CaseId(1), Some(name("PROD")), Critical));
    apply::open(&mut state, at(1), &shop_name(), &opened);
    assert_eq!((queries::of_change(&state, ChangeId(3)), stopped_by(&state, "PROD/t1")), (Some(CaseId(1)), vec![1]));
    for cause in [missed("mitigation"), IncidentCause::Rollback(ChangeId(3))] {
        assert_eq!(queries::opened(&state, &shop_name(), &path("PROD"), Critical, cause), None);
    }
    let other = IncidentCause::Rollback(ChangeId(4));
    assert!(queries::opened(&state, &shop_name(), &path("PROD"), Critical, other).is_some());
    end(&mut state, 1, false);
    let again = queries::opened(&state, &shop_name(), &path("PROD"), Critical, missed("mitigation")).unwrap();
    assert_eq!(again.id, CaseId(2));
}

#[test]
fn a_speaker_has_one_open_incident_of_a_signal_at_a_path_and_after_an_unfounded_one_makes_reports() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    assert!(!fails(&mut state, 1, "PROD", BEN).unwrap().as_report);
    assert_eq!(fails(&mut state, 2, "PROD", BEN), None, "his is open");
    assert!(fails(&mut state, 2, "PROD", CARL).is_some() && fails(&mut state, 2, "PROD/t1", BEN).is_some());
    assert_eq!(stopped_by(&state, "PROD"), [1, 2]);

    end(&mut state, 1, true);
    assert!(fails(&mut state, 60, "PROD", BEN).unwrap().as_report);
    assert_eq!((stopped_by(&state, "PROD"), step(&state, 4)), (vec![2], CaseStep::Reported), "it stops nothing");
    assert_eq!(fails(&mut state, 61, "PROD", BEN), None, "nobody has looked at his report yet");
    make(&mut state, at(62), ANN, &dismiss(4, true)).unwrap();
    assert!(fails(&mut state, 63, "PROD", BEN).unwrap().as_report, "that was unfounded too");
    make(&mut state, at(64), ANN, &taking_up(5, "PROD")).unwrap();
    assert!(!fails(&mut state, 65, "PROD", BEN).unwrap().as_report, "somebody found that he was right");
    assert_eq!(accounts::queries::supply(&state), Amount(1_000), "a signal has no deposit");
}

#[test]
fn an_incident_that_was_founded_leaves_its_speaker_as_it_was() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    fails(&mut state, 1, "DEV", BEN).unwrap();
    end(&mut state, 1, false);
    assert!(!fails(&mut state, 60, "DEV", BEN).unwrap().as_report);
}
