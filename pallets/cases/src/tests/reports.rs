//! What strangers tell of.

use super::*;

#[test]
fn anybody_reports_for_a_deposit_that_comes_back_when_the_report_is_taken_up() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    assert_eq!(report("PROD").most_spent(&state), Amount(100));
    make(&mut state, at(1), DORA, &report("PROD")).unwrap();
    assert_eq!((dora(&state), step(&state, 1)), ((900, 100), CaseStep::Reported));
    assert!(stopped_by(&state, "PROD").is_empty(), "a report stops nothing");
    make(&mut state, at(2), ANN, &taking_up(1, "PROD/t1")).unwrap();
    assert_eq!((dora(&state), step(&state, 1), step(&state, 2)), ((1_000, 0), CaseStep::Taken, CaseStep::Detected));
    let Some(CaseBody::Report(body)) = queries::body(&state, CaseId(1)) else { panic!() };
    assert_eq!((body.taken, body.deposit), (Some(CaseId(2)), None));
}

#[test]
fn a_report_that_is_dismissed_costs_its_deposit_only_if_it_was_unfounded() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    for (case, unfounded, left) in [(1, false, 1_000), (2, true, 900)] {
        make(&mut state, at(1), DORA, &report("")).unwrap();
        make(&mut state, at(2), ANN, &dismiss(case, unfounded)).unwrap();
        assert_eq!((dora(&state), step(&state, case)), ((left, 0), CaseStep::Dismissed));
    }
    assert_eq!(accounts::queries::burned(&state), Amount(100));
    assert_eq!(accounts::queries::supply(&state), Amount(1_000));
}

#[test]
fn a_report_is_looked_at_once_and_by_whoever_may_where_it_is() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), DORA, &report("PROD/t2")).unwrap();
    for call in [dismiss(1, true), taking_up(1, "PROD/t1")] {
        assert_eq!(refused(&state, at(2), BEN, &call).code(), "E_ROLE", "it is another tenant's");
        assert_eq!(refused(&state, at(2), DORA, &call).code(), "E_ROLE");
    }
    make(&mut state, at(2), ANN, &dismiss(1, false)).unwrap();
    for call in [dismiss(1, true), taking_up(1, "PROD")] {
        let refusal = refused(&state, at(3), ANN, &call);
        assert_eq!(refusal, Error::OtherStep { case: CaseId(1), step: CaseStep::Dismissed });
        assert_eq!((refusal.code(), refusal.number()), ("E_CASE_STEP", 305));
    }
}

#[test]
fn a_report_says_something_about_a_scope_of_a_plan_that_is_in_force() {
    let memory = Memory::default();
    let state = shop(&memory);
    let of = |plan: &str, place: &str, said: &str| Call::Report {
        plan: name(plan),
        path: path(place),
        observation: text(said),
    };
    for (call, code) in [
        (of("other", "PROD", "x"), "E_PLAN"),
        (of("shop", "LIVE", "x"), "E_PATH"),
        (of("shop", "PROD/t1/b2/c3", "x"), "E_PATH"),
        (of("shop", "PROD", " \t"), "E_CASE_FIELD"),
    ] {
        assert_eq!(refused(&state, at(1), DORA, &call).code(), code, "{call:?}");
    }
    let refusal = refused(&state, at(1), BEN, &report("PROD"));
    assert_eq!((refusal.code(), refusal.number()), ("E_DEPOSIT", 300), "he has nothing");
    assert!(state.into_writes().keys().all(|key| !key.starts_with(b"cases/cases")), "nothing is stored");
}
