//! What the clock brings: what was said of cases that are over goes, and what is open of a plan that is retired ends.

use super::*;
use AlertSeverity::Warn;

/// An incident of the shop that is opened and resolved on a day; its number is the next one.
fn over(state: &mut State, days: u64, place: &str) -> u64 {
    let case = queries::next_id(state).0;
    make(state, day(days), ANN, &detect(place)).unwrap();
    make(state, day(days), ANN, &classify(case, Warn)).unwrap();
    make(state, day(days), ANN, &respond(case, &[Containment::PolicyLock(None)])).unwrap();
    make(state, day(days), ANN, &resolve(case, recovery())).unwrap();
    case
}

fn dropped(case: u64, place: &str) -> Event {
    Event::Dropped { plan: name("shop"), case: CaseId(case), path: path(place) }
}

#[test]
fn what_was_said_goes_after_its_span_and_that_there_was_a_case_stays() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let case = over(&mut state, 1, "DEV");
    let just_before = Moment { running: day(181).running - 1, ..day(180) };
    assert_eq!(tick(&mut state, just_before), []);
    assert_eq!(tick(&mut state, day(181)), [dropped(case, "DEV")]);
    assert_eq!(queries::body(&state, CaseId(case)), None);
    assert_eq!((step(&state, case), tick(&mut state, day(400))), (CaseStep::Resolved, vec![]));
    let all: Vec<CaseId> = queries::page(&state, &name("shop"), CaseKind::Incident, CaseId(0)).collect();
    assert_eq!(all, [CaseId(case)]);
}

#[test]
fn what_a_hold_or_an_open_incident_needs_is_asked_about_again_every_day_and_keeps_nothing_else_waiting() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let (needed, free) = (over(&mut state, 1, "DEV/t1"), over(&mut state, 1, "DEV/t2"));
    let from = day(1).height.0;
    make(&mut state, day(2), ANN, &hold("DEV/t1", from, day(183).time)).unwrap();
    let retained = Event::Retained { plan: name("shop"), case: CaseId(needed), path: path("DEV/t1"), by: CaseId(3) };
    assert_eq!(tick(&mut state, day(181)), [retained.clone(), dropped(free, "DEV/t2")]);
    assert_eq!(tick(&mut state, at(day(181).height.0 + 1)), []);
    assert_eq!(tick(&mut state, day(182)), [retained]);
    let kinds: Vec<&str> = tick(&mut state, day(184)).iter().map(|event| state::Told::kind(event)).collect();
    assert_eq!(kinds, ["cases.released", "cases.retained"], "it was looked at before the hold ended");
    assert_eq!(tick(&mut state, day(185)), [dropped(needed, "DEV/t1")]);
}

#[test]
fn a_block_ends_32_of_them_and_the_others_come_in_the_next_ones() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    (0..40).for_each(|_| _ = over(&mut state, 1, "DEV"));
    assert_eq!(due(&state, day(181), 5).len(), 5, "a block may have less room");
    assert_eq!([0, 1, 2].map(|later| tick(&mut state, at(day(181).height.0 + later)).len()), [32, 8, 0]);
}

#[test]
fn a_retired_plan_gives_deposits_back_and_leaves_nothing_open() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), DORA, &report("PROD")).unwrap();
    make(&mut state, at(1), ANN, &detect("PROD")).unwrap();
    make(&mut state, at(1), ANN, &hold("", 1, at(2).time)).unwrap();
    apply::retire(&mut state, &name("shop"));
    assert_eq!(refused(&state, at(2), DORA, &report("PROD")).code(), "E_PLAN");
    let kinds: Vec<&str> = tick(&mut state, at(2)).iter().map(|event| state::Told::kind(event)).collect();
    assert_eq!(kinds, ["cases.released", "cases.abandoned", "cases.abandoned"]);
    assert_eq!((dora(&state), queries::has_open(&state, &name("shop"))), ((1_000, 0), false));
    assert_eq!(queries::keep_from(&state, &[name("shop")]), None);
    assert_eq!(tick(&mut state, at(3)).len(), 3, "nobody keeps what was said of them");
    assert_eq!(tick(&mut state, at(4)), []);
}
