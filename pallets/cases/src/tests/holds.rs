//! What is kept, whatever its time is (REQ-155).

use super::*;

fn keep_from(state: &State, plans: &[&str]) -> Option<u64> {
    let plans: Vec<Name> = plans.iter().copied().map(name).collect();
    queries::keep_from(state, &plans).map(|height| height.0)
}

#[test]
fn a_hold_has_its_scope_kept_from_its_block_on_until_it_is_released_or_its_time_is_over() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(50), ANN, &hold("PROD/t1", 20, day(3).time)).unwrap();
    make(&mut state, at(50), ANN, &hold("", 30, day(2).time)).unwrap();
    assert_eq!(keep_from(&state, &["shop"]), Some(20));
    let pinned = |state: &State, place: &str, height| {
        queries::pinned_by(state, &name("shop"), &path(place), Height(height)).map(|id| id.0)
    };
    let asked = [("PROD/t1/b1", 20), ("PROD/t1", 19), ("PROD", 25), ("PROD", 30), ("", 29)];
    assert_eq!(asked.map(|(place, height)| pinned(&state, place, height)), [Some(1), None, None, Some(2), None]);
    assert!(stopped_by(&state, "PROD/t1").is_empty(), "a hold stops nothing");

    make(&mut state, at(60), ANN, &release(1)).unwrap();
    assert_eq!(keep_from(&state, &["shop"]), Some(30));
    let just_before = Moment { time: Timestamp(day(2).time.0 - 1), ..at(100) };
    assert_eq!(tick(&mut state, just_before), []);
    let over = Event::Released { plan: name("shop"), case: CaseId(2), path: Path::ROOT, by: None, reason: None };
    assert_eq!(tick(&mut state, day(2)), [over]);
    assert_eq!((keep_from(&state, &["shop"]), step(&state, 2)), (None, CaseStep::Released));
    assert_eq!(refused(&state, day(2), ANN, &release(2)).code(), "E_CASE_STEP");
}

#[test]
fn a_hold_keeps_what_there_is_and_lasts_no_longer_than_its_plan_lets_it() {
    let memory = Memory::default();
    let state = shop(&memory);
    let latest = Timestamp(at(50).time.0 + 365 * DAY);
    for (from, until, flaw) in [
        (51, latest, Some(HoldFlaw::FromLater { from: Height(51) })),
        (50, at(50).time, Some(HoldFlaw::OverAlready { until: at(50).time })),
        (50, latest.next(), Some(HoldFlaw::TooLong { most: Span::days(365), latest })),
        (50, latest, None),
        (0, at(50).time.next(), None),
    ] {
        let outcome = hold("PROD", from, until).decide(&state, at(50), ANN);
        assert_eq!(outcome.as_ref().err(), flaw.clone().map(Error::Hold).as_ref());
        assert_eq!(outcome.err().map(|error| error.code()), flaw.map(|_| "E_HOLD"));
    }
    assert_eq!(refused(&state, at(50), BEN, &hold("PROD", 1, latest)).code(), "E_ROLE", "he owns a tenant alone");
}

#[test]
fn a_plan_that_counts_in_epochs_has_its_holds_end_with_an_epoch() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    apply::install(&mut state, &name("shop"), &CaseRules { hold_at_most: Span::Epochs(2), ..rules() });
    make(&mut state, at(15), ANN, &hold("", 1, day(999).time)).unwrap();
    assert_eq!(tick(&mut state, at(39)), [], "epochs 2 and 3 are to be whole");
    assert_eq!(tick(&mut state, at(40)).len(), 1);
    assert_eq!(step(&state, 1), CaseStep::Released);
}

#[test]
fn what_every_node_would_keep_for_more_than_30_days_takes_two() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    chain(&mut state);
    let until = day(80).time;
    let asked = |acting: &str| hold_in("chain", acting, "", 5, until);
    make(&mut state, at(10), ANN, &asked(OWNER)).unwrap();
    let hold = |state: &State| match queries::body(state, CaseId(1)) {
        Some(CaseBody::Hold(hold)) => hold,
        other => panic!("{other:?}"),
    };
    assert_eq!((hold(&state).until, hold(&state).waits()), (Timestamp(10_000 + ALONE_MS), true));
    assert_eq!(keep_from(&state, &[]), Some(5), "it holds at once");

    let own = refused(&state, at(11), ANN, &confirming(1, asked(OWNER)));
    assert_eq!(own, Error::Hold(HoldFlaw::OwnHold { case: CaseId(1) }));
    let other = hold_in("chain", COUNSEL, "", 6, until);
    assert_eq!(
        refused(&state, at(11), CARL, &confirming(1, other)),
        Error::Hold(HoldFlaw::AnotherHold { case: CaseId(1) })
    );
    make(&mut state, at(11), CARL, &confirming(1, asked(COUNSEL))).unwrap();
    assert_eq!((hold(&state).until, hold(&state).waits()), (until, false));
    assert_eq!(hold(&state).confirmed.as_ref().map(|confirmed| confirmed.by.account), Some(CARL));
    let again = refused(&state, at(12), CARL, &confirming(1, asked(COUNSEL)));
    assert_eq!(again, Error::Hold(HoldFlaw::WaitsForNobody { case: CaseId(1) }));
    assert_eq!(tick(&mut state, day(31)), [], "its first end is none any more");
    assert_eq!(tick(&mut state, day(80)).len(), 1);

    // Of an application's plan nobody waits for a second.
    install(&mut state, "shop", &rules());
    make(&mut state, at(20), ANN, &super::hold("", 5, until)).unwrap();
    let Some(CaseBody::Hold(alone)) = queries::body(&state, CaseId(2)) else { panic!() };
    assert_eq!((alone.until, alone.waits()), (until, false));
    let shop = confirming(2, hold_in("shop", COUNSEL, "", 5, until));
    assert_eq!(refused(&state, at(21), CARL, &shop).code(), "E_HOLD");
}

#[test]
fn law_19_what_an_application_holds_is_kept_by_nodes_that_keep_its_plan_alone() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    chain(&mut state);
    make(&mut state, at(50), ANN, &hold("", 3, day(9).time)).unwrap();
    make(&mut state, at(51), ANN, &detect("PROD")).unwrap();
    assert_eq!((keep_from(&state, &[]), keep_from(&state, &["shop", "other"])), (None, Some(3)));
    make(&mut state, at(52), ANN, &detect_in("chain", "")).unwrap();
    assert_eq!((keep_from(&state, &[]), keep_from(&state, &["shop"])), (Some(52), Some(3)));
}
