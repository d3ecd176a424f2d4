//! What is kept, and what is let go (REQ-119 to REQ-121).

use super::*;

#[test]
fn req_119_the_31st_artifact_of_production_releases_the_oldest() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let mut thirty = rules();
    thirty.rules.keep = list([(name("PROD"), 30)]);
    apply::install(&mut state, &name("pos"), Some(&thirty));
    for number in 1..=30 {
        promote(&mut state, "PROD", number);
        assert!(tick(&mut state, number).is_empty());
    }
    promote(&mut state, "PROD", 31);
    assert_eq!(tick(&mut state, 32), [digest(1)]);
    assert_eq!(standing(&state, 1), ArtifactStanding::Released);
    assert!(tick(&mut state, 33).is_empty());
    assert_eq!(queries::count(&state, &name("pos")), 30);
    let kept = queries::of_stage(&state, &name("pos"), &name("PROD")).count();
    assert_eq!((kept, queries::require_for(&state, &name("pos"), &digest(1), &name("DEV")).is_err()), (30, true));
}

#[test]
fn req_120_what_an_incident_or_a_hold_is_about_is_kept_until_it_is_over() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let plan = name("pos");
    let (incident, hold) = (CasePin::Incident(CaseId(1)), CasePin::Hold(CaseId(2)));
    apply::pin(&mut state, &plan, &path("PROD/t1"), incident);
    apply::pin(&mut state, &plan, &path(""), hold);
    for number in 1..=6 {
        promote(&mut state, "PROD", number);
    }
    assert_eq!(pins(&state, 1), [ArtifactPin::Hold(CaseId(2)), ArtifactPin::Incident(CaseId(1))]);
    assert!(tick(&mut state, 7).is_empty());
    let refusal = make(&mut state, 7, &mark(1, ArtifactStanding::Released)).unwrap_err();
    assert_eq!(refusal.code(), "E_ARTIFACT_NEEDED");
    apply::unpin(&mut state, &plan, &path(""), hold);
    assert!(tick(&mut state, 8).is_empty(), "the incident is still open");
    apply::unpin(&mut state, &plan, &path("PROD/t1"), incident);
    assert_eq!(tick(&mut state, 9), [1, 2, 3].map(digest), "in the block in which the last pin goes");
}

#[test]
fn an_incident_in_another_stage_keeps_only_what_stood_there_or_is_for_it() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    apply::pin(&mut state, &name("pos"), &path("DEV"), CasePin::Incident(CaseId(1)));
    make(&mut state, 1, &register(artifact(1))).unwrap();
    stand(&mut state, 1, "DEV", 1);
    stand(&mut state, 1, "PROD", 1);
    for number in 2..=6 {
        promote(&mut state, "PROD", number);
    }
    // Something else stands in DEV by now, and before it.
    promote(&mut state, "DEV", 7);
    promote(&mut state, "DEV", 8);
    assert_eq!(pins(&state, 1), [ArtifactPin::Incident(CaseId(1))]);
    assert_eq!(tick(&mut state, 9), [2, 3].map(digest));
}

#[test]
fn req_121_what_stands_what_stood_before_and_what_would_be_gone_back_to_are_kept() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let plan = name("pos");
    let mut one = rules();
    one.rules.keep = list([(name("PROD"), 1)]);
    apply::install(&mut state, &plan, Some(&one));
    promote(&mut state, "PROD", 1);
    promote(&mut state, "PROD", 2);
    for number in 3..=5 {
        make(&mut state, number, &register(artifact(number))).unwrap();
        stand(&mut state, number, "PROD", number);
    }
    let stage = || name("PROD");
    assert_eq!(pins(&state, 5), [ArtifactPin::Stands(stage())]);
    assert_eq!(pins(&state, 4), [ArtifactPin::Previous(stage())]);
    assert!(pins(&state, 3).is_empty());
    assert_eq!(pins(&state, 2), [ArtifactPin::Good(stage())]);
    assert_eq!(tick(&mut state, 6), [1, 3].map(digest));

    // The one that stands is the latest good one then, and what would be gone back to stays beside it.
    apply::good(&mut state, &plan, &stage(), &digest(5));
    assert_eq!(pins(&state, 5), [ArtifactPin::Stands(stage()), ArtifactPin::Good(stage())]);
    assert_eq!((pins(&state, 2), tick(&mut state, 7)), (vec![ArtifactPin::Good(stage())], vec![]));
    apply::leave(&mut state, &plan, &stage());
    assert_eq!(pins(&state, 5), [ArtifactPin::Good(stage()), ArtifactPin::Previous(stage())]);
    assert_eq!(tick(&mut state, 8), [2, 4].map(digest), "nothing stands, so the latest good one is gone back to");
}

#[test]
fn a_stage_that_is_not_listed_keeps_all_and_one_that_keeps_more_keeps_for_both() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let plan = name("pos");
    for number in 1..=9 {
        promote(&mut state, "DEV", number);
    }
    assert!(tick(&mut state, 10).is_empty());
    let mut both = rules();
    both.rules.keep = list([(name("DEV"), 1), (name("PROD"), 2)]);
    stand(&mut state, 11, "PROD", 1);
    apply::install(&mut state, &plan, Some(&both));
    assert_eq!(tick(&mut state, 12), [2, 3, 4, 5, 6, 7].map(digest), "1 is among the last of PROD");
    assert!(tick(&mut state, 13).is_empty());
}

