//! Where artifacts stand, what is good, and what a rollback goes back to.

use super::*;

fn back(state: &State, current: Option<u64>) -> Option<Digest> {
    let current = current.map(digest);
    queries::good_before(state, &name("pos"), &name("PROD"), current.as_ref())
}

#[test]
fn req_098_a_rollback_goes_back_to_the_latest_good_artifact_that_stood_there_before() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let (plan, stage) = (name("pos"), name("PROD"));
    assert!(!queries::has_stood(&state, &plan, &stage) && back(&state, None).is_none());
    promote(&mut state, "PROD", 1);
    assert!(queries::has_stood(&state, &plan, &stage));
    assert_eq!(back(&state, Some(1)), None, "nothing stood there before");
    promote(&mut state, "PROD", 2);
    // One that is good in DEV, whose promotion to PROD was never closed; and one that stood in DEV alone.
    promote(&mut state, "DEV", 3);
    stand(&mut state, 3, "PROD", 3);
    assert_eq!(standing(&state, 3), ArtifactStanding::Good);
    promote(&mut state, "DEV", 4);
    assert_eq!(back(&state, Some(3)), Some(digest(2)));
    promote(&mut state, "PROD", 5);
    assert_eq!(back(&state, Some(5)), Some(digest(2)), "what is good elsewhere is not gone back to here");

    // It is rolled back: 2 stands again, and from there it goes to 1.
    apply::bad(&mut state, &plan, &digest(5));
    stand(&mut state, 6, "PROD", 2);
    assert_eq!((standing(&state, 5), standing(&state, 2)), (ArtifactStanding::Bad, ArtifactStanding::Good));
    assert_eq!(queries::standing_in(&state, &plan, &stage), Some(digest(2)));
    assert_eq!(back(&state, Some(2)), Some(digest(1)));
    let order: Vec<Digest> = queries::of_stage(&state, &plan, &stage).map(|row| row.artifact.digest).collect();
    assert_eq!(order, [2, 5, 3, 1].map(digest), "each once, where it stood last");
    let stood = queries::artifact(&state, &plan, &digest(2)).unwrap().stood;
    assert_eq!(&stood[..], [StoodIn { stage, height: Height(6), number: 5, good: true }]);
}

#[test]
fn an_artifact_knows_each_stage_in_which_it_stood_and_since_when() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &register(artifact(1))).unwrap();
    stand(&mut state, 2, "DEV", 1);
    stand(&mut state, 5, "PROD", 1);
    let row = queries::artifact(&state, &name("pos"), &digest(1)).unwrap();
    let since = |stage: &str| row.stood_in(&name(stage)).map(|stood| stood.height);
    assert_eq!((since("DEV"), since("PROD"), since("MOON")), (Some(Height(2)), Some(Height(5)), None));
    assert_eq!((row.registered, row.standing, row.by.account), (at(1), ArtifactStanding::Candidate, ANN));
}

#[test]
fn what_was_found_bad_is_not_good_because_its_promotion_is_closed_and_a_vote_gives_standing_back() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let plan = name("pos");
    make(&mut state, 1, &register(artifact(1))).unwrap();
    stand(&mut state, 2, "PROD", 1);
    make(&mut state, 3, &mark(1, ArtifactStanding::Bad)).unwrap();
    apply::good(&mut state, &plan, &name("PROD"), &digest(1));
    assert_eq!(standing(&state, 1), ArtifactStanding::Bad);
    apply::mark(&mut state, &plan, &digest(1), ArtifactStanding::Good);
    assert_eq!(standing(&state, 1), ArtifactStanding::Good);
}

#[test]
fn nobody_calls_the_last_artifact_bad_that_a_stage_would_go_back_to() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    for number in 1..=3 {
        promote(&mut state, "PROD", number);
    }
    let good = |stage: &str| ArtifactPin::Good(name(stage));
    make(&mut state, 4, &mark(2, ArtifactStanding::Bad)).unwrap();
    let refusal = make(&mut state, 5, &mark(1, ArtifactStanding::Bad)).unwrap_err();
    assert_eq!(refusal, Error::Needed { name: artifact(1).name, by: good("PROD") });
    assert_eq!(standing(&state, 1), ArtifactStanding::Good);
    make(&mut state, 6, &mark(3, ArtifactStanding::Bad)).unwrap();
    assert_eq!(back(&state, Some(3)), Some(digest(1)), "what stands may be called bad, and is gone back from");
}

#[test]
fn artifacts_are_listed_in_the_order_in_which_they_were_registered_each_plans_by_themselves() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    for number in [3, 1, 2] {
        make(&mut state, 1, &register(artifact(number))).unwrap();
    }
    let other = RoleKey { plan: name("post"), role: name(OWNER) };
    let grants = list(["artifact **".parse::<Grant>().unwrap()]);
    roles::apply::write_role(&mut state, &other, &Role { grants, least_members: 0 }, MOST_MEMBERS);
    roles::apply::seat(&mut state, &other, &Seat { account: ANN, scopes: list(["**".parse().unwrap()]) });
    apply::install(&mut state, &name("post"), Some(&rules()));
    let elsewhere = Call::Register { plan: name("post"), acting: name(OWNER), artifact: artifact(4) };
    make(&mut state, 1, &elsewhere).unwrap();
    let of = |plan| listed(&state, plan).iter().map(|row| row.artifact.digest).collect::<Vec<_>>();
    assert_eq!((of("pos"), of("post")), ([3, 1, 2].map(digest).to_vec(), vec![digest(4)]));
    assert_eq!((of("moon"), queries::listed(&state, &name("pos"), 4)), (Vec::new(), None));
}