#[test]
fn a_block_lets_8_go_at_most_the_first_registered_first() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let plan = name("pos");
    apply::pin(&mut state, &plan, &path(""), CasePin::Hold(CaseId(1)));
    for number in 1..=20 {
        promote(&mut state, "PROD", number);
    }
    apply::unpin(&mut state, &plan, &path(""), CasePin::Hold(CaseId(1)));
    assert_eq!(due(&state, 3).len(), 3, "no more than the block has room for");
    assert_eq!(tick(&mut state, 21), [1, 2, 3, 4, 5, 6, 7, 8].map(digest));
    assert_eq!(tick(&mut state, 22), [9, 10, 11, 12, 13, 14, 15, 16].map(digest));
    assert_eq!(tick(&mut state, 23), [digest(17)]);
    assert_eq!(MOST_RELEASED, 8);
}

#[test]
fn one_that_is_pinned_again_before_its_block_is_kept() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    for number in 1..=4 {
        promote(&mut state, "PROD", number);
    }
    assert_eq!(due(&state, usize::MAX).len(), 1);
    apply::pin(&mut state, &name("pos"), &path("PROD"), CasePin::Incident(CaseId(1)));
    assert!(tick(&mut state, 5).is_empty());
    assert_eq!(standing(&state, 1), ArtifactStanding::Good);
}

#[test]
fn what_was_let_go_is_not_let_go_again_where_it_is_still_listed() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    promote(&mut state, "PROD", 1);
    // It stood in so many stages since that the first of them is not told of it any more.
    (1..=MOST_STOOD_IN).for_each(|stage| stand(&mut state, 1, &format!("s{stage}"), 1));
    for number in 2..=5 {
        promote(&mut state, "PROD", number);
    }
    assert_eq!(tick(&mut state, 6), [1, 2].map(digest));
    assert_eq!(tick(&mut state, 7), []);
    assert_eq!(queries::count(&state, &name("pos")), 3);
}

#[test]
fn whoever_marks_one_pays_for_finding_anew_what_is_let_go() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    promote(&mut state, "PROD", 1);
    let few = mark(1, ArtifactStanding::Bad).reads(&state);
    (2..=9).for_each(|number| promote(&mut state, "PROD", number));
    let many = mark(1, ArtifactStanding::Bad).reads(&state);
    // Of each of the two stages what is needed is looked for, beside the one that keeps so many.
    assert!(few >= 64 && many > 9 * 5, "{few} {many}");
    assert!(many > few, "{few} {many}");
    assert_eq!(register(artifact(10)).reads(&state), 0);
}

/// So many are promoted to PROD, one after the other; how many of them were let go.
fn promoted(state: &mut State, numbers: std::ops::RangeInclusive<u64>) -> usize {
    let one = |number| {
        promote(state, "PROD", number);
        tick(state, number).len()
    };
    numbers.map(one).sum()
}

#[test]
fn what_tenants_have_kept_leaves_a_quarter_of_the_places_and_what_the_owner_has_kept_takes_them_all() {
    let memory = Memory::default();
    let (plan, of_tenant) = (name("pos"), CasePin::Hold(CaseId(1)));
    let most = u64::from(MOST_ARTIFACTS);
    let three_quarters = most / 4 * 3;
    let mut state = shop(&memory);
    apply::pin(&mut state, &plan, &path("PROD/t1"), of_tenant);
    assert_eq!(promoted(&mut state, 1..=three_quarters), 0, "the tenant has all of them kept");
    assert_eq!(pins(&state, 1), [ArtifactPin::Hold(CaseId(1))]);
    assert_eq!(make(&mut state, 900, &register(artifact(900))).map(|_| ()), Ok(()));
    assert!(pins(&state, 1).is_empty() && !pins(&state, 2).is_empty(), "the next one needs room");
    assert_eq!(tick(&mut state, 901), [1].map(digest));
    assert_eq!(promoted(&mut state, 1_000..=1_040), 41, "for each that comes one goes");
    assert_eq!(u64::from(queries::count(&state, &plan)), three_quarters);

    let mut state = shop(&memory);
    apply::pin(&mut state, &plan, &path("PROD"), CasePin::Hold(CaseId(2)));
    apply::pin(&mut state, &plan, &path("PROD/t1"), of_tenant);
    assert_eq!(promoted(&mut state, 1..=most), 0);
    assert_eq!(make(&mut state, 900, &register(artifact(900))).unwrap_err().code(), "E_FULL");
}

#[test]
fn what_goes_anyway_makes_room_before_anything_that_a_tenant_has_kept() {
    let memory = Memory::default();
    let plan = name("pos");
    let mut state = shop(&memory);
    let mut both = rules();
    both.rules.keep = list([(name("DEV"), 1), (name("PROD"), KEPT)]);
    apply::install(&mut state, &plan, Some(&both));
    apply::pin(&mut state, &plan, &path("PROD/t1"), CasePin::Hold(CaseId(1)));
    let most = u64::from(MOST_ARTIFACTS) / 4 * 3;
    promoted(&mut state, 1..=most - 4);
    // In one block: two are over that nothing keeps, and there is one more than tenants may have kept.
    for number in 900..904 {
        make(&mut state, 900, &register(saying(number, TARGET, Some("DEV")))).unwrap();
        stand(&mut state, 900, "DEV", number);
        apply::good(&mut state, &plan, &name("DEV"), &digest(number));
    }
    make(&mut state, 900, &register(artifact(950))).unwrap();
    assert_eq!(u64::from(queries::count(&state, &plan)), most + 1);
    assert_eq!(tick(&mut state, 901), [900, 901].map(digest));
    assert_eq!(pins(&state, 1), [ArtifactPin::Hold(CaseId(1))]);
}
